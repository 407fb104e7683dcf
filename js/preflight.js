'use strict';
// What must be true before loadlock can promise anything. Each check names one way in which code could already have run,
// or could run later, without passing through us.

const Module = require('module');
const { resolve: resolvePath } = require('path');
const { ArrayPrototypePush } = require('./intrinsics.js');
const features = require('./node-features.js');
const { LoadlockError } = require('./errors.js');

/** Options that name code which Node loads before the entry point. */
const PRELOAD = new Set(['--require', '-r', '--import', '--loader', '--experimental-loader']);

/** Options that bring code which no hook sees, or that take our hooks away. */
const REFUSED = {
  __proto__: null,
  '--loader': 'its hooks would run beside ours',
  '--experimental-loader': 'its hooks would run beside ours',
  '--eval': 'text on the command line was not sealed',
  '-e': 'text on the command line was not sealed',
  '--print': 'text on the command line was not sealed',
  '-p': 'text on the command line was not sealed',
  '-pe': 'text on the command line was not sealed',
  '--interactive': 'text typed in was not sealed',
  '-i': 'text typed in was not sealed',
  '--snapshot-blob': 'code in a snapshot never passes the loader',
  '--build-snapshot': 'code in a snapshot never passes the loader',
  '--experimental-default-config-file': 'node.config.json can load code before us',
  '--experimental-config-file': 'node.config.json can load code before us',
  '--env-file': 'it can set NODE_OPTIONS, whose preloads run before anything is checked',
  '--env-file-if-exists': 'it can set NODE_OPTIONS, whose preloads run before anything is checked',
  '--expose-internals': "it hands out Node's own loader",
  '--experimental-sea-config': 'code in an executable never passes the loader',
  '--inspect': 'a debugger can run any code',
  '--inspect-brk': 'a debugger can run any code',
  '--inspect-wait': 'a debugger can run any code',
  '--experimental-shadow-realm': 'a ShadowRealm imports without hooks',
};

/**
 * Checks the way this process was started.
 * @param {object} facts
 * @param {string} facts.register  absolute path of register.js
 * @param {string[]} facts.own  absolute paths of the shim's own files
 * @param {boolean} facts.isMainThread
 * @param {NodeModule} facts.self  the module object of register.js
 * @returns {LoadlockError[]}  every reason to refuse, none when all is well
 */
function problems({ register, own, isMainThread, self }) {
  const found = [];
  const refuse = (message, hint) =>
    found.push(new LoadlockError({ code: 'ERR_LOADLOCK_UNSUPPORTED', message, rule: 'every byte of code passes loadlock', hint }));

  if (!features.supported) {
    refuse(`Node ${process.version} is not supported`, 'use Node 20.19+, 22.15+, 24 or 26');
  }
  const options = startOptions();
  for (const option of options) {
    const name = optionName(option);
    if (REFUSED[name] !== undefined) refuse(`Node was started with ${name}: ${REFUSED[name]}`, `start without ${name}`);
  }
  if (isMainThread) {
    const testing = options.some((option) => option === '--test' || option === '--watch');
    if (process._eval !== undefined && process._eval !== null) {
      refuse('Node was given program text instead of a file', 'put the program into a file and seal it');
    } else if ((process.argv[1] === undefined || process.argv[1] === '-') && !testing) {
      refuse('Node was started without a file, so it reads its program from standard input', 'put the program into a file and seal it');
    }
  }
  if (Module.getCompileCacheDir?.() !== undefined) {
    refuse('the compile cache is on, and V8 runs what it finds there without checking it', 'unset NODE_COMPILE_CACHE, or start with `loadlock run`');
  }
  for (const { flag, value } of earlierPreloads(options, register, self)) {
    refuse(`${flag} ${value} runs before loadlock`, 'make loadlock/register the first preload');
  }
  const early = loadedBefore(own, self);
  if (early.length > 0) {
    refuse(`${early.join(', ')} was loaded before loadlock and not verified`, 'make loadlock/register the first preload');
  }
  return found;
}

/**
 * The preload options in an argument list.
 * @param {readonly string[]} args
 * @returns {{flag: string, value: string}[]}
 */
function preloads(args) {
  const found = [];
  for (let at = 0; at < args.length; at++) {
    const equals = args[at].indexOf('=');
    const flag = optionName(args[at]);
    if (!PRELOAD.has(flag)) continue;
    found.push({ flag, value: equals === -1 ? `${args[++at]}` : args[at].slice(equals + 1) });
  }
  return found;
}

/** Every option this process was started with, in the order in which Node takes them. */
function startOptions() {
  return [...splitOptions(process.env.NODE_OPTIONS ?? ''), ...process.execArgv];
}

/** NODE_OPTIONS as Node splits it: spaces separate, double quotes group, a backslash escapes inside quotes. */
function splitOptions(text) {
  const args = [];
  let current = '', inside = false, started = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && inside && at + 1 < text.length) {
      current += text[++at];
    } else if (char === '"') {
      inside = !inside;
      started = true;
    } else if (char === ' ' && !inside) {
      if (started || current !== '') ArrayPrototypePush(args, current);
      current = '';
      started = false;
    } else {
      current += char;
    }
  }
  if (started || current !== '') ArrayPrototypePush(args, current);
  return args;
}

/** Whether the value of a preload option names `register` (its absolute path). */
function isRegister(value, register) {
  return value === 'loadlock/register' || resolvePath(value) === register;
}

module.exports = { isRegister, preloads, problems, splitOptions, startOptions };

/** The name of an option as Node reads it: up to `=`, and `_` is as good as `-`. */
function optionName(option) {
  const equals = option.indexOf('=');
  const name = equals === -1 ? option : option.slice(0, equals);
  return name.startsWith('--') ? `--${name.slice(2).replaceAll('_', '-')}` : name;
}

/** `--import` preloads that stand before ours, when we are one ourselves: their code is not in Module._cache. */
function earlierPreloads(options, register, self) {
  if (self.parent !== undefined) return [];
  const all = preloads(options).filter(({ flag }) => flag === '--import');
  const ours = all.findIndex(({ value }) => isRegister(value, register));
  return ours === -1 ? [] : all.slice(0, ours);
}

/** CommonJS modules that were loaded before us. `require('loadlock/register')` inside the application is allowed one:
 *  the entry point itself, which is verified afterwards (documented as weaker). */
function loadedBefore(own, self) {
  const known = new Set(own);
  for (let cursor = self.parent; cursor; cursor = cursor.parent) if (cursor.id === '.') known.add(cursor.filename);
  return Object.keys(Module._cache).filter((file) => !known.has(file));
}
