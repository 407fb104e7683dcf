'use strict';
// cluster. In the primary, a worker is a `child` with the command `node` and the script. In a worker, nothing leads to
// Node's own process object. Every package that may have workers has an emitter of its own, which hears what Node's hears.

const {
  ArrayPrototypePush,
  ObjectDefineProperty,
  ReflectApply,
  ReflectConstruct,
  SafeMap,
  process,
} = require('../intrinsics.js');
const { createStarter, fork: { pathText, strings } } = require('./child.js');

/** Settings that decide nothing about what runs. */
const PLAIN_SETTINGS = ['serialization', 'silent', 'windowsHide'];

/** What Node's cluster object emits. */
const EVENTS = ['disconnect', 'exit', 'fork', 'listening', 'message', 'online', 'setup'];

const create = {
  __proto__: null,
  /** @param {import('./facade.js').Context} context */
  cluster(context) {
    const { authority, real, view } = context;
    const node = real('cluster');
    const { decide, stdioFor } = createStarter(context);

    /** Refuses settings that would start what the package may not start; gives those that Node is to use. */
    function decided(api, given) {
      const { settings } = node;
      const exec = given.exec === undefined ? settings.exec ?? process.argv[1] : pathText(given.exec);
      const args = strings(given.args ?? settings.args ?? []);
      const ownOptions = given.execArgv ?? settings.execArgv;
      const execArgv = ownOptions === undefined ? [] : strings(ownOptions);
      const command = decide(api, process.execPath, [...execArgv, `${exec}`, ...args], {
        __proto__: null, cwd: given.cwd ?? settings.cwd, gid: given.gid, uid: given.uid, shell: false,
      });
      return { exec: command.args[execArgv.length], execArgv, args, cwd: command.options.cwd };
    }

    function setupPrimary(options) {
      const given = { __proto__: null, ...options };
      const { exec, execArgv, args, cwd } = decided('fork', given);
      const copy = { __proto__: null };
      for (const name of PLAIN_SETTINGS) if (given[name] !== undefined) copy[name] = given[name];
      if (given.exec !== undefined) copy.exec = exec;
      if (given.args !== undefined) copy.args = args;
      if (given.execArgv !== undefined) copy.execArgv = execArgv;
      if (given.cwd !== undefined) copy.cwd = cwd;
      for (const name of ['uid', 'gid']) if (given[name] !== undefined) copy[name] = given[name];
      if (given.inspectPort !== undefined) {
        authority.demand('inspector', undefined, 'cluster.setupPrimary() with inspectPort');
        copy.inspectPort = given.inspectPort;
      }
      const { stdio } = stdioFor('fork', given.stdio);
      if (stdio !== undefined) copy.stdio = stdio;
      usePolicy(this);
      node.setupPrimary(copy);
    }

    function fork(env) {
      decided('fork', { __proto__: null });
      const copy = { __proto__: null };
      for (const name in env) if (env[name] !== undefined) copy[name] = `${env[name]}`;
      usePolicy(this);
      return node.fork(copy);
    }

    function disconnect(callback) {
      decided('fork', { __proto__: null });
      return node.disconnect(callback);
    }

    /** `cluster.schedulingPolicy` is a setting by assignment, and Node reads it from its own object. */
    function usePolicy(facade) {
      const wanted = facade?.schedulingPolicy;
      if (wanted === node.SCHED_RR || wanted === node.SCHED_NONE) node.schedulingPolicy = wanted;
    }

    const overrides = { __proto__: null, disconnect, fork, setupMaster: setupPrimary, setupPrimary };
    if (node.isWorker) overrides.worker = createWorker(node.worker, real, view);
    return overrides;
  },
};

const finish = {
  __proto__: null,
  /**
   * Completes the facade of one package with what is live.
   * @param {object} facade
   * @param {import('./facade.js').Context} context
   */
  cluster(facade, { authority, real }) {
    const node = real('cluster');
    for (const name of ['settings', 'workers']) {
      const get = () => (permitted(authority) ? { ...node[name] } : {});
      ObjectDefineProperty(facade, name, { __proto__: null, get, enumerable: true, configurable: true });
    }
    hub(node)(authority, facade);
  },
};

module.exports = { create, finish };

/** Any worker at all; which script it runs was decided when it was started. */
function permitted(authority) {
  return authority.whole('child') || authority.permits('child', process.argv[1] === undefined ? 'node' : `node\0${process.argv[1]}`);
}

const hubs = new SafeMap();

/** One listener for each event of Node's object, however many packages hear it. */
function hub(node) {
  let add = hubs.get(node);
  if (add === undefined) {
    const facades = [];
    for (const event of EVENTS) {
      node.on(event, (...args) => {
        for (let at = 0; at < facades.length; at++) {
          const { authority, facade } = facades[at];
          if (permitted(authority)) ReflectApply(facade.emit, facade, [event, ...args]);
        }
      });
    }
    add = (authority, facade) => ArrayPrototypePush(facades, { __proto__: null, authority, facade });
    hubs.set(node, add);
  }
  return add;
}

/** `cluster.worker` of a package in a worker: what Node's can do, through the package's own view of the process. */
function createWorker(node, real, view) {
  const worker = ReflectConstruct(real('events').EventEmitter, []);
  const own = view('process');
  const define = (name, descriptor) => ObjectDefineProperty(worker, name, { __proto__: null, enumerable: true, configurable: true, ...descriptor });
  define('id', { value: node.id });
  define('process', { get: () => own });
  define('state', { get: () => node.state });
  define('exitedAfterDisconnect', { get: () => node.exitedAfterDisconnect });
  define('isConnected', { value: () => node.isConnected() });
  define('isDead', { value: () => node.isDead() });
  define('send', { value: (...args) => own.send(...args) });
  define('disconnect', {
    value() {
      own.disconnect();
      return worker;
    },
  });
  for (const name of ['destroy', 'kill']) define(name, { value: () => own.exit(0) });
  // The package's view of the process decides whether it may hear messages.
  for (const event of ['message', 'disconnect', 'error', 'exit']) {
    worker.on('newListener', (name) => {
      if (name === event && worker.listenerCount(event) === 0) own.on(event, (...args) => worker.emit(event, ...args));
    });
  }
  return worker;
}
