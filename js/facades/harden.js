'use strict';
// Builtins are shared objects: what one package writes on them, every other package and Node itself runs. Here they are
// made such that nobody can, while what people do to objects of their own goes on working: deriving in any style, and
// assigning a method to an instance.
//
// Frozen objects cost nothing. On prototypes, where an assignment to an instance would fail because the prototype's
// property is read-only (the "override mistake"), methods become accessors whose setter defines the property on the
// instance. Data that Node's constructors assign (`_events`, `statusCode`) stays as it is: there, an accessor is slow.

const EventEmitter = require('events');
const {
  ArrayIsArray,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPreventExtensions,
  ObjectSeal,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectOwnKeys,
  SymbolDescription,
  SymbolFor,
  uncurryThis,
} = require('../intrinsics.js');
const { LoadlockError } = require('../errors.js');
const { isClass, severConstructor } = require('./classes.js');

const done = new WeakSet();
const PromisePrototypeThen = uncurryThis(Promise.prototype.then);
const isDone = uncurryThis(WeakSet.prototype.has);
const markDone = uncurryThis(WeakSet.prototype.add);

/** The language's own, and the classes that js/lockdown.js takes care of. */
for (const Shared of [
  Object, Function, Array, Error, TypeError, RangeError, SyntaxError, Promise, Map, Set, WeakMap, WeakSet, RegExp, Date, String, Number, Symbol,
  ArrayBuffer, SharedArrayBuffer, DataView, Uint8Array, ObjectGetPrototypeOf(Uint8Array), URL, URLSearchParams, TextDecoder, TextEncoder,
  AbortController, AbortSignal, Event, EventTarget, MessagePort, MessageChannel,
]) {
  markDone(done, Shared);
  markDone(done, Shared.prototype);
}
for (const value of [
  async () => {}, function* () {}, async function* () {}, [][Symbol.iterator](), (function* () {})(), (async function* () {})(),
]) {
  for (let at = ObjectGetPrototypeOf(value); at !== null; at = ObjectGetPrototypeOf(at)) markDone(done, at);
}

/** Members that belong to the application, or whose state is theirs to change; only their class is shared. */
const LEFT_ALONE = {
  __proto__: null,
  'cluster.settings': true,
  'cluster.worker': true,
  'cluster.workers': true,
  'perf_hooks.performance': true,
  'worker_threads.parentPort': true,
  'worker_threads.workerData': true,
};

/** Facades of their own, made elsewhere, and state that Node itself writes. */
const OTHERS = { __proto__: null, module: true, process: true };

/** Modules whose exports are live objects with state: an emitter, the console of everybody. Their members are hardened. */
const LIVE = { __proto__: null, cluster: true, console: true };

/** Objects of a class, without properties of their own, that everybody has. */
const SHARED_INSTANCES = { __proto__: null, 'crypto.subtle': true, 'crypto.webcrypto': true, 'timers/promises.scheduler': true };

/** Nothing to harden in these. */
const OF_EVERY_FUNCTION = { __proto__: null, arguments: true, caller: true, length: true, name: true, prototype: true };

/** Defaults of instances that they take from their prototype until somebody assigns another. */
const DEFAULTS = { __proto__: null, _writev: true, isStreamBase: true, isTTY: true, nodeTiming: true };

/**
 * Every emitter gets its own from the constructor. On a prototype they only fix the shape, and what somebody wrote there would
 * be everybody's.
 */
const OWN_TO_EMITTERS = ['_events', '_eventsCount', '_maxListeners'];

const PROMISIFIED = SymbolFor('nodejs.util.promisify.custom');

let open = false;

/** For a policy that lets somebody patch builtins (`patch: true`): nothing is hardened from here on. */
function leaveOpen() {
  open = true;
}

/**
 * Hardens what a builtin exports.
 * @param {string} name  without `node:`
 * @param {object | Function} real
 * @param {string[]} visible  members that somebody may use
 * @param {string[]} powerful  members that not everybody may use: their instances must not lead to their constructors
 */
function hardenModule(name, real, visible, powerful) {
  if (open || OTHERS[name] === true) return;
  for (let at = 0; at < visible.length; at++) {
    const key = visible[at];
    if (LEFT_ALONE[`${name}.${key}`] === true) continue;
    const { value } = ObjectGetOwnPropertyDescriptor(real, key);
    hardenMember(name, key, value);
  }
  for (let at = 0; at < powerful.length; at++) {
    const { value } = ObjectGetOwnPropertyDescriptor(real, powerful[at]);
    if (typeof value === 'function' && isClass(value)) severConstructor(value);
  }
  // What only some may use stays an ordinary object: facades are made from it, and nobody else gets it.
  if (typeof real === 'function' || (powerful.length === 0 && LIVE[name] !== true)) harden(real);
}

/**
 * Hardens the value of one member, which an accessor may have given.
 * @param {string} name  of the builtin, without `node:`
 * @param {string} key
 * @param {unknown} value
 */
function hardenMember(name, key, value) {
  harden(value);
  if (open || value === undefined || SHARED_INSTANCES[`${name}.${key}`] !== true) return;
  ObjectFreeze(value);
  if (key === 'webcrypto') hardenMember('crypto', 'subtle', value.subtle);
  if (key === 'subtle') hardenKeys(value);
}

/** The class of its keys has no name. It is known before anybody else gets a key: promises keep their order. */
function hardenKeys(subtle) {
  const algorithm = { __proto__: null, name: 'HMAC', hash: 'SHA-256' };
  PromisePrototypeThen(subtle.importKey('raw', Buffer.from('0123456789abcdef'), algorithm, false, ['sign']), hardenInstance, () => {});
}

/** What everybody reaches without loading anything. Called once at the start. */
function hardenShared() {
  if (open) return;
  harden(EventEmitter);
  harden(Buffer);
  harden(LoadlockError);
  ObjectFreeze(LoadlockError.prototype);
  // js/lockdown.js takes care of ports; their methods are on the class above.
  harden(ObjectGetPrototypeOf(MessagePort));
  hardenPrototypes(ObjectGetPrototypeOf(MessagePort.prototype));
}

/**
 * Makes a function, a plain object or an array, and what they lead to, unchangeable.
 * @param {unknown} value
 */
function harden(value) {
  if (open || value === null || (typeof value !== 'function' && typeof value !== 'object') || isDone(done, value)) return;
  if (typeof value === 'function') hardenFunction(value);
  else if (ArrayIsArray(value) || isPlain(value)) hardenPlain(value);
  else hardenPrototypes(ObjectGetPrototypeOf(value));
}

/**
 * Hardens the prototypes of an object, and of the objects that it is made of. The object itself is somebody's.
 * @param {object} instance
 * @param {boolean} [isPrototype]  whether it is a prototype itself
 */
function hardenInstance(instance, isPrototype = false) {
  if (open || instance === null || typeof instance !== 'object') return;
  hardenPrototypes(isPrototype ? instance : ObjectGetPrototypeOf(instance));
  if (isPrototype) return;
  const keys = ReflectOwnKeys(instance);
  for (let at = 0; at < keys.length; at++) {
    if (isStore(keys[at])) continue;
    const { value } = ObjectGetOwnPropertyDescriptor(instance, keys[at]);
    if (value !== null && typeof value === 'object') hardenPrototypes(ObjectGetPrototypeOf(value));
  }
}

/**
 * Whether a property holds what a package gave to AsyncLocalStorage#run: before Node 24 every promise and handle that is
 * made inside has it, those that are made to be hardened as well (lib/async_hooks.js, `kResourceStore`).
 */
function isStore(key) {
  return typeof key === 'symbol' && SymbolDescription(key) === 'kResourceStore';
}

module.exports = { harden, hardenInstance, hardenMember, hardenModule, hardenShared, isOpen: () => open, isStore, leaveOpen };

function isPlain(object) {
  const prototype = ObjectGetPrototypeOf(object);
  return prototype === null || prototype === Object.prototype;
}

function hardenPlain(object) {
  markDone(done, object);
  // Frozen already, and therefore harmless: a copy that V8 made.
  hardenOwn(object);
  // Typed arrays with elements cannot be frozen; they are not plain.
  ObjectFreeze(object);
}

function hardenFunction(fn) {
  markDone(done, fn);
  const isPlainFunction = !isClass(fn);
  if (!isPlainFunction) hardenPrototypes(fn.prototype);
  hardenOwn(fn);
  const parent = ObjectGetPrototypeOf(fn);
  if (parent !== null) harden(parent);
  if (isPlainFunction) {
    ObjectFreeze(fn);
    return;
  }
  if (fn === Buffer) {
    // Node sizes the pool by it. Without the pool no package could see another's small buffers through `buffer`, and a
    // server would answer a fifth fewer requests: measured, and stated in SECURITY.md.
    lockExcept(fn);
    return;
  }
  // Classes that derive from it inherit these, and may assign their own.
  const keys = ObjectKeys(fn);
  for (let at = 0; at < keys.length; at++) if (typeof ObjectGetOwnPropertyDescriptor(fn, keys[at]).value === 'function') allowShadowing(fn, keys[at]);
  // Node's `domain` sets it when it is loaded.
  if (ObjectGetOwnPropertyDescriptor(fn, 'usingDomains') !== undefined) lockExcept(fn, 'usingDomains');
  else ObjectFreeze(fn);
}

/** Members, and what lazy accessors will give. */
function hardenOwn(target) {
  const keys = ReflectOwnKeys(target);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (typeof target === 'function' && OF_EVERY_FUNCTION[key] === true) continue;
    let descriptor = ObjectGetOwnPropertyDescriptor(target, key);
    if (descriptor.get !== undefined && descriptor.set !== undefined && descriptor.configurable) {
      // Node's lazy properties put their value in their own place when they are first read, which has to happen now.
      ReflectApply(descriptor.get, target, []);
      descriptor = ObjectGetOwnPropertyDescriptor(target, key);
    }
    if ('value' in descriptor) {
      // util.promisify defines a property on the function that it finds there.
      if (key !== PROMISIFIED) harden(descriptor.value);
    } else if (descriptor.get !== undefined && descriptor.configurable) {
      hardenAccessor(target, key, descriptor);
    }
  }
}

/** What it will give is loaded when it is read, and is hardened then. */
function hardenAccessor(target, key, { get, set, enumerable }) {
  const hardened = ObjectFreeze(function () {
    const value = ReflectApply(get, this, []);
    harden(value);
    return value;
  });
  if (set !== undefined) ObjectFreeze(set);
  ReflectDefineProperty(target, key, { __proto__: null, get: hardened, set, enumerable, configurable: false });
}

/** A prototype and those that it inherits from. */
function hardenPrototypes(prototype) {
  for (let at = prototype; at !== null && !isDone(done, at); at = ObjectGetPrototypeOf(at)) {
    markDone(done, at);
    hardenPrototype(at);
  }
}

function hardenPrototype(prototype) {
  if (prototype === Buffer.prototype) {
    // Every method, because mysql2 makes a buffer in whose place of each it puts one that does nothing. `constructor` too:
    // methods that typed arrays inherit make their result with it.
    const methods = ReflectOwnKeys(prototype);
    for (let at = 0; at < methods.length; at++) allowShadowing(prototype, methods[at], methods[at] !== 'constructor');
    return lockExcept(prototype);
  }
  if (ObjectGetOwnPropertyDescriptor(prototype, '_eventsCount') !== undefined) {
    for (let at = 0; at < OWN_TO_EMITTERS.length; at++) ReflectDeleteProperty(prototype, OWN_TO_EMITTERS[at]);
  }
  const keys = ReflectOwnKeys(prototype);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    const descriptor = ObjectGetOwnPropertyDescriptor(prototype, key);
    if (!descriptor.configurable) continue;
    // Of stream handles on Node 20: to define anything about it is to set it, which there ends the process.
    if (key === 'onread' && 'value' in descriptor) continue;
    // Nothing that decides anything reads `constructor`, and as an accessor it would change what util.inspect shows.
    if (key === 'constructor') harden(descriptor.value);
    if (key !== 'constructor' && (typeof descriptor.value === 'function' || (DEFAULTS[key] === true && 'value' in descriptor))) allowShadowing(prototype, key);
    else ReflectDefineProperty(prototype, key, { __proto__: null, configurable: key === 'constructor' });
  }
  // Of native streams on Node 20. To define it anew is to assign to it, which ends the process here.
  if (ObjectGetOwnPropertyDescriptor(prototype, 'onread')?.configurable) ObjectSeal(prototype);
  ObjectPreventExtensions(prototype);
}

/** As in js/lockdown.js: reading gives the value, assigning defines a property on the object that was assigned to. */
function allowShadowing(target, key, deep = true) {
  const descriptor = ObjectGetOwnPropertyDescriptor(target, key);
  if (descriptor === undefined || !descriptor.configurable || !('value' in descriptor)) return;
  const { value, enumerable } = descriptor;
  if (deep) harden(value);
  const { get, set } = {
    get() {
      return value;
    },
    set(replacement) {
      // A package may try to patch everybody's class: nothing changes, and it goes on.
      if (this === target) return;
      ReflectDefineProperty(this, key, { __proto__: null, value: replacement, writable: true, enumerable: true, configurable: true });
    },
  };
  ReflectDefineProperty(target, key, { __proto__: null, get: ObjectFreeze(get), set: ObjectFreeze(set), enumerable, configurable: false });
}

function lockExcept(target, except) {
  const keys = ReflectOwnKeys(target);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (key === except) continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(target, key);
    if (!descriptor.configurable && !descriptor.writable) continue;
    const locked = { __proto__: null, configurable: false };
    if ('value' in descriptor) {
      locked.writable = false;
      harden(descriptor.value);
    }
    ReflectDefineProperty(target, key, locked);
  }
  ObjectPreventExtensions(target);
}
