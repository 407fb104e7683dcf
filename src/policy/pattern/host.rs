//! Hosts and sockets.
//!
//! A value is `host:port`, `[address]:port` or `unix:/path`. It is brought into one form before it is compared, because
//! the same host has many spellings: `EXAMPLE.com.`, `127.1`, `0x7f000001`, `::ffff:127.0.0.1`, `fe80::1%eth0`. What has
//! no such form matches nothing, not even `*`. A name is compared as it was asked for: what it resolves to is another
//! question, and `localhost` is not `127.0.0.1`.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{CodecError, PathPattern, PatternError, Places, Reader, Writer};

/// `api.example.com:443`, `10.0.0.0/8:*`, `unix:/run/x.sock`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPattern(Target);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Net { host: Host, ports: Ports },
    Unix(PathPattern),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    Any,
    Name(String),
    /// `*.` and one label, or `**.` and any number of labels, before this domain.
    Below {
        domain: String,
        deep: bool,
    },
    V4 {
        network: u32,
        prefix: u8,
    },
    V6 {
        network: u128,
        prefix: u8,
    },
}

/// From and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ports(u16, u16);

impl HostPattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        if let Some(path) = text.strip_prefix("unix:") {
            return PathPattern::parse(path).map(|path| Self(Target::Unix(path)));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let host = rest.split('/').next().unwrap_or_default();
            let port = match scheme {
                _ if host.contains(':') => "",
                "http" | "ws" => ":80",
                _ => ":443",
            };
            return Err(PatternError::new("is a URL", format!("write host and port: \"{host}{port}\"")));
        }
        let Some((host, ports)) = split(text) else {
            return Err(PatternError::new(
                "has no port",
                format!("write \"{text}:443\", or \"{text}:*\" for every port"),
            ));
        };
        let ports = Ports::parse(ports)?;
        Ok(Self(Target::Net { host: Host::parse(host)?, ports }))
    }

    pub(super) fn matches(&self, value: &str, places: &Places) -> bool {
        match (&self.0, value.strip_prefix("unix:")) {
            (Target::Unix(pattern), Some(path)) => pattern.matches(path, places),
            (Target::Net { host, ports }, None) => Asked::parse(value)
                .is_some_and(|asked| ports.contain(asked.port) && host.matches(&asked.host)),
            _ => false,
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Target::Unix(one), Target::Unix(other)) => one.covers(other),
            (Target::Net { host, ports }, Target::Net { host: other, ports: fewer }) => {
                ports.0 <= fewer.0 && fewer.1 <= ports.1 && host.covers(other)
            }
            _ => false,
        }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        let Target::Net { host, ports } = &self.0 else {
            out.u8(0);
            if let Target::Unix(path) = &self.0 {
                path.encode(out);
            }
            return;
        };
        match host {
            Host::Any => out.u8(1),
            Host::Name(name) => {
                out.u8(2);
                out.text(name);
            }
            Host::Below { domain, deep } => {
                out.u8(if *deep { 4 } else { 3 });
                out.text(domain);
            }
            Host::V4 { network, prefix } => {
                out.u8(5);
                out.bytes(&network.to_le_bytes());
                out.u8(*prefix);
            }
            Host::V6 { network, prefix } => {
                out.u8(6);
                out.bytes(&network.to_le_bytes());
                out.u8(*prefix);
            }
        }
        out.u16(ports.0);
        out.u16(ports.1);
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> Result<Self, CodecError> {
        let name = |bytes: &mut Reader<'_>| match bytes.text()? {
            name if is_name(name) => Ok(name.to_owned()),
            _ => Err(CodecError("no host name")),
        };
        let host = match bytes.u8()? {
            0 => return PathPattern::decode(bytes).map(|path| Self(Target::Unix(path))),
            1 => Host::Any,
            2 => Host::Name(name(bytes)?),
            kind @ (3 | 4) => Host::Below { domain: name(bytes)?, deep: kind == 4 },
            5 => {
                let (network, prefix) = (u32::from_le_bytes(bytes.take()?), bytes.u8()?);
                if prefix > 32 || network & !mask_v4(prefix) != 0 {
                    return Err(CodecError("no network"));
                }
                Host::V4 { network, prefix }
            }
            6 => {
                let (network, prefix) = (u128::from_le_bytes(bytes.take()?), bytes.u8()?);
                if prefix > 128 || network & !mask_v6(prefix) != 0 {
                    return Err(CodecError("no network"));
                }
                Host::V6 { network, prefix }
            }
            _ => return Err(CodecError("an unknown kind of host")),
        };
        let ports = Ports(bytes.u16()?, bytes.u16()?);
        if ports.0 > ports.1 {
            return Err(CodecError("no ports"));
        }
        Ok(Self(Target::Net { host, ports }))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, ports) = match &self.0 {
            Target::Unix(path) => return write!(out, "unix:{path}"),
            Target::Net { host, ports } => (host, ports),
        };
        match host {
            Host::Any => out.write_str("*")?,
            Host::Name(name) => out.write_str(name)?,
            Host::Below { domain, deep } => write!(out, "{}.{domain}", if *deep { "**" } else { "*" })?,
            Host::V4 { network, prefix: 32 } => write!(out, "{}", Ipv4Addr::from(*network))?,
            Host::V4 { network, prefix } => write!(out, "{}/{prefix}", Ipv4Addr::from(*network))?,
            Host::V6 { network, prefix: 128 } => write!(out, "[{}]", Ipv6Addr::from(*network))?,
            Host::V6 { network, prefix } => write!(out, "[{}/{prefix}]", Ipv6Addr::from(*network))?,
        }
        match ports {
            Ports(0, u16::MAX) => out.write_str(":*"),
            Ports(from, to) if from == to => write!(out, ":{from}"),
            Ports(from, to) => write!(out, ":{from}-{to}"),
        }
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if let Some(inside) = text.strip_prefix('[') {
            return match inside.strip_suffix(']') {
                Some(inside) => Self::parse_v6(inside),
                None => Err(PatternError::new("has `[` without `]`", "write \"[::1]:80\"")),
            };
        }
        if text.contains(':') {
            return Err(PatternError::new(
                "is an IPv6 address without brackets",
                format!("write \"[{text}]\" and the port"),
            ));
        }
        if let Some((address, prefix)) = text.split_once('/') {
            let prefix = parse_prefix(prefix, 32)?;
            let Ok(address) = address.parse::<Ipv4Addr>() else {
                return Err(PatternError::new("is no network", "write four numbers: \"10.0.0.0/8:*\""));
            };
            return Self::v4(address.to_bits(), prefix);
        }
        if !text.is_ascii() {
            return Err(PatternError::new(
                "can never match: names with other than ASCII characters are asked for in their encoded form",
                "write the name with `xn--`, as `new URL('https://…').hostname` gives it",
            ));
        }
        if text.len() > 1 && text.ends_with('.') {
            return Err(PatternError::new(
                "ends in a dot",
                format!("write {:?}; both spellings are the same host", text.trim_end_matches('.')),
            ));
        }
        let lower = text.to_ascii_lowercase();
        let below = [("**.", true), ("*.", false)]
            .into_iter()
            .find_map(|(star, deep)| lower.strip_prefix(star).map(|domain| (domain, deep)));
        if let Some((domain, deep)) = below
            && is_name(domain)
            && !looks_numeric(domain)
        {
            return Ok(Self::Below { domain: domain.to_owned(), deep });
        }
        if text.contains('*') {
            return Err(PatternError::new(
                "has `*` where it cannot stand",
                "`*` alone is every host; `*.example.com` one label more, `**.example.com` any number of labels more",
            ));
        }
        if looks_numeric(&lower) {
            return match lower.parse::<Ipv4Addr>() {
                Ok(address) => Self::v4(address.to_bits(), 32),
                Err(_) => Err(PatternError::new("is no IPv4 address", "write four decimal numbers")),
            };
        }
        if is_name(&lower) {
            Ok(Self::Name(lower))
        } else {
            Err(PatternError::new("is no host name", "letters, digits, `-` and `_` between dots"))
        }
    }

    fn parse_v6(text: &str) -> Result<Self, PatternError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, parse_prefix(prefix, 128)?),
            None => (text, 128),
        };
        if address.contains('%') {
            return Err(PatternError::new(
                "has a zone",
                "leave out what follows `%`: zones are not compared",
            ));
        }
        let Ok(address) = address.parse::<Ipv6Addr>() else {
            return Err(PatternError::new("is no IPv6 address", "example: \"[2001:db8::1]:443\""));
        };
        // An IPv4 address in IPv6 clothes is compared as the IPv4 address.
        if let (Some(mapped), 96..) = (address.to_ipv4_mapped(), prefix) {
            return Self::v4(mapped.to_bits(), prefix - 96);
        }
        let network = address.to_bits() & mask_v6(prefix);
        if network == address.to_bits() {
            Ok(Self::V6 { network, prefix })
        } else {
            Err(sticks_out(&format!("[{}/{prefix}]", Ipv6Addr::from(network))))
        }
    }

    fn v4(address: u32, prefix: u8) -> Result<Self, PatternError> {
        let network = address & mask_v4(prefix);
        if network == address {
            Ok(Self::V4 { network, prefix })
        } else {
            Err(sticks_out(&format!("{}/{prefix}", Ipv4Addr::from(network))))
        }
    }

    fn matches(&self, asked: &AskedHost) -> bool {
        match (self, asked) {
            (Self::Any, _) => true,
            (Self::Name(name), AskedHost::Name(asked)) => name == asked,
            (Self::Below { domain, deep }, AskedHost::Name(asked)) => {
                let labels = asked.strip_suffix(domain.as_str()).and_then(|rest| rest.strip_suffix('.'));
                labels.is_some_and(|labels| !labels.is_empty() && (*deep || !labels.contains('.')))
            }
            (Self::V4 { network, prefix }, AskedHost::V4(asked)) => asked & mask_v4(*prefix) == *network,
            (Self::V6 { network, prefix }, AskedHost::V6(asked)) => asked & mask_v6(*prefix) == *network,
            _ => false,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Name(one), Self::Name(other)) => one == other,
            (Self::Below { .. }, Self::Name(other)) => self.matches(&AskedHost::Name(other.clone())),
            (Self::Below { domain: one, deep }, Self::Below { domain: other, deep: other_deep }) => {
                if one == other {
                    *deep || !other_deep
                } else {
                    *deep && other.strip_suffix(one.as_str()).is_some_and(|rest| rest.ends_with('.'))
                }
            }
            (Self::V4 { prefix, .. }, Self::V4 { network, prefix: longer }) => {
                prefix <= longer && self.matches(&AskedHost::V4(*network))
            }
            (Self::V6 { prefix, .. }, Self::V6 { network, prefix: longer }) => {
                prefix <= longer && self.matches(&AskedHost::V6(*network))
            }
            _ => false,
        }
    }
}

impl Ports {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if text == "*" {
            return Ok(Self(0, u16::MAX));
        }
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        match (port(from), port(to)) {
            (Some(from), Some(to)) if from <= to => Ok(Self(from, to)),
            _ => Err(PatternError::new(
                "has no valid port",
                "a number from 0 to 65535, two of them as in 8000-8099, or `*`",
            )),
        }
    }

    const fn contain(self, port: u16) -> bool {
        self.0 <= port && port <= self.1
    }
}

/// What a package asks for, in its one form.
struct Asked {
    host: AskedHost,
    port: u16,
}

enum AskedHost {
    Name(String),
    V4(u32),
    V6(u128),
}

impl Asked {
    fn parse(value: &str) -> Option<Self> {
        let (host, text) = split(value)?;
        let port = port(text)?;
        let host = match host.strip_prefix('[') {
            Some(inside) => AskedHost::v6(inside.strip_suffix(']')?)?,
            None if host.contains(':') => AskedHost::v6(host)?,
            None => {
                let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
                if looks_numeric(&name) {
                    AskedHost::V4(numeric_v4(&name)?)
                } else if is_name(&name) {
                    AskedHost::Name(name)
                } else {
                    return None;
                }
            }
        };
        Some(Self { host, port })
    }
}

impl AskedHost {
    fn v6(text: &str) -> Option<Self> {
        // The zone only says by which interface.
        let address: Ipv6Addr = text.split('%').next()?.parse().ok()?;
        Some(match address.to_ipv4_mapped() {
            Some(mapped) => Self::V4(mapped.to_bits()),
            None => Self::V6(address.to_bits()),
        })
    }
}

/// Host and port, at the last colon.
fn split(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    // `[::1]` without a port.
    (!port.contains(']')).then_some((host, port))
}

fn port(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Lower-case ASCII labels between dots.
fn is_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        })
}

/// Whether the operating system takes it for an address: the last label is a number.
fn looks_numeric(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x")
}

/// `inet_aton`: one to four numbers, decimal, octal or hexadecimal; the last one fills what is left.
fn numeric_v4(text: &str) -> Option<u32> {
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, bytes) = numbers.split_last()?;
    if bytes.len() > 3 || bytes.iter().any(|byte| *byte > 255) {
        return None;
    }
    let left = 32 - 8 * u32::try_from(bytes.len()).ok()?;
    if u64::from(*last) >= 1 << left {
        return None;
    }
    let head = bytes.iter().enumerate().fold(0, |head, (at, byte)| head | byte << (24 - 8 * at));
    Some(head | last)
}

fn number(text: &str) -> Option<u32> {
    // `from_str_radix` takes a sign.
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x') {
        return None;
    }
    match text.strip_prefix("0x") {
        Some("") => Some(0),
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

const fn mask_v4(prefix: u8) -> u32 {
    if prefix == 0 { 0 } else { u32::MAX << (32 - prefix as u32) }
}

const fn mask_v6(prefix: u8) -> u128 {
    if prefix == 0 { 0 } else { u128::MAX << (128 - prefix as u32) }
}

fn parse_prefix(text: &str, most: u8) -> Result<u8, PatternError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(prefix) if prefix <= most && is_number => Ok(prefix),
        _ => {
            Err(PatternError::new("has no valid length of the network", format!("a number from 0 to {most}")))
        }
    }
}

fn sticks_out(network: &str) -> PatternError {
    PatternError::new("has address bits outside the network", format!("write \"{network}\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_host_in_every_spelling() {
        for (pattern, value, expected) in [
            ("example.com:443", "example.com:443", true),
            ("example.com:443", "EXAMPLE.com.:443", true),
            ("Example.com:443", "example.com:443", true),
            ("example.com:443", "example.com..:443", false),
            ("example.com:443", "example.com:80", false),
            ("example.com:443", "example.com:+443", false),
            ("example.com:443", "example.com", false),
            ("example.com:443", "xexample.com:443", false),
            ("example.com:443", "a.example.com:443", false),
            ("*.example.com:443", "a.example.com:443", true),
            ("*.example.com:443", "example.com:443", false),
            ("*.example.com:443", "a.b.example.com:443", false),
            ("**.example.com:443", "a.b.example.com:443", true),
            ("**.example.com:443", "example.com:443", false),
            ("*.example.com:443", "aexample.com:443", false),
            ("*.example.com:443", ".example.com:443", false),
            ("*:443", "example.com:443", true),
            ("*:443", "[::1]:443", true),
            ("*:443", "a b:443", false),
            ("*:443", "a/b:443", false),
            ("*:443", ":443", false),
            ("*:*", "unix:/x", false),
            ("h:8000-8099", "h:8050", true),
            ("h:8000-8099", "h:8100", false),
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.1:80", true),
            ("127.0.0.1:80", "127.0.0.1.:80", true),
            ("127.0.0.1:80", "0x7f.1:80", true),
            ("127.0.0.1:80", "0X7F.1:80", true),
            ("127.0.0.1:80", "0177.0.0.1:80", true),
            ("127.0.0.1:80", "2130706433:80", true),
            ("127.0.0.1:80", "127.0.0.0x1:80", true),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", true),
            ("127.0.0.1:80", "[::ffff:7f00:1]:80", true),
            ("127.0.0.1:80", "::ffff:127.0.0.1:80", true),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true),
            ("[::ffff:10.0.0.0/104]:80", "10.1.2.3:80", true),
            ("127.0.0.1:80", "127.0.0.256:80", false),
            ("127.0.0.1:80", "1.127.0.0.1:80", false),
            ("127.0.0.1:80", "08.1:80", false),
            ("127.0.0.1:80", "localhost:80", false),
            ("*:80", "1.2.3.4.5:80", false),
            ("10.0.0.0/8:*", "10.255.0.1:1", true),
            ("10.0.0.0/8:*", "11.0.0.1:1", false),
            ("0.0.0.0/0:*", "1.2.3.4:1", true),
            ("0.0.0.0/0:*", "[::1]:1", false),
            ("[::1]:80", "[0:0:0:0:0:0:0:1]:80", true),
            ("[::1]:80", "::1:80", true),
            ("[fe80::1]:80", "[fe80::1%eth0]:80", true),
            ("[fd00::/8]:80", "[fd12::1]:80", true),
            ("[fd00::/8]:80", "[fe12::1]:80", false),
            ("[::/0]:80", "[fe12::1]:80", true),
            ("unix:/run/*.sock", "unix:/run/a.sock", true),
            ("unix:/run/*.sock", "unix:/run/x/../a.sock", false),
            ("unix:/run/*.sock", "/run/a.sock", false),
        ] {
            let compiled = HostPattern::parse(pattern).unwrap();
            assert_eq!(compiled.matches(value, &Places::default()), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for text in [
            "example.com",
            "example.com:",
            "example.com:65536",
            "example.com:x",
            "example.com:9-1",
            "a.*.com:1",
            "*a.com:1",
            "*.:1",
            "::1:80",
            "[::1]",
            "[::1:80",
            "10.0.0.1/8:*",
            "10.0.0.0/33:*",
            "10.0/8:*",
            "127.1:80",
            "münchen.de:1",
            "a..b:1",
            "a b:1",
            "https://x",
            "unix:x",
            "[fe80::1%eth0]:1",
            "x.:1",
            "*.1:2",
            "/run/x.sock",
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn covering() {
        for (one, other, expected) in [
            ("*:443", "a.com:443", true),
            ("*:443", "a.com:*", false),
            ("*:*", "10.0.0.0/8:1-2", true),
            ("**.a.com:1", "*.a.com:1", true),
            ("**.a.com:1", "*.b.a.com:1", true),
            ("*.a.com:1", "**.a.com:1", false),
            ("*.a.com:1", "b.a.com:1", true),
            ("10.0.0.0/8:1", "10.1.0.0/16:1", true),
            ("10.1.0.0/16:1", "10.0.0.0/8:1", false),
            ("unix:/run/**", "unix:/run/x", true),
            ("*:*", "unix:/run/x", false),
        ] {
            let (one, other) = (HostPattern::parse(one).unwrap(), HostPattern::parse(other).unwrap());
            assert_eq!(one.covers(&other), expected, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn hostile_values_never_panic(pattern in "\\PC{0,20}", value in "\\PC{0,20}", port in "[0-9:*-]{0,6}") {
            for text in [pattern.clone(), format!("{pattern}:{port}"), format!("[{pattern}]:{port}")] {
                if let Ok(compiled) = HostPattern::parse(&text) {
                    let _ = compiled.matches(&value, &Places::default());
                    prop_assert_eq!(HostPattern::parse(&compiled.to_string()).unwrap(), compiled);
                }
            }
        }

        #[test]
        fn addresses_match_only_themselves(one: u32, other: u32) {
            let pattern = HostPattern::parse(&format!("{}:1", Ipv4Addr::from(one))).unwrap();
            for spelling in [format!("{other}:1"), format!("0x{other:x}:1"), format!("[::ffff:{}]:1", Ipv4Addr::from(other))] {
                prop_assert_eq!(pattern.matches(&spelling, &Places::default()), one == other);
            }
            let own = format!("{one}:1");
            prop_assert!(pattern.matches(&own, &Places::default()));
        }
    }
}
