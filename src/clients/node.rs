//! Node.js 20.20.2: lib/tls.js, `checkServerIdentity`; src/crypto/crypto_common.cc.
//! The name is compared as it is, without IDNA, less one final dot. A wildcard may be part of the
//! left-most label. Without any dNSName all the common names are tried, whatever else the
//! subjectAltName holds; an IP address is compared with iPAddress entries alone.

use super::Answer;
use super::labels::{
    accept_if, dns_names, has_ip, ip_text_without_zone, partial_wildcard_covers, subject_decodes, without_final_dot,
};
use crate::certificate::SubjectNames;

/// What Node.js says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !subject_decodes(leaf) {
        return Answer::Unreadable("a string of the subject cannot be decoded");
    }
    let host = without_final_dot(name);
    if let Some(ip) = ip_text_without_zone(host).filter(|_| has_plain_zone(host)) {
        return accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone");
    }
    let mut presented = dns_names(leaf).peekable();
    if presented.peek().is_some() {
        return accept_if(presented.any(|dns| partial_wildcard_covers(dns, host)), "no dNSName covers the name");
    }
    let covered = leaf.common_names().any(|cn| partial_wildcard_covers(&cn.text(), host));
    accept_if(covered, "there is no dNSName, and no common name covers the name")
}

/// `net.isIP` wants letters, digits, hyphens, dots and colons in a zone.
fn has_plain_zone(literal: &[u8]) -> bool {
    let zone = literal.splitn(2, |&b| b == b'%').nth(1).unwrap_or_default();
    zone.iter().all(|&b| b.is_ascii_alphanumeric() || b"-.:".contains(&b))
}
