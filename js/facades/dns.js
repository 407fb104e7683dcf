'use strict';
// `dns` and `dns/promises`. Asking is one capability; a permitted connection looks its own host up without it.

const { ReflectApply } = require('../intrinsics.js');
const guard = require('./net-guard.js');

function createDns(context) {
  const { authority } = context;
  guard.connectTo(context);
  const real = context.real('dns');
  const { lookup: realLookup } = real;

  function lookup(...args) {
    if (!authority.whole('dns')) authority.demand('dns', undefined, 'dns.lookup()');
    return ReflectApply(realLookup, real, args);
  }
  guard.named(realLookup, lookup);
  for (const key of Object.getOwnPropertySymbols(realLookup)) Object.defineProperty(lookup, key, Object.getOwnPropertyDescriptor(realLookup, key));
  // As the `lookup` option of a socket it is as good as none: the answers are the system's.
  guard.genuineLookups.set(lookup, true);
  guard.genuineLookups.set(realLookup, true);
  return { __proto__: null, lookup, setDefaultResultOrder: processWide(authority, real, 'setDefaultResultOrder') };
}

function createPromises(context) {
  guard.connectTo(context);
  const real = context.real('dns/promises');
  return { __proto__: null, setDefaultResultOrder: processWide(context.authority, real, 'setDefaultResultOrder') };
}

/** A setting of the whole process, not of the package. */
function processWide(authority, real, name) {
  const set = real[name];
  return guard.named(set, function (...args) {
    if (!authority.whole('net.connect')) authority.demand('patch', undefined, `dns.${name}()`);
    return ReflectApply(set, real, args);
  });
}

/** Resolvers travel, and must not lead to their class. */
function hardenDns(real) {
  guard.sever(real.Resolver);
}

module.exports = {
  create: { __proto__: null, dns: createDns, 'dns/promises': createPromises },
  harden: { __proto__: null, dns: hardenDns, 'dns/promises': hardenDns },
  always: { __proto__: null, dns: ['lookup', 'setDefaultResultOrder'], 'dns/promises': ['setDefaultResultOrder'] },
};
