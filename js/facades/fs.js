'use strict';
// `fs` and `fs/promises` for packages without the whole of `fs.read` and `fs.write`: each function of Node with checks in
// front of it. Arguments are copied (fs-arguments.js) and checked (fs-gate.js), and only the copies and the real paths go
// to Node. The groups name every function; a test fails when a Node version has one that they do not name.
//
// Most packages that load `fs` call few of its functions. What a package gets at first are stubs with the right name and
// length; the function behind a stub is made at its first call, together with the others of its group.

const realFs = require('fs');
const { promisify } = require('util');
const {
  ArrayIsArray,
  ArrayPrototypePush,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  Promise,
  ReflectApply,
  ReflectDefineProperty,
  ReflectOwnKeys,
  SafeMap,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
} = require('../intrinsics.js');
const { copyList } = require('./fs-arguments.js');
const { STREAM_GROUPS, createDir, createStream, createUtf8Stream } = require('./fs-classes.js');
const { ownsDescriptor } = require('./fs-descriptors.js');
const { FILE_GROUPS } = require('./fs-files.js');
const { FOLDER_GROUPS } = require('./fs-folders.js');
const { READ, WRITE, gateOf } = require('./fs-gate.js');
const { hardenPromises } = require('./fs-handles.js');
const { hideReadFileContext, sever } = require('./fs-severing.js');
const { hardenStreams } = require('./fs-streams.js');
const { hardenWatchers } = require('./fs-watchers.js');

const customPromisify = promisify.custom;

/** Members whose rule a flag or an option can exceed: they need their override also where the rule is wholly granted. */
const always = ObjectFreeze({
  __proto__: null,
  fs: ObjectFreeze(['FileReadStream', 'ReadStream', 'Utf8Stream', 'createReadStream', 'readFile', 'readFileSync']),
  'fs/promises': ObjectFreeze(['readFile']),
});

const create = {
  __proto__: null,
  fs: ({ authority }) => membersOf(authority, 'fs'),
  'fs/promises': ({ authority }) => membersOf(authority, 'promises'),
};

const harden = { __proto__: null, fs: hardenOnce, 'fs/promises': hardenOnce };

module.exports = { always, create, harden, ownsDescriptor };

/** Takes the ways off Node's own objects that lead from what they give to more. */
let hardened = false;

function hardenOnce() {
  if (hardened) return;
  hardened = true;
  hardenStreams(realFs);
  sever(realFs.Dir.prototype);
  hardenWatchers(realFs);
  hardenPromises(realFs.promises);
  hardenUtf8Stream();
}

/** Loaded when somebody asks for it. */
function hardenUtf8Stream() {
  const { get } = ObjectGetOwnPropertyDescriptor(realFs, 'Utf8Stream') ?? NOTHING;
  if (get === undefined) return;
  let known;
  ReflectDefineProperty(realFs, 'Utf8Stream', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      if (known === undefined) {
        known = ReflectApply(get, realFs, []);
        sever(known.prototype);
      }
      return known;
    },
  });
}

// Before lockdown.js: it needs Object.prototype for a moment.
hideReadFileContext();

/** By name without `Sync`: the group that makes a function. */
const groupOf = new SafeMap();
for (const group of [...FILE_GROUPS, ...FOLDER_GROUPS, ...STREAM_GROUPS]) {
  for (const name of group.names) groupOf.set(name, group);
}

const packages = new SafeMap();

function membersOf(authority, surface) {
  hardenOnce();
  if (authority.whole(READ) && authority.whole(WRITE)) return NOTHING;
  let members = packages.get(authority);
  if (members === undefined) {
    members = createPackage(authority);
    packages.set(authority, members);
  }
  return members[surface]();
}

const NOTHING = ObjectFreeze({ __proto__: null });

function createPackage(authority) {
  /** @type {import('./fs-calls.js').Parts & {classOf: (name: string) => Function}} */
  const parts = { __proto__: null, authority, classOf, find, fs: { __proto__: null }, gate: undefined, promises: { __proto__: null } };
  const classes = { __proto__: null };

  function find(surface, key) {
    const known = parts[surface][key];
    if (known !== undefined) return known;
    const group = groupOf.get(plainName(key));
    if (group === undefined) return undefined;
    parts.gate ??= gateOf(authority, realFs);
    group.add(parts);
    return parts[surface][key];
  }

  function classOf(name) {
    parts.gate ??= gateOf(authority, realFs);
    classes[name] ??= name === 'Dir' ? createDir(parts) : name === 'Utf8Stream' ? createUtf8Stream(parts) : createStream(parts, name);
    return classes[name];
  }

  return {
    __proto__: null,
    fs() {
      const members = stubs('fs', find);
      for (const name of ['ReadStream', 'WriteStream']) {
        defineClass(members, name, () => classOf(name));
        defineClass(members, `File${name}`, () => classOf(name));
      }
      defineClass(members, 'Utf8Stream', () => classOf('Utf8Stream'));
      members.Dir = classOf('Dir');
      return members;
    },
    promises: () => stubs('promises', find),
  };
}

function defineClass(members, name, get) {
  ReflectDefineProperty(members, name, { __proto__: null, get, enumerable: true, configurable: true });
}

/** What the stubs of a surface are made from; the same for every package. */
const PLANS = { __proto__: null, fs: planOf(realFs, 'fs'), promises: planOf(realFs.promises, 'promises') };

function planOf(real, surface) {
  const plan = [];
  const keys = ReflectOwnKeys(real);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (typeof key !== 'string' || groupOf.get(plainName(key)) === undefined || typeof real[key] !== 'function') continue;
    ArrayPrototypePush(plan, describe(surface, key, real[key]));
  }
  return plan;
}

function describe(surface, key, fn) {
  const symbols = ReflectOwnKeys(fn);
  let names;
  for (let at = 0; at < symbols.length; at++) {
    // What a promisified `read` gives. (util.promisify.custom is Node's unchecked function.)
    if (typeof symbols[at] === 'symbol' && ArrayIsArray(fn[symbols[at]])) names = { __proto__: null, symbol: symbols[at], list: fn[symbols[at]] };
  }
  const native = fn.native === undefined ? undefined : describe(surface, `${key}.native`, fn.native);
  const custom = customPromisify in fn;
  return ObjectFreeze({ __proto__: null, surface, key, name: fn.name, length: fn.length, names, native, custom });
}

function stubs(surface, find) {
  const members = { __proto__: null };
  const plan = PLANS[surface];
  for (let at = 0; at < plan.length; at++) members[plan[at].key] = stub(plan[at], find);
  return members;
}

function stub(member, find) {
  const made = named(member, find);
  const { names, native, custom } = member;
  if (native !== undefined) made.native = stub(native, find);
  if (names !== undefined) ReflectDefineProperty(made, names.symbol, { __proto__: null, value: copyList(names.list), enumerable: false });
  if (custom) {
    const value = member.key === 'exists' ? { exists: (path) => new Promise((settle) => made(path, settle)) }.exists : made;
    ReflectDefineProperty(made, customPromisify, { __proto__: null, value, enumerable: false });
  }
  return made;
}

/** A function with the name and length of Node's: a written out parameter list costs nothing, defining both does. */
function named(member, find) {
  const { name, length } = member;
  switch (length) {
    case 1:
      return { [name](_a) { return invoke(find, member, arguments); } }[name];
    case 2:
      return { [name](_a, _b) { return invoke(find, member, arguments); } }[name];
    case 3:
      return { [name](_a, _b, _c) { return invoke(find, member, arguments); } }[name];
    case 4:
      return { [name](_a, _b, _c, _d) { return invoke(find, member, arguments); } }[name];
    case 5:
      return { [name](_a, _b, _c, _d, _e) { return invoke(find, member, arguments); } }[name];
    default: {
      const made = { [name](...args) { return invoke(find, member, args); } }[name];
      ReflectDefineProperty(made, 'length', { __proto__: null, value: length, configurable: true });
      return made;
    }
  }
}

function invoke(find, { surface, key }, given) {
  const args = [];
  for (let at = 0; at < given.length; at++) args[at] = given[at];
  return find(surface, key)(args);
}

/** `realpathSync.native` → `realpath`. */
function plainName(key) {
  const name = StringPrototypeEndsWith(key, '.native') ? StringPrototypeSlice(key, 0, -'.native'.length) : key;
  return StringPrototypeEndsWith(name, 'Sync') ? StringPrototypeSlice(name, 0, -'Sync'.length) : name;
}
