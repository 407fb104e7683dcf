//! CommonJS or ES module, when neither the extension nor package.json says: what Node.js calls syntax detection.
//!
//! Node.js compiles the text as the body of a CommonJS function. If that fails, the *first* error decides
//! (`ShouldRetryAsESM` in node_contextify.cc): module syntax makes it a module whatever follows; an error that only
//! CommonJS raises (top-level await, `const require = ...`) makes it one if it then compiles as a module.

use oxc_ast::ast::{
    BindingIdentifier, Declaration, ExportDefaultDeclarationKind, Expression, ImportOrExportKind, Program,
    Statement, VariableDeclaration,
};
use oxc_ast_visit::VisitJs;
use oxc_parser::{Kind, ParserReturn};
use oxc_span::GetSpan;

use super::tokens::Tokens;

/// The parameters of the function that Node.js compiles CommonJS text into.
const WRAPPER_NAMES: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// Something that V8 rejects in CommonJS, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Objection {
    pub(super) offset: usize,
    pub(super) cause: Cause,
}

/// Kinds of objection. On the same offset the first one counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    ModuleSyntax,
    WrapperName(String),
    Syntax(String),
}

impl Cause {
    /// In the words of V8 where the parser has none.
    pub(super) fn message(self) -> String {
        match self {
            Self::ModuleSyntax => "Cannot use import statement outside a module".into(),
            Self::WrapperName(name) => format!("Identifier '{name}' has already been declared"),
            Self::Syntax(message) => message,
        }
    }
}

/// The first thing that V8 rejects when `parsed`, the text parsed as CommonJS, is compiled as CommonJS.
pub(super) fn first_objection(parsed: &ParserReturn<'_>) -> Option<Objection> {
    let program = &parsed.program;
    let objections = [
        first_error(parsed),
        first_module_syntax(parsed),
        first_wrapper_name(program),
        first_await_using(program),
    ];
    objections.into_iter().flatten().min()
}

/// The first syntax error that the parser itself reported.
pub(super) fn first_error(parsed: &ParserReturn<'_>) -> Option<Objection> {
    let errors = parsed.diagnostics.errors();
    let objections = errors.map(|error| Objection {
        offset: error.labels.first().map_or(0, |label| label.offset() as usize),
        cause: Cause::Syntax(error.message.to_string()),
    });
    objections.min()
}

/// Whether Node.js tries again as a module after a syntax error at `offset`, given that the text is one. `tokens` are
/// those of the module.
pub(super) fn is_retried(tokens: Tokens<'_>, offset: usize) -> bool {
    // `if (x <!--y)` is a comparison in modules and a comment in CommonJS; V8's complaint there is not on the list.
    let awaits = (0..tokens.len()).any(|index| matches!(tokens.text(index), "await" | "using"));
    // Nor is `Missing } in template expression`, for `${await x}`.
    awaits && !directly_in_template(tokens, offset)
}

fn directly_in_template(tokens: Tokens<'_>, offset: usize) -> bool {
    let mut closed = 0_usize;
    for index in (0..tokens.at_or_after(offset)).rev() {
        match tokens.kind(index) {
            Kind::RParen | Kind::RBrack | Kind::RCurly | Kind::TemplateTail => closed += 1,
            Kind::LParen | Kind::LBrack | Kind::LCurly if closed == 0 => return false,
            // `${x ? await y : z}` fails at the missing colon, which is on the list.
            Kind::Question if closed == 0 => return false,
            Kind::TemplateHead | Kind::TemplateMiddle if closed == 0 => return true,
            Kind::LParen | Kind::LBrack | Kind::LCurly | Kind::TemplateHead => closed -= 1,
            _ => {}
        }
    }
    false
}

/// The first import, export or `import.meta` that is left after Node.js strips types.
fn first_module_syntax(parsed: &ParserReturn<'_>) -> Option<Objection> {
    let record = &parsed.module_record;
    let metas = record.import_metas.iter().map(|span| span.start);
    let statements = parsed.program.body.iter().filter(|statement| is_module_syntax(statement));
    // After an error that ends the parse there are no statements, only a record of what came before it.
    let lost = (parsed.panicked && record.has_module_syntax).then_some(0);
    let offset = metas.chain(statements.map(|statement| statement.span().start)).chain(lost).min()?;
    Some(Objection { offset: offset as usize, cause: Cause::ModuleSyntax })
}

fn is_module_syntax(statement: &Statement<'_>) -> bool {
    let kind = match statement {
        Statement::ImportDeclaration(import) => import.import_kind,
        Statement::ExportAllDeclaration(export) => export.export_kind,
        Statement::ExportNamedDeclaration(export) => export.export_kind,
        Statement::ExportFromDeclaration(export) => export.export_kind,
        Statement::ExportDeclaration(export) => return !is_erased(&export.declaration),
        Statement::ExportDefaultDeclaration(export) => {
            return !matches!(export.declaration, ExportDefaultDeclarationKind::TSInterfaceDeclaration(_));
        }
        _ => return false,
    };
    kind == ImportOrExportKind::Value
}

fn is_erased(declaration: &Declaration<'_>) -> bool {
    declaration.declare()
        || matches!(
            declaration,
            Declaration::TSTypeAliasDeclaration(_) | Declaration::TSInterfaceDeclaration(_)
        )
}

/// `let`, `const` or `class` at the top level with the name of a wrapper parameter.
fn first_wrapper_name(program: &Program<'_>) -> Option<Objection> {
    let mut names = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::VariableDeclaration(variables)
                if variables.kind.is_lexical() && !variables.declare =>
            {
                names.extend(variables.declarations.iter().flat_map(|one| one.id.get_binding_identifiers()));
            }
            Statement::ClassDeclaration(class) if !class.declare => names.extend(&class.id),
            _ => {}
        }
    }
    let name = names.into_iter().find(|name| WRAPPER_NAMES.contains(&name.name.as_str()))?;
    let cause = Cause::WrapperName(name.name.to_string());
    Some(Objection { offset: name.span.start as usize, cause })
}

/// `await using` outside of functions, which the parser takes in CommonJS.
fn first_await_using(program: &Program<'_>) -> Option<Objection> {
    struct AwaitUsing(Option<u32>);
    impl<'a> VisitJs<'a> for AwaitUsing {
        fn visit_variable_declaration(&mut self, variables: &VariableDeclaration<'a>) {
            if variables.kind.is_await() {
                self.0 = self.0.or(Some(variables.span.start));
            }
        }
        fn visit_declaration(&mut self, declaration: &Declaration<'a>) {
            if let Declaration::VariableDeclaration(variables) = declaration {
                self.visit_variable_declaration(variables);
            }
        }
        fn visit_expression(&mut self, _: &Expression<'a>) {}
    }
    let mut found = AwaitUsing(None);
    found.visit_program(program);
    let cause =
        Cause::Syntax("await is only valid in async functions and the top level bodies of modules".into());
    found.0.map(|offset| Objection { offset: offset as usize, cause })
}

/// `var`, or a function in a block, that re-declares a wrapper parameter or `arguments` in the body itself. Node.js then
/// keeps the parameter's value; a wrapper that puts another function around the text would start from `undefined`.
pub(super) fn hoists_wrapper_name(program: &Program<'_>) -> bool {
    let mut hoisted = Hoisted { found: false };
    for statement in &program.body {
        // A function declared directly in the body replaces the parameter in either wrapper; not so `arguments`.
        match statement {
            Statement::FunctionDeclaration(function) => {
                hoisted.found |= function.id.as_ref().is_some_and(|id| id.name == "arguments");
            }
            other => hoisted.visit_statement(other),
        }
    }
    hoisted.found
}

struct Hoisted {
    found: bool,
}

impl Hoisted {
    fn name(&mut self, id: &BindingIdentifier<'_>) {
        self.found |= id.name == "arguments" || WRAPPER_NAMES.contains(&id.name.as_str());
    }
}

/// Walks statements only: expressions and functions declare nothing outside themselves.
impl<'a> VisitJs<'a> for Hoisted {
    fn visit_variable_declaration(&mut self, variables: &VariableDeclaration<'a>) {
        // `let` and `const` in a block end with it; at the top level they are an objection.
        if variables.kind.is_var() {
            let ids = variables.declarations.iter().flat_map(|one| one.id.get_binding_identifiers());
            ids.for_each(|id| self.name(id));
        }
    }

    fn visit_declaration(&mut self, declaration: &Declaration<'a>) {
        match declaration {
            Declaration::VariableDeclaration(variables) => self.visit_variable_declaration(variables),
            Declaration::FunctionDeclaration(function) => function.id.iter().for_each(|id| self.name(id)),
            _ => {}
        }
    }

    fn visit_expression(&mut self, _: &Expression<'a>) {}
}
