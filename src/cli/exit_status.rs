//! How `loadlock` ends.

use crate::error::Code;

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExitStatus {
    /// All is as it should be.
    Fine,
    /// The tree is not what was sealed.
    Findings,
    /// Wrong usage, or something that cannot be read or written.
    Usage,
    /// The seal as a whole cannot be trusted.
    Untrusted,
}

impl ExitStatus {
    /// The number that the shell sees.
    pub(super) const fn number(self) -> i32 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Untrusted => 3,
        }
    }
}

impl From<Code> for ExitStatus {
    fn from(code: Code) -> Self {
        if code.is_trust_failure() { Self::Untrusted } else { Self::Usage }
    }
}
