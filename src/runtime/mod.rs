//! What runs inside the application: one [`Runtime`] per process, shared by every thread and worker.
//!
//! A load goes through these steps, each of which can only refuse:
//! 1. [`Runtime::resolve_require`] / [`Runtime::resolve_import`]: the specifier means a sealed file, by [`crate::resolve`].
//! 2. [`Runtime::entry`]: the file is listed; its format and facts come from the index, never from the disk.
//! 3. The package.json files that govern it are still the sealed ones.
//! 4. [`Runtime::read`]: the bytes are read once, at most one more than were sealed, and must have the sealed digest.
//! 5. Those very bytes are handed on: as a string to V8, or as a sealed in-memory file to the dynamic linker.
//!
//! In audit mode a refusal is recorded and then overruled, by [`Runtime::refuse`] and nowhere else.

mod audit;
mod capability;
mod events;
mod native;
mod options;
mod real_path;
mod refusal;
mod start;
mod tokens;

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

pub use self::{
    capability::NOBODY,
    native::NativeHandle,
    options::{Enforcement, NodeFacts, StartOptions},
    refusal::Refusal,
    start::StartReport,
};
use self::{capability::Policy, events::Events, tokens::Tokens};
use crate::{
    digest::Digest,
    error::Code,
    index::{FileRecord, Index, IndexError, PackageRecord},
    module_path::ModulePath,
    resolve::{Failure, ResolveError, ResolveMemo, ResolveOptions, Resolved, Resolver, Tree},
};

/// An open seal and everything that was decided under it.
#[derive(Debug)]
pub struct Runtime {
    root: PathBuf,
    index: Index,
    enforcement: Enforcement,
    /// Whether the seal asks for frozen intrinsics.
    lockdown: bool,
    /// Settings for child processes.
    child_environment: Vec<(String, String)>,
    /// The capability policy, when the seal has one.
    policy: Option<Policy>,
    resolve_options: ResolveOptions,
    memo: Mutex<ResolveMemo>,
    packages: Mutex<HashMap<ModulePath, Option<Arc<PackageRecord>>>>,
    /// Directories whose package.json (if sealed) was compared with the disk.
    checked: Mutex<HashSet<ModulePath>>,
    natives: Mutex<HashMap<ModulePath, Arc<NativeHandle>>>,
    tokens: Tokens,
    events: Events,
}

/// A listed file: where it is and what was sealed about it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Root-relative real path.
    pub path: ModulePath,
    /// What was sealed, or, in audit mode, what was found for a file that was not.
    pub record: FileRecord,
    /// False only in audit mode, for a file that was not sealed.
    pub listed: bool,
}

/// What a specifier means to the shim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A builtin with its `node:` scheme.
    Builtin(String),
    /// The absolute real path of a sealed file.
    File(PathBuf),
    /// Node's own answer, such as `MODULE_NOT_FOUND`.
    Error(ResolveError),
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

impl Runtime {
    /// The runtime of this process, once it was started.
    #[must_use]
    pub fn current() -> Option<&'static Self> {
        RUNTIME.get()
    }

    /// The sealed root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether refusals are enforced or only recorded.
    #[must_use]
    pub fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// What `require(specifier)` in the file `from` (absolute) means.
    ///
    /// # Errors
    /// A [`Refusal`] when the answer would be a file that exists but was not sealed.
    pub fn resolve_require(&self, specifier: &str, from: &str) -> Result<Resolution, Refusal> {
        let from = self.module_path(Path::new(from));
        let outcome = if Path::new(specifier).is_absolute() {
            let trailing = crate::resolve::ends_like_directory(specifier);
            match self.module_path(Path::new(specifier)) {
                Some(path) => {
                    self.with_resolver(|resolver| resolver.require_absolute(&path, trailing, specifier))
                }
                None => return self.refuse(Refusal::outside(specifier)).map(|()| not_found(specifier)),
            }
        } else if let Some(from) = &from {
            self.with_resolver(|resolver| resolver.require(specifier, from))
        } else {
            return Ok(self.without_importer(specifier));
        };
        self.conclude(outcome, specifier, from.as_ref())
    }

    /// What a bare or `#` specifier means to `import` in the file `from` (absolute).
    ///
    /// # Errors
    /// As [`Runtime::resolve_require`].
    pub fn resolve_import(
        &self,
        specifier: &str,
        from: &str,
        conditions: &[&str],
    ) -> Result<Resolution, Refusal> {
        let from = self.module_path(Path::new(from));
        let Some(importer) = &from else { return Ok(self.without_importer(specifier)) };
        let outcome = self.with_resolver(|resolver| resolver.import(specifier, importer, conditions));
        self.conclude(outcome, specifier, from.as_ref())
    }

    /// What the path of a `file:` URL means to `import`.
    ///
    /// # Errors
    /// As [`Runtime::resolve_require`].
    pub fn resolve_path(&self, path: &str) -> Result<Resolution, Refusal> {
        let Some(inside) = self.module_path(Path::new(path)) else {
            return self.refuse(Refusal::outside(path)).map(|()| not_found(path));
        };
        let outcome = self.with_resolver(|resolver| resolver.import_file(&inside, path));
        self.conclude(outcome, path, None)
    }

    /// The entry of an absolute path.
    ///
    /// # Errors
    /// A [`Refusal`] when the file is not listed; in audit mode only when it cannot be read either.
    pub fn entry(&self, path: &str) -> Result<Entry, Refusal> {
        let absolute = Path::new(path);
        let Some(inside) = self.module_path(absolute) else {
            self.refuse(Refusal::outside(path))?;
            return audit::entry(self, absolute, None);
        };
        let real = self
            .with_resolver(|resolver| resolver.real(&inside))
            .map_err(|error| self.index_failed(&error))?;
        match self.index.file(real.as_str()).map_err(|error| self.index_failed(&error))? {
            Some(record) => Ok(Entry { path: real, record, listed: true }),
            None => {
                self.refuse(Refusal::unlisted(&real))?;
                audit::entry(self, absolute, Some(real))
            }
        }
    }

    /// Whether `text` is what was sealed at `path`.
    #[must_use]
    pub fn is_sealed_text(&self, path: &str, text: &str) -> bool {
        let record =
            self.module_path(Path::new(path)).and_then(|path| self.index.file(path.as_str()).ok().flatten());
        let digest = Digest::of(text.as_bytes());
        // Node strips a byte order mark before it hands text on.
        let with_mark = || Digest::of(&["\u{feff}".as_bytes(), text.as_bytes()].concat());
        record.is_some_and(|record| record.digest == digest || record.digest == with_mark())
    }

    /// Reads a file's bytes once, checks them and the package.json files that govern it. The result starts with
    /// `prefix` and ends with `suffix`, so that a wrapper costs no second copy.
    ///
    /// # Errors
    /// A [`Refusal`] when a byte differs from what was sealed.
    pub fn read(&self, entry: &Entry, prefix: &str, suffix: &str) -> Result<Vec<u8>, Refusal> {
        if !entry.listed {
            return audit::read(self, entry, prefix, suffix);
        }
        self.check_packages(&entry.path)?;
        self.read_sealed(&entry.path, &entry.record, prefix, suffix)
    }

    /// Makes a native binding, and the sealed libraries it needs, loadable from memory.
    ///
    /// # Errors
    /// A [`Refusal`] when a byte differs from what was sealed, or the platform refuses.
    pub fn native(&self, entry: &Entry) -> Result<Arc<NativeHandle>, Refusal> {
        native::prepare(self, entry)
    }

    /// Checks that files of loadlock itself, where they lie below the root, are the sealed ones.
    ///
    /// # Errors
    /// A [`Refusal`] with `ERR_LOADLOCK_SELF_CHECK`.
    pub fn self_check<'a>(&self, files: impl IntoIterator<Item = &'a str>) -> Result<(), Refusal> {
        for file in files {
            let Some(path) = self.module_path(Path::new(file)) else { continue };
            let sealed = self.index.file(path.as_str()).map_err(|error| self.index_failed(&error))?;
            let verdict = match sealed {
                Some(record) => self.read_sealed(&path, &record, "", "").map(drop),
                None => Err(Refusal::unlisted(&path)),
            };
            if let Err(refusal) = verdict {
                self.refuse(refusal.with_code(Code::SelfCheck))?;
            }
        }
        Ok(())
    }

    /// A one-time secret that stands for `subject` in generated code.
    ///
    /// # Errors
    /// A [`Refusal`] when the operating system gives no randomness.
    pub fn issue_token(&self, subject: &str) -> Result<String, Refusal> {
        self.tokens.issue(subject)
    }

    /// What a token stands for; it is void afterwards.
    #[must_use]
    pub fn redeem_token(&self, token: &str) -> Option<String> {
        self.tokens.redeem(token)
    }

    /// Records a refusal. In audit mode that is all; otherwise it is also the answer.
    ///
    /// # Errors
    /// The refusal itself, when enforcing.
    pub fn refuse(&self, refusal: Refusal) -> Result<(), Refusal> {
        self.events.record(&refusal, self.enforcement);
        match self.enforcement {
            Enforcement::Audit => Ok(()),
            Enforcement::Enforce => Err(refusal),
        }
    }

    /// Records a refusal that not even audit mode can overrule, since there is nothing that could be loaded instead.
    pub(super) fn deny(&self, refusal: Refusal) -> Refusal {
        self.events.record(&refusal, self.enforcement);
        refusal
    }

    /// Lines for the summary that audit mode prints at exit: one for each different violation, with its count.
    #[must_use]
    pub fn audit_summary(&self) -> Vec<String> {
        self.events.summary()
    }

    /// What a specifier means to code without a file in the root (`createRequire` of a path outside): a builtin, if
    /// anything.
    fn without_importer(&self, specifier: &str) -> Resolution {
        let name = specifier.strip_prefix("node:").unwrap_or(specifier);
        let known = self.resolve_options.builtins.iter().any(|builtin| builtin == specifier);
        if known || name.len() != specifier.len() {
            Resolution::Builtin(format!("node:{name}"))
        } else {
            not_found(specifier)
        }
    }

    fn conclude(
        &self,
        outcome: Result<Resolved, Failure<IndexError>>,
        specifier: &str,
        from: Option<&ModulePath>,
    ) -> Result<Resolution, Refusal> {
        match outcome {
            Ok(Resolved::Builtin(name)) => Ok(Resolution::Builtin(name)),
            Ok(Resolved::File(path)) => Ok(Resolution::File(path.to_absolute(&self.root))),
            Err(Failure::Tree(error)) => Err(self.index_failed(&error)),
            Err(Failure::Resolve(error)) => {
                // Only now, when the load fails anyway, is the disk asked: a file that is there and was not sealed
                // deserves a better message than "not found".
                if matches!(error, ResolveError::NotFound { .. } | ResolveError::ModuleNotFound { .. })
                    && let Some(path) = audit::unsealed_candidate(self, specifier, from, error.path())
                {
                    self.refuse(Refusal::unlisted(&path).asked_by(from))?;
                }
                Ok(Resolution::Error(error))
            }
        }
    }

    /// Compares every sealed package.json from the file's directory up to its package's own directory with the disk.
    /// They decided its format and how it was found; the sealed answers are used either way, but a tree whose
    /// package.json was changed is not the tree that was sealed, and the corpus counts that as tampering.
    fn check_packages(&self, file: &ModulePath) -> Result<(), Refusal> {
        let top = file.package_location();
        let mut directories = Vec::new();
        let mut directory = file.parent();
        while let Some(here) = directory {
            if self.checked.lock().contains(&here) {
                break;
            }
            if let Some(path) = here.join("package.json")
                && let Some(record) =
                    self.index.file(path.as_str()).map_err(|error| self.index_failed(&error))?
            {
                self.read_sealed(&path, &record, "", "")?;
            }
            directory = if here == top { None } else { here.parent() };
            directories.push(here);
        }
        // Remembered only now: after a refusal the next load of the package is refused again.
        self.checked.lock().extend(directories);
        Ok(())
    }

    fn read_sealed(
        &self,
        path: &ModulePath,
        record: &FileRecord,
        prefix: &str,
        suffix: &str,
    ) -> Result<Vec<u8>, Refusal> {
        if record.size > MAX_MODULE {
            return Err(self.deny(Refusal::too_large(path, record.size)));
        }
        let size = usize::try_from(record.size).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(prefix.len() + size + 1 + suffix.len());
        bytes.extend_from_slice(prefix.as_bytes());
        let read = open_regular(&path.to_absolute(&self.root))
            .and_then(|file| file.take(record.size + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return Err(self.deny(Refusal::unreadable(path, record, &error)));
        }
        let body = &bytes[prefix.len()..];
        let found = Digest::of(body);
        if body.len() as u64 != record.size || found != record.digest {
            let refusal = Refusal::changed(path, record, body.len() as u64, found);
            self.refuse(refusal)?;
            // Audit mode: what Node would have run, which may be longer than what was sealed.
            bytes.truncate(prefix.len());
            open_regular(&path.to_absolute(&self.root))
                .and_then(|mut file| file.read_to_end(&mut bytes))
                .map_err(|error| Refusal::unreadable(path, record, &error))?;
        }
        bytes.extend_from_slice(suffix.as_bytes());
        Ok(bytes)
    }

    fn with_resolver<R>(&self, ask: impl FnOnce(&Resolver<'_, Self>) -> R) -> R {
        let memo = self.memo.lock();
        ask(&Resolver::new(self, &self.resolve_options, &memo))
    }

    /// The root-relative path of an absolute one. A path that reaches the root through a symbolic link above it is
    /// looked up on disk; the answer is only ever the name of a sealed file, so a race there gains nothing.
    fn module_path(&self, absolute: &Path) -> Option<ModulePath> {
        ModulePath::below(&self.root, absolute).or_else(|| {
            let real = absolute.canonicalize().ok()?;
            ModulePath::below(&self.root, &real)
        })
    }

    fn index_failed(&self, error: &IndexError) -> Refusal {
        self.deny(Refusal::index(error))
    }
}

impl Tree for Runtime {
    type Error = IndexError;

    fn is_file(&self, path: &ModulePath) -> Result<bool, IndexError> {
        self.index.is_file(path.as_str())
    }

    fn is_directory(&self, path: &ModulePath) -> Result<bool, IndexError> {
        self.index.is_directory(path.as_str())
    }

    fn link(&self, path: &ModulePath) -> Result<Option<ModulePath>, IndexError> {
        Ok(self.index.link(path.as_str())?.and_then(|target| ModulePath::parse(target).ok()))
    }

    fn package(&self, directory: &ModulePath) -> Result<Option<Arc<PackageRecord>>, IndexError> {
        if let Some(known) = self.packages.lock().get(directory) {
            return Ok(known.clone());
        }
        let record = self.index.package(directory.as_str())?.map(Arc::new);
        self.packages.lock().insert(directory.clone(), record.clone());
        Ok(record)
    }
}

/// V8 strings end below 512 MiB (`buffer.constants.MAX_STRING_LENGTH`); nothing larger can be a module.
const MAX_MODULE: u64 = 512 << 20;

fn not_found(specifier: &str) -> Resolution {
    Resolution::Error(ResolveError::not_found(specifier))
}

/// Opens without waiting for a writer when somebody put a FIFO in the file's place.
fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_CLOEXEC);
    options.open(path)
}
