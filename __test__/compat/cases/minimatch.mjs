// does: braces, globstars, negation, extended patterns
// packages: minimatch
import assert from 'node:assert/strict';
import { minimatch, Minimatch } from 'minimatch';
console.log('COMPAT LOADED');

assert.equal(minimatch('a/b/c.js', 'a/**/*.{js,ts}'), true);
assert.equal(minimatch('a/.hidden/c.js', 'a/**/*.js'), false);
assert.equal(minimatch('a.md', '!*.js'), true);
assert.equal(minimatch('foobar', '+(foo|bar)'), true);
assert.deepEqual(minimatch.braceExpand('{1..3}x'), ['1x', '2x', '3x']);
assert.equal(new Minimatch('src/[a-c]*.js').match('src/b1.js'), true);
console.log('COMPAT OK minimatch');
