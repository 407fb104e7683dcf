//! The one table of error codes: the same word in thrown errors, messages, events and documentation.

use std::fmt;

/// What a refusal is about. Codes are part of the outside contract: variants are added, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// A package used a capability that the signed policy does not grant it.
    Capability,
    /// The statement's date of expiry has passed.
    Expired,
    /// An artefact is truncated, malformed or of an unknown version.
    Format,
    /// The bytes of a sealed file or package.json are not the sealed ones, or the file is gone.
    Integrity,
    /// Something tried to change the loader after the start.
    LoaderClosed,
    /// The native part of loadlock is missing or cannot be loaded.
    NoBinding,
    /// No sealed artefacts were found for the application.
    NoManifest,
    /// The statement's epoch is older than one that was already accepted, or that cannot be ruled out.
    Rollback,
    /// loadlock's own files or captured intrinsics are not what they must be.
    SelfCheck,
    /// No valid signature by a trusted key, or no usable trusted key.
    Signature,
    /// The file exists, or the code is given in another way, but it was not sealed.
    Unlisted,
    /// This version of Node, or this way of starting it, cannot be protected.
    Unsupported,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 12] = [
        Self::Capability,
        Self::Expired,
        Self::Format,
        Self::Integrity,
        Self::LoaderClosed,
        Self::NoBinding,
        Self::NoManifest,
        Self::Rollback,
        Self::SelfCheck,
        Self::Signature,
        Self::Unlisted,
        Self::Unsupported,
    ];

    /// The code as JavaScript and people see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capability => "ERR_LOADLOCK_CAPABILITY",
            Self::Expired => "ERR_LOADLOCK_EXPIRED",
            Self::Format => "ERR_LOADLOCK_FORMAT",
            Self::Integrity => "ERR_LOADLOCK_INTEGRITY",
            Self::LoaderClosed => "ERR_LOADLOCK_LOADER_CLOSED",
            Self::NoBinding => "ERR_LOADLOCK_NO_BINDING",
            Self::NoManifest => "ERR_LOADLOCK_NO_MANIFEST",
            Self::Rollback => "ERR_LOADLOCK_ROLLBACK",
            Self::SelfCheck => "ERR_LOADLOCK_SELF_CHECK",
            Self::Signature => "ERR_LOADLOCK_SIGNATURE",
            Self::Unlisted => "ERR_LOADLOCK_UNLISTED",
            Self::Unsupported => "ERR_LOADLOCK_UNSUPPORTED",
        }
    }

    /// Whether the seal as a whole cannot be trusted: a start that is refused for this reason ends with status 3,
    /// any other with 1.
    #[must_use]
    pub const fn is_trust_failure(self) -> bool {
        matches!(self, Self::Expired | Self::Rollback | Self::Signature)
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_word() {
        let words: std::collections::BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|word| word.starts_with("ERR_LOADLOCK_")));
    }
}
