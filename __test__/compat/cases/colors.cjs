// does: colours by functions, and as members of String.prototype
// packages: colors
// grant: . {"patch":["colors"]}
// misses: sealed without a policy: adds members to String.prototype, which is locked; a policy with a `patch` grant runs it before the lockdown. `colors/safe` works everywhere.
'use strict';
const assert = require('node:assert/strict');
const safe = require('colors/safe');
const colors = require('colors');
console.log('COMPAT LOADED');

colors.enable();
assert.equal(safe.red('x'), '\u001B[31mx\u001B[39m');
assert.equal('x'.red.bold, '\u001B[1m\u001B[31mx\u001B[39m\u001B[22m');
console.log('COMPAT OK colors');
