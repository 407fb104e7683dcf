//! What the shim calls while modules load.

use std::{borrow::Cow, path::PathBuf};

use napi::{Env, JsString, bindgen_prelude::Buffer};
use napi_derive::napi;

use super::error::thrown;
use crate::{
    analysis::{
        split_at_requests,
        usage::{ALL_GLOBALS, GLOBAL_NAMES},
    },
    error::Code,
    runtime::{Enforcement, Entry, NodeFacts, Refusal, Resolution, Runtime, StartOptions},
};

/// Facts about the running Node.
#[napi(object)]
pub struct StartFacts {
    /// The entry point, absolute.
    pub main: Option<String>,
    /// The working directory.
    pub cwd: String,
    /// Keys of `Module._extensions`.
    pub extensions: Vec<String>,
    /// Conditions of `require`.
    pub require_conditions: Vec<String>,
    /// `module.builtinModules`.
    pub builtins: Vec<String>,
    /// Directories of NODE_PATH.
    pub node_path: Vec<String>,
    /// Whether `#/name` may be a key of `imports`.
    pub hash_slash: bool,
}

/// What a start reports.
#[napi(object)]
pub struct StartResult {
    /// The sealed root.
    pub root: String,
    /// Whether to freeze intrinsics.
    pub lockdown: bool,
    /// Whether refusals are only recorded.
    pub audit: bool,
    /// Whether capabilities are enforced.
    pub policy: bool,
    /// Whether violations of that policy are only recorded.
    pub reports_only: bool,
    /// Warnings for the operator.
    pub warnings: Vec<String>,
    /// Names and values, alternating, for child processes.
    pub child_environment: Vec<String>,
}

/// Lengths of the text that [`script`] puts before a file.
#[napi(object)]
pub struct WrapperPrefixes {
    /// Around sloppy text.
    pub sloppy_prefix: u32,
    /// Around strict text.
    pub strict_prefix: u32,
}

/// Opens the seal.
#[napi(catch_unwind)]
pub fn start(facts: StartFacts) -> napi::Result<StartResult> {
    let facts = NodeFacts {
        main: facts.main.map(PathBuf::from),
        cwd: facts.cwd.into(),
        extensions: facts.extensions,
        require_conditions: facts.require_conditions,
        builtins: facts.builtins,
        node_path: facts.node_path,
        hash_slash: facts.hash_slash,
    };
    // A worker finds the seal open; what the application has made of its environment since then is not asked.
    let report = match Runtime::current() {
        Some(runtime) => runtime.report(Vec::new()),
        None => {
            StartOptions::from_env().and_then(|options| Runtime::start(&options, &facts)).map_err(thrown)?
        }
    };
    Ok(StartResult {
        root: report.root,
        lockdown: report.lockdown,
        audit: report.audit,
        policy: report.policy,
        reports_only: report.reports_only,
        warnings: report.warnings,
        child_environment: report
            .child_environment
            .into_iter()
            .flat_map(|(name, value)| [name, value])
            .collect(),
    })
}

/// Whether the operator asked for report-only mode, also before there is a seal.
#[napi(catch_unwind)]
pub fn is_audit() -> napi::Result<bool> {
    // Once there is a runtime it alone knows: the application may have changed its environment.
    let enforcement = match Runtime::current() {
        Some(runtime) => runtime.enforcement(),
        None => StartOptions::from_env().map_err(thrown)?.enforcement,
    };
    Ok(enforcement == Enforcement::Audit)
}

/// Compares loadlock's own files, where they are part of the sealed tree, with the seal.
#[napi(catch_unwind)]
pub fn self_check(files: Vec<String>) -> napi::Result<()> {
    runtime()?.self_check(files.iter().map(String::as_str)).map_err(thrown)
}

/// What `require(specifier)` in `from` means: a path, `node:NAME`, or `!CODE\0message\0path`.
#[napi(catch_unwind)]
pub fn resolve_require(specifier: String, from: String) -> napi::Result<String> {
    answer(runtime()?.resolve_require(&specifier, &from))
}

/// What a bare specifier means to `import` in `from`; answers as [`resolve_require`].
#[napi(catch_unwind)]
pub fn resolve_import(specifier: String, from: String, conditions: Vec<String>) -> napi::Result<String> {
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    answer(runtime()?.resolve_import(&specifier, &from, &conditions))
}

/// What the path of a `file:` URL means to `import`; answers as [`resolve_require`].
#[napi(catch_unwind)]
pub fn resolve_path(path: String) -> napi::Result<String> {
    answer(runtime()?.resolve_path(&path))
}

/// Format (bits 0 to 2), flags and, under a policy, the mask of powerful globals that a file mentions (from bit 8);
/// refuses one that is not sealed.
#[napi(catch_unwind)]
pub fn entry(path: String) -> napi::Result<u32> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    // What was learnt about the sealed text says nothing about a changed one, which audit mode lets through.
    let trusted = runtime.enforcement() == Enforcement::Enforce;
    let flags = entry.record.flags;
    Ok(entry.record.format as u32
        | if trusted && flags.wrapper_safe { WRAPPER_SAFE } else { 0 }
        | if flags.strict { STRICT } else { 0 }
        | if flags.dynamic_import || !trusted { DYNAMIC_IMPORT } else { 0 }
        | globals(runtime, &entry) << GLOBALS_SHIFT)
}

/// The verified text of a CommonJS file inside its wrapper. Only for files whose entry says `WRAPPER_SAFE`.
#[napi(catch_unwind)]
pub fn script(env: Env, path: String) -> napi::Result<JsString<'static>> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    let (head, tail) = if entry.record.flags.strict { STRICT_WRAPPER } else { SLOPPY_WRAPPER };
    let shadows = global_names_in(globals(runtime, &entry));
    let (prefix, suffix) = if shadows.is_empty() {
        (Cow::Borrowed(head), Cow::Borrowed(tail))
    } else {
        // js/compartments.js knows the length of this text. The file may declare the same names again: these are the
        // parameters of an outer function, and `arguments` is still that of the inner one.
        (format!("(function({}){{return {head}", shadows.join(",")).into(), format!("{tail}}})").into())
    };
    let (prefix, suffix) = (&*prefix, &*suffix);
    let mut bytes = runtime.read(&entry, prefix, suffix).map_err(thrown)?;
    // A byte order mark stays: it is white space, and stock Node counts it in the columns of the first line too.
    let body = prefix.len();
    if bytes[body..].starts_with(b"#!") {
        // A hashbang is only a comment on a file's first line; here it would be an error in a function.
        bytes[body..body + 2].copy_from_slice(b"//");
    }
    to_js(&env, &bytes, is_one_byte(runtime, &entry))
}

/// The verified text of any file, without a byte order mark.
#[napi(catch_unwind)]
pub fn text(env: Env, path: String) -> napi::Result<JsString<'static>> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    let mut bytes = runtime.read(&entry, "", "").map_err(thrown)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    if bytes.starts_with(b"#!") {
        bytes[..2].copy_from_slice(b"//");
    }
    to_js(&env, &bytes, is_one_byte(runtime, &entry))
}

/// The verified text of an ES module. Under a policy it imports the powerful globals that it mentions.
#[napi(catch_unwind)]
pub fn module_text(env: Env, path: String) -> napi::Result<JsString<'static>> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    to_js(&env, &module_bytes(runtime, &entry)?, is_one_byte(runtime, &entry))
}

/// The verified text of an ES module, taken apart at its static imports: text, specifier, text, specifier, …, text.
#[napi(catch_unwind)]
pub fn module_pieces(path: String) -> napi::Result<Vec<String>> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    let bytes = module_bytes(runtime, &entry)?;
    // What does not parse here does not parse in V8 either, whose message is the better one: hand it on whole.
    Ok(split_at_requests(&bytes).unwrap_or_else(|| vec![String::from_utf8_lossy(&bytes).into_owned()]))
}

/// The verified bytes of a file.
#[napi(catch_unwind)]
pub fn bytes(path: String) -> napi::Result<Buffer> {
    let runtime = runtime()?;
    let entry = runtime.entry(&path).map_err(thrown)?;
    runtime.read(&entry, "", "").map(Buffer::from).map_err(thrown)
}

/// The names that an ES module can import from a CommonJS file.
#[napi(catch_unwind)]
pub fn export_names(path: String) -> napi::Result<Vec<String>> {
    Ok(runtime()?.entry(&path).map_err(thrown)?.record.names)
}

/// Whether text is, byte for byte, the sealed content of `path`. Any other is refused; only audit mode hears `false`.
#[napi(catch_unwind)]
pub fn sealed_text(path: String, content: String) -> napi::Result<bool> {
    if runtime()?.is_sealed_text(&path, &content) {
        return Ok(true);
    }
    unlisted(format!("text compiled as {path}"))?;
    Ok(false)
}

/// Where the dynamic linker finds the verified bytes of a native binding.
#[napi(catch_unwind)]
pub fn native(path: String) -> napi::Result<String> {
    let runtime = runtime()?;
    let path = match runtime.resolve_path(&path).map_err(thrown)? {
        Resolution::File(path) => path.to_string_lossy().into_owned(),
        Resolution::Builtin(_) | Resolution::Error(_) => path,
    };
    let entry = runtime.entry(&path).map_err(thrown)?;
    Ok(runtime.native(&entry).map_err(thrown)?.path.clone())
}

/// A one-time token for generated code.
#[napi(catch_unwind)]
pub fn issue_token(subject: String) -> napi::Result<String> {
    runtime()?.issue_token(&subject).map_err(thrown)
}

/// What a token stands for.
#[napi(catch_unwind)]
pub fn redeem_token(token: String) -> napi::Result<Option<String>> {
    Ok(runtime()?.redeem_token(&token))
}

/// Refuses code that has no file: `data:` URLs, text for workers, text for `_compile`.
#[napi(catch_unwind)]
pub fn unlisted(what: String) -> napi::Result<()> {
    refuse(Refusal::new(
        Code::Unlisted,
        "only sealed files load",
        format!("{what} is code that was not sealed"),
        "put the code into a file of the application and seal it",
    ))
}

/// Refuses an attempt to change the loader.
#[napi(catch_unwind)]
pub fn closed(what: String) -> napi::Result<()> {
    refuse(Refusal::new(
        Code::LoaderClosed,
        "the loader is closed after the start",
        format!("{what} would change what loads"),
        "start this tool before the application is sealed (compile at build time), or do not seal the application that needs it",
    ))
}

/// One line for each different violation so far.
#[napi(catch_unwind)]
pub fn audit_summary() -> napi::Result<Vec<String>> {
    Ok(runtime()?.audit_summary())
}

/// Lengths of the wrapper's head, to take it out of positions again.
#[napi(catch_unwind)]
pub fn wrapper_prefixes() -> WrapperPrefixes {
    let length = |(prefix, _): (&str, &str)| u32::try_from(prefix.len()).unwrap_or_default();
    WrapperPrefixes { sloppy_prefix: length(SLOPPY_WRAPPER), strict_prefix: length(STRICT_WRAPPER) }
}

/// Keeps SIGUSR1 from opening the inspector, which runs any code. A listener of the application still gets the signal.
#[napi(catch_unwind)]
pub fn ignore_inspector_signal() {
    #[cfg(unix)]
    // SAFETY: SIG_IGN is a valid disposition; libuv restores the default one in children before exec.
    unsafe {
        libc::signal(libc::SIGUSR1, libc::SIG_IGN);
    }
}

/// Text with the import of the globals that it mentions: behind its last line, so that no position moves, since imports
/// are hoisted. A module in an import cycle may be called into before its own imports were evaluated, so there it stands
/// in front, and columns of the first line move.
fn module_bytes(runtime: &Runtime, entry: &Entry) -> napi::Result<Vec<u8>> {
    let mask = globals(runtime, entry);
    // The name cannot be bound in strict code; `eval` stays what it is on the global object.
    let names: Vec<&str> = global_names_in(mask).into_iter().filter(|name| *name != "eval").collect();
    let import = format!("import{{{}}}from\"#loadlock/{mask}\";", names.join(","));
    let (prefix, suffix) = match () {
        () if names.is_empty() => (String::new(), String::new()),
        () if entry.record.flags.in_cycle => (import, String::new()),
        () => (String::new(), format!("\n;{import}")),
    };
    let mut bytes = runtime.read(entry, &prefix, &suffix).map_err(thrown)?;
    let body = prefix.len();
    if bytes[body..].starts_with(BYTE_ORDER_MARK) {
        bytes.drain(body..body + BYTE_ORDER_MARK.len());
    }
    if bytes[body..].starts_with(b"#!") {
        bytes[body..body + 2].copy_from_slice(b"//");
    }
    Ok(bytes)
}

/// The mask of powerful globals that a file gets as its own; empty without a policy.
fn globals(runtime: &Runtime, entry: &Entry) -> u32 {
    match () {
        () if !runtime.has_policy() => 0,
        // What was learnt about the sealed text says nothing about a changed one.
        () if runtime.enforcement() == Enforcement::Audit || !entry.listed => ALL_GLOBALS,
        () => entry.record.globals & ALL_GLOBALS,
    }
}

pub(super) fn global_names_in(mask: u32) -> Vec<&'static str> {
    GLOBAL_NAMES.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect()
}

const GLOBALS_SHIFT: u32 = 8;

/// Bits of [`entry`] above the format; js/commonjs.js has the same numbers.
const WRAPPER_SAFE: u32 = 8;
const STRICT: u32 = 16;
const DYNAMIC_IMPORT: u32 = 32;

/// The arrow function ends the walk of `fn.caller`: without it a sloppy function that is called from a module's top
/// level reads `fn.caller.arguments`, which are that module's `require` and `module`. `this`, `arguments` and `return`
/// mean the same inside it. It is returned and then called, so stack traces have as many frames as on stock Node. Strict
/// code has no `caller` and needs no arrow function.
const SLOPPY_WRAPPER: (&str, &str) =
    ("(function (exports, require, module, __filename, __dirname) { return () => {", "\n}})");
const STRICT_WRAPPER: (&str, &str) =
    ("(function (exports, require, module, __filename, __dirname) {", "\n})");

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn runtime() -> napi::Result<&'static Runtime> {
    Runtime::current().ok_or_else(|| {
        thrown(Refusal::new(
            Code::SelfCheck,
            "the seal is open before anything loads",
            "the seal is not open".to_owned(),
            "this is a fault of loadlock; please report it",
        ))
    })
}

fn refuse(refusal: Refusal) -> napi::Result<()> {
    runtime()?.refuse(refusal).map_err(thrown)
}

fn answer(resolution: Result<Resolution, Refusal>) -> napi::Result<String> {
    match resolution.map_err(thrown)? {
        Resolution::Builtin(name) => Ok(name),
        Resolution::File(path) => path.into_os_string().into_string().map_err(|path| {
            thrown(Refusal::new(
                Code::Format,
                "paths are UTF-8",
                format!("{} is not valid UTF-8", path.display()),
                "deploy the application to a path that is",
            ))
        }),
        Resolution::Error(error) => {
            let path =
                error.path().zip(Runtime::current()).map(|(path, runtime)| path.to_absolute(runtime.root()));
            let path = path.unwrap_or_default();
            Ok(format!("!{}\0{error}\0{}", error.code(), path.display()))
        }
    }
}

/// Whether the bytes may be copied as they are: ASCII, sealed as such, and not overruled by audit mode.
fn is_one_byte(runtime: &Runtime, entry: &Entry) -> bool {
    entry.record.flags.ascii && runtime.enforcement() == Enforcement::Enforce
}

fn to_js(env: &Env, bytes: &[u8], one_byte: bool) -> napi::Result<JsString<'static>> {
    let raw = env.raw();
    let mut value = std::ptr::null_mut();
    let (pointer, length) = (bytes.as_ptr().cast(), bytes.len() as isize);
    // SAFETY: `bytes` is valid for its length; V8 copies it during the call. The UTF-8 variant replaces invalid
    // sequences by U+FFFD, as Node's own reader does.
    let status = unsafe {
        if one_byte {
            napi::sys::napi_create_string_latin1(raw, pointer, length, &mut value)
        } else {
            napi::sys::napi_create_string_utf8(raw, pointer, length, &mut value)
        }
    };
    if status != napi::sys::Status::napi_ok {
        return Err(napi::Error::from_reason("the text is too long for a string"));
    }
    // SAFETY: `value` was just made in this environment's current scope.
    unsafe { napi::bindgen_prelude::FromNapiValue::from_napi_value(raw, value) }
}
