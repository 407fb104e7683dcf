// An AMQP 0-9-1 broker up to an open channel: the frames are written and read by amqplib's own definitions.
import net from 'node:net';
import { announce, require } from '../harness/peer.mjs';

// Not among the package's exports, hence the path.
const defs = require(`${process.env.COMPAT_INSTALL}/node_modules/amqplib/lib/defs.js`);

const GREETING = { versionMajor: 0, versionMinor: 9, serverProperties: { product: 'compat' }, mechanisms: Buffer.from('PLAIN'), locales: Buffer.from('en_US') };

await announce(
  net.createServer((socket) => {
    let pending = Buffer.alloc(0);
    let greeted = false;
    const send = (channel, id, fields) => socket.write(defs.encodeMethod(id, channel, fields));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      if (!greeted && pending.length >= 8) {
        greeted = true;
        pending = pending.subarray(8);
        send(0, defs.ConnectionStart, GREETING);
      }
      while (pending.length >= 8 && pending.length >= pending.readUInt32BE(3) + 8) {
        const size = pending.readUInt32BE(3);
        const frame = { type: pending[0], channel: pending.readUInt16BE(1), payload: pending.subarray(7, 7 + size) };
        pending = pending.subarray(size + 8);
        if (frame.type === 1) method(frame);
      }
    });

    function method({ channel, payload }) {
      const id = payload.readUInt32BE(0);
      if (id === defs.ConnectionStartOk) send(0, defs.ConnectionTune, { channelMax: 10, frameMax: 131_072, heartbeat: 0 });
      else if (id === defs.ConnectionOpen) send(0, defs.ConnectionOpenOk, { knownHosts: '' });
      else if (id === defs.ChannelOpen) send(channel, defs.ChannelOpenOk, { channelId: Buffer.alloc(0) });
      else if (id === defs.QueueDeclare) {
        const { queue } = defs.decode(id, payload.subarray(4));
        send(channel, defs.QueueDeclareOk, { queue, messageCount: 3, consumerCount: 0 });
      } else if (id === defs.ChannelClose) send(channel, defs.ChannelCloseOk, {});
      else if (id === defs.ConnectionClose) send(0, defs.ConnectionCloseOk, {});
    }
  }),
);
