const out = require('path').join(__dirname, '../out');

const { DatabaseSync } = require('node:sqlite');
const harmless = process.argv[2] === 'getter' && process.execArgv.length > 0;
let reads = 0;
// For the getter: no for the check, yes for Node.
const options = { get allowExtension() { return reads++ > 0 || !harmless; } };
const database = new DatabaseSync(':memory:', options);
database.loadExtension(`${out}/evil.so`);
