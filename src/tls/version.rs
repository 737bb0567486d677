//! Protocol versions.

use std::fmt;

/// A version of SSL or TLS, by its number on the wire (RFC 8446, appendix B.3.1; RFC 6101, 5.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// SSL 3.0.
    pub const SSL_3_0: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS_1_3: Self = Self(0x0304);

    /// Whether current clients speak it: TLS 1.2 and TLS 1.3 (RFC 8996).
    #[must_use]
    pub fn is_current(self) -> bool {
        matches!(self, Self::TLS_1_2 | Self::TLS_1_3)
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SSL_3_0 => f.write_str("SSL 3.0"),
            Self(number @ 0x0301..=0x0304) => write!(f, "TLS 1.{}", (number & 0xff) - 1),
            Self(number) => write!(f, "0x{number:04X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProtocolVersion;

    #[test]
    fn versions_have_names() {
        for (number, name, is_current) in [
            (0x0300, "SSL 3.0", false),
            (0x0301, "TLS 1.0", false),
            (0x0302, "TLS 1.1", false),
            (0x0303, "TLS 1.2", true),
            (0x0304, "TLS 1.3", true),
            (0x0305, "0x0305", false),
            (0xfeff, "0xFEFF", false),
        ] {
            let version = ProtocolVersion(number);
            assert_eq!((version.to_string().as_str(), version.is_current()), (name, is_current));
        }
    }
}
