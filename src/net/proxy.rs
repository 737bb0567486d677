//! Proxies: which one carries a connection, and how it is asked to.

use std::net::SocketAddr;
use std::sync::Arc;

use data_encoding::BASE64;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_socks::TargetAddr;
use tokio_socks::tcp::Socks5Stream;

use super::wire::{Duplex, Wire};
use crate::escape::Shown;
use crate::evidence::{Failure, Peer, Progress, ProxyStop};
use crate::plan::ProxyPlan;
use crate::proxy::{Kind, Login, Proxy};
use crate::target::{Endpoint, Host};

/// The longest answer to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// How an answer begins.
const HTTP: &[u8] = b"HTTP/";
/// The most headers of an answer.
const MAX_HEADERS: usize = 64;

/// The proxies of a run.
pub struct Proxies {
    carrier: Option<Arc<Proxy>>,
    exceptions: Option<Matcher>,
}

impl Proxies {
    /// Those of a plan; where it has none, of the environment, whose variables `get` reads: the
    /// names and their order are curl's.
    ///
    /// # Errors
    /// The variable that holds no proxy, and what is wrong with it.
    pub fn new(plan: &ProxyPlan, get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        match plan {
            ProxyPlan::Off => Ok(Self { carrier: None, exceptions: None }),
            ProxyPlan::Fixed(proxy) => Ok(Self { carrier: Some(proxy.clone()), exceptions: None }),
            ProxyPlan::FromEnvironment => {
                let first = |names: &[&'static str]| {
                    names.iter().find_map(|&name| get(name).filter(|v| !v.is_empty()).map(|value| (name, value)))
                };
                let Some((name, value)) = first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) else {
                    return Ok(Self { carrier: None, exceptions: None });
                };
                let carrier = Proxy::parse(&value).map_err(|why| format!("the environment's {name}: {why}"))?;
                let none = first(&["no_proxy", "NO_PROXY"]).map_or_else(String::new, |(_, value)| value);
                // An asterisk alone is every host; blanks separate as commas do (curl, `Curl_check_noproxy`).
                if none.trim() == "*" {
                    return Ok(Self { carrier: None, exceptions: None });
                }
                let none: String = none.chars().map(|c| if c.is_whitespace() { ',' } else { c }).collect();
                // Which proxy it would be does not matter here: only whether there is an exception.
                let exceptions = Matcher::builder().https("http://proxy.invalid").no(none).build();
                Ok(Self { carrier: Some(Arc::new(carrier)), exceptions: Some(exceptions) })
            }
        }
    }

    /// Whether their certificates are asked for.
    #[must_use]
    pub fn speak_tls(&self) -> bool {
        self.carrier.as_ref().is_some_and(|proxy| proxy.kind == Kind::Https)
    }

    /// The proxy that carries a connection to this place, where one does.
    #[must_use]
    pub fn for_place(&self, place: &Endpoint) -> Option<&Arc<Proxy>> {
        let carrier = self.carrier.as_ref()?;
        let Some(exceptions) = &self.exceptions else { return Some(carrier) };
        let host = bare(&place.host);
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let uri = format!("https://{host}:{}/", place.port).parse().ok()?;
        exceptions.intercept(&uri).map(|_| carrier)
    }
}

/// A host without the zone, which means nothing elsewhere, and without the final dot.
fn bare(host: &Host) -> String {
    match host {
        Host::Name { name, .. } => name.to_string(),
        Host::Ip(ip, _) => ip.to_string(),
    }
}

/// What CONNECT and SOCKS are asked for.
#[derive(Clone, Debug)]
pub enum Destination<'a> {
    /// A host that the proxy looks up.
    Host(&'a Endpoint),
    /// An address that was looked up here.
    Address(SocketAddr),
}

impl Destination<'_> {
    /// `HOST:PORT`
    fn authority(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Host(Endpoint { host: Host::Ip(ip, _), port }) => SocketAddr::new(*ip, *port).to_string(),
            Self::Host(Endpoint { host, port }) => format!("{}:{port}", bare(host)),
        }
    }

    fn port(&self) -> u16 {
        match self {
            Self::Address(address) => address.port(),
            Self::Host(place) => place.port,
        }
    }
}

/// Asks a proxy, which is connected at `at`, for a connection.
///
/// # Errors
/// Why there is none.
pub async fn tunnel(
    wire: Wire,
    at: SocketAddr,
    proxy: &Proxy,
    destination: &Destination<'_>,
    roots: &Arc<RootCertStore>,
) -> Result<Wire, Failure> {
    let stopped = |why| Failure::Proxy { proxy: at, why };
    match proxy.kind {
        Kind::Http => {
            let mut wire = wire;
            connect(&mut wire, destination, proxy.login.as_ref())
                .await
                .map_err(|lost| lost.failure(at, destination))?;
            Ok(wire)
        }
        Kind::Https => {
            let mut secure = secured(wire, at, proxy, roots).await.map_err(stopped)?;
            connect(&mut secure, destination, proxy.login.as_ref())
                .await
                .map_err(|lost| lost.failure(at, destination))?;
            Ok(secure)
        }
        Kind::Socks5 | Kind::Socks5h => socks(wire, destination, proxy.login.as_ref()).await.map_err(stopped),
    }
}

/// TLS to the proxy itself, whose certificate has to be right: it is given the login.
async fn secured(wire: Wire, at: SocketAddr, proxy: &Proxy, roots: &Arc<RootCertStore>) -> Result<Wire, ProxyStop> {
    let violation = |why: String| ProxyStop::Violation(format!("TLS to the proxy: {why}"));
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| violation(error.to_string()))?
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    let name = match &proxy.endpoint.host {
        Host::Name { name, .. } => {
            ServerName::try_from(name.as_str().to_owned()).map_err(|error| violation(error.to_string()))?
        }
        Host::Ip(..) => ServerName::IpAddress(at.ip().into()),
    };
    match TlsConnector::from(Arc::new(config)).connect(name, wire).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(violation(Shown::short(error.to_string().as_bytes()).into_string())),
    }
}

/// How CONNECT failed.
enum Lost {
    Closed,
    Stopped(ProxyStop),
}

impl Lost {
    fn failure(self, proxy: SocketAddr, destination: &Destination<'_>) -> Failure {
        match self {
            Self::Closed => Failure::Reset {
                address: Peer::Behind { proxy, port: destination.port() },
                progress: Progress::Tunnelling,
            },
            Self::Stopped(why) => Failure::Proxy { proxy, why },
        }
    }
}

/// CONNECT (RFC 9110, 9.3.6) with Basic credentials (RFC 7617).
async fn connect(
    wire: &mut (impl Duplex + ?Sized),
    destination: &Destination<'_>,
    login: Option<&Login>,
) -> Result<(), Lost> {
    let authority = destination.authority();
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(Login { user, password }) = login {
        let credentials = BASE64.encode(&[user, &b":"[..], password].concat());
        request = format!("{request}Proxy-Authorization: Basic {credentials}\r\n");
    }
    request.push_str("\r\n");
    wire.write_all(request.as_bytes()).await.map_err(|_| Lost::Closed)?;
    wire.flush().await.map_err(|_| Lost::Closed)?;
    let mut answer = Vec::new();
    loop {
        // One byte at a time: what follows the answer is the server's, and stays in the socket.
        let byte = wire.read_u8().await.map_err(|_| Lost::Closed)?;
        answer.push(byte);
        if answer.ends_with(b"\r\n\r\n") || answer.ends_with(b"\n\n") {
            return judge(&answer).map_err(Lost::Stopped);
        }
        if answer.len() > MAX_ANSWER || answer.len() >= HTTP.len() && !answer.starts_with(HTTP) {
            let shown = Shown::short(&answer[..answer.len().min(60)]);
            return Err(Lost::Stopped(ProxyStop::Violation(format!("its answer `{shown}` is no HTTP"))));
        }
    }
}

fn judge(answer: &[u8]) -> Result<(), ProxyStop> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(answer);
    let Some(code) = response.code.filter(|_| matches!(parsed, Ok(httparse::Status::Complete(_)))) else {
        return Err(ProxyStop::Violation("its answer cannot be parsed".to_owned()));
    };
    let status = Shown::short(format!("{code} {}", response.reason.unwrap_or_default()).trim().as_bytes());
    match code {
        200..=299 => Ok(()),
        407 => Err(ProxyStop::Login(status)),
        _ => Err(ProxyStop::Refused(status)),
    }
}

/// SOCKS 5 (RFC 1928) with user and password (RFC 1929).
async fn socks(wire: Wire, destination: &Destination<'_>, login: Option<&Login>) -> Result<Wire, ProxyStop> {
    let target = match destination {
        Destination::Address(address) => TargetAddr::Ip(*address),
        Destination::Host(Endpoint { host: Host::Ip(ip, _), port }) => TargetAddr::Ip(SocketAddr::new(*ip, *port)),
        Destination::Host(Endpoint { host, port }) => TargetAddr::Domain(bare(host).into(), *port),
    };
    let connected = match login {
        None => Socks5Stream::connect_with_socket(wire, target).await,
        Some(Login { user, password }) => match (std::str::from_utf8(user), std::str::from_utf8(password)) {
            (Ok(user), Ok(password)) => {
                Socks5Stream::connect_with_password_and_socket(wire, target, user, password).await
            }
            _ => return Err(ProxyStop::Violation("the login is not UTF-8".to_owned())),
        },
    };
    connected.map(|stream| Box::new(stream) as Wire).map_err(|error| socks_stop(&error))
}

fn socks_stop(error: &tokio_socks::Error) -> ProxyStop {
    use tokio_socks::Error as E;
    let words = || Shown::short(error.to_string().as_bytes());
    match error {
        E::NoAcceptableAuthMethods | E::PasswordAuthFailure(_) | E::AuthorizationRequired => ProxyStop::Login(words()),
        E::GeneralSocksServerFailure
        | E::ConnectionNotAllowedByRuleset
        | E::NetworkUnreachable
        | E::HostUnreachable
        | E::ConnectionRefused
        | E::TtlExpired
        | E::CommandNotSupported
        | E::AddressTypeNotSupported => ProxyStop::Refused(words()),
        _ => ProxyStop::Violation(words().into_string()),
    }
}
