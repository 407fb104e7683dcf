// does: transforms with preset-env, a plugin of its own, a configuration file, source maps
// packages: @babel/core, @babel/preset-env
// grant: @babel/core {"imports":["."]}
'use strict';
const assert = require('node:assert/strict');
const babel = require('@babel/core');
console.log('COMPAT LOADED');

/* file: babel.config.cjs
module.exports = { presets: [['@babel/preset-env', { targets: 'ie 11' }]] };
*/
async function main() {
  const { code, map } = await babel.transformAsync('const f = async (a, ...rest) => a ?? rest?.[0]; class A { #x = 1; }', { cwd: __dirname, filename: 'a.js', sourceMaps: true });
  assert.doesNotMatch(code, /=>|\?\?|const /);
  assert.equal(map.sources[0], 'a.js');
  const rename = ({ types: t }) => ({ visitor: { Identifier: (path) => path.node.name === 'foo' && path.replaceWith(t.identifier('bar')) } });
  assert.equal(babel.transformSync('foo(1);', { configFile: false, plugins: [rename] }).code, 'bar(1);');
  assert.throws(() => babel.parseSync('const =', { configFile: false }), { code: 'BABEL_PARSE_ERROR' });
  console.log('COMPAT OK babel');
}
main();
