'use strict';
// How the checked functions of fs.js are put together: a `prepare` that replaces arguments by checked copies, and one of
// Node's three ways to give the result. Every function here takes its arguments as one array, which is its own to change.

const realFs = require('fs');
const {
  ArrayIsArray,
  Error,
  Promise,
  ReflectApply,
  StringPrototypeReplaceAll,
  process,
  uncurryThis,
} = require('../intrinsics.js');
const { LoadlockError } = require('../errors.js');

const whenDone = uncurryThis(Promise.prototype.then);
const reject = Promise.reject.bind(Promise);
const fulfil = Promise.resolve.bind(Promise);
const { nextTick } = process;

/**
 * @typedef {(args: unknown[], label: string) => string[] | undefined} Prepare  gives the names that were replaced by
 *   others: real, given, real, given
 * @typedef {(args: unknown[]) => unknown} Call
 * @typedef {object} Parts  what the functions of one package are made from
 * @property {import('../authority.js').Authority} authority
 * @property {ReturnType<import('./fs-gate.js').gateOf>} gate
 * @property {Record<string, Call>} fs  the checked functions so far
 * @property {Record<string, Call>} promises
 * @property {(surface: 'fs' | 'promises', key: string) => Call} find  a function, made when it is first asked for
 */

/**
 * Adds the three forms of a function, as far as this Node has them.
 * @param {Parts} parts
 * @param {string} name
 * @param {Prepare} prepare
 */
function addForms({ fs, promises }, name, prepare) {
  if (typeof realFs[name] === 'function') fs[name] = withCallback(realFs[name], `fs.${name}`, prepare);
  if (typeof realFs[`${name}Sync`] === 'function') fs[`${name}Sync`] = withReturn(realFs[`${name}Sync`], `fs.${name}Sync`, prepare);
  if (typeof realFs.promises[name] === 'function') promises[name] = withPromise(realFs.promises[name], `fs.promises.${name}`, prepare);
}

function withReturn(real, label, prepare) {
  return (args) => {
    dropFunctions(args);
    const names = prepare(args, label);
    if (names === undefined) return ReflectApply(real, realFs, args);
    try {
      return ReflectApply(real, realFs, args);
    } catch (error) {
      throw renamed(error, names);
    }
  };
}

function withCallback(real, label, prepare) {
  return (args) => {
    const names = prepare(args, label);
    if (names !== undefined) onError(args, names);
    return ReflectApply(real, realFs, args);
  };
}

function withPromise(real, label, prepare) {
  return (args) => {
    let names;
    dropFunctions(args);
    try {
      names = prepare(args, label);
    } catch (error) {
      return reject(error);
    }
    const promise = ReflectApply(real, realFs.promises, args);
    return names === undefined ? promise : whenDone(promise, undefined, (error) => {
      throw renamed(error, names);
    });
  };
}

/** A function in the place of options can have properties that a second look finds changed; no form takes one. */
function dropFunctions(args) {
  for (let at = 1; at < args.length; at++) if (typeof args[at] === 'function') args[at] = undefined;
}

/** A promise of what a function returns, rejected with what it throws. */
function promised(run) {
  try {
    return fulfil(run());
  } catch (error) {
    return reject(error);
  }
}

/** Gives an error of the operation its names back before the callback sees it. */
function onError(args, names) {
  return onResult(args, (callback, results) => {
    if (results[0]) results[0] = renamed(results[0], names);
    return ReflectApply(callback, undefined, results);
  });
}

/** Puts `deliver` in front of the callback, if there is one; without one Node says what is missing. */
function onResult(args, deliver) {
  const last = args.length - 1;
  const callback = args[last];
  if (last < 0 || typeof callback !== 'function') return false;
  args[last] = (...results) => deliver(callback, results);
  return true;
}

/** Delivers a promise to a callback, outside of the promise's own error handling. */
function callBack(promise, callback) {
  whenDone(promise, (value) => nextTick(callback, null, value), (error) => nextTick(callback, error));
}

/** The error of Node, with the name that the package gave. */
function renamed(error, names) {
  if (names === undefined || error === null || typeof error !== 'object' || !(error instanceof Error)) return error;
  for (let at = 0; at < names.length; at += 2) {
    const real = names[at], given = names[at + 1];
    if (error.path === real) error.path = given;
    if (error.dest === real) error.dest = given;
    const { message } = error;
    if (typeof message === 'string' && typeof error.syscall === 'string') error.message = StringPrototypeReplaceAll(message, `'${real}'`, `'${given}'`);
  }
  return error;
}

/** For `renamed`: the names that were replaced, if they were. */
function replaced(real, given) {
  return real === given ? undefined : [real, given];
}

function replacedBoth(realOne, one, realOther, other) {
  return realOne === one && realOther === other ? undefined : [realOne, one, realOther, other];
}

const isNames = ArrayIsArray;
const isRefusal = (error) => error instanceof LoadlockError && error.code === 'ERR_LOADLOCK_CAPABILITY';

module.exports = {
  addForms, callBack, dropFunctions, isNames, isRefusal, nextTick, onError, onResult, promised, reject, renamed, replaced, replacedBoth, whenDone, withCallback, withPromise,
  withReturn,
};
