import { addon } from '../../helpers/fixture.mjs';
import { EVIL_CJS, EVIL_ESM, EVIL_JSON, EVIL_WASM, GOOD_CJS, GOOD_ESM, GOOD_JSON, GOOD_WASM, imports, mainOf, pkg, resetting } from '../sources.mjs';

export const topic = 'import';

// An ES module with an import statement, or CommonJS with import().
const kinds = ['esm', 'cjs'];

/** A row where main imports `specifier`, which is the file `target`. */
function dependency(name, specifier, target, good, evil, more = {}) {
  const { files = {}, show, attributes, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({ ...imports(kind, specifier, { show, attributes }), [target]: good, ...files }),
    target,
    evil,
    ...rest,
  };
}

/** A row whose main file (CommonJS and ES module) is the given text; import() is the only thing it may use. */
function body(name, text, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: `${text}\n`, 'dep.mjs': GOOD_ESM, ...files }),
    target: 'dep.mjs',
    evil: EVIL_ESM,
    ...rest,
  };
}

const JSON_ATTRIBUTES = `{ type: 'json' }`;

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  dependency('a .mjs', './dep.mjs', 'dep.mjs', GOOD_ESM, EVIL_ESM),
  dependency('a .js, type: module', './dep.js', 'dep.js', GOOD_ESM, EVIL_ESM, { files: { 'package.json': { type: 'module' } } }),
  dependency('a .js, ES module by its syntax', './dep.js', 'dep.js', GOOD_ESM, EVIL_ESM),
  dependency('no extension, type: module', './lib/dep', 'lib/dep', GOOD_ESM, EVIL_ESM, { since: '22.0', files: { 'lib/package.json': { type: 'module' } } }),
  dependency('no extension, CommonJS', './dep', 'dep', GOOD_CJS, EVIL_CJS, { since: '22.0' }),
  dependency('CommonJS, .cjs', './dep.cjs', 'dep.cjs', GOOD_CJS, EVIL_CJS),
  dependency('CommonJS, .js', './dep.js', 'dep.js', GOOD_CJS, EVIL_CJS),
  dependency('required by imported CommonJS', './dep.cjs', 'deep.js', GOOD_CJS, EVIL_CJS, {
    files: { 'dep.cjs': `module.exports = require('./deep');\n` },
  }),
  dependency('JSON required by imported CommonJS', './dep.cjs', 'deep.json', GOOD_JSON, EVIL_JSON, {
    files: { 'dep.cjs': `module.exports = require('./deep').says;\n` },
  }),
  dependency('binding required by imported CommonJS', './dep.cjs', 'deep.node', addon('GOOD'), addon('EVIL'), {
    files: { 'dep.cjs': `module.exports = require('./deep').says;\n` },
  }),
  dependency('re-exported by imported CommonJS', './dep.cjs', 'deep.js', `exports.says = 'GOOD';\n`, `exports.says = 'EVIL';\n`, {
    show: 'value.says',
    files: { 'dep.cjs': `module.exports = require('./deep');\n` },
  }),
  dependency('ES module required by imported CommonJS', './dep.cjs', 'deep.mjs', GOOD_ESM, EVIL_ESM, {
    files: { 'dep.cjs': `module.exports = require('./deep.mjs').default;\n` },
  }),
  dependency('JSON', './dep.json', 'dep.json', GOOD_JSON, EVIL_JSON, { show: 'value.says', attributes: JSON_ATTRIBUTES }),
  dependency('JSON of a package', 'dep/data.json', 'node_modules/dep/data.json', GOOD_JSON, EVIL_JSON, {
    show: 'value.says',
    attributes: JSON_ATTRIBUTES,
    files: pkg('node_modules/dep', {}, { 'index.js': '' }),
  }),
  dependency('package.json as data', './package.json', 'package.json', { name: 'app', says: 'GOOD' }, { name: 'app', says: 'EVIL' }, {
    show: 'value.says',
    attributes: JSON_ATTRIBUTES,
    unlisted: ['UNLISTED', 'INTEGRITY'],
  }),
  {
    name: 'WebAssembly',
    since: '22.19',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]:
        kind === 'esm'
          ? `import { answer } from './dep.wasm';\nconsole.log(answer() === 42 ? 'GOOD' : 'EVIL');\n`
          : `import('./dep.wasm').then(({ answer }) => console.log(answer() === 42 ? 'GOOD' : 'EVIL'));\n`,
      'dep.wasm': GOOD_WASM,
    }),
    target: 'dep.wasm',
    evil: EVIL_WASM,
  },
  {
    name: 'WebAssembly, source phase',
    since: '24.0',
    files: {
      'main.mjs': `import source dep from './dep.wasm';\nconsole.log(new WebAssembly.Instance(dep).exports.answer() === 42 ? 'GOOD' : 'EVIL');\n`,
      'dep.wasm': GOOD_WASM,
    },
    entry: 'main.mjs',
    target: 'dep.wasm',
    evil: EVIL_WASM,
  },
  {
    name: 'native binding (--experimental-addon-modules)',
    since: '22.20',
    kinds,
    flags: ['--experimental-addon-modules'],
    files: (kind) => ({ ...imports(kind, './dep.node', { show: 'value.says' }), 'dep.node': addon('GOOD') }),
    target: 'dep.node',
    evil: addon('EVIL'),
  },
  dependency('static import of an imported module', './dep.mjs', 'deep.mjs', GOOD_ESM, EVIL_ESM, {
    files: { 'dep.mjs': `import deep from './deep.mjs';\nexport default deep;\n` },
  }),
  dependency('export * of an imported module', './dep.mjs', 'deep.mjs', `export const says = 'GOOD';\n`, `export const says = 'EVIL';\n`, {
    show: 'value.says',
    files: { 'dep.mjs': `export * from './deep.mjs';\nexport * as default from './deep.mjs';\n` },
  }),
  dependency('import cycle', './a.mjs', 'b.mjs', `import { late } from './a.mjs';\nexport default () => late();\n`, EVIL_ESM, {
    show: 'value()',
    files: { 'a.mjs': `import b from './b.mjs';\nexport function late() { return 'GOOD'; }\nexport default b;\n` },
  }),
  dependency('top-level await', './dep.mjs', 'dep.mjs', `export default await Promise.resolve('GOOD');\n`, `console.log(await Promise.resolve('EVIL'));\nexport default 1;\n`),
  dependency('query', './dep.mjs?x=1', 'dep.mjs', GOOD_ESM, EVIL_ESM),
  dependency('query, CommonJS', './dep.cjs?x=1', 'dep.cjs', GOOD_CJS, EVIL_CJS),
  dependency('fragment', './dep.mjs#part', 'dep.mjs', GOOD_ESM, EVIL_ESM),
  dependency('percent encoding', './d%65p%20%23.mjs', 'dep #.mjs', GOOD_ESM, EVIL_ESM),
  dependency('path with .. and .', './x/../y/./../dep.mjs', 'dep.mjs', GOOD_ESM, EVIL_ESM),
  dependency('byte order mark', './dep.mjs', 'dep.mjs', `\uFEFF${GOOD_ESM}`, `\uFEFF${EVIL_ESM}`),
  dependency('package', 'dep', 'node_modules/dep/index.js', GOOD_ESM, EVIL_ESM, {
    files: { 'node_modules/dep/package.json': { name: 'dep', type: 'module', exports: './index.js' } },
  }),
  dependency('package, main without exports', 'dep', 'node_modules/dep/lib/main.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/dep/package.json': { name: 'dep', main: 'lib/main.js' } },
  }),
  dependency('package, index.js without main', 'dep', 'node_modules/dep/index.js', GOOD_CJS, EVIL_CJS, {
    files: { 'node_modules/dep/package.json': { name: 'dep' } },
  }),
  dependency('file of a package', 'dep/lib/part.mjs', 'node_modules/dep/lib/part.mjs', GOOD_ESM, EVIL_ESM, {
    files: { 'node_modules/dep/package.json': { name: 'dep' } },
  }),
  dependency('scoped package', '@scope/dep', 'node_modules/@scope/dep/main.mjs', GOOD_ESM, EVIL_ESM, {
    files: { 'node_modules/@scope/dep/package.json': { name: '@scope/dep', exports: './main.mjs' } },
  }),
  dependency('nested node_modules', 'outer', 'node_modules/outer/node_modules/dep/index.mjs', GOOD_ESM, EVIL_ESM, {
    files: {
      ...pkg('node_modules/outer', { type: 'module', exports: './index.js' }, { 'index.js': `export { default } from 'dep';\n` }),
      'node_modules/outer/node_modules/dep/package.json': { name: 'dep', exports: './index.mjs' },
    },
  }),
  dependency('named exports of CommonJS', './names.mjs', 'dep.cjs', `exports.first = 'GOOD';\nObject.defineProperty(exports, 'second', { enumerable: true, value: 2 });\n`, `exports.first = 'EVIL';\nexports.second = 2;\n`, {
    files: { 'names.mjs': `import whole, { first, second } from './dep.cjs';\nexport default first + second + Object.keys(whole);\n` },
  }),
  dependency('names of a CommonJS namespace', './names.mjs', 'dep.cjs', `exports.__esModule = true;\nexports.default = 'd';\nexports.a = 'GOOD';\nmodule.exports.b = 2;\n`, `console.log('EVIL');\n`, {
    files: { 'names.mjs': `import * as ns from './dep.cjs';\nexport default Object.keys(ns).filter((name) => name !== 'module.exports').sort().join() + ns.a + JSON.stringify(ns.default);\n` },
  }),
  body('import() of a .mjs', `import('./dep.mjs').then(({ default: value }) => console.log(value));`),
  body('import() of a computed specifier', `import('./d' + ['e', 'p'].join('') + '.mjs').then(({ default: value }) => console.log(value));`),
  body('import() of a file URL', `import('file://' + process.cwd() + '/dep.mjs').then(({ default: value }) => console.log(value));`),
  body('import() of a URL object', `import(new URL('file://' + process.cwd() + '/dep.mjs')).then(({ default: value }) => console.log(value));`),
  body('import() of an absolute path', `import(process.cwd() + '/dep.mjs').then(({ default: value }) => console.log(value));`),
  body('import() of CommonJS', `import('./dep.cjs').then(({ default: value }) => console.log(value));`, { files: { 'dep.cjs': GOOD_CJS }, target: 'dep.cjs', evil: EVIL_CJS }),
  body('import() of JSON', `import('./dep.json', { with: { type: 'json' } }).then(({ default: value }) => console.log(value.says));`, {
    files: { 'dep.json': GOOD_JSON },
    target: 'dep.json',
    evil: EVIL_JSON,
  }),
  body('import() in direct eval', `eval("import('./dep.mjs')").then(({ default: value }) => console.log(value));`),
  body('import() in indirect eval', `(0, eval)("import('./dep.mjs')").then(({ default: value }) => console.log(value));`),
  body('import() in new Function', `new Function("return import('./dep.mjs')")().then(({ default: value }) => console.log(value));`),
  body('import() in an async function from a string', `Object.getPrototypeOf(async () => {}).constructor("return import('./dep.mjs')")().then(({ default: value }) => console.log(value));`),
  body('import() in a timer', `setTimeout(() => import('./dep.mjs').then(({ default: value }) => console.log(value)), 1);`),
  body('import() whose specifier changes when read twice', `let reads = 0;\nimport({ toString() { return reads++ ? './none.mjs' : './dep.mjs'; } }).then(({ default: value }) => console.log(value));`),
  body('import() twice with different queries', `import('./dep.mjs?1').then((one) => import('./dep.mjs?2').then((two) => console.log(one !== two && two.default)));`),
  body('import() refusal can be caught', `import('./dep.mjs').then(({ default: value }) => console.log(value), (error) => console.log(error.code));`, { survives: true }),
  {
    name: 'import() inside imported CommonJS',
    kinds,
    files: (kind) => ({
      ...imports(kind, './dep.cjs', { show: `await value` }),
      ...(kind === 'cjs' && { 'main.cjs': `import('./dep.cjs').then(async ({ default: value }) => console.log(await value));\n` }),
      'dep.cjs': `module.exports = import('./deep.mjs').then((ns) => ns.default);\n`,
      'deep.mjs': GOOD_ESM,
    }),
    target: 'deep.mjs',
    evil: EVIL_ESM,
  },
  {
    name: 'import() in a CommonJS dependency',
    files: {
      'main.js': `require('./dep')().then((ns) => console.log(ns.default));\n`,
      'dep.js': `module.exports = () => import('./deep.mjs');\n`,
      'deep.mjs': GOOD_ESM,
    },
    target: 'deep.mjs',
    evil: EVIL_ESM,
  },
  {
    name: 'changed while the application runs',
    files: {
      'main.mjs': `import { writeFileSync } from 'node:fs';\nwriteFileSync('dep.mjs', "console.log('EVIL')");\nawait import('./dep.mjs');\n`,
      'dep.mjs': GOOD_ESM,
    },
    entry: 'main.mjs',
    attack: 'INTEGRITY',
    prepare: resetting('dep.mjs', GOOD_ESM),
  },
  {
    name: 'changed between two imports of a file',
    files: {
      'main.mjs': `import { writeFileSync } from 'node:fs';\nawait import('./dep.mjs');\nwriteFileSync('dep.mjs', "console.log('EVIL')");\nawait import('./dep.mjs?again');\n`,
      'dep.mjs': GOOD_ESM,
    },
    entry: 'main.mjs',
    attack: 'INTEGRITY',
    prepare: resetting('dep.mjs', GOOD_ESM),
  },
  {
    name: 'results of import.meta',
    files: {
      'main.mjs': `import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
const show = (url) => (url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url);
for (const id of ['./dep.mjs', 'pkg', 'pkg/sub.js', 'fs', 'node:path', './none.mjs', '#inner']) console.log(id, show(import.meta.resolve(id)));
for (const id of ['none', '#none', '@s/p/private.js']) {
  try { import.meta.resolve(id); console.log(id, 'resolved'); } catch (error) { console.log(id, error.code); }
}
console.log('GOOD', show(import.meta.url), import.meta.dirname === process.cwd(), relative(process.cwd(), import.meta.filename));
`,
      'package.json': { name: 'app', imports: { '#inner': './dep.mjs' } },
      'dep.mjs': GOOD_ESM,
      ...pkg('node_modules/pkg', { main: 'main.js' }, { 'main.js': GOOD_CJS, 'sub.js': GOOD_CJS }),
      ...pkg('node_modules/@s/p', { exports: './esm.mjs' }, { 'esm.mjs': GOOD_ESM, 'private.js': GOOD_CJS }),
    },
    entry: 'main.mjs',
  },
  {
    name: 'missing module keeps the error of Node',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: `(async () => {
  for (const id of ['./none.mjs', 'none', 'none/sub', '@none/none', './dir', '#none', './dep']) {
    try { await import(id); } catch (error) { console.log('GOOD', id, error.code); }
  }
})();
`,
      'dep.mjs': GOOD_ESM,
      'dir/index.js': GOOD_CJS,
    }),
  },
  {
    name: 'JSON without the attribute keeps the error of Node',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: `import('./dep.json').catch((error) => console.log('GOOD', error.code));\n`, 'dep.json': GOOD_JSON }),
  },
  {
    name: 'export that does not exist keeps the error of Node',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: `import('./wrong.mjs').catch((error) => console.log('GOOD', error.name));\n`,
      'wrong.mjs': `import { none } from './dep.mjs';\n`,
      'dep.mjs': GOOD_ESM,
    }),
  },
  {
    name: 'builtins',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]:
        kind === 'esm'
          ? `import fs, { readFileSync } from 'node:fs';\nimport * as path from 'path';\nconsole.log('GOOD', fs.readFileSync === readFileSync, path.default.sep === path.sep, typeof path.join);\n`
          : `import('node:fs').then((fs) => console.log('GOOD', fs.default.readFileSync === fs.readFileSync, fs.default === require('fs'), Object.keys(fs).includes('default')));\n`,
    }),
  },
];
