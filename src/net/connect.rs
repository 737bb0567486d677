//! TCP: every address of a name in turn, until one answers.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

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

/// Connects to the first address that answers. Those that do not are recorded in `attempts`. Each
/// has its share of the time that is left, so that one that drops packets does not use up all.
///
/// # Errors
/// Why the last address did not answer.
pub async fn connect(
    addresses: &[SocketAddr],
    attempts: &mut Vec<Attempt>,
    deadline: Instant,
) -> Result<Connected, Reason> {
    let mut last = Reason::TimedOut { address: None };
    for (i, &address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - i).unwrap_or(1);
        last = match timeout_at(Instant::now() + share, connect_one(address)).await {
            Ok(Ok(stream)) => {
                // Without it a small last flight may wait; where it cannot be set nothing is lost.
                let _ = stream.set_nodelay(true);
                return Ok(Connected { stream, address });
            }
            Ok(Err(error)) => Reason::Io { address, error },
            Err(_) => Reason::TimedOut { address: Some(address) },
        };
        attempts.push(Attempt { address, error: last.words() });
    }
    Err(last)
}

/// How long to wait for another connection to end, where this process may open no more.
const FOR_A_DESCRIPTOR: Duration = Duration::from_millis(20);

/// Connects; a limit on open files is our own fault, not the server's, so it is waited for.
async fn connect_one(address: SocketAddr) -> io::Result<TcpStream> {
    loop {
        match TcpStream::connect(address).await {
            Err(error) if no_descriptor_left(&error) => sleep(FOR_A_DESCRIPTOR).await,
            done => return done,
        }
    }
}

/// EMFILE and ENFILE; on Windows, WSAEMFILE.
fn no_descriptor_left(error: &io::Error) -> bool {
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
            Self::TimedOut { .. } => "no answer in its share of the time".to_owned(),
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
