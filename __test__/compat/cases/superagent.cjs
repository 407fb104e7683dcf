// does: requests, plugins, multipart uploads, redirects, retries, cookies of an agent against a local server
// packages: superagent
'use strict';
const assert = require('node:assert/strict');
const { echoServer } = require('./echo-server.cjs');
const superagent = require('superagent');
console.log('COMPAT LOADED');

async function main() {
  const server = await echoServer();
  const reply = await superagent.post(`${server.url}/echo`).query({ a: 1 }).set('x-a', '1').send({ x: 1 }).use((request) => request.set('x-plugin', 'yes'));
  assert.equal(reply.body.body, '{"x":1}');
  assert.equal(reply.body.headers['x-plugin'], 'yes');
  const upload = await superagent.post(`${server.url}/echo`).field('name', 'value').attach('file', Buffer.from('content'), 'a.txt');
  assert.match(upload.body.body, /filename="a.txt"/);
  assert.equal((await superagent.get(`${server.url}/redirect`)).body.query.redirected, '1');
  assert.equal((await superagent.get(`${server.url}/gzip`)).text.length, 7000);
  assert.equal((await superagent.get(`${server.url}/flaky?id=superagent`).retry(2)).status, 200);
  await assert.rejects(superagent.get(`${server.url}/teapot`), { status: 418 });
  await assert.rejects(superagent.get(`${server.url}/slow`).timeout(100), { timeout: 100 });
  const agent = superagent.agent();
  await agent.get(`${server.url}/echo`);
  assert.equal((await agent.get(`${server.url}/echo`)).body.headers.cookie, 'crumb=1');
  server.close();
  console.log('COMPAT OK superagent');
}
main();
