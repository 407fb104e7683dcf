const out = require('path').join(__dirname, '../out');

const { spawn, spawnSync } = require('child_process');
// Under loadlock: the text of its preload, but as part of another option's value.
const register = process.execArgv[1] ?? 'register.js';
const env = { ...process.env, NODE_OPTIONS: `--title="x --require ${register} y"` };
({ spawn, spawnSync })[process.argv[2]](process.execPath, [`${out}/evil.cjs`], { env, stdio: 'inherit' });
