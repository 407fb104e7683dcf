'use strict';
// `http` and `https`. Every request is made in the name of a package; http-agents.js decides where it may go, and
// net-guard.js where it really connects. Every package keeps its connections in a default agent of its own: an open
// connection is not lent to another package, and nobody else can watch or change how it is made.

const { ObjectGetPrototypeOf, ObjectKeys, ReflectApply, ReflectConstruct, URL } = require('../intrinsics.js');
const guard = require('./net-guard.js');
const { hardenAgent, hardenConnection, protect, request, requestAs } = require('./http-agents.js');
const http2 = require('./http2.js');
const { createFetch, isPrepared } = require('./fetch.js');

const { urlToHttpOptions } = require('url');
/** Node's own functions, by module. */
const originals = { __proto__: null };

/** Once per process, with Node's own `http`. */
function hardenHttp(real) {
  hardenAgent(real.Agent);
  hardenRequests('http', real);
}

/** Once per process, with Node's own `https`. */
function hardenHttps(real) {
  hardenConnection(real.Agent.prototype);
  hardenRequests('https', real);
}

function hardenRequests(name, real) {
  const { request: realRequest, get, createServer, globalAgent } = real;
  originals[name] = { __proto__: null, request: realRequest, get, createServer, globalAgent, own: { __proto__: null } };
  // For whoever may patch builtins and therefore has Node's own module.
  for (const key of ['request', 'get']) {
    const action = real[key];
    guard.replace(real, key, guard.asNode(action, (authority, run, receiver, args) => requestAs(authority, () => ReflectApply(run, receiver, args))));
    originals[name].own[key] = real[key];
  }
  guard.replace(real, 'createServer', guard.ownedBy(guard.CORE, createServer));
}

function createHttp(name) {
  return function create(context) {
    guard.connectTo(context);
    const { authority } = context;
    // The one's agents inherit from the other's, the one's requests are the other's.
    const { ClientRequest: RealRequest } = context.real('http');
    const real = context.real(name);
    const { request: realRequest, get: realGet, createServer, globalAgent: shared } = originals[name];
    let own;

    /**
     * The package's default agent: what a package does to it, or hears from it, concerns no other. Assigning another one to
     * its view of the module changes only that view.
     */
    function agent() {
      // Somebody who may patch builtins has put one in the place of Node's, for everybody.
      if (own === undefined && real.globalAgent !== shared) return real.globalAgent;
      return (own ??= protect(new real.Agent({ ...shared.options })));
    }

    /** The arguments of a request in one object, with the package's own default agent. */
    function optionsOf(args) {
      const rest = [...args];
      const options = { __proto__: null };
      if (typeof rest[0] === 'string') assign(options, urlToHttpOptions(new URL(rest.shift())));
      else if (isUrl(rest[0])) assign(options, urlToHttpOptions(rest.shift()));
      if (rest[0] && typeof rest[0] !== 'function') assign(options, rest.shift());
      if (name === 'https' || options._defaultAgent === undefined) options._defaultAgent = agent();
      // Node makes a new agent of the default one's class for `agent: false`.
      if (options.agent === false) options.agent = new real.Agent();
      return [options, typeof rest[0] === 'function' ? rest[0] : undefined];
    }

    function make(args) {
      const given = optionsOf(args);
      return request(authority, () => ReflectConstruct(RealRequest, given), given[0]);
    }

    const requestOwn = guard.named(realRequest, (...args) => (isPatched('request') ? patched('request', args) : make(args)));
    const getOwn = guard.named(realGet, (...args) => {
      if (isPatched('get')) return patched('get', args);
      const made = make(args);
      made.end();
      return made;
    });

    /** Whether somebody with the grant `patch` has put a function in the place of Node's. */
    function isPatched(key) {
      return real[key] !== originals[name].own[key];
    }

    /** What that function makes for this package. */
    function patched(key, args) {
      const [options, callback] = optionsOf(args);
      return request(authority, () => ReflectApply(real[key], real, [{ ...options }, callback]), options);
    }

    function ClientRequest(...args) {
      const given = optionsOf(args);
      return request(authority, () => ReflectConstruct(RealRequest, given, new.target === undefined || new.target === ClientRequest ? RealRequest : new.target), given[0]);
    }
    guard.inherits(ClientRequest, RealRequest, ObjectGetPrototypeOf(RealRequest));

    const Server = guard.owned(real.Server, authority);
    if (name === 'http') guard.derive(Server, context.view('net').Server);
    else guard.derive(Server, context.view('tls').Server);
    const overrides = {
      __proto__: null,
      request: requestOwn,
      get: getOwn,
      Server,
      createServer: guard.named(createServer, guard.ownedBy(authority, createServer)),
      get globalAgent() {
        return agent();
      },
      set globalAgent(value) {
        own = value;
      },
    };
    if (name === 'http') {
      overrides.ClientRequest = ClientRequest;
      // Importing `http` reads them all, so they are only there when they cost nothing.
      for (const key of ['WebSocket', 'CloseEvent', 'MessageEvent']) {
        if (!(key in real)) continue;
        const get = () => (isPrepared() ? createFetch(context)[key] : undefined);
        Object.defineProperty(overrides, key, { __proto__: null, get, enumerable: true, configurable: true });
      }
    }
    return overrides;
  };
}

const MEMBERS = ['request', 'get', 'Server', 'createServer', 'globalAgent'];
const http = createHttp('http');
/** Deprecated names of parts of it. */
const ALIASES = { __proto__: null, _http_agent: ['globalAgent'], _http_client: ['ClientRequest'], _http_server: ['Server'] };

const create = { __proto__: null, http, https: createHttp('https'), ...http2.create };
const always = { __proto__: null, http: [...MEMBERS, 'ClientRequest', 'WebSocket', 'CloseEvent', 'MessageEvent'], https: MEMBERS, ...http2.always };
for (const alias of ObjectKeys(ALIASES)) {
  const members = ALIASES[alias];
  always[alias] = members;
  create[alias] = (context) => {
    const overrides = { __proto__: null };
    for (const member of members) overrides[member] = context.view('http')[member];
    return overrides;
  };
}

module.exports = {
  create,
  harden: { __proto__: null, http: hardenHttp, https: hardenHttps, ...http2.harden },
  always,
};

/** As Object.assign: own enumerable members, each read once. */
function assign(target, source) {
  const copy = { ...source };
  const keys = ObjectKeys(copy);
  for (let at = 0; at < keys.length; at++) target[keys[at]] = copy[keys[at]];
  for (const symbol of Object.getOwnPropertySymbols(copy)) target[symbol] = copy[symbol];
}

/** As Node tells URLs from options. */
function isUrl(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}
