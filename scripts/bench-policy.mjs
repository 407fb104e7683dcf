#!/usr/bin/env node
// What capabilities cost, as ratios of one interleaved run: start-up of express and fastify servers with the policy on,
// off, and on stock Node; their requests per second; and a scoped file read and connection against a whole grant.
//   npm run bench:policy -- [--rounds N (default 9)] [--node BINARY]
// Prints medians with quartiles. The packages are those of the compatibility suite.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from '../__test__/compat/harness/install.mjs';
import { buildTree } from '../__test__/compat/harness/tree.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, node: { type: 'string', default: process.execPath } } });
const ROUNDS = Number(values.rounds);
const REQUESTS = 4000, CONNECTIONS = 16;

const scratch = mkdtempSync(join(tmpdir(), 'loadlock-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const key = join(scratch, 'key.pem');
loadlock('keygen', '--out', key);
const environment = { ...process.env, LOADLOCK_TRUST: key.replace(/\.pem$/, '.pub.pem') };
// It makes Node 20 read the whole store at every start, which would hide everything else.
delete environment.NODE_EXTRA_CA_CERTS;
const PROTECTED = ['--require', join(ROOT, 'js/register.js')];

const SERVERS = {
  express: "const app = require('express')(); app.get('/', (q, r) => r.json({ hello: 'world' })); serve((port, done) => { const s = app.listen(port, '127.0.0.1', () => done(s)); });",
  fastify: "const app = require('fastify')(); app.get('/', async () => ({ hello: 'world' })); serve((port, done) => app.listen({ port, host: '127.0.0.1' }).then(() => done(app.server)));",
};
const SERVE = `
function serve(listen) {
  listen(0, (server) => {
    if (process.argv[2] === 'once') process.exit(0);
    console.log(server.address().port);
  });
}`;

const lock = install();
for (const [name, source] of Object.entries(SERVERS)) {
  const arms = armsOf(name, tree(name, [name], source + SERVE));
  startUp(name, arms);
  await throughput(name, arms);
}
calls();

/** Each copy has a roll-back memory of its own: they are one application, sealed at different times. */
function environmentOf(dir) {
  return { ...environment, LOADLOCK_STATE_DIR: `${dir}-state` };
}

function tree(name, packages, source) {
  const one = { name, file: 'app.js', source, files: {}, packages: packages.map((from) => ({ from, as: from })) };
  return buildTree(one, join(scratch, name), lock);
}

/** The same application three times: as it is, sealed, and sealed with the policy that is inferred for it. */
function armsOf(name, stock) {
  const sealed = join(scratch, `${name}-sealed`), policy = join(scratch, `${name}-policy`);
  for (const copy of [sealed, policy]) cpSync(stock, copy, { recursive: true, verbatimSymlinks: true });
  loadlock('policy', 'infer', policy);
  for (const copy of [sealed, policy]) loadlock('seal', copy, '--key', key);
  return { stock: { dir: stock, args: [] }, sealed: { dir: sealed, args: PROTECTED }, policy: { dir: policy, args: PROTECTED } };
}

function startUp(name, arms) {
  const times = alternate(arms, ({ dir, args }) => {
    const begun = performance.now();
    const run = spawnSync(values.node, [...args, 'app.js', 'once'], { cwd: dir, env: environmentOf(dir), encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return performance.now() - begun;
  });
  tell(`${name} start`, 'policy / stock', times.policy, times.stock);
  tell(`${name} start`, 'policy / sealed', times.policy, times.sealed);
}

async function throughput(name, arms) {
  const servers = {};
  for (const [arm, { dir, args }] of Object.entries(arms)) servers[arm] = await start(dir, args);
  const times = { stock: [], sealed: [], policy: [] };
  for (let round = -2; round < ROUNDS; round++) {
    for (const arm of Object.keys(times).toSorted(() => (round % 2 === 0 ? 1 : -1))) {
      const begun = performance.now();
      await burst(servers[arm].port);
      // The first rounds are for the compiler.
      if (round >= 0) times[arm].push(performance.now() - begun);
    }
  }
  for (const { child } of Object.values(servers)) child.kill();
  tell(`${name} requests/s`, 'policy / stock', times.stock, times.policy);
  tell(`${name} requests/s`, 'sealed / stock', times.stock, times.sealed);
}

function start(dir, args) {
  const child = spawn(values.node, [...args, 'app.js'], { cwd: dir, env: environmentOf(dir), stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.once('data', (text) => resolve({ child, port: Number(text) }));
  });
}

async function burst(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = REQUESTS;
  const lane = async () => {
    while (left-- > 0) {
      await new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  agent.destroy();
}

/** The same loop in a package with the whole grant and in one with a scope that fits. */
function calls() {
  const dir = join(scratch, 'calls');
  const source = `
    const fs = require('fs'), net = require('net');
    exports.read = (file) => { const begun = process.hrtime.bigint(); for (let at = 0; at < 20000; at++) fs.readFileSync(file); return Number(process.hrtime.bigint() - begun) / 20000; };
    exports.connect = async (port) => { const begun = process.hrtime.bigint(); for (let at = 0; at < 500; at++) await new Promise((done, no) => net.connect(port, '127.0.0.1', function () { this.destroy(); done(); }).on('error', no)); return Number(process.hrtime.bigint() - begun) / 500; };`;
  const files = { 'package.json': '{"name":"calls"}', 'small.txt': 'x'.repeat(512) };
  for (const name of ['whole', 'scoped']) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: 'index.js' });
    files[`node_modules/${name}/index.js`] = source;
  }
  files['app.js'] = `
    const server = require('net').createServer((s) => s.on('error', () => {})).listen(0, '127.0.0.1', async () => {
      const out = { read: {}, connect: {} };
      for (let round = 0; round < ${ROUNDS + 1}; round++) for (const name of ['whole', 'scoped']) {
        for (const [what, how] of [['read', __dirname + '/small.txt'], ['connect', server.address().port]]) {
          const took = await require(name)[what](how);
          if (round > 0) (out[what][name] ??= []).push(took);
        }
      }
      console.log(JSON.stringify(out));
      process.exit();
    });`;
  const packages = {
    '.': { imports: true, 'net.listen': true, process: true },
    whole: { 'fs.read': true, 'net.connect': true },
    scoped: { 'fs.read': ['$APP/**'], 'net.connect': ['127.0.0.0/8:*'] },
  };
  files['loadlock.policy.jsonc'] = JSON.stringify({ version: 1, packages });
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  loadlock('seal', dir, '--key', key);
  const run = spawnSync(values.node, [...PROTECTED, 'app.js'], { cwd: dir, env: environmentOf(dir), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const { read, connect } = JSON.parse(run.stdout);
  for (const [name, { whole, scoped }] of Object.entries({ 'fs.readFileSync': read, 'net.connect': connect })) {
    tell(name, 'scoped / whole', scoped, whole);
    console.log(`${''.padEnd(24)} ${(quartiles(whole)[1] / 1000).toFixed(1)} µs whole, ${(quartiles(scoped)[1] / 1000).toFixed(1)} µs scoped`);
  }
}

/** Runs every arm in each round, in alternating order. */
function alternate(arms, measure) {
  const times = Object.fromEntries(Object.keys(arms).map((arm) => [arm, []]));
  for (let round = -1; round < ROUNDS; round++) {
    const order = Object.keys(arms);
    if (round % 2 === 0) order.reverse();
    for (const arm of order) {
      const took = measure(arms[arm]);
      // The first round only warms the page cache.
      if (round >= 0) times[arm].push(took);
    }
  }
  return times;
}

function tell(what, of, over, under) {
  const [low, middle, high] = quartiles(over.map((value, at) => value / under[at]));
  console.log(`${what.padEnd(24)} ${of.padEnd(18)} ${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`);
}

function quartiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((at) => sorted[Math.floor((sorted.length - 1) * at)]);
}

function loadlock(...args) {
  const run = spawnSync(process.execPath, [join(ROOT, 'js/cli.js'), ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`loadlock ${args[0]}: ${run.stderr}`);
}
