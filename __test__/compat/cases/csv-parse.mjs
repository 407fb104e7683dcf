// does: streams 10,000 records, quotes, columns, casts, errors
// packages: csv-parse
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
console.log('COMPAT LOADED');

const lines = function* () {
  yield 'id,name\n';
  for (let i = 0; i < 10_000; i++) yield `${i},"name ""${i}"""\n`;
};
let sum = 0;
for await (const record of Readable.from(lines()).pipe(parse({ columns: true, cast: true }))) sum += record.id;
assert.equal(sum, 49_995_000);
assert.deepEqual(parseSync('a;"b\nc"', { delimiter: ';' }), [['a', 'b\nc']]);
assert.throws(() => parseSync('a,b\n1'), { code: 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' });
console.log('COMPAT OK csv-parse');
