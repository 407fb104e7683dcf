// The cases of the corpus, and how one is laid out on disk as an application.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CASES = fileURLToPath(new URL('../corpus/', import.meta.url));

/** Every case: its `case.json` and its directory. */
export function listCases() {
  return readdirSync(CASES)
    .filter((name) => /^\d\d-/.test(name))
    .toSorted()
    .map((name) => ({ dir: join(CASES, name), ...JSON.parse(readFileSync(join(CASES, name, 'case.json'), 'utf8')) }));
}

/**
 * Copies the application and its node_modules (shared and variant) to `out` and builds the native parts.
 * @param {'clean' | 'evil'} variant
 */
export function stage(entry, variant, out) {
  const modules = join(out, 'node_modules');
  mkdirSync(modules, { recursive: true });
  copyFileSync(join(entry.dir, entry.entry), join(out, entry.entry));
  for (const part of ['shared', variant]) {
    const from = join(entry.dir, part);
    if (existsSync(from)) cpSync(from, modules, { recursive: true });
  }
  // Files outside of the project, in $HOME, which is the directory above.
  const home = join(entry.dir, `${variant}-home`);
  if (existsSync(home)) cpSync(home, dirname(out), { recursive: true });
  if (variant === 'evil') {
    for (const { at, to } of entry.links ?? []) {
      rmSync(join(modules, at), { recursive: true, force: true });
      symlinkSync(to, join(modules, at));
    }
  }
  for (const step of entry.build ?? []) {
    if (!step.variant || step.variant === variant) build(entry, step, join(modules, step.pkg));
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(packageOf(entry, modules), null, 2)}\n`);
  return out;
}

/** Decoys that the payloads look for. */
export function decoys(dir) {
  const store = join(dir, 'Local Storage', 'leveldb');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(dir, '.npmrc'), '//registry.example.test/:_authToken=DECOY-NPM-TOKEN\n');
  writeFileSync(join(dir, 'notes.txt'), 'decoy notes\n');
  writeFileSync(join(store, '000005.ldb'), 'token DECOYTOKEN-abcdefghijklmnop\n');
}

function build({ name }, { kind, src, out }, dir) {
  const target = join(dir, out);
  mkdirSync(dirname(target), { recursive: true });
  const flags = kind === 'exe' ? ['-O1'] : ['-shared', '-fPIC', '-O1'];
  const cc = spawnSync(process.env.CC ?? 'cc', [...flags, '-o', target, '-I', join(CASES, '_native'), join(dir, src)], { encoding: 'utf8' });
  if (cc.status !== 0) throw new Error(`${name}: the C compiler failed: ${cc.error?.message ?? cc.stderr}`);
}

/** The application depends on what its entry point names. */
function packageOf(entry, modules) {
  const source = readFileSync(join(entry.dir, entry.entry), 'utf8');
  const dependencies = {};
  for (const [, name] of source.matchAll(/(?:require\(|from |import\()\s*'([^'./][^']*)'/g)) {
    const manifest = join(modules, name, 'package.json');
    if (existsSync(manifest)) dependencies[name] = JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  return { name: 'app', version: '1.0.0', private: true, dependencies };
}
