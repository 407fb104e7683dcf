// does: an express server traced: transactions, segments of its handlers and clients (the collector is not there)
// packages: newrelic, express
// grant: newrelic {"patch":true}
// preload: --require newrelic
// env: NEW_RELIC_APP_NAME=compat
// env: NEW_RELIC_LICENSE_KEY=0000000000000000000000000000000000000000
// env: NEW_RELIC_HOST=127.0.0.1
// env: NEW_RELIC_PORT=1
// env: NEW_RELIC_LOG_ENABLED=false
// env: NEW_RELIC_NO_CONFIG_FILE=true
// misses: with a `patch` grant it starts and reports web transactions; it names routes by rewriting sources while they load, which would change sealed code and stays refused.
'use strict';
const assert = require('node:assert/strict');
const { load } = require('./http-load.cjs');
const express = require('express');
const newrelic = require('newrelic');
console.log('COMPAT LOADED');

const finished = [];
newrelic.agent.on('transactionFinished', (transaction) => finished.push(transaction));
const app = express();
app.get('/hello/:name', (request, response) => {
  newrelic.startSegment('own', true, () => response.send(`hello ${request.params.name}`));
});
const server = app.listen(0, '127.0.0.1', async () => {
  await load(server.address().port, [{ path: '/hello/world', check: (reply) => reply.text === 'hello world' }], { total: 50 });
  const named = finished.filter(({ name }) => name === 'WebTransaction/Expressjs/GET//hello/:name');
  assert.equal(named.length, 50, [...new Set(finished.map(({ name }) => name))].join());
  const metrics = Object.keys(named[0].metrics.unscoped).join();
  assert.match(metrics, /Expressjs\/Route Path: \/hello\/:name|Nodejs\/Middleware\/Expressjs/);
  console.log('COMPAT OK newrelic');
  process.exit();
});
