//! Node's module resolution, answered from the sealed tree alone.
//!
//! The file system is never asked: a file that was planted after the seal, a package.json whose `main` was changed, a
//! new symbolic link or a nearer `node_modules` cannot change what a specifier means, because none of them is in the
//! [`Tree`]. The price is that the algorithm is written here once more; it follows the two specifications step by step
//! and `__test__/resolve` compares it with Node over real trees:
//! * `require`: <https://nodejs.org/api/modules.html#all-together>, `lib/internal/modules/cjs/loader.js`
//! * `import`: <https://nodejs.org/api/esm.html#resolution-algorithm-specification>, `lib/internal/modules/esm/resolve.js`
//!
//! Not followed on purpose: `--preserve-symlinks` (identity is the real location, I11) and lookups above the root.

mod commonjs;
mod error;
mod esm;
mod package;

use std::{cell::RefCell, collections::HashMap, sync::Arc};

pub use self::{commonjs::ends_like_directory, error::ResolveError};
use crate::{index::PackageRecord, module_path::ModulePath};

/// What resolution may ask about the sealed tree. Paths are root-relative; links are *not* followed by the tree.
pub trait Tree {
    /// Why the tree could not answer.
    type Error;

    /// Whether a regular file was sealed at exactly this path.
    ///
    /// # Errors
    /// When the tree cannot answer.
    fn is_file(&self, path: &ModulePath) -> Result<bool, Self::Error>;

    /// Whether any sealed file or link lies below this path.
    ///
    /// # Errors
    /// When the tree cannot answer.
    fn is_directory(&self, path: &ModulePath) -> Result<bool, Self::Error>;

    /// The target of a sealed symbolic link, already a real path.
    ///
    /// # Errors
    /// When the tree cannot answer.
    fn link(&self, path: &ModulePath) -> Result<Option<ModulePath>, Self::Error>;

    /// The sealed package.json of a directory.
    ///
    /// # Errors
    /// When the tree cannot answer.
    fn package(&self, directory: &ModulePath) -> Result<Option<Arc<PackageRecord>>, Self::Error>;
}

/// What differs between Node versions and command lines.
#[derive(Debug, Clone, Default)]
pub struct ResolveOptions {
    /// Keys of `Module._extensions` in order: the suffixes that `require` tries.
    pub extensions: Vec<String>,
    /// Conditions of `require`, without `default`.
    pub require_conditions: Vec<String>,
    /// `module.builtinModules`: names that mean a builtin without the `node:` scheme.
    pub builtins: Vec<String>,
    /// Directories of NODE_PATH that lie inside the root.
    pub node_path: Vec<ModulePath>,
    /// Whether `#/name` is a valid key of `imports` (Node 25.4 and later).
    pub hash_slash: bool,
}

/// What a specifier means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A builtin, always with its `node:` scheme.
    Builtin(String),
    /// The real path of a sealed file.
    File(ModulePath),
}

/// One tree with one set of options. Keeps what it found out about links and package.json files.
pub struct Resolver<'a, T: Tree> {
    tree: &'a T,
    options: &'a ResolveOptions,
    memo: &'a ResolveMemo,
}

/// What a [`Resolver`] remembers between calls; facts of an immutable tree, so it never has to be cleared.
#[derive(Debug, Default)]
pub struct ResolveMemo {
    real: RefCell<HashMap<ModulePath, ModulePath>>,
}

/// A refusal of resolution, or the tree's own failure.
pub type Outcome<V, T> = Result<V, Failure<<T as Tree>::Error>>;

/// Either the specifier has no meaning, or the tree failed.
#[derive(Debug)]
pub enum Failure<E> {
    /// Node's own kind of answer, to be thrown to the importer.
    Resolve(ResolveError),
    /// The tree failed: nothing may load.
    Tree(E),
}

impl<E> From<ResolveError> for Failure<E> {
    fn from(error: ResolveError) -> Self {
        Self::Resolve(error)
    }
}

impl<'a, T: Tree> Resolver<'a, T> {
    /// A resolver over `tree`.
    pub fn new(tree: &'a T, options: &'a ResolveOptions, memo: &'a ResolveMemo) -> Self {
        Self { tree, options, memo }
    }

    /// The real location of a path: every sealed link on the way replaced by its target.
    ///
    /// # Errors
    /// When the tree cannot answer.
    pub fn real(&self, path: &ModulePath) -> Result<ModulePath, T::Error> {
        let Some(parent) = path.parent() else { return Ok(ModulePath::root()) };
        if let Some(real) = self.memo.real.borrow().get(path) {
            return Ok(real.clone());
        }
        let parent = self.real(&parent)?;
        let here = parent.join(path.file_name()).unwrap_or_else(|| path.clone());
        let real = self.tree.link(&here)?.unwrap_or(here);
        self.memo.real.borrow_mut().insert(path.clone(), real.clone());
        Ok(real)
    }

    /// The real path of a file, `None` when no file was sealed there.
    fn file(&self, path: &ModulePath) -> Outcome<Option<ModulePath>, T> {
        let real = self.real(path).map_err(Failure::Tree)?;
        Ok(self.tree.is_file(&real).map_err(Failure::Tree)?.then_some(real))
    }

    fn directory(&self, path: &ModulePath) -> Outcome<bool, T> {
        let real = self.real(path).map_err(Failure::Tree)?;
        self.tree.is_directory(&real).map_err(Failure::Tree)
    }

    /// The package.json of exactly this directory.
    fn package(&self, directory: &ModulePath) -> Outcome<Option<Arc<PackageRecord>>, T> {
        let real = self.real(directory).map_err(Failure::Tree)?;
        self.tree.package(&real).map_err(Failure::Tree)
    }

    /// The nearest package.json above a file, not looking past a `node_modules` directory (LOOKUP_PACKAGE_SCOPE).
    fn scope(&self, file: &ModulePath) -> Outcome<Option<(ModulePath, Arc<PackageRecord>)>, T> {
        let mut directory = file.parent();
        while let Some(here) = directory {
            if here.file_name() == "node_modules" {
                return Ok(None);
            }
            if let Some(package) = self.package(&here)? {
                return Ok(Some((here, package)));
            }
            directory = here.parent();
        }
        Ok(None)
    }

    fn is_builtin(&self, name: &str) -> bool {
        self.options.builtins.iter().any(|builtin| builtin == name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        convert::Infallible,
    };

    use super::*;

    /// A tree written down as text: `path`, `path -> target` or `path {json}` lines.
    #[derive(Default)]
    pub(crate) struct TextTree {
        files: BTreeSet<String>,
        links: BTreeMap<String, String>,
        packages: BTreeMap<String, Arc<PackageRecord>>,
    }

    impl TextTree {
        pub(crate) fn new(text: &str) -> Self {
            let mut tree = Self::default();
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                if let Some((link, target)) = line.split_once(" -> ") {
                    tree.links.insert(link.into(), target.into());
                } else if let Some((file, json)) = line.split_once(' ') {
                    tree.files.insert(file.into());
                    let directory = ModulePath::parse(file).unwrap().parent().unwrap();
                    let record = PackageRecord::parse(json.as_bytes()).unwrap();
                    tree.packages.insert(directory.as_str().into(), Arc::new(record));
                } else {
                    tree.files.insert(line.into());
                }
            }
            tree
        }
    }

    impl Tree for TextTree {
        type Error = Infallible;

        fn is_file(&self, path: &ModulePath) -> Result<bool, Infallible> {
            Ok(self.files.contains(path.as_str()))
        }

        fn is_directory(&self, path: &ModulePath) -> Result<bool, Infallible> {
            let prefix = format!("{}/", path.as_str());
            let names = self.files.iter().chain(self.links.keys());
            Ok(path.as_str().is_empty() || names.into_iter().any(|name| name.starts_with(&prefix)))
        }

        fn link(&self, path: &ModulePath) -> Result<Option<ModulePath>, Infallible> {
            Ok(self.links.get(path.as_str()).map(|target| ModulePath::parse(target).unwrap()))
        }

        fn package(&self, directory: &ModulePath) -> Result<Option<Arc<PackageRecord>>, Infallible> {
            Ok(self.packages.get(directory.as_str()).cloned())
        }
    }

    pub(crate) fn options() -> ResolveOptions {
        ResolveOptions {
            extensions: vec![".js".into(), ".json".into(), ".node".into()],
            require_conditions: vec!["node".into(), "require".into(), "module-sync".into()],
            builtins: vec!["fs".into()],
            ..Default::default()
        }
    }

    #[test]
    fn links_are_followed_wherever_they_stand() {
        let tree = TextTree::new(
            "packages/a/lib/x.js
             node_modules/a -> packages/a
             packages/a/y.js -> packages/a/lib/x.js",
        );
        let (options, memo) = (options(), ResolveMemo::default());
        let resolver = Resolver::new(&tree, &options, &memo);
        let real = |path: &str| resolver.real(&ModulePath::parse(path).unwrap()).unwrap().to_string();
        assert_eq!(real("node_modules/a/lib/x.js"), "packages/a/lib/x.js");
        assert_eq!(real("node_modules/a/y.js"), "packages/a/lib/x.js");
        assert_eq!(real("node_modules/b/y.js"), "node_modules/b/y.js");
    }
}
