//! Key pairs that sign certificates and handshakes.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::der::{bit_string, integer, octet_string, oid, seq};

/// What kind of key, and with it which hash its signatures use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256 with SHA-256.
    #[default]
    P256,
    /// ECDSA on P-384 with SHA-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// A private key with its public half.
#[derive(Clone, Debug)]
pub struct Key {
    /// The kind of key.
    pub kind: KeyKind,
    /// The private key as PKCS #8 DER, which OpenSSL reads too.
    pub pkcs8: Vec<u8>,
    /// The public key: the contents of the SubjectPublicKeyInfo's BIT STRING.
    pub public: Vec<u8>,
}

impl Key {
    /// A new P-256 key.
    pub fn generate() -> Self {
        Self::generate_kind(KeyKind::P256)
    }

    /// A new key of this kind.
    pub fn generate_kind(kind: KeyKind) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = match ecdsa_algorithm(kind) {
            Some(algorithm) => EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap().as_ref().to_vec(),
            // Version 1, the seed alone (RFC 8410, 7): ring writes version 2, which OpenSSL refuses.
            None => {
                let mut seed = [0; 32];
                random.fill(&mut seed).unwrap();
                seq([integer(0), seq([oid(ED25519)]), octet_string(&octet_string(&seed))])
            }
        };
        Self::of_kind(kind, &pkcs8).unwrap()
    }

    /// A key from PKCS #8 DER, whatever its kind.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Self {
        [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519]
            .into_iter()
            .find_map(|kind| Self::of_kind(kind, pkcs8))
            .expect("PKCS #8 of a P-256, P-384 or Ed25519 key")
    }

    fn of_kind(kind: KeyKind, pkcs8: &[u8]) -> Option<Self> {
        let pair = Pair::read(kind, pkcs8)?;
        let public = match &pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        };
        Some(Self { kind, pkcs8: pkcs8.to_vec(), public })
    }

    /// The public key as SubjectPublicKeyInfo DER.
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = match self.kind {
            KeyKind::P256 => seq([oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")]),
            KeyKind::P384 => seq([oid("1.2.840.10045.2.1"), oid("1.3.132.0.34")]),
            KeyKind::Ed25519 => seq([oid(ED25519)]),
        };
        seq([algorithm, bit_string(&self.public, 0)])
    }

    /// The key's identifier: SHA-1 of the public key (RFC 5280, 4.2.1.2, method 1).
    pub fn id(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.public).as_ref().to_vec()
    }

    /// The AlgorithmIdentifier of this key's signatures.
    pub fn signature_algorithm(&self) -> Vec<u8> {
        seq([oid(match self.kind {
            KeyKind::P256 => "1.2.840.10045.4.3.2",
            KeyKind::P384 => "1.2.840.10045.4.3.3",
            KeyKind::Ed25519 => ED25519,
        })])
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match Pair::read(self.kind, &self.pkcs8).unwrap() {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The private key as rustls takes it.
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pkcs8.clone()).into()
    }
}

const ED25519: &str = "1.3.101.112";

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Pair {
    fn read(kind: KeyKind, pkcs8: &[u8]) -> Option<Self> {
        match ecdsa_algorithm(kind) {
            Some(algorithm) => EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &SystemRandom::new()).ok().map(Self::Ecdsa),
            None => Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok().map(Self::Ed25519),
        }
    }
}

fn ecdsa_algorithm(kind: KeyKind) -> Option<&'static EcdsaSigningAlgorithm> {
    match kind {
        KeyKind::P256 => Some(&ECDSA_P256_SHA256_ASN1_SIGNING),
        KeyKind::P384 => Some(&ECDSA_P384_SHA384_ASN1_SIGNING),
        KeyKind::Ed25519 => None,
    }
}
