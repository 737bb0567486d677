//! Reference identifiers: what a client asks for (RFC 9525, 6.1), and why a text is none.

use std::fmt;
use std::net::IpAddr;

use super::name::{BadName, DnsName, Typed, ip_literal};
use crate::escape::Shown;

/// One reference identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceId {
    /// DNS-ID: a host name.
    Dns(DnsName),
    /// IP-ID: an address, compared octet for octet; an IPv4-mapped IPv6 address is IPv6.
    Ip(IpAddr),
    /// SRV-ID: a service and its domain (RFC 4985).
    Srv {
        /// The service label with its underscore, lower case (`_xmpp-client`).
        service: Box<str>,
        /// The domain that offers it.
        name: DnsName,
    },
    /// URI-ID: a scheme and the host of its authority (RFC 3986, reg-name).
    Uri {
        /// The scheme, lower case (`sip`).
        scheme: Box<str>,
        /// The host.
        host: DnsName,
    },
    /// An XmppAddr: the domain of an XMPP service (RFC 6120, 13.7.1.4).
    Xmpp(DnsName),
}

impl ReferenceId {
    /// The name that goes into SNI with it; an address has none (RFC 6066, 3).
    #[must_use]
    pub fn sni(&self) -> Option<&DnsName> {
        match self {
            Self::Dns(name) | Self::Srv { name, .. } | Self::Uri { host: name, .. } | Self::Xmpp(name) => Some(name),
            Self::Ip(_) => None,
        }
    }

    /// The host name, where this is a DNS-ID.
    #[must_use]
    pub fn dns(&self) -> Option<&DnsName> {
        match self {
            Self::Dns(name) => Some(name),
            _ => None,
        }
    }

    /// As `--name` takes it.
    #[must_use]
    pub fn as_name(&self) -> String {
        match self {
            Self::Dns(_) | Self::Ip(_) | Self::Xmpp(_) => self.to_string(),
            Self::Srv { .. } => format!("srv:{self}"),
            Self::Uri { .. } => format!("uri:{self}"),
        }
    }

    /// The entry that a certificate needs to be valid for this identifier, as a list of names
    /// writes it (`DNS:…`, `IP:…`, `SRV:…`, `URI:…`).
    #[must_use]
    pub fn as_entry(&self) -> String {
        match self {
            Self::Dns(name) => format!("DNS:{name}"),
            Self::Ip(ip) => format!("IP:{ip}"),
            Self::Srv { .. } => format!("SRV:{self}"),
            Self::Uri { .. } => format!("URI:{self}"),
            Self::Xmpp(name) => format!("XMPP:{name}"),
        }
    }
}

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Xmpp(name) => write!(f, "{name}"),
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Srv { service, name } => write!(f, "{service}.{name}"),
            Self::Uri { scheme, host } if has_no_slashes(scheme) => write!(f, "{scheme}:{host}"),
            Self::Uri { scheme, host } => write!(f, "{scheme}://{host}"),
        }
    }
}

/// The schemes whose URIs name a host without `//` before it.
fn has_no_slashes(scheme: &str) -> bool {
    matches!(scheme, "sip" | "sips" | "xmpp" | "im" | "pres" | "mailto")
}

/// A name that was asked for: the text as typed, and what it means.
///
/// The text is kept because real clients judge the text, not what we make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A valid name; `ids` are all the identities that count, the first the one typed.
    Reference {
        /// As typed.
        typed: Typed,
        /// At least one.
        ids: NonEmpty<ReferenceId>,
    },
    /// A text that is no valid reference identifier.
    NotAName {
        /// As typed.
        typed: Typed,
        /// What keeps it from being one.
        why: NotAName,
    },
}

/// A list that has a first element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmpty<T> {
    /// The first.
    pub first: T,
    /// The others, in order.
    pub rest: Vec<T>,
}

impl<T> NonEmpty<T> {
    /// A list of one.
    pub fn one(first: T) -> Self {
        Self { first, rest: Vec::new() }
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Why a text is no reference identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAName {
    /// No DNS name and no address.
    Dns(BadName),
    /// `ip:` before what is no address.
    NotAnAddress(Shown),
    /// `srv:` without `_service.` before the domain.
    NoService(Shown),
    /// `uri:` without a scheme or without a host.
    NoUri(Shown),
}

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(why) => why.fmt(f),
            Self::NotAnAddress(text) => write!(f, "`{text}` is no IP address"),
            Self::NoService(text) => {
                write!(f, "`{text}` does not begin with a service label (`_xmpp-client.example.com`)")
            }
            Self::NoUri(text) => write!(f, "`{text}` is no URI with a scheme and a host (`sip:example.com`)"),
        }
    }
}

impl std::error::Error for NotAName {}

impl From<BadName> for NotAName {
    fn from(why: BadName) -> Self {
        Self::Dns(why)
    }
}

impl Asked {
    /// Reads a name as a host is read: an address makes an IP-ID, anything else a DNS-ID, and
    /// `ip:`, `srv:`, `uri:` before it say what it is.
    #[must_use]
    pub fn parse(typed: Typed) -> Self {
        match std::str::from_utf8(typed.as_bytes()).map_err(|_| BadName::NotUtf8.into()).and_then(parse_reference) {
            Ok(id) => Self::Reference { ids: NonEmpty::one(id), typed },
            Err(why) => Self::NotAName { typed, why },
        }
    }

    /// The same name with the identities that an XMPP client looks for beside it: the SRV-ID of its
    /// service and the XmppAddr of its domain (RFC 6120, 13.7.1.2). Anything but a DNS name stays as it is.
    #[must_use]
    pub fn with_service(mut self, service: &str) -> Self {
        if let Self::Reference { ids, .. } = &mut self
            && let ReferenceId::Dns(name) = &ids.first
        {
            ids.rest =
                vec![ReferenceId::Srv { service: service.into(), name: name.clone() }, ReferenceId::Xmpp(name.clone())];
        }
        self
    }

    /// The text as typed.
    #[must_use]
    pub fn typed(&self) -> &Typed {
        match self {
            Self::Reference { typed, .. } | Self::NotAName { typed, .. } => typed,
        }
    }

    /// The first identity, where the text is a name.
    #[must_use]
    pub fn reference(&self) -> Option<&ReferenceId> {
        match self {
            Self::Reference { ids, .. } => Some(&ids.first),
            Self::NotAName { .. } => None,
        }
    }
}

/// A name as `--name` takes it.
///
/// # Errors
/// Which part of the text is wrong.
pub fn parse_reference(text: &str) -> Result<ReferenceId, NotAName> {
    if let Some(address) = text.strip_prefix("ip:") {
        return match ip_literal(address) {
            Ok(Some((ip, _))) => Ok(ReferenceId::Ip(ip)),
            _ => Err(NotAName::NotAnAddress(Shown::name_part(address.as_bytes()))),
        };
    }
    if let Some(rest) = text.strip_prefix("srv:") {
        return parse_srv(rest);
    }
    if let Some(rest) = text.strip_prefix("uri:") {
        return parse_uri(rest);
    }
    match ip_literal(text)? {
        Some((ip, _)) => Ok(ReferenceId::Ip(ip)),
        None => Ok(ReferenceId::Dns(DnsName::parse(text)?)),
    }
}

fn parse_srv(text: &str) -> Result<ReferenceId, NotAName> {
    let (service, name) = text
        .split_once('.')
        .filter(|(service, _)| is_service(service.as_bytes()))
        .ok_or_else(|| NotAName::NoService(Shown::name_part(text.as_bytes())))?;
    Ok(ReferenceId::Srv { service: service.to_ascii_lowercase().into(), name: DnsName::parse(name)? })
}

/// A service label: an underscore, then letters, digits and hyphens (RFC 6335, 5.1).
#[must_use]
pub fn is_service(label: &[u8]) -> bool {
    match label {
        [b'_', name @ ..] => {
            (1..=62).contains(&name.len()) && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        }
        _ => false,
    }
}

fn parse_uri(text: &str) -> Result<ReferenceId, NotAName> {
    let (scheme, host) = uri_host(text).ok_or_else(|| NotAName::NoUri(Shown::name_part(text.as_bytes())))?;
    Ok(ReferenceId::Uri { scheme: scheme.to_ascii_lowercase().into(), host: DnsName::parse(host)? })
}

/// Scheme and host of a URI, as text; without `//` before the host only where the scheme is written
/// so (`sip:user@host`).
#[must_use]
pub fn uri_host(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest,
        None if has_no_slashes(&scheme.to_ascii_lowercase()) => rest,
        None => return None,
    };
    let authority = rest.split(['/', '?', '#', ';']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    (well_formed && !host.is_empty()).then_some((scheme, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_typed() {
        for (text, expected) in [
            ("www.example.com", "DNS:www.example.com"),
            ("192.0.2.1", "IP:192.0.2.1"),
            ("ip:192.0.2.1", "IP:192.0.2.1"),
            ("2001:DB8:0::1", "IP:2001:db8::1"),
            ("[2001:db8::1]", "IP:2001:db8::1"),
            ("ip:[::1]", "IP:::1"),
            ("fe80::1%eth0", "IP:fe80::1"),
            ("srv:_XMPP-Client.Example.com", "SRV:_xmpp-client.example.com"),
            ("uri:sip:alice@Example.com;transport=tls", "URI:sip:example.com"),
            ("uri:https://example.com:8443/a?b#c", "URI:https://example.com"),
        ] {
            assert_eq!(parse_reference(text).map(|id| id.as_entry()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn hosts_of_uris() {
        for (text, expected) in [
            ("https://a.example/x", Some(("https", "a.example"))),
            ("https:a.example", None),
            ("urn:isbn:0451450523", None),
            ("SIP:alice@a.example:5061;transport=tls", Some(("SIP", "a.example"))),
            ("sip:a.example:x", Some(("sip", "a.example:x"))),
            ("s+i-p.1://a.example?q#f", Some(("s+i-p.1", "a.example"))),
            ("1x://a.example", None),
            ("s_p://a.example", None),
            ("://a.example", None),
            ("https://", None),
            ("https://u@", None),
            ("sip:", None),
            ("a.example", None),
        ] {
            assert_eq!(uri_host(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_reference() {
        for text in [
            "",
            "ip:",
            "ip:x",
            "ip:1.2.3",
            "srv:",
            "srv:example.com",
            "srv:_.example.com",
            "srv:_x",
            "uri:",
            "uri:sip",
            "uri:1:x",
            "uri:sip:",
            "uri:sip:1.2.3",
            "*.x",
            "-x.example",
        ] {
            assert!(parse_reference(text).is_err(), "{text}");
        }
        assert!(matches!(
            Asked::parse(Typed::new(b"\xff")),
            Asked::NotAName { why: NotAName::Dns(BadName::NotUtf8), .. }
        ));
    }
}
