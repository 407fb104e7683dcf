/**
 * `npm run demo`: seals a real service, starts it, tampers with it in eight ways, and shows what stock Node and
 * loadlock each make of that. Every message shown was printed by a real process. Exit status 1 when anything is not
 * as it should be. `--keep` leaves the scratch directory in place.
 */

import { spawnSync } from 'node:child_process';
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { makeReplacementBinding, SCENARIOS } from '../demo/harness/scenarios.mjs';
import { plainEnvironment, runService } from '../demo/harness/service.mjs';
import { bold, dim, green, print, quote, red, step, table, yellow } from '../demo/harness/terminal.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const EXAMPLE = path.join(ROOT, 'demo');

/** How a user starts a protected service; `loadlock` is found in a node_modules directory above it. */
const PROTECTED = ['--require', 'loadlock/register'];

/** How much of a refusal's message is shown. */
const MESSAGE_LINES = 7;

await main();

async function main() {
  const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'loadlock-demo-')));
  process.once('SIGINT', () => process.exit(130));
  process.once('exit', () => {
    if (process.argv.includes('--keep')) print(dim(`kept: ${scratch}`));
    else rmSync(scratch, { recursive: true, force: true });
  });

  print(bold(`loadlock demo`) + dim(` · Node ${process.version} · ${process.platform}-${process.arch}`));
  print();
  try {
    buildAddon();
    installExample();
    const bench = sealExample(scratch);
    const intact = await runService(bench.sealed);
    const fine = await startIntact(bench, scratch, intact);
    const results = [];
    for (const [index, scenario] of SCENARIOS.entries()) results.push(await play(scenario, index, bench, scratch, intact));
    process.exitCode = conclude(fine, results) ? 0 : 1;
  } catch (error) {
    print(`${red('✗')} ${error.message}`);
    process.exitCode = 1;
  }
}

function buildAddon() {
  const time = stopwatch();
  run('building the addon', process.execPath, [path.join(ROOT, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  step('build', dim(time()));
}

function installExample() {
  const installed = path.join(EXAMPLE, 'node_modules', '.package-lock.json');
  const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(EXAMPLE, 'package-lock.json')).mtimeMs;
  const time = stopwatch();
  if (!fresh) run('npm ci', 'npm', ['ci'], { cwd: EXAMPLE, shell: process.platform === 'win32' });
  step('install', `express, oracledb, sharp, argon2, bcrypt ${dim(fresh ? 'are there already' : `npm ci, ${time()}`)}`);
}

/** @returns {import('../demo/harness/scenarios.mjs').Bench} */
function sealExample(scratch) {
  const sealed = path.join(scratch, 'service');
  for (const name of ['package.json', 'package-lock.json', 'app', 'node_modules']) copyTree(path.join(EXAMPLE, name), path.join(sealed, name));
  // Beside the service, not in it: found by `--require loadlock/register` from there, yet no part of what is sealed.
  mkdirSync(path.join(scratch, 'node_modules'));
  symlinkSync(ROOT, path.join(scratch, 'node_modules', 'loadlock'), 'junction');

  const operatorKey = path.join(freshDirectory(scratch, 'operator'), 'key.pem');
  const attackerKey = path.join(freshDirectory(scratch, 'attacker'), 'key.pem');
  step('keygen', loadlock(sealed, 'keygen', '--out', path.relative(sealed, operatorKey)));
  loadlock(sealed, 'keygen', '--out', attackerKey);

  const seal = (directory, key, ...options) => loadlock(directory, 'seal', '.', '--key', path.relative(directory, key), ...options);
  const time = stopwatch();
  step('seal', `${seal(sealed, operatorKey, '--epoch', '1')} ${dim(time())}`);

  const trusted = operatorKey.replace(/\.pem$/, '.pub.pem');
  const runProtected = (directory, state) =>
    runService(directory, { nodeArguments: PROTECTED, env: { LOADLOCK_TRUST: trusted, LOADLOCK_STATE_DIR: state } });
  return { sealed, operatorKey, attackerKey, seal, runProtected, replacementBinding: makeReplacementBinding(scratch, sealed) };
}

/** The sealed service has to start, answer every route as it does on stock Node, and stop cleanly. */
async function startIntact(bench, scratch, stock) {
  const started = await bench.runProtected(bench.sealed, freshDirectory(scratch, 'state'));
  if (!started.listened) {
    print(`${red('✗')} the sealed service did not start (exit ${started.status}):`);
    quote(started.stderr.trim());
    return false;
  }
  step('start', `node ${PROTECTED.join(' ')} app/server.js`);
  for (const one of started.replies) print(`    ${dim('│')} ${one.request.padEnd(21)} ${one.status} ${describe(one)}`);

  const fine = answersAs(started, stock);
  if (!fine) {
    print(`${red('✗')} the sealed service does not answer as it does on stock Node (exit ${started.status})`);
    quote(started.stderr.trim());
  }
  print();
  return fine;
}

/** Every route answers, with what it answers in the other run, and the service stops cleanly. */
function answersAs(run, other) {
  const same = (a, b) => a.status === 200 && b.status === 200 && comparable(a) === comparable(b);
  return run.listened && run.status === 0 && run.replies.every((one, i) => same(one, other.replies[i] ?? { status: 0 }));
}

/** Tampers with a fresh copy, runs it on stock Node and under loadlock, and tells both stories. */
async function play(scenario, index, bench, scratch, intact) {
  const directory = path.join(scratch, `tampered-${index + 1}`);
  const state = freshDirectory(scratch, `state-${index + 1}`);
  copyTree(bench.sealed, directory);
  await scenario.tamper(directory, bench, state);
  const stock = await runService(directory);
  const guarded = await bench.runProtected(directory, state);
  rmSync(directory, { recursive: true });

  // An effect that the untouched service shows too proves nothing, unless it is that the service runs at all.
  const effect = scenario.happened(stock) && (Boolean(scenario.runsAsEver) || !scenario.happened(intact));
  // Judged on the message alone: the source excerpt above it may name any code.
  const message = errorText(guarded.stderr, directory);
  const missing = [scenario.code ?? '', scenario.names ?? ''].filter((word) => !message.includes(word));
  const stopped = scenario.ignored
    ? answersAs(guarded, intact)
    : !guarded.listened && guarded.status === scenario.status && missing.length === 0;
  const refused = stopped && !scenario.happened(guarded);
  const failure = [`exit ${guarded.status}`, guarded.listened ? 'it listened' : '', ...missing.map((word) => `no word of ${word}`)];
  print(`${bold(`${index + 1}  ${scenario.title}`)}\n   ${dim(scenario.change)}`);
  print(`   stock Node  ${effect ? yellow(scenario.effect) : red('does not show the effect expected')}`);
  const verdict = scenario.ignored ? 'never finds it: what a name means was sealed' : `refuses, exit ${guarded.status}`;
  print(`   loadlock    ${refused ? green(verdict) : red(`FAILED: ${failure.filter(Boolean).join(', ')}`)}`);
  if (!scenario.ignored || !refused) quote(essence(message));
  print();
  return { scenario, effect, refused };
}

function conclude(fine, results) {
  table(
    ['scenario', 'stock Node', 'loadlock'],
    [
      ['untouched', 'answers', fine ? 'answers' : 'FAILED'],
      ...results.map(({ scenario, effect, refused }) => [
        scenario.title,
        effect ? scenario.effect : 'NOT SHOWN',
        refused ? (scenario.ignored ? 'answers, the new file unseen' : `refuses: ${scenario.code}`) : 'FAILED',
      ]),
    ],
    [String, (text) => (text.startsWith('NOT') ? red(text) : yellow(text)), (text) => (text.startsWith('FAILED') ? red(text) : green(text))],
  );
  print();
  const wrong = results.filter(({ effect, refused }) => !effect || !refused).length + (fine ? 0 : 1);
  print(wrong === 0 ? green('Everything as it should be.') : red(`${wrong} not as it should be.`));
  return wrong === 0;
}

/** Runs a loadlock command and returns it as it would be typed. */
function loadlock(directory, ...args) {
  run(`loadlock ${args[0]}`, process.execPath, [path.join(ROOT, 'js', 'cli.js'), ...args], { cwd: directory, env: plainEnvironment() });
  return `loadlock ${args.join(' ')}`;
}

function run(what, command, args, options) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.error) throw new Error(`${what}: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`${what}: exit ${done.status}\n${done.stdout ?? ''}${done.stderr ?? ''}`.trimEnd());
}

function copyTree(from, to) {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

function freshDirectory(...parts) {
  const directory = path.join(...parts);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** A reply without what differs from run to run: salts, connection ids, paths. */
function comparable({ type, body }) {
  if (Buffer.isBuffer(body)) return `${type} ${body.toString('base64')}`;
  const { hash, login, ...rest } = body;
  const text = JSON.stringify(rest).replaceAll(/\/(?:service|tampered-\d+)\//g, '/…/');
  return `${type} ${text} ${hash?.slice(0, 10)} ${login?.replace(/\(CONNECTION_ID.*/s, '')}`;
}

function describe({ type, body, request }) {
  if (Buffer.isBuffer(body)) return `${type} ${body.readUInt32BE(16)}×${body.readUInt32BE(20)}, ${body.length} bytes`;
  if (request === 'GET /database') return `oracledb ${body.oracledb}, binding says ${body.client.slice(0, 8)}, login ${/port \d+/.exec(body.login)?.[0] ?? body.login}`;
  const text = JSON.stringify(body);
  return text.length > 64 ? `${text.slice(0, 63)}…` : text;
}

/** What Node printed about the error, without the source excerpt that goes before it; short paths. */
function errorText(stderr, directory) {
  const lines = stderr.replaceAll(directory, '…').split('\n').map((line) => line.trimEnd());
  return lines.slice(lines.findIndex((line) => /^\s*\^+$/.test(line)) + 1).join('\n');
}

/** What a person would read of it: no stack frames, no inspected properties, not too much. */
function essence(text) {
  const message = text.replace(/^\s+at .* \{$[^]*/m, '');
  const lines = message.split('\n').filter((line) => !/^\s+at |^Node\.js v|^$/.test(line));
  const rest = lines.length - MESSAGE_LINES;
  return (rest > 1 ? [...lines.slice(0, MESSAGE_LINES), `… and ${rest} more lines`] : lines).join('\n');
}

function stopwatch() {
  const start = performance.now();
  return () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
