// does: the command line of mocha in a child process: finds and runs CommonJS and ES module tests
// packages: mocha
// grant: mocha {"imports":["."]}
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
console.log('COMPAT LOADED');

/* file: test/a.spec.cjs
const assert = require('node:assert/strict');
it('in CommonJS', () => assert.ok(true));
*/
/* file: test/b.spec.mjs
import assert from 'node:assert/strict';
it('in an ES module', async () => assert.ok(await Promise.resolve(true)));
*/
const here = fileURLToPath(new URL('.', import.meta.url));
const { stdout, stderr, status } = spawnSync(process.execPath, ['node_modules/mocha/bin/mocha.js', 'test/*.spec.*', '--reporter', 'json'], { cwd: here, encoding: 'utf8' });
assert.equal(status, 0, stdout + stderr);
assert.equal(JSON.parse(stdout).stats.passes, 2);
console.log('COMPAT OK mocha-command');
