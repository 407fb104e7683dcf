// A mail server that takes what it gets; subject and size of the last message are in its answer.
import net from 'node:net';
import { announce } from '../harness/peer.mjs';

await announce(
  net.createServer((socket) => {
    socket.setEncoding('utf8');
    socket.write('220 compat ESMTP\r\n');
    let [text, data] = ['', false];
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk;
      for (;;) {
        const end = text.indexOf(data ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          socket.write(`250 queued ${line.length} ${/^Subject: (.*)$/m.exec(line)?.[1].trim()}\r\n`);
        } else if (/^EHLO/i.test(line)) socket.write('250-compat\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n');
        else if (/^AUTH PLAIN/i.test(line)) socket.write('235 welcome\r\n');
        else if (/^DATA/i.test(line)) {
          data = true;
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  }),
);
