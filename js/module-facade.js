'use strict';
// What `require('module')` gives. It has Node's names, but every way to add code or to change what loads leads to a
// refusal or to the seal; Node's own Module class stays with the shim.

const RealModule = require('module');
const { fileURLToPath } = require('url');
const { isAbsolute } = require('path');
const { ReflectApply, StringPrototypeStartsWith, TypeError } = require('./intrinsics.js');
const { nodeError } = require('./errors.js');

/** Members that only compute or report. */
const HARMLESS = [
  'builtinModules', 'isBuiltin', 'SourceMap', 'syncBuiltinESMExports', 'stripTypeScriptTypes', 'constants',
  'getSourceMapsSupport', '_nodeModulePaths', '_debug', 'wrap',
];

/** Members that look at the disk: Node reads whatever file a `sourceMappingURL` names, and any package.json. */
const READING = ['findSourceMap', 'setSourceMapsSupport', 'findPackageJSON'];

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {ReturnType<import('./commonjs.js').createLinker>} parts.linker
 * @param {import('./compartments.js').Compartment} parts.compartment  whose powers everything loaded through it has
 */
function createModuleFacade({ native, linker, compartment }) {
  const { Module } = compartment;
  for (const name of HARMLESS) {
    if (!(name in RealModule)) continue;
    Module[name] = RealModule[name];
    // Everybody's. Without a policy nothing is.
    if (compartment.authority !== undefined) require('./facades/harden.js').harden(Module[name]);
  }

  for (const name of READING) {
    const real = RealModule[name];
    if (real === undefined) continue;
    Module[name] = function (...args) {
      compartment.authority?.demand('fs.read', undefined, `module.${name}()`);
      return ReflectApply(real, RealModule, args);
    };
  }

  Module.Module = Module;
  Module._cache = compartment.cache;
  Module._extensions = compartment.extensions;
  Module._pathCache = { __proto__: null };
  Module.globalPaths = [];
  Module.wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
  Module.createRequire = function createRequire(filename) {
    return linker.createRequire(pathOf(filename), compartment);
  };
  Module._load = function (request, parent) {
    return linker.requireFrom(parent, request, compartment);
  };
  Module._resolveFilename = function (request, parent, _isMain, options) {
    return linker.resolveRequest(request, parent?.filename ?? '/', parent, options);
  };
  Module._resolveLookupPaths = function (request, parent) {
    return linker.lookupPaths(request, parent);
  };
  Module._findPath = function (request, paths) {
    try {
      return linker.resolveRequest(request, '/', undefined, { __proto__: null, paths });
    } catch {
      return false;
    }
  };
  Module._initPaths = function () {};
  Module._preloadModules = function () {};

  // Node keeps this cache in a directory that anybody may write to, and V8 checks neither its source nor its bytes.
  // Callers treat it as an optimisation, so it is reported as disabled instead of thrown.
  if (RealModule.enableCompileCache !== undefined) {
    Module.enableCompileCache = () => ({
      status: RealModule.constants.compileCacheStatus.DISABLED,
      message: 'disabled by loadlock: a compile cache is code that nobody verified',
    });
    Module.getCompileCacheDir = () => undefined;
    Module.flushCompileCache = () => {};
  }

  for (const name of ['register', 'registerHooks', 'runMain']) {
    const real = RealModule[name];
    if (real === undefined) continue;
    Module[name] = function (...args) {
      // In audit mode the refusal is recorded and Node's own function runs.
      native.closed(`module.${name}()`);
      return ReflectApply(real, RealModule, args);
    };
  }

  return Module;
}

module.exports = { createModuleFacade };

function pathOf(filename) {
  const invalid = () =>
    nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'filename' must be a file URL object, file URL string, or absolute path string. Received ${JSON.stringify(`${filename}`)}`);
  if (typeof filename === 'string') {
    if (isAbsolute(filename)) return filename;
    if (!StringPrototypeStartsWith(filename, 'file:')) throw invalid();
    return fileURLToPath(filename);
  }
  try {
    return fileURLToPath(filename);
  } catch {
    throw invalid();
  }
}
