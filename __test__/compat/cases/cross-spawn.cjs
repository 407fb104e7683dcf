// does: starts a program, synchronously and not; missing programs
// packages: cross-spawn
'use strict';
const assert = require('node:assert/strict');
const spawn = require('cross-spawn');
console.log('COMPAT LOADED');

const done = spawn.sync('echo', ['a b', '"c"'], { encoding: 'utf8' });
assert.equal(done.stdout, 'a b "c"\n');
const missing = spawn('no-such-program');
missing.on('error', (error) => {
  assert.equal(error.code, 'ENOENT');
  spawn('cat', [`${__dirname}/package.json`], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.once('data', (chunk) => {
    assert.match(String(chunk), /compat-cross-spawn/);
    console.log('COMPAT OK cross-spawn');
  });
});
