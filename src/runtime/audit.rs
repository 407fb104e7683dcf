//! What only audit mode and error messages may do: look at the disk for files that were never sealed.

use std::path::{Path, PathBuf};

use super::{Enforcement, Entry, Refusal, Runtime, open_regular};
use crate::{
    analysis::{self, Goal, Language},
    digest::Digest,
    error::Code,
    index::{FileFlags, FileRecord, Format, PackageRecord},
    module_path::ModulePath,
};

/// An entry for a file that was not sealed: found out at run time what the seal would have recorded.
pub(super) fn entry(
    runtime: &Runtime,
    absolute: &Path,
    inside: Option<ModulePath>,
) -> Result<Entry, Refusal> {
    // A path outside the root has no root-relative name; it is carried as an absolute one, which no lookup accepts.
    let path = inside.or_else(|| ModulePath::parse(absolute.to_str()?.trim_start_matches('/')).ok());
    let path = path.ok_or_else(|| Refusal::outside(&absolute.to_string_lossy()))?;
    debug_assert_eq!(runtime.enforcement(), Enforcement::Audit);
    let bytes = std::fs::read(absolute).map_err(|error| {
        Refusal::new(
            Code::Unlisted,
            "only sealed files load",
            format!("{}: {error}", absolute.display()),
            "check the path",
        )
    })?;
    let record = describe(absolute, &bytes);
    Ok(Entry { path, record, listed: false })
}

/// The bytes of such a file, as they are now.
pub(super) fn read(runtime: &Runtime, entry: &Entry, prefix: &str, suffix: &str) -> Result<Vec<u8>, Refusal> {
    let inside = entry.path.to_absolute(runtime.root());
    let absolute = if inside.exists() { inside } else { Path::new("/").join(entry.path.as_str()) };
    let bytes =
        std::fs::read(&absolute).map_err(|error| Refusal::unreadable(&entry.path, &entry.record, &error))?;
    Ok([prefix.as_bytes(), &bytes, suffix.as_bytes()].concat())
}

/// A file on disk, inside the root and not sealed, that Node would have found for this specifier. `named` is where a
/// package.json says that it is.
pub(super) fn unsealed_candidate(
    runtime: &Runtime,
    specifier: &str,
    from: Option<&ModulePath>,
    named: Option<&ModulePath>,
) -> Option<ModulePath> {
    let directory = from.map(|from| from.parent().unwrap_or_default());
    let bases: Vec<ModulePath> = if Path::new(specifier).is_absolute() {
        vec![ModulePath::below(runtime.root(), Path::new(specifier))?]
    } else if specifier.starts_with('.') {
        vec![directory?.join(specifier)?]
    } else if specifier.starts_with('#') {
        Vec::new()
    } else {
        let mut bases = Vec::new();
        let mut above = directory;
        while let Some(here) = above {
            bases.extend(here.join("node_modules").and_then(|modules| modules.join(specifier)));
            above = here.parent();
        }
        bases.extend(runtime.resolve_options.node_path.iter().filter_map(|modules| modules.join(specifier)));
        bases
    };
    named.into_iter().chain(&bases).find_map(|base| on_disk(runtime, base))
}

fn on_disk(runtime: &Runtime, base: &ModulePath) -> Option<ModulePath> {
    let is_unsealed_file = |path: &ModulePath| {
        let sealed = runtime
            .with_resolver(|resolver| resolver.real(path))
            .and_then(|real| runtime.index.is_file(real.as_str()));
        path.to_absolute(runtime.root()).is_file() && !sealed.unwrap_or(true)
    };
    let suffixes = || runtime.resolve_options.extensions.iter().map(String::as_str);
    let as_file = std::iter::once("").chain(suffixes()).map(|suffix| base.with_suffix(suffix));
    let index = base.join("index")?;
    let manifest = base.join("package.json")?;
    let in_directory = suffixes().map(|suffix| index.with_suffix(suffix));
    as_file.chain(std::iter::once(manifest)).chain(in_directory).find(is_unsealed_file)
}

fn describe(absolute: &Path, bytes: &[u8]) -> FileRecord {
    let extension = absolute.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let fixed = match extension {
        "json" => Some(Format::Json),
        "node" => Some(Format::Addon),
        "wasm" => Some(Format::Wasm),
        "js" | "" | "cjs" | "mjs" | "ts" | "cts" | "mts" => None,
        _ => Some(Format::Other),
    };
    let mut record = FileRecord {
        format: fixed.unwrap_or(Format::CommonJs),
        flags: FileFlags::default(),
        size: bytes.len() as u64,
        digest: Digest::of(bytes),
        globals: 0,
        names: Vec::new(),
    };
    if fixed.is_some() {
        return record;
    }
    let goal = match extension {
        "cjs" | "cts" => Goal::CommonJs,
        "mjs" | "mts" => Goal::Module,
        _ => match nearest_type(absolute) {
            Some(true) => Goal::Module,
            Some(false) => Goal::CommonJs,
            None => Goal::Ambiguous,
        },
    };
    let language = if extension.ends_with("ts") { Language::TypeScript } else { Language::JavaScript };
    let typescript = extension.ends_with("ts");
    let facts = analysis::analyse(bytes, goal, language);
    record.format = match (facts.is_module, typescript) {
        (true, false) => Format::Module,
        (true, true) => Format::ModuleTypeScript,
        (false, false) => Format::CommonJs,
        (false, true) => Format::CommonJsTypeScript,
    };
    // `dynamic_import` stays on: what it switches off is only an optimisation.
    record.flags = FileFlags {
        wrapper_safe: facts.wrapper_safe,
        strict: facts.strict,
        dynamic_import: true,
        ascii: bytes.is_ascii(),
        // Where the shadows of a module stand matters in cycles only, and in front they are always right.
        in_cycle: facts.is_module,
    };
    record.globals = facts.globals;
    record.names = facts.cjs_exports;
    record
}

fn nearest_type(file: &Path) -> Option<bool> {
    let mut directory: Option<PathBuf> = file.parent().map(Path::to_owned);
    while let Some(here) = directory {
        if here.file_name().is_some_and(|name| name == "node_modules") {
            return None;
        }
        if let Ok(mut manifest) = open_regular(&here.join("package.json")) {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut manifest, &mut text).ok()?;
            return PackageRecord::parse(&text).ok()?.module;
        }
        directory = here.parent().map(Path::to_owned);
    }
    None
}
