//! Which libraries of the tree a native binding needs.
//!
//! The loader maps a binding from memory, where `$ORIGIN` means nothing, so it must load those libraries itself and
//! first. Here they are found as ld.so(8) would find them: `DT_NEEDED` names, looked up in `DT_RUNPATH`, or in
//! `DT_RPATH` of the object and of whatever loaded it. A name that is in no directory of the tree is a library of the
//! system. Other formats than ELF have no such list: Mach-O and PE bindings are sealed without their libraries.

use std::collections::BTreeSet;

use object::{
    Endianness,
    elf::{DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, FileHeader64},
    read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _},
};

use crate::module_path::ModulePath;

/// What the dynamic section of an ELF file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    needed: Vec<String>,
    /// Directories in which they are looked up.
    search: Vec<Directory>,
    /// `DT_RPATH` also counts for the libraries that are loaded on behalf of this file.
    inherited: bool,
}

impl Needs {
    /// Reads an ELF file; `None` when it is something else, is damaged or needs nothing.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        // Every platform that Node's addons exist for is 64-bit.
        let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        // The segments and not the sections: that is what the dynamic linker reads, and stripping keeps.
        let segments = header.program_headers(endian, bytes).ok()?;
        let dynamic = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).ok().flatten())?;
        let value =
            |tag| dynamic.iter().find(|entry| entry.d_tag(endian) == tag).map(|entry| entry.d_val(endian));
        let (address, size) = (value(DT_STRTAB)?, value(DT_STRSZ)?);
        let strings = segments
            .iter()
            .find_map(|segment| segment.data_range(endian, bytes, address, size).ok().flatten())?;
        let text = |offset: u64| {
            let rest = strings.get(usize::try_from(offset).ok()?..)?;
            let end = rest.iter().position(|&byte| byte == 0)?;
            std::str::from_utf8(&rest[..end]).ok().map(str::to_owned)
        };
        let needed: Vec<String> = dynamic
            .iter()
            .filter(|entry| entry.d_tag(endian) == DT_NEEDED)
            .filter_map(|entry| text(entry.d_val(endian)))
            .collect();
        let run_path = value(DT_RUNPATH);
        let search = run_path.or_else(|| value(DT_RPATH)).and_then(text).unwrap_or_default();
        let search = search.split(':').filter_map(Directory::parse).collect();
        (!needed.is_empty()).then_some(Self { needed, search, inherited: run_path.is_none() })
    }
}

/// One entry of `DT_RUNPATH` or `DT_RPATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Directory {
    /// `$ORIGIN` and what follows it: relative to the file's own directory.
    BelowOrigin(String),
    /// A path of this machine, which matters when it leads into the tree.
    Absolute(String),
}

impl Directory {
    fn parse(entry: &str) -> Option<Self> {
        if entry.starts_with('/') {
            return Some(Self::Absolute(entry.to_owned()));
        }
        let rest = entry.strip_prefix("$ORIGIN").or_else(|| entry.strip_prefix("${ORIGIN}"))?;
        // `$ORIGINAL` is no `$ORIGIN`, and other tokens depend on the machine.
        ((rest.is_empty() || rest.starts_with('/')) && !rest.contains('$'))
            .then(|| Self::BelowOrigin(rest.to_owned()))
    }
}

/// A library of the tree, and the name by which a binding asks for it. The loader maps the library from memory; the
/// linker then takes it for `name` only if that is its SONAME, which is checked when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    /// The `DT_NEEDED` entry.
    pub(super) name: String,
    /// The sealed file; for a `name` with a slash, which the linker opens by path whatever is loaded, where it leads.
    pub(super) path: ModulePath,
}

/// What the search needs to know about the tree.
pub(super) trait Libraries {
    /// The root-relative form of an absolute path that lies in the tree.
    fn inside(&self, absolute: &str) -> Option<ModulePath>;

    /// The real path of the sealed file at this path.
    fn find(&self, path: &ModulePath) -> Option<ModulePath>;

    /// What that file needs itself.
    fn needs(&self, library: &ModulePath) -> Option<Needs>;
}

/// The sealed libraries that `binding` needs, each once, in an order in which they can be loaded.
pub(super) fn libraries(binding: &ModulePath, needs: &Needs, tree: &impl Libraries) -> Vec<Library> {
    let mut search = Search { tree, seen: BTreeSet::from([binding.clone()]), order: Vec::new() };
    search.visit(binding, needs, &[], 0);
    search.order
}

struct Search<'a, T> {
    tree: &'a T,
    seen: BTreeSet<ModulePath>,
    order: Vec<Library>,
}

impl<T: Libraries> Search<'_, T> {
    fn visit(&mut self, file: &ModulePath, needs: &Needs, inherited: &[ModulePath], depth: usize) {
        // Honest chains are short; a forged one must not exhaust the stack.
        let (Some(origin), true) = (file.parent(), depth < MAX_DEPTH) else { return };
        let place = |directory: &Directory| match directory {
            Directory::BelowOrigin(relative) => origin.join(relative),
            Directory::Absolute(path) => self.tree.inside(path),
        };
        let mut directories: Vec<ModulePath> = needs.search.iter().filter_map(place).collect();
        if needs.inherited {
            directories.extend_from_slice(inherited);
        }
        let passed_on = if needs.inherited { &directories[..] } else { inherited };
        for name in &needs.needed {
            if name.contains('/') {
                // Relative ones depend on the working directory, so they may lead here as well.
                let path = if name.starts_with('/') { self.tree.inside(name) } else { origin.join(name) };
                self.order.extend(path.map(|path| Library { name: name.clone(), path }));
                continue;
            }
            let found = directories.iter().find_map(|directory| self.tree.find(&directory.join(name)?));
            let Some(path) = found else { continue };
            if self.seen.insert(path.clone()) {
                if let Some(needs) = self.tree.needs(&path) {
                    self.visit(&path, &needs, passed_on, depth + 1);
                }
                self.order.push(Library { name: name.clone(), path });
            }
        }
    }
}

const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Text(BTreeMap<&'static str, Needs>);

    impl Libraries for Text {
        fn inside(&self, absolute: &str) -> Option<ModulePath> {
            ModulePath::parse(absolute.strip_prefix("/tree/")?).ok()
        }

        fn find(&self, path: &ModulePath) -> Option<ModulePath> {
            self.0.contains_key(path.as_str()).then(|| path.clone())
        }

        fn needs(&self, library: &ModulePath) -> Option<Needs> {
            self.0.get(library.as_str()).cloned()
        }
    }

    fn needs(needed: &str, search: &str, inherited: bool) -> Needs {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Needs {
            needed: words(needed),
            search: search.split(':').filter_map(Directory::parse).collect(),
            inherited,
        }
    }

    fn order(tree: &Text, binding: &str) -> Vec<String> {
        let path = ModulePath::parse(binding).unwrap();
        libraries(&path, &tree.needs(&path).unwrap(), tree)
            .iter()
            .map(|library| library.path.to_string())
            .collect()
    }

    #[test]
    fn dependencies_come_first_and_system_libraries_not_at_all() {
        let tree = Text(BTreeMap::from([
            (
                "a/lib/x.node",
                needs("libv.so.1 libc.so.6 libz.so", "/usr/lib:$ORIGIN/../../v/lib:${ORIGIN}", false),
            ),
            ("v/lib/libv.so.1", needs("libz.so libw.so", "$ORIGIN", false)),
            ("v/lib/libw.so", needs("libv.so.1 libm.so.6", "$ORIGIN", false)),
            ("v/lib/libz.so", Needs::default()),
            ("a/lib/libz.so", Needs::default()),
        ]));
        assert_eq!(order(&tree, "a/lib/x.node"), ["v/lib/libz.so", "v/lib/libw.so", "v/lib/libv.so.1"]);
    }

    #[test]
    fn rpath_is_inherited_and_runpath_is_not() {
        let tree = |inherited| {
            Text(BTreeMap::from([
                ("a/x.node", needs("liba.so", "$ORIGIN/lib", inherited)),
                ("a/lib/liba.so", needs("libb.so", "", true)),
                ("a/lib/libb.so", Needs::default()),
            ]))
        };
        assert_eq!(order(&tree(true), "a/x.node"), ["a/lib/libb.so", "a/lib/liba.so"]);
        assert_eq!(order(&tree(false), "a/x.node"), ["a/lib/liba.so"]);
    }

    #[test]
    fn absolute_paths_count_when_they_lead_into_the_tree() {
        let tree = Text(BTreeMap::from([
            ("a/x.node", needs("liba.so /tree/lib/libb.so /usr/lib/libc.so", "/usr/lib:/tree/lib", false)),
            ("lib/liba.so", Needs::default()),
        ]));
        assert_eq!(order(&tree, "a/x.node"), ["lib/liba.so", "lib/libb.so"]);
    }

    #[test]
    fn entries_of_the_search_path_are_told_apart() {
        let below = |text: &str| Some(Directory::BelowOrigin(text.into()));
        for (entry, expected) in [
            ("$ORIGIN", below("")),
            ("${ORIGIN}/../lib", below("/../lib")),
            ("$ORIGINAL", None),
            ("$ORIGIN/$LIB", None),
            ("/usr/lib", Some(Directory::Absolute("/usr/lib".into()))),
            ("", None),
        ] {
            assert_eq!(Directory::parse(entry), expected, "{entry}");
        }
    }

    #[test]
    fn what_is_not_an_elf_file_needs_nothing() {
        let elf = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for bytes in [&b""[..], b"\x7fELF", b"MZ", &elf[..elf.len().min(64)], &[0xff; 5000]] {
            assert_eq!(Needs::read(bytes), None);
        }
        if cfg!(target_os = "linux") {
            assert!(Needs::read(&elf).unwrap().needed.iter().any(|name| name.starts_with("libc.")));
            for len in (0..elf.len().min(4096)).step_by(7) {
                let _ = Needs::read(&elf[..len]);
            }
        }
    }
}
