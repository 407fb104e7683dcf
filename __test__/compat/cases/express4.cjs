// does: 400 requests to a router with parameters, JSON and form bodies, static files, views of its own, errors
// packages: express4 as express
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { load } = require('./http-load.cjs');
const express = require('express');
console.log('COMPAT LOADED');

/* file: views/page.text
title: {title}
*/
const app = express();
app.engine('text', (file, options, done) => fs.readFile(file, 'utf8', (error, text) => done(error, text?.replace('{title}', options.title))));
app.set('view engine', 'text').set('views', `${__dirname}/views`);
const router = express.Router();
router.param('id', (request, response, next, id) => {
  request.item = { id: Number(id) };
  next();
});
router.get('/:id', (request, response) => response.json(request.item));
app.use('/items', router);
app.post('/form', express.urlencoded({ extended: true }), (request, response) => response.json(request.body));
app.use('/static', express.static(__dirname, { index: false }));
app.get('/page', (request, response) => response.render('page', { title: 'express 4' }));
app.get('/throws', () => {
  throw Object.assign(new Error('teapot'), { status: 418 });
});
app.use((error, request, response, _next) => response.status(error.status).send(error.message));

const server = app.listen(0, '127.0.0.1', async () => {
  await load(server.address().port, [
    { path: '/items/42', check: (reply) => reply.json().id === 42 && reply.headers['x-powered-by'] === 'Express' },
    {
      path: '/form',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'user[name]=ann&user[age]=7',
      check: (reply) => reply.json().user.name === 'ann',
    },
    { path: '/static/package.json', check: (reply) => reply.json().name === 'compat-express4' },
    { path: '/page', check: (reply) => reply.text === 'title: express 4\n' },
    { path: '/throws', check: (reply) => reply.status === 418 && reply.text === 'teapot' },
  ]);
  assert.match(require('express/package.json').version, /^4\./);
  server.close(() => console.log('COMPAT OK express4'));
});
