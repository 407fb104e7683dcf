// does: a message with text, HTML and attachments, log-in (against a small mail server)
// packages: nodemailer
// peers: smtp
'use strict';
const assert = require('node:assert/strict');
const nodemailer = require('nodemailer');
console.log('COMPAT LOADED');

async function main() {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: Number(process.env.COMPAT_SMTP), secure: false, auth: { user: 'u', pass: 'p' } });
  assert.equal(await transport.verify(), true);
  const sent = await transport.sendMail({
    from: 'ann@example.com',
    to: 'bob@example.com, carl@example.com',
    subject: 'hello',
    text: 'text',
    html: '<b>html</b>',
    attachments: [{ filename: 'package.json', path: `${__dirname}/package.json` }, { filename: 'a.txt', content: 'inline' }],
  });
  assert.deepEqual(sent.accepted, ['bob@example.com', 'carl@example.com']);
  assert.match(sent.response, /^250 queued \d+ hello$/);
  transport.close();
  console.log('COMPAT OK nodemailer');
}
main();
