/** What an attacker does to the deployed tree, and how one can see that it worked. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** What `loadlock seal` leaves in a tree. */
const SEAL = ['loadlock.manifest.json', 'loadlock.manifest.dsse.json', '.loadlock'];

const EZCONNECT = 'node_modules/oracledb/lib/thin/sqlnet/ezConnectResolver.js';
const NEARER_MODULE = 'node_modules/router/node_modules/is-promise/index.js';
const DROPPED_BINDING = 'node_modules/bcrypt/build/Release/bcrypt_lib.node';

/**
 * @typedef {object} Bench what a scenario has to work with
 * @property {string} sealed the intact sealed tree, release 1.0.0 at epoch 1
 * @property {string} attackerKey a private key that the operator does not trust
 * @property {string} replacementBinding a native addon that is not oracledb's
 * @property {string} operatorKey
 * @property {(directory: string, key: string, ...options: string[]) => string} seal
 * @property {(directory: string, state: string) => Promise<import('./service.mjs').Run>} runProtected
 */

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {string} change what is done to the tree, in words
 * @property {(directory: string, bench: Bench, state: string) => void | Promise<void>} tamper
 * @property {string} effect what stock Node then does
 * @property {(run: import('./service.mjs').Run) => boolean} happened is the effect visible in this run?
 * @property {true} [runsAsEver] the effect is only that the service runs, as the untouched one does
 * @property {true} [ignored] the file is never found, because resolution is sealed: the service answers as if it were not there
 * @property {string} [code] code of the refusal
 * @property {string} [names] the file that the refusal has to name, so that no other refusal passes for it
 * @property {number} [status] exit status of the refusal
 */

/** @type {Scenario[]} */
export const SCENARIOS = [
  {
    title: "one byte of oracledb's JavaScript",
    change: `${EZCONNECT}: '1521' → '1529'`,
    tamper: (directory) => edit(path.join(directory, EZCONNECT), "port = '1521';", "port = '1529';"),
    effect: 'sends the login to port 1529',
    happened: (run) => /port 1529/.test(reply(run, 'GET /database')?.login),
    code: 'ERR_LOADLOCK_INTEGRITY',
    names: path.basename(EZCONNECT),
    status: 1,
  },
  {
    title: "oracledb's native binding swapped",
    change: `${path.posix.dirname(oracleBinding('').slice(1))}/*.node: another addon under the same name`,
    tamper: (directory, bench) => copyFileSync(bench.replacementBinding, oracleBinding(directory)),
    effect: 'runs the other native code',
    happened: (run) => ranTampered(run) || /TAMPER/.test(reply(run, 'GET /database')?.client),
    code: 'ERR_LOADLOCK_INTEGRITY',
    names: path.basename(oracleBinding('')),
    status: 1,
  },
  {
    title: 'a nearer module dropped',
    change: `${NEARER_MODULE}: new, found before the real one`,
    tamper: (directory) => {
      const file = path.join(directory, NEARER_MODULE);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, "console.log('TAMPERED module ran');\nmodule.exports = require('../../../is-promise');\n");
    },
    effect: 'runs the new file',
    happened: ranTampered,
    ignored: true,
  },
  {
    title: 'a native binding dropped',
    change: `${DROPPED_BINDING}: new, where bcrypt looks first`,
    tamper: (directory, bench) => {
      const file = path.join(directory, DROPPED_BINDING);
      mkdirSync(path.dirname(file), { recursive: true });
      copyFileSync(bench.replacementBinding, file);
    },
    effect: 'runs the new native code',
    // Without a C compiler the dropped binding is a silent one: then bcrypt's missing functions give it away.
    happened: (run) => ranTampered(run) || run.replies.some((one) => one.request === 'POST /accounts/rehash' && one.status === 500),
    code: 'ERR_LOADLOCK_UNLISTED',
    names: DROPPED_BINDING,
    status: 1,
  },
  {
    title: 'manifest rolled back',
    change: 'release 1.1.0 (epoch 2) was live; the complete, signed release 1.0.0 (epoch 1) is put back',
    tamper: async (directory, bench, state) => {
      edit(path.join(directory, 'package.json'), '"version": "1.0.0"', '"version": "1.1.0"');
      bench.seal(directory, bench.operatorKey, '--epoch', '2');
      const live = await bench.runProtected(directory, state);
      if (reply(live, 'GET /')?.release !== '1.1.0') throw new Error(`release 1.1.0 did not start:\n${live.stderr}`);
      for (const name of ['package.json', ...SEAL]) {
        rmSync(path.join(directory, name), { recursive: true });
        cpSync(path.join(bench.sealed, name), path.join(directory, name), { recursive: true });
      }
    },
    effect: 'runs release 1.0.0 again',
    happened: (run) => reply(run, 'GET /')?.release === '1.0.0',
    runsAsEver: true,
    code: 'ERR_LOADLOCK_ROLLBACK',
    status: 3,
  },
  {
    title: 'signed with another key',
    change: 'app/server.js: a line added, everything sealed anew with a key of the attacker',
    tamper: (directory, bench) => {
      addLine(directory);
      bench.seal(directory, bench.attackerKey, '--epoch', '1');
    },
    effect: 'runs the added line',
    happened: ranTampered,
    code: 'ERR_LOADLOCK_SIGNATURE',
    status: 3,
  },
  {
    title: 'manifest removed',
    change: 'app/server.js: a line added; manifest, signature and index deleted',
    tamper: (directory) => {
      addLine(directory);
      for (const name of SEAL) rmSync(path.join(directory, name), { recursive: true });
    },
    effect: 'runs the added line',
    happened: ranTampered,
    code: 'ERR_LOADLOCK_NO_MANIFEST',
    status: 1,
  },
  {
    title: 'manifest expired',
    change: 'sealed to hold for a few seconds, started after that',
    tamper: async (directory, bench) => {
      const end = Math.ceil(Date.now() / 1000) * 1000 + 3000;
      bench.seal(directory, bench.operatorKey, '--epoch', '1', '--expires', new Date(end).toISOString().replace('.000', ''));
      await new Promise((resolve) => setTimeout(resolve, end + 1000 - Date.now()));
    },
    effect: 'starts as ever',
    happened: (run) => reply(run, 'GET /')?.release === '1.0.0',
    runsAsEver: true,
    code: 'ERR_LOADLOCK_EXPIRED',
    status: 3,
  },
];

/**
 * Makes the addon that takes the place of real bindings: compiled where there is a C compiler, else oracledb's own
 * with a few letters of one message changed, which shows just as well that changed native code was run.
 * @param {string} directory where to put it
 * @param {string} sealed
 * @returns {string}
 */
export function makeReplacementBinding(directory, sealed) {
  const file = path.join(directory, 'replacement.node');
  const shared = process.platform === 'darwin' ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
  try {
    execFileSync('cc', [...shared, '-O1', '-o', file, path.join(HERE, 'inert.c')], { stdio: 'ignore' });
  } catch {
    const bytes = readFileSync(oracleBinding(sealed));
    bytes.write('TAMPER', bytes.indexOf('Cannot locate a'));
    writeFileSync(file, bytes);
  }
  return file;
}

/** @returns {any} the parsed body of a request's reply */
function reply(run, request) {
  return run.replies.find((one) => one.request === request)?.body;
}

function oracleBinding(directory) {
  return `${directory}/node_modules/oracledb/build/Release/oracledb-${oracleVersion()}-${process.platform}-${process.arch}.node`;
}

function oracleVersion() {
  return JSON.parse(readFileSync(path.join(HERE, '..', 'package.json'), 'utf8')).dependencies.oracledb;
}

function ranTampered(run) {
  return `${run.stdout}${run.stderr}`.includes('TAMPERED');
}

function addLine(directory) {
  edit(path.join(directory, 'app', 'server.js'), "'use strict';\n", "'use strict';\nconsole.log('TAMPERED server ran');\n");
}

/** Replaces one occurrence; that there is exactly one keeps "one byte" honest. */
function edit(file, from, to) {
  const parts = readFileSync(file, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`expected "${from}" once in ${file}`);
  writeFileSync(file, parts.join(to));
}
