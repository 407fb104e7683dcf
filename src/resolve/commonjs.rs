//! `require(X)`: Node's `Module._resolveFilename`, `_findPath` and what they call.

use super::{
    Outcome, ResolveError, Resolved, Resolver, Tree,
    package::{exports, split_bare},
};
use crate::module_path::ModulePath;

impl<T: Tree> Resolver<'_, T> {
    /// Resolves a `require` made by the file `from`.
    ///
    /// An absolute `specifier` must have been turned into a root-relative one by the caller (see
    /// [`Resolver::require_absolute`]), since only it knows the root.
    ///
    /// # Errors
    /// [`ResolveError`] as Node's `require` would throw it, or the tree's failure.
    pub fn require(&self, specifier: &str, from: &ModulePath) -> Outcome<Resolved, T> {
        if let Some(name) = specifier.strip_prefix("node:") {
            return Ok(Resolved::Builtin(format!("node:{name}")));
        }
        if self.is_builtin(specifier) {
            return Ok(Resolved::Builtin(format!("node:{specifier}")));
        }
        let not_found = || ResolveError::not_found(specifier);
        let conditions: Vec<&str> = self.options.require_conditions.iter().map(String::as_str).collect();
        let directory = from.parent().unwrap_or_default();
        if is_relative(specifier) {
            // Climbing out of the root finds nothing: nothing out there was sealed.
            let base = directory.join(specifier).ok_or_else(not_found)?;
            return Ok(Resolved::File(
                self.find(&base, ends_like_directory(specifier))?.ok_or_else(not_found)?,
            ));
        }
        if specifier.starts_with('#')
            && self.scope(from)?.is_some_and(|(_, package)| package.imports.is_some())
        {
            let resolved = self.package_imports(specifier, from, &conditions)?;
            if let Resolved::Builtin(name) = resolved {
                // Node turns the answer into a path without looking what it is.
                return Err(ResolveError::BuiltinImport(name).into());
            }
            return self.existing(resolved, specifier);
        }
        if let Some((name, subpath)) = split_bare(specifier)
            && let Some(resolved) = self.package_self(name, &subpath, from, &conditions)?
        {
            return self.existing(resolved, specifier);
        }
        let mut above = Some(directory);
        while let Some(here) = above {
            if here.file_name() != "node_modules"
                && let Some(modules) = here.join("node_modules")
                && let Some(found) = self.find_in(&modules, specifier, &conditions)?
            {
                return Ok(found);
            }
            above = here.parent();
        }
        for modules in &self.options.node_path {
            if let Some(found) = self.find_in(modules, specifier, &conditions)? {
                return Ok(found);
            }
        }
        Err(not_found().into())
    }

    /// Resolves `require` of an absolute path, given root-relative. `trailing` tells whether the text ended like a
    /// directory (`/`, `/.`, `/..`).
    ///
    /// # Errors
    /// As [`Resolver::require`].
    pub fn require_absolute(&self, path: &ModulePath, trailing: bool, shown: &str) -> Outcome<Resolved, T> {
        self.find(path, trailing)?.map(Resolved::File).ok_or_else(|| ResolveError::not_found(shown).into())
    }

    /// One directory of `module.paths`.
    fn find_in(
        &self,
        modules: &ModulePath,
        specifier: &str,
        conditions: &[&str],
    ) -> Outcome<Option<Resolved>, T> {
        if !self.directory(modules)? {
            return Ok(None);
        }
        if let Some((name, subpath)) = split_bare(specifier)
            && let Some(directory) = modules.join(name)
            && let package = self.package(&directory)?
            && let Some(exports) = exports(package.as_deref())
        {
            let resolved = self.package_exports(&directory, &subpath, exports, conditions)?;
            return self.existing(resolved, specifier).map(Some);
        }
        let Some(base) = modules.join(specifier) else { return Ok(None) };
        Ok(self.find(&base, ends_like_directory(specifier))?.map(Resolved::File))
    }

    /// LOAD_AS_FILE, then LOAD_AS_DIRECTORY.
    fn find(&self, base: &ModulePath, trailing: bool) -> Outcome<Option<ModulePath>, T> {
        if !trailing {
            if let Some(file) = self.file(base)? {
                return Ok(Some(file));
            }
            if let Some(file) = self.with_extension(base)? {
                return Ok(Some(file));
            }
        }
        if !self.directory(base)? {
            return Ok(None);
        }
        let index = base.join("index").unwrap_or_default();
        let package = self.package(base)?;
        let Some(main) =
            package.as_ref().and_then(|package| package.main.as_deref()).filter(|main| !main.is_empty())
        else {
            return self.with_extension(&index);
        };
        if let Some(path) = base.join(main) {
            let in_main = path.join("index").unwrap_or_default();
            if let Some(file) = self.file(&path)? {
                return Ok(Some(file));
            }
            if let Some(file) = self.with_extension(&path)? {
                return Ok(Some(file));
            }
            if let Some(file) = self.with_extension(&in_main)? {
                return Ok(Some(file));
            }
        }
        match self.with_extension(&index)? {
            Some(file) => Ok(Some(file)),
            None => {
                let missing =
                    ResolveError::NotFound { specifier: format!("{base}/{main}"), path: base.join(main) };
                Err(missing.into())
            }
        }
    }

    fn with_extension(&self, base: &ModulePath) -> Outcome<Option<ModulePath>, T> {
        if base.as_str().is_empty() {
            return Ok(None);
        }
        for extension in &self.options.extensions {
            if let Some(file) = self.file(&base.with_suffix(extension))? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// A target of `exports` or `imports` must be an existing file (Node: `finalizeEsmResolution`).
    fn existing(&self, resolved: Resolved, specifier: &str) -> Outcome<Resolved, T> {
        let Resolved::File(path) = resolved else { return Ok(resolved) };
        match self.file(&path)? {
            Some(file) => Ok(Resolved::File(file)),
            None => Err(ResolveError::NotFound { specifier: specifier.to_owned(), path: Some(path) }.into()),
        }
    }
}

/// `.`, `..`, `./x` and `../x`; `.hidden` is a package name.
fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

/// Whether `require` must take it for a directory (Node: `trailingSlash` in `Module._findPath`).
#[must_use]
pub fn ends_like_directory(specifier: &str) -> bool {
    matches!(specifier.rsplit('/').next(), Some("" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{TextTree, options},
        *,
    };
    use crate::resolve::{Failure, ResolveMemo};

    fn require(tree: &TextTree, from: &str, specifier: &str) -> String {
        let (options, memo) = (options(), ResolveMemo::default());
        match Resolver::new(tree, &options, &memo).require(specifier, &ModulePath::parse(from).unwrap()) {
            Ok(Resolved::Builtin(name)) => name,
            Ok(Resolved::File(path)) => path.to_string(),
            Err(Failure::Resolve(error)) => error.code().to_owned(),
        }
    }

    #[test]
    fn files_directories_and_main() {
        let tree = TextTree::new(
            r#"app.js
               lib/x.js
               lib/x.json
               lib/x/index.js
               lib/data.json
               lib/d/index.json
               lib/main/package.json {"main": "./y"}
               lib/main/y.js
               lib/gone/package.json {"main": "gone"}
               lib/gone/index.js"#,
        );
        for (specifier, expected) in [
            ("./lib/x", "lib/x.js"),
            ("./lib/x/", "lib/x/index.js"),
            ("./lib/x.json", "lib/x.json"),
            ("./lib/data", "lib/data.json"),
            ("./lib/d", "lib/d/index.json"),
            ("./lib/main", "lib/main/y.js"),
            ("./lib/gone", "lib/gone/index.js"),
            ("./lib/none", "MODULE_NOT_FOUND"),
            ("../outside", "MODULE_NOT_FOUND"),
            ("fs", "node:fs"),
            ("node:test", "node:test"),
        ] {
            assert_eq!(require(&tree, "app.js", specifier), expected, "{specifier}");
        }
        assert_eq!(require(&tree, "lib/d/index.json", "../x"), "lib/x.js");
        assert_eq!(require(&tree, "lib/x/index.js", ".."), "MODULE_NOT_FOUND");
    }

    #[test]
    fn packages_exports_imports_and_self() {
        let tree = TextTree::new(
            r##"package.json {"name": "app", "imports": {"#x": "./x.js", "#fs": "fs", "#a/*": "a/*"}, "exports": {".": "./x.js", "./private": null}}
               x.js
               node_modules/a/package.json {"exports": {".": {"import": "./m.mjs", "require": "./c.js"}, "./f/*": "./lib/*.js", "./f/no/*": null}}
               node_modules/a/c.js
               node_modules/a/lib/one.js
               node_modules/a/lib/no/two.js
               node_modules/b/index.js
               node_modules/b/node_modules/a/index.js
               node_modules/@s/c/main.js
               node_modules/@s/c/package.json {"main": "main"}"##,
        );
        for (from, specifier, expected) in [
            ("x.js", "a", "node_modules/a/c.js"),
            ("x.js", "a/f/one", "node_modules/a/lib/one.js"),
            ("x.js", "a/f/no/two", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
            ("x.js", "a/lib/one.js", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
            ("x.js", "a/f/three", "MODULE_NOT_FOUND"),
            ("node_modules/b/index.js", "a", "node_modules/b/node_modules/a/index.js"),
            ("x.js", "@s/c", "node_modules/@s/c/main.js"),
            ("x.js", "#x", "x.js"),
            ("x.js", "#fs", "ERR_INVALID_URL_SCHEME"),
            ("x.js", "#a/f/one", "node_modules/a/lib/one.js"),
            ("x.js", "#none", "ERR_PACKAGE_IMPORT_NOT_DEFINED"),
            ("x.js", "app", "x.js"),
            ("x.js", "app/private", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
        ] {
            assert_eq!(require(&tree, from, specifier), expected, "{from} {specifier}");
        }
    }
}
