//! Who vouches for a sealed tree.
//!
//! A seal consists of the manifest, the index and one small signed statement that names the digests of both. This
//! module makes and checks that statement; it never looks at the files of the tree.
//!
//! ```text
//! operator ──LOADLOCK_TRUST──▶ Trust ─┐
//!                                     ├─ verify() ──▶ VerifiedStatement ──▶ manifest, index
//! loadlock.manifest.dsse.json ────────┘                      └─ epoch::check_and_raise()
//! ```
//!
//! * [`key`]: keys, their ids, the two signature schemes.
//! * [`envelope`]: DSSE, the outer form; [`statement`]: in-toto, the inner one.
//! * [`trust`]: which keys the operator trusts.
//! * [`verify()`]: the only way to a [`VerifiedStatement`].
//! * [`epoch`]: the memory against roll-back.

pub(crate) mod disk;
pub mod envelope;
pub mod epoch;
pub(crate) mod json;
pub mod key;
pub mod statement;
mod system_place;
pub mod trust;
mod verify;

pub use self::{
    envelope::{Envelope, EnvelopeError},
    epoch::{EpochError, StateDirectory},
    key::{Algorithm, KeyError, KeyId, PrivateKey, PublicKey},
    statement::{Statement, StatementError, SubjectDigest},
    trust::{Trust, TrustError},
    verify::{AttestationError, Conditions, Expiration, VerifiedStatement, verify},
};

/// Path of the manifest below the root; also its name in the statement.
pub const MANIFEST_PATH: &str = "loadlock.manifest.json";

/// Path of the signed statement below the root. The directory that holds it is a sealed root.
pub const ENVELOPE_PATH: &str = "loadlock.manifest.dsse.json";

/// Path of the index below the root; also its name in the statement.
pub const INDEX_PATH: &str = ".loadlock/index";

/// Path of the signer's public key below the root. Convenient, and trusted only when the operator pins its id.
pub const PUBLIC_KEY_PATH: &str = "loadlock.pub.pem";

/// Signs a statement: the content of `loadlock.manifest.dsse.json`.
#[must_use]
pub fn sign(statement: &Statement, key: &PrivateKey) -> Vec<u8> {
    let payload = statement.to_json();
    let signature = envelope::Signature {
        key_id: Some(key.public().id().to_string()),
        bytes: key.sign(&envelope::pae(&payload)),
    };
    Envelope::new(payload, vec![signature]).to_json()
}

/// Reads the envelope of a root; one that is larger than [`envelope::MAX_SIZE`] or no regular file is an error.
///
/// # Errors
/// Whatever opening or reading the file reports.
pub fn read_envelope(root: &std::path::Path) -> std::io::Result<Vec<u8>> {
    disk::read_bounded(&root.join(ENVELOPE_PATH), envelope::MAX_SIZE as u64, disk::Links::Refuse)
}
