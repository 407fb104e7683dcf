// does: native bundler: builds an application in memory, loads a module for the server, transforms
// packages: vite
// misses: assigns `set` to a Map of its own, while Map.prototype is frozen: an accessor there would make every map.set three times slower.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createServer, loadEnv } from 'vite';
console.log('COMPAT LOADED');

/* file: web/index.html
<!doctype html><script type="module" src="/main.ts"></script>
*/
/* file: web/main.ts
import { answer } from './answer';
document.title = `answer ${answer satisfies number}`;
*/
/* file: web/answer.ts
export const answer: number = 42;
*/
const root = fileURLToPath(new URL('web', import.meta.url));
const common = { root, configFile: false, logLevel: 'silent', cacheDir: mkdtempSync(path.join(os.tmpdir(), 'vite-')) };
const { output } = await build({ ...common, build: { write: false } });
assert.ok(output.some(({ type, code }) => type === 'chunk' && /answer/.test(code)));
const server = await createServer({ ...common, server: { middlewareMode: true, watch: null, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } });
const transformed = await server.transformRequest('/answer.ts');
assert.match(transformed.code, /export const answer = 42/);
const { answer } = await server.ssrLoadModule('/answer.ts');
assert.equal(answer, 42);
await server.close();
assert.deepEqual(loadEnv('test', root), {});
console.log('COMPAT OK vite');
