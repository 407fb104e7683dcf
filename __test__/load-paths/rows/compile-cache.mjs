import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '../../helpers/run-node.mjs';

export const topic = 'compile cache';

// Node checks a cache entry with a CRC32 of the source, V8 with its length. So an entry that was made from another text
// of the same length is accepted once its checksum is corrected: the file says GOOD, the bytecode says EVIL.
const since = '22.1';
const text = { cjs: (says) => `module.exports = '${says}';\n`, esm: (says) => `export default '${says}';\n` };
const fileOf = (kind) => (kind === 'esm' ? 'victim.mjs' : 'victim.cjs');
const USE = {
  cjs: `console.log(require('./victim.cjs'));\n`,
  esm: `import('./victim.mjs').then(({ default: value }) => console.log(value));\n`,
};

/** @type {import('../matrix.mjs').Row[]} */
export const rows = ['cjs', 'esm'].flatMap((kind) => [
  {
    name: `NODE_COMPILE_CACHE, poisoned, ${kind} victim`,
    since,
    files: { 'main.js': USE[kind], [fileOf(kind)]: text[kind]('GOOD') },
    attack: 'UNSUPPORTED',
    prepare: async (context) => ({ env: { NODE_COMPILE_CACHE: await poisoned(context, kind) } }),
  },
  {
    name: `module.enableCompileCache with a poisoned directory, ${kind} victim`,
    since,
    files: {
      'main.js': `const { enableCompileCache } = require('node:module');\nenableCompileCache(process.argv[2]);\n${USE[kind]}`,
      [fileOf(kind)]: text[kind]('GOOD'),
    },
    attack: ['UNSUPPORTED', 'LOADER_CLOSED', 'ignored'],
    // It becomes an argument of the application.
    prepare: async (context) => ({ args: ['main.js', await poisoned(context, kind)] }),
    args: [],
  },
  {
    name: `module.enableCompileCache without a directory, NODE_COMPILE_CACHE set by the application, ${kind} victim`,
    // 22 looks at the variable only when it starts.
    since: '24.0',
    files: {
      'main.js': `process.env.NODE_COMPILE_CACHE = process.argv[2];\nrequire('node:module').enableCompileCache();\n${USE[kind]}`,
      [fileOf(kind)]: text[kind]('GOOD'),
    },
    attack: ['UNSUPPORTED', 'LOADER_CLOSED', 'ignored'],
    prepare: async (context) => ({ args: ['main.js', await poisoned(context, kind)] }),
    args: [],
  },
  {
    name: `worker with NODE_COMPILE_CACHE, ${kind} victim`,
    since,
    files: {
      'main.js': `new (require('node:worker_threads').Worker)('./worker.cjs', { env: { NODE_COMPILE_CACHE: process.argv[2] }, execArgv: [] });\n`,
      'worker.cjs': `require('node:module').enableCompileCache?.(process.env.NODE_COMPILE_CACHE);\n${USE[kind]}`,
      [fileOf(kind)]: text[kind]('GOOD'),
    },
    attack: ['UNSUPPORTED', 'LOADER_CLOSED', 'ignored'],
    survives: true,
    prepare: async (context) => ({ args: ['main.js', await poisoned(context, kind)] }),
    args: [],
  },
  {
    name: `child with NODE_COMPILE_CACHE, ${kind} victim`,
    since,
    files: {
      'main.js': `require('node:child_process').spawn(process.execPath, ['child.cjs'], { stdio: 'inherit', env: { NODE_COMPILE_CACHE: process.argv[2] } }).on('exit', (code) => { process.exitCode = code; });\n`,
      'child.cjs': USE[kind],
      [fileOf(kind)]: text[kind]('GOOD'),
    },
    attack: ['UNSUPPORTED', 'ignored'],
    prepare: async (context) => ({ args: ['main.js', await poisoned(context, kind)] }),
    args: [],
  },
]);

/**
 * Makes a compile cache whose entry for the victim holds the bytecode of another text.
 * @returns {Promise<string>} its directory
 */
async function poisoned({ dir, node }, kind) {
  const cache = join(dir, '..', `cache-${node.version}`);
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const victim = join(dir, fileOf(kind));
  const good = text[kind]('GOOD');
  const evil = text[kind]('EVIL');
  writeFileSync(victim, evil);
  try {
    const warm = join(dir, '..', 'warm.cjs');
    // The second argument of the CRC is only right for this very text, so nothing else may be in this cache.
    writeFileSync(warm, USE[kind].replace('./', `${dir}/`));
    const run = await runNode(node.path, [warm], { cwd: dir, env: { NODE_COMPILE_CACHE: cache } });
    if (!run.stdout.includes('EVIL')) throw new Error(`could not warm the cache: ${run.stderr}`);
  } finally {
    writeFileSync(victim, good);
  }
  let patched = 0;
  for (const entry of readdirSync(cache, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    if (bytes.readUInt32LE(HEADER.sourceCrc) !== crc32(evil)) continue;
    bytes.writeUInt32LE(crc32(good), HEADER.sourceCrc);
    writeFileSync(path, bytes);
    patched++;
  }
  if (patched !== 1) throw new Error(`${patched} cache entries of the victim, expected 1`);
  return cache;
}

/** Magic number, length of the source, length of the cache, CRC32 of the source, CRC32 of the cache: 32 bits each. */
const HEADER = { sourceCrc: 12 };

/** node:zlib has it only since 22.2. */
function crc32(string) {
  let crc = ~0;
  for (const byte of Buffer.from(string)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
