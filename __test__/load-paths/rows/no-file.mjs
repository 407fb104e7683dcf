import { EVIL_ESM, GOOD_ESM, GOOD_MAIN, imports, mainOf, requiring } from '../sources.mjs';
import { runNode } from '../../helpers/run-node.mjs';

export const topic = 'code that is no file';

const kinds = ['cjs', 'esm'];
const IDLE = { 'main.js': GOOD_MAIN };
const DATA = `data:text/javascript,console.log(%22EVIL%22)`;

/** A row that gives Node something else than a file to run, in a sealed directory. */
function given(name, args, more = {}) {
  return { name, files: IDLE, args, attack: 'UNSUPPORTED', ...more };
}

/** A row where sealed code loads something that is no file. */
function loaded(name, text, more = {}) {
  return { name, kinds, files: (kind) => ({ [mainOf(kind)]: requiring(kind, text) }), attack: 'UNLISTED', ...more };
}

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  given('--eval', ['--eval', `console.log('EVIL')`]),
  given('-e with a file behind it', ['-e', `console.log('EVIL')`, 'main.js']),
  given('--eval=', [`--eval=console.log('EVIL')`]),
  given('--eval, ES module', ['--input-type=module', '--eval', `console.log('EVIL')`]),
  given('--eval, ES module by its syntax', ['--eval', `import 'node:fs';\nconsole.log('EVIL')`]),
  given('--eval, TypeScript', ['--input-type=commonjs-typescript', '--eval', `const a: string = 'EVIL';\nconsole.log(a)`], { since: '22.18' }),
  given('--print', ['--print', `'EVIL'`]),
  given('-pe', ['-pe', `'EVIL'`]),
  given('standard input', [], { input: `console.log('EVIL')` }),
  given('standard input, -', ['-'], { input: `console.log('EVIL')` }),
  given('standard input, ES module', ['--input-type=module'], { input: `console.log('EVIL')` }),
  given('interactive', ['-i'], { input: `console.log('EVIL')\n` }),
  given('interactive, --eval first', ['-i', '-e', `console.log('EVIL')`], { input: '' }),
  given('entry point is a data: URL', ['--entry-url', DATA], { since: '22.10', attack: ['UNSUPPORTED', 'UNLISTED'] }),
  given('--import of a data: URL', ['--import', DATA, 'main.js'], { attack: ['UNLISTED', 'UNSUPPORTED'] }),
  given('--experimental-loader of a data: URL', ['--no-warnings', '--experimental-loader', DATA, 'main.js'], {
    attack: ['UNLISTED', 'UNSUPPORTED'],
    // From 24 on the loader thread ends before what it prints is shown.
    until: '24.0',
  }),
  // Not here: `--build-snapshot` on the operator's own command line. Node runs no preload in that mode (SECURITY.md).
  given('start from a snapshot', ['--snapshot-blob', 'in.blob', 'main.js'], {
    attack: 'UNSUPPORTED',
    prepare: async ({ dir, node }) => {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(`${dir}/snapshot.txt`, `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => console.log('EVIL'));\n`);
      const run = await runNode(node.path, ['--snapshot-blob', 'in.blob', '--build-snapshot', 'snapshot.txt'], { cwd: dir });
      if (run.code !== 0) throw new Error(run.stderr);
      return {};
    },
  }),
  loaded('import() of a data: URL', `import('${DATA}');`),
  loaded('import() of a data: URL, base64', `import('data:text/javascript;base64,' + Buffer.from("console.log('EVIL')").toString('base64'));`),
  loaded('import() of data: JSON', `import('data:application/json,"EVIL"', { with: { type: 'json' } }).then(({ default: value }) => console.log(value));`),
  loaded('import() of a data: URL in eval', `eval("import('${DATA}')");`),
  loaded('import() of a data: URL in new Function', `new Function("return import('${DATA}')")();`),
  loaded('import() of a data: URL object', `import(new URL('${DATA}'));`),
  { name: 'import statement of a data: URL', entry: 'main.mjs', files: { 'main.mjs': `import '${DATA}';\n` }, attack: 'UNLISTED' },
  {
    name: 'import statement of a data: URL in a dependency',
    kinds,
    files: (kind) => ({ ...imports(kind, './dep.mjs'), 'dep.mjs': `import '${DATA}';\nexport default 1;\n` }),
    attack: 'UNLISTED',
  },
  {
    name: 'import statement of a data: URL in a required module',
    kinds,
    files: (kind) => ({ [mainOf(kind)]: requiring(kind, `require('./dep.mjs');`), 'dep.mjs': `import '${DATA}';\nexport default 1;\n` }),
    attack: 'UNLISTED',
  },
  {
    name: 'data: URL that is imported only after a change',
    entry: 'main.mjs',
    files: { 'main.mjs': `import value from './dep.mjs';\nconsole.log(value);\n`, 'dep.mjs': GOOD_ESM },
    tampers: { changed: { files: { 'dep.mjs': `import '${DATA}';\nexport default 1;\n` }, outcome: 'INTEGRITY' }, again: { files: { 'dep.mjs': EVIL_ESM }, outcome: 'INTEGRITY' } },
  },
];
