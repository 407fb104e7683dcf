// The engine of the load-path matrix: takes declarative rows and proves each on every Node version.
//
// A row is a small application and what an attacker does to it. For each Node version:
//   intact     the sealed application prints under loadlock exactly what it prints on stock Node;
//   a tamper   (changed, unlisted, planted …) is first shown to run on stock Node: it prints EVIL. Under loadlock EVIL
//              must be absent, and what happens instead is the outcome that the row names.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodes } from '../../scripts/nodes.mjs';
import { scratch, tampered, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

/** @typedef {import('../helpers/fixture.mjs').Tree} Tree */
/** @typedef {import('../helpers/run-node.mjs').Run} Run */

/**
 * What loadlock does with a tampered tree: the end of an `ERR_LOADLOCK_…` code that must be in the output (the process
 * then ends with a status other than 0); `ignored`: the tampering has no effect, the output is that of the intact tree;
 * `fails`: the application ends with an error of Node itself, for example because the planted file is not looked for.
 * Several outcomes are listed where Node versions differ, or where each of them is as good.
 * @typedef {string | string[]} Outcome
 */

/**
 * @typedef {object} Tamper
 * @property {Tree} files          written over the sealed tree
 * @property {string[]} [absent]   paths that do not exist yet when the tree is sealed
 * @property {Outcome} outcome
 */

/**
 * Everything but `name` may be a function of the kind.
 * @typedef {object} Row
 * @property {string} name
 * @property {string[]} [kinds]      variants of the application, usually the module system of the file that asks
 * @property {Tree} files
 * @property {string} [entry]        main.cjs, main.mjs or main.js (no kind) unless given
 * @property {string[]} [args]       the whole command line instead of `entry`
 * @property {string[]} [flags]      Node options, in front of loadlock's own
 * @property {string[]} [lateFlags]  Node options, behind loadlock's own
 * @property {Record<string, string>} [env]
 * @property {string} [input]        standard input
 * @property {string} [cwd]          relative to the root of the tree
 * @property {'require' | 'import' | 'options'} [how]  how loadlock is started
 * @property {string} [since]        first Node version that has the path
 * @property {string} [until]        first Node version that does not have it any more
 * @property {string} [target]       with `evil`: short for a `changed` tamper (INTEGRITY) and an `unlisted` one
 *                                   (UNLISTED: the file is absent when the tree is sealed)
 * @property {string | Buffer | object} [evil]
 * @property {Outcome} [changed]     outcome of `changed` if it is another one
 * @property {Outcome} [unlisted]    outcome of `unlisted` if it is another one
 * @property {Record<string, Tamper>} [tampers]
 * @property {Outcome} [attack]      the application as sealed is itself the attack: it prints EVIL on stock Node
 * @property {Outcome} [intact]      if loadlock refuses even the intact application, by design
 * @property {boolean} [survives]    the application handles the refusal itself and may end with status 0
 * @property {(context: { dir: string, node: import('../../scripts/nodes.mjs').NodeBinary, variant: string }) =>
 *   Promise<{ args?: string[], env?: Record<string, string> }>} [prepare]  runs before each run, adds to its command
 */

/**
 * The tests of some rows. Nothing runs before `run()` is called.
 * @param {string} topic
 * @param {Row[]} rows
 * @returns {{ name: string, run: () => Promise<void> }[]}
 */
export function cases(topic, rows) {
  return rows
    .flat()
    .flatMap((row) => (row.kinds ?? [undefined]).map((kind) => concrete(row, kind)))
    .map((row) => ({ name: row.name, run: () => prove(topic, row) }));
}

/** A table of what `run()` found so far, one line for each topic. */
export function table() {
  const versions = nodes().map(({ version }) => version);
  const width = Math.max(...[...tally.keys()].map((topic) => topic.length), 10) + 2;
  const lines = [
    `load paths: intact applications with the output of stock Node / tried, tampered ones ${STOCK_ONLY ? 'that stock Node runs' : 'stopped'} / tried`,
    ''.padEnd(width) + versions.map((version) => version.padEnd(20)).join(''),
  ];
  const total = emptyTally(versions);
  for (const [topic, byVersion] of [...tally].toSorted()) {
    lines.push(topic.padEnd(width) + versions.map((version) => cell(byVersion[version])).join(''));
    for (const version of versions) {
      for (const column of ['intact', 'tampered']) {
        total[version][column].good += byVersion[version][column].good;
        total[version][column].tried += byVersion[version][column].tried;
      }
    }
  }
  lines.push('total'.padEnd(width) + versions.map((version) => cell(total[version])).join(''));
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** While rows are being written: only show that stock Node does what the row says, without loadlock. */
export const STOCK_ONLY = Boolean(process.env.LOADLOCK_TEST_STOCK_ONLY);

const MARKER = 'EVIL';
/** @type {Map<string, Record<string, { intact: { good: number, tried: number }, tampered: { good: number, tried: number } }>>} */
const tally = new Map();

function concrete(row, kind) {
  const of = (value) => (typeof value === 'function' ? value(kind) : value);
  const result = { env: {}, flags: [], lateFlags: [], tampers: {} };
  for (const [key, value] of Object.entries(row)) result[key] = key === 'prepare' ? value : of(value);
  result.name = kind ? `${row.name} [${kind}]` : row.name;
  result.entry ??= { cjs: 'main.cjs', esm: 'main.mjs' }[kind] ?? 'main.js';
  if (result.target) {
    const files = { [result.target]: result.evil };
    result.tampers = {
      changed: { files, outcome: result.changed ?? 'INTEGRITY' },
      unlisted: { files, absent: [result.target], outcome: result.unlisted ?? 'UNLISTED' },
      ...result.tampers,
    };
  }
  return result;
}

async function prove(topic, row) {
  const trees = await makeTrees(row);
  const failures = [];
  for (const node of nodes().filter(({ version }) => supports(row, version))) {
    const check = async (column, variant, fn) => {
      const counts = tallyOf(topic)[node.version][column];
      counts.tried++;
      const problem = await fn();
      if (problem) failures.push({ variant, version: node.version, problem });
      else counts.good++;
    };
    let expected;
    if (trees.intact && !row.attack) {
      await check('intact', 'intact', async () => {
        expected = await start(row, trees.intact, node, 'intact', false);
        if (expected.code !== 0 || expected.stdout.includes(MARKER) || !expected.stdout.includes('GOOD')) {
          return `stock Node should print GOOD and end with 0: ${describeRun(expected)}`;
        }
        if (STOCK_ONLY) return undefined;
        const run = await start(row, trees.intact, node, 'intact', true);
        const same = run.stdout === expected.stdout && run.code === expected.code;
        report(topic, row, node, 'intact', same ? 'same' : run);
        if (row.intact) return refusal(run, row) ?? wrong(run, row.intact, undefined);
        return same ? undefined : `not what stock Node prints (${describeRun(expected)}): ${describeRun(run)}`;
      });
    }
    /** @type {Map<object, Run>} `changed` and `unlisted` differ only in what was sealed: one stock run proves both */
    const proven = new Map();
    for (const [variant, { files, outcome }] of Object.entries(row.tampers)) {
      const stock = async () => {
        if (!proven.has(files)) proven.set(files, await start(row, trees[variant], node, variant, false));
        return proven.get(files);
      };
      await check('tampered', variant, () => tamperingProblem(topic, row, trees[variant], node, variant, outcome, stock, expected));
    }
    if (row.attack) {
      const stock = () => start(row, trees.intact, node, 'attack', false);
      await check('tampered', 'attack', () => tamperingProblem(topic, row, trees.intact, node, 'attack', row.attack, stock, undefined));
    }
  }
  if (failures.length > 0) assert.fail(`\n  ${summary(failures)}`);
}

/** Mostly the Node versions fail alike, so the first one of each variant is shown in full. */
function summary(failures) {
  const variants = [...new Set(failures.map(({ variant }) => variant))];
  return variants
    .map((variant) => {
      const [first, ...others] = failures.filter((failure) => failure.variant === variant);
      const more = others.length > 0 ? `\n    also Node ${others.map(({ version }) => version).join(', ')}` : '';
      return `${variant}, Node ${first.version}: ${first.problem}${more}`;
    })
    .join('\n  ');
}

async function tamperingProblem(topic, row, dir, node, variant, outcome, provenBy, intact) {
  const stock = await provenBy();
  if (!stock.stdout.includes(MARKER)) return `stock Node should run the tampered file: ${describeRun(stock)}`;
  if (STOCK_ONLY) return undefined;
  const run = await start(row, dir, node, variant, true);
  report(topic, row, node, variant, run, intact);
  if (run.stdout.includes(MARKER)) return `the tampered file ran: ${describeRun(run)}`;
  return wrong(run, outcome, intact) ?? refusal(run, row, intact);
}

/** Is the outcome another one than the row names? */
function wrong(run, outcome, intact) {
  const accepted = [outcome].flat();
  const seen = outcomeOf(run, intact);
  return accepted.some((one) => seen.includes(one)) ? undefined : `expected ${accepted.join(' or ')}: ${describeRun(run)}`;
}

/** A refusal must not look like success. */
function refusal(run, row, intact) {
  if (run.hung) return `hung: ${describeRun(run)}`;
  if (run.code === 0 && !row.survives && !outcomeOf(run, intact).includes('ignored')) return `refused, but ended with 0: ${describeRun(run)}`;
  return undefined;
}

/** @returns {string[]} all that can be said of a run: codes in its output, or `ignored`, or `fails` */
function outcomeOf(run, intact) {
  const codes = [...`${run.stdout}\n${run.stderr}`.matchAll(/ERR_LOADLOCK_([A-Z_]+)/g)].map((match) => match[1]);
  if (codes.length > 0) return codes;
  // An attack has no intact run to compare with: there the application itself prints GOOD if the attack had no effect.
  const same = intact ? run.stdout === intact.stdout && run.code === intact.code : run.code === 0 && run.stdout.includes('GOOD');
  if (same) return ['ignored'];
  return run.code ? ['fails'] : [];
}

async function makeTrees(row) {
  const root = scratch(row.name);
  const sealed = async (dir) => (STOCK_ONLY ? dir : seal(dir, row.seal));
  // Each tree has a directory of its own around it, for rows about files above the sealed tree.
  const trees = { intact: await sealed(write(join(root, 'intact', 'app'), row.files)) };
  for (const [variant, { files, absent = [] }] of Object.entries(row.tampers)) {
    const dir = join(root, variant.replace(/[^\w.-]+/g, '-'), 'app');
    if (absent.length === 0) {
      trees[variant] = tampered(trees.intact, dir, files);
    } else {
      const before = Object.fromEntries(absent.map((path) => [path, null]));
      trees[variant] = write(await sealed(write(dir, { ...row.files, ...before })), files);
    }
  }
  return trees;
}

async function start(row, dir, node, variant, underLoadlock) {
  const extra = (await row.prepare?.({ dir, node, variant })) ?? {};
  const guard = underLoadlock ? await protectedArgs({ how: row.how }) : { args: [], env: {} };
  const env = { ...row.env, ...extra.env };
  // A row and loadlock may both want NODE_OPTIONS.
  if (env.NODE_OPTIONS && guard.env.NODE_OPTIONS) env.NODE_OPTIONS = `${guard.env.NODE_OPTIONS} ${env.NODE_OPTIONS}`;
  const placed = (value) => value.replaceAll('$DIR', dir);
  const args = [...row.flags, ...guard.args, ...row.lateFlags, ...(extra.args ?? []), ...(row.args ?? [row.entry])].map(placed);
  for (const name of Object.keys(env)) env[name] = placed(env[name]);
  return runNode(node.path, args, { cwd: join(dir, row.cwd ?? '.'), env: { ...guard.env, ...env }, input: row.input });
}

function supports({ since, until }, version) {
  return (!since || compare(version, since) >= 0) && (!until || compare(version, until) < 0);
}

function compare(left, right) {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference) return difference;
  }
  return 0;
}

function tallyOf(topic) {
  if (!tally.has(topic)) tally.set(topic, emptyTally(nodes().map(({ version }) => version)));
  return tally.get(topic);
}

function emptyTally(versions) {
  return Object.fromEntries(versions.map((version) => [version, { intact: { good: 0, tried: 0 }, tampered: { good: 0, tried: 0 } }]));
}

function cell({ intact, tampered: bad }) {
  return `${intact.good}/${intact.tried}  ${bad.good}/${bad.tried}`.padEnd(20);
}

/** LOADLOCK_TEST_REPORT=FILE collects one JSON line for each run under loadlock: what really came of it. */
function report(topic, row, node, variant, run, intact) {
  if (!process.env.LOADLOCK_TEST_REPORT) return;
  const outcome = typeof run === 'string' ? run : outcomeOf(run, intact).join(',') || describeRun(run);
  const line = { topic, row: row.name, node: node.version, variant, outcome };
  appendFileSync(process.env.LOADLOCK_TEST_REPORT, `${JSON.stringify(line)}\n`);
}
