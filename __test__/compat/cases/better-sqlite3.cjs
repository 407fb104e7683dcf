// does: native binding: tables, prepared statements, transactions, functions and aggregates in JavaScript, a file, a back-up
// packages: better-sqlite3
// node: 22
'use strict';
const assert = require('node:assert/strict');
const { mkdtempSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Database = require('better-sqlite3');
console.log('COMPAT LOADED');

async function main() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'sqlite-'));
  const db = new Database(path.join(directory, 'a.db'));
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)');
  const insert = db.prepare('INSERT INTO items (name, data) VALUES (@name, @data)');
  const many = db.transaction((rows) => rows.forEach((row) => insert.run(row)));
  many(Array.from({ length: 1000 }, (_, n) => ({ name: `item ${n}`, data: Buffer.from([n % 256]) })));
  assert.throws(() => many([{ name: 'new', data: null }, { name: 'item 1', data: null }]), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
  assert.equal(db.prepare('SELECT count(*) FROM items').pluck().get(), 1000);
  db.function('shout', (text) => text.toUpperCase());
  assert.equal(db.prepare('SELECT shout(name) FROM items WHERE id = ?').pluck().get(8), 'ITEM 7');
  db.aggregate('longest', { start: '', step: (longest, text) => (text.length > longest.length ? text : longest) });
  assert.equal(db.prepare('SELECT longest(name) FROM items').pluck().get(), 'item 100');
  let bytes = 0;
  for (const { data } of db.prepare('SELECT data FROM items').iterate()) bytes += data.length;
  assert.equal(bytes, 1000);
  await db.backup(path.join(directory, 'b.db'));
  db.close();
  const copy = new Database(path.join(directory, 'b.db'), { readonly: true });
  assert.equal(copy.prepare('SELECT max(id) FROM items').pluck().get(), 1000);
  copy.close();
  console.log('COMPAT OK better-sqlite3');
}
main();
