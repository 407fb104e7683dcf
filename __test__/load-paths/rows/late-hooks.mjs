import { EVIL_CJS, EVIL_ESM, GOOD_CJS, GOOD_ESM, mainOf, requiring } from '../sources.mjs';

export const topic = 'loader changed later';

// Sealed code (attacker) changes the loader before sealed code (victim) is loaded. On stock Node the victim then says
// EVIL. Under loadlock either the change is refused or it has no effect.
const OUTCOME = ['LOADER_CLOSED', 'ignored'];

const CJS_VICTIM = { 'victim.cjs': GOOD_CJS };
const ESM_VICTIM = { 'victim.mjs': GOOD_ESM };

/** The attacker is CommonJS or an ES module, the victim is CommonJS. */
function onCommonJs(name, attacker, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds: ['cjs', 'esm'],
    files: (kind) => ({
      [mainOf(kind)]:
        kind === 'esm'
          ? `import './attacker.mjs';\nimport { createRequire } from 'node:module';\nconsole.log(createRequire(import.meta.url)('./victim.cjs'));\n`
          : `require('./attacker.cjs');\nconsole.log(require('./victim.cjs'));\n`,
      [kind === 'esm' ? 'attacker.mjs' : 'attacker.cjs']: requiring(kind, `const Module = require('node:module');\n${attacker}`),
      ...CJS_VICTIM,
      ...files,
    }),
    attack: OUTCOME,
    ...rest,
  };
}

/** The attacker is CommonJS or an ES module, the victim is an ES module. */
function onEsModules(name, attacker, more = {}) {
  const { files = {}, ...rest } = more;
  return {
    name,
    kinds: ['cjs', 'esm'],
    files: (kind) => ({
      [mainOf(kind)]:
        kind === 'esm'
          ? `import './attacker.mjs';\nconst { default: value } = await import('./victim.mjs');\nconsole.log(value);\n`
          : `require('./attacker.cjs');\nimport('./victim.mjs').then(({ default: value }) => console.log(value));\n`,
      [kind === 'esm' ? 'attacker.mjs' : 'attacker.cjs']: requiring(kind, `const Module = require('node:module');\n${attacker}`),
      ...ESM_VICTIM,
      ...files,
    }),
    attack: OUTCOME,
    ...rest,
  };
}

const HOOKS_FILE = {
  'hooks.mjs': `export async function load(url, context, next) {
  if (url.endsWith('victim.mjs')) return { format: 'module', source: "export default 'EVIL'", shortCircuit: true };
  return next(url, context);
}
`,
};
const HOOKS_DATA = `data:text/javascript,${encodeURIComponent(HOOKS_FILE['hooks.mjs'])}`;

/** @type {import('../matrix.mjs').Row[]} */
export const rows = [
  onCommonJs('registerHooks, load', `Module.registerHooks({ load: (url, context, next) => url.endsWith('victim.cjs') ? { format: 'commonjs', source: "module.exports = 'EVIL'", shortCircuit: true } : next(url, context) });`, { since: '22.15' }),
  onCommonJs('registerHooks, resolve', `Module.registerHooks({ resolve: (id, context, next) => next(id.replace('victim', 'other'), context) });`, { since: '22.15', files: { 'other.cjs': EVIL_CJS } }),
  onCommonJs('registerHooks through process.getBuiltinModule', `process.getBuiltinModule('module').registerHooks({ load: (url, context, next) => url.endsWith('victim.cjs') ? { format: 'commonjs', source: "module.exports = 'EVIL'", shortCircuit: true } : next(url, context) });`, { since: '22.15' }),
  onEsModules('registerHooks, load', `Module.registerHooks({ load: (url, context, next) => url.endsWith('victim.mjs') ? { format: 'module', source: "export default 'EVIL'", shortCircuit: true } : next(url, context) });`, { since: '22.15' }),
  onEsModules('registerHooks, resolve', `Module.registerHooks({ resolve: (id, context, next) => next(id.replace('victim', 'other'), context) });`, { since: '22.15', files: { 'other.mjs': EVIL_ESM } }),
  onEsModules('register, a sealed file', `Module.register('./hooks.mjs', require('node:url').pathToFileURL('./x.js'));`, { files: HOOKS_FILE }),
  onEsModules('register, a data: URL', `Module.register(${JSON.stringify(HOOKS_DATA)});`, { attack: ['LOADER_CLOSED', 'UNLISTED', 'ignored'] }),
  onEsModules('register imported by name', `import('node:module').then(({ register }) => register);\nModule.register('./hooks.mjs', require('node:url').pathToFileURL('./x.js'));`, { files: HOOKS_FILE }),
  onCommonJs(`Module._extensions['.js'] and ['.cjs'] replaced`, `const js = Module._extensions['.js'];\nModule._extensions['.cjs'] = Module._extensions['.js'] = (module, file) => file.endsWith('victim.cjs') ? (module.exports = 'EVIL') : js(module, file);`),
  onCommonJs('Module._extensions, property defined', `Object.defineProperty(Module._extensions, '.cjs', { value: (module) => { module.exports = 'EVIL'; } });`),
  onCommonJs('Module._extensions, whole object replaced', `Module._extensions['.cjs'] = (module) => { module.exports = 'EVIL'; };\nModule._extensions = { __proto__: null, ...Module._extensions };`),
  onCommonJs('a new extension', `Module._extensions['.cjs'] = (module) => module._compile("module.exports = 'EVIL'", module.filename);`),
  {
    name: 'require.extensions',
    files: { 'main.js': `require.extensions['.cjs'] = (module) => { module.exports = 'EVIL'; };\nconsole.log(require('./victim.cjs'));\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'require.extensions of a dependency',
    files: { 'main.js': `require('./attacker');\nconsole.log(require('./victim'));\n`, 'attacker.js': `const js = require.extensions['.js'];\nrequire.extensions['.js'] = (module, file) => { const compile = module._compile; module._compile = function (text, name) { return compile.call(this, text.replace('GOOD', 'EVIL'), name); }; js(module, file); };\n`, 'victim.js': GOOD_CJS },
    attack: OUTCOME,
  },
  onCommonJs('Module.prototype._compile', `const compile = Module.prototype._compile;\nModule.prototype._compile = function (text, ...rest) { return compile.call(this, text.replace('GOOD', 'EVIL'), ...rest); };`),
  onCommonJs('Module.prototype.load', `Module.prototype.load = function () { this.exports = 'EVIL'; this.loaded = true; };`),
  onCommonJs('Module.prototype.require', `const real = Module.prototype.require;\nModule.prototype.require = function (id) { return id.includes('victim') ? 'EVIL' : real.call(this, id); };`),
  onCommonJs('Module._load', `const real = Module._load;\nModule._load = function (id, ...rest) { return id.includes('victim') ? 'EVIL' : real.call(this, id, ...rest); };`),
  onCommonJs('Module._load, property defined', `const real = Module._load;\nObject.defineProperty(Module, '_load', { value(id, ...rest) { return id.includes('victim') ? 'EVIL' : real.call(this, id, ...rest); } });`),
  onCommonJs('Module._resolveFilename', `const real = Module._resolveFilename;\nModule._resolveFilename = function (id, ...rest) { return real.call(this, id.replace('victim', 'other'), ...rest); };`, { files: { 'other.cjs': EVIL_CJS } }),
  onCommonJs('Module._findPath', `const real = Module._findPath;\nModule._findPath = function (id, ...rest) { return real.call(this, id.replace('victim', 'other'), ...rest); };`, { files: { 'other.cjs': EVIL_CJS } }),
  onCommonJs('Module._nodeModulePaths and globalPaths', `Module._nodeModulePaths = () => [process.cwd() + '/evil'];\nModule.globalPaths.unshift(process.cwd() + '/evil');`, {
    files: { 'victim.cjs': `module.exports = require('./inner.cjs');\n`, 'inner.cjs': `module.exports = require('dep');\n`, 'node_modules/dep/index.js': GOOD_CJS, 'evil/dep/index.js': EVIL_CJS },
  }),
  onCommonJs('Module._pathCache', `const path = require('node:path');\nconst find = Module._findPath;\nfor (const base of [process.cwd(), path.dirname(process.argv[1])]) Module._pathCache['./victim.cjs\\x00' + base] = path.join(base, 'other.cjs');\nModule._pathCache[path.resolve('victim.cjs') + '\\x00'] = path.resolve('other.cjs');`, { files: { 'other.cjs': EVIL_CJS } }),
  onCommonJs('Module.wrapper', `Module.wrapper[0] += "console.log('EVIL');";`),
  onCommonJs('Module.wrap', `Module.wrap = () => "(function (exports, require, module) { console.log('EVIL'); })";`),
  onCommonJs('Module._cache', `const file = require('node:path').resolve('victim.cjs');\nModule._cache[file] = { id: file, filename: file, loaded: true, exports: 'EVIL', children: [] };`),
  onCommonJs('Module._cache replaced', `const file = require('node:path').resolve('victim.cjs');\nModule._cache = { __proto__: null, ...Module._cache, [file]: { id: file, filename: file, loaded: true, exports: 'EVIL', children: [] } };`),
  onCommonJs('require.cache of createRequire', `const file = require('node:path').resolve('victim.cjs');\nModule.createRequire(file).cache[file] = { id: file, filename: file, loaded: true, exports: 'EVIL', children: [] };`),
  {
    name: 'require.cache',
    files: { 'main.js': `require('./attacker');\nconsole.log(require('./victim.cjs'));\n`, 'attacker.js': `const file = require.resolve('./victim.cjs');\nrequire.cache[file] = { id: file, filename: file, loaded: true, exports: 'EVIL', children: [] };\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'require.cache, victim imported',
    entry: 'main.mjs',
    files: { 'main.mjs': `import './attacker.cjs';\nconst { default: value } = await import('./victim.cjs');\nconsole.log(value);\n`, 'attacker.cjs': `const file = require.resolve('./victim.cjs');\nrequire.cache[file] = { id: file, filename: file, loaded: true, exports: 'EVIL', children: [], __proto__: module.constructor.prototype };\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'require.cache entry with a getter',
    files: { 'main.js': `require('./attacker');\nconsole.log(require('./victim.cjs'));\n`, 'attacker.js': `const file = require.resolve('./victim.cjs');\nObject.defineProperty(require.cache, file, { get: () => ({ id: file, filename: file, loaded: true, exports: 'EVIL', children: [] }), configurable: true });\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'module.paths',
    files: { 'main.js': `module.paths.unshift(__dirname + '/evil');\nconsole.log(require('dep'));\n`, 'node_modules/dep/index.js': GOOD_CJS, 'evil/dep/index.js': EVIL_CJS },
    attack: OUTCOME,
  },
  {
    name: 'module.paths leads to an unlisted file',
    files: { 'main.js': `module.paths.unshift(__dirname + '/evil');\nconsole.log(require('dep'));\n`, 'node_modules/dep/index.js': GOOD_CJS },
    tampers: { planted: { files: { 'evil/dep/index.js': EVIL_CJS }, outcome: ['UNLISTED', 'LOADER_CLOSED', 'ignored'] } },
  },
  {
    name: 'require.resolve with own paths leads to an unlisted file',
    files: { 'main.js': `let file;\ntry { file = require.resolve('dep', { paths: [__dirname + '/extra'] }); } catch { file = './good.js'; }\nconsole.log(require(file));\n`, 'good.js': GOOD_CJS },
    tampers: { planted: { files: { 'extra/node_modules/dep/index.js': EVIL_CJS }, outcome: ['UNLISTED', 'ignored'] } },
    survives: true,
  },
  {
    name: 'NODE_PATH set at run time',
    files: { 'main.js': `process.env.NODE_PATH = __dirname + '/evil';\nrequire('node:module')._initPaths();\nlet value;\ntry { value = require('dep'); } catch (error) { value = error.code === 'MODULE_NOT_FOUND' ? 'GOOD' : error.code; }\nconsole.log(value);\n` },
    tampers: { planted: { files: { 'evil/dep.js': EVIL_CJS }, outcome: ['UNLISTED', 'LOADER_CLOSED', 'ignored'] } },
    survives: true,
  },
  onCommonJs('constructor of module', `process.mainModule?.constructor;\nconst M = Module.Module ?? Module;\nM.prototype._compile = function () { this.exports = 'EVIL'; };`),
  onCommonJs('fs.readFileSync', `const fs = require('node:fs');\nconst real = fs.readFileSync;\nfs.readFileSync = function (file, ...rest) { return String(file).endsWith('victim.cjs') ? "module.exports = 'EVIL'" : real.call(this, file, ...rest); };`),
  onCommonJs('fs.realpathSync', `const fs = require('node:fs');\nconst real = fs.realpathSync;\nconst evil = (file, ...rest) => real.call(fs, String(file).replace('victim.cjs', 'other.cjs'), ...rest);\nfs.realpathSync = Object.assign(evil, real);`, { files: { 'other.cjs': EVIL_CJS } }),
  onCommonJs('path.resolve', `const path = require('node:path');\nconst real = path.resolve;\npath.resolve = (...parts) => real(...parts).replace('victim.cjs', 'other.cjs');`, { files: { 'other.cjs': EVIL_CJS } }),
  onEsModules('fs.readFileSync and fs.promises.readFile', `const fs = require('node:fs');
const sync = fs.readFileSync;
fs.readFileSync = function (file, ...rest) { return String(file.href ?? file).endsWith('victim.mjs') ? Buffer.from("export default 'EVIL'") : sync.call(this, file, ...rest); };
const promised = fs.promises.readFile;
fs.promises.readFile = async function (file, ...rest) { return String(file.href ?? file).endsWith('victim.mjs') ? Buffer.from("export default 'EVIL'") : promised.call(this, file, ...rest); };
Module.syncBuiltinESMExports();`),
  {
    name: 'process.mainModule replaced',
    files: { 'main.js': `require('./attacker');\nconsole.log(require('./victim.cjs'));\n`, 'attacker.js': `const real = process.mainModule.require;\nprocess.mainModule.constructor.prototype.require = function (id) { return id.includes('victim') ? 'EVIL' : real.call(this, id); };\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'prototype of module',
    files: { 'main.js': `require('./attacker');\nconsole.log(require('./victim.cjs'));\n`, 'attacker.js': `const proto = Object.getPrototypeOf(module);\nconst real = proto.require;\nproto.require = function (id) { return id.includes('victim') ? 'EVIL' : real.call(this, id); };\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'module.parent and module.children',
    files: { 'main.js': `const attacker = require('./attacker');\nconsole.log(require('./victim.cjs'));\n`, 'attacker.js': `module.parent.require = (id) => 'EVIL';\nmodule.parent.constructor._load = () => 'EVIL';\n`, ...CJS_VICTIM },
    attack: OUTCOME,
  },
  {
    name: 'runMain',
    entry: 'main.js',
    lateFlags: ['--require', './attacker.cjs'],
    files: { 'main.js': `console.log('GOOD');\n`, 'attacker.cjs': `const Module = require('node:module');\nModule.runMain = () => console.log('EVIL');\n` },
    attack: OUTCOME,
  },
  {
    name: 'process.dlopen replaced',
    files: { 'main.js': `require('./attacker');\ntry { require('./victim.node'); } catch (error) { console.log(error.message.includes('EVIL') ? 'EVIL' : 'GOOD'); }\n`, 'attacker.js': `process.dlopen = () => { throw new Error('EVIL'); };\n`, 'victim.node': 'not a binding\n' },
    attack: OUTCOME,
  },
];
