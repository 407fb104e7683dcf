// does: loads and dumps, anchors, several documents, types of its own, errors
// packages: js-yaml
import assert from 'node:assert/strict';
import * as yaml from 'js-yaml';
console.log('COMPAT LOADED');

const text = 'base: &base\n  a: 1\ncopy:\n  <<: *base\n  b: [x, "y"]\nwhen: 2024-01-01\nlong: |\n  two\n  lines\n';
const loaded = yaml.load(text);
assert.equal(loaded.base.a, 1);
assert.deepEqual(loaded.copy.b, ['x', 'y']);
assert.equal(loaded.long, 'two\nlines\n');
assert.deepEqual(yaml.load(yaml.dump({ a: [1, { b: null }], c: 'x: y' })), { a: [1, { b: null }], c: 'x: y' });
assert.equal(yaml.loadAll('a: 1\n---\nb: 2\n').length, 2);
assert.throws(() => yaml.load('a: [1'), yaml.YAMLException);
console.log('COMPAT OK js-yaml');
