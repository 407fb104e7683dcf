// does: tables, arrays of tables, dates, errors with their place
// packages: toml
'use strict';
const assert = require('node:assert/strict');
const toml = require('toml');
console.log('COMPAT LOADED');

const parsed = toml.parse('title = "x"\n[owner]\nborn = 1979-05-27T07:32:00Z\n[[items]]\nn = 1\n[[items]]\nn = 0xff\ntags = ["a", \'b\']\n');
assert.equal(parsed.owner.born.getTime(), Date.UTC(1979, 4, 27, 7, 32));
assert.deepEqual(parsed.items.map(({ n }) => n), [1, 255]);
assert.throws(() => toml.parse('a = = 1'), /but "=" found/);
console.log('COMPAT OK toml');
