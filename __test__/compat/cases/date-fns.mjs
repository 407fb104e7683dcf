// does: parsing, formatting, arithmetic, locales (a module graph of hundreds of files)
// packages: date-fns
import assert from 'node:assert/strict';
import { addBusinessDays, differenceInDays, eachDayOfInterval, format, formatDistance, isValid, parse } from 'date-fns';
import { ja } from 'date-fns/locale';
console.log('COMPAT LOADED');

const day = new Date(2024, 1, 29);
assert.equal(format(day, "yyyy-MM-dd 'is' EEEE"), '2024-02-29 is Thursday');
assert.equal(format(day, 'PPPP', { locale: ja }), '2024年2月29日木曜日');
assert.equal(format(addBusinessDays(day, 2), 'EEE'), 'Mon');
assert.equal(differenceInDays(new Date(2024, 2, 1), day), 1);
assert.equal(eachDayOfInterval({ start: day, end: new Date(2024, 2, 9) }).length, 10);
assert.equal(formatDistance(0, 3_600_000), 'about 1 hour');
assert.equal(isValid(parse('99', 'MM', day)), false);
console.log('COMPAT OK date-fns');
