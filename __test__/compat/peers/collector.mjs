// Keeps whatever is sent to it, shows it under /received and forgets it under /reset: for agents that report to a server.
import http from 'node:http';
import { announce } from '../harness/peer.mjs';

let bodies = [];

await announce(
  http.createServer(async (request, response) => {
    if (request.url === '/reset') {
      bodies = [];
      return response.end();
    }
    if (request.url === '/received') return response.end(bodies.join('\n'));
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString('latin1'));
    response.writeHead(request.url === '/info' ? 404 : 200, { 'content-type': 'application/json' }).end('{}');
  }),
);
