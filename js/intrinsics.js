'use strict';
// Intrinsics captured before any other code of the process runs (I9). The shim calls only these: a later change to a
// prototype, an iterator or a global cannot change what it decides or see what it handles.

const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { bind, call } = Function.prototype;

/** Turns a method into a function whose first argument is `this`; calling it looks nothing up on a prototype. */
const uncurryThis = bind.bind(call);
const getterOf = (prototype, name) => uncurryThis(getOwnPropertyDescriptor(prototype, name).get);

/** A Map whose methods are its own, so that it works whatever becomes of Map.prototype. */
class SafeMap extends Map {}
for (const name of ownKeys(Map.prototype)) {
  if (name !== 'constructor') defineProperty(SafeMap.prototype, name, getOwnPropertyDescriptor(Map.prototype, name));
}
Object.setPrototypeOf(SafeMap.prototype, null);
Object.freeze(SafeMap.prototype);

module.exports = Object.freeze({
  __proto__: null,
  ArrayIsArray: Array.isArray,
  ArrayPrototypeIndexOf: uncurryThis(Array.prototype.indexOf),
  ArrayPrototypeJoin: uncurryThis(Array.prototype.join),
  ArrayPrototypePush: uncurryThis(Array.prototype.push),
  ArrayPrototypeSlice: uncurryThis(Array.prototype.slice),
  ArrayPrototypeSplice: uncurryThis(Array.prototype.splice),
  Error,
  JSONParse: JSON.parse,
  JSONStringify: JSON.stringify,
  Object,
  ObjectCreate: Object.create,
  ObjectDefineProperty: Object.defineProperty,
  ObjectFreeze: Object.freeze,
  ObjectGetOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
  ObjectGetOwnPropertyDescriptors: Object.getOwnPropertyDescriptors,
  ObjectGetPrototypeOf: Object.getPrototypeOf,
  ObjectKeys: Object.keys,
  ObjectPreventExtensions: Object.preventExtensions,
  ObjectPrototypeHasOwnProperty: uncurryThis(Object.prototype.hasOwnProperty),
  ObjectSetPrototypeOf: Object.setPrototypeOf,
  Proxy,
  ReflectApply: apply,
  ReflectConstruct: construct,
  ReflectDefineProperty: defineProperty,
  ReflectOwnKeys: ownKeys,
  SafeMap,
  SetPrototypeForEach: uncurryThis(Set.prototype.forEach),
  String,
  StringPrototypeCharCodeAt: uncurryThis(String.prototype.charCodeAt),
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
  TypeError,
  URL,
  URLHash: getterOf(URL.prototype, 'hash'),
  URLHref: getterOf(URL.prototype, 'href'),
  URLPathname: getterOf(URL.prototype, 'pathname'),
  URLProtocol: getterOf(URL.prototype, 'protocol'),
  URLSearch: getterOf(URL.prototype, 'search'),
  uncurryThis,
});
