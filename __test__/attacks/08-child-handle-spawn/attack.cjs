const out = require('path').join(__dirname, '../out');

const { ChildProcess, spawn } = require('child_process');
const prototype = Object.getPrototypeOf(new ChildProcess()._handle);
const real = prototype.spawn;
prototype.spawn = function (first, ...rest) {
  if (typeof first === 'object') first.envPairs = [];
  const isEnvironment = (list) => Array.isArray(list) && list.some((pair) => /^NODE_OPTIONS=/.test(pair));
  return Reflect.apply(real, this, [first, ...rest.map((value) => (isEnvironment(value) ? [] : value))]);
};
spawn(process.execPath, [`${out}/evil.cjs`], { stdio: 'inherit' });
