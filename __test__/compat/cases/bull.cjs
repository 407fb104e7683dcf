// does: loads, connects a queue, fails where the small server has no Lua scripts
// packages: bull
// peers: redis
'use strict';
const assert = require('node:assert/strict');
const Queue = require('bull');
console.log('COMPAT LOADED');

async function main() {
  const queue = new Queue('jobs', { redis: { host: '127.0.0.1', port: Number(process.env.COMPAT_REDIS) } });
  queue.on('error', () => {});
  await queue.isReady();
  await assert.rejects(queue.add({ n: 1 }), /unknown command '(?:EVALSHA|EVAL)'/i);
  await queue.close();
  console.log('COMPAT OK bull');
}
main();
