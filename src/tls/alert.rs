//! TLS alerts, by number and by name.

use std::fmt;

/// The description of a TLS alert: the number on the wire (RFC 8446, section 6, and the registry
/// of TLS alerts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

impl Alert {
    /// unexpected_message.
    pub const UNEXPECTED_MESSAGE: Self = Self(10);
    /// handshake_failure.
    pub const HANDSHAKE_FAILURE: Self = Self(40);
    /// bad_certificate.
    pub const BAD_CERTIFICATE: Self = Self(42);
    /// illegal_parameter.
    pub const ILLEGAL_PARAMETER: Self = Self(47);
    /// access_denied.
    pub const ACCESS_DENIED: Self = Self(49);
    /// decode_error.
    pub const DECODE_ERROR: Self = Self(50);
    /// protocol_version.
    pub const PROTOCOL_VERSION: Self = Self(70);
    /// insufficient_security.
    pub const INSUFFICIENT_SECURITY: Self = Self(71);
    /// internal_error.
    pub const INTERNAL_ERROR: Self = Self(80);
    /// missing_extension.
    pub const MISSING_EXTENSION: Self = Self(109);
    /// unsupported_extension.
    pub const UNSUPPORTED_EXTENSION: Self = Self(110);
    /// unrecognized_name.
    pub const UNRECOGNIZED_NAME: Self = Self(112);
    /// certificate_required.
    pub const CERTIFICATE_REQUIRED: Self = Self(116);
    /// no_application_protocol.
    pub const NO_APPLICATION_PROTOCOL: Self = Self(120);

    /// The registered name; none for a number that is not registered.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }

    /// Whether a server that wants a client certificate answers with it when the client has none:
    /// the alerts about certificates and access, and `handshake_failure` (RFC 5246, 7.4.6).
    #[must_use]
    pub fn may_be_about_a_client_certificate(self) -> bool {
        matches!(self.0, 40..=43 | 46 | 48 | 49 | 116)
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "number {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alert;

    #[test]
    fn alerts_have_their_registered_names() {
        for (number, name) in [
            (0, "close_notify"),
            (40, "handshake_failure"),
            (48, "unknown_ca"),
            (70, "protocol_version"),
            (112, "unrecognized_name"),
            (116, "certificate_required"),
            (7, "number 7"),
        ] {
            assert_eq!(Alert(number).to_string(), name);
        }
    }
}
