// `process` as a package sees it under a policy. The checks run inside each Node version (process.checks.cjs).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodes } from '../../scripts/nodes.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const prelude = `const { createPackage, globals, realProcess } = require(${JSON.stringify(here('./package-double.cjs'))});`;

for (const node of nodes()) {
  describe(`process, Node ${node.version}`, async () => {
    const run = await runNode(node.path, ['--no-warnings', here('./process.checks.cjs')]);
    it('runs', () => assert.ok(run.code === 0 && run.stdout.endsWith('}'), describeRun(run)));
    const start = run.stdout.indexOf('{"');
    for (const [name, result] of Object.entries(start < 0 ? {} : JSON.parse(run.stdout.slice(start)))) {
      it(name, () => assert.equal(result, 'ok'));
    }

    it('prints everything before it exits', async () => {
      const { code, stdout } = await script(node, `const { process } = createPackage({ process: ['exit'] });
        process.stdout.write('x'.repeat(50000)); process.stdout.write('end\\n'); process.exit(4);`);
      assert.equal(code, 4);
      assert.equal(stdout.length, 50004);
    });

    it('reads standard input', async () => {
      const source = `const { process } = createPackage({ process: ['stdin'] });
        process.stdin.setEncoding('utf8');
        (async () => { let all = ''; for await (const chunk of process.stdin) all += chunk; console.log(all.length); })();`;
      const { code, stdout } = await script(node, source, 'é'.repeat(100000));
      assert.equal(`${code} ${stdout}`, '0 100000\n');
    });

    it('reads lines, and ends when it stops reading', async () => {
      const source = `const { process } = createPackage({ process: ['stdin'] });
        const lines = require('readline').createInterface({ input: process.stdin, output: process.stdout });
        lines.question('name? ', (answer) => { console.log('hello ' + answer); lines.close(); });`;
      const { code, stdout } = await script(node, source, 'world\nmore\n');
      assert.equal(code, 0);
      assert.match(stdout, /name\? hello world/);
    });

    it('shuts down on a signal', async () => {
      const source = `const { process } = createPackage({ process: ['signals', 'exit', 'kill'] });
        const timer = setInterval(() => {}, 1000);
        process.once('SIGTERM', () => { clearInterval(timer); process.stdout.write('closing '); process.exitCode = 9; });
        process.on('exit', (code) => process.stdout.write('exit ' + code));
        process.kill(process.pid, 'SIGTERM');`;
      const { code, stdout } = await script(node, source);
      assert.equal(`${code} ${stdout}`, '9 closing exit 9');
    });

    it('catches errors', async () => {
      const source = `const { process } = createPackage({ process: ['errors'] });
        process.on('uncaughtException', function (error, origin) { console.log(error.message, origin, this === process); });
        process.on('unhandledRejection', (reason) => console.log('rejected', reason));
        setTimeout(() => { throw new Error('late'); }); Promise.reject(1);`;
      const { code, stdout } = await script(node, source);
      assert.equal(code, 0);
      assert.equal(stdout, 'rejected 1\nlate uncaughtException true\n');
    });

    it('an error of standard output that nobody handles ends the process', async () => {
      const source = `const { process } = createPackage();
        realProcess.stdout.write = (chunk, encoding, callback) => {
          const error = new Error('broken pipe');
          setImmediate(() => { callback(error); realProcess.stdout.emit('error', error); });
          return false;
        };
        process.stdout.write('x'); setTimeout(() => console.error('went on'), 50);`;
      const { code, stderr } = await script(node, source);
      assert.equal(code, 1);
      assert.match(stderr, /broken pipe/);
      assert.doesNotMatch(stderr, /went on/);
    });

    it('talks to its parent', async () => {
      const source = `
        if (realProcess.argv[2] !== 'child') {
          const child = require('child_process').fork(realProcess.argv[1], ['child']);
          child.on('message', (message) => { console.log(message); child.send('over'); });
        } else {
          const denied = createPackage();
          console.log(denied.process.send, denied.process.connected, denied.process.channel, denied.violations.join());
          try { denied.process.on('message', () => {}); } catch (error) { console.log(error.code); }
          const { process } = createPackage({ process: ['ipc'] });
          process.on('message', function (message) { console.log(message, this === process, process.connected); process.disconnect(); });
          process.send({ from: 'child' });
        }`;
      const { stdout } = await script(node, source);
      for (const line of ['undefined false undefined process:ipc,process:ipc', 'ERR_LOADLOCK_CAPABILITY', "{ from: 'child' }", 'over true true']) {
        assert.ok(stdout.includes(line), `${line} in ${stdout}`);
      }
    });
  });
}

async function script(node, source, input) {
  const { scratch, write } = await import('../helpers/fixture.mjs');
  const dir = write(scratch('process'), { 'script.cjs': prelude + source });
  return runNode(node.path, ['--no-warnings', `${dir}/script.cjs`], { input });
}
