//! What the shim asks about capabilities.

use napi_derive::napi;

use super::{
    error::thrown,
    loader::{global_names_in, runtime},
};
use crate::{
    analysis::usage::GLOBAL_NAMES,
    policy::{Capability, builtins},
    runtime::Refusal,
};

/// How the members of a builtin are classified.
#[napi(object)]
pub struct BuiltinRules {
    /// Capabilities without which the module cannot be loaded.
    pub needs: Vec<String>,
    /// Names of the members.
    pub names: Vec<String>,
    /// For each name: empty when free, `-` when hidden, else capabilities joined by `+`.
    pub rules: Vec<String>,
}

/// Every capability word; [`grants`] answers in this order.
#[napi(catch_unwind)]
pub fn capabilities() -> Vec<&'static str> {
    Capability::ALL.iter().map(|capability| capability.as_str()).collect()
}

/// The powerful globals, in the order of the bits of a file's mask.
#[napi(catch_unwind)]
pub fn global_names() -> Vec<&'static str> {
    GLOBAL_NAMES.to_vec()
}

/// For each capability: 0 denied, 1 whole, 2 with a scope.
#[napi(catch_unwind)]
pub fn grants(location: String) -> napi::Result<Vec<u32>> {
    let kinds = runtime()?.grant_kinds(&location).map_err(thrown)?;
    Ok(kinds.into_iter().map(|kind| kind as u32).collect())
}

/// Whether a package may use a capability with this value; records nothing.
#[napi(catch_unwind)]
pub fn permits(location: String, capability: String, value: String) -> napi::Result<bool> {
    runtime()?.permits(&location, word(&capability)?, &value).map_err(thrown)
}

/// Refuses a use that is not granted.
#[napi(catch_unwind)]
pub fn demand(location: String, capability: String, value: String, attempt: String) -> napi::Result<()> {
    runtime()?.demand(&location, word(&capability)?, &value, &attempt).map_err(thrown)
}

/// Records a use that is not granted, and that the caller answers by doing nothing.
#[napi(catch_unwind)]
pub fn note(location: String, capability: String, value: String, attempt: String) -> napi::Result<()> {
    runtime()?.note(&location, word(&capability)?, &value, &attempt).map_err(thrown)
}

/// As [`demand`] for a file, given by its absolute path; gives the real path that was decided on.
#[napi(catch_unwind)]
pub fn demand_path(
    location: String,
    capability: String,
    path: String,
    follow: bool,
    attempt: String,
) -> napi::Result<String> {
    runtime()?.demand_path(&location, word(&capability)?, &path, follow, &attempt).map_err(thrown)
}

/// Refuses to load a file of another package unless the policy has that edge.
#[napi(catch_unwind)]
pub fn check_edge(importer: String, target: String, specifier: String) -> napi::Result<()> {
    runtime()?.check_edge(&importer, &target, &specifier).map_err(thrown)
}

/// The location of the package that an absolute path belongs to.
#[napi(catch_unwind)]
pub fn package_of(path: String) -> napi::Result<String> {
    Ok(runtime()?.package_of(&path))
}

/// What the policy as a whole says about the start.
#[napi(object)]
pub struct PolicyFacts {
    /// Whether some package may patch builtins later on.
    pub patched: bool,
    /// Whether any file mentions `fetch` or one of its classes.
    pub web: bool,
    /// Names that some package may replace on the global object.
    pub definable: Vec<String>,
}

/// What the policy as a whole says about the start.
#[napi(catch_unwind)]
pub fn policy_facts() -> napi::Result<PolicyFacts> {
    let settings = runtime()?.policy_settings().cloned();
    Ok(settings.map_or(PolicyFacts { patched: false, web: true, definable: Vec::new() }, |settings| {
        PolicyFacts {
            patched: settings.patched,
            web: global_names_in(settings.mentioned).iter().any(|name| WEB_NAMES.contains(name)),
            definable: settings.definable,
        }
    }))
}

/// Importing package and specifier, alternating, of the modules that run before the lockdown.
#[napi(catch_unwind)]
pub fn preloads() -> napi::Result<Vec<String>> {
    Ok(runtime()?.preloads().into_iter().flat_map(|(importer, specifier)| [importer, specifier]).collect())
}

/// The rules of a builtin's members, named without `node:`, or of the members of `globals` and `process`.
#[napi(catch_unwind)]
pub fn builtin_rules(name: String) -> BuiltinRules {
    let none = Vec::new();
    let (needs, members) = match &*name {
        "globals" => (&none, &builtins::table().globals),
        "process" => (&none, &builtins::table().process.members),
        name => match builtins::module(name) {
            Some(module) => (&module.needs, &module.members),
            // Whatever a later Node adds is refused until somebody has looked at it.
            None => {
                return BuiltinRules {
                    needs: vec!["loader".to_owned()],
                    names: Vec::new(),
                    rules: Vec::new(),
                };
            }
        },
    };
    let rule = |rule: &builtins::Rule| match rule {
        builtins::Rule::Hidden => "-".to_owned(),
        builtins::Rule::Needs(words) => words.join("+"),
    };
    BuiltinRules {
        needs: needs.clone(),
        names: members.keys().cloned().collect(),
        rules: members.values().map(rule).collect(),
    }
}

fn word(text: &str) -> napi::Result<Capability> {
    Capability::from_word(text).ok_or_else(|| {
        thrown(Refusal::new(
            crate::error::Code::SelfCheck,
            "capabilities are known",
            format!("{text:?} is no capability"),
            "this is a fault of loadlock; please report it",
        ))
    })
}

/// Globals that Node's bundled undici provides.
const WEB_NAMES: [&str; 9] = [
    "fetch",
    "WebSocket",
    "EventSource",
    "Request",
    "Response",
    "Headers",
    "FormData",
    "MessageEvent",
    "CloseEvent",
];
