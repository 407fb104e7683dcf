'use strict';
// The application. Two packages with the same grants look around; what both reach is compared, and what each reaches is
// held against Node's own powers, which a debugger session gives.

const fs = require('fs');
const walk = require('./walk.cjs');
const table = require('./table.json');
const [, , one, two, given, giver] = process.argv;
const whole = new Set(JSON.parse(given));

const builtins = require('module').builtinModules.filter((name) => !['inspector', 'inspector/promises'].includes(name));
for (const name of ['node:test', 'node:sqlite', 'node:sea', 'node:test/reporters', 'node:ffi', 'node:quic', 'node:vfs', 'node:stream/iter']) {
  if (!builtins.includes(name) && require('module').isBuiltin(name)) builtins.push(name);
}
/** Constructors of the language: they have no power, except those that compile text. */
const LANGUAGE = [
  'Object', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'BigInt', 'Date', 'RegExp', 'Promise', 'Proxy', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef',
  'FinalizationRegistry', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
  'Uint32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError',
  'EvalError', 'URIError', 'AggregateError', 'SuppressedError', 'Iterator', 'DisposableStack', 'AsyncDisposableStack',
];
const INTRINSICS = new Set([...LANGUAGE.map((name) => globalThis[name]), Object.getPrototypeOf(Uint8Array)]);
for (const key of Object.getOwnPropertyNames(Intl)) INTRINSICS.add(Intl[key]);
for (const key of Object.getOwnPropertyNames(globalThis.Temporal ?? {})) INTRINSICS.add(Temporal[key]);

const globals = Object.getOwnPropertyNames(globalThis);
for (const name of Object.keys(table.globals)) if (!globals.includes(name)) globals.push(name);

process.on('unhandledRejection', () => {});
/** Objects that packages hand to others: not the modules and functions that they were made with. */
const HANDED = [
  'a socket', 'a server', 'an http server', 'a TLS server', 'an http2 server', 'a datagram socket', 'an http request', 'an https request', 'a connection',
  'a TLS connection', 'an http2 session', 'a web socket', 'a readable file', 'a writable file', 'an open file', 'a directory', 'facts about a file', 'entries',
  'a file watcher', 'a stat watcher', 'a blob of a file', 'a web stream of a file', 'a child', 'a result of a child', 'a worker', 'a database', 'a statement',
  'a response', 'a request', 'a resolver', 'streams of the process', 'the http agents',
];

main().catch((e) => { fs.writeSync(2, String(e.stack)); process.exit(1); });

async function main() {
  const looks = [require(one), require(two)];
  const views = looks.map((look) => look({ builtins, globals }));
  // What another package, with more grants, made and handed over.
  const handing = giver === undefined ? undefined : require(giver)({ builtins: [], globals: [] });
  // Promises, and what arrives later.
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const view of views) {
    for (const name of Object.keys(view)) {
      const isPromise = view[name] instanceof Promise;
      if (isPromise) view[name] = await Promise.race([view[name].catch((error) => error), new Promise((resolve) => setTimeout(resolve, 500))]);
    }
  }
  if (handing !== undefined) {
    views[0].handed = {};
    for (const name of HANDED) views[0].handed[name] = handing[name] instanceof Promise ? await handing[name] : handing[name];
  }
  const realGlobal = views[0].sloppy;
  // What the test itself made.
  const mine = new Set([looks[0], looks[1], realGlobal, globalThis]);
  const reached = views.map((view) => walk(view, (value) => mine.has(value)));
  // Each global by itself: the whole object is one of everybody.
  for (const [at, found] of reached.entries()) {
    const held = {};
    for (const key of Reflect.ownKeys(realGlobal)) {
      try {
        held[`sloppy this.${String(key)}`] = realGlobal[key];
      } catch {
      // What refuses to be looked at is not reached.
    }
    }
    for (const [value, path] of walk(held, (value) => mine.has(value) || found.has(value))) if (!found.has(value)) found.set(value, path);
    views[at].count = found.size;
  }
  for (const [at, view] of views.entries()) looks[at].finish(view);

  const powers = powersOf(heap());
  const powerful = new Set();
  for (const found of reached) {
    for (const [value, path] of found) {
      const name = powers.get(value);
      if (name !== undefined) powerful.add(`${name} by ${path}`);
    }
  }
  const native = new Set();
  for (const [value, path] of reached[0]) if (isNativeClass(value) && !path.endsWith('<get>')) native.add(`${value.name} by ${path}`);
  const shared = [];
  for (const [value, path] of reached[0]) {
    if (!reached[1].has(value) || mine.has(value)) continue;
    const why = isOfLanguage(value) || isOfError(value) || isUseless(value, path) ? '' : writable(value);
    if (why !== '') shared.push(`${path}: ${why}`);
  }
  fs.writeSync(1, `${JSON.stringify({ reached: reached.map((found) => found.size), native: [...native], powerful: [...powerful], shared })}\n`);
  process.exit(0);
}

/** Every function of the heap, as a debugger sees them. */
function heap() {
  const { Session } = require('inspector');
  const session = new Session(), slot = `__reachability${Math.random()}`, found = [];
  session.connect();
  const post = (method, params) => {
    let answer;
    session.post(method, params, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer;
  };
  globalThis[slot] = (values) => {
    found.push(values);
  };
  const { result } = post('Runtime.evaluate', { expression: 'Function.prototype' });
  const { objects } = post('Runtime.queryObjects', { prototypeObjectId: result.objectId });
  post('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration: `function () { globalThis[${JSON.stringify(slot)}](this); }` });
  session.disconnect();
  delete globalThis[slot];
  return found[0].filter((value) => typeof value === 'function');
}

/** By object: what it is, for everything that the packages are not wholly granted. */
function powersOf(functions) {
  const found = new Map(), free = new Set();
  function add(value, name) {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') found.set(value, name);
  }
  function isWhole(rule) {
    return rule !== null && rule.every((word) => whole.has(word.split(':')[0]));
  }
  const builtin = functions.find((fn) => fn.name === 'getBuiltinModule' && fn.toString().includes('normalizeRequirableId'));
  const process = builtin('process'), Module = builtin('module');
  for (const name of Object.keys(table.modules)) {
    let exports;
    try {
      exports = builtin(name) ?? builtin(`node:${name}`);
    } catch {
      continue;
    }
    if (exports === undefined) continue;
    const { needs = [], members } = table.modules[name];
    for (const key of Object.keys(members)) {
      let value;
      try {
        value = exports[key];
      } catch {
        continue;
      }
      if (isWhole(needs) && isWhole(members[key])) free.add(value);
      else add(value, `${name}.${key}`);
    }
    if (Object.keys(exports).some((key) => members[key] !== undefined && !isWhole(members[key])) && typeof exports !== 'function') add(exports, name);
  }
  for (const method of Object.values(builtin('events').prototype)) free.add(method);
  for (const value of free) found.delete(value);
  for (const key of ['_load', '_compile', '_resolveFilename', '_extensions', '_cache', 'createRequire', 'register', 'registerHooks', 'runMain', '_initPaths']) add(Module[key], `module.${key}`);
  add(Module, 'Module');
  for (const key of ['require', 'load', '_compile']) add(Module.prototype[key], `Module.prototype.${key}`);
  add(Module.prototype, 'Module.prototype');
  for (const fn of functions) {
    const text = Function.prototype.toString.call(fn);
    if (fn.name === 'require' && fn.cache === Module._cache) add(fn, "Node's require");
    if (/^function (eval|Function|AsyncFunction|GeneratorFunction|AsyncGeneratorFunction)\(\) \{ \[native code\] \}$/.test(text)) add(fn, `the engine's ${fn.name}`);
    if (text === builtin.toString()) add(fn, "Node's getBuiltinModule");
  }
  add(process, 'process');
  for (const key of ['stdin', 'stdout', 'stderr', 'report', '_events']) add(process[key], `process.${key}`);
  if (!whole.has('env')) add(process.env, 'process.env');
  if (!whole.has('process')) add(process.reallyExit, 'process.reallyExit');
  for (const key of ['stdout', 'stderr']) add(process[key]?._handle, `process.${key}._handle`);
  add(builtin('console')._stdout, 'console._stdout');
  for (const name of ['fs', 'spawn_sync', 'process_wrap', 'tcp_wrap', 'pipe_wrap', 'udp_wrap', 'tty_wrap', 'contextify', 'inspector', 'cares_wrap', 'signal_wrap', 'fs_event_wrap', 'js_stream', 'v8', 'async_wrap', 'stream_wrap', 'http_parser']) {
    let binding;
    try {
      // The application is granted `ffi`.
      binding = globalThis.process.binding(name);
    } catch {
      continue;
    }
    add(binding, `binding ${name}`);
    for (const key of Object.keys(binding)) if (typeof binding[key] === 'function' && !free.has(binding[key])) add(binding[key], `binding ${name}.${key}`);
  }
  return found;
}

/** A class of the engine or of Node's native side. */
function isNativeClass(value) {
  if (typeof value !== 'function' || value.prototype === undefined || INTRINSICS.has(value)) return false;
  try {
    return /^function \w*\(\) \{ \[native code\] \}$/.test(Function.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/**
 * A function of the engine. Whoever puts something on one talks to packages that look there on purpose, and those can as
 * well meet on the global object; nobody else looks.
 */
function isOfLanguage(value) {
  return typeof value === 'function' && !Object.hasOwn(value, 'prototype') && Function.prototype.toString.call(value).endsWith('{ [native code] }');
}

/** Prototypes of Node's errors: one class for each code, made when it is first needed. What is on them is only text. */
function isOfError(value) {
  return value instanceof Error && Object.hasOwn(value, 'constructor');
}

/**
 * Functions that are no member of a builtin and no global, and what a function that is no class has as `prototype`: nobody
 * looks at properties of these. (Of members they do: util.promisify.)
 */
function isUseless(value, path) {
  if (typeof value === 'function') return !/^(?:require\('[^']+'\)|globalThis)(?:\.\w+)?$/.test(path);
  const { constructor } = Object.getOwnPropertyDescriptors(value);
  const isOfFunction = typeof constructor?.value === 'function' && constructor.value.prototype === value && /^(?:async )?(?:function|\()/.test(Function.prototype.toString.call(constructor.value));
  return isOfFunction && Reflect.ownKeys(value).length === 1 && Object.getPrototypeOf(value) === Object.prototype;
}

/** How two packages that share an object could tell each other something by it, or `''`. */
function writable(value) {
  const ways = [];
  let keys;
  try {
    if (Object.isExtensible(value)) {
      const mark = Symbol('mark');
      try {
        Object.defineProperty(value, mark, { value: 1, configurable: true });
        if (Object.prototype.hasOwnProperty.call(value, mark)) ways.push('new properties');
        delete value[mark];
      } catch {
      // What refuses to be looked at is not reached.
    }
    }
    keys = Reflect.ownKeys(value);
  } catch {
    return '';
  }
  for (const key of keys) {
    // Stays writable for those who derive in the style of ES5, and decides nothing.
    if (key === 'constructor' && value !== Buffer.prototype) continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined) continue;
    if (descriptor.configurable && !canRedefine(value, key, descriptor)) continue;
    if (descriptor.configurable || descriptor.writable) ways.push(String(key));
  }
  if (value instanceof Map || value instanceof Set || value instanceof WeakMap || value instanceof WeakSet) if (!isPrototype(value)) ways.push('a collection');
  if ((ArrayBuffer.isView(value) || value instanceof ArrayBuffer) && !isPrototype(value) && value.byteLength > 0) ways.push('bytes');
  return ways.join(', ');
}

/** Views by proxies say that everything can be changed. */
function canRedefine(value, key, descriptor) {
  try {
    return Reflect.defineProperty(value, key, descriptor);
  } catch {
    return false;
  }
}

function isPrototype(value) {
  return Object.prototype.hasOwnProperty.call(value, 'constructor') && value.constructor?.prototype === value;
}
