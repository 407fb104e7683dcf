//! What a real run has used: it narrows what the text could only guess, and adds what the text did not show.
//!
//! `loadlock run --learn` writes one JSON object per line: `package` (a location; `.` or nothing is the application),
//! `capability`, and for scoped ones `value`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::Deserialize;
use thiserror::Error;

use super::{
    capability::{Capability, ValueKind},
    infer::{Edge, Need, Needs, Why},
    pattern::{Pattern, is_shell},
    tree::Packages,
};
use crate::module_path::ModulePath;

/// The facts of one or several runs.
#[derive(Debug, Default)]
pub struct Learned(BTreeMap<ModulePath, BTreeMap<Capability, BTreeSet<Option<String>>>>);

#[derive(Deserialize)]
struct Line {
    package: String,
    capability: String,
    value: Option<String>,
}

/// A line that is none.
#[derive(Debug, Error)]
#[error("line {line}: {what}")]
pub struct LearnedError {
    /// From 1.
    pub line: usize,
    /// Why.
    pub what: String,
}

impl Learned {
    /// Adds the facts of one file.
    ///
    /// # Errors
    /// The first line that is none. A run that was killed may leave half a last line: that one is left out.
    pub fn read(&mut self, text: &str) -> Result<(), LearnedError> {
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let fail = |what: String| LearnedError { line: number + 1, what };
            let line: Line = match serde_json::from_str(line) {
                Ok(line) => line,
                Err(_) if !line.ends_with('\n') => break,
                Err(error) => return Err(fail(error.to_string())),
            };
            let package = if line.package == "." { "" } else { &line.package };
            let location = ModulePath::parse(package).map_err(|error| fail(error.to_string()))?;
            let capability = Capability::from_word(&line.capability)
                .ok_or_else(|| fail(format!("{:?} is no capability", line.capability)))?;
            self.0.entry(location).or_default().entry(capability).or_default().insert(line.value);
        }
        Ok(())
    }

    /// Replaces guesses by what was used; drops what was not.
    pub fn narrow(&self, needs: &mut Needs, packages: &Packages, root: &Path, temporary: &Path) {
        let nothing = BTreeMap::new();
        for (location, capabilities) in &mut needs.packages {
            let seen = self.0.get(location).unwrap_or(&nothing);
            // A flag that is granted is not asked for at every use, so a run says nothing about it.
            let untold = |capability: &Capability| {
                *capability == Capability::Imports
                    || matches!(capability.value_kind(), ValueKind::Flag | ValueKind::Specifiers)
            };
            capabilities.retain(|capability, _| untold(capability) || seen.contains_key(capability));
        }
        for (location, seen) in self.0.iter().filter(|(location, _)| packages.contains_key(*location)) {
            for (capability, values) in seen {
                if *capability == Capability::Imports {
                    self.imports(needs, packages, location, values);
                    continue;
                }
                let list = generalise(*capability, values, location, root, temporary);
                let known =
                    needs.packages.entry(location.clone()).or_default().entry(*capability).or_default();
                let text = known.first().cloned().unwrap_or_else(|| Need {
                    value: None,
                    file: location.clone(),
                    line: 0,
                    what: "seen in a run".into(),
                });
                let with = |value: Option<String>| Need { value, ..text.clone() };
                *known = match list {
                    Some(list) => list.into_iter().map(|value| with(Some(value))).collect(),
                    None => vec![with(None)],
                };
            }
        }
    }

    fn imports(
        &self,
        needs: &mut Needs,
        packages: &Packages,
        location: &ModulePath,
        values: &BTreeSet<Option<String>>,
    ) {
        for target in values.iter().flatten().filter_map(|value| ModulePath::parse(value).ok()) {
            if packages.contains_key(&target) && target != *location {
                let specifier = super::tree::label(&target).to_owned();
                let why = Why::Named;
                let edge = Edge { file: location.clone(), line: 0, specifier, declared: false, why };
                needs.edges.entry((location.clone(), target)).or_insert(edge);
            }
        }
    }
}

/// A list that covers the values; `None` when only `true` does.
fn generalise(
    capability: Capability,
    values: &BTreeSet<Option<String>>,
    location: &ModulePath,
    root: &Path,
    temporary: &Path,
) -> Option<BTreeSet<String>> {
    let kind = capability.value_kind();
    if kind == ValueKind::Flag {
        return None;
    }
    let values: Option<BTreeSet<String>> = values.iter().cloned().collect();
    let list: BTreeSet<String> = match kind {
        ValueKind::Paths => {
            let package = location.to_absolute(root);
            let paths = values?.iter().map(|path| anchored(path, &package, root, temporary)).collect();
            directories(paths)
        }
        ValueKind::Commands => values?
            .iter()
            .map(|command| command.split('\0').next().unwrap_or_default())
            .map(|program| if is_shell(program) { "shell".to_owned() } else { program.to_owned() })
            .collect(),
        _ => values?,
    };
    list.iter().all(|value| Pattern::parse(kind, value).is_ok()).then_some(list)
}

/// The path with the variable of the nearest directory.
fn anchored(path: &str, package: &Path, root: &Path, temporary: &Path) -> String {
    for (variable, directory) in [("$PKG", package), ("$APP", root)] {
        if let Ok(rest) = Path::new(path).strip_prefix(directory)
            && let Some(rest) = rest.to_str()
        {
            return if rest.is_empty() { variable.to_owned() } else { format!("{variable}/{rest}") };
        }
    }
    // Names there are made up anew each time.
    if Path::new(path).starts_with(temporary) { "$TMP/**".to_owned() } else { path.to_owned() }
}

/// A directory instead of many of its files.
fn directories(mut paths: BTreeSet<String>) -> BTreeSet<String> {
    loop {
        let mut parents: BTreeMap<&str, usize> = BTreeMap::new();
        for path in &paths {
            let own = path.strip_suffix("/**").unwrap_or(path);
            if let Some((parent, _)) = own.rsplit_once('/') {
                *parents.entry(parent).or_default() += 1;
            }
        }
        // Never all of the disk, nor one of its top directories.
        let deep = |parent: &str| parent.starts_with('$') || parent.matches('/').count() > 1;
        let Some(parent) = parents.into_iter().find(|(parent, count)| *count > MAX_FILES && deep(parent))
        else {
            return paths;
        };
        let parent = parent.0.to_owned();
        let below = format!("{parent}/");
        paths.retain(|path| *path != parent && !path.starts_with(&below));
        paths.insert(format!("{parent}/**"));
    }
}

/// More files of one directory than this become the directory.
const MAX_FILES: usize = 4;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn many_files_become_their_directory() {
        let values = |paths: &[&str]| paths.iter().map(|path| Some((*path).to_owned())).collect();
        let location = ModulePath::parse("node_modules/p").unwrap();
        let list = |paths: &[&str]| {
            let list = generalise(
                Capability::FsRead,
                &values(paths),
                &location,
                Path::new("/app"),
                Path::new("/tmp"),
            );
            list.unwrap().into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            list(&["/app/node_modules/p/x", "/app/y", "/tmp/a1", "/tmp/a2", "/etc/hosts"]),
            "$APP/y $PKG/x $TMP/** /etc/hosts"
        );
        assert_eq!(
            list(&["/app/d/1", "/app/d/2", "/app/d/3", "/app/d/4"]),
            "$APP/d/1 $APP/d/2 $APP/d/3 $APP/d/4"
        );
        assert_eq!(
            list(&["/app/d/1", "/app/d/2", "/app/d/3", "/app/d/4", "/app/d/e/5"]),
            "$APP/d/1 $APP/d/2 $APP/d/3 $APP/d/4 $APP/d/e/5"
        );
        assert_eq!(list(&["/app/d/1", "/app/d/2", "/app/d/3", "/app/d/4", "/app/d/5"]), "$APP/d/**");
        assert_eq!(list(&["/a", "/b", "/c", "/d", "/e"]), "/a /b /c /d /e");
        let odd = generalise(
            Capability::FsRead,
            &values(&["relative"]),
            &location,
            Path::new("/app"),
            Path::new("/tmp"),
        );
        assert_eq!(odd, None);
    }

    #[test]
    fn lines_that_are_none_are_told() {
        let good = r#"{"package":".","capability":"env","value":"A"}"#;
        assert!(Learned::default().read(&format!("{good}\n\n{{\"pack")).is_ok());
        for bad in [
            "{}\n",
            "x\n",
            r#"{"package":"../x","capability":"env"}"#,
            r#"{"package":"","capability":"envy"}"#,
        ] {
            assert!(Learned::default().read(&format!("{good}\n{bad}\n")).is_err(), "{bad}");
        }
    }
}
