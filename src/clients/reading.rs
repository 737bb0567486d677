//! How strictly clients read a certificate: why one that others read is none to them.

use std::net::IpAddr;

use super::labels::{has_no_subject, san_is_critical};
use super::uri;
use crate::certificate::{Attribute, GeneralName, NameKind, San, StringType, SubjectNames};

/// Why `ParsedCertificate::Create` or `GeneralNames::Create` of BoringSSL's libpki fails.
#[must_use]
pub fn unreadable_to_bssl(leaf: &SubjectNames) -> Option<&'static str> {
    match leaf.san() {
        San::Broken { .. } => return Some("the subjectAltName is no list of names"),
        San::Present { total: 0, .. } => return Some("the subjectAltName is empty"),
        San::Present { .. } if has_no_subject(leaf) && !san_is_critical(leaf) => {
            return Some("the subject is empty and the subjectAltName is not critical");
        }
        San::Absent | San::Present { .. } => {}
    }
    leaf.names()
        .find_map(bssl_malformed)
        .or_else(|| leaf.subject().find_map(|a| bssl_malformed_string(a.string, a.bytes)))
}

fn bssl_malformed(name: GeneralName<'_>) -> Option<&'static str> {
    match name.kind {
        NameKind::Dns if !name.bytes.is_ascii() => Some("a dNSName is not ASCII"),
        NameKind::Email if !name.bytes.is_ascii() => Some("an rfc822Name is not ASCII"),
        NameKind::Uri if !name.bytes.is_ascii() => Some("a uniformResourceIdentifier is not ASCII"),
        NameKind::Ip if !matches!(name.bytes.len(), 4 | 16) => Some("an iPAddress has neither 4 nor 16 octets"),
        NameKind::Unknown(_) => Some("the subjectAltName holds an entry of no known kind"),
        _ => None,
    }
}

fn bssl_malformed_string(string: StringType, bytes: &[u8]) -> Option<&'static str> {
    let is_printable = |b: &u8| b.is_ascii_alphanumeric() || b" '()*+,-./:=?".contains(b);
    match string {
        StringType::Printable if !bytes.iter().all(is_printable) => Some("a PrintableString of the subject is none"),
        StringType::Ia5 if !bytes.is_ascii() => Some("an IA5String of the subject is not ASCII"),
        StringType::Bmp if !bytes.chunks(2).all(is_bssl_character) => {
            Some("a BMPString of the subject holds what is not a character")
        }
        StringType::Universal if !bytes.chunks(4).all(|four| four.len() == 4 && is_bssl_character(four)) => {
            Some("a UniversalString of the subject holds what is not a character")
        }
        _ => None,
    }
}

/// `CBS_get_ucs2_be` and `CBS_get_utf32_be`: a scalar value that is not one of Unicode's noncharacters.
fn is_bssl_character(octets: &[u8]) -> bool {
    let point = octets.iter().fold(0, |point, &b| point << 8 | u32::from(b));
    let is_noncharacter = point & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&point);
    octets.len().is_multiple_of(2) && char::from_u32(point).is_some() && !is_noncharacter
}

/// Why Go's `ParseCertificate` fails.
#[must_use]
pub fn unreadable_to_go(leaf: &SubjectNames) -> Option<&'static str> {
    if matches!(leaf.san(), San::Broken { .. }) {
        return Some("the subjectAltName is no list of names");
    }
    leaf.names().find_map(go_malformed).or_else(|| leaf.subject().find_map(go_malformed_string))
}

fn go_malformed(name: GeneralName<'_>) -> Option<&'static str> {
    match name.kind {
        NameKind::Dns if !name.bytes.is_ascii() => Some("a dNSName is not ASCII"),
        NameKind::Email if !name.bytes.is_ascii() => Some("an rfc822Name is not ASCII"),
        NameKind::Uri if !name.bytes.is_ascii() || !uri::go_parses(name.bytes) => {
            Some("a uniformResourceIdentifier cannot be parsed")
        }
        NameKind::Ip => match <[u8; 16]>::try_from(name.bytes) {
            Ok(v6) => IpAddr::from(v6).to_canonical().is_ipv4().then_some("an iPAddress is IPv4 mapped into IPv6"),
            Err(_) => (name.bytes.len() != 4).then_some("an iPAddress has neither 4 nor 16 octets"),
        },
        _ => None,
    }
}

fn go_malformed_string(attribute: Attribute<'_>) -> Option<&'static str> {
    let bytes = attribute.bytes;
    let is_printable = |b: &u8| b.is_ascii_alphanumeric() || b" '()*+,-./:=?&".contains(b);
    let is_well_formed = match attribute.string {
        StringType::Printable => bytes.iter().all(is_printable),
        StringType::Ia5 => bytes.is_ascii(),
        StringType::Utf8 => std::str::from_utf8(bytes).is_ok(),
        StringType::Bmp => bytes.chunks(2).all(|pair| matches!(pair, &[a, b] if is_ucs2(u16::from_be_bytes([a, b])))),
        StringType::Unknown(18) => bytes.iter().all(|&b| b.is_ascii_digit() || b == b' '),
        _ => true,
    };
    (!is_well_formed).then_some("a string of the subject is not what its type says")
}

fn is_ucs2(point: u16) -> bool {
    !matches!(point, 0xFFFE | 0xFFFF | 0xFDD0..=0xFDEF | 0xD800..=0xDFFF)
}

/// Why Erlang's `pkix_decode_cert` fails.
#[must_use]
pub fn unreadable_to_otp(leaf: &SubjectNames) -> Option<&'static str> {
    if matches!(leaf.san(), San::Broken { .. }) || leaf.names().any(|n| matches!(n.kind, NameKind::Unknown(_))) {
        return Some("the subjectAltName is no list of names");
    }
    // PKIX1Explicit88's upper bounds, which are the same for all of these; UTF8String is not bounded.
    let is_directory_string = |a: Attribute<'_>| match a.string {
        StringType::Ia5 | StringType::Unknown(_) => false,
        StringType::Utf8 => true,
        StringType::Bmp => (1..=256).contains(&(a.bytes.len() / 2)),
        StringType::Universal => (1..=256).contains(&(a.bytes.len() / 4)),
        _ => (1..=128).contains(&a.bytes.len()),
    };
    let mut named = leaf.subject().filter(|a| matches!(a.short_name(), Some("CN" | "O" | "OU" | "ST" | "L")));
    (!named.all(is_directory_string))
        .then_some("a name of the subject is an IA5String, empty or too long, which no directory string is")
}
