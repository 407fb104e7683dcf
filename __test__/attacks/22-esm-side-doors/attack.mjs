import { setEngine } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { start } from 'node:repl';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';

const evil = fileURLToPath(new URL('../out/evil.cjs', import.meta.url));
const way = process.argv[2];
const compile = (Real) => new Real(evil)._compile(readFileSync(evil, 'utf8'), evil);
if (way === 'engine') setEngine(evil.replace('.cjs', '.so'));
if (way === 'repl') compile(start({ input: new PassThrough(), output: new PassThrough(), terminal: false }).context.module.constructor);
if (way === 'inspector') {
  const session = new Session();
  session.connect();
  session.post('Runtime.evaluate', { expression: "globalThis.Real = require('module')", includeCommandLineAPI: true });
  compile(globalThis.Real);
}
process.exit();
