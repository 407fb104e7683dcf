// does: the native compiler (a program of its own) type-checks and emits
// packages: typescript7 as typescript
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
console.log('COMPAT LOADED');

/* file: src/good.ts
export const answer: number = 42;
*/
/* file: src/bad.ts
export const answer: string = 42;
*/
const here = fileURLToPath(new URL('.', import.meta.url));
const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = path.join(path.dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
const outDir = mkdtempSync(path.join(os.tmpdir(), 'tsc-'));
const run = (...args) => spawnSync(process.execPath, [tsc, '--outDir', outDir, '--types', '', '--target', 'es2022', '--module', 'nodenext', ...args], { cwd: here, encoding: 'utf8' });
const good = run('src/good.ts');
assert.equal(good.status, 0, good.stdout + good.stderr);
assert.match(readFileSync(path.join(outDir, 'good.js'), 'utf8'), /answer = 42/);
const bad = run('src/bad.ts');
assert.match(bad.stdout, /error TS2322/);
console.log('COMPAT OK typescript7');
