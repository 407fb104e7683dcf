'use strict';
// Ways from an object that `fs` gave back to the power that made it: classes, shared prototypes, and the receivers of
// callbacks.

const fs = require('fs');
const { ObjectDefineProperty, ObjectGetPrototypeOf, ObjectPrototypeHasOwnProperty, ReflectApply, ReflectOwnKeys } = require('../intrinsics.js');
const { severConstructor } = require('./classes.js');

/** Makes a prototype's `constructor` lead nowhere. */
function sever(shared) {
  const Real = ObjectPrototypeHasOwnProperty(shared, 'constructor') ? shared.constructor : undefined;
  if (typeof Real === 'function' && Real.prototype === shared) severConstructor(Real);
}

/** Cuts an instance's classes off, up to those that everybody has. */
function severInstance(instance, stop) {
  for (let at = ObjectGetPrototypeOf(instance); at !== null && at !== stop && at !== Object.prototype; at = ObjectGetPrototypeOf(at)) sever(at);
}

/** Node's `fs.readFile` calls back with its own state as the receiver: a descriptor and the methods that read it. */
function hideReadFileContext() {
  const found = captureThis('isUserFd', () => fs.readFile('/', () => {}));
  if (found === undefined) return;
  const shared = ObjectGetPrototypeOf(found);
  if (shared === null || shared === Object.prototype) return;
  sever(shared);
  ObjectDefineProperty(shared, 'callback', {
    __proto__: null,
    configurable: false,
    enumerable: false,
    get: undefined,
    set(callback) {
      const value = (...results) => ReflectApply(callback, undefined, results);
      ObjectDefineProperty(this, 'callback', { __proto__: null, value, configurable: true, enumerable: true, writable: true });
    },
  });
}

module.exports = { hideReadFileContext, sever, severInstance };

/** The object to which `run` assigns `key` first; `run` does not get any further. */
function captureThis(key, run) {
  const stop = {};
  let found;
  if (ReflectOwnKeys(Object.prototype).includes(key)) return undefined;
  // At the start, before any package runs, and gone at once.
  ObjectDefineProperty(Object.prototype, key, {
    __proto__: null,
    configurable: true,
    set() {
      found = this;
      throw stop;
    },
  });
  try {
    run();
  } catch (error) {
    if (error !== stop) throw error;
  } finally {
    delete Object.prototype[key];
  }
  return found;
}
