const out = require('path').join(__dirname, '../out');

const { readFileSync } = require('fs');
const { spawnSync } = require('child_process');
const { Worker, isMainThread } = require('worker_threads');
const flag = ['--expose-internals'];
if (process.argv[2] === 'child') spawnSync(process.execPath, [...flag, __filename], { stdio: 'inherit' });
else if (isMainThread && process.argv[2] === 'worker') new Worker(__filename, { execArgv: flag, argv: [] });
else {
  const { Module } = require('node:internal/modules/cjs/loader');
  const evil = new Module(`${out}/evil.cjs`);
  evil._compile(readFileSync(evil.id, 'utf8'), evil.id);
}
