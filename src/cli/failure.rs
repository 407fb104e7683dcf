//! Why a command did nothing, and what to do about it.

use crate::{
    attestation::{AttestationError, KeyError, TrustError},
    error::Code,
    manifest::{SealError, VerifyError},
};

use super::exit_status::ExitStatus;

/// An `error:` line and the `help:` lines below it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: ExitStatus,
    /// `None` for wrong usage.
    pub(super) code: Option<Code>,
    pub(super) message: String,
    pub(super) help: Vec<String>,
}

impl Failure {
    /// Wrong usage, or something that cannot be read or written.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { status: ExitStatus::Usage, code: None, message: message.into(), help: Vec::new() }
    }

    /// A refusal with a stable code, which also decides the exit status.
    pub(super) fn refusal(code: Code, message: impl Into<String>) -> Self {
        Self { status: code.into(), code: Some(code), message: message.into(), help: Vec::new() }
    }

    /// Adds a `help:` line.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        let failure = Self::refusal(error.code(), error.to_string());
        match error {
            TrustError::Writable(_) => {
                failure.with_help("chown root and chmod go-w it, or name the key with --trust")
            }
            TrustError::PinWithoutKey { .. } => failure
                .with_help("`loadlock seal` puts the public key there; or name the key's file with --trust"),
            _ => failure,
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        let mut message = error.to_string();
        let mut help = Vec::new();
        match error {
            SealError::Tree(problems) => {
                for problem in problems.iter().take(SHOWN) {
                    message.push_str(&format!("\n  {problem}"));
                    help.push(problem.help());
                }
                if problems.len() > SHOWN {
                    message.push_str(&format!("\n  and {} more", problems.len() - SHOWN));
                }
                help.dedup();
                help.truncate(3);
            }
            SealError::Policy(diagnostics) => {
                message.push('\n');
                // The lines with their marks; colours would be escaped with the rest of the message.
                message.push_str(anstream::adapter::strip_str(&diagnostics.to_text()).to_string().trim_end());
            }
            SealError::PolicyWithoutLockdown => {
                help.push(
                    "seal without --no-lockdown; what must patch intrinsics gets a grant of `patch`".into(),
                );
            }
            SealError::KeyInTree(_) => {
                help.push("move it out of the tree; whoever gets the application would get the key".into())
            }
            _ => {}
        }
        Self { help, ..Self::usage(message) }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        let failure = Self::refusal(error.code(), error.to_string());
        match error {
            VerifyError::NoManifest(_) => {
                failure.with_help("seal it first: loadlock init, or loadlock seal --key KEY.pem")
            }
            VerifyError::Attestation(AttestationError::Expired(_)) => failure.with_help("seal again"),
            VerifyError::Attestation(AttestationError::NoTrustedSignature { .. }) => {
                failure.with_help("seal with the trusted key, or name the key that you trust with --trust")
            }
            VerifyError::Subject { .. } => failure.with_help(
                "it was changed after it was signed, or comes from another seal; seal again if it was you",
            ),
            _ => failure,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::usage(error.to_string())
    }
}

/// More problems than this help nobody.
const SHOWN: usize = 20;
