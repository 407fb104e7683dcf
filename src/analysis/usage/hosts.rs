//! Hosts in strings.

/// `host:port` of the URL that a string contains, if it contains one. `rest_follows`: the string is a piece of a
/// template, and what comes next is only known at run time.
pub(super) fn hosts<'t>(text: &'t str, rest_follows: bool) -> impl Iterator<Item = String> + 't {
    let marks = text.match_indices(':').filter(|(at, _)| text[at + 1..].starts_with("//"));
    marks.filter_map(move |(at, _)| {
        let port = default_port(&text[..at])?;
        let rest = &text[at + 3..];
        let end = rest.find(|char: char| !is_authority(char)).unwrap_or(rest.len());
        if rest_follows && end == rest.len() {
            return None;
        }
        let authority = rest[..end].rsplit('@').next().unwrap_or_default().trim_end_matches(['.', ':', ',']);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, digits))
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                (host, digits)
            }
            _ => (authority, port),
        };
        is_host(host).then(|| format!("{}:{port}", host.to_ascii_lowercase()))
    })
}

/// A name or address, as it may be the value of a `host` property.
pub(super) fn is_host(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    match inner {
        Some(address) => {
            address.contains(':')
                && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.')
        }
        None => {
            text.len() <= 253
                && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
                && text.split('.').all(|label| {
                    !label.is_empty()
                        && label
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                })
        }
    }
}

fn default_port(before: &str) -> Option<&'static str> {
    let letters = before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let scheme = &before[before.len() - letters..];
    Some(match scheme {
        "http" | "ws" => "80",
        "https" | "wss" => "443",
        _ => return None,
    })
}

fn is_authority(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '.' | '_' | ':' | '@' | '[' | ']' | '%' | '~' | '+')
}

#[cfg(test)]
mod tests {
    use super::{hosts, is_host};

    #[test]
    fn hosts_of_urls() {
        let table: &[(&str, bool, &[&str])] = &[
            ("https://api.example.com/v1", false, &["api.example.com:443"]),
            ("http://Example.com", false, &["example.com:80"]),
            ("see https://a.b. And ws://c:8080/x", false, &["a.b:443", "c:8080"]),
            ("wss://user:secret@host.example:99", false, &["host.example:99"]),
            ("http://[::1]:3000/", false, &["[::1]:3000"]),
            ("https://", false, &[]),
            ("https://api.", true, &[]),
            ("https://api.example.com/", true, &["api.example.com:443"]),
            ("https://{host}/", false, &[]),
            ("file:///etc/passwd ftp://x", false, &[]),
            ("ühttp://a.b", false, &["a.b:80"]),
            ("://", false, &[]),
            ("https://…", false, &[]),
        ];
        for (text, rest_follows, expected) in table {
            assert_eq!(hosts(text, *rest_follows).collect::<Vec<_>>(), *expected, "{text}");
        }
    }

    #[test]
    fn hosts_by_name() {
        for (text, expected) in [
            ("localhost", true),
            ("10.0.0.1", true),
            ("[::1]", true),
            ("a b", false),
            ("", false),
            ("..", false),
        ] {
            assert_eq!(is_host(text), expected, "{text}");
        }
    }
}
