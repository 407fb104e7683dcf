// does: zones, formatting, intervals, durations
// packages: luxon
import assert from 'node:assert/strict';
import { DateTime, Duration, Interval } from 'luxon';
console.log('COMPAT LOADED');

const start = DateTime.fromISO('2024-03-31T00:30:00', { zone: 'Europe/Berlin' });
assert.equal(start.plus({ hours: 2 }).toISO(), '2024-03-31T03:30:00.000+02:00');
assert.equal(start.setLocale('de').toLocaleString(DateTime.DATE_FULL), '31. März 2024');
assert.equal(Interval.fromDateTimes(start, start.plus({ days: 3 })).splitBy({ days: 1 }).length, 3);
assert.equal(Duration.fromISO('PT90M').shiftTo('hours', 'minutes').toHuman(), '1 hour, 30 minutes');
assert.equal(DateTime.fromFormat('nonsense', 'yyyy').isValid, false);
console.log('COMPAT OK luxon');
