//! gRPC C-core (grpcio 1.85.1): grpc_tls_certificate_verifier.cc, `HostNameCertificateVerifier::Verify`.
//! Names are C strings: a NUL ends them. A port and a zone are cut off the target. An address is a
//! name like any other: exact text, wildcards and dNSNames included. Without a dNSName the first
//! common name is compared.

use std::borrow::Cow;

use super::Answer;
use super::labels::{
    accept_if, dns_names, ends_with_ignoring_case, has_ip_text, ip_octets, latin1, subject_decodes, until_nul,
    without_final_dot,
};
use crate::certificate::{Attribute, StringType, SubjectNames};

/// The longest name that the handshake sends as server name.
const MAX_SERVER_NAME: usize = 255;

/// What gRPC says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let target = until_nul(name);
    let host = host_of(target);
    if target.is_empty() {
        return Answer::RefuseName("the name is empty");
    }
    if host.unwrap_or(target).len() > MAX_SERVER_NAME {
        return Answer::RefuseName("the name is longer than 255 octets");
    }
    if ip_octets(leaf).any(|octets| !matches!(octets.len(), 4 | 16)) {
        return Answer::Unreadable("an iPAddress has neither 4 nor 16 octets");
    }
    if !subject_decodes(leaf) {
        return Answer::Unreadable("a string of the subject cannot be decoded");
    }
    match host {
        Some(host) => compare(host.split(|&b| b == b'%').next().unwrap_or(host), leaf),
        None => Answer::Reject("what stands in brackets is no IPv6 address"),
    }
}

fn compare(host: &[u8], leaf: &SubjectNames) -> Answer {
    let mut presented = dns_names(leaf).peekable();
    let has_dns = presented.peek().is_some();
    if presented.any(|dns| covers(until_nul(&latin1(dns)), host)) || has_ip_text(leaf, host) {
        return Answer::Accept;
    }
    if has_dns {
        return Answer::Reject("no dNSName covers the name");
    }
    let first = leaf.common_names().next();
    let covered = first.is_some_and(|cn| covers(until_nul(&in_utf8(&cn)), host));
    accept_if(covered, "there is no dNSName, and the first common name does not cover the name")
}

/// `ASN1_STRING_to_UTF8`: a PrintableString and an IA5String are read as Latin-1.
fn in_utf8<'a>(cn: &Attribute<'a>) -> Cow<'a, [u8]> {
    match cn.string {
        StringType::Printable | StringType::Ia5 => latin1(cn.bytes),
        _ => cn.text(),
    }
}

/// `SplitHostPort`: more than one colon is an IPv6 address without brackets.
fn host_of(target: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = target.strip_prefix(b"[") {
        let end = rest.iter().position(|&b| b == b']')?;
        let (host, after) = rest.split_at(end);
        return (matches!(after, [b']'] | [b']', b':', ..]) && host.contains(&b':')).then_some(host);
    }
    let mut parts = target.split(|&b| b == b':');
    let first = parts.next()?;
    Some(if parts.count() == 1 { first } else { target })
}

/// `VerifySubjectAlternativeName`: both made absolute; a `*` is the whole left-most label.
fn covers(presented: &[u8], host: &[u8]) -> bool {
    if presented.is_empty() || presented.starts_with(b".") || host.is_empty() || host.starts_with(b".") {
        return false;
    }
    let (presented, host) = (without_final_dot(presented), without_final_dot(host));
    let Some(parent) = presented.strip_prefix(b"*") else {
        return !presented.contains(&b'*') && presented.eq_ignore_ascii_case(host);
    };
    parent.starts_with(b".")
        && !parent.contains(&b'*')
        && ends_with_ignoring_case(host, parent)
        && !host.get(..host.len() - parent.len()).is_none_or(|label| label.contains(&b'.'))
}
