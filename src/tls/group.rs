//! Named groups for key exchange.

use std::fmt;

/// A group by its number in IANA's registry "TLS Supported Groups".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedGroup(pub u16);

impl NamedGroup {
    /// secp256r1, also called P-256.
    pub const SECP256R1: Self = Self(0x0017);
    /// secp384r1, also called P-384.
    pub const SECP384R1: Self = Self(0x0018);
    /// X25519.
    pub const X25519: Self = Self(0x001d);

    /// The registered name; none for a number that is not registered.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let others = || OTHERS.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name);
        usize::from(self.0).checked_sub(1).and_then(|place| CURVES.get(place)).copied().or_else(others)
    }

    /// The group of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let curve = CURVES.iter().position(|known| *known == name).and_then(|place| u16::try_from(place + 1).ok());
        let other = || OTHERS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
        curve.or_else(other).map(Self)
    }
}

impl fmt::Display for NamedGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04X}", self.0),
        }
    }
}

/// The groups numbered from 1 (RFC 8422, 5.1.1, and the registry).
const CURVES: [&str; 30] = [
    "sect163k1",
    "sect163r1",
    "sect163r2",
    "sect193r1",
    "sect193r2",
    "sect233k1",
    "sect233r1",
    "sect239k1",
    "sect283k1",
    "sect283r1",
    "sect409k1",
    "sect409r1",
    "sect571k1",
    "sect571r1",
    "secp160k1",
    "secp160r1",
    "secp160r2",
    "secp192k1",
    "secp192r1",
    "secp224k1",
    "secp224r1",
    "secp256k1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "X25519",
    "X448",
];

/// Prime fields (RFC 7919) and hybrids with ML-KEM (draft-ietf-tls-ecdhe-mlkem).
const OTHERS: [(u16, &str); 9] = [
    (0x0100, "FFDHE2048"),
    (0x0101, "FFDHE3072"),
    (0x0102, "FFDHE4096"),
    (0x0103, "FFDHE6144"),
    (0x0104, "FFDHE8192"),
    (0x0201, "MLKEM768"),
    (0x11eb, "secp256r1MLKEM768"),
    (0x11ec, "X25519MLKEM768"),
    (0x11ed, "secp384r1MLKEM1024"),
];

#[cfg(test)]
mod tests {
    use super::{CURVES, NamedGroup, OTHERS};

    #[test]
    fn names_and_numbers_agree() {
        for (number, name) in [(22, "secp256k1"), (23, "secp256r1"), (29, "X25519"), (30, "X448"), (77, "0x004D")] {
            assert_eq!(NamedGroup(number).to_string(), name);
        }
        for name in CURVES.into_iter().chain(OTHERS.map(|(_, name)| name)) {
            assert_eq!(NamedGroup::by_name(name).and_then(NamedGroup::name), Some(name));
        }
        assert_eq!(NamedGroup::by_name("secp999r1"), None);
        assert_eq!(NamedGroup(0).name(), None);
    }
}
