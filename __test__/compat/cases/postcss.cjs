// does: parses, runs autoprefixer and a plugin of its own, source maps, errors
// packages: postcss, autoprefixer
'use strict';
const assert = require('node:assert/strict');
const autoprefixer = require('autoprefixer');
const postcss = require('postcss');
console.log('COMPAT LOADED');

async function main() {
  const own = { postcssPlugin: 'own', Declaration: { color: (declaration) => void (declaration.value = 'blue') } };
  const result = await postcss([own, autoprefixer({ overrideBrowserslist: ['chrome 25', 'firefox 20'] })]).process('a { color: red; display: flex; user-select: none }', { from: 'a.css', to: 'b.css', map: { inline: false } });
  for (const part of ['color: blue', 'display: -webkit-flex', '-moz-user-select: none']) assert.ok(result.css.includes(part), result.css);
  assert.equal(result.map.toJSON().sources[0], 'a.css');
  assert.throws(() => postcss.parse('a {'), { name: 'CssSyntaxError' });
  console.log('COMPAT OK postcss');
}
main();
