'use strict';
// Everything that can be reached from some values without calling a function other than getters.

const LIMIT = 400_000;

/**
 * @param {Record<string, unknown>} roots
 * @param {(value: object) => boolean} [skip]  values that are not looked into
 * @returns {Map<object, string>}  each object, and by which way it was found first
 */
module.exports = function walk(roots, skip = () => false) {
  const found = new Map();
  const queue = [];
  function add(value, path) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || found.has(value)) return;
    found.set(value, path);
    if (!skip(value)) queue.push(value);
  }
  for (const name of Object.keys(roots)) add(roots[name], name);
  for (let at = 0; at < queue.length && found.size < LIMIT; at++) look(queue[at], found.get(queue[at]), add);
  return found;
};

function look(value, path, add) {
  let prototype;
  try {
    prototype = Object.getPrototypeOf(value);
  } catch {
      // What refuses to be looked at is not reached.
    }
  add(prototype, `${path}.__proto__`);
  // Getters of prototypes are asked for this very object.
  for (let holder = value, depth = 0; holder !== null && holder !== undefined && depth < 12; depth++) {
    let keys = [];
    try {
      keys = Reflect.ownKeys(holder);
    } catch {
      // What refuses to be looked at is not reached.
    }
    for (const key of keys) {
      let descriptor;
      try {
        descriptor = Object.getOwnPropertyDescriptor(holder, key);
      } catch {
      // What refuses to be looked at is not reached.
    }
      if (descriptor === undefined) continue;
      const step = `${path}${typeof key === 'symbol' ? `[${String(key)}]` : `.${key}`}`;
      if ('value' in descriptor) {
        if (holder === value) add(descriptor.value, step);
        continue;
      }
      if (holder === value) {
        add(descriptor.get, `${step}<get>`);
        add(descriptor.set, `${step}<set>`);
      }
      if (descriptor.get === undefined || path.length > 400) continue;
      try {
        add(Reflect.apply(descriptor.get, value, []), step);
      } catch (error) {
        add(error, `${step}<error>`);
      }
    }
    try {
      holder = Object.getPrototypeOf(holder);
    } catch {
      break;
    }
  }
  try {
    if (value instanceof Map) for (const [key, item] of value) { add(key, `${path}<key>`); add(item, `${path}<entry>`); }
    else if (value instanceof Set) for (const item of value) add(item, `${path}<entry>`);
  } catch {
      // What refuses to be looked at is not reached.
    }
}
