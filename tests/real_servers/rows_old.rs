//! What has to come out of servers of old or odd modes: where rustls gets no certificate, the plain hello does.

/// A server of [`crate::old`], and what is expected of it.
pub struct Old {
    /// What it is called.
    pub server: &'static str,
    /// Exit codes that are right.
    pub code: &'static [i32],
    /// `/connection/obtained`.
    pub obtained: &'static str,
    /// `/connection/tls_version`.
    pub version: &'static str,
    /// A code among the findings, or the error's.
    pub finding: &'static str,
}

const fn plain(server: &'static str, version: &'static str) -> Old {
    Old { server, code: &[4], obtained: "plain-hello", version, finding: "legacy-tls" }
}

/// The rows.
pub const ROWS: &[Old] = &[
    plain("tls-1.0", "TLS 1.0"),
    plain("tls-1.0-ec", "TLS 1.0"),
    plain("tls-1.1", "TLS 1.1"),
    plain("tls-1.1-client", "TLS 1.1"),
    plain("rsa-kx", "TLS 1.2"),
    plain("rsa-kx-gcm", "TLS 1.2"),
    plain("dhe", "TLS 1.2"),
    plain("cbc", "TLS 1.2"),
    odd("p521-cert", "TLS 1.3"),
    odd("p521-group", "TLS 1.3"),
    odd("p521-group-1.2", "TLS 1.2"),
    Old { obtained: "handshake", finding: "", ..odd("x25519-group", "TLS 1.3") },
    plain("secp256k1-cert", "TLS 1.2"),
    plain("secp256k1-group", "TLS 1.2"),
    plain("brainpool-cert", "TLS 1.2"),
    plain("brainpool-group", "TLS 1.2"),
    Old { finding: "unsupported-signature", obtained: "handshake", ..odd("rsa1024", "TLS 1.3") },
    plain("rsa1024-tls-1.0", "TLS 1.0"),
    Old { finding: "client-certificate-required", obtained: "handshake", ..odd("client", "TLS 1.3") },
    // TLS 1.3 alone, and no group that rustls has.
    Old { server: "ffdhe", code: &[3], obtained: "null", version: "null", finding: "tls-alert" },
];

const fn odd(server: &'static str, version: &'static str) -> Old {
    Old { server, code: &[0, 4], obtained: "odd-algorithms", version, finding: "legacy-tls" }
}
