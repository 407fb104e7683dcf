//! What is signed: an in-toto statement that names the digests of the manifest and of the index.
//!
//! It has about 900 bytes whatever the size of the tree, so checking it costs the same for ten files and for a million.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{INDEX_PATH, MANIFEST_PATH, json};
use crate::{digest::Digest, index::NodePointer};

/// The in-toto predicate type of loadlock's statement.
pub const PREDICATE_TYPE: &str = "https://loadlock.dev/attestation/load-manifest/v1";

/// The format version that this version writes and the only one that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// The content of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Digests of `loadlock.manifest.json`.
    pub manifest: SubjectDigest,
    /// Digests of `.loadlock/index`.
    pub index: SubjectDigest,
    /// Where the index's root node lies.
    pub index_root: NodePointer,
    /// Counts up with every seal; an older one is a roll-back.
    pub epoch: u64,
    /// From this moment on the statement is void.
    pub expires: Option<Timestamp>,
    /// The `name` of the application's package.json, so that one application's seal cannot stand in for another's.
    pub application: Option<String>,
    /// Whether the realm is locked down at start.
    pub lockdown: bool,
    /// BLAKE3 of the capability policy that was compiled into the index. Without one, capabilities are not enforced.
    pub policy: Option<Digest>,
    /// What sealed the tree, for people.
    pub tool: String,
}

/// The two digests of one artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectDigest {
    /// For everybody's tools: in-toto does not name BLAKE3.
    pub sha256: [u8; 32],
    /// For ours.
    pub blake3: Digest,
}

impl SubjectDigest {
    /// The digests of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: Sha256::digest(bytes).into(), blake3: Digest::of(bytes) }
    }
}

impl Statement {
    /// The bytes to sign. The same statement always gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let subject = |name: &str, digest: &SubjectDigest| RawSubject {
            name: name.to_owned(),
            digest: BTreeMap::from([
                ("blake3".to_owned(), digest.blake3.to_string()),
                ("sha256".to_owned(), Digest::from_bytes(digest.sha256).to_string()),
            ]),
        };
        let raw = RawStatement {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![subject(MANIFEST_PATH, &self.manifest), subject(INDEX_PATH, &self.index)],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                format_version: FORMAT_VERSION,
                epoch: self.epoch,
                expires: self.expires.map(|expires| expires.to_string()),
                application: self.application.clone(),
                lockdown: self.lockdown,
                policy: self.policy.map(|digest| RawPolicy { blake3: digest.to_string() }),
                tool: self.tool.clone(),
                index_root: IndexRoot {
                    offset: self.index_root.offset,
                    len: self.index_root.len,
                    blake3: self.index_root.digest.to_string(),
                },
            },
        };
        // Strings, numbers and maps with string keys cannot fail to serialize.
        serde_json::to_vec(&raw).unwrap_or_default()
    }

    /// Parses signed bytes.
    ///
    /// # Errors
    /// [`StatementError`] names the first rule that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        // The version is read first and alone: a later one may have fields that the strict types below refuse, and
        // "seal with this version" is a better answer than "unknown field".
        let outline: Outline = json::from_slice(bytes)?;
        if outline.kind != STATEMENT_TYPE {
            return Err(StatementError::Type(outline.kind));
        }
        if outline.predicate_type != PREDICATE_TYPE {
            return Err(StatementError::PredicateType(outline.predicate_type));
        }
        if outline.predicate.format_version != FORMAT_VERSION {
            return Err(StatementError::Version(outline.predicate.format_version));
        }
        let raw: RawStatement = serde_json::from_slice(bytes)?;
        if let Some(unknown) =
            raw.subject.iter().find(|subject| ![MANIFEST_PATH, INDEX_PATH].contains(&&*subject.name))
        {
            return Err(StatementError::UnknownSubject(unknown.name.clone()));
        }
        let predicate = raw.predicate;
        Ok(Self {
            manifest: subject(&raw.subject, MANIFEST_PATH)?,
            index: subject(&raw.subject, INDEX_PATH)?,
            index_root: NodePointer {
                offset: predicate.index_root.offset,
                len: predicate.index_root.len,
                digest: hex(&predicate.index_root.blake3, "indexRoot")?,
            },
            epoch: predicate.epoch,
            expires: match predicate.expires {
                Some(text) => Some(text.parse().map_err(|_| StatementError::Date(text))?),
                None => None,
            },
            application: predicate.application,
            lockdown: predicate.lockdown,
            policy: match predicate.policy {
                Some(policy) => Some(hex(&policy.blake3, "policy")?),
                None => None,
            },
            tool: predicate.tool,
        })
    }
}

/// Why signed bytes are not a statement of this version. Only a faulty or foreign sealer, or an attacker who has the
/// key, can cause one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StatementError {
    /// `expires` is not an RFC 3339 time.
    #[error("the statement's `expires` is not an RFC 3339 time: {0:?}")]
    Date(String),
    /// A digest is absent or not 64 lower-case hexadecimal digits.
    #[error("the statement has no valid digest for `{0}`")]
    Digest(&'static str),
    /// Not JSON, a duplicate key, a missing or unknown field, a wrong type.
    #[error("the statement is malformed: {0}")]
    Json(#[from] serde_json::Error),
    /// A statement about something else.
    #[error("the statement's predicate is `{0}`, expected `{PREDICATE_TYPE}`")]
    PredicateType(String),
    /// Not exactly one subject of this name.
    #[error("the statement must name `{0}` exactly once")]
    Subject(&'static str),
    /// Not an in-toto statement v1.
    #[error("the payload's type is `{0}`, expected `{STATEMENT_TYPE}`")]
    Type(String),
    /// A subject that this version does not check.
    #[error("the statement names `{0}`, which this version does not know")]
    UnknownSubject(String),
    /// Sealed by another version of loadlock.
    #[error(
        "the statement has format version {0}, this version of loadlock reads {FORMAT_VERSION}; seal again with it"
    )]
    Version(u64),
}

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

#[derive(Deserialize)]
struct Outline {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: OutlinePredicate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutlinePredicate {
    format_version: u64,
}

/// in-toto demands that fields of the statement which it does not name are ignored.
#[derive(Serialize, Deserialize)]
struct RawStatement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<RawSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
struct RawSubject {
    name: String,
    /// in-toto demands that unknown algorithms are ignored.
    digest: BTreeMap<String, String>,
}

/// The predicate is ours, so an unknown field is refused: it could be a restriction that this version would ignore.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    format_version: u64,
    epoch: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    #[serde(default = "locked_down")]
    lockdown: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<RawPolicy>,
    tool: String,
    index_root: IndexRoot,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexRoot {
    offset: u64,
    len: u32,
    blake3: String,
}

const fn locked_down() -> bool {
    true
}

fn subject(subjects: &[RawSubject], name: &'static str) -> Result<SubjectDigest, StatementError> {
    let mut named = subjects.iter().filter(|subject| subject.name == name);
    let (Some(subject), None) = (named.next(), named.next()) else {
        return Err(StatementError::Subject(name));
    };
    let digest = |algorithm| hex(subject.digest.get(algorithm).map_or("", String::as_str), name);
    Ok(SubjectDigest { sha256: *digest("sha256")?.as_bytes(), blake3: digest("blake3")? })
}

fn hex(text: &str, what: &'static str) -> Result<Digest, StatementError> {
    Digest::from_hex(text).map_err(|_| StatementError::Digest(what))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    pub fn sample() -> Statement {
        Statement {
            manifest: SubjectDigest::of(b"manifest"),
            index: SubjectDigest::of(b"index"),
            index_root: NodePointer { offset: 8, len: 40, digest: Digest::of(b"root") },
            epoch: 7,
            expires: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            application: Some("app".to_owned()),
            lockdown: true,
            policy: None,
            tool: "loadlock/0.1.0".into(),
        }
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Statement, StatementError> {
        let mut value: Value = serde_json::from_slice(&sample().to_json()).unwrap();
        change(&mut value);
        Statement::parse(value.to_string().as_bytes())
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        type Change = fn(&mut Value);
        let table: [(Change, &str); 15] = [
            (|it| it["_type"] = json!("https://in-toto.io/Statement/v0.1"), "payload's type"),
            (
                |it| it["predicateType"] = json!("https://slsa.dev/provenance/v1"),
                "predicate is `https://slsa",
            ),
            (|it| it["predicate"]["formatVersion"] = json!(2), "format version 2"),
            (|it| it["predicate"]["formatVersion"] = json!("1"), "invalid type"),
            (|it| it["predicate"]["epoch"] = json!(-1), "integer `-1`"),
            (|it| it["predicate"]["epoch"] = json!(1.5), "floating point"),
            (|it| it["predicate"]["extra"] = json!(1), "unknown field"),
            (|it| it["predicate"]["lockdown"] = json!("no"), "invalid type"),
            (|it| it["predicate"]["expires"] = json!("soon"), "RFC 3339"),
            (|it| it["predicate"]["expires"] = json!("2026-01-02"), "RFC 3339"),
            (|it| it["predicate"]["indexRoot"]["blake3"] = json!("AA"), "`indexRoot`"),
            (|it| it["subject"][0]["digest"]["sha256"] = json!("00"), "`loadlock.manifest.json`"),
            (|it| it["subject"][1]["digest"] = json!({}), "`.loadlock/index`"),
            (|it| it["subject"][0]["name"] = json!("other"), "names `other`"),
            (
                |it| it["subject"] = json!([it["subject"][0].clone(), it["subject"][0].clone()]),
                "exactly once",
            ),
        ];
        for (change, message) in table {
            let error = changed(change).unwrap_err().to_string();
            assert!(error.contains(message), "{message}: {error}");
        }
    }

    #[test]
    fn lockdown_is_the_default_and_foreign_fields_and_algorithms_are_ignored() {
        let statement = changed(|it| {
            it["predicate"].as_object_mut().unwrap().remove("lockdown");
            it["note"] = json!("x");
            it["subject"][0]["digest"]["sha512"] = json!("x");
        });
        assert_eq!(statement.unwrap(), sample());
    }

    #[test]
    fn an_offset_other_than_utc_is_the_same_moment() {
        let statement = changed(|it| it["predicate"]["expires"] = json!("2026-01-02T05:04:05+02:00"));
        assert_eq!(statement.unwrap().expires, sample().expires);
    }

    proptest! {
        #[test]
        fn writing_and_parsing_is_identity(epoch: u64, offset: u64, len: u32, lockdown: bool, seconds in prop::option::of(0i64..253_402_207_200)) {
            let expires = seconds.map(|seconds| Timestamp::from_second(seconds).unwrap());
            let index_root = NodePointer { offset, len, digest: Digest::of(&epoch.to_le_bytes()) };
            let statement = Statement { epoch, expires, lockdown, index_root, ..sample() };
            prop_assert_eq!(Statement::parse(&statement.to_json()).unwrap(), statement);
        }

        #[test]
        fn a_mutated_statement_never_panics(at in any::<prop::sample::Index>(), byte: u8) {
            let mut json = sample().to_json();
            let at = at.index(json.len());
            json[at] = byte;
            let _ = Statement::parse(&json);
            let _ = Statement::parse(&json[..at]);
        }
    }
}
