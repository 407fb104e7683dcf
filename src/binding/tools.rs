//! What the command line and the development scripts call.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::{
    analysis::{Goal, Language, analyse},
    cli,
};

/// Facts about one source text.
#[napi(object)]
pub struct SourceFacts {
    /// Whether Node would run it as an ES module.
    pub is_module: bool,
    /// Names that an importing ES module sees.
    pub cjs_exports: Vec<String>,
    /// Specifiers whose exports are exported again.
    pub cjs_reexports: Vec<String>,
}

/// Analyses a source as `seal` does. `goal` is `commonjs`, `module` or `ambiguous`.
#[napi(catch_unwind)]
pub fn analyse_source(source: Uint8Array, goal: String, language: String) -> SourceFacts {
    let goal = match goal.as_str() {
        "commonjs" => Goal::CommonJs,
        "module" => Goal::Module,
        _ => Goal::Ambiguous,
    };
    let language = if language == "typescript" { Language::TypeScript } else { Language::JavaScript };
    let facts = analyse(&source, goal, language);
    SourceFacts {
        is_module: facts.is_module,
        cjs_exports: facts.cjs_exports,
        cjs_reexports: facts.cjs_reexports,
    }
}

/// Runs the command line and gives its exit status.
#[napi(catch_unwind)]
pub fn run_cli(args: Vec<String>, register: String, node: String) -> i32 {
    cli::run(&args, &cli::Host { register_js: register.into(), node: node.into() })
}
