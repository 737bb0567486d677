//! Python 3.13.0 `ssl` (Modules/_ssl.c, Lib/encodings/idna.py) over OpenSSL 3.0.22; requests 2.34.2 over
//! it: `prepare_url` (models.py), urllib3 2.8.0 `parse_url` (util/url.py), `connect` (connection.py).
//! The `idna` codec (IDNA 2003) converts the name and refuses empty labels; a wildcard is a whole label.
//! `ssl` asks the subject where there is no dNSName, requests never. requests converts by IDNA 2008
//! without mapping, quotes odd characters, and drops dots at the end.

use std::borrow::Cow;

use super::Answer;
use super::idna_libraries::{idna2008_label, python_codec};
use super::steps::{BROKEN_SUBJECT, has_canonical_names, hex_octet, ipv6, strip_trailing_dots};
use super::x509_host::{Flags, check_host, check_ip, lenient_address};
use crate::certificate::{San, SubjectNames};

/// The longest name that fits into SNI.
const MAX_SNI: usize = 255;

/// What `SSLContext.wrap_socket(server_hostname=NAME)` of a default context says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    verify(name, leaf, true)
}

/// What `requests.get("https://NAME/")` says, an IPv6 address put in brackets.
pub fn ask_requests(name: &[u8], leaf: &SubjectNames) -> Answer {
    let bracketed = name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]"));
    if let Some(literal) = bracketed.or_else(|| ipv6(name).map(|_| name)) {
        let zone = literal.iter().position(|&b| b == b'%').unwrap_or(literal.len());
        let (address, zone) = literal.split_at(zone);
        return match ipv6(address) {
            Some(address) if is_zone(zone) => check_ip(address.into(), leaf),
            _ => Answer::RefuseName("what stands in brackets is no IPv6 address"),
        };
    }
    match url_host(name) {
        // The name is resolved before its final dots go.
        Some(host) if host.ends_with(b"..") => Answer::RefuseName("a label is empty"),
        Some(host) => verify(strip_trailing_dots(&host), leaf, false),
        None => Answer::RefuseName("this is not the host of a URL"),
    }
}

fn verify(name: &[u8], leaf: &SubjectNames, common_names: bool) -> Answer {
    let Some(name) = std::str::from_utf8(name).ok().and_then(python_codec) else {
        return Answer::RefuseName("the codec `idna` refuses a label that is empty, too long or of such characters");
    };
    let name = name.as_bytes();
    if name.is_empty() || name.starts_with(b".") || name.contains(&0) {
        return Answer::RefuseName("a server name is not empty, does not begin with a dot and holds no NUL");
    }
    let address = lenient_address(name);
    if address.is_none() && name.len() > MAX_SNI {
        return Answer::RefuseName("the name is longer than 255 octets");
    }
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    if let Some(why) = fails_strict_check(leaf) {
        return Answer::Reject(why);
    }
    match address {
        Some(address) => check_ip(address, leaf),
        None => check_host(name, leaf, Flags { partial_wildcards: false, common_names, leading_dot: false }),
    }
}

/// What OpenSSL's strict check, which a default context asks for, has against the names.
fn fails_strict_check(leaf: &SubjectNames) -> Option<&'static str> {
    let has_subject = leaf.subject().next().is_some();
    match leaf.san() {
        San::Present { total: 0, .. } => Some("the strict check does not allow an empty subjectAltName"),
        San::Present { critical: true, .. } => None,
        _ if has_subject => None,
        _ => Some("the strict check does not allow an empty subject without a critical subjectAltName"),
    }
}

/// Nothing, or `%` and unreserved characters.
fn is_zone(zone: &[u8]) -> bool {
    let unreserved = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'~');
    zone.is_empty() || (zone.len() > 1 && zone[1..].iter().all(unreserved))
}

/// The host of `https://NAME/` after `parse_url`, `prepare_url` and `requote_uri`.
fn url_host(name: &[u8]) -> Option<Cow<'_, [u8]>> {
    let host = name.iter().rposition(|&b| b == b'@').map_or(name, |at| &name[at + 1..]);
    let refused = |b: &u8| *b <= b' ' || *b == 0x7F || b"[]:/?#\\".contains(b);
    if host.is_empty() || name.iter().any(refused) {
        return None;
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"!$&'()*+,;=-._~".contains(b);
    let host = if host.iter().all(plain) { Cow::Borrowed(host) } else { Cow::Owned(normalized(host)?) };
    (!host.starts_with(b"*") && !host.starts_with(b".")).then_some(host)
}

/// A host with `%HH` decoded where it stands for an unreserved character, labels in other scripts
/// converted, and what a URL does not hold written as `%HH`.
fn normalized(host: &[u8]) -> Option<Vec<u8>> {
    let host = std::str::from_utf8(&decoded(host)?).ok()?.to_owned();
    let labels = host.split('.').map(|l| if l.is_ascii() { Some(l.to_owned()) } else { idna2008_label(l) });
    let host = labels.collect::<Option<Vec<_>>>()?.join(".");
    let mut out = Vec::with_capacity(host.len());
    for b in host.bytes() {
        if b"\"<>^`{|}".contains(&b) {
            out.extend([b'%', hex_digit(b >> 4), hex_digit(b & 15)]);
        } else {
            out.push(b);
        }
    }
    Some(out)
}

fn hex_digit(value: u8) -> u8 {
    b"0123456789ABCDEF".get(usize::from(value)).copied().unwrap_or(b'0')
}

/// Unreserved characters out of `%HH`; none where a `%` has no two digits, or control characters.
fn decoded(host: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut rest) = (Vec::with_capacity(host.len()), host);
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            out.push(*first);
            rest = after;
            continue;
        }
        let octet = hex_octet(after)?;
        match octet {
            0..b' ' | 0x7F => return None,
            b'-' | b'.' | b'_' | b'~' => out.push(octet),
            _ if octet.is_ascii_alphanumeric() => out.push(octet),
            _ => out.extend([b'%', hex_digit(octet >> 4), hex_digit(octet & 15)]),
        }
        rest = &after[2..];
    }
    Some(out)
}
