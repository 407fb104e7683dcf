// does: thick mode's native binding loads and asks for Oracle's client libraries, which are not there
// packages: oracledb
'use strict';
const assert = require('node:assert/strict');
const oracledb = require('oracledb');
console.log('COMPAT LOADED');

assert.throws(() => oracledb.initOracleClient({ libDir: __dirname }), /DPI-1047/);
console.log('COMPAT OK oracledb-thick');
