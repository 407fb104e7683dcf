'use strict';
// Timers. Node links its timers in lists, so one of them leads to everybody's, with their callbacks; and it calls a
// callback on the timer. Here the handle is an object of ours that holds Node's, and callbacks are called on that.
// It costs 10 to 50 ns for each timer.
//
// Not closed: objects of Node's that keep a timer of Node's under a symbol (sockets after `setTimeout`, HTTP servers that
// listen, HTTP/2 sessions) lead to the same lists, with the callbacks and arguments of Node's own timers in them.
//
// One set of functions for all packages: what they take and give belongs to whoever calls.

const { ObjectDefineProperty, ObjectFreeze, ObjectGetOwnPropertyDescriptor, ObjectKeys, ReflectApply, ReflectOwnKeys } = require('../intrinsics.js');

const {
  clearImmediate: clearNodeImmediate,
  clearInterval: clearNodeInterval,
  clearTimeout: clearNodeTimeout,
  setImmediate: setNodeImmediate,
  setInterval: setNodeInterval,
  setTimeout: setNodeTimeout,
} = globalThis;
const NONE = ObjectFreeze([]);

/** Called by Node's timers with the handle that stands for them. */
let fireTimeout, fireImmediate;
/** Each gives a handle; `set` is Node's function. */
let startTimeout, startImmediate;
/** Node's handle behind one of ours; anything else, numbers too, as it is. */
let nodeTimeout, nodeImmediate;

class Timeout {
  #node;
  #callback;
  #args;

  static {
    startTimeout = (set, callback, delay, args) => {
      const timer = new Timeout(callback, args);
      timer.#node = set(fireTimeout, delay, timer);
      return timer;
    };
    fireTimeout = (timer) => {
      ReflectApply(timer.#callback, timer, timer.#args);
    };
    nodeTimeout = (timer) => (typeof timer === 'object' && timer !== null && #node in timer ? timer.#node : timer);
  }

  constructor(callback, args) {
    this.#callback = callback;
    this.#args = args;
  }

  ref() {
    this.#node.ref();
    return this;
  }

  unref() {
    this.#node.unref();
    return this;
  }

  hasRef() {
    return this.#node.hasRef();
  }

  refresh() {
    this.#node.refresh();
    return this;
  }

  close() {
    this.#node.close();
    return this;
  }

  [Symbol.toPrimitive]() {
    return this.#node[Symbol.toPrimitive]();
  }

  [Symbol.dispose]() {
    this.#node.close();
  }
}

class Immediate {
  #node;
  #callback;
  #args;

  static {
    startImmediate = (callback, args) => {
      const immediate = new Immediate(callback, args);
      immediate.#node = setNodeImmediate(fireImmediate, immediate);
      return immediate;
    };
    fireImmediate = (immediate) => {
      ReflectApply(immediate.#callback, immediate, immediate.#args);
    };
    nodeImmediate = (immediate) => (typeof immediate === 'object' && immediate !== null && #node in immediate ? immediate.#node : immediate);
  }

  constructor(callback, args) {
    this.#callback = callback;
    this.#args = args;
  }

  ref() {
    this.#node.ref();
    return this;
  }

  unref() {
    this.#node.unref();
    return this;
  }

  hasRef() {
    return this.#node.hasRef();
  }

  [Symbol.dispose]() {
    clearNodeImmediate(this.#node);
  }
}

const timers = {
  __proto__: null,
  clearImmediate(immediate) {
    clearNodeImmediate(nodeImmediate(immediate));
  },
  clearInterval(timer) {
    clearNodeInterval(nodeTimeout(timer));
  },
  clearTimeout(timer) {
    clearNodeTimeout(nodeTimeout(timer));
  },
  setImmediate(callback, ...args) {
    // Node's own error for what is no function; here and below.
    if (typeof callback !== 'function') return setNodeImmediate(callback);
    return startImmediate(callback, args.length === 0 ? NONE : args);
  },
  setInterval(callback, delay, ...args) {
    if (typeof callback !== 'function') return setNodeInterval(callback);
    return startTimeout(setNodeInterval, callback, delay, args.length === 0 ? NONE : args);
  },
  setTimeout(callback, delay, ...args) {
    if (typeof callback !== 'function') return setNodeTimeout(callback);
    return startTimeout(setNodeTimeout, callback, delay, args.length === 0 ? NONE : args);
  },
};

const names = ObjectKeys(timers);
for (let at = 0; at < names.length; at++) {
  const name = names[at], ours = timers[name], theirs = globalThis[name];
  ObjectDefineProperty(ours, 'length', { __proto__: null, value: theirs.length });
  const keys = ReflectOwnKeys(theirs);
  for (let key = 0; key < keys.length; key++) {
    // util.promisify.custom, an accessor that loads timers/promises.
    if (typeof keys[key] === 'symbol') ObjectDefineProperty(ours, keys[key], ObjectGetOwnPropertyDescriptor(theirs, keys[key]));
  }
  ObjectFreeze(ours);
}
for (const handle of [Timeout, Immediate]) {
  for (const key of ReflectOwnKeys(handle.prototype)) ObjectFreeze(handle.prototype[key]);
  ObjectFreeze(handle);
  ObjectFreeze(handle.prototype);
}

module.exports = { create: { timers: () => timers }, timers: ObjectFreeze(timers) };
