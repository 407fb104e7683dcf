// does: fetch, request, stream, pool, interceptors, MockAgent, FormData against a local server
// packages: undici
'use strict';
const assert = require('node:assert/strict');
const { Writable } = require('node:stream');
const { echoServer } = require('./echo-server.cjs');
const undici = require('undici');
console.log('COMPAT LOADED');

async function main() {
  const server = await echoServer();
  const reply = await undici.fetch(`${server.url}/echo?a=1`, { method: 'POST', body: JSON.stringify({ x: 1 }) });
  assert.ok(reply instanceof undici.Response);
  assert.equal((await reply.json()).body, '{"x":1}');
  const form = new undici.FormData();
  form.set('field', 'value');
  assert.match((await (await undici.fetch(`${server.url}/echo`, { method: 'POST', body: form })).json()).headers['content-type'], /^multipart\/form-data/);
  assert.equal((await (await undici.fetch(`${server.url}/gzip`)).text()).length, 7000);

  const pool = new undici.Pool(server.url, { connections: 4, pipelining: 2 });
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const { body } = await pool.request({ path: `/echo?i=${i}`, method: 'GET' });
      assert.equal((await body.json()).query.i, String(i));
    }),
  );
  const dispatcher = new undici.Agent().compose(undici.interceptors.retry({ maxRetries: 2, minTimeout: 1 }), undici.interceptors.redirect({ maxRedirections: 2 }));
  assert.equal((await undici.request(`${server.url}/flaky?id=1`, { dispatcher })).statusCode, 200);
  assert.equal((await (await undici.request(`${server.url}/redirect`, { dispatcher })).body.json()).query.redirected, '1');
  let bytes = 0;
  await undici.stream(`${server.url}/bytes`, { method: 'GET' }, () => new Writable({ write: (chunk, encoding, done) => done(null, (bytes += chunk.length)) }));
  assert.equal(bytes, 300_000);
  await Promise.all([pool.close(), dispatcher.close()]);

  const mock = new undici.MockAgent();
  mock.disableNetConnect();
  mock.get('http://nowhere.test').intercept({ path: '/' }).reply(200, 'mocked');
  assert.equal(await (await undici.request('http://nowhere.test/', { dispatcher: mock })).body.text(), 'mocked');
  await assert.rejects(undici.fetch(`${server.url}/slow`, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  await undici.getGlobalDispatcher().close();
  server.close();
  console.log('COMPAT OK undici');
}
main();
