//! The text of a policy, typed, with the place of everything.
//!
//! Reading goes on after a mistake, so that all of them are told at once; a document with errors is never compiled.

use std::{collections::HashMap, ops::Range};

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Array, Object, ObjectProp, StringLit, Value},
    common::Ranged,
    parse_to_ast,
};

use super::{
    capability::{Capability, ValueKind},
    compiled::{Enforcement, OnViolation},
    diagnostics::{Diagnostic, Diagnostics, Rule},
    pattern::{Pattern, package_name},
    range::VersionRange,
    suggest::nearest,
};
use crate::module_path::ModulePath;

/// A policy as it was written.
#[derive(Debug, Default)]
pub struct Document {
    /// `enforcement`.
    pub enforcement: Enforcement,
    /// `onViolation`.
    pub on_violation: OnViolation,
    /// `packages`, in the order of the text.
    pub entries: Vec<Entry>,
    /// The place of the object `packages`.
    pub packages_at: Option<Range<usize>>,
}

/// What is granted to the packages of one key.
#[derive(Debug)]
pub struct Entry {
    /// Which packages.
    pub key: Key,
    /// The key as it was written.
    pub text: String,
    /// The place of the key.
    pub at: Range<usize>,
    /// The place of its object.
    pub object_at: Range<usize>,
    /// In the order of the text.
    pub grants: Vec<Grant>,
}

/// A key of `packages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// One package: a location, or `.`.
    Location(ModulePath),
    /// Every package that is installed under this name.
    Name(String),
    /// Those of them whose version is in the range.
    Range(String, VersionRange),
}

/// One capability of an entry.
#[derive(Debug)]
pub struct Grant {
    /// Which.
    pub capability: Capability,
    /// The place of the word.
    pub at: Range<usize>,
    /// The place of the value.
    pub value_at: Range<usize>,
    /// How much.
    pub scope: Scope,
}

/// How much of a capability an entry grants.
#[derive(Debug)]
pub enum Scope {
    /// `false`: as if the word were not there.
    Nothing,
    /// `true`.
    Whole,
    /// A list.
    List(Vec<ListedValue>),
}

/// A value of a list.
#[derive(Debug)]
pub struct ListedValue {
    /// Compiled.
    pub pattern: Pattern,
    /// The place.
    pub at: Range<usize>,
}

impl Document {
    /// Reads the text of a policy; mistakes go to `diagnostics`.
    #[must_use]
    pub fn parse(text: &str, diagnostics: &mut Diagnostics) -> Self {
        let mut document = Self::default();
        let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS);
        let root = match parsed {
            Ok(parsed) => parsed.value,
            Err(error) => {
                let range = error.range();
                let at = clamp(text, range.start..range.end);
                diagnostics.push(Diagnostic::new(Rule::Syntax, at, error.kind().to_string()));
                return document;
            }
        };
        match root {
            Some(Value::Object(root)) => Reader { document: &mut document, diagnostics }.root(&root),
            other => {
                let at = other.map_or(0..text.len(), |value| place(&value));
                diagnostics.push(Diagnostic::new(Rule::WrongType, at, "a policy is an object"));
            }
        }
        document
    }
}

/// JSON with comments and trailing commas; no other freedom, because editors and other tools do not share it.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

struct Reader<'a> {
    document: &'a mut Document,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn root(&mut self, root: &Object<'_>) {
        let properties = self.properties(root);
        for property in &properties {
            let name = property.name.as_str();
            match name {
                "$schema" => {
                    let _ = self.string(name, &property.value);
                }
                "version" => self.version(property),
                "enforcement" => {
                    let words = Enforcement::ALL.map(Enforcement::as_str);
                    if let Some(at) = self.word(property, &words) {
                        self.document.enforcement = Enforcement::ALL[at];
                    }
                }
                "onViolation" => {
                    let words = OnViolation::ALL.map(OnViolation::as_str);
                    if let Some(at) = self.word(property, &words) {
                        self.document.on_violation = OnViolation::ALL[at];
                    }
                }
                "packages" => match &property.value {
                    Value::Object(packages) => self.packages(packages),
                    other => self.wrong_type("packages", "an object", other),
                },
                _ => self.unknown("policy", property, &ROOT_WORDS),
            }
        }
        for required in ["version", "packages"] {
            if !properties.iter().any(|property| property.name.as_str() == required) {
                let at = root.range.start..root.range.start + 1;
                let example = if required == "version" { "\"version\": 1" } else { "\"packages\": {}" };
                self.diagnostics.push(
                    Diagnostic::new(Rule::WrongType, at, format!("the policy has no {required:?}"))
                        .help(format!("add {example}")),
                );
            }
        }
    }

    fn version(&mut self, property: &ObjectProp<'_>) {
        match &property.value {
            Value::NumberLit(number) if number.value == "1" => {}
            Value::NumberLit(number) => self.diagnostics.push(
                Diagnostic::new(
                    Rule::WrongType,
                    place(&property.value),
                    format!("policy version {} is not known", number.value),
                )
                .help("this version of loadlock reads version 1"),
            ),
            other => self.wrong_type("version", "the number 1", other),
        }
    }

    fn packages(&mut self, packages: &Object<'_>) {
        self.document.packages_at = Some(packages.range.start..packages.range.end);
        for property in self.properties(packages) {
            let text = property.name.as_str();
            let at = place(&property.name);
            let key = match Key::parse(text) {
                Ok(key) => key,
                Err((message, help)) => {
                    self.diagnostics.push(
                        Diagnostic::new(Rule::UnknownPackage, at.clone(), format!("{text:?} {message}"))
                            .help(help),
                    );
                    continue;
                }
            };
            match &property.value {
                Value::Object(object) => {
                    let grants = self.grants(object);
                    let object_at = object.range.start..object.range.end;
                    self.document.entries.push(Entry { key, text: text.to_owned(), at, object_at, grants });
                }
                other => self.wrong_type(text, "an object of capabilities", other),
            }
        }
    }

    fn grants(&mut self, object: &Object<'_>) -> Vec<Grant> {
        let mut grants = Vec::new();
        for property in self.properties(object) {
            let name = property.name.as_str();
            let Some(capability) = Capability::from_word(name) else {
                self.unknown("capability", property, &Capability::ALL.map(Capability::as_str));
                continue;
            };
            let kind = capability.value_kind();
            let scope = match &property.value {
                Value::BooleanLit(value) if value.value => Scope::Whole,
                Value::BooleanLit(_) => Scope::Nothing,
                Value::Array(list) if kind != ValueKind::Flag => Scope::List(self.list(capability, list)),
                other => {
                    let wanted = if kind == ValueKind::Flag { "true" } else { "true or a list" };
                    self.wrong_type(name, wanted, other);
                    continue;
                }
            };
            grants.push(Grant {
                capability,
                at: place(&property.name),
                value_at: place(&property.value),
                scope,
            });
        }
        grants
    }

    fn list(&mut self, capability: Capability, list: &Array<'_>) -> Vec<ListedValue> {
        let mut values: Vec<ListedValue> = Vec::new();
        if list.elements.len() > MAX_VALUES {
            let message = format!("a list cannot have more than {MAX_VALUES} values");
            self.diagnostics.push(
                Diagnostic::new(Rule::WrongType, list.range.start..list.range.end, message)
                    .help("write patterns, or true"),
            );
            return values;
        }
        if list.elements.is_empty() {
            let message = format!("an empty list grants nothing of {capability}");
            self.diagnostics.push(
                Diagnostic::new(Rule::UnusedGrant, list.range.start..list.range.end, message)
                    .help("remove the word"),
            );
        }
        for element in &list.elements {
            let Some(text) = self.string(capability.as_str(), element) else { continue };
            let at = place(element);
            match Pattern::parse(capability.value_kind(), &text.value) {
                Ok(pattern) => values.push(ListedValue { pattern, at }),
                Err(error) => self.diagnostics.push(
                    Diagnostic::new(
                        if capability.value_kind() == ValueKind::Words {
                            Rule::UnknownWord
                        } else {
                            Rule::NeverMatches
                        },
                        at,
                        format!("{:?} {}", text.value, error.what),
                    )
                    .help(error.help),
                ),
            }
        }
        self.shadowed(&values);
        values
    }

    fn shadowed(&mut self, values: &[ListedValue]) {
        for (number, value) in values.iter().enumerate() {
            let covering = values.iter().enumerate().find(|(other, it)| {
                *other != number
                    && it.pattern.covers(&value.pattern)
                    // Of two that are equal the second is the one too many.
                    && (*other < number || !value.pattern.covers(&it.pattern))
            });
            if let Some((_, by)) = covering {
                self.diagnostics.push(
                    Diagnostic::new(
                        Rule::Shadowed,
                        value.at.clone(),
                        format!("\"{}\" is already granted by \"{}\"", value.pattern, by.pattern),
                    )
                    .label("changes nothing")
                    .related(by.at.clone(), "this covers it")
                    .help("remove one of them"),
                );
            }
        }
    }

    /// The properties of an object, each name once.
    fn properties<'b, 'c>(&mut self, object: &'b Object<'c>) -> Vec<&'b ObjectProp<'c>> {
        let mut first: HashMap<&str, Range<usize>> = HashMap::new();
        let mut properties = Vec::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let at = place(&property.name);
            match first.get(name) {
                Some(earlier) => self.diagnostics.push(
                    Diagnostic::new(Rule::DuplicateKey, at, format!("{name:?} is given twice"))
                        .label("the second one")
                        .related(earlier.clone(), "the first one")
                        .help("put both together"),
                ),
                None => {
                    first.insert(name, at);
                    properties.push(property);
                }
            }
        }
        properties
    }

    fn word(&mut self, property: &ObjectProp<'_>, words: &[&str]) -> Option<usize> {
        let text = self.string(property.name.as_str(), &property.value)?;
        let found = words.iter().position(|word| *word == text.value);
        if found.is_none() {
            let message = format!("{:?} is no value of {:?}", text.value, property.name.as_str());
            self.diagnostics.push(
                Diagnostic::new(Rule::UnknownWord, place(&property.value), message)
                    .help(did_you_mean(&text.value, words)),
            );
        }
        found
    }

    fn string<'b, 'c>(&mut self, name: &str, value: &'b Value<'c>) -> Option<&'b StringLit<'c>> {
        match value {
            Value::StringLit(text) => Some(text),
            other => {
                self.wrong_type(name, "a string", other);
                None
            }
        }
    }

    fn wrong_type(&mut self, name: &str, wanted: &str, found: &Value<'_>) {
        let kind = match found {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "a truth value",
            Value::Object(_) => "an object",
            Value::Array(_) => "a list",
            Value::NullKeyword(_) => "null",
        };
        let mut diagnostic =
            Diagnostic::new(Rule::WrongType, place(found), format!("{name:?} must be {wanted}, not {kind}"));
        if let Value::StringLit(text) = found
            && wanted.ends_with("a list")
        {
            diagnostic = diagnostic.help(format!("write [{:?}]", text.value));
        }
        self.diagnostics.push(diagnostic);
    }

    fn unknown(&mut self, what: &str, property: &ObjectProp<'_>, words: &[&str]) {
        let name = property.name.as_str();
        let message = match what {
            "capability" => format!("{name:?} is no capability"),
            _ => format!("{name:?} is no word of a {what}"),
        };
        self.diagnostics.push(
            Diagnostic::new(Rule::UnknownWord, place(&property.name), message)
                .help(did_you_mean(name, words)),
        );
    }
}

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        if text == "." {
            return Ok(Self::Location(ModulePath::root()));
        }
        if text.starts_with("node_modules/") || text.contains("/node_modules/") {
            return match ModulePath::parse(text) {
                Ok(path) if path.package_location() == path => Ok(Self::Location(path)),
                _ => Err((
                    "is not the location of a package".into(),
                    "a location ends in node_modules/NAME or node_modules/@SCOPE/NAME".into(),
                )),
            };
        }
        let (name, range) = match text.get(1..).and_then(|rest| rest.find('@')) {
            Some(at) => (&text[..=at], Some(&text[at + 2..])),
            None => (text, None),
        };
        if package_name(name) != Some(name) {
            return Err((
                "is no package".into(),
                "a key is \".\" (the application, with its workspaces), a name, name@range, or a location"
                    .into(),
            ));
        }
        match range {
            None => Ok(Self::Name(name.to_owned())),
            Some(range) => match VersionRange::parse(range) {
                Some(range) => Ok(Self::Range(name.to_owned(), range)),
                None => Err((
                    "has a version range that cannot be read".into(),
                    "examples: name@1.2.3, name@^1.2, name@>=1 <3, name@1.x || 2.x".into(),
                )),
            },
        }
    }
}

/// A place in the text.
fn place(node: &impl Ranged) -> Range<usize> {
    let range = node.range();
    range.start..range.end
}

/// A range that can be cut out of the text.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(range.start);
    start..boundary(range.end).max(start)
}

fn did_you_mean(text: &str, words: &[&str]) -> String {
    match nearest(text, words.iter().copied()) {
        Some(word) => format!("did you mean {word:?}?"),
        None => format!("the words are {}", words.join(", ")),
    }
}

const ROOT_WORDS: [&str; 5] = ["$schema", "version", "enforcement", "onViolation", "packages"];

/// Comparing values with each other is quadratic.
const MAX_VALUES: usize = 2000;
