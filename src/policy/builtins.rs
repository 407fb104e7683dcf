//! The table of Node's builtin modules: which capability each member needs (builtins.json).

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// What a member needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<Vec<String>>")]
pub enum Rule {
    /// Nobody gets it.
    Hidden,
    /// All of these; empty for a free member. `capability:word` names a value of a scoped capability.
    Needs(Vec<String>),
}

/// A builtin module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Capabilities without which it cannot be loaded.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Every member of any supported Node.
    pub members: BTreeMap<String, Rule>,
}

/// The whole table.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// Modules by name, without `node:`.
    pub modules: BTreeMap<String, Module>,
    /// Members of `process`.
    pub process: Module,
    /// Names of the global object.
    pub globals: BTreeMap<String, Rule>,
}

/// The table.
///
/// # Panics
/// Never: a test reads it.
#[must_use]
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        serde_json::from_str(include_str!("builtins.json"))
            .unwrap_or_else(|error| panic!("builtins.json: {error}"))
    });
    &TABLE
}

/// A module, named without `node:`.
#[must_use]
pub fn module(name: &str) -> Option<&'static Module> {
    table().modules.get(name)
}

impl From<Option<Vec<String>>> for Rule {
    fn from(needs: Option<Vec<String>>) -> Self {
        needs.map_or(Self::Hidden, Self::Needs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Capability;

    #[test]
    fn the_table_speaks_of_known_capabilities() {
        let table = table();
        let members =
            table.modules.values().chain([&table.process]).flat_map(|module| module.members.values());
        for rule in members.chain(table.globals.values()) {
            let Rule::Needs(words) = rule else { continue };
            for word in words {
                let capability = word.split_once(':').map_or(word.as_str(), |(capability, _)| capability);
                assert!(Capability::from_word(capability).is_some(), "{word}");
            }
        }
    }
}
