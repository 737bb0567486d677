//! Proxies: which one carries a connection, and how it is asked to.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use data_encoding::BASE64;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_socks::TargetAddr;
use tokio_socks::tcp::Socks5Stream;

use super::proxy_login;
use super::wire::{Duplex, Wire};
use crate::escape::Shown;
use crate::evidence::{Failure, Peer, Progress, ProxyStop};
use crate::identity::DnsName;
use crate::plan::{Plan, ProxyPlan};
use crate::proxy::{Kind, Login, Proxy};
use crate::target::{Endpoint, Host};

/// The longest answer to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// How an answer begins.
const HTTP: &[u8] = b"HTTP/";

/// The proxies of a run.
pub struct Proxies {
    carrier: Option<Arc<Proxy>>,
    exceptions: Option<Matcher>,
}

impl Proxies {
    /// Those of a plan, with the login of its `proxy_login`; where it has none, of the environment, whose
    /// variables `get` reads: the names and their order are curl's.
    ///
    /// # Errors
    /// The variable or option that gives no proxy or no login, and what is wrong with it.
    pub fn new(plan: &Plan, get: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let mut proxies = Self::without_login(&plan.proxy, &get)?;
        if let Some(source) = &plan.proxy_login
            && let Some(carrier) = proxies.carrier.take()
        {
            if carrier.login.is_some() {
                return Err(format!("{}: the proxy's URL in the environment has a login too", source.option()));
            }
            let login = proxy_login::load(source, get, plan.pace.timeout)?;
            let with_login = Arc::unwrap_or_clone(carrier).with_login(login);
            proxies.carrier = Some(Arc::new(with_login.map_err(|why| format!("{}: {why}", source.option()))?));
        }
        Ok(proxies)
    }

    fn without_login(plan: &ProxyPlan, get: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
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
                let value = value.into_string().map_err(|_| format!("the environment's {name}: it is not UTF-8"))?;
                let carrier = Proxy::parse(&value).map_err(|why| format!("the environment's {name}: {why}"))?;
                let none = first(&["no_proxy", "NO_PROXY"]).map_or_else(OsString::new, |(_, value)| value);
                let Some(none) = exceptions(&none.to_string_lossy()) else {
                    return Ok(Self { carrier: None, exceptions: None });
                };
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

/// The exceptions as the matcher takes them, and as curl reads them (`Curl_check_noproxy`): blanks
/// separate as commas do, a final dot does not count, names in other scripts are A-labels, a network
/// without bits is one address. None where every host is one: an asterisk, and nothing else.
fn exceptions(value: &str) -> Option<String> {
    if value == "*" {
        return None;
    }
    let tokens = value.split([',', ' ', '\t']).filter(|token| !token.is_empty() && *token != "*");
    let plain = |token: &str| {
        let token = token.strip_suffix('.').unwrap_or(token);
        if let Some((address, bits)) = token.split_once('/')
            && let Ok(address) = address.parse()
        {
            return network(address, bits).unwrap_or_default();
        }
        match DnsName::parse(token.trim_start_matches('.')) {
            Ok(name) if !token.is_ascii() => name.to_string(),
            _ => token.to_owned(),
        }
    };
    Some(tokens.map(plain).collect::<Vec<_>>().join(","))
}

/// A network as curl reads it, by the number that its bits begin with: nought, or no number, is the
/// address alone; more than the address has is no network.
fn network(address: IpAddr, bits: &str) -> Option<String> {
    let digits = bits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let whole = if address.is_ipv4() { 32 } else { 128 };
    match digits.parse::<u32>() {
        Ok(0) => Some(address.to_string()),
        Ok(bits) => (bits <= whole).then(|| format!("{address}/{bits}")),
        Err(_) => (digits.is_empty() && !bits.starts_with('-')).then(|| address.to_string()),
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
    if let Some(login) = login {
        request = format!("{request}Proxy-Authorization: Basic {}\r\n", credentials(login));
    }
    request.push_str("\r\n");
    wire.write_all(request.as_bytes()).await.map_err(|_| Lost::Closed)?;
    wire.flush().await.map_err(|_| Lost::Closed)?;
    loop {
        let answer = answer(wire, login).await?;
        let status = Status::of(&answer).ok_or_else(|| not_http(&answer, login))?;
        match status.code {
            // Interim answers announce another.
            100..=199 => {}
            200..=299 => return Ok(()),
            // Some answer a wrong login with 401.
            401 | 407 => return Err(Lost::Stopped(ProxyStop::Login(status.shown(login)))),
            _ => return Err(Lost::Stopped(ProxyStop::Refused(status.shown(login)))),
        }
    }
}

/// One answer, up to the empty line.
async fn answer(wire: &mut (impl Duplex + ?Sized), login: Option<&Login>) -> Result<Vec<u8>, Lost> {
    let mut answer = Vec::new();
    loop {
        // One byte at a time: what follows the answer is the server's, and stays in the socket.
        let byte = wire.read_u8().await.map_err(|_| Lost::Closed)?;
        answer.push(byte);
        if answer.ends_with(b"\r\n\r\n") || answer.ends_with(b"\n\n") {
            return Ok(answer);
        }
        if answer.len() > MAX_ANSWER || answer.len() >= HTTP.len() && !answer.starts_with(HTTP) {
            return Err(not_http(&answer, login));
        }
    }
}

fn not_http(answer: &[u8], login: Option<&Login>) -> Lost {
    let beginning = &answer[..answer.len().min(60)];
    let shown = Shown::short(if repeats(answer, login) { b"" } else { beginning });
    Lost::Stopped(ProxyStop::Violation(format!("its answer `{shown}` is no HTTP")))
}

/// A status line: nothing else of an answer matters.
struct Status<'a> {
    code: u16,
    reason: &'a [u8],
}

impl<'a> Status<'a> {
    /// `HTTP/1.1 407 Reason` (RFC 9112, 4).
    fn of(answer: &'a [u8]) -> Option<Self> {
        let line = answer.split(|&b| b == b'\n').next()?.trim_ascii_end();
        let at = line.iter().position(|&b| b == b' ')?;
        let (digits, reason) = line.get(at + 1..)?.split_at_checked(3)?;
        let code = std::str::from_utf8(digits).ok()?.parse().ok().filter(|code| (100..=599).contains(code))?;
        line.starts_with(HTTP).then(|| Self { code, reason: reason.trim_ascii() })
    }

    /// As it is shown: a proxy that repeats the login in its words is not quoted.
    fn shown(&self, login: Option<&Login>) -> Shown {
        let reason = if repeats(self.reason, login) { &b""[..] } else { self.reason };
        let text = [self.code.to_string().as_bytes(), b" ", reason].concat();
        Shown::short(text.trim_ascii())
    }
}

/// Whether a proxy's words repeat the login that it was sent.
fn repeats(words: &[u8], login: Option<&Login>) -> bool {
    login.is_some_and(|login| {
        let secrets = [login.password.clone(), credentials(login).into_bytes()];
        secrets.iter().any(|secret| !secret.is_empty() && words.windows(secret.len()).any(|w| w == secret))
    })
}

/// user:password in Base64 (RFC 7617, 2).
fn credentials(Login { user, password }: &Login) -> String {
    BASE64.encode(&[user, &b":"[..], password].concat())
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
