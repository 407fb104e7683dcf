// does: plugins for UTC, time zones, durations, relative time, a locale
// packages: dayjs
'use strict';
const assert = require('node:assert/strict');
const dayjs = require('dayjs');
console.log('COMPAT LOADED');

for (const name of ['utc', 'timezone', 'duration', 'relativeTime', 'customParseFormat']) dayjs.extend(require(`dayjs/plugin/${name}`));
require('dayjs/locale/fr');
const day = dayjs.utc('2024-02-29T12:00:00Z');
assert.equal(day.add(1, 'month').format('YYYY-MM-DD'), '2024-03-29');
assert.equal(day.tz('Asia/Tokyo').format('HH:mm'), '21:00');
assert.equal(day.locale('fr').format('MMMM'), 'février');
assert.equal(dayjs.duration({ hours: 2 }).humanize(), '2 hours');
assert.equal(dayjs('31.12.2023', 'DD.MM.YYYY').month(), 11);
console.log('COMPAT OK dayjs');
