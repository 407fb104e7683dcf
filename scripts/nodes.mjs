#!/usr/bin/env node
// Makes the Node versions that the tests run on available under .cache/nodes/<version>/.
//
// The binaries are the npm packages `node-<platform>-<arch>`, so npm's own client downloads them and checks their
// integrity. On its own: `node scripts/nodes.mjs` prints one line for each version.
//
// LOADLOCK_TEST_NODES=20,24 narrows the set: each item is a version or the beginning of one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Node 20 is the oldest supported line. 22.15 is the first release with `module.registerHooks`, and both ends of the
 * 22 line are tested because its loader changed much in between.
 */
export const VERSIONS = ['20.20.2', '22.15.0', '22.23.3', '24.21.0', '26.10.0'];

/**
 * @typedef {object} NodeBinary
 * @property {string} version  for example `22.15.0`
 * @property {number} major    for example `22`
 * @property {string} path     absolute path of the executable
 */

/**
 * The Node binaries to test with, oldest first. Downloads what is missing.
 * @returns {NodeBinary[]}
 */
export function nodes() {
  return selected(process.env.LOADLOCK_TEST_NODES).map((version) => ({
    version,
    major: Number.parseInt(version, 10),
    path: available(version),
  }));
}

const CACHE = fileURLToPath(new URL('../.cache/nodes/', import.meta.url));
const WINDOWS = process.platform === 'win32';

/** @param {string | undefined} wanted */
function selected(wanted) {
  const prefixes = (wanted ?? '').split(',').map((item) => item.trim()).filter(Boolean);
  if (prefixes.length === 0) return VERSIONS;
  for (const prefix of prefixes) {
    if (!VERSIONS.some((version) => startsWith(version, prefix))) {
      throw new Error(`LOADLOCK_TEST_NODES: no version matches '${prefix}' (there are ${VERSIONS.join(', ')})`);
    }
  }
  return VERSIONS.filter((version) => prefixes.some((prefix) => startsWith(version, prefix)));
}

/** Whole components only: `22.1` must not select 22.15.0. */
function startsWith(version, prefix) {
  return version === prefix || version.startsWith(`${prefix}.`);
}

/** @param {string} version */
function available(version) {
  const home = join(CACHE, version);
  const executable = WINDOWS ? join(home, 'bin', 'node.exe') : join(home, 'bin', 'node');
  if (!existsSync(executable)) download(version, home, executable);
  return realpathSync(executable);
}

function download(version, home, executable) {
  const name = `node-${WINDOWS ? 'win' : process.platform}-${process.arch}`;
  mkdirSync(CACHE, { recursive: true });
  // Beside its final place, so that the rename below stays on one file system and is atomic.
  const scratch = mkdtempSync(join(CACHE, '.download-'));
  try {
    writeFileSync(join(scratch, 'package.json'), '{"private":true}\n');
    const npm = spawnSync(
      'npm',
      ['install', '--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `${name}@${version}`],
      { cwd: scratch, encoding: 'utf8', shell: WINDOWS },
    );
    if (npm.status !== 0) {
      throw new Error(`npm could not install ${name}@${version}: ${npm.error?.message ?? npm.stderr}`);
    }
    try {
      renameSync(join(scratch, 'node_modules', name), home);
    } catch (error) {
      // Another process was faster, which is fine as long as its result is whole.
      if (!existsSync(executable)) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const check = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  if (check.stdout?.trim() !== `v${version}`) {
    throw new Error(`${executable} does not run as Node ${version}: ${check.error?.message ?? check.stderr}`);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const { version, path } of nodes()) console.log(`${version.padEnd(8)} ${path}`);
}
