// Globals as packages see them under a policy, and what is left of them on the global object. The checks run inside each
// Node version (globals.checks.cjs), because they change the realm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

for (const node of nodes()) {
  describe(`globals, Node ${node.version}`, async () => {
    for (const options of [['--no-warnings'], ['--no-warnings', '--expose-gc']]) {
      const run = await runNode(node.path, [...options, here('./globals.checks.cjs')]);
      it(`runs with ${options.join(' ')}`, () => assert.ok(run.code === 0 && run.stdout.endsWith('}'), describeRun(run)));
      const start = run.stdout.indexOf('{"');
      for (const [name, result] of Object.entries(start < 0 ? {} : JSON.parse(run.stdout.slice(start)))) {
        it(`${name} (${options.at(-1)})`, () => assert.equal(result, 'ok'));
      }
    }
  });
}
