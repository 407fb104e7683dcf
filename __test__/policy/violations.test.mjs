// What a violation of the policy does: thrown, recorded, the end of the process, or only a line of a report; and how a
// policy is made from a real run. On every Node.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { CLI, cli, key, protectedArgs, seal } from '../helpers/seal.mjs';

const APP = {
  'package.json': { name: 'app', main: 'app.js', dependencies: { reader: '1' } },
  'app.js': `
    process.on('exit', () => console.log('exit handlers ran'));
    const { read } = require('reader');
    try {
      console.log('read', read(process.argv[2]));
    } catch (error) {
      console.log('caught', error.name, error.code, error.package, error.capability);
    }`,
  'data.txt': 'data',
  'node_modules/reader/package.json': { name: 'reader', version: '1.0.0', main: 'index.js' },
  'node_modules/reader/index.js': "exports.read = (file) => require('fs').readFileSync(file, 'utf8') + (process.env.READER_SUFFIX ?? '');",
};

async function sealed(policy) {
  const dir = write(scratch('violations'), { ...APP, 'loadlock.policy.jsonc': { version: 1, packages: {}, ...policy } });
  return seal(dir);
}

async function start(node, dir, env = {}) {
  const { args, env: trust } = await protectedArgs();
  return runNode(node.path, [...args, join(dir, 'app.js'), join(dir, 'data.txt')], { cwd: dir, env: { ...trust, ...env } });
}

describe('violations', { concurrency: 2 }, () => {
  for (const node of nodes()) {
    it(`is thrown with everything an operator needs, and recorded before that, on Node ${node.version}`, async () => {
      const dir = await sealed({});
      const log = join(scratch('log'), 'events.jsonl');
      const run = await start(node, dir, { LOADLOCK_LOG: log });
      assert.match(run.stdout, /caught LoadlockError ERR_LOADLOCK_CAPABILITY node_modules\/reader fs\.read/, describeRun(run));
      const [event] = readFileSync(log, 'utf8').trim().split('\n').map(JSON.parse);
      assert.equal(event.code, 'ERR_LOADLOCK_CAPABILITY');
      assert.equal(event.decision, 'deny');
      assert.equal(event.package, 'node_modules/reader');
      assert.equal(event.capability, 'fs.read');
      assert.match(event.hint, /"reader"/);
    });

    it(`ends the process with onViolation: exit, whoever catches, on Node ${node.version}`, async () => {
      const dir = await sealed({ onViolation: 'exit' });
      const run = await start(node, dir);
      assert.equal(run.code, 1, describeRun(run));
      assert.equal(run.stdout, '', 'no handler of the application may run');
      assert.match(run.stderr, /node_modules\/reader may not use `fs\.read`/);
    });

    it(`is only reported with enforcement: audit, while integrity stays enforced, on Node ${node.version}`, async () => {
      const dir = await sealed({ enforcement: 'audit' });
      const run = await start(node, dir, { READER_SUFFIX: '!' });
      assert.match(run.stdout, /read data!?\n/, describeRun(run));
      assert.match(run.stderr, /audit: .* of violation/);
      assert.match(run.stderr, /node_modules\/reader fs\.read/);
      writeFileSync(join(dir, 'node_modules/reader/index.js'), 'exports.read = () => "evil";');
      const tampered = await start(node, dir);
      assert.match(tampered.stderr, /ERR_LOADLOCK_INTEGRITY/, describeRun(tampered));
    });

    it(`learns what a run uses, and the narrowed policy is enough for it and for no more, on Node ${node.version}`, async () => {
      const dir = await sealed({});
      const policy = join(dir, 'loadlock.policy.jsonc'), learned = join(scratch('learned'), 'uses.jsonl');
      rmSync(policy);
      await cli(['policy', 'infer', dir]);
      assert.match(readFileSync(policy, 'utf8'), /"fs\.read": true/);
      await seal(dir);
      const { publicKey } = await key();
      const args = ['run', '--trust', publicKey, '--learn', learned, '--root', dir, '--', node.path, join(dir, 'app.js'), join(dir, 'data.txt')];
      const learning = await runNode(process.execPath, [CLI, ...args], { cwd: dir, env: { LOADLOCK_STATE_DIR: scratch('state') } });
      assert.match(learning.stdout, /read data/, describeRun(learning));
      assert.ok(existsSync(learned), describeRun(learning));
      rmSync(policy);
      await cli(['policy', 'infer', dir, '--learned', learned]);
      const text = readFileSync(policy, 'utf8');
      assert.doesNotMatch(text, /"fs\.read": true/);
      assert.match(text, /data\.txt/);
      await seal(dir);
      assert.match((await start(node, dir)).stdout, /read data/);
      const { args: protection, env } = await protectedArgs();
      const elsewhere = await runNode(node.path, [...protection, join(dir, 'app.js'), '/etc/hostname'], { cwd: dir, env });
      assert.match(elsewhere.stdout, /caught LoadlockError ERR_LOADLOCK_CAPABILITY/, describeRun(elsewhere));
    });
  }

  it('refuses to learn without a policy to narrow', async () => {
    const dir = await seal(write(scratch('violations'), APP));
    const run = await start(nodes()[0], dir, { LOADLOCK_LEARN: join(scratch('learned'), 'uses.jsonl') });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /LOADLOCK_LEARN is set and the seal has no policy/);
  });

  it('seals no policy with a mistake, and shows its line', async () => {
    const dir = write(scratch('violations'), { ...APP, 'loadlock.policy.jsonc': '{\n  "version": 1,\n  "packages": { "reader": { "fs.reed": true } }\n}\n' });
    const { privateKey } = await key();
    const run = await runNode(process.execPath, [CLI, 'seal', dir, '--key', privateKey]);
    assert.equal(run.code, 2, describeRun(run));
    assert.match(run.stderr, /loadlock\.policy\.jsonc:3:\d+/);
    assert.match(run.stderr, /fs\.read/);
    assert.ok(!existsSync(join(dir, 'loadlock.manifest.json')));
  });

  it('does not enforce a policy in a realm that is not locked down', async () => {
    const dir = write(scratch('violations'), { ...APP, 'loadlock.policy.jsonc': { version: 1, packages: {} } });
    const { privateKey } = await key();
    const run = await runNode(process.execPath, [CLI, 'seal', dir, '--key', privateKey, '--no-lockdown']);
    assert.equal(run.code, 2, describeRun(run));
    assert.match(run.stderr, /locked-down realm/);
  });
});
