// does: questions with injected answers, and one that is typed
// packages: prompts
'use strict';
const assert = require('node:assert/strict');
const { PassThrough } = require('node:stream');
const prompts = require('prompts');
console.log('COMPAT LOADED');

async function main() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  for (const [i, key] of [...'yes\r'].entries()) setTimeout(() => stdin.write(key), 20 + 5 * i);
  assert.deepEqual(await prompts({ type: 'text', name: 'word', message: 'Word?', stdin, stdout }), { word: 'yes' });
  assert.match(stdout.read().toString(), /Word\?/);
  prompts.inject(['ann', 7]);
  assert.deepEqual(await prompts([{ type: 'text', name: 'name', message: 'Name?' }, { type: 'number', name: 'age', message: 'Age?' }]), { name: 'ann', age: 7 });
  console.log('COMPAT OK prompts');
}
main();
