'use strict';
// The builtins that show what the whole process does, for packages that are not granted `observe`: a channel of one's own
// is everybody's, but the channels of Node carry sockets, requests with their headers, and the exports of modules.

const {
  ArrayIsArray,
  ArrayPrototypePush,
  ObjectCreate,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { EventTarget } = globalThis;
const { severConstructor } = require('./classes.js');
const { harden } = require('./harden.js');

/** What the names of Node's own channels, and of ours, begin with. */
const OWNED = new SafeSet([
  'child_process', 'console', 'dgram', 'dns', 'dtls', 'fs', 'http', 'http2', 'https', 'inspector', 'loadlock', 'locks', 'module', 'net', 'node',
  'process', 'quic', 'tls', 'udp', 'undici', 'vm', 'web', 'worker_threads',
]);

/** Timeline entries that a package makes itself, or that tell nothing about others. */
const HARMLESS_ENTRIES = new SafeSet(['function', 'gc', 'mark', 'measure', 'node']);

module.exports = {
  create: {
    diagnostics_channel: channels,
    perf_hooks: timeline,
  },

  harden: {
    diagnostics_channel(real) {
      // Registers itself under its name: one that is made before Node makes its own would be Node's.
      severConstructor(real.Channel);
      // Its constructor takes a name and looks for the real channels.
      const tracing = real.tracingChannel('loadlock');
      severConstructor(ObjectGetPrototypeOf(tracing).constructor);
      harden(tracing);
      // Channels with subscribers have another class, which only they lead to.
      const channel = real.channel('loadlock'), ignore = () => {};
      channel.subscribe(ignore);
      harden(channel);
      channel.unsubscribe(ignore);
      if (real.BoundedChannel !== undefined) severConstructor(real.BoundedChannel);
    },

    perf_hooks(real) {
      severConstructor(real.PerformanceObserver);
      const { prototype } = real.PerformanceObserver;
      const { value: realObserve, writable, enumerable, configurable } = ObjectGetOwnPropertyDescriptor(prototype, 'observe');
      const value = {
        observe(options = {}) {
          const authority = observers.get(this);
          return ReflectApply(realObserve, this, [authority === undefined ? options : checkedObservation(options, authority)]);
        },
      }.observe;
      ReflectDefineProperty(prototype, 'observe', { __proto__: null, value, writable, enumerable, configurable });
    },
  },
};

/** Observers whose package may not see everything. */
const observers = new SafeWeakMap();

function channels(context) {
  const { authority } = context;
  if (authority.whole('observe')) return undefined;
  const real = context.real('diagnostics_channel');
  const known = new SafeMap();

  function channel(name) {
    if (!isOwned(name)) return real.channel(name);
    let publisher = known.get(name);
    if (publisher === undefined) {
      publisher = createPublisher(real, name, authority);
      known.set(name, publisher);
    }
    return publisher;
  }
  function tracingChannel(nameOrChannels) {
    if (typeof nameOrChannels !== 'string' || !isOwned(nameOrChannels)) return real.tracingChannel(nameOrChannels);
    return real.tracingChannel(withPhases(nameOrChannels, ['start', 'end', 'asyncStart', 'asyncEnd', 'error'], channel));
  }
  function subscribe(name, onMessage) {
    if (isOwned(name)) demandChannel(authority, 'subscribe', name);
    return real.subscribe(name, onMessage);
  }
  function Channel(name) {
    demandChannel(authority, 'Channel', name);
    return ReflectConstruct(real.Channel, [name], new.target ?? real.Channel);
  }
  Channel.prototype = real.Channel.prototype;
  // `instanceof` of Node's class looks at the two prototypes that a channel may have.
  ReflectDefineProperty(Channel, Symbol.hasInstance, { __proto__: null, value: (instance) => instance instanceof real.Channel });

  const overrides = { __proto__: null, Channel, channel, subscribe, tracingChannel };
  if (real.boundedChannel !== undefined) {
    const boundedChannel = (nameOrChannels) =>
      real.boundedChannel(typeof nameOrChannels === 'string' && isOwned(nameOrChannels) ? withPhases(nameOrChannels, ['start', 'end'], channel) : nameOrChannels);
    overrides.boundedChannel = boundedChannel;
    overrides.BoundedChannel = function BoundedChannel(nameOrChannels) {
      if (new.target === undefined) throw new TypeError("Class constructor BoundedChannel cannot be invoked without 'new'");
      return boundedChannel(nameOrChannels);
    };
    overrides.BoundedChannel.prototype = real.BoundedChannel.prototype;
  }
  return overrides;
}

/** Whether Node, or loadlock, publishes under this name; `tracing:` may stand in front. */
function isOwned(name) {
  if (typeof name !== 'string') return false;
  const plain = StringPrototypeStartsWith(name, 'tracing:') ? StringPrototypeSlice(name, 8) : name;
  let end = 0;
  while (end < plain.length && plain[end] !== '.' && plain[end] !== ':') end++;
  return OWNED.has(StringPrototypeSlice(plain, 0, end));
}

function demandChannel(authority, what, name) {
  authority.demand('observe', undefined, `diagnostics_channel.${what}('${typeof name === 'symbol' ? 'a symbol' : name}')`);
}

/**
 * A channel of Node's that one may publish to, as the undici of the registry does, and not subscribe to. Nothing of it
 * leads to the real one.
 */
function createPublisher(real, name, authority) {
  const target = real.channel(name);
  const demand = (method) => demandChannel(authority, `channel().${method}`, name);
  const publisher = ObjectCreate(real.Channel.prototype);
  const members = {
    __proto__: null,
    name,
    publish(message) {
      // Nobody speaks for us.
      if (StringPrototypeIndexOf(name, 'loadlock') === 0) demand('publish');
      return target.publish(message);
    },
    subscribe(onMessage) {
      demand('subscribe');
      return target.subscribe(onMessage);
    },
    unsubscribe: (onMessage) => target.unsubscribe(onMessage),
    bindStore(store, transform) {
      demand('bindStore');
      return target.bindStore(store, transform);
    },
    unbindStore: (store) => target.unbindStore?.(store),
    runStores: (data, fn, thisArg, ...args) => target.runStores(data, fn, thisArg, ...args),
    withStoreScope: (data) => target.withStoreScope(data),
  };
  const keys = ReflectOwnKeys(members);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (key in target) ReflectDefineProperty(publisher, key, { __proto__: null, value: members[key], writable: false, enumerable: false, configurable: false });
  }
  ReflectDefineProperty(publisher, 'hasSubscribers', { __proto__: null, get: () => target.hasSubscribers, enumerable: false, configurable: false });
  return ObjectFreeze(publisher);
}

function withPhases(name, phases, channel) {
  const parts = {};
  for (let at = 0; at < phases.length; at++) parts[phases[at]] = channel(`tracing:${name}:${phases[at]}`);
  return parts;
}

function timeline(context) {
  const { authority } = context;
  if (authority.whole('observe')) return undefined;
  const real = context.real('perf_hooks');
  return {
    __proto__: null,
    performance: createPerformance(real, authority),
    PerformanceObserver: createObserverClass(real, authority),
  };
}

/** `performance` without the entries of others: what was fetched, looked up and requested. */
function createPerformance({ performance: real, Performance }, authority) {
  function filtered(method) {
    return {
      [method](...args) {
        const entries = ReflectApply(real[method], real, args);
        if (authority.permits('observe')) return entries;
        const visible = [];
        for (let at = 0; at < entries.length; at++) if (HARMLESS_ENTRIES.has(entries[at].entryType)) ArrayPrototypePush(visible, entries[at]);
        return visible;
      },
    }[method];
  }
  const facade = ObjectCreate(Performance.prototype);
  // Listeners get what they listen to as `this` and `target`: that is not everybody's.
  let target;
  const own = (key) => (...args) => ReflectApply(EventTarget.prototype[key], (target ??= new EventTarget()), args);
  const define = (key, value, enumerable) =>
    ReflectDefineProperty(facade, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
  for (let prototype = Performance.prototype; prototype !== Object.prototype; prototype = ObjectGetPrototypeOf(prototype)) {
    const keys = ReflectOwnKeys(prototype);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (typeof key !== 'string' || key === 'constructor' || ObjectGetOwnPropertyDescriptor(facade, key) !== undefined) continue;
      const value = real[key];
      if (typeof value !== 'function') define(key, value, false);
      else if (prototype === EventTarget.prototype) define(key, own(key), false);
      else define(key, StringPrototypeStartsWith(key, 'getEntries') ? filtered(key) : (...args) => ReflectApply(value, real, args), false);
    }
  }
  // The hottest of them: bound functions are what V8 calls most directly.
  define('now', real.now.bind(real), false);
  return facade;
}

function createObserverClass(real, authority) {
  const { PerformanceObserver: Real } = real;
  function PerformanceObserver(callback) {
    if (new.target === undefined) throw new TypeError("Class constructor PerformanceObserver cannot be invoked without 'new'");
    const made = ReflectConstruct(Real, [callback], new.target === PerformanceObserver ? Real : new.target);
    observers.set(made, authority);
    return made;
  }
  PerformanceObserver.prototype = Real.prototype;
  ReflectDefineProperty(PerformanceObserver, 'supportedEntryTypes', {
    __proto__: null, get: () => Real.supportedEntryTypes, enumerable: true, configurable: true,
  });
  return PerformanceObserver;
}

/** What is demanded and what Node gets is the same copy. */
function checkedObservation(options, authority) {
  if (typeof options !== 'object' || options === null) return options;
  const { buffered, type, entryTypes } = options;
  const copy = { __proto__: null, buffered, type, entryTypes };
  if (type !== undefined && type !== null) copy.type = checkedEntryType(type, authority);
  if (entryTypes !== undefined && entryTypes !== null) {
    if (!ArrayIsArray(entryTypes)) throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "options.entryTypes" property must be an array of strings');
    copy.entryTypes = [];
    const { length } = entryTypes;
    for (let at = 0; at < length; at++) ArrayPrototypePush(copy.entryTypes, checkedEntryType(entryTypes[at], authority));
  }
  return copy;
}

function checkedEntryType(type, authority) {
  const name = `${type}`;
  if (!HARMLESS_ENTRIES.has(name)) authority.demand('observe', undefined, `PerformanceObserver.observe('${name}')`);
  return name;
}
