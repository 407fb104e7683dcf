/** Runs the example service as a real process and talks to it over real HTTP. */

import { spawn } from 'node:child_process';
import path from 'node:path';

/** Only a guard against a process that hangs; nothing is judged by time. */
const HANG_GUARD_MS = 60_000;

/** A bcrypt hash of PASSWORD as an old account table might hold it. */
const OLD_HASH = '$2b$08$NYPlE/YiKGobGKHFlUmPhupTbnJk9o1Hf4FRpZdBZD6GvkoQlv39S';
const PASSWORD = 'correct horse';

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * @typedef {object} Run
 * @property {boolean} listened did it get as far as answering requests?
 * @property {number | null} status exit status; null when a signal ended it
 * @property {string} stdout
 * @property {string} stderr
 * @property {Reply[]} replies in the order of REQUESTS; empty when it did not listen
 */

/**
 * @typedef {object} Reply
 * @property {string} request
 * @property {number} status
 * @property {string} type
 * @property {any} body parsed JSON, or a Buffer for anything else
 */

/**
 * Starts the service in `directory`, asks every route once, stops it.
 * @param {string} directory
 * @param {{ nodeArguments?: string[], env?: Record<string, string> }} [options]
 * @returns {Promise<Run>}
 */
export async function runService(directory, { nodeArguments = [], env = {} } = {}) {
  const child = spawn(process.execPath, [...nodeArguments, path.join('app', 'server.js')], {
    cwd: directory,
    env: { ...plainEnvironment(), PORT: '0', ORACLE_CLIENT_LIB_DIR: path.join(directory, 'no-oracle-client'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const guard = setTimeout(() => child.kill('SIGKILL'), HANG_GUARD_MS);
  const output = { stdout: '', stderr: '' };
  const closed = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const address = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output.stdout += text;
      const found = /listening on (http:\S+)\n/.exec(output.stdout);
      if (found) resolve(found[1]);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));

  try {
    const origin = await Promise.race([address, closed.then(() => undefined)]);
    const replies = origin ? await askEverything(origin) : [];
    if (origin) child.kill('SIGTERM');
    const status = await closed;
    return { listened: Boolean(origin), status, ...output, replies };
  } finally {
    clearTimeout(guard);
    child.kill('SIGKILL');
    running.delete(child);
  }
}

/**
 * The caller's environment without anything that could steer Node, a package's search for its binding, or loadlock.
 * @returns {Record<string, string>}
 */
export function plainEnvironment() {
  const kept = ['PATH', 'HOME', 'USERPROFILE', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP', 'LANG'];
  return Object.fromEntries(kept.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

async function askEverything(origin) {
  const rehash = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password: PASSWORD, hash: OLD_HASH }),
  };
  return [
    await ask(origin, '/'),
    await ask(origin, '/database'),
    await ask(origin, '/accounts/rehash', rehash),
    await ask(origin, '/thumbnails/64'),
  ];
}

async function ask(origin, route, init) {
  const request = `${init?.method ?? 'GET'} ${route}`;
  const response = await fetch(origin + route, init).catch(() => undefined);
  // A service that dies under a request is a finding, not a failure of the demo.
  if (!response) return { request, status: 0, type: '', body: undefined };
  const type = response.headers.get('content-type') ?? '';
  return {
    request,
    status: response.status,
    type,
    body: type.startsWith('application/json') ? await response.json() : Buffer.from(await response.arrayBuffer()),
  };
}
