// does: the full polyfill; features that this Node has and ones that it lacks, the version that changes no global
// packages: core-js
// grant: . {"patch":["core-js/full"]}
// misses: sealed without a policy: changes intrinsics, which are locked; a policy with a `patch` grant runs it before the lockdown.
'use strict';
const assert = require('node:assert/strict');
require('core-js/full');
console.log('COMPAT LOADED');

assert.deepEqual([1, 2, 3, 4].uniqueBy((n) => n % 2), [1, 2]);
assert.deepEqual(Object.groupBy([1, 2], (n) => (n % 2 ? 'odd' : 'even')).odd, [1]);
assert.equal(typeof Symbol.observable, 'symbol');
assert.equal(Math.clamp(7, 1, 5), 5);
assert.deepEqual([...new Set([1, 2]).union(new Set([3]))], [1, 2, 3]);
console.log('COMPAT OK core-js');
