// Compares the export names that loadlock seals with those that the running Node.js would detect by itself.
//
//   node scripts/compare-cjs-exports.mjs DIRECTORY
//
// Walks DIRECTORY, takes every file that this Node.js compiles as CommonJS, and prints what is missing and what is extra.
// Extra names are expected: the sealed ones are the union over all supported versions. Exit status 1 if any is missing or
// a file is taken for the wrong format.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SHOWN = 20;
const directory = process.argv[2];

if (directory === undefined) {
  console.error('usage: node scripts/compare-cjs-exports.mjs DIRECTORY');
  process.exitCode = 2;
} else if (!process.execArgv.includes('--expose-internals')) {
  // Node's own lexer is the reference, and it is internal.
  const script = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, ['--expose-internals', '--no-warnings', script, directory], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 2;
} else {
  process.exitCode = await compare(resolve(directory));
}

/**
 * @param {string} root
 * @returns {Promise<number>} exit status
 */
async function compare(root) {
  const { analyseSource } = createRequire(import.meta.url)('../js/binding.js');
  const node = await nodeDetection();
  const counts = { files: 0, commonjs: 0, missing: 0, extra: 0, format: 0 };
  const shown = { missing: 0, extra: 0, format: 0 };

  /** @param {'missing' | 'extra' | 'format'} what @param {string} path @param {string} detail */
  const report = (what, path, detail) => {
    counts[what] += 1;
    if (shown[what]++ < SHOWN) console.log(`${what.padEnd(8)}${path.slice(root.length + 1)}: ${detail}`);
  };

  for (const { path, goal } of sources(root)) {
    const bytes = readFileSync(path);
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    const facts = analyseSource(bytes, goal, 'javascript');
    counts.files += 1;

    const compiles = node.compilesAsCommonJs(text, path);
    const isModule = goal === 'module' || (goal === 'ambiguous' && !compiles && node.isModule(text, path));
    if (facts.isModule !== isModule) {
      report('format', path, `Node says ${isModule ? 'ES module' : 'CommonJS'}`);
      continue;
    }
    // A file that does not compile has no exports, and text the lexer gives up on has none either.
    const expected = isModule || !compiles ? undefined : node.exportsOf(text);
    if (expected === undefined) continue;
    counts.commonjs += 1;

    const found = [...facts.cjsExports, ...facts.cjsReexports.map(asReexport)];
    const missing = expected.filter((name) => !found.includes(name));
    const extra = found.filter((name) => !expected.includes(name));
    if (missing.length > 0) report('missing', path, missing.join(', '));
    if (extra.length > 0) report('extra', path, extra.join(', '));
  }

  console.log(
    `Node ${process.version}: ${counts.files} files, ${counts.commonjs} CommonJS; ` +
      `wrong format: ${counts.format}, with missing names: ${counts.missing}, with extra names: ${counts.extra}`,
  );
  return counts.missing + counts.format > 0 ? 1 : 0;
}

/** What this Node.js itself finds out about a text. */
async function nodeDetection() {
  const require = createRequire(import.meta.url);
  const { internalBinding } = require('internal/test/binding');
  const { containsModuleSyntax, compileFunctionForCJSLoader } = internalBinding('contextify');
  const parse = await nodeLexer(require, internalBinding);
  return {
    /** @param {string} text @param {string} path */
    compilesAsCommonJs(text, path) {
      try {
        compileFunctionForCJSLoader(text, path, false, false);
        return true;
      } catch {
        return false;
      }
    },
    /** @param {string} text @param {string} path */
    isModule: (text, path) => containsModuleSyntax(text, path, pathToFileURL(path).href),
    /** @param {string} text */
    exportsOf(text) {
      try {
        const { names, reexports } = parse(text);
        return [...names, ...reexports.map(asReexport)];
      } catch {
        return undefined;
      }
    },
  };
}

/** Node 24 and later have the lexer in C++, earlier versions as WebAssembly. */
async function nodeLexer(require, internalBinding) {
  try {
    const { parse } = internalBinding('cjs_lexer');
    return (/** @type {string} */ text) => {
      const [names, reexports] = parse(text);
      return { names: [...names], reexports: [...reexports] };
    };
  } catch {
    const lexer = require('internal/deps/cjs-module-lexer/dist/lexer');
    await lexer.init();
    return (/** @type {string} */ text) => {
      const { exports, reexports } = lexer.parse(text);
      return { names: exports, reexports };
    };
  }
}

/** @param {string} root */
function* sources(root) {
  const types = new Map();
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) continue;
    const parent = entry.parentPath ?? entry.path;
    const byExtension = { '.cjs': 'commonjs', '.mjs': 'module' }[extname(entry.name)];
    yield { path: join(parent, entry.name), goal: byExtension ?? packageGoal(parent, types) };
  }
}

/**
 * The goal that the nearest package.json gives to `.js` files.
 *
 * @param {string} directory
 * @param {Map<string, string>} known
 * @returns {string}
 */
function packageGoal(directory, known) {
  let goal = known.get(directory);
  if (goal === undefined) {
    try {
      const { type } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
      goal = type === 'module' || type === 'commonjs' ? type : 'ambiguous';
    } catch {
      const parent = dirname(directory);
      const outside = parent === directory || basename(directory) === 'node_modules';
      goal = outside ? 'ambiguous' : packageGoal(parent, known);
    }
    known.set(directory, goal);
  }
  return goal;
}

/** @param {string} specifier */
function asReexport(specifier) {
  return `* from ${JSON.stringify(specifier)}`;
}
