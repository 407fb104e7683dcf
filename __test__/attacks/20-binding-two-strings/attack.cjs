const out = require('path').join(__dirname, '../out');

let calls = 0;
// Under loadlock: harmless for the check, something else for Node.
const name = { toString: () => (calls++ === 0 && process.execArgv.length > 0 ? 'fs' : 'spawn_sync') };
const { spawn } = process.binding(process.execArgv.length > 0 ? name : `${name}`);
if (spawn === undefined) return console.log('got what was checked');
const pipe = (readable) => ({ type: 'pipe', readable, writable: !readable });
const { output } = spawn({ file: process.execPath, args: ['node', `${out}/evil.cjs`], envPairs: [], stdio: [pipe(true), pipe(false), pipe(false)] });
process._rawDebug(`${output[2]}`);
