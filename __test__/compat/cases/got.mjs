// does: JSON, retries, redirects, gzip, hooks, streams, time-outs against a local server
// packages: got
import assert from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import got from 'got';
import { echoServer } from './echo-server.cjs';
console.log('COMPAT LOADED');

const server = await echoServer();
const client = got.extend({ prefixUrl: server.url, hooks: { beforeRequest: [(options) => void (options.headers['x-hook'] = 'yes')] } });
const reply = await client.post('echo', { json: { x: 1 }, searchParams: { a: 1 } }).json();
assert.equal(reply.body, '{"x":1}');
assert.equal(reply.headers['x-hook'], 'yes');
assert.equal((await client('redirect').json()).query.redirected, '1');
assert.equal((await client('gzip').text()).length, 7000);
const retried = await client('flaky', { searchParams: { id: 'got' }, retry: { limit: 2, calculateDelay: () => 1 } });
assert.equal(retried.retryCount, 1);
let bytes = 0;
await pipeline(client.stream('bytes'), async function (source) {
  for await (const chunk of source) bytes += chunk.length;
});
assert.equal(bytes, 300_000);
await assert.rejects(client('teapot'), { name: 'HTTPError' });
await assert.rejects(client('slow', { timeout: { request: 100 }, retry: { limit: 0 } }), { name: 'TimeoutError' });
await Promise.all(Array.from({ length: 100 }, () => client('echo').json()));
server.close();
console.log('COMPAT OK got');
