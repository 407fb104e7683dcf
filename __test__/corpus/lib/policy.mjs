// A case's `needs` as a loadlock policy: what a reasonable minimal policy for the clean version allows.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What loading a builtin amounts to when nothing finer is said. Pure builtins need nothing. */
const OF_BUILTIN = { fs: ['fs.read'], child_process: ['child'], http: ['net.connect'], https: ['net.connect'], net: ['net.connect'], os: ['sys'], vm: ['vm'], worker_threads: ['worker'] };

/** The application is not the attacker: it may do what it likes. */
const APPLICATION = {
  'fs.read': true, 'fs.write': true, 'net.connect': true, 'net.listen': true, dns: true, env: true, child: true, worker: true, addons: true, wasm: true,
  eval: true, vm: true, sys: true, process: true, observe: true, globals: true, imports: true,
};

/**
 * Writes `loadlock.policy.jsonc`.
 * @param {object} entry  a case
 * @param {string} app  the staged application
 * @param {Record<string, string>} env  the case's environment, for the port of its service
 */
export function writePolicy(entry, app, env) {
  const packages = { '.': APPLICATION };
  for (const [name, needs] of Object.entries(entry.needs)) packages[name] = grants(needs, env);
  // Only what is installed can be granted anything; some cases name a package that only one variant has.
  writeFileSync(join(app, 'loadlock.policy.jsonc'), JSON.stringify({ version: 1, packages }, null, 2));
}

function grants({ builtins = [], globals = [], deps, net, fs, exec, native, wasm, vm }, env) {
  const granted = {};
  for (const builtin of builtins) for (const word of OF_BUILTIN[builtin] ?? []) granted[word] = true;
  if (globals.includes('fetch')) granted['net.connect'] = true;
  if (deps) granted.imports = deps;
  if (net) granted['net.connect'] = net.map((host) => host.replace('$SVC', env.LOADLOCK_SVC_PORT));
  if (fs) {
    delete granted['fs.read'];
    for (const [word, paths] of Object.entries(fs)) granted[`fs.${word}`] = paths.map((path) => path.replace('$STAGE', '$APP'));
  }
  if (exec) granted.child = exec;
  if (native) granted.addons = true;
  if (wasm) granted.wasm = true;
  if (vm) granted.vm = true;
  return granted;
}
