// does: levels, formats, child loggers, a file and a stream as transports, exceptions
// packages: winston
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { mkdtempSync, readFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { PassThrough } = require('node:stream');
const winston = require('winston');
console.log('COMPAT LOADED');

async function main() {
  const filename = path.join(mkdtempSync(path.join(os.tmpdir(), 'winston-')), 'a.log');
  const stream = new PassThrough();
  const logger = winston.createLogger({
    level: 'debug',
    format: winston.format.combine(winston.format.timestamp(), winston.format.errors({ stack: true }), winston.format.splat(), winston.format.json()),
    defaultMeta: { service: 'compat' },
    transports: [new winston.transports.File({ filename }), new winston.transports.Stream({ stream, level: 'error', format: winston.format.printf(({ message }) => `! ${message}`) })],
  });
  for (let i = 0; i < 200; i++) logger.info('line %d', i, { i });
  logger.child({ request: 7 }).error(new Error('on purpose'));
  logger.silly('not wanted');
  logger.end();
  await once(logger.transports[0] ?? logger, 'finish');
  const lines = readFileSync(filename, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 201);
  assert.deepEqual([lines[7].message, lines[7].service, lines[7].i], ['line 7', 'compat', 7]);
  assert.deepEqual([lines[200].request, lines[200].level], [7, 'error']);
  assert.match(lines[200].stack, /winston\.cjs/);
  assert.equal(stream.read().toString(), `! on purpose${os.EOL}`);
  const colored = winston.format.colorize().transform({ [Symbol.for('level')]: 'info', level: 'info', message: 'm' }, { all: true });
  assert.ok(colored.message.includes('m'));
  console.log('COMPAT OK winston');
}
main();
