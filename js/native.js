'use strict';
// The native side as the shim calls it: every function guarded, so that a refusal is a LoadlockError and a panic is one too.

const binding = require('./binding.js');
const { guarded } = require('./errors.js');

/** @returns {import('./binding.d.ts').Native} */
function createNative() {
  const native = { __proto__: null };
  for (const name of Object.keys(binding)) {
    native[name] = typeof binding[name] === 'function' ? guarded(binding[name]) : binding[name];
  }
  const { sloppyPrefix, strictPrefix } = binding.wrapperPrefixes();
  native.sloppyPrefix = sloppyPrefix;
  native.strictPrefix = strictPrefix;
  return Object.freeze(native);
}

module.exports = { createNative };
