// does: transports in worker threads: pino-pretty, a file, a pipeline of the application's own module
// packages: pino-pretty, pino, pino-abstract-transport
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { mkdtempSync, readFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const pino = require('pino');
console.log('COMPAT LOADED');

/* file: count-lines.cjs
const { writeFileSync } = require('node:fs');
const build = require('pino-abstract-transport');
module.exports = ({ destination }) =>
  build(async (source) => {
    let lines = 0;
    for await (const line of source) lines += line.level >= 30 ? 1 : 0;
    writeFileSync(destination, String(lines));
  });
*/
async function main() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pino-'));
  const at = (name) => path.join(directory, name);
  const transport = pino.transport({
    targets: [
      { target: 'pino-pretty', options: { destination: at('pretty'), colorize: false, ignore: 'pid,hostname,time' } },
      { target: 'pino/file', options: { destination: at('plain') } },
      { target: path.join(__dirname, 'count-lines.cjs'), options: { destination: at('count') } },
    ],
  });
  const logger = pino(transport);
  for (let i = 0; i < 300; i++) logger.info({ i }, 'line');
  // The worker does not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  transport.end();
  await once(transport, 'close');
  clearInterval(alive);
  assert.match(readFileSync(at('pretty'), 'utf8'), /^INFO: line\n {4}i: 0\n/);
  assert.equal(readFileSync(at('plain'), 'utf8').trim().split('\n').length, 300);
  assert.equal(readFileSync(at('count'), 'utf8'), '300');
  console.log('COMPAT OK pino-transport');
}
main();
