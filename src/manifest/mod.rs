//! What is in a sealed tree: making the seal, and comparing a tree with it.
//!
//! Phases of [`seal()`], each in its own file:
//! 1. [`walk`] lists the tree in parallel; what cannot be sealed (a FIFO, a link that leaves the root) is an error.
//! 2. [`facts`] reads every file once: the bytes that are hashed are the bytes that are analysed.
//! 3. `exports` follows `module.exports = require(…)` across files, `cycles` finds ES modules that import one another,
//!    `native` follows `DT_NEEDED`.
//! 4. [`mod@format`] writes the manifest for people, [`crate::index`] the index for the loader, [`crate::attestation`] the
//!    signed statement about both.
//!
//! [`verify()`] goes the other way: signature, digests of both artefacts, then every file.
//!
//! Everything is sorted and nothing depends on time or on the order in which threads finish: the same tree gives the
//! same bytes.

mod content;
mod cycles;
mod exports;
pub mod facts;
pub mod format;
mod native;
pub mod progress;
mod read;
pub mod seal;
pub mod survey;
mod tree;
pub mod verify;
pub mod walk;

use std::collections::BTreeMap;

use crate::{analysis::usage::Usage, digest::Digest, index::Format, module_path::ModulePath};

pub use self::{
    format::ManifestError,
    progress::Progress,
    seal::{SealError, SealOptions, SealReport, seal},
    survey::{Survey, survey},
    verify::{Change, Finding, VerifyError, VerifyReport, verify},
    walk::{Exclusions, Problem},
};

/// The content of `loadlock.manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// Patterns of paths that were left out, sorted: `verify` must leave out the same.
    pub exclude: Vec<String>,
    /// Every symbolic link and its real target, both below the root.
    pub links: BTreeMap<ModulePath, ModulePath>,
    /// Every package by its location; the application is at the empty path.
    pub packages: BTreeMap<ModulePath, Package>,
}

/// The files of one package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Package {
    /// What its package.json claims, for people.
    pub name: Option<String>,
    /// What its package.json claims, for people.
    pub version: Option<String>,
    /// Its files, relative to its location.
    pub files: BTreeMap<ModulePath, FileEntry>,
}

/// One sealed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// How Node would evaluate it.
    pub format: Format,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of its bytes.
    pub digest: Digest,
    /// What these bytes use, when they are code; nothing when there is nothing to tell.
    pub usage: Option<Box<Usage>>,
}

impl Manifest {
    /// The package that a file belongs to. Unlike [`ModulePath::package_location`] it takes the path of a *file*: one
    /// that lies directly in `node_modules` belongs to the package around it and is no package itself.
    #[must_use]
    pub fn owner(file: &ModulePath) -> ModulePath {
        file.parent().unwrap_or_default().package_location()
    }

    /// Adds or replaces a file, given by its root-relative path.
    pub fn insert(&mut self, file: &ModulePath, entry: FileEntry) {
        let owner = Self::owner(file);
        let relative = relative_to(&owner, file);
        self.packages.entry(owner).or_default().files.insert(relative, entry);
    }

    /// The entry of a file, by its root-relative path.
    #[must_use]
    pub fn file(&self, file: &ModulePath) -> Option<&FileEntry> {
        let owner = Self::owner(file);
        self.packages.get(&owner)?.files.get(&relative_to(&owner, file))
    }

    /// Every file with its root-relative path.
    pub fn files(&self) -> impl Iterator<Item = (ModulePath, &FileEntry)> {
        self.packages.iter().flat_map(|(location, package)| {
            package.files.iter().map(|(relative, entry)| (below(location, relative), entry))
        })
    }
}

/// `file` without the leading `owner`, which must be one of its ancestors.
fn relative_to(owner: &ModulePath, file: &ModulePath) -> ModulePath {
    let text = file.as_str().strip_prefix(owner.as_str()).unwrap_or(file.as_str());
    // A suffix of a normal path that starts after a slash is normal.
    ModulePath::parse(text.strip_prefix('/').unwrap_or(text)).unwrap_or_default()
}

fn below(location: &ModulePath, relative: &ModulePath) -> ModulePath {
    // Joining normal segments to a normal path cannot climb.
    location.join(relative.as_str()).unwrap_or_default()
}
