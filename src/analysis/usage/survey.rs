//! From a parsed program to its [`Usage`].

use oxc_ast::AstKind;
use oxc_ast::ast::{
    CallExpression, Expression, ImportDeclarationSpecifier, ModuleExportName, ObjectProperty, Program,
    PropertyKey, Statement,
};
use oxc_semantic::{Semantic, SemanticBuilder, Stats};
use oxc_span::GetSpan;

use super::{
    RequestKind, Usage, WHOLE,
    constants::constants,
    follow::{Follow, is_node_event},
    functions, globals, hosts, paths,
    value::Value,
};

/// What `program` uses, and which of [`globals::GLOBAL_NAMES`] it mentions freely, as a mask. `commonjs`: `require` and
/// `module` mean something. Nothing when the analysis would take too long.
pub(in crate::analysis) fn survey<'a>(program: &'a Program<'a>, commonjs: bool) -> Option<(Usage, u32)> {
    let semantic = SemanticBuilder::new()
        .with_build_nodes(true)
        .with_stats(estimate(program.source_text.len()))
        .build(program)
        .semantic;
    let mut survey = Survey { follow: Follow::new(&semantic), mask: 0, commonjs };
    survey.statements(program);
    survey.nodes();
    survey.free_variables();
    survey.follow.run()?;
    survey.unknown_events();
    let mut mask = survey.mask;
    let follow = survey.follow;
    if follow.direct_eval {
        mask = globals::ALL_GLOBALS;
    }
    let usage = follow.found.into_usage(program.source_text);
    Some((usage, mask))
}

/// Spares the builder a pass of its own. Too little only costs a reallocation.
fn estimate(length: usize) -> Stats {
    let share = |divisor| u32::try_from(length / divisor).unwrap_or(u32::MAX);
    Stats::new(share(6) + 16, share(100) + 4, share(40) + 8, share(16) + 8)
}

struct Survey<'s, 'a> {
    follow: Follow<'s, 'a>,
    mask: u32,
    commonjs: bool,
}

impl<'s, 'a> Survey<'s, 'a> {
    /// Static imports and re-exports.
    fn statements(&mut self, program: &'a Program<'a>) {
        for statement in &program.body {
            match statement {
                Statement::ImportDeclaration(import) if !import.import_kind.is_type() => {
                    let specifier = import.source.value.as_str();
                    self.follow.request(specifier, RequestKind::Import, import.span.start);
                    let Some(module) = Value::of_module(specifier) else { continue };
                    for binding in import.specifiers.iter().flatten() {
                        self.import(&module, binding);
                    }
                }
                Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                    let specifier = export.source.value.as_str();
                    self.follow.request(specifier, RequestKind::Export, export.span.start);
                    let Some(module) = Value::of_module(specifier) else { continue };
                    for one in export.specifiers.iter().filter(|one| !one.export_kind.is_type()) {
                        let member = self.follow.member(&module, Some(name(&one.local)), one.span.start);
                        member.into_iter().for_each(|value| self.follow.escape(&value, one.span.start));
                    }
                }
                Statement::ExportAllDeclaration(export) if !export.export_kind.is_type() => {
                    let specifier = export.source.value.as_str();
                    self.follow.request(specifier, RequestKind::Export, export.span.start);
                    if let Some(module) = Value::of_module(specifier) {
                        self.follow.escape(&module, export.span.start);
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, module: &Value, binding: &'a ImportDeclarationSpecifier<'a>) {
        let (value, local) = match binding {
            ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type() => return,
            ImportDeclarationSpecifier::ImportSpecifier(one) => {
                (self.follow.member(module, Some(name(&one.imported)), one.span.start), &one.local)
            }
            ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => (Some(module.clone()), &one.local),
            ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => (Some(module.clone()), &one.local),
        };
        if let (Some(value), Some(symbol)) = (value, local.symbol_id.get()) {
            self.follow.symbol(symbol, &value);
        }
    }

    /// What needs no scopes: `import()`, `with`, hosts.
    fn nodes(&mut self) {
        let semantic = self.follow.semantic;
        let urls = semantic.source_text().contains("://");
        for (id, node) in semantic.nodes().iter_enumerated() {
            match node.kind() {
                AstKind::ImportExpression(import) => match constants(semantic, &import.source) {
                    Some(specifiers) => {
                        for specifier in specifiers {
                            self.follow.request(&specifier, RequestKind::Dynamic, import.span.start);
                            if let Some(module) = Value::of_module(&specifier) {
                                self.follow.from(id, module.promised());
                            }
                        }
                    }
                    None => {
                        self.follow.load_computed(&import.source, RequestKind::Dynamic, import.span.start);
                    }
                },
                AstKind::StaticMemberExpression(member) if member.property.name == "constructor" => {
                    self.follow.constructor(id, &member.object);
                }
                AstKind::CallExpression(call) if is_join(call) => {
                    self.follow.own_file(paths::place_of_call(semantic, call), call.span.start);
                }
                AstKind::NewExpression(new) if new.callee.is_specific_id("URL") => {
                    self.follow.own_file(paths::place_of_url(semantic, new), new.span.start);
                }
                AstKind::ImportMeta(meta) => self.follow.import_meta(id, meta.span.start),
                AstKind::WithStatement(_) => self.mask = globals::ALL_GLOBALS,
                AstKind::StringLiteral(literal) if urls => {
                    self.hosts(&literal.value, false, literal.span.start)
                }
                AstKind::TemplateElement(element) if urls => {
                    if let Some(text) = element.value.cooked {
                        self.hosts(&text, !element.tail, element.span.start);
                    }
                }
                AstKind::ObjectProperty(property) => self.host_property(semantic, property),
                _ => {}
            }
        }
    }

    /// Events whose names only a run can tell are probably among those that the text mentions.
    fn unknown_events(&mut self) {
        let Some(&offset) = self.follow.unknown_events.first() else { return };
        let mut known = false;
        for node in self.follow.semantic.nodes().iter() {
            if let AstKind::StringLiteral(literal) = node.kind()
                && is_node_event(&literal.value)
            {
                self.follow.found.process_events.note(&literal.value, literal.span.start);
                known = true;
            }
        }
        if !known {
            self.follow.found.process_events.note(WHOLE, offset);
        }
    }

    fn hosts(&mut self, text: &str, rest_follows: bool, offset: u32) {
        if text.len() >= MIN_URL {
            for host in hosts::hosts(text, rest_follows) {
                self.follow.found.hosts.note_some(&host, offset, MAX_HOSTS);
            }
        }
    }

    /// `host: 'example.com'`; a `port` beside it counts.
    fn host_property(&mut self, semantic: &Semantic<'a>, property: &ObjectProperty<'a>) {
        let PropertyKey::StaticIdentifier(key) = &property.key else { return };
        let Expression::StringLiteral(host) = &property.value else { return };
        if !matches!(key.name.as_str(), "host" | "hostname") || !hosts::is_host(&host.value) {
            return;
        }
        let AstKind::ObjectExpression(object) = semantic.nodes().parent_kind(property.node_id.get()) else {
            return;
        };
        let port = object.properties.iter().filter_map(|one| one.as_property()).find_map(|one| {
            match (&one.key, &one.value) {
                (PropertyKey::StaticIdentifier(key), Expression::NumericLiteral(port))
                    if key.name == "port" =>
                {
                    Some(port.value)
                }
                _ => None,
            }
        });
        let host = match port {
            Some(port) => format!("{}:{port}", host.value.to_ascii_lowercase()),
            None => format!("{}:{WHOLE}", host.value.to_ascii_lowercase()),
        };
        self.follow.found.hosts.note_some(&host, property.span.start, MAX_HOSTS);
    }

    /// Every use of a name that nothing in the file declares.
    fn free_variables(&mut self) {
        let semantic = self.follow.semantic;
        let scoping = semantic.scoping();
        let mut free: Vec<(&str, &[oxc_semantic::ReferenceId])> = scoping
            .root_unresolved_references()
            .iter()
            .map(|(name, references)| (name.as_str(), references.as_slice()))
            .collect();
        // `declare const process: any` declares nothing once the types are gone.
        if semantic.source_type().is_typescript() {
            let ambient = scoping.symbol_ids().filter(|&symbol| scoping.symbol_flags(symbol).is_ambient());
            free.extend(
                ambient
                    .map(|symbol| (scoping.symbol_name(symbol), scoping.get_resolved_reference_ids(symbol))),
            );
        }
        free.sort_unstable();
        for (name, references) in free {
            for &reference in references {
                let reference = scoping.get_reference(reference);
                if reference.is_value() {
                    self.mask |= globals::bit(name);
                    self.free_variable(name, reference);
                }
            }
        }
    }

    fn free_variable(&mut self, name: &str, reference: &oxc_semantic::Reference) {
        let node = reference.node_id();
        let offset = self.follow.semantic.nodes().kind(node).span().start;
        match (name, self.commonjs) {
            ("arguments", _) | ("exports" | "__filename" | "__dirname", true) => return,
            ("require", true) => return self.follow.from(node, Value::Require),
            ("module", true) => return self.follow.from(node, Value::CommonJsModule),
            _ => {}
        }
        if reference.is_write() {
            self.follow.found.globals_written.note(name, offset);
        }
        if reference.is_read()
            && !self.follow.is_typeof(node)
            && let Some(value) = self.follow.global(name, node, offset)
        {
            self.follow.from(node, value);
        }
    }
}

/// `path.join(…)`, `path.resolve(…)`
fn is_join(call: &CallExpression<'_>) -> bool {
    let name = match functions::called(&call.callee) {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => member.property.name.as_str(),
        _ => return false,
    };
    call.arguments.len() > 1 && matches!(name, "join" | "resolve")
}

fn name<'n>(name: &'n ModuleExportName<'_>) -> &'n str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(name) => name.value.as_str(),
    }
}

/// `ws://a`
const MIN_URL: usize = 6;

const MAX_HOSTS: usize = 64;
