// Sockets, requests and resolvers under a policy, on every Node: what is granted works, and no way round a scope does.
//
// One file, two roles: the test starts each Node with this file as its program, and there every row runs against the
// facades themselves, with real sockets and an authority that keeps a list of what it refused.
//
// One row:   LOADLOCK_TEST_ROWS='custom lookup' node --test __test__/policy/net.test.mjs
// One Node:  LOADLOCK_TEST_NODES=22.15 …
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROLE = process.env.LOADLOCK_NET_ROLE;
const wanted = new RegExp(process.env.LOADLOCK_TEST_ROWS ?? '', 'i');

/** [name, test]; filled at the end of the file. */
const rows = [];
function row(name, run) {
  rows.push([name, run]);
}

// ---- a package under a policy ------------------------------------------------------------------------------------

let load, createFetch, everything;

/** Makes facades as js/views.js does, and closes the realm. */
function start() {
  const require = createRequire(import.meta.url);
  const modules = ['net', 'http', 'dns'].map((name) => require(`../../js/facades/${name}.js`));
  const fetchModule = require('../../js/facades/fetch.js');
  ({ createFetch } = fetchModule);
  const { createFacade } = require('../../js/facades/facade.js');
  const parts = (key) => Object.assign(Object.create(null), ...modules.map((module) => module[key]));
  const [makers, hardeners, always] = [parts('create'), parts('harden'), parts('always')];
  const table = require('../../src/policy/builtins.json').modules;
  const hardened = new Set();
  const real = (name) => {
    const exports = process.getBuiltinModule(`node:${name}`);
    if (!hardened.has(name)) {
      hardened.add(name);
      hardeners[name]?.(exports);
    }
    return exports;
  };
  const rulesOf = (members) => ({ needs: [], names: Object.keys(members), rules: Object.values(members).map((rule) => (rule === null ? '-' : rule.join('+'))) });
  const native = {
    demand(location, capability, value, what) {
      throw Object.assign(new Error(`closed: ${what}`), { code: 'ERR_LOADLOCK_CAPABILITY' });
    },
  };
  load = (authority) => {
    const views = new Map();
    const context = { authority, native, real, rule: (name) => table[name], view: (name) => view(name) };
    function view(name) {
      if (!views.has(name)) views.set(name, createFacade({ context, name, rules: rulesOf(table[name].members), maker: makers[name], always: always[name] }));
      return views.get(name);
    }
    return { view, fetches: () => createFetch({ authority, native, real }) };
  };
  if (ROLE === 'rows') {
    fetchModule.prepare();
    // As for a package without the grant, and for Node's own code too.
    delete globalThis.WebAssembly;
  }
  require('../../js/lockdown.js').lockdown();
  everything = makePackage({ 'net.connect': true, 'net.listen': true, dns: true });
}

/**
 * @param {Record<string, true | string[]>} grants
 * @param {{audit?: boolean}} [options]
 */
function makePackage(grants, { audit = false } = {}) {
  const violations = [];
  const permits = (capability, value) => grants[capability] === true || (grants[capability] ?? []).some((pattern) => value !== undefined && matches(pattern, value));
  const authority = {
    location: 'node_modules/x',
    whole: (capability) => grants[capability] === true,
    granted: (capability) => audit || grants[capability] !== undefined,
    permits,
    demand(capability, value, attempt) {
      if (permits(capability, value)) return;
      violations.push(`${capability} ${value}`);
      if (!audit) throw Object.assign(new Error(`refused: ${attempt}`), { code: 'ERR_LOADLOCK_CAPABILITY' });
    },
    note(capability, value) {
      if (!permits(capability, value)) violations.push(`${capability} ${value}`);
    },
  };
  const { view, fetches } = load(authority);
  return { view, violations, authority, get fetches() { return fetches(); }, net: view('net'), http: view('http') };
}

function matches(pattern, value) {
  if (pattern.startsWith('unix:') || value.startsWith('unix:')) return pattern === value;
  const split = (text) => [text.slice(0, text.lastIndexOf(':')), text.slice(text.lastIndexOf(':') + 1)];
  const [host, port] = split(pattern);
  const [asked, number] = split(value);
  if (!/^([\w.-]+|\[[\da-f:.]+\])$/i.test(asked)) return false;
  if (host === asked) return port === '*' || port === number;
  const name = asked.toLowerCase().replace(/\.$/, '').replace(/^\[::ffff:([\d.]+)\]$/, '$1');
  return (port === '*' || port === number) && (host === '*' || host === name || (host.startsWith('*.') && name.endsWith(host.slice(1))));
}

const REFUSED = { code: 'ERR_LOADLOCK_CAPABILITY' };
const CLOSED = { code: 'ERR_LOADLOCK_CAPABILITY' };

const cleanups = [];
/** A server of a wholly granted package that answers `hello`. */
async function echo(host = '127.0.0.1', path = undefined) {
  const server = everything.net.createServer((socket) => socket.on('error', () => {}).end('hello'));
  server.listen(path === undefined ? { host, port: 0 } : { path });
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return path === undefined ? server.address().port : path;
}

async function web(handler = (request, response) => response.end(`hello ${request.url}`), view = 'http', options = {}) {
  const server = everything.view(view).createServer(options, handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return { server, port: server.address().port };
}

async function read(stream) {
  let text = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) text += chunk;
  return text;
}

async function answer(request) {
  const [response] = await once(request.end(), 'response');
  return read(response);
}

async function failure(emitter) {
  const [error] = await once(emitter, 'error');
  return error;
}

/** The code of a refusal; since Node 24 a request turns what its createConnection throws into an event. */
async function refusal(make) {
  try {
    return (await failure(make())).code;
  } catch (error) {
    return error.code;
  }
}

let directory;
function scratch(name) {
  directory ??= mkdtempSync(join(tmpdir(), 'll-net-'));
  return join(directory, name);
}

let pair;
function certificate() {
  if (pair === undefined) {
    const [key, cert] = [scratch('key.pem'), scratch('cert.pem')];
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert]);
    pair = made.status === 0 ? { key: readFileSync(key), cert: readFileSync(cert) } : null;
  }
  return pair;
}

// ---- connecting --------------------------------------------------------------------------------------------------

row('denied: every way to connect throws', async () => {
  const port = await echo();
  const { net, http, violations, view } = makePackage({});
  for (const attempt of [
    () => net.connect(port, '127.0.0.1'),
    () => net.createConnection({ port, host: '127.0.0.1' }),
    () => new net.Socket().connect(port),
    () => net.Socket().connect(port),
    () => new net.Stream().connect({ port }),
    () => net.connect('/var/run/docker.sock'),
    () => http.request({ port, host: '127.0.0.1' }),
    () => http.get(`http://127.0.0.1:${port}/`),
    () => new http.ClientRequest(`http://127.0.0.1:${port}/`),
    () => view('https').get(`https://127.0.0.1:${port}/`),
    () => view('tls').connect(port, '127.0.0.1'),
    () => view('http2').connect(`http://127.0.0.1:${port}`),
    () => view('dgram').createSocket('udp4').send('x', port, '127.0.0.1'),
  ]) assert.throws(attempt, REFUSED, String(attempt));
  assert.equal(violations.length, 13);
});

row('audit: what is denied is recorded and goes on', async () => {
  const port = await echo();
  const { net, violations } = makePackage({}, { audit: true });
  assert.equal(await read(net.connect(port, '127.0.0.1')), 'hello');
  assert.deepEqual(violations, [`net.connect 127.0.0.1:${port}`]);
});

row('scoped: the granted port works, another does not', async () => {
  const port = await echo();
  const { net, violations } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  assert.equal(await read(net.connect(port, '127.0.0.1')), 'hello');
  assert.equal(await read(net.connect({ port: `${port}`, host: '127.0.0.1' })), 'hello');
  assert.equal(await read(new net.Socket().connect({ port, host: '127.0.0.1' })), 'hello');
  assert.deepEqual(violations, []);
  assert.throws(() => net.connect(port + 1, '127.0.0.1'), REFUSED);
  assert.throws(() => net.connect(port), REFUSED, 'localhost is another host');
});

row('whole: everything works', async () => {
  const port = await echo();
  const { net } = everything;
  assert.equal(await read(net.connect(port)), 'hello');
  const socket = new net.Socket();
  assert.equal(await read(socket.connect(port, '127.0.0.1')), 'hello');
});

row('the many spellings of an address', async () => {
  const port = await echo();
  const { net, violations } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  for (const host of ['127.1', '0x7f000001', '2130706433', '017700000001', '0x7F.1', '127.0.0.1.', '::ffff:127.0.0.1', '１２７.1']) {
    assert.equal(await read(net.connect(port, host)), 'hello', host);
  }
  assert.deepEqual(violations, []);
  const named = makePackage({ 'net.connect': [`localhost:${port}`, `*.example.com:${port}`] });
  for (const host of ['127.1', '0x7f000001', '2130706433', '::ffff:7f00:1', '::1', '0', '127.0.0.1 .example.com', '127.0.0.1\0.example.com']) {
    assert.throws(() => named.net.connect(port, host), undefined, host);
  }
});

row('names: case, trailing dot, punycode', () => {
  const { net, violations } = makePackage({ 'net.connect': ['xn--bcher-kva.example:1', 'localhost:1'] });
  for (const host of ['Bücher.example', 'xn--bcher-kva.example', 'LOCALHOST']) net.connect(1, host).on('error', () => {}).destroy();
  assert.deepEqual(violations, []);
  assert.throws(() => net.connect(1, 'bucher.example'), REFUSED);
});

row('a name: its own addresses, by either way of looking them up', async () => {
  const port = await echo();
  const { net } = makePackage({ 'net.connect': [`localhost:${port}`] });
  assert.equal(await read(net.connect({ port, host: 'localhost', family: 4 })), 'hello');
  assert.equal(await read(net.connect({ port, host: 'localhost', autoSelectFamily: true })), 'hello');
  assert.equal(await read(net.connect({ port, host: 'localhost', family: 4, localAddress: '127.0.0.1' })), 'hello');
});

row('custom lookup: cannot send a name elsewhere', async () => {
  const port = await echo('0.0.0.0');
  const { net, http, violations } = makePackage({ 'net.connect': [`localhost:${port}`] });
  const to = (address) => (name, options, callback) => (options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4));
  for (const autoSelectFamily of [true, false]) {
    const error = await failure(net.connect({ port, host: 'localhost', lookup: to('127.0.0.2'), autoSelectFamily }));
    assert.equal(error.code, 'ERR_LOADLOCK_CAPABILITY');
    assert.equal(await read(net.connect({ port, host: 'localhost', lookup: to('127.0.0.1'), autoSelectFamily })), 'hello');
  }
  assert.equal((await failure(http.get({ port, host: 'localhost', lookup: to('127.0.0.2') }))).code, 'ERR_LOADLOCK_CAPABILITY');
  assert.deepEqual([...new Set(violations)], [`net.connect 127.0.0.2:${port}`]);
  // An address that is granted as an address is fine.
  const both = makePackage({ 'net.connect': [`localhost:${port}`, `127.0.0.2:${port}`] });
  assert.equal(await read(both.net.connect({ port, host: 'localhost', lookup: to('127.0.0.2') })), 'hello');
});

row('custom lookup: answers that change', async () => {
  const port = await echo('0.0.0.0');
  const { net } = makePackage({ 'net.connect': [`localhost:${port}`] });
  let reads = 0;
  const sly = { get address() { return reads++ === 0 ? '127.0.0.1' : '127.0.0.2'; }, family: 4 };
  const socket = net.connect({ port, host: 'localhost', lookup: (name, options, callback) => callback(null, options.all ? [sly] : sly.address, 4) });
  await once(socket, 'connect');
  assert.equal(socket.remoteAddress, '127.0.0.1');
  socket.destroy();
});

row("dns: a connection's own lookup needs no grant, dns.lookup as its option neither", async () => {
  const port = await echo();
  const { net, view, violations } = makePackage({ 'net.connect': [`localhost:${port}`] });
  assert.equal(await read(net.connect({ port, host: 'localhost', family: 4, lookup: view('dns').lookup })), 'hello');
  assert.deepEqual(violations, []);
  assert.throws(() => view('dns').lookup('localhost', () => {}), REFUSED);
  assert.throws(() => view('dns').setDefaultResultOrder('verbatim'), REFUSED);
});

row('options that change between reads', async () => {
  const port = await echo();
  const { net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  for (const key of ['host', 'port', 'path']) {
    const good = { host: '127.0.0.1', port, path: undefined };
    const bad = { host: '127.0.0.2', port: 1, path: '/nowhere' };
    let reads = 0;
    const options = new Proxy({ ...good }, { get: (target, name) => (name === key && reads++ > 0 ? bad[key] : target[name]) });
    for (const connect of [() => net.connect(options), () => new net.Socket().connect(options)]) {
      reads = 0;
      assert.equal(await read(connect()), 'hello', key);
    }
  }
  const lookup = (name, options, callback) => (options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4));
  for (const host of [{ toString: () => '127.0.0.1' }, new String('127.0.0.1'), ['127.0.0.1'], { toString: () => 'x' }]) {
    assert.throws(() => net.connect({ port, host, lookup }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => makePackage({ 'net.connect': ['x:1'] }).net.connect({ port, host, lookup }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const options of [{ port: { valueOf: () => port } }, { port: -1 }, { path: { toString: () => '/x' } }, {}]) {
    assert.throws(() => net.connect({ host: '127.0.0.1', lookup, ...options }), Error);
  }
});

row('an open descriptor is no destination', () => {
  const { net, http, view } = makePackage({ 'net.connect': ['*:1'] });
  const fd = openSync('/dev/null');
  assert.throws(() => new net.Socket({ fd }), REFUSED);
  assert.throws(() => new net.Socket(fd), REFUSED);
  assert.throws(() => net.connect({ fd, port: 1 }), REFUSED);
  assert.throws(() => http.request({ host: 'x', port: 1, fd }), REFUSED);
  assert.throws(() => view('http2').connect('http://x:1', { fd }), REFUSED);
  let reads = 0;
  assert.throws(() => new net.Socket({ get fd() { return reads++ === 0 ? fd : undefined; } }), REFUSED);
});

row('unix sockets by their real path', async () => {
  const path = await echo('', scratch('a.sock'));
  symlinkSync(path, scratch('link.sock'));
  const { net, http, view } = makePackage({ 'net.connect': [`unix:${path}`] });
  assert.equal(await read(net.connect(path)), 'hello');
  assert.equal(await read(net.connect(scratch('link.sock'))), 'hello');
  const linked = makePackage({ 'net.connect': [`unix:${scratch('link.sock')}`, '*:*'] });
  assert.throws(() => linked.net.connect(scratch('link.sock')), REFUSED);
  assert.throws(() => linked.net.connect({ port: 1, host: '127.0.0.1', path }), REFUSED);
  assert.throws(() => linked.http.request({ host: '127.0.0.1', port: 1, socketPath: path }), REFUSED);
  assert.throws(() => linked.view('tls').connect({ port: 1, path }), REFUSED);
  assert.throws(() => linked.view('http2').connect('http://127.0.0.1:1', { path }), REFUSED);
  http.request({ socketPath: path }).on('error', () => {}).destroy();
  assert.throws(() => view('http').request({ socketPath: scratch('other.sock') }), REFUSED);
});

// ---- sockets that travel -----------------------------------------------------------------------------------------

row("another package's sockets connect nowhere", async () => {
  const other = await echo();
  let accepted;
  const { port } = await web((request, response) => {
    accepted = request.socket;
    response.end();
  });
  const response = await new Promise((resolve) => everything.http.get({ port, host: '127.0.0.1' }, resolve));
  const { socket: made } = response;
  response.resume();
  await once(response, 'close');
  for (const socket of [accepted, made]) {
    socket.destroy();
    const proto = Object.getPrototypeOf(socket);
    assert.throws(() => socket.connect(other, '127.0.0.1'), CLOSED);
    assert.throws(() => proto.connect.call(socket, { port: other, host: '127.0.0.1' }), CLOSED);
    assert.throws(() => proto.connect.call(Object.create(proto), { port: other, host: '127.0.0.1' }), CLOSED);
    // Whatever is refused, it does not throw nothing.
    assert.throws(() => new socket.constructor().connect(other, '127.0.0.1'));
    assert.equal(socket.constructor.name, 'Socket');
  }
});

row('a socket may connect again to where it was', async () => {
  const [port, other] = [await echo(), await echo()];
  for (const { net } of [everything, makePackage({ 'net.connect': ['127.0.0.1:*'] })]) {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket.resume(), 'close');
    socket.connect(port, '127.0.0.1');
    await once(socket.resume(), 'close');
    assert.throws(() => socket.connect(other, '127.0.0.1'), CLOSED);
  }
});

row('native handles lead nowhere', async () => {
  const port = await echo();
  const { net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  const handle = socket._handle;
  assert.equal(handle.constructor.name, 'TCP');
  assert.throws(() => new handle.constructor(0), CLOSED);
  assert.throws(() => handle.listen(5), CLOSED);
  assert.throws(() => handle.open(0), CLOSED);
  socket.destroy();
  for (let proto = handle; proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (Object.hasOwn(proto, 'constructor') && proto.constructor.name === 'TCP') assert.throws(() => Reflect.construct(proto.constructor, [0]), CLOSED);
  }
});

row('classes: instanceof, subclasses, calls without new, inspect', async () => {
  const port = await echo();
  const { net, http, view } = makePackage({ 'net.connect': [`127.0.0.1:${port}`], 'net.listen': ['127.0.0.1:0'] });
  class Modern extends net.Socket {}
  function Old(options) {
    net.Socket.call(this, options);
  }
  Object.setPrototypeOf(Old.prototype, net.Socket.prototype);
  Old.prototype = Object.create(net.Socket.prototype);
  Old.prototype.constructor = Old;
  for (const socket of [new Modern(), new Old(), net.Socket(), new net.Socket({ allowHalfOpen: true })]) {
    assert.ok(socket instanceof net.Socket && socket instanceof everything.net.Socket && socket instanceof process.getBuiltinModule('stream').Duplex);
    assert.equal(await read(socket.connect(port, '127.0.0.1')), 'hello');
  }
  const { inspect } = process.getBuiltinModule('util');
  assert.match(inspect(new net.Socket()), /^<?Socket/);
  assert.match(inspect(new Modern()), /^<?Modern/);
  assert.match(inspect(net.createServer()), /^Server/);
  assert.ok(net.createServer() instanceof net.Server && http.createServer() instanceof http.Server && http.createServer() instanceof net.Server);
  const { TLSSocket } = view('tls');
  assert.equal(Object.getPrototypeOf(TLSSocket), net.Socket);
  assert.equal(Object.getPrototypeOf(view('https').Server), view('tls').Server);
  assert.equal(net.connect.name, 'connect');
  assert.equal(net.Socket.name, 'Socket');
});

// ---- listening ---------------------------------------------------------------------------------------------------

row('listen: what is granted, and nothing else', async () => {
  const { net, http, view, violations } = makePackage({ 'net.listen': ['127.0.0.1:0', `unix:${scratch('l.sock')}`] });
  for (const server of [net.createServer(), new net.Server(), http.createServer(), view('http2').createServer()]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    assert.throws(() => server.listen(0), REFUSED);
  }
  const unix = net.createServer().listen(scratch('l.sock'));
  await once(unix, 'listening');
  unix.close();
  violations.length = 0;
  const attempts = [
    () => net.createServer().listen(0),
    () => net.createServer().listen(),
    () => net.createServer().listen({ port: undefined }),
    () => net.createServer().listen({ port: null }),
    () => net.createServer().listen(0, '0.0.0.0'),
    () => net.createServer().listen({ port: 0, host: '::1' }),
    () => net.createServer().listen(scratch('m.sock')),
    () => net.createServer().listen({ fd: 0 }),
    () => net.createServer().listen({ _handle: { fd: 0 } }),
    () => net.createServer().listen({ handle: { fd: 0 } }),
    () => new net.BoundSocket({ port: 0 }),
  ];
  if (net.BoundSocket === undefined) attempts.pop();
  for (const attempt of attempts) assert.throws(attempt, REFUSED, String(attempt));
  assert.deepEqual(violations.slice(0, 5), ['[::]:0', '[::]:0', '[::]:0', '[::]:0', '0.0.0.0:0'].map((value) => `net.listen ${value}`));
});

row('listen: ways past it', async () => {
  const { server, port } = await web();
  const { net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`], 'net.listen': ['127.0.0.1:0'] });
  const proto = Object.getPrototypeOf(net.createServer());
  assert.throws(() => proto.listen.call(Object.create(proto), 0), CLOSED);
  assert.throws(() => net.createServer()._listen2('0.0.0.0', 0, 4), CLOSED);
  const own = net.createServer().listen(0, '127.0.0.1');
  await once(own, 'listening');
  own.close();
  assert.throws(() => own._listen2('0.0.0.0', 0, 4), CLOSED);
  assert.throws(() => new server.constructor().listen(0));
  assert.throws(() => new (Object.getPrototypeOf(proto).constructor === undefined ? Object : net.createServer().constructor)().listen(0));
  assert.throws(() => own.listen({ get port() { return 0; }, get host() { return '0.0.0.0'; } }), REFUSED);
});

row('listen: a handle of somebody else gives no other', async () => {
  const { port } = await web();
  const { net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`], 'net.listen': ['localhost:0'] });
  const handle = net.connect(port, '127.0.0.1').on('error', () => {})._handle;
  const proto = Object.getPrototypeOf(net.createServer());
  const server = Object.create(proto);
  assert.throws(() => proto.listen.call(server, handle), CLOSED);
  server._handle = null;
  assert.throws(() => server._listen2('0.0.0.0', 0, 4), CLOSED);
  const sly = Object.create(proto, { _handle: { get: () => undefined, set() {} } });
  assert.throws(() => proto.listen.call(sly, handle));
  let reads = 0;
  const slyer = Object.create(proto, { _handle: { get: () => (reads++ === 1 ? handle : undefined), set() {} } });
  assert.throws(() => proto.listen.call(slyer, handle));
  assert.throws(() => proto.listen.call(Object.create(proto), Object.create(Object.getPrototypeOf(handle))), CLOSED);
  // A name is looked up, and only what it is the name of can be bound.
  const named = net.createServer().listen(0, 'localhost');
  await once(named, 'listening');
  assert.match(named.address().address, /^(127\.0\.0\.1|::1)$/);
  named.close();
  assert.throws(() => named._listen2('0.0.0.0', 0, 4), CLOSED);
  const closed = net.createServer().listen(0, 'localhost');
  closed.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(closed.listening, false);
});

row('listen: only the handle that Node has bound', async () => {
  const { port } = await web();
  const { net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`], 'net.listen': ['127.0.0.1:0'] });
  const handle = net.connect(port, '127.0.0.1').on('error', () => {})._handle;
  handle.bind('0.0.0.0', 0);
  assert.throws(() => handle.listen(1), CLOSED);
  const listenTo = (server) => server._listen2('127.0.0.1', 0, 4);
  for (const key of ['_handle', 'async_id_symbol']) {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    const name = key === '_handle' ? key : Object.getOwnPropertySymbols(server).find(({ description }) => description === key);
    let kept;
    const seen = [];
    Object.defineProperty(server, name, {
      configurable: true,
      get: () => kept,
      set(value) {
        kept = value;
        for (const action of [() => handle.listen(1), () => handle.bind('0.0.0.0', 0), () => handle.open(3)]) {
          assert.throws(action, CLOSED);
          seen.push(action);
        }
      },
    });
    if (key === '_handle') assert.throws(() => listenTo(server), CLOSED);
    else {
      listenTo(server);
      assert.equal(seen.length, 3);
      server.close();
    }
  }
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  server._handle = handle;
  assert.throws(() => listenTo(server), CLOSED);
  server._handle = null;
});

row("Node's own classes behind others open no descriptor", async () => {
  const { net, view } = makePackage({ 'net.connect': ['127.0.0.1:1'] });
  const { Duplex } = process.getBuiltinModule('stream');
  const above = view('tls').connect({ socket: new Duplex({ read() {}, write() {} }) }).on('error', () => {});
  const wrapper = above._parent ?? above._handle._parentWrap;
  const Real = Object.getPrototypeOf(wrapper.constructor);
  above.destroy();
  const { port } = await web();
  const own = net.Socket();
  assert.ok(own instanceof Real);
  const { fd } = everything.net.connect(port, '127.0.0.1').on('error', () => {})._handle;
  const file = openSync('/dev/null');
  for (const descriptor of [fd, file]) if (descriptor > 2) assert.throws(() => new Real({ fd: descriptor }));
  assert.throws(() => new Real().connect(port, '127.0.0.1'));
});

row('listen: whole', async () => {
  const { net } = everything;
  for (const args of [[0], [{ port: 0 }], [0, 'localhost'], [0, '127.0.0.1', 10], []]) {
    const server = net.createServer().listen(...args);
    await once(server, 'listening');
    server.close();
  }
  for (const { net, authority } of [everything, makePackage({ 'net.listen': ['[::]:0', '127.0.0.1:0'] })]) {
    for (const args of [[0], [], [{ port: 0 }, () => {}]]) {
      const server = net.createServer().listen(...args);
      await once(server, 'listening');
      server.close();
    }
    if (net.BoundSocket === undefined) continue;
    const server = net.createServer().listen(new net.BoundSocket({ port: 0, host: '127.0.0.1' }));
    await once(server, 'listening');
    server.close();
    if (!authority.whole('net.listen')) assert.throws(() => server._listen2('0.0.0.0', 0, 4), CLOSED);
  }
});

// ---- http --------------------------------------------------------------------------------------------------------

row('http: scoped requests, every form', async () => {
  const { port } = await web();
  const { http, violations } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  assert.equal(await answer(http.get(`http://127.0.0.1:${port}/a`)), 'hello /a');
  assert.equal(await answer(http.request(new URL(`http://127.0.0.1:${port}/b`), { method: 'POST' })), 'hello /b');
  assert.equal(await answer(http.request({ hostname: '127.0.0.1', port, path: '/c' })), 'hello /c');
  assert.equal(await answer(http.request({ host: '127.0.0.1', port, agent: false })), 'hello /');
  assert.equal(await answer(http.request({ host: '127.0.0.1', port, agent: new http.Agent({ keepAlive: true }) })), 'hello /');
  assert.equal(await answer(new http.ClientRequest({ host: '127.0.0.1', port })), 'hello /');
  assert.equal(await new Promise((resolve) => http.get(`http://127.0.0.1:${port}/d`, async (response) => resolve(await read(response)))), 'hello /d');
  assert.deepEqual(violations, []);
  assert.throws(() => http.get({ host: '127.0.0.1', port, hostname: '127.0.0.2' }), REFUSED);
  assert.throws(() => http.get({ host: '127.0.0.1', port, agent: new http.Agent({ host: '127.0.0.2' }) }), REFUSED);
});

row('http: whole, with own and shared agents', async () => {
  const { port } = await web();
  const { http } = everything;
  assert.equal(await answer(http.get(`http://127.0.0.1:${port}/a`)), 'hello /a');
  assert.equal(await answer(http.get({ port, host: '127.0.0.1', agent: false })), 'hello /');
  assert.equal(await answer(http.request({ port, host: '127.0.0.1', createConnection: (options) => everything.net.connect(options) })), 'hello /');
  const before = http.globalAgent;
  http.globalAgent = new http.Agent({ keepAlive: true });
  const mine = http.globalAgent;
  assert.equal(await answer(http.get(`http://127.0.0.1:${port}/a`)), 'hello /a');
  assert.equal(Object.keys(mine.freeSockets).length + Object.keys(mine.sockets).length, 1);
  mine.destroy();
  http.globalAgent = before;
});

row('http: createConnection and agents of another make are decided by what they connect to', async () => {
  const { port } = await web();
  const other = await echo();
  const { http, net } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  assert.equal(await answer(http.request({ host: 'elsewhere', createConnection: () => net.connect(port, '127.0.0.1') })), 'hello /');
  assert.equal(await refusal(() => http.request({ host: '127.0.0.1', port, createConnection: () => net.connect(other, '127.0.0.1') })), REFUSED.code);
  class Proxying extends http.Agent {
    createConnection(options, callback) {
      return super.createConnection({ ...options, port: other }, callback);
    }
  }
  assert.equal(await refusal(() => http.request({ host: '127.0.0.1', port, agent: new Proxying() })), REFUSED.code);
  // As agent-base makes them: the socket comes later.
  class Later extends http.Agent {
    createSocket(request, options, callback) {
      setImmediate(() => super.createSocket(request, options, callback));
    }
  }
  assert.equal(await answer(http.request({ host: '127.0.0.1', port, agent: new Later() })), 'hello /');
  const delegating = { protocol: 'http:', addRequest: (request, options) => setImmediate(() => new http.Agent().addRequest(request, options)) };
  assert.equal(await answer(http.request({ host: '127.0.0.1', port, agent: delegating })), 'hello /');
});

row('http: a request that waits for its turn', async () => {
  const { port } = await web();
  const agent = new everything.http.Agent({ maxSockets: 1, maxTotalSockets: 1 });
  const { http } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  const first = answer(everything.http.get({ host: '127.0.0.1', port, agent, path: '/1' }));
  const second = answer(http.get({ host: '127.0.0.1', port, agent, path: '/2' }));
  const third = answer(everything.http.get({ host: 'localhost', family: 4, port, agent, path: '/3' }));
  assert.throws(() => http.get({ host: '127.0.0.2', port, agent }), REFUSED);
  assert.deepEqual(await Promise.all([first, second, third]), ['hello /1', 'hello /2', 'hello /3']);
});

row("http: another package's agent, found on its response", async () => {
  const { port } = await web();
  const other = await web();
  const response = await new Promise((resolve) => everything.http.get({ host: '127.0.0.1', port }, resolve));
  await read(response);
  const { agent } = response.req;
  const to = { host: '127.0.0.1', port: other.port };
  assert.throws(() => agent.createConnection(to), CLOSED);
  assert.throws(() => agent.addRequest(response.req, to), CLOSED);
  assert.throws(() => agent.addRequest(Object.create(response.req), to), CLOSED);
  assert.throws(() => agent.createSocket(response.req, to, () => {}), CLOSED);
  assert.throws(() => agent.createSocket(response.req, { ...to, fd: 0 }, () => {}), CLOSED);
  assert.throws(() => new response.req.constructor({ ...to, agent }));
  assert.throws(() => new agent.constructor().createConnection(to), CLOSED);
  agent.requests['x:1:'] = [Object.assign(Object.create(response.req), { getHeader() {} })];
  assert.throws(() => agent.removeSocket(response.socket ?? {}, { host: 'x', port: 1 }), CLOSED);
  delete agent.requests['x:1:'];
});

row('http: an agent of somebody else connects only to where the request goes', async () => {
  const { port } = await web();
  const other = await web();
  const { http } = everything;
  const to = { host: '127.0.0.1', port: other.port };
  let tried = 0;
  class Sly extends http.Agent {
    addRequest(request, options, ...rest) {
      assert.throws(() => super.addRequest(request, { ...options, ...to }), CLOSED);
      assert.throws(() => super.createSocket(request, { ...options, ...to }, () => {}), CLOSED);
      assert.throws(() => super.createConnection({ ...options, ...to }), CLOSED);
      super.addRequest(request, options, ...rest);
    }
    createConnection(options, ...rest) {
      assert.throws(() => super.createConnection({ ...options, ...to }), CLOSED);
      assert.throws(() => super.createConnection(other.port, '127.0.0.1'), CLOSED);
      tried++;
      return super.createConnection(options, ...rest);
    }
  }
  assert.equal(await answer(http.get({ host: '127.0.0.1', port, agent: new Sly() })), 'hello /');
  // Node asks it for the other place too, and that one is refused.
  assert.equal(tried, 2);
  const agent = http.globalAgent;
  agent.createConnection = () => tried++;
  agent.options.port = other.port;
  assert.throws(() => http.get({ host: '127.0.0.1', port }), CLOSED);
  delete agent.options.port;
  assert.equal(await answer(http.get({ host: '127.0.0.1', port })), 'hello /');
  assert.equal(tried, 2);
});

row("http: another package's request without an agent", async () => {
  const { port } = await web();
  const other = await web();
  const { net, http } = everything;
  for (const options of [
    { createConnection: () => net.connect(port, '127.0.0.1') },
    { agent: { addRequest: (request) => request.onSocket(net.connect(port, '127.0.0.1')) } },
  ]) {
    const response = await new Promise((resolve) => http.get({ host: '127.0.0.1', port, ...options }, resolve));
    await read(response);
    assert.throws(() => new http.Agent().addRequest(response.req, { host: '127.0.0.1', port: other.port }), CLOSED);
    assert.throws(() => new http.Agent().createSocket(response.req, { host: '127.0.0.1', port: other.port }, () => {}), CLOSED);
  }
});

row('http: connections are not lent to packages with other grants', async () => {
  const { port } = await web((request, response) => response.end(String(request.socket.remotePort)));
  const one = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  const two = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  const ports = [];
  for (const { http } of [everything, one, two, one]) ports.push(await answer(http.get({ host: '127.0.0.1', port })));
  assert.equal(new Set(ports.slice(0, 3)).size, 3);
  assert.equal(ports[3], ports[1], 'its own connection is kept alive');
  assert.notEqual(one.http.globalAgent, everything.http.globalAgent);
  assert.notEqual(one.http.globalAgent, two.http.globalAgent);
  for (const { http } of [one, two, everything]) http.globalAgent.destroy();
});

row('https, tls and http2 over real TLS', async () => {
  if (certificate() === null) return;
  const { port } = await web((request, response) => response.end('secret'), 'https', certificate());
  const scoped = makePackage({ 'net.connect': [`127.0.0.1:${port}`], 'net.listen': ['127.0.0.1:0'] });
  for (const { view } of [everything, scoped]) {
    assert.equal(await answer(view('https').get({ host: '127.0.0.1', port, rejectUnauthorized: false })), 'secret');
    assert.equal(await answer(view('https').get(`https://127.0.0.1:${port}/`, { rejectUnauthorized: false, agent: false })), 'secret');
    const socket = view('tls').connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    assert.match(socket.constructor.name, /TLSSocket/);
    assert.throws(() => new socket.constructor(), CLOSED);
    socket.destroy();
    const below = view('net').connect(port, '127.0.0.1');
    const above = view('tls').connect({ socket: below, rejectUnauthorized: false });
    await once(above, 'secureConnect');
    assert.throws(() => above.connect(port + 1, '127.0.0.1'));
    above.destroy();
  }
  assert.throws(() => scoped.view('https').get({ host: '127.0.0.2', port }), REFUSED);
  assert.throws(() => scoped.view('tls').connect(port, '127.0.0.2'), REFUSED);
  assert.throws(() => scoped.view('http2').connect(`https://127.0.0.2:${port}`), REFUSED);
  const named = makePackage({ 'net.connect': [`localhost:${port}`] });
  assert.equal(await answer(named.view('https').get({ host: 'localhost', port, rejectUnauthorized: false })), 'secret');
  const lookup = (name, options, callback) => (options.all ? callback(null, [{ address: '127.0.0.2', family: 4 }]) : callback(null, '127.0.0.2', 4));
  assert.equal((await failure(named.view('https').get({ host: 'localhost', port, lookup }))).code, 'ERR_LOADLOCK_CAPABILITY');
});

row('http2: sessions', async () => {
  const server = everything.view('http2').createServer();
  server.on('stream', (stream) => stream.end('two'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  for (const { view } of [everything, makePackage({ 'net.connect': [`127.0.0.1:${port}`] })]) {
    const session = view('http2').connect(`http://127.0.0.1:${port}`);
    assert.equal(await read(session.request({ ':path': '/' })), 'two');
    assert.throws(() => session.socket.connect(port + 1, '127.0.0.1'));
    session.close();
    assert.throws(() => makePackage({ 'net.connect': ['127.0.0.1:1'] }).view('http2').connect('http://127.0.0.1:1', { port }), REFUSED);
  }
  server.close();
});

// ---- datagrams ---------------------------------------------------------------------------------------------------

row('dgram: what is granted, and nothing else', async () => {
  const receiver = everything.view('dgram').createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  for (const { view } of [everything, makePackage({ 'net.connect': [`127.0.0.1:${port}`] }), makePackage({ 'net.connect': [`localhost:${port}`, `127.0.0.1:${port}`] })]) {
    const socket = view('dgram').createSocket('udp4');
    for (const send of [
      () => socket.send('ping', port, '127.0.0.1'),
      () => socket.send('ping', port),
      () => socket.send(Buffer.from('..ping'), 2, 4, port, '127.0.0.1'),
      () => socket.send(['pi', 'ng'], port, '127.1', () => {}),
    ]) {
      send();
      const [message] = await once(receiver, 'message');
      assert.equal(String(message), 'ping');
    }
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send('ping');
    assert.equal(String((await once(receiver, 'message'))[0]), 'ping');
    socket.close();
  }
  receiver.close();
});

row('dgram: ways past it', async () => {
  const { view } = makePackage({ 'net.connect': ['127.0.0.1:9', 'localhost:9'] });
  const socket = view('dgram').createSocket('udp4').on('error', () => {});
  for (const attempt of [
    () => socket.send('x', 10, '127.0.0.1'),
    () => socket.send('x', 9, '127.0.0.2'),
    () => socket.send('x', 0, 1, 10, '127.0.0.1'),
    () => socket.send(Buffer.from('xy'), 0, 1, 9, '127.0.0.2', () => {}),
    () => socket.sendto(Buffer.from('xy'), 0, 1, 9, '127.0.0.2', () => {}),
    () => socket.connect(9, '127.0.0.2'),
    () => socket.bind(0),
    () => socket.bind(7777, '127.0.0.1'),
    () => socket.bind({ port: 7777 }),
    () => socket.bind({ fd: 1 }),
    () => socket.connectSync?.(9, '127.0.0.2') ?? socket.connect(9, '127.0.0.2'),
    () => socket.bindSync?.({ port: 7777 }) ?? socket.bind(7777),
  ]) assert.throws(attempt, REFUSED, String(attempt));
  const proto = Object.getPrototypeOf(socket);
  assert.throws(() => new socket.constructor('udp4'), CLOSED);
  assert.throws(() => proto.send.call(Object.create(proto), 'x', 9, '127.0.0.1'), CLOSED);
  const state = socket[Object.getOwnPropertySymbols(socket).find((key) => String(key) === 'Symbol(state symbol)')];
  assert.throws(() => new state.handle.constructor(), CLOSED);
  assert.ok(state.handle.connect('127.0.0.2', 9) < 0);
  assert.ok(state.handle.bind('127.0.0.1', 7777, 0) < 0);
  assert.ok(state.handle.open(1) < 0);
  socket.close();
  const lookup = (name, family, callback) => callback(null, '127.0.0.2', 4);
  const sly = view('dgram').createSocket({ type: 'udp4', lookup });
  sly.send('x', 9, 'localhost');
  assert.equal((await failure(sly)).code, 'ERR_LOADLOCK_CAPABILITY');
  sly.close();
});

row('dgram: listening', async () => {
  const { view } = makePackage({ 'net.listen': ['127.0.0.1:*'] });
  const socket = view('dgram').createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  assert.throws(() => socket.send('x', 9, '127.0.0.1'), REFUSED);
  socket.close();
});

// ---- fetch -------------------------------------------------------------------------------------------------------

row('fetch: denied, scoped, whole', async () => {
  const { port } = await web();
  await assert.rejects(makePackage({}).fetches.fetch(`http://127.0.0.1:${port}/`), REFUSED);
  const scoped = makePackage({ 'net.connect': [`127.0.0.1:${port}`, `localhost:${port}`] });
  for (const { fetches } of [everything, scoped]) {
    assert.equal(await (await fetches.fetch(`http://127.0.0.1:${port}/a`)).text(), 'hello /a');
    assert.equal(await (await fetches.fetch(new URL(`http://127.0.0.1:${port}/b`), { method: 'POST', body: 'x' })).text(), 'hello /b');
    assert.equal(await (await fetches.fetch(new fetches.Request(`http://127.0.0.1:${port}/c`, { method: 'PUT' }))).text(), 'hello /c');
    assert.equal(await (await fetches.fetch(`http://127.1:${port}/d`)).text(), 'hello /d');
    assert.equal(await (await fetches.fetch('data:text/plain,free')).text(), 'free');
  }
  await assert.rejects(scoped.fetches.fetch(`http://127.0.0.2:${port}/`), REFUSED);
  await assert.rejects(scoped.fetches.fetch(new scoped.fetches.Request(`http://127.0.0.2:${port}/`)), REFUSED);
  await assert.rejects(scoped.fetches.fetch('no url'), TypeError);
  let reads = 0;
  const sly = { toString: () => (reads++ === 0 ? `http://127.0.0.1:${port}/e` : `http://127.0.0.2:${port}/`) };
  assert.equal(await (await scoped.fetches.fetch(sly)).text(), 'hello /e');
  assert.equal(scoped.fetches.fetch.name, 'fetch');
});

row('fetch: redirects are decided too', async () => {
  const other = await web();
  const { port } = await web((request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${other.port}/there` }).end();
  });
  assert.equal(await (await everything.fetches.fetch(`http://127.0.0.1:${port}/`)).text(), 'hello /there');
  const { fetches, violations } = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  await assert.rejects(fetches.fetch(`http://127.0.0.1:${port}/`), (error) => error.cause?.code === 'ERR_LOADLOCK_CAPABILITY' || error.code === 'ERR_LOADLOCK_CAPABILITY');
  assert.deepEqual(violations, [`net.connect 127.0.0.1:${other.port}`]);
});

row("fetch: Node's global agent is nobody's", async () => {
  const { port } = await web();
  for (const version of [1, 2]) {
    const symbol = Symbol.for(`undici.globalDispatcher.${version}`);
    const agent = globalThis[symbol];
    if (agent === undefined) continue;
    assert.throws(() => agent.dispatch({}, {}));
    assert.equal(Object.getPrototypeOf(agent), null);
    assert.throws(() => {
      globalThis[symbol] = {};
    });
  }
  await assert.rejects(async () => (await globalThis.fetch(`http://127.0.0.1:${port}/`)).text());
});

row("http's names for WebSocket and its events", () => {
  for (const { http, fetches } of [everything, makePackage({})]) {
    for (const name of ['WebSocket', 'MessageEvent', 'CloseEvent']) if (name in http) assert.equal(http[name], fetches[name]);
  }
});

row('audit: a request, a server and datagrams go on', async () => {
  const { http, net, view, fetches, violations } = makePackage({}, { audit: true });
  const server = http.createServer((request, response) => response.end('audited')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  assert.equal(await answer(http.get({ host: '127.0.0.1', port, agent: false })), 'audited');
  assert.equal(await (await fetches.fetch(`http://127.0.0.1:${port}/`)).text(), 'audited');
  server.closeAllConnections();
  server.close();
  const socket = view('dgram').createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.send('x', socket.address().port, '127.0.0.1');
  assert.equal(String((await once(socket, 'message'))[0]), 'x');
  socket.close();
  assert.ok(violations.length >= 5 && net !== undefined);
});

row('WebSocket and EventSource', async () => {
  const { port, server } = await web();
  server.on('upgrade', (request, socket) => {
    const { createHash } = process.getBuiltinModule('crypto');
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(Buffer.from([0x81, 2, 0x6f, 0x6b]));
    socket.on('error', () => {});
  });
  const scoped = makePackage({ 'net.connect': [`127.0.0.1:${port}`] });
  if (scoped.fetches.WebSocket === undefined) return;
  for (const { fetches } of [everything, scoped]) {
    const socket = new fetches.WebSocket(`ws://127.0.0.1:${port}/`);
    const message = await new Promise((resolve, reject) => {
      socket.addEventListener('message', (event) => resolve(event.data));
      socket.addEventListener('error', (event) => reject(event.error ?? new Error(event.message)));
    });
    assert.equal(message, 'ok');
    assert.ok(socket instanceof fetches.WebSocket);
    socket.close();
  }
  assert.throws(() => new scoped.fetches.WebSocket(`ws://127.0.0.2:${port}/`), REFUSED);
  assert.throws(() => new (makePackage({}).fetches.WebSocket)('wss://example.com/'), REFUSED);
  if (scoped.fetches.EventSource !== undefined) assert.throws(() => new scoped.fetches.EventSource(`http://127.0.0.2:${port}/`), REFUSED);
});

// ---- the two roles -----------------------------------------------------------------------------------------------

if (ROLE === 'rows') {
  start();
  process.on('uncaughtException', (error) => {
    console.log(JSON.stringify({ failed: 'uncaught', why: error.stack }));
    process.exitCode = 1;
  });
  for (const [name, run] of rows) {
    if (!wanted.test(name)) continue;
    const hang = setTimeout(() => {
      console.log(JSON.stringify({ failed: name, why: 'hangs' }));
      process.exit(1);
    }, 20_000);
    try {
      await run();
      console.log(JSON.stringify({ passed: name }));
    } catch (error) {
      console.log(JSON.stringify({ failed: name, why: error.stack }));
    }
    clearTimeout(hang);
    for (const cleanup of cleanups.splice(0)) cleanup();
  }
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  process.exit();
} else if (ROLE === 'cluster') {
  start();
  const cluster = process.getBuiltinModule('cluster');
  if (cluster.isPrimary) {
    const worker = cluster.fork();
    const [{ port }] = await once(worker, 'message');
    console.log(await answer(everything.http.get({ host: '127.0.0.1', port })));
    worker.kill();
    process.exit();
  } else {
    const server = makePackage({ 'net.listen': ['127.0.0.1:0'] }).http.createServer((request, response) => response.end('from a worker'));
    server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  }
} else {
  const { describe, it } = await import('node:test');
  const { nodes } = await import('../../scripts/nodes.mjs');
  const { describeRun, runNode } = await import('../helpers/run-node.mjs');
  const file = new URL(import.meta.url).pathname;
  for (const { version, path } of nodes()) {
    describe(`network facades on Node ${version}`, () => {
      it('rows', async (context) => {
        const run = await runNode(path, ['--expose-gc', file], { env: { LOADLOCK_NET_ROLE: 'rows', LOADLOCK_TEST_ROWS: wanted.source } });
        const results = run.stdout.trim().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
        for (const { passed, failed, why } of results) {
          await context.test(passed ?? failed, () => assert.ok(passed, why));
        }
        assert.ok(results.length > 0 && run.code === 0, describeRun(run));
      });
      it('workers of a cluster', async () => {
        const run = await runNode(path, [file], { env: { LOADLOCK_NET_ROLE: 'cluster' } });
        assert.equal(run.stdout.trim(), 'from a worker', describeRun(run));
      });
    });
  }
}

