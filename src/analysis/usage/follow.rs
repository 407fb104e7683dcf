//! Follows values from where they are made to where they are used.
//!
//! A work list holds expressions and the values they may have; one step looks at the parent of an expression. Every pair
//! of a variable and a value is followed once, and the number of steps is bounded, so that hostile text costs no more
//! than its size.

use std::collections::{BTreeSet, HashSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentOperator, AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty,
    BinaryOperator, BindingPattern, CallExpression, Expression, LogicalOperator, ObjectPropertyKind,
    PropertyKey, UnaryOperator,
};
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};

use super::{
    RequestKind, WHOLE, WriteKind,
    builtins::{is_callable, is_inherited, submodule},
    collect::Findings,
    constants::{constant, constants, initializer},
    functions::{self, LocalFunction},
    globals::is_intrinsic,
    paths::{self, Place},
    value::Value,
};

/// The work list and what was found.
pub(super) struct Follow<'s, 'a> {
    pub(super) semantic: &'s Semantic<'a>,
    pub(super) found: Findings,
    /// Text may be evaluated that sees the file's own scopes.
    pub(super) direct_eval: bool,
    /// Where it listens to an event of `process` whose name only a run can tell.
    pub(super) unknown_events: BTreeSet<u32>,
    work: Vec<(NodeId, Value)>,
    seen: HashSet<(SymbolId, Value)>,
    seen_results: HashSet<(NodeId, Value)>,
}

impl<'s, 'a> Follow<'s, 'a> {
    pub(super) fn new(semantic: &'s Semantic<'a>) -> Self {
        Self {
            semantic,
            found: Findings::default(),
            direct_eval: false,
            unknown_events: BTreeSet::new(),
            work: Vec::new(),
            seen: HashSet::new(),
            seen_results: HashSet::new(),
        }
    }

    /// The expression `node` may have this value.
    pub(super) fn from(&mut self, node: NodeId, value: Value) {
        self.work.push((node, value));
    }

    /// Does all the work. Nothing when there is too much of it.
    pub(super) fn run(&mut self) -> Option<()> {
        let mut budget = STEPS_PER_NODE.saturating_mul(self.semantic.nodes().len());
        while let Some((node, value)) = self.work.pop() {
            budget = budget.checked_sub(1)?;
            self.step(node, value);
        }
        Some(())
    }

    pub(super) fn request(&mut self, specifier: &str, kind: RequestKind, offset: u32) {
        self.found.request(specifier, kind, offset);
        if kind != RequestKind::Resolve
            && let Some(module) = super::builtin_name(specifier)
        {
            self.found.builtin(module, None, offset);
        }
    }

    /// A variable may have this value.
    pub(super) fn symbol(&mut self, symbol: SymbolId, value: &Value) {
        if !self.seen.insert((symbol, value.clone())) {
            return;
        }
        let scoping = self.semantic.scoping();
        for reference in scoping.get_resolved_references(symbol) {
            if reference.is_read() && reference.is_value() {
                self.work.push((reference.node_id(), value.clone()));
            }
        }
    }

    /// The free variable `name` is read, or a member of `globalThis`.
    pub(super) fn global(&mut self, name: &str, node: NodeId, offset: u32) -> Option<Value> {
        if !is_intrinsic(name) {
            self.found.globals_read.note(name, offset);
        }
        Some(match name {
            "process" => Value::Process,
            "globalThis" | "global" => Value::GlobalObject,
            "Function" => Value::FunctionConstructor,
            // To have it in a table of everything there is, as get-intrinsic does, is not to call it.
            "eval" if self.is_property_value(node) => return None,
            "eval" => {
                self.found.eval(offset);
                self.direct_eval |= self.is_direct_callee(node);
                return None;
            }
            "WebAssembly" => {
                self.found.wasm(offset);
                Value::Shared(WriteKind::Global, name.into())
            }
            // Every second `return` gives one of these.
            "undefined" | "NaN" | "Infinity" => return None,
            _ => Value::Shared(WriteKind::Global, name.into()),
        })
    }

    /// `import.meta.resolve(…)`
    pub(super) fn import_meta(&mut self, node: NodeId, offset: u32) {
        let nodes = self.semantic.nodes();
        let parent = nodes.parent_node(node);
        let AstKind::StaticMemberExpression(member) = parent.kind() else { return };
        let AstKind::CallExpression(call) = nodes.parent_kind(parent.id()) else { return };
        if member.property.name == "resolve" && call.callee.span() == member.span {
            self.resolve(call, offset);
        }
    }

    pub(super) fn is_typeof(&self, node: NodeId) -> bool {
        matches!(self.semantic.nodes().parent_kind(node), AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof)
    }

    fn is_property_value(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        matches!(nodes.parent_kind(node), AstKind::ObjectProperty(property)
            if property.value.span() == nodes.kind(node).span())
    }

    fn is_direct_callee(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        matches!(nodes.parent_kind(node), AstKind::CallExpression(call) if call.callee.span() == nodes.kind(node).span())
    }

    /// What becomes of an expression with a value worth following.
    fn step(&mut self, node: NodeId, value: Value) {
        let nodes = self.semantic.nodes();
        let span = nodes.kind(node).span();
        let parent = nodes.parent_node(node);
        let up = parent.id();
        match parent.kind() {
            AstKind::ParenthesizedExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSInstantiationExpression(_)
            | AstKind::ChainExpression(_) => self.from(up, value),
            AstKind::AwaitExpression(_) => self.from(up, value.awaited()),
            AstKind::SequenceExpression(sequence) => {
                if sequence.expressions.last().is_some_and(|last| last.span() == span) {
                    self.from(up, value);
                }
            }
            // The left of `&&` goes on only if it is falsy, and nothing that is followed is.
            AstKind::LogicalExpression(logical) => {
                if logical.operator != LogicalOperator::And || logical.right.span() == span {
                    self.from(up, value);
                }
            }
            AstKind::ConditionalExpression(conditional) => {
                if conditional.test.span() != span {
                    self.from(up, value);
                }
            }
            AstKind::StaticMemberExpression(member) => {
                self.access(up, &value, Some(&member.property.name), member.span)
            }
            AstKind::ComputedMemberExpression(member) => {
                if member.object.span() == span {
                    let name = self.member_name(&member.expression);
                    self.access(up, &value, name.as_deref(), member.span);
                }
            }
            AstKind::CallExpression(call) => {
                if call.callee.span() == span {
                    self.call(&value, up, &call.arguments, call.span);
                } else if let Some(at) = call.arguments.iter().position(|argument| argument.span() == span) {
                    self.argument(&value, up, call, at);
                }
            }
            AstKind::NewExpression(new) => {
                if new.callee.span() == span {
                    self.call(&value, up, &new.arguments, new.span);
                } else {
                    self.escape(&value, span.start);
                }
            }
            AstKind::VariableDeclarator(declarator) => {
                if declarator.init.as_ref().is_some_and(|init| init.span() == span) {
                    self.bind(&declarator.id, &value);
                    let declaration = nodes.parent_id(up);
                    if matches!(nodes.parent_kind(declaration), AstKind::ExportDeclaration(_)) {
                        self.escape(&value, span.start);
                    }
                }
            }
            AstKind::FormalParameter(parameter) => self.bind(&parameter.pattern, &value),
            AstKind::AssignmentPattern(pattern) => self.bind(&pattern.left, &value),
            AstKind::AssignmentTargetWithDefault(target) => self.assign(&target.binding, &value, span.start),
            AstKind::AssignmentTargetPropertyIdentifier(target) => {
                if let Some(symbol) = self.symbol_of(target.binding.reference_id.get()) {
                    self.symbol(symbol, &value);
                }
            }
            AstKind::AssignmentExpression(assignment) => {
                let keeps = matches!(
                    assignment.operator,
                    AssignmentOperator::Assign
                        | AssignmentOperator::LogicalAnd
                        | AssignmentOperator::LogicalNullish
                        | AssignmentOperator::LogicalOr
                );
                if assignment.right.span() == span && keeps {
                    self.assign(&assignment.left, &value, span.start);
                    self.from(up, value);
                }
            }
            AstKind::ReturnStatement(_) | AstKind::ArrowFunctionExpression(_) => self.returned(node, value),
            AstKind::BinaryExpression(binary) => {
                if binary.operator == BinaryOperator::In && binary.right.span() == span {
                    let name = self.member_name(&binary.left);
                    self.member(&value, name.as_deref(), span.start);
                }
            }
            AstKind::Class(_) => {
                if !matches!(&value, Value::Builtin(module) if is_callable(module)) {
                    self.escape(&value, span.start);
                }
            }
            // A table of types: `{ type: Function }`, `[Function]`.
            AstKind::ObjectProperty(_) | AstKind::ArrayExpression(_)
                if value == Value::FunctionConstructor => {}
            AstKind::ObjectProperty(property) => {
                if property.value.span() == span {
                    self.escape(&value, span.start);
                }
            }
            // Only looked at, or thrown away.
            AstKind::ExpressionStatement(_)
            | AstKind::UnaryExpression(_)
            | AstKind::UpdateExpression(_)
            | AstKind::IfStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ForStatement(_)
            | AstKind::SwitchStatement(_)
            | AstKind::SwitchCase(_)
            | AstKind::TemplateLiteral(_)
            | AstKind::TaggedTemplateExpression(_)
            | AstKind::PrivateFieldExpression(_)
            | AstKind::PrivateInExpression(_)
            | AstKind::BindingProperty(_) => {}
            _ => self.escape(&value, span.start),
        }
    }

    /// `value.name` stands at `node`, which may be written to. No name: only a run can tell.
    fn access(&mut self, node: NodeId, value: &Value, name: Option<&str>, span: Span) {
        if self.is_written(node, span) {
            // What somebody deletes of these is their own.
            if !matches!(value, Value::LoaderTable(_)) || !self.is_deleted(node) {
                self.write(value, name, span.start);
            }
        } else if *value == Value::GlobalObject && self.is_typeof(node) {
            // A test, as with a free name.
        } else {
            let found = match (value, name) {
                // Where the member stands decides whether `eval` is direct; here it never is.
                (Value::GlobalObject, Some(name)) => self.global_member(name, node, span.start),
                _ => self.member(value, name, span.start),
            };
            if let Some(member) = found {
                self.from(node, member);
            }
        }
    }

    fn global_member(&mut self, name: &str, node: NodeId, offset: u32) -> Option<Value> {
        let direct = self.direct_eval;
        let value = self.global(name, node, offset);
        self.direct_eval = direct;
        value
    }

    fn write(&mut self, value: &Value, name: Option<&str>, offset: u32) {
        let member = name.unwrap_or(WHOLE);
        match value {
            Value::GlobalObject => self.found.globals_written.note(member, offset),
            Value::Env => self.found.env.note(member, offset),
            Value::LoaderTable(table) => {
                // How to read files of a new kind concerns nobody else, and changes nothing.
                if *table != "require.extensions" || matches!(member, ".js" | ".json" | ".node" | WHOLE) {
                    self.found.loader.note(table, offset);
                }
            }
            other => {
                if let Some((kind, target)) = other.write_target() {
                    if kind == WriteKind::Builtin
                        && matches!(&*target, "module" | "module.prototype")
                        && is_loader_method(member)
                    {
                        self.found.loader.note(&format!("{target}.{member}"), offset);
                    }
                    self.found.write(kind, &target, member, offset);
                }
            }
        }
    }

    /// A member of a value is used. Gives its value, if it is worth following.
    pub(super) fn member(&mut self, value: &Value, name: Option<&str>, offset: u32) -> Option<Value> {
        match value {
            Value::Builtin(module) => {
                let Some(name) = name else {
                    self.found.builtin(module, Some(WHOLE), offset);
                    return None;
                };
                if matches!(name, "default" | "module.exports") {
                    return Some(value.clone());
                }
                if let Some(submodule) = submodule(module, name) {
                    self.found.builtin(submodule, None, offset);
                    return Some(Value::Builtin(submodule.into()));
                }
                if &**module == "module" && name == "Module" {
                    return Some(value.clone());
                }
                if !is_inherited(module, name) {
                    self.found.builtin(module, Some(name), offset);
                }
                match (&**module, name) {
                    ("module", "createRequire" | "createRequireFromPath") => Some(Value::CreateRequire),
                    ("module", "_cache") => Some(Value::LoaderTable("require.cache")),
                    ("module", "_extensions") => Some(Value::LoaderTable("require.extensions")),
                    ("module", "register" | "registerHooks") => {
                        self.found.loader.note(&format!("module.{name}"), offset);
                        None
                    }
                    _ => Some(Value::Shared(WriteKind::Builtin, format!("{module}.{name}").into())),
                }
            }
            Value::Process => match name {
                Some("default" | "module.exports") => Some(Value::Process),
                Some("env") => {
                    self.found.process_members.note("env", offset);
                    Some(Value::Env)
                }
                Some(name) => {
                    // What matters of `binding` is which one is asked for.
                    if name != "binding" {
                        self.found.process_members.note(name, offset);
                    }
                    Some(match name {
                        "getBuiltinModule" => Value::GetBuiltin,
                        "mainModule" => Value::CommonJsModule,
                        _ => Value::Shared(WriteKind::Builtin, format!("process.{name}").into()),
                    })
                }
                None => {
                    self.found.process_members.note(WHOLE, offset);
                    None
                }
            },
            Value::Env => {
                if !name.is_some_and(|name| is_inherited("", name)) {
                    self.found.env.note(name.unwrap_or(WHOLE), offset);
                }
                None
            }
            Value::GlobalObject => match name {
                Some(name) => self.global_member(name, NodeId::ROOT, offset),
                None => {
                    self.found.globals_read.note(WHOLE, offset);
                    None
                }
            },
            Value::Require => match name {
                Some("resolve") => Some(Value::RequireResolve),
                // `require.main === module`, and the members of every function that give nothing away.
                Some("main") => Some(Value::CommonJsModule),
                Some("length" | "name" | "toString") => None,
                Some("cache") => Some(Value::LoaderTable("require.cache")),
                Some("extensions") => Some(Value::LoaderTable("require.extensions")),
                _ => {
                    self.computed(offset);
                    None
                }
            },
            Value::CommonJsModule => match name {
                Some("require") => Some(Value::Require),
                Some("parent") => Some(Value::CommonJsModule),
                Some("constructor") => Some(Value::Builtin("module".into())),
                Some("__proto__") => Some(Value::Shared(WriteKind::Builtin, "module.prototype".into())),
                _ => None,
            },
            Value::Promise(inner) => match name {
                Some("then") => Some(Value::Then(inner.clone())),
                _ => None,
            },
            Value::FunctionConstructor => {
                Some(Value::Shared(WriteKind::Global, format!("Function.{}", name?).into()))
            }
            Value::Channel(channel) => {
                match name {
                    Some("subscribe" | "bindStore") => self.found.channels.note(channel, offset),
                    // `tracing.start`
                    Some("start" | "end" | "asyncStart" | "asyncEnd" | "error") => {
                        return Some(value.clone());
                    }
                    _ => {}
                }
                None
            }
            Value::LoaderTable(_) => None,
            Value::Shared(kind, path) => {
                let name = name?;
                if *kind == WriteKind::Package && name == "default" {
                    return Some(value.clone());
                }
                let deep = path.bytes().filter(|&byte| byte == b'.').count() >= MAX_PATH || path.len() > 256;
                (!deep).then(|| Value::Shared(*kind, format!("{path}.{name}").into()))
            }
            Value::CreateRequire | Value::GetBuiltin | Value::RequireResolve | Value::Then(_) => None,
        }
    }

    /// `value(…)` or `new value(…)`
    fn call(&mut self, value: &Value, node: NodeId, arguments: &'a [Argument<'a>], span: Span) {
        let first = arguments.first().and_then(Argument::as_expression);
        match value {
            Value::Require | Value::GetBuiltin => {
                let kind = if *value == Value::Require { RequestKind::Require } else { RequestKind::Builtin };
                match first.and_then(|first| constants(self.semantic, first)) {
                    Some(specifiers) => {
                        for specifier in specifiers {
                            self.request(&specifier, kind, span.start);
                            if let Some(module) = Value::of_module(&specifier) {
                                self.from(node, module);
                            }
                        }
                    }
                    None => {
                        if let Some(first) = first {
                            self.load_computed(first, kind, span.start);
                        }
                    }
                }
            }
            Value::RequireResolve => {
                let AstKind::CallExpression(call) = self.semantic.nodes().kind(node) else { return };
                self.resolve(call, span.start);
            }
            Value::CreateRequire => self.from(node, Value::Require),
            Value::FunctionConstructor => self.compile(node, arguments, span),
            Value::Shared(WriteKind::Global, name) if &**name == KIND_CONSTRUCTOR => {
                self.compile(node, arguments, span);
            }
            Value::Then(inner) => {
                for argument in arguments {
                    let function =
                        argument.as_expression().and_then(|it| functions::resolve(self.semantic, it));
                    if let Some(pattern) = function.and_then(|function| function.parameter(0)) {
                        self.bind(pattern, inner);
                        return;
                    }
                }
                self.escape(inner, span.start);
            }
            Value::Shared(WriteKind::Global, name) if matches!(&**name, "setTimeout" | "setInterval") => {
                if matches!(first, Some(Expression::StringLiteral(_) | Expression::TemplateLiteral(_))) {
                    self.found.eval(span.start);
                }
            }
            // `Function.apply(this, parameters)`; the first argument is `this`.
            Value::Shared(WriteKind::Global, name)
                if matches!(&**name, "Function.apply" | "Function.bind" | "Function.call")
                    && (arguments.len() > 1 || arguments.iter().any(Argument::is_spread)) =>
            {
                self.found.eval(span.start);
            }
            Value::Shared(WriteKind::Builtin, path) => {
                self.call_builtin(&path.clone(), value, node, arguments, span)
            }
            Value::Builtin(module) if !is_callable(module) => {
                self.found.builtin(module, Some(WHOLE), span.start);
            }
            _ => {}
        }
    }

    /// `Function(…)`
    fn compile(&mut self, node: NodeId, arguments: &'a [Argument<'a>], span: Span) {
        let body = arguments.last().and_then(Argument::as_expression);
        match body.and_then(|body| constant(self.semantic, body)) {
            Some(body) if arguments.len() == 1 && is_global_this(&body) => {
                // The function, whose call gives the object: `Function('return this')()`.
                self.global_function(node);
            }
            Some(body) if arguments.len() == 1 && is_harmless_text(&body) => {}
            None if arguments.is_empty() => {}
            None if arguments.len() == 1 && body.is_some_and(is_kind_of_function) => {}
            _ => self.found.eval(span.start),
        }
    }

    /// Functions of builtins whose arguments matter.
    fn call_builtin(
        &mut self,
        path: &str,
        value: &Value,
        node: NodeId,
        arguments: &'a [Argument<'a>],
        span: Span,
    ) {
        let argument = |index: usize| arguments.get(index).and_then(Argument::as_expression);
        match path {
            "process.addListener"
            | "process.on"
            | "process.once"
            | "process.prependListener"
            | "process.prependOnceListener" => self.listen(argument(0), span.start),
            "process.addListener.call" | "process.on.call" | "process.once.call" => {
                self.listen(argument(1), span.start);
            }
            "process.binding" => {
                let names = argument(0).and_then(|name| constants(self.semantic, name));
                let is_harmless =
                    names.is_some_and(|names| names.iter().all(|name| is_harmless_binding(name)));
                if !is_harmless && !self.is_tried(node) {
                    self.found.process_members.note("binding", span.start);
                }
            }
            "diagnostics_channel.Channel" | "diagnostics_channel.subscribe" => {
                let name = argument(0).and_then(|name| constant(self.semantic, name));
                // A channel that is made otherwise than by `channel()` is Node's business, whatever its name.
                let name = name.filter(|_| path != "diagnostics_channel.Channel");
                self.found.channels.note(name.as_deref().unwrap_or(WHOLE), span.start);
            }
            "diagnostics_channel.channel"
            | "diagnostics_channel.tracingChannel"
            | "diagnostics_channel.boundedChannel" => {
                let name = argument(0).and_then(|name| constant(self.semantic, name));
                self.from(node, Value::Channel(name.as_deref().unwrap_or(WHOLE).into()));
            }
            _ if value.runs_files() => self.start(path, argument(0), argument(1), span.start),
            _ => {}
        }
    }

    /// `process.on(name, …)`
    fn listen(&mut self, name: Option<&'a Expression<'a>>, offset: u32) {
        match name.map(|name| constants(self.semantic, name)) {
            Some(Some(names)) => {
                for name in names {
                    self.found.process_events.note(&name, offset);
                }
            }
            Some(None) => {
                self.unknown_events.insert(offset);
            }
            None => {}
        }
    }

    /// Starts a file as a worker or child process: `first` is the file or the program, `second` its arguments.
    fn start(
        &mut self,
        path: &str,
        first: Option<&'a Expression<'a>>,
        second: Option<&'a Expression<'a>>,
        offset: u32,
    ) {
        let Some(first) = first else { return };
        if path.ends_with(".Worker") || path.ends_with(".fork") {
            if !self.start_file(first, true, offset) {
                self.found.runs.note(WHOLE, offset);
            }
            return;
        }
        if !paths::is_node(self.semantic, first) {
            return;
        }
        let arguments = match second.map(Expression::get_inner_expression) {
            Some(Expression::ArrayExpression(arguments)) => arguments,
            Some(Expression::Identifier(name)) => {
                match initializer(self.semantic, name).map(Expression::get_inner_expression) {
                    Some(Expression::ArrayExpression(arguments)) => arguments,
                    _ => return self.found.runs.note(WHOLE, offset),
                }
            }
            Some(_) => return self.found.runs.note(WHOLE, offset),
            None => return,
        };
        for argument in &arguments.elements {
            let known = argument.as_expression().is_some_and(|it| {
                constant(self.semantic, it).is_some_and(|text| text.starts_with('-'))
                    || self.start_file(it, false, offset)
            });
            if !known {
                self.found.runs.note(WHOLE, offset);
            }
            // What comes after the file are its arguments.
            if !argument
                .as_expression()
                .and_then(|it| constant(self.semantic, it))
                .is_some_and(|text| text.starts_with('-'))
            {
                return;
            }
        }
    }

    /// `path.join(__dirname, 'worker.js')`: a file of its own that the text names, and somebody loads or runs.
    pub(super) fn own_file(&mut self, place: Option<Place>, offset: u32) {
        if let Some(Place::Exactly(path)) = place
            && has_code_extension(&path)
        {
            self.request(&path, RequestKind::Resolve, offset);
        }
    }

    /// Notes a file that is run; false when only a run can tell which. `any`: it is a file, whatever it looks like.
    fn start_file(&mut self, file: &'a Expression<'a>, any: bool, offset: u32) -> bool {
        if let Some(paths) = constants(self.semantic, file) {
            for path in paths.iter().filter(|path| any || has_code_extension(path)) {
                // Relative to the working directory, which is not the file's own.
                let path = path.strip_prefix("./").unwrap_or(path);
                if !path.starts_with('.') {
                    self.found.runs.note(path, offset);
                }
            }
            return true;
        }
        let Some(places) = paths::places(self.semantic, file) else { return false };
        let mut known = true;
        for place in places {
            match place {
                Place::Exactly(path) if path.is_empty() => {}
                Place::Exactly(path) => self.found.runs.note(&path, offset),
                Place::Resolved => {}
                Place::Below => known = false,
            }
        }
        known
    }

    /// A module is loaded that is not named by a constant.
    pub(super) fn load_computed(&mut self, specifier: &'a Expression<'a>, kind: RequestKind, offset: u32) {
        if paths::is_relative(self.semantic, specifier) {
            return self.found.computed_nearby(offset);
        }
        let Some(places) = paths::places(self.semantic, specifier) else { return self.computed(offset) };
        for place in places {
            match place {
                Place::Exactly(path) if path.is_empty() => self.request(".", kind, offset),
                Place::Exactly(path) => self.request(&path, kind, offset),
                Place::Below => self.found.computed_nearby(offset),
                Place::Resolved => {}
            }
        }
    }

    /// `x.constructor`, where the text shows that `x` is a function: what compiles text, like `Function`.
    pub(super) fn constructor(&mut self, node: NodeId, object: &'a Expression<'a>) {
        let object = match object.get_inner_expression() {
            Expression::CallExpression(call) => {
                let is_prototype = functions::static_method(self.semantic, &call.callee)
                    .is_some_and(|(_, method)| method == "getPrototypeOf");
                match call.arguments.first().and_then(Argument::as_expression) {
                    Some(first) if is_prototype => first.get_inner_expression(),
                    _ => return,
                }
            }
            object => object,
        };
        let is_function = match object {
            Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_) => true,
            Expression::Identifier(name) => {
                initializer(self.semantic, name).is_some_and(|init| init.get_inner_expression().is_function())
            }
            // A constructor's own: `''.constructor.constructor('text')`
            Expression::StaticMemberExpression(member) => {
                member.property.name == "constructor"
                    && !matches!(member.object, Expression::ThisExpression(_))
            }
            _ => false,
        };
        if is_function {
            self.from(node, Value::Shared(WriteKind::Global, KIND_CONSTRUCTOR.into()));
        }
    }

    /// `Function('return this')` stands at `node`.
    fn global_function(&mut self, node: NodeId) {
        let mut node = node;
        let nodes = self.semantic.nodes();
        loop {
            let parent = nodes.parent_node(node);
            match parent.kind() {
                AstKind::ParenthesizedExpression(_) => node = parent.id(),
                AstKind::CallExpression(call) if call.callee.span() == nodes.kind(node).span() => {
                    return self.from(parent.id(), Value::GlobalObject);
                }
                _ => return,
            }
        }
    }

    fn resolve(&mut self, call: &'a CallExpression<'a>, offset: u32) {
        let first = call.arguments.first().and_then(Argument::as_expression);
        // What cannot be told is only resolved and not loaded.
        for specifier in first.and_then(|first| constants(self.semantic, first)).into_iter().flatten() {
            self.request(&specifier, RequestKind::Resolve, offset);
        }
    }

    /// A value is the argument `at` of a call.
    fn argument(&mut self, value: &Value, node: NodeId, call: &'a CallExpression<'a>, at: usize) {
        let offset = call.span.start;
        let callee = functions::called(&call.callee);
        let shared = match value {
            Value::Shared(kind, _) => Some(*kind),
            _ => None,
        };
        if shared.is_none_or(|kind| kind == WriteKind::Package)
            && functions::is_interop(self.semantic, callee)
        {
            return self.from(node, value.clone());
        }
        let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
        if let Some((object, method)) = functions::static_method(self.semantic, callee) {
            match (object, method) {
                ("Object", "defineProperty") | ("Reflect", "defineProperty" | "set" | "deleteProperty")
                    if at == 0 =>
                {
                    let name = argument(1).and_then(|name| self.member_name(name));
                    self.write(value, name.as_deref(), offset);
                    return self.from(node, value.clone());
                }
                ("Object", "assign" | "defineProperties") if at == 0 => {
                    for source in call.arguments.iter().skip(1) {
                        self.write_all(value, source, offset);
                    }
                    return self.from(node, value.clone());
                }
                ("Object" | "Reflect", "setPrototypeOf") if at == 0 => {
                    self.write(value, Some("__proto__"), offset);
                    return self.from(node, value.clone());
                }
                ("Object", "freeze" | "seal" | "preventExtensions") => return self.from(node, value.clone()),
                ("Object" | "Reflect", "getOwnPropertyDescriptor" | "hasOwn" | "has" | "get") if at == 0 => {
                    let name = argument(1).and_then(|name| self.member_name(name));
                    if let Some(member) = self.member(value, name.as_deref(), offset)
                        && method == "get"
                    {
                        self.from(node, member);
                    }
                    return;
                }
                ("Object", "getPrototypeOf" | "is" | "isFrozen") | ("Reflect", "getPrototypeOf") => return,
                ("Object", _) if *value == Value::FunctionConstructor => return,
                _ => {}
            }
        }
        if value.runs_files() {
            self.found.runs.note(WHOLE, offset);
        }
        // `patch(globalThis, 'fetch', f)`
        if *value == Value::GlobalObject
            && functions::replaces_members(callee)
            && let Some(name) = argument(at + 1).and_then(|name| self.member_name(name))
        {
            self.found.globals_written.note(&name, offset);
        }
        // `listen(process, 'uncaughtException', f)`
        if *value == Value::Process {
            for name in call.arguments.iter().filter_map(Argument::as_expression) {
                if let Expression::StringLiteral(name) = name
                    && is_node_event(&name.value)
                {
                    self.found.process_events.note(&name.value, offset);
                }
            }
        }
        // What only matters when it is written is not followed into functions: there are too many.
        if shared.is_some() {
            return;
        }
        // A type among others, for decorators and checks.
        if *value == Value::FunctionConstructor && functions::is_about_types(callee) {
            return;
        }
        if functions::is_has_own(callee) && at <= 1 {
            let name = argument(at + 1).and_then(|name| self.member_name(name));
            self.member(value, name.as_deref(), offset);
            return;
        }
        if matches!(callee, Expression::Identifier(name)
            if matches!(name.name.as_str(), "Boolean" | "String") && self.symbol_of(name.reference_id.get()).is_none())
        {
            return;
        }
        let spread_before = call.arguments.iter().take(at).any(Argument::is_spread);
        if !spread_before
            && let Some((function, shift)) = functions::resolve_call(self.semantic, callee)
            && let Some(index) = at.checked_sub(shift)
        {
            if let Some(pattern) = function.parameter(index) {
                return self.bind(pattern, value);
            }
            // Nobody takes it by name; `arguments` might.
            if !function.has_rest() && !function.mentions_arguments(self.semantic) {
                return;
            }
        }
        self.escape(value, call.arguments[at].span().start);
    }

    /// The own members of `source` are written to a value.
    fn write_all(&mut self, value: &Value, source: &'a Argument<'a>, offset: u32) {
        let Some(Expression::ObjectExpression(object)) = source.as_expression() else {
            return self.write(value, None, offset);
        };
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let name = property.key.static_name();
                    self.write(value, name.as_deref(), offset);
                }
                ObjectPropertyKind::SpreadProperty(_) => self.write(value, None, offset),
            }
        }
    }

    /// A function gives the value that stands at `node`.
    fn returned(&mut self, node: NodeId, value: Value) {
        if matches!(value, Value::Shared(..)) {
            return;
        }
        let Some(function) = LocalFunction::around(self.semantic, node) else { return };
        let value = if function.is_async() { value.promised() } else { value };
        if !self.seen_results.insert((function.node(), value.clone())) {
            return;
        }
        let offset = self.semantic.nodes().kind(node).span().start;
        let uses = function.uses(self.semantic);
        for call in uses.calls {
            self.from(call, value.clone());
        }
        for call in uses.continuations {
            self.from(call, value.clone().promised());
        }
        if uses.escapes {
            self.escape(&value, offset);
        }
    }

    fn bind(&mut self, pattern: &'a BindingPattern<'a>, value: &Value) {
        let mut patterns = vec![(pattern, value.clone())];
        while let Some((pattern, value)) = patterns.pop() {
            match pattern {
                BindingPattern::BindingIdentifier(name) => {
                    if let Some(symbol) = name.symbol_id.get() {
                        self.symbol(symbol, &value);
                    }
                }
                BindingPattern::AssignmentPattern(pattern) => patterns.push((&pattern.left, value)),
                BindingPattern::ObjectPattern(object) => {
                    for property in &object.properties {
                        let name = self.key_name(&property.key);
                        let member = self.member(&value, name.as_deref(), property.span.start);
                        patterns.extend(member.map(|member| (&property.value, member)));
                    }
                    if object.rest.is_some() {
                        self.escape(&value, object.span.start);
                    }
                }
                BindingPattern::ArrayPattern(array) => self.escape(&value, array.span.start),
            }
        }
    }

    fn assign(&mut self, target: &'a AssignmentTarget<'a>, value: &Value, offset: u32) {
        let mut targets = vec![(target, value.clone())];
        while let Some((target, value)) = targets.pop() {
            match target {
                AssignmentTarget::AssignmentTargetIdentifier(name) => {
                    match self.symbol_of(name.reference_id.get()) {
                        Some(symbol) => self.symbol(symbol, &value),
                        None => self.escape(&value, offset),
                    }
                }
                AssignmentTarget::ObjectAssignmentTarget(object) => {
                    for property in &object.properties {
                        match property {
                            AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(one) => {
                                let member = self.member(&value, Some(&one.binding.name), one.span.start);
                                let symbol = self.symbol_of(one.binding.reference_id.get());
                                if let (Some(member), Some(symbol)) = (member, symbol) {
                                    self.symbol(symbol, &member);
                                }
                            }
                            AssignmentTargetProperty::AssignmentTargetPropertyProperty(one) => {
                                let name = self.key_name(&one.name);
                                let Some(member) = self.member(&value, name.as_deref(), one.span.start)
                                else {
                                    continue;
                                };
                                let target = match &one.binding {
                                    AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => {
                                        Some(&it.binding)
                                    }
                                    other => other.as_assignment_target(),
                                };
                                targets.extend(target.map(|target| (target, member)));
                            }
                        }
                    }
                    if object.rest.is_some() {
                        self.escape(&value, offset);
                    }
                }
                _ => self.escape(&value, offset),
            }
        }
    }

    /// A value leaves sight.
    pub(super) fn escape(&mut self, value: &Value, offset: u32) {
        match value {
            Value::Builtin(module) => self.found.builtin(module, Some(WHOLE), offset),
            Value::Env => self.found.env.note(WHOLE, offset),
            Value::GlobalObject => self.found.globals_read.note(WHOLE, offset),
            Value::Process => self.found.process_members.note(WHOLE, offset),
            Value::Require | Value::CreateRequire | Value::GetBuiltin => self.computed(offset),
            // Who hands `module` on shows what it is, and seldom means `module.require`.
            Value::CommonJsModule => self.found.computed_nearby(offset),
            Value::Promise(inner) | Value::Then(inner) => {
                let inner = inner.clone();
                self.escape(&inner, offset);
            }
            Value::FunctionConstructor => self.found.eval(offset),
            Value::Shared(..) if value.runs_files() => self.found.runs.note(WHOLE, offset),
            Value::Shared(WriteKind::Builtin, path) if &**path == "process.binding" => {
                self.found.process_members.note("binding", offset);
            }
            Value::Channel(_) | Value::LoaderTable(_) | Value::RequireResolve | Value::Shared(..) => {}
        }
    }

    fn computed(&mut self, offset: u32) {
        if !functions::is_bundler_shim(self.semantic, offset) {
            self.found.computed(offset);
        }
    }

    /// Whether the member expression at `node` is assigned, updated or deleted.
    fn is_written(&self, node: NodeId, span: Span) -> bool {
        let nodes = self.semantic.nodes();
        let mut node = node;
        loop {
            let parent = nodes.parent_node(node);
            return match parent.kind() {
                AstKind::ParenthesizedExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::ChainExpression(_) => {
                    node = parent.id();
                    continue;
                }
                AstKind::AssignmentExpression(assignment) => {
                    let target = assignment.left.span();
                    target.start <= span.start && span.end <= target.end
                }
                AstKind::UpdateExpression(_)
                | AstKind::ArrayAssignmentTarget(_)
                | AstKind::AssignmentTargetRest(_) => true,
                AstKind::AssignmentTargetWithDefault(target) => target.binding.span() == span,
                AstKind::AssignmentTargetPropertyProperty(property) => property.binding.span() == span,
                AstKind::ForInStatement(statement) => statement.left.span() == span,
                AstKind::ForOfStatement(statement) => statement.left.span() == span,
                AstKind::UnaryExpression(unary) => unary.operator == UnaryOperator::Delete,
                _ => false,
            };
        }
    }

    /// Whether what goes wrong at `node` is caught in the same function.
    fn is_tried(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let span = nodes.kind(node).span();
        for kind in nodes.ancestor_kinds(node) {
            match kind {
                AstKind::TryStatement(statement) if statement.block.span.contains_inclusive(span) => {
                    return statement.handler.is_some();
                }
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => return false,
                _ => {}
            }
        }
        false
    }

    fn is_deleted(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        nodes
            .ancestor_kinds(node)
            .find(|kind| {
                !matches!(kind, AstKind::ParenthesizedExpression(_) | AstKind::ChainExpression(_))
            })
            .is_some_and(|kind| {
                matches!(kind, AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Delete)
            })
    }

    /// The name that a computed member means: a string, or a symbol that everybody shares.
    fn member_name(&self, expression: &Expression<'a>) -> Option<String> {
        if let Some(name) = constant(self.semantic, expression) {
            return Some(name);
        }
        match expression.get_inner_expression() {
            Expression::NumericLiteral(number) => Some(number.value.to_string()),
            Expression::CallExpression(call) => {
                let (object, method) = functions::static_method(self.semantic, &call.callee)?;
                let name = call.arguments.first().and_then(Argument::as_expression)?;
                ((object, method) == ("Symbol", "for"))
                    .then(|| Some(format!("Symbol.for({})", constant(self.semantic, name)?)))
                    .flatten()
            }
            Expression::StaticMemberExpression(member) => match &member.object {
                Expression::Identifier(object)
                    if object.name == "Symbol" && self.symbol_of(object.reference_id.get()).is_none() =>
                {
                    Some(format!("Symbol.{}", member.property.name))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn key_name(&self, key: &PropertyKey<'a>) -> Option<String> {
        match key {
            PropertyKey::StaticIdentifier(name) => Some(name.name.to_string()),
            other => self.member_name(other.as_expression()?),
        }
    }

    fn symbol_of(&self, reference: Option<oxc_semantic::ReferenceId>) -> Option<SymbolId> {
        self.semantic.scoping().get_reference(reference?).symbol_id()
    }
}

fn is_global_this(body: &str) -> bool {
    let body = body.trim().trim_end_matches(';').trim_end();
    body.strip_prefix("return").is_some_and(|rest| rest.trim() == "this" && rest != "this")
}

/// Texts that everybody may compile: libraries ask the engine with them what it can do. As in js/facades/eval.js.
fn is_harmless_text(body: &str) -> bool {
    let body = body.trim().trim_end_matches(';').trim_end();
    matches!(body, "" | "return function*() {}" | "return function* () {}")
        || body
            .strip_prefix(KIND_OF_FUNCTION.0)
            .and_then(|rest| rest.strip_suffix(").constructor"))
            .is_some_and(|kind| {
                matches!(kind, "function* () {}" | "async function () {}" | "async function* () {}")
            })
}

/// `'"use strict"; return (' + x + ').constructor;'`, which get-intrinsic compiles for each of the harmless kinds.
fn is_kind_of_function(body: &Expression<'_>) -> bool {
    let Expression::BinaryExpression(sum) = body.get_inner_expression() else { return false };
    let Expression::BinaryExpression(left) = sum.left.get_inner_expression() else { return false };
    matches!((&left.left, &sum.right), (Expression::StringLiteral(head), Expression::StringLiteral(tail))
        if head.value == KIND_OF_FUNCTION.0 && tail.value == KIND_OF_FUNCTION.1)
}

const KIND_OF_FUNCTION: (&str, &str) = ("\"use strict\"; return (", ").constructor;");

/// What [`Value::Shared`] calls the constructor of a function: to have it is to compare it, to call it compiles text.
const KIND_CONSTRUCTOR: &str = "Function.prototype.constructor";

/// Bindings that only tell constants and names; as in js/facades/process.js.
fn is_harmless_binding(name: &str) -> bool {
    matches!(name, "config" | "constants" | "natives" | "util" | "uv")
}

/// Whether a path names JavaScript.
fn has_code_extension(path: &str) -> bool {
    [".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"].iter().any(|extension| path.ends_with(extension))
}

/// Whether a text is the name of an event of `process` about signals or errors.
pub(super) fn is_node_event(text: &str) -> bool {
    let is_signal = text.strip_prefix("SIG").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    });
    is_signal
        || matches!(
            text,
            "multipleResolves"
                | "rejectionHandled"
                | "uncaughtException"
                | "uncaughtExceptionMonitor"
                | "unhandledRejection"
        )
}

/// Methods of the builtin `module` by which everybody loads.
fn is_loader_method(member: &str) -> bool {
    matches!(
        member,
        "_cache"
            | "_compile"
            | "_extensions"
            | "_findPath"
            | "_load"
            | "_resolveFilename"
            | "_resolveLookupPaths"
            | "load"
            | "require"
            | "runMain"
            | "wrap"
    )
}

/// Far above what real bundles need.
const STEPS_PER_NODE: usize = 64;

/// `a.b.prototype.c` is as deep as writes go.
const MAX_PATH: usize = 3;
