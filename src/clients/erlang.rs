//! Erlang/OTP 25: lib/public_key/src/public_key.erl, `pkix_verify_hostname` with the https match fun.
//! Dots at the ends and in a row do not count; a `*` anywhere in the left-most label stands for any
//! part of it, before a top-level label too. Only without any subjectAltName entry all the common
//! names are tried, and never for an address. An IA5String as CN makes the certificate unreadable.

use std::borrow::Cow;
use std::net::IpAddr;

use super::labels::{accept_if, dns_names, ends_with_ignoring_case, has_ip, ip_text};
use super::reading::unreadable_to_otp;
use super::{Answer, url_host};
use crate::certificate::{Attribute, StringType, SubjectNames};

/// What Erlang says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if let Some(why) = unreadable_to_otp(leaf) {
        return Answer::Unreadable(why);
    }
    let ip = strict_address(name);
    if leaf.total_names() > 0 {
        return match ip {
            Some(ip) => accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone"),
            None => accept_if(dns_names(leaf).any(|dns| covers(dns, name)), "no dNSName covers the name"),
        };
    }
    if ip.is_some() || url_host::ipv4(name, false).is_some() {
        return Answer::Reject("an IP address is compared with iPAddress entries alone");
    }
    let covered = leaf.common_names().any(|cn| text(&cn).is_some_and(|cn| covers_as_cn(&cn, name)));
    accept_if(covered, "the subjectAltName is empty or absent, and no common name covers the name")
}

/// What `inet:parse_strict_address` takes for an address: a zone only where there are zones.
fn strict_address(name: &[u8]) -> Option<IpAddr> {
    let Some(at) = name.iter().position(|&b| b == b'%') else { return ip_text(name) };
    let has_zones = |ip: &IpAddr| matches!(ip, IpAddr::V6(v6) if matches!(v6.segments(), [0xFE80 | 0xFF02, 0, ..]));
    ip_text(&name[..at]).filter(has_zones)
}

fn covers_as_cn(pattern: &[u8], name: &[u8]) -> bool {
    if pattern.eq_ignore_ascii_case(name) { !name.contains(&b'*') } else { covers(pattern, name) }
}

/// `verify_hostname_match_wildcard`: labels without the empty ones. Nothing covers nothing.
fn covers(pattern: &[u8], name: &[u8]) -> bool {
    let (mut patterns, mut labels) = (labels(pattern), labels(name));
    match (patterns.next(), labels.next()) {
        (Some(pattern), Some(label)) => covers_label(pattern, label) && same_labels(patterns, labels),
        _ => pattern.is_empty() && name.is_empty(),
    }
}

fn labels(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|&b| b == b'.').filter(|label| !label.is_empty())
}

fn same_labels<'a>(a: impl Iterator<Item = &'a [u8]>, mut b: impl Iterator<Item = &'a [u8]>) -> bool {
    for label in a {
        if !b.next().is_some_and(|other| other.eq_ignore_ascii_case(label)) {
            return false;
        }
    }
    b.next().is_none()
}

fn covers_label(pattern: &[u8], label: &[u8]) -> bool {
    let Some(star) = pattern.iter().position(|&b| b == b'*') else { return pattern.eq_ignore_ascii_case(label) };
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let middle = label.get(..star).filter(|start| start.eq_ignore_ascii_case(before)).and_then(|_| label.get(star..));
    !after.contains(&b'*') && middle.is_some_and(|m| !m.contains(&b'*') && ends_with_ignoring_case(m, after))
}

/// A common name as it is compared: T61String and UTF8String as the octets they are, BMPString and
/// UniversalString as characters, which are no octets of a name where they are not ASCII.
fn text<'a>(cn: &Attribute<'a>) -> Option<Cow<'a, [u8]>> {
    match cn.string {
        StringType::T61 => Some(Cow::Borrowed(cn.bytes)),
        StringType::Bmp | StringType::Universal => Some(cn.text()).filter(|text| text.is_ascii()),
        _ => Some(cn.text()),
    }
}
