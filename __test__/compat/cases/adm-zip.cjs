// does: writes, reads, changes an archive in memory, with a password
// packages: adm-zip
'use strict';
const assert = require('node:assert/strict');
const AdmZip = require('adm-zip');
console.log('COMPAT LOADED');

const zip = new AdmZip();
zip.addFile('a/b.txt', Buffer.from('hello'), 'a comment');
zip.addLocalFile(`${__dirname}/package.json`);
zip.addFile('big.bin', Buffer.alloc(100_000));
const read = new AdmZip(zip.toBuffer());
assert.equal(read.readAsText('a/b.txt'), 'hello');
assert.equal(read.getEntry('a/b.txt').comment, 'a comment');
assert.ok(read.getEntry('big.bin').header.compressedSize < 1000);
read.updateFile('a/b.txt', Buffer.from('changed'));
read.deleteFile('big.bin');
assert.deepEqual(new AdmZip(read.toBuffer()).getEntries().map(({ entryName }) => entryName).toSorted(), ['a/b.txt', 'package.json']);
console.log('COMPAT OK adm-zip');
