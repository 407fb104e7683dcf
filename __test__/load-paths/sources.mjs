// Source texts that many rows share.
import { write } from '../helpers/fixture.mjs';

/** A CommonJS file. The evil one also prints when it runs, whatever the application does with its exports. */
export const GOOD_CJS = `module.exports = 'GOOD';\n`;
export const EVIL_CJS = `console.log('EVIL');\nmodule.exports = 'EVIL';\n`;

/** An ES module. */
export const GOOD_ESM = `export default 'GOOD';\n`;
export const EVIL_ESM = `console.log('EVIL');\nexport default 'EVIL';\n`;

/** A JSON file: it can only say something when the application prints it. */
export const GOOD_JSON = { says: 'GOOD' };
export const EVIL_JSON = { says: 'EVIL' };

/** A program that is started rather than loaded. */
export const GOOD_MAIN = `console.log('GOOD');\n`;
export const EVIL_MAIN = `console.log('EVIL');\n`;

/** A WebAssembly module that exports answer() = 42, the evil one 66. */
export const GOOD_WASM = wasm(42);
export const EVIL_WASM = wasm(66);

/** A file that can `require`, as CommonJS or as an ES module. */
export function requiring(kind, body) {
  return kind === 'esm'
    ? `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${body}\n`
    : `${body}\n`;
}

/** main.cjs or main.mjs that requires a specifier and prints what it got. */
export function requires(kind, specifier, show = 'value') {
  return { [mainOf(kind)]: requiring(kind, `const value = require('${specifier}');\nconsole.log(${show});`) };
}

/** main.cjs (import()) or main.mjs (import statement) that imports a specifier and prints its default export. */
export function imports(kind, specifier, { show = 'value', attributes = '' } = {}) {
  if (kind === 'esm') {
    const withText = attributes && ` with ${attributes}`;
    return { 'main.mjs': `import value from '${specifier}'${withText};\nconsole.log(${show});\n` };
  }
  const second = attributes && `, { with: ${attributes} }`;
  return { 'main.cjs': `import('${specifier}'${second}).then(({ default: value }) => console.log(${show}));\n` };
}

export function mainOf(kind) {
  return kind === 'esm' ? 'main.mjs' : 'main.cjs';
}

/** A package in node_modules. */
export function pkg(location, manifest, files) {
  const name = location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const tree = { [`${location}/package.json`]: { name, version: '1.0.0', ...manifest } };
  for (const [path, content] of Object.entries(files)) tree[`${location}/${path}`] = content;
  return tree;
}

/** For rows that change their own tree: puts a file back before each run, because all Node versions share the tree. */
export function resetting(path, content) {
  return async ({ dir }) => {
    write(dir, { [path]: content });
    return {};
  };
}

function wasm(answer) {
  // (module (func (export "answer") (result i32) i32.const ANSWER)); both answers need two LEB128 bytes.
  const leb = [(answer & 0x7f) | 0x80, answer >> 7];
  return Buffer.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    1, 5, 1, 0x60, 0, 1, 0x7f,
    3, 2, 1, 0,
    7, 10, 1, 6, ...Buffer.from('answer'), 0, 0,
    10, 7, 1, 5, 0, 0x41, ...leb, 0x0b,
  ]);
}
