//! The names of a certificate as identifiers that may enter a command: parsed, never quoted from the
//! certificate. Pure; imports `identity`, `certificate`.

use std::fmt;
use std::net::IpAddr;

use crate::certificate::{NameKind, SubjectNames};
use crate::identity::{DnsName, DnsPattern, PresentedId, ReferenceId};

/// A name that a certificate can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A DNS name, lower-case A-labels, perhaps with a wildcard.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A URI of characters that are special nowhere.
    Uri(String),
    /// `_service.name`
    Srv(String),
    /// The domain of an XMPP service.
    Xmpp(DnsName),
}

/// What a tool has to be able to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A DNS name of two labels or more.
    Dns,
    /// A DNS name of one label.
    Short,
    /// `*.example.com`
    Wildcard,
    /// `*`
    Star,
    /// An address.
    Ip,
    /// A URI.
    Uri,
    /// An SRVName.
    Srv,
    /// An XmppAddr.
    Xmpp,
}

impl Sort {
    /// As a template's `takes:` has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Short => "short",
            Self::Wildcard => "wildcard",
            Self::Star => "star",
            Self::Ip => "ip",
            Self::Uri => "uri",
            Self::Srv => "srv",
            Self::Xmpp => "xmpp",
        }
    }

    /// As a sentence has it, in the plural.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Dns => "DNS names",
            Self::Short => "names of a single label",
            Self::Wildcard => "wildcards",
            Self::Star => "a lone `*`",
            Self::Ip => "IP addresses",
            Self::Uri => "URIs",
            Self::Srv => "SRV names",
            Self::Xmpp => "XMPP addresses",
        }
    }
}

impl Name {
    /// Which sort of name it is.
    #[must_use]
    pub fn sort(&self) -> Sort {
        match self {
            Self::Dns(name) if name == "*" => Sort::Star,
            Self::Dns(name) if name.starts_with("*.") => Sort::Wildcard,
            Self::Dns(name) if name.contains('.') => Sort::Dns,
            Self::Dns(_) => Sort::Short,
            Self::Ip(_) => Sort::Ip,
            Self::Uri(_) => Sort::Uri,
            Self::Srv(_) => Sort::Srv,
            Self::Xmpp(_) => Sort::Xmpp,
        }
    }

    /// As a list of names writes it.
    #[must_use]
    pub fn entry(&self) -> String {
        let prefix = match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) => "IP",
            Self::Uri(_) => "URI",
            Self::Srv(_) => "SRV",
            Self::Xmpp(_) => "XMPP",
        };
        format!("{prefix}:{self}")
    }

    /// As OpenSSL's configuration writes an entry of subjectAltName (x509v3_config(5)).
    #[must_use]
    pub fn openssl(&self) -> String {
        match self {
            Self::Dns(_) | Self::Ip(_) | Self::Uri(_) => self.entry(),
            // id-on-dnsSRV (RFC 4985), id-on-xmppAddr (RFC 6120, 13.7.1.4)
            Self::Srv(name) => format!("otherName:1.3.6.1.5.5.7.8.7;IA5STRING:{name}"),
            Self::Xmpp(domain) => format!("otherName:1.3.6.1.5.5.7.8.5;UTF8:{domain}"),
        }
    }

    /// As the host of a URL: an IPv6 address in brackets.
    #[must_use]
    pub fn url_host(&self) -> String {
        match self {
            Self::Ip(ip) => url_host(*ip),
            other => other.to_string(),
        }
    }
}

/// An address as the host of a URL.
#[must_use]
pub fn url_host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) | Self::Uri(text) | Self::Srv(text) => f.write_str(text),
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Xmpp(domain) => write!(f, "{domain}"),
        }
    }
}

impl From<&ReferenceId> for Name {
    fn from(id: &ReferenceId) -> Self {
        match id {
            ReferenceId::Dns(name) => Self::Dns(name.to_string()),
            ReferenceId::Ip(ip) => Self::Ip(*ip),
            ReferenceId::Srv { .. } => Self::Srv(id.to_string()),
            ReferenceId::Uri { .. } => Self::Uri(id.to_string()),
            ReferenceId::Xmpp(domain) => Self::Xmpp(domain.clone()),
        }
    }
}

/// What the entries of a certificate are to a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Identifiers, each once, in the certificate's order; with the entry's position, from 1.
    pub kept: Vec<(usize, Name)>,
    /// Positions of entries that are malformed.
    pub malformed: Vec<usize>,
    /// Positions of entries that name no server: mail addresses, directories, and the like.
    pub others: Vec<usize>,
}

impl Names {
    /// Those of a certificate.
    #[must_use]
    pub fn of(leaf: &SubjectNames) -> Self {
        let mut names = Self::default();
        let mut seen = std::collections::HashSet::new();
        for (index, raw) in leaf.names().enumerate() {
            let position = index + 1;
            let name = match PresentedId::parse(&raw) {
                PresentedId::Dns(pattern) => Some(Name::Dns(pattern.to_string().to_ascii_lowercase())),
                PresentedId::Ip(ip) => Some(Name::Ip(ip)),
                PresentedId::Srv { service, name: DnsPattern::Exact(name) } => {
                    Some(Name::Srv(format!("{service}.{name}").to_ascii_lowercase()))
                }
                PresentedId::Xmpp(domain) => Some(Name::Xmpp(domain)),
                PresentedId::Malformed { .. } => {
                    names.malformed.push(position);
                    continue;
                }
                // Its path and query belong to it, so the whole is kept, where it is plain.
                _ if raw.kind == NameKind::Uri => plain_uri(raw.bytes).map(Name::Uri),
                _ => None,
            };
            match name {
                Some(name) if seen.insert(name.clone()) => names.kept.push((position, name)),
                Some(_) => {}
                None => names.others.push(position),
            }
        }
        names
    }
}

/// A URI of letters, digits and those of RFC 3986's characters that no shell, configuration file or
/// string gives a meaning.
fn plain_uri(bytes: &[u8]) -> Option<String> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b":/.-_~@+=%?".contains(b);
    let text = std::str::from_utf8(bytes).ok()?;
    (bytes.len() <= 2_000 && bytes.iter().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_once_and_only_where_they_parse() {
        let leaf = SubjectNames::of(&[
            (NameKind::Dns, b"WWW.Example.com".to_vec()),
            (NameKind::Dns, b"www.example.com".to_vec()),
            (NameKind::Dns, b"a';touch x;'.example".to_vec()),
            (NameKind::Dns, b"*.example.com".to_vec()),
            (NameKind::Ip, vec![192, 0, 2, 7]),
            (NameKind::Ip, vec![1, 2]),
            (NameKind::Email, b"a@example.com".to_vec()),
            (NameKind::Uri, b"spiffe://example.com/ns/a?x=1".to_vec()),
            (NameKind::Uri, b"spiffe://example.com/$(id)".to_vec()),
        ]);
        let names = Names::of(&leaf);
        let kept: Vec<(usize, String)> = names.kept.iter().map(|(at, name)| (*at, name.entry())).collect();
        let expected = [
            (1, "DNS:www.example.com"),
            (4, "DNS:*.example.com"),
            (5, "IP:192.0.2.7"),
            (8, "URI:spiffe://example.com/ns/a?x=1"),
        ];
        assert_eq!(kept, expected.map(|(at, entry)| (at, entry.to_owned())));
        assert_eq!((names.malformed, names.others), (vec![3, 6], vec![7, 9]));
    }

    #[test]
    fn no_bytes_become_a_name_that_means_more_to_a_tool() {
        use proptest::prelude::*;
        let kinds = vec![NameKind::Dns, NameKind::Ip, NameKind::Uri, NameKind::Other, NameKind::Email];
        let bytes = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..20),
            "[a-z.*:/_ '\"$`;,\\n\\\\-]{0,20}".prop_map(String::into_bytes),
            "[a-z]{1,3}://[a-z.]{1,5}[!-~]{0,5}".prop_map(String::into_bytes),
        ];
        proptest!(|(kind in proptest::sample::select(kinds), bytes in bytes)| {
            for (_, name) in Names::of(&SubjectNames::of(&[(kind, bytes)])).kept {
                let text = name.to_string();
                prop_assert!(!text.is_empty() && !text.starts_with('-'), "{}", text);
                prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_~@+=%?*".contains(&b)), "{}", text);
            }
        });
    }

    #[test]
    fn sorts() {
        for (name, sort) in
            [("a.example", Sort::Dns), ("localhost", Sort::Short), ("*.example", Sort::Wildcard), ("*", Sort::Star)]
        {
            assert_eq!(Name::Dns(name.to_owned()).sort(), sort, "{name}");
        }
    }
}
