'use strict';
// Workers and child processes inherit enforcement, whatever `execArgv`, `env` or NODE_OPTIONS say (I8). A worker shares
// the seal of its process; a child opens it again with the same trust.

const {
  ArrayIsArray,
  ArrayPrototypePush,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} = require('./intrinsics.js');
const { isRegister, preloads, splitOptions } = require('./preflight.js');

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {string} parts.register  absolute path of register.js
 */
function createDescendants({ native, register }) {
  const patched = { __proto__: null };
  const realGetBuiltin = process.getBuiltinModule;
  const sync = require('module').syncBuiltinESMExports;
  const preload = `--require ${quoted(register)}`;
  const commandLinePreload = preloads(process.execArgv).some(({ value }) => isRegister(value, register));

  /** Called with every builtin before it is handed out. */
  function patch(name, exports) {
    switch (name) {
      case 'worker_threads':
        return once(name, () => patchWorkers(exports));
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
    const RealWorker = exports.Worker;
    // Not a subclass: its prototype chain would hand out the real constructor.
    function Worker(filename, options) {
      if (new.target === undefined) throw new TypeError("Class constructor Worker cannot be invoked without 'new'");
      return ReflectConstruct(RealWorker, [filename, workerOptions(filename, options)], new.target);
    }
    Worker.prototype = RealWorker.prototype;
    ObjectSetPrototypeOf(Worker, ObjectGetPrototypeOf(RealWorker));
    replace(RealWorker.prototype, 'constructor', Worker);
    replace(exports, 'Worker', Worker);
  }

  function workerOptions(filename, options) {
    const given = { __proto__: null, ...options };
    if (given.eval) native.unlisted('the text of an eval worker');
    const url = `${filename?.href ?? filename}`;
    if (StringPrototypeStartsWith(url, 'data:') || StringPrototypeStartsWith(url, 'blob:')) {
      native.unlisted(`the text of a worker's ${StringPrototypeSlice(url, 0, 5)} URL`);
    }
    // Without `execArgv` a worker inherits the options of this process in C++, where no script can change them. A
    // preload by NODE_OPTIONS, or by the application itself, is not among them once `env` is given.
    if (given.execArgv !== undefined || !commandLinePreload) given.execArgv = withPreload(given.execArgv ?? []);
    const env = given.env !== null && typeof given.env === 'object' ? { ...given.env } : undefined;
    const nodeOptions = (env ?? process.env).NODE_OPTIONS;
    if (nodeOptions !== undefined) checkPreloads(splitOptions(`${nodeOptions}`));
    if (env !== undefined) given.env = env;
    return given;
  }

  function withPreload(execArgv) {
    const copy = ['--require', register];
    for (let at = 0; at < execArgv.length; at++) ArrayPrototypePush(copy, `${execArgv[at]}`);
    checkPreloads(copy);
    return copy;
  }

  function patchChildren(exports) {
    const { ChildProcess } = exports;
    const realSpawn = ChildProcess.prototype.spawn;
    replace(ChildProcess.prototype, 'spawn', function spawn(options) {
      const copy = { __proto__: null, ...options };
      copy.envPairs = toPairs(childEnvironment(fromPairs(copy.envPairs ?? [])));
      const result = ReflectApply(realSpawn, this, [copy]);
      return result;
    });
    for (const name of ['spawnSync', 'execFileSync']) {
      const real = exports[name];
      replace(exports, name, {
        [name](file, args, options) {
          if (!ArrayIsArray(args) && args !== null && typeof args === 'object') [args, options] = [[], args];
          return ReflectApply(real, exports, [file, args ?? [], withEnvironment(options)]);
        },
      }[name]);
    }
    const realExecSync = exports.execSync;
    replace(exports, 'execSync', function execSync(command, options) {
      return ReflectApply(realExecSync, exports, [command, withEnvironment(options)]);
    });
  }

  function withEnvironment(options) {
    if (options !== undefined && options !== null && typeof options !== 'object') return options;
    const copy = { ...options };
    copy.env = childEnvironment(copy.env ?? process.env);
    return copy;
  }

  /** The environment of a child: the caller's, with our preload first and the seal's own settings on top. */
  function childEnvironment(env) {
    const copy = {};
    for (const key in env) if (!isOurs(key)) copy[key] = env[key];
    const options = copy.NODE_OPTIONS === undefined ? '' : `${copy.NODE_OPTIONS}`;
    if (options !== '') checkPreloads(splitOptions(options));
    copy.NODE_OPTIONS = StringPrototypeIncludes(options, preload) ? options : `${preload}${options === '' ? '' : ` ${options}`}`;
    const settings = native.childEnvironment();
    const keys = ObjectKeys(settings);
    for (let at = 0; at < keys.length; at++) copy[keys[at]] = settings[keys[at]];
    return copy;
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

  return { __proto__: null, childEnvironment, patch };
}

module.exports = { createDescendants };

function quoted(path) {
  return /[ "\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
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

function replace(target, key, value) {
  ObjectDefineProperty(target, key, { __proto__: null, value, writable: false, enumerable: true, configurable: false });
}

