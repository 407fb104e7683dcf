//! Lists a tree.
//!
//! Every regular file is listed, whatever its extension: Node loads what it is told to load. Symbolic links are listed
//! and never followed, so each file has exactly one path, its real one. Nothing here honours `.gitignore`: what is on
//! the disk can be loaded.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use parking_lot::Mutex;
use rayon::Scope;
use thiserror::Error;

use super::Progress;
use crate::module_path::ModulePath;

/// What a tree consists of, sorted by path.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files.
    pub files: Vec<ModulePath>,
    /// Symbolic links and their real targets.
    pub links: Vec<(ModulePath, ModulePath)>,
    /// Symbolic links to nothing.
    pub dangling: Vec<ModulePath>,
    /// What can be neither sealed nor ignored.
    pub problems: Vec<Problem>,
}

/// Lists the tree below `root`, which must be a real path.
#[must_use]
pub fn walk(root: &Path, exclude: &Exclusions, progress: &dyn Progress) -> Walk {
    let walker = Walker { root, exclude, progress, found: Mutex::default() };
    rayon::scope(|scope| walker.directory(scope, ModulePath::root()));
    let mut walk = walker.found.into_inner();
    // The order of discovery depends on the threads.
    walk.files.sort_unstable();
    walk.links.sort_unstable();
    walk.dangling.sort_unstable();
    walk.problems.sort_by(|left, right| left.path().cmp(right.path()));
    walk
}

/// Paths that are left out: built-in ones, and the patterns of `--exclude`.
#[derive(Debug, Clone)]
pub struct Exclusions {
    patterns: Vec<String>,
    globs: GlobSet,
}

impl Exclusions {
    /// Compiles patterns, which are matched against root-relative paths. `*` stays within a segment, `**` does not; a
    /// pattern that matches a directory leaves out everything below it.
    ///
    /// # Errors
    /// The pattern that is no glob, and why.
    pub fn new(patterns: &[String]) -> Result<Self, ExclusionError> {
        let mut patterns: Vec<String> =
            patterns.iter().map(|it| it.trim_end_matches('/').to_owned()).collect();
        patterns.sort();
        patterns.dedup();
        let mut globs = GlobSetBuilder::new();
        for pattern in &patterns {
            let relative = pattern.strip_prefix("./").unwrap_or(pattern);
            globs.add(GlobBuilder::new(relative).literal_separator(true).build()?);
        }
        Ok(Self { globs: globs.build()?, patterns })
    }

    /// The patterns, sorted, each once.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    fn covers(&self, path: &ModulePath) -> bool {
        let name = path.file_name();
        match name {
            // History of version control, and loadlock's own artefacts, which cannot contain their own digest. Each is
            // unlisted for the loader: left out never means allowed.
            ".git" | ".hg" | ".svn" | ".loadlock" | crate::attestation::PUBLIC_KEY_PATH => true,
            // Tools write here while the application runs.
            ".cache" => path.parent().is_some_and(|parent| parent.file_name() == "node_modules"),
            _ if name.starts_with("loadlock.manifest") && name.ends_with(".json") => true,
            _ => !self.globs.is_empty() && self.globs.is_match(path.as_str()),
        }
    }
}

/// A `--exclude` pattern is not a glob.
#[derive(Debug, Clone, Error)]
#[error("--exclude: {0}")]
pub struct ExclusionError(#[from] globset::Error);

/// Something in the tree that can be neither sealed nor ignored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A symbolic link to a place outside of the root, whose content nobody would check.
    #[error("{}: is a symbolic link to {}, outside of the sealed root", shown(path), target.display())]
    LeavesRoot { path: PathBuf, target: PathBuf },
    /// Symbolic links that point at each other.
    #[error("{}: is a symbolic link that leads back to itself", shown(.0))]
    LinkLoop(PathBuf),
    /// A name that JavaScript cannot spell.
    #[error("{}: the name is not UTF-8", shown(.0))]
    NotUtf8(PathBuf),
    /// A FIFO, socket or device.
    #[error("{}: is a {what}, not a file", shown(path))]
    Special { path: PathBuf, what: &'static str },
    /// A path that no Linux program could open.
    #[error("{}: the path is too long", shown(.0))]
    TooLong(PathBuf),
    /// A file or directory that this user cannot read.
    #[error("{}: cannot be read: {source}", shown(path))]
    Unreadable { path: PathBuf, source: io::Error },
}

impl Problem {
    /// The path it is about, below the root.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::LeavesRoot { path, .. } | Self::Special { path, .. } | Self::Unreadable { path, .. } => {
                path
            }
            Self::LinkLoop(path) | Self::NotUtf8(path) | Self::TooLong(path) => path,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        let path = shown(self.path());
        match self {
            Self::LeavesRoot { .. } => format!(
                "seal from the directory that holds both, such as the workspace root, or leave the link out with --exclude '{path}'"
            ),
            Self::Unreadable { .. } => {
                format!("seal as a user who can read it, or leave it out with --exclude '{path}'")
            }
            Self::NotUtf8(_) => {
                "rename it, or leave it out with an --exclude pattern that has a wildcard in that place"
                    .to_owned()
            }
            Self::LinkLoop(_) | Self::Special { .. } | Self::TooLong(_) => {
                format!("remove it, or leave it out with --exclude '{path}'")
            }
        }
    }
}

struct Walker<'a> {
    root: &'a Path,
    exclude: &'a Exclusions,
    progress: &'a dyn Progress,
    found: Mutex<Walk>,
}

impl Walker<'_> {
    /// Lists one directory and leaves those below to the pool; not recursive, so depth costs no stack.
    fn directory<'s>(&'s self, scope: &Scope<'s>, directory: ModulePath) {
        let mut here = Walk::default();
        match fs::read_dir(directory.to_absolute(self.root)) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => self.entry(scope, &directory, &entry, &mut here),
                        Err(source) => here.problems.push(unreadable(directory.as_str(), source)),
                    }
                }
            }
            Err(source) => here.problems.push(unreadable(directory.as_str(), source)),
        }
        self.progress.advance(here.files.len() as u64);
        let mut found = self.found.lock();
        found.files.append(&mut here.files);
        found.links.append(&mut here.links);
        found.dangling.append(&mut here.dangling);
        found.problems.append(&mut here.problems);
    }

    fn entry<'s>(&'s self, scope: &Scope<'s>, directory: &ModulePath, entry: &DirEntry, here: &mut Walk) {
        let name = entry.file_name();
        let Some(text) = name.to_str() else {
            let path = Path::new(directory.as_str()).join(name);
            // A wildcard may cover what no text can name.
            if !self.exclude.globs.is_match(&path) {
                here.problems.push(Problem::NotUtf8(path));
            }
            return;
        };
        let Some(path) = directory.join(text) else {
            return here.problems.push(Problem::TooLong(Path::new(directory.as_str()).join(name)));
        };
        if self.exclude.covers(&path) {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => scope.spawn(move |scope| self.directory(scope, path)),
            Ok(kind) if kind.is_file() => here.files.push(path),
            Ok(kind) if kind.is_symlink() => self.link(path, here),
            Ok(kind) => {
                here.problems.push(Problem::Special { path: path.as_str().into(), what: name_of(kind) })
            }
            // Gone since it was listed: as if it had never been there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => here.problems.push(unreadable(path.as_str(), source)),
        }
    }

    fn link(&self, path: ModulePath, here: &mut Walk) {
        let problem = match path.to_absolute(self.root).canonicalize() {
            Ok(target) if !target.starts_with(self.root) => {
                Problem::LeavesRoot { path: path.as_str().into(), target }
            }
            Ok(target) => match ModulePath::below(self.root, &target) {
                Some(target) => return here.links.push((path, target)),
                None => Problem::NotUtf8(path.as_str().into()),
            },
            Err(error) if is_loop(&error) => Problem::LinkLoop(path.as_str().into()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return here.dangling.push(path);
            }
            Err(source) => unreadable(path.as_str(), source),
        };
        here.problems.push(problem);
    }
}

fn unreadable(path: &str, source: io::Error) -> Problem {
    Problem::Unreadable { path: path.into(), source }
}

#[cfg(unix)]
fn name_of(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;

    match kind {
        _ if kind.is_fifo() => "FIFO",
        _ if kind.is_socket() => "socket",
        _ if kind.is_block_device() || kind.is_char_device() => "device",
        _ => "special file",
    }
}

#[cfg(not(unix))]
fn name_of(_: fs::FileType) -> &'static str {
    "special file"
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}

/// A path for people: what a terminal would interpret, or what is not UTF-8, is escaped.
pub(crate) fn shown(path: &Path) -> String {
    match path.to_str() {
        Some("") => ".".to_owned(),
        Some(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => format!("{path:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        dir
    }

    fn list(dir: &tempfile::TempDir, exclude: &[&str]) -> Walk {
        let patterns: Vec<String> = exclude.iter().map(|&it| it.into()).collect();
        walk(&dir.path().canonicalize().unwrap(), &Exclusions::new(&patterns).unwrap(), &())
    }

    fn names(walk: &Walk) -> Vec<&str> {
        walk.files.iter().map(ModulePath::as_str).collect()
    }

    #[test]
    fn every_file_is_listed_in_order_but_for_known_places() {
        let dir = tree(&[
            "b",
            "a.js",
            "lib/x.txt",
            ".env",
            ".gitignore",
            ".cache/x",
            "node_modules/a/.cache/x",
            "x/.git/config",
            "node_modules/.cache/x",
            "node_modules/a/node_modules/.cache/x",
            ".loadlock/index",
            "loadlock.pub.pem",
            "loadlock.manifest.json",
            "loadlock.manifest.dsse.json",
            "a/.hg/x",
            ".svn/x",
        ]);
        fs::write(dir.path().join(".git"), "gitdir: elsewhere").unwrap();
        let walk = list(&dir, &[]);
        let expected =
            [".cache/x", ".env", ".gitignore", "a.js", "b", "lib/x.txt", "node_modules/a/.cache/x"];
        assert_eq!(names(&walk), expected);
        assert!(walk.problems.is_empty() && walk.links.is_empty());
    }

    #[test]
    fn patterns_leave_out_files_and_whole_directories() {
        let dir = tree(&["a.log", "lib/a.log", "lib/b.js", "coverage/x/y.js", "tmp/1"]);
        assert_eq!(names(&list(&dir, &["*.log", "coverage/", "./tmp"])), ["lib/a.log", "lib/b.js"]);
        assert_eq!(names(&list(&dir, &["**/*.log", "{coverage,tmp}"])), ["lib/b.js"]);
        assert!(Exclusions::new(&["[".into()]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_listed_with_their_real_target_and_never_followed() {
        use std::os::unix::fs::symlink;

        let dir = tree(&["packages/a/x.js", "elsewhere"]);
        fs::create_dir(dir.path().join("node_modules")).unwrap();
        let link = |target: &str, path: &str| symlink(target, dir.path().join(path)).unwrap();
        link("../packages/a", "node_modules/a");
        link("a/x.js", "node_modules/x.js");
        link("..", "packages/up");
        link("/etc", "out");
        link("loop2", "loop1");
        link("loop1", "loop2");
        link("nothing", "dangling");
        link("elsewhere/below", "dangling2");
        let walk = list(&dir, &[]);
        let links: Vec<_> =
            walk.links.iter().map(|(path, target)| (path.as_str(), target.as_str())).collect();
        let expected =
            [("node_modules/a", "packages/a"), ("node_modules/x.js", "packages/a/x.js"), ("packages/up", "")];
        assert_eq!(links, expected);
        assert_eq!(
            walk.dangling.iter().map(ModulePath::as_str).collect::<Vec<_>>(),
            ["dangling", "dangling2"]
        );
        assert_eq!(names(&walk), ["elsewhere", "packages/a/x.js"]);
        let problems: Vec<String> = walk.problems.iter().map(ToString::to_string).collect();
        assert!(matches!(
            &walk.problems[..],
            [Problem::LinkLoop(_), Problem::LinkLoop(_), Problem::LeavesRoot { .. }]
        ));
        assert!(problems[2].contains("out: is a symbolic link to /etc"), "{problems:?}");
        assert!(walk.problems[2].help().contains("workspace root"));
        assert!(list(&dir, &["loop*", "out"]).problems.is_empty());
    }
}
