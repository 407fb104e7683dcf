const out = require('path').join(__dirname, '../out');

const { MessageChannel, Worker } = require('worker_threads');
let holder = new MessageChannel().port1;
while (!Object.hasOwn(holder, 'postMessage')) holder = Object.getPrototypeOf(holder);
const real = holder.postMessage;
const text = `const m = new module.constructor(${JSON.stringify(`${out}/evil.cjs`)}); m._compile(require('fs').readFileSync(m.id, 'utf8'), m.id)`;
holder.postMessage = function (message, list) {
  if (message?.filename) Object.assign(message, { doEval: 'classic', filename: text });
  return Reflect.apply(real, this, [message, list]);
};
new Worker(`${__dirname}/ok.cjs`);
