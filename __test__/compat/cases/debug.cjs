// does: namespaces from the environment, formatters, switching on and off
// packages: debug
// env: DEBUG=app:*,-app:noisy
'use strict';
const assert = require('node:assert/strict');
const { format } = require('node:util');
const debug = require('debug');
console.log('COMPAT LOADED');

const lines = [];
debug.log = (...args) => lines.push(format(...args));
debug.formatters.h = (buffer) => buffer.toString('hex');
const log = debug('app:main');
log('hello %s %o %h', 'world', { a: 1 }, Buffer.from('ab'));
debug('app:noisy')('never');
debug('other')('never');
assert.equal(log.enabled, true);
assert.equal(lines.length, 1);
assert.match(lines[0], /app:main hello world \{ a: 1 \} 6162/);
debug.enable('other');
log.extend('inner')('never');
debug('other')('now');
assert.equal(lines.length, 2);
debug.disable();
assert.equal(debug.enabled('other'), false);
console.log('COMPAT OK debug');
