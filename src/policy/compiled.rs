//! A policy as it is sealed: nothing of its text is read at start.
//!
//! Each package of the tree has its [`Grants`] record, also those that are granted nothing, because it says which
//! packages it may load. What concerns the process as a whole is in [`Settings`].

use std::collections::BTreeMap;

use super::{
    codec::{CodecError, Reader, Writer},
    grants::Grants,
};
use crate::{digest::Digest, module_path::ModulePath};

/// A policy that was compiled against a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// What concerns the process as a whole.
    pub settings: Settings,
    /// The record of every package, by its location; the application is at the empty path.
    pub grants: BTreeMap<ModulePath, Grants>,
}

/// What concerns the process as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// BLAKE3 of the policy's text.
    pub policy_digest: Digest,
    /// Whether a violation is refused.
    pub enforcement: Enforcement,
    /// How it is refused.
    pub on_violation: OnViolation,
    /// Modules to run before the intrinsics are frozen, sorted.
    pub preloads: Vec<Preload>,
    /// Whether a package may patch builtins later on.
    pub patched: bool,
    /// Names of globals that some package may replace for everybody, sorted.
    pub definable: Vec<String>,
    /// The powerful globals that any file of the tree mentions, as in [`crate::index::FileRecord::globals`].
    pub mentioned: u32,
}

/// Whether violations of capabilities are refused. Integrity has its own switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enforcement {
    /// Record and go on.
    Audit,
    /// Record and refuse.
    #[default]
    Enforce,
}

/// What a refusal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnViolation {
    /// Ends the process.
    Exit,
    /// Throws an error to the package that asked.
    #[default]
    Throw,
}

/// A module that runs before the intrinsics are frozen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preload {
    /// The package with the grant; the specifier is resolved from its package.json.
    pub location: ModulePath,
    /// As the policy has it.
    pub specifier: String,
}

impl Enforcement {
    /// Every word of the policy for it.
    pub const ALL: [Self; 2] = [Self::Enforce, Self::Audit];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Enforce => "enforce",
        }
    }
}

impl OnViolation {
    /// Every word of the policy for it.
    pub const ALL: [Self; 2] = [Self::Throw, Self::Exit];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Throw => "throw",
        }
    }
}

impl Settings {
    /// The bytes that are sealed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION);
        out.bytes(self.policy_digest.as_bytes());
        out.u8((self.enforcement == Enforcement::Audit).into());
        out.u8((self.on_violation == OnViolation::Exit).into());
        out.count(self.preloads.len());
        for Preload { location, specifier } in &self.preloads {
            out.text(location.as_str());
            out.text(specifier);
        }
        out.u8(self.patched.into());
        out.count(self.definable.len());
        self.definable.iter().for_each(|name| out.text(name));
        out.u32(self.mentioned);
        out.finish()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`CodecError`] for anything that [`Settings::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut bytes = Reader::new(bytes)?;
        if bytes.u8()? != VERSION {
            return Err(CodecError("an unknown version"));
        }
        let policy_digest = Digest::from_bytes(bytes.take()?);
        let enforcement = match bytes.u8()? {
            0 => Enforcement::Enforce,
            1 => Enforcement::Audit,
            _ => return Err(CodecError("an unknown enforcement")),
        };
        let on_violation = match bytes.u8()? {
            0 => OnViolation::Throw,
            1 => OnViolation::Exit,
            _ => return Err(CodecError("an unknown reaction")),
        };
        let preloads = bytes.list(|bytes| {
            let location = ModulePath::parse(bytes.text()?).map_err(|_| CodecError("no location"))?;
            Ok(Preload { location, specifier: bytes.text()?.to_owned() })
        })?;
        let patched = match bytes.u8()? {
            0 => false,
            1 => true,
            _ => return Err(CodecError("an unknown flag")),
        };
        let definable = bytes.list(|bytes| bytes.text().map(str::to_owned))?;
        let mentioned = bytes.u32()?;
        bytes.finish()?;
        Ok(Self { policy_digest, enforcement, on_violation, preloads, patched, definable, mentioned })
    }
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_nothing_else_does() {
        let preload = |location: &str, specifier: &str| Preload {
            location: ModulePath::parse(location).unwrap(),
            specifier: specifier.into(),
        };
        let settings = Settings {
            policy_digest: Digest::of(b"policy"),
            enforcement: Enforcement::Audit,
            on_violation: OnViolation::Exit,
            preloads: vec![preload("", "./first.js"), preload("node_modules/core-js", "core-js/stable")],
            patched: true,
            definable: vec!["fetch".into()],
            mentioned: 5,
        };
        let bytes = settings.encode();
        assert_eq!(Settings::decode(&bytes), Ok(settings));
        for len in 0..bytes.len() {
            assert!(Settings::decode(&bytes[..len]).is_err());
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(Settings::decode(&longer).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            if let Ok(read) = Settings::decode(&changed) {
                assert_eq!(read.encode(), changed);
            }
        }
    }
}
