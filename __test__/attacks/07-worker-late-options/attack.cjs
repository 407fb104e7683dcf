const out = require('path').join(__dirname, '../out');

const { Worker } = require('worker_threads');
const real = process;
const poison = () => { real.env.NODE_OPTIONS = `--require ${out}/evil.cjs`; return 'x'; };
if (process.argv[2] === 'global') {
  poison();
  Object.defineProperty(globalThis, 'process', { value: { __proto__: real, env: {} } });
  new Worker(`${__dirname}/ok.cjs`, { execArgv: [] });
} else {
  new Worker(`${__dirname}/ok.cjs`, { execArgv: [], argv: [{ toString: poison }] });
}
