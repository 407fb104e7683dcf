'use strict';
// Freezes the intrinsics that this shim, Node's loader and every package share, before any package runs.
//
// Without it a verifying hook falls to two lines: Node's ES loader calls Function.prototype.bind, pushes hooks through
// Array.prototype's index setters and reads URL.prototype.href, all of which a package can replace. Frozen whole
// objects cost nothing; making single properties read-only or turning them into accessors costs V8's fast paths (up to
// 20 times on Array and RegExp), so only the few names below get accessors.
//
// RegExp.prototype stays open: freezing it makes split and replace six to eight times slower. SECURITY.md says so.

const {
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPreventExtensions,
  ReflectOwnKeys,
} = require('./intrinsics.js');

/**
 * Names that objects commonly shadow by assignment. On a frozen prototype that assignment would throw (the "override
 * mistake"), so these become accessors whose setter defines an own property on the receiver. Not so for collections,
 * arrays and promises: accessors make `map.get` three times slower, measured.
 */
const ASSIGNED = [
  [Object.prototype, ['constructor', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable']],
  [Function.prototype, ['name', 'toString', 'bind', 'call', 'apply', 'constructor']],
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map((Constructor) => [
    Constructor.prototype,
    ['name', 'message', 'toString'],
  ]),
  [URL.prototype, ['constructor', 'toString']],
];

/** Frozen as whole objects: constructors and prototypes that code relies on and does not extend. */
const FROZEN = [
  Array, Map, Set, Promise, String, Symbol, Boolean, BigInt, ArrayBuffer, SharedArrayBuffer, WeakRef, FinalizationRegistry,
  Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Uint8ClampedArray, Float32Array, Float64Array,
  BigInt64Array, BigUint64Array, ObjectGetPrototypeOf(Uint8Array), URL, URLSearchParams, TextDecoder, TextEncoder,
  AbortController, AbortSignal, Event, EventTarget, Proxy,
  // A worker is told by a message which file to run.
  MessagePort, MessageChannel,
];

/** Only their present members become read-only: libraries such as reflect-metadata add to them. */
const LOCKED = [Object, Function, Reflect, JSON, Math, Number, Date, WeakMap, WeakSet, DataView, Atomics, Error, RegExp];

/** Freezes the realm. Called once per realm, after the shim has captured what it needs. */
function lockdown() {
  for (const [prototype, names] of ASSIGNED) {
    for (const name of names) allowShadowing(prototype, name);
    // `constructor` of errors stays a writable value: as an accessor it would make util.inspect of Node 20 show `{}`,
    // read-only it would break `Old.prototype.constructor = Old`, and nothing that decides anything reads it.
    lock(prototype, Object.hasOwn(prototype, 'message') ? 'constructor' : undefined);
    ObjectPreventExtensions(prototype);
  }
  for (const target of FROZEN) {
    ObjectFreeze(target);
    if (target.prototype !== undefined) ObjectFreeze(target.prototype);
  }
  for (const target of LOCKED) lock(target);
  for (const target of [Number.prototype, Date.prototype, WeakMap.prototype, WeakSet.prototype, DataView.prototype]) lock(target);
  // Generators compiled to ES5 assign it on objects made from this prototype (tslib, TypeScript, regenerator). As an
  // accessor it would make spreading a Map's or Set's iterator seven times slower, so it stays a writable value.
  const iterators = ObjectGetPrototypeOf(ObjectGetPrototypeOf([][Symbol.iterator]()));
  for (const prototype of hiddenPrototypes()) if (prototype !== iterators) ObjectFreeze(prototype);
  lock(iterators, Symbol.iterator);
  ObjectPreventExtensions(iterators);
}

module.exports = { lockdown };

function allowShadowing(prototype, name) {
  const descriptor = ObjectGetOwnPropertyDescriptor(prototype, name);
  if (descriptor === undefined || !descriptor.configurable || !('value' in descriptor)) return;
  const { value } = descriptor;
  // Shorthand methods have no `prototype` and cannot be constructed, like the functions they stand before.
  const { get, set } = {
    get() {
      return value;
    },
    set(replacement) {
      // core-js assigns Function.prototype.toString whenever it loads. It may try: nothing changes, and it goes on.
      if (this === prototype) return;
      ObjectDefineProperty(this, name, { __proto__: null, value: replacement, writable: true, enumerable: true, configurable: true });
    },
  };
  const accessor = { __proto__: null, get, set, enumerable: descriptor.enumerable, configurable: false };
  ObjectDefineProperty(prototype, name, accessor);
}

function lock(target, except) {
  for (const key of ReflectOwnKeys(target)) {
    if (key === except) continue;
    // Error.prepareStackTrace and stackTraceLimit are meant to be set; their defaults are absent or writable numbers.
    if (key === 'stackTraceLimit' || key === 'prepareStackTrace') continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(target, key);
    if (!descriptor.configurable) continue;
    const locked = { __proto__: null, configurable: false };
    if ('value' in descriptor) locked.writable = false;
    ObjectDefineProperty(target, key, locked);
  }
}

/** Prototypes that have no global name. */
function hiddenPrototypes() {
  const iterators = [[][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''[Symbol.iterator]()];
  const found = [];
  for (const iterator of iterators) found.push(ObjectGetPrototypeOf(iterator));
  const generator = function* () {}, asyncFunction = async function () {}, asyncGenerator = async function* () {};
  for (const fn of [generator, asyncFunction, asyncGenerator]) {
    const prototype = ObjectGetPrototypeOf(fn);
    found.push(prototype);
    if (prototype.prototype !== undefined) found.push(prototype.prototype, ObjectGetPrototypeOf(prototype.prototype));
  }
  return found;
}
