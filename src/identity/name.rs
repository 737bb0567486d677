//! Names as text: what was typed, DNS names in A-label form, IP address literals.

use std::ffi::OsStr;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::escape::Shown;

/// The longest DNS name in text form without a final dot, in octets (RFC 1035, 2.3.4: 255 on the
/// wire).
pub const MAX_NAME: usize = 253;
/// The longest label, in octets (RFC 1035, 2.3.4).
pub const MAX_LABEL: usize = 63;
/// The longest text that is looked at as a name; a longer one is no name in any encoding.
const MAX_TYPED: usize = 4096;

/// A name exactly as it was typed: any bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Typed(Box<[u8]>);

impl Typed {
    /// Keeps the bytes of an argument or of a line.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Keeps an argument; on systems whose arguments are no bytes, in the encoding the standard
    /// library uses for them.
    #[must_use]
    pub fn from_os(text: &OsStr) -> Self {
        Self(text.as_encoded_bytes().into())
    }

    /// The bytes as typed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Escaped, in full, without login, query and fragment.
    #[must_use]
    pub fn shown(&self) -> Shown {
        Shown::target(&self.0)
    }

    /// The same, cut at 255 bytes.
    #[must_use]
    pub fn quoted(&self) -> Shown {
        Shown::target_short(&self.0)
    }
}

/// A DNS name that can be asked for: lower-case A-labels and LDH labels (underscores allowed),
/// each of 1 to 63 octets, at most 253 octets in all, without a final dot, and not ending in a
/// number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnsName(Box<str>);

/// Which part of a text keeps it from being a DNS name or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadName {
    /// There is nothing.
    Empty,
    /// Two dots in a row, or one at the beginning.
    EmptyLabel,
    /// A label of more than 63 octets (the label, escaped).
    LabelTooLong(Shown),
    /// A name of more than 253 octets (its length).
    TooLong(usize),
    /// An octet that no label holds, as it stands in the text.
    Character(Shown),
    /// A label that begins or ends with a hyphen.
    HyphenAtEdge(Shown),
    /// An asterisk: a wildcard is presented, never asked for.
    Wildcard,
    /// The last label is a number, and the whole is no dotted quad (`1.2.3`, `0x7f.1`).
    EndsInNumber(Shown),
    /// Text that UTS 46 does not turn into A-labels, or a broken A-label.
    Idna(Shown),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Brackets without an IPv6 address between them.
    BadBrackets,
    /// A colon, and no IPv6 address.
    Colon,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty"),
            Self::EmptyLabel => write!(f, "it has an empty label (a dot at the beginning, or two in a row)"),
            Self::LabelTooLong(label) => write!(f, "the label `{label}` is longer than {MAX_LABEL} octets"),
            Self::TooLong(n) => write!(f, "it is {n} octets long, a DNS name has at most {MAX_NAME}"),
            Self::Character(c) => write!(f, "`{c}` cannot stand in a DNS name"),
            Self::HyphenAtEdge(label) => write!(f, "the label `{label}` begins or ends with a hyphen"),
            Self::Wildcard => write!(f, "`*` stands in certificates, it cannot be asked for"),
            Self::EndsInNumber(label) => {
                write!(f, "it ends in the number `{label}` and is no IPv4 address of four decimal parts")
            }
            Self::Idna(label) => write!(f, "`{label}` is no valid internationalised name (UTS 46)"),
            Self::NotUtf8 => write!(f, "it is not UTF-8"),
            Self::BadBrackets => write!(f, "what stands in brackets is no IPv6 address"),
            Self::Colon => write!(f, "it holds a colon and is no IPv6 address"),
        }
    }
}

impl std::error::Error for BadName {}

impl DnsName {
    /// Parses a host name as typed: U-labels become A-labels (UTS 46, non-transitional,
    /// underscores allowed), case is folded, one final dot (the absolute form) is dropped.
    ///
    /// # Errors
    /// The first part that keeps the text from being a DNS name.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.len() > MAX_TYPED {
            return Err(BadName::TooLong(text.len()));
        }
        let relative = text.strip_suffix('.').unwrap_or(text);
        if relative.is_empty() {
            return Err(if text.is_empty() { BadName::Empty } else { BadName::EmptyLabel });
        }
        let ascii = if relative.is_ascii() && !has_a_label(relative) {
            relative.to_ascii_lowercase()
        } else {
            let ascii =
                idna::domain_to_ascii(relative).map_err(|_| BadName::Idna(Shown::target_short(relative.as_bytes())))?;
            // A final dot that IDNA mapping made (`。`) is the one that may be dropped.
            match ascii.strip_suffix('.') {
                Some(name) if relative.len() == text.len() => name.to_owned(),
                _ => ascii,
            }
        };
        check_labels(ascii.as_bytes(), relative)?;
        Ok(Self(ascii.into_boxed_str()))
    }

    /// The name: lower-case A-labels without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, left to right.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The left-most label, and what follows its dot (empty for a single label).
    #[must_use]
    pub fn split_first(&self) -> (&str, &str) {
        self.0.split_once('.').unwrap_or((&self.0, ""))
    }

    /// The U-label form where it differs and is safe to show, for people only.
    #[must_use]
    pub fn unicode(&self) -> Option<Shown> {
        if !has_a_label(&self.0) {
            return None;
        }
        let (unicode, outcome) = idna::domain_to_unicode(&self.0);
        (outcome.is_ok() && unicode != *self.0).then(|| Shown::new(unicode.as_bytes()))
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn has_a_label(text: &str) -> bool {
    text.split('.').any(|label| label.len() >= 4 && label.as_bytes()[..4].eq_ignore_ascii_case(b"xn--"))
}

/// The rules for a name that is asked for, in the order in which a person would mend them.
fn check_labels(ascii: &[u8], typed: &str) -> Result<(), BadName> {
    if ascii.contains(&b'*') {
        return Err(BadName::Wildcard);
    }
    if let Some(at) = ascii.iter().position(|&b| !is_label_octet(b) && b != b'.') {
        let c = typed.chars().find(|&c| c.is_ascii() && !is_label_octet(c as u8) && c != '.');
        return Err(match (ascii[at], c) {
            (b':', _) => BadName::Colon,
            (_, Some(c)) => BadName::Character(Shown::new(c.to_string().as_bytes())),
            (b, None) => BadName::Character(Shown::new(&[b])),
        });
    }
    for label in ascii.split(|&b| b == b'.') {
        match label {
            [] => return Err(BadName::EmptyLabel),
            l if l.len() > MAX_LABEL => return Err(BadName::LabelTooLong(Shown::new(l))),
            [b'-', ..] | [.., b'-'] => return Err(BadName::HyphenAtEdge(Shown::new(label))),
            _ => {}
        }
    }
    if ascii.len() > MAX_NAME {
        return Err(BadName::TooLong(ascii.len()));
    }
    match last_label(ascii) {
        label if is_number(label) => Err(BadName::EndsInNumber(Shown::new(label))),
        _ => Ok(()),
    }
}

/// Letters, digits, hyphen, and the underscore, which is no host name character but is used.
#[must_use]
pub fn is_label_octet(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
}

fn last_label(name: &[u8]) -> &[u8] {
    name.rsplit(|&b| b == b'.').next().unwrap_or(name)
}

/// Whether a label would make a host an IPv4 number to some client: digits, or `0x` and
/// hexadecimal digits (WHATWG URL, "ends in a number").
#[must_use]
pub fn is_number(label: &[u8]) -> bool {
    match label {
        [] => false,
        [b'0', b'x' | b'X', hex @ ..] => hex.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

/// An IP address literal as a host: dotted quad, IPv6 text, in brackets or not. A zone id is
/// returned apart: it belongs to the socket, never to SNI or comparison.
///
/// `Ok(None)` means that the text does not claim to be an address.
///
/// # Errors
/// [`BadName::BadBrackets`] and [`BadName::Colon`], where it claims to be one and is none.
pub fn ip_literal(text: &str) -> Result<Option<(IpAddr, Option<&str>)>, BadName> {
    if let Some(rest) = text.strip_prefix('[') {
        let inner = rest.strip_suffix(']').ok_or(BadName::BadBrackets)?;
        return ipv6(inner).map(Some).ok_or(BadName::BadBrackets);
    }
    if let Ok(v4) = text.parse::<Ipv4Addr>() {
        return Ok(Some((v4.into(), None)));
    }
    if text.contains(':') {
        return ipv6(text).map(Some).ok_or(BadName::Colon);
    }
    Ok(None)
}

fn ipv6(text: &str) -> Option<(IpAddr, Option<&str>)> {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) if is_zone(zone) => (address, Some(zone)),
        Some(_) => return None,
        None => (text, None),
    };
    address.parse::<Ipv6Addr>().ok().map(|v6| (v6.into(), zone))
}

/// A zone id as interfaces are named (RFC 4007, 11.2, without its freedom).
fn is_zone(zone: &str) -> bool {
    (1..=32).contains(&zone.len()) && zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_names() {
        let long = format!("{}.example", "a".repeat(63));
        for (typed, expected) in [
            ("www.example.com", "www.example.com"),
            ("WWW.Example.COM.", "www.example.com"),
            ("localhost", "localhost"),
            ("_dmarc.exa_mple.com", "_dmarc.exa_mple.com"),
            ("r3---sn-4g5e.example.com", "r3---sn-4g5e.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("www。example.com", "www.example.com"),
            ("ｗｗｗ.example.com", "www.example.com"),
            ("bü_cher.example", "xn--b_cher-3ya.example"),
            ("XN--bcher-KVA.example", "xn--bcher-kva.example"),
            ("1.example", "1.example"),
            ("0x.example.0xg", "0x.example.0xg"),
            (long.as_str(), long.as_str()),
        ] {
            assert_eq!(DnsName::parse(typed).map(|n| n.as_str().to_owned()), Ok(expected.to_owned()), "{typed}");
        }
    }

    #[test]
    fn texts_that_are_no_dns_name_say_which_part() {
        let s = |text: &str| Shown::new(text.as_bytes());
        let label = "a".repeat(64);
        let name = format!("{}.com", vec!["a".repeat(50); 5].join("."));
        for (typed, expected) in [
            ("", BadName::Empty),
            (".", BadName::EmptyLabel),
            ("..", BadName::EmptyLabel),
            (".a", BadName::EmptyLabel),
            ("a..b", BadName::EmptyLabel),
            ("a.b..", BadName::EmptyLabel),
            ("*.example.com", BadName::Wildcard),
            ("-a.example", BadName::HyphenAtEdge(s("-a"))),
            ("a-.example", BadName::HyphenAtEdge(s("a-"))),
            ("a b.example", BadName::Character(s(" "))),
            ("a/b", BadName::Character(s("/"))),
            ("www.example.com:443", BadName::Colon),
            ("a\0b", BadName::Character(s("\0"))),
            ("12345", BadName::EndsInNumber(s("12345"))),
            ("1.2.3", BadName::EndsInNumber(s("3"))),
            ("0x7f.1", BadName::EndsInNumber(s("1"))),
            ("a.0x7f", BadName::EndsInNumber(s("0x7f"))),
            ("a.0x", BadName::EndsInNumber(s("0x"))),
            ("foo.xn--a.example", BadName::Idna(s("foo.xn--a.example"))),
            (label.as_str(), BadName::LabelTooLong(s(&label))),
            (name.as_str(), BadName::TooLong(258)),
        ] {
            assert_eq!(DnsName::parse(typed), Err(expected), "{typed:?}");
        }
    }

    #[test]
    fn the_unicode_form_is_for_people() {
        let unicode = |text: &str| DnsName::parse(text).unwrap().unicode().map(Shown::into_string);
        assert_eq!(unicode("xn--bcher-kva.example").as_deref(), Some("bücher.example"));
        assert_eq!(unicode("BÜCHER.example").as_deref(), Some("bücher.example"));
        assert_eq!(unicode("www.example"), None);
        assert_eq!(Typed::new(b"a\xff\n").shown().as_str(), "a\\xff\\x0a");
    }

    #[test]
    fn ip_literals() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(ip_literal("192.0.2.1"), Ok(Some((ip("192.0.2.1"), None))));
        assert_eq!(ip_literal("[2001:DB8::1]"), Ok(Some((ip("2001:db8::1"), None))));
        assert_eq!(ip_literal("fe80::1%eth0"), Ok(Some((ip("fe80::1"), Some("eth0")))));
        assert_eq!(ip_literal("::ffff:192.0.2.1"), Ok(Some((ip("::ffff:192.0.2.1"), None))));
        assert_eq!(ip_literal("192.000.002.001"), Ok(None));
        assert_eq!(ip_literal("a:b"), Err(BadName::Colon));
        assert_eq!(ip_literal("[a]"), Err(BadName::BadBrackets));
        assert_eq!(ip_literal("[192.0.2.1]"), Err(BadName::BadBrackets));
        assert_eq!(ip_literal("fe80::1%a b"), Err(BadName::Colon));
        assert_eq!(ip_literal("fe80::1%"), Err(BadName::Colon));
    }
}
