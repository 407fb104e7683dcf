'use strict';
// What a package gets in place of a member that it is not wholly granted, where no facade module has anything better.

const {
  ArrayPrototypePush,
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeHasOwnProperty,
  Proxy,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectGet,
  ReflectOwnKeys,
  SafeMap,
} = require('../intrinsics.js');
const { isClass } = require('./classes.js');

const SymbolHasInstance = Symbol.hasInstance;

/**
 * @typedef {object} Member
 * @property {string} name  of the builtin
 * @property {string} key
 * @property {{capability: string, word?: string}[]} checks  what is demanded
 * @property {string} attempt  the use, for people
 *
 * @typedef {{facade: object, real: object}} Receivers  a function that is called on the facade runs on the real module
 */

/**
 * @param {unknown} value
 * @param {Member} member
 * @param {import('../authority.js').Authority} authority
 * @param {Receivers} receivers
 */
function guardMember(value, member, authority, receivers) {
  if (typeof value === 'function') return guardFunction(value, member, authority, receivers);
  if (typeof value === 'object' && value !== null) return guardObject(value, member, authority);
  return permitsAll(authority, member.checks) ? value : undefined;
}

/**
 * A function, or class, that demands before it does what `real` does.
 * @param {Function} real
 * @param {Member} member
 * @param {import('../authority.js').Authority} authority
 * @param {Receivers} receivers
 */
function guardFunction(real, member, authority, receivers) {
  const { isClass, statics } = shapeOf(real);
  const { checks, attempt } = member;
  const guard = isClass ? guardClass(real, checks, attempt, authority) : guardCall(real, checks, attempt, authority, receivers);
  if (statics.length > 0) copyStatics(guard, real, statics, checks, attempt, authority);
  return guard;
}

/**
 * Demands each of `checks`.
 * @param {import('../authority.js').Authority} authority
 * @param {{capability: string, word?: string}[]} checks
 * @param {string} attempt
 */
function demandAll(authority, checks, attempt) {
  for (let at = 0; at < checks.length; at++) authority.demand(checks[at].capability, checks[at].word, attempt);
}

module.exports = { demandAll, guardFunction, guardMember };

function permitsAll(authority, checks) {
  for (let at = 0; at < checks.length; at++) if (!authority.permits(checks[at].capability, checks[at].word)) return false;
  return true;
}

/** What the guards of every package need to know about a function. */
const shapes = new SafeMap();

function shapeOf(real) {
  let shape = shapes.get(real);
  if (shape === undefined) {
    const statics = [];
    const keys = ReflectOwnKeys(real);
    for (let at = 0; at < keys.length; at++) if (OWN_TO_FUNCTIONS[keys[at]] !== true) ArrayPrototypePush(statics, keys[at]);
    shape = { __proto__: null, isClass: isClass(real), statics };
    shapes.set(real, shape);
  }
  return shape;
}

/** util.promisify.custom, static methods and the like are all but these. */
const OWN_TO_FUNCTIONS = { __proto__: null, arguments: true, caller: true, length: true, name: true, prototype: true, super_: true };

function guardCall(real, checks, attempt, authority, { facade, real: module }) {
  return named(real, (receiver, args) => {
    demandAll(authority, checks, attempt);
    return ReflectApply(real, receiver === facade ? module : receiver, args);
  });
}

/**
 * A function with the name and length of `real` that calls `run` with `this` and its arguments. Computed method names
 * and written out parameters cost a tenth of defining both properties.
 */
function named({ name, length }, run) {
  switch (length) {
    case 0:
      return { [name]() { return run(this, arguments); } }[name];
    case 1:
      return { [name](_a) { return run(this, arguments); } }[name];
    case 2:
      return { [name](_a, _b) { return run(this, arguments); } }[name];
    case 3:
      return { [name](_a, _b, _c) { return run(this, arguments); } }[name];
    case 4:
      return { [name](_a, _b, _c, _d) { return run(this, arguments); } }[name];
    default: {
      const fn = { [name](...args) { return run(this, args); } }[name];
      ReflectDefineProperty(fn, 'length', { __proto__: null, value: length, configurable: true });
      return fn;
    }
  }
}

function guardClass(real, checks, attempt, authority) {
  function guard(...args) {
    demandAll(authority, checks, attempt);
    if (new.target === undefined) return ReflectApply(real, this, args);
    return ReflectConstruct(real, args, new.target === guard ? real : new.target);
  }
  ReflectDefineProperty(guard, 'name', { __proto__: null, value: real.name, configurable: true });
  ReflectDefineProperty(guard, 'length', { __proto__: null, value: real.length, configurable: true });
  // The same prototype, so that `instanceof` means the same to everybody.
  ReflectDefineProperty(guard, 'prototype', { __proto__: null, value: real.prototype, writable: false });
  return guard;
}

/** Functions among the statics have the power of what they hang on. */
function copyStatics(guard, real, statics, checks, attempt, authority) {
  for (let at = 0; at < statics.length; at++) {
    const key = statics[at];
    const { value, get, enumerable } = ObjectGetOwnPropertyDescriptor(real, key);
    if (get !== undefined) {
      ReflectDefineProperty(guard, key, { __proto__: null, get: () => ReflectGet(real, key), enumerable, configurable: true });
      continue;
    }
    // `this` of a static is the class. `instanceof` is no use of it.
    const copy = typeof value === 'function' && key !== SymbolHasInstance
      ? (...args) => {
          demandAll(authority, checks, attempt);
          return ReflectApply(value, real, args);
        }
      : value;
    ReflectDefineProperty(guard, key, { __proto__: null, value: copy, writable: true, enumerable, configurable: true });
  }
}

/** An object whose every use is demanded: `v8.promiseHooks`, `worker_threads.locks`. */
function guardObject(real, { checks, attempt }, authority) {
  const demand = () => demandAll(authority, checks, attempt);
  return new Proxy(real, {
    __proto__: null,
    get(target, property, receiver) {
      const descriptor = ObjectGetOwnPropertyDescriptor(target, property);
      // Looking whether there is anything is no use of it: code asks for `then`, or prints it.
      if (typeof property === 'symbol' || (descriptor === undefined && !(property in target))) return undefined;
      demand();
      const value = ReflectGet(target, property, target);
      const fixed = descriptor !== undefined && !descriptor.configurable && !descriptor.writable;
      if (typeof value !== 'function' || fixed) return value;
      return function (...args) {
        return ReflectApply(value, this === receiver ? target : this, args);
      };
    },
    set(target, property, value) {
      demand();
      target[property] = value;
      return true;
    },
    defineProperty(target, property, descriptor) {
      demand();
      return ReflectDefineProperty(target, property, descriptor);
    },
    deleteProperty(target, property) {
      demand();
      return ObjectPrototypeHasOwnProperty(target, property) ? delete target[property] : true;
    },
    getOwnPropertyDescriptor(target, property) {
      demand();
      return ObjectGetOwnPropertyDescriptor(target, property);
    },
    ownKeys(target) {
      demand();
      return ReflectOwnKeys(target);
    },
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  });
}
