import { link } from '../../helpers/fixture.mjs';
import { EVIL_CJS, EVIL_ESM, GOOD_CJS, GOOD_ESM, imports, pkg, requires } from '../sources.mjs';

export const topic = 'symbolic links';

const kinds = ['cjs', 'esm'];
const asks = (kind, specifier) => (kind === 'esm' ? imports(kind, specifier) : requires(kind, specifier));
const NEW_PACKAGE = pkg('elsewhere/dep', { main: 'index.js' }, { 'index.js': EVIL_CJS });

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  {
    name: 'file: link to a package in the tree',
    kinds,
    files: (kind) => ({ ...asks(kind, 'dep'), 'node_modules/dep': link('../packages/dep'), ...pkg('packages/dep', { name: 'dep' }, { 'index.js': GOOD_CJS }) }),
    target: 'packages/dep/index.js',
    evil: EVIL_CJS,
    tampers: { 'link to another package': { files: { 'node_modules/dep': link('../elsewhere/dep'), ...NEW_PACKAGE }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'workspaces: two packages that need each other',
    kinds,
    entry: (kind) => `packages/app/main.${kind === 'esm' ? 'mjs' : 'cjs'}`,
    files: (kind) => ({
      'package.json': { private: true, workspaces: ['packages/*'] },
      [`packages/app/main.${kind === 'esm' ? 'mjs' : 'cjs'}`]: Object.values(asks(kind, '@ws/lib'))[0],
      'packages/app/package.json': { name: '@ws/app', says: 'GOOD' },
      'node_modules/@ws/app': link('../../packages/app'),
      'node_modules/@ws/lib': link('../../packages/lib'),
      'packages/lib/package.json': { name: '@ws/lib', main: 'lib.js' },
      'packages/lib/lib.js': `module.exports = require('@ws/app/package.json').says + require('./part');\n`,
      'packages/lib/part.js': GOOD_CJS,
    }),
    target: 'packages/lib/part.js',
    evil: EVIL_CJS,
  },
  {
    name: 'pnpm layout',
    kinds,
    files: (kind) => ({
      ...asks(kind, 'outer'),
      'node_modules/outer': link('.pnpm/outer@1.0.0/node_modules/outer'),
      ...pkg('node_modules/.pnpm/outer@1.0.0/node_modules/outer', {}, { 'index.js': `module.exports = require('inner');\n` }),
      'node_modules/.pnpm/outer@1.0.0/node_modules/inner': link('../../inner@2.0.0/node_modules/inner'),
      ...pkg('node_modules/.pnpm/inner@2.0.0/node_modules/inner', {}, { 'index.js': GOOD_CJS }),
    }),
    target: 'node_modules/.pnpm/inner@2.0.0/node_modules/inner/index.js',
    evil: EVIL_CJS,
    tampers: {
      'link to another package': {
        files: { 'node_modules/.pnpm/outer@1.0.0/node_modules/inner': link('../../../../elsewhere/dep'), ...NEW_PACKAGE },
        outcome: ['UNLISTED', 'ignored'],
      },
      'real directory instead of the link': {
        files: { 'node_modules/outer': null, ...pkg('node_modules/outer', {}, { 'index.js': EVIL_CJS }) },
        outcome: ['UNLISTED', 'ignored', 'INTEGRITY'],
      },
    },
  },
  {
    name: 'pnpm layout, ES modules',
    kinds: ['esm', 'cjs'],
    files: (kind) => ({
      ...imports(kind, 'outer'),
      'node_modules/outer': link('.pnpm/outer@1.0.0/node_modules/outer'),
      ...pkg('node_modules/.pnpm/outer@1.0.0/node_modules/outer', { type: 'module', exports: './index.js' }, { 'index.js': `export { default } from 'inner';\n` }),
      'node_modules/.pnpm/outer@1.0.0/node_modules/inner': link('../../inner@2.0.0/node_modules/inner'),
      ...pkg('node_modules/.pnpm/inner@2.0.0/node_modules/inner', { type: 'module', exports: './index.js' }, { 'index.js': GOOD_ESM }),
    }),
    target: 'node_modules/.pnpm/inner@2.0.0/node_modules/inner/index.js',
    evil: EVIL_ESM,
  },
  {
    name: 'link to a file',
    kinds,
    files: (kind) => ({ ...asks(kind, './dep.cjs'), 'dep.cjs': link('real/dep.cjs'), 'real/dep.cjs': GOOD_CJS }),
    target: 'real/dep.cjs',
    evil: EVIL_CJS,
    tampers: { 'link to another file': { files: { 'dep.cjs': link('real/new.cjs'), 'real/new.cjs': EVIL_CJS }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'link to another sealed file',
    kinds,
    files: (kind) => ({ ...asks(kind, './dep.cjs'), 'dep.cjs': link('real/dep.cjs'), 'real/dep.cjs': GOOD_CJS, 'real/other.cjs': EVIL_CJS }),
    tampers: { changed: { files: { 'dep.cjs': link('real/other.cjs') }, outcome: ['INTEGRITY', 'UNLISTED', 'ignored'] } },
  },
  {
    name: 'chain of links',
    kinds,
    files: (kind) => ({ ...asks(kind, './a.cjs'), 'a.cjs': link('b.cjs'), 'b.cjs': link('real/c.cjs'), 'real/c.cjs': GOOD_CJS }),
    target: 'real/c.cjs',
    evil: EVIL_CJS,
  },
  {
    name: 'file replaced by a link',
    kinds,
    files: (kind) => ({ ...asks(kind, './dep.cjs'), 'dep.cjs': GOOD_CJS }),
    tampers: {
      'to an unlisted file': { files: { 'dep.cjs': link('new.cjs'), 'new.cjs': EVIL_CJS }, outcome: ['UNLISTED', 'INTEGRITY'] },
      'out of the tree': { files: { 'dep.cjs': link('../outside.cjs'), '../outside.cjs': EVIL_CJS }, outcome: ['UNLISTED', 'INTEGRITY'] },
    },
  },
  {
    name: 'file replaced by a link to another sealed file',
    kinds,
    files: (kind) => ({ ...asks(kind, './dep.cjs'), 'dep.cjs': GOOD_CJS, 'other.cjs': EVIL_CJS }),
    tampers: { replaced: { files: { 'dep.cjs': link('other.cjs') }, outcome: ['INTEGRITY', 'UNLISTED'] } },
  },
  {
    name: 'package directory replaced by a link',
    kinds,
    files: (kind) => ({ ...asks(kind, 'dep'), ...pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }) }),
    tampers: {
      'to an unlisted package': { files: { 'node_modules/dep': link('../elsewhere/dep'), ...NEW_PACKAGE }, outcome: ['UNLISTED', 'INTEGRITY'] },
      'out of the tree': {
        files: { 'node_modules/dep': link('../../outside/dep'), ...pkg('../outside/dep', {}, { 'index.js': EVIL_CJS }) },
        outcome: ['UNLISTED', 'INTEGRITY'],
      },
    },
  },
  {
    name: 'node_modules replaced by a link',
    kinds,
    files: (kind) => ({ ...asks(kind, 'dep'), ...pkg('node_modules/dep', {}, { 'index.js': GOOD_CJS }) }),
    tampers: {
      replaced: {
        files: { node_modules: link('elsewhere'), ...NEW_PACKAGE },
        outcome: ['UNLISTED', 'INTEGRITY'],
      },
    },
  },
  {
    name: 'start through a linked directory',
    entry: 'current/main.cjs',
    files: { 'releases/1/main.cjs': `console.log(require('./dep'));\n`, 'releases/1/dep.js': GOOD_CJS, current: link('releases/1') },
    target: 'releases/1/dep.js',
    evil: EVIL_CJS,
    tampers: {
      'link to another release': {
        files: { current: link('releases/2'), 'releases/2/main.cjs': EVIL_CJS },
        outcome: ['UNLISTED', 'ignored'],
      },
    },
  },
];
