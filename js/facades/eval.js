'use strict';
// Code from text. Whoever is granted `eval` gets the real `eval` and `Function` under these names, in its own files;
// everybody else, and everything that is reached through an object (`fn.constructor`, `globalThis.Function`), gets
// functions that refuse. What the real ones compile runs in the global scope, where nothing powerful is left.

const { join } = require('path');
const { Script, constants } = require('vm');
const {
  ArrayPrototypePush,
  JSONStringify,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  Proxy,
  ReflectConstruct,
  SafeMap,
  SafeSet,
  StringPrototypeEndsWith,
  StringPrototypeIncludes,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeTrim,
  uncurryThis,
} = require('../intrinsics.js');

const runInThisContext = uncurryThis(Script.prototype.runInThisContext);
const RealFunction = Function;
// eslint-disable-next-line no-eval -- it is what this file is about
const realEval = eval;

/**
 * Texts by which code asks what the engine can do, or for the global object, in spellings of core-js, get-intrinsic,
 * is-generator-function, lodash and their like. They are constants with no power, so everybody gets what they stand for.
 */
const HARMLESS = new SafeSet([
  '',
  'return this',
  'return function*() {}',
  'return function* () {}',
  '"use strict"; return (function* () {}).constructor',
  '"use strict"; return (async function () {}).constructor',
  '"use strict"; return (async function* () {}).constructor',
]);

/** The four constructors; three of them have no name of their own. */
const KINDS = [
  { name: 'Function', Real: RealFunction },
  { name: 'AsyncFunction', Real: ObjectGetPrototypeOf(async () => {}).constructor },
  { name: 'GeneratorFunction', Real: ObjectGetPrototypeOf(function* () {}).constructor },
  { name: 'AsyncGeneratorFunction', Real: ObjectGetPrototypeOf(async function* () {}).constructor },
];

/** No probe is longer, whatever space is in it. */
const LONGEST_PROBE = 120;

const SPACE = [' ', '\n', '\r', '\t'];

/**
 * Texts by which code asks for the three that have no name, as ejs does. Where they stand, the language would answer with
 * the ones that refuse, so whoever is granted `eval` gets the answer from here. Compact: see `compact`.
 */
const PROBES = new SafeMap();
for (const [index, functions] of [[1, ['async function(){}', 'async()=>{}']], [2, ['function*(){}']], [3, ['async function*(){}']]]) {
  for (const text of functions) {
    for (const probe of [`return(${text}).constructor`, `return Object.getPrototypeOf(${text}).constructor`]) PROBES.set(compact(probe), index);
  }
}

/** Who asks when nobody can be told: must match `NOBODY` in src/runtime/capability.rs. */
const NOBODY = '?';

/**
 * @param {object} parts
 * @param {import('../binding.d.ts').Native} parts.native
 * @param {(authority: import('../authority.js').Authority) => object} [parts.globalOf]  `globalThis` of a package, for
 *   those that ask for it with `Function('return this')()`
 * @param {() => void} [parts.prepareImports]  called before text that may import is compiled
 */
function createEvaluators({ native, globalOf, prepareImports }) {
  const functions = new SafeMap(), granting = new SafeMap(), constructors = new SafeMap(), evals = new SafeMap();

  /**
   * `Function` of a package. Always the same for the same package.
   * @param {import('../authority.js').Authority} authority
   */
  function functionFor(authority) {
    if (authority.whole('eval')) return known(granting, authority.location, () => granted(authority));
    return known(functions, authority.location, () => {
      const ownGlobal = globalOf === undefined ? undefined : () => globalOf(authority);
      return refusing('Function', RealFunction, (attempt) => authority.demand('eval', undefined, attempt), ownGlobal);
    });
  }

  /** The real one in everything but the answers to probes. */
  function granted(authority) {
    const construct = (Real, texts, newTarget) => {
      const probed = texts.length === 1 && typeof texts[0] === 'string' ? PROBES.get(compact(texts[0])) : undefined;
      if (probed !== undefined) return () => KINDS[probed].Real;
      const target = newTarget === proxy ? Real : newTarget;
      for (let at = 0; at < texts.length; at++) {
        texts[at] = `${texts[at]}`;
        // V8 lets such text import what the file may that calls the real one.
        if (StringPrototypeIncludes(texts[at], 'import')) return constructorIn(authority)(Real, texts, target);
      }
      return ReflectConstruct(Real, texts, target);
    };
    const proxy = new Proxy(RealFunction, {
      __proto__: null,
      apply: (Real, _, texts) => construct(Real, texts, Real),
      construct,
    });
    return proxy;
  }

  /** Constructs in a script that counts as one of the package's directory. */
  function constructorIn(authority) {
    return known(constructors, authority.location, () => {
      prepareImports?.();
      const script = new Script('(construct) => (Real, texts, target) => construct(Real, texts, target)', {
        __proto__: null,
        filename: join(native.root, authority.location, 'loadlock-function.js'),
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
      return runInThisContext(script)(ReflectConstruct);
    });
  }

  /**
   * `eval` of a package. The real one keeps its meaning only where it is called by this very name.
   * @param {import('../authority.js').Authority} authority
   */
  function evalFor(authority) {
    if (authority.whole('eval')) return realEval;
    return known(evals, authority.location, () => refusingEval((attempt) => authority.demand('eval', undefined, attempt)));
  }

  /**
   * Takes the real ones out of everybody's reach. Once, after everything of the shim that compiles text, and before
   * lockdown().
   */
  function tame() {
    const refuse = (attempt) => native.demand(NOBODY, 'eval', '', `${attempt}, reached through an object or the global object`);
    let Tamed;
    for (const { name, Real } of KINDS) {
      const tamed = refusing(name, Real, refuse);
      // The real three inherit from Function.
      if (Tamed === undefined) Tamed = tamed;
      else ObjectSetPrototypeOf(tamed, Tamed);
      ObjectFreeze(tamed);
      ObjectDefineProperty(Real.prototype, 'constructor', { __proto__: null, value: tamed, writable: Real === RealFunction, enumerable: false, configurable: true });
    }
    ObjectDefineProperty(globalThis, 'Function', { __proto__: null, value: Tamed, writable: true, enumerable: false, configurable: true });
    ObjectDefineProperty(globalThis, 'eval', { __proto__: null, value: ObjectFreeze(refusingEval(refuse)), writable: true, enumerable: false, configurable: true });
  }

  return ObjectFreeze({ __proto__: null, evalFor, functionFor, tame });
}

module.exports = { createEvaluators };

function known(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/**
 * A constructor that looks like `Real`, and is it in everything but compiling text.
 * @param {string} name
 * @param {Function} Real
 * @param {(attempt: string) => void} refuse  throws, or returns when violations are only recorded
 * @param {() => object} [ownGlobal]  what stands for the global object
 */
function refusing(name, Real, refuse, ownGlobal) {
  const { [name]: Constructor } = {
    // A function expression, because methods cannot be constructed.
    [name]: function (...args) {
      const texts = [];
      for (let at = 0; at < args.length; at++) ArrayPrototypePush(texts, `${args[at]}`);
      if (ownGlobal !== undefined && texts.length === 1 && plain(texts[0]) === 'return this') return () => ownGlobal();
      if (!isHarmless(texts)) refuse(`${new.target === undefined ? '' : 'new '}${name}(${excerpt(texts)})`);
      // A class derived from it may pass itself; anything else gets what the real one makes.
      return ReflectConstruct(Real, texts, new.target === undefined || new.target === Constructor ? Real : new.target);
    },
  };
  ObjectDefineProperty(Constructor, 'name', { __proto__: null, value: name, configurable: true });
  ObjectDefineProperty(Constructor, 'length', { __proto__: null, value: 1, configurable: true });
  ObjectDefineProperty(Constructor, 'prototype', { __proto__: null, value: Real.prototype, writable: false });
  return Constructor;
}

function refusingEval(refuse) {
  const { eval: refused } = {
    eval(text) {
      if (typeof text !== 'string') return text;
      refuse(`eval(${excerpt([text])})`);
      return realEval(text);
    },
  };
  return refused;
}

/** Without space, `"use strict"` and the semicolons at the end: two different probes never become the same. */
function compact(text) {
  if (text.length > LONGEST_PROBE) return '';
  let rest = text;
  for (let at = 0; at < SPACE.length; at++) rest = StringPrototypeReplaceAll(rest, SPACE[at], '');
  while (StringPrototypeEndsWith(rest, ';')) rest = StringPrototypeSlice(rest, 0, -1);
  return StringPrototypeStartsWith(rest, '"usestrict";') || StringPrototypeStartsWith(rest, "'usestrict';") ? StringPrototypeSlice(rest, 12) : rest;
}

/** No parameter: a default value in it would be code. */
function isHarmless(texts) {
  return texts.length === 0 || (texts.length === 1 && HARMLESS.has(plain(texts[0])));
}

/** Without what says nothing at either end. */
function plain(text) {
  let rest = StringPrototypeTrim(text);
  while (StringPrototypeEndsWith(rest, ';')) rest = StringPrototypeTrim(StringPrototypeSlice(rest, 0, -1));
  return rest;
}

/** The beginning of the body. */
function excerpt(texts) {
  const text = texts[texts.length - 1];
  return JSONStringify(text.length > 60 ? `${StringPrototypeSlice(text, 0, 60)}…` : text);
}
