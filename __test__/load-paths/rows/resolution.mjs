import { EVIL_CJS, EVIL_ESM, EVIL_JSON, GOOD_CJS, GOOD_ESM, GOOD_JSON, imports, mainOf, pkg, requires, requiring } from '../sources.mjs';

export const topic = 'resolution order';

const kinds = ['cjs', 'esm'];

/** Places outside of the sealed tree: to refuse what is there is as good as never to look there. */
const OUTSIDE = ['UNLISTED', 'ignored'];

/**
 * A row where a file appears that Node would choose instead of a sealed one. `literal`: the specifier is a string in the
 * source, so the sealed table answers. `computed`: it is not, and what Node's algorithm finds must then be refused.
 */
function planted(name, specifier, files, plant, more = {}) {
  const { show = 'value', ...rest } = more;
  const text = {
    literal: `console.log(((value) => ${show})(require('${specifier}')));`,
    computed: `console.log(((value) => ${show})(require(['${specifier}'].join())));`,
  };
  return Object.entries(text).map(([how, body]) => ({
    name: `${name}, ${how} specifier`,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, body), ...files }),
    tampers: { planted: { files: plant, outcome: how === 'literal' ? ['ignored', 'UNLISTED'] : ['UNLISTED', 'ignored'] } },
    ...rest,
  }));
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  ...planted('.js in front of .json', './dep', { 'dep.json': GOOD_JSON }, { 'dep.js': EVIL_CJS }, { show: 'value.says ?? value' }),
  ...planted('.js in front of a directory', './dep', { 'dep/index.js': GOOD_CJS }, { 'dep.js': EVIL_CJS }),
  ...planted('.json in front of a directory', './dep', { 'dep/index.js': `exports.says = 'GOOD';` }, { 'dep.json': EVIL_JSON }, { show: 'value.says' }),
  ...planted('exact name in front of .js', './dep', { 'dep.js': GOOD_CJS }, { dep: EVIL_CJS }),
  ...planted('index.js in front of index.json', './dep', { 'dep/index.json': GOOD_JSON }, { 'dep/index.js': EVIL_CJS }, { show: 'value.says ?? value' }),
  ...planted('file in front of a package', 'dep', pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }), { 'node_modules/dep.js': EVIL_CJS }),
  ...planted(
    'nearer node_modules',
    './lib/inner',
    { 'lib/inner.js': `module.exports = require('dep');\n`, ...pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }) },
    pkg('lib/node_modules/dep', {}, { 'index.js': EVIL_CJS }),
  ),
  ...planted(
    'node_modules inside a package',
    'outer',
    { ...pkg('node_modules/outer', {}, { 'index.js': `module.exports = require('dep');\n` }), ...pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }) },
    pkg('node_modules/outer/node_modules/dep', {}, { 'index.js': EVIL_CJS }),
  ),
  ...planted(
    'nearer scoped package',
    './lib/inner',
    { 'lib/inner.js': `module.exports = require('@scope/dep');\n`, ...pkg('node_modules/@scope/dep', {}, { 'index.js': GOOD_CJS }) },
    pkg('lib/node_modules/@scope/dep', {}, { 'index.js': EVIL_CJS }),
  ),
  ...planted('directory with package.json in front of index.js', './dep', { 'dep/index.js': GOOD_CJS }, { 'dep/package.json': { main: 'new.js' }, 'dep/new.js': EVIL_CJS }),
  {
    name: 'nearer node_modules, import',
    kinds: ['esm', 'cjs'],
    files: (kind) => ({
      ...imports(kind, './lib/inner.mjs'),
      'lib/inner.mjs': `export { default } from 'dep';\n`,
      ...pkg('node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': GOOD_ESM }),
    }),
    tampers: { planted: { files: pkg('lib/node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': EVIL_ESM }), outcome: ['ignored', 'UNLISTED'] } },
  },
  {
    name: 'nearer node_modules, import() of a computed specifier',
    kinds,
    entry: (kind) => `lib/${mainOf(kind)}`,
    files: (kind) => ({
      [`lib/${mainOf(kind)}`]: `import(['dep'].join()).then(({ default: value }) => console.log(value));\n`,
      ...pkg('node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': GOOD_ESM }),
    }),
    tampers: { planted: { files: pkg('lib/node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': EVIL_ESM }), outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'optional dependency appears',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('fast'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
    }),
    tampers: { planted: { files: pkg('node_modules/fast', {}, { 'index.js': EVIL_CJS }), outcome: 'UNLISTED' } },
    survives: true,
  },
  {
    name: 'optional dependency appears, import()',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: `import('fast').then(({ default: value }) => console.log(value), (error) => console.log(error.code === 'ERR_MODULE_NOT_FOUND' ? 'GOOD' : error.code));\n`,
    }),
    tampers: { planted: { files: pkg('node_modules/fast', { exports: './index.mjs' }, { 'index.mjs': EVIL_ESM }), outcome: 'UNLISTED' } },
    survives: true,
  },
  {
    name: 'optional file appears',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('./config.local'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
    }),
    tampers: {
      'planted .js': { files: { 'config.local.js': EVIL_CJS }, outcome: 'UNLISTED' },
      'planted .json': { files: { 'config.local.json': '"EVIL"' }, outcome: 'UNLISTED' },
    },
    survives: true,
  },
  {
    name: 'package appears above the sealed tree',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('loadlock-test-above'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
    }),
    tampers: { planted: { files: pkg('../node_modules/loadlock-test-above', {}, { 'index.js': EVIL_CJS }), outcome: OUTSIDE } },
    survives: true,
  },
  {
    name: 'file above the sealed tree',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('../outside'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
    }),
    tampers: { planted: { files: { '../outside.js': EVIL_CJS }, outcome: OUTSIDE } },
    survives: true,
  },
  {
    name: 'NODE_PATH, package appears',
    kinds,
    env: { NODE_PATH: '$DIR/extra' },
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('dep'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
      'extra/empty.txt': '',
    }),
    tampers: { planted: { files: { 'extra/dep.js': EVIL_CJS }, outcome: OUTSIDE } },
    survives: true,
  },
  {
    name: 'NODE_PATH, sealed package',
    kinds,
    env: { NODE_PATH: '$DIR/extra' },
    files: (kind) => ({ ...requires(kind, 'dep'), 'extra/dep.js': GOOD_CJS }),
    target: 'extra/dep.js',
    evil: EVIL_CJS,
  },
  {
    name: 'NODE_PATH, package in front of nothing: node_modules wins',
    kinds,
    env: { NODE_PATH: '$DIR/extra' },
    files: (kind) => ({ ...requires(kind, 'dep'), ...pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }), 'extra/empty.txt': '' }),
    target: 'node_modules/dep/index.js',
    evil: EVIL_CJS,
  },
  {
    name: '$HOME/.node_modules',
    kinds,
    env: { HOME: '$DIR/home' },
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `let value;\ntry { value = require('dep'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);`),
      'home/empty.txt': '',
    }),
    tampers: {
      '.node_modules': { files: { 'home/.node_modules/dep.js': EVIL_CJS }, outcome: OUTSIDE },
      '.node_libraries': { files: { 'home/.node_libraries/dep.js': EVIL_CJS }, outcome: OUTSIDE },
    },
    survives: true,
  },
  {
    name: 'result of require.resolve',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `console.log(/index\\.js$/.test(require.resolve('./dep')) ? 'GOOD' : 'EVIL');`),
      'dep/index.js': GOOD_CJS,
    }),
    tampers: { planted: { files: { 'dep.js': EVIL_CJS }, outcome: ['ignored', 'UNLISTED'] } },
  },
  {
    name: 'result of import.meta.resolve',
    entry: 'lib/main.mjs',
    files: {
      'lib/main.mjs': `console.log(import.meta.resolve('dep').includes('/lib/') ? 'EVIL' : 'GOOD');\n`,
      ...pkg('node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': GOOD_ESM }),
    },
    tampers: { planted: { files: pkg('lib/node_modules/dep', { exports: './index.mjs' }, { 'index.mjs': EVIL_ESM }), outcome: ['ignored', 'UNLISTED'] } },
  },
  {
    name: 'sealed file missing from the disk',
    kinds,
    files: (kind) => ({ ...requires(kind, './dep', 'value.says ?? value'), 'dep.js': GOOD_CJS, 'dep.json': EVIL_JSON }),
    // Without dep.js Node goes on to dep.json, which is sealed too.
    tampers: { removed: { files: { 'dep.js': null }, outcome: 'INTEGRITY' } },
  },
  {
    name: 'sealed nearer package missing from the disk',
    kinds,
    files: (kind) => ({
      ...requires(kind, './lib/inner'),
      'lib/inner.js': `module.exports = require('dep');\n`,
      ...pkg('lib/node_modules/dep', {}, { 'index.js': GOOD_CJS }),
      ...pkg('node_modules/dep', {}, { 'index.js': EVIL_CJS }),
    }),
    tampers: { removed: { files: { 'lib/node_modules/dep': null }, outcome: 'INTEGRITY' } },
  },
];
