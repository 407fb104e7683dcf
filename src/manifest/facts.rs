//! What is known about one file, from its path, its scope and its bytes.
//!
//! Follows Node's "Determining module system" (`lib/internal/modules/esm/get_format.js`): the extension, then the
//! nearest `"type"`, then the syntax.

use super::content::Content;
use crate::{
    analysis::{
        Goal, Language, analyse,
        usage::{ALL_GLOBALS, Usage},
    },
    index::{FileFlags, FileRecord, Format},
    module_path::ModulePath,
};

/// A file, and what the facts of other files have to do with it.
#[derive(Debug)]
pub struct FileFacts {
    /// For the index; `names` holds what the file itself exports.
    pub record: FileRecord,
    /// Specifiers of CommonJS files whose exports it passes on.
    pub reexports: Vec<String>,
    /// What it uses, when it is code; nothing when there is nothing to tell.
    pub usage: Option<Box<Usage>>,
    /// The libraries it wants, when it is a native binding.
    pub native: Option<super::native::Needs>,
    /// Something the user should know.
    pub warning: Option<String>,
}

/// `module` is the `"type"` of the nearest package.json, as in [`crate::index::PackageRecord::module`].
pub(super) fn facts(path: &ModulePath, content: &Content, module: Option<bool>) -> FileFacts {
    let (digest, size) = content.digest();
    let bytes = match content {
        Content::Whole(bytes) => Some(&bytes[..]),
        Content::Hashed { .. } => None,
    };
    let ascii = bytes.is_some_and(<[u8]>::is_ascii);
    let mut record = FileRecord {
        format: Format::Other,
        flags: FileFlags { ascii, ..FileFlags::default() },
        size,
        digest,
        globals: 0,
        names: Vec::new(),
    };
    let mut facts =
        FileFacts { reexports: Vec::new(), usage: None, native: None, warning: None, record: record.clone() };
    match Kind::of(path, module) {
        Kind::Data(format) => record.format = format,
        Kind::Addon => {
            record.format = Format::Addon;
            facts.native = bytes.and_then(super::native::Needs::read);
        }
        Kind::Extensionless if bytes.is_some_and(|bytes| bytes.starts_with(WASM_MAGIC)) => {
            record.format = Format::Wasm
        }
        // Nobody parsed it, so the answer that costs more is the safe one.
        Kind::Unknown => {
            record.flags.dynamic_import = true;
            record.globals = ALL_GLOBALS;
        }
        Kind::Extensionless => code(&mut record, &mut facts, bytes, Goal::Module, Language::JavaScript),
        Kind::Code(goal, language) => code(&mut record, &mut facts, bytes, goal, language),
        Kind::Unstripped(goal) => {
            record.format = format(goal == Goal::Module, Language::TypeScript);
            record.flags.dynamic_import = true;
            record.globals = ALL_GLOBALS;
        }
    }
    // A LICENSE that is no program runs nowhere and says nothing.
    if path.extension().is_empty() && facts.usage.as_ref().is_some_and(|usage| usage.opaque) {
        facts.usage = None;
    }
    facts.record = record;
    facts
}

/// How many bytes of a file are worth keeping, so that [`facts`] can look at them.
pub(super) fn keep(path: &ModulePath) -> u64 {
    match Kind::of(path, None) {
        Kind::Data(_) | Kind::Unknown | Kind::Unstripped(_) => MAX_GLANCED,
        Kind::Addon | Kind::Code(..) | Kind::Extensionless => MAX_ANALYSED,
    }
}

/// What a path and its scope say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A format that the extension alone decides and that is not parsed.
    Data(Format),
    /// A native binding.
    Addon,
    /// Code to be parsed.
    Code(Goal, Language),
    /// In a `"type": "module"` package: WebAssembly if it starts like it, else an ES module.
    Extensionless,
    /// TypeScript below `node_modules`, where Node does not strip types: not worth parsing.
    Unstripped(Goal),
    /// Any other extension: `require` would read it as CommonJS, `import` refuses it.
    Unknown,
}

impl Kind {
    fn of(path: &ModulePath, module: Option<bool>) -> Self {
        let scoped = match module {
            Some(true) => Goal::Module,
            Some(false) => Goal::CommonJs,
            None => Goal::Ambiguous,
        };
        let typescript = |goal| {
            let name = path.file_name();
            let stem = &name[..name.rfind('.').unwrap_or_default()];
            match () {
                // Declarations have no code; a tree has thousands of them.
                () if stem.ends_with(".d") => Self::Unknown,
                () if path.as_str().split('/').any(|segment| segment == "node_modules") => {
                    Self::Unstripped(goal)
                }
                () => Self::Code(goal, Language::TypeScript),
            }
        };
        match path.extension() {
            "js" => Self::Code(scoped, Language::JavaScript),
            "cjs" => Self::Code(Goal::CommonJs, Language::JavaScript),
            "mjs" => Self::Code(Goal::Module, Language::JavaScript),
            "ts" => typescript(scoped),
            "cts" => typescript(Goal::CommonJs),
            "mts" => typescript(Goal::Module),
            "json" => Self::Data(Format::Json),
            "wasm" => Self::Data(Format::Wasm),
            "node" => Self::Addon,
            // `path.extname('a.')` is '.', which is an extension nobody knows.
            "" if path.file_name().ends_with('.') => Self::Unknown,
            "" if scoped == Goal::Module => Self::Extensionless,
            "" => Self::Code(scoped, Language::JavaScript),
            _ => Self::Unknown,
        }
    }
}

fn code(
    record: &mut FileRecord,
    facts: &mut FileFacts,
    bytes: Option<&[u8]>,
    goal: Goal,
    language: Language,
) {
    let Some(bytes) = bytes else {
        record.format = format(goal == Goal::Module, language);
        record.flags.dynamic_import = true;
        record.globals = ALL_GLOBALS;
        facts.usage = Some(Box::new(Usage { opaque: true, ..Usage::default() }));
        facts.warning = Some(format!(
            "is larger than {} MiB and was sealed without being parsed: its named exports are not known",
            MAX_ANALYSED >> 20
        ));
        return;
    };
    let found = analyse(bytes, goal, language);
    record.format = format(found.is_module, language);
    record.flags.wrapper_safe = found.wrapper_safe;
    record.flags.strict = found.strict;
    record.globals = found.globals;
    facts.usage = (!found.usage.is_empty()).then(|| Box::new(found.usage));
    // Text for eval and `new Function` imports too (compilers hide `import()` from other tools that way).
    record.flags.dynamic_import = found.dynamic_import || mentions_import(bytes);
    if !found.is_module {
        record.names = found.cjs_exports;
        facts.reexports = found.cjs_reexports;
    }
}

/// Whether `import (` occurs anywhere, comments and strings included.
fn mentions_import(bytes: &[u8]) -> bool {
    bytes.windows(6).enumerate().filter(|(_, word)| word == b"import").any(|(at, _)| {
        bytes[at + 6..]
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
            .is_some_and(|byte| matches!(byte, b'(' | b'/'))
    })
}

const fn format(is_module: bool, language: Language) -> Format {
    match (is_module, language) {
        (false, Language::JavaScript) => Format::CommonJs,
        (true, Language::JavaScript) => Format::Module,
        (false, Language::TypeScript) => Format::CommonJsTypeScript,
        (true, Language::TypeScript) => Format::ModuleTypeScript,
    }
}

const WASM_MAGIC: &[u8] = b"\0asm";

/// Largest file that is parsed; parsing needs about ten times as much memory.
const MAX_ANALYSED: u64 = 64 << 20;

/// Largest file that is kept in memory only to see whether it is ASCII and to read it with one call.
const MAX_GLANCED: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_follows_nodes_rules() {
        use Format::{Addon, CommonJs, CommonJsTypeScript, Json, Module, ModuleTypeScript, Other, Wasm};
        let (import, require) = ("import 'x';", "require('x');");
        for (file, module, text, expected) in [
            ("a.js", None, require, CommonJs),
            ("a.js", None, import, Module),
            ("a.js", Some(true), require, Module),
            ("a.js", Some(false), import, CommonJs),
            ("a.cjs", Some(true), require, CommonJs),
            ("a.mjs", Some(false), import, Module),
            ("a.json", None, "{}", Json),
            ("a.wasm", None, "", Wasm),
            ("a.node", None, "", Addon),
            ("a.ts", None, "export const x: number = 1", ModuleTypeScript),
            ("a.ts", Some(false), "const x: number = 1", CommonJsTypeScript),
            ("a.cts", Some(true), "", CommonJsTypeScript),
            ("a.mts", None, "", ModuleTypeScript),
            ("a.d.ts", None, "", Other),
            ("a.d.mts", None, "", Other),
            ("node_modules/a/a.ts", None, "export {}", CommonJsTypeScript),
            ("node_modules/a/a.mts", None, "", ModuleTypeScript),
            ("a.tsx", None, "", Other),
            ("a.txt", None, "", Other),
            ("a.JS", None, "", Other),
            ("a.", None, "", Other),
            ("bin", None, require, CommonJs),
            ("bin", None, import, Module),
            ("bin", Some(true), require, Module),
            ("bin", Some(true), "\0asm\x01", Wasm),
            ("bin", Some(false), "\0asm\x01", CommonJs),
            (".rc", Some(true), "", Module),
        ] {
            let path = ModulePath::parse(file).unwrap();
            let found = facts(&path, &Content::Whole(text.into()), module).record.format;
            assert_eq!(found, expected, "{file} {module:?} {text}");
        }
    }

    #[test]
    fn what_a_file_uses_is_kept() {
        let look = |file: &str, text: &str| {
            facts(&ModulePath::parse(file).unwrap(), &Content::Whole(text.into()), None)
        };
        let found = look("a.js", "require('fs').readFile(process.argv[2])");
        assert_eq!(found.record.globals, 1);
        assert_eq!(found.usage.unwrap().builtins["fs"]["readFile"], 1);
        let found = look("a.json", "{}");
        assert_eq!((found.record.globals, found.usage), (0, None));
        assert_eq!(look("a.js", "exports.a = 1").usage, None);
        assert!(look("a.js", "this is no program").usage.unwrap().opaque);
        assert_eq!(look("LICENSE", "this is no program").usage, None);
    }

    #[test]
    fn what_is_not_parsed_is_taken_for_the_worst() {
        let content = Content::Hashed { digest: crate::digest::Digest::of(b""), size: 1 << 40 };
        for (file, warned) in [("a.js", true), ("a.txt", false)] {
            let facts = facts(&ModulePath::parse(file).unwrap(), &content, None);
            assert!(
                facts.record.flags.dynamic_import
                    && !facts.record.flags.wrapper_safe
                    && !facts.record.flags.ascii
            );
            assert_eq!(facts.record.globals, ALL_GLOBALS);
            assert_eq!(facts.usage.is_some_and(|usage| usage.opaque), warned);
            assert_eq!(facts.warning.is_some(), warned);
        }
    }
}
