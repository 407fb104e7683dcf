// does: insert, find, update, count, delete, a failing connection (against a small server that speaks the protocol)
// packages: mongodb
// peers: mongodb
'use strict';
const assert = require('node:assert/strict');
const { MongoClient, MongoServerSelectionError, ObjectId } = require('mongodb');
console.log('COMPAT LOADED');

async function main() {
  const client = new MongoClient(`mongodb://127.0.0.1:${process.env.COMPAT_MONGODB}/?directConnection=true`);
  const items = client.db('compat').collection('items');
  await items.drop();
  const { insertedIds } = await items.insertMany(Array.from({ length: 50 }, (_, n) => ({ n, name: `item ${n}`, at: new Date(n), tags: ['a', { deep: true }] })));
  assert.ok(insertedIds[0] instanceof ObjectId);
  const found = await items.findOne({ _id: insertedIds[7] });
  assert.deepEqual({ ...found, _id: undefined }, { _id: undefined, n: 7, name: 'item 7', at: new Date(7), tags: ['a', { deep: true }] });
  assert.equal((await items.updateOne({ n: 7 }, { $set: { name: 'seven' } })).modifiedCount, 1);
  assert.equal((await items.find({ n: { $gt: 44 } }).toArray()).length, 5);
  assert.equal(await items.countDocuments({ name: 'seven' }), 1);
  assert.equal((await items.deleteOne({ n: 7 })).deletedCount, 1);
  await client.close();
  const nowhere = new MongoClient('mongodb://127.0.0.1:1/', { serverSelectionTimeoutMS: 200 });
  await assert.rejects(nowhere.connect(), MongoServerSelectionError);
  console.log('COMPAT OK mongodb');
}
main();
