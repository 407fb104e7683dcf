'use strict';

const { Router } = require('express');
const oracledb = require('oracledb');

const client = loadOracleClient();
const router = Router();

router.get('/', async (req, res) => {
  res.json({ oracledb: oracledb.versionString, client, login: await tryLogin() });
});

module.exports = router;

/**
 * Loads oracledb's native binding, which in turn looks for Oracle's client libraries. Without those the driver
 * goes on in pure JavaScript ("thin" mode); any other failure must stop the service.
 */
function loadOracleClient() {
  try {
    oracledb.initOracleClient({ libDir: process.env.ORACLE_CLIENT_LIB_DIR });
    return `Oracle client ${oracledb.oracleClientVersionString}`;
  } catch (error) {
    if (error.code !== 'DPI-1047') throw error;
    return firstLine(error.message);
  }
}

async function tryLogin() {
  try {
    // No port: the driver knows Oracle's.
    const connection = await oracledb.getConnection({
      user: 'demo',
      password: 'demo',
      connectString: process.env.ORACLE_CONNECT_STRING ?? '127.0.0.1/FREEPDB1',
      connectTimeout: 5,
    });
    await connection.close();
    return 'connected';
  } catch (error) {
    return firstLine(error.message);
  }
}

function firstLine(text) {
  return text.split('\n', 1)[0];
}
