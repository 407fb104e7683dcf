'use strict';
// The event side of one package's `process`. Listeners for Node's own events are put on Node's object behind a wrapper:
// `this` in them is the package's facade, and a package can only take its own away. Every other event is between the
// packages, on an emitter that Node knows nothing of, so nothing that a later Node emits gets there.

const EventEmitter = require('events');
const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectKeys,
  ObjectPreventExtensions,
  ReflectApply,
  SafeMap,
  SafeWeakMap,
  String,
  StringPrototypeStartsWith,
  TypeError,
  process,
  uncurryThis,
} = require('../intrinsics.js');

const { prototype } = EventEmitter;
const on = uncurryThis(prototype.on);
const prepend = uncurryThis(prototype.prependListener);
const remove = uncurryThis(prototype.removeListener);
const emitOn = uncurryThis(prototype.emit);
const listenersOf = uncurryThis(prototype.rawListeners);
const countOf = uncurryThis(prototype.listenerCount);
const namesOf = uncurryThis(prototype.eventNames);
const limitOf = uncurryThis(prototype.getMaxListeners);
const setLimitOf = uncurryThis(prototype.setMaxListeners);

/** Node's own events, besides signals: the word of `process` that they need, `''` for none, or another capability. */
const NODES = {
  __proto__: null,
  beforeExit: '',
  exit: '',
  warning: '',
  disconnect: 'ipc',
  message: 'ipc',
  workerMessage: 'ipc',
  multipleResolves: 'errors',
  rejectionHandled: 'errors',
  uncaughtException: 'errors',
  uncaughtExceptionMonitor: 'errors',
  unhandledRejection: 'errors',
  internalMessage: 'observe',
  worker: 'observe',
};

/** Of the emitter itself; each package gets those of its own listeners. */
const OWN = { __proto__: null, newListener: true, removeListener: true };

/** What a package hears when it replaced its `process.emit`: signal-exit does, to act after everybody else at the exit. */
const BRIDGED = { __proto__: null, beforeExit: true, exit: true };
/** Of such packages, in their order. */
const bridges = [];

/** Events between packages. */
const shared = new EventEmitter();
// Every package may listen; that is no leak.
shared.setMaxListeners(0);

/** By wrapper: the listener behind it. */
const records = new SafeWeakMap();
/** Stands for a listener of somebody else in `process.listeners()`: its place in the list is all that it tells. */
const FOREIGN = ObjectFreeze(() => {});

/** What `process.constructor` is; Node's own leads to nothing either, but is shared. */
const Constructor = {
  process() {
    throw new TypeError('Illegal constructor');
  },
}.process;
ObjectFreeze(Constructor);

/**
 * The prototype of a package's `process`, with the methods of an emitter.
 * @param {import('../authority.js').Authority} authority
 * @param {() => object} facade
 */
function createEvents(authority, facade) {
  /** By event: what this package listens to. */
  const own = new SafeMap();
  const local = new EventEmitter();
  let patchedEmit, delivering;

  function targetOf(event) {
    if (OWN[event] === true) return local;
    return isNodes(event) ? process : shared;
  }

  function claim(event) {
    if (!isNodes(event)) return;
    const word = StringPrototypeStartsWith(event, 'SIG') ? 'signals' : NODES[event];
    if (word === '') return;
    const attempt = `process.on('${event}')`;
    if (word === 'observe') authority.demand('observe', undefined, attempt);
    else authority.demand('process', word, attempt);
  }

  function add(name, listener, once, first) {
    const event = key(name);
    // Node's own error for what is no function.
    if (typeof listener !== 'function') on(new EventEmitter(), event, listener);
    claim(event);
    const record = { __proto__: null, event, listener, owner: own, wrapper: undefined };
    record.wrapper = function (...args) {
      if (once) forget(record);
      return ReflectApply(listener, facade(), args);
    };
    if (once) record.wrapper.listener = listener;
    records.set(record.wrapper, record);
    emitOn(local, 'newListener', event, listener);
    let list = own.get(event);
    if (list === undefined) own.set(event, (list = []));
    if (first) ArrayPrototypeSplice(list, 0, 0, record);
    else ArrayPrototypePush(list, record);
    (first ? prepend : on)(targetOf(event), event, record.wrapper);
    return facade();
  }

  function forget(record) {
    const { event } = record;
    remove(targetOf(event), event, record.wrapper);
    const list = record.owner.get(event) ?? [];
    for (let at = 0; at < list.length; at++) {
      if (list[at] !== record) continue;
      ArrayPrototypeSplice(list, at, 1);
      if (list.length === 0) record.owner.delete(event);
      if (record.owner === own) emitOn(local, 'removeListener', event, record.listener);
      return;
    }
  }

  /** The latest of this package's with that function; one of somebody else's only for a package that may do everything. */
  function find(event, listener) {
    const list = own.get(event);
    for (let at = list === undefined ? -1 : list.length - 1; at >= 0; at--) {
      if (list[at].listener === listener || list[at].wrapper === listener) return list[at];
    }
    return authority.whole('process') ? records.get(listener) : undefined;
  }

  function take(name, listener) {
    const event = key(name);
    const record = typeof listener === 'function' ? find(event, listener) : undefined;
    if (record !== undefined && record.event === event) forget(record);
    return facade();
  }

  function list(name, raw) {
    const event = key(name);
    const wrappers = listenersOf(targetOf(event), event);
    const shown = [];
    for (let at = 0; at < wrappers.length; at++) {
      const record = records.get(wrappers[at]);
      if (record === undefined) ArrayPrototypePush(shown, FOREIGN);
      else if (record.owner === own) ArrayPrototypePush(shown, raw && record.wrapper.listener !== undefined ? record.wrapper : record.listener);
      else ArrayPrototypePush(shown, authority.whole('process') ? record.wrapper : FOREIGN);
    }
    return shown;
  }

  function emit(name, ...args) {
    const event = key(name);
    // A replaced `emit` passes on what Node is emitting already.
    if (delivering === event) return countOf(process, event) > 0;
    const target = targetOf(event);
    if (target === process && event !== 'warning') authority.demand('process', undefined, `process.emit('${String(event)}')`);
    return ReflectApply(emitOn, undefined, [target, event, ...args]);
  }

  /** What Node emitted, and everybody has heard by now. */
  function deliver(event, args) {
    delivering = event;
    try {
      ReflectApply(patchedEmit, facade(), [event, ...args]);
    } finally {
      delivering = undefined;
    }
  }

  function setEmit(replacement) {
    patchedEmit = replacement === emit ? undefined : replacement;
    const at = ArrayPrototypeIndexOf(bridges, deliver);
    if (typeof patchedEmit === 'function') {
      if (at === -1) ArrayPrototypePush(bridges, deliver);
      bridgeEmit();
    } else if (at !== -1) {
      ArrayPrototypeSplice(bridges, at, 1);
    }
  }

  const methods = {
    addListener: (event, listener) => add(event, listener, false, false),
    on: (event, listener) => add(event, listener, false, false),
    once: (event, listener) => add(event, listener, true, false),
    prependListener: (event, listener) => add(event, listener, false, true),
    prependOnceListener: (event, listener) => add(event, listener, true, true),
    off: take,
    removeListener: take,
    removeAllListeners(event) {
      const events = event === undefined ? keysOf(own) : [key(event)];
      for (let at = 0; at < events.length; at++) {
        const target = targetOf(events[at]);
        const wrappers = listenersOf(target, events[at]);
        for (let index = 0; index < wrappers.length; index++) {
          const record = records.get(wrappers[index]);
          if (record === undefined) {
            // Node's own listener prints warnings, and packages silence it this way.
            if (events[at] === 'warning' && event !== undefined && authority.whole('process')) remove(target, 'warning', wrappers[index]);
          } else if (record.owner === own || (event !== undefined && authority.whole('process'))) {
            forget(record);
          }
        }
      }
      return facade();
    },
    listeners: (event) => list(event, false),
    rawListeners: (event) => list(event, true),
    listenerCount(name, listener) {
      const event = key(name);
      if (listener === undefined) return countOf(targetOf(event), event);
      let count = 0;
      const all = list(event, false);
      for (let at = 0; at < all.length; at++) if (all[at] === listener) count++;
      return count;
    },
    eventNames: () => (authority.whole('process') ? concat(namesOf(process), namesOf(shared)) : keysOf(own)),
    getMaxListeners: () => limitOf(process),
    setMaxListeners(limit) {
      // Only up: the warning about a leak is everybody's.
      if (limit === 0 || limit > limitOf(process)) setLimitOf(process, limit);
      else setLimitOf(local, limit);
      return facade();
    },
  };

  const events = ObjectCreate(prototype);
  define(events, 'constructor', Constructor);
  ObjectDefineProperty(events, Symbol.toStringTag, { __proto__: null, value: 'process', configurable: true });
  const names = ObjectKeys(methods);
  for (let at = 0; at < names.length; at++) {
    ObjectDefineProperty(methods[names[at]], 'name', { __proto__: null, value: names[at] });
    define(events, names[at], methods[names[at]]);
  }
  ObjectDefineProperty(events, 'emit', {
    __proto__: null,
    get: () => patchedEmit ?? emit,
    set: setEmit,
    enumerable: false,
    configurable: true,
  });
  return ObjectPreventExtensions(events);
}

module.exports = { createEvents };

let bridged = false;
/** Node emits through the property, and packages may replace only their own. */
function bridgeEmit() {
  if (bridged) return;
  bridged = true;
  define(process, 'emit', function emit(event, ...args) {
    const heard = ReflectApply(prototype.emit, process, [event, ...args]);
    if (typeof event === 'string' && BRIDGED[event] === true) for (let at = 0; at < bridges.length; at++) bridges[at](event, args);
    return heard;
  });
}

function isNodes(event) {
  if (typeof event !== 'string') return false;
  if (StringPrototypeStartsWith(event, 'SIG')) return true;
  const word = NODES[event];
  // Without a channel to a parent there is nothing to hear, and nothing to refuse.
  return word !== undefined && (word !== 'ipc' || process.channel !== undefined || event === 'workerMessage');
}

/** Event names are compared, looked up and shown: read once. */
function key(event) {
  return typeof event === 'symbol' ? event : `${event}`;
}

function keysOf(map) {
  const keys = [];
  map.forEach((_, event) => ArrayPrototypePush(keys, event));
  return keys;
}

function concat(one, other) {
  const all = [];
  for (let at = 0; at < one.length; at++) ArrayPrototypePush(all, one[at]);
  for (let at = 0; at < other.length; at++) ArrayPrototypePush(all, other[at]);
  return all;
}

function define(target, name, value) {
  ObjectDefineProperty(target, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}
