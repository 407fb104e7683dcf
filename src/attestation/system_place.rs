//! Keys that an administrator trusts for the whole machine: `/etc/loadlock`.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    PublicKey, TrustError,
    disk::{Links, open_regular},
    trust::read_key,
};

/// Where an administrator puts keys for the whole machine.
pub(super) struct SystemPlace {
    /// Every `*.pem` in here.
    pub(super) directory: PathBuf,
    /// And this file.
    pub(super) file: PathBuf,
    /// Who must own both; root, but for tests.
    #[cfg_attr(not(unix), expect(dead_code, reason = "ownership is a Unix notion here"))]
    pub(super) owner: u32,
}

impl Default for SystemPlace {
    fn default() -> Self {
        let place = Path::new("/etc/loadlock");
        Self { directory: place.join("trust"), file: place.join("trust.pem"), owner: 0 }
    }
}

impl SystemPlace {
    #[cfg(unix)]
    /// The keys, or an error when anybody but the owner could have put one there.
    pub(super) fn keys(&self) -> Result<Vec<PublicKey>, TrustError> {
        let mut paths = match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.path()))
                .filter(|path| {
                    path.as_ref().map_or(true, |path| path.extension().is_some_and(|it| it == "pem"))
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|source| TrustError::Read { path: self.directory.clone(), source })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(TrustError::Read { path: self.directory.clone(), source }),
        };
        if self.file.exists() {
            paths.push(self.file.clone());
        }
        paths.sort();
        paths.iter().map(|path| self.key(path)).collect()
    }

    /// Elsewhere an owner cannot be checked by a mode, so there is no such place.
    #[cfg(not(unix))]
    fn keys(&self) -> Result<Vec<PublicKey>, TrustError> {
        Ok(Vec::new())
    }

    #[cfg(unix)]
    fn key(&self, path: &Path) -> Result<PublicKey, TrustError> {
        use std::os::unix::fs::MetadataExt as _;

        let fail = |source| TrustError::Read { path: path.to_owned(), source };
        let guarded =
            |metadata: &std::fs::Metadata| metadata.uid() == self.owner && metadata.mode() & 0o022 == 0;
        // The file itself, through a link if it is one, and the directory that decides which file has this name.
        let real = path.canonicalize().map_err(fail)?;
        let directories = [path.parent(), real.parent()];
        for directory in directories.into_iter().flatten() {
            if !guarded(&directory.metadata().map_err(fail)?) {
                return Err(TrustError::Writable(directory.to_owned()));
            }
        }
        if !guarded(&open_regular(&real, Links::Refuse).and_then(|file| file.metadata()).map_err(fail)?) {
            return Err(TrustError::Writable(path.to_owned()));
        }
        read_key(path)
    }
}
