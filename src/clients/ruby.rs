//! Ruby 3.1.7: `OpenSSL::SSL.verify_certificate_identity` (openssl gem, lib/openssl/ssl.rb).
//! Names are split at dots and empty labels at the end dropped, so any number of trailing dots is
//! ignored. A `*` may stand anywhere in the first label but for an A-label, and for one character at
//! least. A name of a single label is compared with its case. Every common name counts, as raw octets.

use std::net::IpAddr;

use super::Answer;
use super::steps::{
    BROKEN_SUBJECT, NO_COMMON_NAME, NO_DNS_NAME, from_first_dot, has_address, has_canonical_names, ipv4, ipv6, masked,
    strip_trailing_dots,
};
use crate::certificate::{NameKind, SubjectNames};

/// What `verify_certificate_identity` says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    let (is_ascii, mut asks_subject) = (name.is_ascii(), true);
    for entry in leaf.names() {
        match entry.kind {
            NameKind::Dns if is_ascii && covers(name, entry.bytes) => return Answer::Accept,
            NameKind::Dns | NameKind::Ip => asks_subject = false,
            _ => {}
        }
    }
    if !asks_subject {
        let found = ip_addr(name).is_some_and(|address| has_address(leaf, address));
        return if found { Answer::Accept } else { Answer::Reject(NO_DNS_NAME) };
    }
    if is_ascii && leaf.common_names().any(|cn| covers(name, cn.bytes)) {
        Answer::Accept
    } else {
        Answer::Reject(NO_COMMON_NAME)
    }
}

/// An address as `IPAddr.new` reads it: in brackets, with a zone, or with a prefix length that cuts it.
fn ip_addr(name: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(name).ok()?;
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let bracketed = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
    let address = bracketed.unwrap_or(address);
    let zoned = address.split_once('%').filter(|(_, zone)| !zone.is_empty());
    let is_word = |zone: &str| zone.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let address = zoned.filter(|(_, zone)| is_word(zone)).map_or(address, |(address, _)| address).as_bytes();
    let v4 = ipv4(address).filter(|_| bracketed.is_none() && zoned.is_none()).map(IpAddr::V4);
    let address = v4.or_else(|| ipv6(address).map(IpAddr::V6))?;
    length.map_or(Some(address), |length| masked(address, length))
}

/// Whether a presented name covers the name, label by label; only ASCII covers ASCII.
fn covers(name: &[u8], presented: &[u8]) -> bool {
    let pattern = strip_trailing_dots(presented);
    let Some(below) = from_first_dot(pattern) else { return presented == name };
    let name = strip_trailing_dots(name);
    from_first_dot(name).is_some_and(|rest| rest.eq_ignore_ascii_case(below))
        && label_covered(&name[..name.len() - below.len()], &pattern[..pattern.len() - below.len()])
}

fn label_covered(label: &[u8], pattern: &[u8]) -> bool {
    let Some(star) = pattern.iter().position(|&b| b == b'*') else {
        return !pattern.is_empty() && pattern.eq_ignore_ascii_case(label);
    };
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let a_label = label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"));
    !after.contains(&b'*')
        && (!a_label || pattern == b"*")
        && before.len() + after.len() < label.len()
        && label[..before.len()].eq_ignore_ascii_case(before)
        && label[label.len() - after.len()..].eq_ignore_ascii_case(after)
}
