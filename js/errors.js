'use strict';
// How a refusal of the native side reaches JavaScript: an Error with a stable code and what an operator needs.

const { Error, JSONParse, ObjectDefineProperty, ReflectApply, StringPrototypeStartsWith } = require('./intrinsics.js');

/**
 * A load that was refused. `code` is stable (`ERR_LOADLOCK_*`, see docs/codes.md).
 */
class LoadlockError extends Error {
  /** @param {{code: string, message: string, path?: string, package?: string, expected?: string, found?: string, rule?: string, hint?: string}} refusal */
  constructor(refusal) {
    super(describe(refusal));
    const keys = ['code', 'path', 'package', 'expected', 'found', 'rule', 'hint'];
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (refusal[key] !== undefined) define(this, key, refusal[key], true);
    }
  }
}
define(LoadlockError.prototype, 'name', 'LoadlockError', false);

/**
 * Wraps a native function: a refusal (JSON behind the marker) becomes a LoadlockError, anything else that was thrown,
 * a caught panic included, becomes ERR_LOADLOCK_SELF_CHECK. Nothing passes as success.
 * @template {(...args: any[]) => any} F
 * @param {F} native
 * @returns {F}
 */
function guarded(native) {
  return /** @type {F} */ (
    function (...args) {
      try {
        return ReflectApply(native, undefined, args);
      } catch (error) {
        throw fromNative(error);
      }
    }
  );
}

/** An error with the code, message and properties that Node itself would give. */
function nodeError(Base, code, message, properties) {
  const error = new Base(message);
  define(error, 'code', code, true);
  if (properties !== undefined) {
    for (const key in properties) define(error, key, properties[key], true);
  }
  return error;
}

module.exports = { LoadlockError, guarded, nodeError };

/** Must match `REFUSAL` in src/binding/error.rs. */
const REFUSAL = 'loadlock-refusal:';

function fromNative(error) {
  const message = error !== null && typeof error === 'object' ? error.message : undefined;
  if (typeof message === 'string' && StringPrototypeStartsWith(message, REFUSAL)) {
    return new LoadlockError(JSONParse(message.slice(REFUSAL.length)));
  }
  return new LoadlockError({
    code: 'ERR_LOADLOCK_SELF_CHECK',
    message: `the native side failed: ${message}`,
    rule: 'a panic is a denial',
    hint: 'this is a fault of loadlock; please report it with the stack trace',
  });
}

/** Everything an operator needs stands in the message: often it is all that survives being caught and logged. */
function describe({ code, message, expected, found, hint }) {
  let text = `${message} [${code}]`;
  if (expected !== undefined) text += `\n  sealed     ${expected}`;
  if (found !== undefined) text += `\n  found      ${found}`;
  if (hint !== undefined) text += `\n  what to do ${hint}`;
  return text;
}

function define(target, key, value, enumerable) {
  ObjectDefineProperty(target, key, { __proto__: null, value, enumerable, configurable: true, writable: true });
}
