'use strict';
// File descriptors are numbers, and the same number is another file after a close. A package without a whole grant may
// use those that it opened itself: this is the list of them, one for each package.
//
// Two things keep a number from becoming somebody else's file while the list still names it: closing goes through here,
// and a close waits for operations that are still under way. What the list cannot know is that another package with a
// whole grant (or native code) closed a descriptor that was handed to it.

const { Error, ReflectApply, SafeMap, TypeError, uncurryThis } = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const deref = uncurryThis(WeakRef.prototype.deref);
const RealRangeError = RangeError, RealWeakRef = WeakRef;

/**
 * @typedef {object} Descriptor
 * @property {number} fd
 * @property {boolean} writable  whether it was opened for writing
 * @property {string} path  real path, for the check of what changes a file without writing to it
 * @property {number} pending  operations under way
 * @property {boolean} closed
 * @property {(() => void) | undefined} finish  closes it when nothing is under way any more
 * @property {WeakRef<object> | undefined} handle  the FileHandle it belongs to
 */

const tables = new SafeMap();

/** The descriptors of the package at `location`. */
function descriptorsOf(location) {
  let table = tables.get(location);
  if (table === undefined) {
    table = createTable();
    tables.set(location, table);
  }
  return table;
}

/** Whether the package at `location` opened `fd` itself; for facades of other modules that take descriptors. */
function ownsDescriptor(location, fd) {
  return descriptorsOf(location).get(fd) !== undefined;
}

/** @returns {Descriptor} */
function describe(fd, writable, path, handle) {
  return { __proto__: null, fd, writable, path, pending: 0, closed: false, finish: undefined, handle: handle && new RealWeakRef(handle) };
}

/**
 * Runs an operation with a callback on a descriptor; the number stays taken until it is done.
 * @param {Descriptor | undefined} descriptor
 * @param {Function} real
 * @param {unknown[]} args  with the callback last
 */
function during(descriptor, real, args) {
  const last = args.length - 1;
  const callback = args[last];
  if (descriptor === undefined || typeof callback !== 'function') return ReflectApply(real, undefined, args);
  descriptor.pending++;
  let under = true;
  const done = () => {
    if (!under) return;
    under = false;
    settle(descriptor);
  };
  args[last] = function (...results) {
    done();
    return ReflectApply(callback, undefined, results);
  };
  try {
    return ReflectApply(real, undefined, args);
  } catch (error) {
    done();
    throw error;
  }
}

/** Closes with `close` as soon as nothing is under way. From now on the descriptor is not the package's any more. */
function closeAfterwards(descriptor, close) {
  descriptor.closed = true;
  if (descriptor.pending === 0) return close();
  descriptor.finish = close;
  return undefined;
}

/** The FileHandle that a descriptor belongs to, if it does and still is. */
const handleOf = (descriptor) => (descriptor.handle === undefined ? undefined : deref(descriptor.handle));

const badDescriptor = (syscall) => nodeError(Error, 'EBADF', `EBADF: bad file descriptor, ${syscall}`, { errno: -9, syscall });

/** A descriptor as Node takes it: a whole number from 0. */
function checkNumber(fd) {
  if (typeof fd !== 'number') {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "fd" argument must be of type number. Received type ${typeof fd}`);
  }
  if (fd !== (fd | 0) || fd < 0) {
    throw nodeError(RealRangeError, 'ERR_OUT_OF_RANGE', `The value of "fd" is out of range. It must be >= 0 && <= 2147483647. Received ${fd}`);
  }
  return fd + 0;
}

module.exports = { badDescriptor, checkNumber, closeAfterwards, describe, descriptorsOf, during, handleOf, ownsDescriptor };

function settle(descriptor) {
  descriptor.pending--;
  if (descriptor.pending > 0 || descriptor.finish === undefined) return;
  const { finish } = descriptor;
  descriptor.finish = undefined;
  finish();
}

function createTable() {
  const open = new SafeMap();
  return {
    __proto__: null,
    /** @param {Descriptor} descriptor */
    add(descriptor) {
      open.set(descriptor.fd, descriptor);
      return descriptor;
    },
    remove(descriptor) {
      if (open.get(descriptor.fd) === descriptor) open.delete(descriptor.fd);
    },
    /** @returns {Descriptor | undefined} */
    get(fd) {
      const found = open.get(fd);
      if (found === undefined || found.closed) return undefined;
      // A handle closes its descriptor itself; it then has another number, or is gone.
      if (found.handle !== undefined && deref(found.handle)?.fd !== fd) {
        open.delete(fd);
        return undefined;
      }
      return found;
    },
  };
}
