// does: commands, transactions, publish and subscribe over RESP 3 (against a small server that speaks it)
// packages: redis
// peers: redis
import assert from 'node:assert/strict';
import { createClient } from 'redis';
console.log('COMPAT LOADED');

const client = createClient({ url: `redis://127.0.0.1:${process.env.COMPAT_REDIS}` });
await client.connect();
await client.flushAll();
await client.set('key', 'value');
assert.equal(await client.get('key'), 'value');
await client.hSet('hash', { a: '1', b: '2' });
assert.deepEqual({ ...(await client.hGetAll('hash')) }, { a: '1', b: '2' });
const counts = await Promise.all(Array.from({ length: 200 }, () => client.incr('n')));
assert.equal(counts.at(-1), 200);
assert.deepEqual(await client.multi().rPush('list', ['x', 'y']).lRange('list', 0, -1).exec(), [2, ['x', 'y']]);
const subscriber = client.duplicate();
await subscriber.connect();
const heard = new Promise((resolve) => {
  subscriber.subscribe('news', resolve);
});
while ((await client.publish('news', 'hello')) === 0);
assert.equal(await heard, 'hello');
subscriber.destroy();
await client.close();
console.log('COMPAT OK redis');
