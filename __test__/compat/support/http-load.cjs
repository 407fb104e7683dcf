// Sends a load of requests to a server on 127.0.0.1 over real sockets and checks every answer.
'use strict';
const assert = require('node:assert/strict');
const http = require('node:http');

/**
 * @param {number} port
 * @param {{ path: string, method?: string, headers?: object, json?: unknown, body?: string | Buffer, check: (reply) => boolean }[]} requests
 *   a check that does not answer `true` fails the case
 * @param {{ total?: number, parallel?: number }} [options]
 */
exports.load = async function load(port, requests, { total = 400, parallel = 16 } = {}) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: parallel });
  let next = 0;
  const work = async () => {
    while (next < total) {
      const one = requests[next++ % requests.length];
      const reply = await send(port, one, agent);
      assert.equal(one.check(reply), true, `${one.path}: ${reply.status} ${JSON.stringify(reply.headers)} ${reply.text}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  agent.destroy();
};

/** One request: its status, headers and text. */
exports.send = send;

function send(port, { path, method, headers, json, body = json === undefined ? undefined : JSON.stringify(json) }, agent) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
