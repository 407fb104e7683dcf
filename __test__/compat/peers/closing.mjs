// A server that takes a connection, reads what the client says first, and hangs up: for protocols that are too large to
// play. What a client does up to there is all that the case can show.
import net from 'node:net';
import { announce } from '../harness/peer.mjs';

await announce(
  net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  }),
);
