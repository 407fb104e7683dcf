//! loadlock pins what Node.js loads.
//!
//! `package-lock.json` pins what is installed; loadlock checks every byte of code that a Node process loads against a
//! signed manifest, before it runs.
//!
//! # Terminology
//! * **root**: the real path of the directory that was sealed; every path is relative to it ([`module_path`]).
//! * **manifest**: `loadlock.manifest.json`, the readable list of files and digests ([`manifest`]).
//! * **index**: `.loadlock/index`, the same facts as a Merkle tree for the hot path ([`index`]).
//! * **statement**: the signed in-toto statement that names the digests of both, in a **DSSE envelope**, with an
//!   **epoch** against roll-back ([`attestation`]).
//! * **seal**: all of these together; also the act of making them.
//! * **decision**: the answer to one load ([`runtime`]).
//!
//! # Phases
//! 1. *Seal* (build time): [`manifest`] walks the tree, hashes and [`analysis`] parses each file once.
//! 2. *Start*: [`attestation`] verifies the statement, [`runtime`] opens the index: constant time.
//! 3. *Load*: [`resolve`] maps a specifier to a sealed file without touching the disk, [`runtime`] reads the bytes once,
//!    checks them and hands those very bytes to V8.
//!
//! [`binding`] is the only module that knows Node-API, [`cli`] the only one that knows the command line.

pub mod analysis;
pub mod attestation;
pub mod binding;
pub mod cli;
pub mod digest;
pub mod error;
pub mod index;
pub mod manifest;
pub mod module_path;
pub mod policy;
pub mod resolve;
pub mod runtime;
