//! rustls-webpki 0.103.17: src/subject_name/, `verify_dns_names` and `verify_ip_address_names`; rustls-pki-types, `ServerName`.
//! A name that is neither a DNS name to the letter (no number as the last label) nor an address is
//! refused before any certificate. The CN is never read; a wildcard is a whole label with two labels
//! after it; malformed presented names are passed over.

use super::Answer;
use super::dns_id::{self, Hyphens};
use super::labels::{accept_if, has_ip, ip_text, without_final_dot};
use crate::certificate::{NameKind, San, SubjectNames};

/// What rustls says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let is_name = dns_id::is_reference(name, Hyphens::Inner) && !ends_in_hexadecimal(name);
    let ip = if is_name { None } else { ip_text(name) };
    match ip {
        _ if matches!(leaf.san(), San::Broken { .. }) => Answer::Unreadable("the subjectAltName is no list of names"),
        Some(ip) => accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone"),
        None if is_name => compare(name, leaf),
        None => Answer::RefuseName("the name is neither a DNS name nor an IP address"),
    }
}

fn compare(name: &[u8], leaf: &SubjectNames) -> Answer {
    for entry in leaf.names() {
        match entry.kind {
            NameKind::Dns if dns_id::covers(entry.bytes, name) => return Answer::Accept,
            NameKind::Unknown(_) => return Answer::Unreadable("the subjectAltName holds an entry of no known kind"),
            _ => {}
        }
    }
    Answer::Reject("no dNSName covers the name")
}

/// `0x` and hexadecimal digits as the last label could be read as an IPv4 number.
fn ends_in_hexadecimal(name: &[u8]) -> bool {
    let last = without_final_dot(name).rsplit(|&b| b == b'.').next().unwrap_or_default();
    matches!(last, [b'0', b'x' | b'X', hex @ ..] if hex.iter().all(u8::is_ascii_hexdigit))
}
