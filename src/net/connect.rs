//! TCP: the addresses of a name, until one answers.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use crate::evidence::{Attempt, Failure, Peer, Progress};

/// A connection, and the attempts before it.
pub struct Connected {
    /// The stream.
    pub stream: TcpStream,
    /// To whom.
    pub address: SocketAddr,
}

/// How long the next address waits for the one before it (RFC 8305, 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// What is said of an address that has not answered when another one does.
pub(super) const OUTRUN: &str = "no answer before another address answered";

/// Connects to the address that answers first; those that fail are recorded in `attempts`. The next
/// one is begun when one fails, or has not answered for a moment, so that an address that drops
/// packets does not use up the time of the others (RFC 8305, "happy eyeballs").
///
/// # Errors
/// Why the last address did not answer.
pub async fn connect(
    addresses: &[SocketAddr],
    attempts: &mut Vec<Attempt>,
    deadline: Instant,
) -> Result<Connected, Reason> {
    let mut waiting = by_turns(addresses).into_iter().peekable();
    let starved = Cell::new(false);
    let mut begun = FuturesUnordered::new();
    let mut silent: Vec<SocketAddr> = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            silent.push(address);
            let starved = &starved;
            begun.push(async move { (address, connect_one(address, starved).await) });
        }
        let until = if waiting.peek().is_some() { deadline.min(Instant::now() + ATTEMPT_DELAY) } else { deadline };
        match timeout_at(until, begun.next()).await {
            Ok(Some((address, Ok(stream)))) => {
                // Without it a small last flight may wait; where it cannot be set nothing is lost.
                let _ = stream.set_nodelay(true);
                silent.retain(|other| *other != address);
                attempts.extend(silent.iter().map(|&address| Attempt { address, error: OUTRUN.to_owned() }));
                return Ok(Connected { stream, address });
            }
            Ok(Some((address, Err(error)))) => {
                silent.retain(|other| *other != address);
                let reason = Reason::Io { address, error };
                attempts.push(Attempt { address, error: reason.words() });
                if silent.is_empty() && waiting.peek().is_none() {
                    return Err(reason);
                }
            }
            Ok(None) => return Err(Reason::TimedOut { address: None }),
            Err(_) if Instant::now() < deadline => {}
            Err(_) => {
                let last = silent.last().copied();
                let reason = match last {
                    Some(address) if starved.get() => Reason::NoDescriptor { address },
                    address => Reason::TimedOut { address },
                };
                attempts.extend(silent.iter().map(|&address| Attempt { address, error: reason.words() }));
                return Err(reason);
            }
        }
    }
}

/// The families by turns, in each the resolver's order (RFC 8305, 4).
fn by_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (same, other): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut ordered = Vec::with_capacity(addresses.len());
    let (mut same, mut other) = (same.into_iter(), other.into_iter());
    loop {
        match (same.next(), other.next()) {
            (None, None) => return ordered,
            (a, b) => ordered.extend(a.into_iter().chain(b)),
        }
    }
}

/// What is said where this process may not open a socket.
pub(super) const TOO_MANY_FILES: &str = "certcheck has too many open files; raise the limit (ulimit -n)";
/// How long to wait for another connection to end, where this process may open no more.
const FOR_A_DESCRIPTOR: Duration = Duration::from_millis(20);

/// Connects. Where this process may not open another file, waits until it may; `starved` is set while
/// it waits, since that is not the server's fault.
async fn connect_one(address: SocketAddr, starved: &Cell<bool>) -> io::Result<TcpStream> {
    loop {
        match TcpStream::connect(address).await {
            Err(error) if no_descriptor_left(&error) => {
                starved.set(true);
                sleep(FOR_A_DESCRIPTOR).await;
                starved.set(false);
            }
            done => return done,
        }
    }
}

/// EMFILE and ENFILE; on Windows, WSAEMFILE.
pub(super) fn no_descriptor_left(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[10024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Why no address answered.
#[derive(Debug)]
pub enum Reason {
    /// The system said no.
    Io {
        /// Where.
        address: SocketAddr,
        /// What it said.
        error: io::Error,
    },
    /// This process could not open a socket in time.
    NoDescriptor {
        /// Where.
        address: SocketAddr,
    },
    /// Time was up.
    TimedOut {
        /// Where.
        address: Option<SocketAddr>,
    },
}

impl Reason {
    /// As an attempt's error.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::TimedOut { .. } => "no answer in time".to_owned(),
            Self::NoDescriptor { .. } => TOO_MANY_FILES.to_owned(),
            Self::Io { error, .. } => match error.kind() {
                io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
                _ => system_words(error),
            },
        }
    }

    /// As a failure of the whole visit.
    #[must_use]
    pub fn failure(self, after: std::time::Duration) -> Failure {
        match self {
            Self::TimedOut { address } => {
                Failure::Timeout { progress: Progress::Connecting, after, address: address.map(Peer::Address) }
            }
            Self::NoDescriptor { address } => Failure::Unreachable { address, why: TOO_MANY_FILES.to_owned() },
            Self::Io { address, error } => match error.kind() {
                io::ErrorKind::ConnectionRefused => Failure::Refused { address },
                io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                    Failure::Reset { address: address.into(), progress: Progress::Connecting }
                }
                io::ErrorKind::TimedOut => {
                    Failure::Timeout { progress: Progress::Connecting, after, address: Some(address.into()) }
                }
                _ => Failure::Unreachable { address, why: system_words(&error) },
            },
        }
    }
}

/// The system's words for an error, without its number.
fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let at = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        for (found, tried) in [
            (&[][..], &[][..]),
            (&["192.0.2.1:1"], &["192.0.2.1:1"]),
            (
                &["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", "192.0.2.1:1"],
                &["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "[2001:db8::3]:1"],
            ),
            (&["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1"], &["192.0.2.1:1", "[2001:db8::1]:1", "192.0.2.2:1"]),
        ] {
            assert_eq!(by_turns(&at(found)), at(tried));
        }
    }
}
