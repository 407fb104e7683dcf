// does: sign and verify with HMAC, RSA and elliptic keys, expiry, claims, forged tokens
// packages: jsonwebtoken
'use strict';
const assert = require('node:assert/strict');
const { generateKeyPairSync } = require('node:crypto');
const jwt = require('jsonwebtoken');
console.log('COMPAT LOADED');

const token = jwt.sign({ user: 'ann' }, 'secret', { expiresIn: '1h', audience: 'compat', jwtid: '7' });
assert.equal(jwt.verify(token, 'secret', { audience: 'compat' }).user, 'ann');
assert.throws(() => jwt.verify(token, 'other'), jwt.JsonWebTokenError);
assert.throws(() => jwt.verify(token, 'secret', { audience: 'other' }), /audience invalid/);
assert.throws(() => jwt.verify(jwt.sign({ exp: 1 }, 'secret'), 'secret'), jwt.TokenExpiredError);
for (const [type, options, algorithm] of [['rsa', { modulusLength: 2048 }, 'RS256'], ['rsa', { modulusLength: 2048 }, 'PS384'], ['ec', { namedCurve: 'P-256' }, 'ES256']]) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  const signed = jwt.sign({ n: 1 }, privateKey, { algorithm, keyid: 'k' });
  assert.equal(jwt.verify(signed, publicKey, { algorithms: [algorithm] }).n, 1);
  assert.throws(() => jwt.verify(`${signed.slice(0, -4)}AAAA`, publicKey), /invalid signature/);
}
assert.equal(jwt.decode(token, { complete: true }).header.alg, 'HS256');
console.log('COMPAT OK jsonwebtoken');
