//! Files that are named by a path: `path.join(__dirname, 'worker.js')`, `new URL('./worker.js', import.meta.url)`.

use oxc_ast::ast::{Argument, BinaryOperator, CallExpression, Expression, LogicalOperator, NewExpression};
use oxc_semantic::Semantic;

use super::constants::{constant, initializer};

/// What an expression says about the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// This file or directory, from the directory of the file that names it: empty, `./x` or `../x`.
    Exactly(String),
    /// Something that begins so, and only a run can tell how it goes on.
    Below,
    /// What `require.resolve` or `import.meta.resolve` finds; that request is known already.
    Resolved,
}

/// Where an expression leads, one of these at a time; nothing when a run can lead anywhere.
pub(super) fn places(semantic: &Semantic<'_>, expression: &Expression<'_>) -> Option<Vec<Place>> {
    let mut found = Vec::new();
    gather(semantic, expression, &mut found, &mut { MAX_PARTS })?;
    Some(found)
}

/// The same for a call: `path.join(__dirname, 'x')`.
pub(super) fn place_of_call(semantic: &Semantic<'_>, call: &CallExpression<'_>) -> Option<Place> {
    called(semantic, call, &mut { MAX_PARTS })
}

/// The same for `new URL('./x', import.meta.url)`.
pub(super) fn place_of_url(semantic: &Semantic<'_>, new: &NewExpression<'_>) -> Option<Place> {
    url(semantic, new)
}

/// Whether a specifier, whatever its end, begins with `./` or `../`.
pub(super) fn is_relative<'e, 'a: 'e>(semantic: &Semantic<'a>, specifier: &'e Expression<'a>) -> bool {
    let mut expression = specifier;
    for _ in 0..MAX_PARTS {
        if let Some(text) = constant(semantic, expression) {
            return is_relative_text(&text);
        }
        expression = match expression.get_inner_expression() {
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => &sum.left,
            Expression::TemplateLiteral(template) => {
                let head = template.quasis.first().and_then(|quasi| quasi.value.cooked);
                match (head, template.expressions.first()) {
                    (Some(head), Some(first)) if head.is_empty() => first,
                    (head, _) => return head.is_some_and(|head| is_relative_text(&head)),
                }
            }
            Expression::Identifier(name) => match initializer(semantic, name) {
                Some(init) => init,
                None => return false,
            },
            _ => return false,
        };
    }
    false
}

fn is_relative_text(text: &str) -> bool {
    text.starts_with("./") || text.starts_with("../")
}

fn gather(
    semantic: &Semantic<'_>,
    expression: &Expression<'_>,
    found: &mut Vec<Place>,
    parts: &mut u32,
) -> Option<()> {
    *parts = parts.checked_sub(1)?;
    match expression.get_inner_expression() {
        Expression::ConditionalExpression(conditional) => {
            gather(semantic, &conditional.consequent, found, parts)?;
            gather(semantic, &conditional.alternate, found, parts)
        }
        // What stands in front is what somebody may have set instead.
        Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::And => {
            gather(semantic, &logical.right, found, parts)
        }
        Expression::Identifier(name) if initializer(semantic, name).is_some() => {
            gather(semantic, initializer(semantic, name)?, found, parts)
        }
        other => {
            found.push(single(semantic, other, parts)?);
            Some(())
        }
    }
}

fn single(semantic: &Semantic<'_>, expression: &Expression<'_>, parts: &mut u32) -> Option<Place> {
    *parts = parts.checked_sub(1)?;
    match expression.get_inner_expression() {
        Expression::Identifier(name) => match initializer(semantic, name) {
            Some(init) => single(semantic, init, parts),
            None => {
                (name.name == "__dirname" && is_free(semantic, name)).then(|| Place::Exactly(String::new()))
            }
        },
        Expression::StaticMemberExpression(member) => match member.property.name.as_str() {
            "dirname" if is_import_meta(&member.object) => Some(Place::Exactly(String::new())),
            "href" | "pathname" => single(semantic, &member.object, parts),
            _ => None,
        },
        Expression::CallExpression(call) => called(semantic, call, parts),
        Expression::NewExpression(new) => url(semantic, new),
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            let left = single(semantic, &sum.left, parts)?;
            Some(glued(left, constant(semantic, &sum.right)))
        }
        Expression::TemplateLiteral(template) => {
            let head = template.quasis.first()?.value.cooked?;
            if !head.is_empty() {
                return None;
            }
            let first = single(semantic, template.expressions.first()?, parts)?;
            let rest = template.quasis.get(1)?.value.cooked?;
            Some(glued(first, (template.expressions.len() == 1).then(|| rest.to_string())))
        }
        _ => None,
    }
}

fn called(semantic: &Semantic<'_>, call: &CallExpression<'_>, parts: &mut u32) -> Option<Place> {
    let first = call.arguments.first().and_then(Argument::as_expression);
    let name = match super::functions::called(&call.callee) {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => {
            // `url.toString()`
            if member.property.name == "toString" && call.arguments.is_empty() {
                return single(semantic, &member.object, parts);
            }
            // `require.resolve('x')`, and that of any other `require`.
            if member.property.name == "resolve"
                && (is_import_meta(&member.object) || is_require(&member.object))
            {
                return first.and_then(|first| constant(semantic, first)).map(|_| Place::Resolved);
            }
            member.property.name.as_str()
        }
        _ => return None,
    };
    match name {
        "join" | "resolve" => {
            let mut place = single(semantic, first?, parts)?;
            for argument in call.arguments.iter().skip(1) {
                let more = argument.as_expression().and_then(|it| constant(semantic, it));
                place = glued(place, more.map(|more| format!("/{more}")));
            }
            Some(place)
        }
        "dirname" if first.is_some_and(|first| is_own_file(semantic, first)) => {
            Some(Place::Exactly(String::new()))
        }
        "dirname" => match single(semantic, first?, parts)? {
            Place::Exactly(path) => {
                Some(Place::Exactly(path.rsplit_once('/').map_or("..", |(parent, _)| parent).to_owned()))
            }
            _ => Some(Place::Below),
        },
        "fileURLToPath" | "pathToFileURL" | "normalize" | "realpathSync" | "String" => {
            single(semantic, first?, parts)
        }
        _ => None,
    }
}

/// `new URL('./x', import.meta.url)`
fn url(semantic: &Semantic<'_>, new: &NewExpression<'_>) -> Option<Place> {
    let Expression::Identifier(name) = &new.callee else { return None };
    let base = new.arguments.get(1).and_then(Argument::as_expression)?;
    if name.name != "URL" || !is_own_file(semantic, base) {
        return None;
    }
    let relative = new.arguments.first().and_then(Argument::as_expression)?;
    match constant(semantic, relative) {
        Some(text) if text.contains(':') || text.starts_with('/') => None,
        Some(text) => Some(glued(Place::Exactly(String::new()), Some(format!("/{text}")))),
        None => Some(Place::Below),
    }
}

/// `__filename`, `import.meta.url`, and paths made of them.
fn is_own_file<'e, 'a: 'e>(semantic: &Semantic<'a>, expression: &'e Expression<'a>) -> bool {
    let mut expression = expression;
    for _ in 0..MAX_PARTS {
        match expression.get_inner_expression() {
            Expression::Identifier(name) => match initializer(semantic, name) {
                Some(init) => expression = init,
                None => return name.name == "__filename" && is_free(semantic, name),
            },
            Expression::StaticMemberExpression(member) => {
                return is_import_meta(&member.object)
                    && matches!(member.property.name.as_str(), "url" | "filename");
            }
            Expression::CallExpression(call) => {
                let name = match super::functions::called(&call.callee) {
                    Expression::Identifier(name) => name.name.as_str(),
                    Expression::StaticMemberExpression(member) => member.property.name.as_str(),
                    _ => return false,
                };
                match call.arguments.first().and_then(Argument::as_expression) {
                    Some(first) if matches!(name, "fileURLToPath" | "pathToFileURL") => expression = first,
                    _ => return false,
                }
            }
            _ => return false,
        }
    }
    false
}

fn is_import_meta(expression: &Expression<'_>) -> bool {
    matches!(expression.get_inner_expression(), Expression::ImportMeta(_))
}

fn is_require(expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::Identifier(name) => name.name.contains("require") || name.name.contains("Require"),
        Expression::CallExpression(call) => matches!(super::functions::called(&call.callee),
            Expression::Identifier(name) if name.name == "createRequire"),
        _ => false,
    }
}

fn is_free(semantic: &Semantic<'_>, name: &oxc_ast::ast::IdentifierReference<'_>) -> bool {
    let reference = name.reference_id.get();
    reference.is_some_and(|reference| semantic.scoping().get_reference(reference).symbol_id().is_none())
}

/// A path and what is put behind it.
fn glued(place: Place, more: Option<String>) -> Place {
    match (place, more) {
        (Place::Exactly(path), Some(more)) => Place::Exactly(normal(&path, &more)),
        _ => Place::Below,
    }
}

/// `path` and `more` as one path that begins with `./` or `../`, or is empty.
fn normal(path: &str, more: &str) -> String {
    let mut up = 0_usize;
    let mut down: Vec<&str> = Vec::new();
    for segment in path.split('/').chain(more.split(['/', '\\'])) {
        match segment {
            "" | "." => {}
            ".." => {
                if down.pop().is_none() {
                    up += 1;
                }
            }
            segment => down.push(segment),
        }
    }
    match (up, down.is_empty()) {
        (0, true) => String::new(),
        (0, false) => format!("./{}", down.join("/")),
        (up, _) => {
            let mut all = vec![".."; up];
            all.extend(down);
            all.join("/")
        }
    }
}

/// Whether an expression gives the program that runs this: `process.execPath`, `'node'`.
pub(super) fn is_node<'e, 'a: 'e>(semantic: &Semantic<'a>, expression: &'e Expression<'a>) -> bool {
    let mut expression = expression;
    for _ in 0..MAX_PARTS {
        if let Some(text) = constant(semantic, expression) {
            return matches!(text.as_str(), "node" | "node.exe");
        }
        match expression.get_inner_expression() {
            Expression::StaticMemberExpression(member) => {
                return matches!(member.property.name.as_str(), "execPath" | "argv0");
            }
            // `process.argv[0]`
            Expression::ComputedMemberExpression(member) => {
                return matches!(&member.expression, Expression::NumericLiteral(index) if index.value == 0.0)
                    && matches!(member.object.get_inner_expression(),
                        Expression::StaticMemberExpression(argv) if argv.property.name == "argv");
            }
            Expression::LogicalExpression(logical) => expression = &logical.right,
            Expression::Identifier(name) => match initializer(semantic, name) {
                Some(init) => expression = init,
                None => return name.name == "execPath",
            },
            _ => return false,
        }
    }
    false
}

const MAX_PARTS: u32 = 32;
