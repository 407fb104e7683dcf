// does: minifies scripts and modules, mangles, source maps, errors
// packages: terser
import assert from 'node:assert/strict';
import { minify } from 'terser';
console.log('COMPAT LOADED');

const { code, map } = await minify({ 'a.js': 'function add(first, second) { if (false) { never(); } return first + second; } console.log(add(40, 2));' }, { sourceMap: true, toplevel: true });
assert.match(code, /^console\.log\(/);
assert.equal(JSON.parse(map).sources[0], 'a.js');
assert.match((await minify('export const long = async (parameter) => { await parameter; };', { module: true })).code, /export const long=async/);
await assert.rejects(minify('const ='), { name: 'SyntaxError' });
console.log('COMPAT OK terser');
