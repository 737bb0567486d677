//! End-entity certificates: an ordinary one by default, and every field open to change.

use super::authority::Authority;
use super::case;
use super::der::{integer, oid, seq};
use super::key::{Key, KeyKind};
use super::mint::{
    DIGITAL_SIGNATURE, Issued, KEY_CERT_SIGN, Tbs, authority_key_id, basic_constraints, extension, key_usage,
    serial_of, subject_key_id,
};
use super::{DAY, now};

/// id-kp-serverAuth.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// id-kp-clientAuth.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// What a leaf certificate is to say.
///
/// By default: no names at all, P-256, for TLS servers, from yesterday for 90 days and a half, so that no test sees a day go by. Names are in the
/// notation of `case.rs`. The spec can be used again: each certificate has a new key unless one is set.
#[derive(Clone, Debug)]
pub struct Leaf {
    san: String,
    cn: String,
    san_der: Option<Vec<u8>>,
    subject_der: Option<Vec<u8>>,
    not_before: i64,
    not_after: i64,
    eku: Vec<String>,
    ca: bool,
    serial: Option<u64>,
    extra_extensions: Vec<Vec<u8>>,
    key_kind: KeyKind,
    key: Option<Key>,
}

impl Default for Leaf {
    fn default() -> Self {
        Self {
            san: "-".to_owned(),
            cn: "-".to_owned(),
            san_der: None,
            subject_der: None,
            not_before: now() - DAY,
            not_after: now() + 90 * DAY + DAY / 2,
            eku: vec![SERVER_AUTH.to_owned()],
            ca: false,
            serial: None,
            extra_extensions: vec![],
            key_kind: KeyKind::default(),
            key: None,
        }
    }
}

impl Leaf {
    /// subjectAltName, as a SAN cell: `DNS:example.com,IP:192.0.2.7`.
    pub fn san(mut self, cell: &str) -> Self {
        self.san = cell.to_owned();
        self
    }

    /// Subject, as a CN cell: `www.example.com`.
    pub fn cn(mut self, cell: &str) -> Self {
        self.cn = cell.to_owned();
        self
    }

    /// The whole subject in DER, instead of a CN cell (`name::subject` writes one).
    pub fn subject_der(mut self, subject: Vec<u8>) -> Self {
        self.subject_der = Some(subject);
        self
    }

    /// The value of the subjectAltName extension, well-formed or not, instead of a SAN cell.
    pub fn san_der(mut self, value: Vec<u8>) -> Self {
        self.san_der = Some(value);
        self
    }

    /// Validity in Unix seconds.
    pub fn valid(mut self, not_before: i64, not_after: i64) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    /// extendedKeyUsage, as dotted OIDs; none is a certificate without the extension.
    pub fn eku(mut self, purposes: &[&str]) -> Self {
        self.eku = purposes.iter().map(|&purpose| purpose.to_owned()).collect();
        self
    }

    /// Whether basicConstraints makes it a CA certificate, which may then sign others.
    pub fn ca(mut self, ca: bool) -> Self {
        self.ca = ca;
        self
    }

    /// The serial number; by default it follows from the names.
    pub fn serial(mut self, serial: u64) -> Self {
        self.serial = Some(serial);
        self
    }

    /// One more extension, after all others; `value` is what its OCTET STRING holds.
    pub fn extra_extension(mut self, oid: &str, critical: bool, value: &[u8]) -> Self {
        self.extra_extensions.push(extension(oid, critical, value));
        self
    }

    /// A new key of this kind.
    pub fn key_kind(mut self, kind: KeyKind) -> Self {
        self.key_kind = kind;
        self
    }

    /// This key instead of a new one.
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// The certificate, signed by an authority.
    pub fn signed_by(&self, authority: &Authority) -> Issued {
        let key = self.new_key();
        self.issue(key, &authority.subject, &authority.key)
    }

    /// The certificate, signed by its own key.
    pub fn self_signed(&self) -> Issued {
        let key = self.new_key();
        self.issue(key.clone(), &self.subject(), &key)
    }

    /// A self-signed CA certificate, which is what `openssl req -x509` makes by default.
    pub fn self_signed_ca(&self) -> Issued {
        self.clone().ca(true).self_signed()
    }

    fn issue(&self, key: Key, issuer: &[u8], signer: &Key) -> Issued {
        let tbs = Tbs {
            serial: self.serial_element(),
            issuer,
            not_before: self.not_before,
            not_after: self.not_after,
            subject: &self.subject(),
            key: &key,
            extensions: self.extensions(&key, signer),
        };
        Issued { der: tbs.sign(signer), key, chain: vec![] }
    }

    fn extensions(&self, key: &Key, signer: &Key) -> Vec<Vec<u8>> {
        let may_sign = if self.ca { KEY_CERT_SIGN } else { 0 };
        let mut extensions = vec![basic_constraints(self.ca, None), key_usage(DIGITAL_SIGNATURE | may_sign)];
        if !self.eku.is_empty() {
            let purposes = seq(self.eku.iter().map(|purpose| oid(purpose)));
            extensions.push(extension("2.5.29.37", false, &purposes));
        }
        extensions.extend([subject_key_id(key), authority_key_id(signer)]);
        match (&self.san_der, case::san(&self.san)) {
            (Some(value), _) => extensions.push(extension(SUBJECT_ALT_NAME, false, value)),
            (None, Some(san)) => {
                extensions.push(extension(SUBJECT_ALT_NAME, san.critical, &san.names));
            }
            (None, None) => {}
        }
        extensions.extend_from_slice(&self.extra_extensions);
        extensions
    }

    fn subject(&self) -> Vec<u8> {
        self.subject_der.clone().unwrap_or_else(|| case::subject(&self.cn))
    }

    fn serial_element(&self) -> Vec<u8> {
        if let Some(serial) = self.serial {
            return integer(serial);
        }
        let mut names = format!("1|{}|{}", self.san, self.cn).into_bytes();
        for raw in [&self.san_der, &self.subject_der].into_iter().flatten() {
            names.extend_from_slice(raw);
        }
        serial_of(&names)
    }

    fn new_key(&self) -> Key {
        self.key.clone().unwrap_or_else(|| Key::generate_kind(self.key_kind))
    }
}

const SUBJECT_ALT_NAME: &str = "2.5.29.17";
