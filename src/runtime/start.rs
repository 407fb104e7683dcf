//! From the operator's settings to an open seal. Nothing here depends on the number of sealed files.

use std::{collections::HashMap, path::Path};

use super::{
    Enforcement, NodeFacts, RUNTIME, Refusal, Runtime, StartOptions, capability::Policy, events::Events,
    tokens::Tokens,
};
use crate::{
    attestation::{self, AttestationError, Conditions, EpochError, TrustError, VerifiedStatement, epoch},
    error::Code,
    index::{Index, IndexError, RecordError},
    module_path::ModulePath,
    policy::Settings,
    resolve::ResolveOptions,
};

/// What a start has to tell.
#[derive(Debug, Clone, Default)]
pub struct StartReport {
    /// The sealed root.
    pub root: String,
    /// Whether intrinsics are to be frozen.
    pub lockdown: bool,
    /// Whether refusals are only recorded.
    pub audit: bool,
    /// Whether capabilities are enforced.
    pub policy: bool,
    /// Whether violations of that policy are only recorded.
    pub reports_only: bool,
    /// What the operator should read: a key in the application tree, an epoch that cannot be remembered.
    pub warnings: Vec<String>,
    /// Settings for child processes, so that they open the same seal with the same trust.
    pub child_environment: Vec<(String, String)>,
}

impl Runtime {
    /// Opens the seal of this process. A second call, from a worker, finds it open and only reports.
    ///
    /// # Errors
    /// A [`Refusal`]: no seal, no trust, a bad signature, an old epoch, an unusable index.
    pub fn start(options: &StartOptions, facts: &NodeFacts) -> Result<StartReport, Refusal> {
        if let Some(runtime) = RUNTIME.get() {
            return Ok(runtime.report(Vec::new()));
        }
        Self::open(options, facts).inspect_err(|refusal| {
            // There is no runtime to record it; the log file, if it can be had, still should tell.
            if let Ok(events) = Events::open(options.log.as_deref()) {
                events.record(refusal, options.enforcement);
            }
        })
    }

    fn open(options: &StartOptions, facts: &NodeFacts) -> Result<StartReport, Refusal> {
        let root = options.find_root(facts)?;
        let (statement, warnings) = verified_statement(&root, options)?;
        let index = Index::open(&root.join(attestation::INDEX_PATH), statement.index_root)
            .map_err(|error| Refusal::index(&error))?;
        let events = Events::open(options.log.as_deref()).map_err(|error| {
            Refusal::new(
                Code::Unsupported,
                "violations are recorded",
                format!("the log of LOADLOCK_LOG cannot be opened: {error}"),
                "name a file that this user may append to",
            )
        })?;
        let policy = match statement.policy {
            Some(_) => Some(open_policy(&index, options)?),
            None if options.learn.is_some() => {
                return Err(Refusal::new(
                    Code::Unsupported,
                    "learning narrows a policy",
                    "LOADLOCK_LEARN is set and the seal has no policy".to_owned(),
                    "run `loadlock policy infer` and seal again",
                ));
            }
            None => None,
        };
        let runtime = Self {
            policy,
            resolve_options: ResolveOptions {
                extensions: facts.extensions.clone(),
                require_conditions: facts.require_conditions.clone(),
                builtins: facts.builtins.clone(),
                node_path: facts
                    .node_path
                    .iter()
                    .filter_map(|directory| ModulePath::below(&root, Path::new(directory)))
                    .collect(),
                hash_slash: facts.hash_slash,
            },
            index,
            enforcement: options.enforcement,
            lockdown: statement.lockdown,
            child_environment: child_environment(options, &root, statement.epoch),
            memo: Default::default(),
            packages: HashMap::new().into(),
            checked: Default::default(),
            natives: HashMap::new().into(),
            tokens: Tokens::default(),
            events,
            root,
        };
        // Two threads cannot race here: workers start after the main thread's preload has returned.
        let runtime = RUNTIME.get_or_init(|| runtime);
        Ok(runtime.report(warnings))
    }

    /// What a start has to tell, for one more thread.
    #[must_use]
    pub fn report(&self, warnings: Vec<String>) -> StartReport {
        StartReport {
            root: self.root.to_string_lossy().into_owned(),
            lockdown: self.lockdown,
            audit: self.enforcement == Enforcement::Audit,
            policy: self.has_policy(),
            reports_only: self.reports_only(),
            warnings,
            child_environment: self.child_environment.clone(),
        }
    }
}

fn open_policy(index: &Index, options: &StartOptions) -> Result<Policy, Refusal> {
    let settings = index.settings().map_err(|error| Refusal::index(&error))?;
    let settings = settings
        .and_then(|bytes| Settings::decode(bytes).ok())
        .ok_or_else(|| Refusal::index(&IndexError::Record(RecordError)))?;
    Policy::new(settings, options.learn.as_deref()).map_err(|error| {
        Refusal::new(
            Code::Unsupported,
            "what is learnt is written down",
            format!("the file of LOADLOCK_LEARN cannot be opened: {error}"),
            "name a file that this user may append to",
        )
    })
}

/// Computed once, at the start: later the application may have changed its environment.
fn child_environment(options: &StartOptions, root: &Path, epoch: u64) -> Vec<(String, String)> {
    let mut environment = vec![
        ("LOADLOCK_ROOT".to_owned(), root.to_string_lossy().into_owned()),
        ("LOADLOCK_MIN_EPOCH".to_owned(), epoch.to_string()),
    ];
    if let Some(trust) = &options.trust {
        // Paths were usable a moment ago, from this working directory; a child may have another one.
        let absolute = attestation::Trust::absolute_spec(trust).unwrap_or_else(|_| trust.clone());
        environment.push(("LOADLOCK_TRUST".to_owned(), absolute));
    }
    if options.enforcement == Enforcement::Audit {
        environment.push(("LOADLOCK_ENFORCEMENT".to_owned(), "audit".to_owned()));
    }
    if let Some(learn) = options.learn.as_ref().and_then(|learn| std::path::absolute(learn).ok()) {
        environment.push(("LOADLOCK_LEARN".to_owned(), learn.to_string_lossy().into_owned()));
    }
    if let attestation::StateDirectory::Configured(directory) = &options.state
        && let Ok(directory) = std::path::absolute(directory)
    {
        environment.push(("LOADLOCK_STATE_DIR".to_owned(), directory.to_string_lossy().into_owned()));
    }
    if let Some(log) = options.log.as_ref().and_then(|log| std::path::absolute(log).ok()) {
        environment.push(("LOADLOCK_LOG".to_owned(), log.to_string_lossy().into_owned()));
    }
    environment
}

/// The steps that make a statement believable, in order.
fn verified_statement(
    root: &Path,
    options: &StartOptions,
) -> Result<(VerifiedStatement, Vec<String>), Refusal> {
    let (trust, mut warnings) =
        attestation::Trust::resolve(options.trust.as_deref(), root).map_err(untrusted)?;
    let envelope = attestation::read_envelope(root).map_err(|error| {
        Refusal::new(
            Code::Format,
            "the statement is signed",
            format!("{} cannot be read: {error}", attestation::ENVELOPE_PATH),
            "seal again, and deploy the file that this writes",
        )
    })?;
    let conditions = Conditions { min_epoch: options.min_epoch, ..Conditions::now() };
    let statement = attestation::verify(&envelope, &trust, &conditions).map_err(unverified)?;
    warnings.extend(epoch::check_and_raise(&statement, root, &options.state).map_err(rolled_back)?);
    Ok((statement, warnings))
}

fn untrusted(error: TrustError) -> Refusal {
    Refusal::new(
        error.code(),
        "the trusted key comes from the operator",
        error.to_string(),
        "set LOADLOCK_TRUST (or --trust) to the public key file, or to its id (sha256:…)",
    )
}

fn unverified(error: AttestationError) -> Refusal {
    let hint = match error.code() {
        Code::Expired => "seal again, or deploy a newer seal",
        Code::Rollback => "deploy the newest seal; to go back on purpose, seal the old tree again",
        Code::Format => "deploy the envelope that `loadlock seal` wrote, unchanged",
        _ => {
            "seal with the key that is trusted here, or trust the key that signed; if neither was changed on purpose, \
              treat the deployment as tampered with"
        }
    };
    Refusal::new(error.code(), "the statement is signed by a trusted key", error.to_string(), hint)
}

fn rolled_back(error: EpochError) -> Refusal {
    Refusal::new(
        error.code(),
        "a seal never gets older",
        error.to_string(),
        "deploy the newest seal; to go back on purpose, seal the old tree again",
    )
}
