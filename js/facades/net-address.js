'use strict';
// How hosts, ports and socket paths are written for a decision, and what Node is given afterwards: the same thing. Every
// value is read once and turned into a primitive here (I9).

const fs = require('fs');
const path = require('path');
const url = require('url');
const { String, StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, TypeError, uncurryThis } = require('../intrinsics.js');
const { nodeError } = require('../errors.js');

const { resolve, dirname, basename, join } = path;
const { domainToASCII } = url;
const realpath = fs.realpathSync.native;
const { byteLength } = Buffer;
const { isInteger } = Number;
const RealNumber = Number;
const charCodeAt = uncurryThis(String.prototype.charCodeAt);
const trim = uncurryThis(String.prototype.trim);

/** What the kernel takes as the name of a socket. Node 20 cuts longer ones off without a word. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/**
 * @param {(text: string) => number} isIP  Node's own
 * @param {string} given  a host as somebody wrote it
 * @returns {{host: string, text: string, isAddress: boolean}}  `host` is for Node, `text` for the decision
 */
function hostOf(isIP, given) {
  const family = isIP(given);
  if (family === 4) return { __proto__: null, host: given, text: given, isAddress: true };
  if (family === 6) return { __proto__: null, host: given, text: `[${withoutZone(given)}]`, isAddress: true };
  let host = given;
  // The resolver takes `127.1`, `0x7f000001` and `２１３０７０６４３３` for addresses, so they are decided on as addresses.
  if (!isAscii(given) || endsInNumber(given)) {
    const ascii = domainToASCII(given);
    if (isIP(ascii) === 4) return { __proto__: null, host: ascii, text: ascii, isAddress: true };
    // What has no form as a name stays what it is, and matches no pattern.
    if (ascii !== '') host = ascii;
  }
  return { __proto__: null, host, text: host, isAddress: false };
}

/** A port as Node would use it, or undefined where Node is going to refuse it. */
function portOf(given) {
  if (typeof given !== 'number' && (typeof given !== 'string' || trim(given) === '')) return undefined;
  const port = RealNumber(given);
  return isInteger(port) && port >= 0 && port <= 65535 ? port : undefined;
}

/**
 * The real path of a socket, and its text for the decision.
 * @param {string} given
 */
function unixOf(given) {
  // The abstract namespace of Linux has no files.
  if (StringPrototypeIndexOf(given, '\0') !== -1) return { __proto__: null, path: given, text: `unix:${given}` };
  const found = realPath(resolve(given));
  return { __proto__: null, path: found, text: `unix:${found}` };
}

/** Refuses a path of which the kernel would only see the beginning. */
function checkLength(found) {
  if (byteLength(found) > LONGEST_PATH && !StringPrototypeStartsWith(found, '\\\\')) {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The path of a socket must not be longer than ${LONGEST_PATH} bytes. Received '${found}'`);
  }
}

module.exports = { checkLength, hostOf, portOf, unixOf };

function realPath(full) {
  // Windows names pipes in a namespace of their own.
  if (StringPrototypeStartsWith(full, '\\\\')) return full;
  try {
    return realpath(full);
  } catch {
    // It is not there yet, or may not be looked at: then its directory decides.
  }
  const parent = dirname(full);
  try {
    return join(realpath(parent), basename(full));
  } catch {
    // Nothing can be there: connecting and listening will fail.
    return full;
  }
}

function withoutZone(address) {
  const zone = StringPrototypeIndexOf(address, '%');
  return zone === -1 ? address : StringPrototypeSlice(address, 0, zone);
}

function isAscii(text) {
  for (let at = 0; at < text.length; at++) if (charCodeAt(text, at) > 127) return false;
  return true;
}

/** Whether the last label is a number, as the URL standard puts it: then the whole is an address or nothing. */
function endsInNumber(text) {
  let end = text.length;
  if (end > 0 && charCodeAt(text, end - 1) === DOT) end--;
  const start = StringPrototypeLastIndexOf(StringPrototypeSlice(text, 0, end), '.') + 1;
  if (start === end) return false;
  const hexadecimal = charCodeAt(text, start) === ZERO && (charCodeAt(text, start + 1) | 32) === X;
  for (let at = hexadecimal ? start + 2 : start; at < end; at++) {
    const code = charCodeAt(text, at);
    const digit = code >= ZERO && code <= ZERO + 9;
    const letter = hexadecimal && (code | 32) >= A && (code | 32) < A + 6;
    if (!digit && !letter) return false;
  }
  return true;
}

const DOT = 46, ZERO = 48, A = 97, X = 120;
