'use strict';
// The classes of `fs` for one package: streams, Dir and Utf8Stream, each with Node's prototype.

const realFs = require('fs');
const { ReflectApply, ReflectConstruct, ReflectDefineProperty, ReflectOwnKeys, TypeError } = require('../intrinsics.js');
const { copyOptions, pathText } = require('./fs-arguments.js');
const { READ, WRITE } = require('./fs-gate.js');
const { createStreamClass, realStream } = require('./fs-streams.js');

const { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = realFs.constants;
const UTF8_STREAM_OPTIONS = [
  'append', 'contentMode', 'dest', 'fd', 'fs', 'fsync', 'hwm', 'maxLength', 'maxWrite', 'minLength', 'mkdir', 'mode', 'periodicFlush',
  'retryEAGAIN', 'sync',
];

/** The functions made together, and how. */
const STREAM_GROUPS = [{ names: ['createReadStream', 'createWriteStream'], add: addStreams }];

function addStreams(parts) {
  parts.fs.createReadStream = (args) => new (parts.classOf('ReadStream'))(args[0], args[1]);
  parts.fs.createWriteStream = (args) => new (parts.classOf('WriteStream'))(args[0], args[1]);
}

/**
 * @param {import('./fs-calls.js').Parts} parts
 * @param {'ReadStream' | 'WriteStream'} name
 */
function createStream({ gate }, name) {
  const reading = name === 'ReadStream';
  const missing = reading ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
  const label = `fs.create${name}`;
  return createStreamClass(realStream(name), realFs, {
    __proto__: null,
    open(path, options) {
      const given = pathText(path);
      const { real, flags, checks } = gate.open(given, gate.flags(options.flags, missing), reading ? READ : WRITE, label);
      options.target = real;
      options.checks = checks;
      options.openFlags = flags;
      return given;
    },
    adopt: (fd) => gate.descriptor(fd, reading ? 'read' : 'write', label),
    opened(fd, start) {
      gate.verify(fd, start.checks);
      return gate.opened(fd, start.flags, start.target);
    },
    closing(descriptor) {
      gate.table.remove(descriptor);
      return descriptor.fd > 2 || gate.whole(WRITE);
    },
  });
}

/** Made with a handle of the package's own, a Dir opens folders by the names that this handle gives. */
function createDir({ authority }) {
  const { Dir: Real } = realFs;
  function Dir(...args) {
    authority.demand(READ, undefined, 'new fs.Dir()');
    return ReflectConstruct(Real, args, new.target ?? Real);
  }
  ReflectDefineProperty(Dir, 'length', { __proto__: null, value: Real.length, configurable: true });
  Dir.prototype = Real.prototype;
  return Dir;
}

/** Node's calls the functions of `options.fs` on a copy of the whole of its `fs`. */
function createUtf8Stream({ find }) {
  const Real = realFs.Utf8Stream;
  const keys = ReflectOwnKeys(realFs);
  function Utf8Stream() {
    if (new.target === undefined) throw new TypeError("Class constructor Utf8Stream cannot be invoked without 'new'");
    const options = copyOptions(arguments[0], UTF8_STREAM_OPTIONS);
    const own = options.fs !== null && typeof options.fs === 'object' ? options.fs : undefined;
    const functions = { __proto__: null };
    for (let at = 0; at < keys.length; at++) {
      const call = find('fs', keys[at]), given = own?.[keys[at]];
      if (typeof given === 'function') functions[keys[at]] = (...args) => ReflectApply(given, own, args);
      else if (call !== undefined) functions[keys[at]] = (...args) => call(args);
      else functions[keys[at]] = undefined;
    }
    options.fs = functions;
    return ReflectConstruct(Real, [options], new.target);
  }
  Utf8Stream.prototype = Real.prototype;
  return Utf8Stream;
}

module.exports = { STREAM_GROUPS, createDir, createStream, createUtf8Stream };
