// does: bundles CommonJS and ES modules with a loader, a plugin, minification in memory; the bundle is evaluated
// packages: webpack
// grant: webpack {"imports":["."]}
'use strict';
const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const webpack = require('webpack');
console.log('COMPAT LOADED');

/* file: src/entry.js
import { used } from './library.js';
import text from './greeting.txt';
globalThis.result = `${text} ${used()} ${DEFINED}`;
*/
/* file: src/library.js
export const used = () => 'used';
export const unused = () => 'this text is shaken off';
*/
/* file: src/greeting.txt
hello
*/
/* file: upper-loader.cjs
module.exports = (source) => `export default ${JSON.stringify(source.trim().toUpperCase())}`;
*/
const output = mkdtempSync(path.join(os.tmpdir(), 'webpack-'));
const compiler = webpack({
  mode: 'production',
  context: __dirname,
  entry: './src/entry.js',
  output: { path: output, filename: 'out.js' },
  module: { rules: [{ test: /\.txt$/, use: path.join(__dirname, 'upper-loader.cjs') }] },
  plugins: [new webpack.DefinePlugin({ DEFINED: JSON.stringify('defined') }), new webpack.BannerPlugin('banner')],
});
compiler.run((error, stats) => {
  assert.ifError(error);
  assert.equal(stats.hasErrors(), false, stats.toString());
  const code = readFileSync(path.join(output, 'out.js'), 'utf8');
  assert.match(readFileSync(path.join(output, 'out.js.LICENSE.txt'), 'utf8'), /banner/);
  assert.doesNotMatch(code, /shaken off/);
  const context = vm.createContext({});
  vm.runInContext(code, context);
  assert.equal(context.result, 'HELLO used defined');
  compiler.close(() => console.log('COMPAT OK webpack'));
});
