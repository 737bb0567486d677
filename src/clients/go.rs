//! Go 1.27.3, crypto/x509: verify.go, `SubjectNames.VerifyHostname`; parser.go, `ParseCertificate`.
//! Never reads the CN. An address, bracketed or not, is compared with iPAddress entries only, IPv4 in
//! IPv6 being the same as IPv4. Where name or entry is no host name, they are compared as exact text.
//! Parsing is strict: one malformed entry or subject string, and the certificate is unreadable.

use super::Answer;
use super::labels::{
    accept_if, dns_names, has_ip, ip_text_without_zone, split_first_label, without_brackets, without_final_dot,
};
use super::reading::unreadable_to_go;
use crate::certificate::SubjectNames;

/// What Go says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if let Some(why) = unreadable_to_go(leaf) {
        return Answer::Unreadable(why);
    }
    let literal = if name.len() >= 3 { without_brackets(name) } else { name };
    if let Some(ip) = ip_text_without_zone(literal) {
        // An entry of 16 octets that maps IPv4 was unreadable above.
        return accept_if(has_ip(leaf, ip.to_canonical()), "an IP address is compared with iPAddress entries alone");
    }
    let is_host = is_host_name(without_final_dot(name), false);
    let covered = dns_names(leaf).any(|pattern| {
        if is_host && is_host_name(pattern, true) {
            covers(pattern, without_final_dot(name))
        } else {
            is_same(pattern, name)
        }
    });
    accept_if(covered, "no dNSName covers the name")
}

/// `validHostname`: labels of letters, digits, underscores and hyphens that do not begin with one.
fn is_host_name(name: &[u8], is_pattern: bool) -> bool {
    let labels = match name.strip_prefix(b"*.") {
        Some(parent) if is_pattern => parent,
        _ => name,
    };
    labels.split(|&b| b == b'.').all(|label| {
        !label.is_empty()
            && !label.starts_with(b"-")
            && label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })
}

fn covers(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.strip_prefix(b"*.") {
        Some(parent) => split_first_label(name).1.is_some_and(|rest| rest.eq_ignore_ascii_case(parent)),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

/// `matchExactly`: the same text, which is neither empty nor the root.
fn is_same(pattern: &[u8], name: &[u8]) -> bool {
    !matches!(pattern, b"" | b".") && pattern.eq_ignore_ascii_case(name)
}
