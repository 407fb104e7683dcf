import { EVIL_CJS, EVIL_ESM, GOOD_CJS, GOOD_ESM, mainOf, requiring } from '../sources.mjs';

export const topic = 'intrinsics changed later';

// Node's loader itself calls a few methods that any package can replace. Each patch below changes what a later load
// gives on stock Node. Under loadlock the patch fails (hence the try) or has no effect.
const kinds = ['cjs', 'esm'];

/** The patch is applied by a CommonJS or ES module attacker; `use` loads the victim. */
function patched(name, patch, use, files, more = {}) {
  return {
    name,
    kinds,
    files: (kind) => ({
      [mainOf(kind)]: requiring(kind, `${kind === 'esm' ? `await import('./attacker.mjs');` : `require('./attacker.cjs');`}\n${use}`),
      [kind === 'esm' ? 'attacker.mjs' : 'attacker.cjs']: `try {\n${patch}\n} catch {}\n`,
      ...files,
    }),
    attack: 'ignored',
    ...more,
  };
}

const IMPORT = `import('./victim.mjs').then(({ default: value }) => console.log(value));`;
const MODULES = { 'victim.mjs': GOOD_ESM, 'other.mjs': EVIL_ESM };
const getter = (name) => `const { get } = Object.getOwnPropertyDescriptor(URL.prototype, '${name}');
Object.defineProperty(URL.prototype, '${name}', { get() { return get.call(this).replace('victim', 'other'); }, configurable: true });`;

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  patched('URL.prototype.href', getter('href'), IMPORT, MODULES),
  patched('URL.prototype.pathname', getter('pathname'), IMPORT, MODULES),
  patched('TextDecoder.prototype.decode', `const { decode } = TextDecoder.prototype;
TextDecoder.prototype.decode = function (...args) { return decode.apply(this, args).replace('GOOD', 'EVIL'); };`, IMPORT, MODULES),
  patched('Object.prototype.source', `Object.defineProperty(Object.prototype, 'source', { get() { return "export default 'EVIL'"; }, set() {}, configurable: true });`, IMPORT, MODULES, { until: '24.0' }),
  patched('String.prototype.toString', `const { toString } = String.prototype;
String.prototype.toString = function () { return toString.call(this).replace('victim', 'other'); };`, `console.log(require('./victim.cjs'));`, { 'victim.cjs': GOOD_CJS, 'other.cjs': EVIL_CJS }, { since: '22.0' }),
  ...[0, 1].map((index) =>
    patched(`setter at Array.prototype[${index}]`, `Object.defineProperty(Array.prototype, ${index}, { set() { globalThis.seen = true; }, get() {}, configurable: true });`, `const value = require('./victim.cjs');
delete Array.prototype[${index}];
console.log(globalThis.seen ? 'EVIL: the patch saw a value of the loader' : value);`, { 'victim.cjs': GOOD_CJS }, { kinds: ['cjs'] }),
  ),
];
