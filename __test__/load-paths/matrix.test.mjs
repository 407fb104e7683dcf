// Every way Node has of loading code × { intact, changed, unlisted, … } × CommonJS/ES module × every Node version.
//
// One row:    LOADLOCK_TEST_ROWS='require: a .json' node --test __test__/load-paths/matrix.test.mjs   (a regular expression
//             that is matched against `topic: row [kind]`)
// One Node:   LOADLOCK_TEST_NODES=22.15 …
// Keep trees: LOADLOCK_TEST_KEEP=1 …
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { cases, table } from './matrix.mjs';

const ROWS = new URL('rows/', import.meta.url);
const wanted = new RegExp(process.env.LOADLOCK_TEST_ROWS ?? '', 'i');

let found = 0;
for (const file of readdirSync(ROWS).toSorted()) {
  const { topic, rows } = await import(new URL(file, ROWS));
  const selected = cases(topic, rows).filter(({ name }) => wanted.test(`${topic}: ${name}`));
  if (selected.length === 0) continue;
  found += selected.length;
  // Each row is mostly one process after the other, so one row for each processor.
  describe(topic, { concurrency: Math.max(2, availableParallelism()) }, () => {
    for (const { name, run } of selected) it(name, run);
  });
}

// A pattern that selects nothing is a mistake, not a success.
if (found === 0) throw new Error(`LOADLOCK_TEST_ROWS=${wanted.source} selects no row`);

after(() => console.log(`\n${table()}\n`));
