// does: requests, redirects, gzip, streams, abort against a local server
// packages: node-fetch2 as node-fetch
'use strict';
const assert = require('node:assert/strict');
const { echoServer } = require('./echo-server.cjs');
const fetch = require('node-fetch');
console.log('COMPAT LOADED');

async function main() {
  const server = await echoServer();
  const reply = await fetch(`${server.url}/echo`, { method: 'PUT', body: new URLSearchParams({ a: '1' }), headers: { 'x-a': '1' } });
  assert.equal((await reply.json()).body, 'a=1');
  assert.equal((await (await fetch(`${server.url}/redirect`)).json()).query.redirected, '1');
  assert.equal((await (await fetch(`${server.url}/gzip`)).text()).length, 7000);
  assert.equal((await (await fetch(`${server.url}/bytes`)).buffer()).length, 300_000);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(fetch(`${server.url}/slow`, { signal: controller.signal }), { name: 'AbortError' });
  await Promise.all(Array.from({ length: 100 }, async () => assert.equal((await fetch(`${server.url}/teapot`)).status, 418)));
  server.close();
  console.log('COMPAT OK node-fetch2');
}
main();
