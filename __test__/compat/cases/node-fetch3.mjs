// does: requests, redirects, gzip, streams, form data, abort against a local server
// packages: node-fetch
import assert from 'node:assert/strict';
import fetch, { AbortError, Blob, FormData, Headers, Request } from 'node-fetch';
import { echoServer } from './echo-server.cjs';
console.log('COMPAT LOADED');

const server = await echoServer();
const reply = await fetch(new Request(`${server.url}/echo`, { method: 'POST', body: 'text', headers: new Headers({ 'x-a': '1' }) }));
assert.equal(reply.headers.get('set-cookie'), 'crumb=1');
assert.equal((await reply.json()).body, 'text');
assert.equal((await (await fetch(`${server.url}/redirect`)).json()).query.redirected, '1');
assert.equal((await (await fetch(`${server.url}/gzip`)).text()).length, 7000);
let bytes = 0;
for await (const chunk of (await fetch(`${server.url}/bytes`)).body) bytes += chunk.length;
assert.equal(bytes, 300_000);
const form = new FormData();
form.set('file', new Blob(['content']), 'a.txt');
assert.match((await (await fetch(`${server.url}/echo`, { method: 'POST', body: form })).json()).body, /filename="a.txt"/);
const controller = new AbortController();
setTimeout(() => controller.abort(), 50);
await assert.rejects(fetch(`${server.url}/slow`, { signal: controller.signal }), AbortError);
await Promise.all(Array.from({ length: 100 }, async () => assert.equal((await fetch(`${server.url}/teapot`)).status, 418)));
assert.equal(await (await fetch('data:text/plain,hello')).text(), 'hello');
server.close();
console.log('COMPAT OK node-fetch3');
