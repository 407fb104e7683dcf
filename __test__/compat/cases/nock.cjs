// does: answers for requests of http, https and fetch without a network; what was not expected
// packages: nock
// grant: @mswjs/interceptors {"patch":true,"globals":["fetch"]}
// node: 22
// misses: sealed without a policy: replaces the global fetch.
'use strict';
const assert = require('node:assert/strict');
const http = require('node:http');
const https = require('node:https');
const { default: nock } = require('nock');
console.log('COMPAT LOADED');

const get = (client, url) => new Promise((resolve, reject) => {
  client.get(url, (response) => {
    let text = '';
    response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(`${response.statusCode} ${text}`));
  }).on('error', reject);
});

async function main() {
  nock.disableNetConnect();
  const scope = nock('https://example.com').get('/a').reply(200, 'mocked').post('/b', { x: 1 }).reply(201, { y: 2 });
  nock('http://plain.test').get(/^\/any/).times(3).reply(418, 'teapot');
  assert.equal(await get(https, 'https://example.com/a'), '200 mocked');
  const reply = await fetch('https://example.com/b', { method: 'POST', body: JSON.stringify({ x: 1 }), headers: { 'content-type': 'application/json' } });
  assert.deepEqual([reply.status, await reply.json()], [201, { y: 2 }]);
  for (let i = 0; i < 3; i++) assert.equal(await get(http, `http://plain.test/any/${i}`), '418 teapot');
  assert.equal(scope.isDone(), true);
  await assert.rejects(get(http, 'http://other.test/'), /Disallowed net connect|No match/);
  nock.restore();
  console.log('COMPAT OK nock');
}
main();
