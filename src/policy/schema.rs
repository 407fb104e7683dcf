//! The JSON Schema of a policy, made from the vocabulary, so that editors complete and explain it.
//!
//! `schema/policy.schema.json` is generated: a test compares it with this module, and with `LOADLOCK_UPDATE_SCHEMA=1` in
//! the environment writes it.

use serde_json::{Map, Value, json};

use super::{
    capability::{Capability, PROCESS_WORDS, ValueKind},
    compiled::{Enforcement, OnViolation},
};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let capabilities: Map<String, Value> =
        Capability::ALL.into_iter().map(|it| (it.as_str().to_owned(), capability(it))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "loadlock.policy.jsonc",
        "description": "What each package of an application may do. What is not granted is denied.",
        "type": "object",
        "required": ["version", "packages"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string", "description": "The place of this schema, for editors." },
            "version": { "const": 1, "description": "The version of this format." },
            "enforcement": {
                "enum": Enforcement::ALL.map(Enforcement::as_str),
                "default": Enforcement::default().as_str(),
                "description": "enforce: what is not granted is refused. audit: it is recorded and goes on. Integrity is not \
                                concerned: that has its own switch, LOADLOCK_ENFORCEMENT.",
            },
            "onViolation": {
                "enum": OnViolation::ALL.map(OnViolation::as_str),
                "default": OnViolation::default().as_str(),
                "description": "throw: the package that asked gets an error with the code ERR_LOADLOCK_CAPABILITY. exit: the \
                                process ends at once.",
            },
            "packages": {
                "type": "object",
                "description": "Keys: \".\" (the application with its workspaces), a package name, name@range, or a location \
                                (node_modules/a/node_modules/b). The most specific key counts alone: location before \
                                name@range before name. A package without an entry is granted nothing.",
                "additionalProperties": { "$ref": "#/$defs/grants" },
                "defaultSnippets": [
                    { "label": "a package", "description": "Grants of a package", "body": { "${1:name}": { "$2": true } } },
                ],
            },
        },
        "$defs": {
            "grants": {
                "type": "object",
                "description": "What the package may do. What is not here is denied.",
                "additionalProperties": false,
                "properties": capabilities,
            },
        },
    })
}

/// The text of the file.
#[must_use]
pub fn schema_text() -> String {
    // `{:#}` of a JSON value cannot fail.
    format!("{:#}\n", schema())
}

fn capability(capability: Capability) -> Value {
    let kind = capability.value_kind();
    let description = format!("{} Value: {}", capability.summary(), kind.summary());
    let mut snippets = vec![json!({ "label": "true", "description": "All of it", "body": true })];
    if kind == ValueKind::Flag {
        return json!({ "description": description, "type": "boolean", "defaultSnippets": snippets });
    }
    for example in kind.examples() {
        // `$` begins a variable in a snippet.
        let body = example.replace('$', "\\$");
        snippets.push(json!({ "label": format!("[{example:?}]"), "body": [body] }));
    }
    let mut items = json!({ "type": "string", "minLength": 1, "maxLength": 4096 });
    if kind == ValueKind::Words {
        let words = PROCESS_WORDS.map(|(word, _)| word);
        let descriptions = PROCESS_WORDS.map(|(_, summary)| summary);
        items = json!({ "enum": words, "enumDescriptions": descriptions });
    }
    json!({
        "description": description,
        "anyOf": [{ "type": "boolean" }, { "type": "array", "items": items, "uniqueItems": true, "maxItems": 2000 }],
        "defaultSnippets": snippets,
    })
}
