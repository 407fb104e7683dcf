// Seals scratch trees with a key made for this process, and says how to start Node on them.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from './fixture.mjs';
import { describeRun, runNode } from './run-node.mjs';

export const REGISTER = fileURLToPath(new URL('../../js/register.js', import.meta.url));
export const CLI = fileURLToPath(new URL('../../js/cli.js', import.meta.url));

/** What `loadlock seal` leaves in a tree. */
export const SEALED_FILES = ['loadlock.manifest.json', 'loadlock.manifest.dsse.json', '.loadlock'];

/**
 * Seals a directory in place.
 * @param {string} dir
 * @param {string[]} [options]  more options of `loadlock seal`
 */
export async function seal(dir, options = []) {
  const { privateKey } = await key();
  for (const file of SEALED_FILES) rmSync(join(dir, file), { recursive: true, force: true });
  await cli(['seal', dir, '--key', privateKey, ...options]);
  assertWritten(SEALED_FILES.map((file) => join(dir, file)));
  return dir;
}

/** Runs `loadlock` with the Node that runs the tests; rejects if it fails. */
export async function cli(args) {
  const run = await runNode(process.execPath, [CLI, ...args]);
  if (run.code !== 0) throw new Error(`loadlock ${args.join(' ')}: ${describeRun(run)}`);
  return run;
}

/**
 * How to start a Node under loadlock.
 * @param {{ how?: 'require' | 'import' | 'options', state?: string }} [options]
 *   how: by `--require`, by `--import` or by NODE_OPTIONS. state: directory of the roll-back memory, fresh by default,
 *   so that no test depends on what another one sealed.
 * @returns {Promise<{ args: string[], env: Record<string, string> }>}
 */
export async function protectedArgs({ how = 'require', state = scratch('state') } = {}) {
  const { publicKey } = await key();
  const env = { LOADLOCK_TRUST: publicKey, LOADLOCK_STATE_DIR: state };
  if (how === 'options') return { args: [], env: { ...env, NODE_OPTIONS: `--require=${REGISTER}` } };
  return { args: [`--${how}`, REGISTER], env };
}

/** @type {Promise<{ privateKey: string, publicKey: string }> | undefined} */
let pair;
/** The key pair of this process. */
export function key() {
  pair ??= (async () => {
    const privateKey = join(scratch('keys'), 'test.pem');
    const publicKey = privateKey.replace(/\.pem$/, '.pub.pem');
    await cli(['keygen', '--out', privateKey]);
    assertWritten([privateKey, publicKey]);
    return { privateKey, publicKey };
  })();
  return pair;
}

/** Otherwise every refusal below would be ERR_LOADLOCK_NO_MANIFEST, which looks like protection but proves nothing. */
function assertWritten(paths) {
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`loadlock ended with 0, but did not write ${missing.join(', ')}`);
}
