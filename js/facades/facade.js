'use strict';
// The facade of a builtin: what one package gets when it loads it. Built from the rules of the builtin table; members
// that need more than that come from the facade modules beside this file.
//
// A member is one of these:
//   hidden                    not there at all; so is whatever the table does not know, and what is rare and not granted
//   wholly granted or free    Node's own value: nothing to pay per call
//   overridden                what the facade module made for this package
//   anything else             a guard, which demands the capabilities of the rule before every use

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ObjectCreate,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeMap,
  StringPrototypeSplit,
} = require('../intrinsics.js');
const { guardFunction, guardMember } = require('./guard.js');
const { hardenMember, hardenModule } = require('./harden.js');

/** Members that are another builtin: packages get their own facade of that too. */
const VIEWS = {
  __proto__: null,
  'dns.promises': 'dns/promises',
  'fs.promises': 'fs/promises',
  'path.posix': 'path/posix',
  'path.win32': 'path/win32',
  'readline.promises': 'readline/promises',
  'stream.promises': 'stream/promises',
  'sys.types': 'util/types',
  'timers.promises': 'timers/promises',
  'util.types': 'util/types',
};

/** How `native.builtinRules` marks a member that nobody gets. */
const HIDDEN = '-';

const NONE = ObjectFreeze([]);

/**
 * What these stand for is done to the whole process, or to memory. Few packages get them, and code looks whether they are
 * there before it uses them; so without the grant they are not.
 */
const RARE = { __proto__: null, ffi: true, patch: true };

/** Members with another power than their module, which otherwise only computes: not there without the grant either. */
const ODD = { __proto__: null, zlib: { __proto__: null, 'fs.read': true, 'fs.write': true } };

/**
 * What a builtin is made from. That has to be loaded, and relieved of its powers, first: afterwards the prototypes that they
 * share are locked. Loaded on their own, the last two leave Node's `tls`, and with it https, broken for the whole process.
 */
const BASES = {
  __proto__: null,
  child_process: ['net'],
  cluster: ['child_process'],
  'dns/promises': ['dns'],
  'fs/promises': ['fs'],
  http: ['net'],
  http2: ['https'],
  https: ['http', 'tls'],
  _http_agent: ['http'],
  _http_client: ['http'],
  _http_common: ['http'],
  _http_incoming: ['http'],
  _http_outgoing: ['http'],
  _http_server: ['http'],
  tls: ['net'],
  tty: ['net'],
  _tls_common: ['tls'],
  _tls_wrap: ['tls'],
};

/** By module: what does not depend on the package. */
const plans = new SafeMap();

/**
 * @typedef {object} Context
 * @property {import('../authority.js').Authority} authority
 * @property {(name: string) => any} real  Node's own exports
 * @property {(name: string) => any} view  the same package's facade of another builtin
 *
 * @typedef {{needs: string[], names: string[], rules: string[]}} Rules  a rule is empty for a free member, `-` for a hidden one, else
 *   capabilities joined by `+`, each with an optional `:word`
 */

/**
 * The exports of a builtin for one package. What a module needs to be loaded at all is the caller's to demand.
 * @param {object} parts
 * @param {Context} parts.context
 * @param {string} parts.name  without `node:`
 * @param {Rules} parts.rules
 * @param {(context: Context) => object} [parts.maker]  gives the overrides: member to replacement. An accessor overrides
 *   an accessor; `undefined` hides the member
 * @param {string[]} [parts.always]  members that are overridden whatever is granted
 * @param {(facade: object, context: Context) => void} [parts.finish]  completes a facade with what is live
 */
function createFacade({ context, name, rules, maker, always = NONE, finish }) {
  const { authority } = context;
  const real = withBases(context, name);
  // Whoever may patch builtins patches those of everybody, so it gets the ones that everybody's facades are made from.
  if (authority.whole('patch')) return real;
  // Before the plan: it may take away more of what everybody shares, and the plan locks that.
  const overrides = maker?.(context);
  const plan = planOf(name, real, rules);
  // A builtin that is a function has only free members, or `needs` that leave nothing to attenuate.
  if (typeof real === 'function' || (plan.free && overrides === undefined)) return real;

  // Assigning to an object without a prototype is the fast way, and calls nobody's setter.
  const facade = ObjectCreate(null);
  const receivers = { __proto__: null, facade, real };
  const { members } = plan;
  for (let at = 0; at < members.length; at++) {
    const member = members[at];
    const { key, checks } = member;
    if (isAbsent(authority, name, checks)) continue;
    const free = checks.length === 0;
    const whole = free || allWhole(authority, checks);
    if (overrides !== undefined && key in overrides && (free || !whole || ArrayPrototypeIndexOf(always, key) !== -1)) {
      defineOverride(facade, overrides, member);
    } else if (whole) {
      defineReal(facade, real, member, context);
    } else {
      defineGuarded(facade, member, authority, receivers);
    }
  }
  ObjectSetPrototypeOf(facade, plan.prototype);
  finish?.(facade, context);
  return facade;
}

module.exports = { createFacade };

function withBases(context, name) {
  const bases = BASES[name];
  if (bases !== undefined) for (let at = 0; at < bases.length; at++) withBases(context, bases[at]);
  return context.real(name);
}

function planOf(name, real, rules) {
  let plan = plans.get(name);
  if (plan === undefined) {
    plan = createPlan(name, real, rules);
    plans.set(name, plan);
  }
  return plan;
}

function createPlan(name, real, { needs, names, rules }) {
  const ruleOf = new SafeMap();
  for (let at = 0; at < names.length; at++) ruleOf.set(names[at], rules[at]);
  const members = [], visible = [], powerful = [];
  let free = true;
  const keys = ReflectOwnKeys(real);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (typeof key !== 'string') continue;
    const rule = ruleOf.get(key);
    if (rule === undefined || rule === HIDDEN) {
      free = false;
      continue;
    }
    const checks = checksOf(rule);
    if (checks.length > 0) {
      free = false;
      ArrayPrototypePush(powerful, key);
    }
    ArrayPrototypePush(visible, key);
    ArrayPrototypePush(members, createMember(name, real, key, checks));
  }
  // Behind other `needs` than the network are the tools of debuggers and test runners, which rewrite themselves; few packages
  // get them.
  if (needs.length === 0 || needs[0] === 'net.connect') hardenModule(name, real, visible, powerful);
  return ObjectFreeze({ __proto__: null, free, members, prototype: ObjectGetPrototypeOf(real) });
}

/** The rule `child:shell+net.listen` as what is to be demanded. */
function checksOf(rule) {
  const checks = [];
  if (rule === '') return checks;
  const parts = StringPrototypeSplit(rule, '+');
  for (let at = 0; at < parts.length; at++) {
    const words = StringPrototypeSplit(parts[at], ':');
    ArrayPrototypePush(checks, ObjectFreeze({ __proto__: null, capability: words[0], word: words[1] }));
  }
  return checks;
}

function createMember(name, real, key, checks) {
  const { enumerable, get } = ObjectGetOwnPropertyDescriptor(real, key);
  const member = {
    __proto__: null, name, key, checks, enumerable, accessor: get !== undefined, view: VIEWS[`${name}.${key}`], attempt: `${name}.${key}()`,
  };
  // Shared by every package, so nobody may put anything on them.
  member.get = get === undefined ? undefined : ObjectFreeze(() => readHardened(real, name, key, get));
  member.set = ObjectFreeze(function (value) {
    // A package changes its own facade, or its own copy of it, whatever Node's accessor would do.
    ReflectDefineProperty(this, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
  });
  return ObjectFreeze(member);
}

function readHardened(real, name, key, get) {
  const value = ReflectApply(get, real, []);
  hardenMember(name, key, value);
  return value;
}

function allWhole(authority, checks) {
  for (let at = 0; at < checks.length; at++) if (!authority.whole(checks[at].capability)) return false;
  return true;
}

/** Whether the package does not even see a member. */
function isAbsent(authority, name, checks) {
  for (let at = 0; at < checks.length; at++) {
    const { capability } = checks[at];
    if ((RARE[capability] === true || ODD[name]?.[capability] === true) && !authority.granted(capability)) return true;
  }
  return false;
}

function defineReal(facade, real, member, context) {
  const { key, enumerable, view } = member;
  if (view !== undefined) defineAccessor(facade, member, () => context.view(view));
  else if (member.accessor) defineAccessor(facade, member, member.get);
  else define(facade, key, real[key], enumerable);
}

function defineOverride(facade, overrides, member) {
  if (member.accessor) {
    const { get, set, value } = ObjectGetOwnPropertyDescriptor(overrides, member.key);
    if (get !== undefined) {
      const read = () => {
        const given = ReflectApply(get, facade, []);
        // Classes have Node's prototype, and that is to be hardened as well.
        if (typeof given === 'function') member.get();
        return given;
      };
      ReflectDefineProperty(facade, member.key, { __proto__: null, get: read, set: set ?? member.set, enumerable: member.enumerable, configurable: true });
    } else if (value !== undefined) {
      define(facade, member.key, value, member.enumerable);
    }
    return;
  }
  const value = overrides[member.key];
  if (value !== undefined) define(facade, member.key, value, member.enumerable);
}

function defineGuarded(facade, member, authority, receivers) {
  const { key, enumerable } = member;
  if (!member.accessor) {
    const value = receivers.real[key];
    const guard = typeof value === 'function' ? guardFunction : guardMember;
    define(facade, key, guard(value, member, authority, receivers), enumerable);
    return;
  }
  // What an accessor gives is often loaded by it, so it is asked when the package asks.
  let guarded, known = false;
  defineAccessor(facade, member, () => {
    if (!known) {
      guarded = guardMember(member.get(), member, authority, receivers);
      known = true;
    }
    return guarded;
  });
}

function defineAccessor(facade, { key, enumerable, set }, get) {
  ReflectDefineProperty(facade, key, { __proto__: null, get, set, enumerable, configurable: true });
}

function define(facade, key, value, enumerable) {
  if (enumerable) facade[key] = value;
  else ReflectDefineProperty(facade, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
}
