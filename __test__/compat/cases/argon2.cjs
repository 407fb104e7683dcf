// does: native binding: hash, verify, parameters, rehashing
// packages: argon2
// node: 22
'use strict';
const assert = require('node:assert/strict');
const argon2 = require('argon2');
console.log('COMPAT LOADED');

async function main() {
  const hash = await argon2.hash('password', { type: argon2.argon2id, memoryCost: 4096, timeCost: 2, secret: Buffer.from('pepper') });
  assert.match(hash, /^\$argon2id\$v=19\$m=4096,(?:p=4,)?t=2/);
  assert.equal(await argon2.verify(hash, 'password', { secret: Buffer.from('pepper') }), true);
  assert.equal(await argon2.verify(hash, 'password'), false);
  assert.equal(argon2.needsRehash(hash, { memoryCost: 8192 }), true);
  assert.equal((await argon2.hash('x', { raw: true, memoryCost: 1024, salt: Buffer.alloc(16), hashLength: 16 })).length, 16);
  console.log('COMPAT OK argon2');
}
main();
