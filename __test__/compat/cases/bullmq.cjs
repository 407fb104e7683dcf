// does: loads, connects a queue, fails where the small server has no Lua scripts
// packages: bullmq, ioredis
// peers: redis
'use strict';
const assert = require('node:assert/strict');
const { Queue } = require('bullmq');
console.log('COMPAT LOADED');

async function main() {
  const queue = new Queue('jobs', { connection: { host: '127.0.0.1', port: Number(process.env.COMPAT_REDIS), maxRetriesPerRequest: 1 } });
  queue.on('error', () => {});
  await queue.waitUntilReady();
  await assert.rejects(queue.add('job', { n: 1 }), /unknown command '(?:EVALSHA|EVAL)'/i);
  await queue.close();
  console.log('COMPAT OK bullmq');
}
main();
