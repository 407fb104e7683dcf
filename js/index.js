'use strict';
// Programmatic API. Importing it changes nothing; `loadlock/register` does.

const binding = require('./binding.js');
const path = require('path');
const { LoadlockError } = require('./errors.js');

/**
 * Runs the command line, as `npx loadlock` would, and gives its exit status.
 * @param {readonly string[]} args
 * @returns {0 | 1 | 2 | 3}
 */
function cli(args) {
  return binding.runCli([...args], path.join(__dirname, 'register.js'), process.execPath);
}

module.exports = { LoadlockError, cli, version: require('../package.json').version };
