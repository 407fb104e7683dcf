//! One-time secrets that stand for a file in generated ES module stubs.
//!
//! An ES module that imports CommonJS gets a one-line stub whose text must fetch the exports from the linker. The text
//! carries a random token instead of a path: other code in the realm may find the channel, but not a valid token. The
//! table lives here and not in JavaScript because on Node 20 stubs are made in the hooks thread and redeemed in the
//! main thread.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::Refusal;
use crate::error::Code;

#[derive(Debug, Default)]
pub struct Tokens {
    issued: Mutex<HashMap<String, String>>,
}

impl Tokens {
    pub fn issue(&self, subject: &str) -> Result<String, Refusal> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| {
            Refusal::new(
                Code::SelfCheck,
                "secrets come from the operating system",
                format!("the operating system gives no random bytes: {error}"),
                "check that getrandom(2) is allowed in this sandbox",
            )
        })?;
        let token: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        self.issued.lock().insert(token.clone(), subject.to_owned());
        Ok(token)
    }

    pub fn redeem(&self, token: &str) -> Option<String> {
        self.issued.lock().remove(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_once() {
        let tokens = Tokens::default();
        let token = tokens.issue("lib/a.js").unwrap();
        assert_eq!(tokens.redeem("guess"), None);
        assert_eq!(tokens.redeem(&token), Some("lib/a.js".into()));
        assert_eq!(tokens.redeem(&token), None);
    }
}
