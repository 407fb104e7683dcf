'use strict';
// The standard streams of one package. Each is a stream of its own that hands what it is given to Node's: the chain of
// prototypes of Node's streams leads to net.Socket and to file streams, their handles to sockets. A package that
// replaces `process.stdout.write` replaces its own.

const {
  ArrayPrototypePop,
  ArrayPrototypePush,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectKeys,
  ReflectApply,
  SafeWeakMap,
  process,
} = require('../intrinsics.js');

const { harden } = require('./harden.js');

const { nextTick } = process;

/** Methods of terminals; they only write. */
const TERMINAL_METHODS = ['clearLine', 'clearScreenDown', 'cursorTo', 'getColorDepth', 'getWindowSize', 'hasColors', 'moveCursor'];

/** Facades of one output stream of Node's, so that what happens to it reaches them. */
const outputs = { __proto__: null, stdout: undefined, stderr: undefined };
/** By error of a write: the facade that wrote. */
const writers = new SafeWeakMap();

/**
 * `process.stdout` or `process.stderr` of a package. It is a writable stream by its class and its events; what it is
 * given goes to Node's at once, so the output of packages keeps its order, and is out before the process exits.
 * @param {'stdout' | 'stderr'} name
 * @param {(name: string) => object} real  gives a builtin
 */
function createOutput(name, real) {
  const { Writable } = real('stream');
  harden(Writable);
  const node = process[name];
  const stream = new Writable({ autoDestroy: false, decodeStrings: false, emitClose: false, write });

  function write(chunk, encoding, callback) {
    const done = typeof encoding === 'function' ? encoding : callback;
    return node.write(chunk, typeof encoding === 'function' ? undefined : encoding, (error) => {
      if (error !== null && typeof error === 'object') writers.set(error, stream);
      if (typeof done === 'function') done(error);
    });
  }

  const methods = {
    write,
    // Whatever was piped here ends it when it is done. Node knows its own streams by identity and leaves those open;
    // here, who waits for the end hears of it, and the stream goes on.
    end(...args) {
      const last = typeof args[args.length - 1] === 'function' ? ArrayPrototypePop(args) : undefined;
      if (args[0] !== undefined && args[0] !== null) write(args[0], args[1]);
      write('', undefined, (error) => {
        if (last !== undefined) last(error);
        if (error === null || error === undefined) stream.emit('finish');
      });
      return stream;
    },
    destroy(error) {
      nextTick(() => {
        if (error !== null && error !== undefined) stream.emit('error', error);
        stream.emit('close');
      });
      return stream;
    },
    // They would hold back what everybody prints.
    cork() {},
    uncork() {},
  };
  methods.destroySoon = methods.destroy;
  const names = ObjectKeys(methods);
  for (let at = 0; at < names.length; at++) own(stream, names[at], methods[names[at]]);
  own(stream, 'fd', name === 'stdout' ? 1 : 2);
  own(stream, '_type', node._type);
  own(stream, '_isStdio', true);
  for (const key of ['isTTY', 'columns', 'rows']) if (key in node) delegate(stream, key, node);
  for (const key of ['writableHighWaterMark', 'writableLength', 'writableNeedDrain']) delegate(stream, key, node);
  for (const key of TERMINAL_METHODS) {
    if (typeof node[key] === 'function') own(stream, key, named(key, (...args) => ReflectApply(node[key], node, args)));
  }
  if (typeof node._handle?.setBlocking === 'function') {
    // Command-line tools call it before they print much and exit.
    own(stream, '_handle', ObjectFreeze({ __proto__: null, setBlocking: (on) => node._handle?.setBlocking(on === true) }));
  }
  follow(name, node, stream);
  return stream;
}

/**
 * `process.stdin` of a package. What it is attached to is free to know; reading needs `process: ["stdin"]`.
 * @param {import('../authority.js').Authority} authority
 * @param {(name: string) => object} real
 */
function createInput(authority, real) {
  const { Readable } = real('stream');
  harden(Readable);
  let node;
  const stream = new Readable({
    read() {
      start('read');
      node.resume();
    },
    destroy(error, callback) {
      node?.pause();
      node?.unref?.();
      callback(error);
    },
  });

  function demand(what) {
    authority.demand('process', 'stdin', `process.stdin.${what}()`);
  }

  function start(what) {
    demand(what);
    if (node !== undefined) return;
    node = process.stdin;
    node.on('data', (chunk) => {
      if (!stream.push(chunk)) node.pause();
    });
    node.on('end', () => stream.push(null));
    node.on('error', (error) => stream.destroy(error));
    // Node keeps the process alive as long as its own stream reads.
    stream.on('pause', () => node.pause());
    if (stream.readableEncoding === null && node.readableEncoding) stream.setEncoding(node.readableEncoding);
  }

  // A refusal inside `_read` would surface a tick later, out of reach of the caller: refuse where the caller asks.
  for (const key of ['read', 'resume', 'pipe']) {
    const method = stream[key];
    own(stream, key, named(key, (...args) => {
      start(key);
      return ReflectApply(method, stream, args);
    }));
  }
  for (const key of ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']) {
    const method = stream[key];
    own(stream, key, named(key, (event, ...args) => {
      if (event === 'data' || event === 'readable') start(key);
      return ReflectApply(method, stream, [event, ...args]);
    }));
  }
  own(stream, 'fd', 0);
  if (real('tty').isatty(0)) {
    own(stream, 'isTTY', true);
    own(stream, 'setRawMode', function setRawMode(mode) {
      start('setRawMode');
      node.setRawMode(mode === true);
      return stream;
    });
    ObjectDefineProperty(stream, 'isRaw', { __proto__: null, get: () => node?.isRaw === true, enumerable: true, configurable: true });
  }
  for (const key of ['ref', 'unref']) {
    own(stream, key, named(key, () => {
      node?.[key]?.();
      return stream;
    }));
  }
  return stream;
}

module.exports = { createInput, createOutput };

/** Carries what happens to Node's stream over to the facades of it. */
function follow(name, node, stream) {
  if (outputs[name] === undefined) {
    const facades = (outputs[name] = []);
    node.on('error', (error) => {
      const writer = error !== null && typeof error === 'object' ? writers.get(error) : undefined;
      // As an error of the stream that nobody handles.
      if (!tell(writer === undefined ? facades : [writer], 'error', error)) throw error;
    });
    node.on('drain', () => tell(facades, 'drain'));
    if (node.isTTY) node.on('resize', () => tell(facades, 'resize'));
  }
  ArrayPrototypePush(outputs[name], stream);
}

/** Whether anybody listened. */
function tell(facades, event, argument) {
  let heard = false;
  for (let at = 0; at < facades.length; at++) {
    if (facades[at].listenerCount(event) === 0) continue;
    heard = true;
    facades[at].emit(event, argument);
  }
  return heard;
}

function own(stream, key, value) {
  ObjectDefineProperty(stream, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

/** A property of Node's stream that may change, and that the package may set for itself. */
function delegate(stream, key, node) {
  ObjectDefineProperty(stream, key, {
    __proto__: null,
    get: () => node[key],
    set: (value) => own(stream, key, value),
    enumerable: true,
    configurable: true,
  });
}

function named(name, method) {
  return ObjectDefineProperty(method, 'name', { __proto__: null, value: name });
}
