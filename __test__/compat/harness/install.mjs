// Installs the packages of all cases once, in .cache/compat/install.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPAT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../.cache/compat/', import.meta.url));

/** Where the packages are: a directory with `node_modules`. */
export const INSTALL = path.join(CACHE, 'install');

/**
 * `npm ci`, when the lockfile is not the one that is installed.
 * @returns {Record<string, object>} the lockfile's packages, by location
 */
export function install() {
  const lockfile = readFileSync(path.join(COMPAT, 'package-lock.json'), 'utf8');
  const installed = path.join(INSTALL, 'installed.json');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lockfile) {
    console.log('npm ci …');
    rmSync(CACHE, { recursive: true, force: true });
    mkdirSync(INSTALL, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(path.join(COMPAT, file), path.join(INSTALL, file));
    run('npm', ['ci'], INSTALL);
    // Last, so that an installation that was interrupted does not count.
    writeFileSync(installed, lockfile);
  }
  return JSON.parse(lockfile).packages;
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
