//! A read-only view of the parser's tokens, with the few questions the matchers ask.

use oxc_parser::{Kind, Token};

/// The tokens of one source text. An index past the end reads as an empty token, so matchers need no bounds checks.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    source: &'t str,
    list: &'t [Token],
}

impl<'t> Tokens<'t> {
    /// `list` must come from parsing `source`.
    pub(super) fn new(source: &'t str, list: &'t [Token]) -> Self {
        Self { source, list }
    }

    pub(super) fn len(self) -> usize {
        self.list.len()
    }

    /// The kind at `index`, `Eof` past the end.
    pub(super) fn kind(self, index: usize) -> Kind {
        self.list.get(index).map_or(Kind::Eof, Token::kind)
    }

    /// The text at `index`, empty past the end. Strings keep their quotes.
    pub(super) fn text(self, index: usize) -> &'t str {
        let span = self.list.get(index).map(|token| token.start() as usize..token.end() as usize);
        span.and_then(|span| self.source.get(span)).unwrap_or("")
    }

    /// Byte offsets of the token at `index`.
    pub(super) fn span(self, index: usize) -> Option<(usize, usize)> {
        self.list.get(index).map(|token| (token.start() as usize, token.end() as usize))
    }

    pub(super) fn is(self, index: usize, text: &str) -> bool {
        self.text(index) == text
    }

    /// `texts` follow one another from `index` on. Gives the index after them.
    pub(super) fn sequence(self, index: usize, texts: &[&str]) -> Option<usize> {
        let matches = texts.iter().enumerate().all(|(offset, text)| self.is(index + offset, text));
        matches.then_some(index + texts.len())
    }

    /// No white space or comment between the token at `index` and the one before it.
    pub(super) fn touches_previous(self, index: usize) -> bool {
        match (index.checked_sub(1).and_then(|previous| self.span(previous)), self.span(index)) {
            (Some((_, end)), Some((start, _))) => end == start,
            _ => false,
        }
    }

    /// The byte before the token at `index`.
    pub(super) fn byte_before(self, index: usize) -> Option<u8> {
        let (start, _) = self.span(index)?;
        self.source.as_bytes().get(start.checked_sub(1)?).copied()
    }

    /// Any name or keyword, written without `\u` escapes.
    pub(super) fn name(self, index: usize) -> Option<&'t str> {
        let text = self.text(index);
        let first = *text.as_bytes().first()?;
        let starts_name = first.is_ascii_alphabetic() || matches!(first, b'_' | b'$') || first >= 0x80;
        (starts_name && !text.contains('\\')).then_some(text)
    }

    /// A string literal, quotes included.
    pub(super) fn string(self, index: usize) -> Option<&'t str> {
        (self.kind(index) == Kind::Str).then(|| self.text(index))
    }

    /// Index of the first token that ends after `offset`.
    pub(super) fn at_or_after(self, offset: usize) -> usize {
        self.list.partition_point(|token| token.end() as usize <= offset)
    }
}
