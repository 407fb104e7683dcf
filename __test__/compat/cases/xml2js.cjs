// does: parses and builds XML, processors, errors
// packages: xml2js
'use strict';
const assert = require('node:assert/strict');
const xml2js = require('xml2js');
console.log('COMPAT LOADED');

async function main() {
  const xml = '<root a="1"><item>x</item><item>y</item><Empty/></root>';
  const parsed = await xml2js.parseStringPromise(xml, { explicitArray: false, tagNameProcessors: [xml2js.processors.normalize] });
  assert.deepEqual({ ...parsed.root, $: { ...parsed.root.$ } }, { $: { a: '1' }, item: ['x', 'y'], empty: '' });
  assert.match(new xml2js.Builder({ headless: true }).buildObject({ a: { $: { b: 1 }, c: ['<', 2] } }), /<a b="1">\s*<c>&lt;<\/c>\s*<c>2<\/c>/);
  await assert.rejects(xml2js.parseStringPromise('<a><b></a>'), /Unexpected close tag/);
  console.log('COMPAT OK xml2js');
}
main();
