// does: polyfills that change nothing
// packages: core-js-pure
'use strict';
const assert = require('node:assert/strict');
const Iterator = require('core-js-pure/actual/iterator');
const groupBy = require('core-js-pure/actual/object/group-by');
const PureSet = require('core-js-pure/full/set');
console.log('COMPAT LOADED');

assert.deepEqual({ ...groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')) }, { odd: [1, 3], even: [2] });
assert.deepEqual(Iterator.from([1, 2, 3]).map((n) => n * 2).drop(1).toArray(), [4, 6]);
assert.deepEqual(PureSet.from([1, 2]).intersection(new PureSet([2])).size, 1);
console.log('COMPAT OK core-js-pure');
