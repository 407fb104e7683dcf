// does: composition, lenses, transducers
// packages: ramda
'use strict';
const assert = require('node:assert/strict');
const R = require('ramda');
console.log('COMPAT LOADED');

assert.equal(R.pipe(R.filter(R.gt(R.__, 1)), R.map(R.multiply(2)), R.sum)([1, 2, 3]), 10);
assert.deepEqual(R.over(R.lensPath(['a', 0, 'b']), R.inc, { a: [{ b: 1 }] }), { a: [{ b: 2 }] });
assert.deepEqual(R.into([], R.compose(R.map(R.inc), R.take(2)), [1, 2, 3]), [2, 3]);
assert.equal(R.equals(new Map([[1, { a: [/x/] }]]), new Map([[1, { a: [/x/] }]])), true);
assert.deepEqual(R.groupBy(R.prop('k'), [{ k: 'a' }, { k: 'b' }, { k: 'a' }]).a.length, 2);
console.log('COMPAT OK ramda');
