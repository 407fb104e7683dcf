//! Reading files that somebody else may have prepared, and replacing files so that nobody sees half of one.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Opens a regular file for reading. A FIFO in its place does not block and is refused, as is a device or directory.
pub(crate) fn open_regular(path: &Path, links: Links) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let nofollow = if links == Links::Refuse { libc::O_NOFOLLOW } else { 0 };
        options.custom_flags(libc::O_NONBLOCK | nofollow);
    }
    #[cfg(not(unix))]
    if links == Links::Refuse && fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is a symbolic link"));
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
    }
    Ok(file)
}

/// Whether the last segment of a path may be a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// Files that the operator names: certificates and keys are often mounted as links.
    Follow,
    /// Files of the sealed tree.
    Refuse,
}

/// Reads a small regular file; one that is longer than `limit` is an error, not a truncation.
pub(crate) fn read_bounded(path: &Path, limit: u64, links: Links) -> io::Result<Vec<u8>> {
    let file = open_regular(path, links)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// A file's next content, on disk under another name until [`Staged::commit`]. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Staged {
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Staged {
    /// Writes `bytes` to a new file in `directory`, which must be on the file system of `target`, and syncs it.
    pub(crate) fn new(directory: &Path, target: &Path, bytes: &[u8], access: Access) -> io::Result<Self> {
        // Random, so that containers which share a directory and number their processes alike do not meet.
        let unique = getrandom::u64().map_err(io::Error::other)?;
        let mut name = OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{unique:016x}.tmp"));
        let temporary = directory.join(name);
        let mut file = access.create_new(&temporary)?;
        let staged = Self { temporary, target: target.to_owned(), committed: false };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Puts the content in place, atomically.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        self.committed = true;
        match self.target.parent() {
            Some(directory) => sync_directory(directory),
            None => Ok(()),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing sensible is left to do when even this fails.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Mode 0600.
    Owner,
    /// Mode 0644, less the umask.
    Everybody,
}

impl Access {
    /// Creates a file that must not exist yet; a dangling link counts as existing.
    pub(crate) fn create_new(self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(match self {
                Self::Owner => 0o600,
                Self::Everybody => 0o644,
            });
        }
        options.open(path)
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        // Some network file systems cannot sync a directory; the rename itself happened.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staged_content_appears_at_once_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("file");
        drop(Staged::new(dir.path(), &target, b"one", Access::Owner).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        Staged::new(dir.path(), &target, b"two", Access::Owner).unwrap().commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn reading_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [0; 10]).unwrap();
        assert_eq!(read_bounded(&path, 10, Links::Refuse).unwrap().len(), 10);
        assert!(read_bounded(&path, 9, Links::Refuse).unwrap_err().to_string().contains("larger"));
        assert!(read_bounded(dir.path(), 9, Links::Refuse).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_only_where_that_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&path, b"x").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read_bounded(&link, 9, Links::Refuse).is_err());
        assert_eq!(read_bounded(&link, 9, Links::Follow).unwrap(), b"x");
    }
}
