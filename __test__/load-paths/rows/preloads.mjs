import { EVIL_ESM, EVIL_MAIN, GOOD_ESM, GOOD_MAIN } from '../sources.mjs';

export const topic = 'preloads';

const FILES = { 'main.js': GOOD_MAIN };

/** A preload that does nothing but change what the application prints: for preloads in front of loadlock. */
const PATCH_CJS = `const Module = require('node:module');
const compile = Module.prototype._compile;
Module.prototype._compile = function (text, ...rest) { return compile.call(this, text.replace('GOOD', 'EVIL'), ...rest); };
`;
const PATCH_ESM = PATCH_CJS.replace(`const Module = require('node:module')`, `import Module from 'node:module'`);
/** loadlock runs too late to stop them, so it must refuse to start. */
const BEFORE = ['SELF_CHECK', 'UNSUPPORTED', 'UNLISTED', 'LOADER_CLOSED'];

/** A sealed preload behind loadlock, which may be changed or appear later. */
function behind(name, lateFlags, target, good, evil, more = {}) {
  return { name, files: { ...FILES, [target]: good }, lateFlags, target, evil, ...more };
}

/** An application that nobody changed, started with a preload that is not sealed. */
function foreign(name, options, planted, outcome, more = {}) {
  return { name, files: FILES, tampers: { planted: { files: planted, outcome } }, ...more, prepare: async ({ variant }) => (variant === 'planted' ? options : {}) };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  behind('--require behind loadlock', ['--require', './pre.cjs'], 'pre.cjs', '', EVIL_MAIN),
  behind('--require behind loadlock, ES module', ['--require', './pre.mjs'], 'pre.mjs', '', EVIL_ESM),
  behind('--import behind loadlock, ES module', ['--import', './pre.mjs'], 'pre.mjs', '', EVIL_ESM),
  behind('--import behind loadlock, CommonJS', ['--import', './pre.cjs'], 'pre.cjs', '', EVIL_MAIN),
  behind('--import behind loadlock, static import', ['--import', './pre.mjs'], 'dep.mjs', GOOD_ESM, EVIL_ESM, {
    files: { ...FILES, 'pre.mjs': `import './dep.mjs';\n`, 'dep.mjs': GOOD_ESM },
  }),
  behind('--require of a package behind loadlock', ['--require', 'pre'], 'node_modules/pre/index.js', '', EVIL_MAIN),
  behind('--import behind a NODE_OPTIONS start', ['--import', './pre.mjs'], 'pre.mjs', '', EVIL_ESM, { how: 'options' }),
  behind('--require behind an --import start', ['--require', './pre.cjs'], 'pre.cjs', '', PATCH_CJS, {
    how: 'import',
    // Node runs every --require before any --import: it comes first whatever the order of the words.
    changed: ['INTEGRITY', ...BEFORE],
    unlisted: BEFORE,
    intact: BEFORE,
  }),
  foreign('--require in front of loadlock', {}, { 'pre.cjs': PATCH_CJS }, BEFORE, { flags: ['--require', './pre.cjs'], files: { ...FILES, 'pre.cjs': '' }, intact: BEFORE }),
  foreign('NODE_OPTIONS --require in front of loadlock', { env: { NODE_OPTIONS: '--require ./pre.cjs' } }, { 'pre.cjs': PATCH_CJS }, BEFORE),
  foreign('NODE_OPTIONS --require in front of loadlock, file outside of the tree', { env: { NODE_OPTIONS: '--require ../pre.cjs' } }, { '../pre.cjs': PATCH_CJS }, BEFORE),
  foreign('NODE_OPTIONS --import', { env: { NODE_OPTIONS: '--import ./pre.mjs' } }, { 'pre.mjs': EVIL_ESM }, ['UNLISTED', 'UNSUPPORTED']),
  foreign('NODE_OPTIONS --import of a data: URL', { env: { NODE_OPTIONS: '--import data:text/javascript,console.log(%22EVIL%22)' } }, {}, ['UNLISTED', 'UNSUPPORTED']),
  foreign('NODE_OPTIONS --experimental-loader', { env: { NODE_OPTIONS: '--no-warnings --experimental-loader ./hooks.mjs' } }, {
    'hooks.mjs': `export async function load(url, context, next) {
  const result = await next(url, context);
  return url.endsWith('main.mjs') ? { format: 'module', source: "console.log('EVIL')", shortCircuit: true } : result;
}
`,
  }, ['UNSUPPORTED', 'UNLISTED'], { entry: 'main.mjs', files: { 'main.mjs': GOOD_MAIN } }),
  foreign('--experimental-loader', { args: ['--no-warnings', '--experimental-loader', './hooks.mjs'] }, {
    'hooks.mjs': `export async function load(url, context, next) {
  const result = await next(url, context);
  return url.endsWith('main.mjs') ? { format: 'module', source: "console.log('EVIL')", shortCircuit: true } : result;
}
`,
  }, ['UNSUPPORTED', 'UNLISTED'], { entry: 'main.mjs', files: { 'main.mjs': GOOD_MAIN } }),
  foreign('--env-file with NODE_OPTIONS', { args: ['--env-file=.env'] }, { '.env': 'NODE_OPTIONS="--require ./pre.cjs"\n', 'pre.cjs': PATCH_CJS }, BEFORE),
  foreign('configuration file with a preload', { args: ['--no-warnings', '--experimental-config-file=node.config.json'] }, { 'node.config.json': { nodeOptions: { import: ['./pre.mjs'] } }, 'pre.mjs': EVIL_ESM }, ['UNLISTED', 'UNSUPPORTED'], { since: '24.0' }),
  foreign('configuration file found by itself', { args: ['--no-warnings', '--experimental-default-config-file'] }, { 'node.config.json': { nodeOptions: { import: ['./pre.mjs'] } }, 'pre.mjs': EVIL_ESM }, ['UNLISTED', 'UNSUPPORTED'], { since: '24.0' }),
  foreign('ES module preload that patches, in front', { env: { NODE_OPTIONS: '--import ./pre.mjs' } }, { 'pre.mjs': PATCH_ESM }, ['UNLISTED', 'UNSUPPORTED', ...BEFORE], { how: 'import' }),
];
