'use strict';

const express = require('express');

const { version: release } = require('../package.json');
const accounts = require('./routes/accounts');
const database = require('./routes/database');
const thumbnails = require('./routes/thumbnails');

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '16kb' }));

app.get('/', (req, res) => {
  res.json({ service: 'loadlock-demo', release, node: process.version });
});
app.use('/accounts', accounts);
app.use('/database', database);
app.use('/thumbnails', thumbnails);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
