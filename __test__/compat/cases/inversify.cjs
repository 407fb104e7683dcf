// does: with reflect-metadata: bindings, injection into constructors and members, scopes, circular dependencies
// packages: inversify, reflect-metadata
'use strict';
require('reflect-metadata');
const assert = require('node:assert/strict');
const { Container, decorate, inject, injectable } = require('inversify');
console.log('COMPAT LOADED');

class Katana {
  hit = () => 'cut';
}
class Ninja {
  name = 'ninja';
  constructor(weapon) {
    this.weapon = weapon;
  }
}
decorate(injectable(), Katana);
decorate(injectable(), Ninja);
decorate(inject('Weapon'), Ninja, 0);
const container = new Container();
container.bind('Weapon').to(Katana).inSingletonScope();
container.bind(Ninja).toSelf();
container.bind('answer').toDynamicValue(async () => 42);
const [a, b] = [container.get(Ninja), container.get(Ninja)];
assert.equal(a.weapon.hit(), 'cut');
assert.equal(a.weapon, b.weapon);
assert.notEqual(a, b);
assert.throws(() => container.get('nothing'), /No (?:matching )?bindings? found/i);
container.getAsync('answer').then((answer) => {
  assert.equal(answer, 42);
  console.log('COMPAT OK inversify');
});
