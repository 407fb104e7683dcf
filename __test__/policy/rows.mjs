// Tests of facades with two roles in one file: the test starts every Node with the file itself as the program, and there
// each row runs against the facades, with an authority that keeps a list of what it refused.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { LoadlockError } = require('../../js/errors.js');

/** Node's own builtins, hardened as js/views.js does it. */
export function builtins(...facades) {
  const hardened = new Set();
  return (name) => {
    const exports = process.getBuiltinModule(`node:${name}`);
    if (!hardened.has(name)) {
      hardened.add(name);
      for (const { harden } of facades) harden?.[name]?.(exports);
    }
    return exports;
  };
}

/**
 * @param {Record<string, true | string[]>} grants  a value permits itself and, as for commands, what follows after a NUL
 * @param {{ lenient?: boolean, location?: string }} [options]
 */
export function authorityWith(grants, { lenient = false, location = 'node_modules/p' } = {}) {
  const refused = [];
  const permits = (capability, value) =>
    grants[capability] === true || (grants[capability] ?? []).some((granted) => value === granted || `${value}`.startsWith(`${granted}\0`));
  const demand = (capability, value, attempt) => {
    if (permits(capability, value)) return;
    refused.push(value === undefined ? capability : `${capability} ${value.replaceAll('\0', ' ')}`);
    if (!lenient) throw new LoadlockError({ code: 'ERR_LOADLOCK_CAPABILITY', message: attempt });
  };
  return {
    location, lenient, refused, permits, demand,
    whole: (capability) => grants[capability] === true,
    granted: (capability) => lenient || grants[capability] !== undefined,
    note() {},
    demandPath(capability, path, follow, attempt) {
      const real = realpathSync(path);
      demand(capability, real, attempt);
      return real;
    },
  };
}

/** Asserts that `use` is refused, by capability, and gives the error. */
export function refuses(use) {
  let error;
  assert.throws(() => {
    try {
      use();
    } catch (thrown) {
      error = thrown;
      throw thrown;
    }
  }, { code: 'ERR_LOADLOCK_CAPABILITY' });
  return error;
}

/**
 * @param {string} url  `import.meta.url` of the test
 * @param {string} title
 * @param {Record<string, () => unknown>} rows
 * @param {string[]} [options]  for Node
 */
export async function testRows(url, title, rows, options = []) {
  if (process.env.LOADLOCK_ROWS_ROLE === 'rows') return runRows(rows);
  const { describe, it } = await import('node:test');
  const { nodes } = await import('../../scripts/nodes.mjs');
  const { describeRun, runNode } = await import('../helpers/run-node.mjs');
  describe(title, () => {
    for (const { version, path } of nodes()) {
      it(`on Node ${version}`, async (context) => {
        const env = { LOADLOCK_ROWS_ROLE: 'rows', LOADLOCK_TEST_ROWS: process.env.LOADLOCK_TEST_ROWS ?? '' };
        const run = await runNode(path, [...options, fileURLToPath(url)], { env });
        const results = run.stdout.split('\n').filter((line) => line.startsWith('row ')).map((line) => JSON.parse(line.slice(4)));
        for (const { name, why } of results) await context.test(name, () => assert.equal(why, undefined, why));
        assert.ok(results.length > 0 && run.code === 0, describeRun(run));
      });
    }
  });
}

async function runRows(rows) {
  const wanted = new RegExp(process.env.LOADLOCK_TEST_ROWS ?? '', 'i');
  for (const [name, run] of Object.entries(rows)) {
    if (!wanted.test(name)) continue;
    let why;
    const guard = setTimeout(() => {
      console.log(`row ${JSON.stringify({ name, why: 'hangs' })}`);
      process.exit(1);
    }, 20_000);
    try {
      await run();
    } catch (error) {
      why = `${error?.stack ?? error}`;
    }
    clearTimeout(guard);
    console.log(`row ${JSON.stringify({ name, why })}`);
  }
  process.exit();
}
