'use strict';
// A stand-in for js/authority.js, which asks the native side: the same answers from a plain object of grants.
const fs = require('node:fs');
const { dirname, join, resolve, basename } = require('node:path');
const { LoadlockError } = require('../../../js/errors.js');

const { lstatSync, readlinkSync, realpathSync } = fs;
const native = realpathSync.native;

/**
 * @param {Record<string, true | string[]>} grants  a path ends in `/**` for all below it, or is exact
 * @param {{audit?: boolean, location?: string}} [options]
 */
exports.createAuthority = function createAuthority(grants, { audit = false, location = `test-${Math.random()}` } = {}) {
  const records = [];
  const whole = (capability) => grants[capability] === true;
  const permits = (capability, value) => whole(capability) || (grants[capability] ?? []).some((pattern) => matches(pattern, value));
  function demand(capability, value, attempt) {
    if (permits(capability, value)) return;
    records.push({ capability, value, attempt });
    if (audit) return;
    throw new LoadlockError({ code: 'ERR_LOADLOCK_CAPABILITY', message: `${attempt} needs ${capability}` });
  }
  function demandPath(capability, path, follow, attempt) {
    if (path.includes('\0')) return path;
    const real = realPath(path, follow);
    demand(capability, real, attempt);
    return real;
  }
  return Object.freeze({ __proto__: null, location, whole, permits, demand, demandPath, records, note() {} });
};

/** One segment for `*`, any number for `**`; a folder matches its own `/**`. */
function matches(pattern, value) {
  if (value === undefined) return false;
  if (!pattern.includes('*')) return pattern === value;
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\/\*\*$/, '(/.*)?').replace(/(?<!\.)\*/g, '[^/]*');
  return new RegExp(`^${source}$`).test(value);
}

/** As src/runtime/real_path.rs. */
function realPath(path, follow, links = 0) {
  const absolute = resolve(path);
  try {
    if (follow) return native(path);
    return join(native(dirname(absolute)), basename(absolute));
  } catch {
    // Something on the way is not there.
  }
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  const at = join(realPath(parent, true, links), basename(absolute));
  if (!follow || links > 40) return at;
  try {
    if (lstatSync(at).isSymbolicLink()) return realPath(resolve(dirname(at), readlinkSync(at)), true, links + 1);
  } catch {
    // Not there at all.
  }
  return at;
}
