//! What it takes to use a builtin, as inference asks the table.

use std::collections::BTreeSet;

use super::{
    builtins::{self, Rule},
    capability::Capability,
};
use crate::analysis::usage::WHOLE;

/// A capability, or one value of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// Which capability.
    pub capability: Capability,
    /// Which value of it, where that is known.
    pub value: Option<String>,
}

/// What it takes to load a module, named without `node:`.
#[must_use]
pub fn to_load(module: &str) -> Vec<Requirement> {
    builtins::module(module).map(|module| requirements(&module.needs)).unwrap_or_default()
}

/// What a member of a module needs; `*` is the module as a whole, where it left the sight of the analysis.
#[must_use]
pub fn of_member(module: &str, member: &str) -> Vec<Requirement> {
    let Some(builtin) = builtins::module(module) else { return Vec::new() };
    if member != WHOLE {
        return of_rule(builtin.members.get(member));
    }
    // Who hands `process` on means a little of it, and nobody can tell what.
    if module == "process" {
        return Vec::new();
    }
    let all: BTreeSet<Requirement> = builtin
        .members
        .values()
        .flat_map(|rule| of_rule(Some(rule)))
        .filter(|it| match it.capability {
            // Nearly nobody who hands a module on means these.
            Capability::Patch | Capability::Observe | Capability::Process => false,
            Capability::Vm => module == "vm",
            _ => true,
        })
        .collect();
    all.into_iter().collect()
}

/// What a member of `process` needs.
#[must_use]
pub fn of_process(member: &str) -> Vec<Requirement> {
    of_rule(builtins::table().process.members.get(member))
}

/// What it takes to listen to an event of `process`; `*` is one that nobody can tell. As in js/facades/process-events.js.
#[must_use]
pub fn of_process_event(event: &str) -> Vec<Requirement> {
    let word = |word: &str| Requirement { capability: Capability::Process, value: Some(word.to_owned()) };
    match event {
        WHOLE => vec![word("errors"), word("signals")],
        "disconnect" | "message" | "workerMessage" => vec![word("ipc")],
        "multipleResolves"
        | "rejectionHandled"
        | "uncaughtException"
        | "uncaughtExceptionMonitor"
        | "unhandledRejection" => vec![word("errors")],
        "internalMessage" | "worker" => vec![Requirement { capability: Capability::Observe, value: None }],
        event if event.starts_with("SIG") => vec![word("signals")],
        _ => Vec::new(),
    }
}

/// What it takes to subscribe to a diagnostics channel: nothing for those of packages.
#[must_use]
pub fn of_channel(name: &str) -> Vec<Requirement> {
    let plain = name.strip_prefix("tracing:").unwrap_or(name);
    let end = plain.find(['.', ':']).unwrap_or(plain.len());
    let is_owned = name == WHOLE || OWN_CHANNELS.binary_search(&&plain[..end]).is_ok();
    is_owned.then_some(Requirement { capability: Capability::Observe, value: None }).into_iter().collect()
}

/// What the names of Node's channels, and of ours, begin with; as in js/facades/observation.js. Sorted.
const OWN_CHANNELS: [&str; 23] = [
    "child_process",
    "console",
    "dgram",
    "dns",
    "dtls",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "loadlock",
    "locks",
    "module",
    "net",
    "node",
    "process",
    "quic",
    "tls",
    "udp",
    "undici",
    "vm",
    "web",
    "worker_threads",
];

/// What a global name needs.
#[must_use]
pub fn of_global(name: &str) -> Vec<Requirement> {
    of_rule(builtins::table().globals.get(name))
}

fn of_rule(rule: Option<&Rule>) -> Vec<Requirement> {
    match rule {
        Some(Rule::Needs(words)) => requirements(words),
        Some(Rule::Hidden) | None => Vec::new(),
    }
}

/// `capability` or `capability:value`.
fn requirements(words: &[String]) -> Vec<Requirement> {
    let read = |word: &String| {
        let (word, value) = match word.split_once(':') {
            Some((word, value)) => (word, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        Some(Requirement { capability: Capability::from_word(word)?, value })
    };
    words.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Pattern;

    #[test]
    fn the_table_answers() {
        let words = |list: Vec<Requirement>| {
            list.iter().map(|it| it.capability.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(of_member("fs", "readFile")), "fs.read");
        assert_eq!(words(of_member("fs", "constants")), "");
        assert_eq!(words(of_member("fs", WHOLE)), "fs.read fs.write");
        assert_eq!(words(of_member("os", WHOLE)), "sys");
        assert_eq!(words(of_member("process", WHOLE)), "");
        assert_eq!(words(of_member("no such module", "x")), "");
        assert_eq!(words(of_process("exit")), "process");
        assert_eq!(words(of_global("fetch")), "net.connect");
        assert_eq!(words(to_load("inspector")), "inspector");
    }

    #[test]
    fn events_and_channels() {
        let words = |list: Vec<Requirement>| {
            let word =
                |it: &Requirement| it.value.clone().unwrap_or_else(|| it.capability.as_str().to_owned());
            list.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        for (event, expected) in [
            ("SIGTERM", "signals"),
            ("uncaughtException", "errors"),
            ("message", "ipc"),
            ("exit", ""),
            ("my event", ""),
            (WHOLE, "errors signals"),
        ] {
            assert_eq!(words(of_process_event(event)), expected, "{event}");
        }
        for (channel, expected) in [
            ("http.server.request.start", "observe"),
            ("tracing:module.require:start", "observe"),
            ("undici:request:create", "observe"),
            ("net", "observe"),
            ("network.x", ""),
            ("fastify.initialization", ""),
            ("tracing:mine:start", ""),
            (WHOLE, "observe"),
        ] {
            assert_eq!(words(of_channel(channel)), expected, "{channel}");
        }
        let enforced = include_str!("../../js/facades/observation.js");
        let list =
            enforced.split_once("const OWNED = new SafeSet([").and_then(|(_, rest)| rest.split_once(']'));
        let mut names: Vec<&str> =
            list.unwrap().0.split(',').map(|name| name.trim().trim_matches('\'')).collect();
        names.retain(|name| !name.is_empty());
        assert_eq!(names, OWN_CHANNELS);
    }

    #[test]
    fn every_value_of_the_table_can_stand_in_a_policy() {
        for (name, module) in &builtins::table().modules {
            let members = module.members.values().flat_map(|rule| of_rule(Some(rule)));
            for Requirement { capability, value } in members.chain(to_load(name)) {
                if let Some(value) = value {
                    assert!(Pattern::parse(capability.value_kind(), &value).is_ok(), "{name} {value}");
                }
            }
        }
    }
}
