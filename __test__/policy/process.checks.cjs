'use strict';
// Run by process.test.mjs on every Node version.

const assert = require('node:assert/strict');
const EventEmitter = require('node:events');
const os = require('node:os');
const util = require('node:util');
const { mkdtempSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const stream = require('node:stream');
const { DENIED, createPackage, realProcess, runChecks } = require('./package-double.cjs');

const nothing = createPackage();
const settle = () => new Promise((resolve) => setImmediate(resolve));

runChecks({
  'looks like Node\'s process'() {
    const { process } = nothing;
    assert.ok(process instanceof EventEmitter);
    assert.equal(Object.prototype.toString.call(process), '[object process]');
    assert.equal(`${process}`, '[object process]');
    for (const name of ['version', 'arch', 'platform', 'pid', 'execPath', 'argv0', 'title']) assert.equal(process[name], realProcess[name], name);
    assert.equal(process.versions.node, realProcess.versions.node);
    assert.deepEqual(process.release, { ...realProcess.release });
    assert.equal(process.cwd(), realProcess.cwd());
    assert.equal(typeof process.hrtime.bigint(), 'bigint');
    assert.ok(process.uptime() > 0);
    assert.deepEqual(process.argv, realProcess.argv);
    assert.deepEqual(process.config, realProcess.config);
    assert.equal(process.features.inspector, realProcess.features.inspector);
    assert.ok(process.allowedNodeEnvironmentFlags.has('--no-warnings'));
    assert.match(util.inspect(process, { depth: 0 }), /platform/);
  },

  'has the keys of Node\'s, without the hidden ones'() {
    const keys = Object.keys(nothing.process);
    for (const hidden of ['moduleLoadList', '_events', '_fatalException', '_tickCallback', '_preload_modules']) {
      assert.ok(!keys.includes(hidden), hidden);
      assert.equal(nothing.process[hidden], undefined);
    }
    for (const key of ['version', 'env', 'argv', 'stdout', 'exit', 'kill', 'nextTick', 'exitCode']) assert.ok(keys.includes(key), key);
    assert.deepEqual(keys.filter((key) => !(key in realProcess) && key !== 'mainModule'), []);
  },

  'can be looked at as a whole without a refusal'() {
    const pkg = createPackage();
    assert.ok({ ...pkg.process }.version);
    for (const key of Reflect.ownKeys(pkg.process)) Reflect.get(pkg.process, key);
    util.inspect(pkg.process);
  },

  'does not lead to Node\'s own'() {
    const { process } = nothing;
    assert.notEqual(process.constructor, realProcess.constructor);
    assert.throws(() => new process.constructor(), TypeError);
    const seen = new Set([realProcess]);
    visit(process);
    function visit(value) {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
      seen.add(value);
      assert.notEqual(value, realProcess.stdout);
      for (const key of Reflect.ownKeys(value)) {
        let next;
        try {
          next = value[key];
        } catch {
          continue;
        }
        assert.notEqual(next, realProcess, String(key));
        if (next !== realProcess.getBuiltinModule('events')) visit(next);
      }
    }
  },

  'what a package does to it stays with the package'() {
    const [one, other] = [createPackage(), createPackage()];
    one.process.nextTick = 'mine';
    one.process.custom = 1;
    one.process.argv.push('more');
    one.process.execArgv.push('--more');
    assert.equal(other.process.custom, undefined);
    assert.equal(typeof other.process.nextTick, 'function');
    assert.ok(!other.process.argv.includes('more') && !realProcess.argv.includes('more'));
    assert.ok(!realProcess.execArgv.includes('--more'));
    assert.throws(() => {
      other.process.hrtime.bigint = 'mine';
    }, TypeError);
    assert.throws(() => {
      other.process.versions.node = '0.0.0';
    }, TypeError);
  },

  'members that need a grant are refused when used'() {
    const { process } = nothing;
    const uses = {
      exit: () => process.exit(1), abort: () => process.abort(), reallyExit: () => process.reallyExit(1), kill: () => process.kill(process.pid, 0),
      chdir: () => process.chdir('/'), setuid: () => process.setuid?.(0) ?? process.umask(0), umask: () => process.umask(0),
      exitCode() {
        process.exitCode = 7;
      },
      title() {
        process.title = 'x';
      },
      debugPort() {
        process.debugPort = 1;
      },
      binding: () => process.binding('fs'), _linkedBinding: () => process._linkedBinding('x'),
      dlopen: () => process.dlopen({}, '/tmp/x.node'), loadEnvFile: () => process.loadEnvFile('/etc/passwd'),
      memoryUsage: () => process.memoryUsage(), rss: () => process.memoryUsage.rss(), _getActiveHandles: () => process._getActiveHandles(),
      capture: () => process.setUncaughtExceptionCaptureCallback(() => {}),
      writeReport: () => process.report.writeReport(),
    };
    for (const [name, use] of Object.entries(uses)) assert.throws(use, DENIED, name);
    if (process.execve) {
      assert.throws(() => process.execve('/bin/true', ['true']), DENIED);
      const scoped = createPackage({ child: ['/usr/bin/echo\0ok'] }).process;
      assert.throws(() => scoped.execve('/usr/bin/echo', ['echo', 'other']), DENIED);
      assert.throws(() => scoped.execve('/usr/bin/echo\0ok', ['echo', 'other'], {}), { code: 'ERR_INVALID_ARG_VALUE' });
      assert.throws(() => scoped.execve('/usr/bin/echo', ['echo', 'ok'], { LD_DEBUG: 'libs' }), DENIED);
      assert.throws(() => scoped.execve({ toString: () => '/usr/bin/echo' }, ['echo', 'ok']), DENIED);
    }
    assert.equal(realProcess.exitCode, undefined);
    assert.equal(process.umask(), realProcess.umask());
    process.exitCode = undefined;
    process.title = realProcess.title;
    // Data looks absent, and that is recorded once.
    const pkg = createPackage();
    assert.equal(pkg.process.ppid, undefined);
    assert.equal(pkg.process.ppid, undefined);
    assert.deepEqual(pkg.violations, ['sys']);
  },

  'words of `process` open one thing each'() {
    const before = realProcess.exitCode;
    const { process } = createPackage({ process: ['exit', 'umask', 'title'], sys: true });
    process.exitCode = 3;
    assert.equal(realProcess.exitCode, 3);
    realProcess.exitCode = before;
    assert.equal(process.ppid, realProcess.ppid);
    assert.equal(process.memoryUsage, realProcess.memoryUsage);
    assert.throws(() => process.kill(process.pid, 0), DENIED);
    assert.throws(() => process.on('SIGTERM', () => {}), DENIED);
    const mask = process.umask();
    assert.equal(process.umask(mask), mask);
  },

  'events: signals, errors and messages need their word, the end of the process does not'() {
    const { process } = nothing;
    for (const event of ['SIGTERM', 'SIGUSR1', 'uncaughtException', 'unhandledRejection', 'uncaughtExceptionMonitor', 'worker']) {
      assert.throws(() => process.on(event, () => {}), DENIED, event);
      assert.throws(() => process.once(event, () => {}), DENIED, event);
      assert.equal(realProcess.listenerCount(event), 0);
    }
    // No parent: nothing to hear.
    process.on('message', () => {}).on('disconnect', () => {});
    assert.equal(realProcess.listenerCount('message'), 0);
    const listener = () => {};
    for (const event of ['exit', 'beforeExit', 'warning']) {
      const count = realProcess.listenerCount(event);
      assert.equal(process.on(event, listener), process);
      assert.equal(realProcess.listenerCount(event), count + 1);
      process.off(event, listener);
      assert.equal(realProcess.listenerCount(event), count);
    }
    assert.throws(() => process.on('exit', 'no function'), { code: 'ERR_INVALID_ARG_TYPE' });
    const signals = createPackage({ process: ['signals'] }).process;
    signals.on('SIGWINCH', listener);
    assert.equal(realProcess.listenerCount('SIGWINCH'), 1);
    signals.removeListener('SIGWINCH', listener);
    assert.equal(realProcess.listenerCount('SIGWINCH'), 0);
  },

  async 'events: `this` is the package\'s process, and once is once'() {
    const { process } = createPackage();
    const seen = [];
    process.on('warning', function (warning) {
      seen.push([this === process, warning.message]);
    });
    process.once('warning', () => seen.push('once'));
    process.emitWarning('first');
    process.emitWarning('second');
    await settle();
    assert.deepEqual(seen, [[true, 'first'], 'once', [true, 'second']]);
    process.removeAllListeners('warning');
  },

  'events: a package takes away only its own listeners, and sees only places of others'() {
    const [one, other, all] = [createPackage(), createPackage(), createPackage({ process: true })];
    const listener = () => {};
    one.process.on('exit', listener);
    const count = realProcess.listenerCount('exit');
    assert.equal(other.process.listenerCount('exit'), count);
    assert.equal(other.process.listeners('exit').length, count);
    assert.ok(!other.process.listeners('exit').includes(listener));
    assert.ok(one.process.listeners('exit').includes(listener));
    other.process.off('exit', listener);
    other.process.removeAllListeners('exit');
    other.process.removeAllListeners();
    for (const found of other.process.listeners('exit')) other.process.off('exit', found);
    assert.equal(realProcess.listenerCount('exit'), count);
    // What test runners do: take them all away and put them back.
    const saved = all.process.listeners('exit');
    for (const found of saved) all.process.off('exit', found);
    assert.equal(one.process.listeners('exit').length, count - 1);
    for (const found of saved) all.process.on('exit', found);
    assert.ok(realProcess.listenerCount('exit') >= count);
    all.process.removeAllListeners('exit');
    assert.deepEqual(one.process.eventNames(), []);
  },

  'events: only names that Node does not use can be emitted, and packages meet there'() {
    const [one, other] = [createPackage(), createPackage()];
    for (const event of ['exit', 'SIGTERM', 'uncaughtException']) assert.throws(() => one.process.emit(event, 0), DENIED, event);
    const heard = [];
    other.process.on('log', (...args) => heard.push(args));
    assert.equal(one.process.emit('log', 'notice', 1), true);
    assert.equal(one.process.emit('nobody listens'), false);
    assert.deepEqual(heard, [['notice', 1]]);
    assert.equal(realProcess.listenerCount('log'), 0);
    assert.equal(one.process.getMaxListeners(), realProcess.getMaxListeners());
    one.process.setMaxListeners(50);
    assert.equal(realProcess.getMaxListeners(), 50);
    one.process.setMaxListeners(1);
    assert.equal(realProcess.getMaxListeners(), 50);
    let added;
    one.process.on('newListener', (event) => (added = event));
    one.process.on('other', () => {});
    assert.equal(added, 'other');
  },

  'signal-exit: replaces emit and reallyExit, and hears the exit'() {
    const { process } = createPackage({ process: ['signals'] });
    const { emit, reallyExit } = process;
    const order = [];
    process.reallyExit = (code) => reallyExit.call(process, code);
    process.emit = function (event, ...args) {
      if (event !== 'exit') return emit.call(this, event, ...args);
      const result = emit.call(process, event, ...args);
      order.push(['after', args[0], result]);
      return result;
    };
    process.on('exit', () => order.push('listener'));
    realProcess.emit('exit', 5);
    assert.deepEqual(order, ['listener', ['after', 5, true]]);
    process.emit('custom');
    process.emit = emit;
    assert.equal(process.emit, emit);
    order.length = 0;
    realProcess.emit('exit', 5);
    assert.deepEqual(order, ['listener']);
    process.removeAllListeners('exit');
    // Version 3: two copies share the emitter, to know all their handlers.
    const other = createPackage().process;
    process.__signal_exit_emitter__ = order;
    assert.equal(other.__signal_exit_emitter__, order);
    // How many handle the signal decides whether a package may end the process.
    process.on('SIGHUP', () => {});
    assert.equal(other.listeners('SIGHUP').length, 1);
    process.removeAllListeners('SIGHUP');
  },

  'source-map-support and filters of warnings replace emit'() {
    const { process } = createPackage();
    const original = process.emit;
    process.emit = function (type) {
      if (type === 'uncaughtException' && this.listeners(type).length === 0) throw new Error('not here');
      return original.apply(this, arguments);
    };
    assert.equal(process.emit('anything'), false);
    process.emit = original;
  },

  'env: only granted names'() {
    realProcess.env.LL_GRANTED = 'yes';
    realProcess.env.LL_SECRET = 'secret';
    const pkg = createPackage({ env: ['LL_GRANTED', 'PRE_*'] });
    const { env } = pkg.process;
    assert.equal(env.LL_GRANTED, 'yes');
    assert.equal(env.LL_SECRET, undefined);
    assert.equal('LL_SECRET' in env, false);
    assert.equal(Object.hasOwn(env, 'LL_SECRET'), false);
    assert.equal(env.LL_SECRET, undefined);
    assert.deepEqual(pkg.violations, ['env:LL_SECRET']);
    assert.equal(env.hasOwnProperty('LL_GRANTED'), true);
    assert.deepEqual(Object.keys(env), ['LL_GRANTED']);
    assert.deepEqual({ ...env }, { LL_GRANTED: 'yes' });
    assert.equal(JSON.stringify(env), '{"LL_GRANTED":"yes"}');
    assert.deepEqual(Object.entries(env), [['LL_GRANTED', 'yes']]);
    const names = [];
    for (const name in env) names.push(name);
    assert.deepEqual(names, ['LL_GRANTED']);
    assert.match(util.inspect(env), /LL_GRANTED/);
    assert.doesNotMatch(util.inspect(env, { showProxy: false }), /LL_SECRET/);
    assert.equal(String(env), '[object Object]');
    assert.deepEqual(pkg.violations, ['env:LL_SECRET']);
  },

  'env: writes'() {
    const [pkg, other] = [createPackage({ env: ['LL_WRITE', 'PRE_*'] }), createPackage({ env: true })];
    const { env } = pkg.process;
    env.LL_WRITE = 1;
    env.PRE_X = true;
    assert.equal(realProcess.env.LL_WRITE, '1');
    assert.equal(realProcess.env.PRE_X, 'true');
    env.LL_HIDDEN = 'mine';
    env.LL_HIDDEN = 'mine again';
    assert.equal(env.LL_HIDDEN, 'mine again');
    assert.equal(realProcess.env.LL_HIDDEN, undefined);
    assert.equal(other.process.env.LL_HIDDEN, undefined);
    assert.deepEqual(pkg.violations, ['env:LL_HIDDEN']);
    assert.ok(Object.keys(env).includes('LL_HIDDEN'));
    assert.ok(delete env.LL_HIDDEN);
    assert.equal(env.LL_HIDDEN, undefined);
    assert.ok(delete env.LL_WRITE);
    assert.equal(realProcess.env.LL_WRITE, undefined);
    realProcess.env.LL_SECRET = 'secret';
    assert.ok(delete env.LL_SECRET);
    assert.equal(realProcess.env.LL_SECRET, 'secret');
    Object.defineProperty(env, 'PRE_Y', { value: 'y', configurable: true, writable: true, enumerable: true });
    assert.equal(realProcess.env.PRE_Y, 'y');
    assert.throws(() => Object.defineProperty(env, 'PRE_Z', { value: 'z' }), { code: 'ERR_INVALID_OBJECT_DEFINE_PROPERTY' });
    assert.throws(() => Object.defineProperty(env, 'PRE_Z', { get: () => 'z' }), { code: 'ERR_INVALID_OBJECT_DEFINE_PROPERTY' });
    assert.throws(() => {
      env.PRE_Z = Symbol('z');
    }, TypeError);
    Object.assign(env, { PRE_A: 'a', LL_LOCAL: 'b' });
    assert.equal(realProcess.env.PRE_A, 'a');
    assert.equal(realProcess.env.LL_LOCAL, undefined);
    // What a prototype says is no variable.
    assert.equal(Object.getPrototypeOf(env), Object.prototype);
    assert.throws(() => Object.setPrototypeOf(env, { LL_PROTO: 'x' }), TypeError);
  },

  'env: replaced as a whole, and put back'() {
    const [pkg, app, reader] = [createPackage({ env: ['LL_*'] }), createPackage({ env: true }, { location: '' }), createPackage({ env: ['LL_*'] })];
    realProcess.env.LL_ONE = '1';
    const real = realProcess.env;
    const before = pkg.process.env;
    pkg.process.env = { ...pkg.process.env, LL_TWO: '2' };
    assert.equal(pkg.process.env.LL_TWO, '2');
    assert.equal(reader.process.env.LL_TWO, undefined);
    assert.equal(realProcess.env.LL_TWO, undefined);
    pkg.process.env = before;
    assert.equal(pkg.process.env.LL_TWO, undefined);

    const old = app.process.env;
    assert.equal(old, real);
    app.process.env = { ...app.process.env, LL_THREE: '3', OTHER: 'x' };
    assert.equal(reader.process.env.LL_THREE, '3');
    assert.equal(reader.process.env.OTHER, undefined);
    assert.equal(realProcess.env.LL_THREE, '3');
    app.process.env = old;
    assert.equal(reader.process.env.LL_THREE, undefined);
    assert.equal(realProcess.env, real);
  },

  'env: when violations are only recorded, everything is there'() {
    realProcess.env.LL_SECRET = 'secret';
    const pkg = createPackage({}, { lenient: true });
    assert.equal(pkg.process.env.LL_SECRET, 'secret');
    assert.equal({ ...pkg.process.env }.LL_SECRET, 'secret');
    pkg.process.env.LL_NEW = 'new';
    assert.equal(realProcess.env.LL_NEW, 'new');
    assert.equal(pkg.process.ppid, realProcess.ppid);
    assert.ok(pkg.violations.includes('env:LL_SECRET') && pkg.violations.includes('env:LL_NEW') && pkg.violations.includes('sys'));
  },

  'loadEnvFile: reading and each variable by themselves'() {
    const file = join(mkdtempSync(join(os.tmpdir(), 'loadlock-env-')), '.env');
    writeFileSync(file, 'LL_FILE=1\nLL_SET=2\nOTHER_FILE="3"\n');
    realProcess.env.LL_SET = 'before';
    const { process } = createPackage({ 'fs.read': [file], env: ['LL_*'] });
    process.loadEnvFile(file);
    assert.equal(realProcess.env.LL_FILE, '1');
    assert.equal(realProcess.env.LL_SET, 'before');
    assert.equal(realProcess.env.OTHER_FILE, undefined);
    assert.throws(() => process.loadEnvFile('/etc/hostname'), DENIED);
  },

  'the C library is told with one grant, the rest of a report takes two'() {
    assert.throws(() => nothing.process.report.getReport(), DENIED);
    assert.throws(() => createPackage({ observe: true }).process.report.getReport(), DENIED);
    const report = createPackage({ sys: true }).process.report.getReport();
    assert.equal(report.header.glibcVersionRuntime, realProcess.report.getReport().header.glibcVersionRuntime);
    assert.equal(report.environmentVariables, undefined);
    assert.ok(report.sharedObjects.every((file) => file.includes('musl')));
    nothing.process.report.excludeNetwork = true;
    assert.ok(createPackage({ observe: true, sys: true }).process.report.getReport().environmentVariables);
  },

  'bindings: constants and names'() {
    const { process } = nothing;
    assert.equal(process.binding('constants').os.signals.SIGTERM, 15);
    assert.equal(typeof process.binding('natives').path, 'string');
    assert.equal(typeof process.binding('util').isRegExp, 'function');
    for (const name of ['fs', 'process_wrap', 'spawn_sync', 'tcp_wrap', 'contextify', 'tty_wrap', 'os']) {
      assert.throws(() => process.binding(name), DENIED, name);
    }
    let reads = 0;
    const shifting = { toString: () => (reads++ === 0 ? 'constants' : 'fs') };
    assert.ok(process.binding(shifting).os);
  },

  'getBuiltinModule gives the package\'s views'() {
    const { process } = nothing;
    assert.equal(process.getBuiltinModule('process'), process);
    assert.equal(process.getBuiltinModule('node:process'), process);
    assert.equal(process.getBuiltinModule('no such'), undefined);
    assert.throws(() => process.getBuiltinModule(1), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.equal(process.mainModule, 'the main module');
  },

  'standard output is a stream of the package\'s own'() {
    const { process } = nothing;
    const { stdout, stderr } = process;
    assert.equal(stdout, process.stdout);
    assert.ok(stdout instanceof stream.Writable && stdout instanceof EventEmitter);
    assert.equal(stdout.fd, 1);
    assert.equal(stderr.fd, 2);
    assert.equal(stdout.isTTY, realProcess.stdout.isTTY);
    assert.equal(stdout.columns, realProcess.stdout.columns);
    assert.equal(stdout._isStdio, true);
    assert.equal(stdout.constructor, stream.Writable);
    for (let at = stdout; at !== null; at = Object.getPrototypeOf(at)) assert.doesNotMatch(at.constructor.name, /Socket|WriteStream/);
    assert.notEqual(createPackage().process.stdout, stdout);
    const mine = () => true;
    stdout.write = mine;
    assert.notEqual(createPackage().process.stdout.write, mine);
    assert.notEqual(realProcess.stdout.write, mine);
    stdout.columns = 12;
    assert.equal(stdout.columns, 12);
  },

  async 'standard output writes in order, with callbacks, and goes on after end and pipes'() {
    const written = [];
    const real = realProcess.stderr.write;
    realProcess.stderr.write = (chunk, encoding, callback) => {
      if (chunk.length > 0) written.push(`${chunk}`);
      callback?.();
      return true;
    };
    try {
      const [one, other] = [createPackage().process.stderr, createPackage().process.stderr];
      let called = 0;
      one.write('a', () => called++);
      other.write(Buffer.from('b'));
      one.write('63', 'hex', () => called++);
      await settle();
      assert.deepEqual(written.splice(0), ['a', 'b', '63']);
      assert.equal(called, 2);
      await stream.promises.pipeline(stream.Readable.from(['x', 'y']), one);
      one.write('after pipeline');
      await new Promise((resolve) => stream.Readable.from(['p']).on('end', resolve).pipe(one));
      one.write('after pipe');
      await settle();
      one.end('end');
      one.write('after end');
      await settle();
      one.write('later');
      assert.deepEqual(written, ['x', 'y', 'after pipeline', 'p', 'after pipe', 'end', 'after end', 'later']);
      const console = new (require('node:console').Console)(one, one);
      console.log('through a console');
      assert.equal(written.at(-1), 'through a console\n');
    } finally {
      realProcess.stderr.write = real;
    }
  },

  async 'standard output: an error reaches the package that wrote'() {
    const real = realProcess.stderr.write;
    realProcess.stderr.write = (chunk, encoding, callback) => {
      const error = Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
      callback(error);
      realProcess.stderr.emit('error', error);
      return false;
    };
    const { stderr } = createPackage().process;
    const seen = [];
    stderr.on('error', (error) => seen.push(error.code));
    stderr.write('x', (error) => seen.push(`callback ${error.code}`));
    await settle();
    realProcess.stderr.write = real;
    assert.deepEqual(seen, ['callback EPIPE', 'EPIPE']);
  },

  'standard input: what it is may be known, reading needs a grant'() {
    const { stdin } = nothing.process;
    assert.equal(stdin.fd, 0);
    assert.equal(stdin.isTTY, undefined);
    assert.ok(stdin instanceof stream.Readable);
    for (const use of [() => stdin.on('data', () => {}), () => stdin.resume(), () => stdin.read(), () => stdin.pipe(new stream.PassThrough()), () => nothing.process.openStdin()]) {
      assert.throws(use, DENIED);
    }
    stdin.on('error', () => {});
    stdin.unref();
  },
});
