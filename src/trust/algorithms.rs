//! The signatures that can be checked: webpki's, by ring, and those of P-521 keys.

use p521::ecdsa::signature::hazmat::PrehashVerifier;
use p521::ecdsa::{DerSignature, VerifyingKey};
use ring::digest;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use webpki::ring as w;

/// ECDSA by a P-521 key.
#[derive(Debug)]
struct P521 {
    hash: &'static digest::Algorithm,
    signature: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::try_from(signature).map_err(|_| InvalidSignature)?;
        let hash = digest::digest(self.hash, message);
        key.verify_prehash(hash.as_ref(), &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// ECDSA by a P-521 key with SHA-256, as `openssl req` signs when it is not told otherwise.
pub static ECDSA_P521_SHA256: &dyn SignatureVerificationAlgorithm =
    &P521 { hash: &digest::SHA256, signature: alg_id::ECDSA_SHA256 };
/// ECDSA by a P-521 key with SHA-384.
pub static ECDSA_P521_SHA384: &dyn SignatureVerificationAlgorithm =
    &P521 { hash: &digest::SHA384, signature: alg_id::ECDSA_SHA384 };
/// ECDSA by a P-521 key with SHA-512.
pub static ECDSA_P521_SHA512: &dyn SignatureVerificationAlgorithm =
    &P521 { hash: &digest::SHA512, signature: alg_id::ECDSA_SHA512 };

/// All of them.
pub static ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    w::ECDSA_P256_SHA256,
    w::ECDSA_P256_SHA384,
    w::ECDSA_P384_SHA256,
    w::ECDSA_P384_SHA384,
    w::ED25519,
    w::RSA_PKCS1_2048_8192_SHA256,
    w::RSA_PKCS1_2048_8192_SHA384,
    w::RSA_PKCS1_2048_8192_SHA512,
    w::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    w::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    w::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    w::RSA_PKCS1_3072_8192_SHA384,
    w::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    w::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    w::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    ECDSA_P521_SHA256,
    ECDSA_P521_SHA384,
    ECDSA_P521_SHA512,
];

#[cfg(test)]
mod tests {
    use p521::ecdsa::signature::hazmat::PrehashSigner;
    use p521::ecdsa::{Signature, SigningKey};

    use super::*;

    #[test]
    fn all_of_webpki_are_there() {
        for algorithm in webpki::ALL_VERIFICATION_ALGS {
            assert!(ALL.iter().any(|other| format!("{other:?}") == format!("{algorithm:?}")), "{algorithm:?}");
        }
    }

    #[test]
    fn a_signature_by_p521_is_right_or_wrong() {
        let signer = SigningKey::from_slice(&[7; 66].map(|b: u8| b & 1)).unwrap();
        let public = signer.verifying_key().to_sec1_point(false);
        for (algorithm, hash) in [
            (ECDSA_P521_SHA256, &digest::SHA256),
            (ECDSA_P521_SHA384, &digest::SHA384),
            (ECDSA_P521_SHA512, &digest::SHA512),
        ] {
            let signature: Signature = signer.sign_prehash(digest::digest(hash, b"message").as_ref()).unwrap();
            let der = signature.to_der();
            let ask = |key: &[u8], message: &[u8], der: &[u8]| algorithm.verify_signature(key, message, der);
            assert!(ask(public.as_bytes(), b"message", der.as_bytes()).is_ok());
            assert!(ask(public.as_bytes(), b"massage", der.as_bytes()).is_err());
            assert!(ask(public.as_bytes(), b"message", &der.as_bytes()[1..]).is_err());
            assert!(ask(&public.as_bytes()[1..], b"message", der.as_bytes()).is_err());
        }
    }
}
