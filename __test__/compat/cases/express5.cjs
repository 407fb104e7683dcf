// does: 400 requests to routes, parameters, JSON bodies, static files, errors
// packages: express
'use strict';
const assert = require('node:assert/strict');
const { load } = require('./http-load.cjs');
const express = require('express');
console.log('COMPAT LOADED');

const app = express();
app.use(express.json());
app.use('/static', express.static(__dirname, { index: false }));
app.get('/hello/:name', (request, response) => response.set('x-made-by', 'express').send(`hello ${request.params.name}`));
app.post('/sum', (request, response) => response.json({ sum: request.body.numbers.reduce((a, b) => a + b, 0) }));
app.get('/redirect', (request, response) => response.redirect('/hello/there'));
app.get('/throws', async () => {
  throw new Error('on purpose');
});
app.use((request, response) => response.status(404).json({ missing: request.path }));
app.use((error, request, response, _next) => response.status(500).json({ error: error.message }));

const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await load(port, [
    { path: '/hello/world', check: (reply) => reply.text === 'hello world' && reply.headers['x-made-by'] === 'express' && Boolean(reply.headers.etag) },
    { path: '/sum', json: { numbers: [1, 2, 39] }, check: (reply) => reply.json().sum === 42 },
    { path: '/static/package.json', check: (reply) => reply.json().name === 'compat-express5' },
    { path: '/redirect', check: (reply) => reply.status === 302 && reply.headers.location === '/hello/there' },
    { path: '/throws', check: (reply) => reply.status === 500 && reply.json().error === 'on purpose' },
    { path: '/nowhere', check: (reply) => reply.status === 404 && reply.json().missing === '/nowhere' },
  ]);
  assert.match(require('express/package.json').version, /^5\./);
  server.close(() => console.log('COMPAT OK express5'));
});
