'use strict';
// What each package sees of the loader, of builtins and of powerful globals. Under a policy every package has its own
// compartment; without one there is a single compartment for everybody, in which nothing is attenuated.

const {
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  JSONParse,
  ObjectFreeze,
  ReflectDefineProperty,
  SafeMap,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
} = require('./intrinsics.js');
const { namesIn } = require('./global-names.js');

/** In front of a wrapper that gets shadows; src/binding/loader.rs builds the same text. */
const SHADOW_HEAD = '(function(', SHADOW_BODY = '){return ';

/**
 * @typedef {object} Compartment
 * @property {string} location  the package's location; `''` is the application
 * @property {import('./authority.js').Authority | undefined} authority  undefined without a policy
 * @property {Map<string, true>} edges  files that it was found to be permitted to load
 * @property {Function} Module  the class of its module objects
 * @property {object} cache  its `require.cache`
 * @property {object} extensions  its `require.extensions`
 * @property {(name: string) => unknown} builtin  a builtin, named with `node:`, as the package sees it
 * @property {(name: string) => unknown} global  the value of a powerful global
 */

/**
 * @param {object} parts
 * @param {import('./binding.d.ts').Native} parts.native
 * @param {object} parts.builtins
 * @param {((location: string) => import('./authority.js').Authority) | undefined} parts.authorityOf  undefined without a policy
 */
function createCompartments({ native, builtins, authorityOf }) {
  const active = authorityOf !== undefined;
  const byLocation = new SafeMap();
  const locationOfFile = new SafeMap();
  const jsonOf = new SafeMap();
  const shadowsOf = new SafeMap();
  const powerfulNames = active ? native.globalNames() : [];
  let parts;

  /** The compartment of the package at `location`. */
  function of(location) {
    let compartment = byLocation.get(location);
    if (compartment === undefined) {
      compartment = create(location);
      byLocation.set(location, compartment);
    }
    return compartment;
  }

  function create(location) {
    const { linker, createModuleFacade, viewsOf } = parts;
    const compartment = { __proto__: null, location, authority: authorityOf?.(location), edges: new SafeMap() };
    const views = active ? viewsOf(compartment) : undefined;
    let facade;
    compartment.builtin = (name) => {
      if (name === 'node:module') return (facade ??= createModuleFacade(compartment));
      return active ? views.builtin(StringPrototypeSlice(name, 5)) : builtins.load(name);
    };
    compartment.global = (name) => views.global(name);
    compartment.Module = linker.createModuleClass(compartment);
    compartment.cache = linker.createCacheView(compartment);
    compartment.extensions = linker.createExtensions(compartment);
    return ObjectFreeze(compartment);
  }

  /** The compartment of the package that a file belongs to. */
  function forFile(filename) {
    if (!active) return of('');
    let location = locationOfFile.get(filename);
    if (location === undefined) {
      location = native.packageOf(filename);
      locationOfFile.set(filename, location);
    }
    return of(location);
  }

  /** Whether modules of `other` are `one`'s to see and change: its own, or all with the grant `loader`. */
  function sameOwner(one, other) {
    return !active || one === other || one?.authority.whole('loader') === true;
  }

  /** Refuses a file that the package may not load: the edge is neither declared nor granted. */
  function checkEdge(compartment, target, specifier) {
    if (!active || compartment.edges.get(target) === true) return;
    if (forFile(target) !== compartment) native.checkEdge(compartment.location, target, specifier);
    compartment.edges.set(target, true);
  }

  /** Refuses to run a file of another package in a way that goes past its own loading. */
  function checkOwn(compartment, filename, attempt) {
    if (!active || forFile(filename) === compartment || compartment.authority.whole('loader')) return;
    compartment.authority.demand('loader', undefined, `${attempt}('${filename}')`);
  }

  /** Demands of the package that a file belongs to what the file itself is: a native binding. */
  function demandFile(filename, capability) {
    if (!active) return;
    const { authority } = forFile(filename);
    if (!authority.whole(capability)) authority.demandPath(capability, filename, true, `loading ${filename}`);
  }

  /** What `module` exports to the package: JSON of another package is a copy of its own, nobody else can change it. */
  function own(compartment, module, target) {
    if (!active || !StringPrototypeEndsWith(target, '.json') || forFile(target) === compartment) return module.exports;
    const key = `${compartment.location}\0${target}`;
    if (!jsonOf.has(key)) jsonOf.set(key, JSONParse(native.text(target)));
    return jsonOf.get(key);
  }

  /** The names behind the bits of a file's mask, and how much text their parameters add in front of its wrapper. */
  function shadowNames(mask) {
    let shadows = shadowsOf.get(mask);
    if (shadows === undefined) {
      const names = namesIn(powerfulNames, mask);
      const prefixLength = names.length === 0 ? 0 : SHADOW_HEAD.length + ArrayPrototypeJoin(names, ',').length + SHADOW_BODY.length;
      shadows = ObjectFreeze({ __proto__: null, names, prefixLength });
      shadowsOf.set(mask, shadows);
    }
    return shadows;
  }

  /** The values for `shadows.names`, in order. */
  function shadowValues(compartment, shadows) {
    const values = [];
    for (let at = 0; at < shadows.names.length; at++) ArrayPrototypePush(values, compartment.global(shadows.names[at]));
    return values;
  }

  /** The same as the properties of a scope object, undefined when there are none. */
  function shadowObject(compartment, shadows) {
    if (shadows.names.length === 0) return undefined;
    const scope = { __proto__: null };
    for (let at = 0; at < shadows.names.length; at++) {
      const name = shadows.names[at];
      ReflectDefineProperty(scope, name, { __proto__: null, value: compartment.global(name), writable: true, configurable: true, enumerable: true });
    }
    return scope;
  }

  return ObjectFreeze({
    __proto__: null,
    active, checkEdge, checkOwn, demandFile, forFile, of, own, sameOwner, shadowNames, shadowObject, shadowValues,
    /**
     * Called once, when the parts that need compartments themselves exist.
     * @param {{linker: object, createModuleFacade: (compartment: Compartment) => object, viewsOf?: (compartment: Compartment) => object}} others
     */
    connect(others) {
      parts = others;
    },
  });
}

module.exports = { createCompartments };
