// Node 20 only: module.register runs hooks in a thread of its own. The seal is shared, since it lives in the process and
// not in the thread; what the main thread decides and what is decided here come from the same memory.

const getBuiltinModule = process.getBuiltinModule;
const { createRequire, isBuiltin } = getBuiltinModule('node:module');

let hooks;

export function initialize({ shim, channel, facades, audit, policy }) {
  const require = createRequire(shim);
  const { createNative } = require('./native.js');
  const { createHooks } = require('./esm.js');
  hooks = createHooks({
    native: createNative(),
    isBuiltin,
    facadeKeys: (url) => facades[url],
    // Builtins are patched in the main thread when the hooks are set up (see register.js).
    touch() {},
    channel,
    register: shim,
    audit,
    policy,
  });
}

export function resolve(specifier, context, next) {
  return hooks.resolve(specifier, context, next);
}

export function load(url, context, next) {
  return hooks.load(url, context, next);
}
