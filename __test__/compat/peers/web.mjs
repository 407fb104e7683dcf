// Web services: an S3 bucket and the part of Stripe's interface that a case uses.
import http from 'node:http';
import { announce } from '../harness/peer.mjs';

const objects = new Map();

await announce(
  http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    if (pathname.startsWith('/v1/')) return stripe(request, response, pathname, body);
    s3(request, response, pathname, searchParams, body);
  }),
);

function s3({ method, headers }, response, pathname, searchParams, body) {
  const xml = (status, text) => response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
  if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/')) return xml(403, '<Error><Code>AccessDenied</Code></Error>');
  if (method === 'PUT') {
    objects.set(pathname, headers['content-encoding']?.includes('aws-chunked') ? unchunk(body) : body);
    return response.writeHead(200, { etag: '"1"' }).end();
  }
  if (method === 'DELETE') return response.writeHead(204).end(void objects.delete(pathname));
  if (searchParams.get('list-type')) {
    const keys = [...objects.keys()].map((key) => `<Contents><Key>${key.split('/').slice(2).join('/')}</Key><Size>${objects.get(key).length}</Size></Contents>`);
    return xml(200, `<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>${keys.length}</KeyCount>${keys.join('')}</ListBucketResult>`);
  }
  const found = objects.get(pathname);
  if (!found) return xml(404, '<Error><Code>NoSuchKey</Code><Message>missing</Message></Error>');
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': found.length }).end(found);
}

function unchunk(body) {
  const parts = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (!size) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

function stripe({ method, headers }, response, pathname, body) {
  const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1' }).end(JSON.stringify(value));
  if (!headers.authorization?.endsWith('sk_test_compat')) return json(401, { error: { type: 'invalid_request_error', message: 'no key' } });
  if (pathname === '/v1/customers' && method === 'POST') return json(200, { id: 'cus_1', object: 'customer', ...Object.fromEntries(new URLSearchParams(body.toString())) });
  if (pathname === '/v1/customers') {
    return json(200, { object: 'list', url: '/v1/customers', has_more: false, data: [1, 2, 3].map((n) => ({ id: `cus_${n}`, object: 'customer' })) });
  }
  json(404, { error: { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${pathname}` } });
}
