// Who a file is, and what it is handed: found by attacking the capability layer. Each attack works on stock Node.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodes } from '../../scripts/nodes.mjs';
import { scratch, write } from '../helpers/fixture.mjs';
import { describeRun, runNode } from '../helpers/run-node.mjs';
import { protectedArgs, seal } from '../helpers/seal.mjs';

const TRUSTED = {
  'node_modules/trusted/package.json': { name: 'trusted', main: 'index.js', type: 'commonjs', endpoint: 'https://good.example' },
  'node_modules/trusted/index.js': "exports.endpoint = () => require('./package.json').endpoint; exports.dynamic = async () => (await import('./package.json', { with: { type: 'json' } })).default.endpoint;",
};

/** `attack` prints what it got; `works` matches that where the attack succeeds. */
const ATTACKS = {
  'JSON of another package is a copy for every importing package': {
    files: {
      ...TRUSTED,
      'node_modules/evil/package.json': { name: 'evil', type: 'module', exports: './index.js' },
      'node_modules/evil/index.js': "import data from '../trusted/package.json' with { type: 'json' }; data.endpoint = 'https://evil.example';",
      'app.mjs': "import 'evil'; import trusted from 'trusted'; console.log(await trusted.dynamic());",
    },
    entry: 'app.mjs',
    works: /evil\.example/,
  },
  'a file beside the packages is not the application': {
    files: {
      'node_modules/planted.js': "try { console.log('READ', require('fs').readFileSync('/etc/hostname', 'utf8').length > 0); } catch (error) { console.log(error.code); }",
      'app.mjs': "import 'planted';",
    },
    entry: 'app.mjs',
    entryCommonJs: "require('planted');",
    works: /READ true/,
  },
  'a made-up globals specifier gives the importer its own': {
    files: {
      'node_modules/evil/package.json': { name: 'evil', type: 'module', exports: './index.js' },
      'node_modules/evil/index.js':
        "for (const name of ['#loadlock/1#', '#loadlock/1#node_modules%2Ftrusted', '#loadlock/1?x', '#loadlock/../builtin/fs']) try { const { process: p } = await import(name); console.log(p.env.SECRET); } catch (error) { console.log(error.code); }",
      'node_modules/trusted/package.json': { name: 'trusted', main: 'index.js' },
      'node_modules/trusted/index.js': 'console.log(process.env.SECRET.length);',
      'app.mjs': "import 'trusted'; import 'evil';",
    },
    entry: 'app.mjs',
    // There is no such specifier on stock Node.
    stock: /ERR_PACKAGE_IMPORT_NOT_DEFINED|ERR_INVALID_MODULE_SPECIFIER/,
    works: /value-of-secret/,
  },
};

const POLICY = { version: 1, packages: { '.': { imports: true, 'fs.read': true, env: true }, trusted: { env: true, 'fs.read': true }, evil: { imports: true } } };

describe('identity', { concurrency: 2 }, () => {
  for (const [name, { files, entry, entryCommonJs, works, stock }] of Object.entries(ATTACKS)) {
    it(name, async () => {
      const policy = structuredClone(POLICY);
      for (const key of ['trusted', 'evil']) if (!(`node_modules/${key}/package.json` in files)) delete policy.packages[key];
      const all = { 'package.json': { name: 'app' }, ...files, 'loadlock.policy.jsonc': policy };
      if (entryCommonJs) all['app.cjs'] = entryCommonJs;
      const app = await seal(write(scratch('identity'), all));
      for (const node of nodes()) {
        const start = entryCommonJs ? 'app.cjs' : entry;
        const { args, env } = await protectedArgs();
        const run = (protection) => runNode(node.path, [...protection, '--no-warnings', join(app, start)], { cwd: app, env: { ...env, SECRET: 'value-of-secret' } });
        const [unprotected, ours] = [await run([]), await run(args)];
        assert.match(unprotected.stdout + unprotected.stderr, stock ?? works, `stock Node ${node.version}: ${describeRun(unprotected)}`);
        assert.doesNotMatch(ours.stdout, works, `Node ${node.version}: ${describeRun(ours)}`);
        assert.ok(ours.stdout.length > 0, `Node ${node.version}: ${describeRun(ours)}`);
      }
    });
  }
});
