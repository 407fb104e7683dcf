//! One refused load, told so that an operator can act on it.

use std::{borrow::Cow, io};

use serde::Serialize;

use crate::{
    digest::Digest,
    error::Code,
    index::{FileRecord, IndexError},
    module_path::ModulePath,
    policy::{Capability, ValueKind},
};

use super::NOBODY;

/// Why something may not load: which file, which package, which rule and what to do.
///
/// It reaches JavaScript as the properties of the thrown error and the event log as one JSON line.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// Stable code, `ERR_LOADLOCK_*`.
    pub code: Code,
    /// What happened, in one sentence that names the file.
    pub message: String,
    /// Root-relative path, or the path as it was asked for when it lies outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Location of the owning package, `.` for the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The capability that was used without a grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capability: Option<&'static str>,
    /// The digest that was sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The digest that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The rule that was broken.
    pub rule: &'static str,
    /// What to do about it.
    pub hint: Cow<'static, str>,
}

impl Refusal {
    /// A refusal without a file.
    #[must_use]
    pub fn new(code: Code, rule: &'static str, message: String, hint: &'static str) -> Self {
        Self {
            code,
            message,
            path: None,
            package: None,
            capability: None,
            expected: None,
            found: None,
            rule,
            hint: Cow::Borrowed(hint),
        }
    }

    pub(super) fn changed(path: &ModulePath, record: &FileRecord, size: u64, found: Digest) -> Self {
        let mut refusal = Self::new(
            Code::Integrity,
            "a sealed file has exactly its sealed bytes",
            format!("{path} of {} is not the file that was sealed", owner(path)),
            "restore the file (npm ci), or review the change and run `loadlock seal` again",
        )
        .about(path);
        refusal.expected = Some(format!("blake3:{}", record.digest));
        // Reading stops one byte after the sealed size: the digest of a longer file is not known.
        refusal.found = Some(if size > record.size {
            format!("more than {} bytes", record.size)
        } else {
            format!("blake3:{found}")
        });
        refusal
    }

    pub(super) fn unreadable(path: &ModulePath, record: &FileRecord, error: &io::Error) -> Self {
        let mut refusal = Self::new(
            Code::Integrity,
            "a sealed file has exactly its sealed bytes",
            format!("{path} of {} was sealed and cannot be read: {error}", owner(path)),
            "restore the file (npm ci), or run `loadlock seal` again if it was removed on purpose",
        )
        .about(path);
        refusal.expected = Some(format!("blake3:{}", record.digest));
        refusal
    }

    pub(super) fn too_large(path: &ModulePath, size: u64) -> Self {
        Self::new(
            Code::Format,
            "a module is at most 512 MiB",
            format!("{path} has {size} bytes, more than V8 can take as one module"),
            "read it as data instead of loading it as code",
        )
        .about(path)
    }

    pub(super) fn unlisted(path: &ModulePath) -> Self {
        Self::new(
            Code::Unlisted,
            "only sealed files load",
            format!("{path} of {} is not in the signed manifest", owner(path)),
            "if the file belongs here, run `loadlock seal` again; if nobody put it there, treat the tree as tampered with",
        )
        .about(path)
    }

    pub(super) fn outside(path: &str) -> Self {
        let mut refusal = Self::new(
            Code::Unlisted,
            "only sealed files load",
            format!("{path} lies outside the sealed root"),
            "seal from a directory that holds every file the application loads (for a workspace: its root)",
        );
        refusal.path = Some(path.to_owned());
        refusal
    }

    pub(super) fn index(error: &IndexError) -> Self {
        let code = match error {
            IndexError::Changed { .. } => Code::Integrity,
            _ => Code::Format,
        };
        Self::new(
            code,
            "the index is the signed one",
            format!("the sealed index cannot be used: {error}"),
            "deploy the artefacts of one `loadlock seal` run together: manifest, envelope and .loadlock/index",
        )
    }

    /// `name` is how the policy knows the package at `location`.
    pub(super) fn capability(
        location: &str,
        name: String,
        capability: Capability,
        value: &str,
        attempt: &str,
    ) -> Self {
        let who = match location {
            "" => "the application".to_owned(),
            NOBODY => "code that holds no grant for it".to_owned(),
            location => format!("package {location}"),
        };
        let shown = value.replace('\0', " ");
        let of = if shown.is_empty() { String::new() } else { format!(" for {shown:?}") };
        let mut refusal = Self::new(
            Code::Capability,
            "a package uses only what the policy grants it",
            format!("{who} may not use `{}`{of}: {attempt}", capability.as_str()),
            "",
        );
        // A command is granted by its name; its arguments may hold anything.
        let shown = match capability.value_kind() {
            ValueKind::Commands => value.split('\0').next().unwrap_or_default().to_owned(),
            _ => shown,
        };
        let grant = if capability.value_kind() != ValueKind::Flag && !shown.is_empty() {
            serde_json::json!({ capability.as_str(): [shown] })
        } else {
            serde_json::json!({ capability.as_str(): true })
        };
        refusal.hint = match location {
            NOBODY => "only the package that was granted it can do this, by a name in its own files".into(),
            _ => format!(
                "if it should, add {grant} to \"packages\": {{ {:?}: … }} in loadlock.policy.jsonc and seal again; else \
                 find out why it tries (`loadlock policy explain {name}`)",
                name
            )
            .into(),
        };
        refusal.capability = Some(capability.as_str());
        refusal.package = Some(if location.is_empty() { ".".to_owned() } else { location.to_owned() });
        refusal
    }

    pub(super) fn native(path: &ModulePath, what: &str, error: &io::Error) -> Self {
        Self::new(
            Code::Unsupported,
            "a native binding is mapped from the bytes that were checked",
            format!("{path}: {what}: {error}"),
            "allow executable memfds (sysctl vm.memfd_noexec=0 or 1)",
        )
        .about(path)
    }

    pub(super) fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(super) fn asked_by(mut self, from: Option<&ModulePath>) -> Self {
        if let Some(from) = from {
            self.message.push_str(&format!(" (asked for by {from})"));
        }
        self
    }

    fn about(mut self, path: &ModulePath) -> Self {
        self.package = Some(path.package_location().to_string());
        self.path = Some(path.to_string());
        self
    }
}

fn owner(path: &ModulePath) -> String {
    let location = path.package_location();
    if location.as_str().is_empty() { "the application".to_owned() } else { format!("package {location}") }
}
