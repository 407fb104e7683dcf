'use strict';
// tty and util: the ways to terminals that go past the standard streams, and the formatting that everybody shares.

const {
  ObjectGetOwnPropertyDescriptor,
  ObjectIsFrozen,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectOwnKeys,
} = require('../intrinsics.js');
const { severConstructor } = require('./classes.js');

module.exports = {
  create: {
    tty: createTty,
    util: createUtil,
    sys: createUtil,
  },

  harden: {
    tty(real) {
      severConstructor(real.ReadStream);
      severConstructor(real.WriteStream);
    },
    sys: keepPromisify,
    util: keepPromisify,
  },
};

function createTty(context) {
  const { authority } = context;
  // Their classes derive from sockets.
  context.real('net');
  const real = context.real('tty');
  return {
    __proto__: null,
    ReadStream: deriving(real.ReadStream, (fd) => {
      if (fd === 0) authority.demand('process', 'stdin', 'tty.ReadStream(0)');
      else authority.demand('fs.read', undefined, `tty.ReadStream(${fd})`);
    }),
    WriteStream: deriving(real.WriteStream, (fd) => {
      // Standard output and error are everybody's.
      if (fd !== 1 && fd !== 2) authority.demand('fs.write', undefined, `tty.WriteStream(${fd})`);
    }),
  };
}

/** A class with Node's prototype, and nothing of the class that Node's inherits from. */
function deriving(Real, check) {
  const { name } = Real;
  const Derived = {
    [name]: function (fd, ...rest) {
      // A number is a number when it is looked at again; anything else Node refuses.
      check(fd);
      return ReflectConstruct(Real, [fd, ...rest], new.target === undefined || new.target === Derived ? Real : new.target);
    },
  }[name];
  ReflectDefineProperty(Derived, 'prototype', { __proto__: null, value: Real.prototype, writable: false });
  return Derived;
}

/** The `util.promisify` of everybody. */
let kept;

/** Node's defines a property on the function that somebody gave as the promisified one, and those of builtins are frozen. */
function keepPromisify(real) {
  const { promisify: realPromisify } = real;
  // `util` and `sys` are one object.
  if (realPromisify === kept) return;
  const { custom } = realPromisify;
  kept = {
    promisify(original) {
      const given = typeof original === 'function' ? original[custom] : undefined;
      return typeof given === 'function' && ObjectIsFrozen(given) ? given : realPromisify(original);
    },
  }.promisify;
  ReflectDefineProperty(kept, 'custom', { __proto__: null, value: custom, writable: true, enumerable: true, configurable: true });
  real.promisify = kept;
}

/**
 * `util.inspect.defaultOptions` is what every message of the process is formatted with, so only the application's is
 * Node's. Another package's are for what it formats itself.
 */
function createUtil(context) {
  if (context.authority.location === '') return undefined;
  const { inspect: realInspect } = context.real('util');
  let defaults;

  function inspect(value, ...rest) {
    if (defaults === undefined) return ReflectApply(realInspect, undefined, [value, ...rest]);
    const [options] = rest;
    if (options === undefined || options === null) return realInspect(value, { ...defaults });
    // The old signature: whether to show what is hidden, depth, and colours.
    if (typeof options !== 'object') return ReflectApply(realInspect, undefined, [value, ...rest]);
    return realInspect(value, { ...defaults, ...options });
  }
  const keys = ReflectOwnKeys(realInspect);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (key === 'prototype' || key === 'defaultOptions') continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(realInspect, key);
    ReflectDefineProperty(inspect, key, { __proto__: null, ...descriptor, configurable: true });
  }
  ReflectDefineProperty(inspect, 'defaultOptions', {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      // People assign to what they get here.
      defaults ??= { ...realInspect.defaultOptions };
      return defaults;
    },
    set(options) {
      defaults = { ...realInspect.defaultOptions, ...defaults, ...options };
    },
  });
  return { __proto__: null, inspect };
}
