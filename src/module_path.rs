//! Root-relative paths, parsed once.
//!
//! Every key of the manifest and of the index is a [`ModulePath`]: relative to the sealed root, `/`-separated,
//! already normal (no empty, `.` or `..` segment), valid UTF-8 without NUL. A value of this type never needs to be
//! checked again, and no other code builds such keys.

use std::{
    fmt,
    path::{Component, Path, PathBuf},
};

use thiserror::Error;

/// A normal path below the sealed root; the root itself is the empty path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ModulePath(String);

impl ModulePath {
    /// The sealed root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Parses text that must already be normal, such as a manifest key.
    ///
    /// # Errors
    /// [`ModulePathError`] names the first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ModulePathError> {
        if text.len() > MAX_LEN {
            return Err(ModulePathError::TooLong);
        }
        if text.bytes().any(|byte| byte == 0) {
            return Err(ModulePathError::Nul);
        }
        if text.is_empty() {
            return Ok(Self::root());
        }
        if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(ModulePathError::NotNormal(text.to_owned()));
        }
        if cfg!(windows) && text.contains('\\') {
            return Err(ModulePathError::NotNormal(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path of `absolute` below `root`, by text alone: both must be absolute, and `.`/`..` in `absolute` are
    /// folded first. `None` when it lies outside. Symbolic links are the business of the caller.
    #[must_use]
    pub fn below(root: &Path, absolute: &Path) -> Option<Self> {
        let folded = fold(absolute)?;
        let relative = folded.strip_prefix(root).ok()?;
        let mut text = String::new();
        for component in relative.components() {
            let Component::Normal(name) = component else { return None };
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(name.to_str()?);
        }
        Self::parse(&text).ok()
    }

    /// Appends a relative path, folding `.` and `..`. `None` when it climbs out of the root or has a NUL.
    #[must_use]
    pub fn join(&self, relative: &str) -> Option<Self> {
        let mut segments: Vec<&str> =
            if self.0.is_empty() { Vec::new() } else { self.0.split('/').collect() };
        for segment in relative.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop()?;
                }
                name => segments.push(name),
            }
        }
        Self::parse(&segments.join("/")).ok()
    }

    /// The same path with `suffix` glued to its last segment (`lib` + `.js`).
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        Self(format!("{}{suffix}", self.0))
    }

    /// The enclosing directory, or `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.rfind('/').map_or_else(String::new, |at| self.0[..at].to_owned())))
    }

    /// The last segment; empty for the root.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rfind('/').map_or(&self.0, |at| &self.0[at + 1..])
    }

    /// What follows the last dot of the last segment, without the dot, as Node's `path.extname` sees it: a leading
    /// dot does not count.
    #[must_use]
    pub fn extension(&self) -> &str {
        let name = self.file_name();
        match name.rfind('.') {
            Some(at) if at > 0 => &name[at + 1..],
            _ => "",
        }
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The absolute path below `root`.
    #[must_use]
    pub fn to_absolute(&self, root: &Path) -> PathBuf {
        if self.0.is_empty() { root.to_owned() } else { root.join(&self.0) }
    }

    /// The location of the package that owns this path: the deepest `node_modules/NAME` or
    /// `node_modules/@SCOPE/NAME` prefix, or the root (the application). Identity is a location, never a name that
    /// a package.json claims (I11).
    #[must_use]
    pub fn package_location(&self) -> Self {
        let segments: Vec<&str> = self.0.split('/').collect();
        let Some(at) = segments.iter().rposition(|segment| *segment == "node_modules") else {
            return Self::root();
        };
        let names = if segments.get(at + 1).is_some_and(|name| name.starts_with('@')) { 2 } else { 1 };
        match segments.get(..=at + names) {
            Some(prefix) => Self(prefix.join("/")),
            None => Self(segments[..at].join("/")).package_location(),
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

/// Why a text is not a [`ModulePath`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModulePathError {
    /// The text holds a NUL byte, which no file system can store.
    #[error("a path must not contain NUL")]
    Nul,
    /// An empty, `.` or `..` segment, a leading or trailing slash, or a back slash on Windows.
    #[error("`{0}` is not a normal root-relative path")]
    NotNormal(String),
    /// Longer than any file system here allows.
    #[error("a path must not be longer than {MAX_LEN} bytes")]
    TooLong,
}

/// PATH_MAX on Linux is 4096 bytes.
const MAX_LEN: usize = 4096;

fn fold(path: &Path) -> Option<PathBuf> {
    let mut folded = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                folded.pop();
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) | Component::Normal(_) => folded.push(component),
        }
    }
    folded.is_absolute().then_some(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> ModulePath {
        ModulePath::parse(text).unwrap()
    }

    #[test]
    fn only_normal_paths_parse() {
        for bad in ["/a", "a/", "a//b", "./a", "a/..", "..", "a\0b"] {
            assert!(ModulePath::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(ModulePath::parse(&"a".repeat(5000)), Err(ModulePathError::TooLong));
    }

    #[test]
    fn the_owner_is_the_deepest_package_directory() {
        for (file, owner) in [
            ("app.js", ""),
            ("src/node_modules.js", ""),
            ("node_modules/a/lib/x.js", "node_modules/a"),
            ("node_modules/@s/a/x.js", "node_modules/@s/a"),
            ("node_modules/a/node_modules/b/x.js", "node_modules/a/node_modules/b"),
            ("node_modules/.pnpm/a@1.0.0/node_modules/a/x.js", "node_modules/.pnpm/a@1.0.0/node_modules/a"),
            ("node_modules/a/node_modules", "node_modules/a"),
            ("node_modules/@s", ""),
        ] {
            assert_eq!(path(file).package_location().as_str(), owner, "{file}");
        }
    }

    #[test]
    fn below_folds_and_refuses_what_lies_outside() {
        let root = Path::new("/srv/app");
        assert_eq!(ModulePath::below(root, Path::new("/srv/app/lib/../x.js")), Some(path("x.js")));
        assert_eq!(ModulePath::below(root, Path::new("/srv/app")), Some(ModulePath::root()));
        assert_eq!(ModulePath::below(root, Path::new("/srv/app/../x.js")), None);
        assert_eq!(ModulePath::below(root, Path::new("/srv/apple/x.js")), None);
        assert_eq!(ModulePath::below(root, Path::new("x.js")), None);
    }

    #[test]
    fn extension_follows_nodes_extname() {
        for (file, extension) in
            [("a.js", "js"), ("a/.bashrc", ""), ("a.b/c", ""), ("a.d.ts", "ts"), ("a.", "")]
        {
            assert_eq!(path(file).extension(), extension, "{file}");
        }
    }

    proptest! {
        #[test]
        fn join_never_leaves_the_root(base in "[a-c]{1,2}(/[a-c]{1,2}){0,3}", relative in "([a-c]{1,2}|\\.|\\.\\.|)(/([a-c]{1,2}|\\.|\\.\\.|)){0,6}") {
            if let Some(joined) = path(&base).join(&relative) {
                prop_assert!(ModulePath::parse(joined.as_str()).is_ok());
            }
        }
    }
}
