'use strict';
// Members of builtins that run code which never passes the loader: a console with Node's own `require`, a debugger, and
// the ways to map native code that are not `.node` files. Each is replaced by a function that refuses. Under a policy the
// capabilities `inspector`, `ffi` and `loader` decide about the first three instead.

const {
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  TypeError,
  process,
  replaceMember,
} = require('./intrinsics.js');

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

/** Builtins that a package without the grant cannot load when there is a policy. */
const GRANTED = { __proto__: null, ffi: true, inspector: true, 'inspector/promises': true, repl: true };

/** Builtins that make TLS contexts. */
const ENGINES = { __proto__: null, tls: true, https: true, http2: true, _tls_common: true, _tls_wrap: true };

/**
 * Replaces the refused members of a builtin.
 * @param {{closed: (what: string) => void}} native
 * @param {string} name  without `node:`
 * @param {object} exports
 * @param {boolean} policy  whether capabilities are enforced
 * @returns {boolean}  whether anything was replaced
 */
function closeSideDoors(native, name, exports, policy) {
  if (policy && GRANTED[name]) return false;
  // It derives its own class from what `inspector` exports, when it is loaded: that has to have happened before.
  if (name === 'inspector') process.getBuiltinModule('inspector/promises');
  if (name === 'sqlite') closeExtensionOption(native, exports);
  if (ENGINES[name] && !process.features.openssl_is_boringssl) closeEngines(native, exports);
  const members = REFUSED[name];
  if (members === undefined) return ENGINES[name] === true;
  const all = members[0] === '*' ? ObjectKeys(exports) : members;
  for (let at = 0; at < all.length; at++) close(native, name, exports, all[at].split('.'));
  return true;
}

module.exports = { closeSideDoors, SIDE_DOORS: [...ObjectKeys(REFUSED), ...ObjectKeys(ENGINES)] };

/** `allowExtension` gives SQL its own load_extension(), beside the method. */
function closeExtensionOption(native, exports) {
  const Real = exports.DatabaseSync;
  function DatabaseSync(location, options) {
    if (new.target === undefined) throw new TypeError("Class constructor DatabaseSync cannot be invoked without 'new'");
    const given = { ...options };
    if (given.allowExtension) native.closed('sqlite.DatabaseSync with allowExtension');
    return ReflectConstruct(Real, options === undefined ? [location] : [location, given], new.target);
  }
  DatabaseSync.prototype = Real.prototype;
  ObjectSetPrototypeOf(DatabaseSync, ObjectGetPrototypeOf(Real));
  // Still configurable: under a policy it is to lead nowhere.
  ReflectDefineProperty(Real.prototype, 'constructor', { __proto__: null, value: DatabaseSync, writable: false, enumerable: false, configurable: true });
  replaceMember(exports, 'DatabaseSync', DatabaseSync);
}

/** OpenSSL engines are shared libraries; every TLS module hands their names to the same native object. */
function closeEngines(native, exports) {
  const createSecureContext = exports.createSecureContext ?? process.getBuiltinModule('tls').createSecureContext;
  // An empty `ca` spares the root store, which takes tens of milliseconds on Node 20.
  const prototype = ObjectGetPrototypeOf(createSecureContext({ ca: [] }).context);
  for (const key of ['setClientCertEngine', 'setEngineKey']) {
    if (Object.hasOwn(prototype, key) && Object.getOwnPropertyDescriptor(prototype, key).configurable) {
      close(native, 'tls.SecureContext', prototype, [key]);
    }
  }
}

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
  replaceMember(target, key, refused);
}
