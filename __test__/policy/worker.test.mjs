// worker_threads under a policy, on every Node, with real threads.
//
// One row: LOADLOCK_TEST_ROWS='file' node --test __test__/policy/worker.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { authorityWith, builtins, refuses, testRows } from './rows.mjs';

const require = createRequire(import.meta.url);
let at, real, facade, descendants;

if (process.env.LOADLOCK_ROWS_ROLE === 'rows') {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'loadlock-worker-')));
  at = { root, worker: join(root, 'worker.js'), other: join(root, 'other.js'), link: join(root, 'link.js') };
  writeFileSync(at.worker, `
    const { parentPort, workerData } = require('worker_threads');
    parentPort.postMessage({ argv: process.argv.slice(2), env: process.env.OWN_SETTING, data: workerData });
    parentPort.once('message', (text) => parentPort.postMessage(text));
  `);
  writeFileSync(at.other, "require('worker_threads').parentPort.postMessage('other')");
  symlinkSync(at.other, at.link);
  process.env.OWN_SETTING = 'own';
  process.chdir(root);
  facade = require('../../js/facades/worker.js');
  real = builtins(facade);
  const closed = () => {
    throw Object.assign(new Error('closed'), { code: 'CLOSED' });
  };
  // Before the prototypes are frozen, as in js/register.js.
  descendants = require('../../js/descendants.js').createDescendants({ native: { closed, unlisted: closed }, register: at.other, policy: false });
  require('../../js/lockdown.js').lockdown();
}

function threads(files, more = {}, options) {
  const authority = authorityWith({ worker: files, ...more }, options);
  return Object.assign(facade.create.worker_threads({ authority, real }), { refused: authority.refused });
}

async function answer(worker) {
  const [message] = await once(worker, 'message');
  await worker.terminate();
  return message;
}

const rows = {
  'denied: no worker': () => {
    const { Worker, refused } = threads([]);
    assert.match(refuses(() => new Worker(at.worker)).message, /new Worker\('.*worker\.js'\)/);
    assert.deepEqual(refused, [`worker ${at.worker}`]);
  },
  'a granted file in every spelling': async () => {
    const { Worker } = threads([at.worker]);
    for (const name of [at.worker, './worker.js', `${at.root}/./x/../worker.js`, pathToFileURL(at.worker), new URL(`${pathToFileURL(at.worker)}?query#hash`)]) {
      assert.deepEqual((await answer(new Worker(name))).argv, []);
    }
  },
  'another file, whatever it is called': () => {
    const { Worker } = threads([at.worker]);
    for (const name of [at.other, './other.js', at.link, pathToFileURL(at.other), `${at.worker}/../other.js`]) refuses(() => new Worker(name));
  },
  'a name that changes after it was looked at': async () => {
    const { Worker } = threads([at.worker]);
    let reads = 0;
    const href = pathToFileURL(at.worker).href, otherHref = pathToFileURL(at.other).href;
    const duck = { protocol: 'file:', get href() { return reads++ > 0 ? otherHref : href; } };
    assert.notEqual(await answer(new Worker(duck)), 'other');
    const data = { protocol: 'data:', href, toString: () => 'data:text/javascript,1' };
    assert.notEqual(await answer(new Worker(data)), 'other');
  },
  'text needs eval, and all of worker': () => {
    const { Worker, refused } = threads([at.worker]);
    refuses(() => new Worker('1', { eval: true }));
    refuses(() => new Worker(new URL('data:text/javascript,1')));
    const withEval = threads([at.worker], { eval: true });
    refuses(() => new withEval.Worker('1', { eval: true }));
    assert.deepEqual([...refused, ...withEval.refused], ['eval', 'eval', 'worker']);
  },
  'options arrive as on stock Node': async () => {
    const { Worker } = threads([at.worker]);
    const message = await answer(new Worker(at.worker, { argv: [1, 'two'], workerData: { x: 1 }, resourceLimits: { maxOldGenerationSizeMb: 64 }, name: 'mine' }));
    assert.deepEqual(message, { argv: ['1', 'two'], env: 'own', data: { x: 1 } });
    assert.equal((await answer(new Worker(at.worker, { env: { OTHER: 1 } }))).env, undefined);
    const { SHARE_ENV } = real('worker_threads');
    assert.equal((await answer(new Worker(at.worker, { env: SHARE_ENV }))).env, 'own');
  },
  'errors of arguments are those of Node': () => {
    const { Worker } = threads([at.worker]);
    const { Worker: NodeWorker } = real('worker_threads');
    for (const args of [[5], [null], ['worker.js'], [at.worker, { argv: 'x' }], [at.worker, { env: 5 }], [at.worker, { execArgv: 5 }]]) {
      const codes = [NodeWorker, Worker].map((Class) => {
        try {
          Reflect.construct(Class, args);
        } catch (error) {
          return error.code;
        }
      });
      assert.equal(codes[0], codes[1], JSON.stringify(args));
    }
    assert.throws(() => Worker(at.worker), TypeError);
  },
  'derived classes': async () => {
    const { Worker } = threads([at.worker]);
    class Own extends Worker {
      field = 1;
      constructor() {
        super(at.worker);
      }
      ask() {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        this.postMessage('asked');
      }
    }
    const own = new Own();
    assert.ok(own instanceof Worker && own instanceof real('worker_threads').Worker);
    // Both messages may come in one turn, so nobody may wait for the second one only after the first.
    const messages = [];
    const both = new Promise((done) => own.on('message', (message) => messages.push(message) === 2 && done()));
    own.ask();
    await both;
    await own.terminate();
    assert.equal(messages[1], 'asked');
    assert.equal(own.field, 1);
  },
  'a prototype cannot watch a worker being built, and tell it to run a text': async () => {
    const { Worker } = threads([at.worker]);
    const seen = [];
    function Trap() {}
    Trap.prototype = new Proxy(real('worker_threads').Worker.prototype, {
      set(_, key, value, receiver) {
        seen.push(key);
        return Reflect.defineProperty(receiver, key, { value, writable: true, configurable: true });
      },
    });
    await answer(Reflect.construct(Worker, [at.worker], Trap));
    assert.deepEqual(seen.filter((key) => ['kHandle', 'kPort'].includes(key.description)), []);
  },
  'options of Node need all of worker and fs.write': async () => {
    const given = [
      { execArgv: ['--cpu-prof', '--cpu-prof-dir=/tmp/x'] }, { execArgv: ['--redirect-warnings=/tmp/x'] }, { execArgv: ['--expose-internals'] },
      { env: { NODE_OPTIONS: '--cpu-prof' } }, { env: { NODE_V8_COVERAGE: '/tmp/x' } }, { env: { NODE_COMPILE_CACHE: '/tmp/x' } },
    ];
    for (const made of [threads([at.worker]), threads([at.worker], { 'fs.write': true }), threads(true)]) {
      for (const options of given) refuses(() => new made.Worker(at.worker, options));
    }
    const { Worker } = threads([at.worker]);
    assert.deepEqual((await answer(new Worker(at.worker, { execArgv: ['--no-warnings'], env: { NODE_OPTIONS: '--no-warnings', OWN_SETTING: 1 } }))).env, '1');
    const all = threads(true, { 'fs.write': true });
    assert.deepEqual((await answer(new all.Worker(at.worker, { execArgv: ['--trace-uncaught'] }))).argv, []);
  },
  'the class leads to no other': () => {
    const { Worker } = threads([at.worker]);
    assert.equal(Object.getPrototypeOf(Worker), real('events').EventEmitter);
  },
  'audit: records and does the real thing': async () => {
    const { Worker, refused } = threads([], {}, { lenient: true });
    assert.equal(await answer(new Worker(at.other)), 'other');
    assert.equal(await answer(new Worker("require('worker_threads').parentPort.postMessage('text')", { eval: true })), 'text');
    assert.deepEqual(refused, [`worker ${at.other}`, 'eval', 'worker']);
  },
  'the inner port carries standard input, and cannot be moved': async () => {
    const exports = { ...real('worker_threads') };
    descendants.patch('worker_threads', exports);
    const worker = new exports.Worker(at.worker, { execArgv: ['--no-warnings'], env: exports.SHARE_ENV, stdin: true });
    const port = worker[Object.getOwnPropertySymbols(worker).find(({ description }) => description === 'kPort')];
    for (const message of [{ type: 'loadScript' }, { type: 'stdioPayload', stream: 'execArgv', chunks: [] }, { type: { toString: () => 'stdioPayload' }, stream: 'stdin' }]) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      assert.throws(() => port.postMessage(message), { code: 'CLOSED' });
    }
    const { port1 } = new MessageChannel();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    assert.throws(() => port1.postMessage(port, [port]));
    assert.throws(() => exports.moveMessagePortToContext(port, {}), { code: 'CLOSED' });
    port1.close();
    worker.stdin.end('x');
    await worker.terminate();
  },
};

await testRows(import.meta.url, 'worker_threads under a policy', rows);
