//! A [`Refusal`] on its way to JavaScript.

use crate::runtime::Refusal;

/// What the message of a refusal starts with; js/errors.js takes the rest apart.
const REFUSAL: &str = "loadlock-refusal:";

pub fn thrown(refusal: Refusal) -> napi::Error {
    let json = serde_json::to_string(&refusal).unwrap_or_else(|_| "{}".to_owned());
    napi::Error::from_reason(format!("{REFUSAL}{json}"))
}
