// does: nested objects and arrays both ways, limits, prototypes left alone
// packages: qs
'use strict';
const assert = require('node:assert/strict');
const qs = require('qs');
console.log('COMPAT LOADED');

assert.deepEqual(qs.parse('a[b][]=1&a[b][]=2&c.d=3&e=%E2%82%AC', { allowDots: true }), { a: { b: ['1', '2'] }, c: { d: '3' }, e: '€' });
assert.equal(qs.stringify({ a: [{ b: 1 }], d: new Date(0), n: null }, { skipNulls: true, encode: false }), 'a[0][b]=1&d=1970-01-01T00:00:00.000Z');
assert.deepEqual(qs.parse('__proto__[x]=1&hasOwnProperty=2'), {});
assert.equal({}.x, undefined);
console.log('COMPAT OK qs');
