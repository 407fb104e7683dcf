//! The export names of CommonJS files, across files.
//!
//! `module.exports = require('./lib')` passes on what another file exports. Node finds the names out at start, file by
//! file; here they are united once and sealed.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::FileFacts;
use crate::{index::Format, module_path::ModulePath};

/// Gives every CommonJS file the names that an importing ES module sees, sorted, without `default` (which every CommonJS
/// file has). `resolve` says which sealed file `require(specifier)` in a file means. Returns the files whose names are
/// too many to be sealed; they are left without.
pub(super) fn unite(
    files: &mut BTreeMap<ModulePath, FileFacts>,
    resolve: impl Fn(&ModulePath, &str) -> Option<ModulePath>,
) -> Vec<ModulePath> {
    let passed_on: BTreeMap<ModulePath, Vec<ModulePath>> = files
        .iter()
        .filter(|(_, facts)| is_commonjs(facts) && !facts.reexports.is_empty())
        .map(|(path, facts)| {
            let target = |specifier: &String| resolve(path, specifier);
            (path.clone(), facts.reexports.iter().filter_map(target).collect())
        })
        .collect();
    let united: Vec<(ModulePath, BTreeSet<String>)> =
        passed_on.keys().map(|path| (path.clone(), reachable(path, &passed_on, files))).collect();
    for (path, names) in united {
        if let Some(facts) = files.get_mut(&path) {
            facts.record.names = names.into_iter().collect();
        }
    }
    let mut too_many = Vec::new();
    for (path, facts) in files.iter_mut().filter(|(_, facts)| is_commonjs(facts)) {
        let names = &mut facts.record.names;
        names.retain(|name| name != "default" && name.len() <= MAX_NAME);
        if names.iter().map(|name| name.len() + 2).sum::<usize>() > MAX_NAMES {
            names.clear();
            too_many.push(path.clone());
        }
    }
    too_many
}

/// The names of a file and of all files it passes on, directly or not. Cycles are common and end here.
fn reachable(
    start: &ModulePath,
    passed_on: &BTreeMap<ModulePath, Vec<ModulePath>>,
    files: &BTreeMap<ModulePath, FileFacts>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::from([start]);
    let mut waiting = vec![start];
    while let Some(path) = waiting.pop() {
        let Some(facts) = files.get(path).filter(|facts| is_commonjs(facts)) else { continue };
        names.extend(facts.record.names.iter().cloned());
        for target in passed_on.get(path).into_iter().flatten() {
            if seen.insert(target) {
                waiting.push(target);
            }
        }
    }
    names
}

fn is_commonjs(facts: &FileFacts) -> bool {
    matches!(facts.record.format, Format::CommonJs | Format::CommonJsTypeScript)
}

/// The index stores the length of a name in 16 bits.
const MAX_NAME: usize = u16::MAX as usize;

/// Far above any real file, far below what the index refuses to read as one node.
const MAX_NAMES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        digest::Digest,
        index::{FileFlags, FileRecord},
    };

    fn file(format: Format, names: &[&str], reexports: &[&str]) -> FileFacts {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        FileFacts {
            record: FileRecord {
                format,
                flags: FileFlags::default(),
                size: 0,
                digest: Digest::of(b""),
                globals: 0,
                names: owned(names),
            },
            reexports: owned(reexports),
            usage: None,
            native: None,
            warning: None,
        }
    }

    fn united(files: Vec<(&str, FileFacts)>) -> (BTreeMap<ModulePath, FileFacts>, Vec<ModulePath>) {
        let parse = |text: &str| ModulePath::parse(text).unwrap();
        let mut files: BTreeMap<_, _> = files.into_iter().map(|(path, facts)| (parse(path), facts)).collect();
        let too_many = unite(&mut files, |_, specifier| ModulePath::parse(specifier).ok());
        (files, too_many)
    }

    #[test]
    fn names_are_united_through_cycles_and_stop_at_other_formats() {
        use Format::{CommonJs, Json, Module};
        let (files, _) = united(vec![
            ("a", file(CommonJs, &["z", "default"], &["b", "missing", "m", "j"])),
            ("b", file(CommonJs, &["b"], &["c"])),
            ("c", file(CommonJs, &["c", "default"], &["a"])),
            ("m", file(Module, &["m"], &["n"])),
            ("n", file(CommonJs, &["n"], &[])),
            ("j", file(Json, &[], &[])),
        ]);
        let names = |path: &str| files[&ModulePath::parse(path).unwrap()].record.names.join(" ");
        assert_eq!([names("a"), names("b"), names("c"), names("n")], ["b c z", "b c z", "b c z", "n"]);
    }

    #[test]
    fn what_the_index_cannot_store_is_left_out() {
        let many: Vec<String> = (0..200_000).map(|n| format!("name{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = "x".repeat(70_000);
        let (files, too_many) = united(vec![
            ("long", file(Format::CommonJs, &["a", &long], &[])),
            ("many", file(Format::CommonJs, &many, &[])),
        ]);
        assert_eq!(files[&ModulePath::parse("long").unwrap()].record.names, ["a"]);
        assert_eq!(too_many, [ModulePath::parse("many").unwrap()]);
    }
}
