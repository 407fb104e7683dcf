'use strict';
// worker_threads for a package whose `worker` is denied or names files. The thread runs under the same seal and the same
// policy (js/descendants.js sees to that), so what its code may read of the environment is decided there, for each
// package, as it is here.

const { isAbsolute, resolve } = require('path');
const { fileURLToPath } = require('url');
const {
  ArrayIsArray,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectConstruct,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
  URL,
  URLHref,
  URLProtocol,
  process,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { dangerousIn, isPlainOptions } = require('./child.js');
const { hardenInstance } = require('./harden.js');

/** Options that Node checks and that decide nothing about what runs. Anything else that is not handled below is left out. */
const PLAIN_OPTIONS = ['env', 'name', 'stderr', 'stdin', 'stdout', 'trackUnmanagedFds', 'transferList', 'workerData'];
const LIMITS = ['codeRangeSizeMb', 'maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'stackSizeMb'];

const create = {
  __proto__: null,
  worker_threads({ authority, real }) {
    const { Worker: NodeWorker } = real('worker_threads');
    if (authority.whole('worker')) {
      const make = authority.whole('fs.write') ? (args) => ReflectConstruct(NodeWorker, args) : makeAny;
      return { __proto__: null, Worker: derived(NodeWorker, make) };
    }

    /** Any file, but not with any options. */
    function makeAny([filename, options]) {
      const copy = { __proto__: null, ...options };
      if (ArrayIsArray(copy.execArgv)) copy.execArgv = strings(copy.execArgv, 'execArgv');
      checkOptions(copy);
      return ReflectConstruct(NodeWorker, [filename, copy]);
    }

    /** What Node is to be given: a real path, or the text that only audit mode lets through. */
    function decide(filename, given) {
      if (given.eval) return decideText('the text of an eval worker', `${filename}`, true);
      if (typeof filename === 'string') {
        // Node refuses anything else, in its own words.
        if (!isAbsolute(filename) && !isRelative(filename)) return { filename, text: false };
        return { filename: decideFile(resolve(filename)), text: false };
      }
      const href = filename !== null && typeof filename === 'object' ? filename.href : undefined;
      if (typeof href !== 'string') return { filename: undefined, text: false };
      const url = new URL(href);
      if (URLProtocol(url) === 'file:') return { filename: decideFile(fileURLToPath(url)), text: false };
      return decideText(`the text of a ${URLProtocol(url)} worker`, new URL(URLHref(url)), false);
    }

    function decideFile(path) {
      return authority.demandPath('worker', path, true, `new Worker('${path}')`);
    }

    function decideText(what, filename, text) {
      authority.demand('eval', undefined, `new Worker() with ${what}`);
      // No list of files contains a text: this takes the whole grant.
      authority.demand('worker', undefined, `new Worker() with ${what}`);
      return { filename, text };
    }

    /** @param {object} copy  the options, with a list of strings as `execArgv` if there is one */
    function checkOptions(copy) {
      if (ArrayIsArray(copy.execArgv) && !isPlainOptions(copy.execArgv)) demandOptions(`execArgv: ${ArrayPrototypeJoin(copy.execArgv, ' ')}`);
      if (copy.env !== null && typeof copy.env === 'object') copy.env = checkedEnvironment(copy.env);
    }

    /** Many options of Node name files to be written, or code to be run. */
    function demandOptions(what) {
      authority.demand('worker', undefined, `new Worker() with ${what}`);
      authority.demand('fs.write', undefined, `new Worker() with ${what}`);
    }

    /** A copy, each value read once. */
    function checkedEnvironment(env) {
      const copy = { __proto__: null };
      for (const name in env) {
        const value = env[name];
        if (value !== undefined) copy[name] = `${value}`;
      }
      const names = dangerousIn(copy);
      for (let at = 0; at < names.length; at++) demandOptions(`${names[at]}=${copy[names[at]]}`);
      return copy;
    }

    function make([filename, options]) {
      const given = { __proto__: null, ...options };
      const decided = decide(filename, given);
      const copy = { __proto__: null };
      for (let at = 0; at < PLAIN_OPTIONS.length; at++) {
        const name = PLAIN_OPTIONS[at];
        if (given[name] !== undefined) copy[name] = given[name];
      }
      for (const name of ['argv', 'execArgv']) if (given[name] !== undefined) copy[name] = strings(given[name], name);
      checkOptions(copy);
      if (given.resourceLimits !== undefined) copy.resourceLimits = limits(given.resourceLimits);
      if (decided.text) copy.eval = true;
      return ReflectConstruct(NodeWorker, [decided.filename, copy]);
    }

    return { __proto__: null, Worker: derived(NodeWorker, make) };
  },
};

module.exports = { create, always: { __proto__: null, worker_threads: ['Worker'] } };

/**
 * `Worker` of a package. What it is made by is always Node's own class as `new.target`: that hands the object that it is
 * still building to what it inherits from, together with the port that tells the thread what to run.
 */
function derived(NodeWorker, make) {
  function Worker(...args) {
    if (new.target === undefined) throw new TypeError("Class constructor Worker cannot be invoked without 'new'");
    const worker = make(args);
    // The classes of its handle and of its streams have no name.
    for (const part of [worker, worker.stdin, worker.stdout, worker.stderr]) hardenInstance(part);
    if (new.target !== Worker) ObjectSetPrototypeOf(worker, new.target.prototype);
    return worker;
  }
  ObjectDefineProperty(Worker, 'prototype', { __proto__: null, value: NodeWorker.prototype, writable: false });
  ObjectDefineProperty(Worker, 'length', { __proto__: null, value: 1, configurable: true });
  ObjectSetPrototypeOf(Worker, ObjectGetPrototypeOf(NodeWorker));
  return Worker;
}

function isRelative(path) {
  return StringPrototypeStartsWith(path, './') || StringPrototypeStartsWith(path, '../') ||
    (process.platform === 'win32' && (StringPrototypeSlice(path, 0, 2) === '.\\' || StringPrototypeSlice(path, 0, 3) === '..\\'));
}

function strings(values, name) {
  if (!ArrayIsArray(values)) throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "options.${name}" property must be an instance of Array`);
  const copy = [];
  for (let at = 0; at < values.length; at++) ArrayPrototypePush(copy, `${values[at]}`);
  return copy;
}

function limits(given) {
  const copy = { __proto__: null };
  for (let at = 0; at < LIMITS.length; at++) {
    const value = given?.[LIMITS[at]];
    if (typeof value === 'number') copy[LIMITS[at]] = value;
  }
  return copy;
}
