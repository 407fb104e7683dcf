//! A policy against a tree.
//!
//! The most specific key wins whole: a location before `name@range` before a name; nothing is merged.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    capability::Capability,
    compiled::{Compiled, Preload, Settings},
    diagnostics::{Diagnostic, Diagnostics, Rule},
    document::{Document, Entry, Grant, Key, Scope},
    grants::{GrantKind, Grants},
    pattern::Pattern,
    suggest::nearest,
    tree::{Packages, label},
};
use crate::{digest::Digest, module_path::ModulePath};

/// Which entry of the document counts for each package that has one.
pub type Assignment = BTreeMap<ModulePath, usize>;

/// Compiles `document`, which must have no errors, against the packages of a tree. What is said about packages that are
/// not there goes to `diagnostics`.
#[must_use]
pub fn compile(
    document: &Document,
    text: &str,
    packages: &Packages,
    diagnostics: &mut Diagnostics,
) -> Compiled {
    let assignment = assign(document, packages, diagnostics);
    let names = Names::new(packages);
    let mut all: BTreeMap<ModulePath, Grants> = BTreeMap::new();
    let mut preloads = BTreeSet::new();
    for entry in &document.entries {
        names.check_imports(entry, diagnostics);
    }
    for (location, package) in packages {
        let mut grants = Grants::default();
        grants.set_declared(package.declared.iter().cloned());
        if let Some(entry) = assignment.get(location).and_then(|entry| document.entries.get(*entry)) {
            for grant in &entry.grants {
                apply(&mut grants, grant, &names);
                if grant.capability == Capability::Patch
                    && let Scope::List(values) = &grant.scope
                {
                    preloads.extend(values.iter().map(|value| Preload {
                        location: location.clone(),
                        specifier: value.pattern.to_string(),
                    }));
                }
            }
        }
        all.insert(location.clone(), grants);
    }
    mark_powerful(&mut all);
    let settings = Settings {
        policy_digest: Digest::of(text.as_bytes()),
        enforcement: document.enforcement,
        on_violation: document.on_violation,
        preloads: preloads.into_iter().collect(),
        patched: all.values().any(|grants| grants.kind(Capability::Patch) == GrantKind::Whole),
        definable: definable(&all),
        // The sealer knows the files.
        mentioned: 0,
    };
    Compiled { settings, grants: all }
}

/// Finds the entry of each package, and complains about entries that no package has.
pub fn assign(document: &Document, packages: &Packages, diagnostics: &mut Diagnostics) -> Assignment {
    let names = Names::new(packages);
    let mut assignment = Assignment::new();
    let mut reported = BTreeSet::new();
    for (location, package) in packages {
        let name = label(location);
        let version = package.version.as_deref().unwrap_or_default();
        let mut best: Option<(u8, usize)> = None;
        for (at, entry) in document.entries.iter().enumerate() {
            let rank = match &entry.key {
                Key::Location(key) if key == location => 3,
                Key::Range(key, range) if key == name && range.contains(version) => 2,
                Key::Name(key) if key == name => 1,
                _ => continue,
            };
            match best {
                Some((2, other)) if rank == 2 => {
                    // A location key would end the doubt; the error stays, since the next tree may be without it.
                    if reported.insert((other, at)) {
                        let first = &document.entries[other];
                        diagnostics.push(
                            Diagnostic::new(
                                Rule::Ambiguous,
                                entry.at.clone(),
                                format!("{name}@{version} is in the ranges of two keys"),
                            )
                            .related(first.at.clone(), "the other one")
                            .help("make the ranges disjoint, or use the location"),
                        );
                    }
                }
                Some((found, _)) if found >= rank => {}
                _ => best = Some((rank, at)),
            }
        }
        if let Some((_, at)) = best {
            assignment.insert(location.clone(), at);
        }
    }
    let used: BTreeSet<usize> = assignment.values().copied().collect();
    for (at, entry) in document.entries.iter().enumerate() {
        if !used.contains(&at) && !reported.iter().any(|(_, other)| *other == at) {
            names.complain(entry, document, &assignment, diagnostics);
        }
    }
    assignment
}

/// The packages of each name.
struct Names<'a> {
    packages: &'a Packages,
    locations: BTreeMap<&'a str, Vec<&'a ModulePath>>,
}

impl<'a> Names<'a> {
    fn new(packages: &'a Packages) -> Self {
        let mut locations: BTreeMap<&str, Vec<&ModulePath>> = BTreeMap::new();
        for location in packages.keys() {
            locations.entry(label(location)).or_default().push(location);
        }
        Self { packages, locations }
    }

    /// The locations that a value of `imports` stands for.
    fn expand(&self, text: &str) -> Vec<ModulePath> {
        match self.locations.get(text) {
            Some(locations) => locations.iter().map(|location| (*location).clone()).collect(),
            None => ModulePath::parse(text)
                .ok()
                .filter(|path| self.packages.contains_key(path))
                .into_iter()
                .collect(),
        }
    }

    fn check_imports(&self, entry: &Entry, diagnostics: &mut Diagnostics) {
        for grant in entry.grants.iter().filter(|grant| grant.capability == Capability::Imports) {
            let Scope::List(values) = &grant.scope else { continue };
            for value in values {
                let text = value.pattern.to_string();
                if self.expand(&text).is_empty() {
                    diagnostics.push(self.unknown(&text, value.at.clone()));
                }
            }
        }
    }

    /// Says why an entry is for no package.
    fn complain(
        &self,
        entry: &Entry,
        document: &Document,
        assignment: &Assignment,
        diagnostics: &mut Diagnostics,
    ) {
        let name = match &entry.key {
            Key::Location(_) => return diagnostics.push(self.unknown(&entry.text, entry.at.clone())),
            Key::Name(name) | Key::Range(name, _) => name.as_str(),
        };
        let Some(locations) = self.locations.get(name) else {
            return diagnostics.push(self.unknown(name, entry.at.clone()));
        };
        let versions: BTreeSet<&str> =
            locations.iter().filter_map(|location| self.packages[*location].version.as_deref()).collect();
        let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
        if let Key::Range(_, range) = &entry.key
            && !locations.iter().any(|location| {
                range.contains(self.packages[*location].version.as_deref().unwrap_or_default())
            })
        {
            let message = format!("no {name} in the tree has a version in this range");
            return diagnostics.push(
                Diagnostic::new(Rule::UnknownPackage, entry.at.clone(), message)
                    .help(format!("the tree has {name} {versions}")),
            );
        }
        let mut diagnostic = Diagnostic::new(
            Rule::Shadowed,
            entry.at.clone(),
            format!("every {name} in the tree has an entry with a more specific key"),
        )
        .label("changes nothing")
        .help("remove it, or one of the others");
        let others: BTreeSet<usize> =
            locations.iter().filter_map(|location| assignment.get(*location).copied()).collect();
        for other in others.into_iter().filter_map(|at| document.entries.get(at)) {
            diagnostic = diagnostic.related(other.at.clone(), "this one counts");
        }
        diagnostics.push(diagnostic);
    }

    fn unknown(&self, text: &str, at: std::ops::Range<usize>) -> Diagnostic {
        let diagnostic =
            Diagnostic::new(Rule::UnknownPackage, at, format!("the tree has no package {text:?}"));
        let alias = self.packages.iter().find(|(_, package)| package.claimed_name.as_deref() == Some(text));
        if let Some((location, _)) = alias {
            return diagnostic.help(format!("it is installed as {:?}", label(location)));
        }
        let near = if text.contains("node_modules/") {
            nearest(text, self.packages.keys().map(ModulePath::as_str))
        } else {
            nearest(text, self.locations.keys().copied())
        };
        match near {
            Some(word) => diagnostic.help(format!("did you mean {word:?}?")),
            None => diagnostic.help("remove it, or install the package"),
        }
    }
}

fn apply(grants: &mut Grants, grant: &Grant, names: &Names<'_>) {
    match &grant.scope {
        Scope::Nothing => {}
        Scope::Whole => grants.grant_whole(grant.capability),
        Scope::List(values) if grant.capability == Capability::Imports => {
            let locations = values.iter().flat_map(|value| names.expand(&value.pattern.to_string()));
            let patterns = locations.map(|location| Pattern::Exact(location.as_str().to_owned()));
            grants.grant_scoped(grant.capability, patterns.collect());
        }
        Scope::List(values) => {
            grants.grant_scoped(grant.capability, values.iter().map(|value| value.pattern.clone()).collect());
        }
    }
}

/// A package is powerful if it is granted a power, or may load a powerful package. Packages that are only declared are
/// loaded only while they are not powerful, so it is `imports` alone that leads to power.
pub fn mark_powerful(all: &mut BTreeMap<ModulePath, Grants>) {
    let mut importers: BTreeMap<String, Vec<ModulePath>> = BTreeMap::new();
    let mut of_all = Vec::new();
    for (location, grants) in &*all {
        if grants.kind(Capability::Imports) == GrantKind::Whole {
            of_all.push(location.clone());
        }
        for target in grants.values(Capability::Imports) {
            importers.entry(target.to_string()).or_default().push(location.clone());
        }
    }
    let mut pending: Vec<ModulePath> =
        all.iter().filter(|(_, grants)| grants.has_power()).map(|(location, _)| location.clone()).collect();
    if !pending.is_empty() {
        pending.extend(of_all);
    }
    while let Some(location) = pending.pop() {
        let Some(grants) = all.get_mut(&location) else { continue };
        if !grants.is_powerful() {
            grants.set_powerful(true);
            pending.extend(importers.get(location.as_str()).into_iter().flatten().cloned());
        }
    }
}

/// The names that any package may replace on the global object.
fn definable(grants: &BTreeMap<ModulePath, Grants>) -> Vec<String> {
    let names =
        grants.values().flat_map(|grants| grants.values(Capability::Globals)).map(ToString::to_string);
    names.collect::<BTreeSet<_>>().into_iter().collect()
}
