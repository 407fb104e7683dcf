//! What packages may do: every use of a capability that is not granted whole is decided here.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use super::{Enforcement, Refusal, Runtime, real_path::real_path};
use crate::{
    index::IndexError,
    module_path::ModulePath,
    policy::{
        Capability, Enforcement as PolicyEnforcement, GrantKind, Grants, OnViolation, Places, Settings,
        ValueKind,
    },
};

/// The location under which code asks whose package nobody knows: text that was evaluated in the global scope, whoever
/// holds a socket of another package.
pub const NOBODY: &str = "?";

/// The signed policy of this process.
#[derive(Debug)]
pub(super) struct Policy {
    settings: Settings,
    packages: Mutex<HashMap<String, Arc<Package>>>,
    learned: Option<Learned>,
    temporary: PathBuf,
}

/// One package, under its location.
#[derive(Debug)]
struct Package {
    location: ModulePath,
    grants: Grants,
    places: Places,
}

impl Policy {
    /// `learn` names a file that gets a line for every different use of a capability.
    ///
    /// # Errors
    /// When that file cannot be opened.
    pub fn new(settings: Settings, learn: Option<&Path>) -> std::io::Result<Self> {
        Ok(Self {
            settings,
            packages: Mutex::default(),
            learned: learn.map(Learned::open).transpose()?,
            temporary: real_path(&std::env::temp_dir(), true),
        })
    }
}

impl Runtime {
    /// Whether the seal has a capability policy.
    #[must_use]
    pub fn has_policy(&self) -> bool {
        self.policy.is_some()
    }

    /// What the policy says about the process as a whole.
    #[must_use]
    pub fn policy_settings(&self) -> Option<&Settings> {
        self.policy.as_ref().map(|policy| &policy.settings)
    }

    /// How each capability is granted to a package, in the order of [`Capability::ALL`].
    ///
    /// # Errors
    /// A [`Refusal`] when the index cannot be read.
    pub fn grant_kinds(&self, location: &str) -> Result<Vec<GrantKind>, Refusal> {
        let Some((policy, package)) = self.package_policy(location)? else {
            return Ok(vec![GrantKind::Whole; Capability::COUNT]);
        };
        let kind = |capability: Capability| match package.grants.kind(capability) {
            // While learning, every value comes by here. What has no value is not worth the loss of `eval`'s meaning.
            GrantKind::Denied if capability == Capability::Process && talks_to_children(&package.grants) => {
                GrantKind::Scoped
            }
            GrantKind::Whole if policy.learned.is_some() && is_learnt(capability) => GrantKind::Scoped,
            kind => kind,
        };
        Ok(Capability::ALL.into_iter().map(kind).collect())
    }

    /// Whether a package may use a capability with a value. Records nothing, except while learning.
    ///
    /// # Errors
    /// A [`Refusal`] when the index cannot be read.
    pub fn permits(&self, location: &str, capability: Capability, value: &str) -> Result<bool, Refusal> {
        let Some((policy, package)) = self.package_policy(location)? else { return Ok(true) };
        if let Some(learned) = &policy.learned {
            // Without a value nothing was used yet: a facade only looks how it has to be made.
            if !value.is_empty() || !is_learnt(capability) {
                learned.note(location, capability, value);
            }
            return Ok(true);
        }
        let by_child =
            capability == Capability::Process && value == "ipc" && talks_to_children(&package.grants);
        Ok(by_child || package.grants.permits(capability, value, &package.places))
    }

    /// Refuses a use that is not granted.
    ///
    /// # Errors
    /// A [`Refusal`] with `ERR_LOADLOCK_CAPABILITY`.
    pub fn demand(
        &self,
        location: &str,
        capability: Capability,
        value: &str,
        attempt: &str,
    ) -> Result<(), Refusal> {
        if self.permits(location, capability, value)? {
            return Ok(());
        }
        self.violate(self.capability_refusal(location, capability, value, attempt))
    }

    /// Records a use that is not granted and that is answered by doing nothing: it never ends the process.
    ///
    /// # Errors
    /// A [`Refusal`] when the index cannot be read.
    pub fn note(
        &self,
        location: &str,
        capability: Capability,
        value: &str,
        attempt: &str,
    ) -> Result<(), Refusal> {
        if !self.permits(location, capability, value)? {
            let refusal = self.capability_refusal(location, capability, value, attempt);
            let decision = if self.reports_only() { Enforcement::Audit } else { Enforcement::Enforce };
            self.events.record(&refusal, decision);
        }
        Ok(())
    }

    /// As [`Runtime::demand`] for a file. Gives the real path of `path`, which is what was decided on.
    ///
    /// # Errors
    /// As [`Runtime::demand`].
    pub fn demand_path(
        &self,
        location: &str,
        capability: Capability,
        path: &str,
        follow: bool,
        attempt: &str,
    ) -> Result<String, Refusal> {
        let real = real_path(Path::new(path), follow);
        // A name that is no text matches no pattern.
        let real = real.into_os_string().into_string();
        let value = real.as_deref().unwrap_or("\u{fffd}");
        if !self.permits(location, capability, value)? {
            self.violate(self.capability_refusal(location, capability, value, attempt))
                // Where a link leads is not the package's to know: it hears the name that it gave.
                .map_err(|_| self.capability_refusal(location, capability, path, attempt))?;
        }
        Ok(real.unwrap_or_else(|_| path.to_owned()))
    }

    /// Refuses to load `target` (absolute) for the package at `importer`, unless the policy has that edge.
    ///
    /// # Errors
    /// As [`Runtime::demand`].
    pub fn check_edge(&self, importer: &str, target: &str, specifier: &str) -> Result<(), Refusal> {
        let owner = self.package_of(target);
        if owner == importer {
            return Ok(());
        }
        let Some((policy, package)) = self.package_policy(importer)? else { return Ok(()) };
        let Some((_, other)) = self.package_policy(&owner)? else { return Ok(()) };
        // What a package is called is no secret and no power.
        if target.ends_with("/package.json") {
            return Ok(());
        }
        if let Some(learned) = &policy.learned {
            learned.note(importer, Capability::Imports, &owner);
            return Ok(());
        }
        let declared = package.grants.declares(specifier);
        if package.grants.edge_permitted(
            &package.location,
            &other.location,
            other.grants.is_powerful(),
            declared,
        ) {
            return Ok(());
        }
        // Packages whose job is to find the native binding of others are granted its file.
        if target.ends_with(".node") && self.permits(importer, Capability::Addons, target)? {
            return Ok(());
        }
        let (name, attempt) = (self.package_name(&owner), format!("loading {specifier:?}"));
        self.violate(self.capability_refusal(importer, Capability::Imports, &name, &attempt))
    }

    /// The location of the package that an absolute path belongs to; the application for a path outside the root.
    #[must_use]
    pub fn package_of(&self, path: &str) -> String {
        let Some(path) = self.module_path(Path::new(path)) else { return String::new() };
        // A file beside the packages is nobody's: a planted `node_modules/name.js` must not run as the application.
        let mut above = path.as_str().rsplit('/').skip(1);
        let loose = match (above.next(), above.next()) {
            (Some("node_modules"), _) => true,
            (Some(scope), Some("node_modules")) => scope.starts_with('@'),
            _ => false,
        };
        if loose {
            path.as_str().to_owned()
        } else {
            crate::manifest::Manifest::owner(&path).as_str().to_owned()
        }
    }

    /// The modules that run before the lockdown: importing package and specifier.
    #[must_use]
    pub fn preloads(&self) -> Vec<(String, String)> {
        let preloads = self.policy.iter().flat_map(|policy| &policy.settings.preloads);
        preloads.map(|preload| (preload.location.as_str().to_owned(), preload.specifier.clone())).collect()
    }

    /// Whether a violation of the policy is only recorded.
    #[must_use]
    pub fn reports_only(&self) -> bool {
        self.enforcement == Enforcement::Audit
            || self.policy.as_ref().is_some_and(|policy| {
                policy.settings.enforcement == PolicyEnforcement::Audit || policy.learned.is_some()
            })
    }

    fn capability_refusal(
        &self,
        location: &str,
        capability: Capability,
        value: &str,
        attempt: &str,
    ) -> Refusal {
        Refusal::capability(location, self.package_name(location), capability, value, attempt)
    }

    fn violate(&self, refusal: Refusal) -> Result<(), Refusal> {
        if self.reports_only() {
            self.events.record(&refusal, Enforcement::Audit);
            return Ok(());
        }
        self.events.record(&refusal, Enforcement::Enforce);
        if self.policy.as_ref().is_some_and(|policy| policy.settings.on_violation == OnViolation::Exit) {
            let text =
                format!("loadlock: {} [{}]\n  what to do {}\n", refusal.message, refusal.code, refusal.hint);
            // The process ends either way.
            let _ = std::io::stderr().write_all(text.as_bytes());
            // No handler of the application runs (I10).
            // SAFETY: _exit(2) has no preconditions.
            unsafe { libc::_exit(1) }
        }
        Err(refusal)
    }

    fn package_policy(&self, location: &str) -> Result<Option<(&Policy, Arc<Package>)>, Refusal> {
        let Some(policy) = &self.policy else { return Ok(None) };
        if let Some(package) = policy.packages.lock().get(location) {
            return Ok(Some((policy, package.clone())));
        }
        let sealed = self.index.grants(location).map_err(|error| self.index_failed(&error))?;
        let grants = match sealed {
            Some(bytes) => Grants::decode(bytes)
                .map_err(|_| self.index_failed(&IndexError::Record(crate::index::RecordError)))?,
            None => Grants::default(),
        };
        let path = ModulePath::parse(location).unwrap_or_default();
        let places = Places::new(&path.to_absolute(&self.root), &self.root, &policy.temporary);
        let package = Arc::new(Package { location: path, grants, places });
        policy.packages.lock().insert(location.to_owned(), package.clone());
        Ok(Some((policy, package)))
    }

    /// The name by which the policy knows a package: the end of its location.
    fn package_name(&self, location: &str) -> String {
        match location.rsplit_once("node_modules/") {
            Some((_, name)) => name.to_owned(),
            None if location.is_empty() => ".".to_owned(),
            None => location.to_owned(),
        }
    }
}

/// Whether values of a capability are worth learning. A flag has none; what `patch` lists is decided before anything
/// runs, and without it an agent is not what it will be.
fn is_learnt(capability: Capability) -> bool {
    !matches!(capability.value_kind(), ValueKind::Flag | ValueKind::Specifiers)
}

/// Whether `process: ["ipc"]` comes with another grant: the other end of the channel is a child that the package may
/// start, or the parent that started it from there.
fn talks_to_children(grants: &Grants) -> bool {
    grants.kind(Capability::Child) != GrantKind::Denied
}

/// Uses of capabilities, each written once.
#[derive(Debug)]
struct Learned {
    file: Mutex<File>,
    seen: Mutex<HashSet<(String, Capability, String)>>,
}

impl Learned {
    fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self { file: Mutex::new(file), seen: Mutex::default() })
    }

    fn note(&self, location: &str, capability: Capability, value: &str) {
        if location == NOBODY || !self.seen.lock().insert((location.to_owned(), capability, value.to_owned()))
        {
            return;
        }
        let line =
            serde_json::json!({ "package": location, "capability": capability.as_str(), "value": value });
        // One write per line keeps the lines of several processes apart. A full disk loses a suggestion.
        let _ = self.file.lock().write_all(format!("{line}\n").as_bytes());
    }
}
