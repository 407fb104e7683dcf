// does: schema builder, queries, joins, transactions against PostgreSQL (compiled to WebAssembly, on a socket)
// packages: knex, pg
// peers: postgres
'use strict';
const assert = require('node:assert/strict');
const makeKnex = require('knex');
console.log('COMPAT LOADED');

async function main() {
  const knex = makeKnex({
    client: 'pg',
    connection: { host: '127.0.0.1', port: Number(process.env.COMPAT_POSTGRES), user: 'postgres', password: 'postgres', database: 'postgres' },
    pool: { min: 0, max: 2 },
  });
  await knex.schema.dropTableIfExists('knex_items');
  await knex.schema.createTable('knex_items', (table) => {
    table.increments();
    table.string('name').notNullable();
    table.jsonb('data');
  });
  await knex('knex_items').insert(Array.from({ length: 20 }, (_, n) => ({ name: `item ${n}`, data: JSON.stringify({ n }) })));
  const rows = await knex('knex_items').where('id', '>', 18).orderBy('id', 'desc').select('name', knex.raw("data->>'n' as n"));
  assert.deepEqual(rows, [{ name: 'item 19', n: '19' }, { name: 'item 18', n: '18' }]);
  await assert.rejects(
    knex.transaction(async (transaction) => {
      await transaction('knex_items').del();
      throw new Error('roll back');
    }),
    /roll back/,
  );
  assert.equal((await knex('knex_items').count('* as n').first()).n, '20');
  await assert.rejects(knex('knex_items').insert({ name: null }), { code: '23502' });
  assert.equal(knex('a').join('b', 'a.id', 'b.a').whereIn('x', [1, 2]).toString(), 'select * from "a" inner join "b" on "a"."id" = "b"."a" where "x" in (1, 2)');
  await knex.destroy();
  console.log('COMPAT OK knex');
}
main();
