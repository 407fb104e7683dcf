'use strict';
// Takes the powerful things off the real global object, which every sloppy function reaches as `this`. By an allow-list:
// what the builtin table does not know is gone. What stays cannot be replaced, so nobody can slip others a `setTimeout`
// or a `Response` of their own.

const {
  ObjectCreate,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectOwnKeys,
  SafeMap,
  SafeSet,
  process,
} = require('./intrinsics.js');
const { createConsole } = require('./facades/console.js');
const { harden, hardenMember } = require('./facades/harden.js');
const { timers } = require('./facades/timers.js');
const { hardenWasm, sharedWasm } = require('./globals-wasm.js');

const realGlobal = globalThis;

/** What Node put there. Later names are the policy's patches, and stay. */
const initial = new SafeSet(ReflectOwnKeys(realGlobal));

/** Names that the policy's patches replaced. */
const patched = new SafeSet();

/**
 * What Node makes when it is first read, and reading it here would cost milliseconds: how to get the same from a builtin.
 */
const LAZY = { __proto__: null };
for (const [module, names] of [
  ['buffer', ['Blob', 'File']],
  ['perf_hooks', [
    'Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure', 'PerformanceObserverEntryList', 'PerformanceResourceTiming',
  ]],
  ['stream/web', [
    'ByteLengthQueuingStrategy', 'CompressionStream', 'CountQueuingStrategy', 'DecompressionStream', 'ReadableByteStreamController',
    'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader', 'TextDecoderStream', 'TextEncoderStream', 'TransformStream', 'TransformStreamDefaultController',
    'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter',
  ]],
]) {
  for (const name of names) LAZY[name] = (real) => real(module)[name];
}
LAZY.crypto = (real) => {
  const { webcrypto } = real('crypto');
  hardenMember('crypto', 'webcrypto', webcrypto);
  return webcrypto;
};
LAZY.Crypto = (real) => ObjectGetPrototypeOf(real('crypto').webcrypto).constructor;
LAZY.CryptoKey = (real) => real('crypto').webcrypto.CryptoKey;
LAZY.SubtleCrypto = (real) => ObjectGetPrototypeOf(real('crypto').webcrypto.subtle).constructor;

/** Harmless ones of Node that js/lockdown.js does not freeze: it knows the language, and what Node's loader uses. */
const HARDENED = new SafeSet(['CustomEvent', 'DOMException', 'Navigator', 'QuotaExceededError', 'URLPattern', 'atob', 'btoa', 'queueMicrotask', 'structuredClone']);

/** Timers, a console and a `WebAssembly` that lead to nothing, for everybody. The policy's patches may still wrap them. */
function replaceShared() {
  const shared = { __proto__: null, ...timers, console: createConsole(), WebAssembly: sharedWasm() };
  const names = ReflectOwnKeys(shared);
  for (let at = 0; at < names.length; at++) ReflectDefineProperty(realGlobal, names[at], { __proto__: null, value: shared[names[at]] });
}

/**
 * @param {object} parts
 * @param {(name: string) => object} parts.real  Node's own builtins
 * @param {{names: string[], rules: string[]}} parts.rules  of the builtin table, for globals
 * @param {(name: string) => boolean} parts.isPowerful  names that packages get by themselves
 * @param {() => object} parts.performance  what everybody may see of it
 * @param {() => object | undefined} parts.navigator
 * @param {string[]} parts.definable  names that the policy lets a package replace for everybody
 * @returns {{change: (name: string, value: unknown) => boolean}}
 */
function scuttle({ real, rules, isPowerful, performance, navigator, definable }) {
  const harmless = new SafeSet(), changeable = new SafeSet(definable), current = new SafeMap();
  for (let at = 0; at < rules.names.length; at++) if (rules.rules[at] === '') harmless.add(rules.names[at]);
  const replaced = { __proto__: null, global: realGlobal, globalThis: realGlobal, process: powerlessProcess(), WebAssembly: realGlobal.WebAssembly };
  const lazy = { __proto__: null, ...LAZY, navigator, performance: () => performance() };

  hardenWasm();
  initial.forEach((name) => {
    if (typeof name !== 'string') return;
    if (name in replaced) fix(name, () => replaced[name]);
    else if (name in lazy && !patched.has(name)) fixLazily(name, () => hardened(lazy[name](real)));
    else if (name in lazy || (harmless.has(name) && !isPowerful(name))) fixAsIs(name);
    else if (name !== 'eval' && name !== 'Function') remove(name);
    else fixAsIs(name);
  });
  ReflectDefineProperty(realGlobal, Symbol.toStringTag, { __proto__: null, writable: false, configurable: false });
  ObjectFreeze(ObjectGetPrototypeOf(realGlobal));

  /** Whoever may replace a name goes through its accessor; a plain read-only value is what V8 reads fastest. */
  function fix(name, value) {
    if (changeable.has(name)) fixLazily(name, value);
    else ReflectDefineProperty(realGlobal, name, { __proto__: null, value: value(), writable: false, configurable: false });
  }

  function fixLazily(name, make) {
    // Deleted first: to redefine a property that Node makes lazily is to make it.
    ReflectDeleteProperty(realGlobal, name);
    ReflectDefineProperty(realGlobal, name, {
      __proto__: null,
      get() {
        if (!current.has(name)) current.set(name, make());
        return current.get(name);
      },
      set: ignore,
      enumerable: false,
      configurable: false,
    });
  }

  function fixAsIs(name) {
    const descriptor = ObjectGetOwnPropertyDescriptor(realGlobal, name);
    if (!descriptor.configurable) return;
    const value = descriptor.get === undefined ? descriptor.value : ReflectApply(descriptor.get, realGlobal, []);
    if (HARDENED.has(name)) harden(value);
    if (name === 'Intl') hardenIntl(value);
    fix(name, () => value);
  }

  function remove(name) {
    if (ReflectDeleteProperty(realGlobal, name)) return;
    // `gc`, with --expose-gc.
    ReflectDefineProperty(realGlobal, name, { __proto__: null, value: undefined, writable: false });
  }

  return {
    __proto__: null,
    change(name, value) {
      if (!changeable.has(name) || !initial.has(name)) return false;
      current.set(name, value);
      return true;
    },
  };
}

/** Keeps what a patch of the policy puts in the place of `name`. */
function notePatch(name) {
  patched.add(name);
}

/** Whether Node defines the name. */
function isKnown(key) {
  return initial.has(key);
}

module.exports = { isKnown, notePatch, replaceShared, scuttle };

/** Node's own, which everybody gets. */
function hardened(value) {
  harden(value);
  return value;
}

function ignore() {
  // Assigning to what is everybody's: nothing changes, and code that tries goes on.
}

/** Its classes; polyfills may add some to it. */
function hardenIntl(intl) {
  hardenSegments(intl.Segmenter?.prototype);
  const keys = ReflectOwnKeys(intl);
  for (let at = 0; at < keys.length; at++) {
    harden(intl[keys[at]]);
    ReflectDefineProperty(intl, keys[at], { __proto__: null, writable: false, configurable: false });
  }
}

/** The pieces of a text, and their iterator, are of classes without a name. Making one at the start takes ten milliseconds. */
function hardenSegments(prototype) {
  if (prototype === undefined) return;
  const { segment } = prototype;
  let known = false;
  const value = {
    segment(text) {
      const segments = ReflectApply(segment, this, [text]);
      if (!known) {
        known = true;
        ObjectFreeze(ObjectGetPrototypeOf(segments));
        ObjectFreeze(ObjectGetPrototypeOf(segments[Symbol.iterator]()));
      }
      return segments;
    },
  }.segment;
  ReflectDefineProperty(prototype, 'segment', { __proto__: null, value });
}

/** For text that was evaluated, and for whoever looks at the real global object. */
function powerlessProcess() {
  const facade = ObjectCreate(ObjectFreeze(ObjectCreate(Object.prototype)));
  const values = {
    __proto__: null,
    arch: process.arch,
    argv: ObjectFreeze([]),
    cwd: process.cwd,
    emitWarning: process.emitWarning,
    env: ObjectFreeze({}),
    execArgv: ObjectFreeze([]),
    hrtime: process.hrtime,
    nextTick: process.nextTick,
    pid: process.pid,
    platform: process.platform,
    release: ObjectFreeze({ ...process.release }),
    uptime: process.uptime,
    version: process.version,
    versions: ObjectFreeze({ ...process.versions }),
    // Nothing that happens reaches them.
    emit: () => false,
    listenerCount: () => 0,
    listeners: () => [],
  };
  for (const name of ['addListener', 'off', 'on', 'once', 'removeAllListeners', 'removeListener']) values[name] = () => facade;
  const names = ReflectOwnKeys(values);
  for (let at = 0; at < names.length; at++) {
    harden(values[names[at]]);
    ReflectDefineProperty(facade, names[at], { __proto__: null, value: values[names[at]], enumerable: true });
  }
  ReflectDefineProperty(facade, Symbol.toStringTag, { __proto__: null, value: 'process' });
  return ObjectFreeze(facade);
}
