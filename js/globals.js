'use strict';
// Powerful globals. A file that mentions one gets it as a name of its own (a parameter of its wrapper, an import), with
// the powers of its package; the global object keeps only what is harmless.

const {
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  ReflectApply,
  ReflectGet,
  SafeMap,
  TypeError,
} = require('./intrinsics.js');
const { LoadlockError } = require('./errors.js');
const fetching = require('./facades/fetch.js');
const { createEvaluators } = require('./facades/eval.js');
const { harden } = require('./facades/harden.js');
const observation = require('./facades/observation.js');
const { createProcess } = require('./facades/process.js');
const { createGlobalView } = require('./globals-view.js');
const { isKnown, notePatch, replaceShared, scuttle } = require('./globals-scuttle.js');
const { allowSealedWasm, wasmFor } = require('./globals-wasm.js');

const realGlobal = globalThis;

/**
 * Every name with a value for each package, and the capability without which `globalThis` does not show it. As a name
 * of its own it is always there: code that calls it without a grant is to hear why it cannot.
 */
const POWERFUL = {
  __proto__: null,
  BroadcastChannel: 'observe',
  CloseEvent: '',
  ErrorEvent: '',
  EventSource: 'net.connect',
  FormData: '',
  Function: '',
  Headers: '',
  MessageEvent: '',
  PerformanceObserver: '',
  Request: '',
  Response: '',
  Storage: 'fs.write',
  WebAssembly: 'wasm',
  WebSocket: 'net.connect',
  Worker: 'worker',
  XMLHttpRequest: 'net.connect',
  eval: '',
  fetch: 'net.connect',
  global: '',
  globalThis: '',
  localStorage: 'fs.write',
  navigator: '',
  performance: '',
  process: '',
  sessionStorage: 'fs.write',
};
const NAMES = ObjectFreeze(ObjectKeys(POWERFUL));

/** Besides those with a capability: what no polyfill replaces. */
const OWN = { __proto__: null, Function: true, eval: true, global: true, globalThis: true, process: true };

/** Who asks when nobody can be told: must match `NOBODY` in src/runtime/capability.rs. */
const NOBODY = '?';

/** Node's own accessors, which make what they give when they are first asked. */
const accessors = { __proto__: null };
for (const name of ['localStorage', 'navigator', 'sessionStorage']) {
  accessors[name] = ObjectGetOwnPropertyDescriptor(realGlobal, name)?.get;
}

/**
 * @param {object} parts
 * @param {import('./binding.d.ts').Native} parts.native
 * @param {{dlopen: Function}} parts.builtins
 * @param {(name: string) => any} parts.real  Node's own builtins
 * @param {(authority: object) => object} parts.contextOf  what facades of a package are made from
 * @param {(authority: object) => unknown} [parts.mainModuleOf]  what a package sees as `process.mainModule`
 */
function createGlobals({ native, builtins, real, contextOf, mainModuleOf }) {
  const views = new SafeMap(), values = new SafeMap();
  /** Replaced for everybody by a package that may. */
  const replacements = { __proto__: null };
  const evaluators = createEvaluators({ native, prepareImports: () => builtins.prepareForModules() });
  let changeHarmless = () => false;
  let withWeb = false, prepared = false, open = true;

  /** The value of the name `name` in the files of a package. */
  function globalFor(authority, name) {
    const { proxy, overlay } = viewOf(authority);
    if (name === 'globalThis' || name === 'global') return ObjectPrototypeHasOwnProperty(overlay, name) ? overlay[name] : proxy;
    // What the package put there itself, as a polyfill does.
    if (ObjectPrototypeHasOwnProperty(overlay, name)) return ReflectGet(overlay, name, overlay);
    return valueOf(authority, name);
  }

  function valueOf(authority, name) {
    if (name in replacements && isWhole(authority, POWERFUL[name])) return replacements[name];
    let known = values.get(authority);
    if (known === undefined) values.set(authority, (known = { __proto__: null }));
    if (!(name in known)) known[name] = create(authority, name);
    return known[name];
  }

  function create(authority, name) {
    // A name that this Node does not have: what some package defined, for all.
    if (!isKnown(name)) return ReflectGet(realGlobal, name, realGlobal);
    const context = contextOf(authority);
    switch (name) {
      case 'process':
        return createProcess({ ...context, __proto__: null, dlopen: builtins.dlopen, mainModule: () => mainModuleOf?.(authority) });
      case 'eval':
        return evaluators.evalFor(authority);
      case 'Function':
        return evaluators.functionFor(authority);
      case 'WebAssembly':
        return wasmFor(authority);
      case 'performance':
      case 'PerformanceObserver':
        return context.view('perf_hooks')[name];
      case 'navigator':
        return sharedNavigator();
      case 'BroadcastChannel':
        return authority.whole('observe') ? real('worker_threads').BroadcastChannel : refusing(authority, name, 'observe');
      case 'localStorage':
      case 'sessionStorage':
        return authority.whole('fs.write') && authority.whole('fs.read') ? hardened(readNode(name)) : undefined;
      // The first leads to what the two above are, the second is another way to start a worker.
      case 'Storage':
      case 'Worker':
        return undefined;
      default:
        return withWeb ? fetching.createFetch({ ...context, __proto__: null, native })[name] : undefined;
    }
  }

  function viewOf(authority) {
    let view = views.get(authority);
    if (view === undefined) {
      view = createGlobalView({
        authority,
        isKnown: (key) => isKnown(key) || key === 'global' || key === 'globalThis',
        isPowerful: (key) => typeof key === 'string' && key in POWERFUL && isKnown(key),
        isSensitive: (key) => OWN[key] === true || (typeof key === 'string' && key in POWERFUL && POWERFUL[key] !== ''),
        isVisible: (name) => isVisible(authority, name),
        powerful: NAMES,
        valueOf: (name) => (name === 'globalThis' || name === 'global' ? view.proxy : valueOf(authority, name)),
        change,
        isOpen: () => open,
      });
      views.set(authority, view);
    }
    return view;
  }

  function change(name, value) {
    if (!(name in POWERFUL)) {
      if (open) notePatch(name);
      return changeHarmless(name, value);
    }
    replacements[name] = value;
    return true;
  }

  let navigator;
  function sharedNavigator() {
    return (navigator ??= createNavigator());
  }

  /**
   * Loads what packages may come to use and what cannot be loaded later, and puts harmless things in the place of timers and
   * the console. Before any package runs, so before the policy's patches too.
   * @param {{web?: boolean}} [facts]  web: whether any package can come to use fetch or its classes
   */
  function prepare({ web = true } = {}) {
    prepared = true;
    withWeb = web;
    replaceShared();
    if (web) fetching.prepare();
  }

  return ObjectFreeze({
    __proto__: null,
    allowSealedWasm,
    globalFor,
    prepare,
    /**
     * Takes the powerful things off the global object. Once, after the policy's patches ran and before the lockdown.
     * @param {{web?: boolean, definable?: string[]}} [facts]  web: see `prepare`, which this does if it was not done. definable:
     *   names that the policy lets some package replace for everybody
     */
    scuttle({ web, definable = [] } = {}) {
      if (!prepared) prepare({ web });
      open = false;
      const rules = native.builtinRules('globals');
      if (rules.names.length === 0) {
        throw new LoadlockError({ code: 'ERR_LOADLOCK_SELF_CHECK', message: 'the builtin table does not know the globals' });
      }
      evaluators.tame();
      fetching.close();
      changeHarmless = scuttle({
        real,
        rules,
        definable,
        isPowerful: (name) => name in POWERFUL,
        navigator: accessors.navigator === undefined ? undefined : sharedNavigator,
        performance: () => ObjectFreeze(observation.create.perf_hooks({ authority: nobody(native), real }).performance),
      }).change;
    },
  });
}

module.exports = { createGlobals };

function isVisible(authority, name) {
  const capability = POWERFUL[name];
  return capability === '' || authority.granted(capability);
}

function isWhole(authority, capability) {
  return capability === '' || authority.whole(capability);
}

/** A class that cannot be constructed without the grant. */
function refusing(authority, name, capability) {
  const Class = {
    [name]: function () {
      authority.demand(capability, undefined, `new ${name}()`);
      throw new TypeError('Illegal constructor');
    },
  }[name];
  return Class;
}

/** What the global object shows is made for somebody who is granted nothing. */
function nobody(native) {
  const denied = () => false;
  function demand(capability, value, attempt) {
    native.demand(NOBODY, capability, value ?? '', `${attempt} on the global object`);
  }
  return ObjectFreeze({ __proto__: null, location: NOBODY, lenient: false, granted: denied, permits: denied, whole: denied, demand, note() {} });
}

function readNode(name) {
  const get = accessors[name];
  return get === undefined ? undefined : ReflectApply(get, realGlobal, []);
}

function hardened(value) {
  harden(value);
  return value;
}

/** What is free to know anyway; `navigator.locks` reaches other threads. */
function createNavigator() {
  const node = readNode('navigator');
  const copy = {};
  for (const name of ['hardwareConcurrency', 'language', 'languages', 'platform', 'userAgent']) copy[name] = node[name];
  copy[Symbol.toStringTag] = 'Navigator';
  return ObjectFreeze(copy);
}
