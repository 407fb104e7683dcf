//! Strings that are known without running anything.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, BinaryOperator, BindingPattern, Expression, IdentifierReference,
};
use oxc_semantic::{NodeId, Semantic};
use oxc_span::GetSpan;

use super::functions::LocalFunction;

/// The one string that an expression gives.
pub(super) fn constant(semantic: &Semantic<'_>, expression: &Expression<'_>) -> Option<String> {
    let mut values = constants(semantic, expression)?;
    (values.len() == 1).then(|| values.pop()).flatten()
}

/// The strings that an expression gives, one of them at a time: `condition ? 'a' : 'b'`, or the variable of a loop over an
/// array of strings.
pub(super) fn constants(semantic: &Semantic<'_>, expression: &Expression<'_>) -> Option<Vec<String>> {
    let mut values = Vec::new();
    gather(semantic, expression, &mut values, &mut { MAX_PARTS })?;
    Some(values)
}

/// No program spreads a name over more parts. Bounds the recursion, too.
const MAX_PARTS: u32 = 64;

fn gather(
    semantic: &Semantic<'_>,
    expression: &Expression<'_>,
    values: &mut Vec<String>,
    parts: &mut u32,
) -> Option<()> {
    *parts = parts.checked_sub(1)?;
    match expression.get_inner_expression() {
        Expression::ConditionalExpression(conditional) => {
            gather(semantic, &conditional.consequent, values, parts)?;
            gather(semantic, &conditional.alternate, values, parts)
        }
        Expression::Identifier(name) if initializer(semantic, name).is_none() => {
            elements(semantic, looped(semantic, name)?, values, parts)
        }
        other => {
            values.push(single(semantic, other, parts)?);
            Some(())
        }
    }
}

/// The strings of an array.
fn elements(
    semantic: &Semantic<'_>,
    array: &Expression<'_>,
    values: &mut Vec<String>,
    parts: &mut u32,
) -> Option<()> {
    *parts = parts.checked_sub(1)?;
    match array.get_inner_expression() {
        Expression::ArrayExpression(array) => {
            for element in &array.elements {
                match element {
                    ArrayExpressionElement::SpreadElement(spread) => {
                        elements(semantic, &spread.argument, values, parts)?;
                    }
                    element => values.push(single(semantic, element.as_expression()?, parts)?),
                }
            }
            Some(())
        }
        Expression::Identifier(name) => elements(semantic, initializer(semantic, name)?, values, parts),
        // `Object.freeze([…])`, `new Set([…])`
        Expression::CallExpression(call) => {
            let is_freeze = super::functions::static_method(semantic, &call.callee)
                .is_some_and(|(object, method)| object == "Object" && method == "freeze");
            let first = call.arguments.first().and_then(Argument::as_expression)?;
            is_freeze.then(|| elements(semantic, first, values, parts)).flatten()
        }
        Expression::NewExpression(new) => {
            let first = new.arguments.first().and_then(Argument::as_expression)?;
            let is_set = new.callee.get_identifier_reference().is_some_and(|name| name.name == "Set");
            is_set.then(|| elements(semantic, first, values, parts)).flatten()
        }
        _ => None,
    }
}

/// What a variable is looped over, if it is nothing else: `for (const name of array)`, `array.forEach(name => …)`.
fn looped<'a>(semantic: &Semantic<'a>, name: &IdentifierReference<'_>) -> Option<&'a Expression<'a>> {
    let nodes = semantic.nodes();
    let declaration = declaration(semantic, name)?;
    match nodes.kind(declaration) {
        AstKind::VariableDeclarator(declarator) if declarator.id.is_binding_identifier() => {
            match nodes.parent_kind(nodes.parent_id(declaration)) {
                AstKind::ForOfStatement(statement)
                    if statement.left.span().contains_inclusive(declarator.span) =>
                {
                    Some(&statement.right)
                }
                _ => None,
            }
        }
        AstKind::FormalParameter(parameter) if parameter.pattern.is_binding_identifier() => {
            let function = LocalFunction::around(semantic, declaration)?;
            if function.parameter(0)?.span() != parameter.pattern.span() {
                return None;
            }
            let AstKind::CallExpression(call) = nodes.parent_kind(function.node()) else { return None };
            if call.arguments.first()?.span() != nodes.kind(function.node()).span() {
                return None;
            }
            let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression() else {
                return None;
            };
            let is_loop = matches!(
                member.property.name.as_str(),
                "every" | "filter" | "find" | "flatMap" | "forEach" | "map" | "some"
            );
            is_loop.then_some(&member.object)
        }
        _ => None,
    }
}

/// What a variable holds that is never assigned again.
pub(super) fn initializer<'a>(
    semantic: &Semantic<'a>,
    name: &IdentifierReference<'_>,
) -> Option<&'a Expression<'a>> {
    match semantic.nodes().kind(declaration(semantic, name)?) {
        AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
            (BindingPattern::BindingIdentifier(_), Some(init)) => Some(init),
            _ => None,
        },
        _ => None,
    }
}

/// Where a variable is declared that is never assigned again.
fn declaration(semantic: &Semantic<'_>, name: &IdentifierReference<'_>) -> Option<NodeId> {
    let scoping = semantic.scoping();
    let symbol = scoping.get_reference(name.reference_id.get()?).symbol_id()?;
    (!scoping.symbol_is_mutated(symbol)).then(|| scoping.symbol_declaration(symbol))
}

fn single(semantic: &Semantic<'_>, expression: &Expression<'_>, parts: &mut u32) -> Option<String> {
    *parts = parts.checked_sub(1)?;
    match expression.get_inner_expression() {
        Expression::StringLiteral(literal) if !literal.lone_surrogates => Some(literal.value.to_string()),
        Expression::TemplateLiteral(template) => {
            let mut text = String::new();
            let mut expressions = template.expressions.iter();
            for quasi in &template.quasis {
                text.push_str(quasi.value.cooked.filter(|_| !quasi.lone_surrogates)?.as_str());
                if let Some(expression) = expressions.next() {
                    text.push_str(&single(semantic, expression, parts)?);
                }
            }
            Some(text)
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            let left = single(semantic, &sum.left, parts)?;
            Some(left + &single(semantic, &sum.right, parts)?)
        }
        Expression::Identifier(name) => single(semantic, initializer(semantic, name)?, parts),
        _ => None,
    }
}
