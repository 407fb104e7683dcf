//! Whether CommonJS text may be put between a wrapper's head and tail and still mean what it means to Node.js.
//!
//! Node.js compiles it as a function body, which nothing in the text can end. Concatenation is only as safe as the
//! agreement between this parser and V8 on where strings, comments and brackets end, and on what is a name. So every
//! construct on which they might differ makes a text unsafe: it then loads the slower way.

use oxc_parser::{Kind, ParserReturn};

use super::module_syntax::hoists_wrapper_name;
use super::tokens::Tokens;

/// `parsed` is the text as CommonJS, without objections. The wrapper has to replace a hashbang by a comment and to begin
/// its tail on a new line.
pub(super) fn is_wrapper_safe(source: &str, parsed: &ParserReturn<'_>, tokens: Tokens<'_>) -> bool {
    !hoists_wrapper_name(&parsed.program)
        && !has_disputed_space(source, parsed)
        && !has_html_comment(source, parsed, tokens)
        && !has_odd_top_level(tokens)
}

/// Characters that are white space to this parser and an error to V8.
fn has_disputed_space(source: &str, parsed: &ParserReturn<'_>) -> bool {
    let mut spaces = parsed.irregular_whitespaces.iter();
    spaces.any(|span| span.source_text(source).contains(['\u{85}', '\u{200b}']))
}

/// `<!--` and `-->` outside of strings and comments, unless they must be operators.
fn has_html_comment(source: &str, parsed: &ParserReturn<'_>, tokens: Tokens<'_>) -> bool {
    // One search for a byte that is rare is faster than two for the whole marks.
    let dashes = source.match_indices('-').map(|(offset, _)| offset);
    let marks = dashes.flat_map(|offset| {
        let closes = source[offset..].starts_with("-->").then_some(offset);
        let opens = source[offset..].starts_with("--") && source[..offset].ends_with("<!");
        [closes, opens.then(|| offset - 2)]
    });
    marks.flatten().any(|offset| {
        !is_within_comment(source, parsed, offset)
            && !is_within_literal(tokens, offset)
            && !is_decrement(source, tokens, offset)
    })
}

/// In a `//` or `/*` comment; the parser lists HTML-like ones as well.
fn is_within_comment(source: &str, parsed: &ParserReturn<'_>, offset: usize) -> bool {
    let comments = &parsed.program.comments;
    let comment = comments.get(comments.partition_point(|comment| comment.span.end as usize <= offset));
    comment.is_some_and(|comment| {
        (comment.span.start as usize) < offset && comment.span.source_text(source).starts_with('/')
    })
}

fn is_within_literal(tokens: Tokens<'_>, offset: usize) -> bool {
    let index = tokens.at_or_after(offset);
    let literal = matches!(
        tokens.kind(index),
        Kind::Str
            | Kind::RegExp
            | Kind::NoSubstitutionTemplate
            | Kind::TemplateHead
            | Kind::TemplateMiddle
            | Kind::TemplateTail
    );
    literal && tokens.span(index).is_some_and(|(start, _)| start < offset)
}

/// `n-->0`: `-->` begins a comment only at the start of a line.
fn is_decrement(source: &str, tokens: Tokens<'_>, offset: usize) -> bool {
    let index = tokens.at_or_after(offset);
    let previous = index.checked_sub(1).and_then(|previous| tokens.span(previous));
    tokens.is(index, "--")
        && tokens.span(index).is_some_and(|(start, _)| start == offset)
        && previous
            .is_some_and(|(_, end)| !source[end..offset].contains(['\n', '\r', '\u{2028}', '\u{2029}']))
}

/// `super`, `new.target` and `await` outside of every block and function: their meaning depends on what is around.
fn has_odd_top_level(tokens: Tokens<'_>) -> bool {
    let mut depth = 0_usize;
    for index in 0..tokens.len() {
        match tokens.kind(index) {
            Kind::LCurly | Kind::TemplateHead => depth += 1,
            Kind::RCurly | Kind::TemplateTail => depth = depth.saturating_sub(1),
            Kind::Super | Kind::Await if depth == 0 && tokens.byte_before(index) != Some(b'.') => {
                return true;
            }
            Kind::New if depth == 0 && tokens.is(index + 1, ".") => return true,
            _ => {}
        }
    }
    false
}
