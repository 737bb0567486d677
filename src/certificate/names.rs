//! Names as a certificate holds them: bytes under a tag, judged by nobody yet.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::escape::Shown;

/// Which alternative of a GeneralName an entry is (RFC 5280, 4.2.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameKind {
    /// `[0]` otherName.
    Other,
    /// `[1]` rfc822Name.
    Email,
    /// `[2]` dNSName.
    Dns,
    /// `[3]` x400Address.
    X400,
    /// `[4]` directoryName.
    Directory,
    /// `[5]` ediPartyName.
    EdiParty,
    /// `[6]` uniformResourceIdentifier.
    Uri,
    /// `[7]` iPAddress.
    Ip,
    /// `[8]` registeredID.
    RegisteredId,
    /// A tag that RFC 5280 does not know.
    Unknown(u32),
}

impl NameKind {
    /// From a context-specific tag number.
    #[must_use]
    pub fn from_tag(tag: u32) -> Self {
        match tag {
            0 => Self::Other,
            1 => Self::Email,
            2 => Self::Dns,
            3 => Self::X400,
            4 => Self::Directory,
            5 => Self::EdiParty,
            6 => Self::Uri,
            7 => Self::Ip,
            8 => Self::RegisteredId,
            n => Self::Unknown(n),
        }
    }
}

/// One entry of a subjectAltName: its kind and the contents octets under its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneralName<'a> {
    /// Which alternative.
    pub kind: NameKind,
    /// The contents octets; for otherName and directoryName, DER within.
    pub bytes: &'a [u8],
}

/// id-on-dnsSRV (RFC 4985): 1.3.6.1.5.5.7.8.7
const OID_SRV: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 8, 7];
/// id-on-xmppAddr (RFC 6120, 13.7.1.4): 1.3.6.1.5.5.7.8.5
const OID_XMPP: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 8, 5];
/// Microsoft's user principal name: 1.3.6.1.4.1.311.20.2.3
const OID_UPN: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3];

/// The otherNames that mean something to a reader of host names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherName<'a> {
    /// An SRVName: `_service.domain`.
    Srv(&'a [u8]),
    /// An XmppAddr.
    Xmpp(&'a [u8]),
    /// A user principal name.
    Upn(&'a [u8]),
    /// Another, or one whose contents are not a string under `[0]`.
    Unknown,
}

impl<'a> GeneralName<'a> {
    /// What an otherName holds: its OID, then `[0] EXPLICIT` one string.
    #[must_use]
    pub fn other_name(&self) -> OtherName<'a> {
        let parse = || {
            let (0x06, oid, rest) = read_tlv(self.bytes)? else { return None };
            let (0xA0, explicit, []) = read_tlv(rest)? else { return None };
            let (_, value, []) = read_tlv(explicit)? else { return None };
            Some((oid, value))
        };
        match parse() {
            Some((OID_SRV, value)) => OtherName::Srv(value),
            Some((OID_XMPP, value)) => OtherName::Xmpp(value),
            Some((OID_UPN, value)) => OtherName::Upn(value),
            _ => OtherName::Unknown,
        }
    }
}

/// An address as an iPAddress entry holds it (RFC 5280, 4.2.1.6): 4 or 16 octets.
#[must_use]
pub fn ip_entry(ip: IpAddr) -> (NameKind, Vec<u8>) {
    let octets = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    (NameKind::Ip, octets)
}

/// One DER element of a single-octet tag: tag, contents, what follows. Lengths up to 2^32.
#[must_use]
pub fn read_tlv(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let n = usize::from(first & 0x7F);
        if n == 0 || n > 4 || rest.len() < n {
            return None;
        }
        let (len, rest) = rest.split_at(n);
        (len.iter().fold(0, |len, &b| len << 8 | usize::from(b)), rest)
    };
    (rest.len() >= len).then(|| {
        let (contents, rest) = rest.split_at(len);
        (tag, contents, rest)
    })
}

/// The string type of an attribute's value, by its universal tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StringType {
    /// UTF8String.
    Utf8,
    /// PrintableString.
    Printable,
    /// IA5String.
    Ia5,
    /// T61String (TeletexString), read as Latin-1 as everybody does.
    T61,
    /// BMPString: UTF-16, big-endian.
    Bmp,
    /// UniversalString: UTF-32, big-endian.
    Universal,
    /// Another tag.
    Unknown(u32),
}

impl StringType {
    /// From a universal tag number.
    #[must_use]
    pub fn from_tag(tag: u32) -> Self {
        match tag {
            12 => Self::Utf8,
            19 => Self::Printable,
            22 => Self::Ia5,
            20 => Self::T61,
            30 => Self::Bmp,
            28 => Self::Universal,
            n => Self::Unknown(n),
        }
    }
}

/// One attribute of a subject or issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Position of its RDN in the name, from 0; equal for the parts of a multi-valued RDN.
    pub rdn: usize,
    /// The type's OID, contents octets.
    pub oid: &'a [u8],
    /// The value's string type.
    pub string: StringType,
    /// The value's contents octets.
    pub bytes: &'a [u8],
}

/// The attribute types with a short name: OID contents octets, and the name.
const SHORT_NAMES: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 9], "street"),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1], "email"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 25], "DC"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 1], "UID"),
];

impl<'a> Attribute<'a> {
    /// The short name of its type (`CN`, `O`, `email` …).
    #[must_use]
    pub fn short_name(&self) -> Option<&'static str> {
        SHORT_NAMES.iter().find(|(oid, _)| *oid == self.oid).map(|(_, name)| *name)
    }

    /// The value's characters in UTF-8, by its string type; bytes that do not decode are kept as
    /// they are.
    #[must_use]
    pub fn text(&self) -> Cow<'a, [u8]> {
        let decoded: Option<String> = match self.string {
            StringType::T61 if !self.bytes.is_ascii() => Some(self.bytes.iter().map(|&b| char::from(b)).collect()),
            StringType::Bmp => {
                let units = self.bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]]));
                (self.bytes.len().is_multiple_of(2))
                    .then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok())
                    .flatten()
            }
            StringType::Universal => {
                let units = self.bytes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
                self.bytes.len().is_multiple_of(4).then(|| units.map(char::from_u32).collect()).flatten()
            }
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.bytes), |text| Cow::Owned(text.into_bytes()))
    }
}

/// The attributes of a Name in DER, in order; what does not parse ends the list.
#[must_use]
pub fn attributes_of(name: &[u8]) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    let Some((0x30, mut rdns, _)) = read_tlv(name) else { return found };
    let mut rdn = 0;
    while let Some((0x31, mut set, rest)) = read_tlv(rdns) {
        while let Some((0x30, pair, more)) = read_tlv(set) {
            if let Some((0x06, oid, value)) = read_tlv(pair)
                && let Some((tag, bytes, _)) = read_tlv(value)
            {
                found.push(Attribute { rdn, oid, string: StringType::from_tag(tag.into()), bytes });
            }
            set = more;
        }
        if found.len() >= 64 {
            break;
        }
        rdns = rest;
        rdn += 1;
    }
    found
}

/// A distinguished name for people: `CN=…, O=…` in the certificate's own order, the parts of one
/// RDN joined by ` + `, values escaped and shortened.
#[must_use]
pub fn distinguished<'a>(attributes: impl Iterator<Item = Attribute<'a>>) -> Shown {
    let mut text = String::new();
    let mut last = None;
    for a in attributes.take(32) {
        match last {
            None => {}
            Some(rdn) if rdn == a.rdn => text.push_str(" + "),
            Some(_) => text.push_str(", "),
        }
        last = Some(a.rdn);
        match a.short_name() {
            Some(name) => text.push_str(name),
            None => text.push_str(&dotted(a.oid)),
        }
        text.push('=');
        text.push_str(Shown::short(&a.text()).as_str());
    }
    Shown::already_escaped(text)
}

/// An OID's contents octets in dotted form; broken ones stop where they break.
#[must_use]
pub fn dotted(oid: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(4 * oid.len());
    let mut value: u64 = 0;
    for &b in oid.iter().take(64) {
        value = value.checked_mul(128).and_then(|v| v.checked_add(u64::from(b & 0x7F))).unwrap_or(u64::MAX);
        if b & 0x80 == 0 {
            // Writing to a text does not fail.
            let _ = if text.is_empty() {
                let first = (value / 40).min(2);
                write!(text, "{first}.{}", value - first * 40)
            } else {
                write!(text, ".{value}")
            };
            value = 0;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oids_are_dotted() {
        assert_eq!(dotted(OID_UPN), "1.3.6.1.4.1.311.20.2.3");
        assert_eq!(dotted(&[0x88, 0x37]), "2.999");
        assert_eq!(dotted(&[]), "");
    }

    #[test]
    fn other_names_are_told_apart() {
        let srv = [&[0x06, 8][..], OID_SRV, &[0xA0, 4, 0x16, 2, b'_', b'x']].concat();
        let name = |bytes| GeneralName { kind: NameKind::Other, bytes };
        assert_eq!(name(&srv).other_name(), OtherName::Srv(b"_x"));
        assert_eq!(name(&srv[..srv.len() - 1]).other_name(), OtherName::Unknown);
        assert_eq!(name(&[]).other_name(), OtherName::Unknown);
    }

    #[test]
    fn strings_decode_by_their_type() {
        let text = |string, bytes| Attribute { rdn: 0, oid: &[0x55, 4, 3], string, bytes }.text().into_owned();
        assert_eq!(text(StringType::Bmp, b"\0a\0b"), b"ab");
        assert_eq!(text(StringType::Bmp, b"\0a\0"), b"\0a\0");
        assert_eq!(text(StringType::Universal, b"\0\0\0a"), b"a");
        assert_eq!(text(StringType::T61, b"\xfc"), "ü".as_bytes());
        assert_eq!(text(StringType::Utf8, b"\xfc"), b"\xfc");
    }

    #[test]
    fn no_bytes_can_break_the_readers() {
        use proptest::prelude::*;
        proptest!(|(bytes: Vec<u8>)| {
            if let Some((_, contents, rest)) = read_tlv(&bytes) {
                prop_assert!(contents.len() + rest.len() < bytes.len());
            }
            let _ = GeneralName { kind: NameKind::Other, bytes: &bytes }.other_name();
            let _ = dotted(&bytes);
        });
    }
}
