'use strict';
// `dgram`. A datagram names its destination each time, so `send` decides too. The native handle, which every socket
// shows, sends and binds only where that was decided before.

const { ObjectGetPrototypeOf, ReflectApply, ReflectConstruct, ReflectOwnKeys, SafeMap, SafeSet, SafeWeakMap, process } = require('../intrinsics.js');
const { hostOf, portOf } = require('./net-address.js');
const guard = require('./net-guard.js');

/** `uv_errname(-13)`. */
const EACCES = -13;
/** A socket that talked to that many places forgets them; each is decided on again. */
const MANY = 65_536;

/** Sockets and native handles of owners that are not wholly granted, to what was decided for them. */
const decisions = new SafeWeakMap();
const nextTick = process.nextTick;
let originals;
let stateSymbol;
/** Above 0 while Node binds a socket because somebody sends or connects with it. */
let implicit = 0;

/** Once per process, with Node's own `dgram`. */
function hardenDgram(real) {
  const { Socket, createSocket } = real;
  originals = { __proto__: null, createSocket };
  guard.sever(Socket);
  guard.replace(real, 'createSocket', guard.ownedBy(guard.CORE, createSocket));
  const probe = createSocket('udp4');
  stateSymbol = ReflectOwnKeys(probe).find((key) => typeof key === 'symbol' && typeof probe[key]?.handle?.recvStart === 'function');
  hardenHandle(ObjectGetPrototypeOf(probe[stateSymbol].handle));
  probe.close();
  for (const name of ['bind', 'bindSync']) if (Socket.prototype[name] !== undefined) patchBind(Socket.prototype, name);
  for (const name of ['connect', 'connectSync']) if (Socket.prototype[name] !== undefined) patchConnect(Socket.prototype, name);
  patchSend(Socket.prototype);
}

function createDgram(context) {
  const { authority } = context;
  guard.connectTo(context);
  const { Socket: Real } = context.real('dgram');
  const whole = authority.whole('net.connect') && authority.whole('net.listen');
  const useless = !authority.granted('net.connect') && !authority.granted('net.listen');

  function Socket(type, listener) {
    // The handle is made at once. Whoever may do nothing with it hears so here.
    if (useless) authority.demand('net.connect', undefined, 'dgram.createSocket()');
    const target = new.target === undefined || new.target === Socket ? Real : new.target;
    if (whole) {
      const made = ReflectConstruct(Real, [type, listener], target);
      guard.owners.set(made, authority);
      return made;
    }
    const decided = { __proto__: null, authority, places: new SafeSet(), names: new SafeMap() };
    const made = ReflectConstruct(Real, [withResolver(decided, type), listener], target);
    guard.owners.set(made, authority);
    decisions.set(made, decided);
    decisions.set(made[stateSymbol].handle, decided);
    return made;
  }
  guard.inherits(Socket, Real, ObjectGetPrototypeOf(Real));
  return { __proto__: null, Socket, createSocket: guard.named(originals.createSocket, (type, listener) => new Socket(type, listener)) };
}

module.exports = {
  create: { __proto__: null, dgram: createDgram },
  harden: { __proto__: null, dgram: hardenDgram },
  always: { __proto__: null, dgram: ['Socket', 'createSocket'] },
};

/** The options of a socket, with a resolver that writes down which address belongs to which name. */
function withResolver(decided, type) {
  const options = type !== null && typeof type === 'object' ? { ...type } : { type };
  const { lookup: given } = options;
  const { authority } = decided;
  // The port of a datagram is not known here, so an address of the package's own resolver needs all of them.
  const verified = typeof given === 'function' && guard.genuineLookups.get(given) !== true
    ? guard.verifiedLookup(given, (address) => ({ authority, value: guard.hostAndPort(address, 0) }))
    : guard.lookup;
  if (given !== undefined && typeof given !== 'function') return options;
  options.lookup = function (name, family, callback) {
    const done = (error, address, version) => {
      if (!error) note(decided, name, address);
      callback(error, address, version);
    };
    const literal = guard.isIP(name);
    if (literal === 0 || literal !== family) verified(name, family, done);
    else nextTick(done, null, name, family);
  };
  return options;
}

function note(decided, name, address) {
  if (decided.names.size > MANY) decided.names.clear();
  let names = decided.names.get(address);
  if (names === undefined) {
    names = new SafeSet();
    decided.names.set(address, names);
  }
  names.add(name);
}

/** Demands a use of a place and writes it down; gives the host for Node. */
function decide(decided, capability, host, port, attempt) {
  const known = hostOf(guard.isIP, host);
  decided.authority.demand(capability, `${known.text}:${port}`, `${attempt} ${known.text}:${port}`);
  if (decided.places.size > MANY) decided.places.clear();
  decided.places.add(`${capability} ${known.host} ${port}`);
  if (known.isAddress) note(decided, known.host, known.host);
  return known.host;
}

function wasDecided(decided, capability, address, port) {
  const names = decided.names.get(address);
  let found = false;
  names?.forEach((name) => {
    if (decided.places.has(`${capability} ${name} ${port}`)) found = true;
  });
  return found;
}

/** What was decided for a socket: undefined when its owner may do anything. */
function decidedFor(socket, what) {
  if (guard.owners.get(socket) === undefined) guard.refuse(what);
  return decisions.get(socket);
}

function patchBind(prototype, name) {
  const real = prototype[name];
  guard.replace(prototype, name, function (first, second, ...rest) {
    // Node's own way to take over a socket that came from another process.
    const isHandle = first !== null && typeof first === 'object' && typeof first.recvStart === 'function';
    const decided = isHandle && guard.owners.get(this) === undefined ? undefined : decidedFor(this, `dgram.Socket.${name}()`);
    if (decided === undefined || implicit > 0) return ReflectApply(real, this, arguments.length > 1 ? [first, second, ...rest] : [first]);
    const isObject = first !== null && typeof first === 'object';
    const options = isObject ? { ...first } : { port: first, address: typeof second === 'function' ? undefined : second };
    if (isHandle || options.fd !== undefined) {
      decided.authority.demand('net.listen', undefined, `dgram.Socket.${name}() on an open socket`);
      return ReflectApply(real, this, [first, second, ...rest]);
    }
    const address = options.address || (this.type === 'udp6' ? '::' : '0.0.0.0');
    const port = options.port === undefined || options.port === null ? 0 : portOf(options.port);
    if (port !== undefined && typeof address === 'string') {
      options.address = decide(decided, 'net.listen', address, port, `dgram.Socket.${name}() on`);
      options.port = port;
    }
    return ReflectApply(real, this, isObject ? [options, second, ...rest] : [options, typeof second === 'function' ? second : rest[0]]);
  });
}

function patchConnect(prototype, name) {
  const real = prototype[name];
  guard.replace(prototype, name, function (port, address, ...rest) {
    const decided = decidedFor(this, `dgram.Socket.${name}()`);
    if (decided === undefined) return ReflectApply(real, this, [port, address, ...rest]);
    const callback = typeof address === 'function' ? address : rest[0];
    let host = address === callback ? undefined : address;
    const number = portOf(port);
    if (number !== undefined && (host === undefined || host === null || typeof host === 'string')) {
      host = decide(decided, 'net.connect', host || loopback(this), number, `dgram.Socket.${name}() to`);
    }
    return binding(real, this, [number ?? port, host, callback]);
  });
}

function patchSend(prototype) {
  const real = prototype.send;
  guard.replace(prototype, 'send', function (...args) {
    const decided = decidedFor(this, 'dgram.Socket.send()');
    if (decided === undefined || isConnected(this)) return ReflectApply(real, this, args);
    // (buffer, offset, length, port, address) or (buffer, port, address), as Node tells them apart.
    const [, , , fourth, fifth] = args;
    const at = fifth || (fourth && typeof fourth !== 'function') ? 3 : 1;
    const port = portOf(args[at]);
    const address = args[at + 1];
    if (port !== undefined && (typeof address === 'string' || typeof address === 'function' || address === undefined || address === null)) {
      const host = decide(decided, 'net.connect', typeof address === 'string' && address !== '' ? address : loopback(this), port, 'dgram.Socket.send() to');
      args[at] = port;
      if (typeof address === 'string' && address !== '') args[at + 1] = host;
    }
    return binding(real, this, args);
  });
}

/** Node binds an unbound socket before it sends. That is part of sending. */
function binding(real, socket, args) {
  implicit++;
  try {
    return ReflectApply(real, socket, args);
  } finally {
    implicit--;
  }
}

function loopback(socket) {
  return socket.type === 'udp6' ? '::1' : '127.0.0.1';
}

function isConnected(socket) {
  // CONNECT_STATE_CONNECTED
  return socket[stateSymbol]?.connectState === 2;
}

function hardenHandle(prototype) {
  guard.sever(prototype.constructor);
  guardHandle(prototype, 'net.listen', ['bind', 'bind6'], (decided, [address, port]) => port === 0 || wasDecided(decided, 'net.listen', address, port));
  guardHandle(prototype, 'net.connect', ['connect', 'connect6'], (decided, [address, port]) => wasDecided(decided, 'net.connect', address, port));
  // Without a port the socket is connected.
  guardHandle(prototype, 'net.connect', ['send', 'send6'], (decided, [, , , port, address]) => typeof port !== 'number' || wasDecided(decided, 'net.connect', address, port));
  guardHandle(prototype, 'net.listen', ['open'], () => false);
}

function guardHandle(prototype, capability, names, isPermitted) {
  for (const name of names) {
    const real = prototype[name];
    guard.replace(prototype, name, function (...args) {
      const decided = decisionsOf(this);
      if (decided !== undefined && !isPermitted(decided, args)) {
        try {
          decided.authority.demand(capability, undefined, `${name}() of a datagram socket's native handle`);
        } catch {
          // It is recorded. An exception would come out of Node's own callback; as a code it becomes an error of the socket.
          return EACCES;
        }
      }
      return ReflectApply(real, this, args);
    });
  }
}

/** In a cluster the primary makes the handle, and Node puts it in the place of the socket's first one. */
function decisionsOf(handle) {
  const known = decisions.get(handle);
  if (known !== undefined) return known === NOBODY ? undefined : known;
  const keys = ReflectOwnKeys(handle);
  for (let at = 0; at < keys.length; at++) {
    const owner = typeof keys[at] === 'symbol' ? decisions.get(handle[keys[at]]) : undefined;
    if (owner !== undefined) {
      decisions.set(handle, owner);
      return owner;
    }
  }
  decisions.set(handle, NOBODY);
  return undefined;
}

const NOBODY = Object.freeze({ __proto__: null });
