// does: type-checks a program with errors, emits declarations, transpiles, the language service
// packages: typescript
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const ts = require('typescript');
console.log('COMPAT LOADED');

/* file: src/good.ts
export interface Item { id: number; name?: string }
export const first = (items: readonly Item[]): Item | undefined => items[0];
*/
/* file: src/bad.ts
import { first } from './good';
const wrong: string = first([{ id: 1 }]);
export { wrong };
*/
const file = (name) => path.join(__dirname, 'src', name);
const program = ts.createProgram([file('bad.ts')], { strict: true, declaration: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [] });
const messages = ts.getPreEmitDiagnostics(program).map(({ code }) => code);
assert.deepEqual(messages, [2322]);
const emitted = {};
program.emit(undefined, (name, text) => {
  emitted[path.basename(name)] = text;
});
assert.match(emitted['good.d.ts'], /readonly Item\[\]/);
assert.match(emitted['good.js'], /items\[0\]/);
assert.equal(ts.transpileModule('enum A { B = 1 }', { compilerOptions: { target: 'ES2022' } }).outputText.includes('A["B"] = 1'), true);
const service = ts.createLanguageService({
  getScriptFileNames: () => [file('good.ts')],
  getScriptVersion: () => '1',
  getScriptSnapshot: (name) => (ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name)) : undefined),
  getCurrentDirectory: () => __dirname,
  getCompilationSettings: () => ({ types: [] }),
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
});
assert.match(ts.displayPartsToString(service.getQuickInfoAtPosition(file('good.ts'), ts.sys.readFile(file('good.ts')).indexOf('first') + 1).displayParts), /first/);
console.log('COMPAT OK typescript');
