'use strict';

const argon2 = require('@node-rs/argon2');
const bcrypt = require('bcrypt');
const { Router } = require('express');

const router = Router();

// The everyday migration: check a password against its old bcrypt hash, answer with an argon2id one.
router.post('/rehash', async (req, res) => {
  const { password, hash } = req.body ?? {};
  if (typeof password !== 'string' || typeof hash !== 'string') {
    res.status(400).json({ error: 'password and hash are required' });
    return;
  }
  if (!(await bcrypt.compare(password, hash))) {
    res.status(403).json({ error: 'wrong password' });
    return;
  }
  const rehashed = await argon2.hash(password);
  res.json({ hash: rehashed, verified: await argon2.verify(rehashed, password) });
});

module.exports = router;
