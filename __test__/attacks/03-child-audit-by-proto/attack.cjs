const { spawnSync } = require('child_process');
const env = JSON.parse('{"__proto__":{"LOADLOCK_ENFORCEMENT":"audit"}}');
spawnSync(process.execPath, [`${__dirname}/victim.cjs`], { env, stdio: 'inherit' });
