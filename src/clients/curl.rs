//! curl (libcurl) 8.21.0 with BoringSSL and 7.88.1 with OpenSSL: `parse_authority` (lib/urlapi.c),
//! `ossl_verifyhost` (lib/vtls/openssl.c), `hostmatch` (lib/vtls/hostcheck.c).
//! Any number that `inet_aton` reads is an address. One dot at the end is ignored on both sides. The
//! last common name counts where there is no dNSName and no iPAddress, for addresses too. 8.21 converts
//! names in other scripts, 7.88 outside a UTF-8 locale refuses them; only 8.21 refuses a second final dot.
//! Only 8.21 refuses to compare a wildcard with a name that begins with a dot.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use super::Answer;
use super::idna_libraries::{Ascii, libidn2};
use super::steps::{
    BROKEN_SUBJECT, NO_ADDRESS, NO_COMMON_NAME, NO_DNS_NAME, address, c_string, dns_names, from_first_dot, has,
    has_address, has_canonical_names, ipv4_any_form, ipv6, last_common_name, percent_decoded, strip_one_trailing_dot,
    to_utf8,
};
use crate::certificate::{NameKind, SubjectNames};

/// The longest name that fits into SNI.
const MAX_SNI: usize = 255;

/// The release whose `hostmatch` compares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Release {
    Seven,
    /// From 8.18.0 on: a wildcard does not cover a name that begins with a dot.
    Eight,
}

/// A host as the URL parser leaves it; an address with the text that it keeps where that is no longer.
enum Host<'a> {
    Address(IpAddr, &'a [u8]),
    Name(Cow<'a, [u8]>),
}

/// What libcurl 8.21.0 says of `https://NAME/`, a name with a colon put in brackets.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    if name.contains(&b':') {
        return match zoned_ipv6(name) {
            Some(address) => verify(&Host::Address(address.into(), b""), leaf, Release::Eight),
            None => Answer::RefuseName("a name with a colon is no IPv6 address"),
        };
    }
    let dotless = name.strip_suffix(b".").filter(|n| !n.is_empty() && !n.ends_with(b"."));
    if name.ends_with(b".") && dotless.is_none() {
        return Answer::RefuseName("a host has one dot at its end at most, and is not a dot alone");
    }
    if let Some(address) = dotless.and_then(ipv4_any_form) {
        return verify(&Host::Address(address.into(), b""), leaf, Release::Eight);
    }
    match url_host(name, b" \r\n\t/:#?!@{|}[]\\$'\"^`*<>=;,+&()%") {
        Ok(Host::Name(name)) if !name.is_ascii() => match libidn2(&name, Ascii::Any) {
            // `get_peer_type` looks for an address after this conversion.
            Some(converted) => match address(converted.as_bytes()) {
                Some(address) => verify(&Host::Address(address, b""), leaf, Release::Eight),
                None => verify(&Host::Name(Cow::Owned(converted.into_bytes())), leaf, Release::Eight),
            },
            None => Answer::RefuseName("libidn2 does not convert the name"),
        },
        Ok(host) => verify(&host, leaf, Release::Eight),
        Err(why) => Answer::RefuseName(why),
    }
}

/// What libcurl 7.88.1 says of `https://NAME/`, an IPv6 address put in brackets, outside a UTF-8 locale.
pub fn ask_7(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    let bracketed = name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]"));
    let host = match (bracketed, ipv6(name)) {
        (Some(literal), _) => zoned_ipv6(literal)
            .map(|a| Host::Address(a.into(), until_zone(literal)))
            .ok_or("no IPv6 address in brackets"),
        (None, Some(address)) => Ok(Host::Address(address.into(), name)),
        // A third slash behind the scheme is let pass.
        (None, None) => url_host(name.strip_prefix(b"/").unwrap_or(name), b" \r\n\t/:#?!@{}[]\\$'\"^`*<>=;,+&()"),
    };
    match host {
        Ok(Host::Name(name)) if !name.is_ascii() => Answer::RefuseName("outside a UTF-8 locale a host is ASCII"),
        Ok(host) => verify(&host, leaf, Release::Seven),
        Err(why) => Answer::RefuseName(why),
    }
}

/// An IPv6 address, perhaps with a zone of up to 15 characters.
fn zoned_ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    let Some(percent) = text.iter().position(|&b| b == b'%') else { return ipv6(text) };
    let zone = &text[percent + 1..];
    let zone = zone.strip_prefix(b"25").filter(|rest| !rest.is_empty()).unwrap_or(zone);
    ipv6(&text[..percent]).filter(|_| (1..=15).contains(&zone.len()) && !zone.contains(&b']'))
}

fn until_zone(literal: &[u8]) -> &[u8] {
    literal.split(|&b| b == b'%').next().unwrap_or(literal)
}

/// The host of a URL: an address in any form, or a name with `%HH` decoded that holds none of `bad`.
fn url_host<'a>(name: &'a [u8], bad: &[u8]) -> Result<Host<'a>, &'static str> {
    let end = name.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(name.len());
    let authority = &name[..end];
    let host = authority.iter().position(|&b| b == b'@').map_or(authority, |at| &authority[at + 1..]);
    let (host, port) = match host.iter().position(|&b| b == b':') {
        // Where the authority does not end here, the name's own colon is followed by the port that is asked.
        Some(colon) if end < name.len() => (&host[..colon], &host[colon + 1..]),
        Some(_) => return Err("the text after the colon is not a valid port"),
        None => (host, &b""[..]),
    };
    if !is_port(port) {
        return Err("the text after the colon is not a valid port");
    }
    if let Some(address) = ipv4_any_form(host) {
        return Ok(Host::Address(address.into(), host));
    }
    let host = percent_decoded(host);
    if host.is_empty() {
        return Err("there is no host");
    }
    if name.iter().chain(host.iter()).any(|b| b.is_ascii_control() || *b == b' ')
        || host.iter().any(|b| bad.contains(b))
    {
        return Err("a host does not hold this character");
    }
    if host.len() > MAX_SNI {
        return Err("the name is longer than 255 octets");
    }
    Ok(Host::Name(host))
}

/// A decimal number of 16 bits, or nothing.
fn is_port(text: &[u8]) -> bool {
    let digit = |value: u32, b: &u8| {
        b.is_ascii_digit().then(|| value * 10 + u32::from(b - b'0')).filter(|&v| u16::try_from(v).is_ok())
    };
    text.iter().try_fold(0, digit).is_some()
}

fn verify(host: &Host<'_>, leaf: &SubjectNames, release: Release) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    match host {
        Host::Address(address, _) if has_address(leaf, *address) => Answer::Accept,
        Host::Name(name) if dns_names(leaf).any(|pattern| covers(pattern, name, release)) => Answer::Accept,
        _ if has(leaf, NameKind::Dns) || has(leaf, NameKind::Ip) => match host {
            Host::Address(..) => Answer::Reject(NO_ADDRESS),
            Host::Name(_) => Answer::Reject(NO_DNS_NAME),
        },
        Host::Address(address, typed) => verify_common_name(&normalized(*address, typed), leaf, release),
        Host::Name(name) => verify_common_name(name, leaf, release),
    }
}

/// The text of an address: the usual one, but for 7.88.1 an IPv6 address as typed where that is no longer.
fn normalized(address: IpAddr, typed: &[u8]) -> Vec<u8> {
    let text = address.to_string().into_bytes();
    if address.is_ipv6() && (1..=text.len()).contains(&typed.len()) { typed.to_owned() } else { text }
}

fn verify_common_name(name: &[u8], leaf: &SubjectNames, release: Release) -> Answer {
    let Some(cn) = last_common_name(leaf) else { return Answer::Reject(NO_COMMON_NAME) };
    let is_raw = cn.string == crate::certificate::StringType::Utf8;
    let text = if is_raw { Some(Cow::Borrowed(cn.bytes)) } else { to_utf8(&cn) };
    let found = text.is_some_and(|text| covers(&text, name, release));
    if found { Answer::Accept } else { Answer::Reject(NO_COMMON_NAME) }
}

/// `hostmatch`: a pattern that begins with `*.` and has two dots stands for one label. The name holds
/// no NUL, so one that does never covers it.
fn covers(pattern: &[u8], name: &[u8], release: Release) -> bool {
    if pattern.is_empty() || name.is_empty() {
        return false;
    }
    let is_wildcard = pattern.starts_with(b"*.");
    let (pattern, host) = (strip_one_trailing_dot(pattern), strip_one_trailing_dot(name));
    match pattern.get(1..) {
        Some(_) if is_wildcard && address(name).is_some() => false,
        Some(_) if is_wildcard && release == Release::Eight && name.starts_with(b".") => false,
        Some(parent) if is_wildcard && parent.get(1..).is_some_and(|p| p.contains(&b'.')) => {
            from_first_dot(host).is_some_and(|rest| rest.eq_ignore_ascii_case(parent))
        }
        _ => pattern.eq_ignore_ascii_case(host),
    }
}
