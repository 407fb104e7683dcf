//! Names of environment variables and globals.

use std::fmt;

use super::{CodecError, PatternError, Reader, Writer};

/// `NODE_ENV`, `DEBUG_*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePattern {
    text: String,
    /// Only the beginning of the name.
    is_prefix: bool,
}

impl NamePattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let (name, is_prefix) = match text.strip_suffix('*') {
            Some(name) => (name, true),
            None => (text, false),
        };
        if name.is_empty() {
            return Err(PatternError::new("is every name", "write true instead of the list"));
        }
        if name.contains('*') {
            return Err(PatternError::new("has `*` before its end", "`*` can only be the last character"));
        }
        if name.contains('=') || name.chars().any(char::is_whitespace) {
            return Err(PatternError::new(
                "can never match: no name has `=` or white space",
                "write the name alone",
            ));
        }
        if name.starts_with('$') || name.starts_with("process.env.") {
            let name = name.trim_start_matches('$').trim_start_matches("process.env.");
            return Err(PatternError::new("is not the name alone", format!("write {name:?}")));
        }
        Ok(Self { text: name.to_owned(), is_prefix })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match (self.is_prefix, cfg!(windows)) {
            (false, false) => name == self.text,
            (true, false) => name.starts_with(&self.text),
            // Windows does not tell `Path` from `PATH`.
            (false, true) => name.eq_ignore_ascii_case(&self.text),
            (true, true) => {
                name.get(..self.text.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.text))
            }
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        if self.is_prefix { other.text.starts_with(&self.text) } else { self == other }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        out.u8(self.is_prefix.into());
        out.text(&self.text);
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> Result<Self, CodecError> {
        let is_prefix = match bytes.u8()? {
            0 => false,
            1 => true,
            _ => return Err(CodecError("an unknown kind of name")),
        };
        match bytes.text()? {
            "" => Err(CodecError("an empty name")),
            text => Ok(Self { text: text.to_owned(), is_prefix }),
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.text, if self.is_prefix { "*" } else { "" })
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn names_and_prefixes() {
        for (pattern, name, expected) in [
            ("A", "A", true),
            ("A", "AB", false),
            ("A", "a", false),
            ("A_*", "A_B", true),
            ("A_*", "A_", true),
            ("A_*", "B_A_", false),
        ] {
            assert_eq!(NamePattern::parse(pattern).unwrap().matches(name), expected, "{pattern} {name}");
        }
        for text in ["*", "A*B", "A=B", "A B", "$A", "process.env.A"] {
            assert!(NamePattern::parse(text).is_err(), "{text}");
        }
        let cover = |one: &str, other: &str| {
            NamePattern::parse(one).unwrap().covers(&NamePattern::parse(other).unwrap())
        };
        assert!(cover("A_*", "A_B") && cover("A_*", "A_B*") && cover("A", "A"));
        assert!(!cover("A", "A*") && !cover("A_B*", "A_*"));
    }
}
