//! `import X`: ESM_RESOLVE for what is not a URL. URL specifiers are taken apart by the shim, with Node's own URL class.

use super::{
    Outcome, ResolveError, Resolved, Resolver, Tree,
    package::{exports, split_bare},
};
use crate::module_path::ModulePath;

impl<T: Tree> Resolver<'_, T> {
    /// Resolves a bare or `#` specifier imported by the file `from` under `conditions`.
    ///
    /// # Errors
    /// [`ResolveError`] as Node's `import` would throw it, or the tree's failure.
    pub fn import(&self, specifier: &str, from: &ModulePath, conditions: &[&str]) -> Outcome<Resolved, T> {
        let resolved = if specifier.starts_with('#') {
            self.package_imports(specifier, from, conditions)?
        } else {
            self.bare(specifier, from, conditions)?
        };
        match resolved {
            Resolved::Builtin(_) => Ok(resolved),
            Resolved::File(path) => self.import_file(&path, specifier),
        }
    }

    /// Checks that an imported path is a sealed file and gives its real path.
    ///
    /// # Errors
    /// As [`Resolver::import`].
    pub fn import_file(&self, path: &ModulePath, shown: &str) -> Outcome<Resolved, T> {
        if let Some(file) = self.file(path)? {
            return Ok(Resolved::File(file));
        }
        if self.directory(path)? {
            return Err(
                ResolveError::DirectoryImport { specifier: shown.to_owned(), path: path.clone() }.into()
            );
        }
        let missing = ResolveError::ModuleNotFound {
            kind: "module",
            specifier: shown.to_owned(),
            path: Some(path.clone()),
        };
        Err(missing.into())
    }

    /// PACKAGE_RESOLVE. The file need not exist.
    pub(super) fn bare(
        &self,
        specifier: &str,
        from: &ModulePath,
        conditions: &[&str],
    ) -> Outcome<Resolved, T> {
        if specifier.starts_with("node:") {
            return Ok(Resolved::Builtin(specifier.to_owned()));
        }
        if self.is_builtin(specifier) {
            return Ok(Resolved::Builtin(format!("node:{specifier}")));
        }
        let (name, subpath) = split_bare(specifier).ok_or_else(|| {
            ResolveError::InvalidSpecifier(specifier.to_owned(), "is not a valid package name")
        })?;
        if let Some(resolved) = self.package_self(name, &subpath, from, conditions)? {
            return Ok(resolved);
        }
        let mut above = from.parent();
        while let Some(here) = above {
            if let Some(directory) = here.join("node_modules").and_then(|modules| modules.join(name))
                && self.directory(&directory)?
            {
                return self.in_package(&directory, specifier, &subpath, conditions);
            }
            above = here.parent();
        }
        Err(ResolveError::ModuleNotFound { kind: "package", specifier: name.to_owned(), path: None }.into())
    }

    fn in_package(
        &self,
        directory: &ModulePath,
        specifier: &str,
        subpath: &str,
        conditions: &[&str],
    ) -> Outcome<Resolved, T> {
        let missing =
            |kind, path| ResolveError::ModuleNotFound { kind, specifier: specifier.to_owned(), path };
        let package = self.package(directory)?;
        if let Some(exports) = exports(package.as_deref()) {
            return self.package_exports(directory, subpath, exports, conditions);
        }
        if subpath != "." {
            let decoded = super::package::percent_decode(subpath).ok_or_else(|| {
                ResolveError::InvalidSpecifier(
                    specifier.to_owned(),
                    "must not include encoded \"/\" or \"\\\" characters",
                )
            })?;
            return directory
                .join(&decoded)
                .map(Resolved::File)
                .ok_or_else(|| missing("module", None).into());
        }
        let main = package.as_ref().and_then(|package| package.main.as_deref());
        self.legacy_main(directory, main)?.map(Resolved::File).ok_or_else(|| {
            let path = directory.join(main.unwrap_or("index.js"));
            missing("package", path).into()
        })
    }

    /// LEGACY_MAIN_RESOLVE: `main` and `index` with the suffixes that CommonJS would try.
    fn legacy_main(&self, directory: &ModulePath, main: Option<&str>) -> Outcome<Option<ModulePath>, T> {
        if let Some(main) = main.and_then(|main| directory.join(main)) {
            for suffix in ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"] {
                if main.as_str().is_empty() {
                    continue;
                }
                if let Some(file) = self.file(&main.with_suffix(suffix))? {
                    return Ok(Some(file));
                }
            }
        }
        for index in ["index.js", "index.json", "index.node"] {
            if let Some(path) = directory.join(index)
                && let Some(file) = self.file(&path)?
            {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Failure, ResolveMemo,
            tests::{TextTree, options},
        },
        *,
    };

    #[test]
    fn imports_follow_the_es_module_algorithm() {
        let tree = TextTree::new(
            r#"app.mjs
               lib/index.js
               node_modules/a/package.json {"exports": {"import": "./m.mjs", "require": "./c.js"}}
               node_modules/a/m.mjs
               node_modules/b/package.json {"main": "lib"}
               node_modules/b/lib/index.js
               node_modules/b/sub.js
               node_modules/c -> packages/c
               packages/c/index.js"#,
        );
        let (options, memo) = (options(), ResolveMemo::default());
        let resolver = Resolver::new(&tree, &options, &memo);
        let from = ModulePath::parse("app.mjs").unwrap();
        for (specifier, expected) in [
            ("a", "node_modules/a/m.mjs"),
            ("b", "node_modules/b/lib/index.js"),
            ("b/sub.js", "node_modules/b/sub.js"),
            ("b/sub", "ERR_MODULE_NOT_FOUND"),
            ("b/lib", "ERR_UNSUPPORTED_DIR_IMPORT"),
            ("c", "packages/c/index.js"),
            ("none", "ERR_MODULE_NOT_FOUND"),
            ("@s", "ERR_INVALID_MODULE_SPECIFIER"),
            ("fs", "node:fs"),
        ] {
            let found = match resolver.import(specifier, &from, &["node", "import"]) {
                Ok(Resolved::Builtin(name)) => name,
                Ok(Resolved::File(path)) => path.to_string(),
                Err(Failure::Resolve(error)) => error.code().to_owned(),
            };
            assert_eq!(found, expected, "{specifier}");
        }
    }
}
