// does: 500 messages, binary frames, compression, ping, close codes between a server and a client
// packages: ws
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { WebSocket, WebSocketServer } = require('ws');
console.log('COMPAT LOADED');

async function main() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 100 } });
  server.on('connection', (socket, request) => {
    socket.send(request.headers['x-who']);
    socket.on('message', (data, isBinary) => socket.send(isBinary ? Buffer.concat([data, data]) : `echo ${data}`));
  });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, { headers: { 'x-who': 'ann' } });
  const received = [];
  client.on('message', (data) => received.push(data));
  await once(client, 'open');
  for (let i = 0; i < 500; i++) client.send(`${i} ${'x'.repeat(200)}`);
  client.send(Buffer.alloc(70_000, 1));
  client.ping('beat');
  const [pong] = await once(client, 'pong');
  assert.equal(String(pong), 'beat');
  while (received.length < 502) await once(client, 'message');
  assert.equal(String(received[0]), 'ann');
  assert.match(String(received[500]), /^echo 499 x+$/);
  assert.equal(received[501].length, 140_000);
  assert.equal(client.extensions, 'permessage-deflate');
  client.close(4000, 'done');
  const [code] = await once(client, 'close');
  assert.equal(code, 4000);
  server.close();
  console.log('COMPAT OK ws');
}
main();
