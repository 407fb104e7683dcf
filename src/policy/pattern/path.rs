//! Globs of files.
//!
//! A value is the absolute, real path of a file, with symbolic links resolved and without `.` or `..`; anything else
//! matches nothing. Segments are compared as they are: case matters, and nothing but `/` ends a segment.

use std::{fmt, path::Path};

use super::{CodecError, PatternError, Reader, Writer};

/// `$PKG/lib/*.json`, `/etc/ssl/**`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathPattern {
    anchor: Anchor,
    segments: Vec<Segment>,
}

/// What the variables stand for: the real paths of three directories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    package: Option<String>,
    application: Option<String>,
    temporary: Option<String>,
}

impl Places {
    /// The directories of a package, of the application and for temporary files, as real absolute paths. A pattern with
    /// the variable of a directory that is none of that (or is not UTF-8) matches nothing.
    #[must_use]
    pub fn new(package: &Path, application: &Path, temporary: &Path) -> Self {
        Self {
            package: directory(package),
            application: directory(application),
            // Everything is below `/`: such a place for temporary files would turn `$TMP/**` into a grant of all.
            temporary: directory(temporary).filter(|path| path != "/"),
        }
    }

    fn of(&self, anchor: Anchor) -> Option<&str> {
        match anchor {
            Anchor::Root => Some(if cfg!(windows) { "" } else { "/" }),
            Anchor::Package => self.package.as_deref(),
            Anchor::Application => self.application.as_deref(),
            Anchor::Temporary => self.temporary.as_deref(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Anchor {
    Root,
    Package,
    Application,
    Temporary,
}

impl Anchor {
    const ALL: [Self; 4] = [Self::Root, Self::Package, Self::Application, Self::Temporary];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Package => "$PKG",
            Self::Application => "$APP",
            Self::Temporary => "$TMP",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// `**`: any number of segments, also none.
    AnyDepth,
    /// Just this.
    Exact(String),
    /// The pieces between the stars; at least two, of which the first and the last may be empty.
    Glob(Vec<String>),
}

impl PathPattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let (anchor, rest) = anchored(text)?;
        let mut segments = Vec::new();
        for segment in rest.split('/').skip(usize::from(rest.is_empty())) {
            match segment {
                "" if segments.is_empty() || rest.ends_with('/') => {
                    return Err(PatternError::new(
                        "has an empty segment",
                        format!(
                            "write {:?}, or {:?} for all below it",
                            text.trim_end_matches('/'),
                            all_below(text)
                        ),
                    ));
                }
                "" | "." | ".." => {
                    return Err(PatternError::new(
                        "can never match: real paths have no empty, `.` or `..` segment",
                        "write the path that it comes to",
                    ));
                }
                "**" if segments.last() == Some(&Segment::AnyDepth) => {
                    return Err(PatternError::new("repeats `**`", "one is enough"));
                }
                "**" => segments.push(Segment::AnyDepth),
                _ if segment.contains("**") => {
                    return Err(PatternError::new(
                        "has `**` inside a segment",
                        "`**` stands alone between slashes; `*` is any text without a slash",
                    ));
                }
                _ if segment.contains('*') => {
                    segments.push(Segment::Glob(segment.split('*').map(str::to_owned).collect()));
                }
                _ => segments.push(Segment::Exact(segment.to_owned())),
            }
        }
        Ok(Self { anchor, segments })
    }

    /// Whether it begins with a variable that stands for a directory of the sealed tree.
    #[must_use]
    pub const fn is_in_tree(&self) -> bool {
        matches!(self.anchor, Anchor::Package | Anchor::Application)
    }

    pub(super) fn matches(&self, path: &str, places: &Places) -> bool {
        let Some(path) = normal(path) else { return false };
        let Some(rest) = places.of(self.anchor).and_then(|base| below(&path, base)) else { return false };
        let path: Vec<&str> = if rest.is_empty() { Vec::new() } else { rest.split('/').collect() };
        wild(&self.segments, &path, |segment| *segment == Segment::AnyDepth, Segment::matches)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        // `**` of the other is a segment that only `**` takes.
        self.anchor == other.anchor
            && wild(&self.segments, &other.segments, |segment| *segment == Segment::AnyDepth, Segment::covers)
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        out.u8(self.anchor as u8);
        out.count(self.segments.len());
        for segment in &self.segments {
            match segment {
                Segment::AnyDepth => out.u8(0),
                Segment::Exact(text) => {
                    out.u8(1);
                    out.text(text);
                }
                Segment::Glob(pieces) => {
                    out.u8(2);
                    out.count(pieces.len());
                    pieces.iter().for_each(|piece| out.text(piece));
                }
            }
        }
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> Result<Self, CodecError> {
        let anchor = *Anchor::ALL.get(usize::from(bytes.u8()?)).ok_or(CodecError("an unknown directory"))?;
        let mut segments = Vec::new();
        for _ in 0..bytes.u16()? {
            segments.push(match bytes.u8()? {
                0 if segments.last() != Some(&Segment::AnyDepth) => Segment::AnyDepth,
                1 => {
                    let text = bytes.text()?;
                    if matches!(text, "" | "." | "..") || text.contains(['/', '\0', '*']) {
                        return Err(CodecError("no segment of a path"));
                    }
                    Segment::Exact(text.to_owned())
                }
                2 => {
                    let pieces: Result<Vec<&str>, CodecError> =
                        (0..bytes.u16()?).map(|_| bytes.text()).collect();
                    let pieces = pieces?;
                    let [_, inner @ .., _] = &pieces[..] else { return Err(CodecError("no glob")) };
                    if pieces.iter().any(|piece| piece.contains(['/', '\0', '*'])) || inner.contains(&"") {
                        return Err(CodecError("no segment of a path"));
                    }
                    Segment::Glob(pieces.into_iter().map(str::to_owned).collect())
                }
                _ => return Err(CodecError("an unknown segment")),
            });
        }
        Ok(Self { anchor, segments })
    }
}

impl Segment {
    fn matches(&self, name: &&str) -> bool {
        match self {
            Self::AnyDepth => false,
            Self::Exact(text) => text == name,
            Self::Glob(pieces) => glob(pieces, name),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::AnyDepth) | (Self::AnyDepth, _) => false,
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Exact(_), Self::Glob(_)) => false,
            (Self::Glob(pieces), Self::Exact(other)) => glob(pieces, other),
            // The star of the other is a character that only a star takes.
            (Self::Glob(pieces), Self::Glob(other)) => glob(pieces, &other.join("*")),
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.anchor.as_str())?;
        for (at, segment) in self.segments.iter().enumerate() {
            if !(cfg!(windows) && self.anchor == Anchor::Root && at == 0) {
                out.write_str("/")?;
            }
            match segment {
                Segment::AnyDepth => out.write_str("**")?,
                Segment::Exact(text) => out.write_str(text)?,
                Segment::Glob(pieces) => out.write_str(&pieces.join("*"))?,
            }
        }
        if self.anchor == Anchor::Root && self.segments.is_empty() { out.write_str("/") } else { Ok(()) }
    }
}

/// Splits off the variable or the leading slash.
fn anchored(text: &str) -> Result<(Anchor, &str), PatternError> {
    for anchor in [Anchor::Package, Anchor::Application, Anchor::Temporary] {
        match text.strip_prefix(anchor.as_str()) {
            Some("") => return Ok((anchor, "")),
            Some(rest) if rest.starts_with('/') => {
                if rest == "/" {
                    break;
                }
                return Ok((anchor, &rest[1..]));
            }
            _ => {}
        }
    }
    if let Some(rest) = text.strip_prefix('/')
        && !cfg!(windows)
    {
        return Ok((Anchor::Root, rest));
    }
    if cfg!(windows) && has_drive(text) {
        return Ok((Anchor::Root, text));
    }
    if text.starts_with('$') {
        return Err(PatternError::new(
            "begins with an unknown variable",
            "$PKG is the package's directory, $APP the sealed root, $TMP the directory for temporary files; each is \
             followed by `/` or nothing",
        ));
    }
    let plain = text.strip_prefix("./").unwrap_or(text);
    Err(PatternError::new(
        "can never match: it is a relative path",
        format!("write \"$PKG/{plain}\" or \"$APP/{plain}\""),
    ))
}

fn all_below(text: &str) -> String {
    format!("{}/**", text.trim_end_matches('/'))
}

/// The text of a directory that patterns can stand on.
fn directory(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let text = if text.len() > 1 {
        text.strip_suffix(['/', std::path::MAIN_SEPARATOR]).unwrap_or(text)
    } else {
        text
    };
    normal(text).map(|text| text.into_owned())
}

/// The path with `/` between its segments, if it is absolute and normal.
fn normal(path: &str) -> Option<std::borrow::Cow<'_, str>> {
    use std::borrow::Cow;

    let path = if cfg!(windows) {
        let path = path.strip_prefix(r"\\?\").unwrap_or(path);
        if !has_drive(path) {
            return None;
        }
        Cow::Owned(path.replace('\\', "/"))
    } else {
        Cow::Borrowed(path)
    };
    let segments = if cfg!(windows) { &path[..] } else { path.strip_prefix('/')? };
    let is_root = segments.is_empty();
    let is_normal = !segments.contains('\0')
        && (is_root || !segments.split('/').any(|segment| matches!(segment, "" | "." | "..")));
    is_normal.then_some(path)
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// What follows the directory `base`; empty for the directory itself. Whole segments only: `/a/bc` is not below `/a/b`.
fn below<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    if base.is_empty() || base == "/" {
        return path.strip_prefix(base);
    }
    let rest = path.strip_prefix(base)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Matches a list of items against a pattern in which some items stand for any number of them, in linear memory and at
/// most `pattern × items` steps.
fn wild<P, T>(pattern: &[P], items: &[T], is_any: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut item) = (0, 0);
    // Where to go on when what follows the last any-number does not fit: only the last one ever has to be longer.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match pattern.get(at) {
            Some(any) if is_any(any) => {
                retry = Some((at, item));
                at += 1;
                continue;
            }
            Some(segment) if items.get(item).is_some_and(|item| one(segment, item)) => {
                at += 1;
                item += 1;
                continue;
            }
            None if item == items.len() => return true,
            _ => {}
        }
        match retry {
            Some((any, from)) if from < items.len() => {
                retry = Some((any, from + 1));
                at = any + 1;
                item = from + 1;
            }
            _ => return false,
        }
    }
}

/// Whether `name` is the pieces with any text between them.
fn glob(pieces: &[String], name: &str) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let Some(rest) = name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
    else {
        return false;
    };
    let mut rest = rest;
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(all(test, unix))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places() -> Places {
        Places::new(Path::new("/srv/app/node_modules/p"), Path::new("/srv/app"), Path::new("/tmp/"))
    }

    #[test]
    fn globs_match_what_they_say() {
        for (pattern, path, expected) in [
            ("/a/b", "/a/b", true),
            ("/a/b", "/a/bc", false),
            ("/a/b", "/a/b/c", false),
            ("/a/b/**", "/a/b", true),
            ("/a/b/**", "/a/b/c/d", true),
            ("/a/b/**", "/a/bc", false),
            ("/a/b/**", "/a/b/../c", false),
            ("/a/b/**", "/a/b/.", false),
            ("/a/b/**", "/a/b/", false),
            ("/a/b/**", "/a/b//c", false),
            ("/a/b/**", "a/b/c", false),
            ("/a/b/**", "/a/b/c\0", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a", false),
            ("/a/*", "/a/.b", true),
            ("/a/*", "/a/b/c", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/**/c", "/a/c", true),
            ("/a/**/c", "/a/x/y/c", true),
            ("/a/**/c", "/a/x/y/cd", false),
            ("/a/**/c/**/d", "/a/c/x/c/d", true),
            ("/a/*.js", "/a/b.js", true),
            ("/a/*.js", "/a/.js", true),
            ("/a/*.js", "/a/b.json", false),
            ("/a/a*a", "/a/a", false),
            ("/a/a*b*c", "/a/axbxbxc", true),
            ("/a/a*b*c", "/a/axcxc", false),
            ("/A", "/a", false),
            ("/", "/", true),
            ("/", "/a", false),
            ("/**", "/", true),
            ("/**", "/a/b", true),
            ("$PKG", "/srv/app/node_modules/p", true),
            ("$PKG/**", "/srv/app/node_modules/p/x", true),
            ("$PKG/**", "/srv/app/node_modules/pp/x", false),
            ("$APP/*.json", "/srv/app/x.json", true),
            ("$TMP/x", "/tmp/x", true),
            ("$TMP/x", "/tmpx", false),
            ("/[a]{b}?", "/[a]{b}?", true),
            ("/[a]", "/a", false),
        ] {
            let compiled = PathPattern::parse(pattern).unwrap();
            assert_eq!(compiled.matches(path, &places()), expected, "{pattern} {path}");
            assert_eq!(compiled.to_string(), pattern);
        }
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for text in [
            "a", "./a", "../a", "/a/../b", "/a//b", "/a/", "$PKG/", "$PKG/..", "$HOME/x", "$PKGS/x", "$PKG*",
            "/a**", "/**/**", "~/x",
        ] {
            assert!(PathPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_that_is_no_directory_matches_nothing() {
        let nowhere = Places::new(Path::new("rel"), Path::new("/a/../b"), Path::new("/"));
        for pattern in ["$PKG/**", "$APP/**", "$TMP/**"] {
            let pattern = PathPattern::parse(pattern).unwrap();
            for path in ["/", "/b/c", "/a/../b/c", "rel/x", "/x"] {
                assert!(!pattern.matches(path, &nowhere));
            }
        }
        let root = Places::new(Path::new("/"), Path::new("/"), Path::new("/tmp"));
        assert!(PathPattern::parse("$APP/x").unwrap().matches("/x", &root));
    }

    #[test]
    fn covering() {
        for (one, other, expected) in [
            ("$PKG/**", "$PKG/data/*", true),
            ("$PKG/**", "$PKG", true),
            ("$PKG/**", "$APP/x", false),
            ("$PKG/*", "$PKG/a*", true),
            ("$PKG/a*", "$PKG/*", false),
            ("$PKG/*", "$PKG/**", false),
            ("$PKG/*/x", "$PKG/**/x", false),
            ("$PKG/**/x", "$PKG/a/**/x", true),
            ("$PKG/*.js", "$PKG/a*.js", true),
            ("/a", "/a", true),
        ] {
            let (one, other) = (PathPattern::parse(one).unwrap(), PathPattern::parse(other).unwrap());
            assert_eq!(one.covers(&other), expected, "{one} {other}");
        }
    }

    /// The meaning, as slow and simple as can be.
    fn oracle(pattern: &[&str], path: &[&str]) -> bool {
        fn name(pattern: &[u8], text: &[u8]) -> bool {
            match pattern {
                [] => text.is_empty(),
                [b'*', rest @ ..] => (0..=text.len()).any(|at| name(rest, &text[at..])),
                [byte, rest @ ..] => text.first() == Some(byte) && name(rest, &text[1..]),
            }
        }
        match pattern {
            [] => path.is_empty(),
            ["**", rest @ ..] => (0..=path.len()).any(|at| oracle(rest, &path[at..])),
            [first, rest @ ..] => path
                .split_first()
                .is_some_and(|(head, tail)| name(first.as_bytes(), head.as_bytes()) && oracle(rest, tail)),
        }
    }

    proptest! {
        #[test]
        fn matching_is_the_oracles(pattern in prop::collection::vec("\\*\\*|[ab*]{1,4}", 1..5), path in prop::collection::vec("[ab]{1,4}", 0..6)) {
            let text = format!("/{}", pattern.join("/"));
            if let Ok(compiled) = PathPattern::parse(&text) {
                let pattern: Vec<&str> = pattern.iter().map(String::as_str).collect();
                let segments: Vec<&str> = path.iter().map(String::as_str).collect();
                prop_assert_eq!(compiled.matches(&format!("/{}", path.join("/")), &places()), oracle(&pattern, &segments), "{} {:?}", text, path);
            }
        }

        #[test]
        fn nothing_outside_the_anchor_matches(tail in "(/(\\*\\*|[ab*.]{1,3})){0,4}", path in "(/([ab.]{1,3}|srv|app|node_modules|p|tmp|)){0,8}") {
            if let Ok(pattern) = PathPattern::parse(&format!("$PKG{tail}"))
                && pattern.matches(&path, &places())
            {
                prop_assert!(Path::new(&path).starts_with("/srv/app/node_modules/p"));
                prop_assert!(!path.split('/').any(|segment| segment == ".."));
            }
        }

        #[test]
        fn what_covers_matches(one in "\\$PKG(/(\\*\\*|[ab*]{1,3})){0,4}", other in "\\$PKG(/(\\*\\*|[ab*]{1,3})){0,4}", path in "/srv/app/node_modules/p(/[ab]{1,3}){0,5}") {
            if let (Ok(one), Ok(other)) = (PathPattern::parse(&one), PathPattern::parse(&other))
                && one.covers(&other)
                && other.matches(&path, &places())
            {
                prop_assert!(one.matches(&path, &places()));
            }
        }
    }
}
