import { addon } from '../../helpers/fixture.mjs';
import { EVIL_CJS, EVIL_ESM, EVIL_JSON, GOOD_CJS, GOOD_ESM, GOOD_JSON, mainOf, pkg, requires, requiring, resetting } from '../sources.mjs';

export const topic = 'require';

// The file that asks is CommonJS, or an ES module with createRequire.
const kinds = ['cjs', 'esm'];

/** A row where main requires `specifier`, which is the file `target`. */
function dependency(name, specifier, target, good, evil, more = {}) {
  const { files = {}, show, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({ ...requires(kind, specifier, show), [target]: good, ...files }),
    target,
    evil,
    ...rest,
  };
}

/** A row whose main file is the given text. */
function body(name, text, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, text), 'dep.js': GOOD_CJS, ...files }),
    target: 'dep.js',
    evil: EVIL_CJS,
    ...rest,
  };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  dependency('a .js', './dep.js', 'dep.js', GOOD_CJS, EVIL_CJS),
  dependency('a .cjs', './dep.cjs', 'dep.cjs', GOOD_CJS, EVIL_CJS),
  dependency('a .json', './dep.json', 'dep.json', GOOD_JSON, EVIL_JSON, { show: 'value.says' }),
  dependency('a .node', './dep.node', 'dep.node', addon('GOOD'), addon('EVIL'), { show: 'value.says' }),
  dependency('no extension', './dep', 'dep', GOOD_CJS, EVIL_CJS),
  dependency('unknown extension', './dep.foo', 'dep.foo', GOOD_CJS, EVIL_CJS),
  dependency('.wasm that is JavaScript', './dep.wasm', 'dep.wasm', GOOD_CJS, EVIL_CJS),
  dependency('.txt that is JavaScript', './dep.txt', 'dep.txt', GOOD_CJS, EVIL_CJS),
  dependency('two dots in the name', './dep.min.js', 'dep.min.js', GOOD_CJS, EVIL_CJS),
  dependency('dot file', './.dep.js', '.dep.js', GOOD_CJS, EVIL_CJS),
  dependency('odd characters in the name', './d%20é # ?.js', 'd%20é # ?.js', GOOD_CJS, EVIL_CJS),
  dependency('byte order mark', './dep.js', 'dep.js', `\uFEFF${GOOD_CJS}`, `\uFEFF${EVIL_CJS}`),
  dependency('hashbang', './dep.js', 'dep.js', `#!/usr/bin/env node\n${GOOD_CJS}`, `#!/usr/bin/env node\n${EVIL_CJS}`),
  dependency('empty file', './dep.js', 'dep.js', '', EVIL_CJS, { show: `JSON.stringify(value) === '{}' ? 'GOOD' : value` }),
  dependency('an ES module, .mjs', './dep.mjs', 'dep.mjs', GOOD_ESM, EVIL_ESM, { show: 'value.default' }),
  dependency('an ES module, type: module', './lib/dep.js', 'lib/dep.js', GOOD_ESM, EVIL_ESM, {
    show: 'value.default',
    files: { 'lib/package.json': { type: 'module' } },
  }),
  dependency('an ES module by its syntax', './dep.js', 'dep.js', GOOD_ESM, EVIL_ESM, { show: 'value.default' }),
  dependency('static import of a required ES module', './dep.mjs', 'deep.mjs', GOOD_ESM, EVIL_ESM, {
    show: 'value.default',
    files: { 'dep.mjs': `export { default } from './deep.mjs';\n` },
  }),
  dependency('CommonJS imported by a required ES module', './dep.mjs', 'deep.cjs', GOOD_CJS, EVIL_CJS, {
    show: 'value.default',
    files: { 'dep.mjs': `import deep from './deep.cjs';\nexport default deep;\n` },
  }),
  dependency('required by a required file', './dep.js', 'deep.js', GOOD_CJS, EVIL_CJS, {
    files: { 'dep.js': `module.exports = require('./deep');\n` },
  }),
  dependency('circular', './a.js', 'b.js', `const a = require('./a');\nmodule.exports = () => a.says;\n`, EVIL_CJS, {
    show: 'value.b()',
    files: { 'a.js': `exports.says = 'GOOD';\nexports.b = require('./b');\n` },
  }),
  dependency('extension left out', './dep', 'dep.js', GOOD_CJS, EVIL_CJS),
  dependency('.json extension left out', './dep', 'dep.json', GOOD_JSON, EVIL_JSON, { show: 'value.says' }),
  dependency('.node extension left out', './dep', 'dep.node', addon('GOOD'), addon('EVIL'), { show: 'value.says' }),
  dependency('directory, index.js', './dep', 'dep/index.js', GOOD_CJS, EVIL_CJS),
  dependency('directory with a slash, index.js', './dep/', 'dep/index.js', GOOD_CJS, EVIL_CJS),
  dependency('directory, index.json', './dep', 'dep/index.json', GOOD_JSON, EVIL_JSON, { show: 'value.says' }),
  dependency('directory, index.node', './dep', 'dep/index.node', addon('GOOD'), addon('EVIL'), { show: 'value.says' }),
  dependency('directory, package.json main', './dep', 'dep/lib/main.js', GOOD_CJS, EVIL_CJS, {
    files: { 'dep/package.json': { main: './lib/main' } },
  }),
  dependency('. is the own directory', '.', 'index.js', GOOD_CJS, EVIL_CJS),
  {
    name: '.. is the directory above',
    kinds,
    entry: (kind) => `sub/${mainOf(kind)}`,
    files: (kind) => ({ [`sub/${mainOf(kind)}`]: requires(kind, '..')[mainOf(kind)], 'index.js': GOOD_CJS }),
    target: 'index.js',
    evil: EVIL_CJS,
  },
  dependency('package', 'dep', 'node_modules/dep/index.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' } },
  }),
  dependency('package without package.json', 'dep', 'node_modules/dep/index.js', GOOD_CJS, EVIL_CJS),
  dependency('package that is one file', 'dep', 'node_modules/dep.js', GOOD_CJS, EVIL_CJS),
  dependency('file of a package', 'dep/lib/part', 'node_modules/dep/lib/part.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' } },
  }),
  dependency('scoped package', '@scope/dep', 'node_modules/@scope/dep/main.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/@scope/dep/package.json': { name: '@scope/dep', version: '1.0.0', main: 'main.js' } },
  }),
  dependency('nested node_modules', 'outer', 'node_modules/outer/node_modules/dep/index.js', GOOD_CJS, EVIL_CJS, {
    files: {
      ...pkg('node_modules/outer', {}, { 'index.js': `module.exports = require('dep');\n` }),
      'node_modules/outer/node_modules/dep/package.json': { name: 'dep', version: '2.0.0' },
    },
  }),
  dependency('package of the directory above', './lib/inner', 'node_modules/dep/index.js', GOOD_CJS, EVIL_CJS, {
    files: { 'lib/inner.js': `module.exports = require('dep');\n`, 'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' } },
  }),
  dependency('package named like a builtin, with a slash', 'punycode/', 'node_modules/punycode/index.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/punycode/package.json': { name: 'punycode', version: '2.0.0' } },
  }),
  body('computed specifier', `console.log(require('./d' + ['e', 'p'].join('')));`),
  body('absolute path', `console.log(require(require('node:path').resolve('dep.js')));`),
  body('absolute path without extension', `console.log(require(process.cwd() + '/dep'));`),
  body('path with .. and .', `console.log(require('./x/../y/./../dep.js'));`),
  body('path with two slashes', `console.log(require('.//dep.js'));`),
  body('late, inside a timer', `setTimeout(() => console.log(require('./dep')), 1);`),
  body('late, after a promise', `Promise.resolve().then(() => console.log(require('./dep')));`),
  body('twice gives the same exports', `console.log(require('./dep') === require('./dep.js') && require('./dep'));`),
  body('error of the file itself', `try { require('./dep'); } catch (error) { console.log(error.message); }`, {
    files: { 'dep.js': `throw new Error('GOOD');\n` },
    survives: true,
  }),
  body('renamed require', `const load = require;\nconsole.log(load('./dep'));`),
  body('require passed to another file', `console.log(require('./other')(require));`, {
    files: { 'other.js': `module.exports = (load) => load('./dep');\n` },
  }),
  body('createRequire with a path', `console.log(require('node:module').createRequire(process.cwd() + '/x.js')('./dep'));`),
  body(
    'createRequire with a file URL',
    `console.log(require('node:module').createRequire(require('node:url').pathToFileURL('x.js'))('./dep'));`,
  ),
  body('createRequire with a file URL string', `console.log(require('node:module').createRequire(require('node:url').pathToFileURL('x.js').href)('./dep'));`),
  body('createRequire for a directory', `console.log(require('node:module').createRequire(process.cwd() + '/')('./dep'));`),
  body('createRequire for a directory that does not exist', `console.log(require('node:module').createRequire(process.cwd() + '/none/x.js')('../dep'));`),
  body('createRequire of a package', `console.log(require('node:module').createRequire(process.cwd() + '/lib/x.js')('dep'));`, {
    files: { 'node_modules/dep/index.js': GOOD_CJS },
    target: 'node_modules/dep/index.js',
  }),
  body('require.resolve, then require', `console.log(require(require.resolve('./dep')));`),
  {
    name: 'module.require',
    files: { 'main.js': `console.log(module.require('./dep'));\n`, 'dep.js': GOOD_CJS },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'require.main.require',
    files: { 'main.js': `require('./sub/child');\n`, 'sub/child.js': `console.log(require.main.require('./dep'));\n`, 'dep.js': GOOD_CJS },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'process.mainModule.require',
    files: { 'main.js': `require('./sub/child');\n`, 'sub/child.js': `console.log(process.mainModule.require('./dep'));\n`, 'dep.js': GOOD_CJS },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'module.parent.require',
    files: { 'main.js': `require('./sub/child');\n`, 'sub/child.js': `console.log(module.parent.require('./dep'));\n`, 'dep.js': GOOD_CJS },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'module.constructor._load',
    files: { 'main.js': `console.log(module.constructor._load('./dep', module));\n`, 'dep.js': GOOD_CJS },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  body('Module._load', `console.log(require('node:module')._load(process.cwd() + '/dep.js'));`),
  body('Module.prototype.require', `const Module = require('node:module');\nconst m = new Module(process.cwd() + '/x.js');\nm.filename = m.id;\nm.paths = [];\nconsole.log(m.require('./dep'));`),
  body('new Module().load', `const Module = require('node:module');\nconst m = new Module(process.cwd() + '/dep.js');\nm.load(m.id);\nconsole.log(m.exports);`),
  body('Module._extensions[".js"]', `const Module = require('node:module');\nconst m = new Module(process.cwd() + '/dep.js');\nModule._extensions['.js'](m, m.id);\nconsole.log(m.exports);`),
  body('process.getBuiltinModule("module")', `console.log(process.getBuiltinModule('module').createRequire(process.cwd() + '/x.js')('./dep'));`, { since: '20.16' }),
  {
    name: 'module.children and require.cache deleted, required again',
    files: {
      'main.js': `require('./dep');\nfor (const key of Object.keys(require.cache)) if (key.endsWith('dep.js')) delete require.cache[key];\nconsole.log(require('./dep'));\n`,
      'dep.js': GOOD_CJS,
    },
    target: 'dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'changed while the application runs',
    files: {
      'main.js': `require('node:fs').copyFileSync('evil.txt', 'dep.js');\nconsole.log(require('./dep'));\n`,
      'dep.js': GOOD_CJS,
      'evil.txt': EVIL_CJS,
    },
    attack: 'INTEGRITY',
    prepare: resetting('dep.js', GOOD_CJS),
  },
  {
    name: 'written while the application runs',
    files: { 'main.js': `require('node:fs').writeFileSync('new.js', "console.log('EVIL')");\nrequire('./new');\n` },
    attack: 'UNLISTED',
    prepare: resetting('new.js', null),
  },
  {
    name: 'written while the application runs, found by a directory scan',
    files: {
      'main.js': `const fs = require('node:fs');\nfs.writeFileSync('plugins/new.js', "console.log('EVIL')");\nfor (const name of fs.readdirSync('plugins')) require('./plugins/' + name);\n`,
      'plugins/one.js': '',
    },
    attack: 'UNLISTED',
    prepare: resetting('plugins/new.js', null),
  },
  {
    name: 'JSON written over while the application runs',
    files: {
      'main.js': `require('node:fs').writeFileSync('dep.json', '{"says":"EVIL"}');\nconsole.log(require('./dep.json').says);\n`,
      'dep.json': GOOD_JSON,
    },
    attack: 'INTEGRITY',
    prepare: resetting('dep.json', GOOD_JSON),
  },
  {
    name: 'results of require.resolve',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(
        kind,
        `const { relative } = require('node:path');
for (const id of ['./dep', './dir', 'pkg', 'pkg/sub', '@s/p', 'fs', 'node:path', './data']) {
  const found = require.resolve(id);
  console.log(id, found.startsWith('/') ? relative(process.cwd(), found) : found);
}
console.log(require.resolve.paths('./x').length, require.resolve.paths('fs'), require.resolve.paths('pkg').map((path) => relative(process.cwd(), path))[0]);
for (const id of ['./none', 'none', 'pkg/none', '@s/p/private.js']) {
  try { require.resolve(id); } catch (error) { console.log(id, error.code); }
}
console.log('GOOD');`,
      ),
      'dep.js': GOOD_CJS,
      'data.json': GOOD_JSON,
      'dir/index.js': GOOD_CJS,
      ...pkg('node_modules/pkg', { main: 'lib/main' }, { 'lib/main.js': GOOD_CJS, 'sub.js': GOOD_CJS }),
      ...pkg('node_modules/@s/p', { exports: { require: './cjs.js', import: './esm.mjs' } }, { 'cjs.js': GOOD_CJS, 'esm.mjs': GOOD_ESM, 'private.js': GOOD_CJS }),
    }),
  },
  {
    name: 'module, require and wrapper look as on stock Node',
    files: {
      'main.js': `require('./sub/dep');\n`,
      'sub/dep.js': `const { basename } = require('node:path');
console.log('GOOD', basename(__filename), basename(__dirname), module.id === __filename, module.filename === __filename, module.loaded);
console.log(this === module.exports, exports === module.exports, arguments.length, module.paths.length > 0, require.main !== module, typeof require.resolve);
console.log(basename(require.main.filename), /dep\\.js:\\d+:\\d+/.exec(new Error('x').stack)[0]);
`,
    },
  },
  {
    name: 'missing module keeps the error of Node',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(
        kind,
        `for (const id of ['./none', 'none', 'none/sub', '@none/none', './none.json']) {
  try { require(id); } catch (error) { console.log('GOOD', id, error.code, error.message.split('\\n')[0]); }
}`,
      ),
    }),
  },
  {
    name: 'syntax error keeps the error of Node',
    files: { 'main.js': `try { require('./dep'); } catch (error) { console.log('GOOD', error.name, error.message); }\n`, 'dep.js': 'let a = ;\n' },
  },
  {
    name: 'broken JSON keeps the error of Node',
    files: { 'main.js': `try { require('./dep'); } catch (error) { console.log('GOOD', error.name, error.message.replace(process.cwd(), '')); }\n`, 'dep.json': '{ "a": }\n' },
  },
];
