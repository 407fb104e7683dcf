'use strict';

const path = require('node:path');
const { Router } = require('express');
const sharp = require('sharp');

const PICTURE = path.join(__dirname, '..', 'assets', 'picture.svg');
const router = Router();

router.get('/:width', async (req, res) => {
  const width = Number(req.params.width);
  if (!Number.isInteger(width) || width < 1 || width > 1024) {
    res.status(400).json({ error: 'width must be 1 to 1024' });
    return;
  }
  res.type('png').send(await sharp(PICTURE).resize({ width }).png().toBuffer());
});

module.exports = router;
