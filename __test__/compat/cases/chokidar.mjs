// does: watches a directory: added, changed and removed files
// packages: chokidar
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { watch } from 'chokidar';
console.log('COMPAT LOADED');

const directory = mkdtempSync(path.join(os.tmpdir(), 'chokidar-'));
const file = path.join(directory, 'a.txt');
const watcher = watch(directory, { ignored: (name) => name.endsWith('.log') });
await once(watcher, 'ready');
for (const [event, change] of [['add', () => writeFileSync(file, '1')], ['change', () => writeFileSync(file, '12')], ['unlink', () => rmSync(file)]]) {
  const heard = once(watcher, event);
  change();
  assert.equal((await heard)[0], file);
}
await watcher.close();
console.log('COMPAT OK chokidar');
