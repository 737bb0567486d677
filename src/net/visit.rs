//! One visit: from a host to a leaf, within one deadline, fallbacks included.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::crypto::ring::DEFAULT_CIPHER_SUITES;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use super::connect::{Connected, connect};
use super::handshake::{Ask, Ended, Tls, shake};
use super::legacy::{Answer, plain_hello};
use super::proxy::{Destination, Proxies, tunnel};
use super::recorder::{Proof, Schemes};
use super::resolve::Resolver;
use super::starttls::turn;
use super::wire::Wire;
use crate::evidence::{
    Attempt, Break, Evidence, Failure, Handshake, HandshakeFault, Observation, Peer, Possession, Progress, ProxyStop,
    Served, TlsFailure, Visited,
};
use crate::identity::{Asked, DnsName};
use crate::plan::{Located, Pace, Visit};
use crate::proxy::{Kind, Proxy};
use crate::tls::{Alert, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion};

/// The pause before the first retry; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// What every visit of a run shares.
pub struct Reach {
    /// TLS with the servers.
    pub tls: Tls,
    /// The proxies on the way.
    pub proxies: Proxies,
    /// The system's resolver.
    pub names: Resolver,
    /// By which the certificates of proxies are judged.
    pub roots: Arc<RootCertStore>,
}

/// Visits a server; tries again after what may pass by itself, never after a verdict.
pub async fn visit(reach: &Reach, visit: &Visit, pace: &Pace) -> Observation {
    let mut tried = 0;
    loop {
        let seen = attempt(reach, visit, pace.timeout).await;
        match &seen.outcome {
            Err(failure) if failure.may_pass() && tried < pace.retries => {
                sleep(backoff(tried)).await;
                tried += 1;
            }
            _ => return seen,
        }
    }
}

/// Doubling pauses, each shortened by up to a half so that a fleet does not come back in step.
pub(super) fn backoff(tried: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let whole = BACKOFF.saturating_mul(1 << tried.min(16)).min(MAX_BACKOFF);
    let chance = RandomState::new().hash_one(tried) % 512;
    whole.saturating_sub(whole / 2 * u32::try_from(chance).unwrap_or(0) / 512)
}

/// The parts of one attempt.
pub(super) struct Attempting<'a> {
    reach: &'a Reach,
    visit: &'a Visit,
    proxy: Option<&'a Arc<Proxy>>,
    deadline: Instant,
    allowed: Duration,
    attempts: Vec<Attempt>,
}

async fn attempt(reach: &Reach, visit: &Visit, allowed: Duration) -> Observation {
    let start = Instant::now();
    let mut attempting = Attempting::new(reach, visit, start + allowed, allowed);
    let proxy = attempting.proxy;
    let (way, handshake, outcome) = match attempting.fetch().await {
        Ok((way, Ok((served, handshake)))) => (Some(way), Some(handshake), Ok(served)),
        Ok((way, Err(failure))) => (Some(way), None, Err(failure)),
        Err(failure) => (None, None, Err(failure)),
    };
    let visited = Visited {
        host: visit.endpoint.host.clone(),
        address: way.as_ref().and_then(|way| way.server),
        port: visit.endpoint.port,
        sni: visit.sni.clone(),
        exchanger_of: match &visit.located {
            Located::Exchanger { of } => Some(of.clone()),
            Located::Here | Located::ByMx { .. } => None,
        },
        starttls: visit.starttls,
        proxy: proxy.map(|proxy| proxy.shown().clone()),
        attempts: attempting.attempts,
        handshake,
        elapsed: start.elapsed(),
    };
    let tried = way.is_some() || !visited.attempts.is_empty() || proxy.is_some();
    Observation {
        visit: tried.then_some(visited),
        outcome,
        evidence: Evidence::default(),
        server: visit.server.clone(),
    }
}

/// How the server was reached, so that it can be reached again.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// What TCP is connected to: the server, or the proxy.
    hop: SocketAddr,
    /// The server's address, where it is known.
    server: Option<SocketAddr>,
    peer: Peer,
}

type Fetched = Result<(Served, Handshake), Failure>;

impl<'a> Attempting<'a> {
    /// One that has to be done at the deadline, and is allowed so much time.
    pub(super) fn new(reach: &'a Reach, visit: &'a Visit, deadline: Instant, allowed: Duration) -> Self {
        let proxy = reach.proxies.for_place(&visit.endpoint);
        Self { reach, visit, proxy, deadline, allowed, attempts: Vec::new() }
    }

    /// Whether nothing but the network stands between here and the server.
    pub(super) fn is_direct(&self) -> bool {
        self.proxy.is_none()
    }

    /// Whether its time is up.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The addresses of the host.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let lookup = self.reach.names.resolve(&self.visit.endpoint, self.visit.family);
        self.in_time(Progress::Resolving, None, lookup).await
    }

    /// TLS, as all visits share it.
    pub(super) fn tls(&self) -> &Tls {
        &self.reach.tls
    }

    /// To where TLS begins at an address that is known; behind a proxy it may be unknown.
    pub(super) async fn open(&self, server: Option<SocketAddr>) -> Result<(Way, Wire), Failure> {
        let hops = match (self.proxy, server) {
            (None, Some(address)) => vec![address],
            (Some(proxy), _) => {
                let lookup = self.reach.names.resolve(&proxy.endpoint, self.visit.family);
                self.in_time(Progress::Resolving, None, lookup).await.map_err(|failure| self.to_proxy(failure))?
            }
            (None, None) => {
                self.in_time(
                    Progress::Resolving,
                    None,
                    self.reach.names.resolve(&self.visit.endpoint, self.visit.family),
                )
                .await?
            }
        };
        let connected = connect(&hops, &mut Vec::new(), self.deadline).await;
        let Connected { stream, address } = connected.map_err(|reason| self.to_proxy(reason.failure(self.allowed)))?;
        let way = self.way(address, server);
        let wire = self.ready(stream, &way).await?;
        Ok((way, wire))
    }

    async fn fetch(&mut self) -> Result<(Way, Fetched), Failure> {
        let Connected { stream, address: hop } = self.hop().await?;
        let mut stream = Some(stream);
        let mut servers = self.servers().await?.into_iter().peekable();
        loop {
            let way = self.way(hop, servers.next().flatten());
            let ready = match stream.take() {
                Some(stream) => self.ready(stream, &way).await,
                None => match connect(&[hop], &mut Vec::new(), self.deadline).await {
                    Ok(Connected { stream, .. }) => self.ready(stream, &way).await,
                    Err(reason) => Err(self.to_proxy(reason.failure(self.allowed))),
                },
            };
            match (ready, way.server) {
                (Ok(wire), _) => return Ok((way, self.leaf(&way, wire).await)),
                // The proxy was given an address that was looked up here; there may be others.
                (Err(Failure::Proxy { proxy, why: ProxyStop::Refused(words) }), Some(server)) => {
                    self.attempts.push(Attempt { address: server, error: words.to_string() });
                    if servers.peek().is_none() {
                        return Err(Failure::Proxy { proxy, why: ProxyStop::Refused(words) });
                    }
                }
                (Err(failure), _) => return Ok((way, Err(failure))),
            }
        }
    }

    /// What TCP is connected to first: the proxy, or the server itself.
    async fn hop(&mut self) -> Result<Connected, Failure> {
        let first = self.proxy.map_or(&self.visit.endpoint, |proxy| &proxy.endpoint);
        let hops = self.in_time(Progress::Resolving, None, self.reach.names.resolve(first, self.visit.family)).await;
        let hops = hops.map_err(|failure| self.to_proxy(failure))?;
        let connected = connect(&hops, &mut self.attempts, self.deadline).await;
        connected.map_err(|reason| self.to_proxy(reason.failure(self.allowed)))
    }

    /// A failure on the way to the first hop is the proxy's, where there is one.
    fn to_proxy(&self, failure: Failure) -> Failure {
        match self.proxy {
            Some(proxy) => Failure::ToProxy { proxy: proxy.shown().clone(), why: Box::new(failure) },
            None => failure,
        }
    }

    /// The server's addresses, where they are looked up here for a proxy; one unknown one elsewhere.
    async fn servers(&self) -> Result<Vec<Option<SocketAddr>>, Failure> {
        if self.proxy.is_none_or(|proxy| proxy.kind != Kind::Socks5) {
            return Ok(vec![None]);
        }
        let lookup = self.reach.names.resolve(&self.visit.endpoint, self.visit.family);
        Ok(self.in_time(Progress::Resolving, None, lookup).await?.into_iter().map(Some).collect())
    }

    /// From where TLS begins to the leaf.
    async fn leaf(&self, way: &Way, wire: Wire) -> Fetched {
        let sni = self.visit.sni.as_ref();
        match shake(&self.reach.tls, wire, self.ask(way, sni, Schemes::Checkable)).await {
            Ended::Leaf(found) => Ok(*found),
            // On the heap, as all that few visits come to: each that is under way would keep the room for it.
            other => Box::pin(self.after(way, other)).await,
        }
    }

    fn way(&self, hop: SocketAddr, server: Option<SocketAddr>) -> Way {
        match self.proxy {
            None => Way { hop, server: Some(hop), peer: Peer::Address(hop) },
            Some(_) => Way { hop, server, peer: Peer::Behind { proxy: hop, port: self.visit.endpoint.port } },
        }
    }

    /// From a connected socket to where TLS begins.
    async fn ready(&self, stream: TcpStream, way: &Way) -> Result<Wire, Failure> {
        let mut wire: Wire = Box::new(stream);
        if let Some(proxy) = self.proxy {
            let destination = match way.server {
                Some(address) => Destination::Address(address),
                None => Destination::Host(&self.visit.endpoint),
            };
            let tunnelled = Box::pin(tunnel(wire, way.hop, proxy, &destination, &self.reach.roots));
            wire = self.in_time(Progress::Tunnelling, Some(way.peer), tunnelled).await?;
        }
        if let Some(protocol) = self.visit.starttls {
            wire = Box::pin(turn(wire, way.peer, protocol, self.domain(), (self.deadline, self.allowed))).await?;
        }
        Ok(wire)
    }

    /// The service that is asked for, where a protocol has to name one.
    fn domain(&self) -> Option<&DnsName> {
        self.visit.names.first().and_then(Asked::reference).and_then(|id| id.sni())
    }

    pub(super) async fn in_time<T>(
        &self,
        progress: Progress,
        address: Option<Peer>,
        what: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match timeout_at(self.deadline, what).await {
            Ok(done) => done,
            Err(_) => Err(Failure::Timeout { progress, after: self.allowed, address }),
        }
    }

    pub(super) fn ask<'b>(&self, way: &Way, sni: Option<&'b DnsName>, schemes: Schemes) -> Ask<'b> {
        let time = (self.deadline, self.allowed);
        Ask { peer: way.peer, sni, after: self.visit.starttls, schemes, proof: Proof::Checked, time }
    }

    /// What the plain attempt leaves open. A server that answers it with nothing, or with what the
    /// TLS library does not take, may be an old one.
    async fn after(&self, way: &Way, plainly: Ended) -> Fetched {
        let failure = match plainly {
            Ended::Leaf(found) => return Ok(*found),
            Ended::Alert(alert) => return self.after_alert(way, alert).await,
            Ended::Failed(failure) => failure,
        };
        let ended_by = match failure {
            Failure::Reset { .. } => Break::Closed,
            Failure::Tls { why: TlsFailure::Handshake { fault: HandshakeFault::Undecryptable, .. }, .. } => {
                Break::Undecryptable
            }
            Failure::Tls { why: TlsFailure::Handshake { .. }, .. } => Break::Violation,
            other => return Err(other),
        };
        match self.plain_hello(way).await {
            Some(Answer::Leaf(found)) if is_common(&found.1) => {
                // The failure may have been transient.
                match self.again(way, self.visit.sni.as_ref(), Schemes::Checkable).await {
                    Some(Ended::Leaf(found)) => Ok(*found),
                    _ => Ok(not_completed(*found, ended_by)),
                }
            }
            Some(Answer::Leaf(found)) => Ok(*found),
            _ => Err(failure),
        }
    }

    /// After an alert: where it says that there is nothing in common, once with odd algorithms, and
    /// once by a plain hello; where a name was sent, once without it, to tell whether the name is
    /// what the server objects to.
    async fn after_alert(&self, way: &Way, alert: Alert) -> Fetched {
        let sni = self.visit.sni.as_ref();
        let refused = |sni: &DnsName, alert| {
            Err(Failure::Tls { address: way.peer, why: TlsFailure::SniRefused { sni: sni.clone(), alert } })
        };
        if let (Alert::UNRECOGNIZED_NAME, Some(sni)) = (alert, sni) {
            return refused(sni, alert);
        }
        let mut plain = None;
        if nothing_in_common(alert) {
            if let Some(Ended::Leaf(found)) = self.again(way, sni, Schemes::Odd).await {
                return Ok(*found);
            }
            plain = self.plain_hello(way).await;
        }
        match (plain, sni) {
            (Some(Answer::Leaf(found)), _) if is_common(&found.1) => Ok(not_completed(*found, Break::Alert(alert))),
            (Some(Answer::Leaf(found)), _) => Ok(*found),
            (Some(Answer::TooLarge), _) => Err(Failure::Tls { address: way.peer, why: TlsFailure::MessageTooLarge }),
            (Some(Answer::Alert(alert @ Alert::UNRECOGNIZED_NAME)), Some(sni)) => refused(sni, alert),
            (plain, sni) => {
                if let Some(sni) = sni
                    && let Some(Ended::Leaf(_)) = self.again(way, None, Schemes::Checkable).await
                {
                    return refused(sni, alert);
                }
                let only_tls13 =
                    matches!(plain, Some(Answer::Alert(Alert::PROTOCOL_VERSION))) && alert != Alert::PROTOCOL_VERSION;
                Err(if only_tls13 {
                    Failure::Tls { address: way.peer, why: TlsFailure::OutOfReach { alert } }
                } else {
                    Failure::Tls { address: way.peer, why: TlsFailure::Alert { alert } }
                })
            }
        }
    }

    async fn plain_hello(&self, way: &Way) -> Option<Answer> {
        let wire = self.reopen(way).await?;
        Some(plain_hello(wire, self.visit.sni.as_ref(), self.deadline).await)
    }

    async fn again(&self, way: &Way, sni: Option<&DnsName>, schemes: Schemes) -> Option<Ended> {
        let wire = self.reopen(way).await?;
        Some(shake(&self.reach.tls, wire, self.ask(way, sni, schemes)).await)
    }

    /// The same way once more.
    async fn reopen(&self, way: &Way) -> Option<Wire> {
        let Connected { stream, .. } = connect(&[way.hop], &mut Vec::new(), self.deadline).await.ok()?;
        self.ready(stream, way).await.ok()
    }
}

/// Whether an alert may mean that server and client have no version, suite, group or signature in
/// common. Old servers say so in odd ways where a hello holds what they do not know.
fn nothing_in_common(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::HANDSHAKE_FAILURE
            | Alert::PROTOCOL_VERSION
            | Alert::INSUFFICIENT_SECURITY
            | Alert::ILLEGAL_PARAMETER
            | Alert::MISSING_EXTENSION
            | Alert::UNSUPPORTED_EXTENSION
            | Alert::DECODE_ERROR
            | Alert::UNEXPECTED_MESSAGE
            | Alert::INTERNAL_ERROR
    )
}

/// What a plain hello obtained from a server that agrees to nothing unusual there, and yet did not
/// complete the ordinary handshake, which ended like this.
fn not_completed((served, handshake): (Served, Handshake), ended_by: Break) -> (Served, Handshake) {
    let broken = handshake.broken.or(Some(ended_by));
    (served, Handshake { broken, possession: Possession::NotProven, ..handshake })
}

/// Whether the ordinary handshake could have agreed on the same.
fn is_common(agreed: &Handshake) -> bool {
    let is_suite = |suite: CipherSuite| DEFAULT_CIPHER_SUITES.iter().any(|known| u16::from(known.suite()) == suite.0);
    let is_group = |exchange: KeyExchange| {
        let groups = [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];
        groups.into_iter().any(|group| exchange == KeyExchange::ephemeral(group))
    };
    agreed.version == Some(ProtocolVersion::TLS_1_2)
        && agreed.cipher_suite.is_some_and(is_suite)
        && agreed.key_exchange.is_some_and(is_group)
}
