//! Names as text: labels, dots, brackets, addresses, public suffixes, patterns; steps of several clients.

pub use super::steps::dns_names;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::certificate::{Attribute, GeneralName, NameKind, San, StringType, SubjectNames};
use crate::clients::Answer;

/// Accepts, or rejects for a reason.
#[must_use]
pub fn accept_if(accepted: bool, otherwise: &'static str) -> Answer {
    if accepted { Answer::Accept } else { Answer::Reject(otherwise) }
}

/// The iPAddress entries' octets, however many they are.
pub fn ip_octets(leaf: &SubjectNames) -> impl Iterator<Item = &[u8]> {
    of_kind(leaf, NameKind::Ip)
}

fn of_kind(leaf: &SubjectNames, kind: NameKind) -> impl Iterator<Item = &[u8]> {
    leaf.names().filter(move |name: &GeneralName<'_>| name.kind == kind).map(|name| name.bytes)
}

/// Whether an iPAddress entry holds exactly this address's octets.
#[must_use]
pub fn has_ip(leaf: &SubjectNames, ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => ip_octets(leaf).any(|octets| octets == v4.octets()),
        IpAddr::V6(v6) => ip_octets(leaf).any(|octets| octets == v6.octets()),
    }
}

/// An address in text: a dotted quad of decimal parts without leading zeros, or IPv6 without a zone.
#[must_use]
pub fn ip_text(text: &[u8]) -> Option<IpAddr> {
    // Only these begin an address, and a name that ends in a letter beyond f is none.
    let may_be = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    if !text.first().is_some_and(may_be) || !text.last().is_some_and(may_be) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The same, where an IPv6 address may carry a zone, which is dropped.
#[must_use]
pub fn ip_text_without_zone(text: &[u8]) -> Option<IpAddr> {
    match text.iter().position(|&b| b == b'%') {
        Some(at) if at + 1 < text.len() => ip_text(text.get(..at)?).filter(IpAddr::is_ipv6),
        Some(_) => None,
        None => ip_text(text),
    }
}

/// What stands between brackets, or the whole.
#[must_use]
pub fn without_brackets(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]")).unwrap_or(name)
}

/// Drops one final dot.
#[must_use]
pub fn without_final_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

/// What stands before the first NUL, as C reads a string.
#[must_use]
pub fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|&b| b == 0).next().unwrap_or(text)
}

/// The first label, and what follows its dot.
#[must_use]
pub fn split_first_label(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    match name.iter().position(|&b| b == b'.') {
        Some(dot) => (&name[..dot], name.get(dot + 1..)),
        None => (name, None),
    }
}

/// Whether a text ends with another, ASCII letters alike in both cases.
#[must_use]
pub fn ends_with_ignoring_case(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// Text in Latin-1, in UTF-8.
#[must_use]
pub fn latin1(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect::<String>().into_bytes())
}

/// Whether the certificate's subject is empty.
#[must_use]
pub fn has_no_subject(leaf: &SubjectNames) -> bool {
    leaf.subject().next().is_none()
}

/// Whether the subjectAltName extension is there and marked critical.
#[must_use]
pub fn san_is_critical(leaf: &SubjectNames) -> bool {
    matches!(leaf.san(), San::Present { critical: true, .. } | San::Broken { critical: true })
}

/// Whether every attribute of the subject can be turned into UTF-8, without which the libraries that
/// come from SSLeay do not take the certificate at all.
#[must_use]
pub fn subject_decodes(leaf: &SubjectNames) -> bool {
    leaf.subject().all(|attribute| decodes(&attribute))
}

fn decodes(attribute: &Attribute<'_>) -> bool {
    let bytes = attribute.bytes;
    match attribute.string {
        StringType::Utf8 => bytes.is_ascii() || std::str::from_utf8(bytes).is_ok(),
        StringType::Bmp => {
            bytes.chunks(2).all(|c| matches!(c, &[a, b] if char::from_u32(u32::from_be_bytes([0, 0, a, b])).is_some()))
        }
        StringType::Universal => bytes
            .chunks(4)
            .all(|c| matches!(c, &[a, b, c, d] if char::from_u32(u32::from_be_bytes([a, b, c, d])).is_some())),
        _ => true,
    }
}

/// The length of a name's suffix in the ICANN part of the public suffix list, where an unlisted
/// top-level label is a suffix too.
#[must_use]
pub fn icann_suffix_len(name: &[u8]) -> usize {
    let lower: Cow<'_, [u8]> = if name.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    };
    let mut rest = &*lower;
    while let Some(suffix) = psl::suffix(rest) {
        let suffix_len = suffix.as_bytes().len();
        if suffix.typ() != Some(psl::Type::Private) {
            return suffix_len;
        }
        let suffix = rest.get(rest.len() - suffix_len..).unwrap_or_default();
        let Some(parent) = split_first_label(suffix).1 else { return suffix_len };
        rest = parent;
    }
    0
}

/// Node's rule for one pattern (RFC 6125, 6.4.3, with partial wildcards): a `*` in the left-most
/// label stands for part of one label, not beside an A-label, not more than once, and not before a
/// single label; a pattern with an empty label or anything but printable ASCII matches nothing.
/// `host` and `pattern` may each end in a dot.
#[must_use]
pub fn partial_wildcard_covers(pattern: &[u8], host: &[u8]) -> bool {
    let (pattern, host) = (without_final_dot(pattern), without_final_dot(host));
    let (first, parent) = split_first_label(pattern);
    let (host_first, host_parent) = split_first_label(host);
    let same_parent = match (parent, host_parent) {
        (Some(p), Some(h)) => p.eq_ignore_ascii_case(h),
        (None, None) => true,
        _ => false,
    };
    same_parent
        && first_label_covers(first, host_first, parent)
        && pattern.iter().all(|b| matches!(b, 0x21..=0x7F))
        && pattern.split(|&b| b == b'.').all(|label| !label.is_empty())
}

fn first_label_covers(pattern: &[u8], label: &[u8], parent: Option<&[u8]>) -> bool {
    let mut parts = pattern.split(|&b| b == b'*');
    let (Some(before), Some(after)) = (parts.next(), parts.next()) else {
        return pattern.eq_ignore_ascii_case(label);
    };
    if pattern.windows(4).any(|w| w.eq_ignore_ascii_case(b"xn--")) {
        return pattern.eq_ignore_ascii_case(label);
    }
    parts.next().is_none()
        && parent.is_some_and(|parent| parent.contains(&b'.'))
        && before.len() + after.len() <= label.len()
        && label.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before))
        && ends_with_ignoring_case(label, after)
}

/// Whether a name begins with one text and ends with another, and holds no dot between.
#[must_use]
pub fn spans(before: &[u8], after: &[u8], host: &[u8]) -> bool {
    let starts = host.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before));
    let rest = host.get(before.len()..).filter(|_| starts).unwrap_or_default();
    let middle = rest.len().checked_sub(after.len()).and_then(|at| rest.split_at_checked(at));
    starts && middle.is_some_and(|(middle, end)| end.eq_ignore_ascii_case(after) && !middle.contains(&b'.'))
}

/// Whether the parts of a pattern between its asterisks are found in a label one after the other: the
/// first at the beginning, the last at the end.
#[must_use]
pub fn pieces_cover(pattern: &str, label: &str) -> bool {
    if !pattern.contains('*') {
        return pattern.eq_ignore_ascii_case(label);
    }
    let (pattern, label) = (pattern.to_ascii_lowercase(), label.to_ascii_lowercase());
    let mut rest = label.as_str();
    let mut parts = pattern.split('*').peekable();
    let mut is_first = true;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) if !is_first || at == 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
        is_first = false;
    }
    false
}

/// The root that a lower-case name has in the public suffix list: one label more than the suffix; a private or unlisted suffix
/// is a root itself, and so is nothing after a final dot.
#[must_use]
pub fn registrable(name: &[u8]) -> Option<&[u8]> {
    if name.starts_with(b".") {
        return None;
    }
    if name.ends_with(b".") {
        return Some(b"");
    }
    let suffix = psl::suffix(name)?;
    let (len, kind) = (suffix.as_bytes().len(), suffix.typ());
    let at = name.len().checked_sub(len)?;
    if kind != Some(psl::Type::Icann) {
        return name.get(at..);
    }
    let before = name.get(..at.checked_sub(1)?)?;
    let label = before.rsplit(|&b| b == b'.').next().unwrap_or(before);
    name.get(before.len() - label.len()..)
}

/// Whether an iPAddress in text, as `inet_ntop` writes it, is the host to the letter.
#[must_use]
pub fn has_ip_text(leaf: &SubjectNames, host: &[u8]) -> bool {
    let Some(ip) = std::str::from_utf8(host).ok().and_then(|text| text.parse::<IpAddr>().ok()) else { return false };
    ip_octets(leaf).any(|octets| {
        let entry = match *octets {
            [a, b, c, d] => IpAddr::from([a, b, c, d]),
            _ => <[u8; 16]>::try_from(octets).map_or(Ipv4Addr::UNSPECIFIED.into(), IpAddr::from),
        };
        octets.len() >= 4 && entry == ip && inet_ntop(entry).as_bytes() == host
    })
}

/// As glibc writes an address: only `::a.b.c.d` and `::ffff:a.b.c.d` have an IPv4 part.
fn inet_ntop(ip: IpAddr) -> String {
    match ip {
        IpAddr::V6(v6) if is_v4_compatible(v6) => {
            let [.., a, b, c, d] = v6.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        ip => ip.to_string(),
    }
}

fn is_v4_compatible(ip: Ipv6Addr) -> bool {
    matches!(ip.segments(), [0, 0, 0, 0, 0, 0, high, _] if high != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_suffixes_are_not_the_registry() {
        for (name, len) in [
            ("a.appspot.com", 3),
            ("a.b.kobe.jp", 9),
            ("city.kobe.jp", 7),
            ("www.CO.UK", 5),
            ("a.unlisted-tld", 12),
            ("a", 1),
        ] {
            assert_eq!(icann_suffix_len(name.as_bytes()), len, "{name}");
        }
    }

    #[test]
    fn partial_wildcards() {
        for (pattern, host, covers) in [
            ("w*b.q.test", "web.Q.test.", true),
            ("w*b.q.test", "wb.q.test", true),
            ("w*wb.q.test", "wb.q.test", false),
            ("*.test", "q.test", false),
            ("**.q.test", "a.q.test", false),
            ("a.*.test", "a.b.test", false),
            ("xn--*.q.test", "xn--b.q.test", false),
            ("a..test", "a..test", false),
            ("q.test..", "q.test", false),
            ("ü.test", "ü.test", false),
            ("", "", false),
        ] {
            assert_eq!(partial_wildcard_covers(pattern.as_bytes(), host.as_bytes()), covers, "{pattern} {host}");
        }
    }
}
