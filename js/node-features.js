'use strict';
// Every difference between Node versions that the shim depends on, in one place. No other file looks at a version.

const Module = require('module');

const [major, minor] = process.versions.node.split('.').map(Number);
const atLeast = (...versions) =>
  versions.some(([wantMajor, wantMinor]) => major === wantMajor && minor >= wantMinor) ||
  major > versions[versions.length - 1][0];

module.exports = Object.freeze({
  __proto__: null,

  /** 20.19 is the first line with require(esm) and process.getBuiltinModule; odd releases are not tested. */
  supported: atLeast([20, 19], [22, 15], [24, 0]),

  /**
   * Synchronous hooks in the same thread.
   * https://github.com/nodejs/node/pull/55698 (22.15, 23.5); 20 only has module.register, in a thread of its own.
   */
  registerHooks: typeof Module.registerHooks === 'function',

  /** Type stripping without a flag: 22.18, 23.6. https://nodejs.org/api/typescript.html#history */
  stripTypes: Boolean(process.features.typescript) && typeof Module.stripTypeScriptTypes === 'function',

  /**
   * `import` of .wasm without a flag: 24.5, 22.19. https://nodejs.org/api/esm.html#wasm-modules
   */
  importWasm: atLeast([22, 19], [24, 5]) || process.execArgv.includes('--experimental-wasm-modules'),

  /** The export name "module.exports" of imported CommonJS: 23.0. https://github.com/nodejs/node/pull/53848 */
  moduleExportsName: atLeast([23, 0]),

  /** `#/name` in "imports": 25.4, 24.14. https://github.com/nodejs/node/pull/60864 */
  hashSlash: atLeast([24, 14], [25, 4]),

  /** Codes of refused import attributes; 20 still called them assertions. https://github.com/nodejs/node/pull/50140 */
  importAttributeCodes:
    major < 22
      ? {
          missing: 'ERR_IMPORT_ASSERTION_TYPE_MISSING',
          incompatible: 'ERR_IMPORT_ASSERTION_TYPE_FAILED',
          unsupportedType: 'ERR_IMPORT_ASSERTION_TYPE_UNSUPPORTED',
        }
      : {
          missing: 'ERR_IMPORT_ATTRIBUTE_MISSING',
          incompatible: 'ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE',
          unsupportedType: 'ERR_IMPORT_ATTRIBUTE_UNSUPPORTED',
        },

  /** The condition "module-sync": 22.10, 20.19. https://github.com/nodejs/node/pull/54648 */
  moduleSync: atLeast([20, 19], [22, 10], [23, 0]),
});
