//! The packages of a tree, as the policy sees them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::pattern::package_name;
use crate::module_path::ModulePath;

/// Every package of a tree by its location; the application is at the empty path.
pub type Packages = BTreeMap<ModulePath, TreePackage>;

/// What its package.json says that matters to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreePackage {
    /// The name that it claims. Its name for the policy is the one of its directory ([`label`]).
    pub claimed_name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The names that it declares as dependencies.
    pub declared: BTreeSet<String>,
    /// The names that it declares as `devDependencies`.
    pub declared_for_development: BTreeSet<String>,
    /// The names of `peerDependencies`: what it is a plugin for.
    pub peers: BTreeSet<String>,
    /// The names of `peerDependenciesMeta`: what it works with if it is there. Some packages declare them nowhere else.
    pub optional_peers: BTreeSet<String>,
    /// The programs that it installs (`bin`), relative to it.
    pub programs: BTreeSet<String>,
    /// The files that bundlers take for browsers instead of others (`browser`), relative to it.
    pub for_browsers: BTreeSet<String>,
}

impl TreePackage {
    /// Reads the text of a package.json. What is not as it should be is left out, as npm does.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let Ok(json) = serde_json::from_slice::<Value>(text) else { return Self::default() };
        let string = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        let names = |fields: &[&str]| {
            let maps = fields.iter().filter_map(|field| json.get(*field).and_then(Value::as_object));
            maps.flat_map(Map::keys).filter(|name| name.len() <= MAX_NAME).cloned().collect()
        };
        let texts = |field: &str| match json.get(field) {
            Some(Value::String(text)) => BTreeSet::from([text.clone()]),
            Some(Value::Object(map)) => map.values().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => BTreeSet::new(),
        };
        Self {
            claimed_name: string("name"),
            version: string("version"),
            declared: names(&["dependencies", "optionalDependencies", "peerDependencies"]),
            declared_for_development: names(&["devDependencies"]),
            peers: names(&["peerDependencies"]),
            optional_peers: names(&["peerDependenciesMeta"]),
            programs: texts("bin"),
            for_browsers: texts("browser"),
        }
    }
}

/// Adds what the package.json in `directory` says to the package that owns the directory. Everything outside of
/// `node_modules` is the application, so all the package.json files there declare for it, with their `devDependencies`:
/// those of workspaces too.
pub fn add(packages: &mut Packages, directory: &ModulePath, found: TreePackage) {
    let owner = directory.package_location();
    let is_application = owner == ModulePath::root();
    let package = packages.entry(owner.clone()).or_default();
    let TreePackage { mut declared, declared_for_development, .. } = found.clone();
    if is_application {
        declared.extend(declared_for_development);
        declared.append(&mut package.declared);
    }
    if owner == *directory {
        *package = TreePackage { declared, ..found };
    } else if is_application {
        package.declared = declared;
    }
    // Others below a package only set the type of their directory.
}

/// The name that a package is installed under: that of its directory, which is what others ask for, and not what its
/// package.json claims. `.` for the application.
#[must_use]
pub fn label(location: &ModulePath) -> &str {
    let text = location.as_str();
    match text.rfind("node_modules/") {
        Some(at) => &text[at + "node_modules/".len()..],
        None if text.is_empty() => ".",
        None => text,
    }
}

/// What to write into a policy for the package at `location`: its name, where that can be written.
#[must_use]
pub fn key(location: &ModulePath) -> &str {
    let name = label(location);
    let is_plain = package_name(name) == Some(name) && !name.get(1..).is_some_and(|rest| rest.contains('@'));
    if is_plain || name == "." { name } else { location.as_str() }
}

/// npm's limit.
const MAX_NAME: usize = 214;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_json_files_describe_their_owner() {
        let mut packages = Packages::new();
        let mut add = |directory: &str, text: &str| {
            super::add(
                &mut packages,
                &ModulePath::parse(directory).unwrap(),
                TreePackage::parse(text.as_bytes()),
            );
        };
        add(
            "",
            r#"{"name": "app", "version": "1.0.0", "dependencies": {"a": "1"}, "devDependencies": {"d": "1"}}"#,
        );
        add("packages/w", r#"{"name": "w", "version": "9.0.0", "dependencies": {"b": "1"}}"#);
        add(
            "node_modules/@s/a",
            r#"{"name": "other", "peerDependencies": {"p": "1"}, "devDependencies": {"x": "1"}}"#,
        );
        add("node_modules/@s/a/esm", r#"{"name": "esm", "dependencies": {"y": "1"}}"#);
        add("node_modules/broken", "{");
        add("node_modules/odd", r#"{"dependencies": ["x"], "version": 1}"#);
        let declared = |location: &str| {
            let package = &packages[&ModulePath::parse(location).unwrap()];
            package.declared.iter().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(declared(""), "a b d");
        assert_eq!(packages[&ModulePath::root()].version.as_deref(), Some("1.0.0"));
        assert_eq!(declared("node_modules/@s/a"), "p");
        assert_eq!(declared("node_modules/odd"), "");
        assert_eq!(declared("node_modules/broken"), "");
        assert_eq!(label(&ModulePath::parse("node_modules/@s/a").unwrap()), "@s/a");
        for (location, expected) in [
            ("", "."),
            ("node_modules/@s/a", "@s/a"),
            ("node_modules/a@1", "node_modules/a@1"),
            ("node_modules/a b", "node_modules/a b"),
            ("node_modules/.x", "node_modules/.x"),
        ] {
            assert_eq!(key(&ModulePath::parse(location).unwrap()), expected);
        }
    }
}
