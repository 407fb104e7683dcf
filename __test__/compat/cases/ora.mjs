// does: a spinner on a stream that is no terminal: start, change, succeed, fail
// packages: ora
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import ora, { oraPromise } from 'ora';
console.log('COMPAT LOADED');

const stream = Object.assign(new PassThrough(), { isTTY: false });
let text = '';
stream.on('data', (chunk) => (text += chunk));
const spinner = ora({ text: 'working', stream, discardStdin: false }).start();
spinner.text = 'still working';
spinner.succeed('done');
await assert.rejects(oraPromise(Promise.reject(new Error('x')), { text: 'bad', stream, discardStdin: false }), /x/);
await new Promise((resolve) => setImmediate(resolve));
for (const part of ['- working', 'done', 'bad']) assert.ok(text.includes(part), JSON.stringify(text));
console.log('COMPAT OK ora');
