//! Name lookup by the system's resolver: `/etc/hosts`, search lists and mDNS work as they do for
//! everybody else. `getaddrinfo` cannot be cancelled, so it runs in the runtime's bounded threads,
//! which nothing waits for at the end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::connect::{TOO_MANY_FILES, no_descriptor_left};
use crate::escape::Shown;
use crate::evidence::{Failure, Family};
use crate::target::{Endpoint, Host};

/// How many addresses of a name are tried.
const MAX_ADDRESSES: usize = 32;

/// How many names are remembered, and for how long. The system's resolver does not say how long an
/// answer is good for; this is what spares a run the same question, not more.
const REMEMBERED: usize = 4096;
const GOOD_FOR: Duration = Duration::from_secs(60);

type Answer = Result<Vec<SocketAddr>, Failure>;

/// Asks the system's resolver, each name once while its answer is remembered; who asks meanwhile
/// waits for the same answer.
#[derive(Default)]
pub struct Resolver {
    asked: Mutex<HashMap<(String, Option<Family>), Question>>,
}

struct Question {
    since: Instant,
    answer: Shared<BoxFuture<'static, Answer>>,
}

impl Question {
    /// Still open, or answered not long ago. A failure is asked again.
    fn is_good(&self) -> bool {
        match self.answer.peek() {
            None => true,
            Some(answer) => answer.is_ok() && self.since.elapsed() < GOOD_FOR,
        }
    }
}

impl Resolver {
    /// The addresses of a host, in the order in which the system prefers them; never empty.
    ///
    /// # Errors
    /// A failure of the stage `resolve`.
    pub async fn resolve(&self, endpoint: &Endpoint, family: Option<Family>) -> Answer {
        let port = endpoint.port;
        let found = match &endpoint.host {
            Host::Ip(ip, None) => vec![SocketAddr::new(*ip, port)],
            host @ (Host::Ip(_, Some(_)) | Host::Name { .. }) => self.ask(host.lookup_text(), family).await?,
        };
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for mut address in found {
            address.set_port(port);
            let wanted = match family {
                None => true,
                Some(Family::V4) => address.is_ipv4(),
                Some(Family::V6) => address.is_ipv6(),
            };
            if wanted && !addresses.contains(&address) && addresses.len() < MAX_ADDRESSES {
                addresses.push(address);
            }
        }
        let host = || Shown::new(endpoint.host.lookup_text().as_bytes());
        if addresses.is_empty() { Err(Failure::NoAddress { host: host(), family }) } else { Ok(addresses) }
    }

    fn ask(&self, text: String, family: Option<Family>) -> Shared<BoxFuture<'static, Answer>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (text, family);
        if let Some(question) = asked.get(&key).filter(|question| question.is_good()) {
            return question.answer.clone();
        }
        if asked.len() >= REMEMBERED {
            asked.retain(|_, question| question.answer.peek().is_none());
        }
        let answer = ask_system(key.0.clone(), family).boxed().shared();
        asked.insert(key, Question { since: Instant::now(), answer: answer.clone() });
        answer
    }
}

async fn ask_system(text: String, family: Option<Family>) -> Answer {
    let host = Shown::new(text.as_bytes());
    match tokio::task::spawn_blocking(move || lookup(&text, family)).await {
        Ok(Ok(found)) => Ok(found),
        // Without a descriptor the resolver reads no file and asks no server: what it says then is
        // not about the name.
        Ok(Err(_)) if is_without_descriptor() => Err(Failure::ResolveFailed { host, why: TOO_MANY_FILES.to_owned() }),
        Ok(Err(error)) => Err(failure(&error, host, family)),
        Err(_) => Err(Failure::ResolveFailed { host, why: "the lookup ended early".to_owned() }),
    }
}

/// Whether this process may not open another file or socket.
#[expect(clippy::disallowed_types, reason = "a socket that is closed at once, and sends nothing")]
fn is_without_descriptor() -> bool {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    std::net::UdpSocket::bind(any).is_err_and(|error| no_descriptor_left(&error))
}

fn lookup(host: &str, family: Option<Family>) -> Result<Vec<SocketAddr>, LookupError> {
    let address = match family {
        None => 0,
        Some(Family::V4) => AddrFamily::Inet.into(),
        Some(Family::V6) => AddrFamily::Inet6.into(),
    };
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), address, ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints))?;
    Ok(found.filter_map(Result::ok).map(|info| info.sockaddr).collect())
}

/// glibc's "address family for hostname not supported", which is no constant elsewhere.
const EAI_ADDRFAMILY: i32 = -9;

fn failure(error: &LookupError, host: Shown, family: Option<Family>) -> Failure {
    match error.kind() {
        LookupErrorKind::NoName => Failure::NoSuchHost { host },
        LookupErrorKind::NoData | LookupErrorKind::Family => Failure::NoAddress { host, family },
        _ if error.error_num() == EAI_ADDRFAMILY => Failure::NoAddress { host, family },
        LookupErrorKind::Again => {
            Failure::ResolveFailed { host, why: "the resolver did not answer, or failed for now".to_owned() }
        }
        _ => {
            let why = std::io::Error::from(LookupError::new(error.error_num())).to_string();
            let why = why.strip_prefix("failed to lookup address information: ").unwrap_or(&why);
            Failure::ResolveFailed { host, why: Shown::short(why.as_bytes()).into_string() }
        }
    }
}
