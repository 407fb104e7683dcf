//! A tree as inference sees it: what each file uses, and which file a request means.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Packages;
use crate::{
    analysis::usage::{RequestKind, Usage},
    index::Format,
    module_path::ModulePath,
};

/// What inference may ask about a tree.
pub struct Project<'a> {
    /// Every file.
    pub files: BTreeMap<ModulePath, ProjectFile>,
    /// Every package.
    pub packages: Packages,
    /// The files that the application's package.json names as its entries.
    pub entries: Vec<ModulePath>,
    /// Files of packages that bundlers take for browsers: Node has no use for them, even where they are named.
    pub for_browsers: BTreeSet<ModulePath>,
    /// Programs of packages: people start them, nobody loads them by a computed name.
    pub programs: BTreeSet<ModulePath>,
    /// Resolution.
    pub resolver: Box<dyn Resolve + 'a>,
}

/// A file.
#[derive(Debug)]
pub struct ProjectFile {
    /// How Node would evaluate it.
    pub format: Format,
    /// What it uses, if it is code.
    pub usage: Option<Box<Usage>>,
}

/// Node's resolution over the tree.
pub trait Resolve {
    /// The files that a request in `from` may mean, under the conditions of any supported Node. None for builtins and
    /// for what is not there.
    fn resolve(&self, from: &ModulePath, specifier: &str, kind: RequestKind) -> BTreeSet<ModulePath>;
}

impl Project<'_> {
    /// The files of one package.
    pub(super) fn files_of(
        &self,
        package: &ModulePath,
    ) -> impl Iterator<Item = (&ModulePath, &ProjectFile)> + use<'_> {
        let package = package.clone();
        let prefix = package.clone();
        self.files
            .range(package.clone()..)
            // Everything with this beginning lies together; a sibling with a longer name may too.
            .take_while(move |(path, _)| path.as_str().starts_with(prefix.as_str()))
            .filter(move |(path, _)| owner(path) == package)
    }

    /// What a package of this name is entered by, as seen from a file.
    pub(super) fn find(&self, from: &ModulePath, name: &str) -> BTreeSet<ModulePath> {
        let required = self.resolver.resolve(from, name, RequestKind::Require);
        &required | &self.resolver.resolve(from, name, RequestKind::Dynamic)
    }

    /// Whether a package has native bindings.
    pub(super) fn has_addons(&self, package: &ModulePath) -> bool {
        self.files_of(package).any(|(_, file)| file.format == Format::Addon)
    }
}

impl ProjectFile {
    /// Whether Node can run it.
    pub(super) const fn is_code(&self) -> bool {
        matches!(
            self.format,
            Format::CommonJs | Format::Module | Format::CommonJsTypeScript | Format::ModuleTypeScript
        )
    }
}

/// The package that owns a file.
pub(super) fn owner(file: &ModulePath) -> ModulePath {
    file.parent().unwrap_or_default().package_location()
}
