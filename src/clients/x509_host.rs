//! How OpenSSL and the libraries that were made from it compare a host name with a certificate:
//! `X509_check_host`, `X509_check_ip` (crypto/x509/v3_utl.c).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Answer;
use super::steps::{NO_ADDRESS, NO_COMMON_NAME, NO_DNS_NAME, dns_names, has_address, ipv6, to_utf8};
use crate::certificate::SubjectNames;

/// What a caller of `X509_check_host` asked for.
#[derive(Clone, Copy)]
pub struct Flags {
    /// `f*.example` counts as a wildcard.
    pub partial_wildcards: bool,
    /// The subject is asked where there is no dNSName.
    pub common_names: bool,
    /// `.example` stands for every name below it.
    pub leading_dot: bool,
}

/// `X509_check_ip`: octets against octets.
pub fn check_ip(address: IpAddr, leaf: &SubjectNames) -> Answer {
    if has_address(leaf, address) { Answer::Accept } else { Answer::Reject(NO_ADDRESS) }
}

/// `X509_check_host`: the dNSNames, and all common names where there is none.
pub fn check_host(name: &[u8], leaf: &SubjectNames, flags: Flags) -> Answer {
    let mut present = false;
    for pattern in dns_names(leaf) {
        present = true;
        if covers(pattern, name, flags) {
            return Answer::Accept;
        }
    }
    if present || !flags.common_names {
        return Answer::Reject(NO_DNS_NAME);
    }
    for cn in leaf.common_names().filter(|cn| !cn.bytes.is_empty()) {
        match to_utf8(&cn) {
            None => return Answer::Reject("a common name cannot be decoded"),
            Some(pattern) if covers(&pattern, name, flags) => return Answer::Accept,
            Some(_) => {}
        }
    }
    Answer::Reject(NO_COMMON_NAME)
}

/// Whether one pattern covers the name: with a wildcard where it holds a valid one, else as text.
pub fn covers(pattern: &[u8], name: &[u8], flags: Flags) -> bool {
    if pattern.is_empty() {
        return false;
    }
    let below = name.len() > 1 && name[0] == b'.';
    match star(pattern, flags.partial_wildcards).filter(|_| !below) {
        Some(at) => wildcard_covers(&pattern[..at], &pattern[at + 1..], name),
        None if below && flags.leading_dot && pattern.len() > name.len() => {
            let (prefix, suffix) = pattern.split_at(pattern.len() - name.len());
            !prefix.contains(&0) && same(suffix, name)
        }
        None => same(pattern, name),
    }
}

fn same(pattern: &[u8], name: &[u8]) -> bool {
    pattern.eq_ignore_ascii_case(name) && !pattern.contains(&0)
}

/// Where the one valid wildcard of a pattern stands: in the first label, at its start or end (or
/// alone in it), that label no A-label, two dots behind it, nothing but letters, digits and inner hyphens else.
fn star(pattern: &[u8], partial: bool) -> Option<usize> {
    let at = pattern.iter().position(|&b| b == b'*')?;
    let at_start = at == 0;
    let at_end = pattern.get(at + 1).is_none_or(|&b| b == b'.');
    let allowed = if partial { at_start || at_end } else { at_start && at_end };
    let labels_are_sound = pattern.split(|&b| b == b'.').all(|label| {
        label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-' || b == b'*')
            && label.first().is_some_and(|&b| b != b'-')
            && !ends_in_hyphen(label)
    });
    let a_label = is_a_label(pattern);
    let before = &pattern[..at];
    let alone = !before.contains(&b'.') && !pattern[at + 1..].contains(&b'*');
    let has_two_dots = pattern.split(|&b| b == b'.').nth(2).is_some();
    (allowed && labels_are_sound && !a_label && alone && has_two_dots).then_some(at)
}

/// A hyphen last in the label, a star in between not counted: the state of a hyphen outlives it.
fn ends_in_hyphen(label: &[u8]) -> bool {
    label.iter().rfind(|&&b| b != b'*') == Some(&b'-')
}

fn is_a_label(label: &[u8]) -> bool {
    label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"))
}

fn wildcard_covers(prefix: &[u8], suffix: &[u8], name: &[u8]) -> bool {
    let Some(end) = name.len().checked_sub(suffix.len()).filter(|&end| end >= prefix.len()) else { return false };
    let middle = &name[prefix.len()..end];
    let whole_label = prefix.is_empty() && suffix.first() == Some(&b'.');
    name[..prefix.len()].eq_ignore_ascii_case(prefix)
        && name[end..].eq_ignore_ascii_case(suffix)
        && !(whole_label && middle.is_empty())
        && (whole_label || !is_a_label(name))
        && (middle == b"*" || middle.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// An address as `a2i_IPADDRESS` reads it: leading zeros are decimal, and what follows a space is
/// not looked at.
pub fn lenient_address(text: &[u8]) -> Option<IpAddr> {
    if !text.contains(&b':') {
        return lenient_ipv4(text).map(IpAddr::V4);
    }
    let tail = text.rsplit(|&b| b == b':').next().unwrap_or_default();
    if tail.len() <= 4 {
        return ipv6(text).map(IpAddr::V6);
    }
    let last = lenient_ipv4(tail)?.octets();
    let head = ipv6(&[&text[..text.len() - tail.len()], b"0:0"].concat())?.octets();
    let mut octets = head;
    octets[12..].copy_from_slice(&last);
    Some(IpAddr::V6(Ipv6Addr::from(octets)))
}

fn lenient_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut rest, mut octets) = (text, [0; 4]);
    for (i, octet) in octets.iter_mut().enumerate() {
        if i > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digits = rest.trim_ascii_start();
        let digits = digits.strip_prefix(b"+").unwrap_or(digits);
        let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
        let value = std::str::from_utf8(&digits[..end]).ok()?.parse::<u64>().ok()?;
        *octet = u8::try_from(value).ok()?;
        rest = &digits[end..];
    }
    rest.first().is_none_or(u8::is_ascii_whitespace).then(|| Ipv4Addr::from(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_in_the_first_label() {
        for (pattern, partial, expected) in [
            ("*.a.b", false, Some(0)),
            ("f*.a.b", false, None),
            ("f*.a.b", true, Some(1)),
            ("*f.a.b", true, Some(0)),
            ("f*f.a.b", true, None),
            ("*.b", true, None),
            ("**.a.b", true, None),
            ("a.*.b", true, None),
            ("xn--*.a.b", true, None),
            ("*.a-.b", true, None),
            ("*.a.b.", true, None),
            ("*.a_a.b", true, None),
        ] {
            assert_eq!(star(pattern.as_bytes(), partial), expected, "{pattern}");
        }
    }

    #[test]
    fn addresses_are_read_leniently() {
        assert_eq!(lenient_address(b"010.001.1.1 x"), Some(IpAddr::V4(Ipv4Addr::new(10, 1, 1, 1))));
        assert_eq!(lenient_address(b"::ffff:1.2.3.04"), lenient_address(b"::ffff:102:304"));
        assert_eq!(lenient_address(b"1.2.3"), None);
        assert_eq!(lenient_address(b"1::2::3"), None);
    }
}
