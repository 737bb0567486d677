//! Steps that several clients take; each is small and named for what it does.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use psl::{List, Psl, Type};

use crate::certificate::{Attribute, NameKind, StringType, SubjectNames};

/// Nothing among the dNSNames covers the name.
pub const NO_DNS_NAME: &str = "no dNSName covers the name";
/// Nothing among the iPAddresses is the address.
pub const NO_ADDRESS: &str = "no iPAddress is this address";
/// The common name was asked as well, without success.
pub const NO_COMMON_NAME: &str = "there is no name of the kind it compares, and no common name covers the name";
/// The certificate's list of names cannot be parsed.
pub const BROKEN_NAMES: &str = "the subjectAltName cannot be parsed";

/// A string of the subject or issuer does not decode.
pub const BROKEN_SUBJECT: &str = "a string of the subject or issuer does not decode";

/// The contents of the entries of one kind, in order.
pub fn names_of(leaf: &SubjectNames, kind: NameKind) -> impl Iterator<Item = &[u8]> {
    leaf.names().filter(move |n| n.kind == kind).map(|n| n.bytes)
}

/// The dNSNames, in order.
pub fn dns_names(leaf: &SubjectNames) -> impl Iterator<Item = &[u8]> {
    names_of(leaf, NameKind::Dns)
}

/// Whether there is an entry of this kind.
pub fn has(leaf: &SubjectNames, kind: NameKind) -> bool {
    leaf.names().any(|n| n.kind == kind)
}

/// Whether an iPAddress holds exactly the octets of this address.
pub fn has_address(leaf: &SubjectNames, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => names_of(leaf, NameKind::Ip).any(|octets| octets == v4.octets()),
        IpAddr::V6(v6) => names_of(leaf, NameKind::Ip).any(|octets| octets == v6.octets()),
    }
}

/// An IPv4 address in four decimal parts without leading zeros, as `inet_pton` reads it.
pub fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// An IPv6 address without brackets and zone, as `inet_pton` reads it.
pub fn ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    if !text.contains(&b':') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// An address of either family, as `inet_pton` reads it.
pub fn address(text: &[u8]) -> Option<IpAddr> {
    ipv4(text).map(IpAddr::V4).or_else(|| ipv6(text).map(IpAddr::V6))
}

/// A number as `strtoul` reads it with base 0 (`0x` hexadecimal, `0` octal), and what follows it.
pub fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (radix, digits) = match text {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => (16, rest),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    let value_of = |b: u8| char::from(b).to_digit(radix);
    let end = digits.iter().position(|&b| value_of(b).is_none()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(end)?;
    let add = |n: u64, &b: &u8| n.checked_mul(radix.into())?.checked_add(value_of(b)?.into());
    (end > 0).then_some(())?;
    Some((digits.iter().try_fold(0, add)?, rest))
}

/// An IPv4 address as `inet_aton` reads it: one to four numbers in any base, the last one filling
/// what is left.
pub fn ipv4_any_form(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut rest, mut parts, mut count) = (text, [0; 4], 0);
    loop {
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        let (value, after) = number(rest)?;
        *parts.get_mut(count)? = value;
        count += 1;
        match after {
            [] => break,
            [b'.', more @ ..] => rest = more,
            _ => return None,
        }
    }
    let (last, leading) = parts.get(..count)?.split_last()?;
    if leading.iter().any(|&part| part > 0xFF) || last >> (8 * (4 - leading.len())) != 0 {
        return None;
    }
    let high = leading.iter().enumerate().fold(0, |sum, (i, part)| sum | part << (24 - 8 * i));
    u32::try_from(high | last).ok().map(Ipv4Addr::from_bits)
}

/// Four decimal numbers, leading zeros or not.
pub fn decimal_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split(|&b| b == b'.');
    for octet in &mut octets {
        *octet = u8::try_from(std::str::from_utf8(parts.next()?).ok()?.parse::<u64>().ok()?).ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// An address as Qt's `QHostAddress` reads it: IPv4 in any form, IPv6 with a zone or without.
pub fn address_any_form(name: &str) -> Option<IpAddr> {
    let text = name.trim();
    if text.contains(':') {
        let literal = text.rsplit_once('%').map_or(text, |(literal, _)| literal);
        return ipv6(literal.as_bytes()).map(Ipv6Addr::into);
    }
    ipv4_any_form(text.as_bytes()).map(IpAddr::V4)
}

/// The network part of an address, by the length of its prefix.
pub fn masked(address: IpAddr, length: &str) -> Option<IpAddr> {
    let length: u32 = length.parse().ok()?;
    match address {
        IpAddr::V4(a) if length <= 32 => {
            Some(IpAddr::V4((a.to_bits() & u32::MAX.checked_shl(32 - length).unwrap_or(0)).into()))
        }
        IpAddr::V6(a) if length <= 128 => {
            Some(IpAddr::V6((a.to_bits() & u128::MAX.checked_shl(128 - length).unwrap_or(0)).into()))
        }
        _ => None,
    }
}

/// Whether the name is these 16 octets as eight groups of four digits.
pub fn is_in_groups(name: &[u8], octets: &[u8]) -> bool {
    let mut groups = name.split(|&b| b == b':');
    octets.chunks_exact(2).all(|group| {
        groups.next().is_some_and(|digits| {
            digits.len() == 4
                && hex_octet(digits) == group.first().copied()
                && hex_octet(&digits[2..]) == group.last().copied()
        })
    }) && groups.next().is_none()
}

/// Everything before the first NUL, as a C string ends.
pub fn c_string(name: &[u8]) -> &[u8] {
    name.iter().position(|&b| b == 0).map_or(name, |end| &name[..end])
}

/// Without one dot at the end.
pub fn strip_one_trailing_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

/// Without any dots at the end.
pub fn strip_trailing_dots(name: &[u8]) -> &[u8] {
    name.iter().rposition(|&b| b != b'.').map_or(&[], |last| &name[..=last])
}

/// Whether an octet is an ASCII letter or digit, `_` or `-`.
pub fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// Without white space around it.
pub fn trim_white_space(name: &[u8]) -> &[u8] {
    let is_space = |b: &u8| b.is_ascii_whitespace() || *b == 0x0B;
    let start = name.iter().position(|b| !is_space(b)).unwrap_or(name.len());
    let end = name.iter().rposition(|b| !is_space(b)).map_or(start, |last| last + 1);
    &name[start..end]
}

/// From the first dot on.
pub fn from_first_dot(name: &[u8]) -> Option<&[u8]> {
    name.iter().position(|&b| b == b'.').map(|dot| &name[dot..])
}

/// `%HH` replaced by the octet; a `%` without two digits stays.
pub fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let [first, after @ ..] = rest {
        let octet = (*first == b'%').then(|| hex_octet(after)).flatten();
        out.push(octet.unwrap_or(*first));
        rest = if octet.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(out)
}

/// The octet that two hexadecimal digits at the start say.
pub fn hex_octet(text: &[u8]) -> Option<u8> {
    let digit = |i: usize| text.get(i).and_then(|&b| char::from(b).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// A directory string's characters in UTF-8 as OpenSSL's `ASN1_STRING_to_UTF8` converts them, and
/// nothing where it fails.
pub fn to_utf8<'a>(a: &Attribute<'a>) -> Option<Cow<'a, [u8]>> {
    match a.string {
        StringType::Utf8 => std::str::from_utf8(a.bytes).is_ok().then_some(Cow::Borrowed(a.bytes)),
        StringType::Bmp => wide(a.bytes, 2),
        StringType::Universal => wide(a.bytes, 4),
        // The last four are NumericString, UTCTime, GeneralizedTime and VisibleString.
        StringType::Printable | StringType::Ia5 | StringType::T61 | StringType::Unknown(18 | 23 | 24 | 26) => {
            Some(octets_of(latin1(a.bytes)))
        }
        StringType::Unknown(_) => None,
    }
}

/// Octets as Latin-1.
pub fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

fn octets_of(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Whether OpenSSL and its like can read the certificate's names at all: subject and issuer are brought
/// into canonical form first, which fails where a string does not decode.
pub fn has_canonical_names(leaf: &SubjectNames) -> bool {
    let decodes = |a: Attribute<'_>| match a.string {
        StringType::Printable | StringType::Ia5 | StringType::T61 | StringType::Unknown(_) => true,
        StringType::Utf8 | StringType::Bmp | StringType::Universal => to_utf8(&a).is_some(),
    };
    leaf.subject().all(decodes) && leaf.issuer().all(decodes)
}

fn wide<'a>(bytes: &[u8], width: usize) -> Option<Cow<'a, [u8]>> {
    let units = bytes.chunks_exact(width);
    let whole = units.remainder().is_empty();
    let scalar = |unit: &[u8]| char::from_u32(unit.iter().fold(0, |c, &b| c << 8 | u32::from(b)));
    let text = units.map(scalar).collect::<Option<String>>()?;
    whole.then(|| Cow::Owned(text.into_bytes()))
}

/// The subject's last common name.
pub fn last_common_name(leaf: &SubjectNames) -> Option<Attribute<'_>> {
    leaf.common_names().last()
}

/// Whether the name has at least two labels more than its public suffix.
pub fn is_below_public_suffix(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let labels: Vec<&[u8]> = lower.rsplit(|&b| b == b'.').filter(|l| !l.is_empty()).collect();
    let leading = usize::from(name.starts_with(b"."));
    labels.len() + leading > public_suffix_labels(&labels) + 1
}

/// How many labels a public suffix takes of these, last one first; private suffixes do not count.
fn public_suffix_labels(labels: &[&[u8]]) -> usize {
    let info = List.find(labels.iter().copied());
    let mut length = 0;
    let ends = |label: &&&[u8]| {
        length += label.len() + 1;
        length <= info.len + 1
    };
    let count = labels.iter().take_while(ends).count().max(1);
    match info.typ {
        Some(Type::Private) if count > 1 => public_suffix_labels(&labels[..count - 1]),
        _ => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_any_form() {
        for (text, expected) in [
            ("127.1", Some([127, 0, 0, 1])),
            ("0x7f.1", Some([127, 0, 0, 1])),
            ("0177.0.0.1", Some([127, 0, 0, 1])),
            ("1.2.3", Some([1, 2, 0, 3])),
            ("4294967295", Some([255; 4])),
            ("4294967296", None),
            ("1.2.3.256", None),
            ("1.2.3.4.5", None),
            ("08.1", None),
            ("0x", None),
            ("1.", None),
            ("", None),
        ] {
            assert_eq!(ipv4_any_form(text.as_bytes()).map(|a| a.octets()), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_taken_apart() {
        assert_eq!(percent_decoded(b"a%62%6x%").as_ref(), b"ab%6x%");
        assert_eq!(strip_trailing_dots(b"a.."), b"a");
        assert_eq!(strip_trailing_dots(b".."), b"");
        assert_eq!(from_first_dot(b"a.b.c"), Some(&b".b.c"[..]));
        assert_eq!(c_string(b"a\0b"), b"a");
    }
}
