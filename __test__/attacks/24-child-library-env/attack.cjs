const out = require('path').join(__dirname, '../out');

const [how, name] = process.argv[2].split(' ');
const values = {
  LD_PRELOAD: `${out}/evil.so`,
  LD_LIBRARY_PATH: out,
  OPENSSL_CONF: `${out}/openssl.cnf`,
  NODE_OPTIONS: `--openssl-config=${out}/openssl.cnf`,
};
const [args, env] = name === 'option' ? [[`--openssl-config=${values.OPENSSL_CONF}`], {}] : [[], { [name]: values[name] }];
// An engine by a relative path is looked for in the working directory.
require('child_process')[how](process.execPath, [...args, `${__dirname}/hash.cjs`], { cwd: out, env, stdio: 'inherit' });
