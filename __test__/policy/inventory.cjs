// Prints the names that this Node exports from its builtins, has on `process` and on the global object.
'use strict';
const { builtinModules } = require('module');
const { spawnSync } = require('child_process');

/** Builtins behind a flag, and those that `builtinModules` of older lines leaves out. */
const FLAGS = ['--experimental-vfs', '--experimental-bench', '--experimental-stream-iter'];
const MORE = ['bench', 'bench/reporters', 'sea', 'sqlite', 'stream/iter', 'test', 'test/reporters', 'vfs', 'zlib/iter'];

const flags = FLAGS.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag) && !process.execArgv.includes(flag));
if (flags.length > 0) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, ...flags, __filename], { encoding: 'utf8' });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = status;
} else {
  print();
}

function print() {
  // Before anything is loaded that would add to them.
  const globals = names(globalThis);
  const own = names(process);
  const modules = {};
  // `tls` first: Node's own _tls_wrap breaks it when it comes first.
  for (const name of new Set(['tls', ...builtinModules.map((name) => name.replace(/^node:/, '')), ...MORE])) {
    const exports = load(name);
    if (exports !== undefined) modules[name] = names(exports);
  }
  // What is inherited is called on these two.
  const emitter = names(require('events').prototype).filter((name) => name !== 'constructor');
  modules.cluster = [...new Set([...modules.cluster, ...emitter])];
  const inherited = names(Object.getPrototypeOf(process));
  const all = [...new Set([...own, ...inherited, ...emitter])];
  modules.process = all;
  process.stdout.write(JSON.stringify({ modules, process: all, globals }));
}

function load(name) {
  try {
    return process.getBuiltinModule(`node:${name}`);
  } catch {
    // Compiled out, or behind a flag that this Node does not have.
    return undefined;
  }
}

function names(object) {
  return Reflect.ownKeys(object).filter((key) => typeof key === 'string');
}
