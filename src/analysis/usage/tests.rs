use serde_json::{Value, json};

use super::super::{Goal, Language, analyse};
use super::{ALL_GLOBALS, GLOBAL_NAMES};

fn uses_as(source: &str, goal: Goal, language: Language) -> (Value, u32) {
    let facts = analyse(source.as_bytes(), goal, language);
    assert_eq!(facts.parse_error, None, "{source}");
    (serde_json::to_value(&facts.usage).unwrap(), facts.globals)
}

/// Each line of `cases`: a text and some members of what it uses, all others of those named in `watched` being absent.
fn check(goal: Goal, watched: &[&str], cases: &[(&str, Value)]) {
    for (source, expected) in cases {
        let (found, _) = uses_as(source, goal, Language::JavaScript);
        let found: serde_json::Map<String, Value> = found
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .filter(|(key, _)| watched.contains(&&**key))
            .collect();
        assert_eq!(Value::Object(found), *expected, "{source}");
    }
}

fn commonjs(watched: &[&str], cases: &[(&str, Value)]) {
    check(Goal::CommonJs, watched, cases);
}

fn module(watched: &[&str], cases: &[(&str, Value)]) {
    check(Goal::Module, watched, cases);
}

#[test]
fn requests_of_commonjs() {
    let require = |specifier: &str| json!({ "requests": [[specifier, "require", 1]] });
    commonjs(
        &["requests", "computed"],
        &[
            ("require('a')", require("a")),
            ("require(`a`)", require("a")),
            ("require('child_' + 'process')", require("child_process")),
            ("const n = 'x/' + 'y'; require(`${n}/z`)", require("x/y/z")),
            ("require(a ? 'x' : 'y')", json!({ "requests": [["x", "require", 1], ["y", "require", 1]] })),
            ("(0, require)('a')", require("a")),
            ("const r = require; r('x')", require("x")),
            ("let r; r = require; r('x')", require("x")),
            ("var c = 'function' == typeof require && require; if (c) c('x')", require("x")),
            ("module.require('x')", require("x")),
            ("process.mainModule.require('x')", require("x")),
            ("\n\nrequire.resolve('x')", json!({ "requests": [["x", "resolve", 3]] })),
            ("import('x')", json!({ "requests": [["x", "dynamic", 1]] })),
            ("import(x)", json!({ "computed": [1] })),
            ("require(x)", json!({ "computed": [1] })),
            ("\nload(require)", json!({ "computed": [2] })),
            ("exports.require = require", json!({ "computed": [1] })),
            ("require[x]('a')", json!({ "computed": [1] })),
            ("typeof require; require.main === module; require()", json!({})),
            ("require.cache", json!({})),
            // Not the real one.
            ("function f(require) { require('a') }", json!({})),
            ("function require() {} require('a')", json!({})),
            // Factories.
            ("(function (require) { require('a') })(require)", require("a")),
            ("!function (e) { e('a') }.call(this, require)", require("a")),
            (
                "(function (root, factory) { if (typeof define === 'function' && define.amd) { define(['a'], factory); }
                 else if (typeof module === 'object' && module.exports) { module.exports = factory(require('a')); }
                 else { root.b = factory(root.a); } }(this, function (a) {}))",
                json!({ "requests": [["a", "require", 2]] }),
            ),
            (
                "!function(e,t){'object'==typeof exports&&'undefined'!=typeof module?t(exports,require('a')):t(e.b={},e.a)}(this,function(e,t){'use strict'});",
                require("a"),
            ),
            // browserify
            (
                "(function(){function r(e,n,t){function o(i,f){if(!n[i]){if(!e[i]){var c=\"function\"==typeof require&&require;if(!f&&c)return c(i,!0);}var p=n[i]={exports:{}};e[i][0].call(p.exports,function(r){return o(e[i][1][r]||r)},p,p.exports,r,e,n,t)}return n[i].exports}return o}return r})()({1:[function(require,module,exports){require('./x')},{}]},{},[1]);",
                json!({ "computed": [1] }),
            ),
            // esbuild
            (
                "var __require = /* @__PURE__ */ ((x) => typeof require !== \"undefined\" ? require : typeof Proxy !== \"undefined\" ? new Proxy(x, {
                 get: (a, b) => (typeof require !== \"undefined\" ? require : a)[b] }) : x)(function(x) {
                 if (typeof require !== \"undefined\") return require.apply(this, arguments);
                 throw Error('Dynamic require of \"' + x + '\" is not supported'); });
                 var a = __require('a');",
                json!({ "requests": [["a", "require", 5]] }),
            ),
            // webpack
            (
                "(()=>{var e={17:e=>{\"use strict\";e.exports=require(\"os\")}},t={};function r(n){var o=t[n];if(void 0!==o)return o.exports;var s=t[n]={exports:{}};return e[n](s,s.exports,r),s.exports}var n=r(17);module.exports=n})();",
                require("os"),
            ),
            // createRequire
            (
                "const { createRequire } = require('module'); createRequire(__filename)('x')",
                json!({ "requests": [["module", "require", 1], ["x", "require", 1]] }),
            ),
            // Others' specifiers in strings and comments.
            ("'require(\"a\")'; // require('b')", json!({})),
        ],
    );
}

#[test]
fn requests_of_modules() {
    module(
        &["requests", "computed"],
        &[
            (
                "import 'a'; import b from 'b'; export * from 'c'; export { d } from 'd'; import('e')",
                json!({ "requests": [
                    ["a", "import", 1], ["b", "import", 1], ["c", "export", 1], ["d", "export", 1], ["e", "dynamic", 1]
                ] }),
            ),
            (
                "import { createRequire as c } from 'node:module';\nconst require = c(import.meta.url);\nrequire('x'); require(y)",
                json!({ "requests": [["node:module", "import", 1], ["x", "require", 3]], "computed": [3] }),
            ),
            (
                "import m from 'module'; m.createRequire(import.meta.url).resolve('x')",
                json!({ "requests": [["module", "import", 1], ["x", "resolve", 1]] }),
            ),
            ("import.meta.resolve('x'); import.meta.url", json!({ "requests": [["x", "resolve", 1]] })),
            ("require('x')", json!({})),
            ("process.getBuiltinModule('fs')", json!({ "requests": [["fs", "builtin", 1]] })),
            ("process.getBuiltinModule(x)", json!({ "computed": [1] })),
        ],
    );
}

#[test]
fn builtins_of_commonjs() {
    let fs = |members: Value| json!({ "builtins": { "fs": members } });
    let read = || fs(json!({ "readFile": 1 }));
    let promises = |fs: Value| json!({ "builtins": { "fs": fs, "fs/promises": { "readFile": 1 } } });
    commonjs(
        &["builtins"],
        &[
            ("require('fs')", fs(json!({}))),
            ("require('node:fs').readFile()", read()),
            ("const fs = require('fs'); fs.readFile(); fs\n.readFile", read()),
            ("const fs = require('fs'); fs['read' + 'File']()", read()),
            ("const { readFile } = require('fs')", read()),
            ("const { readFile: r = x, ...rest } = require('fs')", fs(json!({ "readFile": 1, "*": 1 }))),
            ("let a; ({ readFile: a } = require('fs'))", read()),
            ("let readFile; ({ readFile } = require('fs'))", read()),
            ("let fs; try { fs = require('fs') } catch {} fs?.readFile()", read()),
            ("const f = require('fs'), g = f; (0, g.readFile)()", read()),
            ("function f(fs = require('fs')) { fs.readFile }", read()),
            ("const fs = x ? require('fs') : null; fs && fs.readFile", read()),
            ("'readFile' in require('fs')", read()),
            ("function f(fs) { fs.readFile() }", json!({})),
            ("const { fs } = x; fs.readFile()", json!({})),
            // Submodules
            ("require('fs').promises.readFile()", promises(json!({}))),
            ("const { promises: { readFile } } = require('fs')", promises(json!({}))),
            ("const { readFile } = require('fs/promises')", json!({ "builtins": { "fs/promises": { "readFile": 1 } } })),
            // Sight is lost.
            ("f(require('fs'))", fs(json!({ "*": 1 }))),
            ("module.exports = require('fs')", fs(json!({ "*": 1 }))),
            ("const fs = require('fs'); exports.fs = fs", fs(json!({ "*": 1 }))),
            ("const fs = require('fs'); fs[x]", fs(json!({ "*": 1 }))),
            ("const fs = { ...require('fs') }", fs(json!({ "*": 1 }))),
            ("const x = { fs: require('fs') }", fs(json!({ "*": 1 }))),
            ("const [a] = require('fs')", fs(json!({ "*": 1 }))),
            ("for (const k in require('fs'));", fs(json!({ "*": 1 }))),
            ("g = require('fs')", fs(json!({ "*": 1 }))),
            // Helpers of transpilers.
            ("const fs_1 = __importDefault(require('fs')); fs_1.default.readFile()", read()),
            ("const fs = tslib_1.__importStar(require('fs')); fs.readFile()", read()),
            ("const fs = (0, tslib_1.__importDefault)(require('fs')); fs.default.readFile()", read()),
            ("var _fs = _interopRequireDefault(require('fs')); (0, _fs.default.readFile)()", read()),
            ("var fs = _interopRequireWildcard(require('fs'), true); fs.readFile()", read()),
            ("var import_fs = __toESM(require('fs'), 1); import_fs.default.readFile()", read()),
            ("var fs$1 = require('fs'); var fs__default = /*#__PURE__*/_interopDefaultLegacy(fs$1); fs__default['default'].readFile()", read()),
            ("function t(e){return e&&e.__esModule?e:{default:e}}var r=t(require('fs'));r.default.readFile()", read()),
            (
                "function _fs() { const data = require('fs'); _fs = function () { return data; }; return data; }
                 _fs().readFile()",
                fs(json!({ "readFile": 2 })),
            ),
            ("const fs = () => require('fs'); fs().readFile()", read()),
            ("Promise.resolve().then(() => __importStar(require('fs'))).then(fs => fs.readFile())", read()),
            ("import('fs').then(({ readFile }) => readFile())", read()),
            ("async () => { const { default: fs } = await import('fs'); fs.readFile() }", read()),
            // UMD
            (
                "!function(e,t){'object'==typeof exports?module.exports=t(require('fs')):e.x=t(e.fs)}(this,function(e){return e.readFile})",
                read(),
            ),
            ("((fs) => { fs.readFile() })(require('fs'))", read()),
            ("const use = fs => fs.readFile(); use(require('fs'))", read()),
            // Functions and classes themselves.
            (
                "const E = require('events'); class A extends E {} E.call(this); new E(); require('assert')(x); E.once(a)",
                json!({ "builtins": { "assert": {}, "events": { "once": 1 } } }),
            ),
            ("const M = require('module'); new M(); class N extends M {}", json!({ "builtins": { "module": {} } })),
            ("const { Module } = require('module'); Module._load(x)", json!({ "builtins": { "module": { "_load": 1 } } })),
            ("process.getBuiltinModule('fs').readFile()", read()),
            ("globalThis.process.getBuiltinModule('fs').readFile()", read()),
            ("require('path').posix.join()", json!({ "builtins": { "path": {}, "path/posix": { "join": 1 } } })),
            ("require('node:future').x", json!({ "builtins": { "future": { "x": 1 } } })),
            ("require('test'); require('./fs'); require('fs/')", json!({})),
        ],
    );
}

#[test]
fn builtins_of_modules() {
    let fs = |members: Value| json!({ "builtins": { "fs": members } });
    module(
        &["builtins"],
        &[
            ("import 'fs'", fs(json!({}))),
            (
                "import fs, { readFile as r } from 'node:fs'; fs.stat(); r()",
                fs(json!({ "readFile": 1, "stat": 1 })),
            ),
            (
                "import * as fs from 'fs'; fs.readFile(); fs.default.stat()",
                fs(json!({ "readFile": 1, "stat": 1 })),
            ),
            ("import fs from 'fs'", fs(json!({}))),
            ("import fs from 'fs'; export { fs }", fs(json!({ "*": 1 }))),
            ("import fs from 'fs'; export default fs", fs(json!({ "*": 1 }))),
            ("export const fs = await import('fs')", fs(json!({ "*": 1 }))),
            ("export { readFile } from 'fs'", fs(json!({ "readFile": 1 }))),
            ("export * from 'fs'", fs(json!({ "*": 1 }))),
            ("export { default } from 'fs'", fs(json!({ "*": 1 }))),
            (
                "import { promises as fs } from 'fs'; fs.readFile()",
                json!({ "builtins": { "fs": {}, "fs/promises": { "readFile": 1 } } }),
            ),
            (
                "import { strict as assert } from 'assert'; assert.equal()",
                json!({ "builtins": { "assert": {}, "assert/strict": { "equal": 1 } } }),
            ),
        ],
    );
}

#[test]
fn globals() {
    commonjs(
        &["globals", "globalWrites"],
        &[
            ("fetch(1); fetch(2)", json!({ "globals": { "fetch": 1 } })),
            ("typeof fetch; typeof globalThis.fetch", json!({ "globals": { "globalThis": 1 } })),
            ("function f(fetch) { fetch() } var process; process.exit()", json!({})),
            ("{ let fetch; } fetch()", json!({ "globals": { "fetch": 1 } })),
            ("if (x) { var fetch } fetch()", json!({ "globals": { "x": 1 } })),
            ("globalThis.fetch()", json!({ "globals": { "fetch": 1, "globalThis": 1 } })),
            ("global['fetch']()", json!({ "globals": { "fetch": 1, "global": 1 } })),
            (
                "const { fetch, Buffer: b } = globalThis",
                json!({ "globals": { "Buffer": 1, "fetch": 1, "globalThis": 1 } }),
            ),
            ("f(globalThis)", json!({ "globals": { "*": 1, "f": 1, "globalThis": 1 } })),
            (
                "Object.keys([]); new Map(); exports.a = module.id + __filename; undefined; arguments",
                json!({}),
            ),
            (
                "x = 1; y += 1; z++",
                json!({ "globals": { "y": 1, "z": 1 }, "globalWrites": { "x": 1, "y": 1, "z": 1 } }),
            ),
            (
                "globalThis.a = 1; global[b()] = 1; delete global.c",
                json!({
                    "globals": { "b": 1, "global": 1, "globalThis": 1 }, "globalWrites": { "a": 1, "*": 1, "c": 1 }
                }),
            ),
            (
                "globalThis[Symbol.for('a.b')] = 1",
                json!({ "globals": { "globalThis": 1 }, "globalWrites": { "Symbol.for(a.b)": 1 } }),
            ),
            (
                "Object.defineProperty(globalThis, 'a', {}); Object.assign(global, { b: 1, ...c })",
                json!({
                    "globals": { "c": 1, "global": 1, "globalThis": 1 }, "globalWrites": { "a": 1, "b": 1, "*": 1 }
                }),
            ),
            (
                "registry.applyPatch(globalThis, 'fetch', h)",
                json!({
                    "globals": { "*": 1, "globalThis": 1, "h": 1, "registry": 1 }, "globalWrites": { "fetch": 1 }
                }),
            ),
            ("get(globalThis, 'fetch')", json!({ "globals": { "*": 1, "get": 1, "globalThis": 1 } })),
            // lodash
            (
                "var freeGlobal = typeof global == 'object' && global && global.Object === Object && global;
                 var root = freeGlobal || freeSelf || Function('return this')(); root.setTimeout(f)",
                json!({ "globals": { "f": 2, "freeSelf": 2, "global": 1, "setTimeout": 2 } }),
            ),
            ("new Function('return this;')().fetch()", json!({ "globals": { "fetch": 1 } })),
            ("this.fetch()", json!({})),
        ],
    );
    module(
        &["globals"],
        &[("import { fetch } from 'x'; fetch(); crypto.subtle", json!({ "globals": { "crypto": 1 } }))],
    );
}

#[test]
fn process_and_environment() {
    commonjs(
        &["process", "env"],
        &[
            ("process.exit(1); process.exitCode = 1", json!({ "process": { "exit": 1 } })),
            (
                "process.env.A; process.env['B'] = 1; delete process.env.C",
                json!({ "process": { "env": 1 }, "env": { "A": 1, "B": 1, "C": 1 } }),
            ),
            ("process.env[x]", json!({ "process": { "env": 1 }, "env": { "*": 1 } })),
            ("Object.keys(process.env)", json!({ "process": { "env": 1 }, "env": { "*": 1 } })),
            ("x = { ...process.env, A: 1 }", json!({ "process": { "env": 1 }, "env": { "*": 1 } })),
            ("spawn('a', { env: process.env })", json!({ "process": { "env": 1 }, "env": { "*": 1 } })),
            (
                "const { A, B: { length }, ...rest } = process.env",
                json!({ "process": { "env": 1 }, "env": { "*": 1, "A": 1, "B": 1 } }),
            ),
            (
                "const { env: { A = 'x' }, argv } = process",
                json!({ "process": { "argv": 1, "env": 1 }, "env": { "A": 1 } }),
            ),
            (
                "function f(env = process.env) { return env.A || 'B' in env }",
                json!({ "process": { "env": 1 }, "env": { "A": 1, "B": 1 } }),
            ),
            (
                "function f(env) { return env.A } f(process.env)",
                json!({ "process": { "env": 1 }, "env": { "A": 1 } }),
            ),
            (
                "Object.prototype.hasOwnProperty.call(process.env, 'A')",
                json!({ "process": { "env": 1 }, "env": { "A": 1 } }),
            ),
            ("f(process)", json!({ "process": { "*": 1 } })),
            ("process[x]", json!({ "process": { "*": 1 } })),
            ("typeof process; typeof process.env; if (process) {}", json!({ "process": { "env": 1 } })),
            ("require('process').env.A", json!({ "process": { "env": 1 }, "env": { "A": 1 } })),
            ("globalThis.process?.env?.A", json!({ "process": { "env": 1 }, "env": { "A": 1 } })),
            ("const p = globalThis['process']; p.cwd()", json!({ "process": { "cwd": 1 } })),
            ("function f(process) { process.exit(process.env.A) }", json!({})),
            ("process.stdout.write(x)", json!({ "process": { "stdout": 1 } })),
            // Aliases.
            ("const { exit } = process; exit()", json!({ "process": { "exit": 1 } })),
            (
                "globalThis.process.exit(); global.process.kill(x)",
                json!({ "process": { "exit": 1, "kill": 1 } }),
            ),
            ("const { process: p } = globalThis; p.exit()", json!({ "process": { "exit": 1 } })),
            ("process && process.exit(); process?.exit?.()", json!({ "process": { "exit": 1 } })),
            ("var process = globalThis.process; process.exit()", json!({ "process": { "exit": 1 } })),
            ("(typeof process !== 'undefined') && process.exit()", json!({ "process": { "exit": 1 } })),
            (
                "var p = typeof process === 'undefined' ? {} : process; p.exit()",
                json!({ "process": { "exit": 1 } }),
            ),
            // Bindings.
            ("process.binding(x)", json!({ "process": { "binding": 1 } })),
            ("p = process.binding && process.binding('util'); process.binding('constants')", json!({})),
            ("try { process.binding('buffer') } catch {}", json!({})),
            ("try {} catch { process.binding('fs') }", json!({ "process": { "binding": 1 } })),
        ],
    );
    module(
        &["process", "env"],
        &[
            (
                "import process, { env } from 'node:process'; env.A; process.exit()",
                json!({ "process": { "env": 1, "exit": 1 }, "env": { "A": 1 } }),
            ),
            (
                "import * as p from 'process'; p.default.env.A",
                json!({ "process": { "env": 1 }, "env": { "A": 1 } }),
            ),
        ],
    );
}

#[test]
fn text_as_code() {
    commonjs(
        &["eval", "wasm"],
        &[
            ("eval(x)", json!({ "eval": 1 })),
            ("(0, eval)(x)", json!({ "eval": 1 })),
            ("\nconst e = eval; e(x)", json!({ "eval": 2 })),
            ("globalThis.eval(x)", json!({ "eval": 1 })),
            ("typeof eval", json!({})),
            ("new Function('a', 'return a')", json!({ "eval": 1 })),
            ("Function(x)", json!({ "eval": 1 })),
            ("const F = Function; new F(x)", json!({ "eval": 1 })),
            ("f instanceof Function; Function.prototype.call; new Function; isIn(Function)", json!({})),
            ("Function('return this')(); (new Function('return this'))()", json!({})),
            ("Function('return thisThing')()", json!({ "eval": 1 })),
            // By other ways.
            ("Function.apply(this, params)", json!({ "eval": 1 })),
            ("Function.call(this, 'a', x)", json!({ "eval": 1 })),
            ("Reflect.construct(Function, x)", json!({ "eval": 1 })),
            ("Reflect.apply(Function, null, x)", json!({ "eval": 1 })),
            ("make(Function)", json!({ "eval": 1 })),
            ("exports.F = Function", json!({ "eval": 1 })),
            ("class F extends Function {}", json!({ "eval": 1 })),
            ("const F = (async function () {}).constructor; new F(x)", json!({ "eval": 1 })),
            ("const F = Object.getPrototypeOf(async () => {}).constructor; F(x)", json!({ "eval": 1 })),
            ("const g = function* () {}; g.constructor(x)", json!({ "eval": 1 })),
            ("''.constructor.constructor(x)", json!({ "eval": 1 })),
            // By none.
            (
                "typeof x === Function; x.constructor === Function; switch (x) { case Function: } Function.call(this);
                 Function.prototype.toString.call(f); Function.call.bind(f); Function.bind.apply(C, x); Function.name;
                 Object.create(Function.prototype); Object.getOwnPropertyNames(Function)",
                json!({}),
            ),
            ("x = { type: Function, all: [Function, Object], e: eval }; __metadata('design:type', Function)", json!({})),
            ("const A = (async () => {}).constructor; x instanceof A; exports.A = A; A.name", json!({})),
            ("this.constructor(x); a.constructor(x); this.constructor.constructor", json!({})),
            ("Function(''); Function('return function* () {}')()", json!({})),
            ("const $F = Function; $F('\"use strict\"; return (' + kind + ').constructor;')()", json!({})),
            ("Function('\"use strict\"; return (async function () {}).constructor')()", json!({})),
            ("setTimeout('x()', 1)", json!({ "eval": 1 })),
            ("setTimeout(f, 1)", json!({})),
            ("function f(eval, Function) { eval(x); Function(x) }", json!({})),
            ("WebAssembly.compile(x)", json!({ "wasm": 1 })),
            ("typeof WebAssembly", json!({})),
        ],
    );
}

#[test]
fn writes() {
    let one = |kind: &str, target: &str, member: &str| json!({ "writes": [[kind, target, member, 1]] });
    commonjs(
        &["writes", "loader"],
        &[
            ("String.prototype.x = f", one("global", "String.prototype", "x")),
            ("String.prototype['x'] ||= f", one("global", "String.prototype", "x")),
            (
                "delete Array.prototype.at; Array.prototype.slice.call(x)",
                one("global", "Array.prototype", "at"),
            ),
            ("var P = Array.prototype; P[x] = f", one("global", "Array.prototype", "*")),
            ("Object.defineProperty(Array.prototype, 'x', {})", one("global", "Array.prototype", "x")),
            (
                "Object.defineProperty(Array.prototype, Symbol.iterator, {})",
                one("global", "Array.prototype", "Symbol.iterator"),
            ),
            ("Reflect.set(Math, 'x', f)", one("global", "Math", "x")),
            ("Object.assign(Promise, { x: f })", one("global", "Promise", "x")),
            ("Function.prototype.x = f", one("global", "Function.prototype", "x")),
            ("console.log = f", one("global", "console", "log")),
            ("[console.log] = f", one("global", "console", "log")),
            ("const fs = require('fs'); fs.readFile = f", one("builtin", "fs", "readFile")),
            ("require('http').Server.prototype.emit = f", one("builtin", "http.Server.prototype", "emit")),
            (
                "const { Server } = require('http'); Server.prototype.emit = f",
                one("builtin", "http.Server.prototype", "emit"),
            ),
            ("Object.setPrototypeOf(require('fs'), x)", one("builtin", "fs", "__proto__")),
            ("process.emit = f", one("builtin", "process", "emit")),
            ("const e = require('express'); e.response.send = f", one("package", "express.response", "send")),
            (
                "var e = _interopRequireDefault(require('express')); e.default.x = f",
                one("package", "express", "x"),
            ),
            (
                "const { Router } = require('@s/x/y'); Router.prototype.m = f",
                one("package", "@s/x/y.Router.prototype", "m"),
            ),
            ("require('./x').y = f; exports.z = f; module.exports = f; this.x = f", json!({})),
            ("function f(Array) { Array.prototype.x = f } var a = {}; a.b = 1", json!({})),
            ("Object.create(Array.prototype); f(Array.prototype); Array.prototype.x", json!({})),
        ],
    );
    module(
        &["writes"],
        &[
            ("import x from 'x'; x.y = 1", one("package", "x", "y")),
            ("import { A } from 'x'; A.prototype.y = 1", one("package", "x.A.prototype", "y")),
            ("import './x'; import x from './x.js'; x.y = 1", json!({})),
        ],
    );
}

#[test]
fn the_loader() {
    let loader = |name: &str| json!({ "loader": { name: 1 } });
    commonjs(
        &["loader", "computed", "computedNearby"],
        &[
            // Everybody has their own.
            (
                "require.cache; require.cache[x]; delete require.cache[x]; delete (require.cache)[x]",
                json!({}),
            ),
            ("Object.keys(require.cache).forEach(key => { delete require.cache[key] })", json!({})),
            ("require.extensions['.js'](m, f); require.extensions['.hbs'] = f", json!({})),
            ("module.parent.filename; module.children; module.paths.push(x); require.main.paths", json!({})),
            ("module._compile(x, y); new module.constructor(x)", json!({})),
            ("require('module')._cache; require('module')._extensions['.ts'] = f", json!({})),
            // Everybody's.
            ("require.cache[x] = y", loader("require.cache")),
            ("const { cache } = require; cache[x] = y", loader("require.cache")),
            ("require('module')._cache[x] = y", loader("require.cache")),
            ("require.extensions['.js'] = f", loader("require.extensions")),
            ("require.extensions[x] = f", loader("require.extensions")),
            ("const M = require('module'); M._extensions['.js'] = f", loader("require.extensions")),
            ("const { Module } = require('module'); Module._load = f", loader("module._load")),
            ("require('module').prototype.require = f", loader("module.prototype.require")),
            ("module.constructor._resolveFilename = f", loader("module._resolveFilename")),
            ("module.__proto__._compile = f", loader("module.prototype._compile")),
            ("require('module').register('./x')", loader("module.register")),
            ("require('node:module').registerHooks({})", loader("module.registerHooks")),
            // Nearby.
            ("require('./locale/' + x)", json!({ "computedNearby": [1] })),
            ("require(`./locale/${x}`); require(`../${x}`)", json!({ "computedNearby": [1] })),
            ("require(require('path').join(__dirname, x))", json!({ "computedNearby": [1] })),
            ("require(__dirname + '/' + x)", json!({ "computedNearby": [1] })),
            ("const base = './a/'; require(base + x)", json!({ "computedNearby": [1] })),
            ("f(module)", json!({ "computedNearby": [1] })),
            ("require(x + './y'); require(`${x}/y`)", json!({ "computed": [1] })),
            ("function f(__dirname) { require(__dirname + x) }", json!({ "computed": [1] })),
        ],
    );
}

#[test]
fn names_in_loops_and_paths() {
    let requests = |list: &[(&str, &str)]| {
        let list = list.iter().map(|(specifier, kind)| json!([specifier, kind, 1])).collect::<Vec<_>>();
        json!({ "requests": list })
    };
    let runs = |path: &str| json!({ "runs": { path: 1 } });
    let ab = || requests(&[("a", "require"), ("b", "require")]);
    commonjs(
        &["requests", "computed", "computedNearby"],
        &[
            ("for (const n of ['a', 'b']) require(n)", ab()),
            ("const all = ['a', 'b']; for (const n of all) require(n)", ab()),
            ("['a', 'b'].forEach(n => require(n))", ab()),
            (
                "Object.freeze(['a']).concat; const x = Object.freeze(['a', 'b']); x.map(function (n) { return require(n) })",
                ab(),
            ),
            ("const a = ['a']; new Set([...a, 'b']).forEach(n => require(n))", ab()),
            ("['a', x].forEach(n => require(n))", json!({ "computed": [1] })),
            ("for (const n in ['a']) require(n)", json!({ "computed": [1] })),
            ("['a'].forEach((x, n) => require(n))", json!({ "computed": [1] })),
            ("['a'].reduce(n => require(n))", json!({ "computed": [1] })),
            ("for (let n of ['a']) { n = x; require(n) }", json!({ "computed": [1] })),
            // Paths.
            ("require(join(__dirname, 'x', '..', 'y.json'))", requests(&[("./y.json", "require")])),
            ("require(__dirname + '/../x')", requests(&[("../x", "require")])),
            ("const w = x || join(__dirname, 'w.js'); f(w)", requests(&[("./w.js", "resolve")])),
            ("f(path.resolve(__dirname, '../w.cjs'))", requests(&[("../w.cjs", "resolve")])),
            ("f(join(__dirname, 'data.txt'), join(x, 'y.js'), join('a', 'b.js'))", json!({})),
        ],
    );
    commonjs(
        &["runs"],
        &[
            ("const { Worker } = require('worker_threads'); new Worker(x)", runs("*")),
            (
                "const { Worker } = require('worker_threads'); new Worker(join(__dirname, 'a', 'w.js'))",
                runs("./a/w.js"),
            ),
            ("const w = require('worker_threads'); new w.Worker(__dirname + '/w.js')", runs("./w.js")),
            (
                "const { Worker } = require('worker_threads'); const f = o['w'] || join(__dirname, 'w.js'); new Worker(f)",
                runs("./w.js"),
            ),
            ("const { Worker } = require('worker_threads'); new Worker('./w.js')", runs("w.js")),
            ("const { Worker } = require('worker_threads'); new Worker(require.resolve('./w'))", json!({})),
            ("const { Worker } = require('worker_threads'); exports.Worker = Worker", runs("*")),
            ("const { Worker } = require('worker_threads'); class W extends Worker {}", runs("*")),
            ("const { Worker } = require('worker_threads'); make(Worker)", runs("*")),
            ("const { isMainThread, Worker } = require('worker_threads'); x instanceof Worker", json!({})),
            ("require('child_process').fork(join(__dirname, 'c.js'), ['x'])", runs("./c.js")),
            ("require('child_process').fork(x)", runs("*")),
            (
                "require('child_process').spawn(process.execPath, ['--flag', 'bin/x.js', 'y'])",
                runs("bin/x.js"),
            ),
            ("require('child_process').spawn('node', [join(__dirname, 'x.js'), y])", runs("./x.js")),
            (
                "const args = ['x.js']; require('child_process').spawnSync(process.argv[0], args)",
                runs("x.js"),
            ),
            ("require('child_process').execFile(process.execPath, args)", runs("*")),
            ("require('child_process').spawn('git', [x])", json!({})),
            ("require('child_process').spawn(process.execPath, ['-e', 'x'])", json!({})),
        ],
    );
    module(
        &["runs", "requests"],
        &[
            (
                "import { Worker } from 'worker_threads'; new Worker(new URL('./w.js', import.meta.url))",
                json!({
                    "requests": [["worker_threads", "import", 1], ["./w.js", "resolve", 1]], "runs": { "./w.js": 1 }
                }),
            ),
            (
                "const here = dirname(fileURLToPath(import.meta.url)); f(join(here, 'w.js'))",
                requests(&[("./w.js", "resolve")]),
            ),
            ("f(join(import.meta.dirname, 'w.js'))", requests(&[("./w.js", "resolve")])),
            (
                "f(new URL('w.mjs', import.meta.url)); new URL('https://x/w.js', import.meta.url)",
                requests(&[("./w.mjs", "resolve")]),
            ),
        ],
    );
}

#[test]
fn events_of_process_and_channels() {
    let events = |list: &[&str]| {
        let list: serde_json::Map<_, _> = list.iter().map(|name| ((*name).to_owned(), json!(1))).collect();
        json!({ "processEvents": list })
    };
    let channels = |name: &str| json!({ "channels": { name: 1 } });
    commonjs(
        &["processEvents"],
        &[
            ("process.on('SIGTERM', f); process.once('exit', f)", events(&["SIGTERM", "exit"])),
            ("process.on.call(process, 'SIGTERM', f)", events(&["SIGTERM"])),
            ("const { on } = process; on('SIGTERM', f)", events(&["SIGTERM"])),
            ("for (const s of ['SIGINT', 'SIGTERM']) process.on(s, f)", events(&["SIGINT", "SIGTERM"])),
            (
                "['SIGINT', 'SIGTERM'].forEach(s => { process.addListener(s, f) })",
                events(&["SIGINT", "SIGTERM"]),
            ),
            // Probably one of those that are mentioned.
            ("function f(all) { all.forEach(s => process.on(s, g)) } f(['SIGINT'])", events(&["SIGINT"])),
            ("process.on(x, f)", events(&["*"])),
            ("add(process, 'uncaughtException', f); add(process, 'x')", events(&["uncaughtException"])),
            (
                "process.emit('SIGTERM'); process.off('SIGTERM', f); emitter.on('SIGTERM', f); 'SIGINT'",
                json!({}),
            ),
        ],
    );
    commonjs(
        &["channels"],
        &[
            ("require('diagnostics_channel').subscribe('http.x', f)", channels("http.x")),
            ("const { subscribe: s } = require('node:diagnostics_channel'); s(x, f)", channels("*")),
            (
                "const d = require('diagnostics_channel'); const c = d.channel('net.x'); c.subscribe(f)",
                channels("net.x"),
            ),
            (
                "const d = require('diagnostics_channel'); d.tracingChannel('m').start.subscribe(f)",
                channels("m"),
            ),
            ("const d = require('diagnostics_channel'); new d.Channel('m')", channels("*")),
            (
                "const d = require('diagnostics_channel'); d.channel('net.x').publish({}); d.unsubscribe('net.x', f)",
                json!({}),
            ),
        ],
    );
}

#[test]
fn hosts() {
    commonjs(
        &["hosts"],
        &[
            (
                "f('https://a.example/x', \"ws://b:81\", `http://c.example/${d}`)",
                json!({
                    "hosts": { "a.example:443": 1, "b:81": 1, "c.example:80": 1 }
                }),
            ),
            (
                "connect({ host: 'A.example', port: 99 }); connect({ hostname: '::1' }); f({ host: 'b' })",
                json!({
                    "hosts": { "a.example:99": 1, "b:*": 1 }
                }),
            ),
            ("`https://${host}/`; // https://comment.example", json!({})),
        ],
    );
    let many: String = (0..100).map(|n| format!("'http://h{n}/';")).collect();
    let (found, _) = uses_as(&many, Goal::CommonJs, Language::JavaScript);
    assert_eq!(found["hosts"].as_object().unwrap().len(), 64);
}

#[test]
fn mask_of_globals() {
    let names = |mask: u32| -> Vec<&str> {
        GLOBAL_NAMES.iter().enumerate().filter(|(at, _)| mask & 1 << at != 0).map(|(_, &name)| name).collect()
    };
    for (source, expected) in [
        ("", &[][..]),
        ("typeof fetch", &["fetch"]),
        ("process = 1; new WebSocket(x)", &["process", "WebSocket"]),
        ("globalThis.fetch()", &["globalThis"]),
        ("function f(process) { process.exit() }", &[]),
        ("(0, eval)('x')", &["eval"]),
        ("x = { process: 1 }.process; process: for (;;) break process", &[]),
        ("x = { process }", &["process"]),
        ("({ process } = x)", &["process"]),
        ("export { process }", &["process"]),
    ] {
        let goal = if source.starts_with("export") { Goal::Module } else { Goal::CommonJs };
        let facts = analyse(source.as_bytes(), goal, Language::JavaScript);
        assert_eq!(names(facts.globals), expected, "{source}");
    }
    for source in ["eval('x')", "with (a) b", "function f() { return eval(x) }", "syntax error"] {
        assert_eq!(
            analyse(source.as_bytes(), Goal::CommonJs, Language::JavaScript).globals,
            ALL_GLOBALS,
            "{source}"
        );
    }
    for (source, expected) in [
        ("declare const process: any; process.exit()", &["process"][..]),
        ("let x: Response; type A = Request; interface B extends Headers {}", &[]),
        ("import type fetch from 'x'; const y = fetch as FormData", &["fetch"]),
    ] {
        let (_, mask) = uses_as(source, Goal::Module, Language::TypeScript);
        assert_eq!(names(mask), expected, "{source}");
    }
}

#[test]
fn typescript() {
    for (source, expected) in [
        (
            "import type { A } from 'a'; import { type B } from 'b'; import { readFile } from 'fs'; readFile as any",
            json!({ "requests": [["b", "import", 1], ["fs", "import", 1]], "builtins": { "fs": { "readFile": 1 } } }),
        ),
        (
            "import * as fs from 'fs'; (fs as any)!.readFile()",
            json!({ "requests": [["fs", "import", 1]], "builtins": { "fs": { "readFile": 1 } } }),
        ),
    ] {
        assert_eq!(uses_as(source, Goal::Module, Language::TypeScript).0, expected, "{source}");
    }
}

/// Deep and wide texts, whose analysis must neither overflow the stack nor take long.
#[test]
fn hostile_shapes() {
    let count = 20_000;
    for (open, close) in [
        ("a.b", ""),
        ("a()", ""),
        ("a[0]", ""),
        ("a?.b", ""),
        ("a+", "a"),
        ("a-", "a"),
        ("a,", "a"),
        ("a/", "a"),
        ("a%", "a"),
        ("a^", "a"),
        ("a>", "a"),
        ("a`x`", ""),
        ("'x'+", "a"),
        ("x=process;", ""),
        ("process.env.a;", ""),
        ("a in ", "b"),
        ("f(process);", ""),
    ] {
        let rest = open.strip_prefix('a').filter(|_| close.is_empty() && open != "a in ");
        let source = match rest {
            Some(rest) => format!("a{}", rest.repeat(count)),
            None => format!("{}{close}", open.repeat(count)),
        };
        let _ = analyse(source.as_bytes(), Goal::CommonJs, Language::JavaScript);
    }
    let chain: String = (0..2_000).map(|n| format!("var v{} = v{n}.a; v{n} = v{};", n + 1, n + 1)).collect();
    let calls: String =
        (0..2_000).map(|n| format!("function f{n}(a) {{ return f{}(a) }}", (n * 7 + 1) % 2_000)).collect();
    for source in [
        format!("var v0 = require('x'); {chain}"),
        format!("f0(require('fs')); {calls}"),
        format!(
            "const a0 = ''; {} require(a40)",
            (0..40).map(|n| format!("const a{} = a{n} + a{n};", n + 1)).collect::<String>()
        ),
        format!("require({}'x')", "a ? 'y' : ".repeat(300)),
    ] {
        let _ = analyse(source.as_bytes(), Goal::CommonJs, Language::JavaScript);
    }
    for (before, after) in [("A", "[]"), ("A", ".B"), ("a", "!"), ("a", " satisfies b"), ("a", " as b")] {
        let head = if before == "A" { "type T = " } else { "" };
        let source = format!("{head}{before}{}", after.repeat(count));
        let _ = analyse(source.as_bytes(), Goal::CommonJs, Language::TypeScript);
    }
}
