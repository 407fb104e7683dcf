// Code from text under a policy, on every Node: who is granted `eval` has the real thing, and nothing else leads to it.
//
// One row: LOADLOCK_TEST_ROWS='probe' node --test __test__/policy/eval.test.mjs (a regular expression)
/* oxlint-disable no-eval, no-extend-native, no-extraneous-class, no-instanceof-builtins, no-unnecessary-await -- attacks and shapes of functions */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { inspect, types } from 'node:util';
import { authorityWith, refuses, testRows } from './rows.mjs';

const require = createRequire(import.meta.url);
const StockFunction = Function, stockEval = globalThis.eval;
const nobody = [];
let evaluators;

if (process.env.LOADLOCK_ROWS_ROLE === 'rows') {
  const authority = authorityWith({});
  const { createEvaluators } = require('../../js/facades/eval.js');
  evaluators = createEvaluators({
    native: {
      demand(location, capability, value, attempt) {
        nobody.push(`${location} ${capability}`);
        authority.demand(capability, undefined, attempt);
      },
    },
  });
  evaluators.tame();
  require('../../js/lockdown.js').lockdown();
}

const rows = {
  'nothing that is reached through an object compiles text': () => {
    const text = 'return process';
    const functions = [
      () => {}, async () => {}, function* () {}, async function* () {}, class {}, Map, Math.max, (() => {}).bind(), Function.prototype.call, new Proxy(() => {}, {}),
      Object.getOwnPropertyDescriptor(Map.prototype, 'size').get,
    ];
    for (const fn of functions) {
      refuses(() => fn.constructor(text));
      refuses(() => new fn.constructor(text));
      refuses(() => Reflect.construct(fn.constructor, [text]));
    }
    refuses(() => globalThis.Function(text));
    refuses(() => Reflect.construct(Function, [text], Object));
    refuses(() => Object.getPrototypeOf((async () => {}).constructor)(text));
    refuses(() => Function.prototype.constructor.call(null, text));
    refuses(() => Function.prototype.constructor.apply(null, ['a = process', '']));
    refuses(() => (0, globalThis.eval)('1'));
    refuses(() => [1].map((_, __, list) => globalThis.eval(`${list}`)));
    assert.ok(nobody.every((line) => line === '? eval'));
  },
  'it cannot be put back': () => {
    assert.throws(() => Object.defineProperty(Function.prototype, 'constructor', { value: 1 }), TypeError);
    assert.throws(() => Object.defineProperty(Object.getPrototypeOf(async () => {}), 'constructor', { value: 1 }), TypeError);
    Function.prototype.constructor = 1;
    assert.equal(Function.prototype.constructor.name, 'Function');
  },
  'probes for features and for the global object are answered': () => {
    assert.equal(Function('return this')(), globalThis);
    assert.equal(new Function(' return this;\n')(), globalThis);
    assert.equal((() => {}).constructor('return this')(), globalThis);
    assert.equal(Function()(), undefined);
    assert.ok(types.isGeneratorFunction(Function('return function*() {}')()));
    const AsyncFunction = Function('"use strict"; return (async function () {}).constructor;')();
    assert.equal(AsyncFunction.name, 'AsyncFunction');
    refuses(() => AsyncFunction('1'));
  },
  'asked for the global object, a package gets its own': () => {
    const own = {}, denied = authorityWith({}, { location: 'node_modules/other' });
    const { functionFor } = require('../../js/facades/eval.js').createEvaluators({ native: {}, globalOf: (authority) => authority === denied && own });
    assert.equal(functionFor(denied)('return this')(), own);
    assert.equal(new (functionFor(denied))('return this;')(), own);
    assert.equal(functionFor(denied)()(), undefined);
  },
  'a probe cannot change after it was looked at': () => {
    let reads = 0;
    assert.equal(Function({ toString: () => (reads++ > 0 ? 'return process' : 'return this') })(), globalThis);
    refuses(() => Function('a', 'return this'));
    refuses(() => Function('return this;//\nreturn process'));
  },
  'what is not text goes through eval as ever': () => {
    const object = {};
    assert.equal((0, globalThis.eval)(object), object);
  },
  'functions are functions': () => {
    for (const fn of [() => {}, async () => {}, function* () {}, class {}, Function, stockEval]) {
      assert.ok(fn instanceof Function);
      assert.equal(fn.constructor.prototype, Object.getPrototypeOf(fn));
    }
    assert.equal((() => {}).constructor, Function);
    assert.deepEqual([Function.name, Function.length, (async () => {}).constructor.name], ['Function', 1, 'AsyncFunction']);
    class Callable extends Function {
      constructor() {
        super();
        return Object.setPrototypeOf((...args) => args.length, Callable.prototype);
      }
    }
    assert.equal(new Callable()(1, 2), 2);
    assert.ok(new Callable() instanceof Callable);
  },
  'granted: the real ones': () => {
    const granted = authorityWith({ eval: true });
    const OwnFunction = evaluators.functionFor(granted), ownEval = evaluators.evalFor(granted);
    assert.equal(OwnFunction.prototype, StockFunction.prototype);
    assert.equal(evaluators.functionFor(granted), OwnFunction);
    assert.equal(ownEval, stockEval);
    assert.equal(new OwnFunction('a', 'b', 'return a + b')(1, 2), 3);
    assert.equal(OwnFunction('return typeof require + typeof module')(), 'undefinedundefined');
    // As the linker hands it over: a parameter of this name keeps the meaning of direct eval.
    const direct = OwnFunction('eval', 'return function () { const local = 4; return eval("local + 1"); }')(ownEval);
    assert.equal(direct(), 5);
    assert.ok((() => {}) instanceof OwnFunction);
    assert.equal(OwnFunction.call({}, 'a', 'return a')(6), 6);
    class Derived extends OwnFunction {}
    assert.equal(new Derived('return 7')(), 7);
    assert.ok(new Derived('') instanceof Derived);
  },
  'granted: the answers to probes are the real constructors': async () => {
    const OwnFunction = evaluators.functionFor(authorityWith({ eval: true }));
    const AsyncFunction = new OwnFunction('return (async function(){}).constructor;')();
    assert.equal(AsyncFunction.name, 'AsyncFunction');
    assert.equal(await AsyncFunction('return await 5')(), 5);
    for (const text of ['"use strict"; return (async () => {}).constructor', ' return Object.getPrototypeOf(async function () {}).constructor ; ']) {
      assert.equal(OwnFunction(text)(), AsyncFunction);
    }
    assert.deepEqual([...OwnFunction('return (function* () {}).constructor')()('yield 1')()], [1]);
    assert.equal(OwnFunction('return (async function* () {}).constructor')().name, 'AsyncGeneratorFunction');
    // What only looks like one is compiled, and finds what everybody finds.
    refuses(() => OwnFunction('return (async function (a) {}).constructor')()('1'));
    refuses(() => OwnFunction('return this.Function')()('1'));
  },
  'denied: refused in the name of the package': () => {
    const denied = authorityWith({});
    const OwnFunction = evaluators.functionFor(denied), ownEval = evaluators.evalFor(denied);
    const before = nobody.length;
    assert.match(refuses(() => new OwnFunction('a', 'return a')).message, /^new Function\("return a"\)/);
    refuses(() => OwnFunction('a = 1', ''));
    refuses(() => ownEval('1'));
    assert.deepEqual(denied.refused, ['eval', 'eval', 'eval']);
    assert.equal(nobody.length, before);
    assert.equal(OwnFunction('return this')(), globalThis);
    assert.ok((() => {}) instanceof OwnFunction);
    assert.equal(evaluators.functionFor(denied), OwnFunction);
    assert.equal(evaluators.evalFor(denied), ownEval);
    refuses(() => OwnFunction.constructor('1'));
    refuses(() => new (class extends OwnFunction {})('return process'));
    refuses(() => OwnFunction('return (async function(){}).constructor;'));
  },
  'audit: records and does the real thing': () => {
    const audit = authorityWith({}, { lenient: true, location: 'node_modules/audited' });
    assert.equal(evaluators.functionFor(audit)('a', 'return a + 1')(1), 2);
    assert.equal(evaluators.evalFor(audit)('1 + 1'), 2);
    assert.deepEqual(audit.refused, ['eval', 'eval']);
  },
  'Node works without them': async () => {
    assert.equal(inspect([() => {}, async () => {}, class A extends Map {}, new (class Foo {})()]), '[\n  [Function (anonymous)],\n  [AsyncFunction (anonymous)],\n  [class A extends Map],\n  Foo {}\n]');
    const fail = async () => {
      await 1;
      throw new Error('deep');
    };
    const caught = await (async function outer() {
      await fail();
    })().catch((error) => error);
    assert.match(caught.stack, /at async outer/);
    assert.equal(await (await fetch('data:text/plain,text')).text(), 'text');
    assert.equal(require('node:vm').runInNewContext('new Function("return 1")()'), 1);
    const { stripTypeScriptTypes } = require('node:module');
    if (stripTypeScriptTypes !== undefined) assert.match(stripTypeScriptTypes('const a: number = 1'), /const a +=/);
  },
};

await testRows(import.meta.url, 'code from text under a policy', rows, ['--no-warnings']);
