// does: body-parser, cookie-parser, cors, express-session, helmet, morgan, multer and passport in one server, 400 requests
// packages: passport, passport-local, express, body-parser, cookie-parser, cors, express-session, helmet, morgan, multer
'use strict';
const assert = require('node:assert/strict');
const { mkdtempSync, readdirSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { load, send } = require('./http-load.cjs');
const express = require('express');
const bodyParser = require('body-parser');
const cookieParser = require('cookie-parser');
const cors = require('cors');
const session = require('express-session');
const helmet = require('helmet');
const morgan = require('morgan');
const multer = require('multer');
const passport = require('passport');
const { Strategy } = require('passport-local');
console.log('COMPAT LOADED');

const logged = [];
const uploads = mkdtempSync(path.join(os.tmpdir(), 'multer-'));
passport.use(new Strategy((user, password, done) => done(null, password === 'secret' && { user })));
passport.serializeUser(({ user }, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, { user }));

const app = express();
app.use(morgan(':method :url :status', { stream: { write: (line) => logged.push(line.trim()) } }));
app.use(helmet(), cors({ origin: 'https://example.com' }), cookieParser('secret'), bodyParser.json(), bodyParser.urlencoded({ extended: false }));
app.use(session({ secret: 'secret', resave: false, saveUninitialized: false }), passport.session());
app.post('/login', passport.authenticate('local'), (request, response) => response.json(request.user));
app.get('/me', (request, response) => response.json(request.user ?? null));
app.get('/cookie', (request, response) => response.cookie('seen', 'yes', { signed: true }).json(request.signedCookies));
app.post('/memory', multer({ storage: multer.memoryStorage() }).single('file'), (request, response) => response.json({ size: request.file.size, ...request.body }));
app.post('/disk', multer({ dest: uploads }).array('files'), (request, response) => response.json(request.files.map(({ originalname }) => originalname)));
app.post('/echo', (request, response) => response.json(request.body));

const boundary = 'xxBOUNDARYxx';
const multipart = (parts) => ({
  headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  body: `${parts.map(([name, value, file]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ''}\r\n\r\n${value}\r\n`).join('')}--${boundary}--\r\n`,
});
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const login = await send(port, { path: '/login', json: { username: 'ann', password: 'secret' } });
  const cookie = login.headers['set-cookie'][0].split(';')[0];
  const seen = (await send(port, { path: '/cookie' })).headers['set-cookie'][0].split(';')[0];
  await load(port, [
    { path: '/me', headers: { cookie }, check: (reply) => reply.json().user === 'ann' },
    { path: '/me', check: (reply) => reply.json() === null && reply.headers['access-control-allow-origin'] === 'https://example.com' },
    { path: '/cookie', headers: { cookie: seen }, check: (reply) => reply.json().seen === 'yes' && reply.headers['x-frame-options'] === 'SAMEORIGIN' },
    { path: '/login', json: { username: 'ann', password: 'wrong' }, check: (reply) => reply.status === 401 },
    { path: '/memory', ...multipart([['title', 'a title'], ['file', 'x'.repeat(10_000), 'a.txt']]), check: (reply) => reply.json().size === 10_000 && reply.json().title === 'a title' },
    { path: '/echo', json: [1, { a: 2 }], check: (reply) => reply.json()[1].a === 2 },
  ]);
  const disk = await send(port, { path: '/disk', ...multipart([['files', '1', 'one.txt'], ['files', '2', 'two.txt']]) });
  assert.deepEqual(disk.json(), ['one.txt', 'two.txt']);
  assert.equal(readdirSync(uploads).length, 2);
  assert.ok(logged.length >= 400 && logged.includes('POST /login 401'));
  server.close(() => console.log('COMPAT OK express-middleware'));
});
