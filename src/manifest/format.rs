//! The text of `loadlock.manifest.json`.
//!
//! People read it in a `git diff`, so it has one line per file and a fixed order; it is sorted bytewise and ends in a
//! newline. The reader is strict: it accepts what the writer writes, in any layout, and nothing more.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;
use thiserror::Error;

use super::{FileEntry, Manifest, Package};
use crate::{
    analysis::usage::Usage,
    attestation::json,
    digest::Digest,
    error::Code,
    index::Format,
    module_path::{ModulePath, ModulePathError},
};

/// The version that is written and the only one that is read.
pub const FORMAT_VERSION: u64 = 1;

/// The largest manifest that is read: more than a million files.
pub const MAX_SIZE: u64 = 512 << 20;

impl Manifest {
    /// The text. The same manifest always gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = format!("{{\n  \"formatVersion\": {FORMAT_VERSION},\n");
        if !self.exclude.is_empty() {
            let patterns = self.exclude.iter().map(|pattern| (String::new(), quote(pattern)));
            block(&mut out, 2, "exclude", '[', patterns);
            out.push_str(",\n");
        }
        out.push_str("  \"packages\": {");
        for (at, (location, package)) in self.packages.iter().enumerate() {
            let _ = write!(out, "{}\n    {}: {{\n", if at == 0 { "" } else { "," }, quote(location.as_str()));
            for (key, value) in [("name", &package.name), ("version", &package.version)] {
                if let Some(value) = value {
                    let _ = writeln!(out, "      \"{key}\": {},", quote(value));
                }
            }
            let files = package.files.iter().map(|(path, file)| (quote(path.as_str()), file_line(file)));
            block(&mut out, 6, "files", '{', files);
            out.push_str("\n    }");
        }
        out.push_str(if self.packages.is_empty() { "},\n" } else { "\n  },\n" });
        let links = self.links.iter().map(|(path, target)| (quote(path.as_str()), quote(target.as_str())));
        block(&mut out, 2, "links", '{', links);
        out.push_str("\n}\n");
        out
    }

    /// Parses the text of a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] names the first rule that it breaks.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() as u64 > MAX_SIZE {
            return Err(ManifestError::TooLarge);
        }
        // As with the statement: the version first, so that a later one is named and not called malformed.
        let outline: Outline = json::from_slice(bytes)?;
        if outline.format_version != FORMAT_VERSION {
            return Err(ManifestError::Version(outline.format_version));
        }
        let raw: RawManifest = serde_json::from_slice(bytes)?;
        let mut manifest = Self { exclude: raw.exclude, ..Self::default() };
        for (location, package) in raw.packages {
            let location = parse_path(&location)?;
            let files =
                package.files.into_iter().map(|(relative, file)| parse_file(&location, &relative, file));
            let files = files.collect::<Result<_, _>>()?;
            manifest
                .packages
                .insert(location, Package { name: package.name, version: package.version, files });
        }
        for (path, target) in raw.links {
            let path = parse_path(&path)?;
            if path == ModulePath::root() || manifest.file(&path).is_some() {
                return Err(ManifestError::Link(path));
            }
            manifest.links.insert(path, parse_path(&target)?);
        }
        Ok(manifest)
    }
}

/// Why a text is not a manifest of this version.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A digest that is not 64 lower-case hexadecimal digits.
    #[error("the manifest has no valid digest for {0}")]
    Digest(ModulePath),
    /// Not JSON, truncated, a duplicate key, a missing or unknown field, a wrong type.
    #[error("the manifest is malformed: {0}")]
    Json(#[from] serde_json::Error),
    /// The root, or a file, is listed as a link too.
    #[error("the manifest lists {0} as a link, which it cannot be")]
    Link(ModulePath),
    /// A file that its path assigns to another package.
    #[error("the manifest lists {file} under {location}, where it does not belong")]
    Misplaced { file: ModulePath, location: ModulePath },
    /// A path with `..`, NUL or the like.
    #[error("the manifest is malformed: {0}")]
    Path(#[from] ModulePathError),
    /// No honest manifest is that large.
    #[error("the manifest is larger than {} MiB", MAX_SIZE >> 20)]
    TooLarge,
    /// Sealed by another version of loadlock.
    #[error(
        "the manifest has format version {0}, this version of loadlock reads {FORMAT_VERSION}; seal again with it"
    )]
    Version(u64),
}

impl ManifestError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::Format
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    format_version: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawManifest {
    #[serde(rename = "formatVersion")]
    _format_version: u64,
    #[serde(default)]
    exclude: Vec<String>,
    packages: BTreeMap<String, RawPackage>,
    links: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPackage {
    name: Option<String>,
    version: Option<String>,
    files: BTreeMap<String, RawFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    format: Format,
    size: u64,
    blake3: String,
    #[serde(default)]
    uses: Option<Box<Usage>>,
}

fn parse_path(text: &str) -> Result<ModulePath, ManifestError> {
    Ok(ModulePath::parse(text)?)
}

fn parse_file(
    location: &ModulePath,
    relative: &str,
    file: RawFile,
) -> Result<(ModulePath, FileEntry), ManifestError> {
    let relative = parse_path(relative)?;
    // Each part may be short enough where the whole is not.
    let whole = location.join(relative.as_str()).ok_or(ModulePathError::TooLong)?;
    if whole == ModulePath::root() || Manifest::owner(&whole) != *location {
        return Err(ManifestError::Misplaced { file: whole, location: location.clone() });
    }
    let digest = Digest::from_hex(&file.blake3).map_err(|_| ManifestError::Digest(whole))?;
    Ok((relative, FileEntry { format: file.format, size: file.size, digest, usage: file.uses }))
}

fn file_line(file: &FileEntry) -> String {
    let format = serde_json::to_string(&file.format).unwrap_or_default();
    let mut line = format!(r#"{{ "format": {format}, "size": {}, "blake3": "{}""#, file.size, file.digest);
    if let Some(usage) = &file.usage {
        // Compact: it is most of the manifest.
        let _ = write!(line, r#", "uses": {} }}"#, serde_json::to_string(usage).unwrap_or_default());
    } else {
        line.push_str(" }");
    }
    line
}

/// A named object or array with one line per member.
fn block(
    out: &mut String,
    indent: usize,
    name: &str,
    open: char,
    members: impl Iterator<Item = (String, String)>,
) {
    let _ = write!(out, "{:indent$}\"{name}\": {open}", "");
    let mut empty = true;
    for (key, value) in members {
        let colon = if key.is_empty() { "" } else { ": " };
        let _ = write!(
            out,
            "{}\n{:width$}{key}{colon}{value}",
            if empty { "" } else { "," },
            "",
            width = indent + 2
        );
        empty = false;
    }
    if !empty {
        let _ = write!(out, "\n{:indent$}", "");
    }
    out.push(if open == '{' { '}' } else { ']' });
}

fn quote(text: &str) -> String {
    // A string cannot fail to serialize.
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> ModulePath {
        ModulePath::parse(text).unwrap()
    }

    fn entry(seed: u8) -> FileEntry {
        let usage = (seed == 1 || seed > 200).then(|| {
            let parse = |json| serde_json::from_str::<Usage>(json).unwrap();
            let mut usage = parse(
                r#"{"requests":[["node:fs","import",1]],"computed":[3],"builtins":{"fs":{"readFile":2}},"eval":7,
                "writes":[["global","Array.prototype","last",9]],"hosts":{"a.example:443":4}}"#,
            );
            usage.opaque = seed > 240;
            Box::new(usage)
        });
        FileEntry { format: Format::Json, size: u64::from(seed) << 40, digest: Digest::of(&[seed]), usage }
    }

    fn sample() -> Manifest {
        let mut manifest = Manifest::default();
        manifest.insert(&path("app.js"), entry(1));
        manifest.insert(&path("node_modules/.package-lock.json"), entry(2));
        manifest.insert(&path("node_modules/@s/a/index.js"), entry(3));
        manifest.insert(&path("node_modules/b \"q\"/ü.js"), entry(4));
        let application = manifest.packages.get_mut(&path("")).unwrap();
        (application.name, application.version) = (Some("app".into()), Some("1.0.0".into()));
        manifest.links.insert(path("node_modules/c"), path("packages/c"));
        manifest.exclude = vec!["coverage/**".into()];
        manifest
    }

    #[test]
    fn the_text_has_one_line_per_file() {
        let mut small = Manifest::default();
        small.insert(&path("app.js"), entry(0));
        small.insert(&path("b.js"), entry(0));
        small.links.insert(path("l"), path("app.js"));
        let digest = Digest::of(&[0]);
        let expected = format!(
            r#"{{
  "formatVersion": 1,
  "packages": {{
    "": {{
      "files": {{
        "app.js": {{ "format": "json", "size": 0, "blake3": "{digest}" }},
        "b.js": {{ "format": "json", "size": 0, "blake3": "{digest}" }}
      }}
    }}
  }},
  "links": {{
    "l": "app.js"
  }}
}}
"#
        );
        assert_eq!(small.to_json(), expected);
        assert_eq!(
            Manifest::default().to_json(),
            "{\n  \"formatVersion\": 1,\n  \"packages\": {},\n  \"links\": {}\n}\n"
        );
    }

    #[test]
    fn files_are_found_under_their_owner() {
        let manifest = sample();
        let owners: Vec<&str> = manifest.packages.keys().map(ModulePath::as_str).collect();
        assert_eq!(owners, ["", "node_modules/@s/a", "node_modules/b \"q\""]);
        for (path, entry) in manifest.files() {
            assert_eq!(manifest.file(&path), Some(entry));
        }
        assert_eq!(manifest.files().count(), 4);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        let text = sample().to_json();
        let table = [
            ("\"formatVersion\": 1", "\"formatVersion\": 2", "format version 2"),
            ("\"formatVersion\": 1", "\"formatVersion\": \"1\"", "invalid type"),
            ("\"formatVersion\": 1", "\"formatVersion\": 1, \"formatVersion\": 1", "duplicate key"),
            ("\"links\"", "\"lynx\"", "unknown field"),
            ("\"app.js\"", "\"../app.js\"", "not a normal"),
            ("\"app.js\"", "\"/app.js\"", "not a normal"),
            ("\"app.js\"", "\"a\\u0000\"", "NUL"),
            ("\"app.js\"", "\"\"", "does not belong"),
            ("\"app.js\"", "\"node_modules/x/app.js\"", "does not belong"),
            ("\"app.js\"", "\"node_modules/.package-lock.json\"", "duplicate key"),
            ("\"node_modules/@s/a\"", "\"src\"", "does not belong"),
            ("\"packages/c\"", "\"../c\"", "not a normal"),
            ("\"node_modules/c\"", "\"app.js\"", "as a link"),
            ("\"node_modules/c\"", "\"\"", "as a link"),
            ("\"size\": 1099511627776", "\"size\": -1", "malformed"),
            ("\"format\": \"json\"", "\"format\": \"elf\"", "unknown variant"),
            ("\"blake3\": \"", "\"blake3\": \"A", "no valid digest"),
            ("\"eval\":7", "\"evil\":7", "unknown field"),
            ("\"import\"", "\"export \"", "unknown variant"),
        ];
        for (from, to, message) in table {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let error = Manifest::parse(changed.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(message), "{to}: {error}");
        }
        let long = text.replacen("app.js", &"a/".repeat(3000), 1);
        assert!(Manifest::parse(long.as_bytes()).is_err());
        for len in 0..text.len() - 1 {
            assert!(Manifest::parse(&text.as_bytes()[..len]).is_err(), "{len}");
        }
    }

    fn manifests() -> impl Strategy<Value = Manifest> {
        let paths = "(node_modules/|@s/|[a-c]/|\\.){0,4}[a-zü\"\\\\ -]{1,4}";
        let files = prop::collection::vec((paths, any::<u8>()), 0..12);
        let links = prop::collection::btree_map("links/[a-z]{1,3}", "[a-z]{0,3}", 0..3);
        (files, links, prop::option::of(".{0,5}")).prop_map(|(files, links, name)| {
            let mut manifest = Manifest::default();
            for (file, seed) in files {
                if let Ok(file) = ModulePath::parse(&file) {
                    manifest.insert(&file, entry(seed));
                }
            }
            if let Some(package) = manifest.packages.values_mut().next() {
                package.name = name;
            }
            manifest.links = links.iter().map(|(link, target)| (path(link), path(target))).collect();
            manifest
        })
    }

    proptest! {
        #[test]
        fn writing_and_parsing_is_identity(manifest in manifests()) {
            prop_assert_eq!(Manifest::parse(manifest.to_json().as_bytes()).unwrap(), manifest);
        }

        #[test]
        fn a_mutated_manifest_never_panics(manifest in manifests(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut json = manifest.to_json().into_bytes();
            let at = at.index(json.len());
            json[at] = byte;
            let _ = Manifest::parse(&json);
        }
    }
}
