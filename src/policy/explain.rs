//! Who needs what, and how the application comes to it.

use std::collections::BTreeMap;

use super::{
    capability::Capability,
    compiled::Compiled,
    grants::GrantKind,
    infer::{Need, Needs},
    tree::{Packages, label},
};
use crate::module_path::ModulePath;

/// What there is to say about one package.
#[derive(Debug)]
pub struct Explanation {
    /// Where it is.
    pub location: ModulePath,
    /// Its version.
    pub version: Option<String>,
    /// The packages from the application to it, by location; `None` when no text leads to it.
    pub path: Option<Vec<ModulePath>>,
    /// Where each step of the path is: file, line, specifier.
    pub steps: Vec<(ModulePath, u32, String)>,
    /// What is granted or needed.
    pub capabilities: Vec<Explained>,
    /// Whether it is powerful under the policy, or without one by its needs.
    pub powerful: bool,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// One capability of a package.
#[derive(Debug)]
pub struct Explained {
    /// Which.
    pub capability: Capability,
    /// What the policy grants; `None` without a policy.
    pub granted: Option<GrantKind>,
    /// The list of a scoped grant.
    pub values: Vec<String>,
    /// The places that need it.
    pub needed: Vec<Need>,
}

/// Explains every package that is installed under `name`, or at that location.
#[must_use]
pub fn explain(
    name: &str,
    packages: &Packages,
    needs: &Needs,
    compiled: Option<&Compiled>,
) -> Vec<Explanation> {
    let powerful = needs.powerful();
    let is_meant =
        |location: &ModulePath| label(location) == name || !name.is_empty() && location.as_str() == name;
    packages
        .iter()
        .filter(|(location, _)| is_meant(location))
        .map(|(location, package)| {
            let grants = compiled.and_then(|compiled| compiled.grants.get(location));
            let nothing = BTreeMap::new();
            let needed = needs.packages.get(location).unwrap_or(&nothing);
            let capabilities = Capability::ALL.into_iter().filter_map(|capability| {
                let granted =
                    compiled.map(|_| grants.map_or(GrantKind::Denied, |grants| grants.kind(capability)));
                let places = needed.get(&capability).cloned().unwrap_or_default();
                let of_interest = !places.is_empty() || granted.is_some_and(|kind| kind != GrantKind::Denied);
                let values = grants.map(|grants| grants.values(capability)).unwrap_or_default();
                of_interest.then(|| Explained {
                    capability,
                    granted,
                    values: values.iter().map(ToString::to_string).collect(),
                    needed: places,
                })
            });
            let path = needs.path_to(location);
            let steps = path.iter().flatten().zip(path.iter().flatten().skip(1)).filter_map(|(from, to)| {
                let edge = needs.edges.get(&(from.clone(), to.clone()))?;
                Some((edge.file.clone(), edge.line, edge.specifier.clone()))
            });
            Explanation {
                location: location.clone(),
                version: package.version.clone(),
                steps: steps.collect(),
                capabilities: capabilities.collect(),
                powerful: grants.map_or_else(|| powerful.contains(location), |grants| grants.is_powerful()),
                notes: needs.notes.get(location).into_iter().flatten().cloned().collect(),
                path,
            }
        })
        .collect()
}
