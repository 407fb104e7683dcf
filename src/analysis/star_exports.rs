//! The loops by which transpilers write `export * from "x"`.

use super::cjs_exports::{exports_object, getter_head, getter_tail, skip};
use super::string_literal::unquote;
use super::tokens::Tokens;

/// `Object.keys(NAME).forEach(function (key) { ... })` that copies every key of NAME to `exports`, in one of the forms
/// of Babel, TypeScript and Rollup. Gives NAME.
pub(super) fn star_export_loop(tokens: Tokens<'_>, index: usize) -> Option<&str> {
    let source = tokens.sequence(index, &["Object", ".", "keys", "("])?;
    let module = tokens.name(source)?;
    let parameter = tokens.sequence(source + 1, &[")", ".", "forEach", "(", "function", "("])?;
    let body = Loop { tokens, module, key: tokens.name(parameter)? };
    let guard = tokens.sequence(parameter + 1, &[")", "{", "if", "("])?;
    let copy = body.guards(guard)?;
    let end = body.assignment(copy).or_else(|| body.definition(copy))?;
    tokens.sequence(end, &["}", ")"])?;
    Some(module)
}

struct Loop<'t> {
    tokens: Tokens<'t>,
    module: &'t str,
    key: &'t str,
}

impl Loop<'_> {
    /// The conditions, from behind the first `if (`.
    fn guards(&self, index: usize) -> Option<usize> {
        if let Some(name) = self.tokens.sequence(index, &[self.key, "==="]) {
            let second = self.quoted(name, "default")?;
            let other = self.tokens.sequence(second, &["||", self.key, "==="])?;
            let end = self.early_return(self.quoted(other, "__esModule")?)?;
            return self.further_guards(end);
        }
        let name = self.tokens.sequence(index, &[self.key, "!=="])?;
        let end = self.quoted(name, "default")?;
        let Some(call) = self.tokens.sequence(end, &["&&", "!"]) else {
            return self.tokens.sequence(end, &[")"]);
        };
        self.tokens.sequence(self.own_key_check(call)?, &[")"])
    }

    /// Up to two more `if (...) return;`: key already seen, key already the same.
    fn further_guards(&self, index: usize) -> Option<usize> {
        let Some(first) = self.tokens.sequence(index, &["if", "("]) else { return Some(index) };
        let Some(seen) = self.has_own_property_call(first) else { return self.same_value(first) };
        let end = self.early_return(seen)?;
        match self.tokens.sequence(end, &["if", "("]) {
            Some(second) => self.same_value(second),
            None => Some(end),
        }
    }

    /// `key in exports && exports[key] === module[key]) return;`
    fn same_value(&self, index: usize) -> Option<usize> {
        let object = self.tokens.sequence(index, &[self.key, "in"])?;
        let member = self.tokens.sequence(exports_object(self.tokens, object)?, &["&&"])?;
        let other = exports_object(self.tokens, member)?;
        let texts = ["[", self.key, "]", "===", self.module, "[", self.key, "]"];
        self.early_return(self.tokens.sequence(other, &texts)?)
    }

    /// `Object.prototype.hasOwnProperty.call(seen, key)` or `seen.hasOwnProperty(key)`.
    fn own_key_check(&self, index: usize) -> Option<usize> {
        self.has_own_property_call(index).or_else(|| {
            self.tokens.name(index)?;
            self.tokens.sequence(index + 1, &[".", "hasOwnProperty", "(", self.key, ")"])
        })
    }

    fn has_own_property_call(&self, index: usize) -> Option<usize> {
        let method = self.tokens.sequence(index, &["Object", "."])?;
        let method = self.tokens.sequence(method, &["prototype", "."]).unwrap_or(method);
        let object = self.tokens.sequence(method, &["hasOwnProperty", ".", "call", "("])?;
        self.tokens.name(object)?;
        self.tokens.sequence(object + 1, &[",", self.key, ")"])
    }

    /// `exports[key] = module[key];`
    fn assignment(&self, index: usize) -> Option<usize> {
        let object = exports_object(self.tokens, index)?;
        let texts = ["[", self.key, "]", "=", self.module, "[", self.key, "]"];
        Some(skip(self.tokens, self.tokens.sequence(object, &texts)?, ";"))
    }

    /// `Object.defineProperty(exports, key, { enumerable: true, get: function () { return module[key]; } });`
    fn definition(&self, index: usize) -> Option<usize> {
        let object = self.tokens.sequence(index, &["Object", ".", "defineProperty", "("])?;
        let head = [",", self.key, ",", "{", "enumerable", ":", "true", ","];
        let getter = self.tokens.sequence(exports_object(self.tokens, object)?, &head)?;
        let value = getter_head(self.tokens, getter)?;
        let texts = ["return", self.module, "[", self.key, "]"];
        let end = getter_tail(self.tokens, self.tokens.sequence(value, &texts)?)?;
        Some(skip(self.tokens, end, ";"))
    }

    fn quoted(&self, index: usize, value: &str) -> Option<usize> {
        (unquote(self.tokens.string(index)?)? == value).then_some(index + 1)
    }

    fn early_return(&self, index: usize) -> Option<usize> {
        let end = self.tokens.sequence(index, &[")", "return"])?;
        Some(skip(self.tokens, end, ";"))
    }
}
