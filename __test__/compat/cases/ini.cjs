// does: sections, arrays, comments, quotes, round trips
// packages: ini
'use strict';
const assert = require('node:assert/strict');
const ini = require('ini');
console.log('COMPAT LOADED');

const parsed = ini.parse('; comment\ntop = 1\n[a.b]\nlist[] = x\nlist[] = y\nflag = true\nquoted = "a=b"\n');
assert.deepEqual(JSON.parse(JSON.stringify(parsed)), { top: '1', a: { b: { list: ['x', 'y'], flag: true, quoted: 'a=b' } } });
assert.deepEqual(JSON.parse(JSON.stringify(ini.parse(ini.stringify({ s: { k: 'v;w', n: ['1'] } })))), { s: { k: 'v;w', n: ['1'] } });
console.log('COMPAT OK ini');
