// does: objects, references, alternatives, custom and external checks, errors
// packages: joi
'use strict';
const assert = require('node:assert/strict');
const Joi = require('joi');
console.log('COMPAT LOADED');

// oxlint-disable-next-line unicorn/no-thenable -- joi's name for it
const adult = { is: 'adult', then: Joi.number().min(18) };
const schema = Joi.object({
  name: Joi.string().trim().min(2).required(),
  password: Joi.string().pattern(/\d/),
  repeat: Joi.ref('password'),
  age: Joi.number().integer().when('kind', adult),
  kind: Joi.string().valid('adult', 'child'),
  email: Joi.string().email(),
}).with('password', 'repeat');
assert.deepEqual(schema.validate({ name: ' ann ', age: '20', kind: 'adult' }).value, { name: 'ann', age: 20, kind: 'adult' });
const { error } = schema.validate({ name: 'a', password: 'x', age: 3, kind: 'adult', email: 'no' }, { abortEarly: false });
assert.deepEqual(error.details.map(({ type }) => type).toSorted(), ['number.min', 'object.with', 'string.email', 'string.min', 'string.pattern.base']);
Joi.object({ a: Joi.any().external(async (value) => (await Promise.resolve(value)) * 2) })
  .validateAsync({ a: 21 })
  .then(({ a }) => {
    assert.equal(a, 42);
    console.log('COMPAT OK joi');
  });
