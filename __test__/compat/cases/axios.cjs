// does: GET, POST, form data, redirect, gzip, streams, interceptors, time-out, error answers against a local server
// packages: axios
'use strict';
const assert = require('node:assert/strict');
const { echoServer } = require('./echo-server.cjs');
const axios = require('axios');
console.log('COMPAT LOADED');

async function main() {
  const server = await echoServer();
  const client = axios.create({ baseURL: server.url, headers: { 'x-client': 'axios' } });
  client.interceptors.request.use((config) => {
    config.headers.set('x-intercepted', 'yes');
    return config;
  });
  const got = await client.get('/echo', { params: { a: [1, 2] } });
  assert.equal(got.data.headers['x-intercepted'], 'yes');
  assert.match(got.data.headers['user-agent'], /^axios\//);
  assert.equal((await client.post('/echo', { x: 1 })).data.body, '{"x":1}');
  assert.match((await client.postForm('/echo', { field: 'value' })).data.body, /name="field"\r\n\r\nvalue/);
  assert.equal((await client.get('/redirect')).data.query.redirected, '1');
  assert.equal((await client.get('/gzip')).data.length, 7000);
  let bytes = 0;
  for await (const chunk of (await client.get('/bytes', { responseType: 'stream' })).data) bytes += chunk.length;
  assert.equal(bytes, 300_000);
  await assert.rejects(client.get('/slow', { timeout: 100 }), { code: 'ECONNABORTED' });
  await assert.rejects(client.get('/teapot'), (error) => axios.isAxiosError(error) && error.response.status === 418);
  await Promise.all(Array.from({ length: 100 }, async (_, i) => assert.equal((await client.get('/echo', { params: { i } })).data.query.i, String(i))));
  assert.equal((await axios.create({ adapter: 'fetch', baseURL: server.url }).get('/echo')).data.method, 'GET');
  server.close();
  console.log('COMPAT OK axios');
}
main();
