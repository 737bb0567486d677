//! What the odd attempt offers beside ring: key exchange on P-521, and X25519MLKEM768. Both stand
//! last, so that they cost nothing until a server asks for them.

use ml_kem::kem::{Decapsulate, FromSeed, KeyExport};
use ml_kem::{MlKem768, Seed, ml_kem_768};
use p521::elliptic_curve::sec1::ToSec1Point;
use p521::{PublicKey, SecretKey};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::kx_group::X25519;
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, SharedSecret, SupportedKxGroup, WebPkiSupportedAlgorithms,
};
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion, SignatureScheme};
use webpki::ring as w;

use crate::trust::algorithms::{self, ECDSA_P521_SHA256, ECDSA_P521_SHA384, ECDSA_P521_SHA512};

/// The handshake signatures that can be checked: ring's, and those of P-521 keys. In TLS 1.2 the
/// scheme does not fix the curve, so that those stand under the other ECDSA schemes too.
pub static SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: algorithms::ALL,
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[w::ECDSA_P384_SHA384, w::ECDSA_P256_SHA384, ECDSA_P521_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[w::ECDSA_P256_SHA256, w::ECDSA_P384_SHA256, ECDSA_P521_SHA256]),
        (SignatureScheme::ED25519, &[w::ED25519]),
        (SignatureScheme::RSA_PSS_SHA512, &[w::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[w::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[w::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[w::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[w::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[w::RSA_PKCS1_2048_8192_SHA256]),
        (SignatureScheme::ECDSA_NISTP521_SHA512, &[ECDSA_P521_SHA512]),
    ],
};

/// ring's provider with the odd groups.
#[must_use]
pub fn provider() -> CryptoProvider {
    let mut provider = default_provider();
    provider.kx_groups.extend([&P521 as &dyn SupportedKxGroup, &X25519MlKem768]);
    provider.signature_verification_algorithms = SIGNATURES;
    provider
}

/// How often a random number may be no key before that is called a failure: one in two is.
const TRIES: usize = 64;

/// ECDH on P-521.
#[derive(Debug)]
struct P521;

impl SupportedKxGroup for P521 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        for _ in 0..TRIES {
            let mut bytes = [0; 66];
            SystemRandom::new().fill(&mut bytes).map_err(|_| GetRandomFailed)?;
            bytes[0] &= 1;
            if let Ok(secret) = SecretKey::from_slice(&bytes) {
                let public = secret.public_key().to_sec1_point(false).as_bytes().to_vec();
                return Ok(Box::new(P521Exchange { secret, public }));
            }
        }
        Err(GetRandomFailed.into())
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

struct P521Exchange {
    secret: SecretKey,
    public: Vec<u8>,
}

impl ActiveKeyExchange for P521Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        // TLS knows the uncompressed form alone (RFC 8446, 4.2.8.2).
        if peer.first() != Some(&4) {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        Ok(self.secret.diffie_hellman(&peer).raw_secret_bytes().as_slice().into())
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

/// ML-KEM-768 and X25519 together (draft-ietf-tls-ecdhe-mlkem, 4): ML-KEM's part first, in shares
/// and in the secret.
#[derive(Debug)]
struct X25519MlKem768;

/// The length of an ML-KEM-768 ciphertext.
const CIPHERTEXT: usize = 1088;

impl SupportedKxGroup for X25519MlKem768 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut seed = Seed::default();
        SystemRandom::new().fill(seed.as_mut_slice()).map_err(|_| GetRandomFailed)?;
        let (secret, public) = MlKem768::from_seed(&seed);
        let classical = X25519.start()?;
        let public = [public.to_bytes().as_slice(), classical.pub_key()].concat();
        Ok(Box::new(Hybrid { secret, classical, public }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

struct Hybrid {
    secret: ml_kem_768::DecapsulationKey,
    classical: Box<dyn ActiveKeyExchange>,
    public: Vec<u8>,
}

impl ActiveKeyExchange for Hybrid {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let (ciphertext, classical) = peer.split_at_checked(CIPHERTEXT).ok_or(PeerMisbehaved::InvalidKeyShare)?;
        let first = self.secret.decapsulate_slice(ciphertext).map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let second = self.classical.complete(classical)?;
        Ok([first.as_slice(), second.secret_bytes()].concat().into())
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }
}

#[cfg(test)]
mod tests {
    use ml_kem::{B32, Key};

    use super::*;

    #[test]
    fn both_sides_of_p521_agree() {
        let (one, other) = (P521.start().unwrap(), P521.start().unwrap());
        let (public, other_public) = (one.pub_key().to_vec(), other.pub_key().to_vec());
        assert_eq!((public.len(), public[0]), (133, 4));
        let secret = one.complete(&other_public).unwrap();
        assert_eq!(secret.secret_bytes(), other.complete(&public).unwrap().secret_bytes());
        assert_eq!(secret.secret_bytes().len(), 66);
        for wrong in
            [&[][..], &public[..132], &[0], &[&[4][..], &[9; 132]].concat(), &[&[2][..], &public[1..67]].concat()]
        {
            assert!(P521.start().unwrap().complete(wrong).is_err());
        }
    }

    /// The other side is written out: encapsulate to the first part, X25519 with the second.
    #[test]
    fn both_sides_of_the_hybrid_agree() {
        let client = X25519MlKem768.start().unwrap();
        assert_eq!(client.pub_key().len(), 1184 + 32);
        let (kem, classical) = client.pub_key().split_at(1184);
        let kem = Key::<ml_kem_768::EncapsulationKey>::try_from(kem).unwrap();
        let (ciphertext, first) =
            ml_kem_768::EncapsulationKey::new(&kem).unwrap().encapsulate_deterministic(&B32::from([5; 32]));
        let server = X25519.start_and_complete(classical).unwrap();
        let share = [ciphertext.as_slice(), &server.pub_key].concat();
        assert_eq!(share.len(), 1120);
        let expected = [first.as_slice(), server.secret.secret_bytes()].concat();
        assert_eq!(client.complete(&share).unwrap().secret_bytes(), expected);
        for wrong in [&share[..1119], &share[..40], &[]] {
            assert!(X25519MlKem768.start().unwrap().complete(wrong).is_err());
        }
    }
}
