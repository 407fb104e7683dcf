'use strict';
// `http2`. A session makes its connection when it is made, through net or tls.

const { ObjectGetPrototypeOf, ReflectApply } = require('../intrinsics.js');
const { hardenInstance } = require('./harden.js');
const guard = require('./net-guard.js');

let originals;

/** Once per process, with Node's own `http2`. */
function hardenHttp2(real) {
  const { connect, createServer, createSecureServer } = real;
  originals = { __proto__: null, connect, createServer, createSecureServer };
  guard.replace(real, 'connect', guard.asNode(connect));
  guard.replace(real, 'createServer', guard.ownedBy(guard.CORE, createServer));
  guard.replace(real, 'createSecureServer', guard.ownedBy(guard.CORE, createSecureServer));
}

function createHttp2(context) {
  guard.connectTo(context);
  const { authority } = context;
  // Its sessions show their TLS sockets.
  context.real('tls');
  context.real('http2');
  const { connect, createServer, createSecureServer } = originals;
  return {
    __proto__: null,
    connect: guard.named(connect, (to, options, listener) => {
      const [copy] = typeof options === 'function' ? [options] : guard.withoutDescriptor(authority, [options], 'http2.connect()');
      const session = guard.asOwner(authority, connect, undefined, [to, copy, listener]);
      hardenRequests(ObjectGetPrototypeOf(session));
      return closed(session);
    }),
    createServer: guard.named(createServer, guard.ownedBy(authority, (...args) => closed(createServer(...args)))),
    createSecureServer: guard.named(createSecureServer, guard.ownedBy(authority, (...args) => closed(createSecureServer(...args)))),
  };
}

module.exports = {
  create: { __proto__: null, http2: createHttp2 },
  harden: { __proto__: null, http2: hardenHttp2 },
  always: { __proto__: null, http2: ['connect', 'createServer', 'createSecureServer'] },
};

/**
 * A server or a session that leads to nothing of Node's own. None of these classes has a name, so they are met with their
 * first object; the streams of a session with the first of those, before anybody else sees it.
 */
function closed(made) {
  guard.sever(ObjectGetPrototypeOf(made).constructor);
  hardenInstance(made);
  if (typeof made.listen === 'function') made.prependListener('session', closedSession);
  return made;
}

function closedSession(session) {
  closed(session).prependOnceListener('stream', (stream) => hardenInstance(stream));
}

let known = false;

function hardenRequests(prototype) {
  if (known) return;
  known = true;
  const { request } = prototype;
  let met = false;
  guard.replace(prototype, 'request', function (...args) {
    const stream = ReflectApply(request, this, args);
    if (!met) hardenInstance(stream);
    met = true;
    return stream;
  });
}
