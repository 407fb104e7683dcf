'use strict';
// The checked functions of `fs` that go through folders or watch them.

const realFs = require('fs');
const { isAbsolute, join } = require('path');
const { ArrayIsArray, ArrayPrototypePush, ReflectApply, ReflectOwnKeys, StringPrototypeSlice, TypeError } = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { copyList, copyOptions, pathText, placeOptions } = require('./fs-arguments.js');
const { callBack, isRefusal, onError, onResult, reject, renamed, replaced, whenDone } = require('./fs-calls.js');
const { READ, WRITE } = require('./fs-gate.js');
const { baseOf, copy, isExcluded, list, runAsync, runSync } = require('./fs-trees.js');
const { createStatWatchers, wrapFSWatcher } = require('./fs-watchers.js');

const COPY_OPTIONS = ['dereference', 'errorOnExist', 'filter', 'force', 'mode', 'preserveTimestamps', 'recursive', 'verbatimSymlinks'];
const GLOB_OPTIONS = ['cwd', 'exclude', 'followSymlinks', 'maxDepth', 'withFileTypes'];
const WATCH_OPTIONS = ['encoding', 'ignore', 'maxQueue', 'overflow', 'persistent', 'recursive', 'signal', 'throwIfNoEntry'];

/** The functions made together, and how. */
const FOLDER_GROUPS = [
  { names: ['readdir'], add: addReaddir },
  { names: ['cp'], add: addCopy },
  { names: ['glob'], add: addGlob },
  { names: ['watch', 'watchFile', 'unwatchFile'], add: addWatchers },
];

module.exports = { FOLDER_GROUPS };

// readdir

function addReaddir({ gate, fs, promises }) {
  const { readdir, readdirSync } = realFs, readdirPromise = realFs.promises.readdir;

  function prepare(args, label) {
    const given = pathText(args[0]);
    const options = copyOptions(args[1], ['encoding', 'recursive', 'withFileTypes']);
    placeOptions(args, 1, options);
    const real = args[0] = gate.path(READ, given, true, label);
    // Node's own goes into folders behind links.
    const steps = options.recursive && !gate.whole(READ);
    return { __proto__: null, given, real, options, steps, names: replaced(real, given) };
  }
  const syncSteps = { __proto__: null, readdir: (...args) => fs.readdirSync(args) };
  const promiseSteps = { __proto__: null, readdir: (...args) => promises.readdir(args) };

  fs.readdirSync = (args) => {
    const { given, real, options, steps, names } = prepare(args, 'fs.readdirSync');
    try {
      const entries = steps ? runSync(list(real, options), syncSteps) : ReflectApply(readdirSync, realFs, args);
      return relabel(entries, real, given);
    } catch (error) {
      throw renamed(error, names);
    }
  };
  promises.readdir = (args) => {
    let prepared;
    try {
      prepared = prepare(args, 'fs.promises.readdir');
    } catch (error) {
      return reject(error);
    }
    const { given, real, options, steps, names } = prepared;
    const entries = steps ? runAsync(list(real, options), promiseSteps) : ReflectApply(readdirPromise, realFs.promises, args);
    return whenDone(entries, (found) => relabel(found, real, given), (error) => {
      throw renamed(error, names);
    });
  };
  fs.readdir = (args) => {
    const { given, real, options, steps, names } = prepare(args, 'fs.readdir');
    if (names !== undefined) onError(args, names);
    const hasCallback = onResult(args, (callback, results) => {
      if (!results[0]) relabel(results[1], real, given);
      return ReflectApply(callback, undefined, results);
    });
    if (!hasCallback || !steps) return ReflectApply(readdir, realFs, args);
    callBack(runAsync(list(real, options), promiseSteps), args[args.length - 1]);
    return undefined;
  };
}

/** Entries with the name of their folder as the package gave it. */
function relabel(entries, real, given) {
  if (real === given || !ArrayIsArray(entries)) return entries;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at];
    if (typeof entry !== 'object' || typeof entry.parentPath !== 'string') continue;
    const parent = entry.parentPath === real ? given : join(given, StringPrototypeSlice(entry.parentPath, real.length));
    entry.parentPath = parent;
    if (ReflectOwnKeys(entry).includes('path')) entry.path = parent;
  }
  return entries;
}

// cp

/** The functions that a copy is made of. */
const COPY_STEPS = ['chmod', 'copyFile', 'lstat', 'mkdir', 'readdir', 'readlink', 'stat', 'symlink', 'unlink', 'utimes'];

function addCopy({ gate, find, fs, promises }) {
  function stepsOf(surface, suffix) {
    const steps = { __proto__: null };
    for (const name of COPY_STEPS) {
      const call = find(surface, `${name}${suffix}`);
      steps[name] = (...args) => call(args);
    }
    steps.makeParent = (target) => {
      const parent = join(target, '..');
      return realFs.existsSync(parent) ? undefined : steps.mkdir(parent, { __proto__: null, recursive: true });
    };
    return steps;
  }
  const syncSteps = stepsOf('fs', 'Sync'), promiseSteps = stepsOf('promises', '');

  function prepare(args, label) {
    const from = pathText(args[0], 'src'), to = pathText(args[1], 'dest');
    const options = copyOptions(args[2], COPY_OPTIONS);
    const { filter } = options;
    if (filter !== undefined && typeof filter !== 'function') {
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "options.filter" property must be of type function.');
    }
    const realFrom = gate.resolved(READ, from, options.dereference === true, label);
    const realTo = gate.resolved(WRITE, to, false, label);
    if (filter !== undefined && typeof from === 'string' && typeof to === 'string') {
      // It sees the names that the package knows.
      options.filter = (one, other) => ReflectApply(filter, undefined, [
        join(from, StringPrototypeSlice(one, realFrom.length)), join(to, StringPrototypeSlice(other, realTo.length)),
      ]);
    }
    return { __proto__: null, from: realFrom, to: realTo, options };
  }

  fs.cpSync = (args) => {
    const { from, to, options } = prepare(args, 'fs.cpSync');
    runSync(copy(from, to, options, true), syncSteps);
  };
  promises.cp = (args) => {
    let prepared;
    try {
      prepared = prepare(args, 'fs.promises.cp');
    } catch (error) {
      return reject(error);
    }
    const { from, to, options } = prepared;
    return whenDone(runAsync(copy(from, to, options, false), promiseSteps), () => undefined);
  };
  fs.cp = (args) => {
    const callback = typeof args[2] === 'function' ? args[2] : args[3];
    // Node says what is missing.
    if (typeof callback !== 'function') return realFs.cp('', '', undefined, callback);
    const { from, to, options } = prepare(args, 'fs.cp');
    callBack(whenDone(runAsync(copy(from, to, options, false), promiseSteps), () => undefined), callback);
    return undefined;
  };
}

// glob

function addGlob({ gate, fs, promises }) {
  const { glob, globSync } = realFs, globPromise = realFs.promises.glob;

  function prepare(pattern, given, label) {
    const patterns = ArrayIsArray(pattern) ? copyList(pattern) : pattern;
    const options = copyOptions(given, GLOB_OPTIONS);
    const all = ArrayIsArray(patterns) ? patterns : [patterns];
    const hasRoot = options.cwd !== undefined && options.cwd !== null;
    const cwd = hasRoot ? pathText(options.cwd, 'options.cwd') : '.';
    // Absolute patterns do not start there.
    const root = hasRoot || !allAbsolute(all) ? gate.resolved(READ, cwd, true, label) : '/';
    options.cwd = root;
    for (let at = 0; at < all.length; at++) {
      const base = typeof all[at] === 'string' ? baseOf(all[at]) : undefined;
      if (base !== undefined) gate.path(READ, isAbsolute(base) ? base : join(root, base), true, label);
    }
    let exclude;
    if (typeof options.exclude === 'function') {
      ({ exclude } = options);
      options.exclude = undefined;
    } else if (ArrayIsArray(options.exclude)) {
      options.exclude = copyList(options.exclude);
    }
    /** What lies behind a link that leads out of the grant is not there. */
    function keeps(result) {
      const name = typeof result === 'string' ? result : join(result.parentPath, result.name);
      try {
        gate.path(READ, isAbsolute(name) ? name : join(root, name), false, label);
      } catch (error) {
        if (isRefusal(error)) return false;
        throw error;
      }
      return exclude === undefined || !isExcluded(exclude, result, root);
    }
    return { __proto__: null, patterns, options, keeps };
  }

  fs.globSync = (args) => {
    const { patterns, options, keeps } = prepare(args[0], args[1], 'fs.globSync');
    return kept(globSync(patterns, options), keeps);
  };
  fs.glob = (args) => {
    const callback = typeof args[1] === 'function' ? args[1] : args[2];
    if (typeof callback !== 'function') return glob('', undefined, callback);
    const { patterns, options, keeps } = prepare(args[0], args[1], 'fs.glob');
    return glob(patterns, options, (error, results) => {
      if (error) return callback(error);
      return callback(null, kept(results, keeps));
    });
  };
  promises.glob = (args) => {
    const { patterns, options, keeps } = prepare(args[0], args[1], 'fs.promises.glob');
    return filtered(ReflectApply(globPromise, realFs.promises, [patterns, options]), keeps);
  };
}

function kept(results, keeps) {
  const found = [];
  for (let at = 0; at < results.length; at++) if (keeps(results[at])) ArrayPrototypePush(found, results[at]);
  return found;
}

async function* filtered(results, keeps) {
  for await (const result of results) if (keeps(result)) yield result;
}

function allAbsolute(patterns) {
  for (let at = 0; at < patterns.length; at++) if (typeof patterns[at] !== 'string' || !isAbsolute(patterns[at])) return false;
  return true;
}

// Watchers

function addWatchers({ gate, fs, promises }) {
  const { watch, watchFile, unwatchFile } = realFs, watchPromise = realFs.promises.watch;
  const watchers = createStatWatchers({ __proto__: null, watchFile, unwatchFile });

  function prepare(path, given, label) {
    const name = pathText(path, 'filename');
    const options = copyOptions(given, WATCH_OPTIONS);
    const real = gate.path(READ, name, true, label);
    if (options.recursive) gate.tree(READ, real, label);
    return { __proto__: null, real, options, names: replaced(real, name) };
  }

  fs.watch = (args) => {
    const listener = typeof args[1] === 'function' ? args[1] : args[2];
    const { real, options, names } = prepare(args[0], args[1], 'fs.watch');
    let inner;
    try {
      inner = watch(real, options);
    } catch (error) {
      throw renamed(error, names);
    }
    const watcher = wrapFSWatcher(inner);
    if (listener !== undefined) watcher.on('change', listener);
    return watcher;
  };
  promises.watch = (args) => {
    const { real, options } = prepare(args[0], args[1], 'fs.promises.watch');
    return ReflectApply(watchPromise, realFs.promises, [real, options]);
  };

  fs.watchFile = (args) => {
    const name = pathText(args[0], 'filename');
    const given = args[1] !== null && typeof args[1] === 'object' ? args[1] : undefined;
    const listener = given === undefined && args[1] !== null && args[1] !== undefined ? args[1] : args[2];
    // Node says what is missing.
    if (typeof listener !== 'function') return watchFile('', undefined, listener);
    const options = copyOptions(given, ['bigint', 'interval', 'persistent']);
    return watchers.watch(gate.path(READ, name, true, 'fs.watchFile'), options, listener);
  };
  fs.unwatchFile = (args) => {
    const name = pathText(args[0], 'filename');
    watchers.unwatch(gate.path(READ, name, true, 'fs.unwatchFile'), args[1]);
  };
}
