const out = require('path').join(__dirname, '../out');

const { Worker } = require('worker_threads');
let calls = 0;
// Harmless for the check, something else for Node.
const value = { toString: () => (calls++ === 0 && process.execArgv.length > 0 ? '' : `--require ${out}/evil.cjs`) };
new Worker(`${__dirname}/ok.cjs`, { env: { NODE_OPTIONS: value } });
