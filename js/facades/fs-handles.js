'use strict';
// FileHandle objects. Whoever has one may use it, so an instance must lead to its own file and to nothing else: not to
// the class (which wraps any number), and not to another number by assigning `fd` or one of Node's symbols.
//
// The class has no public name. It is hardened when the first handle of the process appears, before anybody gets it.

const {
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectOwnKeys,
  SafeWeakMap,
  TypeError,
  replaceMember,
  uncurryThis,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { sever } = require('./fs-severing.js');
const { harden } = require('./harden.js');

const then = uncurryThis(Promise.prototype.then);
const reject = Promise.reject.bind(Promise);

/** Every handle, to its native object and whether its `close` has begun. */
const known = new SafeWeakMap();
/** Native objects whose file's metadata may not be changed, to the check that says so. */
const restricted = new SafeWeakMap();
let prototype, handleSymbol, nativeFd;

/** Methods that change a file without having opened it for writing; the kernel does not look at how it was opened. */
const METADATA = ['chmod', 'chown', 'truncate', 'utimes'];

/** Whether a value is a FileHandle that Node made, and not something with its prototype. */
const isHandle = (value) => value !== null && typeof value === 'object' && known.has(value);

/** Must be called with each handle before it is given away, until the class is hardened. */
function admitHandle(handle) {
  if (prototype === undefined) hardenClass(handle);
  if (!isHandle(handle)) admit(handle);
  return handle;
}

/**
 * From now on the methods that change metadata ask `demand` first.
 * @param {object} handle
 * @param {(attempt: string) => void} demand
 */
function restrictHandle(handle, demand) {
  restricted.set(known.get(handle).native, demand);
}

/** `promises.open` for everybody: no handle leaves before the class is hardened. */
function hardenPromises(real) {
  const { open } = real;
  ObjectDefineProperty(real, 'open', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value: {
      open(path, flags, mode) {
        const promise = ReflectApply(open, real, [path, flags, mode]);
        return prototype === undefined ? then(promise, admitHandle) : promise;
      },
    }.open,
  });
}

module.exports = { admitHandle, hardenPromises, isHandle, restrictHandle };

function hardenClass(handle) {
  prototype = ObjectGetPrototypeOf(handle);
  const fdSymbol = symbolOf(handle, 'kFd');
  handleSymbol = symbolOf(handle, 'kHandle');
  hardenNative(handle[handleSymbol]);
  sever(prototype);

  // Node's constructor assigns kFd, which from now on ends here; what the number is, the native object says.
  ObjectDefineProperty(prototype, fdSymbol, { __proto__: null, get: fdOf, set: noteFd, configurable: false, enumerable: false });
  delete handle[fdSymbol];
  ObjectDefineProperty(prototype, 'fd', { __proto__: null, get: fdOf, set: undefined, configurable: false, enumerable: false });

  for (let at = 0; at < METADATA.length; at++) guardMetadata(METADATA[at]);
  guardTransfer();
  guardExperiments();
  harden(handle);
  admit(handle);
}

/** Node's native handle: its class wraps any number, and its synchronous close does not wait for what is under way. */
function hardenNative(native) {
  const shared = ObjectGetPrototypeOf(native);
  nativeFd = uncurryThis(ObjectGetOwnPropertyDescriptor(shared, 'fd').get);
  const { close } = shared;
  for (let at = shared; at !== null && at !== Object.prototype; at = ObjectGetPrototypeOf(at)) {
    sever(at);
  }
  if (Object.hasOwn(shared, 'closeSync')) {
    replaceMember(shared, 'closeSync', function closeSync() {
      then(ReflectApply(close, this, []), undefined, () => {});
    });
  }
}

function admit(handle) {
  const state = { __proto__: null, native: undefined, closing: false };
  attach(state, handle[handleSymbol]);
  known.set(handle, state);
  // Node reads `handle.fd`, and code of the package may run between that and a check: it cannot be shadowed.
  ObjectDefineProperty(handle, 'fd', { __proto__: null, get: fdOf, set: undefined, configurable: false, enumerable: false });
}

/** Once a handle has a native object it keeps it, whatever stands under Node's symbol later. */
function attach(state, native) {
  if (state.native !== undefined || native === undefined || native === null) return;
  // Throws for anything but a native handle.
  nativeFd(native);
  state.native = native;
}

function fdOf() {
  const state = known.get(this);
  if (state === undefined || state.closing || state.native === undefined) return -1;
  const fd = nativeFd(state.native);
  return fd < 0 ? -1 : fd;
}

/** What Node's constructor and its `close` assign to kFd. */
function noteFd(value) {
  const state = known.get(this);
  if (state === undefined) return admit(this);
  // A handle that is being received gets its native object after its constructor.
  attach(state, this[handleSymbol]);
  if (value === -1 && state.native !== undefined) state.closing = true;
  return undefined;
}

/** The check that stands before what changes metadata, if there is one. */
function restrictionOf(handle) {
  const state = handle !== null && typeof handle === 'object' ? known.get(handle) : undefined;
  return state?.native === undefined ? undefined : restricted.get(state.native);
}

function guardMetadata(name) {
  const real = prototype[name];
  replace(name, real, function (...args) {
    const demand = restrictionOf(this);
    if (demand !== undefined) {
      try {
        demand(`FileHandle.${name}`);
      } catch (error) {
        return reject(error);
      }
    }
    return ReflectApply(real, this, args);
  });
}

/** What arrives at the other end would be another object, without the restriction. */
function guardTransfer() {
  const key = symbolOf(prototype, 'messaging_transfer_symbol');
  if (key === undefined) return;
  const real = prototype[key];
  replace(key, real, function () {
    if (restrictionOf(this) !== undefined) throw nodeError(TypeError, 'ERR_INVALID_STATE', 'A FileHandle with a scoped grant cannot be transferred');
    return ReflectApply(real, this, []);
  });
}

/** Methods behind --experimental-stream-iter keep the number for themselves while options are still being read. */
function guardExperiments() {
  for (const name of ['pull', 'pullSync', 'writer']) {
    if (typeof prototype[name] === 'function') delete prototype[name];
  }
}

function replace(key, real, value) {
  for (const property of ['name', 'length']) {
    ObjectDefineProperty(value, property, { __proto__: null, value: real[property], configurable: true });
  }
  ObjectDefineProperty(prototype, key, { __proto__: null, value, configurable: true, enumerable: false, writable: true });
}

function symbolOf(target, description) {
  const keys = ReflectOwnKeys(target);
  for (let at = 0; at < keys.length; at++) {
    if (typeof keys[at] === 'symbol' && keys[at].description === description) return keys[at];
  }
  return undefined;
}
