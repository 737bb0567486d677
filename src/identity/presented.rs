//! Presented identifiers: what an entry of a certificate says, or why it says nothing
//! (RFC 9525, 6.3 to 6.5; names as RFC 5280, 4.2.1.6 writes them).

use std::fmt;
use std::net::IpAddr;

use super::name::{DnsName, MAX_LABEL, MAX_NAME, is_label_octet, is_number};
use super::reference::{is_service, uri_host};
use crate::certificate::names::{OtherName, attributes_of, distinguished, dotted};
use crate::certificate::{GeneralName, NameKind};
use crate::escape::Shown;

/// One entry of a certificate's list of names, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresentedId<'a> {
    /// A DNS-ID, perhaps with a wildcard.
    Dns(DnsPattern<'a>),
    /// An IP-ID.
    Ip(IpAddr),
    /// An SRV-ID.
    Srv {
        /// The service label with its underscore, as presented.
        service: &'a str,
        /// The domain.
        name: DnsPattern<'a>,
    },
    /// A URI-ID: one whose authority is a host name.
    Uri {
        /// The scheme, as presented.
        scheme: &'a str,
        /// The host.
        host: DnsPattern<'a>,
    },
    /// An XmppAddr that is a domain alone.
    Xmpp(DnsName),
    /// A name that says nothing about a host.
    Other,
    /// An entry that cannot be an identifier, and is ignored.
    Malformed {
        /// What it would have been.
        kind: IdKind,
        /// The rule it breaks.
        why: Malformed,
    },
}

/// The kinds of identifier that RFC 9525 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// DNS-ID.
    Dns,
    /// IP-ID.
    Ip,
    /// SRV-ID.
    Srv,
    /// URI-ID.
    Uri,
}

/// A presented DNS name: LDH labels in any case, no final dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsPattern<'a> {
    /// A name without a wildcard.
    Exact(&'a str),
    /// `*` as the complete left-most label; `parent` is what follows its dot, empty for a lone
    /// `*`.
    Wildcard {
        /// The labels after the asterisk.
        parent: &'a str,
    },
}

impl fmt::Display for DnsPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Wildcard { parent: "" } => f.write_str("*"),
            Self::Wildcard { parent } => write!(f, "*.{parent}"),
        }
    }
}

/// The rule that a malformed entry breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformed {
    /// No octets.
    Empty,
    /// A dot at the beginning, or two in a row.
    EmptyLabel,
    /// A dot at the end: RFC 5280 knows no absolute form.
    TrailingDot,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// More than 253 octets.
    TooLong,
    /// A NUL octet.
    Nul,
    /// Another control character.
    Control,
    /// A space.
    Space,
    /// An octet outside ASCII.
    NonAscii,
    /// Another octet that no label holds.
    Character(u8),
    /// A label that begins or ends with a hyphen.
    HyphenAtEdge,
    /// An asterisk that is not the complete left-most label, or not the only one.
    WildcardPlacement,
    /// An IP address as text in a dNSName.
    IpAddress,
    /// The last label is a number.
    EndsInNumber,
    /// An iPAddress of another length than 4 or 16 octets.
    AddressLength(usize),
    /// An SRVName without a service label.
    NoService,
    /// A URI without scheme or host.
    NoHost,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty"),
            Self::EmptyLabel => write!(f, "it has an empty label"),
            Self::TrailingDot => write!(f, "it ends with a dot"),
            Self::LabelTooLong => write!(f, "a label is longer than {MAX_LABEL} octets"),
            Self::TooLong => write!(f, "it is longer than {MAX_NAME} octets"),
            Self::Nul => write!(f, "it holds a NUL octet"),
            Self::Control => write!(f, "it holds a control character"),
            Self::Space => write!(f, "it holds a space"),
            Self::NonAscii => write!(f, "it holds octets outside ASCII, where only A-labels may stand"),
            Self::Character(b) => write!(f, "it holds `{}`", char::from(*b)),
            Self::HyphenAtEdge => write!(f, "a label begins or ends with a hyphen"),
            Self::WildcardPlacement => write!(f, "its `*` is not the complete left-most label, or not the only one"),
            Self::IpAddress => write!(f, "it is an IP address, which belongs in an iPAddress entry"),
            Self::EndsInNumber => write!(f, "its last label is a number"),
            Self::AddressLength(n) => write!(f, "an address has 4 or 16 octets, this entry has {n}"),
            Self::NoService => write!(f, "it has no service label"),
            Self::NoHost => write!(f, "it has no scheme and host name"),
        }
    }
}

impl<'a> PresentedId<'a> {
    /// Parses one entry.
    #[must_use]
    pub fn parse(name: &GeneralName<'a>) -> Self {
        let malformed = |kind, why| Self::Malformed { kind, why };
        match name.kind {
            NameKind::Dns => match dns_pattern(name.bytes) {
                Ok(pattern) => Self::Dns(pattern),
                Err(why) => malformed(IdKind::Dns, why),
            },
            NameKind::Ip => match ip(name.bytes) {
                Ok(ip) => Self::Ip(ip),
                Err(why) => malformed(IdKind::Ip, why),
            },
            NameKind::Uri => match uri(name.bytes) {
                Ok(Some((scheme, host))) => Self::Uri { scheme, host },
                Ok(None) => Self::Other,
                Err(why) => malformed(IdKind::Uri, why),
            },
            NameKind::Other => match name.other_name() {
                OtherName::Srv(bytes) => match srv(bytes) {
                    Ok((service, name)) => Self::Srv { service, name },
                    Err(why) => malformed(IdKind::Srv, why),
                },
                OtherName::Xmpp(bytes) => xmpp_domain(bytes).map_or(Self::Other, Self::Xmpp),
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// A domain in Unicode or as A-labels; not an address of a user or device (RFC 6120, 13.7.1.4).
fn xmpp_domain(bytes: &[u8]) -> Option<DnsName> {
    std::str::from_utf8(bytes).ok().and_then(|text| DnsName::parse(text).ok())
}

/// An entry as it is shown: its type's short name, its value, and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What kind of name.
    pub kind: EntryType,
    /// Its value, escaped and shortened.
    pub value: Shown,
    /// Why it is no identifier, where it should be one.
    pub malformed: Option<Malformed>,
}

/// The kinds of entry that a reader tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum EntryType {
    Dns,
    Ip,
    Uri,
    Email,
    Srv,
    Xmpp,
    Upn,
    Dir,
    Rid,
    Other,
}

impl fmt::Display for EntryType {
    /// As a list of names writes it (`DNS`, `IP`, `email` …).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "DNS",
            Self::Ip => "IP",
            Self::Uri => "URI",
            Self::Email => "email",
            Self::Srv => "SRV",
            Self::Xmpp => "XMPP",
            Self::Upn => "UPN",
            Self::Dir => "dir",
            Self::Rid => "RID",
            Self::Other => "other",
        })
    }
}

/// How an entry is shown.
#[must_use]
pub fn describe(name: &GeneralName<'_>) -> Described {
    let malformed = match PresentedId::parse(name) {
        PresentedId::Malformed { why, .. } => Some(why),
        _ => None,
    };
    let (kind, value) = match name.kind {
        NameKind::Dns => (EntryType::Dns, Shown::short(name.bytes)),
        NameKind::Uri => (EntryType::Uri, Shown::short(name.bytes)),
        NameKind::Email => (EntryType::Email, Shown::short(name.bytes)),
        NameKind::Ip => {
            (EntryType::Ip, ip(name.bytes).map_or_else(|_| hex(name.bytes), |ip| Shown::new(ip.to_string().as_bytes())))
        }
        NameKind::Directory => (EntryType::Dir, distinguished(attributes_of(name.bytes).into_iter())),
        NameKind::RegisteredId => (EntryType::Rid, Shown::short(dotted(name.bytes).as_bytes())),
        NameKind::Other => match name.other_name() {
            OtherName::Srv(bytes) => (EntryType::Srv, Shown::short(bytes)),
            OtherName::Xmpp(bytes) => (EntryType::Xmpp, Shown::short(bytes)),
            OtherName::Upn(bytes) => (EntryType::Upn, Shown::short(bytes)),
            OtherName::Unknown => (EntryType::Other, hex(name.bytes)),
        },
        NameKind::X400 | NameKind::EdiParty | NameKind::Unknown(_) => (EntryType::Other, hex(name.bytes)),
    };
    Described { kind, value, malformed }
}

/// Octets in hexadecimal, as many as fit a line.
fn hex(bytes: &[u8]) -> Shown {
    let shown = &bytes[..bytes.len().min(32)];
    let mut text = data_encoding::HEXLOWER.encode(shown);
    if shown.len() < bytes.len() {
        text.push('…');
    }
    Shown::already_escaped(text)
}

/// A dNSName's octets as a pattern.
///
/// # Errors
/// The first rule that they break, the most telling first.
pub fn dns_pattern(bytes: &[u8]) -> Result<DnsPattern<'_>, Malformed> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Err(Malformed::NonAscii) };
    let (text, wildcard) = match bytes {
        [b'*'] => return Ok(DnsPattern::Wildcard { parent: "" }),
        [b'*', b'.', ..] => (&text[2..], true),
        _ => (text, false),
    };
    check_dns(text.as_bytes(), bytes)?;
    Ok(if wildcard { DnsPattern::Wildcard { parent: text } } else { DnsPattern::Exact(text) })
}

/// `name` is what follows a wildcard, or all of `whole`.
fn check_dns(name: &[u8], whole: &[u8]) -> Result<(), Malformed> {
    if whole.is_empty() {
        return Err(Malformed::Empty);
    }
    if let Some(&b) = name.iter().find(|&&b| !is_label_octet(b) && b != b'.') {
        return Err(octet(b, whole));
    }
    match name {
        [] | [b'.', ..] | [.., b'.', b'.'] => return Err(Malformed::EmptyLabel),
        [.., b'.'] => return Err(Malformed::TrailingDot),
        _ => {}
    }
    let mut last: &[u8] = &[];
    for label in name.split(|&b| b == b'.') {
        match label {
            [] => return Err(Malformed::EmptyLabel),
            l if l.len() > MAX_LABEL => return Err(Malformed::LabelTooLong),
            [b'-', ..] | [.., b'-'] => return Err(Malformed::HyphenAtEdge),
            _ => last = label,
        }
    }
    if whole.len() > MAX_NAME {
        return Err(Malformed::TooLong);
    }
    if is_number(last) {
        let quad = std::str::from_utf8(whole).is_ok_and(|t| t.parse::<std::net::Ipv4Addr>().is_ok());
        return Err(if quad { Malformed::IpAddress } else { Malformed::EndsInNumber });
    }
    Ok(())
}

/// Names the worst octet of a dNSName, given that it holds one that no label holds.
fn octet(first: u8, whole: &[u8]) -> Malformed {
    if whole.contains(&0) {
        return Malformed::Nul;
    }
    if whole.iter().any(u8::is_ascii_control) {
        return Malformed::Control;
    }
    if !whole.is_ascii() {
        return Malformed::NonAscii;
    }
    if std::str::from_utf8(whole).is_ok_and(|t| t.parse::<std::net::Ipv6Addr>().is_ok()) {
        return Malformed::IpAddress;
    }
    match first {
        b' ' => Malformed::Space,
        b'*' => Malformed::WildcardPlacement,
        b => Malformed::Character(b),
    }
}

fn ip(octets: &[u8]) -> Result<IpAddr, Malformed> {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return Ok(v4.into());
    }
    <[u8; 16]>::try_from(octets).map(IpAddr::from).map_err(|_| Malformed::AddressLength(octets.len()))
}

/// RFC 4985, 2: `_Service.Name`, an IA5String.
fn srv(bytes: &[u8]) -> Result<(&str, DnsPattern<'_>), Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NonAscii)?;
    let (service, name) = text.split_once('.').filter(|(s, _)| is_service(s.as_bytes())).ok_or(Malformed::NoService)?;
    Ok((service, dns_pattern(name.as_bytes())?))
}

/// A URI whose host is a name; one with another host (an address) or none that is meant as a host
/// (`urn:`, `spiffe:` trust domains count as hosts) is a name of another sort.
#[allow(clippy::type_complexity)]
fn uri(bytes: &[u8]) -> Result<Option<(&str, DnsPattern<'_>)>, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NonAscii)?;
    if text.bytes().any(|b| b <= b' ' || b == 0x7F) {
        return Err(if text.contains('\0') { Malformed::Nul } else { Malformed::Control });
    }
    let (scheme, host) = uri_host(text).ok_or(Malformed::NoHost)?;
    Ok(dns_pattern(host.as_bytes()).ok().map(|host| (scheme, host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_names_and_what_is_malformed() {
        use Malformed as M;
        let label = "a".repeat(64);
        let long = format!("{}.com", vec!["a".repeat(50); 5].join("."));
        for (bytes, expected) in [
            (&b"www.example.com"[..], Ok(DnsPattern::Exact("www.example.com"))),
            (b"*.Example.com", Ok(DnsPattern::Wildcard { parent: "Example.com" })),
            (b"*", Ok(DnsPattern::Wildcard { parent: "" })),
            (b"_a.b_c.example", Ok(DnsPattern::Exact("_a.b_c.example"))),
            (b"", Err(M::Empty)),
            (b".", Err(M::EmptyLabel)),
            (b".a", Err(M::EmptyLabel)),
            (b"a..b", Err(M::EmptyLabel)),
            (b"a..", Err(M::EmptyLabel)),
            (b"*.", Err(M::EmptyLabel)),
            (b"*..a", Err(M::EmptyLabel)),
            (b"a.b.", Err(M::TrailingDot)),
            (b"*.a.", Err(M::TrailingDot)),
            (b"a*.b", Err(M::WildcardPlacement)),
            (b"*a.b", Err(M::WildcardPlacement)),
            (b"**.b", Err(M::WildcardPlacement)),
            (b"*.*.b", Err(M::WildcardPlacement)),
            (b"a.*.b", Err(M::WildcardPlacement)),
            (b"192.0.2.1", Err(M::IpAddress)),
            (b"2001:db8::1", Err(M::IpAddress)),
            (b"*.0.2.1", Err(M::EndsInNumber)),
            (b"a.0x1f", Err(M::EndsInNumber)),
            (b"a\0.b", Err(M::Nul)),
            (b"a\n.b", Err(M::Control)),
            (b"a b", Err(M::Space)),
            (b" a", Err(M::Space)),
            ("bücher.example".as_bytes(), Err(M::NonAscii)),
            (b"b\xfccher.example", Err(M::NonAscii)),
            (b"a!b", Err(M::Character(b'!'))),
            (b"{{ host }}", Err(M::Character(b'{'))),
            (b"-a.b", Err(M::HyphenAtEdge)),
            (b"a-.b", Err(M::HyphenAtEdge)),
            (label.as_bytes(), Err(M::LabelTooLong)),
            (long.as_bytes(), Err(M::TooLong)),
        ] {
            assert_eq!(dns_pattern(bytes), expected, "{}", crate::escape::escape(bytes));
        }
    }

    #[test]
    fn octets_are_shown_in_hexadecimal() {
        assert_eq!(hex(&[0xAB; 2]).as_str(), "abab");
        assert_eq!(hex(&[0; 32]).as_str(), "00".repeat(32));
        assert_eq!(hex(&[0; 33]).as_str(), format!("{}…", "00".repeat(32)));
    }

    #[test]
    fn other_kinds() {
        fn parse(kind: NameKind, bytes: &[u8]) -> PresentedId<'_> {
            PresentedId::parse(&GeneralName { kind, bytes })
        }
        assert_eq!(parse(NameKind::Ip, &[192, 0, 2, 1]), PresentedId::Ip([192, 0, 2, 1].into()));
        for n in [0, 3, 5, 8, 15, 17] {
            let octets = vec![0; n];
            assert!(matches!(
                parse(NameKind::Ip, &octets),
                PresentedId::Malformed { why: Malformed::AddressLength(m), .. } if m == n
            ));
        }
        assert_eq!(
            parse(NameKind::Uri, b"sip:example.com"),
            PresentedId::Uri { scheme: "sip", host: DnsPattern::Exact("example.com") }
        );
        assert_eq!(parse(NameKind::Uri, b"https://192.0.2.1/"), PresentedId::Other);
        assert!(matches!(parse(NameKind::Uri, b""), PresentedId::Malformed { why: Malformed::NoHost, .. }));
        for bad in [&b"sip:a b"[..], b"sip:a\x7f", b"sip:a\n"] {
            let why = Malformed::Control;
            assert_eq!(parse(NameKind::Uri, bad), PresentedId::Malformed { kind: IdKind::Uri, why });
        }
        assert_eq!(parse(NameKind::Email, b"a@b"), PresentedId::Other);
    }

    #[test]
    fn entries_are_described() {
        let name = |kind, bytes| GeneralName { kind, bytes };
        for (entry, kind, value, malformed) in [
            (name(NameKind::Dns, &b"a..test"[..]), EntryType::Dns, "a..test", Some(Malformed::EmptyLabel)),
            (name(NameKind::Dns, b"a.test"), EntryType::Dns, "a.test", None),
            (name(NameKind::Ip, &[192, 0, 2, 7]), EntryType::Ip, "192.0.2.7", None),
            (name(NameKind::Ip, &[192, 0, 2]), EntryType::Ip, "c00002", Some(Malformed::AddressLength(3))),
            (name(NameKind::Email, b"a@b.test"), EntryType::Email, "a@b.test", None),
        ] {
            assert_eq!(describe(&entry), Described { kind, value: Shown::new(value.as_bytes()), malformed });
        }
    }

    #[test]
    fn patterns_are_written_as_they_stand() {
        for text in ["a.test", "*.a.test", "*"] {
            assert_eq!(dns_pattern(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_xmpp_address_is_a_domain_alone() {
        let domain = |text: &str| xmpp_domain(text.as_bytes()).map(|name| name.to_string());
        assert_eq!(domain("Example.test"), domain("example.test"));
        assert_eq!(domain("b\u{fc}cher.test"), Some("xn--bcher-kva.test".to_owned()));
        for text in ["user@example.test", "example.test/phone", "", "\u{fffd}"] {
            assert_eq!(domain(text), None, "{text}");
        }
    }
}
