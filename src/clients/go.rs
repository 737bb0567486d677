//! Go 1.27.3, crypto/x509: verify.go, `Certificate.VerifyHostname`; parser.go, `ParseCertificate`.
//! Never reads the CN. An address, bracketed or not, is compared with iPAddress entries only, IPv4 in
//! IPv6 being the same as IPv4. Where name or entry is no host name, they are compared as exact text.
//! Parsing is strict: one malformed entry or subject string, and the certificate is unreadable.

use std::net::IpAddr;

use super::steps_b::{
    accept_if, dns_names, has_ip, ip_text_without_zone, split_first_label, without_brackets, without_final_dot,
};
use super::{Answer, uri};
use crate::certificate::{Attribute, GeneralName, LeafCertificate, NameKind, San, StringType};

/// What Go says.
pub fn ask(name: &[u8], leaf: &LeafCertificate) -> Answer {
    if let Some(why) = unreadable(leaf) {
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

/// Why `ParseCertificate` fails.
fn unreadable(leaf: &LeafCertificate) -> Option<&'static str> {
    if matches!(leaf.san(), San::Broken { .. }) {
        return Some("the subjectAltName is no list of names");
    }
    leaf.names().find_map(malformed).or_else(|| leaf.subject().find_map(malformed_string))
}

fn malformed(name: GeneralName<'_>) -> Option<&'static str> {
    match name.kind {
        NameKind::Dns if !name.bytes.is_ascii() => Some("a dNSName is not ASCII"),
        NameKind::Email if !name.bytes.is_ascii() => Some("an rfc822Name is not ASCII"),
        NameKind::Uri if !name.bytes.is_ascii() || !uri::go_parses(name.bytes) => {
            Some("a uniformResourceIdentifier cannot be parsed")
        }
        NameKind::Ip => match <[u8; 16]>::try_from(name.bytes) {
            Ok(v6) => IpAddr::from(v6).to_canonical().is_ipv4().then_some("an iPAddress is IPv4 mapped into IPv6"),
            Err(_) => (name.bytes.len() != 4).then_some("an iPAddress has neither 4 nor 16 octets"),
        },
        _ => None,
    }
}

fn malformed_string(attribute: Attribute<'_>) -> Option<&'static str> {
    let bytes = attribute.bytes;
    let is_printable = |b: &u8| b.is_ascii_alphanumeric() || b" '()*+,-./:=?&".contains(b);
    let is_well_formed = match attribute.string {
        StringType::Printable => bytes.iter().all(is_printable),
        StringType::Ia5 => bytes.is_ascii(),
        StringType::Utf8 => std::str::from_utf8(bytes).is_ok(),
        StringType::Bmp => bytes.chunks(2).all(|pair| matches!(pair, &[a, b] if is_ucs2(u16::from_be_bytes([a, b])))),
        StringType::Unknown(18) => bytes.iter().all(|&b| b.is_ascii_digit() || b == b' '),
        _ => true,
    };
    (!is_well_formed).then_some("a string of the subject is not what its type says")
}

fn is_ucs2(point: u16) -> bool {
    !matches!(point, 0xFFFE | 0xFFFF | 0xFDD0..=0xFDEF | 0xD800..=0xDFFF)
}
