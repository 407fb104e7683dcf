// does: thin mode up to the connection: the log-in packet is sent to a server that hangs up
// packages: oracledb
// peers: closing
'use strict';
const assert = require('node:assert/strict');
const oracledb = require('oracledb');
console.log('COMPAT LOADED');

async function main() {
  assert.equal(oracledb.thin, true);
  const connectString = `127.0.0.1:${process.env.COMPAT_CLOSING}/service`;
  await assert.rejects(oracledb.getConnection({ user: 'u', password: 'p', connectString }), /NJS-50\d|NJS-138|NJS-521/);
  await assert.rejects(oracledb.getConnection({ user: 'u', password: 'p', connectString: '127.0.0.1:1/service' }), /NJS-503|NJS-511/);
  const pool = await oracledb.createPool({ user: 'u', password: 'p', connectString, poolMin: 0 });
  assert.equal(pool.connectionsOpen, 0);
  await pool.close(0);
  console.log('COMPAT OK oracledb');
}
main();
