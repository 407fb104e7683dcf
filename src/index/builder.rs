//! Writes the tree. The same records give the same bytes, whatever order they were added in.

use std::collections::BTreeMap;

use super::{
    Digest, FileRecord, MAGIC, NodePointer, PackageRecord, SETTINGS_KEY, file_key, grants_key, link_key,
    node::{HEADER, INNER, LEAF},
    package_key,
};

/// Collects records and lays them out as a Merkle B+ tree.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl IndexBuilder {
    /// Seals a file.
    pub fn file(&mut self, path: &str, record: &FileRecord) {
        self.entries.insert(file_key(path), record.encode());
    }

    /// Seals a symbolic link: `path` stands for `target`, both root-relative.
    pub fn link(&mut self, path: &str, target: &str) {
        self.entries.insert(link_key(path), target.as_bytes().to_vec());
    }

    /// Seals what resolution needs of `path/package.json`.
    pub fn package(&mut self, path: &str, record: &PackageRecord) {
        self.entries.insert(package_key(path), record.encode());
    }

    /// Seals what a package may do, as [`crate::policy::Grants`] encodes it.
    pub fn grants(&mut self, location: &str, grants: Vec<u8>) {
        self.entries.insert(grants_key(location), grants);
    }

    /// Seals what the policy says about the process as a whole, as [`crate::policy::Settings`] encodes it.
    pub fn settings(&mut self, settings: Vec<u8>) {
        self.entries.insert(SETTINGS_KEY.to_vec(), settings);
    }

    /// The bytes of the index file and the pointer to its root, which belongs into the signed statement.
    #[must_use]
    pub fn finish(self) -> (Vec<u8>, NodePointer) {
        let mut file = MAGIC.to_vec();
        let items = self.entries.into_iter().map(|(key, value)| {
            let mut tail = u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
            tail.extend_from_slice(&value);
            (key, tail)
        });
        let mut level = write_level(&mut file, LEAF, items);
        while level.len() > 1 {
            let items = level.into_iter().map(|(key, pointer)| {
                let mut tail = pointer.offset.to_le_bytes().to_vec();
                tail.extend_from_slice(&pointer.len.to_le_bytes());
                tail.extend_from_slice(pointer.digest.as_bytes());
                (key, tail)
            });
            level = write_level(&mut file, INNER, items);
        }
        let root = level.pop().map_or_else(|| write_node(&mut file, LEAF, &[]), |(_, pointer)| pointer);
        (file, root)
    }
}

/// A node is closed before it outgrows the page that a read brings in anyway.
const NODE_SIZE: usize = 4096;

type Item = (Vec<u8>, Vec<u8>);

fn write_level(
    file: &mut Vec<u8>,
    kind: u8,
    items: impl Iterator<Item = Item>,
) -> Vec<(Vec<u8>, NodePointer)> {
    let mut level = Vec::new();
    let mut pending: Vec<Item> = Vec::new();
    let mut size = HEADER;
    let mut close = |pending: &mut Vec<Item>, level: &mut Vec<(Vec<u8>, NodePointer)>| {
        if let Some((lowest, _)) = pending.first() {
            level.push((lowest.clone(), write_node(file, kind, pending)));
            pending.clear();
        }
    };
    for item in items {
        let grown = size + 4 + 2 + item.0.len() + item.1.len();
        if grown > NODE_SIZE && pending.len() >= 2 || pending.len() == usize::from(u16::MAX) {
            close(&mut pending, &mut level);
            size = HEADER;
        }
        size += 4 + 2 + item.0.len() + item.1.len();
        pending.push(item);
    }
    close(&mut pending, &mut level);
    level
}

fn write_node(file: &mut Vec<u8>, kind: u8, items: &[Item]) -> NodePointer {
    let offset = file.len();
    file.push(kind);
    file.extend_from_slice(&u16::try_from(items.len()).unwrap_or(u16::MAX).to_le_bytes());
    let mut start = HEADER + items.len() * 4;
    for (key, tail) in items {
        file.extend_from_slice(&u32::try_from(start).unwrap_or(u32::MAX).to_le_bytes());
        start += 2 + key.len() + tail.len();
    }
    for (key, tail) in items {
        file.extend_from_slice(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_le_bytes());
        file.extend_from_slice(key);
        file.extend_from_slice(tail);
    }
    NodePointer {
        offset: offset as u64,
        len: u32::try_from(file.len() - offset).unwrap_or(u32::MAX),
        digest: Digest::of(&file[offset..]),
    }
}
