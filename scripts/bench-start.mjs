// Start-up cost as a ratio to stock Node, in interleaved runs of whole processes.
//   node scripts/bench-start.mjs                 an almost empty application in sealed trees of 1k, 10k and 100k files
//   node scripts/bench-start.mjs DIR SCRIPT...   scripts of an application that has been installed in DIR
// Options: --rounds N (default 15), --node BINARY (default: this one).
// Prints medians with quartiles; machines differ and are noisy, so only ratios of one run mean something.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '15' }, node: { type: 'string', default: process.execPath } },
});
const scratch = mkdtempSync(join(tmpdir(), 'loadlock-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const key = join(scratch, 'key.pem');
cli('keygen', '--out', key);

if (positionals.length === 0) {
  for (const files of [1_000, 10_000, 100_000]) compare(`${files} sealed files`, syntheticTree(files), 'app.js');
} else {
  const [directory, ...scripts] = positionals;
  for (const script of scripts) compare(script, resolve(directory), script);
}

/** Seals the tree, then runs stock and sealed in turn, swapping the order each round. */
function compare(name, directory, script) {
  const sealing = performance.now();
  cli('seal', directory, '--key', key);
  const seal = performance.now() - sealing;
  const environment = { ...process.env, LOADLOCK_TRUST: key.replace(/\.pem$/, '.pub.pem'), LOADLOCK_STATE_DIR: join(scratch, 'state') };
  // It makes Node 20 read the whole store at every start, which would hide everything else.
  delete environment.NODE_EXTRA_CA_CERTS;
  const arms = {
    stock: [script],
    sealed: ['--require', join(root, 'js/register.js'), script],
  };
  const times = { stock: [], sealed: [] };
  for (let round = -1; round < Number(values.rounds); round++) {
    const order = round % 2 === 0 ? ['stock', 'sealed'] : ['sealed', 'stock'];
    for (const arm of order) {
      const start = performance.now();
      const run = spawnSync(values.node, arms[arm], { cwd: directory, env: environment, encoding: 'utf8' });
      const took = performance.now() - start;
      if (run.status !== 0) throw new Error(`${name}, ${arm}: exit ${run.status}\n${run.stderr}`);
      // The first round only warms the page cache.
      if (round >= 0) times[arm].push(took);
    }
  }
  const ratios = times.sealed.map((sealed, at) => sealed / times.stock[at]);
  const [low, middle, high] = quartiles(ratios);
  console.log(
    `${name.padEnd(24)} stock ${quartiles(times.stock)[1].toFixed(0).padStart(5)} ms   sealed ${quartiles(times.sealed)[1].toFixed(0).padStart(5)} ms   ` +
      `ratio ${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})   seal ${(seal / 1000).toFixed(1)} s`,
  );
}

function syntheticTree(files) {
  const directory = join(scratch, `tree-${files}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{"name":"bench"}');
  writeFileSync(join(directory, 'app.js'), "require('package-0');\n");
  for (let at = 0; at < files; at++) {
    const home = join(directory, 'node_modules', `package-${Math.floor(at / 50)}`);
    if (at % 50 === 0) {
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'package.json'), `{"name":"package-${at / 50}","version":"1.0.0","main":"file-${at}.js"}`);
    }
    writeFileSync(join(home, `file-${at}.js`), `exports.value = ${at};\n`);
  }
  return directory;
}

function cli(...args) {
  const run = spawnSync(process.execPath, [join(root, 'js/cli.js'), ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}

function quartiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((part) => sorted[Math.round((sorted.length - 1) * part)]);
}
