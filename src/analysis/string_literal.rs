//! The value of a string literal token.

use std::iter::Peekable;
use std::str::Chars;

/// The value of a quoted literal. Nothing for a lone surrogate: such a string cannot be an export name.
pub(super) fn unquote(literal: &str) -> Option<String> {
    let mut quoted = literal.chars();
    quoted.next()?;
    quoted.next_back()?;
    let inner = quoted.as_str();
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut units = Vec::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\\' {
            escape(&mut chars, &mut units)?;
        } else {
            push(&mut units, char);
        }
    }
    String::from_utf16(&units).ok()
}

/// One escape sequence, from behind its backslash.
fn escape(chars: &mut Peekable<Chars<'_>>, units: &mut Vec<u16>) -> Option<()> {
    match chars.next()? {
        '\r' => {
            chars.next_if_eq(&'\n');
        }
        '\n' | '\u{2028}' | '\u{2029}' => {}
        'b' => push(units, '\u{8}'),
        'f' => push(units, '\u{c}'),
        'n' => push(units, '\n'),
        'r' => push(units, '\r'),
        't' => push(units, '\t'),
        'v' => push(units, '\u{b}'),
        'x' => units.push(u16::try_from(hex(chars, 2)?).ok()?),
        'u' if chars.next_if_eq(&'{').is_some() => {
            let mut value = 0_u32;
            loop {
                match chars.next()? {
                    '}' => break,
                    digit => value = value.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
                }
            }
            // `\u{d83d}\u{de00}` is a pair too, so a surrogate is no error yet.
            match u16::try_from(value) {
                Ok(unit) => units.push(unit),
                Err(_) => push(units, char::from_u32(value)?),
            }
        }
        'u' => units.push(u16::try_from(hex(chars, 4)?).ok()?),
        first @ '0'..='7' => {
            let mut value = first.to_digit(8)?;
            // At most `\377`.
            for _ in 0..if first <= '3' { 2 } else { 1 } {
                let Some(digit) = chars.peek().and_then(|next| next.to_digit(8)) else { break };
                value = value * 8 + digit;
                chars.next();
            }
            units.push(u16::try_from(value).ok()?);
        }
        other => push(units, other),
    }
    Some(())
}

fn hex(chars: &mut Peekable<Chars<'_>>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |value, _| Some(value * 16 + chars.next()?.to_digit(16)?))
}

fn push(units: &mut Vec<u16>, char: char) {
    units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn reads_escapes() {
        for (literal, value) in [
            ("''", Some("")),
            ("'a'", Some("a")),
            (r"'\x61\u0062\u{63}\n\v\0'", Some("abc\n\u{b}\0")),
            (r"'\101\8\'\q'", Some("A8'q")),
            (r"'\ud83d\ude00\u{1F600}'", Some("😀😀")),
            (r"'\ud83d'", None),
            (r"'\u{110000}'", None),
            ("'a\\\r\nb\\\nc'", Some("abc")),
        ] {
            assert_eq!(unquote(literal).as_deref(), value, "{literal}");
        }
    }
}
