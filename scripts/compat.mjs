#!/usr/bin/env node
/**
 * `npm run compat`: runs small real applications of many npm packages on stock Node, sealed without a policy, and with
 * the policy that `loadlock policy infer` proposes. Writes docs/compatibility.md.
 *
 *   --node=20,24            Node versions (each a version or its beginning); the newest of each line by default
 *   --only=REGEX            names of cases
 *   --mode=stock,sealed     ways to run them; all three by default
 *   --dry                   writes nothing
 *
 * Results are kept in __test__/compat/results.json, so that a run of a part leaves the rest of the table as it was.
 * Exit status 1 when something fails that worked before, or fails on stock Node.
 */

import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { readCases } from '../__test__/compat/harness/cases.mjs';
import { install } from '../__test__/compat/harness/install.mjs';
import { grantsIn, MODES, runCase } from '../__test__/compat/harness/modes.mjs';
import { startPeers } from '../__test__/compat/harness/peers.mjs';
import { outcome, readResults, record, writeResults } from '../__test__/compat/harness/results.mjs';
import { buildTree, versionsOf } from '../__test__/compat/harness/tree.mjs';
import { scratch } from '../__test__/helpers/fixture.mjs';
import { nodes, VERSIONS } from './nodes.mjs';

/** Cases that run at the same time: one for each core of a small machine. */
const PARALLEL = 2;

/** How much is shown of what a failed run printed. */
const EXCERPT_LINES = 14;

const { values: options } = parseArgs({
  options: { node: { type: 'string' }, only: { type: 'string' }, mode: { type: 'string' }, dry: { type: 'boolean' }, parallel: { type: 'string' } },
});
process.exitCode = (await main()) ? 0 : 1;

async function main() {
  const cases = readCases(new RegExp(options.only ?? ''));
  const modes = (options.mode ?? Object.keys(MODES).join(',')).split(',');
  const versions = selectedNodes();
  const lock = install();
  const before = readResults();
  const results = structuredClone(before);
  const started = performance.now();

  const regressions = [];
  const queue = [...cases];
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) regressions.push(...(await runAll(one, modes, versions, lock, before, results)));
  };
  await Promise.all(Array.from({ length: Number(options.parallel ?? PARALLEL) }, work));

  if (!options.dry) writeResults(results, readCases());
  console.log(`\n${cases.length} cases in ${((performance.now() - started) / 1000).toFixed(0)} s; ${regressions.length} regressions`);
  for (const line of regressions) console.log(`  ${line}`);
  return regressions.length === 0;
}

/** Runs one case in every way; tells what works no longer. */
async function runAll(one, modes, versions, lock, before, results) {
  const regressions = [];
  const lines = [];
  let able = versions.filter(({ version }) => !isOlder(version, one.node));
  const peers = await startPeers(one.peers);
  const home = scratch(one.name);
  try {
    const root = buildTree(one, path.join(home, 'app'), lock);
    for (const mode of modes) {
      if (able.length === 0) break;
      for (const [node, result] of await runMode(one, mode, root, able, peers.env)) {
        const worked = before[one.name]?.[mode]?.[node.major] === 'works';
        record(results, one, { versions: versionsOf(one, lock), mode, node, result });
        lines.push(`${mode} ${node.major} ${outcome(result)}`);
        if (result.works) continue;
        lines.push(`\n${excerpt(result.why)}\n  `);
        // A case that fails on stock Node says nothing about loadlock.
        if (mode === 'stock') able = able.filter((other) => other !== node);
        if (worked || mode === 'stock') regressions.push(`${one.name}: ${mode} on Node ${node.version}`);
      }
      if (mode === 'policy') results[one.name].grants = attempt(() => grantsIn(root));
    }
  } finally {
    peers.stop();
    rmSync(home, { recursive: true, force: true });
  }
  console.log(`${one.name}: ${lines.join(' · ')}`);
  return regressions;
}

async function runMode(one, mode, root, versions, peers) {
  let how;
  try {
    how = await MODES[mode](root, one);
  } catch (error) {
    return versions.map((node) => [node, { loads: false, works: false, why: error.message }]);
  }
  const results = [];
  for (const node of versions) results.push([node, await runCase(one, root, node, how, peers)]);
  return results;
}

/** The newest of each line, unless the command line names others. */
function selectedNodes() {
  const newest = VERSIONS.filter((version, i) => Number.parseInt(VERSIONS[i + 1], 10) !== Number.parseInt(version, 10));
  const wanted = (options.node ?? newest.join(',')).split(',');
  process.env.LOADLOCK_TEST_NODES = wanted.map((item) => newest.find((version) => version.startsWith(`${item}.`)) ?? item).join(',');
  return nodes();
}

function isOlder(version, floor) {
  const [a, b] = [version, floor].map((text) => text.split('.').map(Number));
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return false;
}

/** What a person needs of what a failed run printed. */
function excerpt(text) {
  const lines = text.split('\n').filter((line) => line.trim() && !/^\s+at .*node:internal/.test(line));
  const first = Math.max(0, lines.findIndex((line) => /Error\b/.test(line)) - 3);
  const shown = lines.slice(first, first + EXCERPT_LINES);
  return shown.map((line) => `    ${line.length > 300 ? `${line.slice(0, 299)}…` : line}`).join('\n');
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
