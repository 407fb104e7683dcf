// does: an express server: transactions with spans, an error with its stack and source lines (nothing leaves the process)
// packages: @sentry/node, express
// grant: @sentry/server-utils {"observe":true}
// preload: --import ./instrument.mjs
// misses: errors and transactions arrive; it names routes and makes express spans by rewriting sources while they load, which would change sealed code and stays refused.
'use strict';
const assert = require('node:assert/strict');
const { load } = require('./http-load.cjs');
const express = require('express');
const Sentry = require('@sentry/node');
console.log('COMPAT LOADED');

/* file: instrument.mjs
import * as Sentry from '@sentry/node';
const sent = { transactions: [], errors: [] };
export { sent };
const keep = (list) => (event) => {
  list.push(event);
  return null;
};
Sentry.init({ traceLifecycle: 'static', dsn: 'http://key@127.0.0.1:1/1', tracesSampleRate: 1, sendClientReports: false, beforeSend: keep(sent.errors), beforeSendTransaction: keep(sent.transactions) });
*/
let thrown = 0;
const app = express();
app.get('/hello/:name', (request, response) => {
  Sentry.startSpan({ name: 'own' }, () => response.send(`hello ${request.params.name}`));
});
app.get('/throws', () => {
  throw new Error(`on purpose ${(thrown += 1)}`);
});
Sentry.setupExpressErrorHandler(app);
app.use((error, request, response, _next) => response.status(500).send(error.message));
const server = app.listen(0, '127.0.0.1', async () => {
  await load(server.address().port, [
    { path: '/hello/world', check: (reply) => reply.text === 'hello world' },
    { path: '/throws', check: (reply) => reply.status === 500 },
  ], { total: 50 });
  const { sent } = await import('./instrument.mjs');
  await Sentry.flush(2000);
  server.close();
  const named = sent.transactions.filter(({ transaction }) => transaction === 'GET /hello/:name');
  assert.equal(named.length, 25, [...new Set(sent.transactions.map(({ transaction }) => transaction))].join());
  const spans = named[0].spans.map(({ description }) => description);
  assert.ok(spans.includes('own') && spans.includes('/hello/:name'), spans.join());
  assert.equal(sent.errors.length, 25);
  const [frame] = sent.errors[0].exception.values.at(-1).stacktrace.frames.slice(-1);
  assert.match(frame.filename, /sentry\.cjs$/);
  assert.match(frame.context_line, /on purpose/);
  await Sentry.close(2000);
  console.log('COMPAT OK sentry');
});
