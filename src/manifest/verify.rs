//! Comparing a tree with its seal.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use thiserror::Error;

use super::{
    FileEntry, Manifest, ManifestError, Package, Problem, Progress, content,
    format::MAX_SIZE,
    walk::{ExclusionError, Exclusions, Walk, walk},
};
use crate::{
    attestation::{
        self, AttestationError, Conditions, ENVELOPE_PATH, INDEX_PATH, MANIFEST_PATH, SubjectDigest, Trust,
        VerifiedStatement,
        disk::{Links, read_bounded},
    },
    error::Code,
    module_path::ModulePath,
};

/// Checks the signature, then the digests of manifest and index, then every file of the tree at `root` against the
/// manifest.
///
/// # Errors
/// [`VerifyError`] when the seal itself cannot be believed or read; differences of files are findings of the report.
pub fn verify(
    root: &Path,
    trust: &Trust,
    conditions: &Conditions,
    progress: &dyn Progress,
) -> Result<VerifyReport, VerifyError> {
    let root = root.canonicalize().map_err(|source| VerifyError::Read { path: root.to_owned(), source })?;
    let statement = read_statement(&root, trust, conditions)?;
    let manifest = read_subject(&root, MANIFEST_PATH, MAX_SIZE, &statement.manifest)?;
    let manifest = Manifest::parse(&manifest)?;
    read_subject(&root, INDEX_PATH, MAX_INDEX, &statement.index)?;

    progress.begin("Listing", None);
    let walk = walk(&root, &Exclusions::new(&manifest.exclude)?, progress);
    progress.begin("Verifying", Some(walk.files.len() as u64));
    let mut comparison = Comparison::new(&root, &manifest);
    comparison.files(&walk, progress);
    comparison.links(&walk);
    comparison.problems(walk);
    comparison.missing();
    Ok(comparison.report(statement))
}

/// Reads and verifies the signed statement of a tree, without looking at its files.
///
/// # Errors
/// [`VerifyError`] when there is none or it cannot be believed.
pub fn read_statement(
    root: &Path,
    trust: &Trust,
    conditions: &Conditions,
) -> Result<VerifiedStatement, VerifyError> {
    let envelope = match attestation::read_envelope(root) {
        Ok(envelope) => envelope,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(VerifyError::NoManifest(root.to_owned()));
        }
        Err(source) => return Err(VerifyError::Read { path: root.join(ENVELOPE_PATH), source }),
    };
    Ok(attestation::verify(&envelope, trust, conditions)?)
}

/// What a tree has that its seal has not, and the other way round.
#[derive(Debug)]
pub struct VerifyReport {
    /// The real path of the root.
    pub root: PathBuf,
    /// What was signed, and by whom.
    pub statement: VerifiedStatement,
    /// Number of sealed packages.
    pub packages: usize,
    /// Number of sealed files.
    pub files: usize,
    /// Every difference, by package and path.
    pub findings: Vec<Finding>,
    /// What could not be compared.
    pub unreadable: Vec<Problem>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The location of the package; empty for the application.
    pub package: ModulePath,
    /// Its name and version, as sealed.
    pub label: String,
    /// The path below the root, as it is: escape it before a terminal sees it.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// What was sealed.
    pub expected: Option<String>,
    /// What is there.
    pub found: Option<String>,
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is there and was not sealed.
    Added,
    /// It is not what was sealed.
    Changed,
    /// It was sealed and is not there.
    Missing,
}

impl Change {
    /// The word for people and machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Missing => "missing",
        }
    }
}

/// Why a seal cannot be believed or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The envelope or its statement.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    /// A signed manifest with a pattern that is no glob.
    #[error(transparent)]
    Exclude(#[from] ExclusionError),
    /// A signed manifest that does not parse.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The tree was never sealed, or its statement was taken away.
    #[error("{}: is not sealed: there is no {ENVELOPE_PATH}", .0.display())]
    NoManifest(PathBuf),
    /// An artefact that cannot be read.
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The manifest or the index is not the one whose digest was signed.
    #[error("{}: is not the one that was signed: its digest is {found}, signed was {expected}", path.display())]
    Subject { path: PathBuf, expected: String, found: String },
}

impl VerifyError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Attestation(error) => error.code(),
            Self::Exclude(_) | Self::Manifest(_) | Self::Read { .. } => Code::Format,
            Self::NoManifest(_) => Code::NoManifest,
            Self::Subject { .. } => Code::Signature,
        }
    }
}

fn read_subject(
    root: &Path,
    path: &str,
    limit: u64,
    expected: &SubjectDigest,
) -> Result<Vec<u8>, VerifyError> {
    let path = root.join(path);
    let bytes = match read_bounded(&path, limit, Links::Refuse) {
        Ok(bytes) => bytes,
        Err(source) => return Err(VerifyError::Read { path, source }),
    };
    let found = SubjectDigest::of(&bytes);
    if found != *expected {
        let (expected, found) = (expected.blake3.to_string(), found.blake3.to_string());
        return Err(VerifyError::Subject { path, expected, found });
    }
    Ok(bytes)
}

/// An index is about twice as large as the manifest's paths.
const MAX_INDEX: u64 = 1 << 30;

struct Comparison<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    /// Sealed files that were not met yet.
    files: BTreeMap<ModulePath, &'a FileEntry>,
    /// Sealed links that were not met yet.
    links: BTreeMap<&'a ModulePath, &'a ModulePath>,
    findings: Vec<Finding>,
    unreadable: Vec<Problem>,
}

impl<'a> Comparison<'a> {
    fn new(root: &'a Path, manifest: &'a Manifest) -> Self {
        Self {
            root,
            manifest,
            files: manifest.files().collect(),
            links: manifest.links.iter().collect(),
            findings: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    fn files(&mut self, walk: &Walk, progress: &dyn Progress) {
        // Only sealed files are read: what an unsealed one contains does not matter.
        let read: Vec<_> = walk
            .files
            .par_iter()
            .map(|path| {
                let found =
                    self.files.contains_key(path).then(|| content::digest(&path.to_absolute(self.root)));
                progress.advance(1);
                (path, found)
            })
            .collect();
        for (path, found) in read {
            match (self.expected(path), found) {
                (_, Some(Err(source))) => {
                    self.unreadable.push(Problem::Unreadable { path: path.as_str().into(), source });
                }
                (Some(expected), Some(Ok((digest, _)))) => {
                    let found = format!("blake3:{digest}");
                    if expected != found {
                        self.find(path, Change::Changed, Some(expected), Some(found));
                    }
                }
                (Some(expected), None) => {
                    self.find(path, Change::Changed, Some(expected), Some("a file".into()))
                }
                (None, _) => self.find(path, Change::Added, None, None),
            }
        }
    }

    fn links(&mut self, walk: &Walk) {
        for (path, target) in &walk.links {
            let found = link_to(target);
            match self.expected(path) {
                Some(expected) if expected == found => {}
                Some(expected) => self.find(path, Change::Changed, Some(expected), Some(found)),
                None => self.find(path, Change::Added, None, Some(found)),
            }
        }
        // A link to nothing is never sealed, so it is no news unless it took somebody's place.
        for path in &walk.dangling {
            if let Some(expected) = self.expected(path) {
                self.find(path, Change::Changed, Some(expected), Some("a link to nothing".to_owned()));
            }
        }
    }

    fn problems(&mut self, walk: Walk) {
        for problem in walk.problems {
            if matches!(problem, Problem::Unreadable { .. }) {
                self.unreadable.push(problem);
                continue;
            }
            let found = match &problem {
                Problem::LeavesRoot { target, .. } => format!("a link to {}", target.display()),
                Problem::LinkLoop(_) => "a link to itself".to_owned(),
                Problem::Special { what, .. } => format!("a {what}"),
                _ => "a name that cannot be sealed".to_owned(),
            };
            match problem.path().to_str().and_then(|path| ModulePath::parse(path).ok()) {
                Some(path) => {
                    let expected = self.expected(&path);
                    let change = if expected.is_some() { Change::Changed } else { Change::Added };
                    self.find(&path, change, expected, Some(found));
                }
                None => self.findings.push(Finding {
                    package: ModulePath::root(),
                    label: label(&ModulePath::root(), self.manifest.packages.get(&ModulePath::root())),
                    path: problem.path().to_string_lossy().into_owned(),
                    change: Change::Added,
                    expected: None,
                    found: Some(found),
                }),
            }
        }
    }

    fn missing(&mut self) {
        // Below a directory that cannot be read nothing is known to be missing.
        let hidden: BTreeSet<&Path> = self.unreadable.iter().map(Problem::path).collect();
        let is_hidden =
            |path: &ModulePath| Path::new(path.as_str()).ancestors().any(|it| hidden.contains(it));
        let gone = self.files.keys().chain(self.links.keys().copied()).filter(|path| !is_hidden(path));
        for path in gone.cloned().collect::<Vec<_>>() {
            let expected = self.expected(&path);
            self.find(&path, Change::Missing, expected, None);
        }
    }

    fn report(mut self, statement: VerifiedStatement) -> VerifyReport {
        self.findings.sort();
        VerifyReport {
            root: self.root.to_owned(),
            statement,
            packages: self.manifest.packages.len(),
            files: self.manifest.files().count(),
            findings: self.findings,
            unreadable: self.unreadable,
        }
    }

    /// What was sealed at a path, in words; the path counts as met.
    fn expected(&mut self, path: &ModulePath) -> Option<String> {
        if let Some(entry) = self.files.remove(path) {
            return Some(format!("blake3:{}", entry.digest));
        }
        self.links.remove(path).map(link_to)
    }

    fn find(&mut self, path: &ModulePath, change: Change, expected: Option<String>, found: Option<String>) {
        let package = Manifest::owner(path);
        let label = label(&package, self.manifest.packages.get(&package));
        let path = path.as_str().to_owned();
        self.findings.push(Finding { package, label, path, change, expected, found });
    }
}

fn link_to(target: &ModulePath) -> String {
    format!("a link to {target}")
}

fn label(location: &ModulePath, package: Option<&Package>) -> String {
    let name = package.and_then(|package| package.name.as_deref());
    let version = package.and_then(|package| package.version.as_deref());
    match (name, version) {
        (Some(name), Some(version)) => format!("{name}@{version}"),
        (Some(name), None) => name.to_owned(),
        (None, _) if *location == ModulePath::root() => "the application".to_owned(),
        (None, _) => location.to_string(),
    }
}
