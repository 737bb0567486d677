//! What was seen, as plain facts: no judgement, no clock, no socket. The rooms below the line
//! fill these in, `diagnosis` and `report` read them. Imports `identity`, `certificate`, `starttls`,
//! `target`.
//!
//! - `baseline.rs`: what a certificate was before;
//! - `failure.rs`: why there is no certificate;
//! - `peer.rs`: whom a handshake is with;
//! - `plaintext.rs`: which protocol a server speaks that does not speak TLS;
//! - `probes.rs`: what further questions found out after a mismatch;
//! - `service.rs`: which kind of service a server is.

pub mod baseline;
pub mod failure;
pub mod peer;
pub mod plaintext;
pub mod probes;
pub mod service;

use std::net::SocketAddr;
use std::time::Duration;

pub use baseline::{Baseline, Earlier};
pub use failure::{CertificateFailure, Failure, Family, HandshakeFault, Progress, ProxyStop, Stage, TlsFailure};
pub use peer::Peer;
pub use plaintext::Plaintext;
pub use probes::{Evidence, Names, Neighbour, Probe, Question};
pub use service::Service;

use crate::certificate::PublicKey;
use crate::escape::Shown;
use crate::identity::DnsName;
use crate::starttls::Protocol;
use crate::target::Host;
use crate::tls::{Alert, CipherSuite, KeyExchange, ProtocolVersion};

/// One visit to one server, or one certificate read from a file.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The connection, where one was tried.
    pub visit: Option<Visited>,
    /// The certificates that came, or why none did.
    pub outcome: Result<Served, Failure>,
    /// What further questions found out; empty where none was asked.
    pub evidence: Evidence,
    /// Which server it is, where a target stands for several.
    pub server: Option<Shown>,
}

impl Observation {
    /// One for which no server was visited.
    #[must_use]
    pub fn without_visit(outcome: Result<Served, Failure>) -> Self {
        Self { visit: None, outcome, evidence: Evidence::default(), server: None }
    }
}

/// The certificates that a peer or a file holds: DER, the leaf first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The leaf.
    pub leaf: Vec<u8>,
    /// The others, in the order in which they came.
    pub chain: Vec<Vec<u8>>,
    /// How many others there were in all, where not all are kept.
    pub chain_total: usize,
}

/// How a server was reached.
#[derive(Clone, Debug)]
pub struct Visited {
    /// The host that was to be connected to.
    pub host: Host,
    /// The address that answered.
    pub address: Option<SocketAddr>,
    /// The port that was asked for.
    pub port: u16,
    /// The name sent as SNI.
    pub sni: Option<DnsName>,
    /// The domain whose mail exchanger it is, where it was found as one.
    pub exchanger_of: Option<DnsName>,
    /// The protocol that turned to TLS, where it did not begin with it.
    pub starttls: Option<Protocol>,
    /// The proxy that carried the connection, as it is shown: without its login.
    pub proxy: Option<Shown>,
    /// Addresses that did not answer, in the order in which they were tried.
    pub attempts: Vec<Attempt>,
    /// What was agreed on, where the handshake came that far.
    pub handshake: Option<Handshake>,
    /// From name lookup to leaf or failure.
    pub elapsed: Duration,
}

/// One address that did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which.
    pub address: SocketAddr,
    /// Why not, in words of ours.
    pub error: String,
}

/// What a handshake agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The version.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite.
    pub cipher_suite: Option<CipherSuite>,
    /// How keys were agreed on.
    pub key_exchange: Option<KeyExchange>,
    /// Whether the peer showed that it holds the certificate's key.
    pub possession: Possession,
    /// How the leaf was obtained.
    pub obtained: Obtained,
    /// Whether the server asked for a client certificate.
    pub client_certificate: ClientCertificate,
    /// What ended the handshake after the certificate had arrived; none where nothing went wrong.
    pub broken: Option<Break>,
}

impl Handshake {
    /// The key exchange as it is shown: the group alone where the handshake was completed.
    #[must_use]
    pub fn key_exchange_text(&self) -> Option<String> {
        let exchange = self.key_exchange?;
        match (self.obtained, exchange.group) {
            (Obtained::Handshake | Obtained::OddAlgorithms, Some(group)) => Some(group.to_string()),
            _ => Some(exchange.to_string()),
        }
    }
}

/// How a handshake broke after the server's certificate had arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The server sent a fatal alert.
    Alert(Alert),
    /// The server closed or reset the connection.
    Closed,
    /// The server sent nothing more until the time allowed was over.
    Stalled,
    /// A record did not decrypt, or the server's Finished message is wrong.
    Undecryptable,
    /// A message is malformed, out of place or contradicts the protocol.
    Violation,
}

/// Whether the peer proved that it holds the certificate's private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Possession {
    /// Its handshake signature is valid.
    Proven,
    /// It may have, but certcheck cannot verify it.
    Unverified(Unverifiable),
    /// The handshake ended before the server signed anything.
    NotProven,
    /// Its handshake signature is wrong.
    Failed,
}

/// Why certcheck cannot verify a handshake signature that clients may well verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unverifiable {
    /// The key's algorithm or size, such as Ed448 or RSA with 1024 bits.
    Key(PublicKey),
    /// It is made with SHA-1.
    Sha1,
    /// The server takes only a kind of handshake that certcheck reads and does not complete.
    OldHandshake,
}

/// How the leaf was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obtained {
    /// By an ordinary handshake.
    Handshake,
    /// By one that offered algorithms which clients seldom have.
    OddAlgorithms,
    /// From the plain text of a handshake for SSL 3.0 to TLS 1.2 that was begun and not completed.
    PlainHello,
}

/// What the server said about a certificate of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// Nothing.
    NotAsked,
    /// It asked for one and went on without.
    Asked,
    /// It asked for one and ended the handshake without.
    Refused,
}
