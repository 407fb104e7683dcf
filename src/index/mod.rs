//! The sealed index: a Merkle B+ tree that is read one node at a time.
//!
//! Start-up must not depend on how many files were sealed, and a byte of the index must not be believed before its
//! digest was checked. A sorted tree gives both: every inner node stores, beside the place of each child, the
//! child's BLAKE3 digest, and the signed statement stores the root's. Opening costs one read and one hash; a lookup
//! reads and hashes only the few nodes on its way that no earlier lookup has seen.
//!
//! Nodes are *copied* (`pread`) into private memory before they are hashed and are never read again. Mapping the file
//! would save a copy of 4 KiB per touched node, and would let a process that can write the file change a node after
//! its check (I1), or kill us with SIGBUS by truncating it. The page cache still shares the file between processes.
//!
//! ```text
//! file   := magic node*                     nodes in post-order: children before their parent, the root last
//! node   := kind:u8 count:u16 start:u32{count} item{count}          start = offset of an item in its node
//! item   := key_len:u16 key (value | child)
//! value  := len:u32 bytes                   in a leaf   (kind 0)
//! child  := offset:u64 len:u32 digest:32    in an inner node (kind 1); its key is the lowest key below it
//! ```
//! All integers are little-endian. Keys are unique and sorted bytewise.

mod builder;
mod node;
mod record;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;

use crate::digest::Digest;

pub use self::{
    builder::IndexBuilder,
    record::{
        FileFlags, FileRecord, Format, PackageRecord, RecordError, file_key, grants_key, link_key,
        package_key,
    },
};
use self::{
    node::{Child, Node},
    record::{SETTINGS_KEY, file_prefix, link_prefix},
};

/// Where a node lies in the index file, and the digest its bytes must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePointer {
    /// Offset of the node's first byte in the file.
    pub offset: u64,
    /// Length of the node in bytes.
    pub len: u32,
    /// BLAKE3 of those bytes.
    pub digest: Digest,
}

/// An open index. Only nodes whose digest was checked are ever visible through it.
#[derive(Debug)]
pub struct Index {
    file: Arc<File>,
    path: PathBuf,
    root: Node,
}

impl Index {
    /// Opens the index file and checks its root node against `root`, which must come from a verified statement.
    ///
    /// # Errors
    /// [`IndexError`] when the file cannot be read or does not hold that root.
    pub fn open(path: &Path, root: NodePointer) -> Result<Self, IndexError> {
        let file = File::open(path).map_err(|source| IndexError::Read { path: path.to_owned(), source })?;
        let root = load(&file, path, &root)?;
        Ok(Self { file: Arc::new(file), path: path.to_owned(), root })
    }

    /// What was sealed for a file, `None` when it was not sealed.
    ///
    /// # Errors
    /// [`IndexError`] when a node on the way is unreadable, changed or malformed.
    pub fn file(&self, path: &str) -> Result<Option<FileRecord>, IndexError> {
        self.get(&file_key(path))?.map(|value| FileRecord::decode(value).map_err(Into::into)).transpose()
    }

    /// Whether a file was sealed at exactly this path.
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn is_file(&self, path: &str) -> Result<bool, IndexError> {
        Ok(self.get(&file_key(path))?.is_some())
    }

    /// Whether any sealed file or link lies below the directory `path` (the empty path is the root).
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn is_directory(&self, path: &str) -> Result<bool, IndexError> {
        for prefix in [file_prefix(path), link_prefix(path)] {
            if self.lower_bound(&prefix)?.is_some_and(|key| key.starts_with(&prefix)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The root-relative target of a sealed symbolic link.
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn link(&self, path: &str) -> Result<Option<&str>, IndexError> {
        self.get(&link_key(path))?
            .map(|value| std::str::from_utf8(value).map_err(|_| RecordError.into()))
            .transpose()
    }

    /// The fields of `path/package.json` that resolution depends on.
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn package(&self, path: &str) -> Result<Option<PackageRecord>, IndexError> {
        self.get(&package_key(path))?
            .map(|value| PackageRecord::decode(value).map_err(Into::into))
            .transpose()
    }

    /// What the package at a location may do, as [`crate::policy::Grants`] encodes it; `None` for nothing.
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn grants(&self, location: &str) -> Result<Option<&[u8]>, IndexError> {
        self.get(&grants_key(location))
    }

    /// What the policy says about the process as a whole, as [`crate::policy::Settings`] encodes it.
    ///
    /// # Errors
    /// As [`Index::file`].
    pub fn settings(&self) -> Result<Option<&[u8]>, IndexError> {
        self.get(SETTINGS_KEY)
    }

    fn get(&self, key: &[u8]) -> Result<Option<&[u8]>, IndexError> {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(leaf) => return Ok(leaf.get(key)),
                Node::Inner(inner) => match inner.child_for(key) {
                    Some(child) => node = self.child(child)?,
                    None => return Ok(None),
                },
            }
        }
    }

    /// The smallest key that is not below `key`.
    fn lower_bound(&self, key: &[u8]) -> Result<Option<&[u8]>, IndexError> {
        let mut node = &self.root;
        // The lowest key of the subtree right of the path taken: the answer when the leaf ends before `key`.
        let mut next: Option<&[u8]> = None;
        loop {
            match node {
                Node::Leaf(leaf) => return Ok(leaf.lower_bound(key).or(next)),
                Node::Inner(inner) => {
                    if let Some(lowest) = inner.lowest_key_after(key) {
                        next = Some(lowest);
                    }
                    match inner.child_for(key) {
                        Some(child) => node = self.child(child)?,
                        None => return Ok(next),
                    }
                }
            }
        }
    }

    fn child<'a>(&'a self, child: &'a Child) -> Result<&'a Node, IndexError> {
        if let Some(node) = child.loaded.get() {
            return Ok(node);
        }
        let node = load(&self.file, &self.path, &child.pointer)?;
        // Two threads may both have read it; either copy passed the same check.
        Ok(child.loaded.get_or_init(|| Box::new(node)))
    }
}

/// Why the index cannot answer. Every variant means "nothing may load".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The bytes of a node are not the ones that were signed: a changed, truncated or replaced index.
    #[error("{}: node at offset {offset} has digest {found}, sealed as {expected}", path.display())]
    Changed { path: PathBuf, offset: u64, expected: Digest, found: Digest },
    /// A node has the signed digest but not the layout; only a faulty or foreign sealer can cause it.
    #[error("{}: malformed node at offset {offset}: {what}", path.display())]
    Malformed { path: PathBuf, offset: u64, what: &'static str },
    /// The file is missing, unreadable or shorter than the statement says.
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A value has the signed digest but is not a record of this version.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// First bytes of the file; the last one is the version of the layout.
pub(crate) const MAGIC: &[u8; 8] = b"LLINDEX\x02";

/// No honest node is larger: the builder closes a leaf at 4 KiB and one record cannot reach this.
const MAX_NODE: u32 = 16 << 20;

fn load(file: &File, path: &Path, pointer: &NodePointer) -> Result<Node, IndexError> {
    let malformed = |what| IndexError::Malformed { path: path.to_owned(), offset: pointer.offset, what };
    if pointer.len > MAX_NODE {
        return Err(malformed("too long"));
    }
    let mut bytes = vec![0; pointer.len as usize];
    read_exact_at(file, &mut bytes, pointer.offset)
        .map_err(|source| IndexError::Read { path: path.to_owned(), source })?;
    let found = Digest::of(&bytes);
    if found != pointer.digest {
        return Err(IndexError::Changed {
            path: path.to_owned(),
            offset: pointer.offset,
            expected: pointer.digest,
            found,
        });
    }
    Node::parse(bytes).map_err(malformed)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn record(seed: &str) -> FileRecord {
        FileRecord {
            format: Format::CommonJs,
            flags: FileFlags::default(),
            size: seed.len() as u64,
            digest: Digest::of(seed.as_bytes()),
            globals: seed.len() as u32,
            names: vec![seed.to_owned()],
        }
    }

    fn build(paths: &[String]) -> (tempfile::TempDir, PathBuf, NodePointer, Vec<u8>) {
        let mut builder = IndexBuilder::default();
        for path in paths {
            builder.file(path, &record(path));
        }
        let (bytes, root) = builder.finish();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        std::fs::write(&path, &bytes).unwrap();
        (dir, path, root, bytes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_tree_answers_like_a_map(paths in prop::collection::btree_set("[a-d]{1,3}(/[a-d]{1,3}){0,3}", 0..400), probes in prop::collection::vec("[a-d]{1,3}(/[a-d]{1,3}){0,3}", 50)) {
            let paths: Vec<String> = paths.into_iter().collect();
            let (_dir, file, root, _) = build(&paths);
            let index = Index::open(&file, root).unwrap();
            let map: BTreeMap<&str, FileRecord> = paths.iter().map(|path| (path.as_str(), record(path))).collect();
            for probe in paths.iter().chain(&probes) {
                prop_assert_eq!(index.file(probe).unwrap(), map.get(probe.as_str()).cloned());
                let below = format!("{probe}/");
                prop_assert_eq!(index.is_directory(probe).unwrap(), map.keys().any(|path| path.starts_with(&below)));
            }
        }

        #[test]
        fn a_flipped_byte_is_never_believed(at in 0usize..100_000, bit in 0u8..8) {
            let paths: Vec<String> = (0..500).map(|n| format!("d{}/f{n}.js", n / 20)).collect();
            let (_dir, file, root, mut bytes) = build(&paths);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            std::fs::write(&file, &bytes).unwrap();
            let Ok(index) = Index::open(&file, root) else { return Ok(()) };
            for path in &paths {
                if let Ok(found) = index.file(path) {
                    prop_assert_eq!(found, Some(record(path)));
                }
            }
        }
    }

    #[test]
    fn truncation_is_an_error_not_an_absence() {
        let paths: Vec<String> = (0..500).map(|n| format!("f{n}.js")).collect();
        let (_dir, file, root, bytes) = build(&paths);
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(Index::open(&file, root), Err(IndexError::Read { .. })));
    }

    #[test]
    fn an_empty_index_has_nothing() {
        let (_dir, file, root, _) = build(&[]);
        let index = Index::open(&file, root).unwrap();
        assert_eq!(index.file("a").unwrap(), None);
        assert!(!index.is_directory("").unwrap());
    }
}
