// does: parallel and limited iteration, queues, waterfalls, errors
// packages: async
'use strict';
const assert = require('node:assert/strict');
const async = require('async');
console.log('COMPAT LOADED');

async function main() {
  let [running, most] = [0, 0];
  const doubled = await async.mapLimit([1, 2, 3, 4, 5], 2, async (n) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    return n * 2;
  });
  assert.deepEqual([doubled, most], [[2, 4, 6, 8, 10], 2]);
  assert.equal(await async.waterfall([(done) => done(null, 1, 2), (a, b, done) => setImmediate(done, null, a + b)]), 3);
  assert.deepEqual(await async.auto({ a: async () => 1, b: ['a', async ({ a }) => a + 1] }), { a: 1, b: 2 });
  await assert.rejects(async.parallel([async () => Promise.reject(new Error('x'))]), /x/);
  const seen = [];
  const queue = async.queue(async (task) => seen.push(task), 2);
  for (let i = 0; i < 100; i++) queue.push(i);
  await queue.drain();
  assert.equal(seen.length, 100);
  console.log('COMPAT OK async');
}
main();
