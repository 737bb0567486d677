//! Cipher suites: their numbers, their names, and what a name says about the suite.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

static NAMES: LazyLock<HashMap<u16, &'static str>> = LazyLock::new(|| {
    let rows = include_str!("suites.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t'))
        .filter_map(|(code, name)| Some((u16::from_str_radix(code, 16).ok()?, name)))
        .collect()
});

/// A cipher suite by its number in IANA's registry "TLS Cipher Suites".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// All that are registered, in no order.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.keys().copied().map(Self)
    }

    /// The registered name; none for a number that is not registered.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(&self.0).copied()
    }

    /// How it agrees on keys.
    #[must_use]
    pub fn exchange(self) -> Exchange {
        self.name().map_or(Exchange::Other, Exchange::of)
    }

    /// How it encrypts; none for a number that is not registered.
    #[must_use]
    pub fn cipher(self) -> Option<Cipher> {
        self.name().map(Cipher::of)
    }
}

impl fmt::Display for CipherSuite {
    /// The registered name, with `TLS13_` before those of TLS 1.3, as rustls writes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) if self.0 >> 8 == 0x13 => write!(f, "TLS13_{}", name.trim_start_matches("TLS_")),
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04X}", self.0),
        }
    }
}

/// How client and server come to a common secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exchange {
    /// Ephemeral Diffie-Hellman on a curve; all of TLS 1.3 counts as this.
    Ecdhe,
    /// The client encrypts it to the certificate's RSA key.
    Rsa,
    /// Ephemeral Diffie-Hellman in a prime field.
    Dhe,
    /// Diffie-Hellman on a curve, with the certificate's key.
    Ecdh,
    /// Diffie-Hellman in a prime field, with the certificate's key.
    Dh,
    /// Without a certificate, or by something else (PSK, SRP, Kerberos, anonymous); or not known,
    /// where a suite has no name.
    Other,
}

/// How data are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cipher {
    /// AES-GCM.
    Gcm,
    /// ChaCha20-Poly1305.
    ChaCha,
    /// AES-CBC with an HMAC of SHA-2.
    CbcSha2,
    /// AES-CBC with HMAC-SHA-1.
    CbcSha1,
    /// AES-CCM.
    Ccm,
    /// Camellia, ARIA, SEED, IDEA: never common.
    Uncommon,
    /// Triple DES.
    TripleDes,
    /// RC4.
    Rc4,
    /// Single DES, RC2, and what export rules once allowed.
    Export,
    /// None.
    Null,
}

impl Exchange {
    /// That of the suite with this name.
    fn of(suite: &str) -> Self {
        let Some((exchange, _)) = suite.split_once("_WITH_") else {
            return if suite.starts_with("TLS") { Self::Ecdhe } else { Self::Other };
        };
        let exchange = exchange.trim_start_matches("TLS_").split("_EXPORT").next().unwrap_or_default();
        match exchange {
            "ECDHE_RSA" | "ECDHE_ECDSA" => Self::Ecdhe,
            "RSA" => Self::Rsa,
            "DHE_RSA" | "DHE_DSS" => Self::Dhe,
            "ECDH_RSA" | "ECDH_ECDSA" => Self::Ecdh,
            "DH_RSA" | "DH_DSS" => Self::Dh,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ecdhe => "ECDHE",
            Self::Rsa => "RSA",
            Self::Dhe => "DHE",
            Self::Ecdh => "ECDH",
            Self::Dh => "DH",
            Self::Other => "unknown",
        })
    }
}

impl Cipher {
    /// That of the suite with this name.
    fn of(suite: &str) -> Self {
        let holds = |part: &str| suite.contains(part);
        if holds("NULL") {
            Self::Null
        } else if ["EXPORT", "_DES_", "DES40", "RC2"].into_iter().any(holds) {
            Self::Export
        } else if holds("RC4") {
            Self::Rc4
        } else if holds("3DES") {
            Self::TripleDes
        } else if holds("CHACHA20") {
            Self::ChaCha
        } else if !holds("AES") {
            Self::Uncommon
        } else if holds("GCM") {
            Self::Gcm
        } else if holds("CCM") {
            Self::Ccm
        } else if suite.ends_with("_CBC_SHA") {
            Self::CbcSha1
        } else {
            Self::CbcSha2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("suites.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows.count(), NAMES.len());
        assert!(NAMES.len() > 300);
        assert_eq!(CipherSuite(0x002f).name(), Some("TLS_RSA_WITH_AES_128_CBC_SHA"));
        assert_eq!(CipherSuite(0xc02f).name(), Some("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assert_eq!(CipherSuite(0x5a5a).name(), None);
        for (number, text) in
            [(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"), (0x1301, "TLS13_AES_128_GCM_SHA256"), (0x5a5a, "0x5A5A")]
        {
            assert_eq!(CipherSuite(number).to_string(), text);
        }
    }

    #[test]
    fn a_name_says_what_the_suite_is() {
        for (name, exchange, cipher) in [
            ("TLS_RSA_WITH_AES_128_CBC_SHA", Exchange::Rsa, Cipher::CbcSha1),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", Exchange::Rsa, Cipher::TripleDes),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", Exchange::Rsa, Cipher::Export),
            ("TLS_RSA_WITH_DES_CBC_SHA", Exchange::Rsa, Cipher::Export),
            ("TLS_RSA_WITH_RC4_128_SHA", Exchange::Rsa, Cipher::Rc4),
            ("TLS_RSA_WITH_NULL_SHA256", Exchange::Rsa, Cipher::Null),
            ("TLS_RSA_WITH_AES_128_CCM_8", Exchange::Rsa, Cipher::Ccm),
            ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", Exchange::Other, Cipher::Gcm),
            ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Exchange::Dhe, Cipher::CbcSha2),
            ("TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA", Exchange::Dhe, Cipher::Export),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", Exchange::Other, Cipher::CbcSha1),
            ("TLS_DH_RSA_WITH_SEED_CBC_SHA", Exchange::Dh, Cipher::Uncommon),
            ("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", Exchange::Ecdh, Cipher::Gcm),
            ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Exchange::Ecdhe, Cipher::ChaCha),
            ("TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", Exchange::Ecdhe, Cipher::Uncommon),
            ("TLS13_AES_128_GCM_SHA256", Exchange::Ecdhe, Cipher::Gcm),
            ("TLS_AES_128_GCM_SHA256", Exchange::Ecdhe, Cipher::Gcm),
            ("0x5A5A", Exchange::Other, Cipher::Uncommon),
        ] {
            assert_eq!((Exchange::of(name), Cipher::of(name)), (exchange, cipher), "{name}");
        }
    }
}
