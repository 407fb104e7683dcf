// The names that an ES module can import from CommonJS, and the format of each file, against every Node's own lexer and
// syntax detection, over a real tree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { runNode } from '../helpers/run-node.mjs';

const script = fileURLToPath(new URL('../../scripts/compare-cjs-exports.mjs', import.meta.url));
const tree = fileURLToPath(new URL('../../demo/node_modules', import.meta.url));

for (const { version, path } of await nodes()) {
  test(`Node ${version}: no export name is missing, no format is wrong`, async () => {
    const result = await runNode(path, [script, tree]);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const [, files] = /: (\d+) files/.exec(result.stdout);
    assert.ok(Number(files) > 400, 'the tree is large enough to mean something');
  });
}
