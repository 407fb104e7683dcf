// A small web server for the HTTP clients: says what it was asked, redirects, compresses, fails and then works.
'use strict';
const { once } = require('node:events');
const http = require('node:http');
const { gzipSync } = require('node:zlib');

/** @returns {Promise<{ url: string, close: () => void }>} */
exports.echoServer = async function echoServer() {
  const failed = new Set();
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const json = (status, value, headers) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (pathname === '/redirect') return response.writeHead(302, { location: '/echo?redirected=1' }).end();
    if (pathname === '/gzip') return response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('zipped '.repeat(1000)));
    if (pathname === '/bytes') return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(300_000, 7));
    if (pathname === '/teapot') return json(418, { error: 'teapot' });
    if (pathname === '/slow') return setTimeout(() => json(200, {}), 2000).unref();
    if (pathname === '/flaky' && !failed.has(searchParams.get('id'))) {
      failed.add(searchParams.get('id'));
      return json(503, { error: 'later' });
    }
    const { method, headers } = request;
    json(200, { method, path: pathname, query: Object.fromEntries(searchParams), headers, body: Buffer.concat(chunks).toString() }, { 'set-cookie': 'crumb=1' });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
};
