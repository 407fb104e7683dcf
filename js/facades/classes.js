'use strict';
// Classes of builtins: telling them from functions, and cutting the way from an instance to its constructor.

const {
  FunctionPrototypeToString,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectDefineProperty,
  ReflectOwnKeys,
  StringPrototypeStartsWith,
  TypeError,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const ObjectPrototype = Object.prototype;

/**
 * Whether a function is meant for `new`: a class, or a constructor in the style of ES5.
 * @param {Function} fn
 */
function isClass(fn) {
  const { prototype } = fn;
  if (typeof prototype !== 'object' || prototype === null) return false;
  if (ReflectOwnKeys(prototype).length > 1 || ObjectGetPrototypeOf(prototype) !== ObjectPrototype) return true;
  return StringPrototypeStartsWith(FunctionPrototypeToString(fn), 'class');
}

/**
 * Makes `prototype.constructor` of a class that not everybody may construct lead nowhere: every instance leads there.
 * @param {Function} real
 * @param {Function} [parent]  what the constructor is to inherit from: Node looks for marks of its EventTarget there
 */
function severConstructor(real, parent) {
  const { prototype } = real;
  const descriptor = ObjectGetOwnPropertyDescriptor(prototype, 'constructor');
  if (descriptor === undefined || descriptor.value !== real || !descriptor.configurable) return;
  function severed() {
    throw nodeError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
  }
  // What people look at is its name; what code does with it is `instanceof`.
  ReflectDefineProperty(severed, 'name', { __proto__: null, value: real.name, configurable: false });
  ReflectDefineProperty(severed, 'prototype', { __proto__: null, value: prototype, writable: false });
  if (parent !== undefined) ObjectSetPrototypeOf(severed, parent);
  ObjectFreeze(severed);
  // Still writable: code that derives in the style of ES5 assigns to `constructor` of an object made from this one. As an
  // accessor it would change what util.inspect shows.
  ReflectDefineProperty(prototype, 'constructor', { __proto__: null, value: severed, writable: true, enumerable: false, configurable: false });
}

module.exports = { isClass, severConstructor };
