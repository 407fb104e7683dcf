// does: transforms TypeScript and JSX, bundles files with a plugin in JavaScript, through the service process; errors
// packages: esbuild
'use strict';
const assert = require('node:assert/strict');
const esbuild = require('esbuild');
console.log('COMPAT LOADED');

/* file: src/entry.ts
import { greet } from './greet';
import virtual from 'virtual:answer';
export const text: string = greet('world') + virtual;
*/
/* file: src/greet.ts
export const greet = (name: string) => `hello ${name} `;
*/
async function main() {
  assert.equal((await esbuild.transform('const x: number = 1', { loader: 'ts' })).code, 'const x = 1;\n');
  assert.match(esbuild.transformSync('<a b={1}/>', { loader: 'jsx' }).code, /React\.createElement\("a", \{ b: 1 \}\)/);
  const plugin = {
    name: 'virtual',
    setup(build) {
      build.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: 'virtual' }));
      build.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: 'export default 42', loader: 'js' }));
    },
  };
  const { outputFiles, metafile } = await esbuild.build({ entryPoints: [`${__dirname}/src/entry.ts`], bundle: true, write: false, minify: true, format: 'cjs', plugins: [plugin], metafile: true });
  assert.match(outputFiles[0].text, /hello /);
  assert.ok(Object.keys(metafile.inputs).some((name) => name.endsWith('greet.ts')));
  await assert.rejects(esbuild.transform('const ='), (error) => error.errors.length === 1);
  await esbuild.stop();
  console.log('COMPAT OK esbuild');
}
main();
