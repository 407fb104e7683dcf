const out = require('path').join(__dirname, '../out');

const { Session } = require('inspector');
const session = new Session();
session.connect();
const evil = JSON.stringify(`${out}/evil.cjs`);
const expression = `{ const Real = Object.values(require.cache)[0].constructor; const m = new Real(${evil}); m._compile(process.getBuiltinModule('fs').readFileSync(m.id, 'utf8'), m.id); }`;
session.post('Runtime.evaluate', { expression, includeCommandLineAPI: true });
