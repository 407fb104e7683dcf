// Builds the addon and puts it beside the shim. Cargo decides whether there is anything to do.
//   node scripts/build.mjs [--profile dist]
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export function build(profile = 'release') {
  const cargo = spawnSync('cargo', ['build', '--lib', '--profile', profile, '--quiet', '--locked'], { cwd: root, stdio: 'inherit' });
  if (cargo.error) throw new Error(`cargo does not start (${cargo.error.message}); install Rust from https://rustup.rs`);
  if (cargo.status !== 0) throw new Error(`cargo build ended with status ${cargo.status}`);
  const library = { darwin: 'libloadlock.dylib', win32: 'loadlock.dll' }[process.platform] ?? 'libloadlock.so';
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const built = join(target, profile, library);
  const file = join(root, `loadlock.${triple()}.node`);
  if (existsSync(file) && readFileSync(file).equals(readFileSync(built))) return file;
  // Replace, never overwrite: a running process may have the old file mapped.
  copyFileSync(built, `${file}.new`);
  renameSync(`${file}.new`, file);
  return file;
}

/** The same name that js/binding.js looks for. */
function triple() {
  return createRequire(import.meta.url)('../js/platform.js').platformTriple();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--profile');
  build(at === -1 ? undefined : process.argv[at + 1]);
}
