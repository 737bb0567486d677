//! Certificate authorities: roots and intermediates.

use super::der::integer;
use super::key::{Key, KeyKind};
use super::mint::{
    CRL_SIGN, KEY_CERT_SIGN, Tbs, authority_key_id, basic_constraints, extension, key_usage, pem_of, serial_of,
    subject_key_id,
};
use super::name::{ORGANIZATION, subject};
use super::{DAY, now};

/// An authority that signs certificates: a root, or an intermediate under one.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its certificate.
    pub der: Vec<u8>,
    /// Its key.
    pub key: Key,
    /// Its name, which what it signs has as issuer.
    pub subject: Vec<u8>,
}

impl Authority {
    /// A new root, valid from a year ago for ten years.
    pub fn root(cn: &str) -> Self {
        AuthoritySpec::new(cn).root()
    }

    /// A new root with these dates, in Unix seconds.
    pub fn root_valid(cn: &str, not_before: i64, not_after: i64) -> Self {
        AuthoritySpec::new(cn).valid(not_before, not_after).root()
    }

    /// A new intermediate under this authority; `AuthoritySpec` makes those with constraints.
    pub fn intermediate(&self, cn: &str) -> Self {
        AuthoritySpec::new(cn).signed_by(self)
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        pem_of(&self.der, "CERTIFICATE")
    }
}

/// What an authority's certificate is to say.
#[derive(Clone, Debug)]
pub struct AuthoritySpec {
    subject: Vec<u8>,
    not_before: i64,
    not_after: i64,
    path_len: Option<u8>,
    name_constraints: Option<Vec<u8>>,
    key_kind: KeyKind,
    key: Option<Key>,
}

impl AuthoritySpec {
    /// An authority of this common name without constraints: P-256, from a year ago for ten years.
    pub fn new(cn: &str) -> Self {
        Self {
            subject: subject(&[ORGANIZATION, ("CN", cn)]),
            not_before: now() - 365 * DAY,
            not_after: now() + 9 * 365 * DAY,
            path_len: None,
            name_constraints: None,
            key_kind: KeyKind::default(),
            key: None,
        }
    }

    /// The whole subject in DER, instead of the common name.
    pub fn subject_der(mut self, subject: Vec<u8>) -> Self {
        self.subject = subject;
        self
    }

    /// Validity in Unix seconds.
    pub fn valid(mut self, not_before: i64, not_after: i64) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    /// pathLenConstraint: how many intermediates may follow.
    pub fn path_len(mut self, length: u8) -> Self {
        self.path_len = Some(length);
        self
    }

    /// nameConstraints, critical, with this value (`case::name_constraints` writes one).
    pub fn name_constraints(mut self, value: Vec<u8>) -> Self {
        self.name_constraints = Some(value);
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

    /// Signs itself.
    pub fn root(self) -> Authority {
        self.issue(None)
    }

    /// Is signed by another authority.
    pub fn signed_by(self, issuer: &Authority) -> Authority {
        self.issue(Some(issuer))
    }

    fn issue(self, issuer: Option<&Authority>) -> Authority {
        let key = self.key.unwrap_or_else(|| Key::generate_kind(self.key_kind));
        let mut extensions =
            vec![basic_constraints(true, self.path_len), key_usage(KEY_CERT_SIGN | CRL_SIGN), subject_key_id(&key)];
        extensions.extend(issuer.map(|issuer| authority_key_id(&issuer.key)));
        extensions.extend(self.name_constraints.map(|value| extension("2.5.29.30", true, &value)));
        let tbs = Tbs {
            serial: issuer.map_or(integer(1), |_| serial_of(&self.subject)),
            issuer: issuer.map_or(&self.subject, |issuer| &issuer.subject),
            not_before: self.not_before,
            not_after: self.not_after,
            subject: &self.subject,
            key: &key,
            extensions,
        };
        let der = tbs.sign(issuer.map_or(&key, |issuer| &issuer.key));
        Authority { der, key, subject: self.subject }
    }
}
