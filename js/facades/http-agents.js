'use strict';
// Requests, and the agents that make their connections: now, or later when another request ends. The connection belongs
// to the package that made the request, whoever made the agent. An agent that somebody finds on a request of another
// package (`res.req.agent`) connects to nothing new.

const EventEmitter = require('events');
const { ObjectAssign, ObjectFreeze, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ReflectApply, ReflectDefineProperty, ReflectOwnKeys, SafeWeakMap } = require('../intrinsics.js');
const { isProxy } = require('util').types;
const guard = require('./net-guard.js');

/** Requests to who made them, and where they go. */
const tickets = new SafeWeakMap();
/** Default agents of packages. */
const defaults = new SafeWeakMap();
/** The package whose request is being made, and where the request goes. Agents of others run meanwhile. */
let requester;
/** The package for whose request a socket is being made, and where that may go. */
let creator;

/**
 * Makes a request for a package.
 * @param {object} authority
 * @param {() => object} make
 * @param {object} [options]  of the request; without them it may go anywhere
 */
function request(authority, make, options) {
  const before = requester;
  const place = options === undefined ? undefined : placeOf(options);
  requester = { __proto__: null, authority, place };
  let made;
  try {
    made = make();
  } finally {
    requester = before;
  }
  // An agent of another kind keeps requests for itself, and may hand them on to one of ours until there is a socket.
  if (!tickets.has(made) && made.agent) {
    const anywhere = { __proto__: null, authority, place };
    tickets.set(made, anywhere);
    made.once('socket', () => {
      if (tickets.get(made) === anywhere) tickets.delete(made);
    });
  }
  return made;
}

/** The same, unless one is being made already: an instrumented request is that of whoever asked for it. */
function requestAs(authority, make) {
  return requester === undefined ? request(authority, make) : make();
}

/** Once per process, with Node's own `http`. */
function hardenAgent({ prototype }) {
  const { addRequest, createSocket } = prototype;
  guard.replace(prototype, 'addRequest', function (req, given, port, localAddress) {
    const options = typeof given === 'string' ? { __proto__: null, host: given, port, localAddress } : { ...given };
    const [asked, place] = placesOf(this, options);
    const authority = authorityFor(req, asked, place);
    if (authority === undefined) guard.refuse('http.Agent.addRequest() with a request that the package did not make, or to another place than it asked for');
    else {
      if (asked !== place && defaults.get(this) === true) guard.refuse(`a request to ${asked} that its agent's options lead to ${place}`);
      if (!authority.whole('net.connect') && place !== undefined) authority.demand('net.connect', place, `a request to ${place}`);
      tickets.set(req, { __proto__: null, authority, place });
    }
    return ReflectApply(addRequest, this, [req, options]);
  });
  guard.replace(prototype, 'createSocket', function (req, given, ...rest) {
    const options = { ...given };
    const [asked, place] = placesOf(this, options);
    const authority = authorityFor(req, asked, place);
    const before = creator;
    creator = authority === undefined ? undefined : { __proto__: null, authority, place };
    try {
      return ReflectApply(createSocket, this, [req, options, ...rest]);
    } finally {
      creator = before;
    }
  });
  hardenConnection(prototype);
}

/** Whose connection a request gets. Undefined for a request of somebody else, or to somewhere else. */
function authorityFor(req, asked, place) {
  const ticket = tickets.get(req);
  if (ticket !== undefined && isSame(ticket.place, place)) return ticket.authority;
  return requester !== undefined && isSame(requester.place, asked) ? requester.authority : undefined;
}

/** `createConnection` of an agent class. */
function hardenConnection(prototype) {
  const { createConnection } = prototype;
  guard.replace(prototype, 'createConnection', function (...args) {
    if (creator === undefined) {
      // TLS over a connection that is already there opens nothing. Node's own code would do the rest as itself.
      if (args[0]?.socket === undefined) guard.refuse('http.Agent.createConnection() outside of a request');
      return ReflectApply(createConnection, this, args);
    }
    const { authority, place } = creator;
    const [options, ...rest] = guard.withoutDescriptor(authority, inOneObject(args), 'http.request()');
    const { host, port, path } = options;
    if (options.socket === undefined && place !== undefined && guard.socketText(host, port, path) !== place) {
      guard.refuse(`http.Agent.createConnection() for a request to ${place}, to another place`);
    }
    // A method of somebody's own would run in the name of whoever makes the request.
    if (options._agentKey && !isNodes(this, prototype, '_getSession')) options._agentKey = undefined;
    return guard.asOwner(authority, createConnection, this, [options, ...rest], usesProxy(this) ? undefined : place);
  });
}

/** `(port, host, options)` as options. */
function inOneObject(args) {
  if (args[0] !== null && typeof args[0] === 'object') return args;
  const options = {};
  const rest = [];
  for (let at = 0; at < args.length; at++) {
    const value = args[at];
    if (value !== null && typeof value === 'object') {
      const { port, host } = options;
      ObjectAssign(options, value);
      if (port !== undefined) options.port = port;
      if (host !== undefined) options.host = host;
    } else if (typeof value === 'function') rest[rest.length] = value;
    else if (at === 0) options.port = value;
    else if (typeof value === 'string') options.host = value;
  }
  return [options, ...rest];
}

/** Whether a method is found where Node has put it. */
function isNodes(agent, prototype, key) {
  for (let at = agent; at !== null && !isProxy(at); at = ObjectGetPrototypeOf(at)) {
    if (ObjectGetOwnPropertyDescriptor(at, key) !== undefined) return at === prototype;
  }
  return false;
}

/** Whether Node connects to a proxy instead, as it does from Node 24 on. That is decided like any other connection. */
function usesProxy(agent) {
  if (isProxy(agent)) return false;
  const keys = ReflectOwnKeys(agent);
  for (let at = 0; at < keys.length; at++) {
    if (typeof keys[at] === 'symbol' && keys[at].description === 'kProxyConfig') {
      const value = ObjectGetOwnPropertyDescriptor(agent, keys[at])?.value;
      return value !== null && value !== undefined;
    }
  }
  return false;
}

/**
 * A package's default agent. Others find it on a request, and could make its connections: the methods are Node's for
 * good. Assigning one changes nothing.
 */
function protect(agent) {
  for (let at = ObjectGetPrototypeOf(agent); at !== EventEmitter.prototype && at !== null; at = ObjectGetPrototypeOf(at)) {
    const keys = ReflectOwnKeys(at);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (key === 'constructor' || ObjectGetOwnPropertyDescriptor(agent, key) !== undefined) continue;
      const value = agent[key];
      if (typeof value !== 'function') continue;
      ReflectDefineProperty(agent, key, {
        __proto__: null, get: ObjectFreeze(() => value), set: ObjectFreeze(() => {}), enumerable: false, configurable: false,
      });
    }
  }
  const own = ReflectOwnKeys(agent);
  for (let at = 0; at < own.length; at++) {
    if (typeof own[at] === 'symbol' && own[at].description === 'kProxyConfig') {
      ReflectDefineProperty(agent, own[at], { __proto__: null, writable: false, configurable: false });
    }
  }
  defaults.set(agent, true);
  return agent;
}

module.exports = { hardenAgent, hardenConnection, protect, request, requestAs };

/** Where a request goes by its own options, as Node reads them. */
function placeOf(options) {
  const { agent, _defaultAgent: defaultAgent } = options;
  const chosen = agent || (agent === false || typeof options.createConnection === 'function' ? undefined : defaultAgent);
  const port = options.port || options.defaultPort || chosen?.defaultPort || 80;
  return textOf(options.hostname || options.host || 'localhost', port, options.socketPath);
}

/** Where options lead, without and with those of the agent, which come first in Node. */
function placesOf(agent, options) {
  const own = { ...agent.options };
  const value = (key) => (key in own ? own[key] : options[key]);
  const asked = textOf(options.host, options.port, options.socketPath);
  return [asked, textOf(value('host'), value('port'), value('socketPath'))];
}

/** Undefined when Node will refuse them. */
function textOf(host, port, socketPath) {
  return host !== undefined && host !== null && typeof host !== 'string' ? undefined : guard.socketText(host, port, socketPath);
}

function isSame(known, place) {
  return known === undefined || known === place;
}
