//! Whether a certificate covers a reference identifier: RFC 9525, section 6, the rules in order.

use std::fmt;
use std::net::IpAddr;

use super::name::DnsName;
use super::presented::{DnsPattern, PresentedId, describe};
use super::reference::{Asked, NotAName, ReferenceId};
use crate::certificate::{San, SubjectNames};
use crate::escape::Shown;

/// How many presented names a [`HostnameMismatchError`] carries.
const NAMES_IN_ERROR: usize = 64;

/// The answer for one certificate and one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An entry covers the name.
    Match(Match),
    /// None does.
    Mismatch(Box<HostnameMismatchError>),
}

/// The first entry that covers the name (6.2: the search ends there).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its position in the certificate's list of names, from 0.
    pub entry: usize,
    /// The identity that it covers.
    pub reference: ReferenceId,
}

/// The certificate is not valid for the name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostnameMismatchError {
    /// The name that was asked for, escaped.
    pub wanted: Shown,
    /// The names that the certificate presents, escaped, in order; at most 64.
    pub presented: Vec<Shown>,
    /// How many names it presents in all.
    pub total: usize,
    /// The rule that failed, and for the name that came nearest to passing it.
    pub fact: Fact,
}

/// The rule that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// What was asked for is no reference identifier (6.1).
    NotAName(NotAName),
    /// The certificate has no subjectAltName, or an empty one: it presents no identifier (2).
    NoIdentifiers,
    /// No entry covers the name; the one that came nearest, and why it does not.
    NotCovered {
        /// Its position in the list, from 0.
        entry: usize,
        /// Why it does not cover the name.
        why: NotCovered,
    },
}

/// Why one presented identifier does not cover a reference identifier. The order is that of
/// nearness: the last is nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NotCovered {
    /// It is an identifier of another type.
    OtherType,
    /// Name or address differ.
    Different,
    /// It cannot be an identifier.
    Malformed,
    /// The domain agrees, the service or scheme does not (6.5).
    OtherService,
    /// The name is the wildcard's own parent: the asterisk stands for one label, not for none
    /// (6.3).
    ApexOfWildcard,
    /// The name has more labels than one in the asterisk's place (6.3).
    Depth {
        /// How many labels stand there.
        labels: usize,
    },
}

impl fmt::Display for HostnameMismatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate is not valid for '{}'", self.wanted)?;
        match &self.fact {
            Fact::NotAName(why) => write!(f, ": {why}"),
            Fact::NoIdentifiers => write!(f, ": it presents no names"),
            Fact::NotCovered { .. } => {
                write!(f, ": it is valid for ")?;
                for (i, name) in self.presented.iter().enumerate() {
                    write!(f, "{}{name}", if i == 0 { "" } else { ", " })?;
                }
                match self.total - self.presented.len() {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}

impl std::error::Error for HostnameMismatchError {}

/// Whether the certificate covers the name that was asked for, where why does not matter.
#[must_use]
pub fn covers_name(leaf: &SubjectNames, asked: &Asked) -> bool {
    matches!(evaluate(asked, leaf), Verdict::Match(_))
}

/// Whether the certificate covers the name that was asked for.
///
/// The common name is never looked at (section 2). Malformed entries are passed over: they are
/// not identifiers (6.3). A text that is no reference identifier matches nothing.
#[must_use]
pub fn evaluate(asked: &Asked, leaf: &SubjectNames) -> Verdict {
    let ids = match asked {
        Asked::Reference { ids, .. } => ids,
        Asked::NotAName { why, .. } => {
            return Verdict::Mismatch(Box::new(error(asked, leaf, Fact::NotAName(why.clone()))));
        }
    };
    let mut nearest: Option<(NotCovered, usize)> = None;
    for (entry, name) in leaf.names().enumerate() {
        let presented = PresentedId::parse(&name);
        for reference in ids.iter() {
            match covers(&presented, reference) {
                Ok(()) => return Verdict::Match(Match { entry, reference: reference.clone() }),
                Err(why) if nearest.is_none_or(|(best, _)| why > best) => nearest = Some((why, entry)),
                Err(_) => {}
            }
        }
    }
    let fact = nearest.map_or(Fact::NoIdentifiers, |(why, entry)| Fact::NotCovered { entry, why });
    Verdict::Mismatch(Box::new(error(asked, leaf, fact)))
}

fn error(asked: &Asked, leaf: &SubjectNames, fact: Fact) -> HostnameMismatchError {
    HostnameMismatchError {
        wanted: match asked {
            Asked::Reference { ids, .. } => Shown::new(ids.first.to_string().as_bytes()),
            Asked::NotAName { typed, .. } => Shown::short(typed.as_bytes()),
        },
        presented: leaf.names().take(NAMES_IN_ERROR).map(|name| describe(&name).value).collect(),
        total: match leaf.san() {
            San::Present { total, .. } => *total,
            _ => 0,
        },
        fact,
    }
}

/// Whether one presented identifier covers one reference identifier.
///
/// # Errors
/// Why it does not.
pub fn covers(presented: &PresentedId<'_>, reference: &ReferenceId) -> Result<(), NotCovered> {
    match (presented, reference) {
        (PresentedId::Dns(pattern), ReferenceId::Dns(name)) => covers_dns(pattern, name),
        (PresentedId::Ip(presented), ReferenceId::Ip(ip)) => same_octets(*presented, *ip),
        (PresentedId::Srv { service, name: pattern }, ReferenceId::Srv { service: wanted, name })
        | (PresentedId::Uri { scheme: service, host: pattern }, ReferenceId::Uri { scheme: wanted, host: name }) => {
            covers_dns(pattern, name)?;
            if service.eq_ignore_ascii_case(wanted) { Ok(()) } else { Err(NotCovered::OtherService) }
        }
        (PresentedId::Xmpp(presented), ReferenceId::Xmpp(name)) if presented == name => Ok(()),
        (PresentedId::Xmpp(_), ReferenceId::Xmpp(_)) => Err(NotCovered::Different),
        (PresentedId::Malformed { .. }, _) => Err(NotCovered::Malformed),
        _ => Err(NotCovered::OtherType),
    }
}

/// RFC 9525, 6.3: labels are compared as ASCII without case; a `*` that is the complete left-most
/// label stands for exactly one label. Both sides are parsed, so neither is empty, over-long, or
/// holds anything but LDH labels.
fn covers_dns(pattern: &DnsPattern<'_>, name: &DnsName) -> Result<(), NotCovered> {
    match pattern {
        DnsPattern::Exact(presented) if presented.eq_ignore_ascii_case(name.as_str()) => Ok(()),
        DnsPattern::Exact(_) => Err(NotCovered::Different),
        DnsPattern::Wildcard { parent } => {
            let (_, rest) = name.split_first();
            if rest.eq_ignore_ascii_case(parent) {
                return Ok(());
            }
            match labels_before(name.as_str(), parent) {
                Some(0) => Err(NotCovered::ApexOfWildcard),
                Some(labels) => Err(NotCovered::Depth { labels }),
                None => Err(NotCovered::Different),
            }
        }
    }
}

/// How many labels of `name` stand before `parent`, where it ends with that; none is 0.
#[must_use]
pub fn labels_before(name: &str, parent: &str) -> Option<usize> {
    if parent.is_empty() {
        return Some(name.split('.').count());
    }
    let at = name.len().checked_sub(parent.len())?;
    if !name.is_char_boundary(at) || !name[at..].eq_ignore_ascii_case(parent) {
        return None;
    }
    match name[..at].strip_suffix('.') {
        _ if at == 0 => Some(0),
        Some(before) => Some(before.split('.').count()),
        None => None,
    }
}

/// RFC 9525, 6.4: addresses are compared octet for octet, so an IPv4-mapped IPv6 address is not
/// the IPv4 address.
fn same_octets(presented: IpAddr, wanted: IpAddr) -> Result<(), NotCovered> {
    if presented == wanted { Ok(()) } else { Err(NotCovered::Different) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Typed;

    #[test]
    fn xmpp_has_three_identities() {
        let asked = Asked::parse(Typed::new(b"example.test")).with_service("_xmpp-client");
        let Asked::Reference { ids, .. } = &asked else { panic!("no name") };
        let texts: Vec<String> = ids.iter().map(ReferenceId::as_entry).collect();
        assert_eq!(texts, ["DNS:example.test", "SRV:_xmpp-client.example.test", "XMPP:example.test"]);
        let xmpp = |text: &str| PresentedId::Xmpp(DnsName::parse(text).unwrap());
        let wanted = ReferenceId::Xmpp(DnsName::parse("example.test").unwrap());
        assert_eq!(covers(&xmpp("EXAMPLE.test"), &wanted), Ok(()));
        assert_eq!(covers(&xmpp("a.example.test"), &wanted), Err(NotCovered::Different));
        assert_eq!(covers(&xmpp("example.test"), &ids.first), Err(NotCovered::OtherType));
        let address = Asked::parse(Typed::new(b"192.0.2.7"));
        assert_eq!(address.clone().with_service("_xmpp-client"), address);
    }
}
