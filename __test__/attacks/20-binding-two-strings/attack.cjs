const out = require('path').join(__dirname, '../out');

let calls = 0;
// Allowed for the check, something else for Node.
const name = { toString: () => (calls++ === 0 && process.execArgv.length > 0 ? 'fs' : 'spawn_sync') };
const { spawn } = process.binding(process.execArgv.length > 0 ? name : 'spawn_sync');
const pipe = (readable) => ({ type: 'pipe', readable, writable: !readable });
const { output } = spawn({ file: process.execPath, args: ['node', `${out}/evil.cjs`], envPairs: [], stdio: [pipe(true), pipe(false), pipe(false)] });
process._rawDebug(`${output[1]}${output[2]}`);
