// does: commands, pipelines, transactions, publish and subscribe, a failing connection (against a small server that speaks RESP)
// packages: ioredis
// peers: redis
'use strict';
const assert = require('node:assert/strict');
const Redis = require('ioredis');
console.log('COMPAT LOADED');

const port = Number(process.env.COMPAT_REDIS);

async function main() {
  const redis = new Redis({ port, host: '127.0.0.1' });
  await redis.flushall();
  await redis.set('key', 'välue');
  assert.equal(await redis.get('key'), 'välue');
  assert.equal((await redis.getBuffer('key')).length, 6);
  await redis.hset('hash', { a: 1, b: 2 });
  assert.deepEqual(await redis.hgetall('hash'), { a: '1', b: '2' });
  const results = await redis.pipeline(Array.from({ length: 200 }, () => ['incr', 'n'])).exec();
  assert.deepEqual(results.at(-1), [null, 200]);
  assert.deepEqual(await redis.multi().rpush('list', 'x', 'y').lrange('list', 0, -1).exec(), [
    [null, 2],
    [null, ['x', 'y']],
  ]);
  const subscriber = redis.duplicate();
  const heard = new Promise((resolve) => subscriber.on('message', (channel, text) => resolve(`${channel} ${text}`)));
  await subscriber.subscribe('news');
  await redis.publish('news', 'hello');
  assert.equal(await heard, 'news hello');
  await assert.rejects(redis.call('NONSENSE'), /unknown command/);
  await Promise.all([redis.quit(), subscriber.quit()]);
  const nowhere = new Redis({ port: 1, host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
  nowhere.on('error', () => {});
  await assert.rejects(nowhere.connect());
  console.log('COMPAT OK ioredis');
}
main();
