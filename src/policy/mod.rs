//! What each package may do: the reviewed policy, from its text to the sealed records.
//!
//! * [`capability`] is the vocabulary, [`pattern`] the values of scoped grants, [`mod@builtins`] what Node's own modules need.
//! * [`document`] reads the text of a policy, [`diagnostics`] says what is wrong with it, [`mod@compile`] turns it into one
//!   [`grants`] record for each package, and [`compiled`] is all that is sealed.
//! * [`infer`] finds out what a tree needs, [`check`] compares that with a policy, [`explain`] says who needs what, and
//!   [`schema`] tells editors.
//!
//! Only [`grants`] and [`compiled`] matter at run time. Analysis suggests and never permits.

pub mod builtins;
pub mod capability;
pub mod check;
mod codec;
pub mod compile;
pub mod compiled;
pub mod diagnostics;
pub mod document;
pub mod explain;
pub mod grants;
pub mod infer;
pub mod learned;
pub mod pattern;
pub mod project;
pub mod proposal;
pub mod range;
pub mod requirements;
pub mod schema;
mod suggest;
#[cfg(test)]
mod tests;
pub mod tree;

use std::{io, path::Path};

pub use self::{
    capability::{Capability, ValueKind},
    codec::CodecError,
    compile::compile,
    compiled::{Compiled, Enforcement, OnViolation, Preload, Settings},
    diagnostics::{Diagnostic, Diagnostics, Rule},
    document::Document,
    grants::{GrantKind, Grants},
    pattern::{Pattern, Places},
    suggest::nearest,
    tree::{Packages, TreePackage},
};
use crate::attestation::disk::{Links, read_bounded};

/// The policy's place below the root.
pub const POLICY_PATH: &str = "loadlock.policy.jsonc";

/// Reads and compiles the policy of a tree, if it has one. With it come the diagnostics that are no errors.
///
/// # Errors
/// The diagnostics, when one of them is an error: such a policy is never compiled.
pub fn load_and_compile(
    root: &Path,
    packages: &Packages,
) -> Result<Option<(Compiled, Diagnostics)>, Box<Diagnostics>> {
    let Some(text) = read(root)? else { return Ok(None) };
    let (document, mut diagnostics) = parse(&text)?;
    let compiled = compile(&document, &text, packages, &mut diagnostics);
    diagnostics.sort();
    if diagnostics.has_errors() { Err(Box::new(diagnostics)) } else { Ok(Some((compiled, diagnostics))) }
}

/// Parses a policy that must have no errors.
///
/// # Errors
/// The diagnostics, when one of them is an error.
pub fn parse(text: &str) -> Result<(Document, Diagnostics), Box<Diagnostics>> {
    let mut diagnostics = Diagnostics::new(POLICY_PATH, text);
    let document = Document::parse(text, &mut diagnostics);
    if diagnostics.has_errors() {
        diagnostics.sort();
        return Err(Box::new(diagnostics));
    }
    Ok((document, diagnostics))
}

/// The text of the policy of a tree, `None` when there is none.
///
/// # Errors
/// A diagnostic that says why it cannot be read.
pub fn read(root: &Path) -> Result<Option<String>, Box<Diagnostics>> {
    let fail = |message: String| {
        let mut diagnostics = Diagnostics::new(POLICY_PATH, "");
        diagnostics.push(Diagnostic::new(Rule::Unreadable, 0..0, message));
        Box::new(diagnostics)
    };
    let bytes = match read_bounded(&root.join(POLICY_PATH), MAX_SIZE, Links::Refuse) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(format!("the policy cannot be read: {error}"))),
    };
    match String::from_utf8(bytes) {
        Ok(text) if text.starts_with('\u{feff}') => {
            Err(fail("the policy begins with a byte order mark".into()))
        }
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(fail("the policy is not UTF-8".into())),
    }
}

/// The largest policy that is read.
const MAX_SIZE: u64 = 1 << 20;
