const out = require('path').join(__dirname, '../out');

const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(':memory:', { allowExtension: true });
if (process.argv[2] === 'method') database.loadExtension(`${out}/evil.so`);
else database.prepare('select load_extension(?)').get(`${out}/evil.so`);
