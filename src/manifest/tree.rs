//! The tree as resolution sees it, in memory, before there is an index.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    convert::Infallible,
    sync::Arc,
};

use crate::{
    analysis::BUILTIN_MODULES,
    index::PackageRecord,
    module_path::ModulePath,
    resolve::{ResolveMemo, ResolveOptions, Resolved, Resolver, Tree},
};

/// Files, links and package.json files by path.
#[derive(Debug, Default)]
pub(super) struct SealedTree {
    files: HashSet<ModulePath>,
    directories: HashSet<ModulePath>,
    links: HashMap<ModulePath, ModulePath>,
    packages: HashMap<ModulePath, Arc<PackageRecord>>,
    options: ResolveOptions,
    memo: ResolveMemo,
}

impl SealedTree {
    pub(super) fn new<'a>(
        files: impl Iterator<Item = &'a ModulePath>,
        links: &BTreeMap<ModulePath, ModulePath>,
        packages: &BTreeMap<ModulePath, PackageRecord>,
    ) -> Self {
        let mut tree = Self {
            links: links.iter().map(|(path, target)| (path.clone(), target.clone())).collect(),
            packages: packages
                .iter()
                .map(|(path, record)| (path.clone(), Arc::new(record.clone())))
                .collect(),
            options: ResolveOptions {
                extensions: [".js", ".json", ".node"].map(str::to_owned).into(),
                require_conditions: ["node", "require", "module-sync", "node-addons"]
                    .map(str::to_owned)
                    .into(),
                // Only used to find out that a re-export is not a file; at run time the list is Node's own.
                builtins: BUILTIN_MODULES.iter().copied().map(str::to_owned).collect(),
                ..ResolveOptions::default()
            },
            ..Self::default()
        };
        for file in files {
            let mut directory = file.parent();
            while let Some(here) = directory {
                directory = here.parent();
                if !tree.directories.insert(here) {
                    break;
                }
            }
            tree.files.insert(file.clone());
        }
        tree
    }

    /// The sealed file that `require(specifier)` means in the file `from`.
    pub(super) fn require(&self, from: &ModulePath, specifier: &str) -> Option<ModulePath> {
        match self.resolver().require(specifier, from) {
            Ok(Resolved::File(path)) => Some(path),
            _ => None,
        }
    }

    /// The files that a request may mean under the conditions of any supported Node, with `import` or with `require`.
    pub(super) fn resolve(&self, from: &ModulePath, specifier: &str, imported: bool) -> BTreeSet<ModulePath> {
        let mut found = BTreeSet::new();
        for module_sync in [true, false] {
            let resolved = if imported {
                let conditions = ["node", "import", "node-addons", "module-sync"];
                let conditions = &conditions[..if module_sync { 4 } else { 3 }];
                match specifier {
                    _ if specifier.starts_with(['.', '/']) => from
                        .parent()
                        .unwrap_or_default()
                        .join(specifier.split(['?', '#']).next().unwrap_or(specifier))
                        .and_then(|path| self.resolver().import_file(&path, specifier).ok()),
                    _ => self.resolver().import(specifier, from, conditions).ok(),
                }
            } else {
                let mut options = self.options.clone();
                options.require_conditions.retain(|condition| module_sync || condition != "module-sync");
                Resolver::new(self, &options, &self.memo).require(specifier, from).ok()
            };
            if let Some(Resolved::File(path)) = resolved {
                found.insert(path);
            }
        }
        found
    }

    /// The real path of the file at `path`, through sealed links.
    pub(super) fn real_file(&self, path: &ModulePath) -> Option<ModulePath> {
        let Ok(real) = self.resolver().real(path);
        self.files.contains(&real).then_some(real)
    }

    fn resolver(&self) -> Resolver<'_, Self> {
        Resolver::new(self, &self.options, &self.memo)
    }
}

impl Tree for SealedTree {
    type Error = Infallible;

    fn is_file(&self, path: &ModulePath) -> Result<bool, Infallible> {
        Ok(self.files.contains(path))
    }

    fn is_directory(&self, path: &ModulePath) -> Result<bool, Infallible> {
        Ok(self.directories.contains(path))
    }

    fn link(&self, path: &ModulePath) -> Result<Option<ModulePath>, Infallible> {
        Ok(self.links.get(path).cloned())
    }

    fn package(&self, directory: &ModulePath) -> Result<Option<Arc<PackageRecord>>, Infallible> {
        Ok(self.packages.get(directory).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requires_are_resolved_in_the_tree() {
        let path = |text: &str| ModulePath::parse(text).unwrap();
        let files =
            ["app.js", "packages/a/lib.js", "packages/a/package.json", "node_modules/events/index.js"];
        let files = files.map(path);
        let links = BTreeMap::from([(path("node_modules/a"), path("packages/a"))]);
        let record = PackageRecord { main: Some("lib".into()), ..PackageRecord::default() };
        let packages = BTreeMap::from([(path("packages/a"), record)]);
        let tree = SealedTree::new(files.iter(), &links, &packages);
        for (specifier, expected) in [
            ("a", Some("packages/a/lib.js")),
            ("./app", Some("app.js")),
            ("events", None),
            ("events/", Some("node_modules/events/index.js")),
            ("./b", None),
        ] {
            assert_eq!(tree.require(&path("app.js"), specifier), expected.map(path), "{specifier}");
        }
        assert_eq!(tree.real_file(&path("node_modules/a/lib.js")), Some(path("packages/a/lib.js")));
        assert_eq!(tree.real_file(&path("node_modules/a")), None);
    }
}
