// One row for each word of the capability vocabulary: what a package does with it, the grant that lets it, a scope that
// lets it, and a scope that does not. `use` is the body of an async function in the package; it gets `load` (import or
// require of a builtin by name), `here` (its own file) and `at` (addresses and
// paths of the test), and returns what the use gave.
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} word
 * @property {string} use
 * @property {(at: object) => string[]} [scope]  a list that permits the use
 * @property {(at: object) => string[]} [other]  a list that does not
 * @property {Record<string, unknown>} [also]  grants that the use needs besides
 * @property {string} [denied]  what a denied use gives when it does not throw
 * @property {(major: number) => boolean} [on]  Node versions that have it
 * @property {'cjs'} [only]  when the language has it in one kind of module only
 */

/** @type {Row[]} */
export const ROWS = [
  { name: 'fs.read', word: 'fs.read', use: "return (await load('fs')).readFileSync(at.file, 'utf8')", scope: (at) => [at.file], other: (at) => [`${at.file}x`] },
  { name: 'fs.read promises', word: 'fs.read', use: "return await (await load('fs/promises')).readFile(at.file, 'utf8')", scope: (at) => [`${at.dir}/**`], other: () => ['$PKG/**'] },
  { name: 'fs.read stream', word: 'fs.read', use: "const fs = await load('fs'); let text = ''; for await (const part of fs.createReadStream(at.file)) text += part; return text", scope: (at) => [`${at.dir}/*`], other: () => ['/nowhere/**'] },
  { name: 'fs.write', word: 'fs.write', use: "const fs = await load('fs'); fs.writeFileSync(at.out, 'x'); return 'written'", scope: (at) => [`${at.dir}/**`], other: (at) => [`${at.file}`] },
  { name: 'net.connect', word: 'net.connect', use: "const net = await load('net'); return await new Promise((yes, no) => { const s = net.connect(at.port, '127.0.0.1', () => { s.destroy(); yes('connected') }); s.on('error', no) })", scope: (at) => [`127.0.0.1:${at.port}`], other: (at) => [`127.0.0.1:${at.port + 1}`] },
  { name: 'net.connect http', word: 'net.connect', use: "const http = await load('http'); return await new Promise((yes, no) => http.get(`http://127.0.0.1:${at.port}/`, (r) => { r.resume(); r.on('end', () => yes(r.statusCode)) }).on('error', no))", scope: (at) => [`127.0.0.0/8:${at.port}`], other: () => ['10.0.0.0/8:*'] },
  { name: 'net.connect fetch', word: 'net.connect', use: "return (await fetch(`http://127.0.0.1:${at.port}/`)).status", scope: (at) => [`127.0.0.1:${at.port}`], other: () => ['example.com:443'] },
  { name: 'net.listen', word: 'net.listen', use: "const net = await load('net'); return await new Promise((yes, no) => { const s = net.createServer().on('error', no).listen(at.free, '127.0.0.1', () => s.close(() => yes('listened'))) })", scope: (at) => [`127.0.0.1:${at.free}`], other: () => ['127.0.0.1:1'] },
  { name: 'dns', word: 'dns', use: "return (await (await load('dns/promises')).lookup('localhost')).family > 0" },
  { name: 'env', word: 'env', use: 'return process.env.VOCABULARY', scope: () => ['VOCAB_*', 'VOCABULARY'], other: () => ['VOCAB_*'], denied: undefined },
  { name: 'child', word: 'child', use: "return (await load('child_process')).execFileSync('echo', ['hello'], { encoding: 'utf8' })", scope: () => ['echo'], other: () => ['git'] },
  { name: 'child shell', word: 'child', use: "return (await load('child_process')).execSync('echo hello', { encoding: 'utf8' })", scope: () => ['shell'], other: () => ['echo'] },
  { name: 'worker', word: 'worker', use: "const { Worker } = await load('worker_threads'); return await new Promise((yes, no) => new Worker(at.worker).on('message', yes).on('error', no))", scope: (at) => [at.worker], other: () => ['$PKG/**'] },
  { name: 'wasm', word: 'wasm', use: 'return WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) && new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof WebAssembly.Module' },
  { name: 'wasi', word: 'wasi', use: "const { WASI } = await load('wasi'); return typeof new WASI({ version: 'preview1' }).wasiImport", also: { wasm: true } },
  { name: 'ffi', word: 'ffi', use: "return typeof (await load('node:ffi')).dlopen", on: (major) => major >= 26 },
  { name: 'eval function', word: 'eval', use: "return new Function('a', 'return a + 1')(1)" },
  { name: 'eval indirect', word: 'eval', use: "return (0, eval)('1 + 1')", only: 'cjs' },
  { name: 'eval direct', word: 'eval', use: "const local = 2; return eval('local + 1')", only: 'cjs' },
  { name: 'vm', word: 'vm', use: "return (await load('vm')).runInNewContext('1 + 1')" },
  { name: 'inspector', word: 'inspector', use: "const { Session } = await load('inspector'); const s = new Session(); s.connect(); s.disconnect(); return 'session'" },
  { name: 'sys', word: 'sys', use: "return typeof (await load('os')).hostname()" },
  { name: 'process', word: 'process', use: "const before = process.cwd(); process.chdir(at.dir); process.chdir(before); return 'moved'", scope: () => ['chdir'], other: () => ['exit'] },
  { name: 'observe', word: 'observe', use: "return typeof (await load('async_hooks')).createHook({ init() {} }).enable" },
  { name: 'loader', word: 'loader', use: "return typeof (await load('node:test')).test" },
  { name: 'globals', word: 'globals', use: "globalThis.fetch = () => 'mine'; return globalThis.fetch()", scope: () => ['fetch'], other: () => ['Buffer'], also: { 'net.connect': true } },
  { name: 'imports', word: 'imports', use: "return (await load('neighbour')).name ?? (await load('neighbour')).default.name", scope: () => ['neighbour'], other: () => ['other'] },
  { name: 'addons', word: 'addons', use: "return typeof (await load('module')).createRequire(here)('./addon.node')", scope: () => ['$PKG/**'], other: () => ['$PKG/lib/**'] },
];
