// does: queries, parameters, types, transactions, errors, a pool, LISTEN against PostgreSQL (compiled to WebAssembly, on a socket)
// packages: pg
// peers: postgres
'use strict';
const assert = require('node:assert/strict');
const { Client, Pool, types } = require('pg');
console.log('COMPAT LOADED');

const options = { host: '127.0.0.1', port: Number(process.env.COMPAT_POSTGRES), user: 'postgres', password: 'postgres', database: 'postgres' };

async function main() {
  const client = new Client(options);
  await client.connect();
  await client.query('DROP TABLE IF EXISTS pg_items');
  await client.query('CREATE TABLE pg_items (id serial PRIMARY KEY, name text NOT NULL, tags text[], made timestamptz, data jsonb)');
  const inserted = await client.query('INSERT INTO pg_items (name, tags, made, data) VALUES ($1, $2, $3, $4) RETURNING *', ['ann', ['a', 'b'], new Date(0), { deep: [1] }]);
  assert.deepEqual(inserted.rows[0], { id: 1, name: 'ann', tags: ['a', 'b'], made: new Date(0), data: { deep: [1] } });
  await client.query('BEGIN');
  await client.query('DELETE FROM pg_items');
  await client.query('ROLLBACK');
  await assert.rejects(client.query('INSERT INTO pg_items (name) VALUES (NULL)'), { code: '23502' });
  types.setTypeParser(types.builtins.INT8, Number);
  assert.deepEqual((await client.query({ text: 'SELECT count(*) FROM pg_items', rowMode: 'array' })).rows, [[1]]);
  await client.end();

  const pool = new Pool({ ...options, max: 2 });
  const squares = await Promise.all(Array.from({ length: 100 }, (_, n) => pool.query('SELECT $1::int * $1::int AS square', [n])));
  assert.equal(squares[99].rows[0].square, 9801);
  await pool.end();
  console.log('COMPAT OK pg');
}
main();
