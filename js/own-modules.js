'use strict';
// Loads loadlock's own files. All of them are read before any other code runs and compiled when they are first needed,
// so that a start pays for what it uses, nothing that changes on disk later is run, and Node's loader, which costs more
// than both, has nothing to do with it.

const { readFileSync, readdirSync } = require('fs');
const { dirname, join } = require('path');
const { compileFunction } = require('vm');

const { apply } = Reflect;
const { startsWith } = String.prototype;
const { getBuiltinModule } = process;
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** Files of this directory that are not part of the shim: the command line, its programmatic entry. */
const OTHERS = ['cli.js', 'index.js'];

/**
 * @returns {{files: () => string[], load: (name: string) => any, readFacades: () => void}}  `files`: absolute paths of all
 *   that was read. `load` takes a name such as `./esm.js`. `readFacades`: only a start with a policy needs them
 */
function readOwnModules() {
  const texts = { __proto__: null }, modules = { __proto__: null };
  read(__dirname);

  function read(directory) {
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.js') && !OTHERS.includes(name)) texts[join(directory, name)] = readFileSync(join(directory, name), 'utf8');
    }
  }

  function load(filename) {
    if (modules[filename] !== undefined) return modules[filename].exports;
    const text = texts[filename];
    if (text === undefined) throw new Error(`${filename} is missing from loadlock`);
    const module = { exports: {} };
    modules[filename] = module;
    const directory = dirname(filename);
    const require = (name) => (apply(startsWith, name, ['.']) ? load(join(directory, name)) : apply(getBuiltinModule, process, [name]));
    const body = compileFunction(text, PARAMETERS, { __proto__: null, filename });
    apply(body, module.exports, [module.exports, require, module, filename, directory]);
    return module.exports;
  }

  return {
    __proto__: null,
    files: () => Object.keys(texts),
    load: (name) => load(join(__dirname, name)),
    readFacades: () => read(join(__dirname, 'facades')),
  };
}

module.exports = { readOwnModules };
