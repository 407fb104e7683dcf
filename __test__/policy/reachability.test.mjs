// What a package reaches from everything that it gets, in a sealed application on every Node: none of Node's real powers
// that it is not wholly granted, and nothing that another package reaches too and that one of them can change.
//
// Both are found by walking the graph of objects from the builtins, the globals, the module and samples of everything that
// can be made (reachability/view.cjs). The allow-lists below are short, and each entry says why.
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** By kind of package: its grants. */
const KINDS = {
  nothing: {},
  scoped: {
    'fs.read': ['$PKG/**'], 'fs.write': ['$TMP/**'], 'net.connect': ['127.0.0.1:*'], 'net.listen': ['127.0.0.1:*'], env: ['PATH'], child: ['node'], worker: ['$PKG/**'],
    process: ['stdin', 'signals', 'chdir'],
  },
  whole: { 'fs.read': true, 'fs.write': true, 'net.connect': true, 'net.listen': true, dns: true, env: true, child: true, worker: true, sys: true, process: true },
};

/**
 * Native classes, by name. Without one a package could make no object that it does not get from the builtin anyway; none of
 * them reads, writes, connects or runs anything by itself. The nameless ones are abstract.
 */
const NATIVE = new Set([
  '', 'AbstractModuleSource', 'AsyncWrap', 'Blob', 'BlockList', 'CipherBase', 'CompileError', 'Deserializer', 'Exception', 'Global', 'HandleWrap', 'Hash', 'Histogram', 'JSTransferable', 'LibuvStreamWrap', 'LinkError', 'Memory',
  'MessageChannel', 'MessagePort', 'RuntimeError', 'SecureContext', 'Serializer', 'Session', 'Sign', 'StatementSync', 'Storage', 'SuspendError', 'Suspending', 'Table', 'Tag',
  'URLPattern', 'Zlib', 'backup', 'errname',
]);

/** Real functions that are reached all the same, and why they may be. */
const POWERFUL = [
  // Makes a socket that somebody has already into one that speaks HTTP. Every server shows it among its listeners.
  /^(?:_http_server|http)\._connectionListener by /,
  // Starts the timer of a server, on the server that it is called on.
  /^_http_server\.setupConnectionsTracking by /,
];

/** What can be changed and is shared, and why it may be. */
const SHARED = [
  // Libraries add to them (reflect-metadata, core-js); what is there already is fixed, and so is what `instanceof` says.
  /^globalThis\.(?:Object|Number|Number\.prototype|Date|Date\.prototype|JSON|Math|Intl|Atomics|Iterator|Reflect|console): new properties$/,
  /^require\('console'\)(?:\.__proto__)?: new properties$/,
  // Meant to be set by whoever formats stacks (js/stack-traces.js), and read by nobody who decides by it.
  /^globalThis\.Error: (?:new properties, )?stackTraceLimit(?:, prepareStackTrace)?$/,
  // Freezing it makes split and replace six to eight times slower. SECURITY.md says so.
  /^globalThis\.RegExp\.prototype: /,
  // The pool that small buffers are cut from. Without it a server answers a fifth fewer requests. SECURITY.md says so.
  /^a buffer\.(?:parent|buffer): /,
  // The default status of a response. As an accessor it costs a fifth of a server's requests. SECURITY.md says so.
  /^a server response\.__proto__: statusCode, statusMessage$/,
  // Generators that were compiled to ES5 assign it on objects that inherit from here (js/lockdown.js).
  /: Symbol\(Symbol\.iterator\)$/,
  // Sizes and switches that Node reads from there: how much memory a pool takes, whether `domain` is loaded, whether emitters
  // catch rejections. Every emitter's constructor assigns the last one, so as an accessor it would be slow.
  /^(?:globalThis\.Buffer: poolSize|require\('events'\): usingDomains)$/,
  /: Symbol\(kCapture\)$/,
  // A channel under a name of one's own is where packages meet on purpose.
  /^a channel of its own: /,
  // A list of options of Node, which the class answers from another list than a package could change.
  /^require\('process'\)\.allowedNodeEnvironmentFlags/,
  // Node 20: to assign anything but a function ends the process, to define it anew is not possible.
  /: onread$/,
  // Memory that everybody with the whole of the file system has.
  /^globalThis\.sessionStorage: /,
  // Text.
  /^names\.WebAssembly\.\w+Error\.prototype: name, message$/,
  // The whole environment is granted, so it is everybody's who has that grant.
  /^the environment: /,
];

const app = join(scratch('reachability'), 'app');

before(async () => {
  const packages = { '.': { imports: true, inspector: true, ffi: true, process: true, 'fs.write': true } };
  const files = { 'package.json': { name: 'reachability' }, 'table.json': JSON.parse(readFileSync(here('../../src/policy/builtins.json'), 'utf8')) };
  for (const [kind, grants] of Object.entries(KINDS)) {
    for (const name of [`${kind}-one`, `${kind}-two`]) {
      packages[name] = grants;
      files[`node_modules/${name}/package.json`] = { name, main: 'view.cjs' };
      files[`node_modules/${name}/view.cjs`] = readFileSync(here('./reachability/view.cjs'), 'utf8');
      files[`node_modules/${name}/thread.cjs`] = 'setTimeout(() => {}, 1e6)';
    }
  }
  files['loadlock.policy.jsonc'] = { version: 1, packages };
  write(app, files);
  for (const name of ['judge.cjs', 'walk.cjs']) cpSync(here(`./reachability/${name}`), join(app, name));
  await seal(app);
});

for (const node of nodes()) {
  describe(`reachability, Node ${node.version}`, { concurrency: 1 }, () => {
    for (const [title, kind, giver] of [
      ...Object.keys(KINDS).map((kind) => [`packages granted: ${kind}`, kind]),
      ['a package without grants that is handed objects of one with many', 'nothing', 'whole-one'],
    ]) {
      it(title, async () => {
        const { args, env } = await protectedArgs();
        const whole = Object.keys(KINDS[kind]).filter((word) => KINDS[kind][word] === true);
        const parameters = [`${kind}-one`, `${kind}-two`, JSON.stringify(whole), ...(giver === undefined ? [] : [giver])];
        const run = await runNode(node.path, [...args, '--no-warnings', join(app, 'judge.cjs'), ...parameters], { cwd: app, env });
        const line = run.stdout.split('\n').find((text) => text.startsWith('{"reached"'));
        assert.ok(line !== undefined, describeRun(run));
        const { reached, powerful, native, shared } = JSON.parse(line);
        assert.ok(reached.every((count) => count > 3000), `a walk of ${reached} objects has not seen everything`);
        assert.deepEqual(powerful.filter((found) => !POWERFUL.some((known) => known.test(found))), []);
        assert.deepEqual(native.filter((found) => !NATIVE.has(found.slice(0, found.indexOf(' by ')))), []);
        assert.deepEqual(shared.filter((found) => !SHARED.some((known) => known.test(found))), []);
      });
    }
  });
}
