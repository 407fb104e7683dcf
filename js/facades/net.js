'use strict';
// `net`, and with it tls and dgram. Making a socket or a server is free; connecting, listening and opening what is
// already open are decided, in net-guard.js.

const { ObjectGetPrototypeOf } = require('../intrinsics.js');
const guard = require('./net-guard.js');
const tls = require('./net-tls.js');
const dgram = require('./net-dgram.js');

function createNet(context) {
  const { authority } = context;
  const real = guard.connectTo(context);
  const { connect: realConnect, createServer: realCreateServer } = guard.originals();
  const Socket = guard.owned(real.Socket, authority, (args) => guard.withoutDescriptor(authority, args, 'new net.Socket()'));

  function connect(...args) {
    const normal = guard.argumentsOf(args);
    const [options] = guard.withoutDescriptor(authority, [normal[0]], 'net.connect()');
    return guard.asOwner(authority, realConnect, undefined, normal[1] === null ? [options] : [options, normal[1]]);
  }

  return {
    __proto__: null,
    Socket,
    Stream: Socket,
    connect,
    createConnection: connect,
    Server: guard.owned(real.Server, authority),
    createServer: guard.named(realCreateServer, guard.ownedBy(authority, realCreateServer)),
    ...(real.BoundSocket !== undefined && { BoundSocket: createBoundSocket(real.BoundSocket, authority) }),
  };
}

module.exports = {
  leaveOpen: guard.leaveOpen,
  create: { __proto__: null, net: createNet, ...tls.create, ...dgram.create },
  harden: { __proto__: null, net: guard.hardenNet, ...tls.harden, ...dgram.harden },
  /** Members that must be ours also where everything is granted: what they make needs an owner. */
  always: {
    __proto__: null,
    net: ['Socket', 'Stream', 'connect', 'createConnection', 'Server', 'createServer', 'BoundSocket'],
    ...tls.always,
    ...dgram.always,
  },
};

/** It binds when it is made. */
function createBoundSocket(Real, authority) {
  function BoundSocket(given) {
    const options = given === undefined ? {} : { ...given };
    if (!authority.whole('net.listen')) guard.demandListen(authority, options, options.ipv6Only ? '::' : '0.0.0.0');
    const target = new.target === undefined || new.target === BoundSocket ? undefined : new.target;
    return guard.makeBoundSocket(Real, authority, options, target);
  }
  return guard.inherits(BoundSocket, Real, ObjectGetPrototypeOf(Real));
}
