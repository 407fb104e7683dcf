//! Which keys the operator trusts.
//!
//! The anchor must lie outside of what it protects. In order: what the operator says (`--trust`, `LOADLOCK_TRUST`),
//! else `/etc/loadlock` if only root can write there, else, with a loud warning, the key beside the application: better
//! than nothing against accidents, nothing against somebody who can write the application.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{
    KeyError, KeyId, PUBLIC_KEY_PATH, PublicKey,
    disk::{Links, read_bounded},
    system_place::SystemPlace,
};
use crate::error::Code;

/// A set of trusted keys and how many of them must have signed.
#[derive(Debug, Clone)]
pub struct Trust {
    keys: Vec<PublicKey>,
    /// Pinned ids whose key was found nowhere: they cannot verify, but belong into messages.
    without_key: BTreeSet<KeyId>,
    threshold: usize,
}

impl Trust {
    /// Trust in one key.
    #[must_use]
    pub fn only(key: PublicKey) -> Self {
        Self { keys: vec![key], without_key: BTreeSet::new(), threshold: 1 }
    }

    /// Finds the trusted keys for the application at `root`; the strings are warnings for the operator.
    ///
    /// `spec` is the value of `--trust` or `LOADLOCK_TRUST`: paths of SPKI PEM files and `sha256:` key ids, separated
    /// by commas. The key of a pinned id is read from the application tree: the id makes its place irrelevant.
    ///
    /// # Errors
    /// [`TrustError`] when something is named that cannot be used, or nothing is trusted.
    pub fn resolve(spec: Option<&str>, root: &Path) -> Result<(Self, Vec<String>), TrustError> {
        Self::resolve_at(spec, root, &SystemPlace::default())
    }

    fn resolve_at(
        spec: Option<&str>,
        root: &Path,
        system: &SystemPlace,
    ) -> Result<(Self, Vec<String>), TrustError> {
        let mut trust = Self { keys: Vec::new(), without_key: BTreeSet::new(), threshold: 1 };
        let mut warnings = Vec::new();
        match spec {
            Some(spec) => {
                for item in spec.split(',').map(str::trim) {
                    trust.add_spec(item, root, &mut warnings)?;
                }
            }
            None => {
                for key in system.keys()? {
                    trust.add(key);
                }
                if trust.keys.is_empty() {
                    let path = root.join(PUBLIC_KEY_PATH);
                    if let Some(key) = key_in_tree(root)? {
                        warnings.push(in_tree_warning(&path, key.id()));
                        trust.add(key);
                    }
                }
            }
        }
        if trust.keys.is_empty() {
            return Err(match trust.without_key.first() {
                Some(pinned) => TrustError::PinWithoutKey {
                    pinned: *pinned,
                    path: root.join(PUBLIC_KEY_PATH),
                    found: key_in_tree(root)?.map(|key| key.id()),
                },
                None => TrustError::NoKey,
            });
        }
        Ok((trust, warnings))
    }

    /// The same specification with absolute paths, for a process with another working directory.
    ///
    /// # Errors
    /// [`TrustError::Read`] when a named file is not there.
    pub fn absolute_spec(spec: &str) -> Result<String, TrustError> {
        let absolute = spec.split(',').map(str::trim).map(|item| {
            if item.is_empty() || item.starts_with(PIN) {
                return Ok(item.to_owned());
            }
            let path = std::path::absolute(item);
            path.map(|path| path.to_string_lossy().into_owned())
                .map_err(|source| TrustError::Read { path: item.into(), source })
        });
        Ok(absolute.collect::<Result<Vec<_>, _>>()?.join(","))
    }

    /// Trusts one more key.
    pub fn add(&mut self, key: PublicKey) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    /// Demands signatures by this many different keys, at least one.
    pub fn require(&mut self, threshold: usize) {
        self.threshold = threshold.max(1);
    }

    /// The trusted keys, each once.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many different keys must have signed.
    #[must_use]
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// The ids of all trusted keys, also of those whose key is not at hand.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<KeyId> {
        self.keys.iter().map(PublicKey::id).chain(self.without_key.iter().copied()).collect()
    }

    fn add_spec(&mut self, item: &str, root: &Path, warnings: &mut Vec<String>) -> Result<(), TrustError> {
        if item.is_empty() {
            return Err(TrustError::Empty);
        }
        let Some(id) = item.strip_prefix(PIN) else {
            let path = Path::new(item);
            let key = read_key(path)?;
            if lies_in(path, root) {
                warnings.push(in_tree_warning(path, key.id()));
            }
            self.add(key);
            return Ok(());
        };
        let id = KeyId::parse(id).ok_or_else(|| TrustError::Pin(item.to_owned()))?;
        // Whatever else the file is (absent, damaged, another key), it is not the pinned key.
        match key_in_tree(root) {
            Ok(Some(key)) if key.id() == id => self.add(key),
            _ => drop(self.without_key.insert(id)),
        }
        Ok(())
    }
}

/// Why no key can be trusted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// `LOADLOCK_TRUST` is set to nothing, or has two commas in a row. Taking that for "unset" would silently trust less.
    #[error("an empty entry in the list of trusted keys")]
    Empty,
    /// A file that is not a public key.
    #[error("{}: {source}", path.display())]
    Key { path: PathBuf, source: KeyError },
    /// No place has a key.
    #[error("no trusted key: give one by --trust or LOADLOCK_TRUST (a public key file, or sha256:<key id>)")]
    NoKey,
    /// The text after `sha256:` is not a key id.
    #[error("`{0}` is not a key id: sha256: and 64 lower-case hexadecimal digits")]
    Pin(String),
    /// Pinned keys only, and none of them lies beside the application.
    #[error(
        "key sha256:{pinned} is trusted, but {} {}",
        path.display(),
        found.map_or("holds no key".to_owned(), |id| format!("is key sha256:{id}"))
    )]
    PinWithoutKey { pinned: KeyId, path: PathBuf, found: Option<KeyId> },
    /// A file or directory that cannot be read.
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A system-wide key that others than root could have put there.
    #[error("{} must belong to root and be writable by root only", .0.display())]
    Writable(PathBuf),
}

impl TrustError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::Signature
    }
}

pub(super) fn read_key(path: &Path) -> Result<PublicKey, TrustError> {
    let pem = read_bounded(path, MAX_FILE, Links::Follow)
        .map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
    PublicKey::from_pem(&pem).map_err(|source| TrustError::Key { path: path.to_owned(), source })
}

fn key_in_tree(root: &Path) -> Result<Option<PublicKey>, TrustError> {
    match read_key(&root.join(PUBLIC_KEY_PATH)) {
        Ok(key) => Ok(Some(key)),
        Err(TrustError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn lies_in(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        // It could be read a moment ago: something moves things about, which deserves the warning as well.
        _ => true,
    }
}

fn in_tree_warning(path: &Path, id: KeyId) -> String {
    format!(
        "the trusted key lies inside the application it is meant to protect\n  \
         key   {}\n  \
         id    sha256:{id}\n  \
         Whoever can change the application can replace this key and seal again, and nobody would notice.\n  \
         Say from outside which key you trust: LOADLOCK_TRUST=sha256:{id}\n  \
         or put the key into /etc/loadlock/trust/, owned by root.",
        path.display()
    )
}

const PIN: &str = "sha256:";

/// A public key in PEM has less than 200 bytes.
const MAX_FILE: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{
        super::{Algorithm, PrivateKey},
        *,
    };

    fn key() -> PublicKey {
        PrivateKey::generate(Algorithm::Ed25519).unwrap().public().clone()
    }

    struct Scene {
        dir: tempfile::TempDir,
        root: PathBuf,
        system: SystemPlace,
    }

    impl Scene {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let (root, etc) = (dir.path().join("app"), dir.path().join("etc"));
            fs::create_dir_all(&root).unwrap();
            fs::create_dir_all(etc.join("trust")).unwrap();
            #[cfg(unix)]
            let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&etc).unwrap());
            #[cfg(not(unix))]
            let owner = 0;
            let system = SystemPlace { directory: etc.join("trust"), file: etc.join("trust.pem"), owner };
            Self { dir, root, system }
        }

        fn write(&self, path: &str, key: &PublicKey) -> String {
            let path = self.dir.path().join(path);
            fs::write(&path, key.to_pem().unwrap()).unwrap();
            path.to_str().unwrap().to_owned()
        }

        fn resolve(&self, spec: Option<&str>) -> Result<(Trust, Vec<String>), TrustError> {
            Trust::resolve_at(spec, &self.root, &self.system)
        }
    }

    #[test]
    fn paths_and_pins_may_be_mixed() {
        let scene = Scene::new();
        let (outside, pinned) = (key(), key());
        let path = scene.write("ops.pub.pem", &outside);
        scene.write("app/loadlock.pub.pem", &pinned);
        let (trust, warnings) = scene.resolve(Some(&format!("{path}, sha256:{}", pinned.id()))).unwrap();
        assert_eq!(trust.keys(), [outside, pinned]);
        assert!(warnings.is_empty(), "a pinned key may lie anywhere: {warnings:?}");
    }

    #[test]
    fn a_pin_is_not_satisfied_by_another_key() {
        let scene = Scene::new();
        let (pinned, other) = (key(), key());
        let spec = format!("sha256:{}", pinned.id());
        assert!(matches!(scene.resolve(Some(&spec)), Err(TrustError::PinWithoutKey { found: None, .. })));
        scene.write("app/loadlock.pub.pem", &other);
        let error = scene.resolve(Some(&spec)).unwrap_err();
        assert!(error.to_string().contains(&format!("is key sha256:{}", other.id())), "{error}");
        assert_eq!(error.code(), Code::Signature);
    }

    #[test]
    fn malformed_specifications_are_refused() {
        let scene = Scene::new();
        scene.write("app/loadlock.pub.pem", &key());
        fs::write(scene.dir.path().join("bad.pem"), "-----BEGIN PUBLIC KEY-----").unwrap();
        let bad = scene.dir.path().join("bad.pem");
        for spec in
            ["", " ", "sha256:", "sha256:abc", "/nonexistent.pem", bad.to_str().unwrap(), "sha256:zz,"]
        {
            assert!(scene.resolve(Some(spec)).is_err(), "{spec:?}");
        }
        let private = PrivateKey::generate(Algorithm::P256).unwrap().to_pem().unwrap();
        fs::write(&bad, private.as_bytes()).unwrap();
        assert!(scene.resolve(bad.to_str()).unwrap_err().to_string().contains("PRIVATE"));
    }

    #[test]
    fn a_key_in_the_tree_is_loud() {
        let scene = Scene::new();
        assert!(matches!(scene.resolve(None), Err(TrustError::NoKey)));
        let inside = key();
        let path = scene.write("app/loadlock.pub.pem", &inside);
        for spec in [None, Some(path.as_str())] {
            let (trust, warnings) = scene.resolve(spec).unwrap();
            assert_eq!(trust.keys(), std::slice::from_ref(&inside));
            assert!(warnings[0].lines().count() > 3 && warnings[0].contains(&inside.id().to_string()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn system_keys_come_before_the_tree_and_must_be_guarded() {
        use std::os::unix::fs::PermissionsExt as _;

        let scene = Scene::new();
        let (first, second) = (key(), key());
        scene.write("app/loadlock.pub.pem", &key());
        let path = scene.write("etc/trust/a.pem", &first);
        scene.write("etc/trust.pem", &second);
        fs::write(scene.dir.path().join("etc/trust/README"), "not a key").unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        mode(&scene.system.directory, 0o755);

        let (trust, warnings) = scene.resolve(None).unwrap();
        assert_eq!(trust.ids(), BTreeSet::from([first.id(), second.id()]));
        assert!(warnings.is_empty());

        mode(Path::new(&path), 0o664);
        assert!(matches!(scene.resolve(None), Err(TrustError::Writable(_))));
        mode(Path::new(&path), 0o644);
        mode(&scene.system.directory, 0o777);
        assert!(matches!(scene.resolve(None), Err(TrustError::Writable(_))));
        mode(&scene.system.directory, 0o755);
        let stranger = SystemPlace { owner: scene.system.owner + 1, ..scene.system };
        assert!(matches!(Trust::resolve_at(None, &scene.root, &stranger), Err(TrustError::Writable(_))));
    }
}
