import { addon, addonWithLibrary, library, link } from '../../helpers/fixture.mjs';
import { mainOf, pkg, requiring } from '../sources.mjs';

export const topic = 'native bindings';

const kinds = ['cjs', 'esm'];
const DLOPEN = (path) => `const target = { exports: {} };\nprocess.dlopen(target, ${path});\nconsole.log(target.exports.says);`;

function body(name, text, file, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, text), [file]: addon('GOOD'), ...files }),
    target: file,
    evil: addon('EVIL'),
    ...rest,
  };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  body('require with its path', `console.log(require('./build/Release/dep.node').says);`, 'build/Release/dep.node'),
  body('require with an absolute path', `console.log(require(require('node:path').resolve('dep.node')).says);`, 'dep.node'),
  body('found by trying directories, as `bindings` does', `let found;
for (const dir of ['build', 'build/Debug', 'build/Release', 'out/Release', 'compiled']) {
  try { found = require(process.cwd() + '/' + dir + '/dep.node'); break; } catch (error) { if (!/not find/i.test(error.message)) throw error; }
}
console.log(found.says);`, 'build/Release/dep.node'),
  body('found by a directory listing, as `node-gyp-build` does', `const fs = require('node:fs');
const file = fs.readdirSync('prebuilds/here').find((name) => name.endsWith('.node'));
console.log(require(process.cwd() + '/prebuilds/here/' + file).says);`, 'prebuilds/here/node.abi115.node'),
  body('process.dlopen', DLOPEN(`process.cwd() + '/dep.node'`), 'dep.node'),
  body('process.dlopen with flags', `const target = { exports: {} };\nprocess.dlopen(target, process.cwd() + '/dep.node', require('node:os').constants.dlopen.RTLD_NOW);\nconsole.log(target.exports.says);`, 'dep.node'),
  body('process.dlopen of a relative path', DLOPEN(`'./dep.node'`), 'dep.node'),
  body('process.dlopen of another extension', DLOPEN(`process.cwd() + '/dep.dll'`), 'dep.dll'),
  body('process.dlopen of a file without extension', DLOPEN(`process.cwd() + '/lib/dep'`), 'lib/dep'),
  {
    name: 'in a package',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `console.log(require('dep'));`), ...pkg('node_modules/dep', {}, { 'index.js': `module.exports = require('./dep.node').says;\n`, 'dep.node': addon('GOOD') }) }),
    target: 'node_modules/dep/dep.node',
    evil: addon('EVIL'),
  },
  {
    name: 'in an optional package for the platform',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `console.log(require('dep'));`),
      ...pkg('node_modules/dep', {}, { 'index.js': `let fast;\ntry { fast = require('@dep/platform').says; } catch (error) { fast = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nmodule.exports = fast;\n` }),
    }),
    tampers: { planted: { files: pkg('node_modules/@dep/platform', { main: 'dep.node' }, { 'dep.node': addon('EVIL') }), outcome: 'UNLISTED' } },
    survives: true,
  },
  {
    name: 'main of a package is a binding',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `console.log(require('dep').says);`), ...pkg('node_modules/dep', { main: 'dep.node' }, { 'dep.node': addon('GOOD') }) }),
    target: 'node_modules/dep/dep.node',
    evil: addon('EVIL'),
  },
  {
    name: 'library that it needs ($ORIGIN)',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `console.log(require('./dep.node').says);`), 'dep.node': addonWithLibrary(), 'libsay.so': library('GOOD') }),
    target: 'libsay.so',
    evil: library('EVIL'),
    // Sealed without its library, the binding finds none: a directory of the tree is no place to look for libraries.
    unlisted: ['UNLISTED', 'INTEGRITY', 'fails'],
  },
  {
    name: 'library that it needs is a symbolic link',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `console.log(require('./dep.node').says);`),
      'dep.node': addonWithLibrary(),
      'libsay.so': link('libsay.so.1'),
      'libsay.so.1': library('GOOD'),
    }),
    target: 'libsay.so.1',
    evil: library('EVIL'),
    unlisted: ['UNLISTED', 'INTEGRITY', 'fails'],
  },
  {
    name: 'symbolic link',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `console.log(require('./dep.node').says);`), 'dep.node': link('real/dep.node'), 'real/dep.node': addon('GOOD') }),
    target: 'real/dep.node',
    evil: addon('EVIL'),
    tampers: { 'link to another file': { files: { 'dep.node': link('real/new.node'), 'real/new.node': addon('EVIL') }, outcome: ['UNLISTED', 'ignored'] } },
  },
  {
    name: 'swapped with another sealed binding',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `console.log(require('./dep.node').says);`), 'dep.node': addon('GOOD'), 'other.node': addon('EVIL') }),
    tampers: { changed: { files: { 'dep.node': addon('EVIL') }, outcome: 'INTEGRITY' } },
  },
  {
    name: 'in a worker',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `new (require('node:worker_threads').Worker)('./worker.cjs');`),
      'worker.cjs': `console.log(require('./dep.node').says);\n`,
      'dep.node': addon('GOOD'),
    }),
    target: 'dep.node',
    evil: addon('EVIL'),
  },
  {
    name: 'in the main thread and in a worker',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `console.log(require('./dep.node').says);\nnew (require('node:worker_threads').Worker)('./worker.cjs');`),
      'worker.cjs': `console.log(require('./dep.node').says, 'again');\n`,
      'dep.node': addon('GOOD'),
    }),
    target: 'dep.node',
    evil: addon('EVIL'),
  },
  {
    name: 'as the entry point',
    entry: 'main.node',
    files: { 'main.node': addon('GOOD'), 'say.cjs': `console.log('GOOD');\n` },
    lateFlags: ['--require', './say.cjs'],
    target: 'main.node',
    evil: addon('EVIL'),
  },
  {
    name: 'what is not a binding keeps the error of Node',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `try { require('./dep.node'); } catch (error) { console.log('GOOD', error.code); }`),
      'dep.node': 'not a shared object\n',
    }),
  },
];
