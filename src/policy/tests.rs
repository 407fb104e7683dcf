//! From the text of a policy to its records, and from the text of a tree to a policy.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    check,
    compile::assign,
    infer::Needs,
    learned::Learned,
    project::{Project, ProjectFile, Resolve, owner},
    proposal, schema,
    tree::add,
    *,
};
use crate::{
    analysis::usage::{Request, RequestKind, Usage, WHOLE},
    index::Format,
    module_path::ModulePath,
};

fn path(text: &str) -> ModulePath {
    ModulePath::parse(text).unwrap()
}

fn packages(list: &[(&str, &str)]) -> Packages {
    let mut packages = Packages::new();
    for (location, json) in list {
        packages.entry(path(location)).or_default();
        add(&mut packages, &path(location), TreePackage::parse(json.as_bytes()));
    }
    packages
}

fn tree() -> Packages {
    packages(&[
        ("", r#"{"dependencies": {"express": "4", "alias": "npm:real@1"}}"#),
        (
            "node_modules/express",
            r#"{"name": "express", "version": "4.18.2", "dependencies": {"send": "1"}}"#,
        ),
        ("node_modules/send", r#"{"name": "send", "version": "1.2.0"}"#),
        ("node_modules/express/node_modules/send", r#"{"name": "send", "version": "0.18.0"}"#),
        ("node_modules/alias", r#"{"name": "real", "version": "1.0.0"}"#),
    ])
}

/// Every diagnostic as `line:column rule`.
fn rules(text: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::new("p", text);
    let document = Document::parse(text, &mut diagnostics);
    let _ = compile(&document, text, &tree(), &mut diagnostics);
    diagnostics.sort();
    let json = diagnostics.to_json();
    // They must render, whatever they are.
    assert_eq!(diagnostics.to_text().is_empty(), diagnostics.list().is_empty());
    let list = json.as_array().unwrap().iter();
    list.map(|one| format!("{}:{} {}", one["line"], one["column"], one["rule"].as_str().unwrap())).collect()
}

fn with(packages: &str) -> String {
    format!("{{ \"version\": 1, \"packages\": {{\n{packages}\n}} }}")
}

#[test]
fn every_mistake_is_told_with_its_place() {
    for (packages, expected) in [
        (r#""express": { "fs.read": ["$PKG/**"], "dns": true, "env": false }"#, ""),
        (r#"".": {}, // comment"#, ""),
        (r#""express": { "fs.raed": true }"#, "2:14 unknown-word"),
        (r#""express": { "process": ["exit", "exti"] }"#, "2:34 unknown-word"),
        (r#""expres": {}"#, "2:1 unknown-package"),
        (r#""real": {}"#, "2:1 unknown-package"),
        (r#""express@^5": {}"#, "2:1 unknown-package"),
        (r#""express@latest": {}"#, "2:1 unknown-package"),
        (r#""node_modules/nothing": {}"#, "2:1 unknown-package"),
        (r#""express": { "imports": ["snd"] }"#, "2:26 unknown-package"),
        (r#""express": { "fs.read": ["data"] }"#, "2:26 never-matches"),
        (r#""express": { "fs.read": ["$PKG/../x"] }"#, "2:26 never-matches"),
        (r#""express": { "net.connect": ["example.com"] }"#, "2:30 never-matches"),
        (r#""express": { "child": ["bash"] }"#, "2:24 never-matches"),
        (r#""express": { "dns": ["x"] }"#, "2:21 wrong-type"),
        (r#""express": { "env": "X" }"#, "2:21 wrong-type"),
        (r#""express": { "env": [1] }"#, "2:22 wrong-type"),
        (r#""express": { "env": [] }"#, "2:21 unused-grant"),
        (r#""express": true"#, "2:12 wrong-type"),
        (r#""express": { "env": true, "env": true }"#, "2:27 duplicate-key"),
        (r#""express": {}, "express": {}"#, "2:16 duplicate-key"),
        (r#""express": { "fs.read": ["$PKG/**", "$PKG/data/*"] }"#, "2:37 shadowed"),
        (r#""express": { "fs.read": ["$PKG/data/*", "$PKG/**"] }"#, "2:26 shadowed"),
        (r#""express": { "env": ["A", "A"] }"#, "2:27 shadowed"),
        (r#""send": {}, "send@>=0": {}"#, "2:1 shadowed"),
        (r#""send": {}, "send@0.x": {}"#, ""),
        (r#""send": {}, "send@0.x": {}, "node_modules/send": {}"#, "2:1 shadowed"),
        (r#""send@>=0": {}, "send@1": {}"#, "2:17 ambiguous"),
        (r#"'express': {}"#, "2:1 syntax"),
        (r#""express" {}"#, "2:11 syntax"),
        (r#""express": { "fs.raed": true, "env": 1 }"#, "2:14 unknown-word, 2:38 wrong-type"),
    ] {
        assert_eq!(rules(&with(packages)).join(", "), expected, "{packages}");
    }
    for (text, expected) in [
        ("", "1:1 wrong-type"),
        ("[]", "1:1 wrong-type"),
        ("{", "1:1 syntax"),
        ("{}", "1:1 wrong-type, 1:1 wrong-type"),
        (r#"{"version": 2, "packages": {}}"#, "1:13 wrong-type"),
        (r#"{"version": 1, "packages": {}, "onViolaton": "exit"}"#, "1:32 unknown-word"),
        (r#"{"version": 1, "packages": {}, "onViolation": "die"}"#, "1:47 unknown-word"),
        (r#"{"version": 1, "packages": []}"#, "1:28 wrong-type"),
    ] {
        assert_eq!(rules(text).join(", "), expected, "{text}");
    }
}

#[test]
fn help_says_what_was_meant() {
    let help = |packages: &str| {
        let text = with(packages);
        let mut diagnostics = Diagnostics::new("p", &text);
        let document = Document::parse(&text, &mut diagnostics);
        let _ = compile(&document, &text, &tree(), &mut diagnostics);
        diagnostics.list()[0].help.join(" ")
    };
    assert!(help(r#""express": { "fs.raed": true }"#).contains("fs.read"));
    assert!(help(r#""expres": {}"#).contains("express"));
    assert!(help(r#""real": {}"#).contains("installed as \"alias\""));
    assert!(help(r#""express@^5": {}"#).contains("4.18.2"));
    assert!(help(r#""express": { "env": "X" }"#).contains("[\"X\"]"));
}

#[test]
fn the_most_specific_key_wins_whole() {
    let text = with(
        r#""send": { "dns": true }, "send@0.x": { "env": ["A"] }, "node_modules/express": { "imports": ["send"] },
           ".": { "patch": ["./first.js"], "sys": true }"#,
    );
    let mut diagnostics = Diagnostics::new("p", &text);
    let document = Document::parse(&text, &mut diagnostics);
    let compiled = compile(&document, &text, &tree(), &mut diagnostics);
    assert!(diagnostics.list().is_empty(), "{diagnostics}");
    let kind = |location: &str, capability| compiled.grants[&path(location)].kind(capability);
    assert_eq!(kind("node_modules/send", Capability::Dns), GrantKind::Whole);
    let nested = "node_modules/express/node_modules/send";
    assert_eq!(kind(nested, Capability::Dns), GrantKind::Denied);
    assert_eq!(kind(nested, Capability::Env), GrantKind::Scoped);
    assert_eq!(kind("node_modules/alias", Capability::Dns), GrantKind::Denied);
    let imports = compiled.grants[&path("node_modules/express")].values(Capability::Imports);
    assert_eq!(imports.iter().map(ToString::to_string).collect::<Vec<_>>(), [nested, "node_modules/send"]);
    assert_eq!(compiled.settings.preloads, [Preload { location: path(""), specifier: "./first.js".into() }]);
    assert!(compiled.grants[&path("")].declares("express/lib"));
    assert_eq!(compiled.grants.len(), 5);
}

#[test]
fn power_spreads_to_importers() {
    let powerful = |packages: &str| {
        let text = with(packages);
        let (document, mut diagnostics) = parse(&text).unwrap();
        let compiled = compile(&document, &text, &tree(), &mut diagnostics);
        let list = compiled.grants.iter().filter(|(_, grants)| grants.is_powerful());
        list.map(|(location, _)| location.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(powerful(r#""send": { "env": true, "sys": true, "process": true, "dns": true }"#), "");
    assert_eq!(powerful(r#""node_modules/send": { "fs.read": true }"#), "node_modules/send");
    assert_eq!(
        powerful(
            r#""node_modules/send": { "eval": true }, "express": { "imports": ["send"] }, ".": { "imports": ["express"] }"#
        ),
        ". node_modules/express node_modules/send"
    );
    assert_eq!(powerful(r#""express": { "imports": ["send"] }, "alias": { "imports": true }"#), "");
    assert_eq!(
        powerful(r#""node_modules/send": { "eval": true }, "alias": { "imports": true }"#),
        "node_modules/alias node_modules/send"
    );
}

#[test]
fn hostile_text_never_panics() {
    for text in [
        "{",
        "\"",
        "{\"a\":",
        "/*",
        "//",
        "\u{0}",
        "{\"version\":1e999}",
        "\u{feff}{}",
        "{\"\\ud800\":1}",
        "é{",
    ] {
        let _ = rules(text);
    }
    let _ = rules(&"[".repeat(100_000));
    let _ = rules(&"{\"a\":".repeat(100_000));
    let text = with(r#""express": { "fs.read": ["$PKG/**", "é*"], "net.connect": ["[::1]:80", "ü:1"] }"#);
    for at in 0..text.len() {
        if text.is_char_boundary(at) {
            let _ = rules(&text[..at]);
            let _ = rules(&format!("{}\u{1b}{}", &text[..at], &text[at..]));
        }
    }
}

#[test]
fn a_policy_is_read_from_the_root_only_if_it_is_one() {
    let dir = tempfile::tempdir().unwrap();
    assert!(load_and_compile(dir.path(), &tree()).unwrap().is_none());
    let file = dir.path().join(POLICY_PATH);
    std::fs::write(&file, with(r#""express": { "dns": true }"#)).unwrap();
    assert!(load_and_compile(dir.path(), &tree()).unwrap().is_some());
    for bad in [&b"\xff"[..], b"\xef\xbb\xbf{}", b"{}", b""] {
        std::fs::write(&file, bad).unwrap();
        assert!(load_and_compile(dir.path(), &tree()).is_err());
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(load_and_compile(dir.path(), &tree()).is_err());
}

#[test]
fn the_schema_in_the_repository_is_the_generated_one() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/policy.schema.json");
    let generated = schema::schema_text();
    if std::env::var_os("LOADLOCK_UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == generated, "run LOADLOCK_UPDATE_SCHEMA=1 cargo test schema");
}

#[test]
fn the_examples_have_no_mistakes() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policy-examples");
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "jsonc") {
            let text = std::fs::read_to_string(&file).unwrap();
            match parse(&text) {
                Ok((_, diagnostics)) => assert!(diagnostics.list().is_empty(), "{diagnostics}"),
                Err(diagnostics) => panic!("{}: {diagnostics}", file.display()),
            }
            count += 1;
        }
    }
    assert!(count >= 3);
}

/// A small application: `specifier → file` for all of it.
struct Table(BTreeMap<&'static str, &'static str>);

impl Resolve for &Table {
    fn resolve(&self, _: &ModulePath, specifier: &str, _: RequestKind) -> BTreeSet<ModulePath> {
        self.0.get(specifier).map(|target| path(target)).into_iter().collect()
    }
}

fn usage(requests: &[(&str, u32)], change: impl FnOnce(&mut Usage)) -> ProjectFile {
    let requests = requests.iter().map(|(specifier, line)| Request {
        specifier: (*specifier).to_owned(),
        kind: RequestKind::Require,
        line: *line,
    });
    let mut usage = Usage { requests: requests.collect(), ..Usage::default() };
    change(&mut usage);
    ProjectFile { format: Format::CommonJs, usage: Some(Box::new(usage)) }
}

fn members(list: &[(&str, u32)]) -> BTreeMap<String, u32> {
    list.iter().map(|(name, line)| ((*name).to_owned(), *line)).collect()
}

fn table() -> Table {
    Table(BTreeMap::from([
        ("express", "node_modules/express/index.js"),
        ("send", "node_modules/express/node_modules/send/index.js"),
        ("alias", "node_modules/alias/index.js"),
        ("../../send", "node_modules/send/index.js"),
    ]))
}

fn project(resolver: &Table) -> Project<'_> {
    let addon = ProjectFile { format: Format::Addon, usage: None };
    let files = [
        (
            "app.js",
            usage(&[("express", 1), ("alias", 2), ("fs", 3)], |usage| {
                usage.env = members(&[("PORT", 4)]);
            }),
        ),
        ("test/app.js", usage(&[], |usage| usage.eval = Some(1))),
        (
            "node_modules/express/index.js",
            usage(&[("send", 1), ("../../send", 2)], |usage| {
                usage.env = members(&[("NODE_ENV", 7)]);
                usage.process_members = members(&[("exit", 8), ("nextTick", 9)]);
            }),
        ),
        ("node_modules/express/unused.js", usage(&[], |usage| usage.eval = Some(1))),
        (
            "node_modules/express/node_modules/send/index.js",
            usage(&[("fs", 3)], |usage| {
                usage.builtins.insert("fs".into(), members(&[("createReadStream", 12), ("constants", 1)]));
            }),
        ),
        ("node_modules/send/index.js", usage(&[], |usage| usage.computed = vec![5])),
        (
            "node_modules/send/other.js",
            usage(&[], |usage| {
                usage.builtins.insert("child_process".into(), members(&[("exec", 2), ("fork", 3)]));
                usage.globals_read = members(&[("fetch", 4), ("console", 5)]);
                usage.env = members(&[(WHOLE, 6)]);
            }),
        ),
        ("node_modules/send/build/x.node", addon),
        ("node_modules/send/test/x.js", usage(&[], |usage| usage.wasm = Some(1))),
        ("node_modules/alias/index.js", usage(&[], |_| {})),
    ];
    Project {
        files: files.into_iter().map(|(file, usage)| (path(file), usage)).collect(),
        packages: tree(),
        entries: vec![path("app.js")],
        for_browsers: BTreeSet::new(),
        programs: BTreeSet::new(),
        resolver: Box::new(resolver),
    }
}

const INFERRED: &str = r#"// What each package may do. Written by `loadlock policy infer`; read it, and change it where you know better.
{
  "$schema": "./node_modules/loadlock/schema/policy.schema.json",
  "version": 1,
  "packages": {
    ".": {
      // app.js:4: process.env.PORT
      "env": ["PORT"],
      // app.js:1: loads express, which is powerful
      "imports": ["express"]
    },

    "express": {
      // node_modules/express/index.js:7: process.env.NODE_ENV
      "env": ["NODE_ENV"],
      // node_modules/express/index.js:8: process.exit
      "process": ["exit"],
      // node_modules/express/index.js:1: loads send, which is powerful (and 1 more place)
      "imports": ["send"]
    },

    "send@0.18": {
      // node_modules/express/node_modules/send/index.js:12: fs.createReadStream
      "fs.read": true
    },

    // Note: node_modules/send/index.js:5 loads modules by computed names: all its files count as loaded
    "send@1": {
      // node_modules/send/other.js:4: fetch
      "net.connect": true,
      // node_modules/send/other.js:6: process.env.*
      "env": true,
      // node_modules/send/other.js:2: child_process.exec (and 1 more place)
      "child": ["node", "shell"],
      // node_modules/send/index.js:5: loads a computed name, and the package has native bindings
      "addons": ["$PKG/**"]
    }
  }
}
"#;

#[test]
fn the_least_policy_is_inferred_and_passes_its_own_check() {
    let resolver = table();
    let project = project(&resolver);
    let mut needs = Needs::of(&project);
    needs.with_imports();
    let text = proposal::render(&proposal::propose(&needs));
    assert_eq!(text, INFERRED);
    let (document, mut diagnostics) = parse(&text).unwrap();
    let compiled = compile(&document, &text, &project.packages, &mut diagnostics);
    assert!(check::missing(&needs, &compiled).is_empty());
    let assignment = assign(&document, &project.packages, &mut diagnostics);
    check::report_unused(&needs, &project.files, &document, &assignment, &mut diagnostics);
    assert!(diagnostics.list().is_empty(), "{diagnostics}");
    let way = needs.path_to(&path("node_modules/send")).unwrap();
    assert_eq!(
        way.iter().map(ModulePath::as_str).collect::<Vec<_>>(),
        ["", "node_modules/express", "node_modules/send"]
    );
    assert_eq!(owner(&path("node_modules/send/build/x.node")), path("node_modules/send"));
}

#[test]
fn what_is_missing_or_unused_is_told_and_put_in() {
    let resolver = table();
    let project = project(&resolver);
    let mut needs = Needs::of(&project);
    needs.with_imports();
    for text in [
        with(r#""express": { "env": ["NODE_ENV"] } // last"#),
        with(r#""express": { "env": ["DEBUG"], }, ".": {}"#),
        with(
            "\"express\": {\n  // one\n  \"env\": [ \"DEBUG\" ] // two\n},\n\"send@0.x\": { \"process\": [\"kill\"] },",
        ),
        with(""),
        "{ \"version\": 1, \"packages\": {} }".to_owned(),
        with(r#"".": { "imports": true, "env": false, "wasm": true }, "alias": { "dns": true }"#),
    ] {
        let (document, mut diagnostics) = parse(&text).unwrap();
        let compiled = compile(&document, &text, &project.packages, &mut diagnostics);
        let assignment = assign(&document, &project.packages, &mut diagnostics);
        let missing = check::missing(&needs, &compiled);
        check::report_missing(&missing, &document, &assignment, &mut diagnostics);
        assert!(diagnostics.has_errors());
        // Powers that come in make further imports necessary.
        let mut updated = text.clone();
        for _ in 0..5 {
            let (document, mut diagnostics) =
                parse(&updated).unwrap_or_else(|error| panic!("{error}\n{updated}"));
            let compiled = compile(&document, &updated, &project.packages, &mut diagnostics);
            let assignment = assign(&document, &project.packages, &mut diagnostics);
            updated = check::update(&updated, &check::missing(&needs, &compiled), &document, &assignment);
        }
        let (document, mut diagnostics) =
            parse(&updated).unwrap_or_else(|error| panic!("{error}\n{updated}"));
        let compiled = compile(&document, &updated, &project.packages, &mut diagnostics);
        assert!(check::missing(&needs, &compiled).is_empty(), "{updated}");
        for comment in ["// last", "// one", "// two"] {
            assert_eq!(text.contains(comment), updated.contains(comment), "{updated}");
        }
    }
    let text = with(
        r#""express": { "env": ["NODE_ENV", "DEBUG"], "wasm": true, "imports": ["send", "alias"] },
        "node_modules/send": { "addons": ["$PKG/build/*.node", "$PKG/*.node", "/opt/*.node"] }"#,
    );
    let (document, mut diagnostics) = parse(&text).unwrap();
    let assignment = assign(&document, &project.packages, &mut diagnostics);
    check::report_unused(&needs, &project.files, &document, &assignment, &mut diagnostics);
    let unused: Vec<&str> = diagnostics.list().iter().map(|one| &text[one.at.clone()]).collect();
    assert_eq!(unused, ["\"DEBUG\"", "\"wasm\"", "\"alias\"", "\"$PKG/*.node\""]);
}

#[test]
fn a_run_narrows_and_adds() {
    let resolver = table();
    let project = project(&resolver);
    let mut needs = Needs::of(&project);
    let facts = r#"{"package":"node_modules/express/node_modules/send","capability":"fs.read","value":"/srv/app/public/a.html"}
{"package":"node_modules/express","capability":"env","value":"NODE_ENV"}
{"package":".","capability":"net.listen","value":"[::]:3000"}
{"package":"node_modules/gone","capability":"net.listen","value":"[::]:3000"}
"#;
    let root = std::path::Path::new("/srv/app");
    let mut learned = Learned::default();
    learned.read(facts).unwrap();
    learned.narrow(&mut needs, &project.packages, root, std::path::Path::new("/tmp"));
    needs.with_imports();
    let text = proposal::render(&proposal::propose(&needs));
    let expected = r#"  "packages": {
    ".": {
      // seen in a run
      "net.listen": ["[::]:3000"],
      // app.js:1: loads express, which is powerful
      "imports": ["express"]
    },

    "express": {
      // node_modules/express/index.js:7: process.env.NODE_ENV
      "env": ["NODE_ENV"],
      // node_modules/express/index.js:1: loads send, which is powerful (and 1 more place)
      "imports": ["send"]
    },

    "send@0.18": {
      // node_modules/express/node_modules/send/index.js:12: fs.createReadStream
      "fs.read": ["$APP/public/a.html"]
    }
  }
}
"#;
    assert!(text.ends_with(expected), "{text}");
}

/// `imports` and `addons` of each entry that is inferred, `name: values`; the policy must pass its own check.
fn inferred(
    packages: Packages,
    files: Vec<(&str, ProjectFile)>,
    targets: &[(&'static str, &'static str)],
) -> Vec<String> {
    let resolver = Table(targets.iter().copied().collect());
    let project = Project {
        files: files.into_iter().map(|(file, usage)| (path(file), usage)).collect(),
        packages,
        entries: Vec::new(),
        for_browsers: BTreeSet::new(),
        programs: BTreeSet::from([path("node_modules/tool/bin.js")]),
        resolver: Box::new(&resolver),
    };
    let mut needs = Needs::of(&project);
    needs.with_imports();
    let text = proposal::render(&proposal::propose(&needs));
    let (document, mut diagnostics) = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let compiled = compile(&document, &text, &project.packages, &mut diagnostics);
    assert!(check::missing(&needs, &compiled).is_empty(), "{text}");
    let all = proposal::propose(&needs).into_iter().map(|(name, proposed)| {
        let words = proposed
            .grants
            .iter()
            .map(|(capability, grant)| proposal::property(*capability, grant.values.as_ref()));
        format!("{name}: {}", words.collect::<Vec<_>>().join(" "))
    });
    all.collect()
}

fn reads(usage: &mut Usage) {
    usage.builtins.insert("fs".into(), members(&[("readFile", 1)]));
}

#[test]
fn copies_that_share_a_word_share_its_power() {
    let found = inferred(
        packages(&[
            ("", r#"{"dependencies": {"a": "1", "b": "1"}}"#),
            ("node_modules/a", r#"{"version": "1.0.0", "dependencies": {"d": "1"}}"#),
            ("node_modules/b", r#"{"version": "1.0.0", "dependencies": {"d": "1"}}"#),
            ("node_modules/b/node_modules/d", r#"{"version": "2.0.0", "dependencies": {"p": "1"}}"#),
            ("node_modules/d", r#"{"version": "1.0.0"}"#),
            ("node_modules/p", r#"{"version": "1.0.0"}"#),
        ]),
        vec![
            ("app.js", usage(&[("a", 1), ("b", 1)], |_| {})),
            ("node_modules/a/index.js", usage(&[("d", 1)], |_| {})),
            ("node_modules/b/index.js", usage(&[("d/nested", 1)], |_| {})),
            ("node_modules/b/node_modules/d/index.js", usage(&[("p", 1)], |_| {})),
            ("node_modules/d/index.js", usage(&[], |_| {})),
            ("node_modules/p/index.js", usage(&[], reads)),
        ],
        &[
            ("a", "node_modules/a/index.js"),
            ("b", "node_modules/b/index.js"),
            ("d", "node_modules/d/index.js"),
            ("d/nested", "node_modules/b/node_modules/d/index.js"),
            ("p", "node_modules/p/index.js"),
        ],
    );
    // Both copies of d are called d, so that both are powerful, and a needs the word as well.
    assert_eq!(
        found,
        [
            r#".: "imports": ["a", "b"]"#,
            r#"a: "imports": ["d"]"#,
            r#"b: "imports": ["d"]"#,
            r#"d: "imports": ["p"]"#,
            r#"p: "fs.read": true"#,
        ]
    );
}

#[test]
fn copies_with_different_needs_have_different_words() {
    let found = |version: &'static str| {
        inferred(
            packages(&[
                ("", r#"{"dependencies": {"d": "1", "b": "1"}}"#),
                ("node_modules/b", r#"{"version": "1.0.0", "dependencies": {"d": "1"}}"#),
                ("node_modules/b/node_modules/d", &format!(r#"{{"version": "{version}"}}"#)),
                ("node_modules/d", r#"{"version": "1.0.0"}"#),
            ]),
            vec![
                ("app.js", usage(&[("d", 1), ("b", 1)], |_| {})),
                ("node_modules/b/index.js", usage(&[("d/nested", 1)], |_| {})),
                ("node_modules/b/node_modules/d/index.js", usage(&[], reads)),
                ("node_modules/d/index.js", usage(&[], |usage| usage.env = members(&[("A", 1)]))),
            ],
            &[
                ("b", "node_modules/b/index.js"),
                ("d", "node_modules/d/index.js"),
                ("d/nested", "node_modules/b/node_modules/d/index.js"),
            ],
        )
    };
    let names = |version| {
        let found = found(version);
        found.iter().map(|entry| entry.split_once(": ").unwrap().0.to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("2.1.0")[2..], [r#"d@1: "env": ["A"]"#, r#"d@2: "fs.read": true"#]);
    assert_eq!(names("0.3.1"), ". b d@0.3 d@1");
    assert_eq!(names("0.0.1"), ". b d@0.0.1 d@1");
    // What versions do not tell apart, places do.
    assert_eq!(names("1.2.0"), ". b node_modules/b/node_modules/d node_modules/d");
    assert_eq!(names("2.0.0-beta"), ". b d@1 node_modules/b/node_modules/d");
    assert_eq!(names("odd"), ". b d@1 node_modules/b/node_modules/d");
}

#[test]
fn hosts_may_load_what_others_name() {
    let addon = || ProjectFile { format: Format::Addon, usage: None };
    let computed = |usage: &mut Usage| usage.computed = vec![3];
    let gives = |specifier: &str| {
        let mut file = usage(&[], |_| {});
        let request = Request { specifier: specifier.to_owned(), kind: RequestKind::Resolve, line: 2 };
        file.usage.as_mut().unwrap().requests.push(request);
        file
    };
    let mut minimizer = gives("./minify");
    minimizer.usage.as_mut().unwrap().requests.push(Request {
        specifier: "pool".into(),
        kind: RequestKind::Require,
        line: 1,
    });
    let found = inferred(
        packages(&[
            (
                "",
                r#"{"dependencies": {"orm": "1", "pg": "1"}, "devDependencies": {"bundler": "1", "plugin": "1", "native": "1"}}"#,
            ),
            (
                "node_modules/orm",
                r#"{"peerDependenciesMeta": {"pg": {"optional": true}, "gone": {"optional": true}}}"#,
            ),
            ("node_modules/pg", "{}"),
            (
                "node_modules/bundler",
                r#"{"dependencies": {"minimizer": "1", "plain": "1"}, "optionalDependencies": {"bundler-linux": "1", "bundler-mac": "1"}}"#,
            ),
            ("node_modules/bundler-linux", "{}"),
            ("node_modules/plugin", r#"{"peerDependencies": {"bundler": "1"}}"#),
            ("node_modules/minimizer", r#"{"dependencies": {"pool": "1"}}"#),
            ("node_modules/pool", "{}"),
            ("node_modules/plain", "{}"),
            ("node_modules/native", "{}"),
        ]),
        vec![
            ("app.js", usage(&[("orm", 1), ("bundler", 2), ("native", 3)], |_| {})),
            ("node_modules/orm/index.js", usage(&[], computed)),
            ("node_modules/pg/index.js", usage(&[], |usage| usage.globals_read = members(&[("fetch", 1)]))),
            ("node_modules/bundler/index.js", usage(&[("minimizer", 1)], computed)),
            ("node_modules/bundler-linux/x.node", addon()),
            ("node_modules/plugin/index.js", usage(&[], |_| {})),
            ("node_modules/minimizer/index.js", minimizer),
            ("node_modules/minimizer/minify.js", usage(&[], |usage| usage.wasm = Some(1))),
            ("node_modules/pool/index.js", usage(&[], computed)),
            ("node_modules/plain/index.js", usage(&[], |_| {})),
            ("node_modules/native/index.js", usage(&[], computed)),
            ("node_modules/native/build/x.node", addon()),
        ],
        &[
            ("orm", "node_modules/orm/index.js"),
            ("pg", "node_modules/pg/index.js"),
            ("bundler", "node_modules/bundler/index.js"),
            ("bundler-linux", "node_modules/bundler-linux/x.node"),
            ("plugin", "node_modules/plugin/index.js"),
            ("minimizer", "node_modules/minimizer/index.js"),
            ("./minify", "node_modules/minimizer/minify.js"),
            ("pool", "node_modules/pool/index.js"),
            ("plain", "node_modules/plain/index.js"),
            ("native", "node_modules/native/index.js"),
        ],
    );
    assert_eq!(
        found,
        [
            r#".: "imports": ["bundler", "native", "orm"]"#,
            r#"bundler: "imports": [".", "bundler-linux", "minimizer", "plugin"]"#,
            r#"bundler-linux: "addons": ["$PKG/**"]"#,
            r#"minimizer: "wasm": true "imports": ["pool"]"#,
            r#"native: "addons": ["$PKG/**"]"#,
            r#"orm: "imports": [".", "pg"]"#,
            r#"pg: "net.connect": true"#,
            r#"pool: "imports": ["minimizer"]"#,
        ]
    );
}

#[test]
fn loaders_load_for_those_who_use_them() {
    let found = inferred(
        packages(&[
            ("", r#"{"dependencies": {"log": "1", "log-pretty": "1", "logger": "1", "transport": "1"}}"#),
            ("node_modules/log", r#"{"dependencies": {"real-require": "1", "other": "1"}}"#),
            ("node_modules/real-require", "{}"),
            ("node_modules/other", "{}"),
            ("node_modules/log-pretty", "{}"),
            ("node_modules/logger", "{}"),
            ("node_modules/transport", r#"{"peerDependencies": {"log": "1"}}"#),
        ]),
        vec![
            ("app.js", usage(&[("log", 1)], |_| {})),
            ("node_modules/log/index.js", usage(&[("real-require", 1), ("other", 2)], |_| {})),
            ("node_modules/real-require/index.js", usage(&[], |usage| usage.computed = vec![3])),
            // Computed names are not enough for what the application has, if it does not use the package itself.
            ("node_modules/other/index.js", usage(&[], |usage| usage.computed = vec![3])),
            ("node_modules/log-pretty/index.js", usage(&[], reads)),
            ("node_modules/logger/index.js", usage(&[], reads)),
            ("node_modules/transport/index.js", usage(&[], |_| {})),
        ],
        &[
            ("log", "node_modules/log/index.js"),
            ("real-require", "node_modules/real-require/index.js"),
            ("other", "node_modules/other/index.js"),
            ("log-pretty", "node_modules/log-pretty/index.js"),
            ("logger", "node_modules/logger/index.js"),
            ("transport", "node_modules/transport/index.js"),
        ],
    );
    assert_eq!(
        found,
        [
            r#".: "imports": ["log"]"#,
            r#"log: "imports": ["real-require"]"#,
            r#"log-pretty: "fs.read": true"#,
            r#"real-require: "imports": [".", "log-pretty", "transport"]"#,
        ]
    );
}

#[test]
fn bindings_are_loaded_for_their_owners() {
    let addon = || ProjectFile { format: Format::Addon, usage: None };
    let found = inferred(
        packages(&[
            ("", r#"{"dependencies": {"own": "1", "split": "1", "found": "1"}}"#),
            ("node_modules/own", r#"{"dependencies": {"bindings": "1"}}"#),
            ("node_modules/bindings", "{}"),
            (
                "node_modules/split",
                r#"{"dependencies": {"node-gyp-build-optional-packages": "1"}, "optionalDependencies": {"@split/linux": "1"}}"#,
            ),
            ("node_modules/@split/linux", "{}"),
            ("node_modules/node-gyp-build-optional-packages", "{}"),
            ("node_modules/found", r#"{"dependencies": {"@mapbox/node-pre-gyp": "1"}}"#),
            ("node_modules/@mapbox/node-pre-gyp", "{}"),
        ]),
        vec![
            ("app.js", usage(&[("own", 1), ("split", 2), ("found", 3)], |_| {})),
            ("node_modules/own/index.js", usage(&[("bindings", 1)], |_| {})),
            ("node_modules/own/build/own.node", addon()),
            ("node_modules/bindings/index.js", usage(&[], |usage| usage.computed = vec![1])),
            ("node_modules/split/index.js", usage(&[("node-gyp-build-optional-packages", 1)], |_| {})),
            ("node_modules/@split/linux/x.node", addon()),
            (
                "node_modules/node-gyp-build-optional-packages/index.js",
                usage(&[], |usage| usage.computed = vec![1]),
            ),
            (
                "node_modules/found/index.js",
                usage(&[("@mapbox/node-pre-gyp", 1)], |usage| usage.computed = vec![2]),
            ),
            ("node_modules/found/lib/found.node", addon()),
            ("node_modules/@mapbox/node-pre-gyp/index.js", usage(&[], reads)),
        ],
        &[
            ("own", "node_modules/own/index.js"),
            ("split", "node_modules/split/index.js"),
            ("found", "node_modules/found/index.js"),
            ("bindings", "node_modules/bindings/index.js"),
            ("node-gyp-build-optional-packages", "node_modules/node-gyp-build-optional-packages/index.js"),
            ("@split/linux", "node_modules/@split/linux/x.node"),
            ("@mapbox/node-pre-gyp", "node_modules/@mapbox/node-pre-gyp/index.js"),
        ],
    );
    assert_eq!(
        found,
        [
            r#".: "imports": ["found", "own", "split"]"#,
            r#"@mapbox/node-pre-gyp: "fs.read": true"#,
            r#"@split/linux: "addons": ["$PKG/**"]"#,
            r#"bindings: "addons": ["$APP/node_modules/own/**"]"#,
            r#"found: "addons": ["$PKG/**"] "imports": ["@mapbox/node-pre-gyp"]"#,
            r#"node-gyp-build-optional-packages: "addons": ["$APP/node_modules/@split/linux/**"]"#,
            r#"own: "addons": ["$PKG/**"] "imports": ["bindings"]"#,
            r#"split: "imports": ["node-gyp-build-optional-packages"]"#,
        ]
    );
}

#[test]
fn files_of_workers_and_children_are_reachable() {
    let runs = |path: &str| {
        let path = path.to_owned();
        move |usage: &mut Usage| usage.runs = members(&[(path.as_str(), 1)])
    };
    let listens =
        |usage: &mut Usage| usage.process_events = members(&[("unhandledRejection", 1), ("exit", 2)]);
    let subscribes = |usage: &mut Usage| usage.channels = members(&[("net.client.socket", 1), ("mine", 2)]);
    let app = || {
        packages(&[
            ("", r#"{"dependencies": {"a": "1", "tool": "1"}}"#),
            ("node_modules/a", "{}"),
            ("node_modules/tool", "{}"),
        ])
    };
    let files = |run: &str, specifier: &'static str| {
        inferred(
            app(),
            vec![
                ("app.js", usage(&[("a", 1), (specifier, 1)], runs(run))),
                ("node_modules/a/index.js", usage(&[], runs("./lib/worker.js"))),
                ("node_modules/a/lib/worker.js", usage(&[], listens)),
                ("node_modules/a/unused.js", usage(&[], reads)),
                ("node_modules/tool/package.json", ProjectFile { format: Format::Json, usage: None }),
                ("node_modules/tool/bin.js", usage(&[], subscribes)),
            ],
            &[
                ("a", "node_modules/a/index.js"),
                ("./lib/worker.js", "node_modules/a/lib/worker.js"),
                ("./node_modules/tool/bin.js", "node_modules/tool/bin.js"),
                ("tool/package.json", "node_modules/tool/package.json"),
            ],
        )
    };
    let (a, tool) = (r#"a: "process": ["errors"]"#, r#"tool: "observe": true"#);
    assert_eq!(files("./nothing.js", "x"), [a]);
    assert_eq!(files("node_modules/tool/bin.js", "x"), [a, tool]);
    // A program of the package whose place was looked up.
    assert_eq!(files(WHOLE, "tool/package.json"), [a, tool]);
    assert_eq!(files(WHOLE, "x"), [a]);
}
