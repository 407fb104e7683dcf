'use strict';
// Freezes the intrinsics that this shim, Node's loader and every package share, before any package runs.
//
// Without it a verifying hook falls to two lines: Node's ES loader calls Function.prototype.bind, pushes hooks through
// Array.prototype's index setters and reads URL.prototype.href, all of which a package can replace.
//
// What it costs is decided by V8's fast paths. Frozen whole objects cost nothing, accessors neither, as long as nothing
// touches what guards those paths: `constructor` and the iterators of arrays, Symbol.species. Objects that were changed
// property by property are slow (Math.max nine times, a Date's getTime fifteen times) until V8 takes them for a
// prototype again, which `quicken` makes it do.
//
// RegExp.prototype stays open: freezing it makes split and replace six to eight times slower. SECURITY.md says so.

const {
  ArrayPrototypePush,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPreventExtensions,
  ObjectSetPrototypeOf,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectOwnKeys,
  process,
} = require('./intrinsics.js');

const TypedArray = ObjectGetPrototypeOf(Uint8Array);
const OLD_TYPED_ARRAYS = Number.parseInt(process.versions.v8) < 12;
const ERRORS = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError];

/**
 * Names that objects commonly shadow by assignment. On a frozen prototype that assignment would throw (the "override
 * mistake"), so these become accessors whose setter defines an own property on the receiver.
 */
const ASSIGNED = [
  [Object.prototype, ['constructor', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable']],
  [Function.prototype, ['name', 'toString', 'bind', 'call', 'apply', 'constructor']],
  ...ERRORS.map((Constructor) => [Constructor.prototype, ['name', 'toString']]),
  [URL.prototype, ['constructor', 'toString']],
];

/**
 * The same for prototypes that are frozen afterwards. Real code wraps an array's `push`, gives arrays a `toString` and
 * dates a `toJSON`, wraps `catch` and `then` of promises (mongoose, axios) and `get` of a WeakMap (core-js, whenever it
 * loads), replaces methods of events, and puts the buffer of browsers on top of typed arrays. `then` makes `catch` and
 * Promise.all up to half slower, and `await` not at all; the others cost nothing, measured. Each takes some ten
 * microseconds here.
 */
const METHODS = [
  [Array.prototype, [
    'toString', 'toLocaleString', 'push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'concat', 'slice', 'join', 'forEach',
    'map', 'filter', 'find', 'indexOf', 'includes',
  ]],
  [Date.prototype, ['toString', 'toLocaleString', 'toISOString', 'toJSON', 'valueOf', 'getTime', 'getTimezoneOffset']],
  // Clocks of tests derive from it.
  [Date, ['now', 'parse', 'UTC']],
  [Promise.prototype, ['then', 'catch', 'finally']],
  [WeakMap.prototype, ['get', 'has', 'set', 'delete']],
  [Event.prototype, ['stopPropagation', 'stopImmediatePropagation', 'preventDefault', 'composedPath']],
  [EventTarget.prototype, ['addEventListener', 'removeEventListener', 'dispatchEvent']],
  [AbortController.prototype, ['abort']],
  [TypedArray.prototype, ['toString', 'toLocaleString', 'set', 'slice', 'subarray', 'fill', 'indexOf', 'lastIndexOf', 'includes']],
];

/** Frozen as whole objects: constructors and prototypes that code relies on and does not extend. */
const FROZEN = [
  Array, Map, Set, WeakMap, WeakSet, Promise, String, Symbol, Boolean, BigInt, ArrayBuffer, SharedArrayBuffer, DataView, WeakRef,
  FinalizationRegistry, Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Uint8ClampedArray, Float32Array,
  Float64Array, BigInt64Array, BigUint64Array, TypedArray, URL, URLSearchParams, TextDecoder, TextEncoder,
  AbortController, AbortSignal, Event, EventTarget, Proxy,
  // Not in every Node.
  ...['Float16Array', 'DisposableStack', 'AsyncDisposableStack', 'SuppressedError'].map((name) => globalThis[name]).filter(Boolean),
  // A worker is told by a message which file to run.
  MessagePort, MessageChannel,
];

/** Only their present members become read-only: libraries such as reflect-metadata add to them. */
const LOCKED = [Object, Function, Reflect, JSON, Math, Number, Number.prototype, Date, Date.prototype, Atomics, Error];

/** Freezes the realm. Called once per realm, after the shim has captured what it needs. */
function lockdown() {
  tellPromiseMembersAsData();
  // Since V8 14 (Node 26) these two are members of the shared prototype, and closing them ends the walk up the stack of
  // sloppy functions. Before, every such function has its own, which nobody can redefine.
  for (const name of ['caller', 'arguments']) {
    if (ObjectGetOwnPropertyDescriptor(Function.prototype, name)?.configurable) {
      ObjectDefineProperty(Function.prototype, name, { __proto__: null, get: () => null, set() {}, enumerable: false, configurable: false });
    }
  }
  shareMessage();
  for (const [prototype, names] of METHODS) for (const name of names) allowShadowing(prototype, name);
  for (const [prototype, names] of ASSIGNED) {
    for (const name of names) allowShadowing(prototype, name);
    // `constructor` of errors stays a writable value: as an accessor it would make util.inspect of Node 20 show `{}`,
    // read-only it would break `Old.prototype.constructor = Old`, and nothing that decides anything reads it.
    lock(prototype, isErrorPrototype(prototype) ? 'constructor' : undefined);
    ObjectPreventExtensions(prototype);
  }
  for (const target of FROZEN) {
    ObjectFreeze(target);
    if (target.prototype !== undefined) freezePrototype(target);
  }
  // To lock its members one by one would touch Symbol.species, and make split and replace ten times slower.
  ObjectFreeze(RegExp);
  for (const Constructor of ERRORS) if (Constructor !== Error) ObjectFreeze(Constructor);
  for (const target of LOCKED) {
    if (typeof target === 'function') for (const name of ['call', 'apply', 'bind']) own(target, name);
    lock(target);
    // These can be added to, but nobody decides what `instanceof` says. (Reflect's says no where `Function` is frozen by now.)
    if (typeof target === 'function') ReflectDefineProperty(target, Symbol.hasInstance, { __proto__: null, value: Function.prototype[Symbol.hasInstance] });
  }
  if (globalThis.Iterator !== undefined) lock(Iterator);
  if (globalThis.Temporal !== undefined) freezeTemporal(globalThis.Temporal);
  // Generators compiled to ES5 assign it on objects made from this prototype (tslib, TypeScript, regenerator). As an
  // accessor it would make spreading a Map's or Set's iterator seven times slower, so it stays a writable value.
  const iterators = ObjectGetPrototypeOf(ObjectGetPrototypeOf([][Symbol.iterator]()));
  for (const prototype of hiddenPrototypes()) if (prototype !== iterators) ObjectFreeze(prototype);
  lock(iterators, Symbol.iterator);
  ObjectPreventExtensions(iterators);
  quicken([...LOCKED, ...METHODS.map(([prototype]) => prototype), iterators]);
}

/**
 * execa copies `then`, `catch` and `finally` to its child processes by their descriptors, and takes `value` from them. It
 * asks with Reflect, as good as nobody else does; the answer is what it would be without the accessors.
 */
function tellPromiseMembersAsData() {
  const { getOwnPropertyDescriptor } = Reflect;
  const members = { __proto__: null };
  for (const key of ['then', 'catch', 'finally']) members[key] = Promise.prototype[key];
  const { prototype } = Promise;
  const told = {
    getOwnPropertyDescriptor(target, key) {
      if (target === prototype && typeof key === 'string' && members[key] !== undefined) {
        return { value: members[key], writable: true, enumerable: false, configurable: true };
      }
      return getOwnPropertyDescriptor(target, key);
    },
  }.getOwnPropertyDescriptor;
  ObjectDefineProperty(Reflect, 'getOwnPropertyDescriptor', { __proto__: null, value: ObjectFreeze(told), writable: false, enumerable: false, configurable: false });
}

module.exports = { lockdown };

/** Since V8 14.4: an object of classes. */
function freezeTemporal(temporal) {
  for (const key of ReflectOwnKeys(temporal)) {
    const member = temporal[key];
    if (typeof member === 'function') ObjectFreeze(member.prototype);
    if (typeof member !== 'string') ObjectFreeze(member);
  }
  ObjectFreeze(temporal);
}

/**
 * Gives a function that can be added to what it inherits as a member of its own. Classes in the style of ES5 call
 * `Error.call(this, message)`, and whoever put another `call` on Error, or under it, would see the errors of everybody.
 */
function own(target, name) {
  ReflectDefineProperty(target, name, { __proto__: null, value: Function.prototype[name], writable: true, enumerable: false, configurable: true });
  allowShadowing(target, name);
}

function isErrorPrototype(prototype) {
  return ERRORS.some((Constructor) => Constructor.prototype === prototype);
}

/**
 * Moves the `message` of errors that have none to an object between Error.prototype and Object.prototype. @hapi/boom
 * refuses an error whose class has it as an accessor of its own, and answers 500 for every page that is not there.
 */
function shareMessage() {
  const shared = ObjectCreate(Object.prototype, { message: ObjectGetOwnPropertyDescriptor(Error.prototype, 'message') });
  for (const { prototype } of ERRORS) if (ObjectGetOwnPropertyDescriptor(prototype, 'message')?.value === '') ReflectDeleteProperty(prototype, 'message');
  allowShadowing(shared, 'message');
  ObjectFreeze(shared);
  ObjectSetPrototypeOf(Error.prototype, shared);
}

/** Before V8 12 every write of an element of a typed array would take forty times as long with a frozen prototype. */
function freezePrototype({ prototype }) {
  if (!OLD_TYPED_ARRAYS || (prototype !== TypedArray.prototype && ObjectGetPrototypeOf(prototype) !== TypedArray.prototype)) {
    ObjectFreeze(prototype);
    return;
  }
  lock(prototype);
  ObjectPreventExtensions(prototype);
  quicken([prototype]);
}

/** See the head of this file. V8 does it for what an object that is read often inherits from. */
function quicken(targets) {
  const heirs = [];
  for (let at = 0; at < targets.length; at++) ArrayPrototypePush(heirs, ObjectCreate(targets[at]));
  for (let round = 0; round < 16; round++) for (let at = 0; at < heirs.length; at++) readMissing(heirs[at]);
}

function readMissing(object) {
  return object.loadlock;
}

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
  // By this get-intrinsic, and whoever asks it for `Array.prototype.push`, knows that the value is meant, not the accessor.
  ObjectDefineProperty(get, 'originalValue', { __proto__: null, value });
  const accessor = { __proto__: null, get: ObjectFreeze(get), set: ObjectFreeze(set), enumerable: descriptor.enumerable, configurable: false };
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
  const iterators = [[][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''[Symbol.iterator](), ''.matchAll(/x/g)];
  // Since V8 12 iterators have methods, whose results are of two more classes.
  if (globalThis.Iterator !== undefined) iterators.push([].values().map(() => {}), Iterator.from({ next() {} }));
  const found = [Array.prototype[Symbol.unscopables]];
  for (const iterator of iterators) found.push(ObjectGetPrototypeOf(iterator));
  const generator = function* () {}, asyncFunction = async function () {}, asyncGenerator = async function* () {};
  for (const fn of [generator, asyncFunction, asyncGenerator]) {
    const prototype = ObjectGetPrototypeOf(fn);
    found.push(prototype);
    if (prototype.prototype !== undefined) found.push(prototype.prototype, ObjectGetPrototypeOf(prototype.prototype));
  }
  return found;
}
