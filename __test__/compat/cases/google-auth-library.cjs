// does: loads; signs a token for itself with a service account's key
// packages: google-auth-library
'use strict';
const assert = require('node:assert/strict');
const { generateKeyPairSync } = require('node:crypto');
const { GoogleAuth, JWT, OAuth2Client } = require('google-auth-library');
console.log('COMPAT LOADED');

async function main() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const auth = new GoogleAuth({ credentials: { client_email: 'a@example.com', private_key: privateKey }, projectId: 'p' });
  const client = await auth.getClient();
  assert.ok(client instanceof JWT);
  client.useJWTAccessWithScope = true;
  client.scopes = ['https://www.googleapis.com/auth/cloud-platform'];
  const headers = await client.getRequestHeaders();
  assert.match(headers.get('authorization'), /^Bearer ey/);
  assert.match(new OAuth2Client('id', 'secret', 'https://example.com/back').generateAuthUrl({ scope: 'email' }), /client_id=id/);
  console.log('COMPAT OK google-auth-library');
}
main();
