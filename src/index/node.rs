//! One node of the tree, parsed completely before anything looks at it.

use std::{ops::Range, sync::OnceLock};

use super::{Digest, NodePointer};

/// A node whose bytes passed their digest check and whose layout is known to be sound.
#[derive(Debug)]
pub enum Node {
    Leaf(Leaf),
    Inner(Inner),
}

impl Node {
    /// Checks the layout once, so that lookups need no further bounds.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let kind = *bytes.first().ok_or("empty")?;
        let count = usize::from(read_u16(&bytes, 1)?);
        let mut keys: Vec<Range<usize>> = Vec::with_capacity(count);
        let mut starts = Vec::with_capacity(count);
        for item in 0..count {
            let start = read_u32(&bytes, HEADER + item * 4)? as usize;
            let len = usize::from(read_u16(&bytes, start)?);
            let key = start + 2..start + 2 + len;
            let this = bytes.get(key.clone()).ok_or("key past the end")?;
            if keys.last().is_some_and(|last| &bytes[last.clone()] >= this) {
                return Err("keys out of order");
            }
            starts.push(key.end);
            keys.push(key);
        }
        match kind {
            LEAF => {
                let mut values = Vec::with_capacity(count);
                for start in starts {
                    let len = read_u32(&bytes, start)? as usize;
                    let value = start + 4..(start + 4).checked_add(len).ok_or("value past the end")?;
                    bytes.get(value.clone()).ok_or("value past the end")?;
                    values.push(value);
                }
                Ok(Self::Leaf(Leaf { bytes, keys, values }))
            }
            INNER => {
                let mut children = Vec::with_capacity(count);
                for start in starts {
                    let digest =
                        bytes.get(start + 12..start + 12 + Digest::LEN).ok_or("child past the end")?;
                    let pointer = NodePointer {
                        offset: u64::from(read_u32(&bytes, start)?)
                            | u64::from(read_u32(&bytes, start + 4)?) << 32,
                        len: read_u32(&bytes, start + 8)?,
                        digest: Digest::from_bytes(digest.try_into().map_err(|_| "child past the end")?),
                    };
                    children.push(Child { pointer, loaded: OnceLock::new() });
                }
                Ok(Self::Inner(Inner { bytes, keys, children }))
            }
            _ => Err("unknown kind"),
        }
    }
}

#[derive(Debug)]
pub struct Leaf {
    bytes: Vec<u8>,
    keys: Vec<Range<usize>>,
    values: Vec<Range<usize>>,
}

impl Leaf {
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let at = self.keys.binary_search_by(|range| self.bytes[range.clone()].cmp(key)).ok()?;
        Some(&self.bytes[self.values[at].clone()])
    }

    pub fn lower_bound(&self, key: &[u8]) -> Option<&[u8]> {
        let at = self.keys.partition_point(|range| &self.bytes[range.clone()] < key);
        self.keys.get(at).map(|range| &self.bytes[range.clone()])
    }
}

#[derive(Debug)]
pub struct Inner {
    bytes: Vec<u8>,
    keys: Vec<Range<usize>>,
    children: Vec<Child>,
}

impl Inner {
    /// The only child that can hold `key`; `None` when `key` sorts before everything.
    pub fn child_for(&self, key: &[u8]) -> Option<&Child> {
        let after = self.keys.partition_point(|range| &self.bytes[range.clone()] <= key);
        self.children.get(after.checked_sub(1)?)
    }

    /// The lowest key of the first child that starts after `key`.
    pub fn lowest_key_after(&self, key: &[u8]) -> Option<&[u8]> {
        let after = self.keys.partition_point(|range| &self.bytes[range.clone()] <= key);
        self.keys.get(after).map(|range| &self.bytes[range.clone()])
    }
}

#[derive(Debug)]
pub struct Child {
    pub pointer: NodePointer,
    pub loaded: OnceLock<Box<Node>>,
}

pub const LEAF: u8 = 0;
pub const INNER: u8 = 1;
/// Bytes before the table of item offsets.
pub const HEADER: usize = 3;

fn read_u16(bytes: &[u8], at: usize) -> Result<u16, &'static str> {
    let raw = bytes.get(at..at.wrapping_add(2)).ok_or("truncated")?;
    Ok(u16::from_le_bytes([raw[0], raw[1]]))
}

fn read_u32(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let raw = bytes.get(at..at.wrapping_add(4)).ok_or("truncated")?;
    Ok(u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn hostile_nodes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Node::Leaf(leaf)) = Node::parse(bytes) {
                leaf.get(b"key");
                leaf.lower_bound(b"key");
            }
        }
    }
}
