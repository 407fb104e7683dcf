//! The highest epoch that this machine has accepted.
//!
//! A signature stays valid for ever, so an attacker could put yesterday's sealed tree back, with yesterday's hole. The
//! mark against that is a small file per application and signing key, outside of the application. It is as good as the
//! place it lies in: one that the application's user can read but not write is best (root starts it once), and `LOADLOCK_MIN_EPOCH` needs no
//! directory at all.

use std::{
    env,
    ffi::OsString,
    fmt::Write as _,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    KeyId, VerifiedStatement,
    disk::{Access, Links, Staged, read_bounded},
    json,
};
use crate::{digest::Digest, error::Code};

/// Where marks are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateDirectory {
    /// Named by the operator: when it cannot be used, nothing starts.
    Configured(PathBuf),
    /// The first of these that can be used; when none can, the start goes on and a note says so.
    BestEffort(Vec<PathBuf>),
}

impl StateDirectory {
    /// `LOADLOCK_STATE_DIR`, else the default places.
    #[must_use]
    pub fn from_env() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        Self::from_variables(set)
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        if let Some(configured) = variable("LOADLOCK_STATE_DIR") {
            return Self::Configured(configured.into());
        }
        // A relative place would depend on the working directory, and so would what it protects.
        let below = |name: &str, rest: &str| {
            variable(name).map(|base| Path::new(&base).join(rest)).filter(|path| path.is_absolute())
        };
        let candidates = if cfg!(windows) {
            vec![below("LOCALAPPDATA", "loadlock")]
        } else {
            let own = below("XDG_STATE_HOME", "loadlock").or_else(|| below("HOME", ".local/state/loadlock"));
            vec![Some(PathBuf::from("/var/lib/loadlock")), own]
        };
        Self::BestEffort(candidates.into_iter().flatten().collect())
    }
}

/// Refuses a statement that is older than one accepted before for the same root and key, and remembers a newer one.
/// `root` must be the real path. The strings are notes for the operator.
///
/// # Errors
/// [`EpochError`]; every variant means "do not start".
pub fn check_and_raise(
    statement: &VerifiedStatement,
    root: &Path,
    directory: &StateDirectory,
) -> Result<Vec<String>, EpochError> {
    let (directories, must_work, kinds) = match directory {
        StateDirectory::Configured(path) => {
            (std::slice::from_ref(path), true, &[Of::Place, Of::Application][..])
        }
        StateDirectory::BestEffort(candidates) => (&candidates[..], false, &[Of::Place][..]),
    };
    let application = statement.application.as_deref();
    let mut remembered = true;
    let signers = statement.signers().iter();
    for (key, of) in signers.flat_map(|key| kinds.iter().map(move |of| (key, *of))) {
        let mark = |directory: &PathBuf| Mark::new(directory, *key, root, application, of);
        let marks: Vec<Mark> = directories.iter().map(mark).collect();
        let mut known = false;
        for mark in &marks {
            known |= mark.check(statement.epoch, must_work)? == Some(statement.epoch);
        }
        // The usual start: a mark says this very epoch. One small read, and no need to write anywhere.
        remembered &= known || raise(&marks, statement.epoch, must_work)?;
    }
    if remembered {
        return Ok(Vec::new());
    }
    Ok(vec![
        "no directory to remember the epoch in, so a roll-back to an older seal cannot be noticed; \
         set LOADLOCK_STATE_DIR or LOADLOCK_MIN_EPOCH"
            .to_owned(),
    ])
}

/// Writes the epoch to the first place that takes it.
fn raise(marks: &[Mark], epoch: u64, must_work: bool) -> Result<bool, EpochError> {
    for mark in marks {
        match mark.raise(epoch, must_work) {
            Err(EpochError::Unusable { .. }) if !must_work => {}
            outcome => return outcome.map(|()| true),
        }
    }
    Ok(false)
}

/// Why an epoch is not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EpochError {
    /// The file that remembers the epoch is damaged: what it said cannot be known, so nothing is assumed.
    #[error(
        "{}: {what}; if you are sure that this seal is the newest one, delete that file",
        path.display()
    )]
    Corrupt { path: PathBuf, what: String },
    /// The seal of another application of the same signer, in a place where a different one ran before.
    #[error(
        "this is the seal of {found}, and {remembered} ran here before; if it was renamed on purpose, delete {}",
        path.display()
    )]
    OtherApplication { found: String, remembered: String, path: PathBuf },
    /// An older seal than one that ran here before.
    #[error("epoch {found} is older than {highest}, which was accepted here before (remembered in {})", path.display())]
    Rollback { found: u64, highest: u64, path: PathBuf },
    /// The directory that the operator named cannot be used, or a mark cannot be written.
    #[error("the epoch cannot be remembered in {}: {source}", path.display())]
    Unusable { path: PathBuf, source: io::Error },
}

impl EpochError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::Rollback
    }
}

/// What a mark is kept for, beside the key. For a place: an older seal, or another application's, must not appear there.
/// For an application: going back to the tree of an earlier release in another place is noticed too. That is only asked
/// for in a directory that the operator named; a default one is shared by every deployment of the user, and two of the
/// same application need not be of one age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Application,
    Place,
}

/// One remembered epoch.
struct Mark {
    directory: PathBuf,
    path: PathBuf,
    key: KeyId,
    root: String,
    application: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    epoch: u64,
    key_id: String,
    /// For people who look for the right file to delete.
    root: String,
    /// Whose seal it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
}

impl Mark {
    fn new(directory: &Path, key: KeyId, root: &Path, application: Option<&str>, of: Of) -> Self {
        let mut bytes = key.as_bytes().to_vec();
        match (of, application) {
            (Of::Application, Some(application)) => {
                bytes.extend_from_slice(b"application\0");
                bytes.extend_from_slice(application.as_bytes());
            }
            _ => bytes.extend_from_slice(root.as_os_str().as_encoded_bytes()),
        }
        let name = Digest::of(&bytes).as_bytes()[..16].iter().fold(String::new(), |mut name, byte| {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
        Self {
            directory: directory.to_owned(),
            path: directory.join(format!("{name}.epoch.json")),
            key,
            root: root.to_string_lossy().into_owned(),
            application: application.map(str::to_owned),
        }
    }

    fn raise(&self, epoch: u64, must_work: bool) -> Result<(), EpochError> {
        let fail = |source| EpochError::Unusable { path: self.path.clone(), source };
        create_directory(&self.directory).map_err(fail)?;
        // Held until the end: two starts with different epochs must not leave the lower one behind.
        let lock = open_lock(&self.directory).map_err(fail)?;
        lock.lock().map_err(fail)?;
        if self.check(epoch, must_work)? == Some(epoch) {
            return Ok(());
        }
        let record = Record {
            epoch,
            key_id: self.key.to_string(),
            root: self.root.clone(),
            application: self.application.clone(),
        };
        let mut bytes = serde_json::to_vec(&record).map_err(|error| fail(error.into()))?;
        bytes.push(b'\n');
        Staged::new(&self.directory, &self.path, &bytes, Access::Owner).and_then(Staged::commit).map_err(fail)
    }

    /// The remembered epoch, if any; an error when `epoch` is below it.
    fn check(&self, epoch: u64, must_work: bool) -> Result<Option<u64>, EpochError> {
        let corrupt = |what: String| EpochError::Corrupt { path: self.path.clone(), what };
        let bytes = match read_bounded(&self.path, MAX_FILE, Links::Refuse) {
            Ok(bytes) => bytes,
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Ok(None),
                // A default place that belongs to another user; the next one may be ours.
                io::ErrorKind::PermissionDenied if !must_work => return Ok(None),
                _ => return Err(corrupt(error.to_string())),
            },
        };
        let record: Record = json::from_slice(&bytes).map_err(|error| corrupt(error.to_string()))?;
        if record.key_id != self.key.to_string() {
            return Err(corrupt("belongs to another key".to_owned()));
        }
        if record.application.is_some() && record.application != self.application {
            return Err(EpochError::OtherApplication {
                found: self.application.clone().unwrap_or_else(|| "an application without a name".to_owned()),
                remembered: record.application.unwrap_or_default(),
                path: self.path.clone(),
            });
        }
        if epoch < record.epoch {
            return Err(EpochError::Rollback {
                found: epoch,
                highest: record.epoch,
                path: self.path.clone(),
            });
        }
        Ok(Some(record.epoch))
    }
}

/// Makes the directory, for this user only.
fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn open_lock(directory: &Path) -> io::Result<File> {
    let path = directory.join("lock");
    match Access::Owner.create_new(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::OpenOptions::new().write(true).open(&path)
        }
        outcome => outcome,
    }
}

/// A path may have 4 KiB, and each byte of it six characters in JSON.
const MAX_FILE: u64 = 32 << 10;

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Algorithm, Conditions, Expiration, PrivateKey, Statement, Trust, sign, statement::tests::sample,
            verify,
        },
        *,
    };

    fn at(epoch: u64, key: &PrivateKey) -> VerifiedStatement {
        let envelope = sign(&Statement { epoch, ..sample() }, key);
        let conditions = Conditions { expiration: Expiration::Ignored, min_epoch: 0 };
        verify(&envelope, &Trust::only(key.public().clone()), &conditions).unwrap()
    }

    fn key() -> PrivateKey {
        PrivateKey::generate(Algorithm::Ed25519).unwrap()
    }

    #[test]
    fn the_mark_only_rises_and_is_per_key_and_root() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDirectory::Configured(dir.path().join("a/b"));
        let (first, second) = (key(), key());
        let check = |epoch, key, root: &str| {
            check_and_raise(&at(epoch, key), Path::new(root), &state).map_err(|error| error.code())
        };
        assert_eq!(check(5, &first, "/app"), Ok(vec![]));
        assert_eq!(check(5, &first, "/app"), Ok(vec![]));
        assert_eq!(check(4, &first, "/app"), Err(Code::Rollback));
        assert_eq!(check(6, &first, "/app"), Ok(vec![]));
        assert_eq!(check(5, &first, "/app"), Err(Code::Rollback));
        assert_eq!(check(5, &first, "/other"), Err(Code::Rollback), "the same application in another place");
        assert_eq!(check(1, &second, "/app"), Ok(vec![]));
    }

    #[test]
    fn a_shared_directory_keeps_a_mark_for_each_place_and_notices_another_application() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDirectory::BestEffort(vec![dir.path().to_owned()]);
        let key = key();
        let of = |epoch, name: &str| {
            let envelope = sign(&Statement { epoch, application: Some(name.into()), ..sample() }, &key);
            let conditions = Conditions { expiration: Expiration::Ignored, min_epoch: 0 };
            verify(&envelope, &Trust::only(key.public().clone()), &conditions).unwrap()
        };
        let check =
            |statement: &VerifiedStatement, root: &str| check_and_raise(statement, Path::new(root), &state);
        assert!(check(&of(5, "a"), "/srv/a").is_ok());
        assert!(check(&of(3, "a"), "/srv/a-staging").is_ok());
        let error = check(&of(9, "b"), "/srv/a").unwrap_err();
        assert!(matches!(error, EpochError::OtherApplication { .. }), "{error}");
    }

    #[test]
    fn a_damaged_mark_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDirectory::Configured(dir.path().to_owned());
        let key = key();
        check_and_raise(&at(5, &key), Path::new("/app"), &state).unwrap();
        let path =
            Mark::new(dir.path(), key.public().id(), Path::new("/app"), Some("app"), Of::Application).path;
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(&path).unwrap()) & 0o777, 0o600);
        let record = fs::read_to_string(&path).unwrap();
        let other = record.replace(&key.public().id().to_string(), &"0".repeat(64));
        for text in [
            "",
            "{",
            "{\"epoch\":1}",
            &record.replace("5", "-5"),
            &other,
            &record.repeat(2),
            &" ".repeat(40_000),
        ] {
            fs::write(&path, text).unwrap();
            let error = check_and_raise(&at(9, &key), Path::new("/app"), &state).unwrap_err();
            assert!(matches!(error, EpochError::Corrupt { .. }), "{text}: {error}");
            assert!(error.to_string().contains(path.to_str().unwrap()));
        }
    }

    #[test]
    fn a_configured_directory_must_work_a_default_one_need_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let key = key();
        let check = |state| check_and_raise(&at(5, &key), Path::new("/app"), &state);
        assert!(matches!(check(StateDirectory::Configured(file.clone())), Err(EpochError::Unusable { .. })));
        assert_eq!(check(StateDirectory::BestEffort(vec![file.clone()])).unwrap().len(), 1);
        assert_eq!(check(StateDirectory::BestEffort(vec![])).unwrap().len(), 1);
        let fallback = dir.path().join("state");
        assert!(check(StateDirectory::BestEffort(vec![file, fallback.clone()])).unwrap().is_empty());
        assert_eq!(fs::read_dir(fallback).unwrap().count(), 2);
    }

    #[test]
    fn a_mark_in_any_default_place_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("first"), dir.path().join("second"));
        let key = key();
        let check = |epoch, state| {
            check_and_raise(&at(epoch, &key), Path::new("/app"), &state).map_err(|it| it.code())
        };
        assert_eq!(check(5, StateDirectory::Configured(second.clone())), Ok(vec![]));
        let both = StateDirectory::BestEffort(vec![first.clone(), second]);
        assert_eq!(check(4, both.clone()), Err(Code::Rollback));
        assert_eq!(check(5, both.clone()), Ok(vec![]));
        assert!(!first.exists(), "nothing is written when the epoch is known");
        assert_eq!(check(6, both), Ok(vec![]));
        assert!(first.exists());
    }

    #[test]
    fn starts_at_the_same_time_leave_the_highest_mark() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDirectory::Configured(dir.path().to_owned());
        let key = key();
        let statements: Vec<_> = (1..=16).map(|epoch| at(epoch, &key)).collect();
        std::thread::scope(|scope| {
            for statement in &statements {
                scope.spawn(|| drop(check_and_raise(statement, Path::new("/app"), &state)));
            }
        });
        let mark = Mark::new(dir.path(), key.public().id(), Path::new("/app"), Some("app"), Of::Application);
        assert_eq!(mark.check(16, true).unwrap(), Some(16));
    }

    #[cfg(unix)]
    #[test]
    fn the_environment_chooses_the_place() {
        let from = |pairs: &[(&str, &str)]| {
            StateDirectory::from_variables(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
        };
        let default = |own: &[&str]| {
            StateDirectory::BestEffort(["/var/lib/loadlock"].iter().chain(own).map(PathBuf::from).collect())
        };
        assert_eq!(from(&[("LOADLOCK_STATE_DIR", "/s")]), StateDirectory::Configured("/s".into()));
        assert_eq!(from(&[("HOME", "/h")]), default(&["/h/.local/state/loadlock"]));
        assert_eq!(from(&[("HOME", "/h"), ("XDG_STATE_HOME", "/x")]), default(&["/x/loadlock"]));
        assert_eq!(from(&[("HOME", "h")]), default(&[]));
    }
}
