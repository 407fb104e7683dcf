// does: versions 1, 3, 4, 5, 7, parsing, validation
// packages: uuid
import assert from 'node:assert/strict';
import { parse, stringify, v1, v3, v4, v5, v7, validate, version } from 'uuid';
console.log('COMPAT LOADED');

assert.equal(new Set(Array.from({ length: 1000 }, () => v4())).size, 1000);
assert.equal(v5('hello', v5.URL), v5('hello', v5.URL));
assert.equal(v3('www.example.com', v3.DNS), '5df41881-3aed-3515-88a7-2f4a814cf09e');
assert.deepEqual([v1(), v4(), v7()].map(version), [1, 4, 7]);
assert.equal(stringify(parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')), '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b');
assert.equal(validate('no'), false);
console.log('COMPAT OK uuid');
