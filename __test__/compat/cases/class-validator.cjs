// does: with class-transformer, reflect-metadata and tslib: decorated classes, nested checks, errors
// packages: class-validator, class-transformer, reflect-metadata, tslib
'use strict';
require('reflect-metadata');
const assert = require('node:assert/strict');
const { plainToInstance, Type } = require('class-transformer');
const { IsEmail, IsInt, Min, validate, ValidateNested } = require('class-validator');
const { __decorate, __metadata } = require('tslib');
console.log('COMPAT LOADED');

class Address {
  email = '';
}
__decorate([IsEmail(), __metadata('design:type', String)], Address.prototype, 'email');
class User {
  age = 0;
}
__decorate([IsInt(), Min(18)], User.prototype, 'age');
__decorate([ValidateNested({ each: true }), Type(() => Address)], User.prototype, 'addresses');

async function main() {
  const user = plainToInstance(User, { age: 20, addresses: [{ email: 'ann@example.com' }] });
  assert.ok(user.addresses[0] instanceof Address);
  assert.deepEqual(await validate(user), []);
  const errors = await validate(plainToInstance(User, { age: 3.5, addresses: [{ email: 'no' }] }));
  assert.deepEqual(errors.map(({ property }) => property), ['age', 'addresses']);
  assert.deepEqual(Object.keys(errors[0].constraints).toSorted(), ['isInt', 'min']);
  assert.equal(Reflect.getMetadata('design:type', Address.prototype, 'email'), String);
  console.log('COMPAT OK class-validator');
}
main();
