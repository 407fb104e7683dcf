'use strict';
// Node checks import attributes in its own load step, which our hook answers in its place. The same rules and codes:
// https://github.com/nodejs/node/blob/v24.x/lib/internal/modules/esm/assert.js

const { ObjectKeys, TypeError } = require('./intrinsics.js');
const { nodeError } = require('./errors.js');
const { importAttributeCodes } = require('./node-features.js');

/** The formats that must be asked for by `type`; every other one must not be. */
const TYPE_OF_FORMAT = { __proto__: null, json: 'json' };

/**
 * @param {string} url
 * @param {string} format
 * @param {Record<string, string> | undefined} attributes
 */
function checkImportAttributes(url, format, attributes) {
  const { type, keys } = copy(attributes);
  for (let at = 0; at < keys.length; at++) {
    if (keys[at] !== 'type') throw unsupported(keys[at], attributes[keys[at]], url);
  }
  const wanted = TYPE_OF_FORMAT[format];
  if (type === wanted) return;
  if (type === undefined) {
    throw nodeError(TypeError, importAttributeCodes.missing, `Module "${url}" needs an import attribute of "type: ${wanted}"`);
  }
  if (type !== 'json') throw unsupported('type', type, url);
  throw nodeError(TypeError, importAttributeCodes.incompatible, `Module "${url}" is not of type "${type}"`);
}

module.exports = { checkImportAttributes };

function copy(attributes) {
  if (attributes === undefined || attributes === null) return { __proto__: null, type: undefined, keys: [] };
  return { __proto__: null, type: attributes.type, keys: ObjectKeys(attributes) };
}

function unsupported(key, value, url) {
  const code = key === 'type' ? importAttributeCodes.unsupportedType : 'ERR_IMPORT_ATTRIBUTE_UNSUPPORTED';
  return nodeError(TypeError, code, `Import attribute "${key}" with value "${value}" is not supported in ${url}`);
}
