//! OkHttp 3.13.1: okhttp3/internal/tls/OkHostnameVerifier.java, `verify`.
//! The name is compared as it is, without IDNA. Never reads the CN; a subjectAltName that does not
//! parse has no names. What looks like an address (digits and dots, anything hexadecimal with a
//! colon) is compared as text with the JDK's spelling of iPAddress entries, IPv6 in full.

use std::borrow::Cow;

use super::Answer;
use super::jdk::{self, Names};
use super::labels::{accept_if, dns_names, ends_with_ignoring_case, ip_octets};
use crate::certificate::SubjectNames;

/// What OkHttp says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    match jdk::read(leaf) {
        Err(why) => return Answer::Unreadable(why),
        Ok(Names::Read) => {}
        Ok(Names::Absent) => return Answer::Reject("there is no subjectAltName, and the common name is not read"),
        Ok(Names::Unparseable) => return Answer::Reject("the subjectAltName holds a malformed entry"),
    }
    if looks_like_address(name) {
        let text = String::from_utf8_lossy(name);
        let listed = ip_octets(leaf).filter_map(jdk::entry_address).any(|ip| jdk::is_text_of(&text, ip));
        return accept_if(listed, "an IP address is compared with iPAddress entries alone, as text");
    }
    let host = lower(name);
    accept_if(dns_names(leaf).any(|dns| covers(dns, &host)), "no dNSName covers the name")
}

/// `([0-9a-fA-F]*:[0-9a-fA-F:.]*)|([\d.]+)`
fn looks_like_address(name: &[u8]) -> bool {
    match name.iter().position(|&b| b == b':') {
        Some(at) => {
            name[..at].iter().all(u8::is_ascii_hexdigit)
                && name[at..].iter().all(|&b| b.is_ascii_hexdigit() || b == b':' || b == b'.')
        }
        None => !name.is_empty() && name.iter().all(|&b| b.is_ascii_digit() || b == b'.'),
    }
}

/// Lower case where it is more than ASCII's.
fn lower(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(String::from_utf8_lossy(text).to_lowercase().into_bytes())
}

/// Both are made absolute; a `*` is the whole left-most label.
fn covers(pattern: &[u8], host: &[u8]) -> bool {
    let text = jdk::ia5(pattern);
    match (absolute(text.as_bytes()), absolute(host)) {
        (Some(pattern), Some(host)) => match pattern.strip_prefix(b"*") {
            Some(parent) => parent.starts_with(b".") && !parent.contains(&b'*') && is_below(host, parent),
            None => !pattern.contains(&b'*') && pattern.eq_ignore_ascii_case(host),
        },
        _ => false,
    }
}

fn is_below(host: &[u8], parent: &[u8]) -> bool {
    let label = host.get(..host.len().saturating_sub(parent.len())).unwrap_or_default();
    !label.is_empty() && ends_with_ignoring_case(host, parent) && !label.contains(&b'.')
}

/// A name less its final dot; none where it is empty, begins with a dot or ends in two.
fn absolute(name: &[u8]) -> Option<&[u8]> {
    if name.is_empty() || name.starts_with(b".") || name.ends_with(b"..") {
        return None;
    }
    Some(name.strip_suffix(b".").unwrap_or(name))
}
