'use strict';
// What the attenuated `fs` does with arguments before it decides anything: each is read once and becomes a primitive or
// an object of our own. A getter, a Proxy, a path object whose text changes cannot answer differently afterwards (I9).

const { constants } = require('fs');
const { isAbsolute, resolve, sep } = require('path');
const { fileURLToPath } = require('url');
const { isDate, isUint8Array } = require('util').types;
const {
  ArrayIsArray,
  ReflectApply,
  StringPrototypeIncludes,
  TypeError,
  URLHref,
  process,
  uncurryThis,
} = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const { O_ACCMODE = 3, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;
const { cwd } = process;
const isView = ArrayBuffer.isView;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decode = uncurryThis(TextDecoder.prototype.decode);
const BufferFrom = Buffer.from;

/** O_TMPFILE and O_PATH of Linux, which `fs.constants` does not name. */
const O_TMPFILE = process.platform === 'linux' ? 0o20000000 : 0;

/** The flags that Node knows by name. One that a later Node adds is refused until it stands here. */
const NAMED_FLAGS = {
  __proto__: null,
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC, 'sr+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL, xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL, 'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL, xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC, sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL, 'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC, 'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/**
 * The path that an argument names. A Uint8Array that is no UTF-8 comes back as a copy of its bytes: no pattern can
 * match it.
 * @param {unknown} value
 * @param {string} name  of the argument, for the error
 * @returns {string | Buffer}
 */
function pathText(value, name = 'path') {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') throw wrongType(name, value);
  if (isUint8Array(value)) {
    try {
      return decode(decoder, value);
    } catch {
      return BufferFrom(value);
    }
  }
  return fileURLToPath(hrefOf(value, name));
}

/** As the kernel would start from it; `..` stays, because what it means depends on links. */
function absolute(path) {
  if (isAbsolute(path)) return path;
  return sep === '/' ? `${ReflectApply(cwd, process, [])}/${path}` : resolve(path);
}

/**
 * The flags of open(2) as a number.
 * @param {unknown} value  as given to Node
 * @param {number} missing  what `undefined` and `null` mean
 */
function flagNumber(value, missing) {
  if (value === undefined || value === null) return missing;
  if (typeof value === 'number' && value === (value | 0)) return value;
  const known = typeof value === 'string' ? NAMED_FLAGS[value] : undefined;
  if (known === undefined) {
    const shown = typeof value === 'object' || typeof value === 'function' ? 'an object' : `'${String(value)}'`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'flags' is invalid. Received ${shown}`);
  }
  return known;
}

/** Whether a file opened with these flags can be read. */
const reads = (flags) => (flags & O_ACCMODE) !== O_WRONLY;

/** Whether opening with these flags, or what it gives, can change a file. */
const writes = (flags) => (flags & O_ACCMODE) !== O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND | O_TMPFILE)) !== 0;

/** Whether the kernel takes a link in the last place as itself. */
const keepsLink = (flags) => (flags & O_NOFOLLOW) !== 0 || (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);

/**
 * The known options, each read once. An option that is not named here does not reach Node.
 * @param {unknown} value  an object, the text of an encoding, or nothing
 * @param {readonly string[]} names
 * @returns {object}  without a prototype
 */
function copyOptions(value, names) {
  const copy = { __proto__: null };
  if (typeof value === 'string') copy.encoding = value;
  if (value === null || typeof value !== 'object') return copy;
  for (let at = 0; at < names.length; at++) {
    const option = value[names[at]];
    if (option !== undefined) copy[names[at]] = option;
  }
  return copy;
}

/** The arguments behind a descriptor: views stay, lists and option objects are copied. */
function copyOperands(args) {
  for (let at = 1; at < args.length; at++) {
    const value = args[at];
    if (value === null || typeof value !== 'object' || isView(value) || isDate(value)) continue;
    args[at] = ArrayIsArray(value) ? copyList(value) : copyOptions(value, OPERANDS);
  }
}

/** Puts `options` at `at`, in front of a callback that may stand there. */
function placeOptions(args, at, options) {
  if (typeof args[at] === 'function') args[at + 1] = args[at];
  args[at] = options;
}

function copyList(list) {
  const copy = [];
  const { length } = list;
  for (let at = 0; at < length; at++) copy[at] = list[at];
  return copy;
}

/** The text of an argument in the description of an attempt. */
const shown = (path) => (typeof path === 'string' ? path : 'a name that is no text');

const hasNul = (path) => StringPrototypeIncludes(path, '\0');

module.exports = {
  O_NOFOLLOW,
  absolute, copyList, copyOperands, copyOptions, flagNumber, hasNul, keepsLink, pathText, placeOptions, reads, shown, wrongType, writes,
};

const OPERANDS = ['buffer', 'offset', 'length', 'position', 'bigint', 'signal'];

/** The text of a URL, of this realm or of a package's own class that looks like one (as Node takes it). */
function hrefOf(value, name) {
  try {
    return URLHref(value);
  } catch {
    // Not Node's own class.
    const { href, protocol, auth, path } = value;
    if (typeof href === 'string' && href !== '' && protocol && auth === undefined && path === undefined) return href;
    throw wrongType(name, value);
  }
}

function wrongType(name, value) {
  const kind = value === null || typeof value !== 'object' ? `${value === null ? 'null' : `type ${typeof value}`}` : 'an object';
  return nodeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" argument must be of type string or an instance of Buffer or URL. Received ${kind}`,
  );
}
