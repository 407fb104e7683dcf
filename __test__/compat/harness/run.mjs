// Runs an application and collects what it prints.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { scratch } from '../../helpers/fixture.mjs';

/** No case needs a fifth of this on an idle machine; it only ends what would hang. */
const HANG_GUARD_MS = 60_000;

/**
 * @param {import('../../../scripts/nodes.mjs').NodeBinary} node
 * @param {string[]} args
 * @param {{ cwd: string, env: Record<string, string> }} options  env is added to a small clean one
 * @returns {Promise<{ ended: number | string, stdout: string, stderr: string }>} ended: exit status, signal or `hung`
 */
export function run(node, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node.path, args, { cwd, env: { ...cleanEnv(node), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const result = { ended: undefined, stdout: '', stderr: '' };
    const guard = setTimeout(() => {
      result.ended = 'hung';
      kill(child);
    }, HANG_GUARD_MS);
    for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => (result[stream] += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      // Whatever the application started and did not stop.
      kill(child);
      resolve({ ...result, ended: result.ended ?? code ?? signal });
    });
  });
}

let home;
function cleanEnv(node) {
  home ??= scratch('home');
  const tmp = mkdtempSync(path.join(home, 'tmp-'));
  return { PATH: `${path.dirname(node.path)}${path.delimiter}${process.env.PATH}`, HOME: home, TMPDIR: tmp, LANG: 'C.UTF-8', NO_COLOR: '1' };
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
