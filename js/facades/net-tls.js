'use strict';
// `tls`. Its sockets connect through net.Socket, so the decision is in net-guard.js; here they get their owner.

const guard = require('./net-guard.js');

let originals;

/** Once per process, with Node's own `tls`. */
function hardenTls(real) {
  originals = { __proto__: null, connect: real.connect, createServer: real.createServer };
  guard.sever(real.TLSSocket);
  guard.sever(real.Server);
  // For whoever may patch builtins and therefore has Node's own module.
  guard.replace(real, 'connect', guard.asNode(originals.connect));
  guard.replace(real, 'createServer', guard.ownedBy(guard.CORE, originals.createServer));
}

function createTls(context) {
  guard.connectTo(context);
  const { authority } = context;
  const real = context.real('tls');
  const { Socket, Server: NetServer } = context.view('net');
  const Server = guard.owned(real.Server, authority);
  const TLSSocket = guard.owned(real.TLSSocket, authority);
  // Node derives them from net's classes; the chain must not lead to Node's own.
  guard.derive(TLSSocket, Socket);
  guard.derive(Server, NetServer);
  return {
    __proto__: null,
    TLSSocket,
    connect: guard.named(originals.connect, (...args) => guard.asOwner(authority, originals.connect, undefined, args)),
    Server,
    createServer: guard.named(originals.createServer, guard.ownedBy(authority, originals.createServer)),
  };
}

const MEMBERS = ['TLSSocket', 'connect', 'Server', 'createServer'];

module.exports = {
  create: { __proto__: null, tls: createTls, _tls_wrap: createTls },
  harden: { __proto__: null, tls: hardenTls },
  always: { __proto__: null, tls: MEMBERS, _tls_wrap: MEMBERS },
};
