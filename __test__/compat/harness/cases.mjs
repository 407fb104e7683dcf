// Reads the cases. A case is one file: a head of `// key: value` lines, further files of its application in comments,
// and the program itself.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Case
 * @property {string} name      the file's name without its extension
 * @property {string} file      the file's name
 * @property {string} source    the program
 * @property {string} does      what is exercised, for people
 * @property {{ from: string, as: string }[]} packages  what the application depends on; the first is what is tested
 * @property {string} node      the lowest Node version that the package itself supports, `0` for any
 * @property {string[]} peers   servers that the harness starts outside the application (`peers/NAME.mjs`)
 * @property {string[]} preload options that a user of the package starts Node with, for example `--require NAME`
 * @property {Record<string, string>} env  environment variables that the application is started with
 * @property {{ package: string, grant: object }[]} grants  what has to be granted by hand after `policy infer`
 * @property {string} misses    why a part of it does not work, where that is known
 * @property {Record<string, string>} files  more files of the application
 */

/**
 * Every case, sorted by name.
 * @param {RegExp} [only]  names to keep
 * @returns {Case[]}
 */
export function readCases(only = /^/) {
  return readdirSync(CASES)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .filter((file) => /\.(?:cjs|mjs)$/.test(file))
    .map((file) => parse(file, readFileSync(`${CASES}${file}`, 'utf8')))
    .filter(({ name }) => only.test(name));
}

const CASES = fileURLToPath(new URL('../cases/', import.meta.url));
const KEYS = ['does', 'packages', 'node', 'peers', 'preload', 'env', 'grant', 'misses'];

/** @returns {Case} */
function parse(file, source) {
  const head = new Map(KEYS.map((key) => [key, []]));
  for (const line of source.split('\n')) {
    const [, key, value] = /^\/\/ (\w+): (.+)$/.exec(line) ?? [];
    if (!key) break;
    if (!head.has(key)) throw new Error(`${file}: '${key}' is no key of a case (there are ${KEYS.join(', ')})`);
    head.get(key).push(value.trim());
  }
  for (const key of ['does', 'packages']) if (head.get(key).length === 0) throw new Error(`${file}: no '${key}' in its head`);
  const name = file.replace(/\.[cm]js$/, '');
  if (!source.includes(`COMPAT OK ${name}`)) throw new Error(`${file}: it does not print 'COMPAT OK ${name}'`);
  return {
    name,
    file,
    source,
    does: head.get('does').join(' '),
    packages: list(head.get('packages')).map((item) => {
      const [from, as = from] = item.split(' as ');
      return { from, as };
    }),
    node: head.get('node')[0] ?? '0',
    peers: list(head.get('peers')),
    preload: list(head.get('preload')),
    env: Object.fromEntries(head.get('env').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)])),
    grants: head.get('grant').map((line) => ({ package: line.split(' ')[0], grant: JSON.parse(line.slice(line.indexOf(' '))) })),
    misses: head.get('misses').join(' '),
    files: Object.fromEntries([...source.matchAll(/^\/\* file: (\S+)\n([^]*?)^\*\/$/gm)].map(([, path, text]) => [path, text])),
  };
}

function list(values) {
  return values.flatMap((value) => value.split(',')).map((item) => item.trim()).filter(Boolean);
}
