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
  ObjectPreventExtensions,
  Proxy,
  ReflectApply,
  ReflectDefineProperty,
  SafeMap,
  SafeSet,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  TypeError,
  Error,
  process,
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
const FORMAT_MASK = 7, WRAPPER_SAFE = 8, STRICT = 16, DYNAMIC_IMPORT = 32, GLOBALS_SHIFT = 8;

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {object} parts.builtins
 * @param {string} parts.register
 * @param {boolean} parts.audit
 * @param {ReturnType<import('./compartments.js').createCompartments>} parts.compartments
 */
function createLinker({ native, builtins, register, audit, compartments }) {
  /** Every module of this thread by real path. Private: what code sees as `require.cache` is a view of it. */
  const modules = new SafeMap();
  const resolved = new SafeMap();
  const parents = new WeakMap();
  const compartmentOfModule = new WeakMap();
  const getFrom = uncurryThis(WeakMap.prototype.get);
  const setIn = uncurryThis(WeakMap.prototype.set);
  let main;
  /** What a package with the grant `patch` has put in the place of `Module.prototype.require`, and that package. */
  let patchedRequire, patchHost;
  const patchedBuiltins = new SafeSet();
  /** Only on Node 20: see static-imports.js. */
  let inlineStaticImports;

  /**
   * What `module.constructor` and `require('module')` show to a package. Node's own Module class is out of reach: its
   * statics would reopen the loader (I5). Under a policy every package has a class of its own, and what is loaded
   * through it is loaded with the powers of that package, whatever file name a module object claims (I4).
   */
  function createModuleClass(compartment) {
    function Module(id = '', parent) {
      this.id = id;
      this.path = dirname(id);
      this.exports = {};
      this.filename = null;
      this.loaded = false;
      this.children = [];
      setIn(parents, this, parent);
      setIn(compartmentOfModule, this, compartment);
      noteChild(parent, this);
    }
    if (compartment.authority?.whole('patch')) {
      openToPatches(Module, compartment);
    } else {
      Module.prototype.require = function (id) {
        return requireAs(this, id, compartment);
      };
    }
    Module.prototype.load = function (filename) {
      compartments.checkOwn(compartment, `${filename}`, 'module.load');
      evaluate(this, filename);
    };
    Module.prototype._compile = function (content, filename) {
      // Text from memory is code that nobody sealed, unless it is the sealed file itself. Only audit mode goes on with it.
      const [text, path] = [`${content}`, `${filename}`];
      compartments.checkOwn(compartment, path, 'module._compile');
      if (native.sealedText(path, text)) return evaluate(this, path);
      return execute(this, path, asFunction(text, path, USE_MAIN_CONTEXT_DEFAULT_LOADER), compartments.forFile(path));
    };
    ObjectDefineProperty(Module.prototype, 'parent', {
      __proto__: null,
      configurable: true,
      enumerable: false,
      get() {
        return seen(compartment, getFrom(parents, this));
      },
      set(parent) {
        setIn(parents, this, parent);
      },
    });
    // Every module object of the package inherits from it, and other packages may hold one.
    if (compartment.authority !== undefined && !compartment.authority.whole('patch')) ObjectPreventExtensions(Module.prototype);
    return Module;
  }

  /**
   * Agents replace `Module.prototype.require` to see, and to instrument, what others load. A package with the grant
   * `patch` may: what it puts there is called for every require. Its own view of that method loads with the powers of
   * whoever asked, so that what it instruments stays confined.
   */
  function openToPatches(Module, compartment) {
    patchHost ??= compartment;
    function original(id) {
      return requireFrom(this, id, getFrom(compartmentOfModule, this) ?? compartment);
    }
    ReflectDefineProperty(original, 'name', { __proto__: null, value: 'require', configurable: true });
    ReflectDefineProperty(Module.prototype, 'require', {
      __proto__: null,
      get: () => patchedRequire ?? original,
      set(replacement) {
        patchedRequire = typeof replacement === 'function' && replacement !== original ? replacement : undefined;
      },
      enumerable: true,
      configurable: true,
    });
  }

  /** `require(id)` of `module`, through whatever a patching package has put in front of it. */
  function requireAs(module, id, compartment) {
    if (patchedRequire === undefined || typeof id !== 'string' || id === '') return requireFrom(module, id, compartment);
    const target = resolve(id, fileOf(module), module);
    if (isBuiltin(target)) {
      // It changes Node's own object, in its own name; the facade of whoever asked is made from that afterwards.
      if (!patchedBuiltins.has(target)) {
        patchedBuiltins.add(target);
        const host = new patchHost.Module('loadlock', undefined);
        host.filename = fileOf(module);
        ReflectApply(patchedRequire, host, [id]);
      }
      return compartment.builtin(target);
    }
    // It may answer from a cache of its own, without asking anybody.
    compartments.checkEdge(compartment, target, id);
    return ReflectApply(patchedRequire, module, [id]);
  }

  /** A module as a package may see it: itself when it is the package's own, else an object that only says where it is. */
  function seen(compartment, module) {
    if (module === undefined || module === null || compartments.sameOwner(compartment, getFrom(compartmentOfModule, module))) return module;
    const { id, filename, loaded } = module;
    return {
      id, path: filename === null ? '.' : dirname(filename), exports: {}, filename, loaded, children: [],
      paths: filename === null ? [] : _nodeModulePaths(dirname(filename)), parent: undefined,
    };
  }

  function createCacheView(compartment) {
    const visible = (key) => {
      if (typeof key !== 'string') return undefined;
      const module = modules.get(key);
      return module !== undefined && compartments.sameOwner(compartment, getFrom(compartmentOfModule, module)) ? module : undefined;
    };
    return new Proxy(ObjectCreate(null), {
      __proto__: null,
      get: (own, key) => visible(key) ?? own[key],
      has: (own, key) => visible(key) !== undefined || key in own,
      ownKeys() {
        const keys = [];
        modules.forEach((_, key) => {
          if (visible(key) !== undefined) ArrayPrototypePush(keys, key);
        });
        return keys;
      },
      getOwnPropertyDescriptor(_, key) {
        const value = visible(key);
        return value === undefined ? undefined : { __proto__: null, value, writable: true, enumerable: true, configurable: true };
      },
      deleteProperty(_, key) {
        if (visible(key) !== undefined) modules.delete(key);
        return true;
      },
      // New Relic keeps itself under a name that is no path. Nothing loads from there, and nobody else sees it.
      set(own, key, value) {
        if (typeof key === 'string' && isAbsolute(key)) return closed('require.cache');
        own[key] = value;
        return true;
      },
      defineProperty: () => closed('require.cache'),
      setPrototypeOf: () => false,
      preventExtensions: () => false,
    });
  }

  // Packages such as handlebars register themselves here when they load. They may, and it changes nothing: what a file
  // is was sealed.
  function createExtensions(compartment) {
    const extensions = ObjectCreate(null);
    for (const extension of ['.js', '.json', '.node']) {
      extensions[extension] = (module, filename) => {
        compartments.checkOwn(compartment, `${filename}`, `require.extensions['${extension}']`);
        evaluate(module, filename);
      };
    }
    return extensions;
  }

  function closed(what) {
    native.closed(what);
    return true;
  }

  /** `require(id)` of `module` with the powers of `compartment`: resolve, then the cached module, or link it. */
  function requireFrom(module, id, compartment) {
    if (typeof id !== 'string') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "id" argument must be of type string. Received ${id === null ? 'null' : typeof id}`);
    }
    if (id === '') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', "The argument 'id' must be a non-empty string. Received ''");
    }
    // The guard is at work already; a second run of it would only find its own doors closed.
    if (id === 'loadlock/register' || id === register) return {};
    const target = resolve(id, fileOf(module), module);
    if (isBuiltin(target)) return compartment.builtin(target);
    compartments.checkEdge(compartment, target, id);
    const known = modules.get(target);
    if (known === undefined) return compartments.own(compartment, link(target, module, false), target);
    noteChild(module, known);
    return compartments.own(compartment, known, target);
  }

  /** The absolute path or `node:` name that `id` means in the file `from`. */
  function resolve(id, from, module) {
    const key = `${dirname(from)}\0${id}`;
    let target = resolved.get(key);
    if (target === undefined) {
      target = native.resolveRequire(id, from);
      // Audit mode: the violation, if it was one, is recorded; what Node finds on disk is what would happen without us.
      if (audit && StringPrototypeStartsWith(target, '!')) target = resolveOnDisk(id, from, target);
      if (StringPrototypeStartsWith(target, '!')) throw notFound(target, id, requireStackOf(module));
      resolved.set(key, target);
    }
    return target;
  }

  function requireStackOf(module) {
    const stack = [];
    for (let cursor = module; cursor !== undefined && cursor !== null; cursor = getFrom(parents, cursor)) {
      ArrayPrototypePush(stack, cursor.filename || cursor.id);
    }
    return stack;
  }

  /** Loads a sealed file as a new module and runs it. */
  function link(filename, parent, isMain) {
    const known = modules.get(filename);
    if (known !== undefined) return known;
    const compartment = compartments.forFile(filename);
    const module = new compartment.Module(filename, parent);
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
        const at = ArrayIsArray(parent?.children) ? ArrayPrototypeIndexOf(parent.children, module) : -1;
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
        compartments.demandFile(filename, 'addons');
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

  function compile(filename, entry, compartment) {
    const shadows = compartments.shadowNames(entry >>> GLOBALS_SHIFT);
    if ((entry & FORMAT_MASK) === COMMONJS_TYPESCRIPT) {
      return asFunction(stripped(native.text(filename), filename), filename, importer(entry), compartments.shadowObject(compartment, shadows));
    }
    if ((entry & WRAPPER_SAFE) === 0) {
      return asFunction(native.text(filename), filename, importer(entry), compartments.shadowObject(compartment, shadows));
    }
    // The native side has put the wrapper around the checked bytes, in one buffer. `columnOffset` takes it out of every
    // position again, so line and column are those of the file.
    const prefix = (entry & STRICT) === 0 ? native.sloppyPrefix : native.strictPrefix;
    const script = new Script(native.script(filename), {
      __proto__: null,
      filename,
      columnOffset: -(prefix + shadows.prefixLength),
      importModuleDynamically: importer(entry),
    });
    const wrapper = runInThisContext(script);
    // Names that the file mentions and that are powers: parameters of one more function around the wrapper.
    return shadows.names.length === 0 ? wrapper : ReflectApply(wrapper, undefined, compartments.shadowValues(compartment, shadows));
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

  function execute(module, filename, wrapper, compartment) {
    const { exports } = module;
    return ReflectApply(wrapper, exports, [exports, makeRequire(module, filename, compartment), module, filename, dirname(filename)]);
  }

  function run(module, filename, entry) {
    const compartment = compartments.forFile(filename);
    const body = execute(module, filename, compile(filename, entry, compartment), compartment);
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
    return format === MODULE_TYPESCRIPT ? stripped(native.moduleText(filename), filename) : native.moduleText(filename);
  }

  function makeRequire(module, filename, compartment) {
    function require(id) {
      return requireAs(module, id, compartment);
    }
    function resolveFrom(request, options) {
      return resolveRequest(request, filename, module, options);
    }
    resolveFrom.paths = function paths(request) {
      return lookupPaths(request, module);
    };
    require.resolve = resolveFrom;
    require.main = seen(compartment, main);
    require.extensions = compartment.extensions;
    require.cache = compartment.cache;
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
      if (target === undefined) throw last ?? notFound(`!MODULE_NOT_FOUND\0Cannot find module '${request}'\0`, request, requireStackOf(module));
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
    // A list of modules is a list of what other packages export.
    if (compartments.active && !compartments.sameOwner(getFrom(compartmentOfModule, parent ?? child), getFrom(compartmentOfModule, child))) return;
    const children = parent?.children;
    if (ArrayIsArray(children) && ArrayPrototypeIndexOf(children, child) === -1) ArrayPrototypePush(children, child);
  }

  /** `createRequire(filename)` for a path, which need not exist; a trailing separator means a directory. */
  function createRequire(filename, compartment) {
    const from = StringPrototypeEndsWith(filename, '/') || StringPrototypeEndsWith(filename, path.sep) ? join(filename, 'noop.js') : filename;
    const module = new compartment.Module(from);
    module.filename = from;
    module.paths = _nodeModulePaths(module.path);
    return makeRequire(module, from, compartment);
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
    createCacheView, createExtensions, createModuleClass, createRequire, funnel, linkForImport, lookupPaths, requireFrom, resolveRequest,
    /** `process.mainModule` as a package may see it. */
    mainFor: (compartment) => seen(compartment, main),
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
function asFunction(text, filename, importModuleDynamically, shadows) {
  return compileFunction(text, PARAMETERS, {
    __proto__: null,
    filename,
    importModuleDynamically,
    // Scope objects instead of a wrapper: slower, and immune against text that is no function body.
    contextExtensions: shadows === undefined ? [] : [shadows],
  });
}

function stripped(text, filename) {
  if (!features.stripTypes) {
    throw nodeError(TypeError, 'ERR_UNKNOWN_FILE_EXTENSION', `Unknown file extension ".ts" for ${filename}`);
  }
  return stripTypeScriptTypes(text);
}

/** Node's own answer to a specifier that means nothing: `!CODE\0message\0path` from the native side. */
function notFound(answer, request, requireStack) {
  const parts = StringPrototypeSplit(answer, '\0');
  const code = StringPrototypeSlice(parts[0], 1);
  let message = parts[1];
  if (code !== 'MODULE_NOT_FOUND') return nodeError(Error, code, message);
  if (requireStack.length > 0) message += `\nRequire stack:\n- ${requireStack.join('\n- ')}`;
  return nodeError(Error, code, message, { requireStack });
}

