// does: auto-instrumentations of an express server, its clients, express itself and pino: spans, attributes, trace ids in the log
// packages: @opentelemetry/auto-instrumentations-node, @opentelemetry/api, @opentelemetry/sdk-node, express, pino
// grant: require-in-the-middle {"patch":true}
// preload: --require ./tracing.cjs
// misses: sealed without a policy: its hooks into the loading of modules are not called; a policy with a `patch` grant calls them.
'use strict';
const assert = require('node:assert/strict');
const { load } = require('./http-load.cjs');
const express = require('express');
const pino = require('pino');
const { trace } = require('@opentelemetry/api');
const { exporter, sdk } = require('./tracing.cjs');
console.log('COMPAT LOADED');

/* file: tracing.cjs
'use strict';
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const { NodeSDK, tracing } = require('@opentelemetry/sdk-node');
exports.exporter = new tracing.InMemorySpanExporter();
exports.sdk = new NodeSDK({
  serviceName: 'compat',
  spanProcessors: [new tracing.SimpleSpanProcessor(exports.exporter)],
  metricReaders: [],
  logRecordProcessors: [],
  instrumentations: [getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-fs': { enabled: false } })],
});
exports.sdk.start();
*/
const lines = [];
const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const app = express();
app.get('/hello/:name', (request, response) => {
  logger.info('asked');
  trace.getTracer('own').startActiveSpan('own', (span) => {
    span.end();
    response.send(`hello ${request.params.name}`);
  });
});
const server = app.listen(0, '127.0.0.1', async () => {
  await load(server.address().port, [{ path: '/hello/world', check: (reply) => reply.text === 'hello world' }], { total: 50 });
  server.close();
  const spans = exporter.getFinishedSpans();
  const named = (name) => spans.filter((span) => span.name === name);
  assert.equal(named('own').length, 50);
  assert.equal(named('GET /hello/:name').length, 50, [...new Set(spans.map(({ name }) => name))].join());
  assert.equal(named('request handler - /hello/:name').length, 50);
  assert.equal(named('GET').length, 50, 'clients');
  assert.ok(named('own').every((span) => named('GET /hello/:name').some((parent) => parent.spanContext().traceId === span.spanContext().traceId)));
  assert.equal(lines.filter(({ trace_id: id }) => id).length, 50);
  await sdk.shutdown();
  console.log('COMPAT OK opentelemetry');
});
