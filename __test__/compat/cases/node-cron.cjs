// does: a task that runs every second, validation, stopping
// packages: node-cron
'use strict';
const assert = require('node:assert/strict');
const cron = require('node-cron');
console.log('COMPAT LOADED');

assert.equal(cron.validate('*/5 * * * *'), true);
assert.equal(cron.validate('99 * * * *'), false);
let runs = 0;
const task = cron.schedule('* * * * * *', async () => {
  runs += 1;
  await task.stop();
  await task.destroy();
  assert.equal(runs, 1);
  console.log('COMPAT OK node-cron');
});
