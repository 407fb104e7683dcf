// does: promisifyAll (compiles by Function), map with concurrency, cancellation, using, long stack traces
// packages: bluebird
'use strict';
const assert = require('node:assert/strict');
const Bluebird = require('bluebird');
console.log('COMPAT LOADED');

Bluebird.config({ cancellation: true, longStackTraces: true });
const api = Bluebird.promisifyAll({
  base: 40,
  add(n, done) {
    setImmediate(done, null, this.base + n);
  },
});
async function main() {
  assert.equal(await api.addAsync(2), 42);
  assert.deepEqual(await Bluebird.map([1, 2, 3], (n) => Bluebird.delay(4 - n).return(n * 2), { concurrency: 2 }), [2, 4, 6]);
  assert.deepEqual(await Bluebird.props({ a: Bluebird.resolve(1), b: 2 }), { a: 1, b: 2 });
  let finished = false;
  const cancelled = Bluebird.delay(20).then(() => (finished = true));
  cancelled.cancel();
  await Bluebird.delay(40);
  assert.equal(finished, false);
  await assert.rejects(Bluebird.delay(50).timeout(5), Bluebird.TimeoutError);
  const released = [];
  await Bluebird.using(Bluebird.resolve('r').disposer((r) => released.push(r)), (r) => assert.equal(r, 'r'));
  assert.deepEqual(released, ['r']);
  assert.equal(await Bluebird.coroutine(function* () {
    return (yield Bluebird.resolve(1)) + 1;
  })(), 2);
  console.log('COMPAT OK bluebird');
}
main();
