'use strict';
// `globalThis` as one package sees it. Powerful names show what the package is granted; every other name is read from
// the real global object. Writes:
//
//   a name that Node does not define      to the real object: packages meet there (Symbol.for keys, `__core-js_shared__`)
//   a name that the package does not have stays with the package: a polyfill
//   any other name                        stays with the package and is recorded; one with powers is refused. With a grant
//                                         in `globals` it changes for everybody
//
// Nobody changes what another package gets under a name that Node defines, unless the policy says so.

const {
  ArrayPrototypePush,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPrototypeHasOwnProperty,
  Proxy,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectOwnKeys,
  ReflectSet,
  SafeSet,
  String,
  StringPrototypeStartsWith,
  SymbolKeyFor,
} = require('./intrinsics.js');

const realGlobal = globalThis;

/**
 * @param {object} parts
 * @param {import('./authority.js').Authority} parts.authority
 * @param {(name: string) => boolean} parts.isPowerful  whether a name has a value of its own for each package
 * @param {(name: string) => boolean} parts.isSensitive  whether replacing it is an attack, not a polyfill
 * @param {(name: string) => boolean} parts.isVisible  whether the package has that value
 * @param {(name: string) => unknown} parts.valueOf  that value
 * @param {string[]} parts.powerful  all such names
 * @param {(key: string | symbol) => boolean} parts.isKnown  whether Node defines the name
 * @param {(name: string, value: unknown) => boolean} parts.change  changes a name for everybody, if that is possible
 * @param {() => boolean} parts.isOpen  whether this is the time of the policy's patches, which change what they like
 * @returns {{proxy: typeof globalThis, overlay: object}}
 */
function createGlobalView({ authority, isPowerful, isSensitive, isVisible, valueOf, powerful, isKnown, change, isOpen }) {
  /** The package's own values; the target of the proxy too, so that what it says about them is consistent. */
  const overlay = {};
  const removed = new SafeSet();

  function isOwn(key) {
    return ObjectPrototypeHasOwnProperty(overlay, key);
  }

  function read(key) {
    if (isOwn(key)) return ReflectGet(overlay, key, overlay);
    if (removed.has(key) || isPrivate(key)) return undefined;
    if (isPowerful(key)) return isVisible(key) ? valueOf(key) : undefined;
    return ReflectGet(realGlobal, key, realGlobal);
  }

  function has(key) {
    if (isOwn(key)) return true;
    if (removed.has(key) || isPrivate(key)) return false;
    return isPowerful(key) ? isVisible(key) : key in realGlobal;
  }

  function keep(key, descriptor) {
    removed.delete(key);
    return ReflectDefineProperty(overlay, key, descriptor);
  }

  /** Where a write of `value` under `key` goes; throws for an attack on what others use. */
  function placeOf(key, value, isAccessor) {
    if (isPrivate(key)) return 'overlay';
    if (!isKnown(key)) return isOwn(key) ? 'overlay' : 'global';
    if (isOwn(key)) return 'overlay';
    if (isOpen()) return !isAccessor && typeof key === 'string' && change(key, value) ? 'nowhere' : 'global';
    const current = read(key);
    if (current === value) return 'nowhere';
    if (current === undefined) return 'overlay';
    const name = String(key), attempt = `globalThis.${name} = …`;
    if (authority.permits('globals', name)) return !isAccessor && change(key, value) ? 'nowhere' : 'overlay';
    if (isSensitive(key)) authority.demand('globals', name, attempt);
    else authority.note('globals', name, attempt);
    return authority.lenient && !isAccessor && change(key, value) ? 'nowhere' : 'overlay';
  }

  const proxy = new Proxy(overlay, {
    __proto__: null,
    get: (_, key) => read(key),
    has: (_, key) => has(key),
    set(_, key, value) {
      switch (placeOf(key, value, false)) {
        case 'global':
          return ReflectSet(realGlobal, key, value, realGlobal);
        case 'overlay':
          if (isOwn(key)) return ReflectSet(overlay, key, value, overlay);
          return keep(key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
        default:
          return true;
      }
    },
    defineProperty(_, key, descriptor) {
      const isAccessor = 'get' in descriptor || 'set' in descriptor;
      // An accessor is the same as nothing that is there.
      switch (placeOf(key, isAccessor ? descriptor : descriptor.value, isAccessor)) {
        case 'global':
          if (!ReflectDefineProperty(realGlobal, key, descriptor)) return false;
          // What cannot be changed any more has to be on the target, or the proxy would contradict itself.
          return descriptor.configurable === false ? ReflectDefineProperty(overlay, key, ObjectGetOwnPropertyDescriptor(realGlobal, key)) : true;
        case 'overlay':
          return keep(key, descriptor);
        default:
          return descriptor.configurable === false ? keep(key, descriptor) : true;
      }
    },
    deleteProperty(_, key) {
      if (isOwn(key)) {
        const deleted = ReflectDeleteProperty(overlay, key);
        if (deleted && isKnown(key)) removed.add(key);
        return deleted;
      }
      if (!isKnown(key)) return ReflectDeleteProperty(realGlobal, key);
      removed.add(key);
      return true;
    },
    ownKeys() {
      const keys = ReflectOwnKeys(overlay);
      const all = ReflectOwnKeys(realGlobal);
      for (let at = 0; at < all.length; at++) {
        const key = all[at];
        if (!isOwn(key) && !removed.has(key) && !isPrivate(key) && !isPowerful(key)) ArrayPrototypePush(keys, key);
      }
      for (let at = 0; at < powerful.length; at++) {
        const key = powerful[at];
        if (!isOwn(key) && !removed.has(key) && isPowerful(key) && isVisible(key)) ArrayPrototypePush(keys, key);
      }
      return keys;
    },
    getOwnPropertyDescriptor(_, key) {
      if (isOwn(key)) return ObjectGetOwnPropertyDescriptor(overlay, key);
      if (removed.has(key) || isPrivate(key)) return undefined;
      if (isPowerful(key)) {
        if (!isVisible(key)) return undefined;
        return { __proto__: null, value: valueOf(key), writable: true, enumerable: false, configurable: true };
      }
      const descriptor = ObjectGetOwnPropertyDescriptor(realGlobal, key);
      if (descriptor === undefined) return undefined;
      // How it looks is the package's own to change, whatever the real object allows.
      descriptor.configurable = true;
      if ('value' in descriptor) return { ...descriptor, __proto__: null, writable: true };
      const { get } = descriptor;
      return { ...descriptor, __proto__: null, get: get && (() => ReflectApply(get, realGlobal, [])) };
    },
    getPrototypeOf: () => ObjectGetPrototypeOf(realGlobal),
    setPrototypeOf: (_, prototype) => prototype === ObjectGetPrototypeOf(realGlobal),
    preventExtensions: () => false,
  });
  return { __proto__: null, proxy, overlay };
}

module.exports = { createGlobalView };

/** Where the undici of the registry and Node's own meet: a live agent, which connects to anywhere. */
function isPrivate(key) {
  if (typeof key !== 'symbol') return false;
  const name = SymbolKeyFor(key);
  return name !== undefined && StringPrototypeStartsWith(name, 'undici.');
}
