// Builds the application of one case: its file and the packages that it can reach, nothing else, so that sealing is quick
// and a package that is not declared is not found.
import { constants, cpSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSTALL } from './install.mjs';

const SUPPORT = fileURLToPath(new URL('../support/', import.meta.url));

/**
 * @param {import('./cases.mjs').Case} one
 * @param {string} root  a directory that does not exist yet
 * @param {Record<string, object>} lock  the lockfile's packages, by location
 */
export function buildTree(one, root, lock) {
  mkdirSync(root, { recursive: true });
  for (const location of closure(one.packages.map(({ from }) => from), lock)) {
    linkTree(path.join(INSTALL, location), path.join(root, renamed(location, one.packages)));
  }
  const files = {
    'package.json': `${JSON.stringify(packageJson(one, lock), null, 2)}\n`,
    [one.file]: one.source,
    ...one.files,
  };
  for (const [name, text] of Object.entries(files)) write(path.join(root, name), text);
  for (const name of readdirSync(SUPPORT)) {
    if (Object.values(files).some((text) => text.includes(`/${name}`))) write(path.join(root, name), readFileSync(path.join(SUPPORT, name)));
  }
  return root;
}

/** The versions of what a case names. */
export function versionsOf(one, lock) {
  return Object.fromEntries(one.packages.map(({ from, as }) => [as, lock[`node_modules/${from}`].version]));
}

/** Locations of everything that the named packages depend on, themselves included, as Node would find it. */
function closure(names, lock) {
  const locations = new Set();
  const add = (name, from, needed) => {
    const location = find(name, from, lock);
    if (location === undefined) {
      if (needed) throw new Error(`${name}, which ${from || 'a case'} needs, is not in the lockfile`);
      return;
    }
    // Packages for other platforms are in the lockfile, but not installed.
    if (locations.has(location) || !existsSync(path.join(INSTALL, location))) return;
    locations.add(location);
    const { dependencies, optionalDependencies, peerDependencies } = lock[location];
    for (const dependency of Object.keys(dependencies ?? {})) add(dependency, location, true);
    for (const dependency of Object.keys({ ...optionalDependencies, ...required(lock[location], peerDependencies) })) add(dependency, location, false);
  };
  for (const name of names) add(name, '', true);
  return [...locations];
}

/** Optional peers are features that the case would have to ask for. */
function required({ peerDependenciesMeta = {} }, peers = {}) {
  return Object.fromEntries(Object.entries(peers).filter(([name]) => !peerDependenciesMeta[name]?.optional));
}

function find(name, from, lock) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const location = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (lock[location]) return location;
    if (at === '') return undefined;
  }
}

/** Two versions of a package are installed under two names; the application knows one, by its own name. */
function renamed(location, packages) {
  const alias = packages.find(({ from, as }) => from !== as && `${location}/`.startsWith(`node_modules/${from}/`));
  return alias ? `node_modules/${alias.as}${location.slice(`node_modules/${alias.from}`.length)}` : location;
}

function packageJson(one, lock) {
  return { name: `compat-${one.name}`, version: '1.0.0', private: true, license: 'MIT', dependencies: versionsOf(one, lock) };
}

/** Hard links where the file system can: nothing writes into a tree's packages. Nested packages have their own location. */
function linkTree(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' || !isPackages(from)) linkTree(source, target);
    } else if (entry.isSymbolicLink()) cpSync(source, target, { verbatimSymlinks: true });
    else linkFile(source, target);
  }
}

/** A `node_modules` beside a `package.json` that npm wrote; others are test data that a package brings. */
function isPackages(directory) {
  return /(?:^|[\\/])node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+$/.test(directory);
}

function linkFile(source, target) {
  try {
    linkSync(source, target);
  } catch (error) {
    if (error.code !== 'EXDEV' && error.code !== 'EPERM') throw error;
    cpSync(source, target, { mode: constants.COPYFILE_FICLONE });
  }
}

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
