const out = require('path').join(__dirname, '../out');

const { spawnSync } = require('child_process');
const { Worker } = require('worker_threads');
const args = ['--experimental_loader', `${out}/evil.mjs`];
if (process.argv[2] === 'child') spawnSync(process.execPath, [...args, `${__dirname}/ok.mjs`], { stdio: 'inherit' });
if (process.argv[2] === 'worker') new Worker(`${__dirname}/ok.mjs`, { execArgv: args });
