// does: native binding: hash and compare, synchronous and in the thread pool
// packages: bcrypt
'use strict';
const assert = require('node:assert/strict');
const bcrypt = require('bcrypt');
console.log('COMPAT LOADED');

async function main() {
  const hashes = await Promise.all(['one', 'two', 'three'].map((text) => bcrypt.hash(text, 4)));
  assert.equal(await bcrypt.compare('two', hashes[1]), true);
  assert.equal(await bcrypt.compare('two', hashes[2]), false);
  assert.equal(bcrypt.getRounds(hashes[0]), 4);
  assert.equal(bcrypt.compareSync('four', bcrypt.hashSync('four', bcrypt.genSaltSync(4))), true);
  console.log('COMPAT OK bcrypt');
}
main();
