#!/usr/bin/env node
// `npm test`: builds what is missing, makes the Node versions available, then the Rust tests and the JavaScript tests.
// The last thing printed is the summary of node:test.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodes } from './nodes.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// The schema tests need their validator, the resolver test needs a real tree: the one of the demo.
for (const directory of ['.', 'demo']) {
  if (!existsSync(join(ROOT, directory, 'node_modules', '.package-lock.json'))) {
    step(`npm ci (${directory})`, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: join(ROOT, directory) });
  }
}
step('build', process.execPath, [join('scripts', 'build.mjs')]);
console.log(`\n> Node ${nodes().map(({ version }) => version).join(', ')}`);
const rust = step('cargo test', 'cargo', ['test', '--quiet'], { mayFail: true });
// One file at a time: each of them already keeps two processes busy. Node 20 does not expand globs, hence the list.
const javascript = step('node --test', process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...testFiles('__test__')], {
  mayFail: true,
});
// Later output would hide the summary, so a Rust failure is told before the JavaScript tests and by the exit status.
process.exitCode = rust || javascript;

/** Runs a command in the root of the repository and returns its exit status. */
function step(title, command, args, { mayFail = false, cwd = ROOT } = {}) {
  console.log(`\n> ${title}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (status === 0 || mayFail) return status ?? 1;
  process.exit(status ?? 1);
}

/** Every *.test.mjs below a directory. */
function testFiles(dir) {
  return readdirSync(join(ROOT, dir), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return testFiles(path);
      return entry.name.endsWith('.test.mjs') ? [path] : [];
    });
}
