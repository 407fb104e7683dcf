// does: single-byte and multi-byte encodings from tables in JSON, streams
// packages: iconv-lite
'use strict';
const assert = require('node:assert/strict');
const iconv = require('iconv-lite');
console.log('COMPAT LOADED');

for (const [encoding, text] of [['win1252', 'Grüße €'], ['shift_jis', 'こんにちは'], ['gb18030', '你好 𠀀'], ['koi8-r', 'привет'], ['utf-16be', 'x𝒳']]) {
  assert.equal(iconv.decode(iconv.encode(text, encoding), encoding), text, encoding);
}
assert.equal(iconv.encodingExists('nonsense'), false);
const decoder = iconv.decodeStream('euc-jp');
let read = '';
decoder.on('data', (chunk) => (read += chunk));
decoder.on('end', () => {
  assert.equal(read, '日本語');
  console.log('COMPAT OK iconv-lite');
});
for (const byte of iconv.encode('日本語', 'euc-jp')) decoder.write(Buffer.from([byte]));
decoder.end();
