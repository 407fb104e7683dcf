'use strict';
// Members of builtins that run code which never passes the loader: a console with Node's own `require`, a debugger, and
// the ways to map native code that are not `.node` files. Each is replaced by a function that refuses. Grants for them
// come with the capability policy.

const { ObjectDefineProperty, ObjectKeys, ReflectApply, ReflectConstruct } = require('./intrinsics.js');

/** Builtin to members; a path with a dot leads to a method of a class. `*` means every function. */
const REFUSED = {
  __proto__: null,
  crypto: ['setEngine'],
  ffi: ['*'],
  inspector: ['Session', 'open'],
  'inspector/promises': ['Session', 'open'],
  repl: ['REPLServer', 'start'],
  sqlite: ['DatabaseSync.prototype.loadExtension', 'DatabaseSync.prototype.enableLoadExtension'],
};

/**
 * Replaces the refused members of a builtin.
 * @param {{closed: (what: string) => void}} native
 * @param {string} name  without `node:`
 * @param {object} exports
 * @returns {boolean}  whether anything was replaced
 */
function closeSideDoors(native, name, exports) {
  const members = REFUSED[name];
  if (members === undefined) return false;
  const all = members[0] === '*' ? ObjectKeys(exports) : members;
  for (let at = 0; at < all.length; at++) close(native, name, exports, all[at].split('.'));
  return true;
}

module.exports = { closeSideDoors };

function close(native, name, exports, path) {
  let target = exports;
  for (let at = 0; at < path.length - 1; at++) target = target?.[path[at]];
  const key = path[path.length - 1];
  const real = target?.[key];
  if (typeof real !== 'function') return;
  const shown = `${name}.${path.join('.')}()`;
  // A function, not a class: what it stands for is called with `new`, without, and as a method.
  function refused(...args) {
    native.closed(shown);
    // Only audit mode comes this far.
    return new.target === undefined ? ReflectApply(real, this, args) : ReflectConstruct(real, args);
  }
  ObjectDefineProperty(target, key, { __proto__: null, value: refused, writable: false, enumerable: true, configurable: false });
}
