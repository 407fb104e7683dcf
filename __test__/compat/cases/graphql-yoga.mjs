// does: 200 queries over real sockets, errors, a subscription by server-sent events
// packages: graphql-yoga, graphql
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { load, send } from './http-load.cjs';
console.log('COMPAT LOADED');

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: 'type Query { hello(name: String): String fails: Int } type Subscription { count: Int }',
    resolvers: {
      Query: {
        hello: (parent, { name }) => `hello ${name}`,
        fails: () => {
          throw new Error('secret');
        },
      },
      Subscription: { count: { subscribe: async function* () {
        for (const count of [1, 2]) yield { count };
      } } },
    },
  }),
});
const server = createServer(yoga).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
await load(port, [
  { path: '/graphql', json: { query: '{ hello(name: "x") }' }, check: (reply) => reply.json().data.hello === 'hello x' },
  { path: '/graphql?query={__typename}', check: (reply) => reply.json().data.__typename === 'Query' },
  { path: '/graphql', json: { query: '{ fails }' }, check: (reply) => reply.json().errors[0].message === 'Unexpected error.' },
], { total: 200 });
const events = await send(port, { path: '/graphql', headers: { accept: 'text/event-stream' }, json: { query: 'subscription { count }' } });
assert.match(events.text, /"count":1[^]*"count":2/);
server.closeAllConnections();
server.close();
console.log('COMPAT OK graphql-yoga');
