import { imports, mainOf, requires } from '../sources.mjs';

export const topic = 'TypeScript';

// Node strips types without a flag since 22.18.
const since = '22.18';
const cjs = (says) => `const said: string = '${says}';\n${says === 'EVIL' ? 'console.log(said);\n' : ''}module.exports = said;\n`;
const esm = (says) => `const said: string = '${says}';\n${says === 'EVIL' ? 'console.log(said);\n' : ''}export default said;\n`;
const program = (says) => `const said: string = '${says}';\nconsole.log(said);\n`;

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  { name: 'entry point, .ts', since, entry: 'main.ts', files: { 'main.ts': program('GOOD') }, target: 'main.ts', evil: program('EVIL') },
  { name: 'entry point, .cts', since, entry: 'main.cts', files: { 'main.cts': program('GOOD') }, target: 'main.cts', evil: program('EVIL') },
  { name: 'entry point, .mts', since, entry: 'main.mts', files: { 'main.mts': program('GOOD') }, target: 'main.mts', evil: program('EVIL') },
  {
    name: 'entry point, .ts, type: module',
    since,
    entry: 'main.ts',
    files: { 'package.json': { type: 'module' }, 'main.ts': program('GOOD') },
    target: 'main.ts',
    evil: program('EVIL'),
  },
  {
    name: 'entry point, .ts, ES module by its syntax',
    since,
    entry: 'main.ts',
    files: { 'main.ts': `import { sep } from 'node:path';\n${program('GOOD')}console.log(sep);\n` },
    target: 'main.ts',
    evil: `import { sep } from 'node:path';\n${program('EVIL')}console.log(sep);\n`,
  },
  { name: 'require a .cts', since, kinds: ['cjs', 'esm'], files: (kind) => ({ ...requires(kind, './dep.cts'), 'dep.cts': cjs('GOOD') }), target: 'dep.cts', evil: cjs('EVIL') },
  { name: 'require a .ts', since, kinds: ['cjs', 'esm'], files: (kind) => ({ ...requires(kind, './dep.ts'), 'dep.ts': cjs('GOOD') }), target: 'dep.ts', evil: cjs('EVIL') },
  {
    name: 'require a .mts',
    since,
    kinds: ['cjs', 'esm'],
    files: (kind) => ({ ...requires(kind, './dep.mts', 'value.default'), 'dep.mts': esm('GOOD') }),
    target: 'dep.mts',
    evil: esm('EVIL'),
  },
  { name: 'import a .mts', since, kinds: ['esm', 'cjs'], files: (kind) => ({ ...imports(kind, './dep.mts'), 'dep.mts': esm('GOOD') }), target: 'dep.mts', evil: esm('EVIL') },
  { name: 'import a .cts', since, kinds: ['esm', 'cjs'], files: (kind) => ({ ...imports(kind, './dep.cts'), 'dep.cts': cjs('GOOD') }), target: 'dep.cts', evil: cjs('EVIL') },
  {
    name: 'import a .ts, type: module',
    since,
    kinds: ['esm', 'cjs'],
    files: (kind) => ({ ...imports(kind, './lib/dep.ts'), 'lib/package.json': { type: 'module' }, 'lib/dep.ts': esm('GOOD') }),
    target: 'lib/dep.ts',
    evil: esm('EVIL'),
  },
  {
    name: 'import type needs no file',
    since,
    entry: 'main.mts',
    files: { 'main.mts': `import type { Shape } from './types.mts';\nconst shape: Shape = { says: 'GOOD' };\nconsole.log(shape.says);\n` },
    target: 'main.mts',
    evil: program('EVIL'),
  },
  {
    name: '.ts imports .ts',
    since,
    entry: 'main.mts',
    files: { 'main.mts': `import said from './dep.mts';\nconsole.log(said as string);\n`, 'dep.mts': esm('GOOD') },
    target: 'dep.mts',
    evil: esm('EVIL'),
  },
  {
    name: 'line and column of an error',
    since,
    entry: 'main.mts',
    files: { 'main.mts': `interface A { b: string }\n\nfunction fail(a: A): never { throw new Error(a.b); }\ntry { fail({ b: 'GOOD' }); } catch (error) { console.log((error as Error).message, (error as Error).stack!.split('\\n')[1].match(/\\d+:\\d+/)![0]); }\n` },
  },
  {
    name: 'syntax that cannot be stripped keeps the error of Node',
    since,
    kinds: ['cjs', 'esm'],
    files: (kind) => ({ [mainOf(kind)]: `import('./dep.mts').catch((error) => console.log('GOOD', error.code));\n`, 'dep.mts': `enum Colour { Red }\nexport default Colour.Red;\n` }),
  },
];
