'use strict';
// ES modules: the two hooks that answer `resolve` and `load` from the seal. Node's ES loader only ever sees verified ES
// source, JSON, wasm, or a one-line stub that we generate for everything else. Both hooks always short-circuit: Node's
// default resolver and reader are never asked.
//
// The same functions serve the main thread (module.registerHooks) and, on Node 20, the hooks thread
// (module.register, hooks-thread.mjs).

const { fileURLToPath, pathToFileURL } = require('url');
const features = require('./node-features.js');
const {
  ArrayIsArray,
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  Error,
  JSONStringify,
  ObjectKeys,
  ReflectApply,
  SetPrototypeForEach,
  StringPrototypeEndsWith,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeIsWellFormed,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  TypeError,
  URL,
  URLHash,
  URLHref,
  URLPathname,
  URLProtocol,
  URLSearch,
  process,
} = require('./intrinsics.js');
const { nodeError } = require('./errors.js');
const { namesIn } = require('./global-names.js');
const { checkImportAttributes } = require('./import-attributes.js');

const MODULE = 1, JSON_TEXT = 2, WASM = 3, ADDON = 4, COMMONJS_TYPESCRIPT = 5, MODULE_TYPESCRIPT = 6, OTHER = 7;
const FORMAT_MASK = 7;

/** Scheme of modules that we make up: builtins as a package sees them, `NAME#LOCATION` under a policy. */
const FACADE = 'loadlock:builtin/';

/** Powerful globals as a package sees them, `MASK#LOCATION`; the native side appends the import to the text. */
const GLOBALS = 'loadlock:globals/', GLOBALS_SPECIFIER = '#loadlock/';

/** The guard itself, imported once more: it is at work already. */
const GUARD = 'loadlock:register';

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {(name: string) => boolean} parts.isBuiltin  whether a specifier names a builtin
 * @param {(name: string) => string[] | undefined} parts.facadeKeys  names of a builtin that is replaced, else undefined
 * @param {(name: string) => void} parts.touch  called before a builtin is handed out
 * @param {string} parts.channel  name of the global binding that stubs call
 * @param {string} parts.register  absolute path of register.js
 * @param {boolean} parts.audit  whether what is refused is only recorded, and then left to Node
 * @param {boolean} parts.policy  whether every package has views of its own
 * @param {(bytes: Uint8Array) => Uint8Array} [parts.sealedWasm]  lets these bytes be compiled by Node's loader
 */
function createHooks({ native, isBuiltin, facadeKeys, touch, channel, register, audit, policy, sealedWasm = (bytes) => bytes }) {
  const globalNames = policy ? native.globalNames() : [];

  /** The entry point, when Node gives it to the ES loader: whatever it is, it is `require.main`. */
  let mainURL;

  function resolve(specifier, context, next) {
    if (!audit) return resolveSealed(specifier, context);
    try {
      return resolveSealed(specifier, context);
    } catch {
      // The violation is recorded; what Node makes of the specifier is what would happen without us.
      return next(specifier, context);
    }
  }

  function resolveSealed(specifier, context) {
    if (typeof specifier !== 'string') throw refused('a specifier is a string', `${typeof specifier} specifier`);
    const importer = typeof context.parentURL === 'string' && StringPrototypeStartsWith(context.parentURL, 'file:')
      ? fileURLToPath(context.parentURL)
      : undefined;
    if (isBuiltin(specifier)) return builtin(specifier, importer);
    if (policy && StringPrototypeStartsWith(specifier, GLOBALS_SPECIFIER)) {
      // Only the mask, whatever else stands there: the location is that of the importer.
      return made(GLOBALS + (StringPrototypeSlice(specifier, GLOBALS_SPECIFIER.length) >>> 0), importer);
    }
    if (isGuard(specifier)) return guard(list(context.conditions));
    const parentURL = context.parentURL;
    const conditions = list(context.conditions);
    const requiring = includes(conditions, 'require');
    if (typeof parentURL !== 'string') return entry(specifier, requiring);
    const scheme = schemeOf(specifier);
    if (scheme === 'node:') {
      // Not a builtin of this Node: its own error is the best one.
      throw nodeError(Error, 'ERR_UNKNOWN_BUILTIN_MODULE', `No such built-in module: ${specifier}`);
    }
    if (scheme === 'file:' || scheme === '' && isPathLike(specifier)) {
      return file(parse(specifier, parentURL), requiring, parentURL, importer);
    }
    if (scheme !== '') {
      native.unlisted(specifier);
      return { __proto__: null, url: specifier, shortCircuit: true };
    }
    if (importer === undefined) throw refused('only sealed files import', parentURL);
    const answer = requiring ? native.resolveRequire(specifier, importer) : native.resolveImport(specifier, importer, conditions);
    return found(answer, importer, '', '', specifier, importer);
  }

  /** `loadlock/register` again: named twice on a command line, or by an application that may also start without it. */
  function isGuard(specifier) {
    if (specifier === 'loadlock/register' || specifier === register) return true;
    return StringPrototypeStartsWith(specifier, 'file:') && specifier === URLHref(pathToFileURL(register));
  }

  function guard(conditions) {
    if (includes(conditions, 'require')) {
      return { __proto__: null, url: URLHref(pathToFileURL(register)), format: 'commonjs', shortCircuit: true };
    }
    return { __proto__: null, url: GUARD, format: 'module', shortCircuit: true };
  }

  /** The entry point and `--require`/`--import` preloads that come after us: a path or URL without an importer. */
  function entry(specifier, requiring) {
    const url = schemeOf(specifier) === '' ? undefined : parse(specifier, undefined);
    if (url === undefined) {
      const answer = native.resolveRequire(specifier, process.cwd() + '/noop.js');
      return found(answer, undefined, '', '', specifier);
    }
    const result = file(url, requiring);
    if (!requiring) mainURL ??= result.url;
    return result;
  }

  function file(url, requiring, parentURL, importer) {
    if (URLProtocol(url) !== 'file:') {
      native.unlisted(URLHref(url));
      return { __proto__: null, url: URLHref(url), shortCircuit: true };
    }
    const href = URLHref(url);
    if (hasEncodedSeparator(URLPathname(url))) {
      throw nodeError(TypeError, 'ERR_INVALID_MODULE_SPECIFIER', `Invalid module "${href}" must not include encoded "/" or "\\" characters`);
    }
    const path = fileURLToPath(url);
    const answer = requiring ? native.resolveRequire(path, path) : native.resolvePath(path);
    if (StringPrototypeStartsWith(answer, '!')) throw failure(answer, parentURL === undefined ? undefined : pathOf(parentURL), href);
    return found(answer, undefined, URLSearch(url), URLHash(url), href, importer);
  }

  function found(answer, parent, search, hash, specifier, importer) {
    if (StringPrototypeStartsWith(answer, '!')) {
      const slash = StringPrototypeEndsWith(specifier, '/') ? '/' : '';
      throw failure(answer, parent, undefined, slash);
    }
    if (StringPrototypeStartsWith(answer, 'node:')) return builtin(answer, importer);
    const format = native.entry(answer) & FORMAT_MASK;
    let url = URLHref(pathToFileURL(answer)) + search + hash;
    if (policy && importer !== undefined) {
      const location = native.packageOf(importer);
      native.checkEdge(location, answer, specifier);
      // Data of another package is a copy of its own for each importing package: another URL, the same file.
      if (format === JSON_TEXT && native.packageOf(answer) !== location) url += `${hash === '' ? '#' : ''}loadlock=${encode(location)}`;
    }
    return { __proto__: null, url, format: formatName(format), shortCircuit: true };
  }

  function builtin(specifier, importer) {
    const url = StringPrototypeStartsWith(specifier, 'node:') ? specifier : `node:${specifier}`;
    touch(url);
    if (policy) return made(FACADE + StringPrototypeSlice(url, 5), importer);
    if (facadeKeys(url) !== undefined) {
      return { __proto__: null, url: FACADE + StringPrototypeSlice(url, 5), format: 'module', shortCircuit: true };
    }
    return { __proto__: null, url, format: 'builtin', shortCircuit: true };
  }

  /** A module that we make up for the package of `importer`. */
  function made(url, importer) {
    const location = importer === undefined ? '' : native.packageOf(importer);
    return { __proto__: null, url: `${url}#${encode(location)}`, format: 'module', shortCircuit: true };
  }

  function load(url, context, next) {
    if (audit && !StringPrototypeStartsWith(url, 'file:') && !StringPrototypeStartsWith(url, 'loadlock:')) return next(url, context);
    const result = loadUnchecked(url);
    checkImportAttributes(url, result.format, context?.importAttributes);
    return result;
  }

  function loadUnchecked(url) {
    if (StringPrototypeStartsWith(url, 'node:')) {
      return { __proto__: null, format: 'builtin', source: null, shortCircuit: true };
    }
    if (url === GUARD) return { __proto__: null, format: 'module', source: 'export default {};', shortCircuit: true };
    if (StringPrototypeStartsWith(url, FACADE)) {
      if (policy) {
        const [name, location] = split(StringPrototypeSlice(url, FACADE.length));
        return stub(`node:${name}\0${location}`, name === 'module' ? facadeKeys('node:module') : visibleNames(native, name), false);
      }
      const name = `node:${StringPrototypeSlice(url, FACADE.length)}`;
      return stub(name, facadeKeys(name), false);
    }
    if (StringPrototypeStartsWith(url, GLOBALS)) {
      const [mask, location] = split(StringPrototypeSlice(url, GLOBALS.length));
      // Strict code cannot bind the name `eval`.
      return stub(`glob:${location}`, namesIn(globalNames, mask & ~(1 << ArrayPrototypeIndexOf(globalNames, 'eval'))), false);
    }
    const parsed = parse(url, undefined);
    if (URLProtocol(parsed) !== 'file:') throw refused('only sealed files are imported', url);
    const path = fileURLToPath(parsed);
    const format = native.entry(path) & FORMAT_MASK;
    switch (format) {
      case MODULE:
        return { __proto__: null, format: 'module', source: native.moduleText(path), shortCircuit: true };
      case MODULE_TYPESCRIPT:
        if (!features.stripTypes) break;
        return { __proto__: null, format: 'module-typescript', source: native.moduleText(path), shortCircuit: true };
      case JSON_TEXT:
        return { __proto__: null, format: 'json', source: native.text(path), shortCircuit: true };
      case WASM:
        if (!features.importWasm) break;
        if (policy) native.demand(native.packageOf(path), 'wasm', '', `importing ${path}`);
        return { __proto__: null, format: 'wasm', source: sealedWasm(native.bytes(path)), shortCircuit: true };
      default:
        if (formatName(format) === undefined) break;
        return stub((url === mainURL ? 'main:' : 'file:') + path, format === ADDON ? [] : native.exportNames(path), features.moduleExportsName);
    }
    const extension = StringPrototypeSlice(path, StringPrototypeLastIndexOf(path, '.'));
    throw nodeError(TypeError, 'ERR_UNKNOWN_FILE_EXTENSION', `Unknown file extension "${extension}" for ${path}`);
  }

  /** ES source whose exports are those of `subject`, fetched from the linker when it is evaluated. */
  function stub(subject, names, moduleExports) {
    const token = native.issueToken(subject);
    let source = `const e=${channel}("${token}",${JSONStringify(names)});const d=e[0];export default d;`;
    if (moduleExports) source += 'export{d as "module.exports"};';
    for (let at = 0; at < names.length; at++) {
      const name = names[at];
      if (name === 'default' || name === 'module.exports' || !StringPrototypeIsWellFormed(name)) continue;
      source += `const v${at}=e[${at + 1}];export{v${at} as ${JSONStringify(name)}};`;
    }
    return { __proto__: null, format: 'module', source, shortCircuit: true };
  }

  function refused(rule, what) {
    native.unlisted(what);
    return nodeError(Error, 'ERR_LOADLOCK_UNLISTED', `${what}: ${rule}`);
  }

  return { __proto__: null, load, resolve };
}

/**
 * What stubs call: `redeem(token, names)` gives the exports and the value of each name.
 * @param {object} parts
 * @param {object} parts.native
 * @param {Function} parts.linkForImport
 * @param {(name: string, location: string | undefined) => object} parts.builtin
 * @param {(location: string, name: string) => unknown} parts.globalOf
 */
function createChannel({ native, linkForImport, builtin, globalOf }) {
  return function redeem(token, names) {
    const subject = native.redeemToken(`${token}`);
    if (typeof subject !== 'string') {
      throw nodeError(Error, 'ERR_LOADLOCK_SELF_CHECK', 'this module was not made by loadlock');
    }
    const scheme = StringPrototypeSlice(subject, 0, 5);
    if (scheme === 'glob:') {
      const values = [undefined];
      const location = StringPrototypeSlice(subject, 5);
      for (let at = 0; at < names.length; at++) ArrayPrototypePush(values, globalOf(location, names[at]));
      return values;
    }
    const exports = scheme === 'node:' ? builtinOf(subject) : linkForImport(StringPrototypeSlice(subject, 5), scheme === 'main:');
    const values = [exports];
    for (let at = 0; at < names.length; at++) ArrayPrototypePush(values, property(exports, names[at]));
    return values;
  };

  function builtinOf(subject) {
    const end = StringPrototypeIndexOf(subject, '\0');
    return end === -1 ? builtin(subject) : builtin(StringPrototypeSlice(subject, 0, end), StringPrototypeSlice(subject, end + 1));
  }
}

module.exports = { createHooks, createChannel };

const { decodeURIComponent: decode, encodeURIComponent: encode } = globalThis;
const { getBuiltinModule } = process;

/** `SUBJECT#LOCATION` of a URL that we made. */
function split(text) {
  const at = StringPrototypeIndexOf(text, '#');
  return [StringPrototypeSlice(text, 0, at), decode(StringPrototypeSlice(text, at + 1))];
}

/** The names that a package can import from a builtin: those of this Node that are not hidden from everybody. */
function visibleNames(native, name) {
  const { names, rules } = native.builtinRules(name);
  const real = ReflectApply(getBuiltinModule, process, [`node:${name}`]);
  const shown = { __proto__: null };
  for (let at = 0; at < names.length; at++) shown[names[at]] = rules[at] !== HIDDEN;
  const visible = [];
  // As Node, only what is enumerable: deprecated members warn when they are read.
  const keys = ObjectKeys(real);
  for (let at = 0; at < keys.length; at++) if (shown[keys[at]]) ArrayPrototypePush(visible, keys[at]);
  return visible;
}

/** How `native.builtinRules` marks a member that nobody gets. */
const HIDDEN = '-';

/** A getter that throws leaves the name undefined, as in Node's own CommonJS translator. */
function property(exports, name) {
  if (exports === null || exports === undefined) return undefined;
  try {
    return exports[name];
  } catch {
    return undefined;
  }
}

/** What Node's ES loader is told, undefined for what it cannot import. Everything it gets from us is ES source but for these. */
function formatName(format) {
  switch (format) {
    case JSON_TEXT:
      return 'json';
    case WASM:
      return features.importWasm ? 'wasm' : undefined;
    case MODULE_TYPESCRIPT:
      return features.stripTypes ? 'module-typescript' : undefined;
    case COMMONJS_TYPESCRIPT:
      return features.stripTypes ? 'module' : undefined;
    case OTHER:
      return undefined;
    default:
      return 'module';
  }
}

/** `!CODE\0message\0path` from the native side, as Node words it for an importer. */
function failure(answer, parent, href, slash = '') {
  const parts = StringPrototypeSplit(answer, '\0');
  const from = parent === undefined ? '' : ` imported from ${parent}`;
  const code = StringPrototypeSlice(parts[0], 1);
  // import.meta.resolve() answers with this URL instead of throwing.
  const url = href ?? (parts[2] === '' ? undefined : URLHref(pathToFileURL(parts[2])) + slash);
  const properties = url === undefined ? undefined : { __proto__: null, url };
  return nodeError(Error, code === 'MODULE_NOT_FOUND' ? 'ERR_MODULE_NOT_FOUND' : code, parts[1] + from, properties);
}

/** For messages: the importer as a path where it is one. */
function pathOf(url) {
  return StringPrototypeStartsWith(url, 'file:') ? fileURLToPath(url) : url;
}

function parse(specifier, base) {
  return base === undefined ? new URL(specifier) : new URL(specifier, base);
}

/** `%2f` or `%5c`. Not by a regular expression: RegExp.prototype is the one intrinsic that stays open. */
function hasEncodedSeparator(pathname) {
  const lower = StringPrototypeToLowerCase(pathname);
  return StringPrototypeIncludes(lower, '%2f') || StringPrototypeIncludes(lower, '%5c');
}

function isPathLike(specifier) {
  return (
    StringPrototypeStartsWith(specifier, './') ||
    StringPrototypeStartsWith(specifier, '../') ||
    StringPrototypeStartsWith(specifier, '/') ||
    specifier === '.' ||
    specifier === '..'
  );
}

/** The scheme with its colon when the specifier is an absolute URL, else ''. */
function schemeOf(specifier) {
  for (let at = 0; at < specifier.length; at++) {
    const char = specifier[at];
    const letter = (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');
    if (char === ':') return at === 0 ? '' : StringPrototypeToLowerCase(StringPrototypeSlice(specifier, 0, at + 1));
    if (!letter && (at === 0 || !((char >= '0' && char <= '9') || char === '+' || char === '-' || char === '.'))) return '';
  }
  return '';
}

/** Conditions are an array for `import` and, on 22, a Set for `require`. */
function list(conditions) {
  const copy = [];
  if (ArrayIsArray(conditions)) {
    for (let at = 0; at < conditions.length; at++) ArrayPrototypePush(copy, `${conditions[at]}`);
  } else if (conditions !== undefined) {
    SetPrototypeForEach(conditions, (condition) => ArrayPrototypePush(copy, `${condition}`));
  }
  return copy;
}

function includes(array, wanted) {
  for (let at = 0; at < array.length; at++) if (array[at] === wanted) return true;
  return false;
}

