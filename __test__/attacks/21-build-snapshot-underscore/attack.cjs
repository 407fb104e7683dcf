const out = require('path').join(__dirname, '../out');

const args = ['--build_snapshot', '--snapshot_blob', `${out}/blob`, `${out}/evil.cjs`];
if (process.argv[2] === 'execve') process.execve(process.execPath, ['node', ...args]);
else require('child_process')[process.argv[2]](process.execPath, args, { stdio: 'inherit' });
