//! What one source text is, learnt at seal time by parsing it once.
//!
//! The linker and the loader hooks need answers that Node.js finds out while it loads: CommonJS or ES module, which
//! names a CommonJS file offers to `import`. They are computed here and sealed, so that nothing parses at start.
//! Analysis never permits anything: wrong facts can break an application, they cannot let other bytes run.

mod cjs_exports;
mod module_syntax;
mod requests;
mod stack;
mod star_exports;
mod string_literal;
mod tokens;
pub mod usage;
mod wrapper;

#[cfg(test)]
mod tests;

pub use self::requests::split_at_requests;
pub use self::stack::on_large_stacks;
pub use self::usage::{BUILTIN_MODULES, builtin_name};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Parser, ParserReturn};
use oxc_span::SourceType;

use cjs_exports::cjs_exports;
use module_syntax::{Cause, Objection, first_error, first_objection, is_retried};
use stack::{NoRoom, with_room};
use tokens::Tokens;
use usage::{ALL_GLOBALS, Usage};
use wrapper::is_wrapper_safe;

/// What Node.js decides before it looks at the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// `.cjs`, `.cts`, or `"type": "commonjs"`.
    CommonJs,
    /// `.mjs`, `.mts`, or `"type": "module"`.
    Module,
    /// `.js`, `.ts` or no extension, and no "type" field: syntax detection decides.
    Ambiguous,
}

/// Which grammar the text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// JavaScript, without JSX.
    JavaScript,
    /// TypeScript whose types Node.js strips.
    TypeScript,
}

/// What one source text is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// It loads as an ES module: [`Goal::Module`], or [`Goal::Ambiguous`] and the text needs it.
    pub is_module: bool,
    /// Why it cannot be loaded in that format. Early errors that need scope analysis are not found.
    pub parse_error: Option<String>,
    /// CommonJS text that means the same between the head and tail of a concatenating wrapper, and cannot break out of
    /// it. The wrapper must turn a hashbang into a comment and put a line break before its tail.
    pub wrapper_safe: bool,
    /// CommonJS text with a top-level "use strict" directive, or an ES module.
    pub strict: bool,
    /// It contains an `import()` expression, or might: true if it could not be parsed.
    pub dynamic_import: bool,
    /// Sorted names that Node.js offers to importers of a CommonJS file: what any supported version detects.
    pub cjs_exports: Vec<String>,
    /// Specifiers whose exports a CommonJS file passes on, in source order.
    pub cjs_reexports: Vec<String>,
    /// What it uses.
    pub usage: Usage,
    /// Which of [`usage::GLOBAL_NAMES`] it mentions freely, `typeof` included: bit `n` for the name at `n`. All of them
    /// where only a run can tell: direct `eval`, `with`, text that could not be parsed.
    pub globals: u32,
}

/// Finds out the [`Facts`] of `source`, the bytes of a file. Never panics, whatever the bytes; may start a thread with a
/// larger stack, and itself wants 1 MiB of the calling thread's.
#[must_use]
pub fn analyse(source: &[u8], goal: Goal, language: Language) -> Facts {
    if source.len() > MAX_LENGTH {
        return unreadable(goal, "larger than any string V8 can hold");
    }
    let text = decode(source);
    let decoded = matches!(text, Cow::Owned(_));
    // A bug of the parser must not end the seal. It also prints a message; that is wanted.
    let work = || catch_unwind(AssertUnwindSafe(|| survey(&text, goal, language)));
    let mut facts = match with_room(&text, work) {
        Ok(Ok(facts)) => facts,
        Ok(Err(_)) | Err(NoRoom::Panicked) => unreadable(goal, "the parser failed on this text"),
        Err(NoRoom::TooDeep) => unreadable(goal, "nested too deeply"),
        Err(NoRoom::TooLarge) => unreadable(goal, "too large to be parsed safely"),
    };
    // The wrapper is built from bytes by code that need not replace the same ones.
    facts.wrapper_safe &= !decoded;
    facts
}

/// V8's limit for one string on 64-bit systems, in characters.
const MAX_LENGTH: usize = (1 << 29) - 24;

/// The text as Node.js reads it: invalid UTF-8 replaced, one byte order mark dropped.
fn decode(source: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(source.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(source))
}

fn unreadable(goal: Goal, reason: &str) -> Facts {
    Facts {
        is_module: goal == Goal::Module,
        parse_error: Some(reason.to_owned()),
        strict: goal == Goal::Module,
        dynamic_import: true,
        usage: Usage { opaque: true, ..Usage::default() },
        globals: ALL_GLOBALS,
        ..Facts::default()
    }
}

fn survey(text: &str, goal: Goal, language: Language) -> Facts {
    if goal == Goal::Module {
        return module_facts(text, language);
    }
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text, SourceType::cjs(), language);
    match first_objection(&parsed) {
        None => commonjs_facts(text, language, &parsed),
        Some(objection) if goal == Goal::Ambiguous && needs_module(text, language, &objection) => {
            module_facts(text, language)
        }
        Some(objection) => Facts {
            strict: parsed.program.has_use_strict_directive(),
            ..unreadable(Goal::CommonJs, &objection.cause.message())
        },
    }
}

/// Whether text that cannot be CommonJS because of `objection` is a module to Node.js.
fn needs_module(text: &str, language: Language, objection: &Objection) -> bool {
    if objection.cause == Cause::ModuleSyntax {
        return true;
    }
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text, SourceType::mjs(), language);
    let is_error = matches!(objection.cause, Cause::Syntax(_));
    first_error(&parsed).is_none()
        && (!is_error || is_retried(Tokens::new(text, &parsed.tokens), objection.offset))
}

fn module_facts(text: &str, language: Language) -> Facts {
    let allocator = Allocator::default();
    let source_type = SourceType::mjs().with_typescript(language == Language::TypeScript);
    // No tokens: nothing here needs them.
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if let Some(error) = first_error(&parsed) {
        return unreadable(Goal::Module, &error.cause.message());
    }
    let (usage, globals) = uses(&parsed.program, Goal::Module);
    Facts {
        is_module: true,
        strict: true,
        dynamic_import: !parsed.module_record.dynamic_imports.is_empty(),
        usage,
        globals,
        ..Facts::default()
    }
}

fn commonjs_facts<'a>(text: &str, language: Language, parsed: &'a ParserReturn<'a>) -> Facts {
    let tokens = Tokens::new(text, &parsed.tokens);
    // Every pattern contains the word.
    let exports = if text.contains("export") { cjs_exports(tokens) } else { Default::default() };
    let (usage, globals) = uses(&parsed.program, Goal::CommonJs);
    Facts {
        wrapper_safe: language == Language::JavaScript && is_wrapper_safe(text, parsed, tokens),
        strict: parsed.program.has_use_strict_directive(),
        dynamic_import: !parsed.module_record.dynamic_imports.is_empty(),
        cjs_exports: exports.names,
        cjs_reexports: exports.reexports,
        usage,
        globals,
        ..Facts::default()
    }
}

/// A bug of the scope analysis costs no more than its own findings.
fn uses<'a>(program: &'a Program<'a>, goal: Goal) -> (Usage, u32) {
    let found = catch_unwind(AssertUnwindSafe(|| usage::survey(program, goal != Goal::Module)));
    found.ok().flatten().unwrap_or_else(|| (Usage { opaque: true, ..Usage::default() }, ALL_GLOBALS))
}

fn parse<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    source_type: SourceType,
    language: Language,
) -> ParserReturn<'a> {
    Parser::new(allocator, text, source_type.with_typescript(language == Language::TypeScript))
        .with_config(TokensParserConfig)
        .parse()
}
