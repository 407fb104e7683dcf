'use strict';
// `WebAssembly`. A package gets it by name: Node's own with the grant `wasm`, else one that refuses. On the global object
// there must be one all the same, because Node's own code reads it there: for the parsers that it carries, and in the ES
// loader for files that were sealed as modules. That one takes only their bytes.

const {
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  ReflectOwnKeys,
  SafeSet,
  SafeWeakSet,
  StringPrototypeIncludes,
  TypeError,
  process,
  uncurryThis,
} = require('./intrinsics.js');

const { harden } = require('./facades/harden.js');

const real = globalThis.WebAssembly;
const { binding } = process;
const toBase64 = uncurryThis(Buffer.prototype.toString);
const bufferFrom = Buffer.from;

/** What runs code. The rest (memories, tables, classes of errors) only holds data. */
const POWERFUL = new SafeSet(['Instance', 'Module', 'compile', 'compileStreaming', 'instantiate', 'instantiateStreaming', 'validate']);

/** Node's own sources with WebAssembly in them: the remover of types, the finder of export names, the HTTP parser. */
const CARRIERS = ['internal/deps/amaro/dist/index', 'internal/deps/cjs-module-lexer/dist/lexer', 'internal/deps/undici/undici'];

/** Bytes that the ES loader compiles: read from the seal, and given to nobody else. */
const sealed = new SafeWeakSet();
/** Modules that the shared object compiled. */
const modules = new SafeWeakSet();

/**
 * @param {import('./authority.js').Authority} authority
 */
function wasmFor(authority) {
  if (authority.whole('wasm')) return real;
  return attenuated((key) => () => authority.demand('wasm', undefined, `WebAssembly.${key}()`));
}

/** The one on the global object. */
function sharedWasm() {
  return attenuated((key) => (args) => {
    const [subject] = args;
    if (typeof subject === 'object' && subject !== null) {
      if (key === 'Instance' || key === 'instantiate') {
        if (modules.has(subject)) return;
      } else if (key === 'Module' || key === 'compile') {
        if (sealed.has(subject)) return;
        const bytes = nodesOwn(subject);
        if (bytes !== undefined) {
          args[0] = bytes;
          return;
        }
      }
    }
    throw new TypeError(`WebAssembly.${key}() is not available here`);
  });
}

/**
 * Lets the ES loader compile bytes that were read from the seal.
 * @param {Uint8Array} bytes
 */
function allowSealedWasm(bytes) {
  sealed.add(bytes);
  return bytes;
}

/** What a package with the grant gets is shared. */
function hardenWasm() {
  const keys = ReflectOwnKeys(real);
  for (let at = 0; at < keys.length; at++) {
    const { value } = ObjectGetOwnPropertyDescriptor(real, keys[at]);
    if (value !== null && (typeof value === 'function' || typeof value === 'object')) ObjectFreeze(value);
    if (typeof value !== 'function' || value.prototype === undefined) continue;
    if (value.prototype instanceof Error) harden(value);
    else ObjectFreeze(value.prototype);
    // Modules have an abstract class of sources above them.
    const parent = ObjectGetPrototypeOf(value.prototype);
    if (parent !== Object.prototype && parent !== null) harden(parent.constructor);
  }
  ObjectFreeze(real);
}

module.exports = { allowSealedWasm, hardenWasm, sharedWasm, wasmFor };

function attenuated(checkOf) {
  const copy = ObjectCreate(ObjectGetPrototypeOf(real));
  const keys = ReflectOwnKeys(real);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    const descriptor = ObjectGetOwnPropertyDescriptor(real, key);
    if (typeof key === 'string' && POWERFUL.has(key)) descriptor.value = guarded(key, descriptor.value, checkOf(key));
    ObjectDefineProperty(copy, key, { ...descriptor, __proto__: null });
  }
  return ObjectFreeze(copy);
}

function guarded(key, original, check) {
  const guard = function (...args) {
    check(args);
    const result = new.target === undefined ? ReflectApply(original, real, args) : ReflectConstruct(original, args);
    return key === 'Module' || key === 'compile' ? remember(result) : result;
  };
  ObjectDefineProperty(guard, 'name', { __proto__: null, value: key });
  ObjectDefineProperty(guard, 'length', { __proto__: null, value: original.length });
  // Statics of Module (exports, imports, customSections) only describe; instances lead to the guard alone.
  const keys = ReflectOwnKeys(original);
  for (let at = 0; at < keys.length; at++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(guard, keys[at]);
    if (descriptor === undefined || descriptor.configurable) ObjectDefineProperty(guard, keys[at], ObjectGetOwnPropertyDescriptor(original, keys[at]));
  }
  if (original.prototype !== undefined) {
    ObjectDefineProperty(guard, 'prototype', { __proto__: null, value: original.prototype, writable: false });
    // Whoever holds a module or an instance must not reach the constructor by it.
    const { configurable, value } = ObjectGetOwnPropertyDescriptor(original.prototype, 'constructor');
    if (configurable && value === original) ObjectDefineProperty(original.prototype, 'constructor', { __proto__: null, value: severed, writable: false, configurable: false });
  }
  return ObjectFreeze(guard);
}

function severed() {
  throw new TypeError('Illegal constructor');
}

/** A module, or the promise of one, that the shared object may instantiate. */
function remember(result) {
  if (typeof result === 'object' && result !== null) {
    if (result instanceof Promise) return result.then(remember);
    modules.add(result);
  }
  return result;
}

/** A copy of the bytes if Node carries them in its own source. */
function nodesOwn(bytes) {
  let copy;
  try {
    copy = bufferFrom(bytes);
  } catch {
    // Nothing that has bytes.
    return undefined;
  }
  const text = toBase64(copy, 'base64');
  const sources = ReflectApply(binding, process, ['natives']);
  for (let at = 0; at < CARRIERS.length; at++) {
    const source = sources[CARRIERS[at]];
    if (source !== undefined && text.length > 1000 && StringPrototypeIncludes(source, text)) return copy;
  }
  return undefined;
}
