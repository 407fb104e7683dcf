// The attenuated `fs` and `fs/promises` (js/facades/fs*.js): every function, and every known way round the checks, on
// every supported Node. The rows are in fs/rows.cjs; they run in one process for each version.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';

const ROWS = fileURLToPath(new URL('./fs/rows.cjs', import.meta.url));

for (const { version, path } of nodes()) {
  describe(`fs facade, Node ${version}`, () => {
    const { stdout, stderr, status } = spawnSync(path, ['--no-warnings', ROWS], { encoding: 'utf8', input: '', maxBuffer: 1 << 26 });
    const rows = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    for (const { name, error } of rows) test(name, () => assert.equal(error, undefined));
    test('it ran to its end', () => {
      assert.equal(status, 0, stderr);
      assert.ok(rows.length > 200, `${rows.length} rows`);
    });
  });
}
