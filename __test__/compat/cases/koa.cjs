// does: 400 requests through middleware, cookies, streams and errors
// packages: koa
'use strict';
const { createReadStream } = require('node:fs');
const { once } = require('node:events');
const { load } = require('./http-load.cjs');
const Koa = require('koa');
console.log('COMPAT LOADED');

const app = new Koa({ keys: ['secret'] });
app.silent = true;
app.use(async (context, next) => {
  const start = process.hrtime.bigint();
  await next();
  context.set('x-response-time', String(process.hrtime.bigint() - start));
});
app.use(async (context) => {
  if (context.path === '/json') context.body = { query: context.query };
  else if (context.path === '/cookie') {
    context.cookies.set('seen', 'yes', { signed: true });
    context.body = 'set';
  } else if (context.path === '/stream') {
    context.type = 'json';
    context.body = createReadStream(`${__dirname}/package.json`);
  } else if (context.path === '/throws') context.throw(403, 'no');
});

async function main() {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await load(server.address().port, [
    { path: '/json?a=1', check: (reply) => reply.json().query.a === '1' && Number(reply.headers['x-response-time']) > 0 },
    { path: '/cookie', check: (reply) => reply.headers['set-cookie'].some((cookie) => cookie.startsWith('seen.sig=')) },
    { path: '/stream', check: (reply) => reply.json().name === 'compat-koa' },
    { path: '/throws', check: (reply) => reply.status === 403 && reply.text === 'no' },
    { path: '/nowhere', check: (reply) => reply.status === 404 },
  ]);
  server.close();
  console.log('COMPAT OK koa');
}
main();
