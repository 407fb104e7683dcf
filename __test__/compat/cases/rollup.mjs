// does: native parser: bundles with plugins, shakes the tree, splits code, evaluates the bundle
// packages: rollup
import assert from 'node:assert/strict';
import { rollup, VERSION } from 'rollup';
console.log('COMPAT LOADED');

const modules = {
  main: "import { used } from 'library'; export const late = () => import('./late'); export default used + 1;",
  library: "export const used = 41; export const unused = 'shaken off';",
  './late': "export const late = 'late';",
};
const bundle = await rollup({ input: 'main', plugins: [{ name: 'virtual', resolveId: (id) => (id in modules ? id : null), load: (id) => modules[id] }] });
const { output } = await bundle.generate({ format: 'es', sourcemap: true });
assert.equal(output.filter(({ type }) => type === 'chunk').length, 2);
assert.doesNotMatch(output[0].code, /shaken off/);
const { output: [script] } = await bundle.generate({ format: 'iife', name: 'result', inlineDynamicImports: true });
assert.match(script.code, /used \+ 1/);
await bundle.close();
await assert.rejects(rollup({ input: 'bad', plugins: [{ name: 'bad', resolveId: (id) => id, load: () => 'const =' }] }), { code: 'PARSE_ERROR' });
assert.match(VERSION, /^4\./);
console.log('COMPAT OK rollup');
