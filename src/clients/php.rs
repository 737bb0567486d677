//! PHP 8.2.36, openssl streams with `peer_name`: `php_openssl_matches_san_list` and
//! `php_openssl_matches_common_name` (ext/openssl/xp_ssl.c).
//! Bytes are compared as text, addresses too. One dot at the end of a dNSName is ignored, none of the
//! name. A `*` may stand anywhere in the first label and for nothing at all, in `*.com` as well. The
//! first common name counts where there is no dNSName, URI or SRVName.

use super::Answer;
use super::steps::{
    BROKEN_SUBJECT, NO_COMMON_NAME, NO_DNS_NAME, c_string, has_canonical_names, ipv6, strip_one_trailing_dot,
};
use crate::certificate::names::OtherName;
use crate::certificate::{GeneralName, NameKind, SubjectNames};

/// How much of a common name is read.
const MAX_COMMON_NAME: usize = 1023;

/// What a stream with this `peer_name` says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    let name = c_string(name);
    let v6 = ipv6(name).map(|a| a.octets());
    let mut asks_subject = true;
    for entry in leaf.names() {
        let found = match entry.kind {
            NameKind::Dns => covers(strip_one_trailing_dot(entry.bytes), name) && is_c_string(entry.bytes),
            NameKind::Ip => match entry.bytes {
                octets @ [_, _, _, _] => is_written_as(name, octets),
                octets => v6.is_some_and(|v6| octets == v6),
            },
            _ => false,
        };
        if found {
            return Answer::Accept;
        }
        asks_subject &= !names_a_service(&entry);
    }
    if !asks_subject {
        return Answer::Reject(NO_DNS_NAME);
    }
    let cn = leaf.common_names().next().map(|cn| &cn.bytes[..cn.bytes.len().min(MAX_COMMON_NAME)]);
    let found = cn.is_some_and(|cn| !cn.contains(&0) && covers(cn, name));
    if found { Answer::Accept } else { Answer::Reject(NO_COMMON_NAME) }
}

/// The kinds of entries beside which the subject is not asked (RFC 6125, 6.4.4).
fn names_a_service(entry: &GeneralName<'_>) -> bool {
    match entry.kind {
        NameKind::Dns | NameKind::Uri => true,
        NameKind::Other => matches!(entry.other_name(), OtherName::Srv(_)),
        _ => false,
    }
}

/// Whether the name is these octets in decimal notation without leading zeros.
fn is_written_as(name: &[u8], octets: &[u8]) -> bool {
    super::steps::ipv4(name).is_some_and(|a| octets == a.octets())
}

/// An octet beyond ASCII grows in the conversion to UTF-8, and the changed length is taken for a NUL.
fn is_c_string(bytes: &[u8]) -> bool {
    bytes.is_ascii() && !bytes.contains(&0)
}

fn covers(pattern: &[u8], name: &[u8]) -> bool {
    if pattern.eq_ignore_ascii_case(name) {
        return true;
    }
    let Some(star) = pattern.iter().position(|&b| b == b'*') else { return false };
    let (prefix, suffix) = (&pattern[..star], &pattern[star + 1..]);
    let Some(end) = name.len().checked_sub(suffix.len()).filter(|&end| end >= star) else { return false };
    !prefix.contains(&b'.')
        && name[..star].eq_ignore_ascii_case(prefix)
        && name[end..].eq_ignore_ascii_case(suffix)
        && !name[star..end].contains(&b'.')
}
