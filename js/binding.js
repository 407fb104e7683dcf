'use strict';
// Loads the native side. The loader that napi-rs generates is not used: it honours NAPI_RS_NATIVE_LIBRARY_PATH and
// would let one environment variable replace every check. This one knows exactly one place.

const path = require('path');
const fs = require('fs');
const { LoadlockError } = require('./errors.js');
const { platformTriple } = require('./platform.js');

const triple = platformTriple();
const file = locate();

/** @type {import('./binding.d.ts')} */
module.exports = load();

/** The file that was loaded; part of the self-check. */
module.exports.file = file;

function locate() {
  // Beside the shim: a build from source, or a package that carries its binary.
  const own = path.join(__dirname, '..', `loadlock.${triple}.node`);
  if (fs.existsSync(own)) return own;
  throw missing(`no native binding for ${triple} at ${own}`);
}

function load() {
  const holder = { exports: {} };
  try {
    process.dlopen(holder, file);
  } catch (error) {
    throw missing(`${file} does not load: ${error.message}`);
  }
  return holder.exports;
}

function missing(message) {
  return new LoadlockError({
    code: 'ERR_LOADLOCK_NO_BINDING',
    message,
    rule: 'without its native side loadlock cannot check anything, so nothing runs',
    hint: 'install a loadlock that was built for this platform (npm run build), and start Node without --no-addons (under --permission with --allow-addons)',
  });
}
