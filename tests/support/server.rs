//! TLS servers on loopback, with the certificates and the manners that a test gives them.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};

use super::authority::Authority;
use super::key::Key;
use super::leaf::Leaf;
use super::listener::{LOOPBACK, Listener, close_gently};
use super::mint::Issued;

/// How a TLS server behaves. Without any certificate it refuses every hello.
#[derive(Clone, Debug)]
pub struct Config {
    address: String,
    default: Option<Issued>,
    by_name: Vec<(String, Issued)>,
    by_turns: Vec<Issued>,
    minting: Option<Authority>,
    reject_unknown_sni: bool,
    wrong_signature: bool,
    versions: Vec<&'static SupportedProtocolVersion>,
    client_ca: Option<Vec<u8>>,
    delay: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: LOOPBACK.to_owned(),
            default: None,
            by_name: vec![],
            by_turns: vec![],
            minting: None,
            reject_unknown_sni: false,
            wrong_signature: false,
            versions: vec![&TLS13, &TLS12],
            client_ca: None,
            delay: Duration::ZERO,
        }
    }
}

impl Config {
    /// A server with this default certificate.
    pub fn new(issued: &Issued) -> Self {
        Self::default().cert(issued)
    }

    /// Where to listen, instead of a free port of 127.0.0.1: `[::1]:0`.
    pub fn address(mut self, address: &str) -> Self {
        self.address = address.to_owned();
        self
    }

    /// The default certificate: for a hello without SNI, and for names that have none of their own.
    pub fn cert(mut self, issued: &Issued) -> Self {
        self.default = Some(issued.clone());
        self
    }

    /// The certificate for this SNI.
    pub fn sni(mut self, name: &str, issued: &Issued) -> Self {
        self.by_name.push((name.to_owned(), issued.clone()));
        self
    }

    /// As servers behind a balancer: hello after hello gets the next of these certificates.
    pub fn by_turns(mut self, issued: &[&Issued]) -> Self {
        self.by_turns = issued.iter().map(|issued| (*issued).clone()).collect();
        self
    }

    /// As a proxy that inspects TLS: every SNI gets a certificate made for it.
    pub fn minting(mut self, authority: &Authority) -> Self {
        self.minting = Some(authority.clone());
        self
    }

    /// Refuses an SNI that has no certificate of its own, with rustls' alert: access_denied.
    /// For unrecognized_name there is `raw::fatal_alert`.
    pub fn reject_unknown_sni(mut self) -> Self {
        self.reject_unknown_sni = true;
        self
    }

    /// Signs handshakes with a key that does not belong to the certificate.
    pub fn wrong_signature(mut self) -> Self {
        self.wrong_signature = true;
        self
    }

    /// Speaks TLS 1.2 only.
    pub fn tls12_only(mut self) -> Self {
        self.versions = vec![&TLS12];
        self
    }

    /// Speaks TLS 1.3 only.
    pub fn tls13_only(mut self) -> Self {
        self.versions = vec![&TLS13];
        self
    }

    /// Demands a client certificate that this authority signed.
    pub fn require_client_cert(mut self, authority: &Authority) -> Self {
        self.client_ca = Some(authority.der.clone());
        self
    }

    /// Waits this long before it answers the hello.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same as rustls takes it, for a server that speaks another protocol first.
    pub fn rustls(&self) -> Arc<ServerConfig> {
        self.build(SniSeen::default())
    }

    fn build(&self, sni_seen: SniSeen) -> Arc<ServerConfig> {
        let provider = Arc::new(default_provider());
        let resolver = Resolver {
            default: self.default.as_ref().map(|issued| self.certified(issued)),
            by_name: self.by_name.iter().map(|(name, issued)| (name.clone(), self.certified(issued))).collect(),
            by_turns: self.by_turns.iter().map(|issued| self.certified(issued)).collect(),
            minting: self.minting.clone(),
            minted: Mutex::default(),
            reject_unknown_sni: self.reject_unknown_sni,
            sni_seen,
        };
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_client_cert_verifier(self.client_verifier())
            .with_cert_resolver(Arc::new(resolver));
        Arc::new(config)
    }

    fn certified(&self, issued: &Issued) -> Arc<CertifiedKey> {
        let key = if self.wrong_signature { Key::generate_kind(issued.key.kind) } else { issued.key.clone() };
        certified(issued, &key)
    }

    fn client_verifier(&self) -> Arc<dyn ClientCertVerifier> {
        let Some(ca) = &self.client_ca else {
            return WebPkiClientVerifier::no_client_auth();
        };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(ca.clone())).unwrap();
        let provider = Arc::new(default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap()
    }
}

fn certified(issued: &Issued, key: &Key) -> Arc<CertifiedKey> {
    let chain = std::iter::once(&issued.der).chain(&issued.chain).map(|der| CertificateDer::from(der.clone()));
    let key = any_supported_type(&key.private_key()).unwrap();
    Arc::new(CertifiedKey::new(chain.collect(), key))
}

/// A TLS server that completes handshakes and then waits for the client to close; gone on drop.
pub struct TlsServer {
    listener: Listener,
    sni_seen: SniSeen,
}

impl TlsServer {
    /// Starts it.
    pub fn start(config: Config) -> Self {
        let sni_seen = SniSeen::default();
        let tls = config.build(Arc::clone(&sni_seen));
        let listener = Listener::start(&config.address, move |stream| {
            thread::sleep(config.delay);
            serve_tls(&stream, Arc::clone(&tls));
        });
        Self { listener, sni_seen }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listener.addr()
    }

    /// The port at which it listens.
    pub fn port(&self) -> u16 {
        self.addr().port()
    }

    /// How many TCP connections it accepted so far.
    pub fn connections(&self) -> usize {
        self.listener.connections()
    }

    /// The SNI of each hello so far, in order; `None` for one without.
    pub fn sni_seen(&self) -> Vec<Option<String>> {
        self.sni_seen.lock().unwrap().clone()
    }
}

/// Completes a TLS handshake on a connection, then reads until the client closes. When the
/// handshake fails, the alert is sent and the connection closed.
pub fn serve_tls(stream: &TcpStream, config: Arc<ServerConfig>) {
    let mut tls = ServerConnection::new(config).unwrap();
    let mut socket = stream;
    let mut stream_over_tls = rustls::Stream::new(&mut tls, &mut socket);
    // A client that breaks off, or is refused, is what many tests are about: no error of the server.
    let _ = io::copy(&mut stream_over_tls, &mut io::sink());
    close_gently(stream);
}

type SniSeen = Arc<Mutex<Vec<Option<String>>>>;

#[derive(Debug)]
struct Resolver {
    default: Option<Arc<CertifiedKey>>,
    by_name: Vec<(String, Arc<CertifiedKey>)>,
    by_turns: Vec<Arc<CertifiedKey>>,
    minting: Option<Authority>,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
    reject_unknown_sni: bool,
    sni_seen: SniSeen,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let sni = hello.server_name();
        let turn = {
            let mut seen = self.sni_seen.lock().unwrap();
            seen.push(sni.map(str::to_owned));
            seen.len() - 1
        };
        if !self.by_turns.is_empty() {
            return Some(Arc::clone(&self.by_turns[turn % self.by_turns.len()]));
        }
        if let (Some(authority), Some(sni)) = (&self.minting, sni) {
            let mut minted = self.minted.lock().unwrap();
            let made = minted.entry(sni.to_owned()).or_insert_with(|| {
                let issued = Leaf::default().san(&format!("DNS:{sni}")).signed_by(authority);
                certified(&issued, &issued.key)
            });
            return Some(Arc::clone(made));
        }
        let Some(sni) = sni else {
            return self.default.clone();
        };
        match self.by_name.iter().find(|(name, _)| name.eq_ignore_ascii_case(sni)) {
            Some((_, certified)) => Some(Arc::clone(certified)),
            None if self.reject_unknown_sni => None,
            None => self.default.clone(),
        }
    }
}
