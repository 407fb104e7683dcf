//! A tree as it is now, for what works on policies: nothing is sealed, nothing is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Progress, SealError,
    facts::FileFacts,
    read::{KeyGuard, Read},
    seal::real_root,
    tree::SealedTree,
    walk::{Exclusions, walk},
};
use crate::{
    analysis::usage::RequestKind,
    index::PackageRecord,
    module_path::ModulePath,
    policy::{
        Packages, TreePackage,
        project::{Project, ProjectFile, Resolve},
    },
};

/// A tree that was read and analysed.
pub struct Survey {
    /// Its real path.
    pub root: PathBuf,
    /// Its packages.
    pub packages: Packages,
    /// What the user should know.
    pub warnings: Vec<String>,
    files: BTreeMap<ModulePath, FileFacts>,
    records: BTreeMap<ModulePath, PackageRecord>,
    tree: SealedTree,
}

/// Reads the tree below `root` as [`super::seal()`] does.
///
/// # Errors
/// As [`super::seal()`].
pub fn survey(root: &Path, exclude: &[String], progress: &dyn Progress) -> Result<Survey, SealError> {
    let root = real_root(root)?;
    let guard = KeyGuard::new(&root, None)?;
    progress.begin("Listing", None);
    let walk = walk(&root, &Exclusions::new(exclude)?, progress);
    if !walk.problems.is_empty() {
        return Err(SealError::Tree(walk.problems));
    }
    let links: BTreeMap<ModulePath, ModulePath> = walk.links.into_iter().collect();
    progress.begin("Analysing", Some(walk.files.len() as u64));
    let read = Read::tree(&root, walk.files, &links, &guard, progress)?;
    let tree = SealedTree::new(read.files.keys(), &links, &read.packages);
    Ok(Survey {
        root,
        packages: read.for_policy,
        warnings: read.warnings,
        files: read.files,
        records: read.packages,
        tree,
    })
}

impl Survey {
    /// What inference works on.
    #[must_use]
    pub fn into_project(self) -> (Project<'static>, PathBuf) {
        let entries = self.entries();
        let for_browsers = self.targets(|package| &package.for_browsers);
        let programs = self.targets(|package| &package.programs);
        // What Node enters by is not only for browsers, whatever else it is named for.
        let mains: BTreeSet<ModulePath> = self
            .records
            .iter()
            .filter_map(|(directory, record)| self.file(directory, record.main.as_deref().unwrap_or(".")))
            .collect();
        let files = self
            .files
            .into_iter()
            .map(|(path, facts)| (path, ProjectFile { format: facts.record.format, usage: facts.usage }));
        let project = Project {
            files: files.collect(),
            packages: self.packages,
            for_browsers: for_browsers.difference(&mains).cloned().collect(),
            programs,
            entries,
            resolver: Box::new(self.tree),
        };
        (project, self.root)
    }

    /// The files that the application's package.json names.
    fn entries(&self) -> Vec<ModulePath> {
        let root = ModulePath::root();
        let mut targets = BTreeSet::new();
        if let Some(record) = self.records.get(&root) {
            targets.extend(record.main.clone());
            leaves(record.exports.as_ref().unwrap_or(&Value::Null), &mut targets);
        }
        if let Some(package) = self.packages.get(&root) {
            targets.extend(package.programs.iter().cloned());
        }
        targets.iter().filter_map(|target| self.file(&root, target)).collect()
    }

    /// The files that packages other than the application name in a field.
    fn targets(&self, field: impl Fn(&TreePackage) -> &BTreeSet<String>) -> BTreeSet<ModulePath> {
        let packages = self.packages.iter().filter(|(location, _)| **location != ModulePath::root());
        packages
            .flat_map(|(location, package)| field(package).iter().filter_map(|it| self.file(location, it)))
            .collect()
    }

    /// The file that a package.json in `directory` means by `target`.
    fn file(&self, directory: &ModulePath, target: &str) -> Option<ModulePath> {
        let target = if target.starts_with('.') { target.to_owned() } else { format!("./{target}") };
        self.tree.require(&directory.join("package.json")?, &target)
    }
}

impl Resolve for SealedTree {
    fn resolve(&self, from: &ModulePath, specifier: &str, kind: RequestKind) -> BTreeSet<ModulePath> {
        match kind {
            RequestKind::Import | RequestKind::Export | RequestKind::Dynamic => {
                self.resolve(from, specifier, true)
            }
            RequestKind::Require => self.resolve(from, specifier, false),
            // Nothing tells which of the two resolved it.
            RequestKind::Resolve => {
                &self.resolve(from, specifier, true) | &self.resolve(from, specifier, false)
            }
            RequestKind::Builtin => BTreeSet::new(),
        }
    }
}

/// Every text in a value.
fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            out.insert(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| leaves(value, out)),
        Value::Object(map) => map.values().for_each(|value| leaves(value, out)),
        _ => {}
    }
}
