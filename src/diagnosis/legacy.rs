//! Old and odd TLS: which current clients cannot connect to this server, and why.

use std::fmt;

use super::Finding;
use super::code::{Code, Severity};
use crate::certificate::{Certificate, PublicKey};
use crate::evidence::{Handshake, Obtained};
use crate::tls::support::{Client, KeyKind, clients};
use crate::tls::{Cipher, CipherSuite, Exchange, Group, NamedGroup, ProtocolVersion};

/// The leaf came from TLS 1.1 or older, or from a suite, group or key that a current client lacks:
/// an error where all of them do.
///
/// Only where the ordinary handshake failed: what it offers is common to all clients, so a server
/// that takes it is reached by all of them, whatever certificate it would show to others.
#[must_use]
pub fn legacy_tls(handshake: &Handshake, leaf: &Certificate) -> Option<Finding> {
    if handshake.obtained == Obtained::Handshake {
        return None;
    }
    let mut lacking: Vec<(Lack, Vec<&Client>)> = Vec::new();
    for client in clients() {
        let Some(what) = lacks(client, handshake, leaf) else { continue };
        match lacking.iter_mut().find(|(known, _)| *known == what) {
            Some((_, those)) => those.push(client),
            None => lacking.push((what, vec![client])),
        }
    }
    let without: Vec<&str> = lacking.iter().flat_map(|(_, those)| those.iter().map(|client| client.id)).collect();
    let is_unreachable = without.len() == clients().len();
    let who = match &without[..] {
        [] => return None,
        _ if is_unreachable => "no current client supports".to_owned(),
        [one] => format!("{one} does not support"),
        several => format!("{} do not support", listed(several, "and")),
    };
    let key = lacking.iter().map(|(what, _)| what).find(|what| what.is_key());
    let with = key.map_or_else(String::new, |key| format!(" with {key}"));
    let message = format!("the server agreed to {}{with}, which {who}", agreed(handshake));
    let mut finding = Finding::new(Code::LegacyTls, message);
    if is_unreachable {
        finding.severity = Severity::Error;
    }
    for (what, those) in &lacking {
        let those: Vec<String> = those.iter().map(|client| format!("{} {}", client.id, client.version)).collect();
        let those: Vec<&str> = those.iter().map(String::as_str).collect();
        finding = finding.note(format!("{what}: not supported by {}", listed(&those, "or")));
    }
    if is_before_tls12(handshake) {
        return Some(finding.help("allow TLS 1.2 and TLS 1.3 on the server, with ECDHE and AES-GCM"));
    }
    finding = finding.note("what else the server may agree to was not tried").likely();
    Some(if lacking.iter().all(|(what, _)| what.is_key()) {
        finding.help("use a certificate with a key that all clients support: ECDSA P-256 or RSA 2048")
    } else {
        finding.help("allow ECDHE with AES-GCM and the groups X25519 and P-256 on the server")
    })
}

/// What a client lacks of what the server agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lack {
    Version(ProtocolVersion),
    /// A part of the suite that none of the client's suites has.
    Cipher(&'static str),
    Suite(CipherSuite),
    Group(NamedGroup),
    DheBits(u32),
    Key(PublicKey),
}

impl Lack {
    fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::Cipher(part) => f.write_str(part),
            Self::Suite(suite) => suite.fmt(f),
            Self::Group(group) => write!(f, "the group {group}"),
            Self::DheBits(bits) => write!(f, "DHE with {bits} bits"),
            Self::Key(key) => write!(f, "a key {key}"),
        }
    }
}

/// The first thing that a client lacks of what the server agreed to.
fn lacks(client: &Client, handshake: &Handshake, leaf: &Certificate) -> Option<Lack> {
    if let Some(version) = handshake.version.filter(|version| !version.is_current()) {
        return Some(Lack::Version(version));
    }
    if let Some(suite) = handshake.cipher_suite.filter(|suite| !client.suites.contains(suite)) {
        return Some(lacking_suite(client, suite));
    }
    match handshake.key_exchange.and_then(|exchange| exchange.group) {
        Some(Group::Prime { bits }) if client.dhe.is_some_and(|least| bits < least) => {
            return Some(Lack::DheBits(bits));
        }
        Some(Group::Named(group)) if !client.groups.contains(&group) => return Some(Lack::Group(group)),
        Some(Group::ExplicitCurve) => return Some(Lack::Cipher("a curve of the server's own")),
        _ => {}
    }
    let key = leaf.public_key();
    (!client.keys.contains(&KeyKind::of(key))).then(|| Lack::Key(key.clone()))
}

/// Why a client lacks a suite, told by the part of it that none of its suites has.
fn lacking_suite(client: &Client, suite: CipherSuite) -> Lack {
    let (exchange, Some(cipher)) = (suite.exchange(), suite.cipher()) else { return Lack::Suite(suite) };
    let lacks_exchange = !client.suites.iter().any(|other| other.exchange() == exchange);
    let lacks_cipher = !client.suites.iter().any(|other| other.cipher() == Some(cipher));
    Lack::Cipher(match (exchange, cipher) {
        (_, Cipher::Rc4) if lacks_cipher => "RC4",
        (_, Cipher::TripleDes) if lacks_cipher => "3DES",
        (_, Cipher::Export) if lacks_cipher => "a cipher of 56 bits or fewer",
        (Exchange::Rsa, _) if lacks_exchange => "RSA key exchange",
        (Exchange::Dhe, _) if lacks_exchange => "DHE",
        (Exchange::Dh | Exchange::Ecdh, _) if lacks_exchange => "static Diffie-Hellman",
        (_, Cipher::Ccm) if lacks_cipher => "AES-CCM",
        (_, Cipher::CbcSha1) if lacks_cipher => "AES-CBC with SHA-1",
        (_, Cipher::CbcSha2) if lacks_cipher => "AES-CBC with SHA-2",
        _ => return Lack::Suite(suite),
    })
}

/// Whether the version is one that current clients no longer speak.
fn is_before_tls12(handshake: &Handshake) -> bool {
    handshake.version.is_some_and(|version| !version.is_current())
}

/// What was agreed on.
fn agreed(handshake: &Handshake) -> String {
    let parts = [
        handshake.version.map(|version| version.to_string()),
        handshake.cipher_suite.map(|suite| suite.to_string()),
        handshake.key_exchange_text(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `a, b and c`
fn listed(parts: &[&str], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., one] => format!("{} {last} {one}", first.join(", ")),
    }
}
