// does: limits concurrency, keeps results and errors
// packages: p-limit
import assert from 'node:assert/strict';
import pLimit from 'p-limit';
console.log('COMPAT LOADED');

const limit = pLimit(3);
let [running, most] = [0, 0];
const results = await Promise.all(Array.from({ length: 50 }, (_, n) => limit(async () => {
  most = Math.max(most, ++running);
  await new Promise((resolve) => setImmediate(resolve));
  running--;
  return n;
})));
assert.deepEqual([results[49], most, limit.pendingCount], [49, 3, 0]);
await assert.rejects(limit(() => Promise.reject(new Error('x'))), /x/);
console.log('COMPAT OK p-limit');
