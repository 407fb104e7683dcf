// does: parsing, formatting, arithmetic, a locale that is loaded when it is asked for
// packages: moment
'use strict';
const assert = require('node:assert/strict');
const moment = require('moment');
console.log('COMPAT LOADED');

const day = moment.utc('2024-02-29T12:00:00Z');
assert.equal(day.clone().add(1, 'year').format('YYYY-MM-DD'), '2025-02-28');
assert.equal(day.locale('de').format('dddd, D. MMMM YYYY'), 'Donnerstag, 29. Februar 2024');
assert.equal(moment.utc('31.12.2023', 'DD.MM.YYYY', true).isValid(), true);
assert.equal(moment.duration(90, 'minutes').humanize(), '2 hours');
assert.equal(moment('no date', moment.ISO_8601).isValid(), false);
assert.equal(day.diff(moment.utc('2024-01-01'), 'days'), 59);
console.log('COMPAT OK moment');
