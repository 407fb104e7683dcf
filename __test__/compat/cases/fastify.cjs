// does: 400 requests with compiled schemas, hooks, a plugin, its logger, errors
// packages: fastify
'use strict';
const assert = require('node:assert/strict');
const { Writable } = require('node:stream');
const { load } = require('./http-load.cjs');
const Fastify = require('fastify');
console.log('COMPAT LOADED');

const lines = [];
const stream = new Writable({ write: (chunk, encoding, done) => done(null, lines.push(JSON.parse(chunk.toString()))) });

async function main() {
  const app = Fastify({ logger: { level: 'info', stream } });
  app.decorate('answer', 42);
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => void reply.header('x-scope', 'inner'));
    scope.get('/answer', { schema: { response: { 200: { type: 'object', properties: { answer: { type: 'integer' } } } } } }, async function () {
      return { answer: this.answer, hidden: true };
    });
  });
  app.post(
    '/users',
    { schema: { body: { type: 'object', required: ['age'], properties: { age: { type: 'integer', minimum: 18 } } } } },
    async (request, reply) => reply.code(201).send({ age: request.body.age + 1 }),
  );
  app.get('/throws', async () => {
    throw new Error('on purpose');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await load(app.server.address().port, [
    { path: '/answer', check: (reply) => reply.text === '{"answer":42}' && reply.headers['x-scope'] === 'inner' },
    { path: '/users', json: { age: '20' }, check: (reply) => reply.status === 201 && reply.json().age === 21 },
    { path: '/users', json: { age: 3 }, check: (reply) => reply.status === 400 && reply.json().code === 'FST_ERR_VALIDATION' },
    { path: '/throws', check: (reply) => reply.status === 500 && reply.json().message === 'on purpose' },
  ]);
  await app.close();
  assert.ok(lines.filter(({ msg }) => msg === 'request completed').length >= 400);
  console.log('COMPAT OK fastify');
}
main();
