//! What a tree needs, as far as its text tells.
//!
//! From the files of the application every request that the text names is followed through the real resolution; a load
//! with a computed name makes all files of its package reachable. What the reachable files of a package use, by the
//! table of builtins, is what the package needs. Text cannot tell which paths and hosts: those become `true`, and
//! [`super::learned`] narrows them to what a run has used.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    capability::Capability,
    check,
    compile::compile,
    diagnostics::Diagnostics,
    document::Document,
    pattern::{Pattern, package_name},
    project::{Project, owner},
    proposal,
    requirements::{self, Requirement},
    tree::{Packages, key, label},
};
use crate::{
    analysis::usage::{RequestKind, Usage, WHOLE, WriteKind},
    index::Format,
    module_path::ModulePath,
};

/// What the reachable part of a tree needs.
#[derive(Debug, Default)]
pub struct Needs {
    /// The needs of each package; those that are reachable and need nothing have an empty map.
    pub packages: BTreeMap<ModulePath, BTreeMap<Capability, Vec<Need>>>,
    /// Which package loads which other.
    pub edges: BTreeMap<(ModulePath, ModulePath), Edge>,
    /// What a person should know about a package.
    pub notes: BTreeMap<ModulePath, BTreeSet<String>>,
    /// The hosts that the text of a package names.
    pub hosts: BTreeMap<ModulePath, BTreeSet<String>>,
    /// Every package of the tree, reachable or not.
    pub installed: Packages,
}

/// Why a package needs a capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The value, as it would stand in the policy; `None` when the text does not tell.
    pub value: Option<String>,
    /// The file.
    pub file: ModulePath,
    /// The line; 0 when it was seen in a run.
    pub line: u32,
    /// What is used there.
    pub what: String,
}

/// One package loading another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// A file that asks; one that asks in an undeclared way if there is one.
    pub file: ModulePath,
    /// The line.
    pub line: u32,
    /// What it asks for.
    pub specifier: String,
    /// Whether every request is bare and declared.
    pub declared: bool,
    /// How that is known.
    pub why: Why,
}

/// How it is known that one package loads another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The text names it.
    Named,
    /// It loads computed names, and declares the other.
    Declared,
    /// It loads computed names, and works with the other if it is there.
    Optional,
    /// It loads computed names, and the other is declared as a plugin for it, by itself and by the application.
    Plugin,
    /// It loads computed names, and the application, which is the other, uses it directly.
    Direct,
    /// It loads computed names, and the other uses it and names files of its own.
    Given,
}

impl Edge {
    /// Why it has to be in `imports`, given that `to` is what it leads to.
    #[must_use]
    pub fn need(&self, to: &ModulePath) -> Need {
        let name = &self.specifier;
        let what = match self.why {
            Why::Named if self.declared => format!("loads {name}, which is powerful"),
            Why::Named => format!("loads {name}, which it does not declare"),
            Why::Declared => format!("loads computed names, and declares {name}, which is powerful"),
            Why::Optional => format!("loads computed names, and works with {name}, which is installed"),
            Why::Plugin => format!("loads computed names, and {name} is a plugin for it"),
            Why::Direct => "loads files of the application by computed names".to_owned(),
            Why::Given => format!("loads computed names, and {name} gives it paths of its own files"),
        };
        Need { value: Some(key(to).to_owned()), file: self.file.clone(), line: self.line, what }
    }
}

impl Needs {
    /// Finds out what a tree needs.
    #[must_use]
    pub fn of(project: &Project<'_>) -> Self {
        let mut search = Search {
            project,
            needs: Self { installed: project.packages.clone(), ..Self::default() },
            seen: BTreeSet::new(),
            queue: VecDeque::new(),
            expanded: BTreeSet::new(),
            hosts: BTreeMap::new(),
            givers: BTreeSet::new(),
        };
        search.needs.packages.entry(ModulePath::root()).or_default();
        for entry in &project.entries {
            search.reach(entry);
        }
        search.expand(&ModulePath::root());
        loop {
            while let Some(file) = search.queue.pop_front() {
                search.visit(&file);
            }
            search.serve_users();
            if search.queue.is_empty() {
                break;
            }
        }
        search.needs.load_addons_for_others(project);
        search.needs
    }

    /// The packages that have a power or load one that has.
    #[must_use]
    pub fn powerful(&self) -> BTreeSet<ModulePath> {
        let mut importers: BTreeMap<&ModulePath, Vec<&ModulePath>> = BTreeMap::new();
        for (from, to) in self.edges.keys() {
            importers.entry(to).or_default().push(from);
        }
        let has_power = |needs: &BTreeMap<Capability, Vec<Need>>| needs.keys().any(|it| it.is_power());
        let mut pending: Vec<&ModulePath> = self
            .packages
            .iter()
            .filter(|(_, needs)| has_power(needs))
            .map(|(location, _)| location)
            .collect();
        let mut powerful = BTreeSet::new();
        while let Some(location) = pending.pop() {
            if powerful.insert(location.clone()) {
                pending.extend(importers.get(location).into_iter().flatten());
            }
        }
        powerful
    }

    /// Puts the edges that are not permitted by themselves among the needs. Which those are is asked of the policy that
    /// the needs make, again until it permits all of them: a word of that policy may be for several copies of a package,
    /// and make more of them powerful than the text does.
    pub fn with_imports(&mut self) {
        let powerful = self.powerful();
        for needs in self.packages.values_mut() {
            needs.remove(&Capability::Imports);
        }
        let mut wanted: Vec<(ModulePath, ModulePath)> = self
            .edges
            .iter()
            .filter(|((_, to), edge)| !edge.declared || powerful.contains(to))
            .map(|(ends, _)| ends.clone())
            .collect();
        while !wanted.is_empty() {
            for (from, to) in &wanted {
                let Some(edge) = self.edges.get(&(from.clone(), to.clone())) else { continue };
                let need = edge.need(to);
                let needs = self.packages.entry(from.clone()).or_default();
                needs.entry(Capability::Imports).or_default().push(need);
            }
            let text = proposal::render(&proposal::propose(self));
            let mut ignored = Diagnostics::default();
            let document = Document::parse(&text, &mut ignored);
            let grants = compile(&document, &text, &self.installed, &mut ignored).grants;
            let before = std::mem::take(&mut wanted);
            wanted = check::refused_edges(self, &grants).map(|(ends, _)| ends.clone()).collect();
            // What a word of the policy cannot say stays refused.
            wanted.retain(|ends| !before.contains(ends));
        }
    }

    /// How the application reaches a package: the locations on the way, the application first.
    #[must_use]
    pub fn path_to(&self, location: &ModulePath) -> Option<Vec<ModulePath>> {
        let mut before: BTreeMap<&ModulePath, &ModulePath> = BTreeMap::new();
        let root = ModulePath::root();
        let mut queue = VecDeque::from([&root]);
        while let Some(here) = queue.pop_front() {
            if here == location {
                let mut path = vec![here.clone()];
                let mut at = here;
                while let Some(&previous) = before.get(at) {
                    path.push(previous.clone());
                    at = previous;
                }
                path.reverse();
                return Some(path);
            }
            let from = (here.clone(), ModulePath::root());
            for (_, to) in self.edges.range(from..).map(|(edge, _)| edge).take_while(|(from, _)| from == here)
            {
                if *to != root && !before.contains_key(to) {
                    before.insert(to, here);
                    queue.push_back(to);
                }
            }
        }
        None
    }

    /// Packages such as `bindings` load the native files of those who ask them.
    fn load_addons_for_others(&mut self, project: &Project<'_>) {
        let users: Vec<(ModulePath, ModulePath, Edge)> = self
            .edges
            .iter()
            .filter(|((_, to), _)| ADDON_LOADERS.contains(&label(to)) || ADDON_FINDERS.contains(&label(to)))
            .map(|((from, to), edge)| (from.clone(), to.clone(), edge.clone()))
            .collect();
        for (user, loader, edge) in users {
            // The binding is the user's own, or lies in a package for the platform.
            let mut owners = vec![user.clone()];
            for name in project.packages.get(&user).into_iter().flat_map(|package| &package.declared) {
                owners.extend(project.find(&edge.file, name).iter().map(owner));
            }
            owners.sort_unstable();
            owners.dedup();
            for owner in owners.into_iter().filter(|owner| project.has_addons(owner)) {
                let what = format!("loads its native binding with {}", label(&loader));
                self.need(&owner, Capability::Addons, Some("$PKG/**".into()), &edge.file, edge.line, what);
                if ADDON_LOADERS.contains(&label(&loader)) {
                    let below = if owner == ModulePath::root() {
                        "$APP/**".to_owned()
                    } else {
                        format!("$APP/{owner}/**")
                    };
                    let what = format!("loads the native binding of {}", label(&owner));
                    self.need(&loader, Capability::Addons, Some(below), &edge.file, edge.line, what);
                }
            }
        }
    }

    fn need(
        &mut self,
        package: &ModulePath,
        capability: Capability,
        value: Option<String>,
        file: &ModulePath,
        line: u32,
        what: String,
    ) {
        // What cannot be written in a list is only granted by `true`.
        let value = value.filter(|value| Pattern::parse(capability.value_kind(), value).is_ok());
        let needs = self.packages.entry(package.clone()).or_default().entry(capability).or_default();
        // Each value once is enough of a reason, and one more for the count.
        if needs.iter().filter(|need| need.value == value).count() < MAX_REASONS {
            needs.push(Need { value, file: file.clone(), line, what });
        }
    }
}

/// Packages that find and load native bindings for others. Their own `addons` lets them load such a file, and that of
/// whoever has it lets it be loaded.
const ADDON_LOADERS: [&str; 7] = [
    "@node-rs/helper",
    "bindings",
    "neon-load-or-build",
    "node-gyp-build",
    "node-gyp-build-optional-packages",
    "pkg-prebuilds",
    "require-addon",
];

/// Packages that only say where the native binding is.
const ADDON_FINDERS: [&str; 2] = ["@mapbox/node-pre-gyp", "node-pre-gyp"];

/// Packages that load what their users are told to load: transports, settings.
const LOADERS: [&str; 7] =
    ["bundle-require", "cosmiconfig", "import-from", "import-fresh", "jiti", "lilconfig", "real-require"];

/// More places than this are not told.
const MAX_REASONS: usize = 20;

struct Search<'a, 'b> {
    project: &'a Project<'b>,
    needs: Needs,
    seen: BTreeSet<ModulePath>,
    queue: VecDeque<ModulePath>,
    /// Packages all of whose files were reached.
    expanded: BTreeSet<ModulePath>,
    /// Packages that load what others name, and where.
    hosts: BTreeMap<ModulePath, (ModulePath, u32)>,
    /// Packages that name files of their own without loading them.
    givers: BTreeSet<ModulePath>,
}

impl Search<'_, '_> {
    fn reach(&mut self, file: &ModulePath) {
        if !self.project.for_browsers.contains(file) {
            self.reach_named(file);
        }
    }

    /// As [`Search::reach`] for a file that the text names: Node loads it, whatever else it is for.
    fn reach_named(&mut self, file: &ModulePath) {
        if self.seen.insert(file.clone()) {
            self.needs.packages.entry(owner(file)).or_default();
            self.queue.push_back(file.clone());
        }
    }

    /// Reaches all files of a package but those of its tests.
    fn expand(&mut self, package: &ModulePath) {
        if !self.expanded.insert(package.clone()) {
            return;
        }
        let project = self.project;
        for (path, file) in project.files_of(package) {
            let is_loadable = file.is_code() && !project.programs.contains(path);
            if is_loadable && !is_for_development(package, path) {
                self.reach(path);
            }
        }
    }

    fn visit(&mut self, path: &ModulePath) {
        let project = self.project;
        let Some(file) = project.files.get(path) else { return };
        let package = owner(path);
        let Some(usage) = file.usage.as_deref() else { return };
        if usage.opaque {
            let note = format!("{path} could not be analysed");
            self.needs.notes.entry(package).or_default().insert(note);
            return;
        }
        self.requests(path, &package, usage);
        self.uses(path, &package, usage);
    }

    fn requests(&mut self, path: &ModulePath, package: &ModulePath, usage: &Usage) {
        let project = self.project;
        for request in &usage.requests {
            for target in project.resolver.resolve(path, &request.specifier, request.kind) {
                let other = owner(&target);
                let is_left_out = project.for_browsers.contains(&target) && is_named_for_browsers(&target);
                if is_left_out {
                    let note = format!("{target} is for browsers, says its package.json, and was left out");
                    self.needs.notes.entry(other.clone()).or_default().insert(note);
                }
                // What a package says about itself is open to everybody.
                if other != *package && target.file_name() != "package.json" {
                    self.edge(path, package, &other, &request.specifier, request.line);
                }
                if other == *package && request.kind == RequestKind::Resolve && other != ModulePath::root() {
                    self.givers.insert(other);
                }
                self.addon(path, &target, &request.specifier, request.line);
                if !is_left_out {
                    self.reach_named(&target);
                }
            }
        }
        if let Some(line) = usage.computed.first().into_iter().chain(usage.computed_nearby.first()).min() {
            if *package != ModulePath::root() {
                let note =
                    format!("{path}:{line} loads modules by computed names: all its files count as loaded");
                self.needs.notes.entry(package.clone()).or_default().insert(note);
            }
            self.expand(package);
            if project.has_addons(package) {
                let what = "loads a computed name, and the package has native bindings".to_owned();
                self.needs.need(package, Capability::Addons, Some("$PKG/**".into()), path, *line, what);
            }
        }
        if let Some(line) = usage.computed.first() {
            self.host(path, package, *line);
        }
    }

    fn edge(&mut self, path: &ModulePath, from: &ModulePath, to: &ModulePath, specifier: &str, line: u32) {
        let declared = self.project.packages.get(from).is_some_and(|package| {
            let name = if specifier.starts_with('#') { Some(label(to)) } else { package_name(specifier) };
            name.is_some_and(|name| package.declared.contains(name))
        });
        let edge =
            Edge { file: path.clone(), line, specifier: specifier.to_owned(), declared, why: Why::Named };
        let known = self.needs.edges.entry((from.clone(), to.clone())).or_insert_with(|| edge.clone());
        if known.why != Why::Named || known.declared && !declared {
            *known = edge;
        }
    }

    /// Whoever has a native binding needs a word for it, whoever asks for it.
    fn addon(&mut self, path: &ModulePath, target: &ModulePath, specifier: &str, line: u32) {
        if self.project.files.get(target).is_some_and(|file| file.format == Format::Addon) {
            let other = owner(target);
            let value =
                if other == ModulePath::root() { format!("$APP/{target}") } else { "$PKG/**".to_owned() };
            let what = format!("loads {specifier}");
            self.needs.need(&other, Capability::Addons, Some(value), path, line, what);
        }
    }

    /// A package that loads what only a run can name: plugins and settings. Probably what it declares; and, if the
    /// application uses it directly, what the application has, and what is made for it.
    fn host(&mut self, path: &ModulePath, package: &ModulePath, line: u32) {
        let project = self.project;
        let Some(known) = project.packages.get(package) else { return };
        if *package == ModulePath::root() || self.hosts.contains_key(package) {
            return;
        }
        self.hosts.insert(package.clone(), (path.clone(), line));
        for name in known.declared.union(&known.optional_peers) {
            let why = if known.declared.contains(name) { Why::Declared } else { Why::Optional };
            self.may_load(package, name, &project.find(path, name), why);
        }
        // The computed name of a package with a native binding is that of the binding.
        if self.is_direct(package) && !project.has_addons(package) {
            self.serve_application(package, package, label(package));
        }
    }

    /// Whether the application declares a package, and it is the copy that the application gets.
    fn is_direct(&self, package: &ModulePath) -> bool {
        let name = label(package);
        let application = self.project.packages.get(&ModulePath::root());
        application.is_some_and(|application| application.declared.contains(name))
            && package.as_str().strip_prefix("node_modules/") == Some(name)
    }

    /// `host` may load files of the application, and what the application has for `user`, which asks `host` to.
    fn serve_application(&mut self, host: &ModulePath, user: &ModulePath, user_name: &str) {
        let (root, project) = (ModulePath::root(), self.project);
        let Some((file, line)) = self.hosts.get(host).cloned() else { return };
        let specifier = "the application".to_owned();
        let edge = Edge { file, line, specifier, declared: false, why: Why::Direct };
        self.needs.edges.entry((host.clone(), root.clone())).or_insert(edge);
        let (Some(application), Ok(anchor)) =
            (project.packages.get(&root), ModulePath::parse("package.json"))
        else {
            return;
        };
        for name in &application.declared {
            let targets = project.find(&anchor, name);
            let mut found = targets.iter().filter_map(|target| project.packages.get(&owner(target)));
            // pino-pretty does not say that it is for pino.
            let is_named_so =
                host != user && name.strip_prefix(user_name).is_some_and(|rest| rest.starts_with('-'));
            if is_named_so || found.any(|plugin| plugin.peers.contains(user_name)) {
                self.may_load(host, name, &targets, Why::Plugin);
            }
        }
    }

    /// A host may load what `name` means.
    fn may_load(&mut self, host: &ModulePath, name: &str, targets: &BTreeSet<ModulePath>, why: Why) {
        let Some((path, line)) = self.hosts.get(host).cloned() else { return };
        for target in targets {
            let other = owner(target);
            if other == *host || other == ModulePath::root() {
                continue;
            }
            self.needs.edges.entry((host.clone(), other)).or_insert_with(|| Edge {
                file: path.clone(),
                line,
                specifier: name.to_owned(),
                declared: why == Why::Declared,
                why,
            });
            self.addon(&path, target, name, line);
            self.reach(target);
        }
    }

    /// Hosts that load for their users: pools of workers, what these users name of their own; packages made for
    /// loading, also what the application has for them.
    fn serve_users(&mut self) {
        let named = self.needs.edges.iter().filter(|(_, edge)| edge.why == Why::Named);
        let ends: Vec<(ModulePath, ModulePath)> = named.map(|(ends, _)| ends.clone()).collect();
        for (user, host) in ends {
            let Some((file, line)) = self.hosts.get(&host).cloned() else { continue };
            if self.givers.contains(&user) {
                let specifier = label(&user).to_owned();
                let edge = Edge { file, line, specifier, declared: false, why: Why::Given };
                self.needs.edges.entry((host.clone(), user.clone())).or_insert(edge);
            }
            if LOADERS.contains(&label(&host)) && self.is_direct(&user) {
                self.serve_application(&host, &user, label(&user));
            }
        }
    }

    /// Files that run as workers and child processes, in the same tree.
    fn runs(&mut self, path: &ModulePath, package: &ModulePath, usage: &Usage) {
        for file in usage.runs.keys() {
            if file == WHOLE {
                self.expand(package);
                self.programs(path, usage);
            } else if file.starts_with('.') {
                self.started(path, file);
            } else if let Ok(anchor) = ModulePath::parse("package.json") {
                self.started(&anchor, &format!("./{file}"));
            }
        }
    }

    fn started(&mut self, from: &ModulePath, specifier: &str) {
        for target in self.project.resolver.resolve(from, specifier, RequestKind::Require) {
            self.reach_named(&target);
        }
    }

    /// Which file is started nobody can tell; if it looked up where a package is, probably one of its programs.
    fn programs(&mut self, path: &ModulePath, usage: &Usage) {
        let project = self.project;
        for request in usage.requests.iter().filter(|request| request.specifier.ends_with("/package.json")) {
            for target in project.resolver.resolve(path, &request.specifier, request.kind) {
                let package = owner(&target);
                for (program, _) in
                    project.files_of(&package).filter(|(it, _)| project.programs.contains(*it))
                {
                    self.reach(program);
                }
            }
        }
    }

    fn uses(&mut self, path: &ModulePath, package: &ModulePath, usage: &Usage) {
        for (module, members) in &usage.builtins {
            let line = members.values().min().copied().unwrap_or_else(|| request_line(usage, module));
            self.require(path, package, line, module, &requirements::to_load(module));
            for (member, line) in members {
                let what = if member == WHOLE {
                    format!("{module} as a whole")
                } else {
                    format!("{module}.{member}")
                };
                self.require(path, package, *line, &what, &requirements::of_member(module, member));
                // It runs the file that the settings name.
                if matches!((&module[..], &member[..]), ("cluster", "fork")) {
                    self.expand(package);
                }
            }
        }
        self.runs(path, package, usage);
        for (event, line) in &usage.process_events {
            let what = format!("process.on({event})");
            self.require(path, package, *line, &what, &requirements::of_process_event(event));
        }
        for (channel, line) in &usage.channels {
            let what = format!("subscribes to the diagnostics channel {channel}");
            self.require(path, package, *line, &what, &requirements::of_channel(channel));
        }
        for (name, line) in &usage.process_members {
            self.require(path, package, *line, &format!("process.{name}"), &requirements::of_process(name));
        }
        for (name, line) in &usage.globals_read {
            // Mentioning `WebAssembly` or `Function` is not using it; what is used has its own facts.
            if !matches!(&name[..], "eval" | "Function" | "WebAssembly") {
                self.require(path, package, *line, name, &requirements::of_global(name));
            }
        }
        let mut simple = |capability, value: Option<String>, line: u32, what: String| {
            self.needs.need(package, capability, value, path, line, what);
        };
        for (name, line) in &usage.env {
            let value = (name != WHOLE).then(|| name.clone());
            simple(Capability::Env, value, *line, format!("process.env.{name}"));
        }
        for (name, line) in &usage.globals_written {
            let value = (name != WHOLE).then(|| name.clone());
            simple(Capability::Globals, value, *line, format!("defines the global {name}"));
        }
        for (name, line) in &usage.loader {
            simple(Capability::Loader, None, *line, name.clone());
        }
        if let Some(line) = usage.eval {
            simple(Capability::Eval, None, line, "eval or Function".into());
        }
        if let Some(line) = usage.wasm {
            simple(Capability::Wasm, None, line, "WebAssembly".into());
        }
        self.needs.hosts.entry(package.clone()).or_default().extend(usage.hosts.keys().cloned());
        let mut note = |text| self.needs.notes.entry(package.clone()).or_default().insert(text);
        for write in &usage.writes {
            let (target, member, line) = (&write.target, &write.member, write.line);
            match write.kind {
                WriteKind::Global => {
                    note(format!(
                        "{path}:{line} writes {target}.{member}, which is frozen: if it must, patch: [its specifier]"
                    ));
                }
                WriteKind::Builtin => {
                    note(format!(
                        "{path}:{line} writes {target}.{member}; only itself sees that, unless it has patch"
                    ));
                }
                WriteKind::Package => {}
            }
        }
    }

    fn require(
        &mut self,
        path: &ModulePath,
        package: &ModulePath,
        line: u32,
        what: &str,
        needs: &[Requirement],
    ) {
        for Requirement { capability, value } in needs {
            self.needs.need(package, *capability, value.clone(), path, line, what.to_owned());
        }
    }
}

fn request_line(usage: &Usage, module: &str) -> u32 {
    let names = |specifier: &str| specifier.strip_prefix("node:").unwrap_or(specifier) == module;
    usage.requests.iter().find(|request| names(&request.specifier)).map_or(1, |request| request.line)
}

/// Whether a file has a name that no server asks for, as the `browser.js` of debug, which stands beside its `node.js`.
fn is_named_for_browsers(file: &ModulePath) -> bool {
    file.file_name().to_ascii_lowercase().contains("browser")
}

/// Whether a file is for the people who work on the package: tests, examples, settings of tools.
fn is_for_development(package: &ModulePath, path: &ModulePath) -> bool {
    let inside =
        path.as_str().strip_prefix(package.as_str()).unwrap_or(path.as_str()).trim_start_matches('/');
    let (directories, name) = inside.rsplit_once('/').unwrap_or(("", inside));
    let in_directory = directories.split('/').any(|segment| {
        matches!(
            segment,
            "test"
                | "tests"
                | "__tests__"
                | "__test__"
                | "__mocks__"
                | "spec"
                | "benchmark"
                | "benchmarks"
                | "bench"
                | "example"
                | "examples"
                | "fixtures"
                | "coverage"
                | "docs"
                | "install"
                | "scripts"
        )
    });
    // Without an extension it is a program or no code at all.
    let Some((stem, _)) = name.rsplit_once('.') else { return true };
    let is_named = [".test", ".spec", ".config", ".bench"].iter().any(|end| stem.ends_with(end))
        || matches!(
            stem,
            "test"
                | "install"
                | "postinstall"
                | "preinstall"
                | "Gruntfile"
                | "gulpfile"
                | "Jakefile"
                | "karma.conf"
        )
        || name.starts_with('.');
    in_directory || is_named
}
