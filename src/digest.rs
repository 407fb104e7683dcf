//! BLAKE3 digests of files and of sealed index nodes.
//!
//! A [`Digest`] is parsed once and compared as 32 bytes afterwards. SHA-256 appears in one place only: the
//! in-toto subject (see [`crate::attestation`]), because in-toto's `DigestSet` does not name BLAKE3.

use std::{fmt, fs::File, io, path::Path};

use thiserror::Error;

/// A 256-bit BLAKE3 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; Digest::LEN]);

impl Digest {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest of a file's content, streamed, so that its size does not matter.
    ///
    /// Only for seal and verify: the bytes are not kept, so they must never be "the bytes that run" (I1).
    ///
    /// # Errors
    /// Whatever opening or reading the file reports.
    pub fn of_file(path: &Path) -> io::Result<(Self, u64)> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut hasher = blake3::Hasher::new();
        if size > PARALLEL_FROM {
            hasher.update_mmap_rayon(path)?;
        } else {
            hasher.update_reader(file)?;
        }
        Ok((Self(*hasher.finalize().as_bytes()), hasher.count()))
    }

    /// Wraps 32 raw bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Parses 64 lower-case hexadecimal digits; anything else, upper case included, is refused so that a digest
    /// has exactly one spelling.
    ///
    /// # Errors
    /// [`DigestError`] when the text is not that.
    pub fn from_hex(text: &str) -> Result<Self, DigestError> {
        let digits = text.as_bytes();
        if digits.len() != Self::LEN * 2 {
            return Err(DigestError);
        }
        let mut bytes = [0; Self::LEN];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "blake3:{self}")
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct DigestError;

fn nibble(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestError),
    }
}

/// From this size on, hashing on all cores pays for mapping the file (BLAKE3's own advice is 128 KiB and up).
const PARALLEL_FROM: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_has_one_spelling() {
        let digest = Digest::of(b"loadlock");
        assert_eq!(Digest::from_hex(&digest.to_string()), Ok(digest));
        assert_eq!(Digest::from_hex(&digest.to_string().to_uppercase()), Err(DigestError));
        assert_eq!(Digest::from_hex("abc"), Err(DigestError));
        assert_eq!(Digest::from_hex(&"é".repeat(32)), Err(DigestError));
    }

    #[test]
    fn a_file_has_the_digest_of_its_bytes_at_every_size() {
        let dir = tempfile::tempdir().unwrap();
        for size in [0usize, 1, 4096, (PARALLEL_FROM + 1) as usize] {
            let bytes = vec![7; size];
            let path = dir.path().join("file");
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(Digest::of_file(&path).unwrap(), (Digest::of(&bytes), size as u64));
        }
    }
}
