// does: log-in, queries, errors, promises, a pool (against the server half of mysql2 itself, in another process)
// packages: mysql2
// peers: mysql
'use strict';
const assert = require('node:assert/strict');
const mysql = require('mysql2');
const promises = require('mysql2/promise');
console.log('COMPAT LOADED');

const options = { host: '127.0.0.1', port: Number(process.env.COMPAT_MYSQL), user: 'root', password: 'secret', database: 'compat' };

async function main() {
  const connection = await promises.createConnection(options);
  const [rows, fields] = await connection.query('SELECT * FROM items WHERE n = ?', ["o'hara"]);
  assert.equal(rows[0].n, "SELECT * FROM items WHERE n = 'o\\'hara'");
  assert.equal(fields[0].name, 'n');
  const [result] = await connection.query('INSERT INTO items VALUES (?)', [[1, null, new Date(0)]]);
  assert.equal(result.insertId, 7);
  await assert.rejects(connection.query('BROKEN'), { errno: 1064 });
  await connection.end();
  const pool = mysql.createPool({ ...options, connectionLimit: 3 });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => pool.promise().query('SELECT ?', [n])));
  assert.equal(answers[59][0][0].n, 'SELECT 59');
  await pool.promise().end();
  await assert.rejects(promises.createConnection({ ...options, port: 1 }), { code: 'ECONNREFUSED' });
  console.log('COMPAT OK mysql2');
}
main();
