//! Names of Node's builtin modules.

/// Builtins of Node 20 to 26 that need no `node:`, sorted.
#[rustfmt::skip]
pub const BUILTIN_MODULES: [&str; 68] = [
    "_http_agent", "_http_client", "_http_common", "_http_incoming", "_http_outgoing", "_http_server",
    "_stream_duplex", "_stream_passthrough", "_stream_readable", "_stream_transform", "_stream_wrap",
    "_stream_writable", "_tls_common", "_tls_wrap", "assert", "assert/strict", "async_hooks", "buffer",
    "child_process", "cluster", "console", "constants", "crypto", "dgram", "diagnostics_channel", "dns",
    "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2", "https", "inspector",
    "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process",
    "punycode", "querystring", "readline", "readline/promises", "repl", "stream", "stream/consumers",
    "stream/promises", "stream/web", "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events",
    "tty", "url", "util", "util/types", "v8", "vm", "wasi", "worker_threads", "zlib",
];

/// The name without `node:` of the builtin that a specifier means. With `node:` every name is one, also of a Node that
/// is not known yet.
#[must_use]
pub fn builtin_name(specifier: &str) -> Option<&str> {
    match specifier.strip_prefix("node:") {
        Some("") => None,
        Some(name) => Some(name),
        None => BUILTIN_MODULES.binary_search(&specifier).is_ok().then_some(specifier),
    }
}

/// Members of a builtin that are builtins themselves, by their names.
pub(super) fn submodule(module: &str, member: &str) -> Option<&'static str> {
    Some(match (module, member) {
        ("assert", "strict") => "assert/strict",
        ("dns", "promises") => "dns/promises",
        ("fs", "promises") => "fs/promises",
        ("inspector", "promises") => "inspector/promises",
        ("path" | "path/posix" | "path/win32", "posix") => "path/posix",
        ("path" | "path/posix" | "path/win32", "win32") => "path/win32",
        ("readline", "promises") => "readline/promises",
        ("stream", "promises") => "stream/promises",
        ("timers", "promises") => "timers/promises",
        ("util", "types") => "util/types",
        _ => return None,
    })
}

/// Builtins that are functions or classes themselves. To call or extend them uses no member.
pub(super) fn is_callable(module: &str) -> bool {
    matches!(module, "assert" | "assert/strict" | "events" | "module" | "stream")
}

/// What every function or object has; no power of a module.
pub(super) fn is_inherited(module: &str, member: &str) -> bool {
    matches!(
        member,
        "hasOwnProperty" | "isPrototypeOf" | "propertyIsEnumerable" | "toString" | "valueOf" | "__esModule"
    ) || is_callable(module) && matches!(member, "apply" | "bind" | "call" | "length" | "name" | "prototype")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_builtins() {
        assert!(BUILTIN_MODULES.is_sorted());
        for (specifier, name) in [
            ("fs", Some("fs")),
            ("node:fs/promises", Some("fs/promises")),
            ("node:test", Some("test")),
            ("test", None),
            ("node:", None),
            ("fs/", None),
        ] {
            assert_eq!(builtin_name(specifier), name, "{specifier}");
        }
    }
}
