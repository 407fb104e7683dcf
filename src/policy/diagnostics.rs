//! What is wrong with a policy, and where.

use std::{fmt, ops::Range};

use codespan_reporting::{
    diagnostic::{Diagnostic as Shown, Label as ShownLabel},
    files::{Files as _, SimpleFile},
    term::{self, Config, Styles, StylesWriter, termcolor},
};
use serde_json::{Value, json};

/// A mistake, or something worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of mistake.
    pub rule: Rule,
    /// One sentence.
    pub message: String,
    /// The place.
    pub at: Range<usize>,
    /// What to say right at the place; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<(Range<usize>, String)>,
    /// What to do.
    pub help: Vec<String>,
}

/// The kinds of mistakes. The words are part of the JSON output: variants are added, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Two keys with version ranges both fit one package.
    Ambiguous,
    /// A key that its object already has.
    DuplicateKey,
    /// The tree wants more than the policy grants.
    MissingGrant,
    /// A value that no request can ever match.
    NeverMatches,
    /// A value or entry that another makes superfluous.
    Shadowed,
    /// No JSON.
    Syntax,
    /// A key with a package that the tree does not have.
    UnknownPackage,
    /// A word that means nothing.
    UnknownWord,
    /// The file cannot be read.
    Unreadable,
    /// A grant that nothing in the tree uses.
    UnusedGrant,
    /// A value of another type than the word wants.
    WrongType,
}

impl Rule {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous",
            Self::DuplicateKey => "duplicate-key",
            Self::MissingGrant => "missing-grant",
            Self::NeverMatches => "never-matches",
            Self::Shadowed => "shadowed",
            Self::Syntax => "syntax",
            Self::UnknownPackage => "unknown-package",
            Self::UnknownWord => "unknown-word",
            Self::Unreadable => "unreadable",
            Self::UnusedGrant => "unused-grant",
            Self::WrongType => "wrong-type",
        }
    }

    /// Whether nothing can be made of a policy with it. The others are harmless for what the policy does permit: a tree
    /// may well lack an optional package today.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Shadowed | Self::UnknownPackage | Self::UnusedGrant)
    }
}

impl Diagnostic {
    pub(super) fn new(rule: Rule, at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            at,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn related(mut self, at: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((at, label.into()));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// All that was found in one policy, with its text.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    file: String,
    text: String,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet, about a file of this name and text.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), list: Vec::new() }
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Brings them into the order of their places.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|one| (one.at.start, one.rule));
        self.list.dedup();
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Whether one is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|one| one.rule.is_error())
    }

    /// One line for each.
    #[must_use]
    pub fn summaries(&self) -> Vec<String> {
        let file = SimpleFile::new(&self.file, &self.text);
        let line = |at: usize| file.location((), at.min(self.text.len())).map_or(1, |it| it.line_number);
        self.list.iter().map(|one| format!("{}:{}: {}", self.file, line(one.at.start), one.message)).collect()
    }

    /// For people, with the lines; coloured with ANSI sequences, which the printer may drop.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = termcolor::Ansi::new(Vec::new());
        let styles = Styles::default();
        let config = Config::default();
        // A policy may hold what a terminal would interpret; one byte for one byte keeps the places.
        let text: String = self
            .text
            .chars()
            .map(|it| if it.is_ascii_control() && !matches!(it, '\n' | '\t') { ' ' } else { it })
            .collect();
        let file = SimpleFile::new(&self.file, &text);
        for one in self.list.iter().take(SHOWN) {
            let _ = term::emit_to_write_style(
                &mut StylesWriter::new(&mut out, &styles),
                &config,
                &file,
                &shown(one),
            );
        }
        let mut text = String::from_utf8(out.into_inner()).unwrap_or_default();
        if self.list.len() > SHOWN {
            text.push_str(&format!("and {} more\n", self.list.len() - SHOWN));
        }
        text
    }

    /// For machines: `rule`, `severity`, `message`, `file`, `line` and `column` (from 1, in characters), `endLine`,
    /// `endColumn`, `help`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let file = SimpleFile::new(&self.file, &self.text);
        let place = |at: usize| {
            file.location((), at.min(self.text.len())).map_or((1, 1), |it| (it.line_number, it.column_number))
        };
        let list = self.list.iter().map(|one| {
            let ((line, column), (end_line, end_column)) = (place(one.at.start), place(one.at.end));
            json!({
                "rule": one.rule.as_str(),
                "severity": if one.rule.is_error() { "error" } else { "warning" },
                "message": one.message,
                "file": self.file,
                "line": line,
                "column": column,
                "endLine": end_line,
                "endColumn": end_column,
                "help": one.help,
            })
        });
        list.collect()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = SimpleFile::new(&self.file, &self.text);
        for one in &self.list {
            let (line, column) = file
                .location((), one.at.start.min(self.text.len()))
                .map_or((1, 1), |it| (it.line_number, it.column_number));
            writeln!(out, "{}:{line}:{column}: {} [{}]", self.file, one.message, one.rule.as_str())?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

fn shown(one: &Diagnostic) -> Shown<()> {
    let clean =
        |text: &str| text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect::<String>();
    let kind = if one.rule.is_error() { Shown::error() } else { Shown::warning() };
    let primary = ShownLabel::primary((), one.at.clone()).with_message(clean(&one.label));
    let related = one
        .related
        .iter()
        .map(|(at, label)| ShownLabel::secondary((), at.clone()).with_message(clean(label)));
    kind.with_code(one.rule.as_str())
        .with_message(clean(&one.message))
        .with_labels(std::iter::once(primary).chain(related).collect())
        .with_notes(one.help.iter().map(|help| format!("help: {}", clean(help))).collect())
}

/// More than this help nobody.
const SHOWN: usize = 50;
