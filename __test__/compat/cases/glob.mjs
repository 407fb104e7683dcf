// does: finds files of its own installation, streams, ignores
// packages: glob
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Glob, glob, globSync } from 'glob';
console.log('COMPAT LOADED');

const cwd = fileURLToPath(new URL('.', import.meta.url));
const manifests = await glob('node_modules/**/package.json', { cwd, ignore: '**/dist/**' });
assert.ok(manifests.some((name) => /node_modules.glob.package\.json$/.test(name)));
assert.deepEqual(globSync('*.mjs', { cwd, withFileTypes: true }).map(({ name }) => name), ['glob.mjs']);
const found = [];
for await (const name of new Glob('node_modules/*/', { cwd })) found.push(name);
assert.ok(found.length >= 4);
console.log('COMPAT OK glob');
