// does: objects, conditions, casts, asynchronous tests, errors
// packages: yup
'use strict';
const assert = require('node:assert/strict');
const yup = require('yup');
console.log('COMPAT LOADED');

async function main() {
  // oxlint-disable-next-line unicorn/no-thenable -- yup's name for it
  const adult = { is: 'adult', then: (number) => number.min(18) };
  const schema = yup.object({
    name: yup.string().trim().required(),
    age: yup.number().when('kind', adult),
    kind: yup.string(),
    tags: yup.array(yup.string().oneOf(['a', 'b'])),
    free: yup.string().test('free', 'taken', async (value) => value !== 'ann'),
  });
  assert.deepEqual(await schema.validate({ name: ' ann ', age: '20', kind: 'adult', free: 'x' }), { name: 'ann', age: 20, kind: 'adult', free: 'x' });
  await assert.rejects(schema.validate({ age: 3, kind: 'adult', tags: ['c'], free: 'ann' }, { abortEarly: false }), (error) => {
    assert.deepEqual(error.inner.map(({ path }) => path).toSorted(), ['age', 'free', 'name', 'tags[0]']);
    return error instanceof yup.ValidationError;
  });
  console.log('COMPAT OK yup');
}
main();
