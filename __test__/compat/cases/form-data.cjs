// does: fields, buffers and file streams sent to a local server
// packages: form-data
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { echoServer } = require('./echo-server.cjs');
const FormData = require('form-data');
console.log('COMPAT LOADED');

async function main() {
  const server = await echoServer();
  const form = new FormData();
  form.append('field', 'value');
  form.append('buffer', Buffer.from('bytes'), { filename: 'b.bin', contentType: 'application/x-own' });
  form.append('file', fs.createReadStream(`${__dirname}/package.json`));
  const response = await new Promise((resolve, reject) => form.submit(`${server.url}/echo`, (error, reply) => (error ? reject(error) : resolve(reply))));
  let text = '';
  for await (const chunk of response) text += chunk;
  const { body, headers } = JSON.parse(text);
  for (const part of ['name="field"', 'application/x-own', 'filename="package.json"', 'compat-form-data']) assert.ok(body.includes(part), part);
  assert.equal(Number(headers['content-length']), Buffer.byteLength(body));
  server.close();
  console.log('COMPAT OK form-data');
}
main();
