//! Name lookup by the system's resolver: `/etc/hosts`, search lists and mDNS work as they do for
//! everybody else. `getaddrinfo` cannot be cancelled, so it runs in the runtime's bounded threads,
//! which nothing waits for at the end.

use std::net::SocketAddr;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};

use crate::escape::Shown;
use crate::evidence::{Failure, Family};
use crate::target::{Endpoint, Host};

/// How many addresses of a name are tried.
const MAX_ADDRESSES: usize = 32;

/// The addresses of a host, in the order in which the system prefers them; never empty.
///
/// # Errors
/// A failure of the stage `resolve`.
pub async fn resolve(endpoint: &Endpoint, family: Option<Family>) -> Result<Vec<SocketAddr>, Failure> {
    let port = endpoint.port;
    let text = endpoint.host.lookup_text();
    let host = Shown::new(text.as_bytes());
    let found = match &endpoint.host {
        Host::Ip(ip, None) => vec![SocketAddr::new(*ip, port)],
        Host::Ip(_, Some(_)) | Host::Name { .. } => {
            let looked_up = tokio::task::spawn_blocking(move || lookup(&text, family));
            match looked_up.await {
                Ok(found) => found.map_err(|error| failure(&error, host.clone(), family))?,
                Err(_) => return Err(Failure::ResolveFailed { host, why: "the lookup ended early".to_owned() }),
            }
        }
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
    if addresses.is_empty() { Err(Failure::NoAddress { host, family }) } else { Ok(addresses) }
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
