'use strict';
// Watchers. A package with a scoped grant gets an emitter of its own: Node's FSWatcher carries a native handle that
// watches anything, and two calls of `watchFile` for one file share an object with the listeners of both packages.

const EventEmitter = require('events');
const {
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectOwnKeys,
  SafeMap,
  SafeWeakSet,
  replaceMember,
} = require('../intrinsics.js');
const { severInstance } = require('./fs-severing.js');
const { harden } = require('./harden.js');

const { on, emit, removeListener, removeAllListeners, listenerCount } = EventEmitter.prototype;

/** An emitter that passes on the events of one that it does not show. */
class Watcher extends EventEmitter {
  #inner;

  constructor(inner, events) {
    super();
    this.#inner = inner;
    for (let at = 0; at < events.length; at++) {
      const name = events[at];
      ReflectApply(on, inner, [name, (...args) => {
        ReflectApply(emit, this, [name, ...args]);
      }]);
    }
  }

  close() {
    this.#inner.close?.();
  }

  ref() {
    this.#inner.ref();
    return this;
  }

  unref() {
    this.#inner.unref();
    return this;
  }
}

/** @returns {Watcher}  in place of Node's FSWatcher */
function wrapFSWatcher(inner) {
  harden(Watcher);
  return new Watcher(inner, ['change', 'error', 'close']);
}

/** `watchFile` and `unwatchFile` of one package, over real paths that were checked. */
function createStatWatchers(fs) {
  const watchers = new SafeMap();

  function watch(path, options, listener) {
    let known = watchers.get(path);
    if (known === undefined) {
      harden(Watcher);
      const bridge = (current, previous) => ReflectApply(emit, known.watcher, ['change', current, previous]);
      const inner = fs.watchFile(path, options, bridge);
      known = { __proto__: null, watcher: new Watcher(inner, []), bridge };
      watchers.set(path, known);
    }
    ReflectApply(on, known.watcher, ['change', listener]);
    return known.watcher;
  }

  function unwatch(path, listener) {
    const known = watchers.get(path);
    if (known === undefined) return;
    if (typeof listener === 'function') ReflectApply(removeListener, known.watcher, ['change', listener]);
    else ReflectApply(removeAllListeners, known.watcher, ['change']);
    if (ReflectApply(listenerCount, known.watcher, ['change']) > 0) return;
    watchers.delete(path);
    fs.unwatchFile(path, known.bridge);
  }

  return { __proto__: null, watch, unwatch };
}

/** Node's own watchers, which packages with the whole grant have, do not lead on to the classes. */
function hardenWatchers(fs) {
  const { watch, watchFile } = fs;
  replaceFunction(fs, 'watch', watch, (args) => severWatcher(ReflectApply(watch, fs, args)));
  replaceFunction(fs, 'watchFile', watchFile, (args) => severWatcher(ReflectApply(watchFile, fs, args)));
}

module.exports = { createStatWatchers, hardenWatchers, wrapFSWatcher };

const severed = new SafeWeakSet();

function severWatcher(watcher) {
  const shared = ObjectGetPrototypeOf(watcher);
  if (!severed.has(shared)) {
    severed.add(shared);
    severInstance(watcher, EventEmitter.prototype);
    startOnce(shared, watcher);
  }
  const native = watcher._handle;
  if (native !== undefined && native !== null && !severed.has(ObjectGetPrototypeOf(native))) {
    severed.add(ObjectGetPrototypeOf(native));
    severInstance(native);
  }
  return watcher;
}

/** Node starts a watcher with a path through a symbol; nobody else may, with another path. */
function startOnce(shared, first) {
  const keys = ReflectOwnKeys(shared);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (typeof key !== 'symbol' || key.description !== 'kFSWatchStart' && key.description !== 'kFSStatWatcherStart') continue;
    const start = shared[key], started = new SafeWeakSet();
    started.add(first);
    replaceMember(shared, key, function (...args) {
      if (started.has(this)) return undefined;
      started.add(this);
      return ReflectApply(start, this, args);
    });
  }
}

function replaceFunction(fs, name, real, call) {
  const value = function (...args) {
    return call(args);
  };
  for (const property of ['name', 'length']) {
    ObjectDefineProperty(value, property, { __proto__: null, value: real[property], configurable: true });
  }
  fs[name] = value;
}
