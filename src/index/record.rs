//! What the index stores: one record per file, per symbolic link and per package.json.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::Digest;
use crate::analysis::usage::ALL_GLOBALS;

/// How Node would evaluate a file, decided at seal time from its extension, the nearest `"type"` field and, where
/// neither decides, its syntax (Node: "Determining module system").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// A CommonJS module.
    CommonJs = 0,
    /// An ECMAScript module.
    Module = 1,
    /// JSON text.
    Json = 2,
    /// WebAssembly bytes.
    Wasm = 3,
    /// A native binding (`.node`).
    Addon = 4,
    /// TypeScript that is CommonJS once its types are stripped.
    #[serde(rename = "commonjs-typescript")]
    CommonJsTypeScript = 5,
    /// TypeScript that is an ECMAScript module once its types are stripped.
    #[serde(rename = "module-typescript")]
    ModuleTypeScript = 6,
    /// Any other extension: `require` reads it as CommonJS, `import` refuses it.
    Other = 7,
}

impl Format {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::CommonJs,
            1 => Self::Module,
            2 => Self::Json,
            3 => Self::Wasm,
            4 => Self::Addon,
            5 => Self::CommonJsTypeScript,
            6 => Self::ModuleTypeScript,
            7 => Self::Other,
            _ => return None,
        })
    }
}

/// Facts about a file's text that the loader would otherwise have to find out at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileFlags {
    /// The text parses as a function body, so it cannot break out of a concatenating wrapper.
    pub wrapper_safe: bool,
    /// The text is strict, so its functions do not expose `caller` and need no arrow function around them.
    pub strict: bool,
    /// The text contains, or may contain, an `import()` expression, be it in text that it evaluates.
    pub dynamic_import: bool,
    /// Every byte is ASCII, so V8 can take the bytes as a one-byte string.
    pub ascii: bool,
    /// An ES module in a cycle of relative static imports: code of it may run before its own imports have.
    pub in_cycle: bool,
}

impl FileFlags {
    fn to_byte(self) -> u8 {
        u8::from(self.wrapper_safe)
            | u8::from(self.strict) << 1
            | u8::from(self.dynamic_import) << 2
            | u8::from(self.ascii) << 3
            | u8::from(self.in_cycle) << 4
    }

    fn from_byte(byte: u8) -> Option<Self> {
        (byte < 1 << 5).then_some(Self {
            wrapper_safe: byte & 1 != 0,
            strict: byte & 2 != 0,
            dynamic_import: byte & 4 != 0,
            ascii: byte & 8 != 0,
            in_cycle: byte & 16 != 0,
        })
    }
}

/// A sealed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// How it is evaluated.
    pub format: Format,
    /// What is known about its text.
    pub flags: FileFlags,
    /// Size in bytes; reading stops one byte after it.
    pub size: u64,
    /// BLAKE3 of its bytes.
    pub digest: Digest,
    /// Which of [`crate::analysis::usage::GLOBAL_NAMES`] it mentions freely, as bits; all of them where that is not known.
    pub globals: u32,
    /// For CommonJS the export names that an importing ES module sees. For a native binding the sealed libraries that
    /// it needs, in the order in which they must be loaded: the name it asks for, NUL, the root-relative path.
    pub names: Vec<String>,
}

impl FileRecord {
    pub(super) fn encode(&self) -> Vec<u8> {
        // Most files mention none, so the mask is only there when the flag says so.
        let has_globals = u8::from(self.globals != 0) << 7;
        let mut bytes = vec![self.format as u8, self.flags.to_byte() | has_globals];
        bytes.extend_from_slice(&self.size.to_le_bytes());
        bytes.extend_from_slice(self.digest.as_bytes());
        if self.globals != 0 {
            bytes.extend_from_slice(&self.globals.to_le_bytes());
        }
        for name in &self.names {
            bytes.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::try_decode(bytes).ok_or(RecordError)
    }

    fn try_decode(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(10)?;
        let (digest, mut rest) = rest.split_at_checked(Digest::LEN)?;
        let mut globals = 0;
        if head[1] >> 7 == 1 {
            let (mask, tail) = rest.split_at_checked(4)?;
            globals = u32::from_le_bytes(mask.try_into().ok()?);
            rest = tail;
            // One way to write each record, and no bit that this version would ignore.
            if globals == 0 || globals & !ALL_GLOBALS != 0 {
                return None;
            }
        }
        let mut names = Vec::new();
        while !rest.is_empty() {
            let (len, tail) = rest.split_at_checked(2)?;
            let (name, tail) =
                tail.split_at_checked(usize::from(u16::from_le_bytes(len.try_into().ok()?)))?;
            names.push(std::str::from_utf8(name).ok()?.to_owned());
            rest = tail;
        }
        Some(Self {
            format: Format::from_byte(head[0])?,
            flags: FileFlags::from_byte(head[1] & 0x7f)?,
            size: u64::from_le_bytes(head[2..].try_into().ok()?),
            digest: Digest::from_bytes(digest.try_into().ok()?),
            globals,
            names,
        })
    }
}

/// The fields of a package.json that decide what a specifier means. Fields of a wrong type are absent, as in Node's
/// own reader (`src/node_modules.cc`), except that `exports` and `imports` are kept as they stand: their errors belong
/// to the resolution that meets them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PackageRecord {
    /// `name`, for self-references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `version`, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// `"type": "module"` is `Some(true)`, `"commonjs"` is `Some(false)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<bool>,
    /// `exports`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exports: Option<Value>,
    /// `imports`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imports: Option<Value>,
}

impl PackageRecord {
    /// Reads the text of a package.json.
    ///
    /// # Errors
    /// The message of the JSON parser, with line and column.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        // Node accepts a byte order mark here since it strips one before it parses.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let string = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            name: string("name"),
            version: string("version"),
            main: string("main"),
            module: match value.get("type").and_then(Value::as_str) {
                Some("module") => Some(true),
                Some("commonjs") => Some(false),
                _ => None,
            },
            exports: value.get("exports").filter(|exports| !exports.is_null()).cloned(),
            imports: value.get("imports").filter(|imports| imports.is_object()).cloned(),
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        serde_json::from_slice(bytes).map_err(|_| RecordError)
    }
}

/// A value of the index is not a record of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the index holds a record that this version of loadlock does not know; seal again with this version")]
pub struct RecordError;

/// Key of a file record.
#[must_use]
pub fn file_key(path: &str) -> Vec<u8> {
    key(b'f', path)
}

/// Key of a link record.
#[must_use]
pub fn link_key(path: &str) -> Vec<u8> {
    key(b'l', path)
}

/// Key of the package record of a directory.
#[must_use]
pub fn package_key(directory: &str) -> Vec<u8> {
    key(b'p', directory)
}

/// Key of what the package at a location may do.
#[must_use]
pub fn grants_key(location: &str) -> Vec<u8> {
    key(b'g', location)
}

/// Key of what the policy says about the process as a whole.
pub(super) const SETTINGS_KEY: &[u8] = b"s";

/// What the keys of all files below a directory start with.
pub(super) fn file_prefix(directory: &str) -> Vec<u8> {
    below(file_key(directory))
}

/// What the keys of all links below a directory start with.
pub(super) fn link_prefix(directory: &str) -> Vec<u8> {
    below(link_key(directory))
}

fn below(mut key: Vec<u8>) -> Vec<u8> {
    if key.len() > 1 {
        key.push(b'/');
    }
    key
}

fn key(table: u8, path: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(path.len() + 2);
    key.push(table);
    key.extend_from_slice(path.as_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_round_trips() {
        let record = FileRecord {
            format: Format::ModuleTypeScript,
            flags: FileFlags {
                wrapper_safe: true,
                strict: false,
                dynamic_import: true,
                ascii: true,
                in_cycle: true,
            },
            size: 1 << 40,
            digest: Digest::of(b"x"),
            globals: ALL_GLOBALS & !2,
            names: vec!["a".into(), String::new(), "ü".into()],
        };
        assert_eq!(FileRecord::decode(&record.encode()), Ok(record.clone()));
        let without = FileRecord { globals: 0, ..record.clone() };
        assert_eq!(without.encode().len() + 4, record.encode().len());
        assert_eq!(FileRecord::decode(&without.encode()), Ok(without));
    }

    #[test]
    fn a_mask_is_written_in_one_way() {
        let record = FileRecord {
            format: Format::CommonJs,
            flags: FileFlags::default(),
            size: 0,
            digest: Digest::of(b""),
            globals: 1,
            names: Vec::new(),
        };
        let bytes = record.encode();
        assert_eq!((bytes.len(), FileRecord::decode(&bytes)), (46, Ok(record)));
        for mask in [0, 1 << 31] {
            let changed = [&bytes[..42], &u32::to_le_bytes(mask)].concat();
            assert_eq!(FileRecord::decode(&changed), Err(RecordError));
        }
        for len in 42..46 {
            assert_eq!(FileRecord::decode(&bytes[..len]), Err(RecordError), "{len}");
        }
    }

    #[test]
    fn truncated_and_unknown_records_are_refused() {
        let bytes = FileRecord {
            format: Format::Json,
            flags: FileFlags::default(),
            size: 1,
            digest: Digest::of(b""),
            globals: 0,
            names: vec!["name".into()],
        }
        .encode();
        for len in 0..bytes.len() {
            if len != 42 {
                assert_eq!(FileRecord::decode(&bytes[..len]), Err(RecordError), "{len}");
            }
        }
        assert_eq!(FileRecord::decode(&[&[99], &bytes[1..]].concat()), Err(RecordError));
    }

    #[test]
    fn package_json_fields_of_the_wrong_type_are_absent() {
        let record =
            PackageRecord::parse(br#"{"name": 1, "main": {}, "type": "x", "exports": null, "imports": []}"#);
        assert_eq!(record, Ok(PackageRecord::default()));
        assert!(PackageRecord::parse(b"{").is_err());
    }
}
