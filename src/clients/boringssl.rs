//! BoringSSL (boring-sys 4.22.0): `X509_check_host` and `X509_check_ip` (crypto/x509/v3_utl.cc).
//! A wildcard is a whole first label. The subject is asked only where there is no subjectAltName at
//! all, and there only common names that look like a host name.

use super::Answer;
use super::steps::{
    BROKEN_NAMES, BROKEN_SUBJECT, NO_COMMON_NAME, NO_DNS_NAME, address, c_string, dns_names, has_canonical_names,
    to_utf8,
};
use super::x509_host::{Flags, check_ip, covers};
use crate::certificate::{San, SubjectNames};

const DEFAULT: Flags = Flags { partial_wildcards: false, common_names: true, leading_dot: false };

/// What a program says that hands addresses to `X509_check_ip` and all else to `X509_check_host`.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    let name = c_string(name);
    if let Some(address) = address(name) {
        return check_ip(address, leaf);
    }
    match leaf.san() {
        San::Broken { .. } => Answer::Reject(BROKEN_NAMES),
        San::Present { .. } if dns_names(leaf).any(|pattern| covers(pattern, name, DEFAULT)) => Answer::Accept,
        San::Present { .. } => Answer::Reject(NO_DNS_NAME),
        San::Absent => ask_common_names(name, leaf),
    }
}

fn ask_common_names(name: &[u8], leaf: &SubjectNames) -> Answer {
    for cn in leaf.common_names().filter(|cn| !cn.bytes.is_empty()) {
        match to_utf8(&cn) {
            None => return Answer::Reject("a common name cannot be decoded"),
            Some(cn) if looks_like_dns_name(&cn) && covers(&cn, name, DEFAULT) => return Answer::Accept,
            Some(_) => {}
        }
    }
    Answer::Reject(NO_COMMON_NAME)
}

/// Labels of letters, digits, `-` (not first), `_` and `:`, none empty; a leading `*.` and a
/// trailing dot do not count.
fn looks_like_dns_name(text: &[u8]) -> bool {
    let text = text.strip_suffix(b".").unwrap_or(text);
    let text = text.strip_prefix(b"*.").unwrap_or(text);
    text.split(|&b| b == b'.').all(|label| {
        label.first().is_some_and(|&b| b != b'-')
            && label.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
    })
}
