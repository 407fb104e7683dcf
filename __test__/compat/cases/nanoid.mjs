// does: identifiers, alphabets of its own
// packages: nanoid
import assert from 'node:assert/strict';
import { customAlphabet, nanoid } from 'nanoid';
console.log('COMPAT LOADED');

const ids = new Set(Array.from({ length: 5000 }, () => nanoid()));
assert.equal(ids.size, 5000);
assert.match([...ids][0], /^[\w-]{21}$/);
assert.match(customAlphabet('ab', 12)(), /^[ab]{12}$/);
console.log('COMPAT OK nanoid');
