//! A certificate put together from its parts and signed.

use data_encoding::BASE64;
use ring::digest::{SHA256, digest};

use super::authority::Authority;
use super::der::{bit_string, boolean_true, context, context_constructed, integer, octet_string, oid, seq, time, tlv};
use super::key::Key;

/// A certificate with its private key, and the certificates that are sent after it.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub der: Vec<u8>,
    /// The private key that belongs to it.
    pub key: Key,
    /// What follows the certificate in the handshake; empty unless asked for.
    pub chain: Vec<Vec<u8>>,
}

impl Issued {
    /// The same with these authorities sent after the certificate, in this order.
    pub fn with_chain(mut self, authorities: &[&Authority]) -> Self {
        self.chain = authorities.iter().map(|authority| authority.der.clone()).collect();
        self
    }

    /// The same with a signature that does not verify: the certificate's last bit is flipped.
    pub fn with_broken_signature(mut self) -> Self {
        *self.der.last_mut().unwrap() ^= 1;
        self
    }

    /// The certificate alone as PEM.
    pub fn pem(&self) -> String {
        pem_of(&self.der, "CERTIFICATE")
    }

    /// The certificate and its chain as PEM, as a server's file has them.
    pub fn chain_pem(&self) -> String {
        self.chain.iter().fold(self.pem(), |pem, der| pem + &pem_of(der, "CERTIFICATE"))
    }

    /// The private key as PEM.
    pub fn key_pem(&self) -> String {
        pem_of(&self.key.pkcs8, "PRIVATE KEY")
    }
}

/// DER as PEM under a label such as `CERTIFICATE`.
pub fn pem_of(der: &[u8], label: &str) -> String {
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in BASE64.encode(der).as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).unwrap());
        pem.push('\n');
    }
    pem + &format!("-----END {label}-----\n")
}

/// What is signed: a TBSCertificate of version 3. All but the validity is encoded already.
pub(super) struct Tbs<'a> {
    pub serial: Vec<u8>,
    pub issuer: &'a [u8],
    pub not_before: i64,
    pub not_after: i64,
    pub subject: &'a [u8],
    pub key: &'a Key,
    pub extensions: Vec<Vec<u8>>,
}

impl Tbs<'_> {
    /// The certificate, signed by `signer`.
    pub fn sign(self, signer: &Key) -> Vec<u8> {
        let tbs = seq([
            context_constructed(0, &integer(2)),
            self.serial,
            signer.signature_algorithm(),
            self.issuer.to_vec(),
            seq([time(self.not_before), time(self.not_after)]),
            self.subject.to_vec(),
            self.key.spki(),
            context_constructed(3, &seq(self.extensions)),
        ]);
        let signature = bit_string(&signer.sign(&tbs), 0);
        seq([tbs, signer.signature_algorithm(), signature])
    }
}

/// A serial number that follows from what the certificate says, so that it stays from run to run.
pub(super) fn serial_of(content: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA256, content);
    tlv(0x02, &[&[0x10], &hash.as_ref()[..14]].concat())
}

/// An extension around its value.
pub(super) fn extension(dotted: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { boolean_true() } else { vec![] };
    seq([oid(dotted), critical, octet_string(value)])
}

/// basicConstraints, critical.
pub(super) fn basic_constraints(ca: bool, path_len: Option<u8>) -> Vec<u8> {
    let ca = if ca { boolean_true() } else { vec![] };
    let path_len = path_len.map_or(vec![], |length| integer(length.into()));
    extension("2.5.29.19", true, &seq([ca, path_len]))
}

/// keyUsage, critical; bits as RFC 5280, 4.2.1.3 numbers them, the first being the highest.
pub(super) fn key_usage(bits: u8) -> Vec<u8> {
    let unused = u8::try_from(bits.trailing_zeros()).unwrap();
    extension("2.5.29.15", true, &bit_string(&[bits], unused))
}

/// subjectKeyIdentifier.
pub(super) fn subject_key_id(key: &Key) -> Vec<u8> {
    extension("2.5.29.14", false, &octet_string(&key.id()))
}

/// authorityKeyIdentifier with the key's identifier only.
pub(super) fn authority_key_id(key: &Key) -> Vec<u8> {
    extension("2.5.29.35", false, &seq([context(0, &key.id())]))
}

/// keyUsage: digitalSignature.
pub(super) const DIGITAL_SIGNATURE: u8 = 0x80;
/// keyUsage: keyCertSign.
pub(super) const KEY_CERT_SIGN: u8 = 0x04;
/// keyUsage: cRLSign.
pub(super) const CRL_SIGN: u8 = 0x02;
