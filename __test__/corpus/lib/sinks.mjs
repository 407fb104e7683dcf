// Where the payloads of the corpus send their text: a TCP sink, a harmless HTTP service and a DNS server, all on
// 127.0.0.1. They only remember what they saw.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

/** Starts the servers of one run. */
export async function startSinks({ stage2 = '' }) {
  const seen = { sink: '', svc: '', dns: '' };
  const servers = { sink: tcpSink(seen), svc: service(seen, stage2), dns: dnsServer(seen, stage2) };
  const sockets = new Set();
  servers.sink.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  servers.sink.listen(0, '127.0.0.1');
  servers.svc.listen(0, '127.0.0.1');
  servers.dns.bind(0, '127.0.0.1');
  await Promise.all(Object.values(servers).map((server) => once(server, 'listening')));
  return {
    seen,
    env: {
      LOADLOCK_SINK_PORT: String(servers.sink.address().port),
      LOADLOCK_SVC_PORT: String(servers.svc.address().port),
      LOADLOCK_DNS_PORT: String(servers.dns.address().port),
    },
    close() {
      for (const server of Object.values(servers)) server.close();
      for (const socket of sockets) socket.destroy();
      servers.svc.closeAllConnections();
    },
  };
}

/** Takes anything; answers an HTTP request when it is complete, so that senders that wait for an answer end. */
function tcpSink(seen) {
  return createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('data', (data) => {
      text += data.toString('latin1');
      seen.sink += data.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (!/^[A-Z]+ \S+ HTTP\/1/.test(text) || head < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length - head - 4 >= length) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
    });
  });
}

/** The service that the applications use in good faith. It also hands out the (harmless) second stage of a case. */
function service(seen, stage2) {
  const server = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      seen.svc += `${request.method} ${decodeURIComponent(request.url)} ${JSON.stringify(request.headers)} ${body}\n`;
      if (request.url.startsWith('/code/')) return response.end(stage2);
      if (request.url.startsWith('/eth')) {
        return response.end(JSON.stringify({ result: `0x${Buffer.from(`127.0.0.1:${server.address().port}`).toString('hex')}` }));
      }
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ ok: true, slot: 7 }));
    });
  });
  return server;
}

/** Remembers queries, with labels that are hexadecimal decoded too; answers TXT queries for `p` with the second stage. */
function dnsServer(seen, stage2) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    seen.dns += `${query.toString('latin1')}\n`;
    const question = readQuestion(query);
    if (!question) return;
    for (const label of question.labels) if (/^([0-9a-f]{2})+$/.test(label)) seen.dns += `${Buffer.from(label, 'hex').toString('latin1')}\n`;
    const text = question.labels.includes('p') ? Buffer.from(stage2).toString('base64') : 'ok';
    const chunks = text.match(/.{1,250}/g) ?? [''];
    const data = question.type === TXT
      ? Buffer.concat(chunks.map((chunk) => Buffer.concat([Buffer.from([chunk.length]), Buffer.from(chunk)])))
      : Buffer.from([127, 0, 0, 1]);
    const head = Buffer.from(query.subarray(0, question.end));
    head.writeUInt16BE(0x8180, 2);
    for (const [offset, count] of [[6, 1], [8, 0], [10, 0]]) head.writeUInt16BE(count, offset);
    const answer = Buffer.alloc(12);
    answer.writeUInt16BE(0xc00c, 0);
    answer.writeUInt16BE(question.type, 2);
    answer.writeUInt16BE(1, 4);
    answer.writeUInt32BE(1, 6);
    answer.writeUInt16BE(data.length, 10);
    socket.send(Buffer.concat([head, answer, data]), port, address);
  });
  return socket;
}

const TXT = 16;

/** The first question of a DNS message, or undefined if this is none (payloads also send plain text to this port). */
function readQuestion(message) {
  const labels = [];
  let at = 12;
  while (message[at]) {
    if (at + 1 + message[at] >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
    at += message[at] + 1;
  }
  return at + 5 <= message.length ? { labels, type: message.readUInt16BE(at + 1), end: at + 5 } : undefined;
}
