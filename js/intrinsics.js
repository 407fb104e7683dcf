'use strict';
// Intrinsics captured before any other code of the process runs (I9). The shim calls only these: a later change to a
// prototype, an iterator or a global cannot change what it decides or see what it handles.

const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { bind, call } = Function.prototype;

/** Turns a method into a function whose first argument is `this`; calling it looks nothing up on a prototype. */
const uncurryThis = bind.bind(call);
const getterOf = (prototype, name) => uncurryThis(getOwnPropertyDescriptor(prototype, name).get);

/** Puts a member in place for good: nobody can assign, delete or redefine it. */
function replaceMember(target, key, value) {
  defineProperty(target, key, { __proto__: null, value, writable: false, enumerable: true, configurable: false });
}

/** Collections whose methods are their own, so that they work whatever becomes of the shared prototypes. */
class SafeMap extends Map {}
class SafeSet extends Set {}
class SafeWeakMap extends WeakMap {}
class SafeWeakSet extends WeakSet {}
for (const [Safe, Shared] of [[SafeMap, Map], [SafeSet, Set], [SafeWeakMap, WeakMap], [SafeWeakSet, WeakSet]]) {
  for (const name of ownKeys(Shared.prototype)) {
    if (name !== 'constructor') defineProperty(Safe.prototype, name, getOwnPropertyDescriptor(Shared.prototype, name));
  }
  Object.setPrototypeOf(Safe.prototype, null);
  Object.freeze(Safe.prototype);
}

module.exports = Object.freeze({
  __proto__: null,
  ArrayIsArray: Array.isArray,
  ArrayPrototypeIndexOf: uncurryThis(Array.prototype.indexOf),
  ArrayPrototypeJoin: uncurryThis(Array.prototype.join),
  ArrayPrototypePop: uncurryThis(Array.prototype.pop),
  ArrayPrototypePush: uncurryThis(Array.prototype.push),
  ArrayPrototypeSplice: uncurryThis(Array.prototype.splice),
  Error,
  FunctionPrototypeToString: uncurryThis(Function.prototype.toString),
  JSONParse: JSON.parse,
  JSONStringify: JSON.stringify,
  Object,
  ObjectCreate: Object.create,
  ObjectDefineProperty: Object.defineProperty,
  ObjectFreeze: Object.freeze,
  ObjectGetOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
  ObjectGetPrototypeOf: Object.getPrototypeOf,
  ObjectIsFrozen: Object.isFrozen,
  ObjectKeys: Object.keys,
  ObjectPreventExtensions: Object.preventExtensions,
  ObjectPrototypeHasOwnProperty: uncurryThis(Object.prototype.hasOwnProperty),
  ObjectSeal: Object.seal,
  ObjectSetPrototypeOf: Object.setPrototypeOf,
  Promise,
  Proxy,
  ReflectApply: apply,
  ReflectConstruct: construct,
  ReflectDefineProperty: defineProperty,
  ReflectDeleteProperty: Reflect.deleteProperty,
  ReflectGet: Reflect.get,
  ReflectOwnKeys: ownKeys,
  ReflectSet: Reflect.set,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  SafeWeakSet,
  SetPrototypeForEach: uncurryThis(Set.prototype.forEach),
  String,
  StringPrototypeEndsWith: uncurryThis(String.prototype.endsWith),
  StringPrototypeIncludes: uncurryThis(String.prototype.includes),
  StringPrototypeIndexOf: uncurryThis(String.prototype.indexOf),
  StringPrototypeIsWellFormed: uncurryThis(String.prototype.isWellFormed),
  StringPrototypeLastIndexOf: uncurryThis(String.prototype.lastIndexOf),
  StringPrototypeReplaceAll: uncurryThis(String.prototype.replaceAll),
  StringPrototypeSlice: uncurryThis(String.prototype.slice),
  StringPrototypeSplit: uncurryThis(String.prototype.split),
  StringPrototypeStartsWith: uncurryThis(String.prototype.startsWith),
  StringPrototypeToLowerCase: uncurryThis(String.prototype.toLowerCase),
  StringPrototypeToUpperCase: uncurryThis(String.prototype.toUpperCase),
  StringPrototypeTrim: uncurryThis(String.prototype.trim),
  SymbolDescription: getterOf(Symbol.prototype, 'description'),
  SymbolFor: Symbol.for,
  SymbolKeyFor: Symbol.keyFor,
  TypeError,
  URL,
  URLHash: getterOf(URL.prototype, 'hash'),
  URLHref: getterOf(URL.prototype, 'href'),
  URLPathname: getterOf(URL.prototype, 'pathname'),
  URLProtocol: getterOf(URL.prototype, 'protocol'),
  URLSearch: getterOf(URL.prototype, 'search'),
  /** Node's own object: under a policy the global name leads to a powerless one. */
  process: globalThis.process,
  replaceMember,
  uncurryThis,
});
