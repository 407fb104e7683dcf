// does: a schema from text, execution, validation, subscriptions, introspection
// packages: graphql
import assert from 'node:assert/strict';
import { buildSchema, execute, getIntrospectionQuery, graphql, parse, subscribe, validate } from 'graphql';
console.log('COMPAT LOADED');

const schema = buildSchema('type Query { add(a: Int!, b: Int = 1): Int! users: [User!]! } type User { name: String! friends: [User!]! } type Subscription { count: Int }');
const ann = { name: 'ann', friends: async () => [{ name: 'bob', friends: [] }] };
const rootValue = { add: ({ a, b }) => a + b, users: () => [ann] };
const { data } = await graphql({ schema, rootValue, source: 'query ($a: Int!) { add(a: $a) users { name friends { name } } }', variableValues: { a: 41 } });
assert.deepEqual(JSON.parse(JSON.stringify(data)), { add: 42, users: [{ name: 'ann', friends: [{ name: 'bob' }] }] });
assert.equal(validate(schema, parse('{ nothing }'))[0].message, 'Cannot query field "nothing" on type "Query".');
async function* count() {
  yield { count: 1 };
  yield { count: 2 };
}
const seen = [];
for await (const { data: one } of await subscribe({ schema, document: parse('subscription { count }'), rootValue: { count } })) seen.push(one.count);
assert.deepEqual(seen, [1, 2]);
const introspected = await execute({ schema, document: parse(getIntrospectionQuery()) });
assert.ok(introspected.data.__schema.types.length > 5);
console.log('COMPAT OK graphql');
