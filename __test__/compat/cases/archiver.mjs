// does: writes a zip of directories, buffers and streams, which adm-zip reads
// packages: archiver, adm-zip
import assert from 'node:assert/strict';
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import AdmZip from 'adm-zip';
import * as archiver from 'archiver';
console.log('COMPAT LOADED');

const here = fileURLToPath(new URL('.', import.meta.url));
const directory = mkdtempSync(path.join(os.tmpdir(), 'archiver-'));
const file = path.join(directory, 'a.zip');
const archive = new archiver.ZipArchive({ zlib: { level: 9 } });
archive.append('text', { name: 'text.txt' });
archive.append(Readable.from(['stream', 'ed']), { name: 'streamed.txt' });
archive.file(path.join(here, 'package.json'), { name: 'manifest.json' });
archive.directory(path.join(here, 'node_modules', 'archiver'), 'archiver');
const written = pipeline(archive, createWriteStream(file));
await archive.finalize();
await written;
const zip = new AdmZip(file);
assert.equal(zip.readAsText('streamed.txt'), 'streamed');
assert.equal(JSON.parse(zip.readAsText('manifest.json')).name, 'compat-archiver');
assert.ok(zip.getEntries().length > 5);
zip.extractAllTo(directory);
assert.equal(readFileSync(path.join(directory, 'text.txt'), 'utf8'), 'text');
console.log('COMPAT OK archiver');
