// Files that mention powerful globals get them as parameters of a wrapper or by an appended import. That must not be
// seen: positions, `arguments`, strictness, redeclarations, hashbangs, live bindings, cycles and top-level await are as
// on stock Node. Every program below prints what it finds, and must print the same with and without a policy.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

/** Where this file throws, as line:column. */
const WHERE = "const where = () => new Error('here').stack.split('\\n')[2].replace(/^.*?:(\\d+:\\d+)\\)?$/, '$1');";

const PROGRAMS = {
  'positions.cjs': `${WHERE} console.log(where(), typeof process);\nconsole.log(where(), process.argv.length,\n  where());`,
  'positions-strict.cjs': `'use strict'; ${WHERE} console.log(where(), typeof process);\n  console.log(where());`,
  'positions.mjs': `${WHERE} console.log(where(), typeof process);\n  console.log(where(), import.meta.url.slice(-13)); // no line break at the end`,
  'hashbang.cjs': `#!/usr/bin/env node\n${WHERE} console.log(where(), process.platform);`,
  'hashbang.mjs': `#!/usr/bin/env node\n${WHERE} console.log(where(), process.platform);`,
  'arguments.cjs': 'console.log(arguments.length, typeof arguments[1], arguments[0] === exports, arguments.callee.name, process.pid > 0, this === exports);',
  'this.cjs': 'console.log(typeof process, this === module.exports, (function () { return typeof this; })(), (function () { "use strict"; return typeof this; })());',
  'redeclared-var.cjs': 'var process = process || "mine"; console.log(typeof process);',
  'redeclared-let.cjs': '{ let process = 1; console.log(process); } console.log(typeof globalThis.process);',
  'redeclared-function.cjs': 'function process() { return "mine"; } console.log(process(), typeof fetch);',
  'redeclared-import.mjs': "import process from 'process'; import { env } from 'node:process'; console.log(typeof process.pid, env === process.env);",
  'redeclared-class.mjs': 'class process {} console.log(process.name, typeof globalThis);',
  'assigned.cjs': 'const before = typeof fetch; fetch = () => "mine"; console.log(before, fetch());',
  'strict-this.cjs': '"use strict"; console.log((function () { return this; })(), typeof process);',
  'return.cjs': 'console.log(typeof process); if (process) return; console.log("never");',
  'generator.cjs': 'const it = (function* () { yield typeof process; yield this === undefined; })(); console.log([...it]);',
  'eval-local.cjs': 'const secret = 41; console.log(eval("secret + 1"), typeof eval("process"), (0, eval)("typeof secret"));',
  'function.cjs': 'console.log(new Function("a", "return a + 1")(1), Function.prototype === (() => {}).__proto__, (() => {}) instanceof Function, Function.name, Function.length);',
  'root.cjs': 'console.log(typeof Function("return this")().setTimeout, typeof globalThis.process, globalThis === globalThis.globalThis, global === globalThis);',
  'tla.mjs': 'const value = await new Promise((done) => setTimeout(done, 1, typeof process)); console.log(value); export default value;',
  'live.mjs': "import { count, add } from './counter.mjs'; add(); console.log(count, process.argv.length); add(); console.log(count);",
  'counter.mjs': 'export let count = 0; export const add = () => { count += process.argv.length > 0 ? 1 : 2; };',
  'cycle.mjs': "import { b } from './cycle-b.mjs'; export function a() { return typeof process.env; } console.log(a(), b);",
  'cycle-b.mjs': "import { a } from './cycle.mjs'; export const b = a();",
  'star.mjs': "import * as all from './many.mjs'; console.log(Object.keys(all).join(), all[Symbol.toStringTag]);",
  'many.mjs': 'export const one = typeof process; export default 2; export { one as "with space" };',
  'dynamic.cjs': "import('./many.mjs').then((all) => console.log(all.one, typeof process));",
  'require-esm.cjs': "const all = require('./many.mjs'); console.log(all.one, typeof process);",
  'json.cjs': "console.log(require('./package.json').name, require.resolve('./json.cjs').slice(-8), module.id, module.filename.slice(-8), module.paths.length > 0, require.main === module);",
  'typeof.cjs': 'console.log(typeof undefinedName, typeof fetch, typeof WebSocket === "undefined" || typeof WebSocket, typeof navigator);',
  'instanceof.mjs': "import { EventEmitter } from 'events'; console.log(process instanceof EventEmitter, Object.prototype.toString.call(process), process.constructor !== Object, new URL('http://a/') instanceof URL);",
  'uncaught.cjs': 'console.log(typeof process);\n  null.property;',
  'uncaught.mjs': 'console.log(typeof process);\n  null.property;',
  'destructured.cjs': 'const { env, argv, versions: { node } } = process; console.log(typeof env.PATH, argv.length, node.length > 3); const { process: again } = globalThis; console.log(again === process);',
  'default-parameter.cjs': 'function f(p = process, q = () => p) { var p; return q() === process; } console.log(f());',
  'html-comment.cjs': 'console.log(typeof process);\n<!-- a comment\n--> another\nconsole.log("end");',
  'deep.cjs': 'console.log((() => (() => (() => [typeof process, typeof globalThis.fetch])())())());',
  'with.cjs': 'with ({ process: "shadow" }) { console.log(process); } console.log(typeof process);',
  'label.cjs': 'process: for (;;) { break process; } console.log(typeof process);',
  // Builtins that are hardened inside leave the package's own store alone.
  'store.cjs': `const { AsyncLocalStorage } = require('async_hooks'); const store = { nested: {} }; class Own {} const own = new Own();
    new AsyncLocalStorage().run(store, () => new AsyncLocalStorage().run(own, () => { for (const name of ['stream/web', 'http', 'zlib', 'crypto', 'readline', 'fs', 'worker_threads', 'perf_hooks', 'net', 'tls', 'http2']) require(name); typeof fetch; }));
    Own.prototype.later = 1; store.more = 1; console.log(Object.isFrozen(store), Object.isFrozen(store.nested), Object.isExtensible(Own.prototype), own.later, store.more);`,
  'bom.cjs': `\uFEFF${WHERE} console.log(where(), typeof process);`,
  'bom.mjs': `\uFEFF${WHERE} console.log(where(), typeof process);`,
};

const SUPPORT = new Set(['counter.mjs', 'cycle-b.mjs', 'many.mjs']);
const app = join(scratch('language'), 'app');

before(async () => {
  const everything = { 'fs.read': true, 'net.connect': true, env: true, eval: true, sys: true, process: true };
  write(app, { 'package.json': { name: 'language' }, ...PROGRAMS, 'loadlock.policy.jsonc': { version: 1, packages: { '.': everything } } });
  await seal(app);
});

describe('the language under a policy', { concurrency: 2 }, () => {
  for (const name of Object.keys(PROGRAMS)) {
    if (SUPPORT.has(name)) continue;
    it(name, async () => {
      for (const node of nodes()) {
        const { args, env } = await protectedArgs();
        const run = (protection) => runNode(node.path, [...protection, '--no-warnings', join(app, name)], { cwd: app, env });
        const [stock, ours] = [await run([]), await run(args)];
        assert.equal(ours.stdout, stock.stdout, `Node ${node.version}: ${describeRun(ours)}`);
        assert.equal(ours.code, stock.code, `Node ${node.version}: ${describeRun(ours)}`);
        // The place of an uncaught error; the excerpt of a first line shows our wrapper (SECURITY.md).
        assert.equal(place(ours.stderr), place(stock.stderr), `Node ${node.version}: ${describeRun(ours)}`);
      }
    });
  }
});

function place(stderr) {
  return /^(.*\.[cm]js:\d+)$/m.exec(stderr)?.[1];
}
