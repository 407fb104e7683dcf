// does: addresses, cards, dates, sanitizers
// packages: validator
'use strict';
const assert = require('node:assert/strict');
const validator = require('validator');
console.log('COMPAT LOADED');

assert.equal(validator.isEmail('ann@example.com'), true);
assert.equal(validator.isURL('http://[::1]:80/x', { require_tld: false }), true);
assert.equal(validator.isCreditCard('4111 1111 1111 1111'), true);
assert.equal(validator.isISO8601('2024-02-30', { strict: true }), false);
assert.equal(validator.escape('<a>'), '&lt;a&gt;');
assert.equal(validator.isMobilePhone('+491701234567', 'de-DE'), true);
assert.equal(validator.normalizeEmail('A.B+c@gmail.com'), 'ab@gmail.com');
console.log('COMPAT OK validator');
