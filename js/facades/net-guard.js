'use strict';
// Whose network power is used. Sockets and servers travel between packages, and every method of theirs is found on a
// prototype that all packages and Node itself share. So the power does not lie in the method but in an owner, written
// down here when a facade makes the socket; `connect` and `listen` decide by the owner.
//
// Node's own code (http agents, http2, fetch) makes sockets too. Those get their owner from `scope`, which a facade sets
// for as long as it runs such code, or from a `lookup` function that nobody else has. A socket with neither, accepted
// by a server for example, connects to nothing.

const {
  ArrayIsArray,
  ArrayPrototypePush,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeWeakMap,
  TypeError,
  uncurryThis,
} = require('../intrinsics.js');
const { LoadlockError, nodeError } = require('../errors.js');
const { checkLength, hostOf, portOf, unixOf } = require('./net-address.js');

const realProcess = process;
const realBinding = process.binding;
const RealNumber = Number;

/** Sockets and servers to the authority that they act with. */
const owners = new SafeWeakMap();
/** Sockets to where they were first connected. Whoever got hold of one may connect it there again, and nowhere else. */
const destinations = new SafeWeakMap();
/** Servers to what they may listen on. */
const listening = new SafeWeakMap();
/** `lookup` functions that stand for an authority. */
const markers = new SafeWeakMap();
/** Functions that ask the system's resolver and nothing else. */
const genuineLookups = new SafeWeakMap();
/** Handles of sockets that are about to connect: nothing else may be opened in their place, and none of them ever listens. */
const connecting = new SafeWeakMap();
/** Handles of `net.BoundSocket` objects, to who made them. */
const boundHandles = new SafeWeakMap();
/** `net.BoundSocket` objects that were permitted. */
const boundSockets = new SafeWeakMap();

let scope;
/** The only place that `scope` is good for, if there is one. */
let scopePlace;
/** The server that takes over a handle now, for whom if that is known, and the handle. */
let adopting, adopter, adopted;
/** While Node's own code makes a listening handle for somebody who may: the one handle that it has bound, or opened. */
let binding;
let native;
let net;
/** Gives Node's own modules. The resolver is only loaded when somebody asks it. */
let modules;
let realLookup;

/** What Node's own code does on its own account, such as the servers of a cluster's primary. */
const CORE = ObjectFreeze({ __proto__: null, location: '', whole: () => true, permits: () => true, demand() {}, note() {} });

/** Called by every facade before anything else; the refusals need the native side. */
function connectTo(context) {
  native = context.native;
  modules ??= context.real;
  return context.real('net');
}

/** Refuses something where nobody can say which package asks. Only audit mode comes back. */
function refuse(what) {
  if (native === undefined) throw new LoadlockError({ code: 'ERR_LOADLOCK_CAPABILITY', message: `${what} is not permitted` });
  native.demand('?', 'net.connect', '', what);
}

/** The system's resolver. */
function lookup(hostname, options, callback) {
  realLookup ??= modules('dns').lookup;
  return realLookup(hostname, options, callback);
}

/** Runs Node's own code with an authority for the sockets that it makes. */
function asOwner(authority, action, receiver, args, place) {
  const before = scope, placeBefore = scopePlace;
  scope = authority;
  scopePlace = place;
  try {
    return ReflectApply(action, receiver, args);
  } finally {
    scope = before;
    scopePlace = placeBefore;
  }
}

let open = false;

/**
 * For a policy that lets somebody patch builtins: those packages get Node's own modules, so these must work by themselves.
 * Otherwise nobody but Node calls them, and a connection that belongs to nobody is refused.
 */
function leaveOpen() {
  open = true;
}

/** A function of Node's that connects, for those who have Node's own module. */
function asNode(action, run = asOwner) {
  return function (...args) {
    return open && scope === undefined ? run(CORE, action, this, args) : ReflectApply(action, this, args);
  };
}

/**
 * Runs code of Node's that makes one listening handle. Getters and setters of a package may run in between: what they
 * do to other handles is refused.
 * @param {object} [handle]  the one that is there already
 */
function whileBinding(action, receiver, args, handle) {
  const before = binding;
  binding = { __proto__: null, handle };
  try {
    return ReflectApply(action, receiver, args);
  } finally {
    binding = before;
  }
}

/** Makes a `net.BoundSocket`, which binds, and writes down whose its handle is. */
function makeBoundSocket(Real, authority, options, target) {
  const before = binding;
  const state = (binding = { __proto__: null, handle: undefined });
  let made;
  try {
    made = new Real(options);
  } finally {
    binding = before;
  }
  if (target !== undefined) ObjectSetPrototypeOf(made, target.prototype);
  boundSockets.set(made, authority);
  if (state.handle !== undefined) boundHandles.set(state.handle, authority);
  return made;
}

/** Text for a decision on `host:port`. */
function hostAndPort(host, port) {
  return `${hostOf(net.isIP, host).text}:${port}`;
}

/** Once per process, with Node's own `net`. */
function hardenNet(real) {
  net = { __proto__: null, isIP: real.isIP, normalizeArgs: real._normalizeArgs };
  const { Socket, Server } = real;
  const normalized = ReflectOwnKeys(real._normalizeArgs([])).find((key) => typeof key === 'symbol');
  net.argumentsOf = (args) => (ArrayIsArray(args[0]) && args[0][normalized] ? args[0] : net.normalizeArgs(args));
  patchConnect(Socket.prototype);
  patchListen(Server.prototype);
  // Facades are made from what is here now. What Node itself, and whoever may patch builtins, finds on the module
  // afterwards: a cluster's primary makes servers, and handles for its workers, through these.
  const { connect, createServer, _createServerHandle } = real;
  net.originals = ObjectFreeze({ __proto__: null, connect, createServer });
  replace(real, 'connect', asNode(connect));
  real.createConnection = real.connect;
  replace(real, 'createServer', ownedBy(CORE, createServer));
  replace(real, '_createServerHandle', function (...args) {
    return whileBinding(_createServerHandle, undefined, args);
  });
  sever(Socket);
  sever(Server);
  if (real.BoundSocket !== undefined) sever(real.BoundSocket);
  hardenHandles();
}

module.exports = {
  CORE, asNode, asOwner, connectTo, demandListen, derive, genuineLookups, hardenNet, hostAndPort, inherits, internal, leaveOpen, makeBoundSocket, markers, named, owned,
  ownedBy, owners, refuse, replace, sever, socketText, verifiedLookup, withoutDescriptor,
  lookup,
  originals: () => net.originals,
  argumentsOf: (args) => net.argumentsOf(args),
  isIP: (text) => net.isIP(text),
};

/** All that `connect` reads, on every Node. */
const CONNECT_OPTIONS = [
  'port', 'host', 'path', 'localAddress', 'localPort', 'family', 'hints', 'lookup', 'autoSelectFamily', 'autoSelectFamilyAttemptTimeout',
];

function patchConnect(prototype) {
  const realConnect = prototype.connect;
  replace(prototype, 'connect', function (...args) {
    const normal = net.argumentsOf(args);
    const given = normal[0];
    const options = { __proto__: null };
    for (let at = 0; at < CONNECT_OPTIONS.length; at++) {
      const value = given[CONNECT_OPTIONS[at]];
      if (value !== undefined) options[CONNECT_OPTIONS[at]] = value;
    }
    const marked = markers.get(options.lookup);
    if (marked !== undefined) options.lookup = undefined;
    const known = owners.get(this) ?? marked;
    const authority = known ?? scope;
    const destination = destinationOf(options);
    const before = destinations.get(this);
    if (authority === undefined) {
      refuse('net.Socket.connect() on a socket that the package did not make');
    } else if (before !== undefined && before !== destination) {
      refuse(`connecting a socket to ${destination} that was made for ${before}`);
    } else if (known === undefined && scopePlace !== undefined && destination !== scopePlace) {
      refuse(`connecting to ${destination} for a request to ${scopePlace}`);
    } else if (destination !== undefined) {
      owners.set(this, authority);
      destinations.set(this, destination);
      if (!authority.whole('net.connect')) attenuate(authority, options, destination);
    }
    // Without a destination there is only the error that Node has for it: nothing else may be left to go by.
    const asked = destination === undefined ? { __proto__: null, port: options.port, path: options.path } : options;
    const result = ReflectApply(realConnect, this, normal[1] === null ? [asked] : [asked, normal[1]]);
    const handle = this._handle;
    if (handle !== null && typeof handle === 'object') meet(handle);
    return result;
  });
}

/**
 * Brings `host`, `port` and `path` into the form that is decided on. Undefined when Node will refuse them itself.
 */
function destinationOf(options) {
  const { path } = options;
  if (path) {
    if (typeof path !== 'string') return undefined;
    const unix = unixOf(path);
    options.path = unix.path;
    return unix.text;
  }
  const host = options.host || 'localhost';
  const port = portOf(options.port);
  if (port === undefined) return undefined;
  // Node 20 takes an object for a host, and asks it again and again.
  if (typeof host !== 'string') throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "options.host" property must be of type string.');
  const known = hostOf(net.isIP, host);
  options.host = known.host;
  options.port = port;
  return `${known.text}:${port}`;
}

function attenuate(authority, options, destination) {
  authority.demand('net.connect', destination, `connecting to ${destination}`);
  if (options.path) return checkLength(options.path);
  const { lookup } = options;
  if (typeof lookup !== 'function') return undefined;
  if (genuineLookups.get(lookup) === true) options.lookup = undefined;
  else options.lookup = verifiedLookup(lookup, (address) => permitsAddress(authority, address, options.port));
  return undefined;
}

function permitsAddress(authority, address, port) {
  const value = hostAndPort(address, port);
  return authority.permits('net.connect', value) ? undefined : { authority, value };
}

/**
 * A resolver of somebody's own may say anything. What it says counts if the address is permitted as an address, or if
 * the system's resolver gives it for the same name.
 * @param {Function} given
 * @param {(address: string) => {authority: object, value: string} | undefined} check  what would have to be permitted
 */
function verifiedLookup(given, check) {
  return (hostname, options, callback) => {
    ReflectApply(given, undefined, [hostname, options, (error, found, family) => {
      if (error) return callback(error);
      const all = [];
      const list = ArrayIsArray(found) ? found : [{ address: found, family }];
      for (let at = 0; at < list.length; at++) {
        const { address, family: version } = list[at];
        ArrayPrototypePush(all, { address: typeof address === 'string' ? address : '', family: version === 6 || version === 'IPv6' ? 6 : 4 });
      }
      const answer = () => (ArrayIsArray(found) ? callback(null, all) : callback(null, all[0].address, all[0].family));
      const missing = unpermitted(all, check);
      if (missing.length === 0) return answer();
      return lookup(hostname, { __proto__: null, all: true }, (failure, genuine) => {
        const known = failure ? [] : genuine;
        for (let at = 0; at < missing.length; at++) {
          if (includesAddress(known, missing[at].address)) continue;
          const { authority, value } = missing[at].needs;
          try {
            authority.demand('net.connect', value, `connecting to ${value}, which a resolver of the package gave for ${hostname}`);
          } catch (refusal) {
            return callback(refusal);
          }
        }
        return answer();
      });
    }]);
  };
}

function unpermitted(all, check) {
  const missing = [];
  for (let at = 0; at < all.length; at++) {
    const needs = check(all[at].address);
    if (needs !== undefined) ArrayPrototypePush(missing, { address: all[at].address, needs });
  }
  return missing;
}

function includesAddress(list, address) {
  for (let at = 0; at < list.length; at++) if (list[at].address === address) return true;
  return false;
}

/** Text for a decision on where to connect, from options as `net.connect` takes them; undefined when Node will refuse them. */
function socketText(host, port, path) {
  return destinationOf({ __proto__: null, host, port, path });
}

/**
 * Copies the options of a new socket. An open descriptor or handle among them is not decided on by host, so only a whole
 * grant permits it.
 */
function withoutDescriptor(authority, args, attempt) {
  const [given, ...rest] = args;
  if (typeof given === 'number') {
    if (!authority.whole('net.connect')) authority.demand('net.connect', undefined, `${attempt} on an open descriptor`);
    return args;
  }
  if (given === null || typeof given !== 'object') return args;
  const options = { ...given };
  // Of what they inherit Node reads these.
  for (let at = 0; at < CONNECT_OPTIONS.length; at++) {
    const key = CONNECT_OPTIONS[at];
    if (key in options) continue;
    const value = given[key];
    if (value !== undefined) options[key] = value;
  }
  if (options.fd !== undefined && !authority.whole('net.connect')) authority.demand('net.connect', undefined, `${attempt} on an open descriptor`);
  return [options, ...rest];
}

const LISTEN_OPTIONS = ['port', 'host', 'path', 'backlog', 'exclusive', 'readableAll', 'writableAll', 'ipv6Only', 'reusePort', 'signal', 'fd', 'handle', '_handle'];
/** What a server that is not bound to one place may listen on. */
const ANYTHING = ObjectFreeze({ __proto__: null });

function patchListen(prototype) {
  const { listen: realListen, _listen2: realListen2 } = prototype;
  replace(prototype, 'listen', function (...args) {
    const authority = owners.get(this);
    if (authority === undefined) {
      // Node's own way to take over a server that came from another process or thread.
      if (isHandle(args[0])) return adopt(this, args);
      refuse('net.Server.listen() on a server that the package did not make');
      listening.set(this, ANYTHING);
      return ReflectApply(realListen, this, args);
    }
    if (authority.whole('net.listen')) {
      listening.set(this, ANYTHING);
      return ReflectApply(realListen, this, args);
    }
    return listenScoped(authority, this, args);
  });

  function listenScoped(authority, server, args) {
    const normal = net.argumentsOf(args);
    const [given, callback] = normal;
    const rest = callback === null ? [] : [callback];
    if (boundSockets.get(given) === authority || boundSockets.get(given.handle) === authority) {
      return adopt(server, [given, ...rest], authority);
    }
    const options = { __proto__: null };
    for (let at = 0; at < LISTEN_OPTIONS.length; at++) {
      const key = LISTEN_OPTIONS[at];
      const value = given[key];
      if (value !== undefined) options[key] = value;
    }
    if (options.fd !== undefined || options.handle !== undefined || options._handle !== undefined) {
      authority.demand('net.listen', undefined, 'server.listen() on an open handle');
      listening.set(server, ANYTHING);
      return ReflectApply(realListen, server, [given, ...rest]);
    }
    const backlog = options.backlog || count(args[1]) || count(args[2]);
    if (backlog) options.backlog = backlog;
    if (args.length === 0 || typeof args[0] === 'function' || given.port === null || (options.port === undefined && 'port' in given)) options.port = 0;
    const permitted = decideListen(authority, options);
    if (permitted?.name !== undefined) return listenByName(server, options, permitted, rest);
    if (permitted !== undefined) listening.set(server, permitted);
    return ReflectApply(realListen, server, [options, ...rest]);
  }

  /** Node would look the name up and tell nobody what it found; here only that address may be bound. */
  function listenByName(server, options, { name, port }, rest) {
    const { _listeningId: id } = server;
    lookup(name, { __proto__: null, all: true }, (error, addresses) => {
      // Closed, or listening by another call, in the meantime.
      if (server._listeningId !== id) return;
      if (error) {
        server.emit('error', error);
        return;
      }
      const { address } = addresses[0];
      listening.set(server, ObjectFreeze({ __proto__: null, port, address }));
      ReflectApply(realListen, server, [{ __proto__: null, ...options, host: address }, ...rest]);
    });
    return server;
  }

  /** Listens on a handle that is bound already, and on no other. Node does so at once. */
  function adopt(server, args, authority) {
    const [before, by] = [adopting, adopter];
    adopting = server;
    adopter = authority;
    try {
      return ReflectApply(realListen, server, args);
    } finally {
      adopting = before;
      adopter = by;
    }
  }

  // "still named like this to avoid breaking code that wraps this method", says Node. It binds.
  replace(prototype, '_listen2', function (...args) {
    if (adopting === this) {
      const handle = handleOf(this);
      if (!isHandle(handle)) refuse('net.Server._listen2() without a handle');
      if (adopter === undefined ? !isBound(handle) : boundHandles.get(handle) !== adopter) refuse('net.Server._listen2() on a handle that is not bound');
      const before = adopted;
      adopted = handle;
      try {
        return ReflectApply(realListen2, this, args);
      } finally {
        adopted = before;
      }
    }
    const permitted = listening.get(this);
    const [address, port, , , fd] = args;
    const handle = handleOf(this);
    if (permitted === undefined || (permitted !== ANYTHING && !(isPermitted(permitted, address, port, fd) && areNumbers(args) && isFree(handle)))) {
      refuse('net.Server._listen2()');
    }
    const result = whileBinding(realListen2, this, args, handle ?? undefined);
    if (this._handle !== null && typeof this._handle === 'object') meet(this._handle);
    return result;
  });
}

/** The handle that Node will find and put there, without asking anybody. */
function handleOf(server) {
  const descriptor = ObjectGetOwnPropertyDescriptor(server, '_handle');
  if (descriptor === undefined || !('value' in descriptor) || !descriptor.writable) refuse("listening with a server's _handle replaced");
  return descriptor?.value;
}

/** Objects among these would run code of a package while Node binds. */
function areNumbers(args) {
  for (let at = 2; at < args.length; at++) if (args[at] !== null && typeof args[at] === 'object') return false;
  return true;
}

/** A handle that is there before Node makes one is the primary's, in a worker of a cluster; else somebody has put it there. */
function isFree(handle) {
  return handle === null || modules('cluster').isWorker;
}

/** An unbound TCP handle would get a port of the system's choice, on every address. */
function isBound(handle) {
  if (typeof handle.getsockname !== 'function') return true;
  const name = { __proto__: null };
  return handle.getsockname(name) === 0 && name.port !== 0;
}

/** Demands what `options` would bind to, for those who bind it themselves. */
function demandListen(authority, options, host) {
  const bound = { __proto__: null, port: options.path === undefined ? options.port ?? 0 : undefined, host: options.host ?? host, path: options.path };
  // Node refuses what it cannot read itself; until then it counts as anything.
  if (decideListen(authority, bound) === undefined) authority.demand('net.listen', undefined, 'new net.BoundSocket()');
  for (const key of ['host', 'path']) if (options[key] !== undefined) options[key] = bound[key];
}

/** Undefined when Node will refuse the options itself. */
function decideListen(authority, options) {
  const port = portOf(options.port);
  if (port !== undefined) {
    options.port = port;
    // Node binds the unspecified IPv6 address first.
    const host = options.host || '::';
    if (typeof host !== 'string') return undefined;
    const known = hostOf(net.isIP, host);
    if (options.host) options.host = known.host;
    const value = `${known.text}:${port}`;
    authority.demand('net.listen', value, `listening on ${value}`);
    const name = known.isAddress ? undefined : known.host;
    // Without a host Node tries one address after the other by itself.
    return ObjectFreeze({ __proto__: null, port, name, address: options.host ? known.host : null });
  }
  const { path } = options;
  if (options.port !== undefined || typeof path !== 'string') return undefined;
  const unix = unixOf(path);
  options.path = unix.path;
  authority.demand('net.listen', unix.text, `listening on ${unix.text}`);
  checkLength(unix.path);
  return ObjectFreeze({ __proto__: null, port: -1, address: unix.path });
}

function isPermitted(permitted, address, port, fd) {
  return fd === undefined && port === permitted.port && address === permitted.address;
}

function count(value) {
  if (typeof value !== 'number' && typeof value !== 'string') return 0;
  const number = RealNumber(value);
  return number >= 0 ? number : 0;
}

let getAsyncId;
/** Whether it is an object of Node's native side, and not one that only inherits from such. */
function isHandle(value) {
  if (getAsyncId === undefined || value === null || typeof value !== 'object') return false;
  try {
    return ReflectApply(getAsyncId, value, []) > 0;
  } catch {
    // "Illegal invocation": not a native object.
    return false;
  }
}

/**
 * The native objects behind sockets lead to their classes, with which anybody could connect; and some of their methods
 * bind or listen.
 */
function hardenHandles() {
  const [tcp, pipe, udp, cares] = ['tcp_wrap', 'pipe_wrap', 'udp_wrap', 'cares_wrap'].map(internal);
  for (const Class of [tcp?.TCP, tcp?.TCPConnectWrap, pipe?.Pipe, pipe?.PipeConnectWrap, udp?.UDP, udp?.SendWrap, cares?.ChannelWrap]) {
    if (Class !== undefined) sever(Class);
  }
  if (tcp !== undefined) hardenStreams(tcp.TCP.prototype);
  if (pipe !== undefined) hardenStreams(pipe.Pipe.prototype);
}

const hardened = new SafeWeakMap();

function hardenStreams(prototype) {
  if (hardened.get(prototype) === true) return;
  hardened.set(prototype, true);
  getAsyncId ??= prototype.getAsyncId;
  guard(prototype, 'listen', (handle) => connecting.get(handle) !== true && (handle === binding?.handle || handle === adopted));
  // Standard streams are opened by Node itself, whenever somebody looks at them first.
  guard(prototype, 'open', (handle, [fd]) => connecting.get(handle) !== true && (fd <= 2 || claim(handle) || open || scope?.whole('net.connect') === true));
  guardBind(prototype, 'bind');
  if (prototype.bind6 !== undefined) guardBind(prototype, 'bind6');
}

/** Makes a handle the one that may listen, unless there is another. */
function claim(handle) {
  if (binding === undefined || binding.handle !== undefined || connecting.get(handle) === true) return false;
  binding.handle = handle;
  return true;
}

/** Binding a pipe makes a file. A TCP handle may be bound to connect from there (`localPort`); then it never listens. */
function guardBind(prototype, name) {
  const real = prototype[name];
  const isPipe = prototype.bind6 === undefined;
  replace(prototype, name, function (...args) {
    if (!claim(this)) {
      if (isPipe || binding !== undefined) refuse(`${name}() of a socket's native handle`);
      else connecting.set(this, true);
      return ReflectApply(real, this, args);
    }
    const result = ReflectApply(real, this, args);
    // Node goes on with another handle, on another address.
    if (result !== 0 && binding?.handle === this) binding.handle = undefined;
    return result;
  });
}

/** Where Node's permission model denies internal bindings, the classes are met with the first handle. */
function meet(handle) {
  const stream = handle._parent ?? handle;
  connecting.set(handle, true);
  connecting.set(stream, true);
  const prototype = ObjectGetPrototypeOf(stream);
  if (hardened.get(prototype) === true || typeof stream.listen !== 'function' || typeof stream.getAsyncId !== 'function') return;
  hardenStreams(prototype);
  sever(prototype.constructor);
}

function guard(prototype, name, isPermittedOn) {
  const real = prototype[name];
  replace(prototype, name, function (...args) {
    if (!isPermittedOn(this, args)) refuse(`${name}() of a socket's native handle`);
    return ReflectApply(real, this, args);
  });
}

/** One of Node's internal bindings. Under Node's own permission model there are none to be had. */
function internal(name) {
  const { noDeprecation } = realProcess;
  realProcess.noDeprecation = true;
  try {
    return ReflectApply(realBinding, realProcess, [name]);
  } catch {
    return undefined;
  } finally {
    realProcess.noDeprecation = noDeprecation;
  }
}

const severed = new SafeWeakMap();

/**
 * Makes `constructor` of a shared prototype useless. It keeps its name and its prototype: util.inspect looks at both. It
 * stays assignable, because old code assigns it to prototypes that inherit from this one.
 */
function sever(Real) {
  const { prototype, name } = Real;
  if (severed.get(prototype) === true) return;
  severed.set(prototype, true);
  const Inert = {
    [name]: function (...args) {
      refuse(`the constructor of ${name} objects, taken from one of them,`);
      return new.target === undefined ? ReflectApply(Real, this, args) : ReflectConstruct(Real, args, new.target === Inert ? Real : new.target);
    },
  }[name];
  ReflectDefineProperty(Inert, 'prototype', { __proto__: null, value: prototype, writable: false });
  ObjectFreeze(Inert);
  ReflectDefineProperty(prototype, 'constructor', { __proto__: null, value: Inert, writable: true, enumerable: false, configurable: false });
}

/**
 * A class of a facade: makes objects of Node's class and writes down who owns them. It can be called without `new`, and
 * on an object that inherits from the class, as ES5 subclasses do.
 * @param {Function} Real
 * @param {object} authority
 * @param {(args: unknown[]) => unknown[]} [copy]  checks and copies the arguments
 */
function owned(Real, authority, copy = (args) => args) {
  const { name } = Real;
  const Owned = {
    [name]: function (...args) {
      const given = copy(args);
      let made = this;
      const before = scope, placeBefore = scopePlace;
      scope = authority;
      scopePlace = undefined;
      try {
        if (new.target !== undefined) made = ReflectConstruct(Real, given, new.target);
        else if (made !== undefined && made !== null && isPrototypeOf(Real.prototype, made)) ReflectApply(Real, made, given);
        else made = ReflectConstruct(Real, given);
      } finally {
        scope = before;
        scopePlace = placeBefore;
      }
      owners.set(made, authority);
      return made;
    },
  }[name];
  return inherits(Owned, Real, ObjectGetPrototypeOf(Real));
}

/** A function that makes a server, as one that also writes down whose it is. */
function ownedBy(authority, create) {
  return function (...args) {
    const made = ReflectApply(create, this, args);
    if (!owners.has(made)) owners.set(made, authority);
    return made;
  };
}

/** Puts the facade's own class above one of its classes. */
function derive(Own, Parent) {
  ObjectSetPrototypeOf(Own, Parent);
}

/** Gives a function the name and length of the one that it stands for. */
function named(real, own) {
  ReflectDefineProperty(own, 'name', { __proto__: null, value: real.name });
  ReflectDefineProperty(own, 'length', { __proto__: null, value: real.length });
  return own;
}

/** Lets `Own` stand for Node's class: same prototype, so `instanceof` holds, and same statics. */
function inherits(Own, Real, parent) {
  const keys = ReflectOwnKeys(Real);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    ReflectDefineProperty(Own, key, ObjectGetOwnPropertyDescriptor(Real, key));
  }
  Own.prototype = Real.prototype;
  ReflectDefineProperty(Own, 'prototype', { __proto__: null, writable: false });
  ObjectSetPrototypeOf(Own, parent);
  return Own;
}

const isPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf);

/** Puts a function in the place of one, with its name and length. Later locking may still turn it into an accessor. */
function replace(target, key, value) {
  named(target[key], value);
  const descriptor = ObjectGetOwnPropertyDescriptor(target, key);
  ReflectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: descriptor?.enumerable ?? true, configurable: true });
}
