'use strict';
// `fetch`, `WebSocket`, `EventSource` and their classes, for one package. Node keeps them in a bundled undici, which is
// 30 to 80 ms of work to load and, once loaded, shows everybody a live agent on the global object.
//
//   prepare()      once, before the powerful globals go, and only when a sealed file mentions one of these: loads the
//                  bundle, takes the agent's class, leaves a stub in the agent's place
//   createFetch()  for each package: the same functions with an agent of its own, whose connections net-guard.js decides
//
// An agent hands its `connect` options down to net.connect and tls.connect. Among them is a `lookup` function that
// nobody else has: by it the connection is known to be the package's.

const {
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  SafeMap,
  String,
  URL,
  URLProtocol,
  uncurryThis,
} = require('../intrinsics.js');
const { LoadlockError, nodeError } = require('../errors.js');
const { severConstructor } = require('./classes.js');
const { harden, hardenInstance } = require('./harden.js');
const { hardenCommon } = require('./hidden.js');
const guard = require('./net-guard.js');

const realGlobal = globalThis;
const realProcess = process;
const getterOf = (prototype, name) => uncurryThis(ObjectGetOwnPropertyDescriptor(prototype, name).get);
const hostnameOf = getterOf(URL.prototype, 'hostname');
const portOf = getterOf(URL.prototype, 'port');
const queueTask = queueMicrotask;
const reject = Promise.reject.bind(Promise);
const addEventListener = uncurryThis(EventTarget.prototype.addEventListener);
const ONCE = ObjectFreeze({ __proto__: null, once: true });

/** Where undici, the bundled one and the package, keeps its agent. Each package's `globalThis` has its own. */
const DISPATCHER_SYMBOLS = ObjectFreeze([Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')]);
const NAMES = ['fetch', 'WebSocket', 'EventSource', 'Request', 'Response', 'Headers', 'FormData', 'MessageEvent', 'CloseEvent', 'ErrorEvent'];
const DEFAULT_PORTS = { __proto__: null, 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

/** What `fetch` reads of its second argument. It may be a Request, whose members are accessors of its class. */
const REQUEST_INIT = [
  'method', 'headers', 'body', 'referrer', 'referrerPolicy', 'mode', 'credentials', 'cache', 'redirect', 'integrity', 'keepalive', 'signal',
  'window', 'duplex', 'priority', 'dispatcher',
];

let prepared;

/** Takes fetch and what belongs to it off Node, while everything that its loading needs is still there. */
function prepare() {
  if (prepared !== undefined) return;
  for (const symbol of DISPATCHER_SYMBOLS) {
    // Somebody was here before us: what would be taken for Node's agent is theirs. With a proxy it is Node itself.
    if (realGlobal[symbol] !== undefined && !usesProxy()) {
      throw new LoadlockError({ code: 'ERR_LOADLOCK_SELF_CHECK', message: `${String(symbol)} is set before loadlock started` });
    }
  }
  const values = { __proto__: null };
  withParser(() => {
    // Reading the first of the lazy names loads the bundle.
    for (let at = NAMES.length - 1; at >= 0; at--) values[NAMES[at]] = realGlobal[NAMES[at]];
  });
  const agent = realGlobal[DISPATCHER_SYMBOLS[0]] ?? realGlobal[DISPATCHER_SYMBOLS[1]];
  const Agent = agent === undefined ? undefined : agent.constructor;
  if (Agent !== undefined) loadParser(Agent);
  const stub = ObjectFreeze({ __proto__: null, dispatch: closed, close: closed, destroy: closed });
  for (const symbol of DISPATCHER_SYMBOLS) {
    if (agent !== undefined) ObjectDefineProperty(realGlobal, symbol, { __proto__: null, value: stub, writable: false });
  }
  const requestUrl = values.Request === undefined ? undefined : getterOf(values.Request.prototype, 'url');
  prepared = ObjectFreeze({ __proto__: null, ...values, Agent, requestUrl });
}

function usesProxy() {
  const { execArgv, env } = realProcess;
  return env.NODE_USE_ENV_PROXY === '1' || execArgv.includes('--use-env-proxy') || `${env.NODE_OPTIONS}`.includes('--use-env-proxy');
}

const byAuthority = new SafeMap();

/** Makes the classes that everybody shares unchangeable. After the policy's patches. */
function close() {
  if (prepared === undefined) return;
  for (let at = 0; at < NAMES.length; at++) harden(prepared[NAMES[at]]);
  // Classes and state that have no name, which objects show on Node 20 and 22.
  const { Headers, Request, Response, FormData } = prepared;
  for (const make of [() => new Headers(), () => new Request('http://localhost/'), () => new Response(''), () => new FormData()]) {
    hardenCommon(make(), make(), 4);
  }
  for (const Real of [prepared.WebSocket, prepared.EventSource]) if (Real !== undefined) severConstructor(Real, EventTarget);
}

/**
 * @param {object} parts
 * @param {import('../authority.js').Authority} parts.authority
 * @param {(name: string) => any} parts.real  Node's own builtins
 * @param {import('../binding.d.ts').Native} parts.native
 * @returns {Record<string, any>}  by name; undefined where this Node has none
 */
function createFetch({ authority, real, native }) {
  let made = byAuthority.get(authority);
  if (made === undefined) {
    guard.connectTo({ native, real });
    made = create(authority);
    byAuthority.set(authority, made);
  }
  return made;
}

module.exports = { DISPATCHER_SYMBOLS, close, createFetch, isPrepared: () => prepared !== undefined, prepare };

function create(authority) {
  if (prepared === undefined) {
    throw nodeError(Error, 'ERR_LOADLOCK_UNSUPPORTED', 'fetch and its classes are not there: no sealed file mentions them');
  }
  const { fetch: realFetch, WebSocket: RealWebSocket, EventSource: RealEventSource, requestUrl } = prepared;
  const whole = authority.whole('net.connect');
  let own;

  /** Connections are not lent to other packages. */
  function dispatcher() {
    return (own ??= createAgent(authority));
  }

  function demand(url, attempt) {
    if (whole) return;
    const text = placeOf(url);
    if (text !== undefined) authority.demand('net.connect', text, `${attempt} ${text}`);
  }

  /** Node's own rejects, and so does this, whatever is wrong. */
  function fetch(input, init = undefined) {
    try {
      const given = requestOf(input, requestUrl);
      demand(given.url, 'fetch from');
      const options = copyInit(init);
      options.dispatcher ??= dispatcher();
      return realFetch(given.input, options);
    } catch (error) {
      return reject(error);
    }
  }

  /** A class of connections: `new Real(url, options)`. */
  function connected(Real, copyOptions, dispatcherFor) {
    if (Real === undefined) return undefined;
    const { name } = Real;
    const Own = {
      [name]: function (url, options) {
        if (new.target === undefined) return ReflectApply(Real, undefined, []);
        const text = `${url}`;
        demand(text, `${name} to`);
        const given = copyOptions(options);
        given.dispatcher ??= dispatcherFor(text);
        const made = ReflectConstruct(Real, [text, given], new.target === Own ? Real : new.target);
        // What it is made of, and its errors, are of classes without a name.
        hardenInstance(made);
        addEventListener(made, 'error', hardenInstance, ONCE);
        return made;
      },
    }[name];
    return guard.inherits(Own, Real, ObjectGetPrototypeOf(Real));
  }

  return ObjectFreeze({
    __proto__: null,
    ...prepared,
    Agent: undefined,
    requestUrl: undefined,
    fetch: realFetch === undefined ? undefined : guard.named(realFetch, fetch),
    // Text or a list are protocols; an object is undici's own form.
    WebSocket: connected(RealWebSocket, (options) => (isRecord(options) ? { ...options } : { protocols: options ?? [] }), (url) => toOnePlace(dispatcher(), url)),
    EventSource: connected(RealEventSource, (options) => ({ ...options }), dispatcher),
  });
}

/** On Node 22 a socket shows its agent. Whoever is handed the socket may connect again to where it was connected, and nowhere else. */
function toOnePlace(agent, text) {
  const place = placeOf(text);
  return ObjectFreeze({
    __proto__: null,
    isMockActive: false,
    dispatch(options, handler) {
      if (placeOf(`${options.origin}`) !== place) closed();
      return agent.dispatch(options, handler);
    },
  });
}

function createAgent(authority) {
  const lookup = (hostname, options, callback) => guard.lookup(hostname, options, callback);
  guard.markers.set(lookup, authority);
  const connect = { lookup };
  // The last two are for the agent that takes proxies from the environment.
  return ReflectConstruct(prepared.Agent, [{ connect, proxyTls: connect, requestTls: connect }]);
}

/** The input, read once, and its URL. */
function requestOf(input, requestUrl) {
  if (input !== null && typeof input === 'object') {
    try {
      return { input, url: requestUrl(input) };
    } catch {
      // Not a Request: text, or something that turns into text.
    }
  }
  const text = `${input}`;
  return { input: text, url: text };
}

function copyInit(init) {
  const options = { __proto__: null };
  if (init === undefined || init === null) return options;
  for (let at = 0; at < REQUEST_INIT.length; at++) {
    const value = init[REQUEST_INIT[at]];
    if (value !== undefined) options[REQUEST_INIT[at]] = value;
  }
  return options;
}

/** Where a URL connects to; undefined for one that does not, or that Node will refuse. */
function placeOf(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    // Node words the error.
    return undefined;
  }
  const port = DEFAULT_PORTS[URLProtocol(url)];
  return port === undefined ? undefined : `${hostnameOf(url)}:${portOf(url) || port}`;
}

function isRecord(value) {
  return value !== null && typeof value === 'object' && typeof value[Symbol.iterator] !== 'function';
}

function closed() {
  throw nodeError(Error, 'ERR_LOADLOCK_CAPABILITY', "Node's global dispatcher belongs to nobody");
}

/**
 * On Node 20 and 22 the bundle compiles its HTTP parser when it loads, in steps, and looks `WebAssembly` up again in the
 * second. The first is done at once here, so the second is the next microtask that loading leaves behind; one before and
 * one after it put `WebAssembly` back for as long, whatever has become of the global name by then.
 */
function withParser(load) {
  const known = ObjectGetOwnPropertyDescriptor(realGlobal, 'WebAssembly');
  if (known?.value === undefined) return load();
  const { Module } = known.value;
  const stepwise = { __proto__: known.value, compile: async (bytes) => new Module(bytes) };
  let found;
  queueTask(() => {
    found = ObjectGetOwnPropertyDescriptor(realGlobal, 'WebAssembly');
    if (found === undefined || found.configurable) ReflectDefineProperty(realGlobal, 'WebAssembly', known);
  });
  ReflectDefineProperty(realGlobal, 'WebAssembly', { __proto__: null, value: stepwise, configurable: true, writable: true });
  try {
    load();
  } finally {
    ReflectDefineProperty(realGlobal, 'WebAssembly', known);
    queueTask(() => {
      if (found === undefined) ReflectDeleteProperty(realGlobal, 'WebAssembly');
      else if (found.configurable) ReflectDefineProperty(realGlobal, 'WebAssembly', found);
    });
  }
  return undefined;
}

/** On Node 24 and 26 it does so when the first connection is there. This one is none. */
function loadParser(Agent) {
  const nobody = new Error('no connection');
  const socket = { errored: nobody, destroyed: true, destroy: () => socket, on: () => socket };
  const agent = new Agent({ connect: (options, callback) => callback(null, socket) });
  const handler = { __proto__: null };
  for (const name of HANDLERS) handler[name] = () => {};
  agent.dispatch({ origin: 'http://localhost', path: '/', method: 'GET' }, handler);
}

/** Of both generations of undici. */
const HANDLERS = [
  'onConnect', 'onError', 'onHeaders', 'onData', 'onComplete', 'onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd', 'onResponseError',
];
