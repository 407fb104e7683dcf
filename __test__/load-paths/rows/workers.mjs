import { EVIL_CJS, EVIL_ESM, EVIL_JSON, EVIL_MAIN, GOOD_CJS, GOOD_ESM, GOOD_JSON, GOOD_MAIN, mainOf, requiring } from '../sources.mjs';

export const topic = 'workers';

const kinds = ['cjs', 'esm'];
/** The worker is of the same kind as the main file. */
const workerOf = (kind) => (kind === 'esm' ? 'worker.mjs' : 'worker.cjs');
const ESM_MAIN = (says) => `import { sep } from 'node:path';\nconsole.log(sep && '${says}');\n`;

/** A row whose main file starts worker.cjs or worker.mjs. `options` is the source text of the second argument. */
function worker(name, options, more = {}) {
  const { first = (file) => `'./${file}'`, files = {}, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const { Worker, SHARE_ENV } = require('node:worker_threads');\nnew Worker(${first(workerOf(kind))}, ${options});`),
      [workerOf(kind)]: kind === 'esm' ? ESM_MAIN('GOOD') : GOOD_MAIN,
      ...files,
    }),
    target: (kind) => workerOf(kind),
    evil: (kind) => (kind === 'esm' ? ESM_MAIN('EVIL') : EVIL_MAIN),
    ...rest,
  };
}

/** A row whose worker is sealed and loads something itself. */
function inside(name, text, target, good, evil, more = {}) {
  return {
    name,
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const { Worker } = require('node:worker_threads');\nnew Worker('./${workerOf(kind)}');`),
      [workerOf(kind)]: requiring(kind, text),
      [target]: good,
    }),
    target,
    evil,
    ...more,
  };
}

/** A row where sealed code starts a worker that is no sealed file. */
function attack(name, text, more = {}) {
  return {
    name,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `const { Worker } = require('node:worker_threads');\n${text}`), 'idle.cjs': '' }),
    attack: 'UNLISTED',
    ...more,
  };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  worker('a path', '{}'),
  worker('an absolute path', '{}', { first: (file) => `require('node:path').resolve('${file}')` }),
  worker('a URL', '{}', { first: (file) => `require('node:url').pathToFileURL('${file}')` }),
  worker('execArgv: []', '{ execArgv: [] }'),
  worker('env: {}', '{ env: {} }'),
  worker('execArgv: [] and env: {}', '{ execArgv: [], env: {} }'),
  worker('env: SHARE_ENV', '{ env: SHARE_ENV }'),
  worker('NODE_OPTIONS emptied', `{ env: { ...process.env, NODE_OPTIONS: '' } }`),
  worker('execArgv: [], started by NODE_OPTIONS', '{ execArgv: [] }', { how: 'options' }),
  worker('env: {}, started by NODE_OPTIONS', '{ env: {} }', { how: 'options' }),
  worker('execArgv: [] and env: {}, started by NODE_OPTIONS', '{ execArgv: [], env: {} }', { how: 'options' }),
  worker('execArgv: [] and env: {}, started by --import', '{ execArgv: [], env: {} }', { how: 'import' }),
  worker('process.execArgv emptied before', '{}', { first: (file) => `(process.execArgv.length = 0, './${file}')` }),
  worker('process.execArgv replaced before', '{}', { first: (file) => `(process.execArgv = [], './${file}')` }),
  worker('process.env emptied before', '{}', { first: (file) => `(Object.keys(process.env).forEach((name) => delete process.env[name]), './${file}')` }),
  worker('audit mode asked for in env', `{ execArgv: [], env: { LOADLOCK_ENFORCEMENT: 'audit', LOADLOCK_TRUST: '', LOADLOCK_ROOT: '/' } }`),
  worker('options whose execArgv is a getter', '{ get execArgv() { return []; }, env: {} }'),
  inside('require in a worker', `console.log(require('./dep.cjs'));`, 'dep.cjs', GOOD_CJS, EVIL_CJS),
  inside('require of JSON in a worker', `console.log(require('./dep.json').says);`, 'dep.json', GOOD_JSON, EVIL_JSON),
  inside('require of an ES module in a worker', `console.log(require('./dep.mjs').default);`, 'dep.mjs', GOOD_ESM, EVIL_ESM),
  inside('import() in a worker', `import('./dep.mjs').then(({ default: value }) => console.log(value));`, 'dep.mjs', GOOD_ESM, EVIL_ESM),
  inside('import() of CommonJS in a worker', `import('./dep.cjs').then(({ default: value }) => console.log(value));`, 'dep.cjs', GOOD_CJS, EVIL_CJS),
  {
    name: 'import statement in a worker',
    files: { 'main.js': `new (require('node:worker_threads').Worker)('./worker.mjs');\n`, 'worker.mjs': `import value from './dep.mjs';\nconsole.log(value);\n`, 'dep.mjs': GOOD_ESM },
    target: 'dep.mjs',
    evil: EVIL_ESM,
  },
  {
    name: 'type: module',
    entry: 'main.js',
    files: { 'package.json': { type: 'module' }, 'main.js': `import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./worker.js', import.meta.url));\n`, 'worker.js': ESM_MAIN('GOOD') },
    target: 'worker.js',
    evil: ESM_MAIN('EVIL'),
  },
  {
    name: 'ES module by its syntax',
    files: { 'main.js': `new (require('node:worker_threads').Worker)('./worker.js');\n`, 'worker.js': ESM_MAIN('GOOD') },
    target: 'worker.js',
    evil: ESM_MAIN('EVIL'),
  },
  {
    name: 'worker of a worker',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `new (require('node:worker_threads').Worker)('./outer.cjs', { execArgv: [], env: {} });`),
      'outer.cjs': `new (require('node:worker_threads').Worker)('./${workerOf(kind)}', { execArgv: [], env: {} });\n`,
      [workerOf(kind)]: kind === 'esm' ? ESM_MAIN('GOOD') : GOOD_MAIN,
    }),
    target: (kind) => workerOf(kind),
    evil: (kind) => (kind === 'esm' ? ESM_MAIN('EVIL') : EVIL_MAIN),
  },
  {
    name: 'child process of a worker',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `new (require('node:worker_threads').Worker)('./outer.cjs', { execArgv: [], env: {} });`),
      'outer.cjs': `const { spawnSync } = require('node:child_process');\nconst run = spawnSync(process.execPath, ['dep.cjs'], { env: {}, encoding: 'utf8' });\nconsole.log(run.stdout + run.stderr);\nprocess.exitCode = run.status;\n`,
      'dep.cjs': GOOD_MAIN,
    }),
    target: 'dep.cjs',
    evil: EVIL_MAIN,
    // The exit code of a worker is not that of the process.
    survives: true,
  },
  {
    name: 'execArgv with another preload',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `new (require('node:worker_threads').Worker)('./${workerOf(kind)}', { execArgv: ['--require', './pre.cjs'] });`),
      [workerOf(kind)]: kind === 'esm' ? ESM_MAIN('GOOD') : GOOD_MAIN,
      'pre.cjs': '',
    }),
    target: 'pre.cjs',
    evil: EVIL_MAIN,
    // A preload chosen by the application would run beside ours, so it is refused whatever it is.
    intact: 'LOADER_CLOSED',
    changed: 'LOADER_CLOSED',
    unlisted: 'LOADER_CLOSED',
  },
  {
    name: 'messages, workerData and exit code',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const { Worker } = require('node:worker_threads');
const worker = new Worker('./worker.cjs', { workerData: { says: 'GOOD' }, argv: ['one'], name: 'w' });
worker.on('message', (message) => console.log(message));
worker.on('exit', (code) => console.log(code));`),
      'worker.cjs': `const { parentPort, workerData, isMainThread } = require('node:worker_threads');\nparentPort.postMessage({ ...workerData, isMainThread, argv: process.argv.slice(2) });\nprocess.exitCode = 7;\n`,
    }),
  },
  attack('text (eval: true)', `new Worker("console.log('EVIL')", { eval: true });`),
  attack('text (eval: true), execArgv: [] and env: {}', `new Worker("console.log('EVIL')", { eval: true, execArgv: [], env: {} });`),
  attack('data: URL', `new Worker(new URL("data:text/javascript,console.log('EVIL')"));`),
  attack('data: URL, execArgv: [] and env: {}', `new Worker(new URL("data:text/javascript,console.log('EVIL')"), { execArgv: [], env: {} });`),
  attack('data: preload in execArgv', `new Worker('./idle.cjs', { execArgv: ['--import', "data:text/javascript,console.log('EVIL')"] });`, {
    attack: ['UNLISTED', 'UNSUPPORTED', 'LOADER_CLOSED'],
  }),
  attack('text in an own subclass of Worker', `class Mine extends Worker {}\nnew Mine("console.log('EVIL')", { eval: true, execArgv: [], env: {} });`),
  attack('text through Reflect.construct', `Reflect.construct(Worker, ["console.log('EVIL')", { eval: true, execArgv: [], env: {} }]);`),
  attack('text through the constructor of a worker', `const one = new Worker('./idle.cjs');\nnew one.constructor("console.log('EVIL')", { eval: true, execArgv: [], env: {} });`),
  attack('text through process.getBuiltinModule', `new (process.getBuiltinModule('worker_threads').Worker)("console.log('EVIL')", { eval: true, execArgv: [], env: {} });`),
  attack('options whose eval is true only the second time', `let reads = 0;\nnew Worker("console.log('EVIL')", { get eval() { return reads++ > -1; }, execArgv: [], env: {} });`),
];
