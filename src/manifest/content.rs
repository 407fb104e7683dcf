//! Reading the files of a tree once, whatever their size.

use std::{
    io::{self, Read},
    path::Path,
};

use crate::{
    attestation::disk::{Links, open_regular},
    digest::Digest,
};

/// The content of a file, or what remains of it.
#[derive(Debug)]
pub(super) enum Content {
    /// All bytes, because somebody will look at them.
    Whole(Vec<u8>),
    /// Read in pieces and forgotten.
    Hashed { digest: Digest, size: u64 },
}

impl Content {
    /// Reads a regular file that is not a link. Its bytes are kept if there are at most `keep` of them.
    pub(super) fn read(path: &Path, keep: u64) -> io::Result<Self> {
        let mut file = open_regular(path, Links::Refuse)?;
        let len = file.metadata()?.len();
        if len <= keep {
            // One more byte, so that the usual file ends with a read of nothing instead of a reallocation.
            let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0).saturating_add(1));
            (&mut file).take(keep + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 <= keep {
                return Ok(Self::Whole(bytes));
            }
            // The file grows while it is read; go on without keeping it.
            return hash(bytes, file);
        }
        hash(Vec::new(), file)
    }

    /// The digest and size of what was read.
    pub(super) fn digest(&self) -> (Digest, u64) {
        match self {
            Self::Whole(bytes) => (Digest::of(bytes), bytes.len() as u64),
            Self::Hashed { digest, size } => (*digest, *size),
        }
    }
}

/// Digest and size of a regular file that is not a link.
pub(super) fn digest(path: &Path) -> io::Result<(Digest, u64)> {
    Content::read(path, PIECE as u64).map(|content| content.digest())
}

fn hash(start: Vec<u8>, mut file: impl Read) -> io::Result<Content> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&start);
    let mut piece = start;
    // Read and not mapped: a file that shrinks under a map would end the process with SIGBUS.
    loop {
        piece.clear();
        if (&mut file).take(PIECE as u64).read_to_end(&mut piece)? == 0 {
            let digest = Digest::from_bytes(*hasher.finalize().as_bytes());
            return Ok(Content::Hashed { digest, size: hasher.count() });
        }
        hasher.update_rayon(&piece);
    }
}

/// Large enough for BLAKE3 to use all cores on it, small enough for one per thread.
const PIECE: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_the_same_digest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for size in [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let expected = (Digest::of(&bytes), size as u64);
            assert_eq!(digest(&path).unwrap(), expected);
            assert_eq!(Content::read(&path, 0).unwrap().digest(), expected);
            assert!(
                matches!(Content::read(&path, size as u64).unwrap(), Content::Whole(read) if read == bytes)
            );
        }
    }
}
