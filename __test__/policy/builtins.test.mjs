// The table of builtins (src/policy/builtins.json) against what every supported Node exports, and the facades made from it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';

const TABLE = JSON.parse(readFileSync(new URL('../../src/policy/builtins.json', import.meta.url), 'utf8'));
const INVENTORY = fileURLToPath(new URL('inventory.cjs', import.meta.url));
const FACADES = fileURLToPath(new URL('facades.cjs', import.meta.url));

/** Names that only exist in some processes: with an option, on another platform, or in a child with a channel. */
const CONDITIONAL = {
  modules: ['dtls', 'quic'],
  cluster: ['_getServer', '_setupWorker', 'worker'],
  process: [
    '_breakFirstLine', '_breakNodeFirstLine', '_channel', '_disconnect', '_eval', '_forceRepl', '_handleQueue', '_pendingMessage', '_print_eval',
    '_send', 'channel', 'connected', 'disconnect', 'noDeprecation', 'noProcessWarnings', 'permission', 'send', 'throwDeprecation',
    'traceDeprecation', 'traceProcessWarnings',
  ],
  vm: ['Module', 'SourceTextModule', 'SyntheticModule'],
  globals: ['EventSource', 'ShadowRealm', 'Worker', 'XMLHttpRequest', '__dirname', '__filename', 'exports', 'gc', 'module', 'require'],
};
/** Constants of operating systems: those of the others cannot be asked for here. */
const PLATFORM_CONSTANTS = /^(?:WSA|SIG|UV_FS_|O_)/;

const inventories = await Promise.all(
  nodes().map(async (node) => {
    const run = await runNode(node.path, ['--no-warnings', INVENTORY]);
    assert.equal(run.code, 0, describeRun(run));
    return { version: node.version, ...JSON.parse(run.stdout) };
  }),
);

describe('builtins.json', () => {
  for (const { version, modules, process: members, globals } of inventories) {
    it(`knows every builtin, member and global of Node ${version}`, () => {
      assert.deepEqual(Object.keys(modules).filter((name) => TABLE.modules[name] === undefined), []);
      const missing = [];
      for (const [name, keys] of Object.entries(modules)) {
        for (const key of keys) if (!(key in (TABLE.modules[name]?.members ?? {}))) missing.push(`${name}.${key}`);
      }
      for (const key of members) if (!(key in TABLE.process.members)) missing.push(`process.${key}`);
      for (const key of globals) if (!(key in TABLE.globals)) missing.push(key);
      assert.deepEqual(missing, []);
    });
  }

  it('has no name that no Node has', { skip: process.env.LOADLOCK_TEST_NODES !== undefined && 'not every Node is there' }, () => {
    const all = (name, known) => new Set([...inventories.flatMap((inventory) => inventory.modules[name] ?? []), ...(known ?? [])]);
    const stale = Object.keys(TABLE.modules).filter(
      (name) => !CONDITIONAL.modules.includes(name) && inventories.every(({ modules }) => modules[name] === undefined),
    );
    for (const [name, { members }] of Object.entries(TABLE.modules)) {
      const known = name === 'process' ? new Set([...CONDITIONAL.process, ...inventories.flatMap((inventory) => inventory.process)]) : all(name, CONDITIONAL[name]);
      for (const key of Object.keys(members)) {
        if (!known.has(key) && !(name === 'constants' && PLATFORM_CONSTANTS.test(key))) stale.push(`${name}.${key}`);
      }
    }
    const globals = new Set([...CONDITIONAL.globals, ...inventories.flatMap((inventory) => inventory.globals)]);
    for (const key of Object.keys(TABLE.globals)) if (!globals.has(key)) stale.push(key);
    assert.deepEqual(stale, []);
  });

  it('says the same of what is the same object', () => {
    assert.deepEqual(TABLE.modules.process, TABLE.process);
    assert.deepEqual(TABLE.modules.sys, TABLE.modules.util);
  });

  it('never gives a promise more than its callback', () => {
    for (const [name, members] of ['fs', 'dns'].map((name) => [name, TABLE.modules[`${name}/promises`].members])) {
      for (const [key, rule] of Object.entries(members)) {
        const callback = TABLE.modules[name].members[key];
        if (callback !== undefined && key !== 'constants') assert.deepEqual(rule, callback, `${name}.${key}`);
      }
    }
  });
});

for (const node of nodes()) {
  describe(`facades on Node ${node.version}`, async () => {
    const run = await runNode(node.path, ['--no-warnings', FACADES]);
    assert.equal(run.code, 0, describeRun(run));
    for (const { name, error } of JSON.parse(run.stdout)) {
      it(name, () => {
        assert.equal(error, undefined);
      });
    }
  });
}
