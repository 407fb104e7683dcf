const out = require('path').join(__dirname, '../out');

require('child_process').spawnSync(process.execPath, [`${__dirname}/ok.cjs`], { env: { LD_PRELOAD: `${out}/evil.so` }, stdio: 'inherit' });
