//! From untrusted bytes to a statement that may be believed.

use std::{collections::BTreeSet, ops::Deref};

use jiff::Timestamp;
use thiserror::Error;

use super::{Envelope, EnvelopeError, KeyId, Statement, StatementError, Trust, envelope::pae};
use crate::error::Code;

/// Checks an envelope, step by step, and gives out its statement.
///
/// Roll-back against the remembered epoch is one more step, [`super::epoch::check_and_raise`]: it changes the machine
/// and belongs to a start, not to a look.
///
/// # Errors
/// [`AttestationError`] of the first step that fails.
pub fn verify(
    envelope: &[u8],
    trust: &Trust,
    conditions: &Conditions,
) -> Result<VerifiedStatement, AttestationError> {
    let envelope = Envelope::parse(envelope)?;
    let signers = trusted_signers(&envelope, trust)?;
    let statement = Statement::parse(envelope.payload())?;
    check_expiration(&statement, conditions.expiration)?;
    check_min_epoch(&statement, conditions.min_epoch)?;
    Ok(VerifiedStatement { statement, signers })
}

/// A statement that trusted keys have signed. Only [`verify`] can make one.
#[derive(Debug, Clone)]
pub struct VerifiedStatement {
    statement: Statement,
    signers: BTreeSet<KeyId>,
}

impl VerifiedStatement {
    /// The trusted keys whose signatures were found valid.
    #[must_use]
    pub const fn signers(&self) -> &BTreeSet<KeyId> {
        &self.signers
    }
}

impl Deref for VerifiedStatement {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.statement
    }
}

/// What else must hold, beside the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// How the date of expiry is treated.
    pub expiration: Expiration,
    /// The lowest epoch that the operator accepts (`LOADLOCK_MIN_EPOCH`).
    pub min_epoch: u64,
}

impl Conditions {
    /// The usual conditions: the statement is in force now, at any epoch.
    #[must_use]
    pub fn now() -> Self {
        Self { expiration: Expiration::EnforcedAt(Timestamp::now()), min_epoch: 0 }
    }
}

/// Whether an expired statement is refused. An enum, so that the dangerous choice can be read where it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// Refuse what is void at this moment.
    EnforcedAt(Timestamp),
    /// Accept an expired statement; right only for reading the past, such as the previous epoch.
    Ignored,
}

/// Why an envelope gives out no statement.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// A trusted key is named, but the signature is not its signature over these bytes: changed after signing.
    #[error("the signature by key {} is not valid: the statement was changed after it was signed", list(.0))]
    BadSignature(BTreeSet<KeyId>),
    /// Not an envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The operator's lowest epoch is higher.
    #[error("epoch {found} is below {lowest}, the lowest that is accepted here")]
    EpochTooLow { found: u64, lowest: u64 },
    /// The statement's time has passed.
    #[error("the seal expired at {0}")]
    Expired(Timestamp),
    /// Nobody who is trusted has signed, or fewer than must.
    #[error("signed by {}, but trusted is {}", seen_list(.seen), list(.trusted))]
    NoTrustedSignature { seen: Vec<String>, trusted: BTreeSet<KeyId> },
    /// Signed, but not a statement of this version.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl AttestationError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::BadSignature(_) | Self::NoTrustedSignature { .. } => Code::Signature,
            Self::Envelope(_) | Self::Statement(_) => Code::Format,
            Self::EpochTooLow { .. } => Code::Rollback,
            Self::Expired(_) => Code::Expired,
        }
    }
}

/// The one place that counts signatures: distinct trusted keys, each once, however many signatures it made.
///
/// A signature that names an unknown key is nobody's. One that names no key is tried with every trusted key, as DSSE
/// makes the name optional.
fn trusted_signers(envelope: &Envelope, trust: &Trust) -> Result<BTreeSet<KeyId>, AttestationError> {
    let message = pae(envelope.payload());
    let mut valid = BTreeSet::new();
    let mut invalid = BTreeSet::new();
    for signature in envelope.signatures() {
        for key in trust.keys() {
            match &signature.key_id {
                Some(named) if *named != key.id().to_string() => {}
                _ if key.verifies(&message, &signature.bytes) => drop(valid.insert(key.id())),
                Some(_) => drop(invalid.insert(key.id())),
                None => {}
            }
        }
    }
    if valid.len() >= trust.threshold() {
        return Ok(valid);
    }
    if valid.is_empty() && !invalid.is_empty() {
        return Err(AttestationError::BadSignature(invalid));
    }
    let seen =
        envelope.signatures().iter().map(|signature| signature.key_id.clone().unwrap_or_default()).collect();
    Err(AttestationError::NoTrustedSignature { seen, trusted: trust.ids() })
}

fn check_expiration(statement: &Statement, expiration: Expiration) -> Result<(), AttestationError> {
    match (statement.expires, expiration) {
        (Some(expires), Expiration::EnforcedAt(now)) if expires <= now => {
            Err(AttestationError::Expired(expires))
        }
        _ => Ok(()),
    }
}

fn check_min_epoch(statement: &Statement, lowest: u64) -> Result<(), AttestationError> {
    if statement.epoch < lowest {
        return Err(AttestationError::EpochTooLow { found: statement.epoch, lowest });
    }
    Ok(())
}

fn list(ids: &BTreeSet<KeyId>) -> String {
    ids.iter().map(|id| format!("sha256:{id}")).collect::<Vec<_>>().join(", ")
}

/// The names come from the untrusted envelope: quoted and cut, so that they cannot dress up as our message.
fn seen_list(seen: &[String]) -> String {
    let name = |id: &String| match KeyId::parse(id) {
        Some(id) => format!("sha256:{id}"),
        None if id.is_empty() => "an unnamed key".to_owned(),
        None => format!("{:?}", id.chars().take(80).collect::<String>()),
    };
    if seen.is_empty() { "nobody".to_owned() } else { seen.iter().map(name).collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Algorithm, PrivateKey, envelope::Signature, sign, statement::tests::sample},
        *,
    };

    const ALWAYS: Conditions = Conditions { expiration: Expiration::Ignored, min_epoch: 0 };

    fn key() -> PrivateKey {
        PrivateKey::generate(Algorithm::Ed25519).unwrap()
    }

    fn signature(key: &PrivateKey, key_id: Option<String>) -> Signature {
        Signature { key_id, bytes: key.sign(&pae(&sample().to_json())) }
    }

    fn check(signatures: Vec<Signature>, trust: &Trust) -> Result<VerifiedStatement, AttestationError> {
        verify(&Envelope::new(sample().to_json(), signatures).to_json(), trust, &ALWAYS)
    }

    #[test]
    fn what_was_signed_is_verified_under_both_schemes() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
            let key = PrivateKey::generate(algorithm).unwrap();
            let verified =
                verify(&sign(&sample(), &key), &Trust::only(key.public().clone()), &ALWAYS).unwrap();
            assert_eq!(*verified, sample());
            assert_eq!(verified.signers(), &BTreeSet::from([key.public().id()]));
        }
    }

    #[test]
    fn another_key_is_nobody() {
        let (signer, trusted) = (key(), key());
        let error =
            verify(&sign(&sample(), &signer), &Trust::only(trusted.public().clone()), &ALWAYS).unwrap_err();
        assert_eq!(error.code(), Code::Signature);
        for id in [signer.public().id(), trusted.public().id()] {
            assert!(error.to_string().contains(&id.to_string()), "{error}");
        }
    }

    #[test]
    fn a_key_counts_once_however_often_it_signs() {
        let (first, second) = (key(), key());
        let mut trust = Trust::only(first.public().clone());
        trust.add(second.public().clone());
        let once = signature(&first, Some(first.public().id().to_string()));
        let unnamed = signature(&first, None);
        let other = signature(&second, None);
        trust.require(2);
        assert!(check(vec![once.clone(), once.clone(), unnamed.clone()], &trust).is_err());
        assert_eq!(check(vec![once, unnamed, other], &trust).unwrap().signers().len(), 2);
    }

    #[test]
    fn a_wrong_signature_beside_a_right_one_does_no_harm_and_alone_is_named() {
        let (signer, other) = (key(), key());
        let trust = Trust::only(signer.public().clone());
        let name = Some(signer.public().id().to_string());
        let (right, wrong) = (signature(&signer, name.clone()), signature(&other, name));
        assert!(check(vec![wrong.clone(), right], &trust).is_ok());
        assert!(matches!(check(vec![wrong], &trust), Err(AttestationError::BadSignature(_))));
        assert!(matches!(check(vec![], &trust), Err(AttestationError::NoTrustedSignature { .. })));
        assert!(check(vec![signature(&other, None)], &trust).is_err());
    }

    #[test]
    fn hostile_key_names_do_not_reach_the_terminal() {
        let trust = Trust::only(key().public().clone());
        let hostile = signature(&key(), Some(format!("\x1b[2Jfine\n{}", "x".repeat(500))));
        let message = check(vec![hostile], &trust).unwrap_err().to_string();
        assert!(!message.contains(['\x1b', '\n']) && message.len() < 300, "{message}");
    }

    #[test]
    fn expiry_and_lowest_epoch_are_enforced() {
        let key = key();
        let trust = Trust::only(key.public().clone());
        let check = |expiration, min_epoch| {
            verify(&sign(&sample(), &key), &trust, &Conditions { expiration, min_epoch })
                .map(|statement| statement.epoch)
                .map_err(|error| error.code())
        };
        let expires = sample().expires.unwrap();
        let before = expires - jiff::SignedDuration::from_secs(1);
        assert_eq!(check(Expiration::EnforcedAt(before), 7), Ok(7));
        assert_eq!(check(Expiration::EnforcedAt(expires), 7), Err(Code::Expired));
        assert_eq!(check(Expiration::EnforcedAt(before), 8), Err(Code::Rollback));
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let key = key();
        let trust = Trust::only(key.public().clone());
        let envelope = sign(&sample(), &key);
        for at in (0..envelope.len()).step_by(11) {
            let mut changed = envelope.clone();
            changed[at] ^= 1;
            // A change that the decoder maps to the same bytes (white space, the unused key name) may pass, but what
            // passes is what was signed.
            if let Ok(statement) = verify(&changed, &trust, &ALWAYS) {
                assert_eq!(*statement, sample());
            }
        }
    }
}
