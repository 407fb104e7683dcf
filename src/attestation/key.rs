//! Keys as everybody's tools write them: SPKI and PKCS#8 in PEM.
//!
//! Two schemes, chosen by the key and never by the document it signs: Ed25519 (the default) and ECDSA P-256 (what
//! cosign and most key services have).

use std::{fmt, str};

use ed25519_dalek::{
    Signer as _,
    pkcs8::{
        DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
        KeypairBytes, spki::der::pem::LineEnding,
    },
};
use p256::ecdsa::signature::Verifier as _;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// SHA-256 of a key's SPKI encoding: its name everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// Parses 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::digest::Digest::from_hex(text).ok().map(|digest| Self(*digest.as_bytes()))
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// A signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// RFC 8032.
    #[default]
    Ed25519,
    /// ECDSA over NIST P-256 with SHA-256.
    P256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
        })
    }
}

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    key: Verifying,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Verifying {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads an SPKI PEM file's content.
    ///
    /// # Errors
    /// [`KeyError`] says what else the text is.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let pem = pem_text(pem)?;
        if label(pem).is_some_and(|label| label.contains("PRIVATE KEY")) {
            return Err(KeyError::PrivateForPublic);
        }
        let key = if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(pem) {
            Verifying::Ed25519(key)
        } else {
            Verifying::P256(
                p256::ecdsa::VerifyingKey::from_public_key_pem(pem).map_err(|_| KeyError::NotPublic)?,
            )
        };
        Self::new(key)
    }

    /// The SPKI PEM form.
    ///
    /// # Errors
    /// [`KeyError::Encoding`]; no known key causes it.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        match &self.key {
            Verifying::Ed25519(key) => key.to_public_key_pem(LineEnding::LF),
            Verifying::P256(key) => key.to_public_key_pem(LineEnding::LF),
        }
        .map_err(|_| KeyError::Encoding)
    }

    /// The key's name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's scheme.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.key {
            Verifying::Ed25519(_) => Algorithm::Ed25519,
            Verifying::P256(_) => Algorithm::P256,
        }
    }

    /// Whether `signature` was made over `message` by this key.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            // `verify_strict`: a signature valid under two keys, or a key of small order, counts for nothing.
            Verifying::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Verifying::P256(key) => p256::ecdsa::DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }

    fn new(key: Verifying) -> Result<Self, KeyError> {
        // Encoded again and not taken from the file: one key has one id, whatever form it came in.
        let der = match &key {
            Verifying::Ed25519(key) => key.to_public_key_der(),
            Verifying::P256(key) => key.to_public_key_der(),
        }
        .map_err(|_| KeyError::Encoding)?;
        Ok(Self { id: KeyId(Sha256::digest(der.as_bytes()).into()), key })
    }
}

/// A key that signs. Its memory is overwritten when it is dropped.
pub struct PrivateKey {
    public: PublicKey,
    key: Signing,
}

enum Signing {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl PrivateKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// [`KeyError::Random`] when there is none.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        loop {
            getrandom::fill(seed.as_mut_slice()).map_err(|_| KeyError::Random)?;
            match algorithm {
                Algorithm::Ed25519 => {
                    return Self::new(Signing::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)));
                }
                // One seed in 2^32 is not a scalar of the curve.
                Algorithm::P256 => {
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(seed.as_slice()) {
                        return Self::new(Signing::P256(key));
                    }
                }
            }
        }
    }

    /// Reads an unencrypted PKCS#8 PEM file's content.
    ///
    /// # Errors
    /// [`KeyError`] says what else the text is.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let pem = pem_text(pem)?;
        match label(pem) {
            Some("PUBLIC KEY") => return Err(KeyError::PublicForPrivate),
            Some("ENCRYPTED PRIVATE KEY") => return Err(KeyError::Encrypted),
            Some("EC PRIVATE KEY" | "RSA PRIVATE KEY" | "OPENSSH PRIVATE KEY") => {
                return Err(KeyError::NotPkcs8);
            }
            _ => {}
        }
        let key = if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(pem) {
            Signing::Ed25519(key)
        } else {
            Signing::P256(p256::ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyError::NotPrivate)?)
        };
        Self::new(key)
    }

    /// The PKCS#8 PEM form.
    ///
    /// # Errors
    /// [`KeyError::Encoding`]; no known key causes it.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.key {
            // PKCS#8 version 1, without the public key: OpenSSL 3.0 does not read version 2.
            Signing::Ed25519(key) => {
                KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_pem(LineEnding::LF)
            }
            Signing::P256(key) => key.to_pkcs8_pem(LineEnding::LF),
        }
        .map_err(|_| KeyError::Encoding)
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message`; the same message always gives the same signature (RFC 8032, RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Signing::Ed25519(key) => key.sign(message).to_vec(),
            Signing::P256(key) => {
                let signature: p256::ecdsa::DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
        }
    }

    fn new(key: Signing) -> Result<Self, KeyError> {
        let public = match &key {
            Signing::Ed25519(key) => Verifying::Ed25519(key.verifying_key()),
            Signing::P256(key) => Verifying::P256(*key.verifying_key()),
        };
        Ok(Self { public: PublicKey::new(public)?, key })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PrivateKey({})", self.public.id)
    }
}

/// Why a file is not the key that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key that cannot be written; no known key causes it.
    #[error("the key cannot be encoded")]
    Encoding,
    /// A private key under a passphrase.
    #[error(
        "the private key is encrypted; loadlock reads unencrypted PKCS#8 (decrypt with `openssl pkey -in KEY`)"
    )]
    Encrypted,
    /// Not text, or without a `-----BEGIN` line.
    #[error("this is not a PEM file")]
    NotPem,
    /// PEM, but not PKCS#8: a SEC1, PKCS#1 or OpenSSH private key.
    #[error("the private key is not PKCS#8 (convert with `openssl pkcs8 -topk8 -nocrypt -in KEY`)")]
    NotPkcs8,
    /// PEM, but not an Ed25519 or P-256 private key.
    #[error("this is not an Ed25519 or ECDSA P-256 private key in PKCS#8 form")]
    NotPrivate,
    /// PEM, but not an Ed25519 or P-256 public key.
    #[error("this is not an Ed25519 or ECDSA P-256 public key in SPKI form (`-----BEGIN PUBLIC KEY-----`)")]
    NotPublic,
    /// A private key where everybody will read it.
    #[error("this is a PRIVATE key; give its public half (the `.pub.pem` file) and keep this one secret")]
    PrivateForPublic,
    /// A public key where a signature is to be made.
    #[error("this is a public key; signing needs the private one")]
    PublicForPrivate,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    Random,
}

fn pem_text(pem: &[u8]) -> Result<&str, KeyError> {
    let text = str::from_utf8(pem).map_err(|_| KeyError::NotPem)?;
    // Windows editors end lines with CRLF, which the PEM reader accepts; some put a byte order mark in front.
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > MAX_PEM || label(text).is_none() { Err(KeyError::NotPem) } else { Ok(text) }
}

fn label(pem: &str) -> Option<&str> {
    let after = &pem[pem.find(BEGIN)? + BEGIN.len()..];
    after.find("-----").map(|end| &after[..end])
}

const BEGIN: &str = "-----BEGIN ";

/// Far above any key that is read here.
const MAX_PEM: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip_and_sign() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
            let key = PrivateKey::generate(algorithm).unwrap();
            let again = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes()).unwrap();
            assert_eq!(key.public(), again.public());
            assert_eq!(key.sign(b"m"), again.sign(b"m"), "signatures are deterministic");

            let public = PublicKey::from_pem(key.public().to_pem().unwrap().as_bytes()).unwrap();
            assert_eq!((&public, public.algorithm()), (key.public(), algorithm));
            let signature = key.sign(b"m");
            assert!(public.verifies(b"m", &signature));
            assert!(!public.verifies(b"n", &signature));
            assert!(!public.verifies(b"m", &signature[1..]));
            assert!(!public.verifies(b"m", b""));
            assert!(!PrivateKey::generate(algorithm).unwrap().public().verifies(b"m", &signature));
        }
    }

    #[test]
    fn the_wrong_file_is_named() {
        let key = PrivateKey::generate(Algorithm::Ed25519).unwrap();
        let (private, public) = (key.to_pem().unwrap(), key.public().to_pem().unwrap());
        assert_eq!(PublicKey::from_pem(private.as_bytes()).unwrap_err(), KeyError::PrivateForPublic);
        assert_eq!(PrivateKey::from_pem(public.as_bytes()).unwrap_err(), KeyError::PublicForPrivate);
        for (pem, error) in [
            ("", KeyError::NotPem),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----", KeyError::Encrypted),
            ("-----BEGIN EC PRIVATE KEY-----", KeyError::NotPkcs8),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", KeyError::NotPrivate),
        ] {
            assert_eq!(PrivateKey::from_pem(pem.as_bytes()).unwrap_err(), error, "{pem}");
        }
        assert_eq!(PublicKey::from_pem(b"-----BEGIN CERTIFICATE-----").unwrap_err(), KeyError::NotPublic);
        assert_eq!(PublicKey::from_pem(&[0xff; 10]).unwrap_err(), KeyError::NotPem);
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let key = PrivateKey::generate(Algorithm::P256).unwrap();
        assert_eq!(format!("{key:?}"), format!("PrivateKey({})", key.public().id()));
    }
}
