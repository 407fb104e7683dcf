// does: packs its own installation, lists it, unpacks it, with gzip
// packages: tar
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tar from 'tar';
console.log('COMPAT LOADED');

const cwd = fileURLToPath(new URL('.', import.meta.url));
const directory = mkdtempSync(path.join(os.tmpdir(), 'tar-'));
const file = path.join(directory, 'a.tgz');
await tar.create({ gzip: true, file, cwd, portable: true }, ['package.json', 'node_modules/tar']);
const names = [];
await tar.list({ file, onReadEntry: (entry) => names.push(entry.path) });
assert.ok(names.includes('node_modules/tar/package.json'));
await tar.extract({ file, cwd: directory, filter: (name) => name.endsWith('.json') });
assert.equal(JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')).name, 'compat-tar');
console.log('COMPAT OK tar');
