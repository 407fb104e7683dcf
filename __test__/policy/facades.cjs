// Facades as packages get them, with an authority made up for the purpose. Runs in a process of its own, because making
// facades hardens the builtins of the whole process. Prints what failed as JSON.
'use strict';
const assert = require('assert/strict');
const path = require('path');

const FACADES = path.join(__dirname, '..', '..', 'js', 'facades');
const { createFacade } = require(path.join(FACADES, 'facade.js'));
const { hardenShared } = require(path.join(FACADES, 'harden.js'));
const misc = require(path.join(FACADES, 'misc.js'));
const table = require('../../src/policy/builtins.json');

const real = hardening(misc.harden);
const nobody = packageWith([]);
const checks = {
  'a member without a grant throws when it is used, not when it is looked at'() {
    const os = nobody.view('os');
    assert.equal(typeof os.hostname, 'function');
    denied(() => os.hostname(), 'sys', 'os.hostname()');
    denied(() => (0, os.hostname)(), 'sys');
  },

  'a member with a whole grant is the real one'() {
    assert.equal(packageWith(['sys']).view('os').hostname, real('os').hostname);
    assert.notEqual(nobody.view('os').hostname, real('os').hostname);
  },

  'every capability of a rule is needed'() {
    const exports = { both() {}, word() {} };
    const rules = { both: 'fs.read+fs.write', word: 'process:exit' };
    denied(() => makeFacade(exports, rules, ['fs.read']).both(), 'fs.write');
    denied(() => makeFacade(exports, rules, ['fs.write']).both(), 'fs.read');
    assert.equal(makeFacade(exports, rules, ['fs.read', 'fs.write']).both, exports.both);
    denied(() => makeFacade(exports, rules).word(), 'process');
    makeFacade(exports, rules, [], ['process']).word();
  },

  'free members are the real ones, hidden and unknown ones are absent'() {
    const [crypto, os] = [nobody.view('crypto'), nobody.view('os')];
    assert.equal(crypto.createHash, real('crypto').createHash);
    assert.equal(os.EOL, real('os').EOL);
    assert.equal('setFips' in crypto, false);
    const facade = makeFacade({ known: 1, unknown: 2, hidden: 3 }, { known: '', hidden: '-' });
    assert.deepEqual({ ...facade }, { known: 1 });
  },

  'order, names, lengths and enumerability are those of Node'() {
    for (const name of ['os', 'crypto', 'child_process', 'dns', 'v8', 'util', 'tty', 'vm']) {
      const [exports, facade] = [real(name), nobody.view(name)];
      const { members } = table.modules[name];
      assert.deepEqual(Object.keys(facade), Object.keys(exports).filter((key) => members[key] !== null && !isRare(members[key])), name);
      for (const key of Object.keys(facade)) {
        const { get, value } = Object.getOwnPropertyDescriptor(exports, key);
        if (get !== undefined || typeof value !== 'function') continue;
        assert.equal(facade[key].name, value.name, `${name}.${key}`);
        if (members[key].length > 0) assert.equal(facade[key].length, key === 'ReadStream' ? 1 : value.length, `${name}.${key}`);
      }
    }
  },

  'what is rare, or another power than the rest of its module, is not even there without the grant'() {
    assert.equal('setEngine' in nobody.view('crypto'), false);
    assert.equal('setEngine' in packageWith(['ffi']).view('crypto'), 'setEngine' in real('crypto'));
    const exports = { change() {}, open() {} }, rules = { change: 'net.connect+patch', open: 'fs.read' };
    assert.deepEqual(Object.keys(makeFacade(exports, rules, ['net.connect'])), ['open']);
    assert.deepEqual(Object.keys(makeFacade(exports, rules, [], ['patch'])), ['change', 'open']);
    for (const name of ['ZipFile', 'zipFiles', 'setMaxZipContentSize']) assert.equal(name in nobody.view('zlib'), false, name);
    assert.equal('ZipFile' in packageWith([], ['fs.read', 'fs.write']).view('zlib'), 'ZipFile' in real('zlib'));
  },

  'a facade belongs to its package'() {
    const [one, other] = [packageWith([]), packageWith([])];
    one.view('os').hostname = () => 'mine';
    delete one.view('os').EOL;
    assert.equal(one.view('os').hostname(), 'mine');
    assert.equal(other.view('os').EOL, real('os').EOL);
    denied(() => other.view('os').hostname(), 'sys');
    one.view('crypto').webcrypto = 5;
    assert.equal(one.view('crypto').webcrypto, 5);
    assert.equal(other.view('crypto').webcrypto, globalThis.crypto);
  },

  'a copy of a facade is as good, and no better'() {
    const os = nobody.view('os');
    const copy = Object.create(Object.getPrototypeOf(os), Object.getOwnPropertyDescriptors(os));
    denied(() => copy.hostname(), 'sys');
    assert.equal(copy.platform(), process.platform);
  },

  'a class is constructed, extended and recognised through its guard'() {
    class Real {
      constructor(value) {
        this.value = value;
      }
      static make(value) {
        return new this(value);
      }
    }
    const denies = makeFacade({ Real }, { Real: 'dns' });
    const grants = makeFacade({ Real }, { Real: 'dns' }, [], ['dns']);
    denied(() => new denies.Real(1), 'dns');
    denied(() => denies.Real.make(1), 'dns');
    class Derived extends grants.Real {}
    const made = new Derived(2);
    assert.ok(made instanceof Derived && made instanceof grants.Real && made instanceof denies.Real);
    assert.equal(made.value, 2);
    assert.equal(grants.Real.make(3).value, 3);
    class Refused extends denies.Real {}
    denied(() => new Refused(1), 'dns');
  },

  'an instance does not lead to a constructor'() {
    class Powerful {
      read() {}
    }
    const granted = makeFacade({ Powerful }, { Powerful: 'dns' }, ['dns']);
    const made = new granted.Powerful();
    assert.throws(() => new made.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.equal(made.constructor.name, 'Powerful');
    assert.ok(made instanceof made.constructor);
    assert.match(require('util').inspect(made), /^Powerful /);
  },

  'objects and values behind a grant'() {
    const rules = { live: 'observe', name: 'observe' };
    const live = { secret: 'x', method() { return this.secret; } };
    const without = makeFacade({ live, name: 'n' }, rules);
    denied(() => without.live.secret, 'observe');
    denied(() => { without.live.other = 1; }, 'observe');
    denied(() => Object.keys(without.live), 'observe');
    assert.equal(without.name, undefined);
    const permitted = makeFacade({ live, name: 'n' }, rules, [], ['observe']);
    assert.equal(permitted.live.method(), 'x');
    assert.equal(permitted.name, 'n');
  },

  'a lazy accessor is not read before the package reads it'() {
    let reads = 0;
    const exports = { get lazy() { reads++; return () => 'ran'; }, get free() { reads++; return 1; } };
    const facade = makeFacade(exports, { lazy: 'dns', free: '' });
    assert.equal(reads, 0);
    denied(() => facade.lazy(), 'dns');
    assert.equal(facade.lazy, facade.lazy);
    assert.equal(facade.free, 1);
    assert.equal(reads, 2);
  },

  'overrides: over free and scoped members, under whole grants unless it says always'() {
    const exports = { free: 1, scoped: 2 };
    const rules = { free: '', scoped: 'dns' };
    const maker = () => ({ __proto__: null, free: 'own', scoped: 'own' });
    assert.deepEqual({ ...makeFacade(exports, rules, [], [], { maker }) }, { free: 'own', scoped: 'own' });
    assert.deepEqual({ ...makeFacade(exports, rules, ['dns'], [], { maker }) }, { free: 'own', scoped: 2 });
    assert.deepEqual({ ...makeFacade(exports, rules, ['dns'], [], { maker, always: ['scoped'] }) }, { free: 'own', scoped: 'own' });
    assert.deepEqual({ ...makeFacade(exports, rules, [], [], { maker: () => ({ __proto__: null, free: undefined }) }) }, { scoped: undefined });
  },

  'whoever may patch builtins gets the real ones'() {
    assert.equal(packageWith(['patch']).view('os'), real('os'));
  },

  'shared builtins cannot be changed'() {
    const before = [];
    for (const [target, key] of [
      [require('events').prototype, 'emit'], [require('events'), 'once'], [require('stream').Readable.prototype, 'pipe'],
      [require('stream').Duplex.prototype, 'on'], [require('stream').prototype, 'pipe'], [Buffer, 'from'], [Buffer.prototype, 'toString'],
      [nobody.view('path'), 'join'], [nobody.view('util').promisify, 'custom'], [nobody.view('crypto').randomBytes, 'extra'],
      [nobody.view('crypto').Hash.prototype, 'digest'], [nobody.view('crypto').webcrypto.subtle, 'encrypt'], [nobody.view('os').constants.signals, 'SIGINT'],
      [nobody.view('async_hooks').AsyncLocalStorage.prototype, 'run'], [nobody.view('url').Url.prototype, 'parse'], [nobody.view('zlib').Gzip.prototype, 'flush'],
    ]) before.push([target, key, target[key]]);
    for (const name of ['stream', 'events', 'path', 'buffer', 'url']) nobody.view(name);
    for (const [target, key, value] of before) {
      // Some throw, some do nothing: either way it is what it was.
      Reflect.set(target, key, 'changed');
      Reflect.defineProperty(target, key, { value: 'changed' });
      assert.equal(target[key], value, key);
    }
  },

  'own instances and classes can be changed in every style'() {
    const { EventEmitter } = nobody.view('events');
    const { Readable, Transform } = nobody.view('stream');
    const { inherits } = nobody.view('util');
    const emitter = new EventEmitter();
    emitter.emit = () => 'own';
    assert.equal(emitter.emit('x'), 'own');
    function Old() {
      EventEmitter.call(this);
    }
    Old.prototype = Object.create(EventEmitter.prototype);
    Old.prototype.constructor = Old;
    Old.prototype.on = () => 'old';
    assert.equal(new Old().on(), 'old');
    function Older() {
      Transform.call(this);
    }
    inherits(Older, Transform);
    Older.prototype._transform = (chunk, _encoding, callback) => callback(null, chunk);
    new Older().end('x').resume();
    class Modern extends Readable {
      _read() {
        this.push(null);
      }
      on(...args) {
        return super.on(...args);
      }
    }
    Modern.from = () => 'own';
    assert.equal(Modern.from(), 'own');
    new Modern().resume();
    const stream = new Readable({ read() {} });
    stream.pipe = () => 'own';
    assert.equal(stream.pipe(), 'own');
    EventEmitter.defaultMaxListeners = 11;
    assert.equal(EventEmitter.defaultMaxListeners, 11);
  },

  'crypto reads no key by URL without a grant'() {
    const crypto = nobody.view('crypto');
    const url = new URL('file:///nowhere/key.pem');
    const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const signature = crypto.sign('sha256', Buffer.from('x'), { key: pem });
    assert.ok(crypto.verify('sha256', Buffer.from('x'), crypto.createPublicKey(pem), signature));
    assert.ok(crypto.createVerify('sha256').update('x').verify(privateKey.export({ format: 'pem', type: 'pkcs1' }), signature));
    assert.equal(crypto.createSign('sha256').update('x').sign(pem).length, 128);
    denied(() => crypto.createPrivateKey(url), 'fs.read');
    denied(() => crypto.createPrivateKey({ key: url }), 'fs.read');
    denied(() => crypto.sign('sha256', Buffer.from('x'), { __proto__: { key: url } }), 'fs.read');
    denied(() => crypto.createSign('sha256').update('x').sign({ get key() { return url; } }), 'fs.read');
    denied(() => crypto.createPrivateKey(new URL('pkcs11:token')), 'ffi');
    assert.throws(() => new crypto.Sign('sha256').update('x').sign(url), TypeError);
    // What is looked at twice is the same both times.
    let turn = 0;
    assert.ok(crypto.createPrivateKey({ get key() { return turn++ === 0 ? pem : url; } }));
    const [one, other] = [crypto.generateKeyPairSync('x25519'), crypto.generateKeyPairSync('x25519')];
    assert.equal(crypto.diffieHellman({ privateKey: one.privateKey, publicKey: other.publicKey }).length, 32);
  },

  'channels of Node can be published to and not be listened to'() {
    const channels = nobody.view('diagnostics_channel');
    const own = channels.channel('own');
    const seen = [];
    own.subscribe((message) => seen.push(message));
    Object.getPrototypeOf(own).publish = () => {};
    own.publish(1);
    assert.deepEqual(seen, [1]);
    const http = channels.channel('http.client.request.start');
    assert.ok(http instanceof channels.Channel);
    assert.equal(http.hasSubscribers, false);
    http.publish({});
    assert.equal(http.runStores({}, (value) => value, null, 4), 4);
    denied(() => http.subscribe(() => {}), 'observe');
    denied(() => http.bindStore({}), 'observe');
    denied(() => channels.subscribe('undici:request:create', () => {}), 'observe');
    denied(() => channels.tracingChannel('module.require').subscribe({ start() {} }), 'observe');
    denied(() => channels.channel('tracing:module.require:end').subscribe(() => {}), 'observe');
    denied(() => new channels.Channel('http.server.request.start'), 'observe');
    assert.throws(() => new (channels.channel('unused').constructor)('http.x'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => new (channels.tracingChannel('own').constructor)('module.require'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.equal(channels.tracingChannel('net.x').traceSync(() => 5, {}), 5);
  },

  'a timeline without the requests of others'() {
    const { performance, Performance, PerformanceObserver } = nobody.view('perf_hooks');
    assert.ok(performance.now() > 0 && performance.timeOrigin > 0 && performance instanceof Performance);
    performance.mark('own');
    assert.equal(performance.getEntriesByName('own').length, 1);
    assert.deepEqual(performance.getEntriesByType('resource'), []);
    let heard;
    performance.addEventListener('own', ({ target }) => (heard = target));
    performance.dispatchEvent(new Event('own'));
    assert.ok(heard instanceof EventTarget && !(heard instanceof Performance));
    const observer = new PerformanceObserver(() => {});
    observer.observe({ entryTypes: ['mark', 'measure'] });
    observer.disconnect();
    assert.ok(observer instanceof PerformanceObserver);
    denied(() => new PerformanceObserver(() => {}).observe({ type: 'http' }), 'observe');
    denied(() => new PerformanceObserver(() => {}).observe({ entryTypes: ['mark', 'net'] }), 'observe');
    class Derived extends PerformanceObserver {}
    denied(() => new Derived(() => {}).observe({ type: 'resource' }), 'observe');
    assert.throws(() => new observer.constructor(() => {}), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  },

  'formatting options are the package\'s own'() {
    const util = nobody.view('util');
    const nested = { a: { b: {} } };
    util.inspect.defaultOptions.depth = 0;
    assert.equal(util.inspect(nested), '{ a: [Object] }');
    assert.equal(util.inspect(nested, { depth: 2 }), '{ a: { b: {} } }');
    assert.equal(require('util').inspect(nested), '{ a: { b: {} } }');
    assert.equal(util.inspect({ [util.inspect.custom]: () => 'custom' }), 'custom');
  },

  'terminals beside the standard streams need a grant'() {
    const tty = nobody.view('tty');
    assert.equal(typeof tty.WriteStream.prototype.hasColors, 'function');
    assert.equal(tty.isatty(99), false);
    denied(() => new tty.ReadStream(0), 'process');
    denied(() => new tty.ReadStream(5), 'fs.read');
    denied(() => new tty.WriteStream(5), 'fs.write');
    assert.equal(Object.getPrototypeOf(tty.WriteStream), Function.prototype);
  },
};

function isRare(rule) {
  return rule.some((word) => word === 'ffi' || word === 'patch');
}

/** A package that is granted `whole` capabilities. */
function packageWith(whole, permitted = []) {
  const demand = (capability, word, attempt) => {
    if (!whole.includes(capability) && !permitted.includes(capability)) {
      throw Object.assign(new Error(`${capability} ${word ?? ''} ${attempt}`), { code: 'ERR_LOADLOCK_CAPABILITY', capability, attempt });
    }
  };
  const authority = {
    location: 'node_modules/x',
    whole: (capability) => whole.includes(capability),
    granted: (capability) => whole.includes(capability) || permitted.includes(capability),
    permits: (capability) => whole.includes(capability) || permitted.includes(capability),
    demand,
    demandPath(capability, name, _follow, attempt) {
      demand(capability, name, attempt);
      return name;
    },
  };
  const made = {};
  const context = {
    authority,
    real,
    view: (name) => (made[name] ??= createFacade({ context, name, rules: rulesOf(table.modules[name]), maker: misc.create[name] })),
  };
  return context;
}

let made = 0;
/** The facade of a builtin that exists only here. */
function makeFacade(exports, rules, whole = [], permitted = [], rest = {}) {
  const { authority } = packageWith(whole, permitted);
  const name = `made-${made++}`;
  return createFacade({ context: { authority, real: () => exports }, name, rules: { needs: [], names: Object.keys(rules), rules: Object.values(rules) }, ...rest });
}

/** As `native.builtinRules` gives them. */
function rulesOf({ needs = [], members }) {
  return { needs, names: Object.keys(members), rules: Object.values(members).map((rule) => (rule === null ? '-' : rule.join('+'))) };
}

function hardening(hardeners) {
  const hardened = new Set();
  return (name) => {
    const exports = process.getBuiltinModule(`node:${name}`);
    if (!hardened.has(name)) {
      hardened.add(name);
      hardeners[name]?.(exports);
    }
    return exports;
  };
}

function denied(action, capability, attempt) {
  assert.throws(action, (error) => {
    assert.equal(error.code, 'ERR_LOADLOCK_CAPABILITY', error);
    assert.equal(error.capability, capability);
    if (attempt !== undefined) assert.equal(error.attempt, attempt);
    return true;
  });
}

hardenShared();
const results = [];
for (const [name, check] of Object.entries(checks)) {
  try {
    check();
    results.push({ name });
  } catch (error) {
    results.push({ name, error: `${error.stack}` });
  }
}
process.stdout.write(JSON.stringify(results));
