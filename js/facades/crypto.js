'use strict';
// crypto, for packages: Node 24.20 and later open a private key that is given as a URL through OpenSSL's STORE, which
// reads files and loads whatever provider the scheme names. Everything else of crypto only computes.

const {
  ArrayPrototypeIndexOf,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeWeakMap,
  TypeError,
  URL,
  URLHref,
  URLProtocol,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');
const { fileURLToPath, pathToFileURL } = require('url');
const { types } = require('util');

/** Function to the places of its arguments that are keys. `diffieHellman` has them one level deeper. */
const KEYS = {
  __proto__: null,
  createPrivateKey: 0,
  createPublicKey: 0,
  decapsulate: 0,
  encapsulate: 0,
  privateDecrypt: 0,
  privateEncrypt: 0,
  publicDecrypt: 0,
  publicEncrypt: 0,
  sign: 2,
  verify: 2,
};

/** Methods of instances, which know no package: they take no URL at all. */
const METHODS = { __proto__: null, Sign: 'sign', Verify: 'verify' };

/** Instances that were made by a package, which answers for the keys that they are used with. */
const owners = new SafeWeakMap();

module.exports = {
  create: {
    crypto(context) {
      const { authority } = context;
      const real = context.real('crypto');
      const overrides = { __proto__: null };
      for (const name of ReflectOwnKeys(KEYS)) {
        if (real[name] !== undefined) overrides[name] = withKey(real, name, KEYS[name], authority);
      }
      overrides.diffieHellman = function diffieHellman(options, callback) {
        const checked = withCheckedKeys(options, ['privateKey', 'publicKey'], authority, 'crypto.diffieHellman()', checkedKey);
        return callback === undefined ? real.diffieHellman(checked) : real.diffieHellman(checked, callback);
      };
      for (const factory of ['createSign', 'createVerify']) {
        const create = real[factory];
        overrides[factory] = {
          [factory](algorithm, options) {
            const made = ReflectApply(create, real, [algorithm, options]);
            owners.set(made, authority);
            return made;
          },
        }[factory];
      }
      // Whether the process keeps to FIPS is nobody's to change: the setter of every facade changes that facade alone.
      if ('fips' in real) {
        ReflectDefineProperty(overrides, 'fips', { __proto__: null, get: () => real.getFips(), enumerable: true, configurable: true });
      }
      return overrides;
    },
  },

  harden: {
    crypto(real) {
      for (const name of ReflectOwnKeys(METHODS)) {
        const { prototype } = real[name];
        const method = METHODS[name];
        const realMethod = prototype[method];
        const { writable, enumerable, configurable } = ObjectGetOwnPropertyDescriptor(prototype, method);
        const value = {
          [method](key, ...rest) {
            const attempt = `crypto.${name}.${method}()`;
            return ReflectApply(realMethod, this, [checkedKey(key, owners.get(this) ?? nobody(attempt), attempt), ...rest]);
          },
        }[method];
        ReflectDefineProperty(prototype, method, { __proto__: null, value, writable, enumerable, configurable });
      }
    },
  },
};

function withKey(real, name, place, authority) {
  const fn = real[name];
  const attempt = `crypto.${name}()`;
  const checked = {
    [fn.name](...args) {
      if (place < args.length) args[place] = checkedKey(args[place], authority, attempt);
      return ReflectApply(fn, real, args);
    },
  }[fn.name];
  ReflectDefineProperty(checked, 'length', { __proto__: null, value: fn.length, configurable: true });
  return checked;
}

/** A key as Node may have it: the URL in it, if there is one, leads to a file that the package may read. */
function checkedKey(key, authority, attempt) {
  if (isUrl(key)) return checkedUrl(key, authority, attempt);
  return withCheckedKeys(key, ['key'], authority, attempt, urlOrSame);
}

function urlOrSame(value, authority, attempt) {
  return isUrl(value) ? checkedUrl(value, authority, attempt) : value;
}

/**
 * A copy of a description of a key. Key objects, buffers and the like are left as they are: they hold no URL, and what
 * Node reads of them is not in their properties.
 */
function withCheckedKeys(options, names, authority, attempt, check) {
  if (!isDescription(options)) return options;
  // The prototype stays: options may be inherited. What is checked is the copy's own, whatever it was before.
  const copy = { __proto__: ObjectGetPrototypeOf(options) };
  const define = (key, value) => ReflectDefineProperty(copy, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  const keys = ReflectOwnKeys(options);
  for (let at = 0; at < keys.length; at++) if (ArrayPrototypeIndexOf(names, keys[at]) === -1) define(keys[at], options[keys[at]]);
  for (let at = 0; at < names.length; at++) define(names[at], check(options[names[at]], authority, attempt));
  return copy;
}

function checkedUrl(url, authority, attempt) {
  if (URLProtocol(url) !== 'file:') {
    authority.demand('ffi', undefined, `${attempt} of '${URLHref(url)}'`);
    return url;
  }
  const path = fileURLToPath(new URL(URLHref(url)));
  return pathToFileURL(authority.demandPath('fs.read', path, true, `${attempt} of '${path}'`));
}

/** In place of the package for an instance that came about in another way, such as by `new crypto.Sign()`. */
function nobody(attempt) {
  const refuse = () => {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `${attempt}: only an object of crypto.createSign() or createVerify() takes a key by URL`);
  };
  return { __proto__: null, demand: refuse, demandPath: refuse };
}

function isUrl(value) {
  try {
    // Throws for anything but a URL of this realm, whatever it pretends to be; a Proxy is none either.
    URLHref(value);
    return true;
  } catch {
    return false;
  }
}

/** Key objects, buffers and CryptoKeys are recognised by Node by what they are inside; a copy would not be one. */
function isDescription(value) {
  if (typeof value !== 'object' || value === null) return false;

  return !types.isAnyArrayBuffer(value) && !types.isArrayBufferView(value) && !types.isKeyObject(value) && !types.isCryptoKey(value);
}
