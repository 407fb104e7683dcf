// Runs a Node binary on something and tells what came of it.
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { scratch } from './fixture.mjs';

/**
 * @typedef {object} Run
 * @property {number | null} code
 * @property {string | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {boolean} hung  killed by the hang guard
 */

/**
 * @param {string} executable
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, input?: string }} [options]  env is added to a small clean one
 * @returns {Promise<Run>}
 */
export function runNode(executable, args, { cwd, env, input } = {}) {
  return run(executable, args, { cwd, env: { ...cleanEnv(executable), ...env }, input });
}

/** Runs any program; `env` is its whole environment. */
export function run(executable, args, { cwd, env, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, {
      cwd,
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const result = { code: null, signal: null, stdout: '', stderr: '', hung: false };
    const guard = setTimeout(() => {
      result.hung = true;
      killGroup(child);
    }, HANG_GUARD_MS);
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text) => (result[stream] += text));
    }
    child.on('error', reject);
    // 'close', not 'exit': it waits for children of the child that still hold the pipes, so nothing they print is missed.
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      resolve(Object.assign(result, { code, signal }));
    });
    if (input !== undefined) {
      // A child that refuses to start never reads; that it closed the pipe is not a failure of the test.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    }
  });
}

/** How a run ended and what it printed, for the message of a failed assertion. */
export function describeRun({ code, signal, hung, stdout, stderr }) {
  return `${hung ? 'hung, ' : ''}exit ${signal ?? code}\n    stdout: ${excerpt(stdout)}\n    stderr: ${excerpt(stderr)}`;
}

// Not a criterion of any test: it only ends a run that would otherwise hang the suite.
const HANG_GUARD_MS = 120_000;

let home;
/** Nothing of the caller's environment (NODE_OPTIONS, NODE_PATH, LOADLOCK_*) may decide a test. */
function cleanEnv(executable) {
  home ??= scratch('home');
  return {
    // `spawn('node')` in a test must find the version under test.
    PATH: `${dirname(executable)}${delimiter}${process.env.PATH}`,
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }),
  };
}

function killGroup(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function excerpt(text) {
  const trimmed = text.trim();
  return JSON.stringify(trimmed.length > 500 ? `${trimmed.slice(0, 350)} … ${trimmed.slice(-150)}` : trimmed);
}
