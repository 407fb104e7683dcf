//! Values that are followed through a file.

use std::rc::Rc;

use super::{WriteKind, builtins::builtin_name};

/// Something whose use is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// A builtin module, by its name without `node:`. Its `default` member is itself, as importers see it.
    Builtin(Rc<str>),
    /// A diagnostics channel, by its name, or several of one; `*` when only a run can tell.
    Channel(Rc<str>),
    /// `module` of CommonJS.
    CommonJsModule,
    /// `createRequire` of the builtin `module`.
    CreateRequire,
    /// `process.env`
    Env,
    /// `Function`, and the like for async functions and generators
    FunctionConstructor,
    /// `process.getBuiltinModule`
    GetBuiltin,
    /// `globalThis`
    GlobalObject,
    /// `require.cache` and `require.extensions`, which the builtin `module` has too
    LoaderTable(&'static str),
    /// `process`
    Process,
    /// A promise of something.
    Promise(Rc<Value>),
    /// A `require` function.
    Require,
    /// `require.resolve`
    RequireResolve,
    /// Anything else that is shared, with what it is called: only writes to its members matter.
    Shared(WriteKind, Rc<str>),
    /// The `then` method of a promise of something.
    Then(Rc<Value>),
}

impl Value {
    /// What a module request gives, if that is worth following.
    pub(super) fn of_module(specifier: &str) -> Option<Self> {
        match builtin_name(specifier) {
            Some("process") => Some(Self::Process),
            Some(name) => Some(Self::Builtin(name.into())),
            None if specifier.starts_with(['.', '/', '#']) || specifier.contains(':') => None,
            None => Some(Self::Shared(WriteKind::Package, specifier.into())),
        }
    }

    pub(super) fn promised(self) -> Self {
        match self {
            Self::Promise(_) => self,
            value => Self::Promise(value.into()),
        }
    }

    pub(super) fn awaited(self) -> Self {
        match self {
            Self::Promise(value) => (*value).clone(),
            value => value,
        }
    }

    /// Whether it starts files: `Worker` and functions that start programs.
    pub(super) fn runs_files(&self) -> bool {
        matches!(self, Self::Shared(WriteKind::Builtin, path)
            if RUNNERS.binary_search(&&**path).is_ok())
    }

    /// How its members are called in a [`super::Write`].
    pub(super) fn write_target(&self) -> Option<(WriteKind, Rc<str>)> {
        match self {
            Self::Builtin(name) => Some((WriteKind::Builtin, name.clone())),
            Self::FunctionConstructor => Some((WriteKind::Global, "Function".into())),
            Self::Process => Some((WriteKind::Builtin, "process".into())),
            Self::Shared(kind, path) => Some((*kind, path.clone())),
            _ => None,
        }
    }
}

/// What starts files as workers, or programs. Sorted.
const RUNNERS: [&str; 6] = [
    "child_process.execFile",
    "child_process.execFileSync",
    "child_process.fork",
    "child_process.spawn",
    "child_process.spawnSync",
    "worker_threads.Worker",
];
