//! Mbed TLS 2.28.3: `x509_crt_verify_name` (library/x509_crt.c).
//! Knows no addresses: `192.0.2.*` aside, the text of one is compared with dNSNames like any name. A
//! subjectAltName of whatever kind keeps the subject out; without one every common name counts, as
//! raw octets.

use super::Answer;
use super::steps::{BROKEN_NAMES, NO_COMMON_NAME, NO_DNS_NAME, c_string, dns_names, from_first_dot};
use crate::certificate::names::read_tlv;
use crate::certificate::{NameKind, San, StringType, SubjectNames};

/// id-on-hardwareModuleName: 1.3.6.1.5.5.7.8.4
const HARDWARE_MODULE_NAME: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 8, 4];

/// What `mbedtls_x509_crt_verify` says about the name.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = c_string(name);
    if matches!(leaf.san(), San::Broken { .. }) || !other_names_are_sound(leaf) {
        return Answer::Unreadable(BROKEN_NAMES);
    }
    if leaf.subject().chain(leaf.issuer()).any(|a| !is_known(a.string)) {
        return Answer::Unreadable("the subject or issuer holds a string of a type it does not know");
    }
    let (found, why) = match leaf.san() {
        San::Absent => (leaf.common_names().any(|cn| covers(cn.bytes, name)), NO_COMMON_NAME),
        _ => (dns_names(leaf).any(|pattern| covers(pattern, name)), NO_DNS_NAME),
    };
    if found { Answer::Accept } else { Answer::Reject(why) }
}

/// The string types it reads; 3 is a BIT STRING.
fn is_known(string: StringType) -> bool {
    !matches!(string, StringType::Unknown(tag) if tag != 3)
}

fn other_names_are_sound(leaf: &SubjectNames) -> bool {
    super::steps::names_of(leaf, NameKind::Other).all(is_sound)
}

/// An otherName begins with an OID; a hardwareModuleName is read to its end.
fn is_sound(other_name: &[u8]) -> bool {
    match read_tlv(other_name) {
        Some((0x06, HARDWARE_MODULE_NAME, value)) => is_module_name(value).is_some(),
        Some((0x06, ..)) => true,
        _ => false,
    }
}

fn is_module_name(value: &[u8]) -> Option<()> {
    let (0xA0, explicit, []) = read_tlv(value)? else { return None };
    let (0x30, pair, []) = read_tlv(explicit)? else { return None };
    let (0x06, _, serial) = read_tlv(pair)? else { return None };
    matches!(read_tlv(serial)?, (0x04, _, [])).then_some(())
}

/// Whether a pattern is the name, or begins with `*.` and is the name from its first dot on.
fn covers(pattern: &[u8], name: &[u8]) -> bool {
    let below = |parent: &[u8]| {
        from_first_dot(name).is_some_and(|rest| rest.len() < name.len() && rest.eq_ignore_ascii_case(parent))
    };
    pattern.eq_ignore_ascii_case(name) || (pattern.len() > 2 && pattern.starts_with(b"*.") && below(&pattern[1..]))
}
