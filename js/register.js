'use strict';
// `node --require loadlock/register app.js`. Everything below runs before any other code of the process, in this order:
// capture intrinsics, refuse a start that cannot be protected, open the seal, take the loader over, lock the realm.

const { writeSync } = require('fs');
const Module = require('module');
const path = require('path');
const { readOwnModules } = require('./own-modules.js');

const own = readOwnModules();
const { process } = own.load('./intrinsics.js');

/**
 * Loading `worker_threads` to ask costs the main thread 7 ms. There, and only there, `process.chdir` works; elsewhere Node
 * replaces it by a function that says so (lib/internal/process/worker_thread_only.js).
 */
const isMainThread = process.chdir.disabled !== true;

/** Part of the shim, but loaded elsewhere. */
const OWN_ELSEWHERE = ['hooks-thread.mjs'].map((name) => path.join(__dirname, name));

// Node runs preloads in its own hooks thread too. That thread runs no code of the application.
if (!isHooksThread()) register();

function register() {
  let native;
  try {
    native = own.load('./native.js').createNative();
    const problems = own.load('./preflight.js').problems({ register: __filename, own: [__filename, path.join(__dirname, 'own-modules.js')], isMainThread, self: module });
    if (problems.length > 0) throw problems[0];
    start(native);
  } catch (error) {
    refuseStart(error, native);
  }
}

function start(native) {
  const features = own.load('./node-features.js');
  const report = native.start({
    main: process.argv[1] === undefined ? undefined : path.resolve(process.argv[1]),
    cwd: process.cwd(),
    extensions: Object.keys(Module._extensions),
    requireConditions: requireConditions(features),
    builtins: Module.builtinModules,
    nodePath: (process.env.NODE_PATH ?? '').split(path.delimiter).filter(Boolean).map((directory) => path.resolve(directory)),
    hashSlash: features.hashSlash,
  });
  for (const warning of report.warnings) tell(warning);
  const environment = {};
  for (let at = 0; at < report.childEnvironment.length; at += 2) {
    environment[report.childEnvironment[at]] = report.childEnvironment[at + 1];
  }
  native = Object.freeze({ __proto__: null, ...native, root: report.root, childEnvironment: () => environment });
  if (report.policy) own.readFacades();
  native.selfCheck([...own.files(), ...OWN_ELSEWHERE, own.load('./binding.js').file]);

  const descendants = own.load('./descendants.js').createDescendants({ native, register: __filename, policy: report.policy });
  const builtins = own.load('./builtins.js').createBuiltins({ native, descendants });
  const authorityOf = report.policy ? own.load('./authority.js').createAuthorities(native, report.reportsOnly) : undefined;
  const compartments = own.load('./compartments.js').createCompartments({ native, builtins, authorityOf });
  const linker = own.load('./commonjs.js').createLinker({ native, builtins, register: __filename, audit: report.audit, compartments });
  const { createModuleFacade } = own.load('./module-facade.js');
  const views = report.policy
    ? own.load('./views.js').createViews({ native, builtins, descendants, linker, compartmentOf: compartments.of })
    : undefined;
  compartments.connect({
    linker,
    viewsOf: views?.viewsOf,
    createModuleFacade: (compartment) => createModuleFacade({ native, linker, compartment }),
  });
  builtins.provide('module', compartments.of('').builtin('node:module'));

  // Last of our own files: once the loader is ours, they are as closed to it as any other file outside the seal.
  const { lockdown } = own.load('./lockdown.js');
  const { hideReceivers } = own.load('./stack-traces.js');
  const { createHooks, createChannel } = own.load('./esm.js');
  const channel = openChannel(
    createChannel({
      native,
      linkForImport: linker.linkForImport,
      builtin: (name, location) => (location === undefined ? builtins.facade(name) : compartments.of(location).builtin(name)),
      globalOf: (location, name) => compartments.of(location).global(name),
    }),
    native,
  );
  const hooks = createHooks({
    native, isBuiltin: builtins.isBuiltin, facadeKeys: builtins.facadeKeys, touch: builtins.touch, channel, register: __filename,
    audit: report.audit, policy: report.policy, sealedWasm: views?.allowSealedWasm,
  });
  if (features.registerHooks) {
    Module.registerHooks(hooks);
  } else {
    hookThroughThread({ audit: report.audit, policy: report.policy, builtins, channel, hooks, linker, native });
  }
  closeLoader(linker.funnel);
  builtins.installOnProcess();
  hideChannelWarning();
  native.ignoreInspectorSignal();
  if (report.reportsOnly) summariseAtExit(native);
  verifyApplicationThatRequiredUs(native);
  if (views !== undefined) {
    const facts = native.policyFacts();
    views.prepare(facts);
    runPatches({ native, compartments, linker });
    hideReceivers();
    views.close(facts);
  }
  if (report.lockdown) lockdown();
}

/** What the policy names under `patch`: it changes intrinsics, so it runs, verified, before they are frozen. */
function runPatches({ native, compartments, linker }) {
  const preloads = native.preloads();
  for (let at = 0; at < preloads.length; at += 2) {
    linker.createRequire(path.join(native.root, preloads[at], 'loadlock-patch.js'), compartments.of(preloads[at]))(preloads[at + 1]);
  }
}

/** Node's own way in: the entry point, later preloads. One frozen object, so nobody can put a handler beside ours. */
function closeLoader(funnel) {
  const extensions = Object.create(null);
  for (const key of Object.keys(Module._extensions)) extensions[key] = funnel;
  Object.defineProperty(Module, '_extensions', {
    __proto__: null, value: Object.freeze(extensions), writable: false, enumerable: true, configurable: false,
  });
}

/**
 * The binding that generated stubs call. It is a lexical one: no property of the global object, so nothing can list
 * it, and its name is random. What it answers to is a one-time token.
 */
function openChannel(redeem, native) {
  const secret = native.issueToken('channel');
  // Only its randomness is wanted: as a token it must not stay valid.
  native.redeemToken(secret);
  const name = `loadlock$${secret}`;
  const { Script } = require('vm');
  const slot = `__${name}`;
  Object.defineProperty(globalThis, slot, { value: redeem, configurable: true });
  new Script(`const ${name} = globalThis.${slot};`).runInThisContext();
  delete globalThis[slot];
  return name;
}

/**
 * Node 20 has hooks only in another thread, and starting it takes tens of milliseconds. Where this preload comes by
 * `--require`, it starts when the first ES module is near: an application of CommonJS alone never pays for it. In every
 * other case Node's ES loader may be at work already, so it starts now.
 */
function hookThroughThread({ audit, policy, builtins, channel, hooks, linker, native }) {
  const { pathToFileURL } = require('url');
  const { PATCHED_BUILTINS } = own.load('./descendants.js');
  const { register } = Module;
  const file = pathToFileURL(path.join(__dirname, 'hooks-thread.mjs'));
  let started = false;
  builtins.onModules(() => {
    if (started) return;
    started = true;
    // The hooks thread cannot patch builtins of this thread when they are imported, so that happens now.
    for (const name of PATCHED_BUILTINS) if (builtins.isBuiltin(`node:${name}`)) builtins.load(name);
    register(file, { data: { audit, policy, shim: __filename, channel, facades: { 'node:module': builtins.facadeKeys('node:module') } } });
  });
  const { createInliner } = own.load('./static-imports.js');
  const conditions = ['node', 'import', 'module-sync', 'node-addons', ...userConditions()];
  linker.useInliner(createInliner({ native, hooks, run: (file) => linker.linkForImport(file, false), channel, conditions }));
  if (isMainThread && module.parent?.id === 'internal/preload') runSealedMain({ builtins, native });
  else builtins.prepareForModules();
}

/**
 * Node 20 decides between its two loaders by what package.json says on disk. Here the seal decides, and the hooks are
 * there before the ES loader sees an entry point.
 */
function runSealedMain({ builtins, native }) {
  const { runMain, _load: load } = Module;
  const { preloads, startOptions } = own.load('./preflight.js');
  const imports = preloads(startOptions()).some(({ flag }) => flag === '--import');
  Object.defineProperty(Module, 'runMain', {
    __proto__: null, writable: false, enumerable: true, configurable: false,
    value(main = process.argv[1]) {
      const filename = native.resolveRequire(path.resolve(main), path.resolve('noop.js'));
      if (filename.startsWith('!')) {
        // Node words the error; nothing that it finds instead can load.
        builtins.prepareForModules();
        return runMain(main);
      }
      const format = native.entry(filename) & 7;
      if (!imports && format !== 1 && format !== 6) return load(filename, null, true);
      builtins.prepareForModules();
      return runMain(filename);
    },
  });
}

/** `require('loadlock/register')` as the first line of the application: its own file ran before us. */
function verifyApplicationThatRequiredUs(native) {
  for (let cursor = module.parent; cursor; cursor = cursor.parent) {
    if (cursor.id !== '.') continue;
    native.text(cursor.filename);
    tell(
      `${cursor.filename} requires loadlock/register itself. That is weaker than \`node --require loadlock/register\`: its ` +
        'first lines ran before anything was checked, and its own `require` stays Node\'s.',
    );
  }
}

/** Node warns once that the default loader is used for import() in scripts. That is our doing, not the application's. */
function hideChannelWarning() {
  const emitWarning = process.emitWarning;
  process.emitWarning = function (warning, ...rest) {
    if (typeof warning === 'string' && warning.startsWith('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER')) {
      if (process.emitWarning === filter) process.emitWarning = emitWarning;
      return;
    }
    return Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  const filter = process.emitWarning;
}

function requireConditions(features) {
  const conditions = ['require', 'node'];
  if (!process.execArgv.includes('--no-addons')) conditions.push('node-addons');
  if (features.moduleSync) conditions.push('module-sync');
  return [...conditions, ...userConditions()];
}

/** The values of `-C` and `--conditions`. */
function userConditions() {
  const conditions = [];
  const options = own.load('./preflight.js').startOptions();
  for (let at = 0; at < options.length; at++) {
    const match = /^(?:-C|--conditions)(?:=(.*))?$/.exec(options[at]);
    if (match !== null) conditions.push(match[1] ?? options[++at]);
  }
  return conditions;
}

function isHooksThread() {
  if (isMainThread) return false;
  const { isInternalThread, parentPort } = require('worker_threads');
  // `isInternalThread` says so from 22.14 on. On 20 that thread is the only one that has no parent to talk to.
  return isInternalThread ?? parentPort === null;
}

function summariseAtExit(native) {
  process.on('exit', () => {
    const lines = native.auditSummary();
    if (lines.length > 0) tell(`audit: ${lines.length} kinds of violation would have been refused\n  ${lines.join('\n  ')}`);
  });
}

/** Nothing runs: say why and end the process. In audit mode say why, and let Node start without protection. */
function refuseStart(error, native) {
  let audit = false;
  try {
    audit = native?.isAudit() ?? false;
  } catch {
    // The setting itself is unreadable: enforce.
  }
  const { code = 'ERR_LOADLOCK_SELF_CHECK', message } = error;
  tell(`${audit ? 'audit: not protecting this process' : 'refusing to start'}: ${message}`);
  // Ours to mend: where it happened matters more than what it says.
  if (code === 'ERR_LOADLOCK_SELF_CHECK') tell(`${error.stack}`.slice(`${error.stack}`.indexOf('\n    at ') + 1));
  if (audit) return;
  const untrusted = ['ERR_LOADLOCK_SIGNATURE', 'ERR_LOADLOCK_ROLLBACK', 'ERR_LOADLOCK_EXPIRED'].includes(code);
  process.reallyExit(untrusted ? 3 : 1);
}

/** Straight to the descriptor: touching process.stderr would load streams, and an exit would lose what they hold. */
function tell(text) {
  try {
    writeSync(2, `loadlock: ${text}\n`);
  } catch {
    // Nobody reads standard error; the exit status still tells.
  }
}
