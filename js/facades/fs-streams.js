'use strict';
// ReadStream and WriteStream. Node's own keep the real `fs` under a symbol of each stream, read `path` when they open
// (which is later than any check) and `fd` at each read. Here a stream gets operations that lead to one file only: what
// it was made for is opened once, and after that only that descriptor is read, written and closed.

const {
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
} = require('../intrinsics.js');
const { copyOptions } = require('./fs-arguments.js');
const { badDescriptor, checkNumber, closeAfterwards, describe, during } = require('./fs-descriptors.js');
const { isHandle } = require('./fs-handles.js');
const { sever } = require('./fs-severing.js');

const BufferFrom = Buffer.from, { isBuffer } = Buffer;

/** Functions among them are the package's own, and run on the stream that it asked for. */
const OPTIONS = [
  'autoClose', 'autoDestroy', 'construct', 'decodeStrings', 'defaultEncoding', 'destroy', 'emitClose', 'encoding', 'end', 'fd', 'final', 'flags',
  'flush', 'fs', 'highWaterMark', 'mode', 'objectMode', 'read', 'signal', 'start', 'write', 'writev',
];

/**
 * @typedef {object} Gate  what a package's streams have to pass
 * @property {(path: unknown, options: object) => string | Buffer} open  checks a path, gives the name for `stream.path`, and puts
 *   into the options `target`, which is what will be opened, `openFlags`, and `checks` for `opened`
 * @property {(fd: number) => import('./fs-descriptors.js').Descriptor | undefined} adopt  checks a number that was given
 * @property {(fd: number, start: {target: string, flags: number, checks?: object}) => import('./fs-descriptors.js').Descriptor} opened
 *   throws when it is not the file that was decided on
 * @property {(descriptor: import('./fs-descriptors.js').Descriptor) => boolean} closing  whether it is to be closed at all
 */

/** For packages with the whole grant: nothing is asked, but the stream still leads to its own file only. */
const OPEN_GATE = {
  __proto__: null,
  open: undefined,
  adopt: (fd) => describe(fd, true, ''),
  opened: (fd) => describe(fd, true, ''),
  closing: () => true,
};

/**
 * A class in place of Node's `Real`, with the same prototype.
 * @param {Function} Real
 * @param {object} fs  Node's
 * @param {Gate} gate
 */
function createStreamClass(Real, fs, gate) {
  const { open, read, write, writev, close, fsync } = fs;

  function Stream(path, options) {
    if (new.target === undefined && !(this instanceof Real)) return ReflectConstruct(Stream, [path, options]);
    const given = copyOptions(options, OPTIONS);
    const start = { __proto__: null, descriptor: undefined, opens: false, target: undefined, flags: undefined, mode: undefined, checks: undefined, opensItself: false };
    if (given.fd === undefined || given.fd === null) {
      if (given.fs === undefined || given.fs === null) {
        start.opens = true;
        if (gate.open !== undefined) path = gate.open(path, given);
      }
    } else if (typeof given.fd === 'number') {
      if (given.fs === undefined || given.fs === null) start.descriptor = adopted(given.fd);
    } else if (!isHandle(given.fd) && gate.open !== undefined) {
      // Something with a FileHandle's prototype; Node says what is wrong with it.
      given.fd = { __proto__: null };
    }
    const { target, openFlags, checks } = given;
    given.target = given.openFlags = given.checks = undefined;
    if (start.opens || start.descriptor !== undefined) given.fs = operations(start);
    const stream = new.target === undefined ? ReflectApply(Real, this, [path, given]) ?? this : ReflectConstruct(Real, [path, given], new.target);
    if (start.opens) {
      const own = target ?? stream.path;
      start.target = isBuffer(own) ? BufferFrom(own) : own;
      start.flags = openFlags ?? stream.flags;
      start.mode = stream.mode;
      start.checks = checks;
      // graceful-fs and others open in a method of their own and assign `fd`.
      start.opensItself = typeof stream.open === 'function' && stream.open !== Real.prototype.open;
    }
    return stream;
  }

  function adopted(fd) {
    return gate.adopt(checkNumber(fd)) ?? describe(fd, true, '');
  }

  function operations(start) {
    let descriptor = start.descriptor, opened = !start.opens;

    function on(real, syscall, fd, args, callback) {
      if (descriptor === undefined && start.opensItself) {
        opened = true;
        descriptor = adopted(fd);
      }
      if (descriptor === undefined || descriptor.closed || descriptor.fd !== fd) return callback(badDescriptor(syscall));
      return during(descriptor, real, args);
    }

    return {
      __proto__: null,
      open(_path, _flags, _mode, callback) {
        if (opened || start.target === undefined) return callback(badDescriptor('open'));
        opened = true;
        return ReflectApply(open, fs, [start.target, start.flags, start.mode, (error, fd) => {
          if (error) return callback(error);
          try {
            descriptor = gate.opened(fd, start);
          } catch (refusal) {
            return ReflectApply(close, fs, [fd, () => callback(refusal)]);
          }
          return callback(null, fd);
        }]);
      },
      read: (fd, buffer, offset, length, position, callback) => on(read, 'read', fd, [fd, buffer, offset, length, position, callback], callback),
      write: (fd, buffer, offset, length, position, callback) => on(write, 'write', fd, [fd, buffer, offset, length, position, callback], callback),
      writev: (fd, buffers, position, callback) => on(writev, 'write', fd, [fd, buffers, position, callback], callback),
      fsync: (fd, callback) => on(fsync, 'fsync', fd, [fd, callback], callback),
      close(fd, callback) {
        if (descriptor === undefined && start.opensItself) descriptor = adopted(fd);
        if (descriptor === undefined || descriptor.closed || descriptor.fd !== fd) return callback(badDescriptor('close'));
        // The standard streams of the process are not the package's to close.
        if (!gate.closing(descriptor)) {
          descriptor.closed = true;
          return callback(null);
        }
        return closeAfterwards(descriptor, () => ReflectApply(close, fs, [fd, callback]));
      },
    };
  }

  for (const property of ['name', 'length']) {
    ObjectDefineProperty(Stream, property, { __proto__: null, value: Real[property], configurable: true });
  }
  Stream.prototype = Real.prototype;
  ObjectSetPrototypeOf(Stream, ObjectGetPrototypeOf(Real));
  return Stream;
}

/** Node's own classes, once everybody else gets others in their place. */
const originals = { __proto__: null };
const realStream = (name) => originals[name];

/** Makes `fs.createReadStream` and the classes themselves, for everybody, give streams with operations of their own. */
function hardenStreams(fs) {
  for (const name of ['ReadStream', 'WriteStream']) {
    const Real = originals[name] = fs[name];
    const Guarded = createStreamClass(Real, fs, OPEN_GATE);
    sever(Real.prototype);
    fs[name] = Guarded;
    fs[`File${name}`] = Guarded;
  }
}

module.exports = { createStreamClass, hardenStreams, realStream };
