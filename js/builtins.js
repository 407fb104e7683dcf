'use strict';
// Builtin modules as sealed code sees them: Node's own objects, except `module`, which would reopen the loader, and the
// few members of others that start code elsewhere (see descendants.js).

const RealModule = require('module');
const {
  ObjectFreeze,
  ObjectKeys,
  ReflectApply,
  SafeSet,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
  process,
  replaceMember,
} = require('./intrinsics.js');
const { nodeError } = require('./errors.js');

const { isBuiltin } = RealModule;
const getBuiltinModule = process.getBuiltinModule;
const realDlopen = process.dlopen;
const realExecve = process.execve;

/** What old packages look into with the deprecated `process.binding`: constants, errors, and the texts of builtins. */
const HARMLESS_BINDINGS = new SafeSet(['buffer', 'config', 'constants', 'fs', 'http_parser', 'icu', 'natives', 'os', 'tty_wrap', 'url', 'util', 'uv', 'v8', 'zlib']);

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {{patch: (name: string, exports: object) => void, childEnvironment: (env: object) => object}} parts.descendants
 */
function createBuiltins({ native, descendants }) {
  /** Replacements by `node:` name; filled by `provide` once the linker exists. */
  const facades = { __proto__: null };
  let onModules = () => {};

  /** The exports of a builtin, named with or without `node:`. */
  function load(name) {
    const url = StringPrototypeStartsWith(name, 'node:') ? name : `node:${name}`;
    if (facades[url] !== undefined) return facades[url];
    const exports = ReflectApply(getBuiltinModule, process, [url]);
    if (exports === undefined) {
      throw nodeError(Error, 'ERR_UNKNOWN_BUILTIN_MODULE', `No such built-in module: ${name}`);
    }
    descendants.patch(StringPrototypeSlice(url, 5), exports);
    // On Node 20 a vm script may import through the default loader without a word in the file that makes it.
    if (url === 'node:vm') onModules();
    return exports;
  }

  function touch(url) {
    if (facades[url] === undefined) load(url);
  }

  function facadeKeys(url) {
    return facades[url] === undefined ? undefined : ObjectKeys(facades[url]);
  }

  /** `process.dlopen` for a sealed binding: what is mapped is the memory that was checked. */
  function dlopen(module, filename, flags) {
    if (typeof filename !== 'string') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "filename" argument must be of type string');
    }
    const path = native.native(filename);
    try {
      ReflectApply(realDlopen, process, flags === undefined ? [module, path] : [module, path, flags]);
    } catch (error) {
      // The linker only knows the in-memory file; people know the binding.
      error.message = `${error.message}`.replace(path, filename);
      throw error;
    }
  }

  /** Puts the attenuated members on `process`. */
  function installOnProcess() {
    replaceMember(process, 'getBuiltinModule', function getBuiltinModule(id) {
      return isBuiltin(id) ? load(id) : undefined;
    });
    for (const name of ['binding', '_linkedBinding']) {
      const real = process[name];
      replaceMember(process, name, function (id) {
        // Node's internal bindings start processes, load libraries and compile code below everything that is checked.
        const wanted = `${id}`;
        if (!HARMLESS_BINDINGS.has(wanted)) native.closed(`process.${name}('${wanted}')`);
        return ReflectApply(real, process, [wanted]);
      });
    }
    replaceMember(process, 'dlopen', function dlopenSealed(module, filename, flags) {
      dlopen(module, filename, flags);
    });
    if (realExecve !== undefined) {
      replaceMember(process, 'execve', function execve(path, args, env = process.env) {
        descendants.checkArguments(args);
        return ReflectApply(realExecve, process, [path, args, descendants.childEnvironment(env)]);
      });
    }
  }

  return ObjectFreeze({
    __proto__: null,
    dlopen, facadeKeys, installOnProcess, isBuiltin, load, touch,
    facade: (url) => facades[url],
    provide(name, exports) {
      facades[`node:${name}`] = exports;
    },
    /** Called before Node's ES loader gets work; on Node 20 the hooks thread starts only then. */
    prepareForModules: () => onModules(),
    onModules(callback) {
      onModules = callback;
    },
  });
}

module.exports = { createBuiltins };
