// does: 1000 lines to a file through sonic-boom, child loggers, redaction, serializers
// packages: pino
'use strict';
const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const pino = require('pino');
console.log('COMPAT LOADED');

const dest = path.join(mkdtempSync(path.join(os.tmpdir(), 'pino-')), 'a.log');
const destination = pino.destination({ dest, sync: false, minLength: 4096 });
const logger = pino({ level: 'debug', redact: ['user.password'], serializers: { err: pino.stdSerializers.err }, base: { app: 'compat' } }, destination);
destination.on('ready', () => {
  for (let i = 0; i < 1000; i++) logger.info({ i, user: { name: 'ann', password: 'secret' } }, 'line %d', i);
  logger.child({ module: 'inner' }).error({ err: new TypeError('on purpose') });
  destination.flushSync();
  const lines = readFileSync(dest, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 1001);
  assert.deepEqual([lines[9].msg, lines[9].user.password, lines[9].app], ['line 9', '[Redacted]', 'compat']);
  assert.deepEqual([lines[1000].module, lines[1000].err.type], ['inner', 'TypeError']);
  console.log('COMPAT OK pino');
});
