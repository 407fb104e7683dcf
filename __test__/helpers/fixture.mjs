// Scratch application trees, described by plain objects.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A tree: relative path -> content. A string or Buffer is the content of a file, `link()` a symbolic link, `addon()` a
 * native binding, `null` means that the path is absent (useful in a tamper), any other object is written as JSON.
 * @typedef {Record<string, string | Buffer | Link | Native | object | null>} Tree
 */

/** A new directory that is removed when this process ends (LOADLOCK_TEST_KEEP=1 keeps it). */
export function scratch(name) {
  return mkdtempSync(join(base(), `${name.replace(/[^\w.-]+/g, '-').slice(0, 40)}-`));
}

/**
 * Writes a tree.
 * @param {string} root
 * @param {Tree} tree
 * @returns {string} root
 */
export function write(root, tree) {
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const at = join(root, path);
    // Whatever is there goes first: writing through a symbolic link would change its target instead.
    rmSync(at, { recursive: true, force: true });
    if (content === null) continue;
    mkdirSync(dirname(at), { recursive: true });
    if (content instanceof Link) content.create(at);
    else if (content instanceof Native) writeFileSync(at, content.bytes());
    else if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content);
    else writeFileSync(at, `${JSON.stringify(content, null, 2)}\n`);
  }
  return root;
}

/** A copy of a directory; symbolic links stay what they are. */
export function copy(from, to) {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  return to;
}

/** A copy of a directory with some of its files replaced, added or (null) removed. */
export function tampered(from, to, changes) {
  return write(copy(from, to), changes);
}

/** A symbolic link, for use in a tree. */
export class Link {
  #target;

  constructor(target) {
    this.#target = target;
  }

  create(path) {
    symlinkSync(this.#target, path);
  }
}

/** Shorter, because rows are full of them. */
export function link(target) {
  return new Link(target);
}

/** A native binding that exports `says` and, if it says EVIL, prints so as soon as it is loaded. */
export function addon(says) {
  return new Native('addon.c', says, []);
}

/** A shared library with one function, `const char *ll_say(void)`. Its SONAME is libsay.so. */
export function library(says) {
  return new Native('library.c', says, ['-Wl,-soname,libsay.so']);
}

/** A native binding that exports what the libsay.so beside it says (DT_NEEDED, found through $ORIGIN). */
export function addonWithLibrary() {
  return new Native('addon-with-library.c', '', ['-Wl,-rpath,$ORIGIN', '-Wl,--enable-new-dtags']);
}

const SOURCES = fileURLToPath(new URL('../fixtures/native/', import.meta.url));
/** @type {Map<string, Buffer>} compiled once per process */
const compiled = new Map();

class Native {
  constructor(source, says, flags) {
    Object.assign(this, { source, says, flags });
  }

  bytes() {
    const key = `${this.source} ${this.says}`;
    if (!compiled.has(key)) compiled.set(key, this.#compile());
    return compiled.get(key);
  }

  #compile() {
    const dir = scratch('native');
    const out = join(dir, 'out');
    const flags = process.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup']
      : ['-shared', '-fPIC', ...this.flags];
    if (this.source === 'addon-with-library.c') {
      writeFileSync(join(dir, 'libsay.so'), library('GOOD').bytes());
      flags.push('-L', dir, '-lsay');
    }
    const compiler = process.env.CC ?? 'cc';
    const args = ['-O1', `-DLL_SAYS="${this.says}"`, '-o', out, join(SOURCES, this.source), ...flags];
    const cc = spawnSync(compiler, args, { encoding: 'utf8' });
    if (cc.status !== 0) throw new Error(`${compiler} ${args.join(' ')} failed: ${cc.error?.message ?? cc.stderr}`);
    return readFileSync(out);
  }
}

let scratchBase;
function base() {
  if (scratchBase) return scratchBase;
  // The real path, because Node reports real paths and the tests compare output.
  scratchBase = realpathSync(mkdtempSync(join(tmpdir(), 'loadlock-test-')));
  if (process.env.LOADLOCK_TEST_KEEP) console.error(`scratch: ${scratchBase}`);
  else process.on('exit', () => rmSync(scratchBase, { recursive: true, force: true }));
  return scratchBase;
}
