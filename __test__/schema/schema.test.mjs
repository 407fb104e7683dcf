// The JSON Schemas in schema/ against what loadlock really writes: a manifest of a sealed tree and the events of a run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { link, scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const TREE = {
  'package.json': { name: 'app', version: '1.0.0' },
  'main.js': `for (const id of ['./lib', './longer', './new', '/nowhere.js']) {
  try { require(id); } catch (error) { console.log(error.code); }
}
try { require.cache['/x'] = 1; } catch (error) { console.log(error.code); }
`,
  'lib.js': 'exports.a = 1;',
  'longer.js': 'exports.a = 1;',
  'uses.js': `const { readFile } = require('node:fs');
require(process.env.PLUGIN);
fetch('https://api.example.com/v1');
globalThis.mine = eval('1');
WebAssembly.compile(require.cache);
Array.prototype.last = 1;
require('module')._load = () => 1;
require('./' + process.env.PLUGIN);
require('child_process').fork(__dirname + '/lib.js');
process.on('SIGINT', () => {});
require('diagnostics_channel').subscribe('undici:request:create', () => {});
`,
  'broken.js': 'this is no program',
  'esm.mjs': 'export {};',
  'program.ts': 'const a: number = 1;',
  'module.mts': 'export const a: number = 1;',
  'code.wasm': Buffer.from('0061736d01000000', 'hex'),
  'binding.node': 'not loaded here',
  'odd name\n"x".txt': '',
  'node_modules/@scope/dep/package.json': { name: '@scope/dep', version: '2.0.0' },
  'node_modules/alias': link('@scope/dep'),
  'whole-application': link('.'),
  'left-out/file.js': '',
};

describe('schema', () => {
  let dir;

  before(async () => {
    dir = await seal(write(join(scratch('schema'), 'app'), TREE), ['--exclude', 'left-out']);
  });

  it('the manifest is valid', () => {
    const manifest = JSON.parse(readFileSync(join(dir, 'loadlock.manifest.json'), 'utf8'));
    assertValid('manifest', manifest);
    // Every member that the schema describes occurs, so that none of them is only described.
    assert.deepEqual(Object.keys(manifest), ['formatVersion', 'exclude', 'packages', 'links']);
    const formats = Object.values(manifest.packages).flatMap(({ files }) => Object.values(files).map(({ format }) => format));
    assert.deepEqual(new Set(formats), new Set(schema('manifest').$defs.file.properties.format.enum));
    assert.equal(manifest.links['whole-application'], '');
    const uses = Object.values(manifest.packages[''].files).flatMap((file) => Object.keys(file.uses ?? {}));
    assert.deepEqual(new Set(uses), new Set(Object.keys(schema('manifest').$defs.usage.properties)));
    assert.deepEqual(manifest.packages[''].files['uses.js'].uses.requests[0], ['node:fs', 'require', 1]);
  });

  it('a manifest that the reader refuses is not valid', () => {
    const manifest = JSON.parse(readFileSync(join(dir, 'loadlock.manifest.json'), 'utf8'));
    const entry = manifest.packages[''].files['lib.js'];
    for (const path of ['', '/a', 'a/', 'a//b', '.', '..', './a', '../a', 'a/../b', 'a/.', 'a/..', 'a\0', '\n/../a']) {
      assertInvalid('manifest', { ...manifest, packages: { '': { files: { [path]: entry } } } });
    }
    for (const path of ['.a', '..a', 'a./b', 'a/.b/c..']) {
      assertValid('manifest', { ...manifest, packages: { '': { files: { [path]: entry } } } });
    }
    assertInvalid('manifest', { ...manifest, formatVersion: 2 });
    assertInvalid('manifest', { ...manifest, more: 1 });
    assertInvalid('manifest', { ...manifest, packages: { '': { files: { a: { ...entry, blake3: entry.blake3.toUpperCase() } } } } });
    for (const uses of [{}, { evil: 1 }, { eval: 0 }, { computed: [] }, { requests: [['a', 'load', 1]] }, { env: { A: '1' } }]) {
      assertInvalid('manifest', { ...manifest, packages: { '': { files: { a: { ...entry, uses } } } } });
    }
  });

  it('events are valid', async () => {
    write(dir, { 'lib.js': 'exports.a = 2;', 'longer.js': 'exports.a = 1; // longer', 'new.js': '' });
    for (const decision of ['deny', 'audit']) {
      const log = join(scratch('log'), 'events.jsonl');
      const { args, env } = await protectedArgs();
      const mode = decision === 'audit' ? { LOADLOCK_ENFORCEMENT: 'audit' } : {};
      const run = await runNode(process.execPath, [...args, 'main.js'], { cwd: dir, env: { ...env, ...mode, LOADLOCK_LOG: log } });
      assert.equal(run.code, 0, describeRun(run));
      const events = readFileSync(log, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
      for (const event of events) assertValid('event', event);
      const seen = new Set(events.map(({ code }) => code.replace('ERR_LOADLOCK_', '')));
      assert.deepEqual(seen, new Set(['INTEGRITY', 'UNLISTED', 'LOADER_CLOSED']), describeRun(run));
      assert.ok(events.every((event) => event.decision === decision));
      // Nothing is written that the schema does not describe.
      const described = Object.keys(schema('event').properties);
      assert.deepEqual([...new Set(events.flatMap(Object.keys))].filter((key) => !described.includes(key)), []);
    }
  });

  it('the codes are those of the code', () => {
    const table = readFileSync(join(ROOT, 'src/error.rs'), 'utf8');
    const codes = [...table.matchAll(/=> "(ERR_LOADLOCK_[A-Z_]+)"/g)].map((match) => match[1]);
    assert.deepEqual(schema('event').properties.code.enum, codes.toSorted());
    const explained = [...readFileSync(join(ROOT, 'docs/codes.md'), 'utf8').matchAll(/^## (ERR_LOADLOCK_[A-Z_]+)$/gm)].map((match) => match[1]);
    assert.deepEqual(explained.toSorted(), codes.toSorted());
  });
});

function schema(name) {
  return JSON.parse(readFileSync(join(ROOT, 'schema', `${name}.schema.json`), 'utf8'));
}

function assertValid(name, value) {
  const validate = validator(name);
  assert.ok(validate(value), JSON.stringify(validate.errors, null, 2));
}

function assertInvalid(name, value) {
  assert.ok(!validator(name)(value), `valid, but should not be: ${JSON.stringify(value).slice(0, 200)}`);
}

const validators = new Map();
function validator(name) {
  if (!validators.has(name)) validators.set(name, new (ajv())({ strict: true, allErrors: true }).compile(schema(name)));
  return validators.get(name);
}

function ajv() {
  // `npm test` also runs on a clone in which nothing was installed yet.
  if (!existsSync(join(ROOT, 'node_modules', 'ajv'))) {
    const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit'], { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
    assert.equal(npm.status, 0, npm.error?.message ?? npm.stderr);
  }
  return createRequire(import.meta.url)('ajv/dist/2020.js');
}
