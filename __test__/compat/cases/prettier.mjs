// does: formats seven languages, reads a configuration, a plugin of its own
// packages: prettier
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
console.log('COMPAT LOADED');

/* file: .prettierrc.json
{ "semi": false, "singleQuote": true }
*/
const options = await prettier.resolveConfig(fileURLToPath(new URL('a.js', import.meta.url)));
assert.equal(await prettier.format('const a = {b:"c"};', { ...options, parser: 'babel' }), "const a = { b: 'c' }\n");
assert.equal(await prettier.format('let x:number=1', { parser: 'typescript' }), 'let x: number = 1;\n');
assert.equal(await prettier.format('a{b:c}', { parser: 'css' }), 'a {\n  b: c;\n}\n');
assert.equal(await prettier.format('<p>a<b>c</b></p>', { parser: 'html' }), '<p>a<b>c</b></p>\n');
assert.equal(await prettier.format('a:   1', { parser: 'yaml' }), 'a: 1\n');
assert.equal(await prettier.format('*  x', { parser: 'markdown' }), '- x\n');
assert.equal(await prettier.format('{a}', { parser: 'graphql' }), '{\n  a\n}\n');
await assert.rejects(prettier.format('const =', { parser: 'babel' }), SyntaxError);
const own = { languages: [{ name: 'own', parsers: ['own'] }], parsers: { own: { parse: (text) => ({ text }), astFormat: 'own', locStart: () => 0, locEnd: () => 0 } }, printers: { own: { print: (path) => path.node.text.toUpperCase() } } };
assert.equal(await prettier.format('x', { parser: 'own', plugins: [own] }), 'X');
console.log('COMPAT OK prettier');
