//! What real clients answer: one file per client family, one function per client, from the name
//! exactly as it was typed and the leaf certificate. Pure; imports `identity`, `certificate`,
//! `escape`. A client never reaches into another client; what they share are small steps
//! (`steps.rs`; `labels.rs` for names as text), IDNA flavours (`idna.rs`, `idna_libraries.rs`), URLs
//! (`url_host.rs`, `uri.rs`), and how strictly certificates are read (`reading.rs`, `jdk.rs`). Before any
//! of them, long lists are cut to what can matter (`plain.rs`).
//!
//! To add one: a file (or a function in its family's file) with a header that names the client, the
//! version measured, the source where its rule lives and what is peculiar about it; one line in
//! [`CLIENTS`]; one column in `tests/clients/verdicts.tsv`.

pub mod apache_httpclient;
pub mod boringssl;
pub mod bun;
pub mod chromium;
pub mod curl;
pub mod dns_id;
pub mod erlang;
pub mod firefox;
pub mod gnutls;
pub mod go;
pub mod grpc;
pub mod idna;
pub mod idna_libraries;
pub mod java;
pub mod jdk;
pub mod labels;
pub mod mbedtls;
pub mod node;
pub mod okhttp;
pub mod openssl;
pub mod perl;
pub mod pgjdbc;
pub mod php;
pub mod plain;
pub mod python;
pub mod qt;
pub mod reading;
pub mod ruby;
pub mod rustls;
pub mod steps;
pub mod uri;
pub mod url_host;
pub mod wolfssl;
pub mod x509_host;

use crate::certificate::SubjectNames;

/// What one client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It accepts the certificate for the name.
    Accept,
    /// It rejects it; why.
    Reject(&'static str),
    /// It does not take this name at all, before any certificate; why.
    RefuseName(&'static str),
    /// It cannot read this certificate; why.
    Unreadable(&'static str),
}

/// A client that is modelled.
pub struct Client {
    /// Its id, as in `--clients`.
    pub id: &'static str,
    /// Its name and the version whose answers were measured.
    pub version: &'static str,
    /// Its rule.
    pub ask: fn(&[u8], &SubjectNames) -> Answer,
}

/// All clients, in the order in which they are listed.
pub const CLIENTS: &[Client] = &[
    Client { id: "chromium", version: "Chromium 156.0.8078.79", ask: chromium::ask },
    Client { id: "firefox", version: "Firefox 153.7.0esr", ask: firefox::ask },
    Client { id: "curl", version: "libcurl 8.21.0 (BoringSSL)", ask: curl::ask },
    Client { id: "curl-7", version: "libcurl 7.88.1 (OpenSSL 3.0.22)", ask: curl::ask_7 },
    Client { id: "wget", version: "GNU Wget 1.21.3 (GnuTLS)", ask: gnutls::ask_wget },
    Client { id: "openssl", version: "OpenSSL 3.0.22 X509_check_host, default flags", ask: openssl::ask },
    Client { id: "gnutls", version: "GnuTLS 3.7.9", ask: gnutls::ask },
    Client { id: "boringssl", version: "BoringSSL X509_check_host (boring-sys 4.22.0)", ask: boringssl::ask },
    Client { id: "rustls", version: "rustls-webpki 0.103.17", ask: rustls::ask },
    Client { id: "mbedtls", version: "mbed TLS 2.28.3", ask: mbedtls::ask },
    Client { id: "wolfssl", version: "wolfSSL 5.5.4", ask: wolfssl::ask },
    Client { id: "go", version: "Go 1.27.3 crypto/x509", ask: go::ask },
    Client { id: "java", version: "JDK 25.0.2 JSSE, HTTPS endpoint identification", ask: java::ask },
    Client { id: "okhttp", version: "OkHttp 3.13.1", ask: okhttp::ask },
    Client { id: "apache-httpclient", version: "Apache HttpClient 4.5.14", ask: apache_httpclient::ask },
    Client { id: "pgjdbc", version: "PostgreSQL JDBC 42.5.5 verify-full", ask: pgjdbc::ask },
    Client { id: "python", version: "Python 3.13.0 ssl (OpenSSL 3.0.22)", ask: python::ask },
    Client {
        id: "requests",
        version: "requests 2.34.2, urllib3 2.8.0, Python 3.13.0 (OpenSSL 3.0.22)",
        ask: python::ask_requests,
    },
    Client { id: "node", version: "Node.js 20.20.2 tls.checkServerIdentity", ask: node::ask },
    Client { id: "bun", version: "Bun 1.4.5", ask: bun::ask },
    Client { id: "ruby", version: "Ruby 3.1.7 OpenSSL::SSL.verify_certificate_identity", ask: ruby::ask },
    Client { id: "php", version: "PHP 8.2.36 openssl streams", ask: php::ask },
    Client { id: "perl", version: "IO::Socket::SSL 2.081, scheme www", ask: perl::ask },
    Client { id: "erlang", version: "Erlang/OTP 25 public_key, https match fun", ask: erlang::ask },
    Client { id: "grpc", version: "gRPC C-core (grpcio 1.85.1)", ask: grpc::ask },
    Client { id: "qt", version: "Qt 5.15.8 QSslSocket (OpenSSL)", ask: qt::ask },
];

/// What every client says about one certificate and one name, in the order of [`CLIENTS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<Answer>);

impl Answers {
    /// Asks all of them, with the name exactly as it was typed.
    #[must_use]
    pub fn of(name: &[u8], leaf: &SubjectNames) -> Self {
        let shorter = plain::with_names_for(name, leaf);
        let leaf = shorter.as_ref().unwrap_or(leaf);
        Self(CLIENTS.iter().map(|client| (client.ask)(name, leaf)).collect())
    }

    /// Each client with its answer.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Client, Answer)> + Clone {
        CLIENTS.iter().zip(self.0.iter().copied())
    }

    /// The ids of those that accept.
    pub fn accepting(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.iter().filter(|(_, answer)| *answer == Answer::Accept).map(|(client, _)| client.id)
    }

    /// The ids of those that do not.
    pub fn others(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.iter().filter(|(_, answer)| *answer != Answer::Accept).map(|(client, _)| client.id)
    }
}

/// The client of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}
