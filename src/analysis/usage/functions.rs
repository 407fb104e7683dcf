//! Functions of the file, and calls whose meaning is known.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, ArrowFunctionExpression, BindingPattern, Expression, FormalParameters, Function, FunctionType,
};
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};

/// A function whose text is in the file.
#[derive(Clone, Copy)]
pub(super) enum LocalFunction<'a> {
    Function(&'a Function<'a>),
    Arrow(&'a ArrowFunctionExpression<'a>),
}

/// What becomes of the results of a function.
#[derive(Default)]
pub(super) struct Uses {
    /// Its calls.
    pub(super) calls: Vec<NodeId>,
    /// Calls of `then` that it was given to.
    pub(super) continuations: Vec<NodeId>,
    /// Others can call it.
    pub(super) escapes: bool,
}

impl<'a> LocalFunction<'a> {
    /// The innermost function around a node.
    pub(super) fn around(semantic: &Semantic<'a>, node: NodeId) -> Option<Self> {
        semantic.nodes().ancestor_kinds(node).find_map(|kind| match kind {
            AstKind::Function(function) => Some(Self::Function(function)),
            AstKind::ArrowFunctionExpression(arrow) => Some(Self::Arrow(arrow)),
            _ => None,
        })
    }

    pub(super) fn node(self) -> NodeId {
        match self {
            Self::Function(function) => function.node_id.get(),
            Self::Arrow(arrow) => arrow.node_id.get(),
        }
    }

    pub(super) fn is_async(self) -> bool {
        match self {
            Self::Function(function) => function.r#async,
            Self::Arrow(arrow) => arrow.r#async,
        }
    }

    pub(super) fn parameter(self, index: usize) -> Option<&'a BindingPattern<'a>> {
        self.parameters().items.get(index).map(|parameter| &parameter.pattern)
    }

    pub(super) fn has_rest(self) -> bool {
        self.parameters().rest.is_some()
    }

    pub(super) fn mentions_arguments(self, semantic: &Semantic<'_>) -> bool {
        match self {
            Self::Function(function) => {
                function.span.source_text(semantic.source_text()).contains("arguments")
            }
            // The `arguments` of an arrow are another function's.
            Self::Arrow(_) => false,
        }
    }

    fn parameters(self) -> &'a FormalParameters<'a> {
        match self {
            Self::Function(function) => &function.params,
            Self::Arrow(arrow) => &arrow.params,
        }
    }

    /// Where it is called, as far as that can be told.
    pub(super) fn uses(self, semantic: &Semantic<'a>) -> Uses {
        let mut uses = Uses::default();
        if let Self::Function(function) = self
            && let Some(symbol) = function.id.as_ref().and_then(|id| id.symbol_id.get())
        {
            uses.of_symbol(semantic, symbol);
            if function.r#type == FunctionType::FunctionDeclaration {
                uses.escapes |= is_exported(semantic, self.node());
                return uses;
            }
        }
        uses.of_expression(semantic, self.node());
        uses
    }
}

impl Uses {
    fn of_symbol(&mut self, semantic: &Semantic<'_>, symbol: SymbolId) {
        for reference in semantic.scoping().get_resolved_references(symbol) {
            if !reference.is_read() {
                continue;
            }
            match call_of(semantic, reference.node_id()) {
                Some(call) => self.calls.push(call),
                // A lazy helper that replaces itself hands nothing out.
                None if is_discarded(semantic, reference.node_id()) => {}
                None => self.continuation_or_escape(semantic, reference.node_id()),
            }
        }
    }

    fn of_expression(&mut self, semantic: &Semantic<'_>, node: NodeId) {
        if let Some(call) = call_of(semantic, node) {
            self.calls.push(call);
            return;
        }
        let nodes = semantic.nodes();
        let (outer, parent) = outside_parentheses(semantic, node);
        match nodes.kind(parent) {
            AstKind::VariableDeclarator(declarator) => match &declarator.id {
                BindingPattern::BindingIdentifier(name) => {
                    if let Some(symbol) = name.symbol_id.get() {
                        self.of_symbol(semantic, symbol);
                    }
                    self.escapes |= is_exported(semantic, nodes.parent_id(parent));
                }
                _ => self.escapes = true,
            },
            AstKind::AssignmentExpression(assignment)
                if assignment.right.span() == nodes.kind(outer).span() =>
            {
                let symbol = assignment
                    .left
                    .get_identifier_name()
                    .and_then(|_| match &assignment.left {
                        oxc_ast::ast::AssignmentTarget::AssignmentTargetIdentifier(name) => {
                            name.reference_id.get()
                        }
                        _ => None,
                    })
                    .and_then(|reference| semantic.scoping().get_reference(reference).symbol_id());
                match symbol {
                    Some(symbol) => self.of_symbol(semantic, symbol),
                    None => self.escapes = true,
                }
            }
            AstKind::ExpressionStatement(_) => {}
            _ => self.continuation_or_escape(semantic, node),
        }
    }

    fn continuation_or_escape(&mut self, semantic: &Semantic<'_>, node: NodeId) {
        let (_, parent) = outside_parentheses(semantic, node);
        match semantic.nodes().kind(parent) {
            AstKind::CallExpression(call) if matches!(&call.callee, Expression::StaticMemberExpression(member) if member.property.name == "then") =>
            {
                self.continuations.push(parent);
            }
            _ => self.escapes = true,
        }
    }
}

/// The node around any parentheses around `node`, and the parent of that.
fn outside_parentheses(semantic: &Semantic<'_>, mut node: NodeId) -> (NodeId, NodeId) {
    let nodes = semantic.nodes();
    loop {
        let parent = nodes.parent_id(node);
        match nodes.kind(parent) {
            AstKind::ParenthesizedExpression(_) if parent != node => node = parent,
            _ => return (node, parent),
        }
    }
}

/// The call whose callee is `node`, also `node.call(…)` and `node.apply(…)`.
fn call_of(semantic: &Semantic<'_>, node: NodeId) -> Option<NodeId> {
    let nodes = semantic.nodes();
    let (mut inner, mut parent) = outside_parentheses(semantic, node);
    if let AstKind::SequenceExpression(sequence) = nodes.kind(parent) {
        if sequence.expressions.last()?.span() != nodes.kind(inner).span() {
            return None;
        }
        (inner, parent) = outside_parentheses(semantic, parent);
    }
    if let AstKind::StaticMemberExpression(member) = nodes.kind(parent)
        && matches!(member.property.name.as_str(), "apply" | "call")
    {
        (inner, parent) = (parent, nodes.parent_id(parent));
    }
    match nodes.kind(parent) {
        AstKind::CallExpression(call) if call.callee.span() == nodes.kind(inner).span() => Some(parent),
        _ => None,
    }
}

fn is_discarded(semantic: &Semantic<'_>, node: NodeId) -> bool {
    matches!(
        semantic.nodes().parent_kind(node),
        AstKind::ExpressionStatement(_) | AstKind::UnaryExpression(_)
    )
}

fn is_exported(semantic: &Semantic<'_>, declaration: NodeId) -> bool {
    matches!(
        semantic.nodes().parent_kind(declaration),
        AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)
    )
}

/// The expression that a callee comes down to: `(0, x.y)` is `x.y`.
pub(super) fn called<'e, 'a>(callee: &'e Expression<'a>) -> &'e Expression<'a> {
    match callee.get_inner_expression() {
        Expression::SequenceExpression(sequence) => {
            sequence.expressions.last().map_or(callee, Expression::get_inner_expression)
        }
        other => other,
    }
}

/// The function that a callee stands for, and how many arguments come before its own: `f.call(this, …)` has one.
pub(super) fn resolve_call<'a>(
    semantic: &Semantic<'a>,
    callee: &'a Expression<'a>,
) -> Option<(LocalFunction<'a>, usize)> {
    if let Some(function) = resolve(semantic, callee) {
        return Some((function, 0));
    }
    match callee {
        Expression::StaticMemberExpression(member) if member.property.name == "call" => {
            Some((resolve(semantic, &member.object)?, 1))
        }
        _ => None,
    }
}

/// The function that an expression gives: itself, or by the name of a variable that is never assigned again, or as the
/// argument of a function that is called where it stands.
pub(super) fn resolve<'a>(
    semantic: &Semantic<'a>,
    expression: &'a Expression<'a>,
) -> Option<LocalFunction<'a>> {
    let mut expression = expression;
    for _ in 0..MAX_HOPS {
        match expression.get_inner_expression() {
            Expression::FunctionExpression(function) => return Some(LocalFunction::Function(function)),
            Expression::ArrowFunctionExpression(arrow) => return Some(LocalFunction::Arrow(arrow)),
            Expression::Identifier(name) => {
                let scoping = semantic.scoping();
                let symbol = scoping.get_reference(name.reference_id.get()?).symbol_id()?;
                if scoping.symbol_is_mutated(symbol) {
                    return None;
                }
                let declaration = scoping.symbol_declaration(symbol);
                match semantic.nodes().kind(declaration) {
                    AstKind::Function(function) => return Some(LocalFunction::Function(function)),
                    AstKind::VariableDeclarator(declarator) if declarator.id.is_binding_identifier() => {
                        expression = declarator.init.as_ref()?;
                    }
                    AstKind::FormalParameter(parameter) => {
                        expression = argument_for(semantic, declaration, parameter.span)?;
                    }
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    None
}

/// What the only call of a function gives for the parameter at `parameter`.
fn argument_for<'a>(semantic: &Semantic<'a>, parameter: NodeId, span: Span) -> Option<&'a Expression<'a>> {
    let function = LocalFunction::around(semantic, parameter)?;
    let index = function.parameters().items.iter().position(|one| one.span == span)?;
    if !function.parameters().items[index].pattern.is_binding_identifier() {
        return None;
    }
    let call = call_of(semantic, function.node())?;
    let AstKind::CallExpression(call) = semantic.nodes().kind(call) else { return None };
    let shift = match called(&call.callee) {
        Expression::StaticMemberExpression(member) if member.property.name == "call" => 1,
        Expression::StaticMemberExpression(_) => return None,
        _ => 0,
    };
    if call.arguments.iter().take(index + shift).any(Argument::is_spread) {
        return None;
    }
    call.arguments.get(index + shift)?.as_expression()
}

const MAX_HOPS: usize = 8;

/// `object.method` of a free variable: `Object.defineProperty`.
pub(super) fn static_method<'e>(
    semantic: &Semantic<'_>,
    callee: &'e Expression<'_>,
) -> Option<(&'e str, &'e str)> {
    let Expression::StaticMemberExpression(member) = callee.get_inner_expression() else { return None };
    let Expression::Identifier(object) = &member.object else { return None };
    let reference = semantic.scoping().get_reference(object.reference_id.get()?);
    reference.symbol_id().is_none().then(|| (object.name.as_str(), member.property.name.as_str()))
}

/// Whether a callee tells types apart or notes them, and does nothing else with them: `isFunction`, `__metadata`,
/// `Reflect.metadata`.
pub(super) fn is_about_types(callee: &Expression<'_>) -> bool {
    let name = match callee {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => member.property.name.as_str(),
        _ => return false,
    };
    name.starts_with("is") || name.ends_with("etadata")
}

/// Whether a callee has the name of what replaces a member of its first argument by another.
pub(super) fn replaces_members(callee: &Expression<'_>) -> bool {
    let name = match callee {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => member.property.name.as_str(),
        _ => return false,
    };
    let name = name.to_ascii_lowercase();
    ["define", "override", "patch", "replace", "stub", "wrap"].iter().any(|verb| name.contains(verb))
}

/// `Object.prototype.hasOwnProperty.call`, `hasOwnProperty.call`, `{}.hasOwnProperty.call`
pub(super) fn is_has_own(callee: &Expression<'_>) -> bool {
    let Expression::StaticMemberExpression(call) = callee else { return false };
    let name = match call.object.get_inner_expression() {
        Expression::StaticMemberExpression(method) => method.property.name.as_str(),
        Expression::Identifier(name) => name.name.as_str(),
        _ => return false,
    };
    call.property.name == "call" && matches!(name, "hasOwnProperty" | "hasOwn" | "propertyIsEnumerable")
}

/// Whether a callee is a compiler's helper that gives its argument back, or an object with it as `default`.
pub(super) fn is_interop(semantic: &Semantic<'_>, callee: &Expression<'_>) -> bool {
    let name = match callee {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => member.property.name.as_str(),
        _ => "",
    };
    if ["nterop", "__importDefault", "__importStar", "__toESM", "__toModule"]
        .iter()
        .any(|part| name.contains(part))
    {
        return true;
    }
    // Minified ones have no name, but only they are so short and know of `__esModule` or `default`.
    let function = match callee {
        Expression::Identifier(name) => {
            let scoping = semantic.scoping();
            let symbol =
                name.reference_id.get().and_then(|reference| scoping.get_reference(reference).symbol_id());
            symbol.map(|symbol| semantic.nodes().kind(scoping.symbol_declaration(symbol)))
        }
        _ => None,
    };
    let span = match function {
        Some(AstKind::Function(function)) => function.span,
        Some(AstKind::VariableDeclarator(declarator)) => {
            match declarator.init.as_ref().map(Expression::get_inner_expression) {
                Some(Expression::FunctionExpression(function)) => function.span,
                Some(Expression::ArrowFunctionExpression(arrow)) => arrow.span,
                _ => return false,
            }
        }
        _ => return false,
    };
    let text = span.source_text(semantic.source_text());
    text.len() <= MAX_HELPER
        && (text.contains("__esModule")
            || text.contains("default:")
            || text.contains("'default'")
            || text.contains("\"default\""))
}

const MAX_HELPER: usize = 1200;

/// Whether `offset` lies in esbuild's stand-in for `require`, which only passes on what is asked of it.
pub(super) fn is_bundler_shim(semantic: &Semantic<'_>, offset: u32) -> bool {
    let text = semantic.source_text().as_bytes();
    let start = (offset as usize).min(text.len());
    let around = &text[start.saturating_sub(SHIM)..text.len().min(start + SHIM)];
    let contains = |word: &[u8]| around.windows(word.len()).any(|window| window == word);
    contains(b"Dynamic require of") && contains(b"typeof require")
}

const SHIM: usize = 400;
