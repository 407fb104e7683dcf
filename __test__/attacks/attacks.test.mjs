// Attacks on loadlock itself that once worked, one folder each: README.md says what is in a folder. Each must succeed on
// stock Node, where it shows that unsealed code runs, and must not under loadlock.
//
// One case:   LOADLOCK_TEST_CASES=repl node --test __test__/attacks/attacks.test.mjs   (a part of `folder: way`)
// One Node:   LOADLOCK_TEST_NODES=22.15 …
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { addon, scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const NATIVE = fileURLToPath(new URL('../fixtures/native/', import.meta.url));
const MARKER = /EVIL/;
const wanted = process.env.LOADLOCK_TEST_CASES ?? '';

// Each test is one process after the other, so two tests at a time keep two processors busy.
describe('attacks on loadlock', { concurrency: 2 }, () => {
  for (const attack of attacks()) {
    for (const [way, expected] of Object.entries(attack.ways)) {
      const name = `${attack.folder}: ${way}`;
      const targets = nodes().filter(({ major }) => applies(attack, major) && applies(expected, major));
      if (!name.includes(wanted) || targets.length === 0) continue;
      // One tree for all Node versions: the attacks leave it as it is.
      let tree;
      for (const node of targets) it(`${name}, Node ${node.version}`, async () => prove(attack, way, expected, node, await (tree ??= lay(attack, expected))));
    }
  }
});

async function prove({ file, flags = [] }, way, expected, node, { app }) {
  const args = [...flags, ...(expected.flags ?? []), file, way];
  const stock = await runNode(node.path, args, { cwd: app });
  assert.match(output(stock), MARKER, `on stock Node the attack must succeed: ${describeRun(stock)}`);

  const start = await protectedArgs();
  const run = await runNode(node.path, [...start.args, ...args], { cwd: app, env: start.env });
  assert.ok(!run.hung, describeRun(run));
  assert.doesNotMatch(output(run), MARKER, `the attack succeeded: ${describeRun(run)}`);
  if (expected.code) assert.ok(output(run).includes(expected.code), `expected ${expected.code}: ${describeRun(run)}`);
  if (expected.prints) assert.match(output(run), new RegExp(expected.prints), describeRun(run));
}

function output({ stdout, stderr }) {
  return `${stdout}\n${stderr}`;
}

/** Every case that this system has. */
function attacks() {
  return readdirSync(HERE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
    .map((folder) => {
      const files = readdirSync(join(HERE, folder)).filter((file) => file !== 'case.json');
      const file = files.find((name) => name.startsWith('attack.'));
      return { folder, files, file, ...JSON.parse(readFileSync(join(HERE, folder, 'case.json'), 'utf8')) };
    })
    .filter(({ platforms }) => platforms === undefined || platforms.includes(process.platform));
}

function applies({ nodes }, major) {
  return nodes === undefined || nodes.includes(String(major));
}

/** `app`, which is sealed and then tampered with, and beside it `out`, which never was. */
async function lay({ folder, files, app = {}, out = {}, tamper = {} }, { link }) {
  const base = scratch(`attack-${folder}`);
  const at = join(base, 'app');
  write(at, {
    'package.json': { name: 'app', version: '1.0.0' },
    'ok.cjs': "process._rawDebug('SEALED ran');\n",
    'ok.mjs': "process._rawDebug('SEALED ran');\n",
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(HERE, folder, name))])),
    ...contents(app),
  });
  write(join(base, 'out'), {
    'evil.cjs': "process._rawDebug('EVIL ran');\n",
    'evil.mjs': "process._rawDebug('EVIL ran');\n",
    ...contents(out),
  });
  if (link) linkAbsolutely(at, link, 'GOOD');
  await seal(at);
  write(at, contents(tamper));
  if (link) buildLibrary(at, link, 'EVIL');
  return { app: at };
}

/** What case.json says of files: text, JSON, or `{ "addon": "EVIL", "size": bytes }` for a native binding. */
function contents(files) {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, content.addon ? padded(content) : content]));
}

/** The dynamic linker does not look behind what the headers name. */
function padded({ addon: says, size = 0 }) {
  const bytes = addon(says).bytes();
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, size - bytes.length))]);
}

/** A binding whose library is named by an absolute path inside the tree. */
function linkAbsolutely(app, how, says) {
  mkdirSync(join(app, 'lib'));
  const library = buildLibrary(app, how, says);
  const flags = how === 'runpath' ? ['-L', join(app, 'lib'), '-lsay', `-Wl,-rpath,${join(app, 'lib')}`] : [library];
  cc(join(app, 'good.node'), 'addon-with-library.c', flags);
}

/** Without an SONAME the linker copies the path that it was given into NEEDED. */
function buildLibrary(app, how, says) {
  const path = join(app, 'lib', 'libsay.so');
  cc(path, 'library.c', [`-DLL_SAYS="${says}"`, ...(how === 'runpath' ? ['-Wl,-soname,libsay.so'] : [])]);
  return path;
}

function cc(to, source, flags) {
  const { status, error, stderr } = spawnSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', '-o', to, join(NATIVE, source), ...flags], { encoding: 'utf8' });
  assert.equal(status, 0, error?.message ?? stderr);
}
