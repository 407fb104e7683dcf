'use strict';
// The builtins and powerful globals of one package under a policy: made lazily, once for each package, from the rules of
// the builtin table and the facade modules. Loaded only when the seal has a policy.

const { ObjectFreeze, SafeMap } = require('./intrinsics.js');
const { createFacade } = require('./facades/facade.js');
const { hardenGlobals, hardenHidden } = require('./facades/hidden.js');
const { hardenShared, leaveOpen } = require('./facades/harden.js');
const { createGlobals } = require('./globals.js');

/**
 * Where the overrides of a builtin come from. A facade module gives `create` (members in place of Node's), and may give
 * `always` (members that are overridden even when they are granted whole), `harden` (once per process, before the first
 * facade is made) and `finish` (completes a facade).
 */
const FACADES = {
  __proto__: null,
  _http_agent: 'http', _http_client: 'http', _http_server: 'http', _tls_wrap: 'net', child_process: 'child', cluster: 'cluster', crypto: 'misc',
  dgram: 'net', diagnostics_channel: 'misc', dns: 'dns', 'dns/promises': 'dns', fs: 'fs', 'fs/promises': 'fs', http: 'http', http2: 'http',
  https: 'http', net: 'net', perf_hooks: 'misc', sys: 'misc', timers: 'timers', tls: 'net', tty: 'misc', util: 'misc', vm: 'vm', worker_threads: 'worker',
};
const NONE = ObjectFreeze({ __proto__: null, create: ObjectFreeze({ __proto__: null }) });

// It borrows Object.prototype for a moment when it is loaded, so that has to happen before the lockdown.
require('./facades/fs.js');

function facadeModule(name) {
  return FACADES[name] === undefined ? NONE : require(`./facades/${FACADES[name]}.js`);
}

/**
 * @param {object} parts
 * @param {import('./binding.d.ts').Native} parts.native
 * @param {object} parts.builtins
 * @param {object} parts.descendants
 * @param {object} parts.linker
 * @param {(location: string) => import('./compartments.js').Compartment} parts.compartmentOf
 */
function createViews({ native, builtins, descendants, linker, compartmentOf }) {
  const rulesOf = new SafeMap(), hardened = new SafeMap();

  function rules(name) {
    let found = rulesOf.get(name);
    if (found === undefined) {
      found = ObjectFreeze(native.builtinRules(name));
      rulesOf.set(name, found);
    }
    return found;
  }

  /** Node's own exports, with what is process-wide about them taken away first. */
  function real(name) {
    const exports = builtins.load(`node:${name}`);
    if (hardened.get(name) !== true) {
      hardened.set(name, true);
      facadeModule(name).harden?.[name]?.(exports);
      hardenHidden(name, exports, real);
    }
    return exports;
  }

  const globals = createGlobals({
    native, builtins, real, contextOf,
    mainModuleOf: (authority) => linker.mainFor(compartmentOf(authority.location)),
  });

  function contextOf(authority) {
    return viewsOf(compartmentOf(authority.location)).context;
  }

  const known = new SafeMap();
  /** @param {import('./compartments.js').Compartment} compartment */
  function viewsOf(compartment) {
    let views = known.get(compartment.location);
    if (views === undefined) {
      views = create(compartment);
      known.set(compartment.location, views);
    }
    return views;
  }

  function create(compartment) {
    const { authority } = compartment;
    const made = new SafeMap();
    const context = ObjectFreeze({ __proto__: null, authority, descendants, native, real, rule: rules, view: (name) => compartment.builtin(`node:${name}`) });

    function builtin(name) {
      let exports = made.get(name);
      if (exports === undefined) {
        const { needs } = rules(name);
        for (let at = 0; at < needs.length; at++) authority.demand(needs[at], undefined, `loading node:${name}`);
        if (name === 'process') {
          exports = global('process');
        } else {
          const { create, always, finish } = facadeModule(name);
          exports = createFacade({ context, name, rules: rules(name), maker: create[name], always: always?.[name], finish: finish?.[name] });
        }
        made.set(name, exports);
      }
      return exports;
    }

    function global(name) {
      return globals.globalFor(authority, name);
    }

    return ObjectFreeze({ __proto__: null, builtin, context, global });
  }

  /**
   * Makes safe what patches of the policy find on the global object. Before they run.
   * @param {{patched: boolean, web: boolean}} facts  patched: whether some package may patch builtins later on. web: see
   *   globals.js
   */
  function prepare({ patched, web }) {
    if (patched) {
      leaveOpen();
      require('./facades/net.js').leaveOpen();
    }
    globals.prepare({ web });
  }

  /** Closes what everybody shares. Once, after the patches and before the lockdown. */
  function close({ definable }) {
    hardenShared();
    hardenGlobals();
    globals.scuttle({ definable });
  }

  return ObjectFreeze({ __proto__: null, allowSealedWasm: globals.allowSealedWasm, close, prepare, viewsOf });
}

module.exports = { createViews };
