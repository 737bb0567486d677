//! wolfSSL 5.5.4 as Debian builds it: `MatchDomainName`, `CheckForAltNames` (src/internal.c), `DecodeAltNames` (asn.c).
//! Compares the text of the name with every dNSName, URI, user principal name and address alike, an
//! IPv6 address in eight groups of four digits. A `*` may stand anywhere and ends before the first
//! character that is as the next one of the pattern. The last common name counts where there is none of those.

use super::Answer;
use super::steps::{NO_COMMON_NAME, NO_DNS_NAME, c_string, ipv4, is_in_groups, last_common_name};
use crate::certificate::names::{OtherName, read_tlv};
use crate::certificate::{GeneralName, NameKind, San, SubjectNames};

/// What `CheckHostName` says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    let is_sound = matches!(leaf.san(), San::Absent | San::Present { total: 1.., .. });
    if !is_sound || leaf.names().any(|entry| is_unreadable(&entry)) {
        return Answer::Unreadable("the subjectAltName is empty or cannot be parsed");
    }
    let mut asks_subject = true;
    for covers in leaf.names().filter_map(|entry| covers(&entry, name)) {
        if covers {
            return Answer::Accept;
        }
        asks_subject = false;
    }
    match last_common_name(leaf) {
        _ if !asks_subject => Answer::Reject(NO_DNS_NAME),
        Some(cn) if matches(cn.bytes, name) => Answer::Accept,
        _ => Answer::Reject(NO_COMMON_NAME),
    }
}

/// An address is 4 or 16 octets, an otherName begins with an OID.
fn is_unreadable(entry: &GeneralName<'_>) -> bool {
    match entry.kind {
        NameKind::Ip => !matches!(entry.bytes.len(), 4 | 16),
        NameKind::Other => !matches!(read_tlv(entry.bytes), Some((0x06, ..))),
        _ => false,
    }
}

/// Whether an entry covers the name; nothing for the kinds it does not keep.
fn covers(entry: &GeneralName<'_>, name: &[u8]) -> Option<bool> {
    match entry.kind {
        NameKind::Dns | NameKind::Uri => Some(matches(entry.bytes, name)),
        NameKind::Ip if entry.bytes.len() == 4 => Some(ipv4(name).is_some_and(|a| entry.bytes == a.octets())),
        NameKind::Ip => Some(is_in_groups(name, entry.bytes)),
        _ => match entry.other_name() {
            OtherName::Upn(upn) if entry.kind == NameKind::Other => Some(matches(upn, name)),
            _ => None,
        },
    }
}

/// `MatchDomainName`: a `*` takes characters up to the first that equals what follows it, no dot among them.
/// Where there is none, the comparison goes on behind the end of the name.
fn matches(whole: &[u8], name: &[u8]) -> bool {
    let (mut pattern, mut name) = (whole, name);
    while let [first, rest @ ..] = pattern {
        if *first == b'*' {
            let stars = pattern.iter().position(|&b| b != b'*').unwrap_or(pattern.len());
            let next = pattern.get(stars).map(u8::to_ascii_lowercase);
            let stop = |b: &u8| Some(b.to_ascii_lowercase()) == next || *b == b'.';
            name = &name[name.iter().position(stop).unwrap_or(name.len())..];
            pattern = &pattern[stars..];
            match (next, name.first().map(u8::to_ascii_lowercase)) {
                (None, found) => return found.is_none(),
                (Some(_), None) => return matches_behind_end(&pattern[1..]),
                (next, found) if next != found => return false,
                _ => {}
            }
        } else if name.first().is_none_or(|b| !b.eq_ignore_ascii_case(first) || *first == 0) {
            return false;
        } else {
            (pattern, name) = (rest, &name[1..]);
        }
    }
    name.is_empty() && !whole.is_empty()
}

/// The rest of a pattern against the memory behind the end of the name. Its content is unknown: this
/// assumes some octets, none of which occurs in the pattern, and zeros after them. A `*` takes those
/// octets and a zero takes the place of the character after the `*`, so that `*.*` covers a name
/// without a dot.
fn matches_behind_end(mut pattern: &[u8]) -> bool {
    let mut reaches_zeros = false;
    while let [b'*', ..] = pattern {
        let stars = pattern.iter().position(|&b| b != b'*').unwrap_or(pattern.len());
        pattern = pattern.get(stars + 1..).unwrap_or_default();
        reaches_zeros = true;
    }
    reaches_zeros && pattern.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_wildcards() {
        for (pattern, name, covers) in [
            ("*.*", "box", true),
            ("**.**", "box", true),
            ("*.*.**", "box", true),
            ("*.*.**", "box.", true),
            ("*.*.**", "box.lan", true),
            ("*.*.*.*", "box.lan", true),
            ("b*.*", "box", true),
            ("*.*", "box.lan", true),
            ("*.*", "box.lan.q", false),
            ("*.*", ".", true),
            ("*.*.lan", "a.b.lan", true),
            ("*.*.lan", "a.lan", false),
            ("*.*.lan", "a.b.c.lan", false),
            ("*.lan", "box", false),
            ("*.l*", "box", false),
            ("*.*l", "box", true),
            ("*.*lan", "box", false),
            ("*.", "box", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), covers, "{pattern} {name}");
        }
    }
}
