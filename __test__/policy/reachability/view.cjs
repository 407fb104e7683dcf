// Sloppy on purpose: `this` of a plain call is the real global object.
// A package that looks around: everything that it gets without asking anybody, and what it can make from that. It is
// installed under several names, with different grants.

const own = { arguments: [...arguments], require, module, exports, self: this };

/** Each is tried; what is refused is part of the view too, as the error. */
const MAKE = {
  'a stream': () => new (require('stream').Duplex)({ read() {}, write(chunk, encoding, done) { done(); } }),
  'a web stream': () => new ReadableStream({ start(controller) { own.streamController = controller; } }),
  'a reader': () => new ReadableStream().getReader(),
  'a writer': () => new WritableStream().getWriter(),
  'a transform': () => new TransformStream(),
  'a decoder stream': () => new TextDecoderStream(),
  'a compression stream': () => new CompressionStream('gzip'),
  'a stream of a blob': () => new Blob(['x']).stream(),
  'a converted stream': () => require('stream').Readable.toWeb(require('stream').Readable.from(['x'])),
  'a file': () => new File(['x'], 'name'),
  'a timer': () => clearLater(setTimeout(() => {}, 1e6)),
  'an immediate': () => setImmediate(() => {}),
  'a promised timer': () => require('timers/promises').setTimeout(0, undefined, { ref: false }),
  'an interval of promises': () => require('timers/promises').setInterval(1e6),
  'a hash': () => require('crypto').createHash('sha256'),
  'a cipher': () => require('crypto').createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)),
  'a key': () => require('crypto').createSecretKey(Buffer.alloc(16)),
  'a key pair': () => require('crypto').generateKeyPairSync('ed25519'),
  'a signature': () => require('crypto').createSign('sha256'),
  'web crypto': () => crypto.subtle,
  'a web key': () => crypto.subtle.importKey('raw', Buffer.alloc(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  'a compressor': () => require('zlib').createGzip(),
  'a channel': () => new MessageChannel(),
  'a diagnostics channel': () => require('diagnostics_channel').channel('http.client.request.start'),
  'tracing channels': () => require('diagnostics_channel').tracingChannel('module.require'),
  'a channel of its own': () => require('diagnostics_channel').channel('own'),
  'async storage': () => new (require('async_hooks').AsyncLocalStorage)(),
  'an async resource': () => new (require('async_hooks').AsyncResource)('own'),
  'the current resource': () => require('async_hooks').executionAsyncResource(),
  'an event emitter': () => new (require('events'))(),
  'an event target': () => new EventTarget(),
  'an event': () => new Event('x'),
  'an abort controller': () => new AbortController(),
  'a signal with a timeout': () => AbortSignal.timeout(1e6),
  'a URL': () => new URL('http://x/?a=b'),
  'search parameters': () => new URL('http://x/?a=b').searchParams,
  'an old URL': () => require('url').parse('http://x/'),
  'a URL pattern': () => new URLPattern({ pathname: '/x' }),
  'text coders': () => [new TextEncoder(), new TextDecoder()],
  'a MIME type': () => new (require('util').MIMEType)('text/html'),
  'call sites': () => require('util').getCallSites(),
  'its own stack': () => stack(),
  'a buffer': () => Buffer.from('x'),
  'performance': () => [performance, performance.mark('own'), performance.timeOrigin, require('perf_hooks').performance],
  'an observer': () => new PerformanceObserver(() => {}),
  'a histogram': () => require('perf_hooks').monitorEventLoopDelay(),
  'a timerified function': () => require('perf_hooks').timerify(function own() {}),
  'a response': () => new Response('x', { headers: { a: 'b' } }),
  'a request': () => new Request('http://127.0.0.1/'),
  'a form': () => new FormData(),
  'headers': () => new Headers({ a: 'b' }),
  'an http agent': () => new (require('http').Agent)(),
  'the http agents': () => [require('http').globalAgent, require('https').globalAgent, require('_http_agent').globalAgent],
  'an outgoing message': () => new (require('http').OutgoingMessage)(),
  'a server response': () => new (require('http').ServerResponse)({ method: 'GET', headers: {}, httpVersionMajor: 1, httpVersionMinor: 1 }),
  'a socket': () => new (require('net').Socket)(),
  'a server': () => require('net').createServer(),
  'an http server': () => require('http').createServer(),
  'a TLS server': () => require('tls').createServer(),
  'an http2 server': () => require('http2').createServer(),
  'a secure context': () => require('tls').createSecureContext({ ca: [] }),
  'a datagram socket': () => closed(require('dgram').createSocket('udp4')),
  'a block list': () => new (require('net').BlockList)(),
  'a resolver': () => new (require('dns').Resolver)(),
  'a promised resolver': () => new (require('dns').promises.Resolver)(),
  'an http request': () => quiet(require('http').request({ host: '127.0.0.1', port: 1 })),
  'an https request': () => quiet(require('https').request({ host: '127.0.0.1', port: 1 })),
  'a connection': () => quiet(require('net').connect(1, '127.0.0.1')),
  'a TLS connection': () => quiet(require('tls').connect(1, '127.0.0.1')),
  'an http2 session': () => quiet(require('http2').connect('http://127.0.0.1:1')),
  'a fetch': () => fetch('http://127.0.0.1:1/').catch((error) => [error, error.cause]),
  'a web socket': () => quietTarget(new WebSocket('ws://127.0.0.1:1/')),
  'a readable file': () => quiet(require('fs').createReadStream(__filename)),
  'a writable file': () => quiet(require('fs').createWriteStream(require('path').join(require('os').tmpdir(), `loadlock-view-${process.pid}`))),
  'an open file': () => require('fs').promises.open(__filename).then((handle) => (handle.close(), handle)),
  'a directory': () => require('fs').opendirSync(__dirname),
  'facts about a file': () => require('fs').statSync(__filename),
  'entries': () => require('fs').readdirSync(__dirname, { withFileTypes: true }),
  'a file watcher': () => closed(require('fs').watch(__dirname)),
  'a stat watcher': () => require('fs').watchFile(__filename, { persistent: false }, () => {}),
  'a blob of a file': () => require('fs').openAsBlob(__filename),
  'a web stream of a file': () => require('fs').promises.open(__filename).then((handle) => handle.readableWebStream()),
  'a child': () => quiet(require('child_process').spawn(process.execPath, ['-e', ''])),
  'a result of a child': () => require('child_process').spawnSync(process.execPath, ['-e', '']),
  'a worker': () => quiet(new (require('worker_threads').Worker)(require('path').join(__dirname, 'thread.cjs'), { stdin: true, stdout: true, stderr: true })),
  'a broadcast channel': () => closed(new BroadcastChannel('x')),
  'locks': () => require('worker_threads').locks,
  'an interface': () => require('readline').createInterface({ input: new (require('stream').PassThrough)() }),
  'a terminal': () => new (require('tty').WriteStream)(2),
  'a console': () => new console.Console(process.stdout),
  'an assertion error': () => new (require('assert').AssertionError)({ message: 'x' }),
  'an assert': () => new (require('assert').Assert)(),
  'a database': () => new (require('sqlite').DatabaseSync)(':memory:'),
  'a statement': () => new (require('sqlite').DatabaseSync)(':memory:').prepare('select 1'),
  'a script': () => new (require('vm').Script)('1'),
  'a context': () => require('vm').createContext({}),
  'evaluated text': () => Function('return this')(),
  'wasm': () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
  'a source map': () => new (require('module').SourceMap)({ version: 3, sources: [], mappings: '', names: [] }),
  'another require': () => require('module').createRequire(__filename),
  'another module': () => new module.constructor('x'),
  'the cache': () => [require.cache, require('module')._cache, Object.values(require.cache)],
  'a serializer': () => new (require('v8').Serializer)(),
  'a heap snapshot': () => require('v8').getHeapSnapshot(),
  'a report': () => process.report.getReport(),
  'handles': () => process._getActiveHandles(),
  'streams of the process': () => [process.stdin, process.stdout, process.stderr],
  'listeners': () => [process.on('exit', function heard() { own.exitThis = this; }), process.listeners('exit'), process.rawListeners('warning')],
  'the environment': () => process.env,
  'finalization': () => process.finalization,
  'a binding': () => [process.binding('constants'), process.binding('natives'), process.binding('util'), process.binding('uv'), process.binding('config')],
  'a test context': () => require('test'),
  'a session': () => new (require('inspector').Session)(),
  'a weak reference': () => new WeakRef({}),
  'collections': () => [new Map(), new Set(), new WeakMap(), new WeakSet(), new Map()[Symbol.iterator](), [][Symbol.iterator](), ''[Symbol.iterator](), ''.matchAll(/x/g)],
  'functions': () => [function () {}, () => {}, async () => {}, function* () {}, async function* () {}, (function* () {})(), (async function* () {})(), class { a() {} }],
  'numbers and dates': () => [new Date(), /x/, 1n, Symbol('x'), new Float64Array(0), new DataView(new ArrayBuffer(0)), new SharedArrayBuffer(0), Atomics, Math, JSON, Reflect, Intl, new Proxy({}, {})],
  'language helpers': () => [new Intl.NumberFormat(), new Intl.DateTimeFormat(), new Intl.Segmenter(), new Intl.Segmenter().segment('x'), new Intl.Segmenter().segment('x')[Symbol.iterator]()],
  'cloned values': () => structuredClone({ a: [1] }),
  'promises': () => [Promise.resolve(1), Promise.withResolvers?.()],
  'errors of Node': () => errors(),
};

/** Everything, by how it was come by. */
module.exports = function look({ builtins, globals }) {
  const roots = { own };
  for (const name of builtins) roots[`require('${name}')`] = attempt(() => require(name));
  for (const name of builtins) roots[`process.getBuiltinModule('${name}')`] = attempt(() => process.getBuiltinModule?.(name));
  for (const name of globals) roots[`globalThis.${name}`] = attempt(() => globalThis[name]);
  roots.names = {
    process, globalThis, global, console, performance, fetch: attempt(() => fetch), WebSocket: attempt(() => WebSocket), EventSource: attempt(() => EventSource),
    // eslint-disable-next-line no-eval -- to look at it
    eval: attempt(() => eval), Function: attempt(() => Function), WebAssembly: attempt(() => WebAssembly), navigator: attempt(() => navigator),
    localStorage: attempt(() => localStorage), BroadcastChannel: attempt(() => BroadcastChannel), Worker: attempt(() => Worker), Storage: attempt(() => Storage),
    MessageEvent: attempt(() => MessageEvent), CloseEvent: attempt(() => CloseEvent), XMLHttpRequest: attempt(() => XMLHttpRequest),
  };
  roots.sloppy = (function () { return this; })();
  for (const [name, make] of Object.entries(MAKE)) roots[name] = attempt(make);
  return roots;
};
module.exports.finish = function finish(roots) {
  for (const name of ['a worker', 'a child', 'an http2 session', 'a connection', 'a web stream of a file', 'a file watcher']) {
    const made = roots[name];
    try {
      (made?.terminate ?? made?.kill ?? made?.destroy ?? made?.close)?.call(made);
    } catch {
      // What refuses to be looked at is not reached.
    }
  }
  attempt(() => require('fs').unwatchFile(__filename));
};

function attempt(make) {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

function quiet(emitter) {
  emitter.on('error', () => {});
  emitter.unref?.();
  return emitter;
}

function quietTarget(target) {
  target.addEventListener('error', (event) => (own.socketError = event));
  return target;
}

function closed(made) {
  made.close();
  return made;
}

function clearLater(timer) {
  clearTimeout(timer);
  return timer;
}

function stack() {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => sites;
  const sites = new Error('own').stack;
  Error.prepareStackTrace = before;
  return sites;
}

/** Thrown by Node's own code and by ours. */
function errors() {
  const found = [];
  for (const fails of [() => Buffer.alloc(-1), () => require('fs').readFileSync(3.5), () => new URL('x'), () => require('./missing'), () => process.chdir(1), () => JSON.parse('{')]) {
    try {
      fails();
    } catch (error) {
      found.push(error);
    }
  }
  return found;
}
