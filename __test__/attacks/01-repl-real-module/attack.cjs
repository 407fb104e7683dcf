const out = require('path').join(__dirname, '../out');

const { readFileSync } = require('fs');
const { PassThrough } = require('stream');
const { context } = require('repl').start({ input: new PassThrough(), output: new PassThrough(), terminal: false });
const Real = context.module.constructor;
if (process.argv[2] === 'compile') {
  const evil = new Real(`${out}/evil.cjs`);
  evil._compile(readFileSync(evil.id, 'utf8'), evil.id);
  process.exit();
}
const source = readFileSync(`${out}/evil.mjs`, 'utf8');
Real.registerHooks({ load: (url, context, next) => (url.endsWith('/ok.mjs') ? { format: 'module', source, shortCircuit: true } : next(url, context)) });
import('./ok.mjs').finally(() => process.exit());
