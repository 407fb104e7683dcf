// The public attack corpus in its integrity configuration: the manifest is made from the clean tree, then the
// compromised tree is started with it. On stock Node every attack must have all its effects, under loadlock none.
//
// One case: LOADLOCK_TEST_CASES='event-stream' node --test __test__/corpus/integrity.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { copy, scratch } from '../helpers/fixture.mjs';
import { describeRun } from '../helpers/run-node.mjs';
import { SEALED_FILES, protectedArgs, seal } from '../helpers/seal.mjs';
import { listCases, stage } from './lib/cases.mjs';
import { runCase } from './lib/run-case.mjs';

/** While the corpus itself is being changed: only show that it works on stock Node. */
const STOCK_ONLY = Boolean(process.env.LOADLOCK_TEST_STOCK_ONLY);

const wanted = new RegExp(process.env.LOADLOCK_TEST_CASES ?? '', 'i');
const cases = listCases().filter(({ name }) => wanted.test(name));
const table = new Map(nodes().map(({ version }) => [version, { stopped: 0, tried: 0, broken: 0, runs: 0, installEffects: 0, installTried: 0 }]));

// Eight at a time on purpose: a stopped attack mostly waits for effects that never come.
describe('attack corpus, integrity', { concurrency: 8 }, () => {
  for (const entry of cases) it(entry.name, () => prove(entry));
});

after(() => {
  console.log('\nattack corpus, integrity: the manifest is that of the clean tree');
  console.log('Node      attacks stopped/tried   clean runs broken/tried   install time (not a loader\'s), effects/tried');
  for (const [version, row] of table) {
    console.log([version.padEnd(10), `${row.stopped}/${row.tried}`.padEnd(24), `${row.broken}/${row.runs}`.padEnd(26), `${row.installEffects}/${row.installTried}`].join(''));
  }
  console.log('');
});

async function prove(entry) {
  const sealed = STOCK_ONLY ? undefined : await seal(stage(entry, 'clean', join(scratch(entry.name), 'stage')));
  const bringManifest = (app) => {
    for (const name of SEALED_FILES) copy(join(sealed, name), join(app, name));
  };
  const failures = [];
  for (const node of nodes()) {
    const row = table.get(node.version);
    const expectThat = (condition, what, { run }) => {
      if (!condition) failures.push(`Node ${node.version}: ${what}: ${describeRun(run)}`);
      return condition;
    };
    const stockClean = await runCase(entry, { variant: 'clean', node });
    expectThat(stockClean.ok && stockClean.seen.length === 0, 'the clean application should work on stock Node', stockClean);
    const stockEvil = await runCase(entry, { variant: 'evil', node });
    const proven = expectThat(stockEvil.ok && stockEvil.missing.length === 0, `stock Node should show every effect of the attack (missing: ${stockEvil.missing})`, stockEvil);
    if (entry.class === 'N') {
      // Install scripts run long before any loader: nothing here can stop them, and nothing is claimed.
      row.installTried++;
      if (proven) row.installEffects++;
    }
    if (STOCK_ONLY) continue;

    const start = await protectedArgs();
    const clean = await runCase(entry, { variant: 'clean', node, ...start, prepare: bringManifest });
    row.runs++;
    const cleanFine = clean.ok && clean.seen.length === 0 && clean.run.stdout === stockClean.run.stdout;
    if (!expectThat(cleanFine, 'the clean application should work under loadlock', clean)) row.broken++;
    if (entry.class === 'N') continue;

    const evil = await runCase(entry, { variant: 'evil', node, ...start, prepare: bringManifest });
    row.tried++;
    if (expectThat(evil.seen.length === 0, `the attack had effects (${evil.seen})`, evil)) row.stopped++;
    const refused = /ERR_LOADLOCK_(INTEGRITY|UNLISTED|LOADER_CLOSED|UNSUPPORTED)/.test(`${evil.run.stdout}${evil.run.stderr}`);
    // An application may survive without the refused file, for example if it is optional, and must then work.
    expectThat(refused || evil.ok, 'stopped, but for another reason than a refusal', evil);
  }
  if (failures.length > 0) assert.fail(`\n  ${failures.join('\n  ')}`);
}
