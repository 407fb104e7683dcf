//! What the operator and Node tell the runtime when it starts.

use std::path::{Path, PathBuf};

use crate::{
    attestation::{ENVELOPE_PATH, StateDirectory},
    error::Code,
    runtime::Refusal,
};

/// What happens to a load that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// Recorded and allowed (report-only).
    Audit,
    /// Recorded and thrown.
    Enforce,
}

/// The operator's settings, read once from the environment of the first process and handed to its children.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// `LOADLOCK_ROOT`: the sealed root. Found from the entry point when not set.
    pub root: Option<PathBuf>,
    /// `LOADLOCK_TRUST`: see [`crate::attestation::Trust::resolve`].
    pub trust: Option<String>,
    /// `LOADLOCK_MIN_EPOCH`: an older seal is a roll-back.
    pub min_epoch: u64,
    /// `LOADLOCK_STATE_DIR`: where the highest epoch is remembered.
    pub state: StateDirectory,
    /// `LOADLOCK_ENFORCEMENT`: `enforce` (default) or `audit`.
    pub enforcement: Enforcement,
    /// `LOADLOCK_LOG`: file that gets one JSON line per violation.
    pub log: Option<PathBuf>,
    /// `LOADLOCK_LEARN`: file that gets one JSON line per different use of a capability; nothing is refused for want of
    /// a grant.
    pub learn: Option<PathBuf>,
}

/// What only the running Node knows.
#[derive(Debug, Clone, Default)]
pub struct NodeFacts {
    /// The entry point as Node understood it, absolute.
    pub main: Option<PathBuf>,
    /// The working directory.
    pub cwd: PathBuf,
    /// Keys of `Module._extensions`, in order.
    pub extensions: Vec<String>,
    /// Conditions of `require`, without `default`.
    pub require_conditions: Vec<String>,
    /// `module.builtinModules`.
    pub builtins: Vec<String>,
    /// Directories of NODE_PATH.
    pub node_path: Vec<String>,
    /// Whether `#/name` is a valid key of `imports`.
    pub hash_slash: bool,
}

impl StartOptions {
    /// Reads the settings.
    ///
    /// # Errors
    /// A [`Refusal`] when a variable has a value that means nothing: a typing error must not switch a check off.
    pub fn from_env() -> Result<Self, Refusal> {
        let text = |name: &'static str| match std::env::var(name) {
            // Set and empty is a mistake somewhere else, and reading it as unset would silently trust something else.
            Ok(value) if value.is_empty() => Err(bad(name, "is set and empty")),
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(bad(name, "is not valid UTF-8")),
        };
        Ok(Self {
            root: text("LOADLOCK_ROOT")?.map(PathBuf::from),
            trust: text("LOADLOCK_TRUST")?,
            min_epoch: match text("LOADLOCK_MIN_EPOCH")? {
                Some(value) => {
                    value.parse().map_err(|_| bad("LOADLOCK_MIN_EPOCH", "is not a whole number"))?
                }
                None => 0,
            },
            state: StateDirectory::from_env(),
            enforcement: match text("LOADLOCK_ENFORCEMENT")?.as_deref() {
                None | Some("enforce") => Enforcement::Enforce,
                Some("audit") => Enforcement::Audit,
                Some(_) => return Err(bad("LOADLOCK_ENFORCEMENT", "is neither `enforce` nor `audit`")),
            },
            log: text("LOADLOCK_LOG")?.map(PathBuf::from),
            learn: text("LOADLOCK_LEARN")?.map(PathBuf::from),
        })
    }

    /// The real path of the sealed root: the one that was named, else the nearest directory above the entry point, as it
    /// was written, that holds an envelope. The working directory takes the place of an entry point that there is not.
    pub(super) fn find_root(&self, facts: &NodeFacts) -> Result<PathBuf, Refusal> {
        let real = |path: &Path| path.canonicalize().ok();
        if let Some(root) = &self.root {
            return real(root).filter(|root| root.join(ENVELOPE_PATH).is_file()).ok_or_else(|| {
                no_manifest(&format!("LOADLOCK_ROOT={} holds no {ENVELOPE_PATH}", root.display()))
            });
        }
        // As the operator wrote it, and nowhere else: a link planted at the entry point, or an envelope taken away, must
        // not make another seal the one that counts.
        // `node .` has a directory as its entry point, so the search begins there and not above it.
        let written = facts.main.as_deref().unwrap_or(&facts.cwd);
        written
            .ancestors()
            .find(|directory| directory.join(ENVELOPE_PATH).is_file())
            .and_then(real)
            .ok_or_else(|| {
                no_manifest(&format!("no {ENVELOPE_PATH} in the application's directory or above it"))
            })
    }
}

fn no_manifest(message: &str) -> Refusal {
    Refusal::new(
        Code::NoManifest,
        "only a sealed application starts",
        message.to_owned(),
        "run `npx loadlock init` (or `loadlock seal`) in the application's directory and deploy what it writes",
    )
}

fn bad(name: &str, what: &str) -> Refusal {
    Refusal::new(
        Code::Unsupported,
        "settings mean something",
        format!("the environment variable {name} {what}"),
        "correct or unset it",
    )
}
