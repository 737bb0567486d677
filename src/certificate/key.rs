//! The kinds of public keys and of signatures in certificates.

use std::fmt;

/// A certificate's public key, by kind and size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PublicKey {
    /// RSA (rsaEncryption).
    Rsa {
        /// The length of the modulus.
        bits: usize,
    },
    /// RSA for PSS signatures alone (id-RSASSA-PSS).
    RsaPss,
    /// A point on a curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA.
    Dsa,
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
    /// Of another algorithm.
    Other(Oid),
}

/// A curve of an EC key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// secp256k1.
    Secp256k1,
    /// brainpoolP256r1.
    BrainpoolP256r1,
    /// brainpoolP384r1.
    BrainpoolP384r1,
    /// brainpoolP512r1.
    BrainpoolP512r1,
    /// Another named curve.
    Other(Oid),
    /// Parameters that are written out in the key (RFC 5480, 2.1.1 forbids them).
    Explicit,
}

/// The algorithm of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ecdsa-with-SHA1.
    EcdsaSha1,
    /// ecdsa-with-SHA256.
    EcdsaSha256,
    /// ecdsa-with-SHA384.
    EcdsaSha384,
    /// ecdsa-with-SHA512.
    EcdsaSha512,
    /// md5WithRSAEncryption.
    RsaMd5,
    /// sha1WithRSAEncryption.
    RsaSha1,
    /// rsassaPss.
    RsaPss,
    /// sha256WithRSAEncryption.
    RsaSha256,
    /// sha384WithRSAEncryption.
    RsaSha384,
    /// sha512WithRSAEncryption.
    RsaSha512,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// Another one.
    Other(Oid),
}

/// An object identifier in dotted notation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Oid(Box<str>);

impl Oid {
    /// id-kp-serverAuth (RFC 5280, 4.2.1.12).
    pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
    /// anyExtendedKeyUsage (RFC 5280, 4.2.1.12).
    pub const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";

    /// From its dotted notation.
    #[must_use]
    pub fn new(dotted: &str) -> Self {
        Self(dotted.into())
    }

    /// In dotted notation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PublicKey {
    /// The key of this algorithm, for one that has no parameters.
    #[must_use]
    pub fn without_parameters(algorithm: &str) -> Self {
        match algorithm {
            "1.2.840.113549.1.1.10" => Self::RsaPss,
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            "1.2.840.10040.4.1" => Self::Dsa,
            "2.16.840.1.101.3.4.3.17" => Self::MlDsa44,
            "2.16.840.1.101.3.4.3.18" => Self::MlDsa65,
            "2.16.840.1.101.3.4.3.19" => Self::MlDsa87,
            other => Self::Other(Oid::new(other)),
        }
    }

    /// The length of an RSA modulus in bits; none for other keys.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<usize> {
        match self {
            Self::Rsa { bits } => Some(*bits),
            _ => None,
        }
    }
}

impl Curve {
    /// The curve with this object identifier.
    #[must_use]
    pub fn of_oid(dotted: &str) -> Self {
        match dotted {
            "1.2.840.10045.3.1.7" => Self::P256,
            "1.3.132.0.34" => Self::P384,
            "1.3.132.0.35" => Self::P521,
            "1.3.132.0.10" => Self::Secp256k1,
            "1.3.36.3.3.2.8.1.1.7" => Self::BrainpoolP256r1,
            "1.3.36.3.3.2.8.1.1.11" => Self::BrainpoolP384r1,
            "1.3.36.3.3.2.8.1.1.13" => Self::BrainpoolP512r1,
            other => Self::Other(Oid::new(other)),
        }
    }
}

impl SignatureAlgorithm {
    /// The algorithm with this object identifier.
    #[must_use]
    pub fn of_oid(dotted: &str) -> Self {
        match dotted {
            "1.2.840.10045.4.1" => Self::EcdsaSha1,
            "1.2.840.10045.4.3.2" => Self::EcdsaSha256,
            "1.2.840.10045.4.3.3" => Self::EcdsaSha384,
            "1.2.840.10045.4.3.4" => Self::EcdsaSha512,
            "1.2.840.113549.1.1.4" => Self::RsaMd5,
            "1.2.840.113549.1.1.5" => Self::RsaSha1,
            "1.2.840.113549.1.1.10" => Self::RsaPss,
            "1.2.840.113549.1.1.11" => Self::RsaSha256,
            "1.2.840.113549.1.1.12" => Self::RsaSha384,
            "1.2.840.113549.1.1.13" => Self::RsaSha512,
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            other => Self::Other(Oid::new(other)),
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::RsaPss => f.write_str("RSA-PSS"),
            Self::Ec(curve) => write!(f, "EC {curve}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Dsa => f.write_str("DSA"),
            Self::MlDsa44 => f.write_str("ML-DSA-44"),
            Self::MlDsa65 => f.write_str("ML-DSA-65"),
            Self::MlDsa87 => f.write_str("ML-DSA-87"),
            Self::Other(oid) => oid.fmt(f),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Secp256k1 => f.write_str("secp256k1"),
            Self::BrainpoolP256r1 => f.write_str("brainpoolP256r1"),
            Self::BrainpoolP384r1 => f.write_str("brainpoolP384r1"),
            Self::BrainpoolP512r1 => f.write_str("brainpoolP512r1"),
            Self::Other(oid) => oid.fmt(f),
            Self::Explicit => f.write_str("with explicit parameters"),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaSha1 => "ecdsa-with-SHA1",
            Self::EcdsaSha256 => "ecdsa-with-SHA256",
            Self::EcdsaSha384 => "ecdsa-with-SHA384",
            Self::EcdsaSha512 => "ecdsa-with-SHA512",
            Self::RsaMd5 => "md5WithRSAEncryption",
            Self::RsaSha1 => "sha1WithRSAEncryption",
            Self::RsaPss => "rsassaPss",
            Self::RsaSha256 => "sha256WithRSAEncryption",
            Self::RsaSha384 => "sha384WithRSAEncryption",
            Self::RsaSha512 => "sha512WithRSAEncryption",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::Other(oid) => return oid.fmt(f),
        })
    }
}
