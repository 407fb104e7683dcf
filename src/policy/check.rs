//! What a tree wants and its policy does not grant, and the other way round.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use super::{
    capability::{Capability, ValueKind},
    compile::Assignment,
    compiled::Compiled,
    diagnostics::{Diagnostic, Diagnostics, Rule},
    document::{Document, Entry, Grant, ListedValue, Scope},
    grants::{GrantKind, Grants},
    infer::{Edge, Need, Needs},
    pattern::{Pattern, Places},
    project::ProjectFile,
    proposal::{self, Proposal, Proposed, ProposedGrant},
    tree::{key, label},
};
use crate::{index::Format, module_path::ModulePath};

/// What one package lacks of one capability.
#[derive(Debug)]
pub struct Missing {
    /// The package.
    pub location: ModulePath,
    /// The capability.
    pub capability: Capability,
    /// What to add; `None` is `true`.
    pub values: Option<BTreeSet<String>>,
    /// Why; at least one.
    pub reasons: Vec<Need>,
}

/// What the tree wants beyond `compiled`. Only what the text tells: a list of paths or hosts is taken for enough.
#[must_use]
pub fn missing(needs: &Needs, compiled: &Compiled) -> Vec<Missing> {
    let nothing = Grants::default();
    let grants = |location: &ModulePath| compiled.grants.get(location).unwrap_or(&nothing);
    let mut missing = Vec::new();
    for (location, capabilities) in &needs.packages {
        for (capability, reasons) in capabilities.iter().filter(|(it, _)| **it != Capability::Imports) {
            let lacking: Vec<Need> = reasons
                .iter()
                .filter(|need| !is_granted(grants(location), *capability, need))
                .cloned()
                .collect();
            if !lacking.is_empty() {
                let values = proposal::values(*capability, &lacking);
                missing.push(Missing {
                    location: location.clone(),
                    capability: *capability,
                    values,
                    reasons: lacking,
                });
            }
        }
    }
    let mut imports: BTreeMap<&ModulePath, Vec<Need>> = BTreeMap::new();
    for ((from, to), edge) in refused_edges(needs, &compiled.grants) {
        imports.entry(from).or_default().push(edge.need(to));
    }
    missing.extend(imports.into_iter().map(|(location, reasons)| Missing {
        location: location.clone(),
        capability: Capability::Imports,
        values: proposal::values(Capability::Imports, &reasons),
        reasons,
    }));
    missing.sort_by(|one, other| (&one.location, one.capability).cmp(&(&other.location, other.capability)));
    missing
}

/// The edges that a policy does not permit.
pub(super) fn refused_edges<'a>(
    needs: &'a Needs,
    grants: &'a BTreeMap<ModulePath, Grants>,
) -> impl Iterator<Item = (&'a (ModulePath, ModulePath), &'a Edge)> {
    needs.edges.iter().filter(|((from, to), edge)| {
        let powerful = grants.get(to).is_some_and(Grants::is_powerful);
        !grants.get(from).unwrap_or(&Grants::default()).edge_permitted(from, to, powerful, edge.declared)
    })
}

fn is_granted(grants: &Grants, capability: Capability, need: &Need) -> bool {
    match (grants.kind(capability), &need.value) {
        (GrantKind::Whole, _) => true,
        (GrantKind::Denied, _) => false,
        // The text does not tell what is needed; whoever wrote the list does.
        (GrantKind::Scoped, None) => true,
        (GrantKind::Scoped, Some(_)) if capability.value_kind() == ValueKind::Paths => true,
        (GrantKind::Scoped, Some(value)) => Pattern::parse(capability.value_kind(), value)
            .is_ok_and(|needed| grants.values(capability).iter().any(|granted| granted.covers(&needed))),
    }
}

/// Says what is missing, each at the line to change.
pub fn report_missing(
    missing: &[Missing],
    document: &Document,
    assignment: &Assignment,
    diagnostics: &mut Diagnostics,
) {
    for one in missing {
        let entry = assignment.get(&one.location).and_then(|at| document.entries.get(*at));
        let name = if one.location == ModulePath::root() { "the application" } else { label(&one.location) };
        let grant =
            entry.and_then(|entry| entry.grants.iter().find(|grant| grant.capability == one.capability));
        let at = match (grant, entry) {
            (Some(grant), _) => grant.value_at.clone(),
            (None, Some(entry)) => entry.at.clone(),
            (None, None) => document.packages_at.clone().map_or(0..0, |at| at.start..at.start + 1),
        };
        let wanted = one.values.as_ref().map_or_else(String::new, |values| {
            format!(" {}", values.iter().take(5).cloned().collect::<Vec<_>>().join(", "))
        });
        let property = proposal::property(one.capability, one.values.as_ref());
        let help = match (grant, entry) {
            (Some(_), _) => format!("add to the list: {property}"),
            (None, Some(_)) => format!("add to this entry: {property}"),
            (None, None) => {
                format!("add an entry: {}: {{ {property} }}", proposal::quote(key(&one.location)))
            }
        };
        let mut diagnostic =
            Diagnostic::new(Rule::MissingGrant, at, format!("{name} wants {}{wanted}", one.capability))
                .help(help);
        diagnostic = diagnostic.label(one.reasons.first().map(proposal::place).unwrap_or_default());
        diagnostics.push(diagnostic);
    }
}

/// Says which grants nothing in the tree uses, as far as the text tells.
pub fn report_unused(
    needs: &Needs,
    files: &BTreeMap<ModulePath, ProjectFile>,
    document: &Document,
    assignment: &Assignment,
    diagnostics: &mut Diagnostics,
) {
    let mut locations: BTreeMap<usize, Vec<&ModulePath>> = BTreeMap::new();
    for (location, entry) in assignment {
        locations.entry(*entry).or_default().push(location);
    }
    for (at, locations) in locations {
        let Some(entry) = document.entries.get(at) else { continue };
        if entry.grants.is_empty() {
            continue;
        }
        if !locations.iter().any(|location| needs.packages.contains_key(*location)) {
            let message = format!("nothing that the application loads leads to {}", entry.text);
            diagnostics.push(
                Diagnostic::new(Rule::UnusedGrant, entry.at.clone(), message)
                    .help("remove the entry, unless it is loaded in a way that the text does not show"),
            );
            continue;
        }
        unused_grants(needs, files, entry, &locations, diagnostics);
    }
}

/// Whether one of the sealed files, of which alone workers and native bindings are made, is meant.
fn names_a_file(
    value: &ListedValue,
    capability: Capability,
    files: &BTreeMap<ModulePath, ProjectFile>,
    locations: &[&ModulePath],
) -> bool {
    let Pattern::Path(pattern) = &value.pattern else { return true };
    if !pattern.is_in_tree() {
        return true;
    }
    let root = Path::new(if cfg!(windows) { "C:/r" } else { "/r" });
    locations.iter().any(|location| {
        let places = Places::new(&location.to_absolute(root), root, Path::new(""));
        files
            .iter()
            .filter(|(_, file)| (file.format == Format::Addon) == (capability == Capability::Addons))
            .filter_map(|(path, _)| path.to_absolute(root).to_str().map(str::to_owned))
            .any(|path| value.pattern.matches(&path, &places))
    })
}

fn unused_grants(
    needs: &Needs,
    files: &BTreeMap<ModulePath, ProjectFile>,
    entry: &Entry,
    locations: &[&ModulePath],
    diagnostics: &mut Diagnostics,
) {
    for grant in &entry.grants {
        let capability = grant.capability;
        // What it takes to patch is not in the text.
        if capability == Capability::Patch || matches!(grant.scope, Scope::Nothing) {
            continue;
        }
        let targets: BTreeSet<&ModulePath> = needs
            .edges
            .keys()
            .filter(|(from, _)| capability == Capability::Imports && locations.contains(&from))
            .map(|(_, to)| to)
            .collect();
        let reasons: Vec<&Need> = locations
            .iter()
            .filter_map(|location| needs.packages.get(*location)?.get(&capability))
            .flatten()
            .collect();
        if targets.is_empty() && reasons.is_empty() {
            let message = format!("nothing in {} uses {capability}", entry.text);
            diagnostics.push(
                Diagnostic::new(Rule::UnusedGrant, grant.at.clone(), message)
                    .help("remove it, unless it is used in a way that the text does not show"),
            );
            continue;
        }
        let Scope::List(values) = &grant.scope else { continue };
        let is_used = |value: &ListedValue| match capability.value_kind() {
            ValueKind::Packages => {
                let text = value.pattern.to_string();
                targets.iter().any(|target| label(target) == text || target.as_str() == text)
            }
            // The text tells names and words, if it tells all of them.
            ValueKind::Names | ValueKind::Words => reasons.iter().any(|need| match &need.value {
                None => true,
                Some(needed) => Pattern::parse(capability.value_kind(), needed)
                    .is_ok_and(|needed| value.pattern.covers(&needed)),
            }),
            _ if matches!(capability, Capability::Worker | Capability::Addons) => {
                names_a_file(value, capability, files, locations)
            }
            _ => true,
        };
        for value in values.iter().filter(|value| !is_used(value)) {
            let message = format!("nothing in {} uses {capability} \"{}\"", entry.text, value.pattern);
            diagnostics.push(Diagnostic::new(Rule::UnusedGrant, value.at.clone(), message).help("remove it"));
        }
    }
}

/// The text of the policy with what is missing put in. Everything else stays as it is, comments too.
#[must_use]
pub fn update(text: &str, missing: &[Missing], document: &Document, assignment: &Assignment) -> String {
    // Places of the old text, and what comes there instead.
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut entries = Proposal::new();
    // Several packages may share an entry.
    let mut wanted: BTreeMap<(usize, Capability), ProposedGrant> = BTreeMap::new();
    let nothing = || ProposedGrant { values: Some(BTreeSet::new()), reasons: Vec::new() };
    for one in missing {
        let grant = match assignment.get(&one.location) {
            Some(at) => wanted.entry((*at, one.capability)).or_insert_with(nothing),
            None => {
                let proposed: &mut Proposed = entries.entry(key(&one.location).to_owned()).or_default();
                proposed.grants.entry(one.capability).or_insert_with(nothing)
            }
        };
        match (&mut grant.values, &one.values) {
            (Some(known), Some(more)) => known.extend(more.iter().cloned()),
            (known, _) => *known = None,
        }
        grant.reasons.extend(one.reasons.iter().cloned());
    }
    let mut properties: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for ((at, capability), ProposedGrant { values, reasons }) in wanted {
        let Some(entry) = document.entries.get(at) else { continue };
        let property = proposal::property(capability, values.as_ref());
        match (entry.grants.iter().find(|grant| grant.capability == capability), &values) {
            (Some(Grant { scope: Scope::List(_), value_at, .. }), Some(values)) => {
                let more = values.iter().map(|value| proposal::quote(value)).collect::<Vec<_>>().join(", ");
                insert(text, value_at, &more, Layout::Line, &mut edits);
            }
            (Some(grant), _) => {
                let value = property.split_once(": ").map_or("true", |(_, value)| value);
                edits.push((grant.value_at.clone(), value.to_owned()));
            }
            (None, _) => {
                let comment = proposal::reason(&reasons);
                properties.entry(at).or_default().push(format!("// {comment}\n      {property}"));
            }
        }
    }
    for (at, properties) in properties {
        insert(
            text,
            &document.entries[at].object_at,
            &properties.join(",\n      "),
            Layout::Block(6),
            &mut edits,
        );
    }
    if let Some(packages) = &document.packages_at
        && !entries.is_empty()
    {
        let more: Vec<String> =
            entries.iter().map(|(name, proposed)| proposal::entry(name, proposed)).collect();
        insert(text, packages, more.join(",\n\n").trim_start(), Layout::Block(4), &mut edits);
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = text.to_owned();
    for (range, more) in edits.into_iter().rev() {
        out.replace_range(range, &more);
    }
    out
}

/// How what is inserted stands in its object or list.
#[derive(Clone, Copy)]
enum Layout {
    /// On the line of the last value.
    Line,
    /// On lines of its own, with so many spaces before them.
    Block(usize),
}

/// Inserts at the end of the object or list at `range`, after the last value and its comment, with a comma between.
fn insert(
    text: &str,
    range: &Range<usize>,
    more: &str,
    layout: Layout,
    edits: &mut Vec<(Range<usize>, String)>,
) {
    let from = range.start + 1;
    let inside = &text[from..range.end - 1];
    let (end, last) = last_token(inside);
    let comma = if matches!(last, None | Some(b',')) { "" } else { "," };
    let Layout::Block(spaces) = layout else {
        let space = if last.is_none() { "" } else { " " };
        edits.push((from + end..from + end, format!("{comma}{space}{more}")));
        return;
    };
    let line = inside[end..].find('\n').map_or(inside.len(), |at| end + at);
    let mut body = format!("\n{:spaces$}{more}", "");
    if !inside[end..].contains('\n') {
        // It closes on the line on which its last value stands.
        body.push_str(&format!("\n{:width$}", "", width = spaces - 2));
    }
    let rest = inside[end..line].trim();
    let after = if rest.starts_with("//") { line } else { end };
    if after == end {
        edits.push((from + end..from + end, format!("{comma}{body}")));
    } else {
        edits.push((from + end..from + end, comma.to_owned()));
        edits.push((from + after..from + after, body));
    }
}

/// The end of the last token that is neither white space nor comment, and its last byte.
fn last_token(text: &str) -> (usize, Option<u8>) {
    let bytes = text.as_bytes();
    let (mut at, mut end, mut last) = (0, 0, None);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'/')) => at += text[at..].find('\n').unwrap_or(text.len() - at),
            (b'/', Some(b'*')) => at += text[at + 2..].find("*/").map_or(text.len() - at, |more| more + 4),
            (b'"', _) => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
                (end, last) = (at.min(bytes.len()), Some(b'"'));
            }
            (byte, _) => {
                at += 1;
                if !byte.is_ascii_whitespace() {
                    (end, last) = (at, Some(byte));
                }
            }
        }
    }
    (end, last)
}
