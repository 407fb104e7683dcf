'use strict';
// `process.env` as one package sees it. A variable that the package is not granted looks unset; reading it is recorded,
// once for each name. What the package writes under such a name stays with the package.

const {
  ArrayPrototypePush,
  Object,
  ObjectDefineProperty,
  ObjectPrototypeHasOwnProperty,
  Proxy,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectOwnKeys,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  String,
  StringPrototypeToUpperCase,
  TypeError,
  process,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const onWindows = process.platform === 'win32';

/**
 * What `process.env` is for everybody: the environment, or the object that a package with the whole grant put in its
 * place. Views are made of it when they are asked for, so a replacement reaches packages that hold no view yet.
 */
let current = process.env;

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Read by code that inspects any object (JSON, promises, util.inspect, assertion libraries): no question about a variable. */
const PROBES = new SafeSet(['toJSON', 'then', 'inspect', 'length', 'nodeType', 'asymmetricMatch', '__esModule']);

/**
 * @param {import('../authority.js').Authority} authority
 * @returns {{get: () => object, set: (value: object) => void}}  the accessor behind the `env` of the package
 */
function createEnvironment(authority) {
  /** A package that may not change the environment replaces only its own view. */
  let own;
  const views = new SafeWeakMap(), stores = new SafeWeakMap();

  function get() {
    if (own !== undefined) return own;
    if (authority.whole('env')) return current;
    let view = views.get(current);
    if (view === undefined) {
      view = createView(authority, current);
      views.set(current, view);
      stores.set(view, current);
    }
    return view;
  }

  function set(value) {
    if (value === null || typeof value !== 'object') return;
    // Tests put back what they read before.
    const store = stores.get(value) ?? value;
    own = undefined;
    if (authority.whole('env') || authority.lenient) {
      current = store;
      process.env = store;
    } else if (store !== current) {
      own = value;
    }
  }

  return { __proto__: null, get, set };
}

module.exports = { createEnvironment };

/** A view of `store` that shows the granted names, and those that the package wrote for itself. */
function createView(authority, store) {
  const local = { __proto__: null };
  const granted = new SafeMap(), noted = new SafeSet();

  function isGranted(name) {
    let known = granted.get(name);
    if (known === undefined) {
      known = authority.permits('env', name);
      granted.set(name, known);
    }
    return known;
  }

  /** Whether the real variable may be used; if not, that is recorded. */
  function claim(name, attempt) {
    if (isGranted(name)) return true;
    if (!noted.has(name)) {
      noted.add(name);
      authority.note('env', name, attempt);
    }
    return authority.lenient;
  }

  function isVisible(name) {
    return isGranted(name) || authority.lenient;
  }

  /** A string, or undefined: what a prototype of the environment says is no variable. */
  function read(name) {
    const value = store[name];
    return typeof value === 'string' ? value : undefined;
  }

  function lookUp(name) {
    const key = normal(name);
    if (key in local) return local[key];
    if (ObjectPrototypeHasOwnProperty(Object.prototype, name) || PROBES.has(name)) return isVisible(key) && ObjectPrototypeHasOwnProperty(store, name) ? read(name) : undefined;
    return claim(key, `process.env.${name}`) ? read(name) : undefined;
  }

  function write(name, value) {
    const key = normal(name);
    if (claim(key, `process.env.${name} = …`)) {
      delete local[key];
      store[name] = value;
    } else {
      local[key] = value;
    }
  }

  const handler = {
    __proto__: null,
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      return lookUp(name) ?? ReflectGet(Object.prototype, name, target);
    },
    has(_, name) {
      return typeof name === 'string' && (lookUp(name) !== undefined || name in Object.prototype);
    },
    set(_, name, value) {
      if (typeof name === 'symbol' || typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
      write(name, String(value));
      return true;
    },
    deleteProperty(_, name) {
      if (typeof name === 'symbol') return true;
      const key = normal(name);
      delete local[key];
      return !isVisible(key) || ReflectDeleteProperty(store, name);
    },
    ownKeys() {
      const names = new SafeSet(), list = [];
      const all = ReflectOwnKeys(store);
      for (let at = 0; at < all.length; at++) {
        if (typeof all[at] === 'string' && isVisible(normal(all[at]))) append(all[at]);
      }
      const written = ReflectOwnKeys(local);
      for (let at = 0; at < written.length; at++) append(written[at]);
      return list;

      function append(name) {
        if (names.has(normal(name))) return;
        names.add(normal(name));
        ArrayPrototypePush(list, name);
      }
    },
    getOwnPropertyDescriptor(_, name) {
      const value = typeof name === 'symbol' ? undefined : lookUp(name);
      if (value === undefined) return undefined;
      return { __proto__: null, value, writable: true, enumerable: true, configurable: true };
    },
    defineProperty(_, name, descriptor) {
      if ('get' in descriptor || 'set' in descriptor) throw invalidDefinition("does not accept an accessor(getter/setter) descriptor");
      if (!descriptor.configurable || !descriptor.writable || !descriptor.enumerable) {
        throw invalidDefinition('only accepts a configurable, writable, and enumerable data descriptor');
      }
      return handler.set(_, name, descriptor.value);
    },
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  };
  const target = {};
  // util.inspect looks through a proxy at its target.
  ObjectDefineProperty(target, INSPECT, { __proto__: null, value: () => ({ ...view }), configurable: true });
  const view = new Proxy(target, handler);
  return view;
}

/** Windows does not tell `Path` from `PATH`. */
function normal(name) {
  return onWindows ? StringPrototypeToUpperCase(name) : name;
}

function invalidDefinition(what) {
  return nodeError(TypeError, 'ERR_INVALID_OBJECT_DEFINE_PROPERTY', `'process.env' ${what}`);
}
