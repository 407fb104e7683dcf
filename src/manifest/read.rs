//! Reading the whole tree, each file once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    Manifest, Problem, Progress, SealError,
    content::{self, Content},
    facts::{self, FileFacts},
};
use crate::{
    digest::Digest,
    index::PackageRecord,
    module_path::ModulePath,
    policy::tree::{Packages, TreePackage, add},
};

/// What was read of all files.
pub(super) struct Read {
    /// Every sealed file.
    pub(super) files: BTreeMap<ModulePath, FileFacts>,
    /// Every package.json that could be read, by its directory.
    pub(super) packages: BTreeMap<ModulePath, PackageRecord>,
    /// What the policy must know of every package, from the bytes that were hashed.
    pub(super) for_policy: Packages,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
}

impl Read {
    /// Reads every file once. The package.json files come first, because the format of the others depends on them.
    pub(super) fn tree(
        root: &Path,
        files: Vec<ModulePath>,
        links: &BTreeMap<ModulePath, ModulePath>,
        guard: &KeyGuard,
        progress: &dyn Progress,
    ) -> Result<Self, SealError> {
        let (descriptions, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_description);
        let mut scopes = BTreeMap::new();
        let mut read = Self {
            files: BTreeMap::new(),
            packages: BTreeMap::new(),
            for_policy: Packages::new(),
            warnings: Vec::new(),
        };

        let parsed = read_all(root, descriptions, guard, progress, |path, content| {
            (facts::facts(path, content, None), describe(content))
        })?;
        for (path, facts, record) in parsed {
            read.describe(&path, record, &mut scopes);
            read.files.insert(path, facts);
        }
        // A package.json may be a link. Node reads through it, wherever it leads.
        for (path, target) in links.iter().filter(|(path, _)| is_description(path)) {
            let record = Content::read(&target.to_absolute(root), facts::keep(path))
                .map_err(|error| error.to_string())
                .and_then(|content| describe(&content));
            read.describe(path, record, &mut scopes);
        }

        let analysed = read_all(root, others, guard, progress, |path, content| {
            (facts::facts(path, content, module_type(&scopes, path)), ())
        })?;
        for (path, mut facts, ()) in analysed {
            read.warnings.extend(facts.warning.take().map(|warning| format!("{path}: {warning}")));
            read.files.insert(path, facts);
        }
        for path in read.files.keys() {
            read.for_policy.entry(Manifest::owner(path)).or_default();
        }
        Ok(read)
    }

    fn describe(
        &mut self,
        path: &ModulePath,
        record: Result<(PackageRecord, TreePackage), String>,
        scopes: &mut BTreeMap<ModulePath, Option<bool>>,
    ) {
        let directory = path.parent().unwrap_or_default();
        match record {
            Ok((record, package)) => {
                scopes.insert(directory.clone(), record.module);
                add(&mut self.for_policy, &directory, package);
                self.packages.insert(directory, record);
            }
            Err(error) => {
                // Node throws for every file in this scope, so the scope ends here.
                scopes.insert(directory, None);
                self.warnings.push(format!("{path}: {error}; nothing in this package will load"));
            }
        }
    }
}

fn is_description(path: &ModulePath) -> bool {
    path.file_name() == "package.json"
}

fn describe(content: &Content) -> Result<(PackageRecord, TreePackage), String> {
    match content {
        Content::Whole(bytes) => PackageRecord::parse(bytes)
            .map(|record| (record, TreePackage::parse(bytes)))
            .map_err(|error| format!("is not valid JSON: {error}")),
        Content::Hashed { .. } => Err("is too large for a package.json".to_owned()),
    }
}

/// Reads files in parallel and gives the results in order; all problems are collected before any is reported.
fn read_all<T: Send>(
    root: &Path,
    paths: Vec<ModulePath>,
    guard: &KeyGuard,
    progress: &dyn Progress,
    look: impl Fn(&ModulePath, &Content) -> (FileFacts, T) + Sync,
) -> Result<Vec<(ModulePath, FileFacts, T)>, SealError> {
    let outcomes: Vec<_> = paths
        .into_par_iter()
        .map(|path| {
            let absolute = path.to_absolute(root);
            let content = match Content::read(&absolute, facts::keep(&path)) {
                Ok(content) => content,
                Err(source) => {
                    return Err(Failure::Problem(Problem::Unreadable { path: path.as_str().into(), source }));
                }
            };
            let (facts, more) = look(&path, &content);
            progress.advance(1);
            if guard.recognises(&path, &content, facts.record.digest) {
                return Err(Failure::Key(absolute));
            }
            Ok((path, facts, more))
        })
        .collect();
    let mut read = Vec::with_capacity(outcomes.len());
    let mut problems = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(file) => read.push(file),
            Err(Failure::Key(path)) => return Err(SealError::KeyInTree(path)),
            Err(Failure::Problem(problem)) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(SealError::Tree(problems)) }
}

enum Failure {
    Key(PathBuf),
    Problem(Problem),
}

/// The `"type"` that counts for a file: that of the nearest package.json, not looking past a `node_modules` directory.
fn module_type(scopes: &BTreeMap<ModulePath, Option<bool>>, file: &ModulePath) -> Option<bool> {
    let mut directory = file.parent();
    while let Some(here) = directory {
        if here.file_name() == "node_modules" {
            return None;
        }
        if let Some(module) = scopes.get(&here) {
            return *module;
        }
        directory = here.parent();
    }
    None
}

/// Recognises the signing key in the tree: by place, by content, and by name where the content is some private key.
pub(super) struct KeyGuard {
    name: Option<String>,
    digest: Option<Digest>,
}

impl KeyGuard {
    pub(super) fn new(root: &Path, key: Option<&Path>) -> Result<Self, SealError> {
        let Some(key) = key else { return Ok(Self { name: None, digest: None }) };
        let fail = |source| SealError::Read { path: key.to_owned(), source };
        let real = key.canonicalize().map_err(fail)?;
        if real.starts_with(root) {
            return Err(SealError::KeyInTree(key.to_owned()));
        }
        let (digest, _) = content::digest(&real).map_err(fail)?;
        Ok(Self {
            name: key.file_name().and_then(|name| name.to_str()).map(str::to_owned),
            digest: Some(digest),
        })
    }

    fn recognises(&self, path: &ModulePath, content: &Content, digest: Digest) -> bool {
        let is_private_key = || match content {
            Content::Whole(bytes) => bytes.windows(PRIVATE_KEY.len()).any(|window| window == PRIVATE_KEY),
            Content::Hashed { .. } => false,
        };
        self.digest == Some(digest) || self.name.as_deref() == Some(path.file_name()) && is_private_key()
    }
}

const PRIVATE_KEY: &[u8] = b"-----BEGIN PRIVATE KEY-----";
