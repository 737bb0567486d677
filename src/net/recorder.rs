//! A certificate verifier that records what it is shown and accepts it: the handshake completes on
//! any certificate, and the judging is done later. One recorder a connection.

use std::sync::{Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::certificate::LeafCertificate;
use crate::evidence::{Possession, Served};
use crate::trust::MAX_CHAIN;

/// Which signature schemes are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemes {
    /// Those that current clients have, and that can be checked.
    Checkable,
    /// Others besides, to be shown the certificate of a server that has only such a key.
    Odd,
    /// Those of ECDSA alone: a server with two certificates serves the one with such a key.
    Ecdsa,
    /// Those of RSA alone.
    Rsa,
}

/// Whether the handshake's signature is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is: the report says whether the peer holds the certificate's key.
    Checked,
    /// It is not: only which certificate comes is asked.
    NotAsked,
}

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The certificates, once the server has shown them.
    pub served: Option<Served>,
    /// What the handshake's signature says, once there was one.
    pub possession: Option<Possession>,
    /// The version whose rules the signature was checked by.
    pub version: Option<&'static str>,
    /// Whether the server asked for a client certificate.
    pub asked_for_certificate: bool,
}

/// The verifier.
#[derive(Debug)]
pub struct Recorder {
    algorithms: WebPkiSupportedAlgorithms,
    schemes: Schemes,
    proof: Proof,
    recorded: Mutex<Recorded>,
}

/// Schemes that clients seldom have; offered last, and only in a second attempt: a server with two
/// certificates may serve the odd one to whoever takes it.
const ODD: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED448,
    SignatureScheme::Unknown(0x0809), // rsa_pss_pss_sha256
    SignatureScheme::Unknown(0x080a), // rsa_pss_pss_sha384
    SignatureScheme::Unknown(0x080b), // rsa_pss_pss_sha512
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SHA1_Legacy,
];

/// Those for an RSA key.
const RSA: &[SignatureScheme] = &[
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];
/// Those for a key on one of NIST's curves.
const ECDSA: &[SignatureScheme] = &[SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ECDSA_NISTP384_SHA384];

impl Recorder {
    /// One for one connection.
    #[must_use]
    pub fn new(algorithms: WebPkiSupportedAlgorithms, schemes: Schemes, proof: Proof) -> Self {
        Self { algorithms, schemes, proof, recorded: Mutex::default() }
    }

    /// What has been recorded; it is gone from here then.
    #[must_use]
    pub fn take(&self) -> Recorded {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, write: impl FnOnce(&mut Recorded)) {
        write(&mut self.recorded.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn signature(
        &self,
        check: impl FnOnce() -> Result<HandshakeSignatureValid, Error>,
        version: &'static str,
        cert: &CertificateDer<'_>,
        scheme: SignatureScheme,
    ) -> HandshakeSignatureValid {
        if self.proof == Proof::NotAsked {
            return HandshakeSignatureValid::assertion();
        }
        let possession = match check() {
            Ok(_) => Possession::Proven,
            Err(error) => self.unproven(&error, cert, scheme),
        };
        self.record(|r| {
            r.possession = Some(possession);
            r.version = Some(version);
        });
        HandshakeSignatureValid::assertion()
    }

    /// A signature that was not found right. With a key that can be checked it is wrong, whatever
    /// scheme the peer gives it: one that does not fit the key, or that was not offered, proves
    /// nothing.
    fn unproven(&self, error: &Error, cert: &CertificateDer<'_>, scheme: SignatureScheme) -> Possession {
        let Ok(leaf) = LeafCertificate::from_der(cert) else {
            return Possession::NotProven("its certificate cannot be read".to_owned());
        };
        let key = leaf.public_key();
        if !is_checkable(key) {
            return Possession::NotProven(format!("a signature by a key {key} cannot be checked here"));
        }
        let sha1 = match scheme {
            SignatureScheme::RSA_PKCS1_SHA1 => key.starts_with("RSA "),
            SignatureScheme::ECDSA_SHA1_Legacy => key.starts_with("EC "),
            _ => false,
        };
        if sha1 && self.schemes == Schemes::Odd {
            return Possession::NotProven("a signature with SHA-1 cannot be checked here".to_owned());
        }
        if is_about_the_signature(error) {
            return Possession::Failed;
        }
        Possession::NotProven("its signature cannot be checked against this certificate".to_owned())
    }
}

/// The keys whose signatures are checked.
fn is_checkable(key: &str) -> bool {
    match key.strip_prefix("RSA ").map(str::parse::<usize>) {
        Some(bits) => bits.is_ok_and(|bits| (2048..=8192).contains(&bits)),
        None => matches!(key, "EC P-256" | "EC P-384" | "EC P-521" | "Ed25519"),
    }
}

/// Whether the signature or its scheme is at fault, and not how the certificate is made.
fn is_about_the_signature(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::BadSignature
                | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
                | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
        ) | Error::PeerMisbehaved(_)
    )
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.record(|r| {
            r.served = Some(Served {
                leaf: leaf.to_vec(),
                chain: chain.iter().take(MAX_CHAIN).map(|der| der.to_vec()).collect(),
                chain_total: chain.len(),
            });
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signature(|| verify_tls12_signature(message, cert, dss, &self.algorithms), "TLS 1.2", cert, dss.scheme))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signature(|| verify_tls13_signature(message, cert, dss, &self.algorithms), "TLS 1.3", cert, dss.scheme))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        schemes.retain(|scheme| !ODD.contains(scheme));
        match self.schemes {
            Schemes::Checkable => {}
            Schemes::Odd => schemes.extend(ODD),
            Schemes::Ecdsa => schemes.retain(|scheme| ECDSA.contains(scheme)),
            Schemes::Rsa => schemes.retain(|scheme| RSA.contains(scheme)),
        }
        schemes
    }
}

impl ResolvesClientCert for Recorder {
    /// Called where the server asks for a client certificate; there is none.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<std::sync::Arc<CertifiedKey>> {
        self.record(|r| r.asked_for_certificate = true);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
