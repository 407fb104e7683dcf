'use strict';
// How a refusal of the native side reaches JavaScript: an Error with a stable code and what an operator needs.

const { Error, JSONParse, ObjectDefineProperty, ReflectApply, StringPrototypeIncludes, StringPrototypeSplit, StringPrototypeStartsWith } = require('./intrinsics.js');

/**
 * A load that was refused. `code` is stable (`ERR_LOADLOCK_*`, see docs/codes.md).
 */
class LoadlockError extends Error {
  /** @param {{code: string, message: string, path?: string, package?: string, capability?: string, expected?: string, found?: string, rule?: string, hint?: string}} refusal */
  constructor(refusal) {
    super(describe(refusal));
    const keys = ['code', 'path', 'package', 'capability', 'expected', 'found', 'rule', 'hint'];
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
    return withoutOwnFrames(JSONParse(message.slice(REFUSAL.length)));
  }
  return new LoadlockError({
    code: 'ERR_LOADLOCK_SELF_CHECK',
    message: `the native side failed: ${message}`,
    rule: 'a panic is a denial',
    hint: 'this is a fault of loadlock; please report it with the stack trace',
  });
}

/** A refusal whose stack begins where the package asked: ten frames of this shim would hide that place. */
function withoutOwnFrames(refusal) {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = OWN_FRAMES;
  const error = new LoadlockError(refusal);
  const { stack } = error;
  Error.stackTraceLimit = limit;
  // A package may have its own idea of a stack.
  if (typeof stack !== 'string') return error;
  const lines = StringPrototypeSplit(stack, '\n');
  let text = '', frames = 0;
  for (let at = 0; at < lines.length; at++) {
    if (StringPrototypeStartsWith(lines[at], '    at ')) {
      if (StringPrototypeIncludes(lines[at], __dirname) || frames === limit) continue;
      frames++;
    }
    text += at === 0 ? lines[at] : `\n${lines[at]}`;
  }
  define(error, 'stack', text, false);
  return error;
}

/** More than any path through the shim has. */
const OWN_FRAMES = 40;

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
