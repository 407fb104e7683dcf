//! npm's version ranges, by way of Cargo's.

use semver::{Version, VersionReq};

/// `^1.2`, `>=1 <3`, `1.x || 2.0.0 - 2.4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange(Vec<VersionReq>);

impl VersionRange {
    /// Reads a range; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        text.split("||").map(alternative).collect::<Option<_>>().map(Self)
    }

    /// Whether a version is in it. What is no version is in none.
    #[must_use]
    pub fn contains(&self, version: &str) -> bool {
        let Ok(version) = Version::parse(version) else { return false };
        self.0.iter().any(|range| range.matches(&version))
    }
}

/// What has no `||`: comparators between spaces, all of which must hold, or `from - to`.
fn alternative(text: &str) -> Option<VersionReq> {
    if let Some((from, to)) = text.split_once(" - ") {
        return VersionReq::parse(&format!(">={},<={}", plain(from)?, plain(to)?)).ok();
    }
    let mut comparators: Vec<String> = Vec::new();
    let mut operator = String::new();
    for word in text.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
        let at = word.find(|it: char| !matches!(it, '^' | '~' | '<' | '>' | '=')).unwrap_or(word.len());
        operator.push_str(&word[..at]);
        if at == word.len() {
            continue;
        }
        let version = plain(&word[at..])?;
        let known = match operator.as_str() {
            // Without an operator npm means just this version, Cargo a compatible one.
            "" => "=",
            "~>" => "~",
            other => other,
        };
        if version != "*" {
            comparators.push(format!("{known}{version}"));
        } else if matches!(known, "<" | ">") {
            return None;
        }
        operator.clear();
    }
    if !operator.is_empty() {
        return None;
    }
    if comparators.is_empty() {
        Some(VersionReq::STAR)
    } else {
        VersionReq::parse(&comparators.join(",")).ok()
    }
}

/// `v1.x` is `1`, `*` and `x` are `*`.
fn plain(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['v', '=']);
    let (core, suffix) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let numbers: Vec<&str> = core.split('.').collect();
    let known = numbers.iter().position(|part| matches!(*part, "x" | "X" | "*")).unwrap_or(numbers.len());
    if numbers[known..].iter().any(|part| !matches!(*part, "x" | "X" | "*")) || numbers.len() > 3 {
        return None;
    }
    match known {
        0 => Some("*".to_owned()),
        _ if known < numbers.len() => Some(numbers[..known].join(".")),
        _ => Some(format!("{core}{suffix}")),
    }
}

const MAX_LEN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_npms() {
        for (range, version, expected) in [
            ("1.2.3", "1.2.3", true),
            ("1.2.3", "1.2.4", false),
            ("v1.2.3", "1.2.3", true),
            ("=1.2.3", "1.2.3", true),
            ("1.2", "1.2.9", true),
            ("1.2", "1.3.0", false),
            ("1", "1.9.0", true),
            ("1.x", "1.9.0", true),
            ("1.2.*", "1.3.0", false),
            ("*", "9.0.0", true),
            ("", "9.0.0", true),
            ("^1.2", "1.9.0", true),
            ("^1.2", "2.0.0", false),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            ("~1.2.3", "1.2.9", true),
            ("~1.2.3", "1.3.0", false),
            (">=1 <3", "2.5.0", true),
            (">=1 <3", "3.0.0", false),
            (">= 1.2", "1.2.0", true),
            (">1", "1.5.0", false),
            ("<=1.2", "1.2.9", true),
            ("1.0.0 - 1.4", "1.4.9", true),
            ("1.0.0 - 1.4", "1.5.0", false),
            ("1.x || 3.x", "3.1.0", true),
            ("1.x || 3.x", "2.1.0", false),
            ("^1.2.3-beta.1", "1.2.3-beta.2", true),
            ("^1.2.3", "1.3.0-beta.2", false),
            ("*", "not a version", false),
        ] {
            assert_eq!(VersionRange::parse(range).unwrap().contains(version), expected, "{range} {version}");
        }
        for range in ["latest", "1.x.3", "^", ">", "1.2.3.4", "<*", "1 || b", "git+https://x"] {
            assert_eq!(VersionRange::parse(range), None, "{range}");
        }
    }
}
