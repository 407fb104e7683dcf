// does: an express server and its clients traced; the spans reach an agent
// packages: dd-trace, express
// grant: dd-trace {"patch":true}
// peers: collector
// preload: --require ./tracing.cjs
// misses: sealed without a policy: its hooks into the loading of modules are not called; a policy with a `patch` grant calls them.
'use strict';
const assert = require('node:assert/strict');
const { load, send } = require('./http-load.cjs');
const express = require('express');
const tracer = require('dd-trace');
console.log('COMPAT LOADED');

/* file: tracing.cjs
'use strict';
require('dd-trace').init({ service: 'compat', url: `http://127.0.0.1:${process.env.COMPAT_COLLECTOR}`, flushInterval: 50, startupLogs: false, remoteConfig: { enabled: false } });
*/
const app = express();
app.get('/hello/:name', (request, response) => {
  tracer.trace('own.work', () => response.send(`hello ${request.params.name} ${tracer.scope().active() !== null}`));
});
const server = app.listen(0, '127.0.0.1', async () => {
  await send(Number(process.env.COMPAT_COLLECTOR), { path: '/reset' });
  await load(server.address().port, [{ path: '/hello/world', check: (reply) => reply.text === 'hello world true' }], { total: 50 });
  let missing = ['own.work', 'express.request', 'http.request', 'GET /hello/:name'];
  for (const until = Date.now() + 20_000; Date.now() < until && missing.length > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { text } = await send(Number(process.env.COMPAT_COLLECTOR), { path: '/received' });
    missing = missing.filter((part) => !text.includes(part));
  }
  assert.deepEqual(missing, []);
  console.log('COMPAT OK dd-trace');
  process.exit();
});
