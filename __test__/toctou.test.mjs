// Time of check, time of use: a writer changes files as fast as it can while they are loaded thousands of times. A load
// may fail with ERR_LOADLOCK_INTEGRITY, but the evil content must run 0 times. On stock Node it does run.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../scripts/nodes.mjs';
import { addon, scratch, write } from './helpers/fixture.mjs';
import { describeRun, runNode } from './helpers/run-node.mjs';
import { protectedArgs, seal } from './helpers/seal.mjs';

/** While this file is being changed: only show that it works on stock Node. */
const STOCK_ONLY = Boolean(process.env.LOADLOCK_TEST_STOCK_ONLY);

/** What is loaded in one process, and how many processes there are. */
const LOADS = {
  CommonJS: { names: numbered('cjs', 12), args: [6, 0, 12, 0, 0], processes: 8 },
  'ES modules': { names: numbered('mjs', 8), args: [1, 20, 0, 8, 0], processes: 4 },
  'native bindings': { names: numbered('node', 6), args: [0, 0, 0, 0, 6], processes: 10 },
};
const WAYS = ['overwrite', 'truncate', 'rename'];

const results = new Map(nodes().map(({ version }) => [version, { stock: 0, loads: 0, evil: 0, good: 0, refused: 0 }]));

// One after the other: the writer needs the second core.
describe('files that change while they are loaded', { concurrency: 1 }, () => {
  for (const node of nodes()) {
    for (const kind of Object.keys(LOADS)) it(`${kind}, Node ${node.version}`, () => prove(node, kind));
  }
});

after(() => {
  console.log('\nfiles that change while they are loaded');
  console.log('Node      evil content ran on stock   under loadlock: loads   evil ran   good   refused');
  for (const [version, row] of results) {
    console.log([version.padEnd(10), String(row.stock).padEnd(28), String(row.loads).padEnd(24), String(row.evil).padEnd(11), String(row.good).padEnd(7), row.refused].join(''));
  }
  console.log('');
});

async function prove(node, kind) {
  const { names, args, processes } = LOADS[kind];
  const row = results.get(node.version);
  const total = { good: 0, evil: 0, refused: 0, broken: 0 };
  for (const way of WAYS) {
    const dir = write(scratch(`toctou-${way}`), tree(names));
    if (!STOCK_ONLY) await seal(dir, ['--exclude', '*.good', '--exclude', '*.evil']);
    const stop = await startWriter(dir, way, names);
    try {
      row.stock += await evilOnStock(node, dir, args, way);
      if (STOCK_ONLY) continue;
      const start = await protectedArgs();
      for (let process = 0; process < processes; process++) {
        const run = await runNode(node.path, [...start.args, 'main.cjs', ...args.map(String)], { cwd: dir, env: start.env });
        assert.equal(run.code, 0, `${way}: ${describeRun(run)}`);
        // Counted twice: by what the files export and by what they print when they run.
        assert.ok(!run.stdout.includes('EVIL'), `${way}: the evil content ran: ${describeRun(run)}`);
        const counts = JSON.parse(run.stdout);
        for (const key of Object.keys(total)) total[key] += counts[key];
        assert.equal(counts.broken, 0, `${way}: a load failed in another way: ${describeRun(run)}`);
      }
    } finally {
      await stop();
    }
  }
  if (STOCK_ONLY) return;
  row.loads += total.good + total.evil + total.refused;
  for (const key of ['good', 'evil', 'refused']) row[key] += total[key];
  assert.equal(total.evil, 0);
  // Otherwise the writer was never in time and nothing is proven.
  assert.ok(total.good > 0 && total.refused > 0, JSON.stringify(total));
}

/** How often evil content ran in the first process in which it did. A native binding may also crash there. */
async function evilOnStock(node, dir, args, way) {
  let run;
  for (let attempt = 0; attempt < 100; attempt++) {
    run = await runNode(node.path, ['main.cjs', ...args.map(String)], { cwd: dir });
    const ran = run.stdout.split('EVIL').length - 1;
    if (ran > 0) return ran;
  }
  return assert.fail(`${way}: stock Node should run the evil content, the last run: ${describeRun(run)}`);
}

const FIXTURES = new URL('fixtures/toctou/', import.meta.url);

function numbered(extension, count) {
  return Array.from({ length: count }, (_, index) => `dep-${index}.${extension}`);
}

/** The application and, for each name, the file and its two variants of the same length. */
function tree(names) {
  const files = { 'main.cjs': readFileSync(new URL('main.cjs', FIXTURES)) };
  for (const name of names) {
    const [good, evil] = variants(name);
    Object.assign(files, { [name]: good, [`${name}.good`]: good, [`${name}.evil`]: evil });
  }
  return files;
}

function variants(name) {
  if (name.endsWith('.node')) {
    const both = [addon('GOOD').bytes(), addon('EVIL').bytes()];
    const length = Math.max(...both.map((bytes) => bytes.length));
    // The dynamic linker does not look behind what the headers name.
    return both.map((bytes) => Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]));
  }
  const keyword = name.endsWith('.mjs') ? 'export default' : 'module.exports =';
  // Some length, so that reading and hashing take a moment.
  const padding = `// ${'x'.repeat(76)}\n`.repeat(200);
  const evil = `console.log('EVIL');\n${keyword} 'EVIL';\n`;
  const good = `${keyword} 'GOOD';\n`;
  return [`${good}${' '.repeat(evil.length - good.length - 1)}\n${padding}`, `${evil}${padding}`];
}

/** @returns {Promise<() => Promise<void>>} ends the writer */
async function startWriter(dir, way, names) {
  const writer = fork(fileURLToPath(new URL('flip.mjs', FIXTURES)), [dir, way, ...names], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  await once(writer, 'message');
  return async () => {
    writer.kill();
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  };
}
