// The ways in which a case is run.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cli, protectedArgs, seal } from '../../helpers/seal.mjs';
import { run } from './run.mjs';

export const POLICY = 'loadlock.policy.jsonc';

/** Each prepares a tree and says how Node is started on it. Their order matters: a tree is prepared again for the next. */
export const MODES = {
  stock: async () => ({ args: [], env: {} }),
  sealed: async (root) => {
    rmSync(path.join(root, POLICY), { force: true });
    await seal(root);
    return protectedArgs();
  },
  policy: async (root, one) => {
    rmSync(path.join(root, POLICY), { force: true });
    await cli(['policy', 'infer', root]);
    if (one.grants.length > 0) grantByHand(path.join(root, POLICY), one.grants);
    await seal(root);
    return protectedArgs();
  },
};

/**
 * @typedef {object} Result
 * @property {boolean} loads  its packages were loaded
 * @property {boolean} works  it printed its closing line and ended with 0
 * @property {string} [why]   what it printed when it does not work
 */

/**
 * Runs a case that was prepared.
 * @returns {Promise<Result>}
 */
export async function runCase(one, root, node, { args, env }, peers) {
  const preload = one.preload.flatMap((text) => text.split(' '));
  const { ended, stdout, stderr } = await run(node, [...args, ...preload, one.file], { cwd: root, env: { ...one.env, ...peers, ...env } });
  const loads = /^COMPAT LOADED$/m.test(stdout);
  const works = ended === 0 && stdout.trimEnd().endsWith(`COMPAT OK ${one.name}`);
  return works ? { loads, works } : { loads, works, why: `${ended}\n${stdout}\n${stderr}`.trim() };
}

/** @returns {{ count: number, packages: number, words: string[] }} what a policy file grants */
export function grantsIn(root) {
  const { packages } = parse(readFileSync(path.join(root, POLICY), 'utf8'));
  const granted = Object.values(packages).map((entry) => Object.entries(entry).filter(([, value]) => value !== false));
  return {
    count: granted.flat().length,
    packages: granted.filter((words) => words.length > 0).length,
    words: [...new Set(granted.flat().map(([word]) => word))].toSorted(),
  };
}

function grantByHand(file, grants) {
  const policy = parse(readFileSync(file, 'utf8'));
  for (const { package: name, grant } of grants) {
    const entry = (policy.packages[name] ??= {});
    for (const [word, value] of Object.entries(grant)) entry[word] = joined(entry[word], value);
  }
  writeFileSync(file, `${JSON.stringify(policy, null, 2)}\n`);
}

/** What was inferred stays: a list grows, and `true` is more than any list. */
function joined(inferred, value) {
  if (inferred === true || value === true) return true;
  return [...new Set([...(inferred || []), ...value])];
}

/** JSON with comments. Strings are matched first, since they may hold what looks like a comment. */
function parse(text) {
  return JSON.parse(text.replaceAll(/("(?:[^"\\]|\\.)*")|\/\/.*|\/\*[^]*?\*\/|,(?=\s*[}\]])/g, '$1'));
}
