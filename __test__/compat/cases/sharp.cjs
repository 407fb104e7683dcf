// does: native binding with libvips beside it: make, resize, rotate, compose, convert, metadata, streams
// packages: sharp
'use strict';
const assert = require('node:assert/strict');
const { pipeline } = require('node:stream/promises');
const { PassThrough } = require('node:stream');
const sharp = require('sharp');
console.log('COMPAT LOADED');

async function main() {
  const png = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#ff0000' } }).png().toBuffer();
  const { data, info } = await sharp(png).rotate(90).resize(16).jpeg({ quality: 80 }).toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.format, info.width, info.height], ['jpeg', 16, 32]);
  assert.equal((await sharp(data).metadata()).format, 'jpeg');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="blue"/></svg>');
  const raw = await sharp(png).composite([{ input: svg, left: 0, top: 0 }]).raw().toBuffer();
  assert.deepEqual([...raw.subarray(0, 4), ...raw.subarray(40, 44)], [0, 0, 255, 255, 255, 0, 0, 255]);
  const through = new PassThrough();
  through.end(png);
  const chunks = [];
  await pipeline(through, sharp().greyscale().webp(), async (source) => {
    for await (const chunk of source) chunks.push(chunk);
  });
  assert.equal((await sharp(Buffer.concat(chunks)).metadata()).format, 'webp');
  await assert.rejects(sharp(Buffer.from('no image')).toBuffer(), /unsupported image format/);
  assert.ok(sharp.versions.vips);
  console.log('COMPAT OK sharp');
}
main();
