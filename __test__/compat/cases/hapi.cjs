// does: 400 requests to routes, a plugin, server-side cache, signed cookies, errors
// packages: @hapi/hapi
'use strict';
const { load } = require('./http-load.cjs');
const Hapi = require('@hapi/hapi');
console.log('COMPAT LOADED');

async function main() {
  const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
  server.method('square', async (n) => n * n, { cache: { expiresIn: 10_000, generateTimeout: 1000 } });
  server.state('session', { encoding: 'iron', password: 'a password that is at least 32 characters', isSecure: false });
  await server.register({
    name: 'greeter',
    register: (inner) => inner.route({ method: 'GET', path: '/hello/{name}', handler: ({ params }) => `hello ${params.name}` }),
  });
  server.route([
    { method: 'GET', path: '/square/{n}', handler: async ({ params }) => ({ square: await server.methods.square(Number(params.n)) }) },
    { method: 'POST', path: '/echo', handler: ({ payload }) => payload },
    { method: 'GET', path: '/login', handler: (request, h) => h.response('in').state('session', { id: 7 }) },
    {
      method: 'GET',
      path: '/throws',
      handler: () => {
        throw new Error('on purpose');
      },
    },
  ]);
  await server.start();
  await load(server.info.port, [
    { path: '/hello/hapi', check: (reply) => reply.text === 'hello hapi' },
    { path: '/square/12', check: (reply) => reply.json().square === 144 },
    { path: '/echo', json: { deep: [{ x: 1 }] }, check: (reply) => reply.json().deep[0].x === 1 },
    { path: '/login', check: (reply) => reply.headers['set-cookie'][0].startsWith('session=Fe26.2') },
    { path: '/throws', check: (reply) => reply.status === 500 },
    { path: '/nowhere', check: (reply) => reply.status === 404 },
  ]);
  await server.stop();
  console.log('COMPAT OK hapi');
}
main();
