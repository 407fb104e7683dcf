//! `exports` and `imports` of a package.json (PACKAGE_EXPORTS_RESOLVE and friends), shared by both algorithms.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Outcome, ResolveError, Resolved, Resolver, Tree};
use crate::{index::PackageRecord, module_path::ModulePath};

/// Which field a target comes from: messages and rules differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Exports,
    Imports,
}

/// What a target came to. Node tells "no condition matched" from "explicitly null".
enum Target {
    Undefined,
    Null,
    Resolved(Resolved),
}

impl<T: Tree> Resolver<'_, T> {
    /// PACKAGE_EXPORTS_RESOLVE. `subpath` is `.` or starts with `./`. The file need not exist.
    pub(super) fn package_exports(
        &self,
        directory: &ModulePath,
        subpath: &str,
        exports: &Value,
        conditions: &[&str],
    ) -> Outcome<Resolved, T> {
        let not_exported = || ResolveError::NotExported {
            subpath: subpath.to_owned(),
            package: directory.join("package.json").unwrap_or_default().to_string(),
        };
        let sugar;
        let map = if is_main_sugar(exports, directory)? {
            sugar = Map::from_iter([(".".to_owned(), exports.clone())]);
            &sugar
        } else {
            exports.as_object().ok_or_else(not_exported)?
        };
        match self.package_map(directory, subpath, map, Field::Exports, conditions)? {
            Some(Target::Resolved(resolved)) => Ok(resolved),
            _ => Err(not_exported().into()),
        }
    }

    /// PACKAGE_IMPORTS_RESOLVE for a specifier that starts with `#`, asked by the file `from`.
    pub(super) fn package_imports(
        &self,
        specifier: &str,
        from: &ModulePath,
        conditions: &[&str],
    ) -> Outcome<Resolved, T> {
        if specifier == "#"
            || specifier.ends_with('/')
            || specifier.starts_with("#/") && !self.options.hash_slash
        {
            return Err(ResolveError::InvalidSpecifier(
                specifier.to_owned(),
                "is not a valid internal imports specifier name",
            )
            .into());
        }
        let scope = self.scope(from)?;
        if let Some((directory, package)) = &scope
            && let Some(imports) = package.imports.as_ref().and_then(Value::as_object)
            && let Some(Target::Resolved(resolved)) =
                self.package_map(directory, specifier, imports, Field::Imports, conditions)?
        {
            return Ok(resolved);
        }
        let package = scope.map_or_else(String::new, |(directory, _)| directory.to_string());
        Err(ResolveError::ImportNotDefined { specifier: specifier.to_owned(), package }.into())
    }

    /// PACKAGE_SELF_RESOLVE: a package may name itself when it has `exports`.
    pub(super) fn package_self(
        &self,
        name: &str,
        subpath: &str,
        from: &ModulePath,
        conditions: &[&str],
    ) -> Outcome<Option<Resolved>, T> {
        let Some((directory, package)) = self.scope(from)? else { return Ok(None) };
        match &package.exports {
            Some(exports) if package.name.as_deref() == Some(name) => {
                self.package_exports(&directory, subpath, exports, conditions).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// PACKAGE_IMPORTS_EXPORTS_RESOLVE.
    fn package_map(
        &self,
        directory: &ModulePath,
        key: &str,
        map: &Map<String, Value>,
        field: Field,
        conditions: &[&str],
    ) -> Outcome<Option<Target>, T> {
        let context = TargetContext { directory, field, conditions };
        if !key.contains('*')
            && !key.ends_with('/')
            && let Some(target) = map.get(key)
        {
            return self.target(&context, target, None, key).map(Some);
        }
        let mut best: Option<(&str, &str)> = None;
        for pattern in map.keys() {
            let Some((base, trailer)) = pattern.split_once('*') else { continue };
            let Some(rest) = key.strip_prefix(base) else { continue };
            if trailer.contains('*') || key.len() < pattern.len() {
                continue;
            }
            let Some(matched) = rest.strip_suffix(trailer) else { continue };
            if best.is_none_or(|(other, _)| pattern_key_compare(pattern, other) == Ordering::Less) {
                best = Some((pattern, matched));
            }
        }
        match best {
            Some((pattern, matched)) => {
                self.target(&context, &map[pattern], Some(matched), pattern).map(Some)
            }
            None => Ok(None),
        }
    }

    /// PACKAGE_TARGET_RESOLVE.
    fn target(
        &self,
        context: &TargetContext<'_>,
        target: &Value,
        matched: Option<&str>,
        key: &str,
    ) -> Outcome<Target, T> {
        match target {
            Value::String(text) => self.target_string(context, text, matched, key),
            Value::Array(targets) => {
                let mut last = Ok(Target::Null);
                for target in targets {
                    match self.target(context, target, matched, key) {
                        Err(super::Failure::Resolve(error @ ResolveError::InvalidPackageTarget { .. })) => {
                            last = Err(error.into());
                        }
                        Ok(Target::Undefined) => {}
                        Ok(Target::Null) => last = Ok(Target::Null),
                        other => return other,
                    }
                }
                if targets.is_empty() { Ok(Target::Null) } else { last }
            }
            Value::Object(branches) => {
                if branches.keys().any(|key| is_array_index(key)) {
                    return Err(ResolveError::InvalidPackageConfig(
                        context.package(),
                        "\"exports\" cannot contain numeric property keys.",
                    )
                    .into());
                }
                for (condition, target) in branches {
                    if condition == "default" || context.conditions.contains(&condition.as_str()) {
                        match self.target(context, target, matched, key)? {
                            Target::Undefined => {}
                            found => return Ok(found),
                        }
                    }
                }
                Ok(Target::Undefined)
            }
            Value::Null => Ok(Target::Null),
            Value::Bool(_) | Value::Number(_) => Err(context.invalid(&target.to_string(), key).into()),
        }
    }

    fn target_string(
        &self,
        context: &TargetContext<'_>,
        target: &str,
        matched: Option<&str>,
        key: &str,
    ) -> Outcome<Target, T> {
        let Some(relative) = target.strip_prefix("./") else {
            if context.field == Field::Imports
                && !target.starts_with("../")
                && !target.starts_with('/')
                && !is_url(target)
            {
                let specifier =
                    matched.map_or_else(|| target.to_owned(), |matched| target.replace('*', matched));
                let from = context.directory.join("package.json").unwrap_or_default();
                return self.bare(&specifier, &from, context.conditions).map(Target::Resolved);
            }
            return Err(context.invalid(target, key).into());
        };
        if has_invalid_segment(relative) {
            return Err(context.invalid(target, key).into());
        }
        let path = match matched {
            Some(matched) if has_invalid_segment(matched) => {
                return Err(ResolveError::InvalidSpecifier(
                    key.replace('*', matched),
                    "request is not a valid match in pattern",
                )
                .into());
            }
            Some(matched) => relative.replace('*', matched),
            None => relative.to_owned(),
        };
        // A target is a relative URL, so `%20` in it means a space; an encoded separator is refused.
        let path = percent_decode(&path).ok_or_else(|| {
            ResolveError::InvalidSpecifier(
                path.clone(),
                "must not include encoded \"/\" or \"\\\" characters",
            )
        })?;
        let file = context.directory.join(&path).ok_or_else(|| context.invalid(target, key))?;
        Ok(Target::Resolved(Resolved::File(file)))
    }
}

struct TargetContext<'a> {
    directory: &'a ModulePath,
    field: Field,
    conditions: &'a [&'a str],
}

impl TargetContext<'_> {
    fn package(&self) -> String {
        self.directory.join("package.json").unwrap_or_default().to_string()
    }

    fn invalid(&self, target: &str, key: &str) -> ResolveError {
        ResolveError::InvalidPackageTarget {
            field: if self.field == Field::Exports { "exports" } else { "imports" },
            target: format!("\"{target}\""),
            key: key.to_owned(),
            package: self.package(),
        }
    }
}

/// `exports` of a resolved package, or `None` when the package has none (Node: `exports != null`).
pub(super) fn exports(package: Option<&PackageRecord>) -> Option<&Value> {
    package.and_then(|package| package.exports.as_ref())
}

/// Splits `@scope/name/sub` into `@scope/name` and `./sub` (`.` without a sub-path). `None` for no package name.
pub(super) fn split_bare(specifier: &str) -> Option<(&str, String)> {
    let slash = if specifier.starts_with('@') {
        let scope = specifier.find('/')?;
        specifier[scope + 1..].find('/').map(|at| scope + 1 + at)
    } else {
        specifier.find('/')
    };
    let (name, rest) = specifier.split_at(slash.unwrap_or(specifier.len()));
    if name.is_empty() || name.starts_with('.') || name.ends_with('/') || name.contains(['\\', '%']) {
        return None;
    }
    Some((name, format!(".{rest}")))
}

/// Decodes `%XX`. `None` for an encoded separator, which Node refuses, or bytes that are not UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                let byte = u8::try_from(high << 4 | low).ok()?;
                if matches!(byte, b'/' | b'\\') {
                    return None;
                }
                decoded.push(byte);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// `{ ".": … }` maps sub-paths, `{ "import": … }` (or a string, or an array) is short for the main one.
fn is_main_sugar(exports: &Value, directory: &ModulePath) -> Result<bool, ResolveError> {
    let Some(map) = exports.as_object() else { return Ok(exports.is_string() || exports.is_array()) };
    let dots = map.keys().filter(|key| key.starts_with('.')).count();
    if dots != 0 && dots != map.len() {
        return Err(ResolveError::InvalidPackageConfig(
            directory.join("package.json").unwrap_or_default().to_string(),
            "\"exports\" cannot contain some keys starting with '.' and some not. The exports object must either be \
             an object of package subpath keys or an object of main entry condition name keys only.",
        ));
    }
    Ok(dots == 0)
}

/// PATTERN_KEY_COMPARE: the longer base wins, then the longer key.
fn pattern_key_compare(a: &str, b: &str) -> Ordering {
    let base = |key: &str| key.find('*').map_or(key.len(), |at| at + 1);
    base(b).cmp(&base(a)).then_with(|| {
        if !a.contains('*') {
            Ordering::Greater
        } else if !b.contains('*') {
            Ordering::Less
        } else {
            b.len().cmp(&a.len())
        }
    })
}

/// `.`, `..` and `node_modules` segments are invalid, also in percent-encoding and in any case.
fn has_invalid_segment(path: &str) -> bool {
    path.split(['/', '\\']).any(|segment| {
        let plain = percent_decode(segment).unwrap_or_default().to_ascii_lowercase();
        matches!(plain.as_str(), "." | ".." | "node_modules")
    })
}

/// Whether the URL parser would accept it as absolute: it has a scheme.
fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
    })
}

fn is_array_index(key: &str) -> bool {
    key.parse::<u32>().is_ok_and(|number| number.to_string() == key && number != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_specifiers_split_at_the_package_name() {
        assert_eq!(split_bare("a"), Some(("a", ".".into())));
        assert_eq!(split_bare("a/b/c"), Some(("a", "./b/c".into())));
        assert_eq!(split_bare("@s/a/b"), Some(("@s/a", "./b".into())));
        for bad in ["@s", "", ".a", "a%2fb", "a\\b", "@/"] {
            assert_eq!(split_bare(bad), None, "{bad}");
        }
    }

    #[test]
    fn encoded_separators_are_refused() {
        assert_eq!(percent_decode("a%20b"), Some("a b".into()));
        assert_eq!(percent_decode("a%2fb"), None);
        assert_eq!(percent_decode("a%5Cb"), None);
        assert_eq!(percent_decode("100%"), Some("100%".into()));
    }
}
