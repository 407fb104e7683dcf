'use strict';
// Workers and child processes inherit enforcement, whatever `execArgv`, `env` or NODE_OPTIONS say (I8). A worker shares
// the seal of its process; a child opens it again with the same trust.

const {
  ArrayIsArray,
  ArrayPrototypePush,
  ObjectCreate,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectSetPrototypeOf,
  Proxy,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeWeakSet,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
  process,
  replaceMember,
} = require('./intrinsics.js');
const { isRegister, preloads, splitOptions } = require('./preflight.js');
const { SIDE_DOORS, closeSideDoors } = require('./side-doors.js');

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {string} parts.register  absolute path of register.js
 * @param {boolean} parts.policy  whether capabilities are enforced
 */
function createDescendants({ native, register, policy }) {
  const patched = { __proto__: null };
  const realGetBuiltin = process.getBuiltinModule;
  const sync = require('module').syncBuiltinESMExports;
  const inherited = { __proto__: null };
  for (const name of INJECTED) inherited[name] = process.env[name];
  const preload = `--require ${quoted(register)}`;
  const commandLinePreload = preloads(process.execArgv).some(({ value }) => isRegister(value, register));

  const innerPorts = guardInnerPorts();

  /** Called with every builtin before it is handed out. */
  function patch(name, exports) {
    if (!patched[name] && closeSideDoors(native, name, exports, policy)) once(name, () => {});
    switch (name) {
      case 'worker_threads':
        return once(name, () => patchWorkers(exports));
      case 'async_hooks':
        return once(name, () => patchHooks(exports));
      case 'child_process':
        return once(name, () => patchChildren(exports));
      // These start processes through child_process inside Node.
      case 'cluster':
      case 'test':
      case 'repl':
        return once('child_process', () => patchChildren(ReflectApply(realGetBuiltin, process, ['child_process'])));
      default:
    }
  }

  function once(name, action) {
    if (patched[name]) return;
    patched[name] = true;
    action();
    // Named ES imports of a builtin are copies; they must show the replaced members too.
    sync();
  }

  function patchWorkers(exports) {
    const { Worker: RealWorker, markAsUntransferable, moveMessagePortToContext } = exports;
    replaceMember(exports, 'moveMessagePortToContext', function moveMessagePortToContextSealed(port, context) {
      if (innerPorts.has(port)) native.closed("a message through a worker's inner port");
      return moveMessagePortToContext(port, context);
    });
    hideHandleConstructor(RealWorker);
    // Not a subclass: its prototype chain would hand out the real constructor.
    function Worker(filename, options) {
      if (new.target === undefined) throw new TypeError("Class constructor Worker cannot be invoked without 'new'");
      // Never the caller's `new.target`: a proxy as its prototype would be handed the inner port while Node builds the
      // worker, and could post the thread a text to run before Node posts the file.
      const worker = ReflectConstruct(RealWorker, [filename, workerOptions(filename, options)]);
      const keys = ReflectOwnKeys(worker);
      for (let at = 0; at < keys.length; at++) {
        const port = worker[keys[at]];
        if (typeof keys[at] !== 'symbol' || keys[at].description !== 'kPort' || port === null || typeof port !== 'object') continue;
        innerPorts.add(port);
        // At another place it would be another object.
        markAsUntransferable(port);
      }
      if (new.target !== Worker) ObjectSetPrototypeOf(worker, new.target.prototype);
      return worker;
    }
    Worker.prototype = RealWorker.prototype;
    ObjectSetPrototypeOf(Worker, ObjectGetPrototypeOf(RealWorker));
    // Under a policy the facade of worker_threads severs it: this class starts any sealed file.
    if (policy) ReflectDefineProperty(RealWorker.prototype, 'constructor', { __proto__: null, value: Worker, writable: true, enumerable: false, configurable: true });
    else replaceMember(RealWorker.prototype, 'constructor', Worker);
    replaceMember(exports, 'Worker', Worker);
  }

  /**
   * The port that tells a thread what to run hangs on each Worker. Once the thread was told, it carries its standard input
   * and nothing else.
   */
  function guardInnerPorts() {
    const ports = new SafeWeakSet();
    const { prototype } = globalThis.MessagePort;
    const { postMessage: real } = prototype;
    replaceMember(prototype, 'postMessage', function postMessage(message) {
      if (!ports.has(this)) return ReflectApply(real, this, arguments);
      const { type, stream, chunks } = message;
      if (type === 'stdioPayload' && stream === 'stdin') return ReflectApply(real, this, [{ type, stream, chunks }]);
      if (type === 'stdioWantsMoreData' && (stream === 'stdout' || stream === 'stderr')) return ReflectApply(real, this, [{ type, stream }]);
      return native.closed("a message through a worker's inner port");
    });
    return ports;
  }

  /**
   * The C++ object behind a worker has a constructor that would start another one with any options. It is taken away
   * before any code can see such an object: by a worker that Node makes and then refuses to start, for an option that
   * does not exist. The proxy sees the object when the half-made worker stores it.
   */
  function hideHandleConstructor(RealWorker) {
    let handle;
    function Probe() {}
    Probe.prototype = new Proxy(RealWorker.prototype, {
      __proto__: null,
      set(_, key, value, receiver) {
        if (value !== null && typeof value === 'object' && typeof value.startThread === 'function') handle = value;
        return ReflectDefineProperty(receiver, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      },
    });
    try {
      ReflectConstruct(RealWorker, [register, { __proto__: null, execArgv: ['--no-such-option'] }], Probe);
    } catch (error) {
      // Under --permission without --allow-worker no worker can be made, not even this one.
      if (error.code === 'ERR_ACCESS_DENIED') return;
      if (error.code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    }
    if (handle === undefined) native.closed('a Worker whose inner handle cannot be protected');
    else replaceMember(ObjectGetPrototypeOf(handle), 'constructor', undefined);
  }

  /** An async hook sees native objects as they are made, the one behind a worker among them: protect that one first. */
  function patchHooks(exports) {
    const { createHook } = exports;
    replaceMember(exports, 'createHook', function createHookSealed(callbacks) {
      patch('worker_threads', ReflectApply(realGetBuiltin, process, ['worker_threads']));
      return createHook(callbacks);
    });
  }

  /**
   * Copies the options and turns every value that Node would turn into a string into one now: after the checks below no
   * code of the caller runs any more before Node uses them.
   */
  function workerOptions(filename, options) {
    const given = { __proto__: null, ...options };
    if (given.eval) native.unlisted('the text of an eval worker');
    const url = `${filename?.href ?? filename}`;
    if (StringPrototypeStartsWith(url, 'data:') || StringPrototypeStartsWith(url, 'blob:')) {
      native.unlisted(`the text of a worker's ${StringPrototypeSlice(url, 0, 5)} URL`);
    }
    if (ArrayIsArray(given.argv)) given.argv = strings(given.argv);
    // Without `execArgv` a worker inherits the options of this process in C++, where no script can change them. A
    // preload by NODE_OPTIONS, or by the application itself, is not among them once `env` is given.
    if (given.execArgv !== undefined || !commandLinePreload) given.execArgv = withPreload(given.execArgv ?? []);
    if (typeof given.env !== 'symbol') given.env = environment(given.env ?? process.env);
    const nodeOptions = (typeof given.env === 'symbol' ? process.env : given.env).NODE_OPTIONS;
    if (nodeOptions !== undefined) checkPreloads(splitOptions(`${nodeOptions}`));
    return given;
  }

  function withPreload(execArgv) {
    const copy = strings(execArgv);
    checkPreloads(copy);
    return ['--require', register, ...copy];
  }

  function patchChildren(exports) {
    // The C++ object that every asynchronous start ends in; ChildProcess hands it out as `_handle`.
    const handle = ObjectGetPrototypeOf(new exports.ChildProcess()._handle);
    const realSpawn = handle.spawn;
    const started = new SafeWeakSet();
    replaceMember(handle, 'spawn', function spawn(first, ...rest) {
      // Whoever is handed a child is not handed the power to start another one.
      if (started.has(this)) native.closed('a second process by the handle of one that was started');
      started.add(this);
      // One object of options, or since 24.14 (file, args, cwd, envPairs, …).
      if (first !== null && typeof first === 'object') {
        const copy = { __proto__: null, ...first };
        copy.args = checkedArguments(copy.args);
        copy.envPairs = checkedPairs(copy.envPairs);
        return ReflectApply(realSpawn, this, [copy]);
      }
      rest[0] = checkedArguments(rest[0]);
      rest[2] = checkedPairs(rest[2]);
      return ReflectApply(realSpawn, this, [`${first}`, ...rest]);
    });
    for (const name of ['spawnSync', 'execFileSync']) {
      const real = exports[name];
      replaceMember(exports, name, {
        [name](file, args, options) {
          if (!ArrayIsArray(args) && args !== null && typeof args === 'object') [args, options] = [[], args];
          return ReflectApply(real, exports, [file, checkedArguments(args ?? []), withEnvironment(options)]);
        },
      }[name]);
    }
    const realExecSync = exports.execSync;
    replaceMember(exports, 'execSync', function execSync(command, options) {
      checkArguments([command]);
      return ReflectApply(realExecSync, exports, [command, withEnvironment(options)]);
    });
  }

  function checkedArguments(args) {
    if (!ArrayIsArray(args)) return args;
    const copy = strings(args);
    checkArguments(copy);
    return copy;
  }

  function checkedPairs(pairs) {
    return toPairs(childEnvironment(fromPairs(pairs ?? [])));
  }

  function withEnvironment(options) {
    if (options !== undefined && options !== null && typeof options !== 'object') return options;
    const copy = { ...options };
    copy.env = childEnvironment(copy.env ?? process.env);
    return copy;
  }

  /** The environment of a child: the caller's, with our preload first and the seal's own settings on top. */
  function childEnvironment(env) {
    const copy = environment(env);
    const keys = ObjectKeys(copy);
    for (let at = 0; at < keys.length; at++) if (isOurs(keys[at])) delete copy[keys[at]];
    for (let at = 0; at < INJECTED.length; at++) {
      const name = INJECTED[at];
      if (copy[name] !== undefined && copy[name] !== inherited[name]) native.closed(`${name}=${copy[name]} for a child process`);
    }
    const options = copy.NODE_OPTIONS ?? '';
    if (options !== '') {
      const args = splitOptions(options);
      checkArguments(args);
      checkPreloads(args);
    }
    // Always in front, even where it seems to be there already: what looks like it may stand inside quotes.
    copy.NODE_OPTIONS = options === '' ? preload : `${preload} ${options}`;
    const settings = native.childEnvironment();
    const names = ObjectKeys(settings);
    for (let at = 0; at < names.length; at++) copy[names[at]] = settings[names[at]];
    return copy;
  }

  /**
   * Node runs no preload while it builds a snapshot or an executable, and what it takes from a snapshot runs before every
   * preload; an OpenSSL configuration names libraries to load; `--run` starts a shell.
   */
  function checkArguments(args) {
    if (!ArrayIsArray(args)) return;
    for (let at = 0; at < args.length; at++) {
      const arg = StringPrototypeReplaceAll(`${args[at]}`, '_', '-');
      if (StringPrototypeIncludes(arg, '--build-snapshot') || StringPrototypeIncludes(arg, '--snapshot-blob') || StringPrototypeIncludes(arg, '--build-sea') || StringPrototypeIncludes(arg, '--openssl-') || StringPrototypeIncludes(arg, '--experimental-sea-config') || arg === '--run' || StringPrototypeStartsWith(arg, '--run=')) {
        native.closed(`a child process with ${arg}`);
      }
    }
  }

  /** A preload that runs before ours would run unverified. */
  function checkPreloads(args) {
    const found = preloads(args);
    for (let at = 0; at < found.length; at++) {
      const { flag, value } = found[at];
      if (isRegister(value, register)) continue;
      native.closed(`${flag} ${value} for a worker or child process`);
    }
  }

  return { __proto__: null, checkArguments, childEnvironment, patch };
}

module.exports = { createDescendants, PATCHED_BUILTINS: ['async_hooks', 'child_process', 'worker_threads', ...SIDE_DOORS] };

/** Variables that bring native code into a process before its first instruction. What the operator set may stay. */
const INJECTED = [
  'LD_PRELOAD', 'LD_AUDIT', 'LD_LIBRARY_PATH', 'DYLD_INSERT_LIBRARIES', 'DYLD_LIBRARY_PATH', 'OPENSSL_CONF', 'OPENSSL_MODULES',
  'OPENSSL_ENGINES', 'GCONV_PATH',
];

/** Quotes inside NODE_OPTIONS; called once, before anybody could change RegExp.prototype. */
function quoted(path) {
  return /[ "\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

/** Own strings of an array-like, each converted once. */
function strings(values) {
  const copy = [];
  for (let at = 0; at < values.length; at++) ArrayPrototypePush(copy, `${values[at]}`);
  return copy;
}

/** What Node would make of an `env` option, without a prototype that it would enumerate too. */
function environment(env) {
  const copy = ObjectCreate(null);
  for (const key in env) {
    const value = env[key];
    if (value !== undefined) copy[key] = `${value}`;
  }
  return copy;
}

function isOurs(key) {
  return StringPrototypeStartsWith(key, 'LOADLOCK_');
}

function fromPairs(pairs) {
  const env = { __proto__: null };
  for (let at = 0; at < pairs.length; at++) {
    const pair = `${pairs[at]}`;
    const equals = StringPrototypeIndexOf(pair, '=');
    // The first of two equal names wins in getenv(3); so must ours.
    const key = StringPrototypeSlice(pair, 0, equals);
    if (equals > 0 && !(key in env)) env[key] = StringPrototypeSlice(pair, equals + 1);
  }
  return env;
}

function toPairs(env) {
  const pairs = [];
  const keys = ObjectKeys(env);
  for (let at = 0; at < keys.length; at++) {
    if (env[keys[at]] !== undefined) ArrayPrototypePush(pairs, `${keys[at]}=${env[keys[at]]}`);
  }
  return pairs;
}
