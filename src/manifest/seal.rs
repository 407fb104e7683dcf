//! Making the seal.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use thiserror::Error;

use super::{
    FileEntry, Manifest, Progress, cycles, exports,
    facts::FileFacts,
    native::{self, Needs},
    read::{KeyGuard, Read},
    tree::SealedTree,
    walk::{ExclusionError, Exclusions, Problem, Walk, walk},
};
use crate::{
    analysis::on_large_stacks,
    attestation::{
        self, Conditions, ENVELOPE_PATH, Expiration, INDEX_PATH, KeyError, KeyId, MANIFEST_PATH,
        PUBLIC_KEY_PATH, PrivateKey, Statement, SubjectDigest, Trust,
        disk::{Access, Links, Staged, read_bounded},
    },
    digest::Digest,
    index::{IndexBuilder, NodePointer},
    module_path::ModulePath,
    policy::{self, Compiled, Diagnostics},
};

/// How to seal.
#[derive(Debug)]
pub struct SealOptions {
    /// The key that signs.
    pub key: PrivateKey,
    /// Where it was read from: it, and every copy of it, must not lie in the tree.
    pub key_path: Option<PathBuf>,
    /// The epoch; without one, one more than the last seal's, and at least the time in seconds.
    pub epoch: Option<u64>,
    /// When the seal becomes void.
    pub expires: Option<Timestamp>,
    /// Patterns of paths to leave out.
    pub exclude: Vec<String>,
    /// Whether the realm is locked down at start. Turning it off leaves integrity open to two lines of JavaScript.
    pub lockdown: bool,
}

/// What was sealed.
#[derive(Debug)]
pub struct SealReport {
    /// The real path of the sealed root.
    pub root: PathBuf,
    /// The key that signed.
    pub key_id: KeyId,
    /// The epoch of the statement.
    pub epoch: u64,
    /// When it becomes void.
    pub expires: Option<Timestamp>,
    /// Number of packages, the application included.
    pub packages: usize,
    /// Number of files.
    pub files: usize,
    /// Number of symbolic links.
    pub links: usize,
    /// Bytes in all files.
    pub bytes: u64,
    /// The manifest's digest.
    pub manifest: Digest,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Seals the tree below `root`: lists, reads and analyses it, and writes manifest, index, public key and, last, the
/// signed statement.
///
/// # Errors
/// [`SealError`]; an existing seal is then still there, or no longer verifies, but no wrong one is.
pub fn seal(root: &Path, options: &SealOptions, progress: &dyn Progress) -> Result<SealReport, SealError> {
    let root = real_root(root)?;
    let guard = KeyGuard::new(&root, options.key_path.as_deref())?;
    let exclude = Exclusions::new(&options.exclude)?;
    let mut warnings = Vec::new();

    progress.begin("Listing", None);
    let Walk { files, links, dangling, problems } = walk(&root, &exclude, progress);
    if !problems.is_empty() {
        return Err(SealError::Tree(problems));
    }
    warnings.extend(
        dangling.iter().map(|path| format!("{path}: is a symbolic link to nothing; it was not sealed")),
    );
    let links: BTreeMap<ModulePath, ModulePath> = links.into_iter().collect();

    progress.begin("Sealing", Some(files.len() as u64));
    let mut read = on_large_stacks(|| Read::tree(&root, files, &links, &guard, progress))?;
    warnings.append(&mut read.warnings);

    progress.begin("Linking", None);
    let tree = SealedTree::new(read.files.keys(), &links, &read.packages);
    for path in exports::unite(&mut read.files, |from, specifier| tree.require(from, specifier)) {
        warnings
            .push(format!("{path}: has too many export names; ES modules will see only its default export"));
    }
    cycles::mark(&mut read.files);
    link_natives(&root, &mut read.files, &tree);

    let policy = compiled(&root, &read, options, &mut warnings)?;
    let manifest = manifest(&mut read, &links, &exclude);
    let (index, index_root) = index(&read, &links, policy.as_ref());
    let epoch = epoch(&root, options, &mut warnings);
    let manifest_text = manifest.to_json();
    let subject = SubjectDigest::of(manifest_text.as_bytes());
    let mut statement = statement(subject, &index, index_root, epoch, options);
    statement.policy = policy.as_ref().map(|policy| policy.settings.policy_digest);
    statement.application =
        manifest.packages.get(&ModulePath::root()).and_then(|package| package.name.clone());
    write(&root, manifest_text.as_bytes(), &index, &statement, &options.key)?;

    Ok(SealReport {
        root,
        key_id: options.key.public().id(),
        epoch,
        expires: options.expires,
        packages: manifest.packages.len(),
        files: read.files.len(),
        links: links.len(),
        bytes: read.files.values().map(|facts| facts.record.size).sum(),
        manifest: subject.blake3,
        warnings,
    })
}

/// Why a tree was not sealed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// A pattern that is no glob.
    #[error(transparent)]
    Exclude(#[from] ExclusionError),
    /// The signing key cannot be encoded or read.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The signing key, or a copy of it, would be shipped with the application.
    #[error("{}: is the private key that seals this tree; it must not lie inside it", .0.display())]
    KeyInTree(PathBuf),
    /// The policy has mistakes.
    #[error("the policy has mistakes")]
    Policy(Box<Diagnostics>),
    /// Capabilities are enforced by objects that only the lockdown protects.
    #[error("{} is enforced only in a locked-down realm", crate::policy::POLICY_PATH)]
    PolicyWithoutLockdown,
    /// The root or the key cannot be read.
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The root is no directory.
    #[error("{}: is not a directory", .0.display())]
    Root(PathBuf),
    /// The tree holds what can be neither sealed nor ignored.
    #[error("{} in the tree cannot be sealed", count(.0.len()))]
    Tree(Vec<Problem>),
    /// An artefact cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// The real path of a directory.
pub(super) fn real_root(root: &Path) -> Result<PathBuf, SealError> {
    let real = root.canonicalize().map_err(|source| SealError::Read { path: root.to_owned(), source })?;
    if real.is_dir() { Ok(real) } else { Err(SealError::Root(root.to_owned())) }
}

fn link_natives(root: &Path, files: &mut BTreeMap<ModulePath, FileFacts>, tree: &SealedTree) {
    let bindings: Vec<(ModulePath, Needs)> =
        files.iter().filter_map(|(path, facts)| Some((path.clone(), facts.native.clone()?))).collect();
    for (path, needs) in bindings {
        let found = native::libraries(&path, &needs, &SealedLibraries { root, tree, files });
        if let Some(facts) = files.get_mut(&path) {
            facts.record.names =
                found.iter().map(|library| format!("{}\0{}", library.name, library.path)).collect();
        }
    }
}

struct SealedLibraries<'a> {
    root: &'a Path,
    tree: &'a SealedTree,
    files: &'a BTreeMap<ModulePath, FileFacts>,
}

impl native::Libraries for SealedLibraries<'_> {
    fn inside(&self, absolute: &str) -> Option<ModulePath> {
        ModulePath::below(self.root, Path::new(absolute))
    }

    fn find(&self, path: &ModulePath) -> Option<ModulePath> {
        self.tree.real_file(path)
    }

    fn needs(&self, library: &ModulePath) -> Option<Needs> {
        // Libraries are hashed in pieces; the few that a binding needs are read once more. Another content than the
        // sealed one says nothing about the sealed one.
        let bytes = read_bounded(&library.to_absolute(self.root), MAX_LIBRARY, Links::Refuse).ok()?;
        (self.files.get(library)?.record.digest == Digest::of(&bytes)).then(|| Needs::read(&bytes))?
    }
}

/// Largest library whose own needs are looked at.
const MAX_LIBRARY: u64 = 512 << 20;

/// What the files use moves into the manifest; nothing else needs it.
fn manifest(read: &mut Read, links: &BTreeMap<ModulePath, ModulePath>, exclude: &Exclusions) -> Manifest {
    let mut manifest =
        Manifest { links: links.clone(), exclude: exclude.patterns().to_vec(), ..Manifest::default() };
    for (path, FileFacts { record, usage, .. }) in &mut read.files {
        let entry = FileEntry {
            format: record.format,
            size: record.size,
            digest: record.digest,
            usage: usage.take(),
        };
        manifest.insert(path, entry);
    }
    for (location, package) in &mut manifest.packages {
        if let Some(record) = read.packages.get(location) {
            (package.name, package.version) = (record.name.clone(), record.version.clone());
        }
    }
    manifest
}

fn index(
    read: &Read,
    links: &BTreeMap<ModulePath, ModulePath>,
    policy: Option<&Compiled>,
) -> (Vec<u8>, NodePointer) {
    let mut index = IndexBuilder::default();
    for (path, facts) in &read.files {
        index.file(path.as_str(), &facts.record);
    }
    for (path, target) in links {
        index.link(path.as_str(), target.as_str());
    }
    for (directory, record) in &read.packages {
        index.package(directory.as_str(), record);
    }
    if let Some(policy) = policy {
        index.settings(policy.settings.encode());
        for (location, grants) in &policy.grants {
            index.grants(location.as_str(), grants.encode());
        }
    }
    index.finish()
}

/// The policy of the root, compiled against what was read; `None` where there is none.
fn compiled(
    root: &Path,
    read: &Read,
    options: &SealOptions,
    warnings: &mut Vec<String>,
) -> Result<Option<Compiled>, SealError> {
    let Some((mut policy, diagnostics)) =
        policy::load_and_compile(root, &read.for_policy).map_err(SealError::Policy)?
    else {
        return Ok(None);
    };
    if !options.lockdown {
        return Err(SealError::PolicyWithoutLockdown);
    }
    warnings.extend(diagnostics.summaries());
    policy.settings.mentioned = read
        .files
        .values()
        .filter(|facts| facts.usage.is_some())
        .fold(0, |all, facts| all | facts.record.globals);
    Ok(Some(policy))
}

/// The epoch to seal with. The last seal counts only if this very key made it: anybody could have put another there, with
/// an epoch that leaves no room above.
fn epoch(root: &Path, options: &SealOptions, warnings: &mut Vec<String>) -> u64 {
    let trust = Trust::only(options.key.public().clone());
    let conditions = Conditions { expiration: Expiration::Ignored, min_epoch: 0 };
    let previous = attestation::read_envelope(root)
        .ok()
        .and_then(|envelope| attestation::verify(&envelope, &trust, &conditions).ok())
        .map(|statement| statement.epoch);
    match (options.epoch, previous) {
        (Some(epoch), Some(previous)) if epoch < previous => {
            warnings.push(format!(
                "epoch {epoch} is below {previous}, the epoch of the seal that it replaces: machines that have run that \
                 one will refuse this one as a roll-back"
            ));
            epoch
        }
        (Some(epoch), _) => epoch,
        (None, previous) => {
            let now = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
            previous.map_or(now, |previous| now.max(previous.saturating_add(1)))
        }
    }
}

fn statement(
    manifest: SubjectDigest,
    index: &[u8],
    index_root: NodePointer,
    epoch: u64,
    options: &SealOptions,
) -> Statement {
    Statement {
        manifest,
        index: SubjectDigest::of(index),
        index_root,
        epoch,
        expires: options.expires,
        application: None,
        lockdown: options.lockdown,
        policy: None,
        tool: concat!("loadlock/", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// Everything is on disk before anything is renamed, and the statement is renamed last: whoever finds a statement finds
/// what it names.
fn write(
    root: &Path,
    manifest: &[u8],
    index: &[u8],
    statement: &Statement,
    key: &PrivateKey,
) -> Result<(), SealError> {
    // Left out of every walk, so that the remains of a crash are never sealed.
    let workshop = root.join(".loadlock");
    fs::create_dir_all(&workshop).map_err(|source| SealError::Write { path: workshop.clone(), source })?;
    let envelope = attestation::sign(statement, key);
    let public = key.public().to_pem()?;
    let contents: [(&str, &[u8]); 4] = [
        (INDEX_PATH, index),
        (MANIFEST_PATH, manifest),
        (PUBLIC_KEY_PATH, public.as_bytes()),
        (ENVELOPE_PATH, &envelope),
    ];
    let mut staged = Vec::new();
    for (path, bytes) in contents {
        let target = root.join(path);
        let file = Staged::new(&workshop, &target, bytes, Access::Everybody);
        staged.push((file.map_err(|source| SealError::Write { path: target.clone(), source })?, target));
    }
    for (file, path) in staged {
        file.commit().map_err(|source| SealError::Write { path, source })?;
    }
    Ok(())
}

fn count(problems: usize) -> String {
    if problems == 1 { "something".to_owned() } else { format!("{problems} things") }
}
