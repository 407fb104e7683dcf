import { EVIL_CJS, EVIL_ESM, EVIL_MAIN, GOOD_CJS, GOOD_ESM, GOOD_MAIN, mainOf, requiring } from '../sources.mjs';

export const topic = 'child processes';

const kinds = ['cjs', 'esm'];
/** The child is of the same kind as the parent. */
const childOf = (kind) => (kind === 'esm' ? 'child.mjs' : 'child.cjs');
const ESM_MAIN = (says) => `import { sep } from 'node:path';\nconsole.log(sep && '${says}');\n`;

const ASYNC = `.on('exit', (code) => { process.exitCode = code; });`;
/** The result of a …Sync call, shown. */
const SHOW = `process.stdout.write(run.stdout);\nprocess.stderr.write(run.stderr);\nprocess.exitCode = run.status;`;
/** The callback of exec and execFile. */
const CALLBACK = `(error, out, err) => { process.stdout.write(out); process.stderr.write(err); process.exitCode = error ? error.code : 0; }`;

/** A row whose main file starts child.cjs or child.mjs with the statements of `text`. */
function child(name, text, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const cp = require('node:child_process');\nconst file = './${childOf(kind)}';\n${text}`),
      [childOf(kind)]: kind === 'esm' ? ESM_MAIN('GOOD') : GOOD_MAIN,
      ...files,
    }),
    target: (kind) => childOf(kind),
    evil: (kind) => (kind === 'esm' ? ESM_MAIN('EVIL') : EVIL_MAIN),
    ...rest,
  };
}

/** A row where sealed code starts Node with something that is no sealed file. */
function attack(name, text, outcome, more = {}) {
  return {
    name,
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `const cp = require('node:child_process');\n${text}`), 'idle.cjs': '' }),
    attack: outcome,
    ...more,
  };
}

const FORK_OPTIONS = {
  '': '{}',
  ', execArgv: []': '{ execArgv: [] }',
  ', env: {}': '{ env: {} }',
  ', execArgv: [] and env: {}': '{ execArgv: [], env: {} }',
};

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  Object.entries(FORK_OPTIONS).map(([words, options]) => child(`fork${words}`, `cp.fork(file, [], ${options})${ASYNC}`)),
  Object.entries(FORK_OPTIONS).slice(1).map(([words, options]) => child(`fork${words}, started by NODE_OPTIONS`, `cp.fork(file, [], ${options})${ASYNC}`, { how: 'options' })),
  child('fork, a URL', `cp.fork(require('node:url').pathToFileURL(file))${ASYNC}`),
  child('fork, execPath given', `cp.fork(file, [], { execPath: process.execPath, execArgv: [] })${ASYNC}`),
  child('fork, process.execArgv emptied before', `process.execArgv.length = 0;\ncp.fork(file)${ASYNC}`),
  child('fork, process.env emptied before', `for (const name of Object.keys(process.env)) delete process.env[name];\ncp.fork(file)${ASYNC}`),
  child('fork, messages', `const one = cp.fork('./talk.cjs');\none.on('message', (message) => { console.log(message); one.send(file); });\none${ASYNC}`, {
    files: { 'talk.cjs': `process.send('GOOD');\nprocess.once('message', (file) => { process.disconnect(); import(file); });\n` },
  }),
  child('spawn(process.execPath)', `cp.spawn(process.execPath, [file], { stdio: 'inherit' })${ASYNC}`),
  child('spawn(process.execPath), env: {}', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: {} })${ASYNC}`),
  child('spawn(process.execPath), NODE_OPTIONS emptied', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '' } })${ASYNC}`),
  child('spawn(process.execPath), own environment kept', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: { ...process.env, MINE: '1' } })${ASYNC}`),
  child('spawn(process.execPath), with Node options', `cp.spawn(process.execPath, ['--no-warnings', '--stack-trace-limit=5', file], { stdio: 'inherit', env: {} })${ASYNC}`),
  child('spawn(process.argv[0])', `cp.spawn(process.argv[0], [file], { stdio: 'inherit', env: {} })${ASYNC}`),
  child(`spawn('node')`, `cp.spawn('node', [file], { stdio: 'inherit' })${ASYNC}`),
  child(`spawn('node'), env: only PATH`, `cp.spawn('node', [file], { stdio: 'inherit', env: { PATH: process.env.PATH } })${ASYNC}`),
  child(`spawn with argv0`, `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: {}, argv0: 'harmless' })${ASYNC}`),
  child('spawn, shell: true', `cp.spawn('"' + process.execPath + '" ' + file, { stdio: 'inherit', shell: true })${ASYNC}`),
  child('spawn, shell: true, env: {}', `cp.spawn('"' + process.execPath + '" ' + file, { stdio: 'inherit', shell: true, env: {} })${ASYNC}`),
  child('spawn of a shell', `cp.spawn('/bin/sh', ['-c', '"' + process.execPath + '" ' + file], { stdio: 'inherit', env: {} })${ASYNC}`),
  child('spawn of env', `cp.spawn('/usr/bin/env', ['node', file], { stdio: 'inherit' })${ASYNC}`),
  child('spawn, detached', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: {}, detached: true })${ASYNC}`),
  child('spawn through a symbolic link to Node', `require('node:fs').rmSync('n', { force: true });\nrequire('node:fs').symlinkSync(process.execPath, 'n');\ncp.spawn('./n', [file], { stdio: 'inherit', env: {} })${ASYNC}`),
  child('spawnSync', `const run = cp.spawnSync(process.execPath, [file], { encoding: 'utf8' });\n${SHOW}`),
  child('spawnSync, env: {}', `const run = cp.spawnSync(process.execPath, [file], { encoding: 'utf8', env: {} });\n${SHOW}`),
  child('execFile', `cp.execFile(process.execPath, [file], ${CALLBACK});`),
  child('execFile, env: {}', `cp.execFile(process.execPath, [file], { env: {} }, ${CALLBACK});`),
  child('execFile, promisified', `require('node:util').promisify(cp.execFile)(process.execPath, [file], { env: {} }).then(({ stdout }) => process.stdout.write(stdout));`),
  child('execFileSync', `process.stdout.write(cp.execFileSync(process.execPath, [file], { encoding: 'utf8' }));`),
  child('execFileSync, env: {}', `process.stdout.write(cp.execFileSync(process.execPath, [file], { encoding: 'utf8', env: {} }));`),
  child('exec', `cp.exec('"' + process.execPath + '" ' + file, ${CALLBACK});`),
  child('exec, env: {}', `cp.exec('"' + process.execPath + '" ' + file, { env: {} }, ${CALLBACK});`),
  child('execSync', `process.stdout.write(cp.execSync('"' + process.execPath + '" ' + file, { encoding: 'utf8' }));`),
  child('execSync, env: {}', `process.stdout.write(cp.execSync('"' + process.execPath + '" ' + file, { encoding: 'utf8', env: {} }));`),
  child('program with a hashbang', `require('node:fs').chmodSync('tool', 0o755);\ncp.spawn('./tool', { stdio: 'inherit' })${ASYNC}`, {
    files: { tool: `#!/usr/bin/env node\nconsole.log('GOOD');\n` },
    target: 'tool',
    evil: `#!/usr/bin/env node\nconsole.log('EVIL');\n`,
  }),
  child('child of a child', `cp.fork('./outer.cjs', [file], { execArgv: [], env: {} })${ASYNC}`, {
    files: { 'outer.cjs': `require('node:child_process').fork(process.argv[2], { execArgv: [], env: {} })${ASYNC}\n` },
  }),
  child('another working directory', `cp.spawn(process.execPath, [require('node:path').resolve(file)], { stdio: 'inherit', env: {}, cwd: '/' })${ASYNC}`),
  child('loadlock settings of the child changed', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: { LOADLOCK_ENFORCEMENT: 'audit', LOADLOCK_TRUST: '', LOADLOCK_ROOT: '/', LOADLOCK_STATE_DIR: '/nowhere' } })${ASYNC}`),
  child('another --require for the child', `cp.spawn(process.execPath, ['--require', './pre.cjs', file], { stdio: 'inherit' })${ASYNC}`, {
    files: { 'pre.cjs': '' },
    target: 'pre.cjs',
    evil: EVIL_MAIN,
  }),
  child('another --require for the child in NODE_OPTIONS', `cp.spawn(process.execPath, [file], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '--require ./pre.cjs' } })${ASYNC}`, {
    files: { 'pre.cjs': '' },
    target: 'pre.cjs',
    evil: EVIL_MAIN,
    // A preload chosen by the application would run beside ours, so it is refused whatever it is.
    intact: 'LOADER_CLOSED',
    changed: 'LOADER_CLOSED',
    unlisted: 'LOADER_CLOSED',
  }),
  {
    name: 'cluster.fork',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const cluster = require('node:cluster');
if (cluster.isPrimary) cluster.fork().on('exit', (code) => { process.exitCode = code; });
else ${kind === 'esm' ? `import('./dep.mjs').then(({ default: value }) => { console.log(value); process.disconnect(); })` : `{ console.log(require('./dep.cjs')); process.disconnect(); }`}`),
      [kind === 'esm' ? 'dep.mjs' : 'dep.cjs']: kind === 'esm' ? GOOD_ESM : GOOD_CJS,
    }),
    target: (kind) => (kind === 'esm' ? 'dep.mjs' : 'dep.cjs'),
    evil: (kind) => (kind === 'esm' ? EVIL_ESM : EVIL_CJS),
  },
  {
    name: 'cluster.setupPrimary, another file, execArgv: []',
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `const cluster = require('node:cluster');\ncluster.setupPrimary({ exec: './${childOf(kind)}', execArgv: [] });\ncluster.fork({ NODE_OPTIONS: '' }).on('exit', (code) => { process.exitCode = code; });`),
      [childOf(kind)]: kind === 'esm' ? `${ESM_MAIN('GOOD')}process.disconnect();\n` : `${GOOD_MAIN}process.disconnect();\n`,
    }),
    target: (kind) => childOf(kind),
    evil: (kind) => (kind === 'esm' ? `${ESM_MAIN('EVIL')}process.disconnect();\n` : `${EVIL_MAIN}process.disconnect();\n`),
  },
  child('process.execve', `process.execve(process.execPath, [process.execPath, file], {});`, { since: '22.15' }),
  child(`process.binding('spawn_sync')`, `const run = process.binding('spawn_sync').spawn({ file: process.execPath, args: [process.execPath, file], envPairs: [], stdio: [{ type: 'inherit', fd: 0 }, { type: 'inherit', fd: 1 }, { type: 'inherit', fd: 2 }] });\nprocess.exitCode = run.status;`, {
    intact: ['UNSUPPORTED', 'LOADER_CLOSED', 'UNLISTED'],
    changed: ['INTEGRITY', 'UNSUPPORTED', 'LOADER_CLOSED'],
    unlisted: ['UNLISTED', 'UNSUPPORTED', 'LOADER_CLOSED'],
  }),
  attack('--eval', `cp.spawn(process.execPath, ['--eval', "console.log('EVIL')"], { stdio: 'inherit' })${ASYNC}`, 'UNSUPPORTED'),
  attack('--eval, env: {}', `cp.spawn(process.execPath, ['-e', "console.log('EVIL')"], { stdio: 'inherit', env: {} })${ASYNC}`, 'UNSUPPORTED'),
  attack('--eval, ES module, env: {}', `cp.spawn(process.execPath, ['--input-type=module', '-e', "console.log('EVIL')"], { stdio: 'inherit', env: {} })${ASYNC}`, 'UNSUPPORTED'),
  attack('--print', `cp.spawn(process.execPath, ['-p', "'EVIL'"], { stdio: 'inherit', env: {} })${ASYNC}`, 'UNSUPPORTED'),
  attack('standard input', `const run = cp.spawnSync(process.execPath, [], { input: "console.log('EVIL')", encoding: 'utf8', env: {} });\n${SHOW}`, 'UNSUPPORTED'),
  attack('fork with --eval in execArgv', `cp.fork('x', [], { execArgv: ['-e', "console.log('EVIL')"], env: {} })${ASYNC}`, 'UNSUPPORTED'),
  attack('snapshot builder, which runs no preload', `require('node:fs').writeFileSync('x.cjs', "console.log('EVIL')");\ncp.spawn(process.execPath, ['--snapshot-blob', 'out.blob', '--build-snapshot', 'x.cjs'], { stdio: 'inherit' })${ASYNC}`, 'LOADER_CLOSED'),
  attack('fork with a data: preload in execArgv', `cp.fork('./idle.cjs', [], { execArgv: ['--import', "data:text/javascript,console.log('EVIL')"] })${ASYNC}`, ['UNLISTED', 'UNSUPPORTED', 'LOADER_CLOSED']),
  attack('file outside of the sealed tree', `require('node:fs').writeFileSync('../outside.cjs', "console.log('EVIL')");\ncp.spawn(process.execPath, ['../outside.cjs'], { stdio: 'inherit', env: {} })${ASYNC}`, ['UNLISTED', 'NO_MANIFEST']),
  attack('test runner', `require('node:fs').writeFileSync('x.test.cjs', "console.log('EVIL')");\nrequire('node:test').run({ files: [require('node:path').resolve('x.test.cjs')] }).on('test:stdout', ({ message }) => process.stdout.write(message)).on('test:stderr', ({ message }) => process.stderr.write(message)).on('test:fail', () => { process.exitCode = 1; }).resume();`, 'UNLISTED'),
];
