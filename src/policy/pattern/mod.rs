//! The values of scoped grants: parsed and compiled when sealed, matched at run time without any text parsing.
//!
//! One file per kind. Every pattern can be read from the policy's text (`parse`, which refuses what could never match),
//! written back (`Display`), stored (`encode`, `decode`), asked (`matches`), and compared (`covers`: whatever the other
//! matches, it matches too).

mod command;
mod host;
mod name;
mod path;

use std::fmt;

use thiserror::Error;

use super::{
    capability::{PROCESS_WORDS, ValueKind},
    codec::{CodecError, Reader, Writer},
};
use crate::module_path::ModulePath;

pub use self::{
    command::{CommandPattern, is_shell},
    host::HostPattern,
    name::NamePattern,
    path::{PathPattern, Places},
};

/// One value of a scoped grant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Files.
    Path(PathPattern),
    /// Hosts and sockets.
    Host(HostPattern),
    /// Names of variables or globals.
    Name(NamePattern),
    /// Programs.
    Command(CommandPattern),
    /// A word of a fixed list, a package or a specifier: equal or not.
    Exact(String),
}

impl Pattern {
    /// Reads a value of `kind` from the policy's text.
    ///
    /// # Errors
    /// [`PatternError`] says why it could never match, and what would.
    pub fn parse(kind: ValueKind, text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::new("is empty", "remove it"));
        }
        if text.len() > MAX_LEN {
            return Err(PatternError::new(
                "is too long",
                "no value that is asked for has more than 4096 bytes",
            ));
        }
        if text.contains('\0') {
            return Err(PatternError::new("holds a NUL character", "no name can have one"));
        }
        match kind {
            ValueKind::Flag => Err(PatternError::new("has no values", "write true")),
            ValueKind::Paths => PathPattern::parse(text).map(Self::Path),
            ValueKind::Hosts => HostPattern::parse(text).map(Self::Host),
            ValueKind::Names => NamePattern::parse(text).map(Self::Name),
            ValueKind::Commands => CommandPattern::parse(text).map(Self::Command),
            ValueKind::Words => process_word(text),
            ValueKind::Packages => package(text),
            ValueKind::Specifiers => specifier(text),
        }
    }

    /// Whether `value` is one of those that it stands for.
    #[must_use]
    pub fn matches(&self, value: &str, places: &Places) -> bool {
        match self {
            Self::Path(pattern) => pattern.matches(value, places),
            Self::Host(pattern) => pattern.matches(value, places),
            Self::Name(pattern) => pattern.matches(value),
            Self::Command(pattern) => pattern.matches(value, places),
            Self::Exact(text) => text == value,
        }
    }

    /// Whether it matches everything that `other` matches. May say no where the answer would be yes.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Path(one), Self::Path(other)) => one.covers(other),
            (Self::Host(one), Self::Host(other)) => one.covers(other),
            (Self::Name(one), Self::Name(other)) => one.covers(other),
            (Self::Command(one), Self::Command(other)) => one.covers(other),
            (one, other) => one == other,
        }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Path(pattern) => pattern.encode(out),
            Self::Host(pattern) => pattern.encode(out),
            Self::Name(pattern) => pattern.encode(out),
            Self::Command(pattern) => pattern.encode(out),
            Self::Exact(text) => out.text(text),
        }
    }

    pub(super) fn decode(kind: ValueKind, bytes: &mut Reader<'_>) -> Result<Self, CodecError> {
        match kind {
            ValueKind::Flag => Err(CodecError("values of a flag")),
            ValueKind::Paths => PathPattern::decode(bytes).map(Self::Path),
            ValueKind::Hosts => HostPattern::decode(bytes).map(Self::Host),
            ValueKind::Names => NamePattern::decode(bytes).map(Self::Name),
            ValueKind::Commands => CommandPattern::decode(bytes).map(Self::Command),
            ValueKind::Words | ValueKind::Packages | ValueKind::Specifiers => {
                Ok(Self::Exact(bytes.text()?.to_owned()))
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(pattern) => pattern.fmt(out),
            Self::Host(pattern) => pattern.fmt(out),
            Self::Name(pattern) => pattern.fmt(out),
            Self::Command(pattern) => pattern.fmt(out),
            Self::Exact(text) => out.write_str(text),
        }
    }
}

/// Why a value could never match.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct PatternError {
    /// Completes "the value …".
    pub what: String,
    /// What to do.
    pub help: String,
}

impl PatternError {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }
}

fn process_word(text: &str) -> Result<Pattern, PatternError> {
    if PROCESS_WORDS.iter().any(|(word, _)| *word == text) {
        return Ok(Pattern::Exact(text.to_owned()));
    }
    let words: Vec<&str> = PROCESS_WORDS.iter().map(|(word, _)| *word).collect();
    let help = match super::suggest::nearest(text, words.iter().copied()) {
        Some(word) => format!("did you mean {word:?}?"),
        None => format!("the words are {}", words.join(", ")),
    };
    Err(PatternError::new("is no word of this capability", help))
}

fn package(text: &str) -> Result<Pattern, PatternError> {
    let is_location = text.starts_with("node_modules/") || text.contains("/node_modules/");
    let is_name = package_name(text) == Some(text);
    // `.` is the application.
    if is_name
        || text == "."
        || is_location && ModulePath::parse(text).is_ok_and(|path| path.package_location() == path)
    {
        return Ok(Pattern::Exact(text.to_owned()));
    }
    Err(match package_name(text) {
        Some(name) if !is_location && ModulePath::parse(text).is_ok() => {
            PatternError::new("names a file of a package", format!("write the package alone: {name:?}"))
        }
        _ => PatternError::new(
            "is neither a package name nor a location",
            "examples: \"lodash\", \"@scope/name\", \"node_modules/a/node_modules/b\", \".\" for the application",
        ),
    })
}

fn specifier(text: &str) -> Result<Pattern, PatternError> {
    if text.starts_with('/') || text.contains("://") || text.starts_with("node:") {
        return Err(PatternError::new(
            "is no specifier of a module in the tree",
            "examples: \"core-js/stable\", \"./polyfill.js\"",
        ));
    }
    Ok(Pattern::Exact(text.to_owned()))
}

/// The package that a bare specifier names: `@scope/name/x` gives `@scope/name`.
#[must_use]
pub fn package_name(specifier: &str) -> Option<&str> {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let first = slashes.next();
    let end = if specifier.starts_with('@') {
        let first = first?;
        if first == 1 {
            return None;
        }
        slashes.next().unwrap_or(specifier.len())
    } else {
        first.unwrap_or(specifier.len())
    };
    let name = &specifier[..end];
    let refused = |byte: u8| matches!(byte, b'\\' | b'%' | b':' | b' ') || byte.is_ascii_control();
    let starts_badly = name.starts_with(['.', '#', '$', '/']) || name.is_empty() || name.ends_with('/');
    (!starts_badly && !name.bytes().any(refused)).then_some(name)
}

/// PATH_MAX on Linux.
const MAX_LEN: usize = 4096;
