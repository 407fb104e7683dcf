'use strict';
// Facades of the builtins that need little more than the rules of the table.

const crypto = require('./crypto.js');
const observation = require('./observation.js');
const system = require('./system.js');

module.exports = {
  create: { __proto__: null, ...crypto.create, ...observation.create, ...system.create },
  harden: { __proto__: null, ...crypto.harden, ...observation.harden, ...system.harden },
};
