//! What one file uses: other modules, builtins and their members, globals, environment variables, hosts.
//!
//! Values are followed from where they come from (`require('fs')`, an import, a free `process`) through variables,
//! destructuring, helpers of transpilers and calls of functions in the same file, up to where they are used or leave the
//! file's sight; what leaves counts as used whole, written `*`. These facts suggest a policy and never permit anything:
//! what is missed here is denied at run time.

mod builtins;
mod collect;
mod constants;
mod follow;
mod functions;
mod globals;
mod hosts;
mod lines;
mod paths;
mod survey;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::builtins::{BUILTIN_MODULES, builtin_name};
pub use self::globals::{ALL_GLOBALS, GLOBAL_NAMES};
pub(super) use self::survey::survey;

/// Everything, as a member or name: the object was handed to code that was not followed.
pub const WHOLE: &str = "*";

/// What a file uses. Lines count from 1 and are those of the first use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Usage {
    /// It could not be analysed: every other member is empty and says nothing.
    #[serde(skip_serializing_if = "is_false")]
    pub opaque: bool,
    /// Specifiers that the text names, in source order, each once per kind. Builtins are among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Request>,
    /// Where it loads a module whose name only a run can tell, or gives its `require` away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<u32>,
    /// The same where the name begins with `./`, `../` or `__dirname`: a file nearby.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub computed_nearby: Vec<u32>,
    /// Files that it runs in worker threads and child processes: paths that begin with `./` or `../`, from its own
    /// directory; others, from the working directory; [`WHOLE`] when only a run can tell. Those that it finds with
    /// `require.resolve` are among the requests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, u32>,
    /// Builtin modules without `node:`, and which of their members are used; [`WHOLE`] when the module leaves sight. A
    /// module that is only loaded has no members. `fs.promises.readFile` is `readFile` of `fs/promises`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub builtins: BTreeMap<String, BTreeMap<String, u32>>,
    /// Free variables that are read (`typeof` alone does not count), and members of `globalThis`; [`WHOLE`] when that
    /// leaves sight. Without what every JavaScript engine has (`Object`, `Math`, …) and without CommonJS's own.
    #[serde(rename = "globals", skip_serializing_if = "BTreeMap::is_empty")]
    pub globals_read: BTreeMap<String, u32>,
    /// Free variables and members of `globalThis` that are assigned, defined or deleted. A symbol is written
    /// `Symbol.for(name)`, an unknown name [`WHOLE`].
    #[serde(rename = "globalWrites", skip_serializing_if = "BTreeMap::is_empty")]
    pub globals_written: BTreeMap<String, u32>,
    /// Members of `process` that are used, [`WHOLE`] when it leaves sight.
    #[serde(rename = "process", skip_serializing_if = "BTreeMap::is_empty")]
    pub process_members: BTreeMap<String, u32>,
    /// Events of `process` that it listens to, [`WHOLE`] when only a run can tell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub process_events: BTreeMap<String, u32>,
    /// Diagnostics channels that it subscribes to, [`WHOLE`] when only a run can tell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, u32>,
    /// Environment variables that are read or written, [`WHOLE`] for all of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, u32>,
    /// `eval`, `Function` and its kin, and `setTimeout` with text; `Function` given to others. `Function('return this')`
    /// and the like do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval: Option<u32>,
    /// `WebAssembly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wasm: Option<u32>,
    /// What it changes of the module loader for others: `module.register`, `require.cache` that is assigned to,
    /// `module._load` and other methods that are replaced, …
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub loader: BTreeMap<String, u32>,
    /// Assignments to what other code shares.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Write>,
    /// `host:port` of the URLs in its strings, and of `host` and `hostname` properties (port `*` where unknown).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, u32>,
}

impl Usage {
    /// Nothing is worth recording.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A module that is asked for by a name in the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(String, RequestKind, u32)", into = "(String, RequestKind, u32)")]
pub struct Request {
    /// As written, `node:` included.
    pub specifier: String,
    /// How.
    pub kind: RequestKind,
    /// Line of the first such request.
    pub line: u32,
}

/// How a module is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// `import … from`
    Import,
    /// `export … from`
    Export,
    /// `import()`
    Dynamic,
    /// `require()`, also one made by `createRequire`
    Require,
    /// `require.resolve()`, `import.meta.resolve()`: found, not loaded
    Resolve,
    /// `process.getBuiltinModule()`
    Builtin,
}

/// An assignment, definition or deletion of a member of something shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(WriteKind, String, String, u32)", into = "(WriteKind, String, String, u32)")]
pub struct Write {
    /// Whose it is.
    pub kind: WriteKind,
    /// What is changed: `fs`, `http.Server.prototype`, `Array.prototype`, `express.response`.
    pub target: String,
    /// The member, [`WHOLE`] when only a run can tell.
    pub member: String,
    /// Line of the first such write.
    pub line: u32,
}

/// Whose member is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteKind {
    /// A builtin module's, or one of `process`
    Builtin,
    /// A member of something global: an intrinsic, `console`, …
    Global,
    /// Another package's exports
    Package,
}

impl From<(String, RequestKind, u32)> for Request {
    fn from((specifier, kind, line): (String, RequestKind, u32)) -> Self {
        Self { specifier, kind, line }
    }
}

impl From<Request> for (String, RequestKind, u32) {
    fn from(request: Request) -> Self {
        (request.specifier, request.kind, request.line)
    }
}

impl From<(WriteKind, String, String, u32)> for Write {
    fn from((kind, target, member, line): (WriteKind, String, String, u32)) -> Self {
        Self { kind, target, member, line }
    }
}

impl From<Write> for (WriteKind, String, String, u32) {
    fn from(write: Write) -> Self {
        (write.kind, write.target, write.member, write.line)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
