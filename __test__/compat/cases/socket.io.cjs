// does: rooms, acknowledgements, binary data, polling and upgrade to WebSocket between a server and two clients
// packages: socket.io, socket.io-client
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');
console.log('COMPAT LOADED');

async function main() {
  const web = http.createServer();
  const server = new Server(web);
  server.use((socket, next) => (socket.handshake.auth.token === 'good' ? next() : next(new Error('bad token'))));
  server.on('connection', (socket) => {
    socket.on('double', (value, done) => done(Buffer.isBuffer(value) ? Buffer.concat([value, value]) : value * 2));
    socket.on('join', (room, done) => done(socket.join(room)));
    socket.on('say', (room, text) => server.to(room).emit('said', text));
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const url = `http://127.0.0.1:${web.address().port}`;
  const [polling, socket] = [io(url, { auth: { token: 'good' } }), io(url, { auth: { token: 'good' }, transports: ['websocket'], forceNew: true })];
  await Promise.all([polling, socket].map((one) => new Promise((resolve) => one.on('connect', resolve))));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => socket.emitWithAck('double', i)));
  assert.equal(answers[199], 398);
  assert.equal((await polling.emitWithAck('double', Buffer.from('ab'))).toString(), 'abab');
  await polling.emitWithAck('join', 'room');
  const said = new Promise((resolve) => polling.on('said', resolve));
  socket.emit('say', 'room', 'hello');
  assert.equal(await said, 'hello');
  if (polling.io.engine.transport.name === 'polling') await new Promise((resolve) => polling.io.engine.once('upgrade', resolve));
  const refused = io(url, { auth: { token: 'bad' }, forceNew: true });
  const error = await new Promise((resolve) => refused.on('connect_error', resolve));
  assert.equal(error.message, 'bad token');
  for (const one of [polling, socket, refused]) one.disconnect();
  await server.close();
  console.log('COMPAT OK socket.io');
}
main();
