//! One visit: from a host to a leaf, within one deadline, fallbacks included.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::AlertDescription;
use rustls::crypto::ring::DEFAULT_CIPHER_SUITES;
use tokio::time::{Instant, sleep, timeout_at};

use super::connect::{Connected, connect};
use super::handshake::{Ended, Tls, alert_name, shake};
use super::legacy::{Answer, plain_hello};
use super::recorder::Schemes;
use super::resolve::resolve;
use crate::evidence::{Attempt, Failure, Handshake, Observation, Progress, Served, Visited};
use crate::identity::DnsName;
use crate::plan::{Pace, Visit};

/// The pause before the first retry; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// Visits a server; tries again after what may pass by itself, never after a verdict.
pub async fn visit(tls: &Tls, visit: &Visit, pace: &Pace) -> Observation {
    let mut tried = 0;
    loop {
        let seen = attempt(tls, visit, pace.timeout).await;
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
fn backoff(tried: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let whole = BACKOFF.saturating_mul(1 << tried.min(16)).min(MAX_BACKOFF);
    let chance = RandomState::new().hash_one(tried) % 512;
    whole.saturating_sub(whole / 2 * u32::try_from(chance).unwrap_or(0) / 512)
}

/// The parts of one attempt.
struct Attempting<'a> {
    tls: &'a Tls,
    visit: &'a Visit,
    deadline: Instant,
    allowed: Duration,
    attempts: Vec<Attempt>,
}

async fn attempt(tls: &Tls, visit: &Visit, allowed: Duration) -> Observation {
    let start = Instant::now();
    let mut attempting = Attempting { tls, visit, deadline: start + allowed, allowed, attempts: Vec::new() };
    let (address, handshake, outcome) = match attempting.fetch().await {
        Ok((address, Ok((served, handshake)))) => (Some(address), Some(handshake), Ok(served)),
        Ok((address, Err(failure))) => (Some(address), None, Err(failure)),
        Err(failure) => (None, None, Err(failure)),
    };
    let visited = Visited {
        address,
        port: visit.endpoint.port,
        sni: visit.sni.clone(),
        attempts: attempting.attempts,
        handshake,
        elapsed: start.elapsed(),
    };
    let tried = visited.address.is_some() || !visited.attempts.is_empty();
    Observation { visit: tried.then_some(visited), outcome }
}

type Fetched = Result<(Served, Handshake), Failure>;

impl Attempting<'_> {
    async fn fetch(&mut self) -> Result<(SocketAddr, Fetched), Failure> {
        let lookup = timeout_at(self.deadline, resolve(&self.visit.endpoint, self.visit.family));
        let addresses = match lookup.await {
            Ok(found) => found?,
            Err(_) => {
                return Err(Failure::Timeout { progress: Progress::Resolving, after: self.allowed, address: None });
            }
        };
        let Connected { stream, address } = connect(&addresses, &mut self.attempts, self.deadline)
            .await
            .map_err(|reason| reason.failure(self.allowed))?;
        let sni = self.visit.sni.as_ref();
        let plainly = shake(self.tls, stream, address, sni, Schemes::Checkable, self.time()).await;
        Ok((address, self.after(address, plainly).await))
    }

    /// What the plain attempt leaves open. A server that answers it with nothing, or with what the
    /// TLS library does not take, may be an old one.
    async fn after(&self, address: SocketAddr, plainly: Ended) -> Fetched {
        let failure = match plainly {
            Ended::Leaf(found) => return Ok(*found),
            Ended::Alert(alert) => return self.after_alert(address, alert).await,
            Ended::Failed(failure) => failure,
        };
        if matches!(failure, Failure::Reset { .. } | Failure::Handshake { .. })
            && let Some(Answer::Leaf(found)) = self.plain_hello(address).await
        {
            // No old server after all: what came in between has passed.
            if is_common(&found.1)
                && let Some(Ended::Leaf(found)) = self.again(address, self.visit.sni.as_ref(), Schemes::Checkable).await
            {
                return Ok(*found);
            }
            return Ok(*found);
        }
        Err(failure)
    }

    /// After an alert: where it says that there is nothing in common, once with odd algorithms, and
    /// once by a plain hello; where a name was sent, once without it, to tell whether the name is
    /// what the server objects to.
    async fn after_alert(&self, address: SocketAddr, alert: AlertDescription) -> Fetched {
        let name = alert_name(alert);
        let sni = self.visit.sni.as_ref();
        let refused = |sni: &DnsName, alert: &str| {
            let alert = alert.to_owned();
            Err(Failure::SniRefused { address, sni: sni.clone(), alert })
        };
        if let (AlertDescription::UnrecognisedName, Some(sni)) = (alert, sni) {
            return refused(sni, &name);
        }
        let mut plain = None;
        if nothing_in_common(alert) {
            if let Some(Ended::Leaf(found)) = self.again(address, sni, Schemes::Odd).await {
                return Ok(*found);
            }
            plain = self.plain_hello(address).await;
        }
        match (plain, sni) {
            (Some(Answer::Leaf(found)), _) => Ok(*found),
            (Some(Answer::TooLarge), _) => Err(Failure::MessageTooLarge { address }),
            (Some(Answer::Alert(AlertDescription::UnrecognisedName)), Some(sni)) => {
                refused(sni, &alert_name(AlertDescription::UnrecognisedName))
            }
            (plain, sni) => {
                if let Some(sni) = sni
                    && let Some(Ended::Leaf(_)) = self.again(address, None, Schemes::Checkable).await
                {
                    return refused(sni, &name);
                }
                let only_tls13 = matches!(plain, Some(Answer::Alert(AlertDescription::ProtocolVersion)))
                    && alert != AlertDescription::ProtocolVersion;
                Err(if only_tls13 {
                    Failure::OutOfReach { address, alert: name }
                } else {
                    Failure::Alert { address, alert: name }
                })
            }
        }
    }

    async fn plain_hello(&self, address: SocketAddr) -> Option<Answer> {
        let Connected { stream, .. } = connect(&[address], &mut Vec::new(), self.deadline).await.ok()?;
        Some(plain_hello(stream, self.visit.sni.as_ref(), self.deadline).await)
    }

    async fn again(&self, address: SocketAddr, sni: Option<&DnsName>, schemes: Schemes) -> Option<Ended> {
        let Connected { stream, .. } = connect(&[address], &mut Vec::new(), self.deadline).await.ok()?;
        Some(shake(self.tls, stream, address, sni, schemes, self.time()).await)
    }

    fn time(&self) -> (Instant, Duration) {
        (self.deadline, self.allowed)
    }
}

/// Whether an alert may mean that server and client have no version, suite, group or signature in
/// common. Old servers say so in odd ways where a hello holds what they do not know.
fn nothing_in_common(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::IllegalParameter
            | AlertDescription::MissingExtension
            | AlertDescription::UnsupportedExtension
            | AlertDescription::DecodeError
            | AlertDescription::UnexpectedMessage
            | AlertDescription::InternalError
    )
}

/// Whether the ordinary handshake could have agreed on the same.
fn is_common(agreed: &Handshake) -> bool {
    let is_suite = |name: &str| DEFAULT_CIPHER_SUITES.iter().any(|suite| format!("{:?}", suite.suite()) == name);
    agreed.cipher_suite.as_deref().is_some_and(is_suite)
        && matches!(agreed.key_exchange.as_deref(), Some("ECDHE X25519" | "ECDHE secp256r1" | "ECDHE secp384r1"))
}
