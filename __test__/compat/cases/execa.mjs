// does: starts Node and other programs, pipes, input, failing and timed-out processes
// packages: execa
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { $, execa, execaNode } from 'execa';
console.log('COMPAT LOADED');

/* file: child.mjs
let text = '';
for await (const chunk of process.stdin) text += chunk;
console.log(`${process.argv.slice(2).join(' ')} ${text.toUpperCase()} ${process.env.COMPAT_CHILD}`);
*/
const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const { stdout } = await execa('node', [child, 'a', 'b c'], { input: 'in', env: { COMPAT_CHILD: 'yes' } });
assert.equal(stdout, 'a b c IN yes');
assert.match((await execaNode(child, ['x'], { stdin: 'ignore' })).stdout, /^x /);
assert.equal((await $`echo one two`.pipe`cat`).stdout, 'one two');
await assert.rejects(execa('node', [child.replace('child', 'none')]), { exitCode: 1 });
await assert.rejects(execa('sleep', ['30'], { timeout: 100 }), { timedOut: true });
await assert.rejects(execa('no-such-program'), { code: 'ENOENT' });
console.log('COMPAT OK execa');
