// does: runs a suite with hooks, asynchronous tests, a failing and a pending one, programmatically
// packages: mocha
// grant: mocha {"imports":["."]}
'use strict';
const assert = require('node:assert/strict');
const { default: Mocha = require('mocha') } = require('mocha');
console.log('COMPAT LOADED');

/* file: test/sums.cjs
const assert = require('node:assert/strict');
describe('sums', function () {
  let base;
  before(async () => {
    base = await Promise.resolve(40);
  });
  it('adds', () => assert.equal(base + 2, 42));
  it('calls back', (done) => setTimeout(done, 5));
  it('fails on purpose', () => assert.equal(1, 2));
  it.skip('is skipped', () => {});
  for (let i = 0; i < 50; i++) it(`case ${i}`, () => assert.ok(i >= 0));
});
*/
const mocha = new Mocha({ reporter: 'min', timeout: 1000 });
mocha.addFile(`${__dirname}/test/sums.cjs`);
const write = process.stdout.write;
process.stdout.write = () => true;
const passed = [];
const runner = mocha.run((failures) => {
  process.stdout.write = write;
  assert.equal(failures, 1);
  assert.equal(passed.length, 52);
  assert.equal(runner.stats.pending, 1);
  console.log('COMPAT OK mocha');
});
runner.on('pass', (test) => passed.push(test.title));
