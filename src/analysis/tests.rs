use super::{Facts, Goal, Language, analyse};

fn facts(source: &str, goal: Goal) -> Facts {
    analyse(source.as_bytes(), goal, Language::JavaScript)
}

/// Source, exported names, re-exported specifiers; each checked against Node 20 and 24.
#[test]
fn exports_of_commonjs() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "exports.a = 1; module.exports.b = 2; exports['c'] = 3; module.exports['d e'] = 4",
            &["a", "b", "c", "d e"],
            &[],
        ),
        ("(function (exports) { if (x) exports.a = exports.b = 1 })()", &["a", "b"], &[]),
        ("exports.a === 1; exports.b += 1; exports.c.d = 1; exports.e", &["a"], &[]),
        ("this.exports.a = 1; foo\n.exports.b = 1; exports . c /* */ = 1", &["c"], &[]),
        (
            "`${exports.a = 1}`; /[`'\"]/.test(x); exports.b = /'/; [exports.c = 1] = []",
            &["a", "b", "c"],
            &[],
        ),
        (
            "exports.default = exports.__esModule = exports.class = exports.日本 = 1",
            &["__esModule", "class", "default", "日本"],
            &[],
        ),
        (r"exports['\x61\u{1F600}'] = 1; exports['\ud83d'] = 2", &["a😀"], &[]),
        ("'exports.a = 1'; // exports.b = 1\n/* exports.c = 1 */ `exports.d = 1`", &[], &[]),
        // Whole objects, up to the first member the lexer does not read.
        ("module.exports = { a, 'b': c, d: e, ...f, g }", &["a", "b", "d", "g"], &[]),
        ("module.exports = { a, b: c.d, e }", &["a", "b"], &[]),
        ("module.exports = { a, b: function () {}, c }", &["a", "b"], &[]),
        ("module.exports = { a: 1, b }", &[], &[]),
        ("module.exports = { a: b\n, c }", &["a"], &[]),
        ("module.exports = { a() {}, b }", &["a"], &[]),
        ("module.exports = { 'a'() {}, b }", &[], &[]),
        ("module.exports = { [a]: b, c }", &[], &[]),
        ("module.exports = { get a() { return 1 }, b }", &["get"], &[]),
        ("0 && (module.exports = { a, b, ...require('c') })", &["a", "b"], &["c"]),
        ("module.exports = { a: require('b'), c }", &["a"], &["b"]),
        ("module.exports = { ...require('a'), ...require('b') }", &[], &["a", "b"]),
        // Whole modules: the last one counts.
        ("module.exports = require('a'); module.exports = require('b').c(d)", &[], &["b"]),
        ("exports = module.exports = require('a'); exports.b = 1", &["b"], &["a"]),
        ("module.exports = require('a'); module.exports = {}", &[], &[]),
        // Properties.
        ("Object.defineProperty(exports, 'a', { value: 1 })", &["a"], &[]),
        (
            "Object.defineProperty(module.exports, 'a', { enumerable: true, value: 1, writable: false })",
            &["a"],
            &[],
        ),
        (
            "Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return b.c; } })",
            &["a"],
            &[],
        ),
        ("Object.defineProperty(exports, 'a', { get: function a() { return b['c'] }, })", &["a"], &[]),
        ("Object.defineProperty(exports, 'a', { get() { return b } })", &["a"], &[]),
        ("Object.defineProperty(exports, 'a', { get: () => b })", &[], &[]),
        ("Object.defineProperty(exports, 'a', { get() { return b() } })", &[], &[]),
        ("Object.defineProperty(exports, 'a', { enumerable: !0, get() { return b } })", &[], &[]),
        ("Object.defineProperty(exports, 'a', { get() { return b }, set(c) {} })", &[], &[]),
        (
            "Object.defineProperty(other, 'a', { value: 1 }); Object.defineProperty(exports, a, { value: 1 })",
            &[],
            &[],
        ),
        // Helpers of transpilers.
        ("__export(require('a')); tslib_1.__exportStar(require('b'), exports)", &[], &["a", "b"]),
        ("(0, tslib_1.__exportStar)(require('a'), exports); { __export(require('b')) }", &[], &[]),
    ];
    for (source, names, reexports) in cases {
        let found = facts(source, Goal::CommonJs);
        assert_eq!(found.parse_error, None, "{source}");
        assert_eq!(found.cjs_exports, *names, "{source}");
        assert_eq!(found.cjs_reexports, *reexports, "{source}");
    }
}

#[test]
fn star_export_loops() {
    let bodies = [
        "if (k === 'default' || k === '__esModule') return; exports[k] = _a[k];",
        "if (k === \"default\" || k === \"__esModule\") return; if (Object.prototype.hasOwnProperty.call(_n, k)) return;
         if (k in exports && exports[k] === _a[k]) return;
         Object.defineProperty(exports, k, { enumerable: true, get: function () { return _a[k]; } });",
        "if (k === 'default' || k === '__esModule') return; if (k in module.exports && module.exports[k] === _a[k]) return
         module.exports[k] = _a[k]",
        "if (k !== 'default') exports[k] = _a[k]",
        "if (k !== 'default' && !exports.hasOwnProperty(k)) exports[k] = _a[k]",
        "if (k !== 'default' && !Object.prototype.hasOwnProperty.call(exports, k)) Object.defineProperty(exports, k,
         { enumerable: true, get() { return _a[k] } })",
    ];
    for binding in ["var _a = require('a');", "const _a = _interopRequireWildcard(require(\"a\"));"] {
        for body in bodies {
            let source = format!("{binding}\nObject.keys(_a).forEach(function (k) {{ {body} }});");
            assert_eq!(facts(&source, Goal::CommonJs).cjs_reexports, ["a"], "{source}");
            let other = source.replace("keys(_a)", "keys(_b)");
            assert!(facts(&other, Goal::CommonJs).cjs_reexports.is_empty(), "{other}");
            let nested = format!("(function () {{ {source} }})()");
            assert!(facts(&nested, Goal::CommonJs).cjs_reexports.is_empty(), "{nested}");
        }
    }
    let source =
        "var _a = require('a');\nObject.keys(_a).forEach(function (k) { if (k !== 'b') exports[k] = _a[k] })";
    assert!(facts(source, Goal::CommonJs).cjs_reexports.is_empty());
}

/// Each checked against Node 24.
#[test]
fn detects_modules() {
    let modules = [
        "import 'a'",
        "import a, { b } from 'a' with { type: 'json' }",
        "export {}",
        "export * from 'a'",
        "export default class {}",
        "#!/usr/bin/env node\nexport const module = 1",
        "return 1; import 'a'",
        "import.meta.url",
        "() => import.meta",
        "await a",
        "const { a } = await import('b')",
        "if (await a) {}",
        "f(await a)",
        "a ? await b : c",
        "`${a ? await b : c}`",
        "`${f(await a)}`",
        "for await (const a of b) {}",
        "await using a = b",
        "'use strict'; await a",
        "const module = 1",
        "let { a, b: [exports] } = c",
        "class require {}",
        "const require = createRequire(import.meta.url)",
        "for (const module of a); await 1",
    ];
    let scripts = [
        "",
        "import('a')",
        "await (a)",
        "await [a]",
        "await\nf()",
        "var await = 1; await",
        "async () => { await a; for await (b of c); }",
        "`${await a}`",
        "a`b${await c}`",
        "var module = 1; function require() {}",
        "{ const module = 1 }",
        "function f() { let exports; class require {} }",
        "const module = 1; return",
        "a.export = 1; ({ export: 1, import: 2 }); a.import",
        "'import a'; `export b`; /export default/; // import 'a'",
        "<!-- import\n--> export",
        "function f() { await a }",
        "with (a) {} return; new.target",
        "this is no program",
    ];
    for (expected, sources) in [(true, &modules[..]), (false, &scripts[..])] {
        for source in sources {
            let found = facts(source, Goal::Ambiguous);
            assert_eq!(found.is_module, expected, "{source}: {found:?}");
            assert!(!facts(source, Goal::CommonJs).is_module, "{source}");
            assert!(facts(source, Goal::Module).is_module, "{source}");
        }
    }
    for source in modules {
        assert!(facts(source, Goal::CommonJs).parse_error.is_some(), "{source}");
    }
}

#[test]
fn detects_modules_after_type_stripping() {
    for (source, expected) in [
        ("import type { A } from 'a'; export type B = A; export interface C {}", false),
        ("export declare const a: number; import type A from 'a'; export type * from 'b'", false),
        ("import { type A } from 'a'", true),
        ("export const a: number = 1", true),
        ("const a: number = await b", true),
        ("const a = b as number; module.exports = { a }", false),
    ] {
        let found = analyse(source.as_bytes(), Goal::Ambiguous, Language::TypeScript);
        assert_eq!((found.is_module, found.wrapper_safe), (expected, false), "{source}: {found:?}");
    }
}

#[test]
fn wrapper_safety() {
    let safe = [
        "",
        "#!/usr/bin/env node\nreturn 1",
        "\u{feff}var a",
        "'use strict'; var a // end",
        "if (a) { let exports; } function f(module) { var require; new.target }",
        "function require() {} class A { m() { super.m() } }",
        "'<!--'; /* --> */ `-->${a}<!--`; // <!--\n/<!--/.test(a); while (n-->0);",
        "let a = async () => { await b }",
        "\u{a0}a\u{2028}\u{2029}b; '\u{200b}'",
    ];
    let unsafe_texts = [
        "}); evil(); (function () {",
        "})()}}); evil(); (function(){return function(){(() => {",
        "/*",
        "`",
        "<!-- a",
        "a\n--> b",
        "--> b",
        "/*\n*/ --> b",
        "a <!--b",
        "var exports = exports || {}",
        "if (a) { var module }",
        "for (var require of a);",
        "{ function exports() {} }",
        "var { a: [__dirname] } = b",
        "var arguments",
        "function arguments() {}",
        "let exports = 1",
        "import 'a'",
        "super.a",
        "new.target",
        "await => 1",
        "a\u{200b}b",
        "a\u{85}b",
    ];
    for (expected, sources) in [(true, &safe[..]), (false, &unsafe_texts[..])] {
        for source in sources {
            assert_eq!(facts(source, Goal::CommonJs).wrapper_safe, expected, "{source}");
        }
    }
    assert!(!analyse(b"'\xff'", Goal::CommonJs, Language::JavaScript).wrapper_safe);
    assert!(!facts("a", Goal::Module).wrapper_safe);
}

#[test]
fn strictness_and_dynamic_import() {
    for (source, strict, dynamic) in [
        ("'use strict'", true, false),
        ("/* a */ \"other\"; 'use strict'; import('a')", true, true),
        ("'use\\x20strict'", false, false),
        ("a; 'use strict'", false, false),
        ("function f() { 'use strict'; () => import('a') }", false, true),
        ("a.import('b'); 'import(c)'", false, false),
        ("syntax error", false, true),
    ] {
        let found = facts(source, Goal::CommonJs);
        assert_eq!((found.strict, found.dynamic_import), (strict, dynamic), "{source}");
    }
    let module = facts("import('a')", Goal::Module);
    assert_eq!((module.strict, module.dynamic_import, module.parse_error), (true, true, None));
}

#[test]
fn takes_any_bytes() {
    for source in
        [&b"\xef\xbb\xbfexports.a = 1"[..], b"/* \xff */ exports.a = 1", b"exports.a = '\xed\xa0\x80'"]
    {
        let found = analyse(source, Goal::CommonJs, Language::JavaScript);
        assert_eq!((found.parse_error, found.cjs_exports), (None, vec!["a".to_owned()]));
    }
    for source in [&b"\0\0\0"[..], b"\x7fELF\x02\x01", b"#!", b"\xef\xbb\xbf", b"\xff\xfe\0a"] {
        for goal in [Goal::CommonJs, Goal::Module, Goal::Ambiguous] {
            let _ = analyse(source, goal, Language::TypeScript);
        }
    }
}
