//! One visit: from a host to a leaf, within one deadline, fallbacks included.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::AlertDescription;
use tokio::time::{Instant, sleep, timeout_at};

use super::connect::{Connected, connect};
use super::handshake::{Ended, Tls, alert_name, shake};
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
        Ok((address, self.after_alert(address, plainly).await))
    }

    /// After an alert: once with signature schemes that cannot be checked, and, where a name was
    /// sent, once without it, to tell whether the name is what the server objects to.
    async fn after_alert(&self, address: SocketAddr, plainly: Ended) -> Fetched {
        let alert = match plainly {
            Ended::Leaf(found) => return Ok(*found),
            Ended::Failed(failure) => return Err(failure),
            Ended::Alert(alert) => alert,
        };
        let name = alert_name(alert);
        let sni = self.visit.sni.as_ref();
        let refused = |sni: &DnsName| Failure::SniRefused { address, sni: sni.clone(), alert: name.clone() };
        if let (AlertDescription::UnrecognisedName, Some(sni)) = (alert, sni) {
            return Err(refused(sni));
        }
        if let Some(Ended::Leaf(found)) = self.again(address, sni, Schemes::Odd).await {
            return Ok(*found);
        }
        if let Some(sni) = sni
            && let Some(Ended::Leaf(_)) = self.again(address, None, Schemes::Checkable).await
        {
            return Err(refused(sni));
        }
        Err(Failure::Alert { address, alert: name })
    }

    async fn again(&self, address: SocketAddr, sni: Option<&DnsName>, schemes: Schemes) -> Option<Ended> {
        let Connected { stream, .. } = connect(&[address], &mut Vec::new(), self.deadline).await.ok()?;
        Some(shake(self.tls, stream, address, sni, schemes, self.time()).await)
    }

    fn time(&self) -> (Instant, Duration) {
        (self.deadline, self.allowed)
    }
}
