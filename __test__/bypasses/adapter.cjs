'use strict';
// loadlock for the runner of the bypass suite: seal({app, node, grants, c}) makes policy and seal of the finished tree,
// command({...}) says how the application is started under it.
const fs = require('fs'), path = require('path'), os = require('os');
const { execFileSync } = require('child_process');

const ROOT = path.resolve(__dirname, '../..');
const CLI = path.join(ROOT, 'js/cli.js'), REGISTER = path.join(ROOT, 'js/register.js');

/** What a builtin amounts to in capabilities when a package is simply given the module. */
const OF_BUILTIN = {
  __proto__: null,
  fs: ['fs.read', 'fs.write'], 'fs/promises': ['fs.read', 'fs.write'], net: ['net.connect', 'net.listen'], http: ['net.connect', 'net.listen'],
  https: ['net.connect', 'net.listen'], http2: ['net.connect', 'net.listen'], tls: ['net.connect', 'net.listen'], dgram: ['net.connect', 'net.listen'],
  dns: ['dns'], child_process: ['child'], worker_threads: ['worker'], cluster: ['child', 'net.listen'], vm: ['vm'], os: ['sys'], inspector: ['inspector'],
  async_hooks: ['observe'], diagnostics_channel: ['observe'], perf_hooks: ['observe'], v8: ['observe', 'sys'], trace_events: ['observe'],
  wasi: ['wasi'], ffi: ['ffi'], sqlite: ['fs.read', 'fs.write'], repl: ['vm', 'loader'], test: ['loader'], domain: ['patch'],
};
const OF_GLOBAL = { __proto__: null, fetch: ['net.connect'], WebSocket: ['net.connect'], eval: ['eval'], Function: ['eval'], WebAssembly: ['wasm'] };

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'loadlock-bypass-'));
const key = path.join(home, 'key.pem');
let state = 0;
process.on('exit', () => fs.rmSync(home, { recursive: true, force: true }));

function loadlock(...args) {
  return execFileSync(process.execPath, [CLI, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

exports.seal = ({ app, grants }) => {
  if (!fs.existsSync(key)) loadlock('keygen', '--out', key);
  const packages = { '.': { imports: true, env: true, 'fs.read': true, 'net.connect': true, process: true } };
  const installed = fs.readdirSync(path.join(app, 'node_modules')).filter((name) => !name.startsWith('.'));
  for (const name of installed) {
    const entry = {};
    const { builtins = [], globals = [], env = [] } = grants[name] ?? {};
    for (const builtin of builtins) for (const word of OF_BUILTIN[builtin.replace(/^node:/, '')] ?? []) entry[word] = true;
    for (const global of globals) for (const word of OF_GLOBAL[global] ?? []) entry[word] = true;
    if (env.length > 0) entry.env = env;
    // Every package may use the API of those that it declares; that is the neighbourhood the cases are about.
    const manifest = path.join(app, 'node_modules', name, 'package.json');
    const declared = fs.existsSync(manifest) ? Object.keys(JSON.parse(fs.readFileSync(manifest, 'utf8')).dependencies ?? {}) : [];
    const imports = declared.filter((dependency) => installed.includes(dependency));
    if (imports.length > 0) entry.imports = imports;
    if (Object.keys(entry).length > 0) packages[name] = entry;
  }
  for (const name of ['loadlock.manifest.json', 'loadlock.manifest.dsse.json', '.loadlock']) fs.rmSync(path.join(app, name), { recursive: true, force: true });
  fs.writeFileSync(path.join(app, 'loadlock.policy.jsonc'), JSON.stringify({ version: 1, packages }, null, 2));
  loadlock('seal', app, '--key', key);
};

exports.command = ({ app, node, entry, flags, env }) => ({
  cmd: node,
  args: ['--require', REGISTER, ...flags, path.join(app, entry)],
  env: { ...env, LOADLOCK_TRUST: key.replace(/\.pem$/, '.pub.pem'), LOADLOCK_STATE_DIR: path.join(home, `state-${state++}`) },
});
