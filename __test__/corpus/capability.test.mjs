// The public attack corpus in its capability configuration: the policy is that of the clean version, and the seal is made
// from the compromised tree, in good faith. On stock Node every attack must have all its effects, under loadlock none.
//
// One case: LOADLOCK_TEST_CASES='event-stream' node --test __test__/corpus/capability.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { describeRun } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';
import { listCases } from './lib/cases.mjs';
import { writePolicy } from './lib/policy.mjs';
import { runCase } from './lib/run-case.mjs';

const wanted = new RegExp(process.env.LOADLOCK_TEST_CASES ?? '', 'i');
const cases = listCases().filter(({ name, expected }) => expected.capability && wanted.test(name));
const table = new Map(nodes().map(({ version }) => [version, { stopped: 0, tried: 0, broken: 0, runs: 0 }]));

// Eight at a time on purpose: a stopped attack mostly waits for effects that never come.
describe('attack corpus, capability', { concurrency: 8 }, () => {
  for (const entry of cases) it(entry.name, () => prove(entry));
});

after(() => {
  console.log('\nattack corpus, capability: the policy is that of the clean version, the seal that of the evil one');
  console.log('Node      attacks stopped/tried   clean runs broken/tried');
  for (const [version, row] of table) {
    console.log([version.padEnd(10), `${row.stopped}/${row.tried}`.padEnd(24), `${row.broken}/${row.runs}`].join(''));
  }
  console.log('');
});

async function prove(entry) {
  const failures = [];
  const sealIt = async (app, env) => {
    writePolicy(entry, app, env);
    await seal(app);
  };
  for (const node of nodes()) {
    const row = table.get(node.version);
    const expectThat = (condition, what, { run }) => {
      if (!condition) failures.push(`Node ${node.version}: ${what}: ${describeRun(run)}`);
      return condition;
    };
    const stockClean = await runCase(entry, { variant: 'clean', node });
    expectThat(stockClean.ok && stockClean.seen.length === 0, 'the clean application should work on stock Node', stockClean);
    const stockEvil = await runCase(entry, { variant: 'evil', node });
    expectThat(stockEvil.ok && stockEvil.missing.length === 0, `stock Node should show every effect of the attack (missing: ${stockEvil.missing})`, stockEvil);

    const start = await protectedArgs();
    const clean = await runCase(entry, { variant: 'clean', node, ...start, prepare: sealIt });
    row.runs++;
    const cleanFine = clean.ok && clean.seen.length === 0 && clean.run.stdout === stockClean.run.stdout;
    if (!expectThat(cleanFine, 'the clean application should work under its policy', clean)) row.broken++;

    const evil = await runCase(entry, { variant: 'evil', node, ...start, prepare: sealIt });
    row.tried++;
    if (expectThat(evil.seen.length === 0, `the attack had effects (${evil.seen})`, evil)) row.stopped++;
  }
  if (failures.length > 0) assert.fail(`\n  ${failures.join('\n  ')}`);
}
