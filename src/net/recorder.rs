//! A certificate verifier that records what it is shown and accepts it: the handshake completes on
//! any certificate, and the judging is done later. One recorder a connection.

use std::sync::{Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use webpki::RawPublicKeyEntity;

use crate::certificate::{Certificate, Curve, PublicKey};
use crate::evidence::{Possession, Served, Unverifiable};
use crate::tls::ProtocolVersion;
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
    pub version: Option<ProtocolVersion>,
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

    /// Verifies a handshake signature and records the result; the handshake goes on in any case.
    fn signature(
        &self,
        version: ProtocolVersion,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> HandshakeSignatureValid {
        if self.proof == Proof::NotAsked {
            return HandshakeSignatureValid::assertion();
        }
        let checked = match version {
            ProtocolVersion::TLS_1_3 => verify_tls13_signature(message, cert, dss, &self.algorithms),
            _ => verify_tls12_signature(message, cert, dss, &self.algorithms),
        };
        let possession = match checked {
            Ok(_) => Possession::Proven,
            Err(_) => self.without_certificate(version, message, cert, dss),
        };
        self.record(|r| {
            r.possession = Some(possession);
            r.version = Some(version);
        });
        HandshakeSignatureValid::assertion()
    }

    /// Judges a signature that the TLS library did not accept. The library reads the whole
    /// certificate first and refuses some that clients take, so the key alone is asked again.
    fn without_certificate(
        &self,
        version: ProtocolVersion,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Possession {
        let Ok(leaf) = Certificate::from_der(cert) else { return Possession::NotProven };
        let key = leaf.public_key();
        if !self.supported_verify_schemes().contains(&dss.scheme) || !fits(dss.scheme, key, version) {
            return Possession::Failed;
        }
        if matches!(dss.scheme, SignatureScheme::RSA_PKCS1_SHA1 | SignatureScheme::ECDSA_SHA1_Legacy) {
            return Possession::Unverified(Unverifiable::Sha1);
        }
        if !is_verifiable(key) {
            return Possession::Unverified(Unverifiable::Key(key.clone()));
        }
        let spki = SubjectPublicKeyInfoDer::from(leaf.spki_der());
        let Ok(entity) = RawPublicKeyEntity::try_from(&spki) else { return Possession::Failed };
        let candidates = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == dss.scheme);
        let mut candidates = candidates.flat_map(|(_, algorithms)| algorithms.iter());
        if candidates.any(|algorithm| entity.verify_signature(*algorithm, message, dss.signature()).is_ok()) {
            Possession::Proven
        } else {
            Possession::Failed
        }
    }
}

/// Whether certcheck can verify signatures by this key.
pub(super) fn is_verifiable(key: &PublicKey) -> bool {
    match key {
        PublicKey::Rsa { bits } => (2048..=8192).contains(bits),
        PublicKey::Ec(Curve::P256 | Curve::P384 | Curve::P521) | PublicKey::Ed25519 => true,
        _ => false,
    }
}

/// Whether a key may sign under a scheme: TLS 1.2 does not tie a scheme to a curve (RFC 5246,
/// 7.4.1.4.1), TLS 1.3 does, and has neither PKCS #1 nor SHA-1 in a handshake (RFC 8446, 4.2.3).
fn fits(scheme: SignatureScheme, key: &PublicKey, version: ProtocolVersion) -> bool {
    let is_old = version != ProtocolVersion::TLS_1_3;
    match (scheme, key) {
        (
            SignatureScheme::RSA_PSS_SHA256 | SignatureScheme::RSA_PSS_SHA384 | SignatureScheme::RSA_PSS_SHA512,
            PublicKey::Rsa { .. },
        )
        | (SignatureScheme::ECDSA_NISTP256_SHA256, PublicKey::Ec(Curve::P256))
        | (SignatureScheme::ECDSA_NISTP384_SHA384, PublicKey::Ec(Curve::P384))
        | (SignatureScheme::ECDSA_NISTP521_SHA512, PublicKey::Ec(Curve::P521))
        | (SignatureScheme::ED25519, PublicKey::Ed25519)
        | (SignatureScheme::ED448, PublicKey::Ed448)
        | (SignatureScheme::Unknown(0x0809..=0x080b), PublicKey::RsaPss) => true,
        (
            SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PKCS1_SHA512
            | SignatureScheme::RSA_PKCS1_SHA1,
            PublicKey::Rsa { .. },
        )
        | (
            SignatureScheme::ECDSA_SHA1_Legacy
            | SignatureScheme::ECDSA_NISTP256_SHA256
            | SignatureScheme::ECDSA_NISTP384_SHA384
            | SignatureScheme::ECDSA_NISTP521_SHA512,
            PublicKey::Ec(_),
        ) => is_old,
        _ => false,
    }
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
        Ok(self.signature(ProtocolVersion::TLS_1_2, message, cert, dss))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signature(ProtocolVersion::TLS_1_3, message, cert, dss))
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
