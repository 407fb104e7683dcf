//! The vocabulary: the words that a policy can grant, and what they mean.
//!
//! This is the one place for it. The JSON Schema, the documentation, the diagnostics and the numbers that the loader
//! uses all come from this table. Numbers are part of the sealed format: words are added at the end, never moved.

use std::fmt;

/// Something that a package cannot do unless the policy says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Capability {
    /// `fs.read`
    FsRead,
    /// `fs.write`
    FsWrite,
    /// `net.connect`
    NetConnect,
    /// `net.listen`
    NetListen,
    /// `dns`
    Dns,
    /// `env`
    Env,
    /// `child`
    Child,
    /// `worker`
    Worker,
    /// `addons`
    Addons,
    /// `wasm`
    Wasm,
    /// `wasi`
    Wasi,
    /// `ffi`
    Ffi,
    /// `eval`
    Eval,
    /// `vm`
    Vm,
    /// `inspector`
    Inspector,
    /// `sys`
    Sys,
    /// `process`
    Process,
    /// `observe`
    Observe,
    /// `patch`
    Patch,
    /// `loader`
    Loader,
    /// `globals`
    Globals,
    /// `imports`
    Imports,
}

/// What the list of a scoped grant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// No list: granted or not.
    Flag,
    /// Globs of absolute paths.
    Paths,
    /// `host:port`, networks, Unix sockets.
    Hosts,
    /// Names, or the beginning of names followed by `*`.
    Names,
    /// Programs, optionally with leading arguments.
    Commands,
    /// Words of a fixed list.
    Words,
    /// Packages of the tree.
    Packages,
    /// Module specifiers.
    Specifiers,
}

impl Capability {
    /// How many there are.
    pub const COUNT: usize = 22;

    /// Every capability, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::FsRead,
        Self::FsWrite,
        Self::NetConnect,
        Self::NetListen,
        Self::Dns,
        Self::Env,
        Self::Child,
        Self::Worker,
        Self::Addons,
        Self::Wasm,
        Self::Wasi,
        Self::Ffi,
        Self::Eval,
        Self::Vm,
        Self::Inspector,
        Self::Sys,
        Self::Process,
        Self::Observe,
        Self::Patch,
        Self::Loader,
        Self::Globals,
        Self::Imports,
    ];

    /// The word as the policy has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FsRead => "fs.read",
            Self::FsWrite => "fs.write",
            Self::NetConnect => "net.connect",
            Self::NetListen => "net.listen",
            Self::Dns => "dns",
            Self::Env => "env",
            Self::Child => "child",
            Self::Worker => "worker",
            Self::Addons => "addons",
            Self::Wasm => "wasm",
            Self::Wasi => "wasi",
            Self::Ffi => "ffi",
            Self::Eval => "eval",
            Self::Vm => "vm",
            Self::Inspector => "inspector",
            Self::Sys => "sys",
            Self::Process => "process",
            Self::Observe => "observe",
            Self::Patch => "patch",
            Self::Loader => "loader",
            Self::Globals => "globals",
            Self::Imports => "imports",
        }
    }

    /// The capability of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.as_str() == word)
    }

    /// The capability of a number.
    #[must_use]
    pub fn from_number(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }

    /// Its place in [`Capability::ALL`].
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize
    }

    /// What a list of it holds.
    #[must_use]
    pub const fn value_kind(self) -> ValueKind {
        match self {
            Self::FsRead | Self::FsWrite | Self::Worker | Self::Addons => ValueKind::Paths,
            Self::NetConnect | Self::NetListen => ValueKind::Hosts,
            Self::Env | Self::Globals => ValueKind::Names,
            Self::Child => ValueKind::Commands,
            Self::Process => ValueKind::Words,
            Self::Imports => ValueKind::Packages,
            Self::Patch => ValueKind::Specifiers,
            Self::Dns
            | Self::Wasm
            | Self::Wasi
            | Self::Ffi
            | Self::Eval
            | Self::Vm
            | Self::Inspector
            | Self::Sys
            | Self::Observe
            | Self::Loader => ValueKind::Flag,
        }
    }

    /// Whether a package with it can do harm, or be misused by whoever may call it. What is not power only tells the
    /// package something, or is felt by the process as a whole.
    #[must_use]
    pub const fn is_power(self) -> bool {
        !matches!(self, Self::Env | Self::Sys | Self::Process | Self::Dns | Self::Imports)
    }

    /// What it allows, in one sentence for people.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::FsRead => "Read files and directories, and learn whether they exist.",
            Self::FsWrite => "Create, change, move and delete files and directories.",
            Self::NetConnect => "Open connections and send datagrams, as a client.",
            Self::NetListen => "Accept connections and datagrams, as a server.",
            Self::Dns => "Look up names and addresses with node:dns.",
            Self::Env => "Read and change environment variables.",
            Self::Child => "Start other programs.",
            Self::Worker => "Start worker threads from sealed files.",
            Self::Addons => "Load native bindings, which can do anything that the process can.",
            Self::Wasm => "Compile WebAssembly.",
            Self::Wasi => "Give WebAssembly modules access to the system with node:wasi.",
            Self::Ffi => "Call functions of native libraries with node:ffi.",
            Self::Eval => "Run text as code: eval, new Function, timers with text, eval workers.",
            Self::Vm => "Compile and run text as code with node:vm.",
            Self::Inspector => {
                "Attach a debugger to the process, which can do anything that the process can."
            }
            Self::Sys => {
                "Learn about the machine and the process: host name, users, processors, memory, network addresses."
            }
            Self::Process => "Change the process as a whole: end it, send signals, change its directory.",
            Self::Observe => {
                "See what other packages do: diagnostics channels, async hooks, trace events, heap snapshots, reports."
            }
            Self::Patch => {
                "true: change builtin modules and hook the loading of other packages, as APM agents do. A list: modules that \
                 run before the intrinsics are frozen, because they change them (core-js, colors)."
            }
            Self::Loader => "Look into modules of others (require.cache, module.load), node:test, the REPL.",
            Self::Globals => "Define or overwrite names on the shared global object.",
            Self::Imports => {
                "Load packages that package.json does not declare, and packages that are, or lead to, powerful ones."
            }
        }
    }
}

impl ValueKind {
    /// How a list of it is written, for people.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Flag => "true, or nothing.",
            Self::Paths => {
                "true, or a list of paths: $PKG (the package's directory), $APP (the sealed root), $TMP (the directory for \
                 temporary files) or absolute; * is one segment or a part of one, ** any number of segments."
            }
            Self::Hosts => {
                "true, or a list of host:port, *.example.com:443 (one label), **.example.com:443 (any number of labels), \
                 [::1]:80, 10.0.0.0/8:*, [fd00::/8]:443, localhost:8000-8099, *:443, unix:/path."
            }
            Self::Names => "true, or a list of names; PREFIX_* is every name that begins so.",
            Self::Commands => {
                "true, or a list of commands as they are given to spawn, optionally followed by the first arguments: git, \
                 \"git status\", \"node $PKG/worker.js\", $PKG/bin/x. The word shell, and nothing else, gives a shell."
            }
            Self::Words => "true, or a list of words.",
            Self::Packages => {
                "true (any package), or a list of package names or locations (node_modules/a/node_modules/b)."
            }
            Self::Specifiers => "true, or a list of specifiers, resolved from the package.",
        }
    }

    /// A value to begin with, for completion in editors and for messages.
    #[must_use]
    pub const fn examples(self) -> &'static [&'static str] {
        match self {
            Self::Flag => &[],
            Self::Paths => &["$PKG/**", "$APP/data/**", "$TMP/**", "/etc/ssl/**"],
            Self::Hosts => &["api.example.com:443", "*.example.com:443", "10.0.0.0/8:*", "localhost:*"],
            Self::Names => &["NODE_ENV", "DEBUG_*"],
            Self::Commands => &["git", "node $PKG/worker.js", "shell"],
            Self::Words => &["exit"],
            Self::Packages => &["lodash"],
            Self::Specifiers => &["core-js/stable"],
        }
    }
}

/// The words of the capability `process`, each with what it allows.
pub const PROCESS_WORDS: [(&str, &str); 10] = [
    ("chdir", "change the working directory"),
    ("errors", "handle uncaught exceptions, unhandled rejections and warnings of the process"),
    ("exit", "end the process, or decide how it ends"),
    ("ids", "learn and change the user and groups of the process"),
    ("ipc", "talk to the parent process"),
    ("kill", "send signals to processes"),
    ("signals", "handle signals"),
    ("stdin", "read the standard input"),
    ("title", "change the title of the process"),
    ("umask", "change the mask of file modes"),
];

impl fmt::Display for Capability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl serde::Serialize for Capability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_are_one_to_one() {
        for (number, capability) in Capability::ALL.into_iter().enumerate() {
            assert_eq!(capability.number(), number);
            assert_eq!(Capability::from_number(number), Some(capability));
            assert_eq!(Capability::from_word(capability.as_str()), Some(capability));
        }
        assert_eq!(Capability::from_number(Capability::COUNT), None);
        assert_eq!(Capability::from_word("fs"), None);
    }
}
