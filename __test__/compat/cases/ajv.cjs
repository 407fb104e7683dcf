// does: compiles schemas to functions, formats of its own, references, asynchronous checks, errors
// packages: ajv
'use strict';
const assert = require('node:assert/strict');
const Ajv = require('ajv/dist/2020');
console.log('COMPAT LOADED');

async function main() {
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true });
  ajv.addFormat('even', { type: 'number', validate: (n) => n % 2 === 0 });
  ajv.addSchema({ $id: 'https://example.com/tag', type: 'string', pattern: '^[a-z]+$' });
  const validate = ajv.compile({
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'integer', format: 'even' }, tags: { type: 'array', items: { $ref: 'https://example.com/tag' }, uniqueItems: true }, on: { type: 'boolean', default: true } },
    unevaluatedProperties: false,
  });
  const data = { n: '4', tags: ['a', 'b'] };
  assert.equal(validate(data), true);
  assert.deepEqual(data, { n: 4, tags: ['a', 'b'], on: true });
  assert.equal(validate({ n: 3, tags: ['A', 'A'], x: 1 }), false);
  assert.deepEqual([...new Set(validate.errors.map(({ keyword }) => keyword))].toSorted(), ['format', 'pattern', 'unevaluatedProperties', 'uniqueItems']);
  ajv.addKeyword({ keyword: 'known', async: true, type: 'number', validate: async (schema, n) => n === 1 });
  await assert.rejects(ajv.compile({ $async: true, type: 'number', known: true })(2), Ajv.ValidationError);
  console.log('COMPAT OK ajv');
}
main();
