//! Node's own answers when a specifier has no meaning, with Node's codes and wording: packages test for both.

use thiserror::Error;

use crate::module_path::ModulePath;

/// Why a specifier does not resolve. `code()` is the `code` property of the error that Node would throw.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// `require('#name')` where `imports` maps it to a builtin: only `import` can do that.
    #[error("The URL must be of scheme file. Received {0}")]
    BuiltinImport(String),
    /// `import './lib'` where `lib` is a directory.
    #[error("Directory import '{specifier}' is not supported resolving ES modules")]
    DirectoryImport { specifier: String, path: ModulePath },
    /// `exports` or `imports` mixes keys in a way Node refuses.
    #[error("Invalid package config {0}. {1}")]
    InvalidPackageConfig(String, &'static str),
    /// A target of `exports` or `imports` that leaves its package or is no relative path.
    #[error("Invalid \"{field}\" target {target} defined for '{key}' in the package config {package}")]
    InvalidPackageTarget { field: &'static str, target: String, key: String, package: String },
    /// A specifier that no algorithm accepts, such as `#`, `@scope` or one with `%2f`.
    #[error("Invalid module \"{0}\" {1}")]
    InvalidSpecifier(String, &'static str),
    /// An `import` found nothing; `path` is where the file should have been, when the specifier says that much.
    #[error("Cannot find {kind} '{specifier}'")]
    ModuleNotFound { kind: &'static str, specifier: String, path: Option<ModulePath> },
    /// A `require` found nothing; `path` is where a `main` or `exports` says that the file should have been.
    #[error("Cannot find module '{specifier}'")]
    NotFound { specifier: String, path: Option<ModulePath> },
    /// The package has `exports`, and they do not name this sub-path.
    #[error("{}", not_exported(.subpath, .package))]
    NotExported { subpath: String, package: String },
    /// The package has no such `#name` in `imports`.
    #[error("Package import specifier \"{specifier}\" is not defined in package {package}")]
    ImportNotDefined { specifier: String, package: String },
}

impl ResolveError {
    /// The error code that Node gives.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BuiltinImport(_) => "ERR_INVALID_URL_SCHEME",
            Self::DirectoryImport { .. } => "ERR_UNSUPPORTED_DIR_IMPORT",
            Self::ImportNotDefined { .. } => "ERR_PACKAGE_IMPORT_NOT_DEFINED",
            Self::InvalidPackageConfig(..) => "ERR_INVALID_PACKAGE_CONFIG",
            Self::InvalidPackageTarget { .. } => "ERR_INVALID_PACKAGE_TARGET",
            Self::InvalidSpecifier(..) => "ERR_INVALID_MODULE_SPECIFIER",
            Self::ModuleNotFound { .. } => "ERR_MODULE_NOT_FOUND",
            Self::NotExported { .. } => "ERR_PACKAGE_PATH_NOT_EXPORTED",
            Self::NotFound { .. } => "MODULE_NOT_FOUND",
        }
    }
}

impl ResolveError {
    /// A `require` that found nothing, with no word of where it should have been.
    #[must_use]
    pub fn not_found(specifier: &str) -> Self {
        Self::NotFound { specifier: specifier.to_owned(), path: None }
    }

    /// Where the file should have been. Node puts it on the error as `url`, and `import.meta.resolve` answers with it.
    #[must_use]
    pub fn path(&self) -> Option<&ModulePath> {
        match self {
            Self::DirectoryImport { path, .. } => Some(path),
            Self::ModuleNotFound { path, .. } | Self::NotFound { path, .. } => path.as_ref(),
            _ => None,
        }
    }
}

fn not_exported(subpath: &str, package: &str) -> String {
    if subpath == "." {
        format!("No \"exports\" main defined in {package}")
    } else {
        format!("Package subpath '{subpath}' is not defined by \"exports\" in {package}")
    }
}
