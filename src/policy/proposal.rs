//! A policy from needs, and its text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    capability::{Capability, ValueKind},
    infer::{Need, Needs},
    range::VersionRange,
    tree::{key, label},
};
use crate::module_path::ModulePath;

/// What to grant to each name.
pub type Proposal = BTreeMap<String, Proposed>;

/// What to grant to the packages of one name.
#[derive(Debug, Default)]
pub struct Proposed {
    /// How much of each capability, and why.
    pub grants: BTreeMap<Capability, ProposedGrant>,
    /// What a person should know.
    pub notes: BTreeSet<String>,
}

/// How much of a capability to grant.
#[derive(Debug)]
pub struct ProposedGrant {
    /// The list; `None` is `true`.
    pub values: Option<BTreeSet<String>>,
    /// The reasons; at least one.
    pub reasons: Vec<Need>,
}

/// The least policy: nothing for packages that need nothing.
#[must_use]
pub fn propose(needs: &Needs) -> Proposal {
    let mut proposal = Proposal::new();
    let keys = keys(needs);
    for (location, capabilities) in needs.packages.iter().filter(|(_, capabilities)| !capabilities.is_empty())
    {
        let key = keys.get(location).map_or_else(|| key(location).to_owned(), Clone::clone);
        let proposed = proposal.entry(key).or_default();
        proposed.notes.extend(needs.notes.get(location).into_iter().flatten().cloned());
        let hosts: Vec<&str> =
            needs.hosts.get(location).into_iter().flatten().take(MAX_HOSTS).map(String::as_str).collect();
        if capabilities.contains_key(&Capability::NetConnect) && !hosts.is_empty() {
            proposed.notes.insert(format!("its text names {}", hosts.join(", ")));
        }
        for (capability, reasons) in capabilities {
            let values = values(*capability, reasons);
            let grant = proposed
                .grants
                .entry(*capability)
                .or_insert_with(|| ProposedGrant { values: Some(BTreeSet::new()), reasons: Vec::new() });
            match (&mut grant.values, values) {
                (Some(known), Some(more)) => known.extend(more),
                (known, _) => *known = None,
            }
            grant.reasons.extend(reasons.iter().cloned());
        }
    }
    proposal
}

/// What to call packages of which several copies are installed that do not need the same: by their versions as far as
/// that tells them apart, else by their places. All others are called by their names.
fn keys(needs: &Needs) -> BTreeMap<ModulePath, String> {
    let mut copies: BTreeMap<&str, Vec<&ModulePath>> = BTreeMap::new();
    for location in needs.packages.keys().filter(|location| key(location) == label(location)) {
        copies.entry(label(location)).or_default().push(location);
    }
    let mut keys = BTreeMap::new();
    for (name, locations) in copies {
        // Imports follow from the rest.
        let needed = |location: &ModulePath| -> Shape {
            let capabilities = needs.packages[location].iter();
            let capabilities = capabilities.filter(|(capability, _)| **capability != Capability::Imports);
            capabilities.map(|(capability, reasons)| (*capability, values(*capability, reasons))).collect()
        };
        let mut shapes: BTreeMap<Option<String>, BTreeSet<Shape>> = BTreeMap::new();
        let range = |location: &ModulePath| compatible(needs.installed.get(location)?.version.as_deref()?);
        for location in &locations {
            shapes.entry(range(location)).or_default().insert(needed(location));
        }
        if shapes.values().flatten().collect::<BTreeSet<_>>().len() < 2 {
            continue;
        }
        for location in locations {
            let range = range(location).filter(|range| shapes[&Some(range.clone())].len() == 1);
            let key = range.map_or_else(|| location.as_str().to_owned(), |range| format!("{name}@{range}"));
            keys.insert(location.clone(), key);
        }
    }
    keys
}

/// How much of each capability a package needs.
type Shape = BTreeMap<Capability, Option<BTreeSet<String>>>;

/// The versions that npm takes for compatible with one; never two of these ranges for one version.
fn compatible(version: &str) -> Option<String> {
    let exact = semver::Version::parse(version).ok().filter(|version| version.pre.is_empty())?;
    let range = match (exact.major, exact.minor) {
        (0, 0) => format!("0.0.{}", exact.patch),
        (0, minor) => format!("0.{minor}"),
        (major, _) => major.to_string(),
    };
    VersionRange::parse(&range).filter(|range| range.contains(version)).map(|_| range)
}

/// The list that covers all reasons; `None` when only `true` does.
#[must_use]
pub fn values(capability: Capability, reasons: &[Need]) -> Option<BTreeSet<String>> {
    if capability.value_kind() == ValueKind::Flag {
        return None;
    }
    reasons.iter().map(|need| need.value.clone()).collect()
}

/// The text of a whole policy.
#[must_use]
pub fn render(proposal: &Proposal) -> String {
    let mut out = String::from(
        "// What each package may do. Written by `loadlock policy infer`; read it, and change it where you know better.\n{\n",
    );
    out.push_str("  \"$schema\": \"./node_modules/loadlock/schema/policy.schema.json\",\n  \"version\": 1,\n  \"packages\": {");
    // `.` sorts first; scoped names next.
    for (at, (name, proposed)) in proposal.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n\n" });
        out.push_str(&entry(name, proposed));
    }
    out.push_str(if proposal.is_empty() { "}\n}\n" } else { "\n  }\n}\n" });
    out
}

/// The text of one entry, without a comma after it.
#[must_use]
pub fn entry(name: &str, proposed: &Proposed) -> String {
    let mut out = String::new();
    for note in proposed.notes.iter().take(MAX_NOTES) {
        let _ = writeln!(out, "    // Note: {}", comment(note));
    }
    let _ = write!(out, "    {}: {{", quote(name));
    for (at, (capability, grant)) in proposed.grants.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            out,
            "{comma}\n      // {}\n      {}",
            reason(&grant.reasons),
            property(*capability, grant.values.as_ref())
        );
    }
    out.push_str(if proposed.grants.is_empty() { "}" } else { "\n    }" });
    out
}

/// `"env": ["NODE_ENV"]`.
#[must_use]
pub fn property(capability: Capability, values: Option<&BTreeSet<String>>) -> String {
    let Some(values) = values else { return format!("{}: true", quote(capability.as_str())) };
    let list: Vec<String> = values.iter().map(|value| quote(value)).collect();
    let line = format!("{}: [{}]", quote(capability.as_str()), list.join(", "));
    if line.len() <= 100 {
        return line;
    }
    format!("{}: [\n        {}\n      ]", quote(capability.as_str()), list.join(",\n        "))
}

/// Where and what, in one line.
#[must_use]
pub fn reason(reasons: &[Need]) -> String {
    let Some(first) = reasons.first() else { return String::new() };
    let text = place(first);
    let more = reasons.iter().map(|need| (&need.file, need.line)).collect::<BTreeSet<_>>().len() - 1;
    match more {
        0 => comment(&text),
        1 => format!("{} (and 1 more place)", comment(&text)),
        more => format!("{} (and {more} more places)", comment(&text)),
    }
}

/// `file:line: what`.
#[must_use]
pub fn place(need: &Need) -> String {
    match need.line {
        0 => need.what.clone(),
        line => format!("{}:{line}: {}", need.file, need.what),
    }
}

/// Text that cannot leave its comment.
fn comment(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|it| if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}') { '\u{fffd}' } else { it })
        .collect();
    match clean.char_indices().nth(MAX_COMMENT) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

pub(super) fn quote(text: &str) -> String {
    // A string cannot fail to serialize.
    serde_json::to_string(text).unwrap_or_default()
}

const MAX_HOSTS: usize = 8;
const MAX_NOTES: usize = 5;
const MAX_COMMENT: usize = 200;
