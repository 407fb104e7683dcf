// does: lints files with a flat configuration, own rules and plugins, fixes, formats the result
// packages: eslint, @eslint/js
// grant: eslint {"imports":["."]}
'use strict';
const assert = require('node:assert/strict');
const { ESLint, Linter } = require('eslint');
console.log('COMPAT LOADED');

/* file: eslint.config.mjs
import js from '@eslint/js';
const noFoo = { create: (context) => ({ Identifier: (node) => node.name === 'foo' && context.report({ node, message: 'no foo' }) }) };
export default [js.configs.recommended, { plugins: { own: { rules: { 'no-foo': noFoo } } }, rules: { 'own/no-foo': 'error', 'prefer-const': 'error' } }];
*/
/* file: src/a.js
let foo = 1;
export { foo as bar };
undefinedThing();
*/
async function main() {
  const eslint = new ESLint({ cwd: __dirname, fix: true });
  const results = await eslint.lintFiles(['src']);
  assert.deepEqual(results[0].messages.map(({ ruleId }) => ruleId).toSorted(), ['no-undef', 'own/no-foo', 'own/no-foo']);
  assert.match(results[0].output, /^const foo/);
  const formatter = await eslint.loadFormatter('stylish');
  assert.match(await formatter.format(results), /3 problems/);
  assert.equal(new Linter().verify('var a = ;', {})[0].fatal, true);
  console.log('COMPAT OK eslint');
}
main();
