//! One TLS handshake on a connected stream, and what can be said where it fails.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, Error, InvalidMessage, PeerMisbehaved};
use rustls_pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::odd;
use super::recorder::{Proof, Recorded, Recorder, Schemes, is_verifiable};
use super::tap::{First, Tap};
use super::wire::Wire;
use crate::certificate::Certificate;
use crate::escape::Shown;
use crate::evidence::plaintext::recognise;
use crate::evidence::{
    Break, ClientCertificate, Failure, Handshake, HandshakeFault, Obtained, Peer, Possession, Progress, Served,
    TlsFailure, Unverifiable,
};
use crate::identity::DnsName;
use crate::starttls::step::words;
use crate::starttls::{Protocol, Stop};
use crate::tls::{Alert, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion};

/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_millis(200);
/// How many of a plaintext answer's first bytes are quoted.
const QUOTED: usize = 60;

/// What every handshake shares.
#[derive(Clone)]
pub struct Tls {
    config: ClientConfig,
}

impl Tls {
    /// ring alone; AES-128 first, which spares SHA-384; no resumption, so that every handshake
    /// shows a certificate.
    ///
    /// # Errors
    /// Where the TLS library finds no version that its provider can do.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { config: config(ring::default_provider())? })
    }

    /// The odd algorithms are put together where a server asks for them: few do.
    fn recorded_by(&self, recorder: &Arc<Recorder>, schemes: Schemes) -> Result<ClientConfig, Error> {
        let mut config = match schemes {
            Schemes::Odd => config(odd::provider())?,
            Schemes::Checkable | Schemes::Ecdsa | Schemes::Rsa => self.config.clone(),
        };
        config.dangerous().set_certificate_verifier(recorder.clone());
        config.client_auth_cert_resolver = recorder.clone();
        Ok(config)
    }
}

fn config(mut provider: CryptoProvider) -> Result<ClientConfig, Error> {
    provider.cipher_suites.sort_by_key(|s| s.suite() != rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Recorder::new(odd::SIGNATURES, Schemes::Checkable, Proof::Checked)))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// How a handshake ended.
pub enum Ended {
    /// With certificates.
    Leaf(Box<(Served, Handshake)>),
    /// With a fatal alert before them.
    Alert(Alert),
    /// In another way.
    Failed(Failure),
}

/// What a handshake is told.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// With whom it is.
    pub peer: Peer,
    /// The name sent as SNI.
    pub sni: Option<&'a DnsName>,
    /// The protocol that has just turned to TLS.
    pub after: Option<Protocol>,
    /// The signature schemes that are offered.
    pub schemes: Schemes,
    /// Whether the peer has to show that it holds the certificate's key.
    pub proof: Proof,
    /// When it has to be done, and how long the whole attempt was allowed to take.
    pub time: (Instant, Duration),
}

/// Asks for certificates on a fresh connection.
pub async fn shake(tls: &Tls, wire: Wire, ask: Ask<'_>) -> Ended {
    let Ask { peer, sni, schemes, proof, time: (deadline, _), .. } = ask;
    let recorder = Arc::new(Recorder::new(odd::SIGNATURES, schemes, proof));
    let name = match sni.map(|name| ServerName::try_from(name.as_str().to_owned())) {
        Some(Ok(name)) => name,
        // An address is not sent, so which one it is does not matter where it is not known.
        None => ServerName::IpAddress(peer.address().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip()).into()),
        Some(Err(_)) => {
            let fault = HandshakeFault::UnsendableName;
            return Ended::Failed(Failure::Tls { address: peer, why: TlsFailure::Handshake { fault } });
        }
    };
    let (tap, first) = Tap::new(wire);
    let config = match tls.recorded_by(&recorder, schemes) {
        Ok(config) => config,
        Err(error) => {
            return Ended::Failed(Failure::Tls { address: peer, why: TlsFailure::Handshake { fault: fault(&error) } });
        }
    };
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, tap);
    let obtained = match schemes {
        Schemes::Odd => Obtained::OddAlgorithms,
        Schemes::Checkable | Schemes::Ecdsa | Schemes::Rsa => Obtained::Handshake,
    };
    match timeout_at(deadline, connecting).await {
        Ok(Ok(mut stream)) => {
            let (tap, session) = stream.get_mut();
            tap.settle();
            let mut handshake = with(&recorder.take(), obtained, None);
            if let Some((_, handshake)) = handshake.as_mut() {
                handshake.version = session.protocol_version().map(|version| ProtocolVersion(version.into()));
                handshake.cipher_suite = session.negotiated_cipher_suite().map(|s| CipherSuite(s.suite().into()));
                let group = session.negotiated_key_exchange_group().map(|group| NamedGroup(group.name().into()));
                handshake.key_exchange = group.map(KeyExchange::ephemeral);
            }
            // Closing the connection says the rest.
            stream.get_mut().1.send_close_notify();
            let _ = timeout_at((Instant::now() + FAREWELL).min(deadline), stream.flush()).await;
            handshake.map_or(Ended::Failed(Failure::Tls { address: peer, why: TlsFailure::NoCertificate }), |h| {
                Ended::Leaf(Box::new(h))
            })
        }
        Ok(Err(error)) => match with(&recorded_until(&recorder, &error), obtained, broken_by(&error)) {
            Some(handshake) => Ended::Leaf(Box::new(handshake)),
            None => why(&error, &ask, &first),
        },
        Err(_) => match with(&recorder.take(), obtained, Some(Break::Stalled)) {
            Some(handshake) => Ended::Leaf(Box::new(handshake)),
            None => Ended::Failed(timed_out(&ask, &first)),
        },
    }
}

/// What was recorded, where there is a leaf, and what ended the handshake after it.
fn with(recorded: &Recorded, obtained: Obtained, broken: Option<Break>) -> Option<(Served, Handshake)> {
    let possession = recorded.possession.clone().unwrap_or(Possession::NotProven);
    let is_refusal = broken.is_some_and(|broken| is_client_certificate_refusal(broken, &possession));
    let client_certificate = match (recorded.asked_for_certificate, is_refusal) {
        (false, _) => ClientCertificate::NotAsked,
        (true, false) => ClientCertificate::Asked,
        (true, true) => ClientCertificate::Refused,
    };
    let handshake = Handshake {
        version: recorded.version,
        cipher_suite: None,
        key_exchange: None,
        possession,
        obtained,
        client_certificate,
        broken: broken.filter(|_| client_certificate != ClientCertificate::Refused),
    };
    Some((recorded.served.clone()?, handshake))
}

/// Whether a server that asked for a client certificate may have ended the handshake for the lack
/// of one. The server must have proven its key: otherwise nothing shows that it would have gone on.
fn is_client_certificate_refusal(broken: Break, possession: &Possession) -> bool {
    let may_be = match broken {
        Break::Alert(alert) => alert.may_be_about_a_client_certificate(),
        Break::Closed => true,
        Break::Stalled | Break::Undecryptable | Break::Violation => false,
    };
    may_be && *possession == Possession::Proven
}

/// What ended a handshake; none where its signature did.
fn broken_by(error: &io::Error) -> Option<Break> {
    match tls_error(error) {
        Some(Error::AlertReceived(alert)) => Some(Break::Alert(Alert(u8::from(*alert)))),
        Some(Error::DecryptError) => Some(Break::Undecryptable),
        Some(Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm)) => None,
        Some(_) => Some(Break::Violation),
        None => Some(Break::Closed),
    }
}

/// What was recorded. The TLS library refuses a signature of a kind that it does not know for the
/// suite before it asks the recorder about it (`ExpectServerDone` in rustls' `client/tls12.rs`): by
/// a key that certcheck cannot verify it may be right, by another one it is wrong.
fn recorded_until(recorder: &Recorder, error: &io::Error) -> Recorded {
    let mut recorded = recorder.take();
    if let Some(Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm)) = tls_error(error) {
        let leaf = recorded.served.as_ref().and_then(|served| Certificate::from_der(&served.leaf).ok());
        recorded.possession = leaf.map(|leaf| match leaf.public_key() {
            key if is_verifiable(key) => Possession::Failed,
            key => Possession::Unverified(Unverifiable::Key(key.clone())),
        });
        recorded.version = Some(ProtocolVersion::TLS_1_2);
    }
    recorded
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

fn timed_out(ask: &Ask<'_>, first: &First) -> Failure {
    let bytes = first.bytes();
    if let Some(failure) = not_tls(ask, &bytes) {
        return failure;
    }
    let progress = if bytes.is_empty() { Progress::NoReply } else { Progress::Handshaking };
    Failure::Timeout { progress, after: ask.time.1, address: Some(ask.peer) }
}

fn why(error: &io::Error, ask: &Ask<'_>, first: &First) -> Ended {
    let bytes = first.bytes();
    if let Some(failure) = not_tls(ask, &bytes) {
        return Ended::Failed(failure);
    }
    let address = ask.peer;
    let progress = if bytes.is_empty() { Progress::NoReply } else { Progress::Handshaking };
    Ended::Failed(match tls_error(error) {
        Some(Error::AlertReceived(alert)) => return Ended::Alert(Alert(u8::from(*alert))),
        Some(Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        )) => Failure::Tls { address, why: TlsFailure::MessageTooLarge },
        Some(Error::NoCertificatesPresented) => Failure::Tls { address, why: TlsFailure::NoCertificate },
        Some(other) => Failure::Tls { address, why: TlsFailure::Handshake { fault: fault(other) } },
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Failure::Reset { address, progress },
            _ => Failure::Tls {
                address,
                why: TlsFailure::Handshake {
                    fault: HandshakeFault::Transport(Shown::short(error.to_string().as_bytes()).into_string()),
                },
            },
        },
    })
}

/// What is wrong, in the TLS library's errors.
fn fault(error: &Error) -> HandshakeFault {
    match error {
        Error::PeerIncompatible(_) | Error::NoApplicationProtocol => HandshakeFault::NothingInCommon,
        Error::InvalidMessage(_) => HandshakeFault::Malformed,
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => HandshakeFault::OutOfPlace,
        Error::PeerMisbehaved(_) => HandshakeFault::Violation,
        Error::DecryptError => HandshakeFault::Undecryptable,
        Error::PeerSentOversizedRecord => HandshakeFault::Oversized,
        Error::UnsupportedNameType => HandshakeFault::UnsendableName,
        _ => HandshakeFault::Library,
    }
}

/// A peer that answers in plain text; behind STARTTLS it is the protocol that goes on where TLS
/// should begin.
fn not_tls(ask: &Ask<'_>, bytes: &[u8]) -> Option<Failure> {
    let address = ask.peer;
    let protocol = recognise(bytes, address.port())?;
    if let Some(protocol) = ask.after {
        return Some(Failure::Starttls {
            address,
            protocol,
            why: Stop::Injection { count: bytes.len(), words: words(bytes) },
        });
    }
    let line = bytes.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
    let quoted = if line.iter().any(u8::is_ascii_control) { &[] } else { &line[..line.len().min(QUOTED)] };
    Some(Failure::Tls { address, why: TlsFailure::NotTls { protocol, first: Shown::short(quoted) } })
}
