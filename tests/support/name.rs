//! Distinguished names: attributes with a chosen string type, and whole subjects.

use super::der::{oid, seq, set_of, tlv};

/// The organization in every name of ours that is not spelled out by the test.
pub const ORGANIZATION: (&str, &str) = ("O", "certcheck oracle lab");

/// The ASN.1 type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringType {
    /// UTF8String.
    Utf8,
    /// PrintableString.
    Printable,
    /// IA5String.
    Ia5,
    /// TeletexString: a byte a character, in no set that clients agree on.
    T61,
    /// BMPString: UTF-16, big-endian.
    Bmp,
    /// UniversalString: UTF-32, big-endian.
    Universal,
}

impl StringType {
    /// The value as an element. The bytes are taken as they are, except that the two wide types
    /// read them as UTF-8 and write their own encoding.
    pub fn encode(self, raw: &[u8]) -> Vec<u8> {
        let characters = || std::str::from_utf8(raw).expect("a wide string is given as UTF-8");
        match self {
            Self::Utf8 => tlv(0x0c, raw),
            Self::Printable => tlv(0x13, raw),
            Self::T61 => tlv(0x14, raw),
            Self::Ia5 => tlv(0x16, raw),
            Self::Universal => {
                let octets = characters().chars().flat_map(|c| u32::from(c).to_be_bytes());
                tlv(0x1c, &octets.collect::<Vec<_>>())
            }
            Self::Bmp => {
                let octets = characters().encode_utf16().flat_map(u16::to_be_bytes);
                tlv(0x1e, &octets.collect::<Vec<_>>())
            }
        }
    }
}

/// AttributeTypeAndValue; the type is a dotted OID or one of the usual short names.
pub fn attribute(name: &str, raw: &[u8], string: StringType) -> Vec<u8> {
    seq([oid(dotted(name)), string.encode(raw)])
}

/// A name of these attributes in this order, an RDN for each: `[("O", "Acme Co"), ("CN", "fake")]`.
///
/// Values are UTF8String, except those that have a type of their own: emailAddress and DC are
/// IA5String, C is PrintableString.
pub fn subject(attributes: &[(&str, &str)]) -> Vec<u8> {
    let rdns = attributes.iter().map(|(name, value)| {
        let string = match dotted(name) {
            EMAIL_ADDRESS | DOMAIN_COMPONENT => StringType::Ia5,
            COUNTRY => StringType::Printable,
            _ => StringType::Utf8,
        };
        set_of([attribute(name, value.as_bytes(), string)])
    });
    seq(rdns)
}

const COUNTRY: &str = "2.5.4.6";
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";
const DOMAIN_COMPONENT: &str = "0.9.2342.19200300.100.1.25";

fn dotted(name: &str) -> &str {
    match name {
        "CN" => "2.5.4.3",
        "C" => COUNTRY,
        "L" => "2.5.4.7",
        "ST" => "2.5.4.8",
        "O" => "2.5.4.10",
        "OU" => "2.5.4.11",
        "emailAddress" => EMAIL_ADDRESS,
        "DC" => DOMAIN_COMPONENT,
        other => other,
    }
}
