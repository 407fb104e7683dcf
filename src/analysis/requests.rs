//! The static imports of an ES module, with their places in the text.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

use super::{decode, stack::with_room};

/// Takes an ES module apart at its static imports: text, specifier, text, specifier, …, text. Joined with each specifier
/// as a string literal it means the same again. `None` when the text does not parse.
#[must_use]
pub fn split_at_requests(source: &[u8]) -> Option<Vec<String>> {
    let text = decode(source);
    with_room(&text, || split(&text)).ok().flatten()
}

fn split(text: &str) -> Option<Vec<String>> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    if parsed.panicked {
        return None;
    }
    let mut requests: Vec<(usize, usize, &str)> = Vec::new();
    for (specifier, occurrences) in &parsed.module_record.requested_modules {
        requests.extend(
            occurrences
                .iter()
                .map(|one| (one.span.start as usize, one.span.end as usize, specifier.as_str())),
        );
    }
    requests.sort_unstable();
    let mut pieces = Vec::with_capacity(requests.len() * 2 + 1);
    let mut from = 0;
    for (start, end, specifier) in requests {
        pieces.push(text.get(from..start)?.to_owned());
        pieces.push(specifier.to_owned());
        from = end;
    }
    pieces.push(text.get(from..)?.to_owned());
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn static_imports_are_found_and_nothing_else() {
        let text = "import a from 'x'; // import 'no'\nexport * from \"y\";import'x';\nconst s = \"import 'no'\"; import('no');";
        let pieces = split_at_requests(text.as_bytes()).unwrap();
        let specifiers: Vec<&str> = pieces.iter().skip(1).step_by(2).map(String::as_str).collect();
        assert_eq!(specifiers, ["x", "y", "x"]);
        let joined: String = pieces
            .iter()
            .enumerate()
            .map(|(at, piece)| if at % 2 == 0 { piece.clone() } else { format!("'{piece}'") })
            .collect();
        assert_eq!(joined, text.replace('"', "'").replace("= 'import 'no''", "= \"import 'no'\""));
    }

    #[test]
    fn text_that_does_not_parse_is_refused() {
        assert_eq!(split_at_requests(b"import {"), None);
    }
}
