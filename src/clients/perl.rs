//! Perl IO::Socket::SSL 2.081, scheme `www`: `verify_hostname_of_cert` (lib/IO/Socket/SSL.pm).
//! Ignores dots at the end and white space around a dNSName, takes a `*` with text before or behind it
//! in the first label, and asks the public suffix list. The first common name counts where there is
//! no dNSName, for an IPv4 address even beside an iPAddress that is another.

use std::net::IpAddr;

use super::Answer;
use super::steps::{
    BROKEN_SUBJECT, NO_ADDRESS, NO_COMMON_NAME, NO_DNS_NAME, decimal_ipv4, dns_names, has_address, has_canonical_names,
    ipv6, is_below_public_suffix, is_word, strip_trailing_dots, trim_white_space,
};
use crate::certificate::SubjectNames;

/// What `verify_hostname_of_cert` says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    let name = strip_trailing_dots(name);
    if name.contains(&b':') {
        return match ipv6(name) {
            Some(address) => ask_address(name, address.into(), leaf),
            None => Answer::Reject("a name with a colon is no IPv6 address"),
        };
    }
    if name.first().is_some_and(u8::is_ascii_digit) && name.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
        return match decimal_ipv4(name) {
            Some(address) => ask_address(name, address.into(), leaf),
            None => Answer::Reject("a name of digits and dots is no IPv4 address"),
        };
    }
    match name.iter().find(|&&b| !is_word(b) && b != b'.') {
        None => ask_host(name, leaf),
        Some(_) if name.contains(&0) => Answer::Reject("the name holds a NUL"),
        Some(_) => {
            Answer::RefuseName("beyond letters, digits, `-`, `_` and `.` it needs an IDNA library that it lacks")
        }
    }
}

fn ask_address(name: &[u8], address: IpAddr, leaf: &SubjectNames) -> Answer {
    let in_subject = || address.is_ipv4() && leaf.common_names().next().is_some_and(|cn| cn.bytes == name);
    if has_address(leaf, address) || in_subject() { Answer::Accept } else { Answer::Reject(NO_ADDRESS) }
}

fn ask_host(name: &[u8], leaf: &SubjectNames) -> Answer {
    let mut present = false;
    for presented in dns_names(leaf) {
        present = true;
        if covers(trim_white_space(presented), name) {
            return Answer::Accept;
        }
    }
    if present {
        return Answer::Reject(NO_DNS_NAME);
    }
    let found = leaf.common_names().next().is_some_and(|cn| covers(cn.bytes, name));
    if found { Answer::Accept } else { Answer::Reject(NO_COMMON_NAME) }
}

/// Whether a presented name covers the name. What a `*` is followed by ends at a line break.
fn covers(presented: &[u8], name: &[u8]) -> bool {
    let presented = strip_trailing_dots(presented);
    let star = presented.iter().position(|&b| !is_word(b)).filter(|&at| presented[at] == b'*');
    let behind = star.map_or(&[][..], |at| &presented[at + 1..]);
    let (Some(star), Some(suffix)) = (star, behind.split(|&b| b == b'\n').next().filter(|s| !s.is_empty())) else {
        return !presented.is_empty() && presented.eq_ignore_ascii_case(name);
    };
    let prefix = &presented[..star];
    let Some(end) = name.len().checked_sub(suffix.len()).filter(|&end| end > prefix.len()) else { return false };
    !(star > 0 && name.starts_with(b"xn--"))
        && name[..star].eq_ignore_ascii_case(prefix)
        && name[end..].eq_ignore_ascii_case(suffix)
        && name[star..end].iter().all(|&b| is_word(b))
        && is_below_public_suffix(name)
}
