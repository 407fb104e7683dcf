//! The object that a path means to the kernel, under its real name.
//!
//! Grants are matched against real paths, so that a symbolic link cannot turn a granted name into another file.

use std::path::{Component, Path, PathBuf};

/// The real path of `path` (absolute). Parts that do not exist are kept as they are written, below the real path of
/// those that do. Without `follow` a link in the last place is taken as itself.
///
/// The answer holds for the moment in which it was given. The caller hands *it*, not the name, to the operation.
#[must_use]
pub fn real_path(path: &Path, follow: bool) -> PathBuf {
    opened(path, follow).unwrap_or_else(|| walked(path, follow))
}

/// Asks the kernel, which costs two calls however deep the path is, and knows the magic links of /proc.
#[cfg(target_os = "linux")]
fn opened(path: &Path, follow: bool) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;

    let flags = libc::O_PATH | libc::O_CLOEXEC | if follow { 0 } else { libc::O_NOFOLLOW };
    let file = std::fs::File::options().read(true).custom_flags(flags).open(path).ok()?;
    let real = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    real.is_absolute().then_some(real)
}

#[cfg(not(target_os = "linux"))]
fn opened(path: &Path, follow: bool) -> Option<PathBuf> {
    if follow { path.canonicalize().ok() } else { None }
}

/// Link by link, for paths whose end does not exist.
fn walked(path: &Path, follow: bool) -> PathBuf {
    let mut real = PathBuf::from("/");
    let mut rest: Vec<Step> = steps(path);
    let mut links = 0;
    while let Some(step) = rest.pop() {
        match step {
            Step::Root => real = PathBuf::from("/"),
            // Of a directory that does not exist there is no parent; the kernel refuses, and this stays inside.
            Step::Up => drop(real.pop()),
            Step::Down(name) => {
                real.push(name);
                if rest.is_empty() && !follow || links == MAX_LINKS {
                    continue;
                }
                if let Ok(target) = std::fs::read_link(&real) {
                    links += 1;
                    real.pop();
                    rest.extend(steps(&target));
                }
            }
        }
    }
    real
}

enum Step {
    Root,
    Up,
    Down(std::ffi::OsString),
}

/// The steps of a path, the first one last.
fn steps(path: &Path) -> Vec<Step> {
    let steps = path.components().filter_map(|component| match component {
        Component::RootDir | Component::Prefix(_) => Some(Step::Root),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Down(name.to_owned())),
    });
    let mut steps: Vec<Step> = steps.collect();
    steps.reverse();
    steps
}

/// As many links as Linux follows (path_resolution(7)); a path with more means nothing to the kernel either.
const MAX_LINKS: usize = 40;

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_wherever_they_stand() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "").unwrap();
        symlink("a/b", root.join("dir")).unwrap();
        symlink(root.join("a/b/file"), root.join("file")).unwrap();
        symlink("../gone/deep", root.join("a/dangling")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        for (given, follow, expected) in [
            ("dir/file", true, "a/b/file"),
            ("file", true, "a/b/file"),
            ("file", false, "file"),
            ("dir/new/x", true, "a/b/new/x"),
            ("dir/../x", true, "a/x"),
            // Creating through a dangling link creates its target.
            ("a/dangling", true, "gone/deep"),
            ("a/dangling", false, "a/dangling"),
            ("a/dangling/x", false, "gone/deep/x"),
            ("new/../../x", true, "../x"),
        ] {
            let expected = root.join(expected);
            let expected = expected.to_string_lossy().replace("/..", "");
            let parent = root.parent().unwrap().join("x");
            let expected = if given == "new/../../x" { parent } else { expected.into() };
            assert_eq!(real_path(&root.join(given), follow), expected, "{given} {follow}");
            if given != "new/../../x" {
                assert_eq!(walked(&root.join(given), follow), expected, "walked {given} {follow}");
            }
        }
        // It ends, and stays where it is.
        assert_eq!(walked(&root.join("loop"), true), root.join("loop"));
    }

    #[test]
    fn a_name_in_proc_is_the_object_behind_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("secret");
        std::fs::write(&path, "").unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        assert_eq!(real_path(Path::new(&name), true), path);
    }
}
