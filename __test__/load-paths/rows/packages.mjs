import { link } from '../../helpers/fixture.mjs';
import { EVIL_CJS, EVIL_ESM, GOOD_CJS, GOOD_ESM, imports, pkg, requires } from '../sources.mjs';

export const topic = 'package.json and packages';

/** What asks: require in CommonJS, import in an ES module. */
const kinds = ['cjs', 'esm'];
const asks = (kind, specifier) => (kind === 'esm' ? imports(kind, specifier) : requires(kind, specifier));
/** The same for a file that may turn out to have no exports at all. */
const asksLoosely = (kind, specifier) =>
  kind === 'esm' ? { 'main.mjs': `import * as ns from '${specifier}';\nconsole.log(ns.default);\n` } : requires(kind, specifier);

const EVIL = { cjs: EVIL_CJS, esm: EVIL_ESM };
const GOOD = { cjs: GOOD_CJS, esm: GOOD_ESM };
const EXTENSION = { cjs: 'cjs', esm: 'mjs' };

/** A row where a package maps `specifier` to `node_modules/dep/<file>.cjs|mjs`. */
function mapped(name, specifier, manifest, file, more = {}) {
  return {
    name,
    kinds,
    files: (kind) => ({ ...asks(kind, specifier), ...pkg('node_modules/dep', manifest, { [`${file}.${EXTENSION[kind]}`]: GOOD[kind] }) }),
    target: (kind) => `node_modules/dep/${file}.${EXTENSION[kind]}`,
    evil: (kind) => EVIL[kind],
    ...more,
  };
}

/** A row where only a package.json changes, and with it which of the sealed files is chosen. */
function redirected(name, specifier, before, after, more = {}) {
  const { files = () => ({}), at = 'node_modules/dep', outcome = ['INTEGRITY', 'ignored'] } = more;
  return {
    name,
    kinds: more.kinds ?? kinds,
    files: (kind) => ({
      ...asks(kind, specifier),
      ...pkg(at, before, { 'good.cjs': GOOD_CJS, 'good.mjs': GOOD_ESM, 'evil.cjs': EVIL_CJS, 'evil.mjs': EVIL_ESM, ...files(kind) }),
    }),
    tampers: { changed: { files: pkg(at, after, {}), outcome } },
  };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  mapped('exports, one string', 'dep', { exports: './lib/a.cjs' }, 'lib/a', { kinds: ['cjs'] }),
  mapped('exports, conditions', 'dep', { exports: { import: './a.mjs', require: './a.cjs', default: './none.js' } }, 'a'),
  mapped('exports, nested conditions', 'dep', { exports: { '.': { node: { import: './n/a.mjs', require: './n/a.cjs' }, default: './none.js' } } }, 'n/a'),
  mapped('exports, sub-path', 'dep/part', { exports: { './part': { import: './x/p.mjs', require: './x/p.cjs' } } }, 'x/p'),
  mapped('exports, pattern', 'dep/deep/er', { exports: { './*': { import: './src/*.mjs', require: './src/*.cjs' } } }, 'src/deep/er'),
  mapped('exports, pattern with extension', 'dep/f/one.js', { exports: { './f/*.js': { import: './f/*.mjs', require: './f/*.cjs' } } }, 'f/one'),
  mapped('exports, array of fallbacks', 'dep', { exports: [{ import: './a.mjs', require: './a.cjs' }, './none.js'] }, 'a'),
  mapped('exports, own condition (--conditions)', 'dep', { exports: { staging: { import: './s.mjs', require: './s.cjs' }, default: './none.js' } }, 's', {
    flags: ['--conditions=staging'],
    // Which condition holds is decided at start; the sealed table was made without it.
  }),
  mapped('exports, module-sync', 'dep', { exports: { 'module-sync': './m.mjs', default: './none.js' } }, 'm', { kinds: ['esm'], since: '22.10' }),
  mapped('exports in front of main', 'dep', { main: './none.js', exports: { import: './a.mjs', require: './a.cjs' } }, 'a'),
  {
    name: 'imports, own file (#inner)',
    kinds,
    files: (kind) => ({
      ...asks(kind, '#inner'),
      'package.json': { name: 'app', imports: { '#inner': { import: './lib/inner.mjs', require: './lib/inner.cjs' } } },
      [`lib/inner.${EXTENSION[kind]}`]: GOOD[kind],
    }),
    target: (kind) => `lib/inner.${EXTENSION[kind]}`,
    evil: (kind) => EVIL[kind],
  },
  {
    name: 'imports, pattern',
    kinds,
    files: (kind) => ({
      ...asks(kind, '#lib/inner'),
      'package.json': { name: 'app', imports: { '#lib/*': { import: './lib/*.mjs', require: './lib/*.cjs' } } },
      [`lib/inner.${EXTENSION[kind]}`]: GOOD[kind],
    }),
    target: (kind) => `lib/inner.${EXTENSION[kind]}`,
    evil: (kind) => EVIL[kind],
  },
  {
    name: 'imports, another package',
    kinds,
    files: (kind) => ({
      ...asks(kind, '#dep'),
      'package.json': { name: 'app', imports: { '#dep': 'dep' } },
      ...pkg('node_modules/dep', { main: 'main.cjs' }, { 'main.cjs': GOOD_CJS }),
    }),
    target: 'node_modules/dep/main.cjs',
    evil: EVIL_CJS,
  },
  {
    name: 'imports of a dependency',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'dep'),
      ...pkg(
        'node_modules/dep',
        { exports: { import: './main.mjs', require: './main.cjs' }, imports: { '#x': { import: './x.mjs', require: './x.cjs' } } },
        { 'main.mjs': `export { default } from '#x';\n`, 'main.cjs': `module.exports = require('#x');\n`, [`x.${EXTENSION[kind]}`]: GOOD[kind] },
      ),
    }),
    target: (kind) => `node_modules/dep/x.${EXTENSION[kind]}`,
    evil: (kind) => EVIL[kind],
  },
  {
    name: 'self-reference',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'app/part'),
      'package.json': { name: 'app', exports: { './part': { import: './lib/part.mjs', require: './lib/part.cjs' } } },
      [`lib/part.${EXTENSION[kind]}`]: GOOD[kind],
    }),
    target: (kind) => `lib/part.${EXTENSION[kind]}`,
    evil: (kind) => EVIL[kind],
  },
  {
    name: 'what exports does not name keeps the error of Node',
    kinds,
    files: (kind) => ({
      [kind === 'esm' ? 'main.mjs' : 'main.cjs']: `(async () => {
  for (const id of ['dep/private.js', 'dep/none', 'dep/no', 'dep/broken', '#x', 'app/x']) {
    try { await ${kind === 'esm' ? 'import(id)' : 'require(id)'}; } catch (error) { console.log('GOOD', id, error.code); }
  }
})();
`,
      'package.json': { name: 'app', exports: {}, imports: { '#y': './y.js' } },
      ...pkg('node_modules/dep', { exports: { '.': './private.js', './no': null, './broken': '../up.js' } }, { 'private.js': GOOD_CJS }),
    }),
  },
  redirected('main changed', 'dep', { main: 'good.cjs' }, { main: 'evil.cjs' }),
  redirected('main added', 'dep', {}, { main: 'evil.cjs' }, { files: () => ({ 'index.js': GOOD_CJS }) }),
  redirected(
    'main removed',
    'dep',
    { main: 'good.cjs' },
    {},
    { files: () => ({ 'index.js': EVIL_CJS }) },
  ),
  redirected('exports changed', 'dep', { exports: { import: './good.mjs', require: './good.cjs' } }, { exports: { import: './evil.mjs', require: './evil.cjs' } }),
  redirected('exports added', 'dep', { main: 'good.cjs' }, { main: 'good.cjs', exports: { import: './evil.mjs', require: './evil.cjs' } }),
  redirected('condition added in front', 'dep', { exports: { import: './good.mjs', require: './good.cjs' } }, {
    exports: { node: { import: './evil.mjs', require: './evil.cjs' }, import: './good.mjs', require: './good.cjs' },
  }),
  redirected('order of conditions changed', 'dep', { exports: { import: './good.mjs', require: './good.cjs', node: './evil.cjs' } }, {
    exports: { node: './evil.cjs', import: './good.mjs', require: './good.cjs' },
  }),
  redirected('sub-path changed', 'dep/part', { exports: { './part': './good.cjs' } }, { exports: { './part': './evil.cjs' } }),
  redirected('sub-path pattern changed', 'dep/good', { exports: { './*': './*.cjs' } }, { exports: { './*': './*.cjs', './good': './evil.cjs' } }),
  {
    name: 'imports changed',
    kinds,
    files: (kind) => ({
      ...asks(kind, '#inner'),
      'package.json': { name: 'app', imports: { '#inner': './good.cjs' } },
      'good.cjs': GOOD_CJS,
      'evil.cjs': EVIL_CJS,
    }),
    tampers: { changed: { files: { 'package.json': { name: 'app', imports: { '#inner': './evil.cjs' } } }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'imports changed to another package',
    kinds,
    files: (kind) => ({
      ...asks(kind, '#inner'),
      'package.json': { name: 'app', imports: { '#inner': './good.cjs' } },
      'good.cjs': GOOD_CJS,
      ...pkg('node_modules/evil', { main: 'evil.cjs' }, { 'evil.cjs': EVIL_CJS }),
    }),
    tampers: { changed: { files: { 'package.json': { name: 'app', imports: { '#inner': 'evil' } } }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'name changed, so that it is a self-reference',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'dep'),
      'package.json': { name: 'app', exports: './evil.cjs' },
      'evil.cjs': EVIL_CJS,
      ...pkg('node_modules/dep', { main: 'good.cjs' }, { 'good.cjs': GOOD_CJS }),
    }),
    tampers: { changed: { files: { 'package.json': { name: 'dep', exports: './evil.cjs' } }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'type changed',
    kinds,
    files: (kind) => ({
      ...asksLoosely(kind, 'dep'),
      ...pkg('node_modules/dep', { main: 'index.js', type: 'commonjs' }, {
        'index.js': `if (typeof require !== 'function') console.log('EVIL');\nif (typeof module === 'object') module.exports = 'GOOD';\n`,
      }),
    }),
    tampers: { changed: { files: pkg('node_modules/dep', { main: 'index.js', type: 'module' }, {}), outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'nearer package.json with a type planted',
    kinds,
    files: (kind) => ({
      ...asksLoosely(kind, './lib/dep.js'),
      'package.json': { type: 'commonjs' },
      'lib/dep.js': `if (typeof require !== 'function') console.log('EVIL');\nif (typeof module === 'object') module.exports = 'GOOD';\n`,
    }),
    tampers: { planted: { files: { 'lib/package.json': { type: 'module' } }, outcome: ['UNLISTED', 'INTEGRITY', 'ignored'] } },
  },
  {
    name: 'package.json planted in a directory with index.js',
    kinds: ['cjs'],
    files: (kind) => ({ ...requires(kind, './lib'), 'lib/index.js': GOOD_CJS, 'lib/evil.js': EVIL_CJS }),
    tampers: { planted: { files: { 'lib/package.json': { main: 'evil.js' } }, outcome: ['UNLISTED', 'INTEGRITY', 'ignored'] } },
  },
  {
    name: 'package.json removed',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'dep'),
      ...pkg('node_modules/dep', { main: 'good.cjs' }, { 'good.cjs': GOOD_CJS, 'index.js': EVIL_CJS }),
    }),
    tampers: { removed: { files: { 'node_modules/dep/package.json': null }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'package.json is a symbolic link to another one',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'dep'),
      ...pkg('node_modules/dep', { main: 'good.cjs' }, { 'good.cjs': GOOD_CJS, 'evil.cjs': EVIL_CJS, 'other.json': { main: 'evil.cjs' } }),
    }),
    tampers: { replaced: { files: { 'node_modules/dep/package.json': link('other.json') }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'package.json with a main that is added only later',
    kinds: ['cjs'],
    files: (kind) => ({ ...requires(kind, 'dep'), ...pkg('node_modules/dep', { main: 'built.js' }, { 'index.js': GOOD_CJS }) }),
    tampers: { planted: { files: { 'node_modules/dep/built.js': EVIL_CJS }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'duplicate key in package.json',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'dep'),
      'node_modules/dep/package.json': `{ "name": "dep", "main": "evil.cjs", "main": "good.cjs" }\n`,
      'node_modules/dep/good.cjs': GOOD_CJS,
      'node_modules/dep/evil.cjs': EVIL_CJS,
    }),
    tampers: {
      changed: { files: { 'node_modules/dep/package.json': `{ "name": "dep", "main": "good.cjs", "main": "evil.cjs" }\n` }, outcome: ['INTEGRITY', 'ignored'] },
    },
  },
];
