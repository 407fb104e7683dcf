// Runs one case of the corpus and tells which effects of the attack were seen.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../../helpers/fixture.mjs';
import { run as runProgram, runNode } from '../../helpers/run-node.mjs';
import { decoys, stage } from './cases.mjs';
import { startSinks } from './sinks.mjs';

/**
 * @typedef {object} CaseRun
 * @property {import('../../helpers/run-node.mjs').Run} run
 * @property {boolean} ok          the application printed OK and ended with 0
 * @property {string[]} seen       effects of the attack that were seen
 * @property {string[]} missing    effects that were not
 */

/**
 * @param {object} entry                          a case
 * @param {object} options
 * @param {'clean' | 'evil'} options.variant
 * @param {{ path: string }} options.node
 * @param {string[]} [options.args]               Node options in front of the entry point
 * @param {Record<string, string>} [options.env]
 * @param {(dir: string, env: Record<string, string>) => void | Promise<void>} [options.prepare]  after the install
 *   scripts, before the application starts; gets the case's environment too
 * @returns {Promise<CaseRun>}
 */
export async function runCase(entry, { variant, node, args = [], env = {}, prepare }) {
  const base = scratch(`${entry.name}-${variant}`);
  const marks = join(base, 'mark');
  const app = join(base, 'stage');
  mkdirSync(marks);
  decoys(join(base, 'decoy'));
  const sinks = await startSinks(entry);
  try {
    stage(entry, variant, app);
    const caseEnv = {
      HOME: base,
      TMPDIR: base,
      NPM_TOKEN: 'DECOY-NPM',
      AWS_SECRET_ACCESS_KEY: 'DECOY-AWS',
      LOADLOCK_MARK_DIR: marks,
      LOADLOCK_DECOY_DIR: join(base, 'decoy'),
      ...sinks.env,
      ...entry.env,
    };
    if (variant === 'evil') await install(entry, app, node, caseEnv);
    const tampered = entry.effects.filter((effect) => effect.startsWith(TAMPER)).map((effect) => join(app, effect.slice(TAMPER.length)));
    const before = new Map(tampered.map((path) => [path, digest(path)]));
    await prepare?.(app, caseEnv);
    const run = await runNode(node.path, [...args, entry.entry], { cwd: app, env: { ...caseEnv, ...env } });
    const seen = () => entry.effects.filter((effect) => isSeen(effect, { entry, marks, sinks, run, app, before }));
    // Detached children and open connections may still be at work after the application has ended.
    if (variant === 'evil') for (let waited = 0; waited < GRACE_MS && seen().length < entry.effects.length; waited += 25) await sleep(25);
    return {
      run,
      ok: run.code === 0 && run.stdout.includes('OK'),
      seen: seen(),
      missing: entry.effects.filter((effect) => !seen().includes(effect)),
    };
  } finally {
    sinks.close();
  }
}

const GRACE_MS = 1000;
const TAMPER = 'tamper:';

/** The install scripts that the case declares, as a package manager would run them. */
async function install({ lifecycle = [] }, app, node, env) {
  for (const { pkg, script } of lifecycle) {
    const cwd = join(app, 'node_modules', pkg);
    const { name, scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    // Not spawnSync: the script talks to the servers of this process.
    await runProgram('/bin/sh', ['-c', scripts[script]], {
      cwd,
      env: { ...env, PATH: `${dirname(node.path)}${delimiter}${process.env.PATH}`, npm_lifecycle_event: script, npm_package_name: name },
    });
  }
}

function isSeen(effect, { entry, marks, sinks, run, app, before }) {
  if (effect === 'marker') return readdirSync(marks).some((name) => name === entry.name || name.startsWith('WITH-LOVE'));
  if (effect.startsWith('stdout:')) return run.stdout.includes(effect.slice('stdout:'.length));
  if (effect.startsWith(TAMPER)) {
    const path = join(app, effect.slice(TAMPER.length));
    return digest(path) !== before.get(path);
  }
  if (effect in sinks.seen) return sinks.seen[effect].includes(`EXFIL ${entry.name}`);
  throw new Error(`${entry.name}: unknown effect '${effect}'`);
}

function digest(path) {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
