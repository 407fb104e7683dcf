'use strict';
// Run by globals.test.mjs on every Node version, in a realm whose global object was scuttled and locked down.

const assert = require('node:assert/strict');
const util = require('node:util');
const timersPromises = require('node:timers/promises');
const { join } = require('node:path');
const { DENIED, createPackage, globals, native, realGlobal, realProcess, runChecks, violations } = require('./package-double.cjs');

const stockNames = Object.getOwnPropertyNames(realGlobal);
const stock = { setTimeout, setInterval, setImmediate, console };
const TimeoutClass = (() => {
  const timer = setTimeout(() => {});
  clearTimeout(timer);
  return timer.constructor;
})();
const SLOPPY = new Function('return this');
realGlobal.LL_UNKNOWN_BUT_LATER = 'a patch';

globals.prepare();
// A patch of the policy: for everybody.
const patches = createPackage({ patch: true });
patches.globalThis.structuredClone = function patched() {};
patches.globalThis.TextDecoderStream = function patched() {};
globals.scuttle({ definable: ['queueMicrotask'] });
require(join(__dirname, '../../js/lockdown.js')).lockdown();

const nothing = createPackage();
const has = (name) => stockNames.includes(name);

runChecks({
  'nothing powerful is on the real global object'() {
    for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel', 'Worker', 'localStorage', 'sessionStorage', 'Storage', 'PerformanceObserver', 'Request', 'Response', 'ShadowRealm', 'require', 'module']) {
      assert.equal(realGlobal[name], undefined, name);
    }
    const { process } = realGlobal;
    assert.notEqual(process, realProcess);
    assert.ok(Object.isFrozen(process));
    assert.equal(process.version, realProcess.version);
    assert.deepEqual(Object.keys(process.env), []);
    for (const name of ['binding', 'exit', 'kill', 'stdout', 'mainModule', 'dlopen', 'getBuiltinModule']) assert.equal(process[name], undefined, name);
    assert.equal(process.on('exit', () => {}), process);
    assert.equal(Object.prototype.toString.call(process), '[object process]');
    assert.throws(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), TypeError);
    assert.throws(() => new WebAssembly.Module.prototype.constructor(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), TypeError);
    for (const symbol of Object.getOwnPropertySymbols(realGlobal)) {
      if (Symbol.keyFor(symbol)?.startsWith('undici.')) assert.throws(() => realGlobal[symbol].dispatch(), DENIED);
    }
  },

  'nothing powerful is behind what is left'() {
    const seen = new Set();
    const { net, worker_threads: threads } = { net: realProcess.getBuiltinModule('net'), worker_threads: realProcess.getBuiltinModule('worker_threads') };
    const forbidden = new Map([
      [realProcess, 'process'], [TimeoutClass, 'Timeout'], [realProcess.stdout, 'stdout'], [net.Socket, 'net.Socket'], [threads.BroadcastChannel, 'BroadcastChannel'], [threads.Worker, 'Worker'],
    ]);
    const queue = Reflect.ownKeys(realGlobal).map((key) => realGlobal[key]);
    while (queue.length > 0) {
      const value = queue.pop();
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value) || value === realGlobal) continue;
      seen.add(value);
      assert.equal(forbidden.get(value), undefined);
      for (const key of Reflect.ownKeys(value)) {
        try {
          const next = value[key];
          if (next instanceof Promise) next.catch(() => {});
          queue.push(next);
        } catch {
          // A getter for instances.
        }
      }
      queue.push(Object.getPrototypeOf(value));
    }
  },

  'what is left cannot be replaced through the real global object'() {
    const sloppy = SLOPPY();
    assert.equal(sloppy, realGlobal);
    for (const name of ['setTimeout', 'console', 'URL', 'Response', 'ReadableStream', 'crypto', 'performance', 'Buffer', 'structuredClone', 'Promise', 'process', 'Intl', 'eval', 'Function']) {
      const before = sloppy[name];
      try {
        sloppy[name] = 'evil';
      } catch {
        // Strict code hears of it.
      }
      if (name === 'Response') delete sloppy[name];
      assert.equal(sloppy[name], before, name);
      if (name !== 'Response') assert.throws(() => Object.defineProperty(sloppy, name, { value: 'evil' }), TypeError, name);
    }
    assert.ok(Object.isFrozen(Object.getPrototypeOf(realGlobal)));
    const log = console.log;
    console.log = () => {};
    assert.equal(console.log, log);
    assert.equal(console._stdout, undefined);
    assert.equal(console._stderr, undefined);
    console.success = 1;
    assert.equal(console.success, 1);
  },

  'new names are there for everybody, patches stay'() {
    assert.equal(realGlobal.LL_UNKNOWN_BUT_LATER, 'a patch');
    assert.equal(realGlobal.structuredClone.name, 'patched');
    assert.equal(realGlobal.TextDecoderStream.name, 'patched');
    assert.deepEqual(patches.violations, []);
    const [one, other] = [createPackage(), createPackage()];
    const key = Symbol.for('opentelemetry.js.api.1');
    one.globalThis[key] = { version: 1 };
    one.globalThis['__core-js_shared__'] = { a: 1 };
    Object.defineProperty(one.globalThis, 'LL_DEFINED', { value: 1, configurable: false, writable: false, enumerable: true });
    assert.deepEqual(other.globalThis[key], { version: 1 });
    assert.equal(realGlobal['__core-js_shared__'].a, 1);
    assert.equal(other.globalThis.LL_DEFINED, 1);
    assert.equal(one.globalThis.LL_DEFINED, 1);
    assert.ok(Object.keys(one.globalThis).includes('LL_DEFINED'));
    assert.equal(Object.getOwnPropertyDescriptor(one.globalThis, 'LL_DEFINED').configurable, false);
    assert.equal(Reflect.deleteProperty(one.globalThis, 'LL_DEFINED'), false);
    assert.ok(delete other.globalThis['__core-js_shared__']);
    assert.equal('__core-js_shared__' in one.globalThis, false);
    assert.deepEqual([...one.violations, ...other.violations], []);
  },

  'globalThis looks like itself'() {
    const view = nothing.globalThis;
    assert.equal(view.globalThis, view);
    assert.equal(view.global, view);
    assert.equal(nothing.global('global'), view);
    assert.equal(Object.prototype.toString.call(view), '[object global]');
    assert.equal(view.Object, Object);
    assert.equal(view.setTimeout, setTimeout);
    assert.equal(view.process, nothing.process);
    assert.equal(view.ReadableStream, realProcess.getBuiltinModule('stream/web').ReadableStream);
    assert.equal(view.crypto.randomUUID().length, 36);
    assert.ok(view.performance.now() > 0);
    assert.ok('URL' in view && !('nothing' in view));
    assert.ok(Reflect.ownKeys(view).includes('process'));
    assert.equal(Object.getOwnPropertyDescriptor(view, 'URL').value, URL);
    // lodash
    const freeGlobal = typeof view === 'object' && view && view.Object === Object && view;
    assert.equal(freeGlobal, view);
    // A package that lists everything, or copies it.
    for (const name of Object.getOwnPropertyNames(view)) assert.doesNotThrow(() => Object.getOwnPropertyDescriptor(view, name), name);
    assert.deepEqual(nothing.violations, []);
    if (has('navigator')) {
      assert.equal(view.navigator.userAgent, `Node.js/${parseInt(realProcess.versions.node, 10)}`);
      assert.ok(view.navigator.hardwareConcurrency > 0);
      assert.equal(view.navigator.locks, undefined);
    }
  },

  'powerful names: a denied one is not on globalThis, and refuses when it is called by name'() {
    const { globalThis: view } = nothing;
    assert.equal(typeof view.fetch, 'undefined');
    assert.equal('fetch' in view, false);
    assert.equal(typeof view.WebAssembly, 'undefined');
    assert.equal(typeof view.BroadcastChannel, 'undefined');
    assert.equal(typeof nothing.global('fetch'), 'function');
    assert.throws(() => new (nothing.global('BroadcastChannel'))('x'), DENIED);
    const wasm = nothing.global('WebAssembly');
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    assert.throws(() => new wasm.Module(empty), DENIED);
    assert.throws(() => wasm.compile(empty), DENIED);
    assert.throws(() => wasm.instantiate(empty), DENIED);
    assert.ok(new wasm.Memory({ initial: 1 }));
    assert.equal(nothing.global('Worker'), undefined);
    assert.ok(new (createPackage({ wasm: true }).global('WebAssembly').Module)(empty) instanceof wasm.Module);
    assert.throws(() => new (nothing.global('Function'))('return 2'), DENIED);
    assert.throws(() => nothing.global('eval')('2'), DENIED);
    assert.equal(createPackage({ eval: true }).global('Function')('return 2')(), 2);
    assert.throws(() => (() => {}).constructor('return 2'), DENIED);
    assert.equal(Function('return this')(), realGlobal);
    assert.equal(nothing.global('Request'), nothing.globalThis.Request);
    assert.equal(new (nothing.global('Headers'))({ a: 'b' }).get('a'), 'b');
    assert.equal(new (nothing.global('FormData'))().has('x'), false);
    const { PerformanceObserver } = nothing.globalThis;
    assert.throws(() => new PerformanceObserver(() => {}).observe({ entryTypes: ['http'] }), DENIED);
    new PerformanceObserver(() => {}).observe({ entryTypes: ['mark'] });
  },

  async 'fetch of a package that is granted it'() {
    const pkg = createPackage({ 'net.connect': true });
    assert.equal(typeof pkg.globalThis.fetch, 'function');
    const server = realProcess.getBuiltinModule('http').createServer((request, response) => response.end('hello'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${server.address().port}/`;
    assert.equal(await (await pkg.global('fetch')(url)).text(), 'hello');
    await assert.rejects(nothing.global('fetch')(url), DENIED);
    server.closeAllConnections();
    server.close();
  },

  'a hook of a name that others use is refused and reported'() {
    const [attacker, other] = [createPackage({ 'net.connect': ['a:1'] }), createPackage({ 'net.connect': true })];
    const before = other.globalThis.fetch;
    assert.throws(() => {
      attacker.globalThis.fetch = () => {};
    }, DENIED);
    assert.throws(() => Object.defineProperty(attacker.globalThis, 'fetch', { get: () => () => {} }), DENIED);
    assert.deepEqual(attacker.violations, ['globals:fetch', 'globals:fetch']);
    assert.equal(other.globalThis.fetch, before);
    // Harmless ones stay with the package.
    const pkg = createPackage();
    function Own() {}
    pkg.globalThis.Promise = Own;
    pkg.globalThis.setTimeout = Own;
    assert.equal(pkg.globalThis.Promise, Own);
    assert.equal(other.globalThis.Promise, Promise);
    assert.equal(realGlobal.setTimeout, setTimeout);
    assert.deepEqual(pkg.violations, ['globals:Promise', 'globals:setTimeout']);
    pkg.globalThis.Promise = Promise;
    assert.ok(delete pkg.globalThis.URL);
    assert.equal(pkg.globalThis.URL, undefined);
    assert.equal(other.globalThis.URL, URL);
  },

  'polyfills stay with the package, the same value is no change'() {
    const pkg = createPackage();
    const polyfill = () => 'polyfill';
    if (!pkg.globalThis.fetch) pkg.globalThis.fetch = polyfill;
    assert.equal(pkg.globalThis.fetch, polyfill);
    assert.equal(pkg.global('fetch'), polyfill);
    assert.notEqual(nothing.global('fetch'), polyfill);
    pkg.globalThis.TextEncoder = realProcess.getBuiltinModule('util').TextEncoder;
    pkg.globalThis.AbortController = pkg.globalThis.AbortController || nothing;
    pkg.globalThis.crypto ??= {};
    const { performance } = pkg.globalThis;
    pkg.globalThis.performance = performance;
    assert.deepEqual(pkg.violations, []);
    // A name that this Node does not have, defined by the application for its packages.
    pkg.globalThis.XMLHttpRequest = polyfill;
    assert.equal(createPackage().global('XMLHttpRequest'), polyfill);
    delete pkg.globalThis.XMLHttpRequest;
  },

  'with a grant in `globals` a write is for everybody'() {
    const [pkg, whole, scoped] = [createPackage({ globals: ['fetch', 'queueMicrotask'], 'net.connect': true }), createPackage({ 'net.connect': true }), createPackage({ 'net.connect': ['a:1'] })];
    const hook = () => 'hooked';
    pkg.globalThis.fetch = hook;
    pkg.globalThis.queueMicrotask = hook;
    assert.equal(whole.global('fetch'), hook);
    assert.equal(pkg.globalThis.fetch, hook);
    assert.notEqual(scoped.global('fetch'), hook);
    assert.equal(realGlobal.queueMicrotask, hook);
    assert.deepEqual(pkg.violations, []);
  },

  'the undici of the registry has a place of its own'() {
    const [one, other] = [createPackage(), createPackage()];
    const key = Symbol.for('undici.globalDispatcher.1');
    assert.equal(one.globalThis[key], undefined);
    Object.defineProperty(one.globalThis, key, { value: 'agent', writable: true, enumerable: false, configurable: false });
    assert.equal(one.globalThis[key], 'agent');
    assert.equal(other.globalThis[key], undefined);
    assert.notEqual(realGlobal[key], 'agent');
  },

  async 'timers do what Node\'s do'() {
    const calls = [];
    const timer = setTimeout(function (...args) {
      calls.push([this === timer, args]);
    }, 1, 'a', 'b', 'c', 'd');
    assert.equal(timer.hasRef(), true);
    assert.equal(timer.unref().ref().refresh(), timer);
    assert.equal(util.types.isProxy(timer), false);
    assert.equal(timer.constructor.name, 'Timeout');
    assert.equal(typeof +timer, 'number');
    for (const name of ['_idlePrev', '_idleNext', '_onTimeout']) assert.equal(timer[name], undefined);
    clearTimeout(setTimeout(() => calls.push('cleared'), 1));
    clearTimeout(+setTimeout(() => calls.push('cleared by number'), 1));
    clearTimeout(undefined);
    clearTimeout(null);
    clearTimeout({});
    setTimeout(() => calls.push('closed'), 1).close();
    if (Symbol.dispose) setTimeout(() => calls.push('disposed'), 1)[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(calls, [[true, ['a', 'b', 'c', 'd']]]);
    let ticks = 0;
    await new Promise((resolve) => {
      setInterval(function () {
        if (++ticks === 3) {
          clearInterval(this);
          resolve();
        }
      }, 1);
    });
    const immediate = setImmediate(() => calls.push('immediate cleared'));
    assert.equal(immediate._idleNext, undefined);
    assert.equal(immediate.unref().ref().hasRef(), true);
    clearImmediate(immediate);
    assert.equal(await new Promise((resolve) => setImmediate(resolve, 'given')), 'given');
    assert.equal(await util.promisify(setTimeout)(1, 'value'), 'value');
    assert.equal(await util.promisify(setImmediate)('value'), 'value');
    assert.equal(await timersPromises.setTimeout(1, 'value'), 'value');
    assert.throws(() => setTimeout({}), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => setImmediate(), { code: 'ERR_INVALID_ARG_TYPE' });
    for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
      assert.equal(realGlobal[name].name, name);
      assert.equal(realGlobal[name].length, stock[name].length);
      assert.notEqual(realGlobal[name], stock[name]);
    }
    assert.equal(calls.length, 1);
  },

  async 'a timer keeps its asynchronous context'() {
    const { AsyncLocalStorage } = realProcess.getBuiltinModule('async_hooks');
    const storage = new AsyncLocalStorage();
    const seen = await storage.run('context', () => new Promise((resolve) => setTimeout(() => resolve(storage.getStore()), 1)));
    assert.equal(seen, 'context');
  },

  async 'Node\'s own parsers still compile, and sealed bytes of an ES module'() {
    const natives = realProcess.binding('natives');
    const found = /"(AGFzbQ[A-Za-z0-9+/=]{5000,})"/.exec(natives['internal/deps/undici/undici'])[1];
    const module = await WebAssembly.compile(Buffer.from(found, 'base64'));
    assert.throws(() => WebAssembly.instantiate(new (createPackage({ wasm: true }).global('WebAssembly').Module)(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))), TypeError);
    assert.ok(module);
    const sealed = globals.allowSealedWasm(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    assert.ok(new WebAssembly.Instance(new WebAssembly.Module(sealed)));
    assert.throws(() => new WebAssembly.Module(new Uint8Array(sealed)), TypeError);
  },

  'console of everybody prints'() {
    const written = [];
    const real = realProcess.stdout.write;
    realProcess.stdout.write = (chunk) => written.push(chunk);
    console.log('%s', 'text');
    console.group();
    console.info('inside');
    console.groupEnd();
    realProcess.stdout.write = real;
    assert.deepEqual(written, ['text\n', '  inside\n']);
    assert.equal(Object.prototype.toString.call(console), '[object console]');
    assert.ok(new console.Console(realProcess.stderr) instanceof console.Console);
  },

  'what is refused on the global object is recorded'() {
    violations.length = 0;
    assert.throws(() => performance.setResourceTimingBufferSize?.(1) ?? native.demand('?', 'observe', '', 'x'), DENIED);
    assert.equal(violations.length, 1);
  },
});
