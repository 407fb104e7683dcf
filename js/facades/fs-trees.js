'use strict';
// Operations over whole trees, step by step. Node's own follow what they find, in native code, and where they end up is
// known only afterwards; here every step is one of the package's own checked functions. Each is written once, as a
// generator that asks for steps, and runs with the synchronous or with the promise functions.

const { Dirent, constants } = require('fs');
const { dirname, isAbsolute, join, relative, resolve, sep } = require('path');
const { isPromise } = require('util').types;
const {
  ArrayPrototypePush,
  Error,
  ObjectGetPrototypeOf,
  Promise,
  ReflectApply,
  StringPrototypeEndsWith,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  TypeError,
  uncurryThis,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const generators = ObjectGetPrototypeOf(ObjectGetPrototypeOf((function* () {})()));
const next = uncurryThis(generators.next);
const raise = uncurryThis(generators.throw);
const then = uncurryThis(Promise.prototype.then);
const { errno } = require('os').constants;
const BufferFrom = Buffer.from;
const RealPromise = Promise;

/**
 * @typedef {object} Steps
 * @property {Record<string, Function>} functions  checked functions of one package, named as in `fs/promises`
 */

/** Runs with functions that return. */
function runSync(generator, functions) {
  let step = next(generator);
  while (!step.done) {
    let value, thrown;
    try {
      value = perform(step.value, functions);
    } catch (error) {
      thrown = { error };
    }
    step = thrown === undefined ? next(generator, value) : raise(generator, thrown.error);
  }
  return step.value;
}

/** Runs with functions that give promises. */
function runAsync(generator, functions) {
  return new RealPromise((fulfil, reject) => {
    function go(advance, value) {
      let step;
      try {
        step = advance(generator, value);
        if (step.done) return fulfil(step.value);
        const result = perform(step.value, functions);
        // What a package's filter gives back may be any thenable.
        then(new RealPromise((settle) => settle(result)), (value) => go(next, value), (error) => go(raise, error));
      } catch (error) {
        if (step === undefined) reject(error);
        else go(raise, error);
      }
      return undefined;
    }
    go(next, undefined);
  });
}

/** `readdir` with `recursive`. Links are listed and not followed. */
function* list(root, options) {
  const { withFileTypes, encoding } = options;
  const found = [], folders = [''];
  for (let at = 0; at < folders.length; at++) {
    const folder = folders[at] === '' ? root : join(root, folders[at]);
    const entries = yield ['readdir', folder, { __proto__: null, withFileTypes: true }];
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      const name = join(folders[at], entry.name);
      if (entry.isDirectory()) ArrayPrototypePush(folders, name);
      if (withFileTypes) ArrayPrototypePush(found, entry);
      else ArrayPrototypePush(found, encoding === undefined || encoding === 'utf8' || encoding === 'utf-8' ? name : encoded(name, encoding));
    }
  }
  return found;
}

/**
 * `cp`.
 * @param {string} source
 * @param {string} target
 * @param {object} options  copied
 * @param {boolean} sync  whether a filter may not give a promise
 */
function* copy(source, target, options, sync) {
  const o = { __proto__: null, ...options, sync, force: options.force ?? true };
  if (!(yield* passes(o, source, target))) return undefined;
  const stats = yield* compare(o, source, target);
  if (stats.source.isDirectory() && isInside(resolve(source), resolve(target))) {
    throw copyError('ERR_FS_CP_EINVAL', 'Invalid src or dest', `cannot copy ${source} to a subdirectory of self ${target}`, target, 'EINVAL');
  }
  yield ['makeParent', target];
  return yield* copyEntry(o, stats, source, target);
}

/** The part of a pattern that is a plain path, when it leads anywhere but down from the start. */
function baseOf(pattern) {
  const segments = StringPrototypeSplit(pattern, '/');
  let end = 0, climbs = false;
  while (end < segments.length && !hasMagic(segments[end])) {
    if (segments[end] === '..') climbs = true;
    end++;
  }
  if (!climbs && !isAbsolute(pattern)) return undefined;
  let base = '';
  for (let at = 0; at < end; at++) base += at === 0 ? segments[at] : `/${segments[at]}`;
  return base === '' ? '/' : base;
}

/**
 * Whether a result of a glob stays when a function excludes entries: Node asks it on the way down, here it is asked
 * afterwards about each part of the way, so that it never sees an entry that the package may not see.
 */
function isExcluded(exclude, result, root) {
  const isText = typeof result === 'string';
  const path = isText ? result : relative(root, join(result.parentPath, result.name));
  const segments = StringPrototypeSplit(path, sep);
  let way = '';
  for (let at = 0; at < segments.length; at++) {
    const parent = way;
    way = at === 0 ? segments[at] : `${way}${sep}${segments[at]}`;
    if (isText) {
      if (exclude(way) || (segments[at] !== way && exclude(segments[at]))) return true;
    } else {
      const entry = at === segments.length - 1 ? result : new Dirent(segments[at], constants.UV_DIRENT_DIR, join(root, parent));
      if (exclude(entry)) return true;
    }
  }
  return false;
}

module.exports = { baseOf, copy, isExcluded, list, runAsync, runSync };

function perform(step, functions) {
  const [name, ...args] = step;
  if (name === 'ask') return ReflectApply(args[0], undefined, [args[1], args[2]]);
  return ReflectApply(functions[name], undefined, args);
}

function encoded(name, encoding) {
  const bytes = BufferFrom(name);
  return encoding === 'buffer' ? bytes : bytes.toString(encoding);
}

function* passes(o, source, target) {
  if (o.filter === undefined) return true;
  const answer = yield ['ask', o.filter, source, target];
  if (o.sync && isPromise(answer)) {
    throw nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE', 'Expected boolean to be returned from the "filter" function but got an instance of Promise.');
  }
  return answer;
}

function* compare(o, source, target) {
  const stat = o.dereference ? 'stat' : 'lstat';
  const from = yield [stat, source, { __proto__: null, bigint: true }];
  let to;
  try {
    to = yield [stat, target, { __proto__: null, bigint: true }];
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (to !== undefined) {
    if (to.ino === from.ino && to.dev === from.dev && to.ino !== 0n) {
      throw copyError('ERR_FS_CP_EINVAL', 'Invalid src or dest', 'src and dest cannot be the same', target, 'EINVAL');
    }
    if (from.isDirectory() && !to.isDirectory()) {
      throw copyError('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot overwrite non-directory with directory', `cannot overwrite non-directory ${target} with directory ${source}`, target, 'EISDIR');
    }
    if (!from.isDirectory() && to.isDirectory()) {
      throw copyError('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot overwrite directory with non-directory', `cannot overwrite directory ${target} with non-directory ${source}`, target, 'ENOTDIR');
    }
  }
  return { __proto__: null, source: from, target: to };
}

function* copyEntry(o, stats, source, target) {
  const from = stats.source;
  if (from.isDirectory()) {
    if (!o.recursive) throw copyError('ERR_FS_EISDIR', 'Path is a directory', `${source} is a directory (not copied)`, source, 'EISDIR');
    return yield* copyFolder(o, stats, source, target);
  }
  if (from.isSymbolicLink()) return yield* copyLink(o, stats.target, source, target);
  if (from.isSocket()) throw copyError('ERR_FS_CP_SOCKET', 'Cannot copy a socket file', `cannot copy a socket file: ${target}`, target, 'EINVAL');
  if (from.isFIFO()) throw copyError('ERR_FS_CP_FIFO_PIPE', 'Cannot copy a FIFO pipe', `cannot copy a FIFO pipe: ${target}`, target, 'EINVAL');
  return yield* copyFile(o, stats, source, target);
}

function* copyFolder(o, stats, source, target) {
  if (stats.target === undefined) yield ['mkdir', target];
  else if (o.errorOnExist && !o.force) throw exists(target);
  const names = yield ['readdir', source];
  for (let at = 0; at < names.length; at++) {
    const from = join(source, names[at]), to = join(target, names[at]);
    if (yield* passes(o, from, to)) yield* copyEntry(o, yield* compare(o, from, to), from, to);
  }
  if (o.preserveTimestamps) yield* copyTimes(source, target);
  if (stats.target === undefined) yield ['chmod', target, Number(stats.source.mode & 0o7777n)];
  return undefined;
}

function* copyFile(o, stats, source, target) {
  if (stats.target !== undefined) {
    if (!o.force) {
      if (o.errorOnExist) throw exists(target);
      return undefined;
    }
    yield ['unlink', target];
  }
  yield ['copyFile', source, target, o.mode ?? 0];
  const mode = Number(stats.source.mode & 0o7777n);
  if (o.preserveTimestamps) {
    if ((mode & 0o200) === 0) yield ['chmod', target, mode | 0o200];
    yield* copyTimes(source, target);
  }
  return yield ['chmod', target, mode];
}

function* copyTimes(source, target) {
  const { atime, mtime } = yield ['stat', source];
  return yield ['utimes', target, atime, mtime];
}

function* copyLink(o, existing, source, target) {
  let leadsTo = yield ['readlink', source];
  if (!o.verbatimSymlinks && !isAbsolute(leadsTo)) leadsTo = resolve(dirname(source), leadsTo);
  if (existing === undefined) return yield ['symlink', leadsTo, target];
  let present;
  try {
    present = yield ['readlink', target];
  } catch (error) {
    // No link stands there; `symlink` says what does.
    if (error.code === 'EINVAL' || error.code === 'UNKNOWN') return yield ['symlink', leadsTo, target];
    throw error;
  }
  present = resolve(dirname(target), present);
  const absolute = resolve(dirname(target), leadsTo);
  if (isInside(absolute, present) && absolute !== present) {
    throw copyError('ERR_FS_CP_EINVAL', 'Invalid src or dest', `cannot copy ${absolute} to a subdirectory of self ${present}`, target, 'EINVAL');
  }
  if (isInside(present, absolute) && absolute !== present) {
    throw copyError('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', 'Cannot overwrite symlink in subdirectory of self', `cannot overwrite ${present} with ${absolute}`, target, 'EINVAL');
  }
  yield ['unlink', target];
  return yield ['symlink', leadsTo, target];
}

function exists(target) {
  return copyError('ERR_FS_CP_EEXIST', 'Target already exists', `${target} already exists`, target, 'EEXIST');
}

/** In the shape of Node's SystemError. */
function copyError(code, title, message, path, name) {
  const text = `${title}: cp returned ${name} (${message}) ${path}`;
  return nodeError(Error, code, text, { __proto__: null, errno: errno[name], syscall: 'cp', path });
}

function isInside(folder, path) {
  const above = StringPrototypeEndsWith(folder, sep) ? folder : `${folder}${sep}`;
  return path === folder || StringPrototypeStartsWith(path, above);
}

const MAGIC = { __proto__: null, '*': 1, '?': 1, '[': 1, ']': 1, '{': 1, '}': 1, '(': 1, ')': 1, '!': 1, '+': 1, '@': 1, '\\': 1 };

function hasMagic(segment) {
  for (let at = 0; at < segment.length; at++) if (MAGIC[segment[at]] === 1) return true;
  return false;
}
