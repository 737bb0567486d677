//! DER -> [`Certificate`]. The only file that imports x509-parser, and it asks it for the
//! envelope alone: extensions stay bytes, so that one that is broken does not hide the names.

use std::fmt;
use std::ops::Range;

use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};
use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::error::X509Error;
use x509_parser::nom::Parser;
use x509_parser::x509::X509Name;

use super::key::{Curve, PublicKey, SignatureAlgorithm};
use super::names::{NameKind, StringType, dotted, read_tlv};
use super::subject_names::{MAX_NAMES, RawAttribute, RawName, San, SubjectNames};
use crate::escape::Shown;

/// How many attributes of a subject or issuer are kept.
const MAX_ATTRIBUTES: usize = 256;
/// The largest certificate that is read, in bytes.
pub const MAX_DER: usize = 16 << 20;

/// A certificate that was read: its DER, and where in it things are.
#[derive(Clone, Debug)]
pub struct Certificate {
    names: SubjectNames,
    subject_der: Range<usize>,
    issuer_der: Range<usize>,
    serial: Range<usize>,
    validity: Validity,
    spki: Range<usize>,
    public_key: PublicKey,
    signature_algorithm: SignatureAlgorithm,
    is_ca: bool,
}

/// The validity period, in seconds since 1970 (both ends included, RFC 5280, 4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub not_before: i64,
    /// Last second.
    pub not_after: i64,
}

impl Validity {
    /// Whether an instant lies inside.
    #[must_use]
    pub fn contains(self, at: i64) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

/// Why bytes are no certificate that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The parser stopped; at which part.
    Malformed {
        /// The part, in words.
        part: String,
    },
    /// An extension that must be unique stands twice.
    TwoSans,
    /// Bytes follow the certificate.
    Trailing(usize),
    /// Larger than what is read (its size).
    TooLarge(usize),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { part } => write!(f, "it cannot be parsed: {part}"),
            Self::TwoSans => write!(f, "it has two subjectAltName extensions (RFC 5280, 4.2: at most one)"),
            Self::Trailing(n) => write!(f, "{n} bytes follow its end"),
            Self::TooLarge(n) => write!(f, "it is {n} bytes large, at most {MAX_DER} are read"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Places of borrowed parts inside the DER they were parsed from.
struct Places<'a>(&'a [u8]);

impl Places<'_> {
    /// `part` must be a slice of the DER; anything else gives an empty range.
    fn of(&self, part: &[u8]) -> Range<usize> {
        let start = (part.as_ptr() as usize).wrapping_sub(self.0.as_ptr() as usize);
        match start.checked_add(part.len()) {
            Some(end) if end <= self.0.len() => start..end,
            _ => 0..0,
        }
    }
}

impl Certificate {
    /// Reads one certificate.
    ///
    /// # Errors
    /// Where the parser stopped, or which limit the certificate is over.
    pub fn from_der(der: &[u8]) -> Result<Self, Unreadable> {
        if der.len() > MAX_DER {
            return Err(Unreadable::TooLarge(der.len()));
        }
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (rest, cert) = parser.parse(der).map_err(|e| malformed(&e))?;
        if !rest.is_empty() {
            return Err(Unreadable::Trailing(rest.len()));
        }
        let places = Places(der);
        Ok(Self {
            names: SubjectNames {
                san: read_san(&cert, &places)?,
                subject: attributes(cert.subject(), &places),
                issuer: attributes(cert.issuer(), &places),
                usages: extension(&cert, EXTENDED_KEY_USAGE).map(usages),
                bytes: der.into(),
            },
            subject_der: places.of(cert.subject().as_raw()),
            issuer_der: places.of(cert.issuer().as_raw()),
            serial: places.of(cert.raw_serial()),
            validity: Validity {
                not_before: cert.validity().not_before.timestamp(),
                not_after: cert.validity().not_after.timestamp(),
            },
            spki: places.of(cert.public_key().raw),
            public_key: public_key(&cert),
            signature_algorithm: signature_algorithm(cert.signature_algorithm.algorithm.as_bytes()),
            is_ca: extension(&cert, BASIC_CONSTRAINTS).is_some_and(says_ca),
        })
    }

    /// The DER it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.names.bytes
    }

    /// Its names: what is compared with a requested name, and what client models look at.
    #[must_use]
    pub fn subject_names(&self) -> &SubjectNames {
        &self.names
    }

    /// The subject, DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.der()[self.subject_der.clone()]
    }

    /// The issuer, DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.der()[self.issuer_der.clone()]
    }

    /// The serial number's octets, big-endian.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.der()[self.serial.clone()]
    }

    /// The validity period.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Its SubjectPublicKeyInfo, DER (RFC 5280, 4.1.2.7).
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.der()[self.spki.clone()]
    }

    /// The kind and size of its key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The algorithm its issuer signed with.
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.signature_algorithm
    }

    /// Whether basicConstraints says that it is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.is_ca
    }
}

fn malformed(error: &x509_parser::nom::Err<X509Error>) -> Unreadable {
    let part = match error {
        x509_parser::nom::Err::Incomplete(_) => "it ends too early".to_owned(),
        x509_parser::nom::Err::Error(e) | x509_parser::nom::Err::Failure(e) => {
            Shown::short(e.to_string().as_bytes()).into_string()
        }
    };
    Unreadable::Malformed { part }
}

/// id-ce-subjectAltName, 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 17];
/// id-ce-basicConstraints, 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
/// id-ce-extKeyUsage, 2.5.29.37
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 37];

fn extension<'a>(cert: &X509Certificate<'a>, oid: &[u8]) -> Option<&'a [u8]> {
    cert.extensions().iter().find(|e| e.oid.as_bytes() == oid).map(|e| e.value)
}

fn read_san(cert: &X509Certificate<'_>, places: &Places<'_>) -> Result<San, Unreadable> {
    let mut sans = cert.extensions().iter().filter(|e| e.oid.as_bytes() == SUBJECT_ALT_NAME);
    let Some(san) = sans.next() else { return Ok(San::Absent) };
    if sans.next().is_some() {
        return Err(Unreadable::TwoSans);
    }
    let broken = San::Broken { critical: san.critical };
    let Some((0x30, mut list, [])) = read_tlv(san.value) else { return Ok(broken) };
    let (mut entries, mut total) = (Vec::new(), 0);
    while !list.is_empty() {
        let Ok((rest, entry)) = Any::from_der(list) else { return Ok(broken) };
        if entry.class() != Class::ContextSpecific {
            return Ok(broken);
        }
        total += 1;
        if entries.len() < MAX_NAMES {
            let place = places.of(entry.data);
            entries.push(RawName {
                kind: kind_of(&entry, list),
                start: u32::try_from(place.start).unwrap_or(0),
                end: u32::try_from(place.end).unwrap_or(0),
            });
        }
        list = rest;
    }
    Ok(San::Present { critical: san.critical, entries, total })
}

/// An entry's kind. One whose tag or length is not DER, or whose form (primitive, constructed) is
/// not its kind's, is of no kind that is compared.
fn kind_of(entry: &Any<'_>, whole: &[u8]) -> NameKind {
    let kind = NameKind::from_tag(entry.tag().0);
    let constructed = matches!(kind, NameKind::Other | NameKind::X400 | NameKind::Directory | NameKind::EdiParty);
    let header = match entry.data.len() {
        n if n < 0x80 => 2,
        n if n < 0x100 => 3,
        n if n < 0x1_0000 => 4,
        n if n < 0x100_0000 => 5,
        _ => 6,
    };
    let minimal = whole.get(header..).is_some_and(|rest| std::ptr::eq(rest.as_ptr(), entry.data.as_ptr()));
    if minimal && entry.header.is_constructed() == constructed { kind } else { NameKind::Unknown(entry.tag().0) }
}

fn attributes(name: &X509Name<'_>, places: &Places<'_>) -> Vec<RawAttribute> {
    name.iter_rdn()
        .enumerate()
        .flat_map(|(rdn, set)| set.iter().map(move |a| (rdn, a)))
        .take(MAX_ATTRIBUTES)
        .map(|(rdn, a)| RawAttribute {
            rdn,
            oid: places.of(a.attr_type().as_bytes()),
            string: StringType::from_tag(a.attr_value().tag().0),
            value: places.of(a.attr_value().data),
        })
        .collect()
}

fn says_ca(basic_constraints: &[u8]) -> bool {
    matches!(read_tlv(basic_constraints), Some((0x30, inner, _)) if matches!(read_tlv(inner), Some((0x01, [v], _)) if *v != 0))
}

fn usages(extended_key_usage: &[u8]) -> Vec<Box<[u8]>> {
    let Some((0x30, mut list, _)) = read_tlv(extended_key_usage) else { return Vec::new() };
    let mut oids = Vec::new();
    while let Some((0x06, oid, rest)) = read_tlv(list)
        && oids.len() < 64
    {
        oids.push(oid.into());
        list = rest;
    }
    oids
}

fn public_key(cert: &X509Certificate<'_>) -> PublicKey {
    let key = cert.public_key();
    let algorithm = dotted(key.algorithm.algorithm.as_bytes());
    match (algorithm.as_str(), key.parsed()) {
        ("1.2.840.10045.2.1", _) => PublicKey::Ec(match &key.algorithm.parameters {
            Some(parameters) if parameters.tag() == Tag::Oid => Curve::of_oid(&dotted(parameters.data)),
            _ => Curve::Explicit,
        }),
        // The length of an id-RSASSA-PSS key is not read.
        ("1.2.840.113549.1.1.1", Ok(x509_parser::public_key::PublicKey::RSA(rsa))) => {
            PublicKey::Rsa { bits: rsa.key_size() }
        }
        (other, _) => PublicKey::without_parameters(other),
    }
}

fn signature_algorithm(oid: &[u8]) -> SignatureAlgorithm {
    SignatureAlgorithm::of_oid(&dotted(oid))
}
