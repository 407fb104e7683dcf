// does: compare, ranges, increments, coercion
// packages: semver
'use strict';
const assert = require('node:assert/strict');
const semver = require('semver');
console.log('COMPAT LOADED');

assert.equal(semver.satisfies('1.2.3', '^1.2 || >=2.5.0 <3'), true);
assert.deepEqual(semver.sort(['1.10.0', '1.2.0', '1.2.0-rc.1']), ['1.2.0-rc.1', '1.2.0', '1.10.0']);
assert.equal(semver.inc('1.2.3', 'prerelease', 'beta'), '1.2.4-beta.0');
assert.equal(semver.coerce('v3.4 something').version, '3.4.0');
assert.equal(semver.maxSatisfying(['1.0.0', '1.5.0', '2.0.0'], '~1'), '1.5.0');
assert.equal(semver.intersects('^1', '>=1.9'), true);
console.log('COMPAT OK semver');
