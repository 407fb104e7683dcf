'use strict';
// What one package may do, as the facades ask for it. The answers come from the signed policy through the native side;
// nothing here can be reached, let alone changed, by the package.

const { ObjectFreeze, SafeMap, StringPrototypeIncludes } = require('./intrinsics.js');

/** `native.grants` answers with one of these, or 2 for a scope, for every capability. */
const DENIED = 0, WHOLE = 1;

/**
 * @typedef {object} Authority
 * @property {string} location  location of the package, `''` for the application
 * @property {boolean} lenient  whether what is not permitted is recorded and then done all the same
 * @property {(capability: string) => boolean} granted  whether the capability is granted in part or whole
 * @property {(capability: string) => boolean} whole  whether the capability is granted without a scope
 * @property {(capability: string, value?: string) => boolean} permits  whether a use is permitted; records nothing
 * @property {(capability: string, value: string | undefined, attempt: string) => void} demand  returns when the use is
 *   permitted, or when violations are only recorded; throws LoadlockError otherwise
 * @property {(capability: string, value: string | undefined, attempt: string) => void} note  records a use that is not
 *   permitted and that the caller answers by doing nothing; never throws
 * @property {(capability: string, path: string, follow: boolean, attempt: string) => string} demandPath  as `demand`,
 *   for a file; gives its real path
 */

/**
 * @param {import('./binding.d.ts').Native} native
 * @param {boolean} lenient  whether violations are only recorded
 * @returns {(location: string) => Authority}  always the same object for the same package
 */
function createAuthorities(native, lenient) {
  const words = native.capabilities();
  const known = new SafeMap();

  function create(location) {
    const kinds = native.grants(location);
    const granted = { __proto__: null };
    for (let at = 0; at < words.length; at++) granted[words[at]] = kinds[at];

    function isGranted(capability) {
      return lenient || granted[capability] !== DENIED;
    }
    function whole(capability) {
      return granted[capability] === WHOLE;
    }
    function permits(capability, value) {
      return granted[capability] === WHOLE || isGranted(capability) && native.permits(location, capability, value ?? '');
    }
    function demand(capability, value, attempt) {
      // In learn mode nothing is whole, so every use comes by here and is recorded on the native side.
      if (granted[capability] === WHOLE) return;
      native.demand(location, capability, value ?? '', attempt);
    }
    function note(capability, value, attempt) {
      if (granted[capability] !== WHOLE) native.note(location, capability, value ?? '', attempt);
    }
    function demandPath(capability, path, follow, attempt) {
      if (StringPrototypeIncludes(path, '\0')) return path;
      return native.demandPath(location, capability, path, follow, attempt);
    }
    return ObjectFreeze({ __proto__: null, location, lenient, granted: isGranted, whole, permits, demand, note, demandPath });
  }

  return function authorityOf(location) {
    let authority = known.get(location);
    if (authority === undefined) {
      authority = create(location);
      known.set(location, authority);
    }
    return authority;
  };
}

module.exports = { createAuthorities };
