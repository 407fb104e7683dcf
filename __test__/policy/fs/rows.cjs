'use strict';
// Rows of fs.test.mjs, run by each Node version: every function of fs and fs/promises, and every way round them.
// Prints a line of JSON for each row.
const assert = require('node:assert');
const EventEmitter = require('node:events');
const fs = require('node:fs');
const { once } = EventEmitter;
const { basename, join, relative } = require('node:path');
const { tmpdir } = require('node:os');
const { pathToFileURL } = require('node:url');
const { promisify } = require('node:util');
const { createAuthority } = require('./authority.cjs');

// Before the facade takes Node's own classes away.
const stock = { ...fs, promises: { ...fs.promises } };
const facade = require('../../../js/facades/fs.js');
const { createFacade } = require('../../../js/facades/facade.js');
require('../../../js/lockdown.js').lockdown();
facade.harden.fs(fs);

const TOP = stock.mkdtempSync(join(stock.realpathSync(tmpdir()), 'loadlock-fs-'));
const AREA = join(TOP, 'area'), SECRET = join(TOP, 'secret'), READABLE = join(TOP, 'readable');
const KEY = join(SECRET, 'key.txt');

/** A fresh tree: what the package may use, what it may only read, and what it may not. */
function reset() {
  stock.rmSync(TOP, { recursive: true, force: true });
  for (const folder of [AREA, join(AREA, 'sub'), SECRET, join(SECRET, 'deep'), READABLE]) stock.mkdirSync(folder, { recursive: true });
  stock.writeFileSync(join(AREA, 'file.txt'), 'inside');
  stock.writeFileSync(join(AREA, 'sub', 'deep.txt'), 'deep');
  stock.writeFileSync(join(READABLE, 'r.txt'), 'readable');
  stock.writeFileSync(KEY, 'SECRET');
  stock.writeFileSync(join(SECRET, 'deep', 'more.txt'), 'SECRET');
  stock.symlinkSync('../secret', join(AREA, 'out'));
  stock.symlinkSync('../secret/key.txt', join(AREA, 'out-file'));
  stock.symlinkSync('../secret/made.txt', join(AREA, 'dangling'));
  stock.symlinkSync('sub', join(AREA, 'in'));
}

const table = require('../../../src/policy/builtins.json').modules;
const rulesOf = (name) => {
  const { members } = table[name];
  return { needs: [], names: Object.keys(members), rules: Object.values(members).map((rule) => (rule === null ? '-' : rule.join('+'))) };
};

/** The facades of a package, made as js/views.js does it. */
function view(grants, options) {
  const authority = createAuthority(grants, options);
  const made = {};
  const context = {
    authority,
    real: (name) => (name === 'fs' ? fs : fs.promises),
    view: (name) => (made[name] ??= createFacade({ context, name, rules: rulesOf(name), maker: facade.create[name], always: facade.always[name] })),
  };
  const exports = context.view('fs');
  exports.authority = authority;
  return exports;
}

const scoped = (more) => view({ 'fs.read': [`${AREA}/**`, `${READABLE}/**`], 'fs.write': [`${AREA}/**`], ...more });

// Every function

/** Members that are data, or that need nothing. */
const FREE = ['Dirent', 'F_OK', 'R_OK', 'Stats', 'W_OK', 'X_OK', '_toUnixTimestamp', 'constants', 'promises'];
const HANDLE = [
  'appendFile', 'chmod', 'chown', 'constructor', 'createReadStream', 'createWriteStream', 'datasync', 'fd', 'getAsyncId', 'read', 'readFile', 'readLines',
  'readableWebStream', 'readv', 'stat', 'sync', 'truncate', 'utimes', 'write', 'writeFile', 'writev', 'Symbol(Symbol.asyncDispose)',
  'Symbol(nodejs.asyncDispose)', 'Symbol(kCloseSync)', 'Symbol(kFd)', 'Symbol(kRef)', 'Symbol(kUnref)', 'Symbol(messaging_deserialize_symbol)',
  'Symbol(messaging_transfer_list_symbol)', 'Symbol(messaging_transfer_symbol)',
];

const { uid, gid } = { uid: process.getuid(), gid: process.getgid() };
/** Arguments for a use within a folder, by the name of the promise function. `other` is in a folder for targets. */
const CALLS = {
  access: (d) => [join(d, 'a')], appendFile: (d) => [join(d, 'a'), 'x'], chmod: (d) => [join(d, 'a'), 0o644], chown: (d) => [join(d, 'a'), uid, gid],
  copyFile: (d) => [join(d, 'a'), join(d, 'b')], cp: (d) => [join(d, 'a'), join(d, 'b')], glob: (d) => ['*', { cwd: d }], lchmod: (d) => [join(d, 'a'), 0o644],
  lchown: (d) => [join(d, 'a'), uid, gid], link: (d) => [join(d, 'a'), join(d, 'b')], lstat: (d) => [join(d, 'a')], lutimes: (d) => [join(d, 'a'), 1, 1],
  mkdir: (d) => [join(d, 'b')], mkdtemp: (d) => [join(d, 'tmp-')], mkdtempDisposable: (d) => [join(d, 'tmp-')], open: (d) => [join(d, 'a'), 'r'],
  openAsBlob: (d) => [join(d, 'a')], opendir: (d) => [d], readFile: (d) => [join(d, 'a')], readdir: (d) => [d], readlink: (d) => [join(d, 'l')],
  realpath: (d) => [join(d, 'a')], rename: (d) => [join(d, 'a'), join(d, 'b')], rm: (d) => [join(d, 'a')], rmdir: (d) => [join(d, 'e')],
  stat: (d) => [join(d, 'a')], statfs: (d) => [d], symlink: (d) => [join(d, 'a'), join(d, 'b')], truncate: (d) => [join(d, 'a')],
  unlink: (d) => [join(d, 'a')], utimes: (d) => [join(d, 'a'), 1, 1], writeFile: (d) => [join(d, 'a'), 'x'],
};
/** Functions without the three forms, and descriptor functions: rows of their own below. */
const ELSEWHERE = [
  'Dir', 'FileReadStream', 'FileWriteStream', 'ReadStream', 'Utf8Stream', 'WriteStream', 'close', 'closeSync', 'createReadStream', 'createWriteStream',
  'exists', 'existsSync', 'fchmod', 'fchown', 'fdatasync', 'fstat', 'fsync', 'ftruncate', 'futimes', 'read', 'readv', 'unwatchFile', 'watch', 'watchFile',
  'write', 'writev',
];

const rows = [];
const row = (name, run) => rows.push({ name, run });

row('every function of this Node is in the tables', () => {
  const overrides = facade.create.fs({ authority: createAuthority({}) }), promises = facade.create['fs/promises']({ authority: createAuthority({}) });
  const known = (key) => key in CALLS || key.replace(/Sync$/, '') in CALLS || ELSEWHERE.includes(key) || ELSEWHERE.includes(key.replace(/Sync$/, ''));
  for (const key of Object.getOwnPropertyNames(fs)) {
    if (FREE.includes(key) || fs[key] === undefined) continue;
    assert.ok(typeof overrides[key] === 'function', `fs.${key} has no override`);
    assert.ok(known(key), `fs.${key} has no row`);
    assert.ok(key in table.fs.members, `fs.${key} has no rule`);
  }
  for (const key of Object.getOwnPropertyNames(fs.promises)) {
    if (key === 'constants') continue;
    assert.ok(typeof promises[key] === 'function', `fs.promises.${key} has no override`);
    assert.ok(known(key), `fs.promises.${key} has no row`);
    assert.ok(key in table['fs/promises'].members, `fs.promises.${key} has no rule`);
  }
});
row('every method of FileHandle in this Node was looked at', async () => {
  const handle = await scoped().promises.open(join(AREA, 'file.txt'));
  const keys = Reflect.ownKeys(Object.getPrototypeOf(handle)).map(String);
  await handle.close();
  assert.deepStrictEqual(keys.filter((key) => !HANDLE.includes(key)), []);
});
row('names, lengths and promisify symbols are Node’s', () => {
  const made = scoped();
  for (const [mine, theirs] of [[made, stock], [made.promises, stock.promises]]) {
    for (const key of Object.keys(theirs)) {
      if (typeof theirs[key] !== 'function') continue;
      assert.strictEqual(mine[key].name, theirs[key].name, key);
      assert.strictEqual(mine[key].length, theirs[key].length, key);
      assert.deepStrictEqual(Object.getOwnPropertySymbols(mine[key]), Object.getOwnPropertySymbols(theirs[key]), key);
    }
  }
});
row('whole grants get Node’s own functions', () => {
  const made = view({ 'fs.read': true, 'fs.write': true });
  for (const key of ['readFileSync', 'openSync', 'closeSync', 'cp', 'writeFile']) assert.strictEqual(made[key], fs[key], key);
  const reader = view({ 'fs.read': true });
  for (const key of ['readdirSync', 'statSync', 'existsSync', 'readSync', 'realpathSync']) assert.strictEqual(reader[key], fs[key], key);
});

/** The forms of a function that this Node has, each giving a promise of what came of it. */
function* forms(made, name) {
  if (typeof made[`${name}Sync`] === 'function') yield ['sync', (...args) => made[`${name}Sync`](...args)];
  if (typeof made[name] === 'function' && name !== 'openAsBlob') {
    yield ['callback', (...args) => new Promise((fulfil, reject) => made[name](...args, (error, value) => (error ? reject(error) : fulfil(value)))), made[name]];
  }
  const promise = name === 'openAsBlob' ? made.openAsBlob : made.promises[name];
  if (typeof promise === 'function') {
    yield ['promise', async (...args) => {
      const result = promise.apply(made.promises, args);
      if (name !== 'glob') return result;
      const found = [];
      for await (const one of result) found.push(one);
      return found;
    }];
  }
}

function prepare(folder) {
  stock.mkdirSync(folder, { recursive: true });
  stock.writeFileSync(join(folder, 'a'), 'text');
  stock.mkdirSync(join(folder, 'e'));
  stock.symlinkSync('a', join(folder, 'l'));
}

for (const name of Object.keys(CALLS)) {
  row(`${name}: granted`, async () => {
    const made = scoped();
    let count = 0;
    for (const [form, call] of forms(made, name)) {
      const folder = join(AREA, `${name}-${form}`);
      prepare(folder);
      try {
        const result = await call(...CALLS[name](folder));
        if (typeof result === 'number') made.closeSync(result);
        else if (typeof result?.close === 'function') await result.close();
      } catch (error) {
        // Only macOS has it.
        if (error.code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
      }
      count++;
    }
    assert.ok(count > 0 || ['glob', 'mkdtempDisposable', 'lchmod'].includes(name));
    assert.deepStrictEqual(made.authority.records, []);
  });
  row(`${name}: relative to the current folder`, async () => {
    const made = scoped();
    for (const [form, call] of forms(made, name)) {
      const folder = join(AREA, `${name}-${form}`);
      prepare(folder);
      process.chdir(folder);
      try {
        const args = CALLS[name](folder).map((arg) => (typeof arg === 'string' && arg.startsWith('/') ? relative(folder, arg) || '.' : arg));
        const result = await call(...args);
        if (typeof result === 'number') made.closeSync(result);
        else if (typeof result?.close === 'function') await result.close();
      } catch (error) {
        if (error.code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
      } finally {
        process.chdir('/');
      }
    }
  });
  row(`${name}: refused, and the same for what is not there`, async () => {
    const texts = new Set();
    for (const present of [true, false]) {
      const folder = join(SECRET, 'x');
      stock.rmSync(folder, { recursive: true, force: true });
      if (present) prepare(folder);
      for (const [form, call, direct] of forms(scoped(), name)) {
        const before = snapshot();
        if (form === 'callback') {
          assert.throws(() => direct(...CALLS[name](folder), () => assert.fail('called back')), { code: 'ERR_LOADLOCK_CAPABILITY' });
        } else {
          const error = await Promise.resolve().then(() => call(...CALLS[name](folder))).then(() => assert.fail(`${form} was let through`), (error) => error);
          assert.strictEqual(error.code, 'ERR_LOADLOCK_CAPABILITY', `${form}: ${error.stack}`);
          texts.add(`${form} ${error.message}`);
        }
        assert.deepStrictEqual(snapshot(), before, form);
      }
    }
    assert.ok(texts.size <= 2, [...texts].join('\n'));
  });
  row(`${name}: refused through links that lead out`, async () => {
    for (const [form, call] of forms(scoped(), name)) {
      const folder = join(SECRET, 'x');
      stock.rmSync(folder, { recursive: true, force: true });
      prepare(folder);
      const before = snapshot();
      const error = await Promise.resolve().then(() => call(...CALLS[name](join(AREA, 'out', 'x')))).then(() => assert.fail(`${form} was let through`), (error) => error);
      assert.strictEqual(error.code, 'ERR_LOADLOCK_CAPABILITY', `${form}: ${error.stack}`);
      assert.deepStrictEqual(snapshot(), before, form);
    }
  });
  row(`${name}: nothing granted`, async () => {
    for (const [form, call] of forms(view({}), name)) {
      prepare(join(AREA, `n-${form}`));
      await assert.rejects(Promise.resolve().then(() => call(...CALLS[name](join(AREA, `n-${form}`)))), { code: 'ERR_LOADLOCK_CAPABILITY' });
    }
  });
  row(`${name}: audit records and goes on`, async () => {
    const made = view({}, { audit: true });
    for (const [form, call] of forms(made, name)) {
      const folder = join(AREA, `audit-${form}`);
      prepare(folder);
      try {
        const result = await call(...CALLS[name](folder));
        if (typeof result === 'number') stock.closeSync(result);
        else if (typeof result?.close === 'function') await result.close();
      } catch (error) {
        if (error.code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
      }
    }
  });
}

/** What the secret folder holds, its times included. */
function snapshot() {
  const found = [];
  for (const name of stock.readdirSync(SECRET, { recursive: true }).toSorted()) {
    const path = join(SECRET, name), stat = stock.lstatSync(path);
    found.push([name, stat.mode, stat.size, stat.nlink, stat.isFile() ? `${stock.readFileSync(path)} ${stat.mtimeMs}` : '']);
  }
  return found;
}

const refusal = { code: 'ERR_LOADLOCK_CAPABILITY' };
/** That nothing of the secret came out or was changed. */
const refused = (run) => assert.throws(run, refusal);
const rejected = (promise) => assert.rejects(promise, refusal);

// Arguments

row('a read-only folder is not written', () => {
  const made = scoped();
  const file = join(READABLE, 'r.txt');
  assert.strictEqual(made.readFileSync(file, 'utf8'), 'readable');
  for (const flag of ['w', 'a', 'r+', 'w+', 'a+', 'wx', stock.constants.O_RDONLY | stock.constants.O_TRUNC, stock.constants.O_RDONLY | stock.constants.O_CREAT, 3]) {
    refused(() => made.openSync(file, flag));
    refused(() => made.readFileSync(file, { flag }));
    refused(() => made.createReadStream(file, { flags: flag }));
  }
  refused(() => made.writeFileSync(file, 'x', { flag: 'r+' }));
  refused(() => made.truncateSync(file));
  assert.strictEqual(stock.readFileSync(file, 'utf8'), 'readable');
});
row('a reader with the whole of fs.read does not write by flags', async () => {
  const made = view({ 'fs.read': true });
  const file = join(READABLE, 'r.txt');
  for (const flag of ['w', 'w+', 'a', 'r+', stock.constants.O_TRUNC]) {
    refused(() => made.readFileSync(file, { flag }));
    refused(() => made.readFile(file, { flag }, () => {}));
    await rejected(made.promises.readFile(file, { flag }));
    refused(() => made.createReadStream(file, { flags: flag }));
    refused(() => new made.ReadStream(file, { flags: flag }));
    refused(() => made.openSync(file, flag));
    await rejected(made.promises.open(file, flag));
  }
  assert.strictEqual(made.readFileSync(file, 'utf8'), 'readable');
  assert.strictEqual(String(made.readFileSync(file)), 'readable');
  assert.strictEqual(stock.readFileSync(file, 'utf8'), 'readable');
});
row('a writer with the whole of fs.write does not read', async () => {
  const made = view({ 'fs.write': true });
  refused(() => made.openSync(KEY, 'r'));
  refused(() => made.openSync(KEY, 'a+'));
  refused(() => made.copyFileSync(KEY, join(AREA, 'copy')));
  const fd = made.openSync(join(AREA, 'new'), 'w');
  made.writeSync(fd, 'x');
  made.closeSync(fd);
});
row('paths as Buffer, Uint8Array and URL', () => {
  const made = scoped();
  const file = join(AREA, 'file.txt');
  for (const path of [Buffer.from(file), new Uint8Array(Buffer.from(file)), pathToFileURL(file), { href: pathToFileURL(file).href, protocol: 'file:' }]) {
    assert.strictEqual(made.readFileSync(path, 'utf8'), 'inside');
  }
  for (const path of [Buffer.from(KEY), new Uint8Array(Buffer.from(KEY)), pathToFileURL(KEY), { href: pathToFileURL(KEY).href, protocol: 'file:' }]) {
    refused(() => made.readFileSync(path, 'utf8'));
  }
  refused(() => made.readFileSync(Buffer.from([0x2f, 0xff, 0xfe])));
});
row('what is no path has Node’s error', () => {
  const made = scoped();
  for (const path of [undefined, null, {}, [KEY], new String(KEY), Symbol('x'), true, () => {}]) {
    assert.throws(() => made.statSync(path), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => made.readFileSync(path), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.strictEqual(made.existsSync(path), false);
  }
  for (const path of [`${AREA}/a\0b`, `${SECRET}\0/../area/file.txt`]) {
    assert.throws(() => made.readFileSync(path), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => made.statSync(path), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  assert.throws(() => made.readFileSync(new URL('http://x/y')), { code: 'ERR_INVALID_URL_SCHEME' });
  assert.throws(() => made.openSync(join(AREA, 'file.txt'), 'q'), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => made.openSync(join(AREA, 'file.txt'), { toString: () => 'r' }), { code: 'ERR_INVALID_ARG_VALUE' });
});
row('a path that changes between two looks', () => {
  const made = scoped();
  let looks = 0;
  const url = { protocol: 'file:', get href() { return pathToFileURL(looks++ === 0 ? join(AREA, 'file.txt') : KEY).href; } };
  assert.strictEqual(made.readFileSync(url, 'utf8'), 'inside');
  looks = 0;
  class Sub extends URL { get href() { return looks++ === 0 ? 'file:///area' : pathToFileURL(KEY).href; } }
  refused(() => made.readFileSync(new Sub(pathToFileURL(KEY)), 'utf8'));
  const bytes = Buffer.from(join(AREA, 'file.txt'));
  bytes.toString = () => KEY;
  assert.strictEqual(made.readFileSync(bytes, 'utf8'), 'inside');
  const shared = Buffer.from(KEY.padEnd(200, '\0').slice(0, KEY.length));
  refused(() => made.readFileSync(shared));
});
row('options with getters are read once, and the check is on what was read', () => {
  const made = scoped();
  let looks = 0;
  const file = join(READABLE, 'r.txt');
  const options = { get flag() { return looks++ === 0 ? 'r' : 'w'; } };
  assert.strictEqual(String(made.readFileSync(file, options)), 'readable');
  assert.strictEqual(looks, 1);
  looks = 0;
  const proxy = new Proxy({}, { get: (_, key) => (key === 'flags' ? (looks++ === 0 ? 'r' : 'w') : undefined) });
  made.createReadStream(file, proxy).destroy();
  assert.strictEqual(looks, 1);
  assert.strictEqual(stock.readFileSync(file, 'utf8'), 'readable');
});
row('a Proxy of a Buffer or of a function', () => {
  const made = scoped();
  assert.throws(() => made.readFileSync(new Proxy(Buffer.from(KEY), {})), { code: 'ERR_INVALID_ARG_TYPE' });
});
row('dot dot, doubled slashes and dots', () => {
  const made = scoped();
  for (const path of [`${AREA}/../secret/key.txt`, `${AREA}//..//secret/./key.txt`, `${AREA}/sub/../../secret/key.txt`, `${AREA}/missing/../../secret/key.txt`, `${AREA}/in/../../secret/key.txt`, `/../..${KEY}`]) {
    refused(() => made.readFileSync(path));
  }
  assert.strictEqual(made.readFileSync(`${AREA}/in/../file.txt`, 'utf8'), 'inside');
});
row('names that only begin like a granted one', () => {
  stock.mkdirSync(`${AREA}x`);
  stock.writeFileSync(`${AREA}x/f`, 'SECRET');
  refused(() => scoped().readFileSync(`${AREA}x/f`));
});
row('the current folder counts at the time of the call', () => {
  const made = scoped();
  try {
    process.chdir(AREA);
    assert.strictEqual(made.readFileSync('file.txt', 'utf8'), 'inside');
    refused(() => made.readFileSync('../secret/key.txt'));
    process.chdir(SECRET);
    refused(() => made.readFileSync('key.txt'));
    refused(() => made.mkdtempSync(''));
    refused(() => made.readdirSync(''));
  } finally {
    process.chdir('/');
  }
});
row('the file that a path names is asked for again at every call', () => {
  const made = scoped();
  const file = join(AREA, 'sub', 'deep.txt');
  assert.strictEqual(made.readFileSync(file, 'utf8'), 'deep');
  stock.rmSync(join(AREA, 'sub'), { recursive: true });
  stock.symlinkSync('../secret', join(AREA, 'sub'));
  stock.writeFileSync(join(SECRET, 'deep.txt'), 'SECRET');
  refused(() => made.readFileSync(file, 'utf8'));
});

// Links

row('links are checked at what they lead to', () => {
  const made = scoped();
  refused(() => made.readFileSync(join(AREA, 'out-file')));
  refused(() => made.writeFileSync(join(AREA, 'out-file'), 'x'));
  refused(() => made.readdirSync(join(AREA, 'out')));
  refused(() => made.statSync(join(AREA, 'out-file')));
  refused(() => made.realpathSync(join(AREA, 'out-file')));
  refused(() => made.realpathSync.native(join(AREA, 'out-file')));
  refused(() => made.realpath.native(join(AREA, 'out-file'), () => {}));
  refused(() => made.accessSync(join(AREA, 'out-file')));
  assert.strictEqual(made.lstatSync(join(AREA, 'out-file')).isSymbolicLink(), true);
  assert.strictEqual(made.readlinkSync(join(AREA, 'out')), '../secret');
  assert.strictEqual(made.readFileSync(join(AREA, 'in', 'deep.txt'), 'utf8'), 'deep');
  assert.strictEqual(stock.readFileSync(KEY, 'utf8'), 'SECRET');
});
row('a dangling link does not make its target', async () => {
  const made = scoped();
  const at = join(AREA, 'dangling');
  refused(() => made.writeFileSync(at, 'x'));
  refused(() => made.openSync(at, 'w'));
  refused(() => made.copyFileSync(join(AREA, 'file.txt'), at));
  refused(() => made.createWriteStream(at));
  await rejected(made.promises.appendFile(at, 'x'));
  assert.throws(() => made.openSync(at, 'wx'), { code: 'EEXIST' });
  assert.strictEqual(stock.existsSync(join(SECRET, 'made.txt')), false);
});
row('a link that stands there instead of the real file is not followed', () => {
  const made = scoped();
  // Between the check and the opening: the real path is handed over with O_NOFOLLOW.
  const file = join(AREA, 'file.txt');
  const options = {
    get flag() {
      stock.rmSync(file);
      stock.symlinkSync(KEY, file);
      return 'r';
    },
  };
  refused(() => made.readFileSync(file, options));
});
row('no link out is made', async () => {
  const made = scoped();
  const targets = ['../secret', '../../secret', KEY, 'in/../../secret/key.txt', 'out', './out/deep', join(AREA, 'out-file'), '/', '..', 'sub/../..'];
  for (const [at, target] of targets.entries()) {
    refused(() => made.symlinkSync(target, join(AREA, `l${at}`)));
    refused(() => made.symlink(target, join(AREA, `l${at}`), () => {}));
    await rejected(made.promises.symlink(target, join(AREA, `l${at}`)));
  }
  refused(() => made.symlinkSync(Buffer.from(KEY), join(AREA, 'l')));
  refused(() => made.linkSync(KEY, join(AREA, 'h')));
  refused(() => made.linkSync(join(READABLE, 'r.txt'), join(AREA, 'h')));
  refused(() => made.linkSync(join(AREA, 'out-file'), join(AREA, 'h')));
  refused(() => made.symlinkSync('file.txt', join(SECRET, 'l')));
  made.symlinkSync('../file.txt', join(AREA, 'sub', 'fine'));
  assert.strictEqual(made.readFileSync(join(AREA, 'sub', 'fine'), 'utf8'), 'inside');
});
row('no link out is moved to another place, or made by moving', () => {
  const made = scoped();
  refused(() => made.renameSync(join(AREA, 'out'), join(AREA, 'out2')));
  stock.symlinkSync('../file.txt', join(AREA, 'sub', 'up'));
  refused(() => made.renameSync(join(AREA, 'sub', 'up'), join(AREA, 'up')));
  made.renameSync(join(AREA, 'sub', 'up'), join(AREA, 'sub', 'up2'));
});
row('a link is absolute, and a folder with a relative one moves only where that stays inside', () => {
  const made = scoped();
  stock.mkdirSync(join(AREA, 'deep', 'x', 'p'), { recursive: true });
  const link = join(AREA, 'deep', 'x', 'p', 'd');
  made.symlinkSync('../../../sub', link);
  assert.strictEqual(stock.readlinkSync(link), join(AREA, 'sub'));
  made.renameSync(join(AREA, 'deep', 'x', 'p'), join(AREA, 'p'));
  made.renameSync(join(AREA, 'p'), join(AREA, 'deep', 'x', 'p'));
  stock.unlinkSync(link);
  stock.symlinkSync('../../../sub', link);
  refused(() => made.renameSync(join(AREA, 'deep', 'x', 'p'), join(AREA, 'p')));
  refused(() => made.renameSync(join(AREA, 'deep', 'x'), join(AREA, 'x')));
  made.renameSync(join(AREA, 'deep', 'x', 'p'), join(AREA, 'deep', 'x', 'q'));
  assert.ok(stock.lstatSync(join(AREA, 'deep', 'x', 'q', 'd')).isSymbolicLink());
});
if (process.platform === 'linux') {
  row('what is opened is looked at again', async () => {
    const made = scoped();
    const file = join(AREA, 'way', 'key.txt');
    stock.mkdirSync(join(AREA, 'way'));
    stock.writeFileSync(file, 'harmless');
    const before = stock.readFileSync(KEY, 'utf8');
    // The folder is exchanged between the decision and the kernel's turn: by the first real call that gets the path.
    const swap = () => {
      stock.renameSync(join(AREA, 'way'), join(AREA, 'way2'));
      stock.symlinkSync(SECRET, join(AREA, 'way'));
    };
    const back = () => {
      stock.unlinkSync(join(AREA, 'way'));
      stock.renameSync(join(AREA, 'way2'), join(AREA, 'way'));
    };
    const code = { code: 'ERR_LOADLOCK_CAPABILITY' };
    const called = (run) => new Promise((fulfil, fail) => run((error, value) => (error ? fail(error) : fulfil(value))));
    // The thread pool is busy: nothing is opened before the swap.
    const busy = () => Promise.all([1, 2, 3, 4].map(() => called((done) => require('crypto').pbkdf2('a', 'b', 100_000, 64, 'sha512', done))));
    for (const run of [
      () => called((done) => made.open(file, 'r', done)), () => called((done) => made.open(file, 'w', done)),
      () => called((done) => made.readFile(file, done)), () => called((done) => made.writeFile(file, 'evil', done)),
      () => called((done) => made.appendFile(file, 'evil', done)), () => made.promises.open(file), () => made.promises.open(file, 'w'),
      () => made.promises.readFile(file), () => made.promises.writeFile(file, 'evil'), () => made.promises.appendFile(file, 'evil'),
      () => called((done) => made.createReadStream(file).on('error', done).on('data', (data) => done(null, data))),
      () => called((done) => made.createWriteStream(file).on('error', done).on('open', () => done(null))),
    ]) {
      const waiting = busy();
      const result = run();
      swap();
      await assert.rejects(result, code, `${run}`);
      await waiting;
      back();
    }
    assert.strictEqual(stock.readFileSync(KEY, 'utf8'), before);
    assert.strictEqual(await made.promises.readFile(file, 'utf8'), 'harmless');
    await made.promises.writeFile(file, 'short');
    made.appendFileSync(file, '!');
    assert.strictEqual(made.readFileSync(file, 'utf8'), 'short!');
  });
}
row('a rename does not make anything readable', () => {
  const made = view({ 'fs.read': [`${READABLE}/**`], 'fs.write': [`${READABLE}/**`, `${SECRET}/**`] });
  refused(() => made.renameSync(KEY, join(READABLE, 'key.txt')));
  made.renameSync(KEY, join(SECRET, 'key2.txt'));
});
row('paths of /proc and /dev lead to real objects', () => {
  const made = scoped();
  const fd = stock.openSync(KEY, 'r');
  try {
    for (const path of [
      `/proc/self/fd/${fd}`, `/dev/fd/${fd}`, `/proc/self/root${KEY}`, `/proc/self/cwd/etc/hostname`, '/proc/self/mem', '/proc/self/environ', '/proc/self/maps',
      `/proc/${process.pid}/mem`, '/proc/thread-self/mem', '/dev/mem', '/dev/stdin', `/proc/self/task/${process.pid}/mem`,
    ]) {
      refused(() => made.readFileSync(path));
      refused(() => made.openSync(path, 'r+'));
      refused(() => made.createReadStream(path));
    }
    const own = stock.openSync(join(AREA, 'file.txt'), 'r');
    assert.strictEqual(made.readFileSync(`/proc/self/fd/${own}`, 'utf8'), 'inside');
    stock.closeSync(own);
  } finally {
    stock.closeSync(fd);
  }
});

// Existence

row('exists is false for what may not be asked', async () => {
  const made = scoped();
  assert.strictEqual(made.existsSync(KEY), false);
  assert.strictEqual(made.existsSync(join(AREA, 'out-file')), false);
  assert.strictEqual(made.existsSync(join(AREA, 'file.txt')), true);
  assert.strictEqual(await new Promise((fulfil) => made.exists(KEY, fulfil)), false);
  assert.strictEqual(await promisify(made.exists)(KEY), false);
  assert.strictEqual(await promisify(made.exists)(join(AREA, 'file.txt')), true);
  assert.strictEqual(made.authority.records.length, 4);
  assert.throws(() => made.exists(KEY), { code: 'ERR_INVALID_ARG_TYPE' });
});

// Descriptors

row('a descriptor of somebody else', async () => {
  const made = scoped();
  const fd = stock.openSync(KEY, 'r+');
  const buffer = Buffer.alloc(8);
  try {
    for (const run of [
      () => made.readSync(fd, buffer), () => made.read(fd, buffer, () => {}), () => made.readvSync(fd, [buffer]), () => made.readv(fd, [buffer], () => {}),
      () => made.writeSync(fd, 'x'), () => made.write(fd, 'x', () => {}), () => made.writevSync(fd, [buffer]), () => made.writev(fd, [buffer], () => {}),
      () => made.readFileSync(fd), () => made.readFile(fd, () => {}), () => made.writeFileSync(fd, 'x'), () => made.writeFile(fd, 'x', () => {}),
      () => made.appendFileSync(fd, 'x'), () => made.appendFile(fd, 'x', () => {}), () => made.fstatSync(fd), () => made.fstat(fd, () => {}),
      () => made.fsyncSync(fd), () => made.fsync(fd, () => {}), () => made.fdatasyncSync(fd), () => made.fdatasync(fd, () => {}),
      () => made.ftruncateSync(fd), () => made.ftruncate(fd, () => {}), () => made.fchmodSync(fd, 0o600), () => made.fchmod(fd, 0o600, () => {}),
      () => made.fchownSync(fd, uid, gid), () => made.fchown(fd, uid, gid, () => {}), () => made.futimesSync(fd, 1, 1), () => made.futimes(fd, 1, 1, () => {}),
      () => made.closeSync(fd), () => made.close(fd, () => {}), () => made.close(fd), () => made.createReadStream(null, { fd }), () => made.createWriteStream('x', { fd }),
      () => new made.ReadStream(null, { fd }), () => made.ReadStream(null, { fd }), () => made.truncateSync(fd), () => made.truncate(fd, () => {}),
    ]) {
      assert.throws(run, (error) => error.code === 'ERR_LOADLOCK_CAPABILITY' || (error.code === 'ERR_INVALID_ARG_TYPE' && /truncate/.test(String(run))), String(run));
    }
    for (const value of [String(fd), { valueOf: () => fd }, [fd], new Number(fd), -1, 1.5, NaN, 2 ** 32 + fd, null, undefined]) {
      assert.throws(() => made.readSync(value, buffer), /ERR_INVALID_ARG_TYPE|ERR_OUT_OF_RANGE|must be/, String(value));
      assert.throws(() => made.closeSync(value), /ERR_INVALID_ARG_TYPE|ERR_OUT_OF_RANGE|must be/, String(value));
    }
  } finally {
    stock.closeSync(fd);
  }
  assert.strictEqual(stock.readFileSync(KEY, 'utf8'), 'SECRET');
});
row('a descriptor of its own', async () => {
  const made = scoped();
  const fd = made.openSync(join(AREA, 'file.txt'), 'r+');
  const buffer = Buffer.alloc(6);
  assert.strictEqual(made.readSync(fd, buffer, 0, 6, 0), 6);
  assert.strictEqual(String(buffer), 'inside');
  assert.deepStrictEqual(await promisify(made.read)(fd, buffer, 0, 6, 0), { bytesRead: 6, buffer });
  assert.strictEqual((await promisify(made.write)(fd, 'xx', 0)).bytesWritten, 2);
  assert.strictEqual(made.readvSync(fd, [buffer], 0), 6);
  assert.strictEqual(made.fstatSync(fd).size, 6);
  made.fchmodSync(fd, 0o600);
  made.ftruncateSync(fd, 2);
  assert.strictEqual(made.readFileSync(fd, 'utf8'), 'xx');
  made.closeSync(fd);
  assert.throws(() => made.closeSync(fd), refusal);
  refused(() => made.readSync(fd, buffer));
  const other = await new Promise((fulfil, reject) => made.open(join(AREA, 'file.txt'), (error, value) => (error ? reject(error) : fulfil(value))));
  await promisify(made.close)(other);
});
row('a number that is used again is not the package’s', () => {
  const made = scoped();
  const fd = made.openSync(join(AREA, 'file.txt'));
  made.closeSync(fd);
  const again = stock.openSync(KEY);
  try {
    assert.strictEqual(again, fd);
    refused(() => made.readFileSync(again));
  } finally {
    stock.closeSync(again);
  }
});
row('another package’s descriptor', () => {
  const one = scoped(), other = scoped();
  const fd = one.openSync(join(AREA, 'file.txt'));
  refused(() => other.readFileSync(fd));
  one.closeSync(fd);
});
row('a close waits for what is under way', async () => {
  const made = scoped();
  const fd = made.openSync(join(AREA, 'file.txt'));
  const buffers = Array.from({ length: 12 }, () => Buffer.alloc(6));
  const done = Promise.all(buffers.map((buffer) => promisify(made.read)(fd, buffer, 0, 6, 0)));
  made.closeSync(fd);
  refused(() => made.readSync(fd, buffers[0]));
  const taken = stock.openSync(KEY);
  try {
    assert.notStrictEqual(taken, fd);
    await done;
    assert.ok(buffers.every((buffer) => String(buffer) === 'inside'));
  } finally {
    stock.closeSync(taken);
  }
  assert.throws(() => stock.fstatSync(fd), { code: 'EBADF' });
});
row('getters cannot exchange a descriptor after the check', () => {
  const made = scoped();
  const fd = made.openSync(join(AREA, 'file.txt'));
  const buffer = Buffer.alloc(6);
  let taken;
  const options = {
    get offset() {
      made.closeSync(fd);
      taken = stock.openSync(KEY);
      return 0;
    },
  };
  try {
    refused(() => made.readSync(fd, buffer, options));
  } finally {
    stock.closeSync(taken);
  }
  assert.ok(!String(buffer).includes('SECRET'));
});
row('metadata through a descriptor that was opened for reading', async () => {
  const made = scoped();
  const file = join(READABLE, 'r.txt');
  const fd = made.openSync(file);
  refused(() => made.fchmodSync(fd, 0o777));
  refused(() => made.fchown(fd, uid, gid, () => {}));
  refused(() => made.futimesSync(fd, 1, 1));
  made.fsyncSync(fd);
  made.closeSync(fd);
  const handle = await made.promises.open(file);
  await rejected(handle.chmod(0o777));
  await rejected(handle.chown(uid, gid));
  await rejected(handle.utimes(1, 1));
  const other = Object.create(Object.getPrototypeOf(handle));
  for (const key of Object.getOwnPropertySymbols(handle)) other[key] = handle[key];
  other[Object.getOwnPropertySymbols(Object.getPrototypeOf(handle)).find((key) => key.description === 'kFd')] = handle.fd;
  await assert.rejects(async () => Object.getPrototypeOf(handle).chmod.call(other, 0o777));
  await handle.close();
  assert.strictEqual(stock.statSync(file).mode & 0o777, 0o644);
  const own = await made.promises.open(join(AREA, 'file.txt'), 'r+');
  await own.chmod(0o600);
  await own.close();
});
row('the standard streams', async () => {
  const made = scoped();
  made.fstatSync(0);
  made.fstatSync(1);
  made.writeSync(2, '');
  refused(() => made.readSync(0, Buffer.alloc(1)));
  refused(() => made.readSync(1, Buffer.alloc(1)));
  refused(() => made.readFileSync(0));
  for (const fd of [0, 1, 2]) {
    refused(() => made.closeSync(fd));
    refused(() => made.ftruncateSync(fd));
    refused(() => made.fchmodSync(fd, 0o777));
  }
  assert.strictEqual(scoped({ process: ['stdin'] }).readSync(0, Buffer.alloc(1)), 0);
});

// FileHandles

row('a FileHandle works', async () => {
  const { promises } = scoped();
  const handle = await promises.open(join(AREA, 'file.txt'), 'r+');
  assert.strictEqual(await handle.readFile('utf8'), 'inside');
  assert.strictEqual(await promises.readFile(handle, 'utf8'), '');
  await handle.write('out', 0);
  assert.strictEqual((await handle.read(Buffer.alloc(3), 0, 3, 0)).bytesRead, 3);
  assert.strictEqual((await handle.stat()).size, 6);
  await handle.truncate(3);
  await promises.writeFile(handle, 'more');
  await handle.sync();
  assert.strictEqual(Object.keys(handle).includes('fd'), false);
  await handle.close();
  assert.strictEqual(handle.fd, -1);
  await assert.rejects(handle.read(Buffer.alloc(1)), { code: 'EBADF' });
  const again = await promises.open(join(AREA, 'file.txt'));
  const lines = [];
  for await (const line of again.readLines()) lines.push(line);
  assert.strictEqual(lines.length, 1);
  const third = await promises.open(join(AREA, 'file.txt'));
  let text = '';
  for await (const chunk of third.createReadStream()) text += chunk;
  assert.ok(text.startsWith('out'));
});
row('a FileHandle leads to no other file', async () => {
  const { promises, fstatSync } = scoped();
  const secret = stock.openSync(KEY, 'r+');
  const handle = await promises.open(join(AREA, 'file.txt'), 'r+');
  try {
    assert.throws(() => new handle.constructor(secret), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => Object.defineProperty(handle, 'fd', { value: secret }), TypeError);
    for (const key of [...Reflect.ownKeys(handle), ...Reflect.ownKeys(Object.getPrototypeOf(handle))]) {
      if (typeof key !== 'symbol' || !['kFd', 'kHandle'].includes(key.description)) continue;
      const before = handle[key];
      if (key.description === 'kHandle') {
        assert.throws(() => new before.constructor(secret), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
        for (let at = Object.getPrototypeOf(before); at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
          if (Object.hasOwn(at, 'constructor')) assert.throws(() => new at.constructor(secret), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
        }
        handle[key] = { fd: secret, getAsyncId: () => 0, close: async () => {} };
      } else {
        handle[key] = secret;
      }
      assert.notStrictEqual(handle.fd, secret);
      assert.notStrictEqual(await handle.readFile('utf8').catch(() => ''), 'SECRET');
      handle[key] = before;
    }
    const forged = Object.create(Object.getPrototypeOf(handle));
    for (const key of Object.getOwnPropertySymbols(handle)) {
      try {
        forged[key] = key.description === 'kRefs' ? 1 : handle[key];
      } catch {
        // Some are not to be set.
      }
    }
    Object.defineProperty(Object.create(forged), 'fd', { value: secret });
    const child = Object.create(forged, { fd: { value: secret } });
    for (const value of [forged, child, { fd: secret, __proto__: Object.getPrototypeOf(handle) }]) {
      const text = await promises.readFile(value, 'utf8').catch(() => '');
      assert.notStrictEqual(text, 'SECRET');
    }
    refused(() => fstatSync(secret));
  } finally {
    stock.closeSync(secret);
    await handle.close().catch(() => {});
  }
  assert.strictEqual(stock.readFileSync(KEY, 'utf8'), 'SECRET');
});
row('a FileHandle of a package with the whole grant leads to no other file', async () => {
  const handle = await fs.promises.open(join(AREA, 'file.txt'));
  assert.throws(() => new handle.constructor(0), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  assert.throws(() => Object.defineProperty(handle, 'fd', { value: 0 }), TypeError);
  await handle.close();
});
row('the number of a FileHandle belongs to the package while the handle is open', async () => {
  const made = scoped();
  const handle = await made.promises.open(join(AREA, 'file.txt'));
  const { fd } = handle;
  made.fstatSync(fd);
  handle.removeAllListeners('close');
  await handle.close();
  const taken = stock.openSync(KEY);
  try {
    if (taken === fd) refused(() => made.readFileSync(fd));
  } finally {
    stock.closeSync(taken);
  }
  const other = await made.promises.open(join(AREA, 'file.txt'));
  const number = other.fd;
  await promisify(made.close)(number);
  assert.strictEqual(other.fd, -1);
  assert.throws(() => stock.fstatSync(number), { code: 'EBADF' });
});
row('a FileHandle under a restriction is not transferred', async () => {
  const made = scoped();
  const handle = await made.promises.open(join(READABLE, 'r.txt'));
  const { port1, port2 } = new (require('node:worker_threads').MessageChannel)();
  assert.throws(() => port1.postMessage(handle, [handle]));
  port1.close();
  port2.close();
  await handle.close();
});

// Streams

const text = async (stream) => {
  let all = '';
  for await (const chunk of stream) all += chunk;
  return all;
};

row('streams work', async () => {
  const made = scoped();
  const file = join(AREA, 'stream.txt');
  const out = made.createWriteStream(file, { flags: 'w' });
  assert.ok(out instanceof made.WriteStream && out instanceof stock.WriteStream && out instanceof fs.WriteStream);
  assert.strictEqual(out.path, file);
  out.write('one');
  out.cork();
  out.write('two');
  out.write('three');
  out.uncork();
  out.end();
  await once(out, 'close');
  assert.strictEqual(await text(made.createReadStream(file, { encoding: 'utf8', start: 3, end: 5 })), 'two');
  assert.strictEqual(await text(made.createReadStream(file, 'utf8')), 'onetwothree');
  assert.strictEqual(await text(new made.ReadStream(file)), 'onetwothree');
  assert.strictEqual(await text(made.ReadStream(pathToFileURL(file))), 'onetwothree');
  assert.strictEqual(await text(new made.FileReadStream(file, { highWaterMark: 2 })), 'onetwothree');
  const append = new made.WriteStream(file, { flags: 'a', flush: true });
  append.end('!');
  await once(append, 'close');
  const fd = made.openSync(file);
  assert.strictEqual(await text(made.createReadStream(null, { fd })), 'onetwothree!');
  refused(() => made.fstatSync(fd));
  const handle = await made.promises.open(file);
  assert.strictEqual(await text(made.createReadStream(null, { fd: handle })), 'onetwothree!');
  const missing = made.createReadStream(join(AREA, 'nothing'));
  const [error] = await once(missing, 'error');
  assert.strictEqual(error.code, 'ENOENT');
  class Own extends made.ReadStream {}
  const own = new Own(file);
  assert.ok(own instanceof Own);
  assert.strictEqual(await text(own), 'onetwothree!');
});
row('a stream in the style of graceful-fs', async () => {
  for (const made of [scoped(), view({ 'fs.read': true, 'fs.write': true })]) {
    const Base = made.ReadStream;
    function Stream(...args) {
      if (!(this instanceof Stream)) return new Stream(...args);
      Base.apply(this, args);
      return this;
    }
    Stream.prototype = Object.create(Base.prototype);
    Stream.prototype.constructor = Stream;
    Stream.prototype.open = function () {
      made.open(this.path, this.flags, this.mode, (error, fd) => {
        if (error) {
          this.destroy();
          this.emit('error', error);
        } else {
          this.fd = fd;
          this.emit('open', fd);
          this.read();
        }
      });
    };
    assert.strictEqual(await text(new Stream(join(AREA, 'file.txt'))), 'inside');
  }
});
row('a stream leads to no other file', async () => {
  for (const made of [scoped(), fs]) {
    const stream = made.createReadStream(join(AREA, 'file.txt'));
    assert.throws(() => new stream.constructor(KEY), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => stream.constructor.call(stream, KEY), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    const key = Object.getOwnPropertySymbols(stream).find((symbol) => symbol.description === 'kFs');
    const operations = stream[key];
    assert.notStrictEqual(operations, fs);
    assert.strictEqual(operations.readFileSync, undefined);
    const secret = stock.openSync(KEY, 'r+');
    try {
      // Before it is opened: path, flags and the deprecated open().
      stream.path = KEY;
      stream.flags = 'r+';
      await once(stream, 'open');
      const buffer = Buffer.alloc(6);
      const outcome = await new Promise((fulfil) => operations.read(secret, buffer, 0, 6, 0, (error) => fulfil(error?.code)));
      assert.strictEqual(outcome, 'EBADF');
      assert.strictEqual(await new Promise((fulfil) => operations.open(KEY, 'r', 0, (error) => fulfil(error?.code))), 'EBADF');
      assert.strictEqual(await new Promise((fulfil) => operations.close(secret, (error) => fulfil(error?.code))), 'EBADF');
      stream.fd = secret;
      stream.on('error', () => {});
      assert.ok(!(await text(stream).catch(() => '')).includes('SECRET'));
    } finally {
      stock.closeSync(secret);
    }
  }
});
row('a stream opens what was checked, once', async () => {
  const made = scoped();
  const stream = made.createReadStream(join(AREA, 'file.txt'));
  stream.path = KEY;
  assert.strictEqual(await text(stream), 'inside');
  const writer = made.createWriteStream(join(AREA, 'w.txt'));
  writer.path = KEY;
  writer.flags = 'w';
  writer.end('x');
  await once(writer, 'close');
  assert.strictEqual(stock.readFileSync(KEY, 'utf8'), 'SECRET');
  assert.strictEqual(stock.readFileSync(join(AREA, 'w.txt'), 'utf8'), 'x');
});
row('streams of files that are not granted', () => {
  const made = scoped();
  for (const make of [
    (path, options) => made.createReadStream(path, options), (path, options) => made.createWriteStream(path, options), (path, options) => new made.ReadStream(path, options),
    (path, options) => made.WriteStream(path, options), (path, options) => new made.FileReadStream(path, options), (path, options) => new made.FileWriteStream(path, options),
  ]) {
    refused(() => make(KEY));
    refused(() => make(join(AREA, 'out-file'), {}));
    refused(() => make(pathToFileURL(KEY), 'utf8'));
    refused(() => make(KEY, { fd: null }));
    refused(() => make(KEY, { fs: null }));
  }
});
row('own operations of a stream are the package’s own', async () => {
  const made = scoped();
  const calls = [];
  const operations = {
    open: (path, flags, mode, callback) => calls.push(path) && callback(null, 99),
    read(fd, buffer, offset, length, position, callback) {
      assert.strictEqual(this, operations);
      callback(null, 0, buffer);
    },
    close: (fd, callback) => callback(),
  };
  assert.strictEqual(await text(made.createReadStream(KEY, { fs: operations })), '');
  assert.deepStrictEqual(calls, [KEY]);
  assert.throws(() => made.createReadStream(KEY, { fs: {} }), { code: 'ERR_INVALID_ARG_TYPE' });
});
row('a FileHandle for a stream must be one', () => {
  const made = scoped();
  for (const fd of [{ fd: 3 }, '3', 3n]) assert.throws(() => made.createReadStream(null, { fd }), { code: 'ERR_INVALID_ARG_TYPE' });
});
row('Utf8Stream', async () => {
  const made = scoped();
  if (made.Utf8Stream === undefined) return;
  const stream = new made.Utf8Stream({ dest: join(AREA, 'log', 'l.txt'), mkdir: true, sync: true });
  stream.write('line\n');
  stream.flushSync();
  stream.end();
  await once(stream, 'close');
  assert.strictEqual(stock.readFileSync(join(AREA, 'log', 'l.txt'), 'utf8'), 'line\n');
  refused(() => new made.Utf8Stream({ dest: join(SECRET, 'l.txt'), sync: true }));
  refused(() => new made.Utf8Stream({ dest: join(SECRET, 'd', 'l.txt'), sync: true, mkdir: true }));
  assert.throws(() => new stream.constructor({ dest: KEY }), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  let receiver;
  const own = new made.Utf8Stream({ dest: join(AREA, 'u.txt'), sync: true, fs: { openSync(...args) { receiver = this; return made.openSync(...args); } } });
  own.end();
  await once(own, 'close');
  assert.notStrictEqual(receiver?.readFileSync, stock.readFileSync);
});

// Classes and receivers

row('Dir with a handle of the package’s own', async () => {
  const made = scoped();
  const handle = { read: () => ['secret', 2], close() {} };
  refused(() => new made.Dir(handle, TOP, { recursive: true }));
  const dir = made.opendirSync(AREA);
  assert.throws(() => new dir.constructor(handle, TOP, { recursive: true }), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  assert.ok(dir instanceof made.Dir);
  const names = [];
  for await (const entry of dir) names.push(entry.name);
  assert.ok(names.includes('file.txt'));
});
row('the receiver of a readFile callback', async () => {
  for (const made of [fs, scoped()]) {
    for (const path of [join(AREA, 'file.txt'), join(AREA, 'nothing')]) {
      const receiver = await new Promise((fulfil) => {
        made.readFile(path, function () {
          'use strict';
          fulfil(this);
        });
      });
      assert.strictEqual(receiver, undefined);
    }
  }
});

// Trees

row('readdir', async () => {
  const made = scoped();
  const plain = ['dangling', 'file.txt', 'in', 'out', 'out-file', 'sub'], all = [...plain, 'sub/deep.txt'].toSorted();
  assert.deepStrictEqual(made.readdirSync(AREA).toSorted(), plain);
  assert.deepStrictEqual(made.readdirSync(AREA, { recursive: true }).toSorted(), all);
  assert.deepStrictEqual((await made.promises.readdir(AREA, { recursive: true })).toSorted(), all);
  assert.deepStrictEqual((await made.promises.readdir(AREA, { recursive: 1 })).toSorted(), all);
  assert.deepStrictEqual((await promisify(made.readdir)(AREA, { recursive: true })).toSorted(), all);
  assert.deepStrictEqual(made.readdirSync(AREA, { recursive: true, encoding: 'buffer' }).map(String).toSorted(), all);
  assert.ok(made.readdirSync(AREA, 'buffer').every(Buffer.isBuffer));
  const entries = made.readdirSync(AREA, { recursive: true, withFileTypes: true });
  assert.ok(entries.some((entry) => entry.name === 'deep.txt' && entry.parentPath === join(AREA, 'sub') && entry instanceof made.Dirent));
  const names = [];
  for await (const entry of await made.promises.opendir(AREA, { recursive: true })) names.push(entry.name);
  assert.ok(!names.includes('key.txt') && names.includes('deep.txt'));
  process.chdir(TOP);
  try {
    assert.ok(made.readdirSync('area', { withFileTypes: true }).every((entry) => entry.parentPath === 'area'));
    assert.ok(made.readdirSync('area', { withFileTypes: true, recursive: true }).every((entry) => entry.parentPath === 'area' || entry.parentPath === 'area/sub'));
  } finally {
    process.chdir('/');
  }
});
row('a grant for one folder is not one for those below it', async () => {
  const made = view({ 'fs.read': [AREA, `${AREA}/*`], 'fs.write': [`${AREA}/*`] });
  stock.mkdirSync(join(AREA, 'sub', 'lower'));
  stock.writeFileSync(join(AREA, 'sub', 'lower', 'x'), '');
  refused(() => made.readdirSync(AREA, { recursive: true }));
  refused(() => made.opendirSync(AREA, { recursive: true }));
  refused(() => made.rmSync(join(AREA, 'sub'), { recursive: true }));
  refused(() => made.watch(AREA, { recursive: true }));
  assert.ok(stock.existsSync(join(AREA, 'sub', 'lower', 'x')));
});
row('mkdir and rm', async () => {
  const made = scoped();
  assert.strictEqual(made.mkdirSync(join(AREA, 'x', 'y', 'z'), { recursive: true }), join(AREA, 'x'));
  refused(() => made.mkdirSync(join(AREA, 'out', 'x', 'y'), { recursive: true }));
  const narrow = view({ 'fs.write': [join(AREA, 'p', 'q', 'r')] });
  refused(() => narrow.mkdirSync(join(AREA, 'p', 'q', 'r'), { recursive: true }));
  assert.strictEqual(stock.existsSync(join(AREA, 'p')), false);
  made.rmSync(join(AREA, 'x'), { recursive: true });
  // The link goes, what it leads to stays.
  made.rmSync(join(AREA, 'out'), { recursive: true });
  assert.ok(stock.existsSync(KEY));
  await made.promises.rm(AREA, { recursive: true, force: true });
  assert.ok(stock.existsSync(KEY));
  assert.throws(() => made.rmSync(join(AREA, 'none')), { code: 'ENOENT' });
  made.rmSync(join(AREA, 'none'), { force: true });
});
row('mkdtemp', async () => {
  const made = scoped();
  const path = made.mkdtempSync(join(AREA, 'tmp-'));
  assert.ok(path.startsWith(join(AREA, 'tmp-')) && stock.statSync(path).isDirectory());
  assert.ok((await made.promises.mkdtemp(`${AREA}/`)).length === AREA.length + 7);
  assert.ok((await promisify(made.mkdtemp)(Buffer.from(join(AREA, 'b-')))).startsWith(join(AREA, 'b-')));
  if (made.mkdtempDisposableSync !== undefined) {
    const held = made.mkdtempDisposableSync(join(AREA, 'd-'));
    assert.ok(stock.existsSync(held.path));
    held.remove();
    assert.ok(!stock.existsSync(held.path));
  }
  refused(() => made.mkdtempSync(join(AREA, '..', 'x')));
  refused(() => made.mkdtempSync(join(AREA, 'out', 'x')));
});
row('cp copies like Node', async () => {
  const made = scoped();
  const tree = join(AREA, 'from');
  stock.mkdirSync(join(tree, 'a', 'b'), { recursive: true });
  stock.writeFileSync(join(tree, 'a', 'b', 'f'), 'f', { mode: 0o600 });
  stock.writeFileSync(join(tree, 'g'), 'g');
  stock.symlinkSync('g', join(tree, 'l'));
  const list = (path) => stock.readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => [relative(path, join(entry.parentPath, entry.name)), entry.isSymbolicLink() ? basename(stock.readlinkSync(join(entry.parentPath, entry.name))) : stock.lstatSync(join(entry.parentPath, entry.name)).mode]).toSorted();
  for (const options of [{ recursive: true }, { recursive: true, dereference: true }, { recursive: true, verbatimSymlinks: true }, { recursive: true, preserveTimestamps: true }, { recursive: true, filter: (path) => !path.endsWith('g') }]) {
    const name = JSON.stringify(options);
    // Some versions of Node's cpSync forget `dereference` below the top.
    await stock.promises.cp(tree, join(AREA, 'stock'), options);
    made.cpSync(tree, join(AREA, 'sync'), options);
    await promisify(made.cp)(tree, join(AREA, 'callback'), options);
    await made.promises.cp(tree, join(AREA, 'promise'), options);
    const expected = list(join(AREA, 'stock'));
    for (const copy of ['sync', 'callback', 'promise']) assert.deepStrictEqual(list(join(AREA, copy)), expected, `${name} ${copy}`);
    // A second time, over what is there.
    made.cpSync(tree, join(AREA, 'sync'), options);
    assert.deepStrictEqual(list(join(AREA, 'sync')), expected, name);
    for (const copy of ['stock', 'sync', 'callback', 'promise']) stock.rmSync(join(AREA, copy), { recursive: true });
  }
  made.cpSync(join(tree, 'g'), join(AREA, 'new', 'deeper', 'g'));
  assert.throws(() => made.cpSync(tree, join(AREA, 'x')), { code: 'ERR_FS_EISDIR' });
  assert.throws(() => made.cpSync(join(tree, 'g'), join(tree, 'g')), { code: 'ERR_FS_CP_EINVAL' });
  assert.throws(() => made.cpSync(tree, join(tree, 'a', 'c'), { recursive: true }), { code: 'ERR_FS_CP_EINVAL' });
  assert.throws(() => made.cpSync(join(tree, 'g'), join(AREA, 'file.txt'), { force: false, errorOnExist: true }), { code: 'ERR_FS_CP_EEXIST' });
  await assert.rejects(made.promises.cp(tree, join(AREA, 'file.txt'), { recursive: true }), { code: 'ERR_FS_CP_DIR_TO_NON_DIR' });
  await assert.rejects(made.promises.cp(join(tree, 'g'), join(AREA, 'sub')), { code: 'ERR_FS_CP_NON_DIR_TO_DIR' });
  assert.throws(() => made.cpSync(join(tree, 'g'), join(AREA, 'f2'), { filter: async () => true }), { code: 'ERR_INVALID_RETURN_VALUE' });
  await made.promises.cp(join(tree, 'g'), join(AREA, 'f3'), { filter: async () => true });
  assert.ok(stock.existsSync(join(AREA, 'f3')));
  const seen = [];
  process.chdir(AREA);
  try {
    made.cpSync('from', 'to', { recursive: true, filter: (from, to) => seen.push([from, to]) });
  } finally {
    process.chdir('/');
  }
  assert.deepStrictEqual(seen[0], ['from', 'to']);
  assert.ok(seen.some(([from, to]) => from === 'from/a/b/f' && to === 'to/a/b/f'));
});
row('cp does not copy out of, into, or make links to what is not granted', async () => {
  const made = scoped();
  stock.mkdirSync(join(AREA, 'tree'));
  stock.symlinkSync('../../secret', join(AREA, 'tree', 'link'));
  const before = snapshot();
  for (const options of [{ recursive: true }, { recursive: true, dereference: true }, { recursive: true, filter: () => true }, { recursive: true, verbatimSymlinks: true }]) {
    refused(() => made.cpSync(join(AREA, 'tree'), join(AREA, 'copy'), options));
    await rejected(made.promises.cp(join(AREA, 'tree'), join(AREA, 'copy2'), options));
    await rejected(promisify(made.cp)(join(AREA, 'tree'), join(AREA, 'copy3'), options));
    for (const copy of ['copy', 'copy2', 'copy3']) {
      assert.ok(!stock.existsSync(join(AREA, copy, 'link')), copy);
      stock.rmSync(join(AREA, copy), { recursive: true, force: true });
    }
  }
  refused(() => made.cpSync(SECRET, join(AREA, 's'), { recursive: true }));
  refused(() => made.cpSync(AREA, join(SECRET, 's'), { recursive: true }));
  stock.mkdirSync(join(AREA, 'source', 'out'), { recursive: true });
  stock.writeFileSync(join(AREA, 'source', 'out', 'key.txt'), 'EVIL');
  stock.mkdirSync(join(AREA, 'target'));
  stock.symlinkSync('../../secret', join(AREA, 'target', 'out'));
  assert.throws(() => made.cpSync(join(AREA, 'source'), join(AREA, 'target'), { recursive: true }));
  await assert.rejects(made.promises.cp(join(AREA, 'source'), join(AREA, 'target'), { recursive: true, dereference: true }));
  assert.deepStrictEqual(snapshot(), before);
});
row('a filter that exchanges what is copied', async () => {
  const made = scoped();
  stock.mkdirSync(join(AREA, 'tree', 'd'), { recursive: true });
  stock.writeFileSync(join(AREA, 'tree', 'd', 'key.txt'), 'mine');
  const filter = (from) => {
    if (from.endsWith('/d')) {
      stock.rmSync(join(AREA, 'tree', 'd'), { recursive: true });
      stock.symlinkSync('../../secret', join(AREA, 'tree', 'd'));
    }
    return true;
  };
  refused(() => made.cpSync(join(AREA, 'tree'), join(AREA, 'copy'), { recursive: true, filter }));
});
row('glob', async () => {
  const made = scoped();
  if (made.globSync === undefined) return;
  const all = async (pattern, options) => {
    const sync = made.globSync(pattern, options).map((one) => one.name ?? one).toSorted();
    const callback = (await promisify(made.glob)(pattern, options ?? {})).map((one) => one.name ?? one).toSorted();
    const promise = [];
    for await (const one of made.promises.glob(pattern, options)) promise.push(one.name ?? one);
    assert.deepStrictEqual(callback, sync);
    assert.deepStrictEqual(promise.toSorted(), sync);
    return sync;
  };
  assert.deepStrictEqual(await all('**/*.txt', { cwd: AREA }), ['file.txt', 'sub/deep.txt']);
  assert.deepStrictEqual(await all(['*.txt', 'sub/*'], { cwd: AREA }), ['file.txt', 'sub/deep.txt']);
  assert.deepStrictEqual(await all(`${AREA}/*.txt`), [`${AREA}/file.txt`]);
  assert.deepStrictEqual(await all('out/*', { cwd: AREA }), []);
  assert.deepStrictEqual(await all('{sub,out}/**', { cwd: AREA }).then((found) => found.filter((name) => /key|more/.test(name))), []);
  assert.deepStrictEqual(await all('*.txt', { cwd: AREA, withFileTypes: true }), ['file.txt']);
  assert.deepStrictEqual(await all('**/*.txt', { cwd: AREA, exclude: (name) => (name.name ?? name) === 'sub' }), ['file.txt']);
  assert.ok(made.authority.records.length > 0);
  for (const pattern of ['../secret/*', `${SECRET}/*`, '../*/*', ['*.txt', '../secret/**'], 'sub/../../secret/*']) {
    refused(() => made.globSync(pattern, { cwd: AREA }));
    refused(() => made.glob(pattern, { cwd: AREA }, () => {}));
    assert.throws(() => made.promises.glob(pattern, { cwd: AREA }), refusal);
  }
  refused(() => made.globSync('*', { cwd: SECRET }));
  refused(() => made.globSync('*', { cwd: pathToFileURL(SECRET) }));
  const seen = [];
  made.globSync('{out,sub}/*', { cwd: AREA, exclude: (name) => void seen.push(name) });
  assert.ok(!seen.some((name) => /key|more/.test(name)), seen.join());
  if (process.versions.node.startsWith('26')) {
    assert.ok(!made.globSync('**', { cwd: AREA, followSymlinks: true }).some((name) => /key|more/.test(name)));
  }
});

// Watchers

row('watch', async () => {
  const made = scoped();
  const watcher = made.watch(AREA, { persistent: true });
  const changed = once(watcher, 'change');
  stock.writeFileSync(join(AREA, 'touched'), '');
  const [, name] = await changed;
  assert.strictEqual(name, 'touched');
  assert.strictEqual(watcher._handle, undefined);
  assert.deepStrictEqual(Object.getOwnPropertySymbols(Object.getPrototypeOf(watcher)).filter((key) => /Start/.test(key.description)), []);
  const closed = once(watcher, 'close');
  watcher.unref().ref().close();
  await closed;
  refused(() => made.watch(SECRET));
  refused(() => made.watch(join(AREA, 'out'), () => {}));
  assert.throws(() => made.promises.watch(SECRET), refusal);
  const controller = new AbortController();
  const changes = made.promises.watch(AREA, { signal: controller.signal });
  const next = changes.next();
  stock.writeFileSync(join(AREA, 'touched2'), '');
  assert.strictEqual((await next).value.filename, 'touched2');
  controller.abort();
  await assert.rejects(changes.next(), { name: 'AbortError' });
  await new Promise((fulfil) => {
    const other = made.watch(AREA, { recursive: true }, () => {
      clearInterval(timer);
      other.close();
      fulfil();
    });
    const timer = setInterval(() => stock.writeFileSync(join(AREA, 'sub', 'touched3'), `${Date.now()}`), 20);
  });
});
row('Node’s own watchers lead to no other file', async () => {
  const watcher = fs.watch(AREA);
  assert.throws(() => new watcher.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  assert.throws(() => new watcher._handle.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  watcher.close();
  const recursive = fs.watch(AREA, { recursive: true });
  assert.throws(() => new recursive.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  const start = Object.getOwnPropertySymbols(Object.getPrototypeOf(recursive)).find((key) => key.description === 'kFSWatchStart');
  const names = [];
  recursive.on('change', (_, name) => names.push(name));
  if (start !== undefined) recursive[start](SECRET);
  stock.writeFileSync(join(SECRET, 'seen'), '');
  await new Promise((fulfil) => setTimeout(fulfil, 100));
  recursive.close();
  assert.deepStrictEqual(names.filter((name) => /seen/.test(name)), []);
  const stat = fs.watchFile(KEY, () => {});
  assert.throws(() => new stat.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  assert.throws(() => new stat._handle.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  fs.unwatchFile(KEY);
});
row('watchFile', async () => {
  const made = scoped(), other = scoped();
  const file = join(AREA, 'file.txt');
  const first = () => {}, second = () => {};
  const watcher = made.watchFile(file, { interval: 20 }, first);
  const theirs = other.watchFile(file, { interval: 20 }, second);
  assert.notStrictEqual(watcher, theirs);
  assert.deepStrictEqual(watcher.listeners('change'), [first]);
  assert.strictEqual(watcher._handle, undefined);
  made.unwatchFile(file);
  let text = 'other text';
  const timer = setInterval(() => stock.writeFileSync(file, text += 'x'), 50);
  const [current] = await once(theirs, 'change');
  clearInterval(timer);
  assert.ok(current.size > 10);
  other.unwatchFile(file, second);
  refused(() => made.watchFile(KEY, () => {}));
  refused(() => made.watchFile(join(AREA, 'out-file'), () => {}));
  refused(() => made.unwatchFile(KEY));
  assert.throws(() => made.watchFile(file), { code: 'ERR_INVALID_ARG_TYPE' });
});

// Errors

row('errors have Node’s shape and the name that was given', async () => {
  const made = scoped();
  process.chdir(AREA);
  try {
    const shape = ({ code, errno, syscall, path, dest, message }) => ({ code, errno, syscall, path, dest, message });
    const compare = async (run) => {
      const [mine, theirs] = await Promise.all([made, stock].map((made) => Promise.resolve().then(() => run(made)).then(() => assert.fail('no error'), shape)));
      assert.deepStrictEqual(mine, theirs);
    };
    for (const path of ['nothing', './nothing', 'in/nothing', join(AREA, 'nothing'), join(AREA, 'in', 'nothing')]) {
      await compare((fs) => fs.readFileSync(path, 'utf8'));
      await compare((fs) => fs.readFileSync(path));
      await compare((fs) => promisify(fs.readFile)(path));
      await compare((fs) => fs.promises.readFile(path));
      await compare((fs) => fs.statSync(path));
      await compare((fs) => promisify(fs.stat)(path));
      await compare((fs) => fs.promises.stat(path));
      await compare((fs) => fs.openSync(path));
      await compare((fs) => promisify(fs.open)(path, 'r'));
      await compare((fs) => fs.promises.open(path));
      await compare((fs) => fs.readdirSync(path));
      await compare((fs) => fs.promises.readdir(path));
      await compare((fs) => fs.unlinkSync(path));
      await compare((fs) => fs.copyFileSync(path, 'other'));
      await compare((fs) => fs.renameSync(path, 'other'));
      await compare((fs) => fs.rmdirSync(path));
      await compare((fs) => fs.accessSync(path));
    }
    await compare((fs) => fs.mkdirSync('sub'));
    await compare((fs) => fs.statSync('file.txt/'));
    await compare((fs) => fs.readdirSync('file.txt'));
    await compare((fs) => fs.readFileSync('sub'));
    assert.strictEqual(made.statSync('nothing', { throwIfNoEntry: false }), undefined);
    assert.strictEqual(made.lstatSync('nothing', { throwIfNoEntry: false }), undefined);
    assert.strictEqual(typeof made.statSync('file.txt', { bigint: true }).size, 'bigint');
  } finally {
    process.chdir('/');
  }
});
row('signals, encodings and callbacks pass through', async () => {
  const made = scoped();
  const file = join(AREA, 'file.txt');
  assert.strictEqual(made.readFileSync(file, 'base64'), Buffer.from('inside').toString('base64'));
  assert.strictEqual(await made.promises.readFile(file, 'hex'), Buffer.from('inside').toString('hex'));
  await assert.rejects(made.promises.readFile(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(promisify(made.readFile)(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await made.promises.writeFile(file, (async function* () {
    yield 'a';
    yield 'b';
  })());
  assert.strictEqual(made.readFileSync(file, 'utf8'), 'ab');
  made.writeFileSync(join(AREA, 'mode'), '', { mode: 0o600 });
  assert.strictEqual(stock.statSync(join(AREA, 'mode')).mode & 0o777, 0o600);
  assert.throws(() => made.readFile(file), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => made.stat(file), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(await (await made.openAsBlob(file)).text(), 'ab');
});

// Cost

row('cost', () => {
  if (process.env.LOADLOCK_TEST_COST === undefined) return 'not measured';
  const made = scoped();
  const free = view({ 'fs.read': true });
  const file = join(AREA, 'file.txt');
  const measure = (run) => {
    for (let at = 0; at < 5000; at++) run();
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = process.hrtime.bigint();
      for (let at = 0; at < 5000; at++) run();
      best = Math.min(best, Number(process.hrtime.bigint() - start) / 5000);
    }
    return best;
  };
  const quick = facade.create.fs({ authority: { __proto__: null, location: 'quick', whole: () => false, permits: () => true, demand() {}, demandPath: (_, path) => path } });
  const creation = measure(() => facade.create.fs({ authority: createAuthority({ 'fs.read': [] }) }));
  return Object.entries({
    'readFileSync native': measure(() => stock.readFileSync(file, 'utf8')), 'with the check free': measure(() => quick.readFileSync(file, 'utf8')),
    'fs.read whole': measure(() => free.readFileSync(file, 'utf8')), 'with a JS realpath': measure(() => made.readFileSync(file, 'utf8')), creation,
  }).map(([name, ns]) => `${name} ${Math.round(ns)} ns`).join(', ');
});

(async () => {
  const only = process.env.LOADLOCK_TEST_ROWS;
  for (const { name, run } of rows) {
    if (only !== undefined && !name.includes(only)) continue;
    reset();
    let error, note;
    try {
      note = await run();
    } catch (caught) {
      error = caught?.stack ?? String(caught);
    }
    process.stdout.write(`${JSON.stringify({ name, error, note })}\n`);
  }
  stock.rmSync(TOP, { recursive: true, force: true });
  process.exit();
})();
