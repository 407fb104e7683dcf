'use strict';
// child_process for a package whose `child` is denied or names commands. Whatever is given is copied once, the program is
// looked up once, and Node starts exactly what was decided on.
//
// What the policy is asked (`authority.demand('child', value)`): the program and its arguments, each after a NUL.
//   a bare name     as it is, when the PATH that this process was started with finds it: a PATH in `env` cannot give a
//                   name another meaning, what only that finds is asked by its real path
//   a path          its real path, or the path as written when only directories in it are links
//   Node itself     `node`, then the real path of the script; options that this process has too are left out
//   a shell         `shell`, then the command
// The directory a child starts in is no power and is not asked about: every program can change it.

const { accessSync, constants: { X_OK }, realpathSync: { native: realPathOf }, statSync } = require('fs');
const { basename, delimiter, dirname, isAbsolute, join, resolve } = require('path');
const { fileURLToPath } = require('url');
const {
  ArrayIsArray,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  JSONStringify,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectSetPrototypeOf,
  Promise,
  ReflectApply,
  ReflectConstruct,
  ReflectOwnKeys,
  SafeWeakSet,
  StringPrototypeIncludes,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  StringPrototypeToUpperCase,
  SymbolFor,
  TypeError,
  process,
} = require('../intrinsics.js');
const { LoadlockError, nodeError } = require('../errors.js');
const { severConstructor } = require('./classes.js');
const { splitOptions } = require('../preflight.js');
const { ownsDescriptor } = require('./fs-descriptors.js');

const { isView } = ArrayBuffer;
const { from: bytesOf } = Buffer;
const CUSTOM_PROMISIFY = SymbolFor('nodejs.util.promisify.custom');
const POSIX = process.platform !== 'win32';

/** Where this process looks for programs; what becomes of `process.env.PATH` later does not matter. */
const ownDirectories = directoriesOf(process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin');
const nodePath = process.execPath;
/** Its options: a message to a thread can put others into the list that `process` shows. */
const ownOptions = [...splitOptions(process.env.NODE_OPTIONS ?? ''), ...strings(process.execArgv)];
let realNodePath;

/** What a child gets whatever the package may read: programs do not work without. */
const BASE_ENVIRONMENT = { __proto__: null, HOME: true, LANG: true, PATH: true, TMPDIR: true, TZ: true };

/** Options of Node that change how fast or how talkative it is, not what it runs; each is one argument. */
const NEUTRAL_OPTIONS = ['--enable-source-maps', '--no-deprecation', '--no-warnings', '--trace-warnings'];
const NEUTRAL_PREFIXES = ['--max-old-space-size=', '--max-semi-space-size=', '--max_old_space_size=', '--max_semi_space_size=', '--stack-trace-limit='];

/** Variables that name files to be written or programs to be run first. A child gets them as the operator set them. */
const DANGEROUS_VARIABLES = [
  'NODE_REDIRECT_WARNINGS', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE', 'NODE_REPL_HISTORY', 'NODE_REPL_EXTERNAL_MODULE',
  'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'NODE_ICU_DATA', 'SSLKEYLOGFILE', 'LD_DEBUG', 'LD_DEBUG_OUTPUT', 'LD_PROFILE', 'LD_PROFILE_OUTPUT', 'LD_TRACE_LOADED_OBJECTS',
  'GLIBC_TUNABLES', 'MALLOC_TRACE', 'BASH_ENV', 'ENV', 'ZDOTDIR', 'SHELLOPTS', 'BASHOPTS', 'PS4',
  'PERL5OPT', 'PERL5LIB', 'PERL5DB', 'PERLLIB', 'PYTHONSTARTUP', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONINSPECT', 'PYTHONBREAKPOINT', 'PYTHONWARNINGS',
  'RUBYOPT', 'RUBYLIB', 'JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'LUA_INIT', 'PHPRC', 'PHP_INI_SCAN_DIR',
];
const operatorValues = { __proto__: null, NODE_OPTIONS: process.env.NODE_OPTIONS };
for (const name of DANGEROUS_VARIABLES) operatorValues[name] = process.env[name];

/** Options whose values Node checks and that give no power. Anything else that is not handled below is left out. */
const PLAIN_OPTIONS = ['detached', 'encoding', 'input', 'killSignal', 'maxBuffer', 'serialization', 'signal', 'timeout', 'windowsHide', 'windowsVerbatimArguments'];

const FILE_TYPE = 0o170000, REGULAR_FILE = 0o100000;
const NO_THROW = { __proto__: null, throwIfNoEntry: false };

/** As Node tries them for an entry point. */
const EXTENSIONS = ['', '.js', '.json', '.node'];

/**
 * What the facades of child_process and cluster decide with, for one package.
 * @param {{authority: import('../authority.js').Authority}} context
 */
function createStarter({ authority }) {
  /**
   * Decides about a program and gives what Node is to be called with instead.
   * @param {string} api  name of the function, for people
   * @param {string} file
   * @param {string[]} args
   * @param {object} given  the options, copied already
   * @returns {{file: string, args: string[], options: object}}
   */
  function decide(api, file, args, given) {
    const options = plainOptions(api, given);
    const ownEnv = given.env ? environment(given.env) : undefined;
    checkNul(args);
    checkNul([file, given.argv0]);
    if (given.shell) {
      const command = args.length === 0 ? file : `${file} ${ArrayPrototypeJoin(args, ' ')}`;
      options.shell = typeof given.shell === 'string' ? given.shell : true;
      checkNul([options.shell]);
      authority.demand('child', `shell\0${command}`, attempt(api, command));
      options.env = environmentFor(ownEnv, false);
      return { file, args, options };
    }
    options.shell = false;
    const found = lookUp(file, options.cwd, ownEnv);
    const { values, node, script } = commandValues(file, found, args, options.cwd);
    demandAny(values, attempt(api, `${file}${args.length === 0 ? '' : ` ${ArrayPrototypeJoin(args, ' ')}`}`));
    // A Node that is started on a file, with no option of the package's own, enforces the grants for `env` itself.
    options.env = environmentFor(ownEnv, node && script !== undefined);
    // Many programs look there for what they are to do.
    const hasName = given.argv0 !== undefined && given.argv0 !== null && (authority.whole('child') || basename(`${given.argv0}`) === basename(file));
    options.argv0 = hasName ? `${given.argv0}` : file;
    if (found === undefined) {
      // Nothing to run: Node reports that itself. Nothing may turn up meanwhile in a directory the package chose.
      options.env.PATH = ArrayPrototypeJoin(ownDirectories, delimiter);
      return { file, args, options };
    }
    const copy = script === undefined ? args : replaced(args, script.at, script.path);
    return { file: found.path, args: copy, options };
  }

  /** Any of the names by which the policy may know the same command. */
  function demandAny(values, text) {
    for (let at = 0; at < values.length; at++) if (authority.permits('child', values[at])) return;
    authority.demand('child', values[0], text);
  }

  function plainOptions(api, given) {
    const options = { __proto__: null };
    for (let at = 0; at < PLAIN_OPTIONS.length; at++) {
      const name = PLAIN_OPTIONS[at];
      if (given[name] !== undefined) options[name] = given[name];
    }
    if (given.cwd !== undefined && given.cwd !== null) options.cwd = pathText(given.cwd);
    for (const name of ['uid', 'gid']) {
      if (given[name] === undefined || given[name] === null) continue;
      authority.demand('process', 'ids', `child_process.${api}() with ${name}`);
      options[name] = given[name];
    }
    return options;
  }

  /**
   * The environment of a child: what the package put together itself, or what it may read of ours.
   * @param {Record<string, string> | undefined} given  a copy of the option
   * @param {boolean} whole  whether the child enforces the policy itself
   */
  function environmentFor(given, whole) {
    const env = given ?? ObjectCreate(null);
    if (given === undefined) {
      const names = ObjectKeys(process.env);
      const all = whole || authority.lenient || authority.whole('env');
      for (let at = 0; at < names.length; at++) {
        const name = names[at];
        if (all || BASE_ENVIRONMENT[name] === true || authority.permits('env', name)) env[name] = process.env[name];
      }
    }
    if (!authority.whole('child')) checkVariables(env, given !== undefined);
    // A child may look for programs where this process does not, but only after the places where it does: `#!/usr/bin/env
    // node` must find the same Node.
    if (POSIX && env.PATH !== undefined) env.PATH = ArrayPrototypeJoin(childDirectories(env.PATH), delimiter);
    return env;
  }

  /** What a grant for a command says nothing about; what is inherited becomes what it was when this process started. */
  function checkVariables(env, given) {
    const names = dangerousIn(env);
    for (let at = 0; at < names.length; at++) {
      const name = names[at];
      if (given) authority.demand('child', undefined, `a child process with ${name}=${env[name]}`);
      else if (authority.lenient) authority.note('child', undefined, `a child process with ${name}=${env[name]}`);
      else if (operatorValues[name] === undefined) delete env[name];
      else env[name] = operatorValues[name];
    }
  }

  /**
   * A copy of `stdio`. A number names any file that this process has open, other packages' sockets among them, so it has
   * to be one of the package's own. An object with a number is as good as the number.
   */
  function stdioFor(api, given) {
    if (given === undefined || given === null) return { stdio: undefined, streams: [] };
    if (!ArrayIsArray(given)) return { stdio: typeof given === 'object' ? {} : given, streams: [] };
    const stdio = [], streams = [];
    for (let at = 0; at < given.length; at++) {
      const entry = given[at];
      if (entry === 'inherit' || typeof entry === 'number') {
        checkDescriptor(api, entry === 'inherit' ? at : entry);
        ArrayPrototypePush(stdio, entry);
      } else if (entry !== null && (typeof entry === 'object' || typeof entry === 'function') && !isBytes(entry)) {
        const { fd } = entry;
        if (typeof fd === 'number') {
          checkDescriptor(api, fd);
          ArrayPrototypePush(stdio, fd);
          continue;
        }
        const stream = fixedStream(entry);
        ArrayPrototypePush(stdio, stream);
        ArrayPrototypePush(streams, { stream, entry });
      } else {
        ArrayPrototypePush(stdio, entry);
      }
    }
    return { stdio, streams };
  }

  function checkDescriptor(api, fd) {
    // Negative: a pipe.
    if (fd <= 2 || ownsDescriptor(authority.location, fd)) return;
    authority.demand('child', undefined, `child_process.${api}() with file descriptor ${fd}, which is not the package's own`);
  }

  return { __proto__: null, checkDescriptor, decide, demandAny, environmentFor, stdioFor };
}

const create = {
  __proto__: null,
  child_process(context) {
    const { authority, real } = context;
    const { decide, stdioFor } = createStarter(context);
    const node = real('child_process');
    // Children hand out sockets, and may be sent some: their classes have to be hardened too. Node has loaded both.
    real('net');
    real('dgram');

    /** Calls Node with what was decided. Node marks the streams that it took; the mark belongs on the caller's stream. */
    function start(api, { file, args, options }, given, more) {
      const { stdio, streams } = stdioFor(api, given.stdio);
      if (stdio !== undefined) options.stdio = stdio;
      try {
        return ReflectApply(node[api], node, [file, args, options, ...more]);
      } finally {
        for (let at = 0; at < streams.length; at++) copyMarks(streams[at]);
      }
    }

    /** What `(file, args, options)` and `(file, options)` come to; `undefined` when Node is to complain about them. */
    function read(file, args, options) {
      if (args !== null && typeof args === 'object' && !ArrayIsArray(args)) [args, options] = [[], args];
      if (typeof file !== 'string' || file === '') return undefined;
      if (args !== undefined && args !== null && !ArrayIsArray(args)) return undefined;
      if (!isOptions(options)) return undefined;
      return { args: args === undefined || args === null ? [] : strings(args), given: { __proto__: null, ...options } };
    }

    function spawn(file, args, options) {
      const call = read(file, args, options);
      if (call === undefined) return invalid(node.spawn, node, file, args, options);
      return start('spawn', decide('spawn', file, call.args, call.given), call.given, []);
    }

    function spawnSync(file, args, options) {
      const call = read(file, args, options);
      if (call === undefined) return invalid(node.spawnSync, node, file, args, options);
      return start('spawnSync', decide('spawnSync', file, call.args, call.given), call.given, []);
    }

    function execFile(file, args, options, callback) {
      if (typeof args === 'function') [args, options, callback] = [undefined, undefined, args];
      else if (args !== null && typeof args === 'object' && !ArrayIsArray(args)) [args, options, callback] = [undefined, args, options];
      if (typeof options === 'function') [options, callback] = [undefined, options];
      const call = read(file, args, options ?? undefined);
      if (call === undefined) return invalid(node.execFile, node, file, args, options, callback);
      return start('execFile', decide('execFile', file, call.args, call.given), {}, [callback]);
    }

    function execFileSync(file, args, options) {
      const call = read(file, args, options ?? undefined);
      if (call === undefined) return invalid(node.execFileSync, node, file, args, options);
      return start('execFileSync', decide('execFileSync', file, call.args, call.given), call.given, []);
    }

    function exec(command, options, callback) {
      if (typeof options === 'function') [options, callback] = [undefined, options];
      if (typeof command !== 'string') return invalid(node.exec, node, command);
      const given = { __proto__: null, ...options };
      const decided = decide('exec', command, [], { __proto__: null, ...given, shell: shellOf(given) });
      return ReflectApply(node.exec, node, [command, decided.options, callback]);
    }

    function execSync(command, options) {
      if (typeof command !== 'string') return invalid(node.execSync, node, command);
      const given = { __proto__: null, ...options };
      const { stdio } = stdioFor('execSync', given.stdio);
      const decided = decide('execSync', command, [], { __proto__: null, ...given, shell: shellOf(given) });
      if (stdio !== undefined) decided.options.stdio = stdio;
      return ReflectApply(node.execSync, node, [command, decided.options]);
    }

    // eslint-disable-next-line default-param-last -- as Node's own, for its length
    function fork(modulePath, args = [], options) {
      if (args !== null && typeof args === 'object' && !ArrayIsArray(args)) [args, options] = [[], args];
      const path = pathText(modulePath);
      if (typeof path !== 'string' || (args !== null && !ArrayIsArray(args)) || !isOptions(options ?? undefined)) {
        return invalid(node.fork, node, modulePath, args, options);
      }
      const given = { __proto__: null, ...options };
      const execPath = given.execPath ? `${given.execPath}` : nodePath;
      const execArgv = given.execArgv ? strings(given.execArgv) : [];
      const ownArgs = args === null ? [] : strings(args);
      const { file, args: decided, options: copy } = decide('fork', execPath, [...execArgv, path, ...ownArgs], { __proto__: null, ...given, shell: false });
      copy.execPath = file;
      copy.silent = Boolean(given.silent);
      // One of them may be the script, and then it is the one that was asked about.
      if (given.execArgv) copy.execArgv = firstOf(decided, execArgv.length);
      return start('fork', { file: decided[execArgv.length], args: ownArgs, options: copy }, given, []);
    }

    promisable(exec);
    promisable(execFile);

    function ChildProcess() {
      authority.demand('child', undefined, 'new child_process.ChildProcess()');
      return ReflectConstruct(node.ChildProcess, []);
    }
    ObjectDefineProperty(ChildProcess, 'prototype', { __proto__: null, value: node.ChildProcess.prototype, writable: false });
    ObjectSetPrototypeOf(ChildProcess, ObjectGetPrototypeOf(node.ChildProcess));

    return { __proto__: null, ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
  },
};

const harden = {
  __proto__: null,
  /**
   * An object that stands for a running child has everything to start another one: its class, its own `spawn`, and the
   * C++ object behind it. Each of them starts the one child that Node made it for, and no other.
   */
  child_process(node) {
    const handlePrototype = ObjectGetPrototypeOf(new node.ChildProcess()._handle);
    severConstructor(handlePrototype.constructor);
    startOnce(handlePrototype, 'spawn', (handle) => handle);
    // Checked here too: it makes pipes, raw handles, and gives them to what it takes for the C++ object.
    startOnce(node.ChildProcess.prototype, 'spawn', (child) => {
      const handle = ObjectGetOwnPropertyDescriptor(child, '_handle')?.value;
      // Only a genuine handle can answer; anything else throws.
      ReflectApply(handlePrototype.hasRef, handle, []);
      return handle;
    });
    severConstructor(node.ChildProcess);
  },
};

/** `fork`: what cluster reads its settings with. */
module.exports = { create, createStarter, dangerousIn, fork: { pathText, strings }, harden, isPlainOptions };

/** @param {(receiver: object) => object} keyOf  what may be started once */
function startOnce(prototype, name, keyOf) {
  const descriptor = ObjectGetOwnPropertyDescriptor(prototype, name);
  // Where js/descendants.js stands in front of it already, it sees to this itself.
  if (descriptor === undefined || !descriptor.configurable) return;
  const { value: real, enumerable } = descriptor;
  const started = new SafeWeakSet();
  const { [name]: guarded } = {
    [name](...args) {
      const key = keyOf(this);
      if (started.has(key)) {
        throw new LoadlockError({
          code: 'ERR_LOADLOCK_CAPABILITY',
          message: 'a child process that was started already cannot be made to start another one',
          rule: 'a process is started through child_process, by a package that the policy grants `child`',
          hint: 'call child_process.spawn() in the package that has the grant',
        });
      }
      started.add(key);
      // Node writes raw handles into the options.
      if (args[0] !== null && typeof args[0] === 'object') args[0] = { __proto__: null, ...args[0] };
      return ReflectApply(real, this, args);
    },
  };
  ObjectDefineProperty(prototype, name, { __proto__: null, value: guarded, writable: true, enumerable, configurable: true });
}

function attempt(api, command) {
  return `child_process.${api}('${command.length > 200 ? `${StringPrototypeSlice(command, 0, 200)}…` : command}')`;
}

/** util.promisify() of it, as Node gives it: the child hangs on the promise. */
function promisable(start) {
  ObjectDefineProperty(start, CUSTOM_PROMISIFY, {
    __proto__: null,
    enumerable: false,
    value: {
      [start.name](...args) {
        let child, refusal;
        const promise = new Promise((resolve, reject) => {
          const finished = (error, stdout, stderr) => {
            if (error === null) return resolve({ stdout, stderr });
            error.stdout = stdout;
            error.stderr = stderr;
            reject(error);
          };
          try {
            child = start(...args, finished);
          } catch (error) {
            // A refusal is an answer to whoever waits; wrong arguments are thrown, as by Node.
            if (!(error instanceof LoadlockError)) refusal = error;
            reject(error);
          }
        });
        if (refusal !== undefined) {
          promise.catch(() => {});
          throw refusal;
        }
        promise.child = child;
        return promise;
      },
    }[start.name],
  });
}

/** Node refuses these values, in its own words. Should it not, nothing has been asked, so nothing may be started. */
function invalid(real, node, ...values) {
  for (let at = 0; at < values.length; at++) if (typeof values[at] === 'object' && values[at] !== null) values[at] = ArrayIsArray(values[at]) ? [] : {};
  ReflectApply(real, node, values);
  throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'child_process was called with arguments that it does not take');
}

function isOptions(options) {
  return options === undefined || (options !== null && typeof options === 'object' && !ArrayIsArray(options));
}

function shellOf({ shell }) {
  return typeof shell === 'string' && shell !== '' ? shell : true;
}

/** The path in a string, a buffer or a file URL; anything else is left for Node to refuse. */
function pathText(value) {
  if (typeof value === 'string') return value;
  if (isBytes(value)) return `${bytesOf(value.buffer, value.byteOffset, value.byteLength)}`;
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? {} : value;
  const { href } = value;
  return typeof href === 'string' ? fileURLToPath(href) : {};
}

function isBytes(value) {
  return isView(value);
}

function strings(values) {
  const copy = [];
  for (let at = 0; at < values.length; at++) ArrayPrototypePush(copy, `${values[at]}`);
  return copy;
}

/** What Node would make of an `env` option; it enumerates what is inherited, too. */
function environment(given) {
  const env = ObjectCreate(null);
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) env[name] = `${value}`;
  }
  return env;
}

function firstOf(values, count) {
  const copy = [];
  for (let at = 0; at < count; at++) ArrayPrototypePush(copy, values[at]);
  return copy;
}

function replaced(values, index, value) {
  const copy = strings(values);
  copy[index] = value;
  return copy;
}

/** A NUL separates the words that the policy is asked about; Node takes none in any of them. */
function checkNul(texts) {
  for (let at = 0; at < texts.length; at++) {
    if (typeof texts[at] === 'string' && StringPrototypeIncludes(texts[at], '\0')) {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument ${JSONStringify(texts[at])} must be a string without null bytes`);
    }
  }
}

/** The directories of a PATH. One that is not absolute depends on where somebody happens to be, and is left out. */
function directoriesOf(path) {
  const directories = [], parts = StringPrototypeSplit(path, delimiter);
  for (let at = 0; at < parts.length; at++) if (isAbsolute(parts[at])) ArrayPrototypePush(directories, parts[at]);
  return directories;
}

function childDirectories(path) {
  const known = { __proto__: null }, directories = [];
  const append = (from) => {
    for (let at = 0; at < from.length; at++) {
      if (known[from[at]] === true) continue;
      known[from[at]] = true;
      ArrayPrototypePush(directories, from[at]);
    }
  };
  append(ownDirectories);
  append(directoriesOf(path));
  return directories;
}

/**
 * The file that a program's name or path leads to.
 * @returns {{path: string, real: string, own: boolean} | undefined}  own: found by its name where this process looks
 */
function lookUp(file, cwd, env) {
  if (isPath(file)) {
    const path = resolve(startDirectory(cwd), file);
    return isExecutable(path) ? { path, real: realPathOf(path), own: false } : undefined;
  }
  const inOwn = findIn(ownDirectories, file);
  if (inOwn !== undefined) return { path: inOwn, real: realPathOf(inOwn), own: true };
  const { PATH: path } = env ?? process.env;
  const found = path === undefined ? undefined : findIn(directoriesOf(path), file);
  return found === undefined ? undefined : { path: found, real: realPathOf(found), own: false };
}

function isPath(file) {
  return StringPrototypeIncludes(file, '/') || (!POSIX && StringPrototypeIncludes(file, '\\'));
}

function startDirectory(cwd) {
  return typeof cwd === 'string' && cwd !== '' ? cwd : process.cwd();
}

function findIn(directories, name) {
  for (let at = 0; at < directories.length; at++) {
    const path = join(directories[at], name);
    if (isExecutable(path)) return path;
  }
}

function isExecutable(path) {
  try {
    const stats = statSync(path, NO_THROW);
    if (stats === undefined || (stats.mode & FILE_TYPE) !== REGULAR_FILE) return false;
    accessSync(path, X_OK);
    return true;
  } catch {
    // Not there, or not to be run by this user: execvp(3) goes on too.
    return false;
  }
}

/**
 * Everything that the policy may call a command, the most usual first; for Node also which argument is the script.
 * @returns {{values: string[], node: boolean, script?: {at: number, path: string}}}
 */
function commandValues(file, found, args, cwd) {
  const values = [];
  if (found === undefined) {
    ArrayPrototypePush(values, command(isPath(file) ? resolve(startDirectory(cwd), file) : file, args));
    return { values, node: false };
  }
  realNodePath ??= realPathOf(nodePath);
  const node = found.real === realNodePath || (found.own && file === 'node');
  const { path, real } = found;
  let script;
  if (node) {
    const { at, scriptAt } = splitNodeArguments(args);
    if (scriptAt !== undefined) script = { at: scriptAt, path: scriptPath(args[scriptAt], cwd) };
    const rest = [];
    for (let index = at; index < args.length; index++) ArrayPrototypePush(rest, index === scriptAt ? script.path : args[index]);
    ArrayPrototypePush(values, command('node', rest));
    args = rest;
  } else if (found.own) {
    ArrayPrototypePush(values, command(file, args));
  }
  ArrayPrototypePush(values, command(real, args));
  // `/bin/ls` where `/bin` is a link to `/usr/bin`.
  if (path !== real && basename(path) === basename(real) && join(realPathOf(dirname(path)), basename(path)) === real) {
    ArrayPrototypePush(values, command(path, args));
  }
  return { values, node, script };
}

function command(program, args) {
  return args.length === 0 ? program : `${program}\0${ArrayPrototypeJoin(args, '\0')}`;
}

/**
 * Skips options that this process was started with, and such as change nothing about what is run.
 * @returns {{at: number, scriptAt?: number}}  where the rest begins, and the script if it begins with one
 */
function splitNodeArguments(args) {
  let at = 0;
  while (at < args.length && StringPrototypeStartsWith(args[at], '-')) {
    const length = isNeutral(args[at]) ? 1 : inheritedOption(args, at);
    if (length === 0) return { at };
    at += length;
  }
  // `node inspect` is the debugger.
  return at < args.length && args[at] !== 'inspect' ? { at, scriptAt: at } : { at };
}

function isNeutral(option) {
  for (let at = 0; at < NEUTRAL_OPTIONS.length; at++) if (NEUTRAL_OPTIONS[at] === option) return true;
  for (let at = 0; at < NEUTRAL_PREFIXES.length; at++) if (StringPrototypeStartsWith(option, NEUTRAL_PREFIXES[at])) return true;
  return false;
}

/** Whether a list of options has only such as this process has too, or as change nothing about what is run. */
function isPlainOptions(options) {
  for (let at = 0; at < options.length;) {
    const length = isNeutral(options[at]) ? 1 : inheritedOption(options, at);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/**
 * Variables in an environment that decide what else is run or written, and that the operator did not set so. NODE_OPTIONS
 * counts for every child: a program that is no Node may start one.
 * @param {Record<string, string>} env  a copy, of strings
 */
function dangerousIn(env) {
  const found = [], names = ObjectKeys(env);
  for (let at = 0; at < names.length; at++) {
    const name = POSIX ? names[at] : StringPrototypeToUpperCase(names[at]);
    const value = env[names[at]];
    if (name === 'NODE_OPTIONS' ? !areNeutral(value) : name in operatorValues && value !== operatorValues[name]) ArrayPrototypePush(found, names[at]);
  }
  return found;
}

/** Whether NODE_OPTIONS of a child are those of the operator, or change nothing about what is run. */
function areNeutral(text) {
  if (text === '' || text === operatorValues.NODE_OPTIONS) return true;
  return isPlainOptions(splitOptions(text));
}

/** How many arguments from `at` on are one option of this process, with its value where that is an argument of its own. */
function inheritedOption(args, at) {
  const own = ownOptions;
  for (let from = 0; from < own.length; from++) {
    if (own[from] !== args[at]) continue;
    let length = 1;
    while (from + length < own.length && !StringPrototypeStartsWith(own[from + length], '-') && own[from + length] === args[at + length]) length++;
    if (from + length === own.length || StringPrototypeStartsWith(own[from + length], '-')) return length;
  }
  return 0;
}

/** What Node will run for a script's name. */
function scriptPath(script, cwd) {
  const path = resolve(startDirectory(cwd), script);
  for (let at = 0; at < EXTENSIONS.length; at++) {
    const candidate = `${path}${EXTENSIONS[at]}`;
    const stats = statSync(candidate, NO_THROW);
    if (stats !== undefined && (stats.mode & FILE_TYPE) === REGULAR_FILE) return realPathOf(candidate);
  }
  return path;
}

/**
 * A stream to hand to Node in place of the caller's: the same in everything, except that what decides about the child, a
 * descriptor or a handle, can no longer change.
 */
function fixedStream(stream) {
  const handle = stream.handle ?? stream._handle;
  const fixed = { __proto__: null, writable: true, enumerable: false, configurable: true };
  return ObjectCreate(stream, {
    __proto__: null,
    fd: { ...fixed, value: undefined },
    handle: { ...fixed, value: handle },
    _handle: { ...fixed, value: handle },
  });
}

function copyMarks({ stream, entry }) {
  const keys = ReflectOwnKeys(stream);
  for (let at = 0; at < keys.length; at++) if (typeof keys[at] === 'symbol') entry[keys[at]] = stream[keys[at]];
}
