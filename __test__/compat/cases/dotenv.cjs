// does: reads a file into process.env, quotes, multi-line values, expansion left alone, override
// packages: dotenv
'use strict';
const assert = require('node:assert/strict');
const dotenv = require('dotenv');
console.log('COMPAT LOADED');

/* file: .env
COMPAT_PLAIN=plain # comment
COMPAT_QUOTED="line one\nline two"
COMPAT_SINGLE='${PLAIN}'
COMPAT_LINES="a
b"
export COMPAT_EXPORTED=yes
*/
process.env.COMPAT_PLAIN = 'set before';
const { parsed, error } = dotenv.config({ quiet: true });
assert.equal(error, undefined);
assert.equal(parsed.COMPAT_PLAIN, 'plain');
assert.equal(process.env.COMPAT_PLAIN, 'set before');
assert.equal(process.env.COMPAT_QUOTED, 'line one\nline two');
assert.equal(process.env.COMPAT_SINGLE, '${PLAIN}');
assert.equal(process.env.COMPAT_LINES, 'a\nb');
assert.equal(process.env.COMPAT_EXPORTED, 'yes');
dotenv.config({ override: true, quiet: true });
assert.equal(process.env.COMPAT_PLAIN, 'plain');
console.log('COMPAT OK dotenv');
