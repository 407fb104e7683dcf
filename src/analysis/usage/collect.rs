//! Where findings are gathered. Only the first offset of each counts, so the order in which they come does not matter.

use std::collections::{BTreeMap, BTreeSet};

use super::{Request, RequestKind, Usage, WHOLE, Write, WriteKind, lines::Lines};

/// Findings by byte offset.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Findings {
    pub(super) requests: BTreeMap<(String, RequestKind), u32>,
    pub(super) computed: BTreeSet<u32>,
    pub(super) computed_nearby: BTreeSet<u32>,
    pub(super) runs: Offsets,
    pub(super) builtins: BTreeMap<String, Offsets>,
    pub(super) globals_read: Offsets,
    pub(super) globals_written: Offsets,
    pub(super) process_members: Offsets,
    pub(super) process_events: Offsets,
    pub(super) channels: Offsets,
    pub(super) env: Offsets,
    pub(super) eval: Option<u32>,
    pub(super) wasm: Option<u32>,
    pub(super) loader: Offsets,
    pub(super) writes: BTreeMap<(WriteKind, String, String), u32>,
    pub(super) hosts: Offsets,
}

/// Names and their first offsets.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Offsets(BTreeMap<String, u32>);

impl Offsets {
    /// Names that nobody writes, and more than anybody needs, count as everything.
    pub(super) fn note(&mut self, name: &str, offset: u32) {
        if let Some(known) = self.0.get_mut(name) {
            *known = offset.min(*known);
            return;
        }
        let name = if name.len() > MAX_NAME || self.0.len() >= MAX_NAMES { WHOLE } else { name };
        let first = self.0.entry(name.to_owned()).or_insert(offset);
        *first = offset.min(*first);
    }

    /// As [`Offsets::note`], but what is too much is left out.
    pub(super) fn note_some(&mut self, name: &str, offset: u32, most: usize) {
        if name.len() <= MAX_NAME && (self.0.len() < most || self.0.contains_key(name)) {
            self.note(name, offset);
        }
    }

    fn lines(self, lines: &Lines) -> BTreeMap<String, u32> {
        self.0.into_iter().map(|(name, offset)| (name, lines.line(offset))).collect()
    }
}

impl Findings {
    pub(super) fn request(&mut self, specifier: &str, kind: RequestKind, offset: u32) {
        if specifier.len() > MAX_SPECIFIER || self.requests.len() >= MAX_REQUESTS {
            self.computed(offset);
            return;
        }
        let first = self.requests.entry((specifier.to_owned(), kind)).or_insert(offset);
        *first = offset.min(*first);
    }

    pub(super) fn computed(&mut self, offset: u32) {
        if self.computed.len() < MAX_NAMES {
            self.computed.insert(offset);
        }
    }

    pub(super) fn computed_nearby(&mut self, offset: u32) {
        if self.computed_nearby.len() < MAX_NAMES {
            self.computed_nearby.insert(offset);
        }
    }

    pub(super) fn builtin(&mut self, module: &str, member: Option<&str>, offset: u32) {
        if !self.builtins.contains_key(module) {
            if self.builtins.len() >= MAX_NAMES || module.len() > MAX_NAME {
                return;
            }
            self.builtins.insert(module.to_owned(), Offsets::default());
        }
        if let (Some(member), Some(members)) = (member, self.builtins.get_mut(module)) {
            members.note(member, offset);
        }
    }

    pub(super) fn write(&mut self, kind: WriteKind, target: &str, member: &str, offset: u32) {
        let member = if member.len() > MAX_NAME { WHOLE } else { member };
        let known = self.writes.len();
        match self.writes.entry((kind, target.to_owned(), member.to_owned())) {
            std::collections::btree_map::Entry::Occupied(mut first) => {
                *first.get_mut() = offset.min(*first.get());
            }
            std::collections::btree_map::Entry::Vacant(free) if known < MAX_NAMES => {
                free.insert(offset);
            }
            std::collections::btree_map::Entry::Vacant(_) => {}
        }
    }

    pub(super) fn eval(&mut self, offset: u32) {
        self.eval = Some(self.eval.map_or(offset, |first| first.min(offset)));
    }

    pub(super) fn wasm(&mut self, offset: u32) {
        self.wasm = Some(self.wasm.map_or(offset, |first| first.min(offset)));
    }

    /// The same with lines.
    pub(super) fn into_usage(self, text: &str) -> Usage {
        if self == Self::default() {
            return Usage::default();
        }
        let lines = Lines::new(text);
        let mut requests: Vec<(u32, String, RequestKind)> =
            self.requests.into_iter().map(|((specifier, kind), offset)| (offset, specifier, kind)).collect();
        requests.sort_unstable();
        let requests = requests.into_iter().map(|(offset, specifier, kind)| Request {
            specifier,
            kind,
            line: lines.line(offset),
        });
        let numbers = |offsets: &BTreeSet<u32>| {
            let mut numbers: Vec<u32> = offsets.iter().map(|&offset| lines.line(offset)).collect();
            numbers.dedup();
            numbers
        };
        let writes = self.writes.into_iter().map(|((kind, target, member), offset)| Write {
            kind,
            target,
            member,
            line: lines.line(offset),
        });
        Usage {
            opaque: false,
            requests: requests.collect(),
            computed: numbers(&self.computed),
            computed_nearby: numbers(&self.computed_nearby),
            runs: self.runs.lines(&lines),
            builtins: self
                .builtins
                .into_iter()
                .map(|(name, members)| (name, members.lines(&lines)))
                .collect(),
            globals_read: self.globals_read.lines(&lines),
            globals_written: self.globals_written.lines(&lines),
            process_members: self.process_members.lines(&lines),
            process_events: self.process_events.lines(&lines),
            channels: self.channels.lines(&lines),
            env: self.env.lines(&lines),
            eval: self.eval.map(|offset| lines.line(offset)),
            wasm: self.wasm.map(|offset| lines.line(offset)),
            loader: self.loader.lines(&lines),
            writes: writes.collect(),
            hosts: self.hosts.lines(&lines),
        }
    }
}

const MAX_NAME: usize = 256;

const MAX_NAMES: usize = 1024;

const MAX_SPECIFIER: usize = 4096;

const MAX_REQUESTS: usize = 16 << 10;
