//! GnuTLS 3.7.9: `gnutls_x509_crt_check_hostname2` (lib/x509/hostname-verify.c), `_gnutls_hostname_compare` (lib/str.c);
//! GNU Wget 1.21.3 over it: `url_parse` (src/url.c), `ssl_check_certificate` (src/gnutls.c).
//! Converts what is not printable ASCII through libidn2. A `*` at the start of a name with two dots
//! stands for any text without a dot, for none as well. A single common name counts where there is no
//! dNSName, iPAddress, URI or SRVName, as its RFC 4514 text. Wget decodes `%HH` and drops final dots.

use std::borrow::Cow;

use super::Answer;
use super::idna_libraries::{Ascii, libidn2};
use super::steps::{
    BROKEN_NAMES, NO_COMMON_NAME, NO_DNS_NAME, address, c_string, from_first_dot, has_address, ipv6, percent_decoded,
    strip_trailing_dots, to_utf8,
};
use crate::certificate::names::{OtherName, attributes_of};
use crate::certificate::{Attribute, GeneralName, NameKind, Oid, San, StringType, SubjectNames};

/// One more than the longest name that is read.
const MAX_CN: usize = 256;

/// What `gnutls_x509_crt_check_hostname` says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    if matches!(leaf.san(), San::Broken { .. }) || leaf.names().any(|entry| is_unreadable(&entry)) {
        return Answer::Unreadable(BROKEN_NAMES);
    }
    match address(name) {
        Some(address) if has_address(leaf, address) => Answer::Accept,
        Some(_) => Answer::Reject("an IP address is compared with iPAddress entries alone"),
        None if is_printable(name) => ask_host(name, true, leaf),
        None => match libidn2(name, Ascii::Std3) {
            Some(converted) => ask_host(converted.as_bytes(), true, leaf),
            None => ask_host(name, false, leaf),
        },
    }
}

/// What Wget says of `https://NAME/`, an IPv6 address put in brackets.
pub fn ask_wget(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    let bracketed = name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]"));
    if let Some(literal) = bracketed.or_else(|| ipv6(name).map(|_| name)) {
        return match ipv6(literal) {
            Some(_) => ask(literal, leaf),
            None => Answer::RefuseName("what stands in brackets is no IPv6 address"),
        };
    }
    let name = after_credentials(name);
    if name.is_empty() || name.starts_with(b"[") || name.iter().any(|b| matches!(b, b':' | b'/' | b'?' | b'#')) {
        return Answer::RefuseName("this is not the host of a URL");
    }
    let decoded = percent_decoded(name);
    if decoded.iter().any(u8::is_ascii_control) {
        return Answer::RefuseName("a host holds no control characters");
    }
    let reencoded = name.iter().any(|b| !b.is_ascii_graphic() || b"%\"<>\\^`{|}".contains(b));
    let converted = reencoded.then(|| libidn2(&decoded, Ascii::Any)).flatten();
    ask(strip_trailing_dots(converted.as_deref().map_or(&*decoded, str::as_bytes)), leaf)
}

/// What follows `user@`.
fn after_credentials(authority: &[u8]) -> &[u8] {
    let end = authority.iter().position(|b| matches!(b, b'@' | b'/' | b'?' | b'#' | b';'));
    end.filter(|&at| authority[at] == b'@').map_or(authority, |at| &authority[at + 1..])
}

/// An entry without contents makes the list unreadable, or one in a directoryName.
fn is_unreadable(entry: &GeneralName<'_>) -> bool {
    let has_empty = || attributes_of(entry.bytes).iter().any(|a| a.bytes.is_empty());
    entry.bytes.is_empty() || (entry.kind == NameKind::Directory && has_empty())
}

fn is_printable(text: &[u8]) -> bool {
    text.iter().all(|b| matches!(b, b' '..=b'~'))
}

/// The dNSNames, unless the name could not be converted, then the common name.
fn ask_host(name: &[u8], converted: bool, leaf: &SubjectNames) -> Answer {
    let mut asks_subject = true;
    for entry in leaf.names().filter(|_| converted) {
        let fits = entry.bytes.len() < MAX_CN;
        asks_subject &= fits && !names_a_service(&entry);
        if entry.kind == NameKind::Dns && fits && covers(entry.bytes, name) {
            return Answer::Accept;
        }
    }
    if !asks_subject {
        return Answer::Reject(NO_DNS_NAME);
    }
    let (mut names, is_server) = (leaf.common_names(), may_serve(leaf));
    match (names.next(), names.next()) {
        (Some(cn), None) if is_server && covers_as_text(&cn, name) => Answer::Accept,
        (Some(_), Some(_)) => Answer::Reject("of several common names none counts"),
        _ => Answer::Reject(NO_COMMON_NAME),
    }
}

/// The kinds of entries beside which the subject is not asked (RFC 6125, 6.4.4).
fn names_a_service(entry: &GeneralName<'_>) -> bool {
    match entry.kind {
        NameKind::Dns | NameKind::Ip | NameKind::Uri => true,
        NameKind::Other => matches!(entry.other_name(), OtherName::Srv(_)),
        _ => false,
    }
}

/// Whether the key may be used for TLS servers, without which a common name is no host name.
fn may_serve(leaf: &SubjectNames) -> bool {
    leaf.usages().is_none_or(|usages| {
        usages.iter().any(|usage| [Oid::SERVER_AUTH, Oid::ANY_EXTENDED_KEY_USAGE].contains(&usage.as_str()))
    })
}

/// Whether a common name, written as RFC 4514 has it, covers the name.
fn covers_as_text(cn: &Attribute<'_>, name: &[u8]) -> bool {
    if cn.bytes.is_empty() || matches!(cn.string, StringType::Ia5 | StringType::Universal | StringType::Unknown(_)) {
        return false;
    }
    to_utf8(cn).is_some_and(|text| {
        let text = escaped(&text);
        text.len() < MAX_CN && covers(&text, name)
    })
}

fn escaped(text: &[u8]) -> Cow<'_, [u8]> {
    let is_special = |b: &u8| b",+\"\\<>;".contains(b);
    let at_ends = matches!(text.first(), Some(b'#' | b' ')) || text.last() == Some(&b' ');
    if !at_ends && !text.iter().any(is_special) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    for (i, b) in text.iter().enumerate() {
        let at_end = (i == 0 && matches!(b, b'#' | b' ')) || (i + 1 == text.len() && *b == b' ');
        if at_end || is_special(b) {
            out.push(b'\\');
        }
        out.push(*b);
    }
    Cow::Owned(out)
}

/// `_gnutls_hostname_compare`: a `*` at the start where two dots follow and the last is not the end.
fn covers(pattern: &[u8], name: &[u8]) -> bool {
    if !is_printable(pattern) {
        return false;
    }
    let Some(suffix) = pattern.strip_prefix(b"*") else { return pattern.eq_ignore_ascii_case(name) };
    let has_two_dots = from_first_dot(suffix).is_some_and(|rest| rest[1..].contains(&b'.'));
    let Some(end) = name.len().checked_sub(suffix.len()) else { return false };
    has_two_dots && !suffix.ends_with(b".") && !name[..end].contains(&b'.') && name[end..].eq_ignore_ascii_case(suffix)
}
