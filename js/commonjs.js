'use strict';
// The CommonJS linker. `require` between sealed modules never enters Node's loader: the specifier is resolved from the
// seal, the file is read once by the native side, checked, and those very bytes are compiled here.
//
// Node's loader is left with one way in, `Module._extensions` (the entry point, further --require preloads, workers), and
// that is replaced by `funnel` below.

const vm = require('vm');
const path = require('path');
const features = require('./node-features.js');
const {
  ArrayIsArray,
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  JSONParse,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  Proxy,
  ReflectApply,
  SafeMap,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  TypeError,
  Error,
  uncurryThis,
} = require('./intrinsics.js');
const { nodeError } = require('./errors.js');

const { Script, compileFunction } = vm;
const { USE_MAIN_CONTEXT_DEFAULT_LOADER } = vm.constants;
const runInThisContext = uncurryThis(Script.prototype.runInThisContext);
const { dirname, isAbsolute, join } = path;
const RealModule = require('module');
const compileReal = uncurryThis(RealModule.prototype._compile);
const { stripTypeScriptTypes, _nodeModulePaths, _resolveFilename: resolveReal } = RealModule;

/** Formats and flags as `native.entry` packs them; must match src/binding/loader.rs. */
const MODULE = 1, JSON_TEXT = 2, ADDON = 4, COMMONJS_TYPESCRIPT = 5, MODULE_TYPESCRIPT = 6;
const FORMAT_MASK = 7, WRAPPER_SAFE = 8, STRICT = 16, DYNAMIC_IMPORT = 32;

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** @param {{native: object, builtins: object, register: string, audit: boolean}} parts */
function createLinker({ native, builtins, register, audit }) {
  /** Every module of this thread by real path. Private: what code sees as `require.cache` is a view of it. */
  const modules = new SafeMap();
  const resolved = new SafeMap();
  const parents = new WeakMap();
  const parentOf = uncurryThis(WeakMap.prototype.get);
  const setParent = uncurryThis(WeakMap.prototype.set);
  let main;
  /** Only on Node 20: see static-imports.js. */
  let inlineStaticImports;

  // What `module.constructor` and `require('module')` show. Node's own Module class is out of reach: its statics would
  // reopen the loader (I5).
  function Module(id = '', parent) {
    this.id = id;
    this.path = dirname(id);
    this.exports = {};
    this.filename = null;
    this.loaded = false;
    this.children = [];
    setParent(parents, this, parent);
    if (parent !== undefined && parent !== null && ArrayIsArray(parent.children)) {
      ArrayPrototypePush(parent.children, this);
    }
  }
  Module.prototype.require = function (id) {
    return requireFrom(this, id);
  };
  Module.prototype.load = function (filename) {
    evaluate(this, filename);
  };
  Module.prototype._compile = function (content, filename) {
    // Text from memory is code that nobody sealed, unless it is the sealed file itself. Only audit mode goes on with it.
    const [text, path] = [`${content}`, `${filename}`];
    if (native.sealedText(path, text)) return evaluate(this, path);
    return execute(this, path, asFunction(text, path, USE_MAIN_CONTEXT_DEFAULT_LOADER));
  };
  ObjectDefineProperty(Module.prototype, 'parent', {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      return parentOf(parents, this);
    },
    set(parent) {
      setParent(parents, this, parent);
    },
  });

  const cache = new Proxy(ObjectCreate(null), {
    __proto__: null,
    get: (_, key) => (typeof key === 'string' ? modules.get(key) : undefined),
    has: (_, key) => modules.has(key),
    ownKeys() {
      const keys = [];
      modules.forEach((_, key) => ArrayPrototypePush(keys, key));
      return keys;
    },
    getOwnPropertyDescriptor: (_, key) =>
      modules.has(key)
        ? { __proto__: null, value: modules.get(key), writable: true, enumerable: true, configurable: true }
        : undefined,
    deleteProperty(_, key) {
      modules.delete(key);
      return true;
    },
    set: () => closed('require.cache'),
    defineProperty: () => closed('require.cache'),
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  });

  // Packages such as handlebars register themselves here when they load. They may, and it changes nothing: what a file
  // is was sealed.
  const extensions = ObjectCreate(null);
  for (const extension of ['.js', '.json', '.node']) extensions[extension] = (module, filename) => evaluate(module, filename);

  function closed(what) {
    native.closed(what);
    return true;
  }

  /** `require(id)` of `module`: resolve, then the cached module, or link it. */
  function requireFrom(module, id) {
    if (typeof id !== 'string') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "id" argument must be of type string. Received ${id === null ? 'null' : typeof id}`);
    }
    if (id === '') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', "The argument 'id' must be a non-empty string. Received ''");
    }
    // The guard is at work already; a second run of it would only find its own doors closed.
    if (id === 'loadlock/register' || id === register) return {};
    const target = resolve(id, fileOf(module), module);
    const known = modules.get(target);
    if (known !== undefined) {
      noteChild(module, known);
      return known.exports;
    }
    if (isBuiltin(target)) return builtins.load(target);
    return link(target, module, false).exports;
  }

  /** The absolute path or `node:` name that `id` means in the file `from`. */
  function resolve(id, from, module) {
    const key = `${dirname(from)}\0${id}`;
    let target = resolved.get(key);
    if (target === undefined) {
      target = native.resolveRequire(id, from);
      // Audit mode: the violation, if it was one, is recorded; what Node finds on disk is what would happen without us.
      if (audit && StringPrototypeStartsWith(target, '!')) target = resolveOnDisk(id, from, target);
      if (StringPrototypeStartsWith(target, '!')) throw notFound(target, id, module);
      resolved.set(key, target);
    }
    return target;
  }

  /** Loads a sealed file as a new module and runs it. */
  function link(filename, parent, isMain) {
    const known = modules.get(filename);
    if (known !== undefined) return known;
    const module = new Module(filename, parent);
    if (isMain) {
      module.id = '.';
      main = module;
      ObjectDefineProperty(process, 'mainModule', {
        __proto__: null, value: module, writable: true, enumerable: true, configurable: true,
      });
    }
    module.filename = filename;
    module.paths = _nodeModulePaths(module.path);
    modules.set(filename, module);
    let done = false;
    try {
      evaluate(module, filename);
      done = true;
    } finally {
      if (!done) {
        modules.delete(filename);
        const at = parent?.children === undefined ? -1 : ArrayPrototypeIndexOf(parent.children, module);
        if (at !== -1) ArrayPrototypeSplice(parent.children, at, 1);
      }
    }
    return module;
  }

  /** Runs the sealed file `filename` as `module`. */
  function evaluate(module, filename) {
    const entry = native.entry(filename);
    switch (entry & FORMAT_MASK) {
      case JSON_TEXT:
        module.exports = parseJson(filename);
        break;
      case ADDON:
        builtins.dlopen(module, filename);
        break;
      case MODULE:
      case MODULE_TYPESCRIPT:
        module.exports = requireModule(filename, entry & FORMAT_MASK);
        break;
      default:
        run(module, filename, entry);
    }
    module.loaded = true;
  }

  function compile(filename, entry) {
    if ((entry & FORMAT_MASK) === COMMONJS_TYPESCRIPT) {
      return asFunction(stripped(native.text(filename), filename), filename, importer(entry));
    }
    if ((entry & WRAPPER_SAFE) === 0) return asFunction(native.text(filename), filename, importer(entry));
    // The native side has put the wrapper around the checked bytes, in one buffer. `columnOffset` takes it out of every
    // position again, so line and column are those of the file.
    const script = new Script(native.script(filename), {
      __proto__: null,
      filename,
      columnOffset: -((entry & STRICT) === 0 ? native.sloppyPrefix : native.strictPrefix),
      importModuleDynamically: importer(entry),
    });
    return runInThisContext(script);
  }

  /**
   * How `import()` in a file, or in text that it evaluates, loads. On Node 20 the first file that can import starts the
   * hooks thread; one whose text has no `import(` gets no way to import at all, so nothing can slip past before that.
   */
  function importer(entry) {
    if (features.registerHooks) return USE_MAIN_CONTEXT_DEFAULT_LOADER;
    if ((entry & DYNAMIC_IMPORT) === 0) return undefined;
    builtins.prepareForModules();
    return USE_MAIN_CONTEXT_DEFAULT_LOADER;
  }

  function execute(module, filename, wrapper) {
    const { exports } = module;
    return ReflectApply(wrapper, exports, [exports, makeRequire(module, filename), module, filename, dirname(filename)]);
  }

  function run(module, filename, entry) {
    const body = execute(module, filename, compile(filename, entry));
    // The wrapper of sloppy text gives back the arrow function that holds it (see SLOPPY_WRAPPER in loader.rs).
    if ((entry & (WRAPPER_SAFE | STRICT)) === WRAPPER_SAFE) body();
  }

  function parseJson(filename) {
    const text = native.text(filename);
    try {
      return JSONParse(text);
    } catch (error) {
      error.message = `${filename}: ${error.message}`;
      throw error;
    }
  }

  /** require(esm): Node evaluates it; its imports come back through the hooks of esm.js. */
  function requireModule(filename, format) {
    const real = new RealModule(filename);
    real.filename = filename;
    real.paths = [];
    builtins.prepareForModules();
    compileReal(real, moduleText(filename, format), filename, 'module');
    return real.exports;
  }

  function moduleText(filename, format) {
    if (inlineStaticImports !== undefined) return inlineStaticImports(filename);
    return format === MODULE_TYPESCRIPT ? stripped(native.text(filename), filename) : native.text(filename);
  }

  function makeRequire(module, filename) {
    function require(id) {
      return requireFrom(module, id);
    }
    function resolveFrom(request, options) {
      return resolveRequest(request, filename, module, options);
    }
    resolveFrom.paths = function paths(request) {
      return lookupPaths(request, module);
    };
    require.resolve = resolveFrom;
    require.main = main;
    require.extensions = extensions;
    require.cache = cache;
    return require;
  }

  function resolveRequest(request, from, module, options) {
    if (typeof request !== 'string') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "request" argument must be of type string. Received ${request === null ? 'null' : typeof request}`);
    }
    let target;
    const places = options?.paths;
    if (ArrayIsArray(places)) {
      let last;
      for (let at = 0; target === undefined && at < places.length; at++) {
        try {
          target = resolve(request, join(path.resolve(`${places[at]}`), 'noop.js'), module);
        } catch (error) {
          if (error.code !== 'MODULE_NOT_FOUND') throw error;
          last = error;
        }
      }
      if (target === undefined) throw last ?? notFound(`!MODULE_NOT_FOUND\0Cannot find module '${request}'\0`, request, module);
    } else {
      target = resolve(request, from, module);
    }
    // Stock returns builtins the way they were asked for.
    return isBuiltin(target) ? request : target;
  }

  function lookupPaths(request, module) {
    if (isBuiltin(request) || builtins.isBuiltin(request)) return null;
    if (StringPrototypeStartsWith(request, './') || StringPrototypeStartsWith(request, '../')) return [module.path];
    return _nodeModulePaths(module.path);
  }

  function noteChild(parent, child) {
    const children = parent?.children;
    if (ArrayIsArray(children) && ArrayPrototypeIndexOf(children, child) === -1) ArrayPrototypePush(children, child);
  }

  /** `createRequire(filename)` for a path, which need not exist; a trailing separator means a directory. */
  function createRequire(filename) {
    const from = StringPrototypeEndsWith(filename, '/') || StringPrototypeEndsWith(filename, path.sep) ? join(filename, 'noop.js') : filename;
    const module = new Module(from);
    module.filename = from;
    module.paths = _nodeModulePaths(module.path);
    return makeRequire(module, from);
  }

  /**
   * Replaces Node's handlers for every extension. `real` is a module object of Node's own class: the entry point, or a
   * further preload.
   */
  function funnel(real, filename) {
    if (filename === register) return;
    const isMain = real === process.mainModule || real.id === '.';
    const format = native.entry(filename) & FORMAT_MASK;
    if (isMain && (format === MODULE || format === MODULE_TYPESCRIPT)) {
      // Node took the entry for CommonJS and the seal knows better (syntax detection). Given the module kind, Node
      // hands a main module to its ES loader itself.
      const text = native.text(filename);
      // As for any ES module entry; and Node's own module object must not be within reach.
      process.mainModule = undefined;
      builtins.prepareForModules();
      // Node imports a main module by its URL, so this text is only read for its kind: the hooks give it again.
      compileReal(real, format === MODULE_TYPESCRIPT ? stripped(text, filename) : text, filename, 'module');
      return;
    }
    real.exports = link(filename, isMain ? null : undefined, isMain).exports;
  }

  /** The exports of a sealed file for an ES module that imports it. */
  function linkForImport(filename, isMain) {
    return link(filename, undefined, isMain).exports;
  }

  return ObjectFreeze({
    __proto__: null,
    useInliner(inliner) {
      inlineStaticImports = inliner;
    },
    Module, cache, createRequire, extensions, funnel, linkForImport, lookupPaths, requireFrom, resolveRequest,
  });
}

module.exports = { createLinker };

function isBuiltin(target) {
  return StringPrototypeStartsWith(target, 'node:');
}

function resolveOnDisk(id, from, answer) {
  const parent = new RealModule(from);
  parent.filename = from;
  parent.paths = _nodeModulePaths(dirname(from));
  try {
    return resolveReal(id, parent, false);
  } catch {
    return answer;
  }
}

/** A module made by hand may have no file name; then nothing relative to it exists. */
function fileOf(module) {
  const filename = module?.filename;
  return typeof filename === 'string' && isAbsolute(filename) ? filename : '/';
}

/** Text that may not parse as a function body goes through V8's own function compiler, which it cannot break out of. */
function asFunction(text, filename, importModuleDynamically) {
  return compileFunction(text, PARAMETERS, { __proto__: null, filename, importModuleDynamically });
}

function stripped(text, filename) {
  if (!features.stripTypes) {
    throw nodeError(TypeError, 'ERR_UNKNOWN_FILE_EXTENSION', `Unknown file extension ".ts" for ${filename}`);
  }
  return stripTypeScriptTypes(text);
}

/** Node's own answer to a specifier that means nothing: `!CODE\0message\0path` from the native side. */
function notFound(answer, request, module) {
  const parts = StringPrototypeSplit(answer, '\0');
  const code = StringPrototypeSlice(parts[0], 1);
  let message = parts[1];
  if (code !== 'MODULE_NOT_FOUND') return nodeError(Error, code, message);
  const requireStack = [];
  for (let cursor = module; cursor !== undefined && cursor !== null; cursor = cursor.parent) {
    ArrayPrototypePush(requireStack, cursor.filename || cursor.id);
  }
  if (requireStack.length > 0) message += `\nRequire stack:\n- ${requireStack.join('\n- ')}`;
  return nodeError(Error, code, message, { requireStack });
}

