// Every word of the capability vocabulary, used for real: granted whole, granted with a scope that fits, with one that
// does not, and not granted; by a CommonJS and by an ES module package, on every Node. On stock Node every use works.
//
// One row: LOADLOCK_TEST_ROWS='child' node --test __test__/policy/vocabulary.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { addon, scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';
import { ROWS } from './vocabulary.mjs';

const wanted = new RegExp(process.env.LOADLOCK_TEST_ROWS ?? '', 'i');
const rows = ROWS.filter(({ name }) => wanted.test(name));
const outside = scratch('vocabulary-outside');
const app = join(scratch('vocabulary'), 'app');
const at = { dir: outside, file: join(outside, 'file.txt'), out: join(outside, 'out.txt'), worker: join(app, 'worker.js') };
let server;

before(async () => {
  server = createServer((request, response) => response.end('ok'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const idle = createServer();
  await new Promise((done) => idle.listen(0, '127.0.0.1', done));
  Object.assign(at, { port: server.address().port, free: idle.address().port });
  await new Promise((done) => idle.close(done));
  writeFileSync(at.file, 'content');
  write(app, tree());
  await seal(app);
});
after(() => server.close());

describe('capability vocabulary', { concurrency: 2 }, () => {
  for (const row of rows) {
    for (const kind of row.only === undefined ? ['cjs', 'esm'] : [row.only]) {
      for (const node of nodes().filter(({ major }) => row.on?.(major) ?? true)) {
        it(`${row.name} [${kind}] on Node ${node.version}`, () => prove(row, kind, node));
      }
    }
  }
});

/** What each package of a row is granted, and whether that is enough. */
function grantsOf({ word, scope, other, also = {} }) {
  const variants = { granted: { ...also, [word]: true }, denied: also };
  if (scope) Object.assign(variants, { scoped: { ...also, [word]: scope(at) }, elsewhere: { ...also, [word]: other(at) } });
  return variants;
}

const ENOUGH = new Set(['granted', 'scoped']);

async function prove(row, kind, node) {
  const { args, env } = await protectedArgs();
  const run = (protection, variant) =>
    runNode(node.path, [...protection, '--no-warnings', join(app, 'main.mjs'), packageName(row, kind, variant), JSON.stringify(at)], { cwd: app, env: { ...env, VOCABULARY: 'value' } });
  const stock = await run([], 'granted');
  assert.equal(outcome(stock).threw, undefined, `stock Node: ${describeRun(stock)}`);
  for (const variant of Object.keys(grantsOf(row))) {
    const result = await run(args, variant);
    const { value, threw } = outcome(result);
    const what = `${variant}: ${describeRun(result)}`;
    if (ENOUGH.has(variant)) assert.deepEqual({ value, threw }, outcome(stock), what);
    else if ('denied' in row) assert.deepEqual({ value, threw }, { value: row.denied, threw: undefined }, what);
    else assert.equal(threw?.code, 'ERR_LOADLOCK_CAPABILITY', what);
  }
}

function outcome(run) {
  const line = run.stdout.split('\n').find((text) => text.startsWith('{"'));
  const { value, threw } = line === undefined ? { threw: { code: 'no outcome', run: describeRun(run) } } : JSON.parse(line);
  return { value, threw };
}

function packageName({ name }, kind, variant) {
  return `${name.replaceAll(/[^a-z]+/g, '-')}-${kind}-${variant}`;
}

function tree() {
  const packages = { '.': { imports: true, 'fs.read': true, env: true } };
  const files = {
    'package.json': { name: 'vocabulary' },
    'worker.js': "require('worker_threads').parentPort.postMessage('hello');",
    'main.mjs': `const { use } = await import(process.argv[2]);
      let outcome;
      try {
        outcome = { value: await use(JSON.parse(process.argv[3])) };
      } catch (error) {
        outcome = { threw: { code: error.cause?.code ?? error.code, message: error.message } };
      }
      // Not console.log: some uses change what it writes to.
      (await import('node:fs')).writeSync(1, JSON.stringify({ "": 0, ...outcome }) + '\\n');`,
    'node_modules/neighbour/package.json': { name: 'neighbour', main: 'index.js' },
    'node_modules/neighbour/index.js': "exports.name = 'neighbour';",
  };
  for (const row of rows) {
    for (const kind of ['cjs', 'esm']) {
      for (const [variant, grants] of Object.entries(grantsOf(row))) {
        const name = packageName(row, kind, variant);
        packages[name] = grants;
        if (row.word === 'addons') files[`node_modules/${name}/addon.node`] = addon('good');
        files[`node_modules/${name}/package.json`] = { name, type: kind === 'esm' ? 'module' : 'commonjs', exports: './index.js' };
        files[`node_modules/${name}/index.js`] =
          kind === 'esm'
            ? `const load = (name) => import(name), here = import.meta.url;\nexport const use = async (at) => { ${row.use} };\n`
            : `const load = (name) => require(name), here = __filename;\nexports.use = async (at) => { ${row.use} };\n`;
      }
    }
  }
  files['loadlock.policy.jsonc'] = { version: 1, packages };
  return files;
}
