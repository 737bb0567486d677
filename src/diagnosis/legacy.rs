//! Old and odd TLS: which current clients cannot connect to this server, and why.

use super::Finding;
use super::code::{Code, Severity};
use crate::certificate::LeafCertificate;
use crate::data::suites::{Cipher, Exchange};
use crate::data::tls_support::{Client, clients};
use crate::evidence::{Handshake, Obtained};

/// Which of the measured clients can agree to what the server agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    EveryClient,
    /// Some of them.
    SomeClients,
    /// None of them.
    NoClient,
}

/// Which clients can agree to what the server agreed to. What the ordinary handshake offers is
/// common to all of them.
#[must_use]
pub fn reach(handshake: &Handshake, leaf: &LeafCertificate) -> Reach {
    let lacking = match handshake.obtained {
        Obtained::Handshake => 0,
        Obtained::OddAlgorithms | Obtained::PlainHello => {
            clients().iter().filter(|client| lacks(client, handshake, leaf).is_some()).count()
        }
    };
    match lacking {
        0 => Reach::EveryClient,
        n if n == clients().len() => Reach::NoClient,
        _ => Reach::SomeClients,
    }
}

/// The leaf came from TLS 1.1 or older, or from a suite, group or key that a current client lacks:
/// an error where all of them do.
///
/// Only where the ordinary handshake failed: what it offers is common to all clients, so a server
/// that takes it is reached by all of them, whatever certificate it would show to others.
#[must_use]
pub fn legacy_tls(handshake: &Handshake, leaf: &LeafCertificate) -> Option<Finding> {
    let reach = reach(handshake, leaf);
    if reach == Reach::EveryClient {
        return None;
    }
    let mut lacking: Vec<(String, Vec<&Client>)> = Vec::new();
    for client in clients() {
        let Some(what) = lacks(client, handshake, leaf) else { continue };
        match lacking.iter_mut().find(|(known, _)| *known == what) {
            Some((_, those)) => those.push(client),
            None => lacking.push((what, vec![client])),
        }
    }
    let without: Vec<&str> = lacking.iter().flat_map(|(_, those)| those.iter().map(|client| client.id)).collect();
    let who = match &without[..] {
        _ if reach == Reach::NoClient => "no current client supports".to_owned(),
        [one] => format!("{one} does not support"),
        several => format!("{} do not support", listed(several, "and")),
    };
    let key = lacking.iter().map(|(what, _)| what).find(|what| what.starts_with("a key"));
    let with = key.map_or_else(String::new, |key| format!(" with {key}"));
    let message = format!("the server agreed to {}{with}, which {who}", agreed(handshake));
    let mut finding = Finding::new(Code::LegacyTls, message);
    if reach == Reach::NoClient {
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
    Some(if lacking.iter().all(|(what, _)| what.starts_with("a key")) {
        finding.help("use a certificate with a key that all clients support: ECDSA P-256 or RSA 2048")
    } else {
        finding.help("allow ECDHE with AES-GCM and the groups X25519 and P-256 on the server")
    })
}

/// Key exchanges without a group, or whose group did not come.
const UNNAMED: [&str; 6] = ["ECDHE", "RSA", "DHE", "ECDH", "DH", "unknown"];

/// The first thing that a client lacks of what the server agreed to.
fn lacks(client: &Client, handshake: &Handshake, leaf: &LeafCertificate) -> Option<String> {
    if is_before_tls12(handshake) {
        return handshake.version.clone();
    }
    let suite = handshake.cipher_suite.as_deref().unwrap_or_default().replace("TLS13_", "TLS_");
    if !suite.is_empty() && !client.suites.contains(&suite.as_str()) {
        return Some(lacking_suite(client, &suite));
    }
    match handshake.key_exchange.as_deref().map(|exchange| exchange.split_once(' ').unwrap_or(("ECDHE", exchange))) {
        Some(("DHE", bits)) => {
            let bits: u32 = bits.trim_end_matches(" bits").parse().ok()?;
            if client.dhe.is_some_and(|least| bits < least) {
                return Some(format!("DHE with {bits} bits"));
            }
        }
        Some(("ECDHE", group)) if !UNNAMED.contains(&group) && !client.groups.contains(&group) => {
            return Some(format!("the group {group}"));
        }
        _ => {}
    }
    let key = leaf.public_key();
    let kind = if key.starts_with("RSA ") { "RSA" } else { key };
    (!client.keys.contains(&kind)).then(|| format!("a key {key}"))
}

/// Why a client lacks a suite, told by the part of it that none of its suites has.
fn lacking_suite(client: &Client, suite: &str) -> String {
    let (exchange, cipher) = (Exchange::of(suite), Cipher::of(suite));
    let lacks_exchange = !client.suites.iter().any(|other| Exchange::of(other) == exchange);
    let lacks_cipher = !client.suites.iter().any(|other| Cipher::of(other) == cipher);
    match (exchange, cipher) {
        (_, Cipher::Rc4) if lacks_cipher => "RC4".to_owned(),
        (_, Cipher::TripleDes) if lacks_cipher => "3DES".to_owned(),
        (_, Cipher::Export) if lacks_cipher => "a cipher of 56 bits or fewer".to_owned(),
        (Exchange::Rsa, _) if lacks_exchange => "RSA key exchange".to_owned(),
        (Exchange::Dhe, _) if lacks_exchange => "DHE".to_owned(),
        (Exchange::Dh | Exchange::Ecdh, _) if lacks_exchange => "static Diffie-Hellman".to_owned(),
        (_, Cipher::Ccm) if lacks_cipher => "AES-CCM".to_owned(),
        (_, Cipher::CbcSha1) if lacks_cipher => "AES-CBC with SHA-1".to_owned(),
        (_, Cipher::CbcSha2) if lacks_cipher => "AES-CBC with SHA-2".to_owned(),
        _ => suite.to_owned(),
    }
}

fn is_before_tls12(handshake: &Handshake) -> bool {
    handshake.version.as_deref().is_some_and(|version| !matches!(version, "TLS 1.2" | "TLS 1.3"))
}

/// What was agreed on.
fn agreed(handshake: &Handshake) -> String {
    let parts = [&handshake.version, &handshake.cipher_suite, &handshake.key_exchange];
    let parts: Vec<&str> = parts.into_iter().filter_map(|part| part.as_deref()).collect();
    parts.join(", ")
}

/// `a, b and c`
fn listed(parts: &[&str], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., one] => format!("{} {last} {one}", first.join(", ")),
    }
}
