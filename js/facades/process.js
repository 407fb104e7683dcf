'use strict';
// `process` as one package sees it. Its members come from the builtin table (src/policy/builtins.json, `process`): free
// ones are Node's own, hidden and unknown ones are not there, the rest is refused when it is used. Members that are data
// and not granted look absent, as they would in a process that does not have them.

const EventEmitter = require('events');
const { isBuiltin } = require('module');
const { isAbsolute, resolve } = require('path');
const { fileURLToPath } = require('url');
const {
  ArrayIsArray,
  ArrayPrototypePush,
  JSONParse,
  JSONStringify,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  ReflectApply,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeMap,
  SafeSet,
  String,
  StringPrototypeIncludes,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  TypeError,
  URL,
  process,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { createStarter } = require('./child.js');
const { createEnvironment } = require('./environment.js');
const { harden } = require('./harden.js');
const { createEvents } = require('./process-events.js');
const { createInput, createOutput } = require('./stdio.js');

const { emitWarning, getBuiltinModule } = process;

/** How the builtin table marks a member that nobody gets. */
const HIDDEN = '-';

/** Bindings that only tell constants and names; anything else starts below every check. */
const HARMLESS_BINDINGS = new SafeSet(['config', 'constants', 'natives', 'util', 'uv']);

/** Switches of Node that a package may set for itself; whoever has the whole grant sets them for everybody. */
const SWITCHES = ['noDeprecation', 'noProcessWarnings', 'throwDeprecation', 'traceDeprecation', 'traceProcessWarnings'];

/** Copies of the package `signal-exit` find each other here, to tell their own signal handlers from others. */
const RENDEZVOUS = ['__signal_exit_emitter__'];
const met = { __proto__: null };

/** What later packages see: the application may prepare the arguments of a command that it loads then. */
let commandLine = process.argv;

/** The state of a package behind its `process`, found from that or from an object derived from it. */
const stateOf = (() => {
  // Makes a class derived from it put its private fields on the object that it is given.
  function Base(object) {
    return object;
  }
  class Stamp extends Base {
    #state;

    static attach(object, state) {
      new Stamp(object).#state = state;
    }

    static find(object) {
      let at = object;
      while (at !== null && !(#state in at)) at = ObjectGetPrototypeOf(at);
      if (at === null) throw new TypeError('Illegal invocation');
      return at.#state;
    }
  }
  const { find } = Stamp;
  find.attach = Stamp.attach;
  return find;
})();

/** What does not depend on the package: the members in their order. Made once. */
let plan;

/**
 * @param {object} context
 * @param {import('../authority.js').Authority} context.authority
 * @param {(name: string) => any} context.real  Node's own exports
 * @param {(name: string) => any} context.view  the package's facade of another builtin
 * @param {(name: string) => {names: string[], rules: string[]}} context.rule  of the builtin table
 * @param {(module: object, filename: string, flags?: number) => void} context.dlopen  maps a sealed native binding
 * @param {() => unknown} context.mainModule  what the package sees as `process.mainModule`
 * @returns {NodeJS.Process}
 */
function createProcess(context) {
  plan ??= createPlan(context.rule('process'));
  const { authority } = context;
  const facade = ObjectCreate(createEvents(authority, () => facade));
  stateOf.attach(facade, {
    __proto__: null, authority, context, facade, environment: createEnvironment(authority), values: { __proto__: null },
  });
  const methods = createMethods(context, facade);
  for (let at = 0; at < plan.length; at++) {
    const { name, checks, descriptor, value } = plan[at];
    if (descriptor !== undefined) ReflectDefineProperty(facade, name, descriptor);
    else if (name in methods) facade[name] = methods[name];
    else facade[name] = isWhole(authority, checks) ? value : guarded(value, name, checks, authority);
  }
  return facade;
}

module.exports = { createProcess };

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {{capability: string, word?: string}[]} checks  what it needs
 * @property {PropertyDescriptor} [descriptor]  the same for every package; an accessor finds the package's state by itself
 * @property {Function} [value]  else: Node's own function
 */

/** @returns {Member[]} */
function createPlan(table) {
  const rules = rulesOf(table), accessors = createAccessors(), members = [];
  const names = ReflectOwnKeys(process);
  for (let at = 0; at < names.length; at++) {
    const name = names[at];
    // Methods of the emitter are on the prototype, where Node has them.
    if (typeof name !== 'string' || name in EventEmitter.prototype || !rules.has(name)) continue;
    const { enumerable, configurable, value, writable } = ObjectGetOwnPropertyDescriptor(process, name);
    const checks = rules.get(name);
    let descriptor = accessors[name];
    if (descriptor !== undefined) {
      descriptor.enumerable = enumerable;
    } else if (typeof value === 'function') {
      share(value);
    } else if (checks.length === 0 && writable === false && typeof value !== 'object') {
      descriptor = { __proto__: null, value, writable, enumerable, configurable };
    } else {
      descriptor = accessor(name, (state) => readNode(state, name, checks, share), undefined, enumerable);
    }
    ArrayPrototypePush(members, { __proto__: null, name, checks, descriptor, value });
  }
  // Node makes some when they are first set.
  const late = ['exitCode', 'mainModule', ...SWITCHES, ...RENDEZVOUS];
  for (let at = 0; at < late.length; at++) {
    if (ObjectPrototypeHasOwnProperty(process, late[at])) continue;
    accessors[late[at]].enumerable = false;
    ArrayPrototypePush(members, { __proto__: null, name: late[at], checks: [], descriptor: accessors[late[at]], value: undefined });
  }
  return members;
}

/** By member: the capabilities that it needs, each with its word. */
function rulesOf({ names, rules }) {
  const found = new SafeMap();
  for (let at = 0; at < names.length; at++) {
    if (rules[at] === HIDDEN) continue;
    const checks = [];
    const parts = rules[at] === '' ? [] : StringPrototypeSplit(rules[at], '+');
    for (let part = 0; part < parts.length; part++) {
      const words = StringPrototypeSplit(parts[part], ':');
      ArrayPrototypePush(checks, { __proto__: null, capability: words[0], word: words[1] });
    }
    found.set(names[at], checks);
  }
  return found;
}

/** An accessor for every package. `read` and `write` get the state of the package whose `process` it is. */
function accessor(name, read, write, enumerable = true) {
  return {
    __proto__: null,
    get: ObjectFreeze(function () {
      return read(stateOf(this));
    }),
    set: ObjectFreeze(function (value) {
      if (write === undefined) store(this, name, value);
      else write(stateOf(this), value);
    }),
    enumerable,
    configurable: true,
  };
}

/** Members that are data. */
function createAccessors() {
  const accessors = { __proto__: null };

  function define(name, read, write) {
    accessors[name] = accessor(name, read, write);
  }
  function lazily(name, make) {
    define(name, (state) => store(state.facade, name, make(state)));
  }
  function demand({ authority }, word, attempt) {
    authority.demand('process', word, attempt);
  }

  // The start of the process.
  lazily('argv', ({ authority }) => {
    const copy = copyArray(commandLine);
    if (authority.location === '') commandLine = copy;
    return copy;
  });
  lazily('execArgv', () => copyArray(process.execArgv));
  lazily('release', () => ({ ...process.release }));
  lazily('domain', () => null);
  define('env', ({ environment }) => environment.get(), ({ environment }, value) => environment.set(value));
  define('mainModule', ({ context }) => context.mainModule?.());
  define('title', () => process.title, (state, value) => {
    const title = String(value);
    if (title === process.title) return;
    demand(state, 'title', `process.title = '${title}'`);
    process.title = title;
  });
  define('debugPort', () => process.debugPort, ({ authority }, value) => {
    authority.demand('inspector', undefined, 'process.debugPort = …');
    process.debugPort = +value;
  });

  // Standard streams.
  lazily('stdout', ({ context }) => createOutput('stdout', context.real));
  lazily('stderr', ({ context }) => createOutput('stderr', context.real));
  lazily('stdin', ({ authority, context }) => createInput(authority, context.real));

  // The end of the process.
  define('exitCode', () => process.exitCode, (state, value) => {
    if (value === process.exitCode) return;
    demand(state, 'exit', 'process.exitCode = …');
    process.exitCode = value;
  });

  // A parent process.
  const ipc = [{ __proto__: null, capability: 'process', word: 'ipc' }];
  for (const name of ['send', 'disconnect']) {
    define(name, (state) => readNode(state, name, ipc, (method) => guarded(method, name, ipc, state.authority)));
  }
  define('connected', ({ authority }) => process.connected && (permitsAll(authority, ipc) || authority.lenient));
  define('channel', (state) => readNode(state, 'channel', ipc, channelOf));

  lazily('report', ({ authority }) => createReport(authority));
  for (const name of SWITCHES) {
    define(name, () => process[name], ({ authority, facade }, value) => {
      if (authority.whole('process')) process[name] = value;
      else store(facade, name, value);
    });
  }
  for (const name of RENDEZVOUS) {
    define(name, () => met[name], (_, value) => {
      met[name] = value;
    });
  }
  return accessors;
}

/** Members that are functions and more than Node's behind a rule. */
function createMethods({ authority, view, dlopen, real }, facade) {
  return {
    __proto__: null,
    openStdin() {
      const { stdin } = facade;
      stdin.resume();
      return stdin;
    },
    umask(...args) {
      if (args.length > 0 && args[0] !== undefined) authority.demand('process', 'umask', 'process.umask(…)');
      return ReflectApply(process.umask, process, args);
    },
    emitWarning(...args) {
      return ReflectApply(emitWarning, process, args);
    },
    getBuiltinModule(id) {
      if (typeof id !== 'string') return ReflectApply(getBuiltinModule, process, [id]);
      return isBuiltin(id) ? view(StringPrototypeStartsWith(id, 'node:') ? StringPrototypeSlice(id, 5) : id) : undefined;
    },
    binding(id) {
      const name = `${id}`;
      if (!HARMLESS_BINDINGS.has(name)) authority.demand('ffi', undefined, `process.binding('${name}')`);
      const binding = ReflectApply(process.binding, process, [name]);
      return HARMLESS_BINDINGS.has(name) ? copyBinding(name, binding) : binding;
    },
    dlopen(module, filename, flags) {
      const path = typeof filename === 'string' && !StringPrototypeIncludes(filename, '\0') ? absolute(filename) : undefined;
      const file = path === undefined ? filename : authority.demandPath('addons', path, true, `process.dlopen('${path}')`);
      return dlopen(module, file, flags);
    },
    execve(path, args, env) {
      // Node says what is wrong with anything else, before it does anything.
      if (typeof path !== 'string' || !ArrayIsArray(args) || (env !== undefined && (env === null || typeof env !== 'object'))) {
        authority.demand('child', typeof path === 'string' ? path : undefined, 'process.execve()');
        throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'process.execve() takes a path, a list of arguments and an environment');
      }
      const name = args.length === 0 ? path : `${args[0]}`;
      const more = [];
      for (let at = 1; at < args.length; at++) ArrayPrototypePush(more, `${args[at]}`);
      // Found where it is now, whatever a PATH says: execve(2) takes a path.
      const { file, args: decided, options } = createStarter({ authority }).decide('execve', resolve(path), more, { __proto__: null, argv0: name, env });
      return ReflectApply(process.execve, process, [file, [options.argv0, ...decided], options.env]);
    },
    loadEnvFile(path = '.env') {
      loadEnvFile(authority, real, path, facade.env);
    },
  };
}

function store(target, name, value) {
  ReflectDefineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** Node's member, absent for a package that is not granted it; `make` turns an object into what the package gets. */
function readNode({ authority, values }, name, checks, make) {
  const current = process[name];
  if (current === undefined || name in values) return values[name];
  if (!permitsAll(authority, checks)) {
    for (let at = 0; at < checks.length; at++) authority.note(checks[at].capability, checks[at].word, `process.${name}`);
    // Once is enough.
    if (!authority.lenient) values[name] = undefined;
    if (!authority.lenient) return undefined;
  }
  if (current === null || (typeof current !== 'object' && typeof current !== 'function')) return current;
  return (values[name] = make(current));
}

/** A function of Node's behind its rule. It runs on Node's object: some look for other members on `this`. */
function guarded(real, name, checks, authority) {
  const guard = guardCall(real, process, `process.${name}()`, checks, authority);
  const keys = ObjectKeys(real);
  // process.memoryUsage.rss
  for (let at = 0; at < keys.length; at++) guard[keys[at]] = guardCall(real[keys[at]], real, `process.${name}.${keys[at]}()`, checks, authority);
  return guard;
}

function guardCall(real, receiver, attempt, checks, authority) {
  const { name } = real;
  // A computed method name is the cheap way to a function of that name.
  return {
    [name](...args) {
      for (let at = 0; at < checks.length; at++) authority.demand(checks[at].capability, checks[at].word, attempt);
      return ReflectApply(real, receiver, args);
    },
  }[name];
}

function isWhole(authority, checks) {
  for (let at = 0; at < checks.length; at++) if (!authority.whole(checks[at].capability)) return false;
  return true;
}

function permitsAll(authority, checks) {
  for (let at = 0; at < checks.length; at++) if (!authority.permits(checks[at].capability, checks[at].word)) return false;
  return true;
}

/** Makes unchangeable what several packages get: a function with what hangs on it, a plain object. */
function share(value) {
  harden(value);
  return value;
}

function copyArray(array) {
  const copy = [];
  for (let at = 0; at < array.length; at++) ArrayPrototypePush(copy, typeof array[at] === 'string' ? array[at] : String(array[at]));
  return copy;
}

/** The handle of the channel stays with Node. */
function channelOf(channel) {
  return ObjectFreeze({
    __proto__: null,
    get fd() {
      return channel.fd;
    },
    hasRef: () => channel.hasRef?.() ?? true,
    ref: () => channel.ref(),
    unref: () => channel.unref(),
  });
}

function copyBinding(name, binding) {
  // Nested objects, all of them data.
  if (name === 'constants') return JSONParse(JSONStringify(binding));
  const copy = {};
  const keys = ObjectKeys(binding);
  for (let at = 0; at < keys.length; at++) store(copy, keys[at], share(binding[keys[at]]));
  return copy;
}

function absolute(path) {
  return isAbsolute(path) ? path : resolve(path);
}

/** As Node's own, with what each of the two halves needs: the file for reading, each variable for itself. */
function loadEnvFile(authority, real, path, env) {
  const name = path instanceof URL ? fileURLToPath(path) : `${path}`;
  const file = authority.demandPath('fs.read', absolute(name), true, `process.loadEnvFile('${name}')`);
  const found = real('util').parseEnv(real('fs').readFileSync(file, 'utf8'));
  const names = ObjectKeys(found);
  for (let at = 0; at < names.length; at++) {
    if (env[names[at]] === undefined) env[names[at]] = found[names[at]];
  }
}

/**
 * `process.report`. Its header tells the C library, which packages with native bindings ask for, and needs `sys`; the rest of
 * a report holds the environment, the command line and everybody's handles, and needs `observe`.
 */
function createReport(authority) {
  const demand = (what) => authority.demand('observe', undefined, `process.report.${what}`);
  let excludeNetwork = process.report.excludeNetwork ?? false;
  const report = {
    getReport(error) {
      authority.demand('sys', undefined, 'process.report.getReport()');
      const before = process.report.excludeNetwork;
      // Looking names up in the network takes seconds.
      process.report.excludeNetwork = excludeNetwork || !authority.whole('observe');
      const full = process.report.getReport(error);
      process.report.excludeNetwork = before;
      return authority.permits('observe') || authority.lenient ? full : libraryFacts(full);
    },
    writeReport(...args) {
      demand('writeReport()');
      authority.demand('fs.write', undefined, 'process.report.writeReport()');
      return ReflectApply(process.report.writeReport, process.report, args);
    },
    get excludeNetwork() {
      return excludeNetwork;
    },
    set excludeNetwork(value) {
      excludeNetwork = value === true;
    },
  };
  const settings = ['compact', 'directory', 'excludeEnv', 'filename', 'reportOnFatalError', 'reportOnSignal', 'reportOnUncaughtException', 'signal'];
  for (let at = 0; at < settings.length; at++) {
    const name = settings[at];
    if (!(name in process.report)) continue;
    ObjectDefineProperty(report, name, {
      __proto__: null,
      get: () => process.report[name],
      set(value) {
        demand(`${name} = …`);
        process.report[name] = value;
      },
      enumerable: true,
      configurable: true,
    });
  }
  return report;
}

function libraryFacts({ header, sharedObjects }) {
  const facts = { header: {}, sharedObjects: [] };
  const names = ['arch', 'platform', 'nodejsVersion', 'wordSize', 'glibcVersionRuntime', 'glibcVersionCompiler'];
  for (let at = 0; at < names.length; at++) if (names[at] in header) facts.header[names[at]] = header[names[at]];
  for (let at = 0; at < sharedObjects.length; at++) {
    if (StringPrototypeIncludes(sharedObjects[at], 'musl')) ArrayPrototypePush(facts.sharedObjects, sharedObjects[at]);
  }
  return facts;
}
