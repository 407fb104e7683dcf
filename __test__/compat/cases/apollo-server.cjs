// does: 200 queries and mutations over real sockets, errors, a plugin
// packages: @apollo/server, graphql
'use strict';
const assert = require('node:assert/strict');
const { load } = require('./http-load.cjs');
const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');
console.log('COMPAT LOADED');

async function main() {
  const seen = [];
  const server = new ApolloServer({
    typeDefs: 'type Query { hello(name: String!): String! fails: Int } type Mutation { add(a: Int!, b: Int!): Int! }',
    resolvers: {
      Query: {
        hello: (parent, { name }, { who }) => `hello ${name} from ${who}`,
        fails: () => {
          throw new Error('on purpose');
        },
      },
      Mutation: { add: async (parent, { a, b }) => a + b },
    },
    plugins: [{ requestDidStart: async () => ({ didResolveOperation: async ({ operationName }) => void seen.push(operationName) }) }],
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' }, context: async ({ req }) => ({ who: req.headers['x-who'] }) });
  const query = (text, check, variables) => ({ path: '/', headers: { 'x-who': 'ann' }, json: { query: text, variables }, check: (reply) => check(reply.json(), reply) });
  await load(Number(new URL(url).port), [
    query('query Hello($n: String!) { hello(name: $n) }', ({ data }) => data.hello === 'hello x from ann', { n: 'x' }),
    query('mutation Add { add(a: 40, b: 2) }', ({ data }) => data.add === 42),
    query('{ fails }', ({ data, errors }) => data.fails === null && errors[0].message === 'on purpose'),
    query('{ nothing }', ({ errors }, reply) => reply.status === 400 && errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED'),
  ], { total: 200 });
  assert.ok(seen.includes('Hello') && seen.includes('Add'));
  await server.stop();
  console.log('COMPAT OK apollo-server');
}
main();
