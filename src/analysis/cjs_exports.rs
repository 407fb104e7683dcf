//! Names a CommonJS file exports, as Node.js guesses them for `import { name } from './file.cjs'`.
//!
//! Node.js uses a lexer that matches token sequences and knows nothing of scopes: cjs-module-lexer 2 up to Node 22, its
//! C++ port since Node 24. The sequences are frozen, so they are matched here over the parser's tokens: those are
//! exact where the lexer has to guess (a slash may divide or start a regular expression).
//!
//! Where the versions disagree the union is reported: a name too many reads as `undefined`, a missing one is a
//! `SyntaxError` in the importing file.

use std::collections::BTreeSet;

use oxc_parser::Kind;

use super::star_exports::star_export_loop;
use super::string_literal::unquote;
use super::tokens::Tokens;

/// What the lexer would report.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CjsExports {
    pub(super) names: Vec<String>,
    pub(super) reexports: Vec<String>,
}

/// Collects exported names and re-exported specifiers.
pub(super) fn cjs_exports(tokens: Tokens<'_>) -> CjsExports {
    let mut lexer = Lexer { tokens, names: BTreeSet::new(), reexports: Vec::new(), bindings: Vec::new() };
    lexer.run();
    CjsExports { names: lexer.names.into_iter().collect(), reexports: lexer.reexports }
}

/// `require("specifier")` at `index`: the quoted specifier and the index after the closing parenthesis.
fn require_call(tokens: Tokens<'_>, index: usize) -> Option<(&str, usize)> {
    let argument = tokens.sequence(index, &["require", "("])?;
    let specifier = tokens.string(argument)?;
    Some((specifier, tokens.sequence(argument + 1, &[")"])?))
}

/// `exports` or `module.exports` at `index`; gives the index after it.
pub(super) fn exports_object(tokens: Tokens<'_>, index: usize) -> Option<usize> {
    tokens.sequence(index, &["exports"]).or_else(|| tokens.sequence(index, &["module", ".", "exports"]))
}

struct Lexer<'t> {
    tokens: Tokens<'t>,
    names: BTreeSet<String>,
    reexports: Vec<String>,
    /// Name and specifier of each `var name = require("specifier")` at the top level: what a star-export loop over
    /// `name` re-exports. Of two with one name, some versions take the first and some the last.
    bindings: Vec<(&'t str, &'t str)>,
}

impl<'t> Lexer<'t> {
    fn run(&mut self) {
        // Parentheses, braces and template substitutions, but not square brackets: that is what "top level" means to
        // the lexer.
        let mut depth = 0_usize;
        for index in 0..self.tokens.len() {
            match self.tokens.kind(index) {
                Kind::LParen | Kind::LCurly | Kind::TemplateHead => depth += 1,
                Kind::RParen | Kind::RCurly | Kind::TemplateTail => depth = depth.saturating_sub(1),
                Kind::Str | Kind::RegExp => {}
                _ => self.word(index, depth == 0),
            }
        }
    }

    fn word(&mut self, index: usize, top_level: bool) {
        let member = self.tokens.byte_before(index) == Some(b'.');
        match self.tokens.text(index) {
            "exports" if !member => self.exports_use(index + 1, false),
            "module" if !member => {
                if let Some(next) = self.tokens.sequence(index + 1, &[".", "exports"]) {
                    self.exports_use(next, true);
                }
            }
            "Object" if !member => {
                self.define_property(index);
                if top_level && let Some(name) = star_export_loop(self.tokens, index) {
                    self.reexport_binding(name);
                }
            }
            "require" if top_level => {
                if let Some((specifier, _)) = require_call(self.tokens, index) {
                    self.bind(index, specifier);
                }
            }
            "_interopRequireWildcard" if top_level && self.opens_call(index + 1) => {
                if let Some((specifier, _)) = require_call(self.tokens, index + 2) {
                    self.bind(index, specifier);
                }
            }
            // TypeScript's helper, alone or as `tslib.__exportStar(require("x"), exports)`.
            "__export" | "__exportStar"
                if top_level && self.opens_call(index + 1) && self.tokens.touches_previous(index + 2) =>
            {
                if let Some((specifier, _)) = require_call(self.tokens, index + 2) {
                    self.reexport(specifier);
                }
            }
            _ => {}
        }
    }

    /// A parenthesis right behind a name.
    fn opens_call(&self, index: usize) -> bool {
        self.tokens.is(index, "(") && self.tokens.touches_previous(index)
    }

    /// What follows `exports` (or `module.exports`, which alone may be assigned as a whole).
    fn exports_use(&mut self, index: usize, whole: bool) {
        let tokens = self.tokens;
        match tokens.kind(index) {
            Kind::Dot => {
                if let Some(name) = tokens.name(index + 1)
                    && self.assigns(index + 2)
                {
                    self.names.insert(name.to_owned());
                }
            }
            Kind::LBrack => {
                if let Some(name) = tokens.string(index + 1)
                    && tokens.is(index + 2, "]")
                    && self.assigns(index + 3)
                {
                    self.export_string(name);
                }
            }
            _ if whole && self.assigns(index) => {
                // Only the last assignment counts: bundles hold one `module.exports = require()` per external.
                self.reexports.clear();
                if tokens.kind(index) != Kind::Eq {
                    return;
                }
                if tokens.is(index + 1, "{") {
                    self.object_literal(index + 2);
                } else if let Some((specifier, _)) = require_call(tokens, index + 1) {
                    self.reexport(specifier);
                }
            }
            _ => {}
        }
    }

    /// The lexer looks at one character: a comparison counts as an assignment.
    fn assigns(&self, index: usize) -> bool {
        matches!(self.tokens.kind(index), Kind::Eq | Kind::Eq2 | Kind::Eq3)
    }

    /// `module.exports = { ... }` from behind the brace up to the first member that is more than a plain name.
    fn object_literal(&mut self, mut index: usize) {
        loop {
            let Some(next) = self.object_member(index) else { return };
            if !self.tokens.is(next, ",") {
                return;
            }
            index = next + 1;
        }
    }

    /// One member; gives the index after it, nothing when the lexer stops here.
    fn object_member(&mut self, index: usize) -> Option<usize> {
        let tokens = self.tokens;
        if let Some(name) = tokens.name(index) {
            if !tokens.is(index + 1, ":") {
                self.names.insert(name.to_owned());
                return Some(index + 1);
            }
            let next = self.object_value(index + 2);
            if next != Value::Other {
                self.names.insert(name.to_owned());
            }
            return next.end();
        }
        if let Some(name) = tokens.string(index) {
            if !tokens.is(index + 1, ":") {
                return None;
            }
            let next = self.object_value(index + 2);
            if next != Value::Other {
                self.export_string(name);
            }
            return next.end();
        }
        if tokens.is(index, "...") && tokens.touches_previous(index + 1) {
            if let Some((specifier, next)) = require_call(tokens, index + 1) {
                self.reexport(specifier);
                return Some(next);
            }
            return tokens.name(index + 1).map(|_| index + 2);
        }
        None
    }

    /// The lexer reads one name and continues only when a comma or brace touches it.
    fn object_value(&mut self, index: usize) -> Value {
        let tokens = self.tokens;
        if tokens.name(index).is_none() {
            return Value::Other;
        }
        // Since Node 24 `{ a: require("b") }` also re-exports `b`, and ends the list as it does before.
        if let Some((specifier, _)) = require_call(tokens, index) {
            self.reexport(specifier);
        }
        if tokens.touches_previous(index + 1) { Value::Name(index + 1) } else { Value::LastName }
    }

    /// `Object.defineProperty(exports, "name", { enumerable: true, value: ... | get: ... })`.
    fn define_property(&mut self, index: usize) {
        if let Some(name) = self.defined_name(index) {
            self.export_string(name);
        }
    }

    fn defined_name(&self, index: usize) -> Option<&'t str> {
        let tokens = self.tokens;
        let target = tokens.sequence(index, &["Object", ".", "defineProperty", "("])?;
        let argument = tokens.sequence(exports_object(tokens, target)?, &[","])?;
        let name = tokens.string(argument)?;
        let descriptor = tokens.sequence(argument + 1, &[",", "{"])?;
        let member = tokens.sequence(descriptor, &["enumerable", ":", "true", ","]).unwrap_or(descriptor);
        if tokens.sequence(member, &["value", ":"]).is_some() {
            return Some(name);
        }
        self.plain_getter(member).map(|_| name)
    }

    /// A getter that can have no side effect: `get() { return a.b; }` up to the closing `})`.
    fn plain_getter(&self, index: usize) -> Option<usize> {
        let tokens = self.tokens;
        let body = getter_head(tokens, index)?;
        let value = tokens.sequence(body, &["return"])?;
        tokens.name(value)?;
        let mut end = value + 1;
        if tokens.is(end, ".") {
            tokens.name(end + 1)?;
            end += 2;
        } else if tokens.is(end, "[") {
            tokens.string(end + 1)?;
            end = tokens.sequence(end + 2, &["]"])?;
        }
        getter_tail(tokens, end)
    }

    /// Remembers `var name = require(...)`, where `index` is the first token of the initialiser.
    fn bind(&mut self, index: usize, specifier: &'t str) {
        let Some(keyword) = index.checked_sub(3) else { return };
        if self.tokens.is(index - 1, "=")
            && matches!(self.tokens.text(keyword), "var" | "let" | "const")
            && let Some(name) = self.tokens.name(index - 2)
        {
            self.bindings.push((name, specifier));
        }
    }

    fn reexport_binding(&mut self, name: &str) {
        let bound: Vec<_> =
            self.bindings.iter().filter(|binding| binding.0 == name).map(|binding| binding.1).collect();
        for specifier in bound {
            self.reexport(specifier);
        }
    }

    fn export_string(&mut self, literal: &str) {
        self.names.extend(unquote(literal));
    }

    fn reexport(&mut self, literal: &str) {
        if let Some(specifier) = unquote(literal)
            && !self.reexports.contains(&specifier)
        {
            self.reexports.push(specifier);
        }
    }
}

#[derive(PartialEq)]
enum Value {
    /// A plain name; the list may go on at this index.
    Name(usize),
    /// It began like a name: the key counts, the list ends.
    LastName,
    Other,
}

impl Value {
    fn end(&self) -> Option<usize> {
        if let Self::Name(index) = self { Some(*index) } else { None }
    }
}

/// `get() {`, `get: function () {` or `get: function name() {`; gives the index of the body.
pub(super) fn getter_head(tokens: Tokens<'_>, index: usize) -> Option<usize> {
    let mut parameters = tokens.sequence(index, &["get"])?;
    if let Some(name) = tokens.sequence(parameters, &[":", "function"]) {
        parameters = if tokens.name(name).is_some() { name + 1 } else { name };
    }
    tokens.sequence(parameters, &["(", ")", "{"])
}

/// `;? } ,? } )` after the returned value; gives the index after it.
pub(super) fn getter_tail(tokens: Tokens<'_>, index: usize) -> Option<usize> {
    let close = tokens.sequence(skip(tokens, index, ";"), &["}"])?;
    tokens.sequence(skip(tokens, close, ","), &["}", ")"])
}

/// The index after an optional `text`.
pub(super) fn skip(tokens: Tokens<'_>, index: usize, text: &str) -> usize {
    if tokens.is(index, text) { index + 1 } else { index }
}
