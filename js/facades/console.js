'use strict';
// The console. Node's own leads through `_stdout` to the class of sockets, and packages that replace its methods would
// read what others print. This one has the same methods; assigning to them does nothing, adding new ones works.

const {
  ObjectCreate,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SafeSet,
} = require('../intrinsics.js');
const { harden } = require('./harden.js');

const node = console;

/** Of Node's console, what stays with Node: its streams and its state. `context` makes consoles for the debugger. */
const KEPT = new SafeSet(['_ignoreErrors', '_stderr', '_stderrErrorHandler', '_stdout', '_stdoutErrorHandler', '_times', 'context']);

/** The console of every package. Made once, when nothing of the application has run yet. */
function createConsole() {
  const shared = ObjectCreate(ObjectFreeze(ObjectCreate(Object.prototype)));
  const keys = ReflectOwnKeys(node);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    // Symbols lead to its state too; the one that names the class is in the end.
    if (typeof key === 'symbol' || KEPT.has(key)) continue;
    const { value, enumerable } = ObjectGetOwnPropertyDescriptor(node, key);
    if (typeof value !== 'function') continue;
    harden(value);
    ObjectDefineProperty(shared, key, { __proto__: null, get: () => value, set: ignore, enumerable, configurable: false });
  }
  ObjectDefineProperty(shared, Symbol.toStringTag, { __proto__: null, value: 'console' });
  return shared;
}

module.exports = { createConsole };

function ignore() {
  // Whose console it is cannot be told here: everybody has the same.
}
