'use strict';
// Stands for one package under a policy: an authority made from plain grants, and the facades that the shim would give
// the package. For tests of facades without a seal.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const JS = join(__dirname, '../../js');
const table = JSON.parse(readFileSync(join(__dirname, '../../src/policy/builtins.json'), 'utf8'));
const realProcess = process;
const realGlobal = globalThis;
const { LoadlockError } = require(join(JS, 'errors.js'));
const observation = require(join(JS, 'facades/observation.js'));
const { createGlobals } = require(join(JS, 'globals.js'));

/** What was refused, by anybody. */
const violations = [];

const native = {
  builtinRules(name) {
    const members = name === 'globals' ? table.globals : table.modules[name]?.members ?? table[name]?.members ?? {};
    return { needs: [], names: Object.keys(members), rules: Object.values(members).map((rule) => (rule === null ? '-' : rule.join('+'))) };
  },
  demand: (location, capability, value, attempt) => refuse(location, capability, value, attempt),
};
const hardened = new Set();
function real(name) {
  const exports = realProcess.getBuiltinModule(`node:${name}`);
  if (name === 'perf_hooks' && !hardened.has(name)) {
    hardened.add(name);
    observation.harden.perf_hooks(exports);
  }
  return exports;
}
const globals = createGlobals({
  native,
  builtins: { dlopen: (module, file) => violations.push(`dlopen ${file}`) },
  real,
  contextOf: (authority) => authority.context,
  mainModuleOf: () => 'the main module',
});

/**
 * @param {Record<string, true | string[]>} [grants]  a trailing `*` in a value stands for anything
 * @param {{lenient?: boolean, location?: string}} [options]
 */
function createPackage(grants = {}, { lenient = false, location = 'node_modules/pkg' } = {}) {
  const own = [];
  const whole = (capability) => !lenient && grants[capability] === true;
  const permits = (capability, value) => {
    const grant = grants[capability];
    return grant === true || (grant ?? []).some((pattern) => (pattern.endsWith('*') ? `${value}`.startsWith(pattern.slice(0, -1)) : pattern === value));
  };
  const record = (capability, value) => own.push(value === undefined ? capability : `${capability}:${value}`);
  const authority = Object.freeze({
    location,
    lenient,
    granted: (capability) => lenient || grants[capability] !== undefined,
    whole,
    permits,
    demand(capability, value, attempt) {
      if (permits(capability, value)) return;
      record(capability, value);
      if (!lenient) refuse(location, capability, value, attempt);
    },
    note(capability, value) {
      if (!permits(capability, value)) record(capability, value);
    },
    demandPath(capability, path, follow, attempt) {
      authority.demand(capability, path, attempt);
      return path;
    },
    get context() {
      return context;
    },
  });
  const context = {
    authority,
    native,
    real,
    rule: native.builtinRules,
    view(name) {
      if (name === 'process') return globals.globalFor(authority, 'process');
      if (name !== 'perf_hooks') return real(name);
      return { ...real(name), ...observation.create.perf_hooks(context) };
    },
  };
  const global = (name) => globals.globalFor(authority, name);
  return {
    violations: own,
    global,
    get process() {
      return global('process');
    },
    get globalThis() {
      return global('globalThis');
    },
  };
}

function refuse(location, capability, value, attempt) {
  violations.push(`${location} ${capability}${value ? `:${value}` : ''}`);
  throw new LoadlockError({ code: 'ERR_LOADLOCK_CAPABILITY', message: `${location}: ${attempt}`, package: location });
}

/**
 * Runs checks one after the other and prints what came of each, as JSON.
 * @param {Record<string, () => unknown>} checks
 */
async function runChecks(checks) {
  const results = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      results[name] = 'ok';
    } catch (error) {
      results[name] = `${error?.stack ?? error}`;
    }
  }
  realProcess.getBuiltinModule('node:fs').writeSync(1, JSON.stringify(results));
}

const DENIED = { code: 'ERR_LOADLOCK_CAPABILITY' };

module.exports = { DENIED, createPackage, globals, native, realGlobal, realProcess, runChecks, violations };
