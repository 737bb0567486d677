//! What clients on the JDK share: how sun.security.x509 reads a subjectAltName and a subject, and how
//! sun.net.util reads addresses.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::idna::{self, Ascii};
use super::labels::{has_no_subject, san_is_critical};
use super::uri;
use crate::certificate::{Attribute, GeneralName, NameKind, San, StringType, SubjectNames};

/// What the parser made of the subjectAltName.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// No such extension.
    Absent,
    /// Every entry is well-formed.
    Read,
    /// One entry is malformed, and the extension is set aside, since it is not critical.
    Unparseable,
}

/// Reads the subjectAltName.
///
/// # Errors
/// Why the certificate as a whole is not taken.
pub fn read(leaf: &SubjectNames) -> Result<Names, &'static str> {
    if leaf.subject().any(|a| a.string == StringType::Bmp && a.bytes.len() % 2 == 1) {
        return Err("a BMPString of the subject has half a character");
    }
    let names = match leaf.san() {
        San::Absent => Names::Absent,
        San::Present { total: 1.., .. } if leaf.names().all(is_well_formed) => Names::Read,
        San::Present { .. } | San::Broken { .. } => Names::Unparseable,
    };
    match names {
        Names::Unparseable if san_is_critical(leaf) => Err("the critical subjectAltName holds a malformed entry"),
        Names::Read if has_no_subject(leaf) && !san_is_critical(leaf) => {
            Err("the subject is empty and the subjectAltName is not critical")
        }
        Names::Absent | Names::Unparseable if has_no_subject(leaf) => {
            Err("the subject is empty and there is no subjectAltName to read")
        }
        names => Ok(names),
    }
}

fn is_well_formed(name: GeneralName<'_>) -> bool {
    match name.kind {
        NameKind::Email => {
            let at = name.bytes.iter().position(|&b| b == b'@').map_or(0, |at| at + 1);
            !matches!(name.bytes.get(at..), None | Some(b"" | b"."))
        }
        NameKind::Uri => uri::jdk_parses(name.bytes),
        NameKind::Ip => matches!(name.bytes.len(), 4 | 8 | 16 | 32),
        NameKind::RegisteredId => name.bytes.last().is_some_and(|b| b & 0x80 == 0),
        NameKind::Unknown(_) => false,
        _ => true,
    }
}

/// An IA5String: what is not ASCII becomes U+FFFD.
#[must_use]
pub fn ia5(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|&b| if b.is_ascii() { char::from(b) } else { '\u{FFFD}' }).collect()),
    }
}

/// A subject string by its type; none where the type is no string.
#[must_use]
pub fn string<'a>(attribute: &Attribute<'a>) -> Option<Cow<'a, str>> {
    match attribute.string {
        StringType::Printable | StringType::Ia5 => Some(ia5(attribute.bytes)),
        StringType::Utf8 => Some(String::from_utf8_lossy(attribute.bytes)),
        StringType::Unknown(_) => None,
        _ => Some(Cow::Owned(String::from_utf8_lossy(&attribute.text()).into_owned())),
    }
}

/// A subject string as it comes out of its RFC 2253 form and `LdapName`: UTF-8 whatever its type says;
/// none where the type is written in hexadecimal.
#[must_use]
pub fn ldap_string<'a>(attribute: &Attribute<'a>) -> Option<Cow<'a, str>> {
    match attribute.string {
        StringType::Universal | StringType::Unknown(_) => None,
        _ => Some(String::from_utf8_lossy(attribute.bytes)),
    }
}

/// The order of two values of one type in a `javax.naming.ldap.Rdn`: in upper case.
#[must_use]
pub fn ldap_order(a: &[u8], b: &[u8]) -> Ordering {
    a.to_ascii_uppercase().cmp(&b.to_ascii_uppercase())
}

/// The common name of the last RDN that has one; of several in it, the first.
#[must_use]
pub fn most_specific_cn(leaf: &SubjectNames) -> Option<Attribute<'_>> {
    leaf.common_names().reduce(|found, cn| if cn.rdn > found.rdn { cn } else { found })
}

/// What `SNIHostName` takes: not empty, no final dot, and every label by STD3.
#[must_use]
pub fn is_host_name(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name);
    idna::idna2003(&text, Ascii::Std3).is_some_and(|ascii| !ascii.is_empty() && !ascii.ends_with('.'))
}

/// An IPv4 address of one to four decimal parts, the last of which fills what is left.
#[must_use]
pub fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    if text.len() > 15 {
        return None;
    }
    let mut address: u64 = 0;
    let mut parts = text.split(|&b| b == b'.').peekable();
    for place in 0..4u32 {
        let part = parts.next()?;
        let value = decimal(part)?;
        if parts.peek().is_none() {
            let room = 8 * (4 - place);
            let whole = (value < 1 << room).then_some(address << room | value)?;
            return u32::try_from(whole).ok().map(Ipv4Addr::from);
        }
        address = (value < 256).then_some(address << 8 | value)?;
    }
    None
}

fn decimal(part: &[u8]) -> Option<u64> {
    let digit = |b: &u8| char::from(*b).to_digit(10).map(u64::from);
    if part.is_empty() { None } else { part.iter().try_fold(0, |value, b| Some(value * 10 + digit(b)?)) }
}

/// An IPv6 address; what follows a `%` is dropped, and IPv4 mapped into it is IPv4.
#[must_use]
pub fn ipv6(text: &[u8]) -> Option<IpAddr> {
    if !text.contains(&b':') || text.ends_with(b"%") && !text[..text.len() - 1].contains(&b'%') {
        return None;
    }
    let address = std::str::from_utf8(text.split(|&b| b == b'%').next()?).ok()?;
    let v6: Ipv6Addr = match address.parse() {
        Ok(v6) => v6,
        Err(_) => without_leading_zeros(address)?.parse().ok()?,
    };
    Some(v6.to_canonical())
}

/// The groups of an IPv6 address without their leading zeros, of which the JDK takes any number; in
/// the IPv4 part at the end too.
fn without_leading_zeros(address: &str) -> Option<String> {
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    let groups = address.split(':').map(|group| {
        if group.contains('.') { group.split('.').map(plain).collect::<Vec<_>>().join(".") } else { plain(group) }
    });
    (address.len() <= 256).then(|| groups.collect::<Vec<_>>().join(":"))
}

/// Either.
#[must_use]
pub fn address(text: &[u8]) -> Option<IpAddr> {
    if !text.first().is_some_and(|b| b.is_ascii_hexdigit() || *b == b':') {
        return None;
    }
    ipv4(text).map(IpAddr::V4).or_else(|| ipv6(text))
}

/// An iPAddress entry as an address; none where it is an address and a mask.
#[must_use]
pub fn entry_address(octets: &[u8]) -> Option<IpAddr> {
    match *octets {
        [a, b, c, d] => Some(IpAddr::from([a, b, c, d])),
        _ => <[u8; 16]>::try_from(octets).ok().map(|v6| Ipv6Addr::from(v6).to_canonical()),
    }
}

/// Whether a text is how the JDK writes an address: IPv4 in decimal, IPv6 as eight numbers without
/// any shortening; in either case.
#[must_use]
pub fn is_text_of(text: &str, ip: IpAddr) -> bool {
    let IpAddr::V6(v6) = ip else { return text.parse() == Ok(ip) };
    let mut groups = text.split(':');
    let is_group = |group: &str, value: u16| {
        (group == "0" || !group.starts_with('0') && group.bytes().all(|b| b.is_ascii_hexdigit()))
            && u16::from_str_radix(group, 16) == Ok(value)
    };
    v6.segments().iter().all(|&value| groups.next().is_some_and(|group| is_group(group, value)))
        && groups.next().is_none()
}

/// `String.equalsIgnoreCase`: character by character, upper case first, then lower case.
#[must_use]
pub fn equals_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(folded).eq(b.chars().map(folded))
}

fn folded(c: char) -> char {
    lower(upper(c))
}

fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    upper.next().filter(|_| upper.next().is_none()).unwrap_or(c)
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let ip = |text: &str| text.parse().ok();
        for (text, read) in [
            ("10.1", ip("10.0.0.1")),
            ("010.001", ip("10.0.0.1")),
            ("4294967295", ip("255.255.255.255")),
            ("4294967296", None),
            ("256.1", None),
            ("1.2.3.4.5", None),
            ("1.", None),
            ("0x7f.1", None),
            ("::1%lo", ip("::1")),
            ("::1%", None),
            ("fd00::00001", ip("fd00::1")),
            ("fd00::0", ip("fd00::")),
            ("fd00::10000", None),
            ("::ffff:010.0.0.01", ip("10.0.0.1")),
            ("::ffff:10.0.0.1", ip("10.0.0.1")),
            ("a", None),
        ] {
            assert_eq!(address(text.as_bytes()), read, "{text}");
        }
    }
}
