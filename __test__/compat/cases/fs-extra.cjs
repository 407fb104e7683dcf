// does: with graceful-fs, mkdirp and rimraf: writes, copies, moves, links, removes a tree of files
// packages: fs-extra, graceful-fs, mkdirp, rimraf
'use strict';
const assert = require('node:assert/strict');
const os = require('node:os');
const path = require('node:path');
const fse = require('fs-extra');
const gracefulFs = require('graceful-fs');
const { mkdirp } = require('mkdirp');
const { rimraf } = require('rimraf');
console.log('COMPAT LOADED');

async function main() {
  const root = await fse.mkdtemp(path.join(os.tmpdir(), 'files-'));
  const at = (...parts) => path.join(root, ...parts);
  await fse.outputJson(at('a', 'b', 'c.json'), { x: 1 });
  await fse.copy(at('a'), at('copy'));
  assert.deepEqual(await fse.readJson(at('copy', 'b', 'c.json')), { x: 1 });
  await fse.move(at('copy'), at('moved'));
  await fse.ensureSymlink(at('moved'), at('link'));
  await fse.emptyDir(at('moved'));
  assert.equal(await fse.pathExists(at('moved', 'b')), false);
  assert.equal(await mkdirp(at('x', 'y', 'z')), at('x'));
  await Promise.all(Array.from({ length: 500 }, (_, i) => new Promise((resolve, reject) => gracefulFs.writeFile(at('x', `${i}`), 'x', (error) => (error ? reject(error) : resolve())))));
  assert.equal(gracefulFs.readdirSync(at('x')).length, 501);
  assert.equal(await rimraf(root), true);
  assert.equal(fse.existsSync(root), false);
  console.log('COMPAT OK fs-extra');
}
main();
