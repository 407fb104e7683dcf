'use strict';
// CallSite objects hand out the functions on the stack and their receivers, and with them other packages' objects. Under
// a policy `Error.prepareStackTrace` gets sites that only say where they are. depd, source-map-support and callsites
// need no more.
//
// Node asks for the property on every trace (lib/internal/errors.js, `prepareStackTraceCallback`), so what it finds there
// is always our wrapper.

const {
  ArrayPrototypePush,
  Error,
  ObjectDefineProperty,
  ObjectFreeze,
  ReflectApply,
  ReflectOwnKeys,
  SafeWeakMap,
} = require('./intrinsics.js');

/** Everything that tells about a place and nothing that leads to an object. */
const TOLD = [
  'getTypeName', 'getFunctionName', 'getMethodName', 'getFileName', 'getLineNumber', 'getColumnNumber', 'getEvalOrigin', 'isToplevel', 'isEval',
  'isNative', 'isConstructor', 'isAsync', 'isPromiseAll', 'getPromiseIndex', 'getScriptNameOrSourceURL', 'getScriptHash', 'getEnclosingLineNumber',
  'getEnclosingColumnNumber', 'getPosition', 'toString',
];

/** Makes `Error.prepareStackTrace` safe to give away. Before the lockdown. */
function hideReceivers() {
  const siteOf = new SafeWeakMap(), wrapperOf = new SafeWeakMap(), givenOf = new SafeWeakMap();
  function CallSite() {}
  for (const name of TOLD) {
    ObjectDefineProperty(CallSite.prototype, name, {
      __proto__: null,
      value: {
        [name]() {
          const site = siteOf.get(this);
          return typeof site?.[name] === 'function' ? site[name]() : undefined;
        },
      }[name],
    });
  }
  for (const name of ['getThis', 'getFunction']) {
    ObjectDefineProperty(CallSite.prototype, name, { __proto__: null, value: { [name]() {} }[name] });
  }
  for (const name of ReflectOwnKeys(CallSite.prototype)) ObjectFreeze(CallSite.prototype[name]);
  ObjectFreeze(CallSite.prototype);

  function facade(site) {
    if (site === null || typeof site !== 'object' || siteOf.has(site)) return site;
    const safe = new CallSite();
    siteOf.set(safe, site);
    return ObjectFreeze(safe);
  }

  function wrap(given) {
    let wrapper = wrapperOf.get(given);
    if (wrapper === undefined) {
      wrapper = function prepareStackTrace(error, sites) {
        const safe = [];
        for (let at = 0; at < (sites?.length ?? 0); at++) ArrayPrototypePush(safe, facade(sites[at]));
        return ReflectApply(given, this, [error, safe]);
      };
      wrapperOf.set(given, wrapper);
      givenOf.set(wrapper, given);
    }
    return wrapper;
  }

  const initial = Error.prepareStackTrace;
  let current = initial;
  ObjectDefineProperty(Error, 'prepareStackTrace', {
    __proto__: null,
    get: () => current,
    set(value) {
      // What was read here before is put back as it was, Node's own among it.
      current = typeof value !== 'function' || value === initial || givenOf.has(value) ? value : wrap(value);
    },
    enumerable: true,
    configurable: false,
  });
}

module.exports = { hideReceivers };
