// does: spies, stubs, mocks, fake timers, a sandbox that restores
// packages: sinon
// grant: @sinonjs/fake-timers {"patch":true,"imports":["@sinonjs/commons"]}
// grant: @sinonjs/commons {"globals":["Date","setTimeout","clearTimeout","setInterval","clearInterval","setImmediate","clearImmediate"]}
// grant: @sinonjs/samsam {"imports":["@sinonjs/commons"]}
// grant: sinon {"imports":["@sinonjs/fake-timers","@sinonjs/commons","@sinonjs/samsam"]}
// misses: sealed without a policy: fake timers replace global timers. On Node 26 they copy Temporal with the attributes of its members, which are locked.
'use strict';
const assert = require('node:assert/strict');
const sinon = require('sinon');
console.log('COMPAT LOADED');

const target = { add: (a, b) => a + b, async load() {
  return 'real';
} };
async function main() {
  const spy = sinon.spy(target, 'add');
  assert.equal(target.add(1, 2), 3);
  assert.equal(spy.calledOnceWithExactly(1, 2), true);
  sinon.stub(target, 'load').resolves('stubbed').onSecondCall().rejects(new Error('second'));
  assert.equal(await target.load(), 'stubbed');
  await assert.rejects(target.load(), /second/);
  sinon.restore();
  assert.equal(await target.load(), 'real');
  const clock = sinon.useFakeTimers({ now: 0, toFake: ['setTimeout', 'Date'] });
  let fired = 0;
  setTimeout(() => (fired = Date.now()), 5000);
  clock.tick(5000);
  clock.restore();
  assert.equal(fired, 5000);
  assert.ok(Date.now() > 5000);
  const mock = sinon.mock(target);
  mock.expects('add').once().withArgs(1, sinon.match.number).returns(9);
  assert.equal(target.add(1, 2), 9);
  mock.verify();
  console.log('COMPAT OK sinon');
}
main();
