const out = require('path').join(__dirname, '../out');

const { Session } = require('inspector');
const session = new Session();
session.connect();
session.post('Runtime.evaluate', { expression: "globalThis.Real = require('module')", includeCommandLineAPI: true });
const evil = new globalThis.Real(`${out}/evil.cjs`);
evil._compile(require('fs').readFileSync(evil.id, 'utf8'), evil.id);
