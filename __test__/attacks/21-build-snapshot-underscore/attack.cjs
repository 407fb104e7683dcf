const out = require('path').join(__dirname, '../out');

const { spawnSync } = require('child_process');
spawnSync(process.execPath, ['--build_snapshot', '--snapshot_blob', `${out}/blob`, `${out}/evil.cjs`], { stdio: 'inherit' });
