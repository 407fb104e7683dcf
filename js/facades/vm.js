'use strict';
// vm for a package that is granted it, whole, and for one that is not. Also with the grant the scripts stay those of the
// package: `import()` in them asks in the name of the file that they claim to be, and cached data is machine code that
// nobody sealed.
//
// A new context has intrinsics of its own, among them an untamed Function: with `vm` comes what `eval` and `wasm` give.
// What it can reach is what the package puts into it.

const { isAbsolute, join, resolve } = require('path');
const { fileURLToPath } = require('url');
const {
  ArrayIsArray,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  StringPrototypeStartsWith,
  TypeError,
  URL,
  process,
} = require('../intrinsics.js');
const { severConstructor } = require('./classes.js');

const { canParse } = URL;

/** Members that have to be replaced even where `vm` is granted whole. */
const always = {
  __proto__: null,
  vm: ['Module', 'Script', 'SourceTextModule', 'SyntheticModule', 'compileFunction', 'createContext', 'createScript', 'runInContext', 'runInNewContext', 'runInThisContext'],
};

const create = {
  __proto__: null,
  vm({ authority, native, real }) {
    const node = real('vm');
    const { USE_MAIN_CONTEXT_DEFAULT_LOADER } = node.constants ?? {};

    function demand(attempt) {
      authority.demand('vm', undefined, attempt);
    }

    /** A copy of the options of a script, in which nothing speaks for anybody else. */
    function scriptOptions(api, options) {
      if (options === undefined || options === null || (typeof options !== 'object' && typeof options !== 'string') || ArrayIsArray(options)) return options;
      const given = typeof options === 'string' ? { __proto__: null, filename: options } : { __proto__: null, ...options };
      if (given.cachedData !== undefined) authority.demand('loader', undefined, `${api}() with cachedData`);
      if (typeof given.filename === 'string') given.filename = ownName(given.filename);
      if (importsAsMain(given)) {
        if (speaker(given.filename) !== authority.location) {
          authority.demand('loader', undefined, `${api}() with importModuleDynamically, as a file that is not the package's own`);
        }
      } else if (given.importModuleDynamically !== undefined && typeof given.importModuleDynamically !== 'function') {
        // Node has symbols of its own that lead to its loader.
        authority.demand('loader', undefined, `${api}() with an unknown importModuleDynamically`);
      }
      return given;
    }

    function importsAsMain(given) {
      return USE_MAIN_CONTEXT_DEFAULT_LOADER !== undefined && given.importModuleDynamically === USE_MAIN_CONTEXT_DEFAULT_LOADER;
    }

    /** Another package's file is named as what it is: a claim. Stack traces and source maps still show it. */
    function ownName(filename) {
      const path = filePath(filename);
      return path === undefined || authority.whole('loader') || native.packageOf(path) === authority.location ? filename : `vm:${authority.location}:${filename}`;
    }

    /** The package in whose name a script's `import()` asks; undefined where that is not plain. */
    function speaker(filename) {
      const name = `${filename ?? ''}`;
      const path = filePath(name);
      if (path !== undefined) return native.packageOf(path);
      // Without the name of a file, Node resolves from the current directory.
      return canParse(name) ? undefined : native.packageOf(join(process.cwd(), 'script'));
    }

    function contextOptions(api, options) {
      if (options === undefined || options === null || typeof options !== 'object') return options;
      const given = { __proto__: null, ...options };
      // Its scripts have no file, so they would import in the name of the application.
      if (given.importModuleDynamically !== undefined && typeof given.importModuleDynamically !== 'function' && authority.location !== '') {
        authority.demand('loader', undefined, `${api}() with importModuleDynamically`);
      }
      return given;
    }

    function Script(code, options) {
      if (new.target === undefined) throw new TypeError("Class constructor Script cannot be invoked without 'new'");
      demand('new vm.Script()');
      return ReflectConstruct(node.Script, [`${code}`, ...optional(scriptOptions('vm.Script', options))], new.target === Script ? node.Script : new.target);
    }
    ObjectDefineProperty(Script, 'prototype', { __proto__: null, value: node.Script.prototype, writable: false });
    ObjectDefineProperty(Script, 'length', { __proto__: null, value: 1, configurable: true });

    const overrides = {
      __proto__: null,
      Script,
      compileFunction(code, params, options) {
        demand('vm.compileFunction()');
        return ReflectApply(node.compileFunction, node, [code, params, ...optional(scriptOptions('vm.compileFunction', options))]);
      },
      createContext(contextObject, options) {
        demand('vm.createContext()');
        return ReflectApply(node.createContext, node, [contextObject, ...optional(contextOptions('vm.createContext', options))]);
      },
      createScript(code, options) {
        return new Script(code, options);
      },
      runInContext(code, contextifiedObject, options) {
        demand('vm.runInContext()');
        return ReflectApply(node.runInContext, node, [`${code}`, contextifiedObject, scriptOptions('vm.runInContext', options)]);
      },
      runInNewContext(code, contextObject, options) {
        demand('vm.runInNewContext()');
        return ReflectApply(node.runInNewContext, node, [`${code}`, contextObject, scriptOptions('vm.runInNewContext', options)]);
      },
      runInThisContext(code, options) {
        demand('vm.runInThisContext()');
        return ReflectApply(node.runInThisContext, node, [`${code}`, scriptOptions('vm.runInThisContext', options)]);
      },
    };
    // Behind --experimental-vm-modules: modules with any identifier, linked by the package itself.
    for (const name of ['Module', 'SourceTextModule', 'SyntheticModule']) {
      const Real = node[name];
      if (Real === undefined) continue;
      overrides[name] = function (...args) {
        authority.demand('loader', undefined, `new vm.${name}()`);
        return ReflectConstruct(Real, args);
      };
      ObjectDefineProperty(overrides[name], 'prototype', { __proto__: null, value: Real.prototype, writable: false });
    }
    return overrides;
  },
};

const harden = {
  __proto__: null,
  /** A script that one package hands to another leads to the class, and that to Node's inner one. */
  vm(node) {
    severConstructor(ObjectGetPrototypeOf(node.Script));
    severConstructor(node.Script);
    for (const name of ['SyntheticModule', 'SourceTextModule', 'Module']) if (node[name] !== undefined) severConstructor(node[name]);
  },
};

module.exports = { always, create, harden };

/** An optional last argument: Node tells a missing one from undefined. */
function optional(options) {
  return options === undefined ? [] : [options];
}

/** The path that Node makes of a script's name, if it makes one. */
function filePath(filename) {
  if (isAbsolute(filename)) return resolve(filename);
  if (!StringPrototypeStartsWith(filename, 'file:')) return undefined;
  try {
    return fileURLToPath(filename);
  } catch {
    // No file: Node cannot import in its name either.
    return undefined;
  }
}
