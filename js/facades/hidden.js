'use strict';
// Classes that no builtin exports: of native handles, of keys, of sessions. Whoever holds an object of such a class
// reaches its prototype, by which everybody's objects of that kind work: `digest` of a hash, `writeUtf8String` of a
// socket's handle, `export` of a private key. They are found through objects that are made for the purpose when the
// builtin is first loaded, and are hardened like exported ones.

const { ObjectFreeze, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectPreventExtensions, ReflectApply, ReflectDefineProperty, ReflectOwnKeys, StringPrototypeEndsWith, StringPrototypeStartsWith, process } = require('../intrinsics.js');
const { severConstructor } = require('./classes.js');
const { harden, hardenInstance, isOpen, isStore } = require('./harden.js');
const { internal } = require('./net-guard.js');

const { from: bufferFrom } = Buffer;

/** Of nobody: from the test vectors of RFC 8032. */
const ED25519 = ObjectFreeze({
  kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
});

/** By builtin: Node's internal bindings with classes for it. Which of them can be had differs between versions. */
const BINDINGS = {
  __proto__: null,
  child_process: ['process_wrap', 'pipe_wrap', 'stream_wrap'],
  crypto: ['crypto'],
  dgram: ['udp_wrap'],
  dns: ['cares_wrap'],
  fs: ['fs', 'fs_event_wrap'],
  http: ['http_parser'],
  net: ['tcp_wrap', 'pipe_wrap', 'stream_wrap', 'js_stream'],
  tls: ['tls_wrap'],
  tty: ['tty_wrap'],
  zlib: ['zlib'],
};

/** Bindings with classes that take a descriptor or a path when they are made. */
const OPENING = { __proto__: null, fs: true, fs_event_wrap: true, process_wrap: true, tty_wrap: true };

/** By builtin: functions that make objects of hidden classes. What a Node does not have, or not under its settings, is skipped. */
const SAMPLES = {
  __proto__: null,

  buffer: ({ Blob, File }) => [() => new Blob([]), () => new Blob([]).slice(), () => new File([], '')],

  crypto(crypto) {
    const bytes = bufferFrom('0123456789abcdef');
    return [
      () => crypto.createSecretKey(bytes),
      () => crypto.createHash('sha256'),
      () => crypto.createHmac('sha256', bytes),
      () => crypto.createCipheriv('aes-128-cbc', bytes, bytes),
      () => crypto.createSign('sha256'),
      () => crypto.createVerify('sha256'),
      () => crypto.createECDH('prime256v1'),
      () => crypto.createDiffieHellmanGroup('modp14'),
      () => crypto.createPrivateKey({ key: ED25519, format: 'jwk' }),
      () => crypto.createPublicKey({ key: ED25519, format: 'jwk' }),
    ];
  },

  fs: (fs) => [
    () => harden(fs.ReadStream), () => harden(fs.WriteStream), () => ofDirectory(fs),
    () => hardenMade(fs, 'watch'), () => hardenMade(fs, 'watchFile'),
  ],

  http: () => [() => hardenInstance(quietly(() => process.getBuiltinModule('_http_common')).HTTPParser.prototype, true)],

  net: ({ BlockList, SocketAddress }, load) => [
    () => new BlockList(), () => new SocketAddress(),
    // Sockets hold some of Node's own.
    () => {
      const { clearTimeout: clear, setTimeout: set } = load('timers');
      const timer = set(() => {}, 1);
      clear(timer);
      return timer;
    },
  ],

  perf_hooks: ({ createHistogram, monitorEventLoopDelay, performance }) => [
    () => ObjectFreeze(performance.nodeTiming), () => createHistogram(), () => monitorEventLoopDelay(),
    // Those who may observe have the same one.
    () => {
      ObjectPreventExtensions(performance);
    },
  ],

  readline: ({ createInterface }, load) => [() => {
    const { Readable } = load('stream');
    const lines = createInterface({ input: new Readable({ read() {} }) });
    lines.close();
    return lines;
  }],

  // Of the whole process: only those who may patch builtins change it.
  stream: (stream) => [() => {
    stream.setDefaultHighWaterMark = { setDefaultHighWaterMark(objectMode, value) {} }.setDefaultHighWaterMark; // eslint-disable-line no-unused-vars
  }],

  'stream/web': (web) => [() => hardenStreams(web)],

  tls: ({ createSecureContext }) => [() => createSecureContext({ ca: [] })],
};

/**
 * Hardens the hidden classes of a builtin. After whatever else is done to them.
 * @param {string} name  without `node:`
 * @param {object} real
 * @param {(name: string) => object} load  gives other builtins
 */
function hardenHidden(name, real, load) {
  if (isOpen()) return;
  const bindings = BINDINGS[name];
  if (bindings !== undefined) for (let at = 0; at < bindings.length; at++) hardenMembers(internal(bindings[at]), OPENING[bindings[at]] === true);
  const samples = SAMPLES[name]?.(real, load);
  if (samples === undefined) return;
  for (let at = 0; at < samples.length; at++) {
    try {
      hardenInstance(samples[at]());
    } catch {
      // Not in this Node.
    }
  }
}

module.exports = { hardenCommon, hardenGlobals, hardenHidden };

/** Of what is there without a builtin: iterators of queries, and the errors of WebAssembly. Once, when the realm is closed. */
function hardenGlobals() {
  if (isOpen()) return;
  hardenInstance(new URLSearchParams().entries());
  const names = ReflectOwnKeys(WebAssembly);
  for (let at = 0; at < names.length; at++) {
    const value = ObjectGetOwnPropertyDescriptor(WebAssembly, names[at]).value;
    if (typeof names[at] === 'string' && StringPrototypeEndsWith(names[at], 'Error')) hardenMessages(value.prototype);
  }
}

/** As a class of errors: `message` and `name` are assigned to its instances. */
function hardenMessages(prototype) {
  for (const key of ['message', 'name']) {
    const { value } = ObjectGetOwnPropertyDescriptor(prototype, key);
    ReflectDefineProperty(prototype, key, {
      __proto__: null,
      get: ObjectFreeze(() => value),
      set: ObjectFreeze(function (replacement) {
        if (this !== prototype) ReflectDefineProperty(this, key, { __proto__: null, value: replacement, writable: true, enumerable: true, configurable: true });
      }),
      configurable: false,
    });
  }
  hardenInstance(prototype, true);
}

/** The classes among the members of a binding. */
function hardenMembers(binding, sever) {
  const names = binding === undefined ? [] : ReflectOwnKeys(binding);
  for (let at = 0; at < names.length; at++) {
    const value = ObjectGetOwnPropertyDescriptor(binding, names[at])?.value;
    if (typeof value !== 'function' || value.prototype === null || typeof value.prototype !== 'object') continue;
    if (sever) severConstructor(value);
    hardenInstance(value.prototype, true);
  }
}

/** Later ones keep their handle to themselves. */
function ofDirectory(fs) {
  if (!StringPrototypeStartsWith(process.version, 'v20.')) return undefined;
  const directory = fs.opendirSync('/');
  directory.closeSync();
  const keys = ReflectOwnKeys(directory);
  for (let at = 0; at < keys.length; at++) {
    const value = directory[keys[at]];
    if (typeof value?.read === 'function') severConstructor(value.constructor);
  }
  return directory;
}

/** For classes that cannot be made without doing something: they are met with the first object that anybody makes. */
function hardenMade(exports, key) {
  const make = exports[key];
  const value = {
    [key](...args) {
      const made = ReflectApply(make, exports, args);
      hardenInstance(made);
      return made;
    },
  }[key];
  ReflectDefineProperty(value, 'length', { __proto__: null, value: make.length });
  exports[key] = value;
}

/** What streams share before there is anything in them, with the classes of their queues. */
function hardenStreams({ ReadableStream, TransformStream, WritableStream }) {
  // Every iterator has methods of its own.
  const iterator = new ReadableStream().values();
  hardenInstance(iterator);
  ObjectFreeze(ObjectGetPrototypeOf(iterator));
  for (const make of [
    () => new WritableStream(), () => new WritableStream().getWriter(), () => new TransformStream(), () => new ReadableStream(),
    () => new ReadableStream().getReader(), () => new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' }),
  ]) {
    hardenCommon(make(), make(), 4);
  }
}

/**
 * Freezes what two new objects have in common, and hardens the classes of what they are made of.
 * @param {object} one
 * @param {object} two
 * @param {number} depth
 */
function hardenCommon(one, two, depth) {
  if (depth === 0 || one === null || typeof one !== 'object') return;
  hardenInstance(one);
  // Headers and forms have iterators of their own.
  if (typeof one.entries === 'function') hardenInstance(one.entries());
  const keys = ReflectOwnKeys(one);
  for (let at = 0; at < keys.length; at++) {
    if (isStore(keys[at])) continue;
    const value = ObjectGetOwnPropertyDescriptor(one, keys[at]).value;
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
    const other = ObjectGetOwnPropertyDescriptor(two, keys[at])?.value;
    if (value === other) freezeConstant(value);
    else if (typeof value === 'object' && other !== null && typeof other === 'object') hardenCommon(value, other, depth - 1);
  }
}

/** A placeholder, such as an empty queue, that Node replaces when there is something to put in. */
function freezeConstant(value) {
  harden(value);
  if (typeof value !== 'object') return;
  ObjectFreeze(value);
  const keys = ReflectOwnKeys(value);
  for (let at = 0; at < keys.length; at++) harden(ObjectGetOwnPropertyDescriptor(value, keys[at]).value);
}

function quietly(action) {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    return action();
  } finally {
    process.noDeprecation = noDeprecation;
  }
}
