// does: up to an open channel and a declared queue (against a small broker that speaks the handshake)
// packages: amqplib
// peers: amqp
'use strict';
const assert = require('node:assert/strict');
const amqp = require('amqplib');
console.log('COMPAT LOADED');

async function main() {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.env.COMPAT_AMQP}`);
  const channel = await connection.createChannel();
  assert.deepEqual(await channel.assertQueue('jobs', { durable: false }), { queue: 'jobs', messageCount: 3, consumerCount: 0 });
  assert.equal(channel.sendToQueue('jobs', Buffer.from('hello')), true);
  await channel.close();
  await connection.close();
  await assert.rejects(amqp.connect('amqp://127.0.0.1:1'), { code: 'ECONNREFUSED' });
  console.log('COMPAT OK amqplib');
}
main();
