// vm under a policy, on every Node: with the grant it works, but no script speaks for another package.
//
// One row: LOADLOCK_TEST_ROWS='import' node --test __test__/policy/vm.test.mjs (a regular expression)
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { authorityWith, builtins, refuses, testRows } from './rows.mjs';

const require = createRequire(import.meta.url);
const native = { packageOf: (path) => /^\/app\/(node_modules\/[^/]+)\//.exec(path)?.[1] ?? '' };
const OWN = '/app/node_modules/p/own.js', OTHER = '/app/node_modules/trusted/index.js';
let real, facade;

if (process.env.LOADLOCK_ROWS_ROLE === 'rows') {
  facade = require('../../js/facades/vm.js');
  real = builtins(facade);
  require('../../js/lockdown.js').lockdown();
}

function vmWith(grants, options) {
  const authority = authorityWith(grants, options);
  return Object.assign(facade.create.vm({ authority, native, real }), { refused: authority.refused });
}

/** The ways to run a text, all with the same options. */
const WAYS = {
  runInThisContext: (vm, text, options) => vm.runInThisContext(text, options),
  runInNewContext: (vm, text, options) => vm.runInNewContext(text, {}, options),
  runInContext: (vm, text, options) => vm.runInContext(text, vm.createContext({}), options),
  Script: (vm, text, options) => new vm.Script(text, options).runInThisContext(),
  createScript: (vm, text, options) => vm.createScript(text, options).runInNewContext(),
  compileFunction: (vm, text, options) => vm.compileFunction(`return ${text}`, [], typeof options === 'string' ? { filename: options } : options)(),
};

const importing = () => real('vm').constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
/** What the file name is for import(): nothing listens here, so it fails, but it is the default loader that fails. */
const IMPORT = "import('./no-such-file.js').catch((error) => error.code)";

const rows = {
  'denied: nothing runs': () => {
    const vm = vmWith({});
    for (const use of Object.values(WAYS)) refuses(() => use(vm, '1'));
    refuses(() => vm.createContext({}));
    assert.ok(vm.refused.every((capability) => capability === 'vm'));
  },
  'granted: works as on stock Node': () => {
    const vm = vmWith({ vm: true });
    for (const use of Object.values(WAYS)) assert.equal(use(vm, '1 + 1'), 2);
    assert.equal(vm.runInNewContext('a + 1', { a: 1 }), 2);
    assert.equal(vm.runInContext('b', vm.createContext({ b: 3 }), 'name.js'), 3);
    assert.equal(vm.compileFunction('return a + b', ['a', 'b'])(1, 2), 3);
    const script = new vm.Script('1', { produceCachedData: true });
    assert.ok(script instanceof vm.Script && script instanceof real('vm').Script);
    assert.ok(script.createCachedData().length > 0);
    class Own extends vm.Script {
      twice() {
        return this.runInThisContext() * 2;
      }
    }
    assert.equal(new Own('4').twice(), 8);
    assert.equal(new vm.Script('x', { filename: 'mine.js', lineOffset: 3 }).runInNewContext({ x: 5 }), 5);
    assert.throws(() => vm.Script('1'), TypeError);
    assert.throws(() => new vm.Script('1', 5), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => vm.runInContext('1', {}), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => vm.runInThisContext('while (true);', { timeout: 5 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  },
  'a file name of another package is shown as a claim': () => {
    const vm = vmWith({ vm: true });
    const stackOf = (filename) => vm.compileFunction('return new Error().stack', [], { filename })();
    assert.match(stackOf(OWN), /[( ]\/app\/node_modules\/p\/own\.js:1/);
    assert.match(stackOf('anything.js'), /[( ]anything\.js:1/);
    for (const filename of [OTHER, '/app/node_modules/p/../trusted/index.js', `file://${OTHER}`]) assert.match(stackOf(filename), /vm:node_modules\/p:/);
    assert.doesNotMatch(vmWith({ vm: true, loader: true }).compileFunction('return new Error().stack', [], { filename: OTHER })(), /vm:/);
  },
  'import() of a script only in the name of its package': async () => {
    if (importing() === undefined) return;
    const vm = vmWith({ vm: true });
    const options = (filename) => ({ filename, importModuleDynamically: importing() });
    for (const [name, use] of Object.entries(WAYS)) {
      // A context of its own has no name that could be asked for.
      assert.equal(await use(vm, IMPORT, options(OWN)), 'ERR_MODULE_NOT_FOUND', name);
      for (const filename of [
        OTHER, undefined, 'name.js', '/app/main.js', '/app/node_modules/p/../trusted/index.js', `file://${OTHER}`, `FILE://${OTHER}`, ` file://${OTHER}`, `fi\tle://${OTHER}`,
        'file:///app/node_modules/%74rusted/index.js', 'file:///app/node_modules/p%2f..%2ftrusted/index.js', 'data:text/javascript,1', 'https://example.com/app/node_modules/p/own.js',
      ]) {
        refuses(() => use(vm, IMPORT, options(filename)));
      }
    }
    refuses(() => vm.createContext({}, { importModuleDynamically: importing() }));
    refuses(() => vm.runInThisContext(IMPORT, { filename: OWN, importModuleDynamically: Symbol('vm_dynamic_import_default_internal') }));
  },
  'import(): the application does not speak for packages either': async () => {
    if (importing() === undefined) return;
    const vm = vmWith({ vm: true }, { location: '' });
    assert.equal(await vm.runInThisContext(IMPORT, { filename: '/app/main.js', importModuleDynamically: importing() }), 'ERR_MODULE_NOT_FOUND');
    assert.equal(await vm.runInThisContext(IMPORT, { importModuleDynamically: importing() }), 'ERR_MODULE_NOT_FOUND');
    refuses(() => vm.runInThisContext(IMPORT, { filename: OTHER, importModuleDynamically: importing() }));
  },
  'a file name cannot change after it was looked at': async () => {
    if (importing() === undefined) return;
    const vm = vmWith({ vm: true });
    let reads = 0;
    const stack = vm.compileFunction('return new Error().stack', [], { get filename() { return reads++ > 0 ? OTHER : OWN; }, importModuleDynamically: importing() })();
    assert.match(stack, /\/p\/own\.js/);
    reads = 0;
    const options = { filename: OTHER, get importModuleDynamically() { return reads++ > 0 ? importing() : undefined; } };
    await assert.rejects(vm.runInThisContext("import('./no-such-file.js')", options), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING' });
    refuses(() => vm.runInThisContext(IMPORT, Object.assign(Object.create({ filename: OWN }), { importModuleDynamically: importing() })));
  },
  'without a word about it, import() fails as ever': async () => {
    const vm = vmWith({ vm: true });
    for (const [name, use] of Object.entries(WAYS)) {
      await assert.rejects(use(vm, "import('node:fs')", OWN), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING' }, name);
    }
    // With --experimental-vm-modules the package answers itself.
    const asked = [];
    const own = { importModuleDynamically: (specifier) => asked.push(specifier) };
    await assert.rejects(vm.runInThisContext("import('node:fs')", own));
    assert.deepEqual(asked, ['node:fs']);
  },
  'cached data is code that nobody sealed': () => {
    const cachedData = new (real('vm').Script)('1').createCachedData();
    const vm = vmWith({ vm: true });
    for (const use of Object.values(WAYS)) refuses(() => use(vm, '1', { cachedData }));
    assert.ok(vm.refused.every((capability) => capability === 'loader'));
    assert.equal(new (vmWith({ vm: true, loader: true }).Script)('1', { cachedData }).cachedDataRejected, false);
  },
  'a script leads to no class that takes more': () => {
    const vm = vmWith({ vm: true });
    const script = new vm.Script('1');
    for (let at = script; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      assert.throws(() => new at.constructor('1', OTHER), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    }
    assert.equal(Object.getPrototypeOf(vm.Script), Function.prototype);
  },
  'modules from text need loader': () => {
    const vm = vmWith({ vm: true });
    for (const name of ['SourceTextModule', 'SyntheticModule']) refuses(() => new vm[name]('1', { identifier: OTHER }));
  },
  'audit: records and does the real thing': () => {
    const vm = vmWith({}, { lenient: true });
    assert.equal(vm.runInThisContext('1 + 1', { cachedData: Buffer.alloc(8) }), 2);
    assert.deepEqual(vm.refused, ['vm', 'loader']);
  },
};

await testRows(import.meta.url, 'vm under a policy', rows, ['--experimental-vm-modules', '--no-warnings']);
