// does: an input, a confirmation and a choice, typed on streams
// packages: inquirer
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import inquirer from 'inquirer';
console.log('COMPAT LOADED');

/** Asks one question, types the keys when it is on the screen, and tells the answer. */
async function ask(question, keys) {
  const input = new PassThrough();
  let shown = false;
  const output = new Writable({
    write(chunk, encoding, done) {
      if (!shown && String(chunk).includes(question.message)) {
        shown = true;
        setTimeout(() => input.write(keys), 5);
      }
      done();
    },
  });
  return (await inquirer.createPromptModule({ input, output })([{ ...question, name: 'answer' }])).answer;
}

assert.equal(await ask({ type: 'input', message: 'Your name?', filter: (text) => text.toUpperCase() }, 'ann\r'), 'ANN');
assert.equal(await ask({ type: 'confirm', message: 'Sure?', default: false }, 'y\r'), true);
assert.equal(await ask({ type: 'select', message: 'Size?', choices: ['small', 'large'] }, '\u001B[B\r'), 'large');
console.log('COMPAT OK inquirer');
