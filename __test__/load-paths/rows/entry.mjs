import { link } from '../../helpers/fixture.mjs';
import { EVIL_ESM, EVIL_MAIN, GOOD_ESM, GOOD_MAIN } from '../sources.mjs';

export const topic = 'entry point';

const esm = (says) => `import { sep } from 'node:path';\nconsole.log(sep ? '${says}' : '');\n`;

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  { name: '.js without package.json', files: { 'main.js': GOOD_MAIN }, target: 'main.js', evil: EVIL_MAIN },
  {
    name: '.js, type: commonjs',
    files: { 'package.json': { type: 'commonjs' }, 'main.js': GOOD_MAIN },
    target: 'main.js',
    evil: EVIL_MAIN,
  },
  { name: '.js, type: module', files: { 'package.json': { type: 'module' }, 'main.js': esm('GOOD') }, target: 'main.js', evil: esm('EVIL') },
  { name: '.js, no type, ES module syntax', files: { 'package.json': { name: 'app' }, 'main.js': esm('GOOD') }, target: 'main.js', evil: esm('EVIL') },
  { name: '.cjs', entry: 'main.cjs', files: { 'main.cjs': GOOD_MAIN }, target: 'main.cjs', evil: EVIL_MAIN },
  { name: '.mjs', entry: 'main.mjs', files: { 'main.mjs': esm('GOOD') }, target: 'main.mjs', evil: esm('EVIL') },
  { name: 'no extension', entry: 'main', files: { main: GOOD_MAIN }, target: 'main', evil: EVIL_MAIN },
  {
    name: 'no extension, hashbang',
    entry: 'main',
    files: { main: `#!/usr/bin/env node\n${GOOD_MAIN}` },
    target: 'main',
    evil: `#!/usr/bin/env node\n${EVIL_MAIN}`,
  },
  {
    name: 'no extension, type: module',
    entry: 'main',
    since: '22.0',
    files: { 'package.json': { type: 'module' }, main: esm('GOOD') },
    target: 'main',
    evil: esm('EVIL'),
  },
  { name: 'unknown extension', entry: 'main.foo', files: { 'main.foo': GOOD_MAIN }, target: 'main.foo', evil: EVIL_MAIN },
  { name: 'given without its extension', entry: 'main', files: { 'main.js': GOOD_MAIN }, target: 'main.js', evil: EVIL_MAIN },
  {
    name: 'given with an absolute path',
    entry: '$DIR/main.js',
    files: { 'main.js': GOOD_MAIN },
    target: 'main.js',
    evil: EVIL_MAIN,
  },
  {
    name: 'from another working directory',
    entry: '../app/main.js',
    cwd: 'elsewhere',
    files: { 'app/main.js': GOOD_MAIN, 'elsewhere/empty.txt': '' },
    target: 'app/main.js',
    evil: EVIL_MAIN,
  },
  {
    name: 'given without its extension, file without one planted',
    entry: 'main',
    files: { 'main.js': GOOD_MAIN },
    tampers: { planted: { files: { main: EVIL_MAIN }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'directory, package.json main',
    entry: '.',
    files: { 'package.json': { main: 'lib/start.js' }, 'lib/start.js': GOOD_MAIN },
    target: 'lib/start.js',
    evil: EVIL_MAIN,
  },
  {
    name: 'directory, main changed in package.json',
    entry: '.',
    files: { 'package.json': { main: 'start.js' }, 'start.js': GOOD_MAIN, 'debug.js': EVIL_MAIN },
    tampers: { changed: { files: { 'package.json': { main: 'debug.js' } }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  { name: 'directory, index.js', entry: '.', files: { 'index.js': GOOD_MAIN }, target: 'index.js', evil: EVIL_MAIN },
  {
    name: 'directory, package.json planted beside index.js',
    entry: '.',
    files: { 'index.js': GOOD_MAIN, 'debug.js': EVIL_MAIN },
    tampers: { planted: { files: { 'package.json': { main: 'debug.js' } }, outcome: ['UNLISTED', 'INTEGRITY', 'ignored'] } },
  },
  {
    name: 'type changed in package.json',
    files: {
      'package.json': { type: 'commonjs' },
      'main.js': `console.log(typeof require === 'function' ? 'GOOD' : 'EVIL');\n`,
    },
    tampers: { changed: { files: { 'package.json': { type: 'module' } }, outcome: ['INTEGRITY', 'ignored'] } },
  },
  {
    name: 'nearer package.json with a type planted',
    entry: 'bin/main.js',
    files: {
      'package.json': { type: 'commonjs' },
      'bin/main.js': `console.log(typeof require === 'function' ? 'GOOD' : 'EVIL');\n`,
    },
    tampers: { planted: { files: { 'bin/package.json': { type: 'module' } }, outcome: ['UNLISTED', 'INTEGRITY', 'ignored'] } },
  },
  {
    name: 'symbolic link to the file',
    entry: 'bin/start',
    files: { 'lib/main.js': GOOD_MAIN, 'bin/start': link('../lib/main.js') },
    target: 'lib/main.js',
    evil: EVIL_MAIN,
    tampers: { 'link to another file': { files: { 'bin/start': link('../lib/new.js'), 'lib/new.js': EVIL_MAIN }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'symbolic link to an ES module',
    entry: 'bin/start.mjs',
    files: { 'lib/main.mjs': esm('GOOD'), 'bin/start.mjs': link('../lib/main.mjs') },
    target: 'lib/main.mjs',
    evil: esm('EVIL'),
  },
  {
    name: 'replaced by a symbolic link',
    files: { 'main.js': GOOD_MAIN },
    tampers: { replaced: { files: { 'main.js': link('new.js'), 'new.js': EVIL_MAIN }, outcome: ['UNLISTED', 'INTEGRITY'] } },
  },
  {
    name: 'started by --import, CommonJS',
    how: 'import',
    files: { 'main.js': GOOD_MAIN },
    target: 'main.js',
    evil: EVIL_MAIN,
  },
  {
    name: 'started by --import, ES module',
    how: 'import',
    entry: 'main.mjs',
    files: { 'main.mjs': `import value from './dep.mjs';\nconsole.log(value);\n`, 'dep.mjs': GOOD_ESM },
    target: 'dep.mjs',
    evil: EVIL_ESM,
  },
  {
    name: 'started by NODE_OPTIONS, CommonJS',
    how: 'options',
    files: { 'main.js': GOOD_MAIN },
    target: 'main.js',
    evil: EVIL_MAIN,
  },
  {
    name: 'started by NODE_OPTIONS, ES module',
    how: 'options',
    entry: 'main.mjs',
    files: { 'main.mjs': `import value from './dep.mjs';\nconsole.log(value);\n`, 'dep.mjs': GOOD_ESM },
    target: 'dep.mjs',
    evil: EVIL_ESM,
  },
];
