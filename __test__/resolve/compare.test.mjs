// The sealed resolver against Node's own, over every specifier that occurs in a real tree.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'loadlock-resolve-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const tree = join(scratch, 'app');
cpSync(join(here, '../../demo/node_modules'), join(tree, 'node_modules'), { recursive: true, verbatimSymlinks: true });
writeFileSync(join(tree, 'package.json'), JSON.stringify({ name: 'compare', imports: { '#self': './self.js', '#dep/*': 'express/*' }, exports: './self.js' }));
writeFileSync(join(tree, 'self.js'), '');
cpSync(join(here, 'edges.mjs'), join(tree, 'edges.mjs'));
addHardCases();
const edges = join(tree, 'edges.json');
writeFileSync(edges, JSON.stringify(collect(tree)));
await seal(tree);

for (const { version, path } of await nodes()) {
  test(`Node ${version}: every specifier means what Node says`, async () => {
    const outputs = {};
    for (const mode of ['stock', 'sealed']) {
      const out = join(scratch, `${mode}-${version}.json`);
      const args = ['--no-warnings', '--experimental-import-meta-resolve', join(tree, 'edges.mjs'), edges, out];
      const guard = mode === 'stock' ? { args: [], env: {} } : await protectedArgs();
      const result = await runNode(path, [...guard.args, ...args], { cwd: tree, env: guard.env });
      assert.equal(result.code, 0, result.stderr);
      outputs[mode] = JSON.parse(readFileSync(out, 'utf8'));
    }
    const different = outputs.stock
      .map((stock, at) => ({ stock, sealed: outputs.sealed[at] }))
      .filter(({ stock, sealed }) => stock.require !== sealed.require || (stock.import !== sealed.import && !meantToDiffer(stock, sealed)));
    assert.deepEqual(different.slice(0, 10), [], `${different.length} of ${outputs.stock.length} specifiers differ`);
    assert.ok(outputs.stock.length > 2000, 'the tree is large enough to mean something');
  });
}

/**
 * Two answers differ on purpose: what lies outside the root is refused without a look at the disk, and `node:module` is
 * a facade with a URL of its own.
 */
function meantToDiffer(stock, sealed) {
  if (sealed.import === 'ERR_LOADLOCK_UNLISTED') return !stock.import.startsWith(pathToFileURL(tree).href);
  return stock.import === 'node:module' && sealed.import === 'loadlock:builtin/module';
}

/** Every string literal that is required or imported, from every file that does, and some that nobody wrote. */
function collect(root) {
  const found = [];
  const pattern = /(?:require(?:\.resolve)?\(|from\s*|import\(|import\s*)(['"])([^'"\n]{1,80})\1/g;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const specifiers = new Set(['..', '.', './', '../', './package.json', 'express', 'sharp/package.json', '#self', '#dep/lib/router', '#none', 'compare', 'fs', 'node:fs', 'no-such', '@no/such', '@scope']);
    for (const match of readFileSync(file, 'utf8').matchAll(pattern)) specifiers.add(match[2]);
    for (const specifier of specifiers) found.push({ file, specifier });
  }
  return found;
}

/** What real trees rarely have and resolvers get wrong. */
function addHardCases() {
  const packages = {
    order: { 'package.json': { exports: { '.': { node: './node.js', default: './default.js' }, './a': [{ 'no-such': './x.js' }, './a.js'], './bad': '../out.js', './gone': './gone.js', './f/*': './f/*.js', './f/x*': './fx/*.js', './f/*.json': './f/*.json', './null/*': null, './dir/': './f/' } }, 'node.js': '', 'default.js': '', 'a.js': '', 'f/b.js': '', 'f/c.json': '{}', 'fx/1.js': '' },
    mixed: { 'package.json': { exports: { '.': './a.js', import: './b.js' } }, 'a.js': '' },
    mainless: { 'package.json': { main: 'missing' }, 'index.js': '', 'sub/index.js': '', 'sub.js': '' },
    noext: { 'package.json': { main: './lib/' }, 'lib/index.json': '{}' },
    'imports-user': { 'package.json': { imports: { '#x': { default: './x.js' }, '#star/*': './s/*', '#up': '../order/a.js', '#node': 'node:fs', '#fs': 'fs', '#dep': 'order/a', '#/slash': './x.js' } }, 'x.js': 'require("#x");require("#star/a.js");require("#up");require("#node");require("#fs");require("#dep");require("#/slash");require("#");require("#star/");require("order/f/b");require("order/f/x1");require("order/f/c.json");require("order/null/x");require("order/bad");require("order/gone");require("order/dir/b.js");require("order/dir/");require("order/f/../a");require("order/f/node_modules/x");require("mixed");require("mainless");require("mainless/sub");require("mainless/sub/");require("noext");require("noext/");require("link-to-order");require("link-to-order/a");require("order/%61");require("./%78.js");require("./x%2fy.js");require("./s");require("mainless?x")', 's/a.js': '' },
  };
  for (const [name, files] of Object.entries(packages)) {
    for (const [file, content] of Object.entries(files)) {
      const path = join(tree, 'node_modules', name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }
  const link = join(tree, 'node_modules', 'link-to-order');
  if (!existsSync(link)) symlinkSync('order', link);
}
