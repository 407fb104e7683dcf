'use strict';
// Node 20 only: require() of an ES module reads that module's static imports through Node's default loader, past every
// hook (`getModuleJobForRequire`, lib/internal/modules/esm/loader.js, v20.x). So they are not left to it: each import is
// resolved and run here, and the text that Node compiles imports a `data:` stub with its values instead of a file.
//
// What that costs, on Node 20 and for required ES modules alone: their imports of other ES modules are not live
// bindings, and a cycle between two of them is an error. SECURITY.md and the README name Node 20 as best effort.

const { fileURLToPath, pathToFileURL } = require('url');
const { ArrayPrototypePush, JSONStringify, ObjectKeys, StringPrototypeStartsWith, URLHref } = require('./intrinsics.js');

const encode = encodeURIComponent;

/**
 * @param {object} parts
 * @param {object} parts.native
 * @param {ReturnType<import('./esm.js').createHooks>} parts.hooks
 * @param {(path: string) => unknown} parts.run  the exports of a sealed ES module, evaluated
 * @param {string} parts.channel  name of the global binding that stubs call
 * @param {string[]} parts.conditions
 */
function createInliner({ native, hooks, run, channel, conditions }) {
  /** The verified text of `filename` with every static import replaced. */
  return function inlineStaticImports(filename) {
    const pieces = native.modulePieces(filename);
    const parentURL = URLHref(pathToFileURL(filename));
    let source = pieces[0];
    for (let at = 1; at < pieces.length; at += 2) source += JSONStringify(substitute(pieces[at], parentURL)) + pieces[at + 1];
    return source;
  };

  function substitute(specifier, parentURL) {
    const { url, format } = hooks.resolve(specifier, { __proto__: null, parentURL, conditions });
    if (format === 'builtin') return url;
    if (StringPrototypeStartsWith(url, 'file:') && isModule(fileURLToPath(url))) return namespaceStub(fileURLToPath(url));
    const attributes = format === 'json' ? { __proto__: null, type: 'json' } : undefined;
    const loaded = hooks.load(url, { __proto__: null, importAttributes: attributes });
    return `data:${loaded.format === 'json' ? 'application/json' : 'text/javascript'},${encode(loaded.source)}`;
  }

  function isModule(path) {
    const format = native.entry(path) & 7;
    return format === 1 || format === 6;
  }

  function namespaceStub(path) {
    const names = [];
    const all = ObjectKeys(run(path) ?? {});
    for (let at = 0; at < all.length; at++) ArrayPrototypePush(names, all[at]);
    let source = `const e=${channel}("${native.issueToken(`file:${path}`)}",${JSONStringify(names)});`;
    for (let at = 0; at < names.length; at++) source += `const v${at}=e[${at + 1}];export{v${at} as ${JSONStringify(names[at])}};`;
    return `data:text/javascript,${encode(source)}`;
  }
}

module.exports = { createInliner };
