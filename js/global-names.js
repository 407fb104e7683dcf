'use strict';
// Which powerful globals a file mentions: the native side tells them as a mask over its list of names.

const { ArrayPrototypePush } = require('./intrinsics.js');

/**
 * @param {string[]} names  as `native.globalNames` gives them
 * @param {number} mask
 * @returns {string[]}  those whose bit is set, in order
 */
function namesIn(names, mask) {
  const found = [];
  for (let bit = 0; bit < names.length; bit++) if ((mask & (1 << bit)) !== 0) ArrayPrototypePush(found, names[bit]);
  return found;
}

module.exports = { namesIn };
