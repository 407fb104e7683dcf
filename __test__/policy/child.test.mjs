// child_process under a policy, on every Node, with real children: what is granted works as on stock Node, and no way
// round a list of commands does.
//
// One row: LOADLOCK_TEST_ROWS='shell' node --test __test__/policy/child.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, openSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { authorityWith, builtins, refuses, testRows } from './rows.mjs';

const require = createRequire(import.meta.url);
const isRow = process.env.LOADLOCK_ROWS_ROLE === 'rows';
let at, real, facades;

if (isRow) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'loadlock-child-')));
  const script = (path, text) => {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  };
  mkdirSync(join(root, 'planted'));
  script(join(root, 'planted/echo'), '#!/bin/sh\necho planted\n');
  script(join(root, 'planted/only-here'), '#!/bin/sh\necho only-here\n');
  at = {
    root,
    planted: join(root, 'planted'),
    worker: script(join(root, 'worker.js'), "if (process.send) process.send('worker'); else console.log('worker', process.argv.slice(2).join())"),
    other: script(join(root, 'other.js'), "console.log('other')"),
    shellLink: join(root, 'innocent'),
  };
  symlinkSync('/bin/sh', at.shellLink);
  process.env.SECRET_OF_OTHERS = 'secret';
  process.env.OWN_SETTING = 'own';
  facades = [require('../../js/facades/child.js'), require('../../js/facades/cluster.js')];
  real = builtins(...facades);
  require('../../js/lockdown.js').lockdown();
}

/** child_process of a package with these commands; a space stands for the NUL between arguments. */
function childWith(commands, more = {}, options) {
  const grants = { child: commands === true ? true : commands.map((command) => command.replaceAll(' ', '\0')), ...more };
  const authority = authorityWith(grants, options);
  return Object.assign(facades[0].create.child_process({ authority, real }), { refused: authority.refused });
}

const text = (result) => {
  if (result.error) throw result.error;
  return `${result.stdout}`.trim();
};

const rows = {
  'denied: every function refuses, and says what was tried': () => {
    const child = childWith([]);
    for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync']) refuses(() => child[name]('echo'));
    assert.match(refuses(() => child.fork(at.worker)).message, /child_process\.fork\('.*worker\.js'\)/);
    assert.deepEqual(child.refused.slice(0, 3), ['child echo', 'child echo', 'child shell echo']);
    assert.equal(child.refused.at(-1), `child node ${at.worker}`);
    refuses(() => new child.ChildProcess());
  },
  'a granted name works in every form': async () => {
    const child = childWith(['echo']);
    assert.equal(text(child.spawnSync('echo', ['a', 1])), 'a 1');
    assert.equal(child.execFileSync('echo', ['b'], { encoding: 'utf8' }).trim(), 'b');
    const spawned = child.spawn('echo', ['c'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = await once(spawned.stdout, 'data');
    assert.equal(`${chunk}`.trim(), 'c');
    assert.deepEqual(spawned.spawnargs, ['echo', 'c']);
    assert.ok(spawned instanceof child.ChildProcess);
    const [error, stdout] = await new Promise((done) => child.execFile('echo', ['d'], (...results) => done(results)));
    assert.equal(error, null);
    assert.equal(stdout, 'd\n');
    const promise = promisify(child.execFile)('echo', ['e']);
    assert.equal(typeof promise.child.pid, 'number');
    assert.deepEqual(await promise, { stdout: 'e\n', stderr: '' });
  },
  'a list does not cover other commands': () => {
    const child = childWith(['echo']);
    refuses(() => child.spawnSync('env'));
    refuses(() => child.spawnSync(`${at.root}/innocent`, ['-c', 'echo no']));
  },
  'first arguments are part of a grant': () => {
    const child = childWith(['echo only']);
    assert.equal(text(child.spawnSync('echo', ['only', 'this'])), 'only this');
    refuses(() => child.spawnSync('echo', ['other']));
    refuses(() => child.spawnSync('echo'));
    // A NUL cannot make two arguments of one.
    assert.throws(() => child.spawnSync('echo', ['only\0this']), { code: 'ERR_INVALID_ARG_VALUE' });
  },
  'names, lengths and errors of arguments are those of Node': () => {
    const child = childWith(['echo']);
    const node = real('child_process');
    for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']) {
      assert.deepEqual([child[name].name, child[name].length], [name, node[name].length]);
    }
    for (const call of [
      ({ spawn }) => spawn(5), ({ spawn }) => spawn(''), ({ spawn }) => spawn('echo', 'x'), ({ spawn }) => spawn('echo', [], 'x'),
      ({ execFile }) => execFile('echo', [], 5), ({ execFile }) => execFile('echo', [], {}, 5), ({ fork }) => fork(), ({ exec }) => exec(),
      ({ fork }) => fork(at.worker, 'x'), ({ spawnSync }) => spawnSync('echo', [], { timeout: 'x' }),
    ]) {
      const codes = [node, child].map((module) => {
        try {
          call(module);
        } catch (error) {
          return error.code;
        }
      });
      assert.equal(codes[0], codes[1], `${call}`);
    }
  },
  'a granted program that is not installed is ENOENT, as ever': async () => {
    const child = childWith(['no-such-program']);
    assert.equal(child.spawnSync('no-such-program').error.code, 'ENOENT');
    const [error] = await once(child.spawn('no-such-program'), 'error');
    assert.equal(error.path, 'no-such-program');
  },

  'a PATH in env does not change what a name means': () => {
    const child = childWith(['echo']);
    const result = text(child.spawnSync('echo', ['real'], { env: { PATH: `${at.planted}${delimiter}${process.env.PATH}` } }));
    assert.equal(result, 'real');
    assert.equal(text(child.spawnSync('echo', ['real'], { env: { PATH: at.planted } })), 'real');
  },
  'what only a PATH in env finds is asked by its path': () => {
    const env = { PATH: `${at.planted}${delimiter}${process.env.PATH}` };
    refuses(() => childWith(['only-here']).spawnSync('only-here', { env }));
    assert.equal(text(childWith([join(at.planted, 'only-here')]).spawnSync('only-here', { env })), 'only-here');
  },
  'a PATH of the process that is changed later does not count': () => {
    const before = process.env.PATH;
    process.env.PATH = `${at.planted}${delimiter}${before}`;
    try {
      assert.equal(text(childWith(['echo']).spawnSync('echo', ['real'])), 'real');
      refuses(() => childWith(['only-here']).spawnSync('only-here'));
    } finally {
      process.env.PATH = before;
    }
  },
  'programs that a child starts by name come from the PATH of this process first': () => {
    const child = childWith(['shell']);
    const output = child.execSync('command -v echo; command -v only-here; echo "$PATH"', { encoding: 'utf8', env: { PATH: `.${delimiter}${at.planted}` }, shell: '/bin/sh' });
    assert.match(output, /only-here/);
    const path = output.trim().split('\n').at(-1).split(delimiter);
    assert.equal(path.at(-1), at.planted);
    assert.ok(!path.includes('.'));
  },
  'a program in the current directory is not what a name means': () => {
    const child = childWith(['only-here']);
    assert.equal(child.spawnSync('only-here', { cwd: at.planted, env: { PATH: `.${delimiter}` } }).error.code, 'ENOENT');
    refuses(() => child.spawnSync('./only-here', { cwd: at.planted }));
  },
  'a path is asked by its real path': () => {
    refuses(() => childWith([at.shellLink]).spawnSync(at.shellLink, ['-c', 'echo no']));
    const echo = realpathSync(childWith(['shell']).execSync('command -v echo >/dev/null; which echo', { encoding: 'utf8' }).trim());
    assert.equal(text(childWith([echo]).spawnSync(echo, ['yes'])), 'yes');
    assert.equal(text(childWith([echo]).spawnSync('echo', ['yes'])), 'yes');
  },

  'shell: exec, execSync and the option need the word, with the whole command': () => {
    const child = childWith(['echo', 'sh']);
    refuses(() => child.exec('echo a'));
    refuses(() => child.execSync('echo a'));
    refuses(() => child.spawnSync('echo', ['a;id'], { shell: true }));
    refuses(() => child.spawn('echo', ['a'], { shell: '/bin/sh' }));
    refuses(() => child.execFile('echo', ['a'], { shell: 'bash' }, () => {}));
    assert.deepEqual(child.refused, ['child shell echo a', 'child shell echo a', 'child shell echo a;id', 'child shell echo a', 'child shell echo a']);
  },
  'shell: works where it is granted': async () => {
    const child = childWith(['shell']);
    assert.equal(child.execSync('echo a && echo b', { encoding: 'utf8' }), 'a\nb\n');
    assert.deepEqual(await promisify(child.exec)('echo c'), { stdout: 'c\n', stderr: '' });
    assert.equal(text(child.spawnSync('echo $((1+1))', { shell: '/bin/sh' })), '2');
  },
  'shell: a promise is rejected, not thrown': async () => {
    await assert.rejects(promisify(childWith([]).exec)('echo'), { code: 'ERR_LOADLOCK_CAPABILITY' });
    assert.throws(() => promisify(childWith([]).exec)(5), { code: 'ERR_INVALID_ARG_TYPE' });
  },
  'shell: an option on the prototype of options is none': () => {
    const child = childWith(['echo']);
    const options = Object.create({ shell: '/bin/sh' });
    assert.equal(text(child.spawnSync('echo', ['$HOME'], options)), '$HOME');
  },
  'shell: an option cannot change after it was looked at': () => {
    const child = childWith(['echo']);
    let reads = 0;
    const options = { get shell() { return reads++ > 0 ? '/bin/sh' : false; } };
    assert.equal(text(child.spawnSync('echo', ['$HOME'], options)), '$HOME');
    const word = { toString: () => (reads++ % 2 ? 'env' : 'echo') };
    assert.throws(() => child.spawnSync(word), { code: 'ERR_INVALID_ARG_TYPE' });
    const args = ['only'];
    Object.defineProperty(args, 0, { get: () => (reads++ % 2 ? 'two' : 'one') });
    assert.equal(childWith(['echo one']).refused.length, 0);
    const proxied = new Proxy({}, { ownKeys: () => ['shell'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: false }), get: (_, key) => (key === 'shell' ? reads++ > 0 && '/bin/sh' : undefined) });
    refuses(() => child.spawnSync('echo', ['$HOME'], proxied));
  },

  'node: fork and spawn by script': async () => {
    const child = childWith([`node ${at.worker}`]);
    const [message] = await once(child.fork(at.worker), 'message');
    assert.equal(message, 'worker');
    await once(child.fork('./worker', { cwd: at.root }), 'message');
    await once(child.fork(new URL(`file://${at.worker}`), [], { execArgv: [] }), 'message');
    assert.equal(text(child.spawnSync(process.execPath, [at.worker, 'x'])), 'worker x');
    assert.equal(text(child.spawnSync(process.execPath, [...process.execArgv, '--max-old-space-size=200', 'worker.js'], { cwd: at.root })), 'worker');
    refuses(() => child.fork(at.other));
    refuses(() => child.spawnSync(process.execPath, [at.other]));
    refuses(() => child.spawnSync(process.execPath, ['worker.js']));
  },
  'node: options and other entry points are not the script': () => {
    const child = childWith([`node ${at.worker}`]);
    refuses(() => child.fork(at.worker, [], { execArgv: ['--require', at.other] }));
    refuses(() => child.fork(at.worker, [], { execArgv: ['--require'] }));
    refuses(() => child.spawnSync(process.execPath, ['--require', at.worker, at.other]));
    refuses(() => child.spawnSync(process.execPath, ['-e', 'console.log(1)', at.worker]));
    refuses(() => child.spawnSync(process.execPath, ['--', at.other]));
    refuses(() => child.spawnSync(process.execPath));
    refuses(() => child.fork(at.other, [], { execArgv: ['inspect'] }));
    refuses(() => child.fork(at.worker, [], { execPath: '/bin/sh' }));
    assert.equal(text(childWith(['node']).spawnSync(process.execPath, ['-e', 'console.log(1)'])), '1');
  },
  'node: a script before the module is the one that is asked about': () => {
    refuses(() => childWith([`node ${at.worker}`]).fork(at.worker, [], { execArgv: [at.other] }));
  },

  'env: a child inherits what the package may read': () => {
    const child = childWith(['env'], { env: ['OWN_SETTING'] });
    const output = text(child.spawnSync('env'));
    assert.match(output, /^OWN_SETTING=own$/m);
    assert.match(output, /^PATH=/m);
    assert.doesNotMatch(output, /SECRET_OF_OTHERS/);
    for (const options of [{ env: null }, { env: undefined }, Object.create({ env: process.env })]) assert.doesNotMatch(text(child.spawnSync('env', options)), /SECRET_OF_OTHERS/);
    assert.doesNotMatch(childWith(['shell']).execSync('env', { encoding: 'utf8' }), /SECRET_OF_OTHERS/);
  },
  'env: what the package puts there itself is there, and nothing else': () => {
    const output = text(childWith(['env']).spawnSync('env', { env: { MINE: 1, NOT: undefined } }));
    assert.deepEqual(output.split('\n').filter((line) => !line.startsWith('NODE_V8_COVERAGE')), ['MINE=1']);
  },
  'env: whole, and in audit mode, nothing is missing': () => {
    assert.match(text(childWith(['env'], { env: true }).spawnSync('env')), /SECRET_OF_OTHERS/);
    assert.match(text(childWith([], {}, { lenient: true }).spawnSync('env')), /SECRET_OF_OTHERS/);
  },
  'env: a Node that enforces the policy itself gets all of it': () => {
    const print = join(at.root, 'print.js');
    writeFileSync(print, 'console.log(process.env.SECRET_OF_OTHERS)');
    const child = childWith(['node']);
    assert.equal(text(child.spawnSync(process.execPath, [print])), 'secret');
    assert.equal(text(child.spawnSync(process.execPath, ['-p', 'process.env.SECRET_OF_OTHERS'])), 'undefined');
  },

  'stdio: descriptors of others are not handed on': () => {
    const child = childWith(['cat']);
    const fd = openSync(at.other, 'r');
    refuses(() => child.spawnSync('cat', { stdio: [fd, 'pipe', 'pipe'] }));
    refuses(() => child.spawn('cat', { stdio: ['ignore', 'pipe', 'pipe', ...Array(fd - 2).fill('inherit')] }));
    refuses(() => child.spawnSync('cat', { stdio: [{ fd }, 'pipe', 'pipe'] }));
    let reads = 0;
    assert.throws(() => child.spawnSync('cat', { stdio: [{ get fd() { return reads++ > 0 ? fd : undefined; } }, 'pipe', 'pipe'] }), { code: 'ERR_INVALID_ARG_VALUE' });
    const stdio = ['pipe', 'pipe', 'pipe'];
    Object.defineProperty(stdio, 0, { get: () => (reads++ > 1 ? fd : 'pipe') });
    assert.equal(text(child.spawnSync('cat', { stdio, input: 'own' })), 'own');
    assert.equal(text(child.spawnSync('cat', { stdio: [0, 1, 2].map(() => 'pipe') })), '');
  },
  'stdio: the stream of one child feeds another': async () => {
    const child = childWith(['echo', 'cat']);
    const first = child.spawn('echo', ['through']);
    const second = child.spawn('cat', { stdio: [first.stdout, 'pipe', 'inherit'] });
    const [chunk] = await once(second.stdout, 'data');
    assert.equal(`${chunk}`, 'through\n');
    await once(second, 'close');
  },
  'uid and gid take process: ids; detached does not': () => {
    const child = childWith(['echo']);
    refuses(() => child.spawnSync('echo', { uid: process.getuid() }));
    refuses(() => child.spawnSync('echo', { gid: process.getgid() }));
    assert.deepEqual(child.refused, ['process ids', 'process ids']);
    assert.equal(text(childWith(['echo'], { process: ['ids'] }).spawnSync('echo', ['x'], { uid: process.getuid(), detached: true })), 'x');
  },
  'input, argv0, signal and timeout': async () => {
    const child = childWith(['cat', 'sleep', 'shell']);
    assert.equal(text(child.spawnSync('cat', { input: 'in' })), 'in');
    assert.equal(child.spawnSync('sleep', ['5'], { timeout: 50 }).signal, 'SIGTERM');
    const controller = new AbortController();
    const sleeping = child.spawn('sleep', ['5'], { signal: controller.signal });
    const failure = once(sleeping, 'error');
    controller.abort();
    assert.equal((await failure)[0].code, 'ABORT_ERR');
    const shown = childWith(['sh', realpathSync('/bin/sh')]);
    const name = (made, argv0) => text(made.spawnSync('sh', ['-c', 'echo $0'], { argv0 }));
    assert.equal(name(shown, '/some/sh'), '/some/sh');
    // A program may take it for what it is to do.
    assert.equal(name(shown, 'other-name'), 'sh');
    assert.equal(name(childWith(true), 'other-name'), 'other-name');
  },
  'variables that say what else is run or written need all of child': () => {
    const child = childWith([`node ${at.worker}`, 'echo']);
    for (const env of [
      { NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' }, { NODE_OPTIONS: '"--cpu-prof"' }, { NODE_REDIRECT_WARNINGS: '/tmp/x' }, { NODE_V8_COVERAGE: '/tmp/x' },
      { NODE_COMPILE_CACHE: '/tmp/x' }, { NODE_REPL_EXTERNAL_MODULE: '/tmp/x' }, { LD_DEBUG: 'libs', LD_DEBUG_OUTPUT: '/tmp/x' }, { GLIBC_TUNABLES: 'x' },
      { BASH_ENV: '/tmp/x' }, { PERL5OPT: '-Mx' }, { PYTHONPATH: '/tmp' },
    ]) {
      refuses(() => child.spawnSync('node', [at.worker], { env }));
      refuses(() => child.spawnSync('echo', ['a'], { env }));
      refuses(() => child.fork(at.worker, { env }));
    }
    assert.equal(text(child.spawnSync('node', [at.worker], { env: { NODE_OPTIONS: '--no-warnings --max-old-space-size=200' } })), 'worker');
    assert.equal(text(childWith(true).spawnSync('echo', ['a'], { env: { PYTHONPATH: '/tmp' } })), 'a');
    // What somebody put there since the start is not inherited.
    process.env.PYTHONPATH = '/planted';
    try {
      assert.equal(text(childWith(['env'], { env: ['PYTHONPATH'] }).spawnSync('env')).includes('planted'), false);
    } finally {
      delete process.env.PYTHONPATH;
    }
  },
  'options that are put into process.execArgv later are not those of this process': () => {
    process.execArgv.push('--cpu-prof');
    try {
      refuses(() => childWith([`node ${at.worker}`]).spawnSync('node', ['--cpu-prof', at.worker]));
    } finally {
      process.execArgv.pop();
    }
  },

  'a child does not lead to starting another': async () => {
    const child = childWith(['echo']);
    const running = child.spawn('echo', ['once']);
    const started = () => ({ file: '/bin/sh', args: ['sh', '-c', 'echo no'], envPairs: [], stdio: [{ type: 'ignore' }, { type: 'fd', fd: 1 }, { type: 'ignore' }] });
    assert.throws(() => new running.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => new (Object.getPrototypeOf(running).constructor)(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => new running._handle.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    refuses(() => running.spawn(started()));
    refuses(() => running._handle.spawn(started()));
    refuses(() => Object.getPrototypeOf(running._handle).spawn.call(running._handle, started()));
    refuses(() => child.ChildProcess.prototype.spawn.call(running, started()));
    await once(running, 'close');
    assert.throws(() => running.spawn(started()));
  },
  'an object that looks like a child gets no pipes': () => {
    const running = childWith(['echo']).spawn('echo');
    const { spawn } = Object.getPrototypeOf(running);
    const given = [];
    const fakes = [
      { _handle: { spawn: (...args) => given.push(args) } },
      Object.assign(Object.create(Object.getPrototypeOf(running)), { _handle: Object.create(Object.getPrototypeOf(running._handle)) }),
      Object.assign(Object.create(Object.getPrototypeOf(running)), { _handle: new Proxy(running._handle, { get: (target, key) => (key === 'spawn' ? (...args) => given.push(args) : target[key]) }) }),
      new Proxy({}, { getOwnPropertyDescriptor: () => ({ value: running._handle, configurable: true }), get: (_, key) => (key === '_handle' ? { spawn: (...args) => given.push(args) } : undefined) }),
    ];
    for (const fake of fakes) {
      const options = { file: '/bin/sh', args: [], stdio: 'pipe' };
      assert.throws(() => spawn.call(fake, options));
      assert.equal(options.stdio, 'pipe');
    }
    assert.deepEqual(given, []);
  },
  'instances can be shadowed, as packages do': () => {
    const running = childWith(['echo']).spawn('echo');
    running.kill = () => 'own';
    assert.equal(running.kill(), 'own');
    assert.match(inspect(running), /pid|_handle/);
  },
  'audit: records and does the real thing': () => {
    const child = childWith([], {}, { lenient: true });
    assert.equal(text(child.spawnSync('echo', ['a'])), 'a');
    assert.equal(child.execSync('echo b', { encoding: 'utf8' }), 'b\n');
    assert.deepEqual(child.refused, ['child echo a', 'child shell echo b']);
  },

  'cluster: fork and settings need the command': async () => {
    const cluster = (commands) => {
      const authority = authorityWith({ child: commands.map((command) => command.replaceAll(' ', '\0')) });
      const context = { authority, real, view: real };
      const facade = Object.setPrototypeOf(facades[1].create.cluster(context), Object.getPrototypeOf(real('cluster')));
      facades[1].finish.cluster(facade, context);
      return facade;
    };
    const denied = cluster([]);
    refuses(() => denied.fork());
    refuses(() => denied.setupPrimary({ exec: at.worker }));
    refuses(() => denied.disconnect());
    assert.deepEqual({ ...denied.workers }, {});
    const granted = cluster([`node ${at.worker}`, `node ${process.argv[1]}`]);
    refuses(() => granted.setupPrimary({ exec: at.other }));
    refuses(() => granted.setupPrimary({ exec: at.worker, execArgv: ['--require', at.other] }));
    granted.setupPrimary({ exec: at.worker, silent: true });
    assert.equal(granted.settings.exec, at.worker);
    granted.settings.exec = undefined;
    const heard = once(granted, 'message');
    const worker = granted.fork({ A: 1 });
    const [from, message] = await heard;
    assert.deepEqual([from, message], [worker, 'worker']);
    assert.equal(granted.workers[worker.id], worker);
    assert.deepEqual({ ...denied.workers }, {});
    worker.process.kill();
    await once(granted, 'exit');
  },
};

await testRows(import.meta.url, 'child_process under a policy', rows);
