// does: stack traces of generated code name the source, through Error.prepareStackTrace
// packages: source-map-support
'use strict';
const assert = require('node:assert/strict');
const support = require('source-map-support');
console.log('COMPAT LOADED');

/* file: generated.js
exports.fail=()=>{throw new Error("generated")};
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbIm9yaWdpbmFsLnRzIl0sIm5hbWVzIjpbXSwibWFwcGluZ3MiOiJBQVNBIn0=
*/
support.install({ environment: 'node', handleUncaughtExceptions: false });
assert.throws(() => require('./generated.js').fail(), (error) => {
  assert.match(error.stack, /original\.ts:10:\d/);
  return error.message === 'generated';
});
console.log('COMPAT OK source-map-support');
