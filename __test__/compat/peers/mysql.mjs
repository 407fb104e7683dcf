// A MySQL server's side of the protocol (by mysql2's own server half) with a few canned answers.
import { require } from '../harness/peer.mjs';

const mysql = require('mysql2');
const COLUMN = { catalog: 'def', schema: 'compat', table: 'items', orgTable: 'items', name: 'n', orgName: 'n', characterSet: 33, columnLength: 384, columnType: 253, flags: 0, decimals: 0 };

const server = mysql.createServer();
server.on('connection', (connection) => {
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.0.0 compat',
    connectionId: 1,
    statusFlags: 2,
    characterSet: 8,
    capabilityFlags: 0xff_ff_ff,
  });
  connection.on('query', (sql) => {
    if (/^SELECT/i.test(sql)) connection.writeTextResult([{ n: sql }, { n: 'two' }], [COLUMN]);
    else if (/^BROKEN/i.test(sql)) connection.writeError({ message: 'You have an error in your SQL syntax', code: 1064 });
    else connection.writeOk({ affectedRows: 1, insertId: 7 });
  });
  connection.on('quit', () => connection.end());
  connection.on('error', () => {});
});
server.listen(0, '127.0.0.1', undefined, () => console.log(`listening ${server._server.address().port}`));
