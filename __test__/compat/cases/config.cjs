// does: default, environment and custom-variable files, deep merging, has and get, immutability
// packages: config
// env: NODE_ENV=production
// env: COMPAT_DB_HOST=db.example.com
// grant: config {"imports":["."]}
'use strict';
const assert = require('node:assert/strict');
const config = require('config');
console.log('COMPAT LOADED');

/* file: config/default.json
{ "db": { "host": "localhost", "port": 5432 }, "features": ["a"] }
*/
/* file: config/production.js
module.exports = { db: { port: 6543 }, get computed() { return 40 + 2; } };
*/
/* file: config/custom-environment-variables.json
{ "db": { "host": "COMPAT_DB_HOST" } }
*/
assert.deepEqual({ ...config.get('db') }, { host: 'db.example.com', port: 6543 });
assert.equal(config.get('computed'), 42);
assert.equal(config.has('nothing'), false);
assert.throws(() => config.get('nothing'), /not defined/);
assert.throws(() => {
  config.db.port = 1;
}, /immutable/);
console.log('COMPAT OK config');
