//! Args -> Plan: parse, don't validate. Past this file a value cannot be wrong.

mod output;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::advice::template::is_plain_text;
use crate::advice::wanted::{CaFile, Wanted};
use crate::cli::{Args, ColorArg, FormatArg, IgnoreArg, RootsArg};
use crate::clients::{CLIENTS, by_id};
use crate::data::fixes;
use crate::data::schemes::Servers;
use crate::escape::Shown;
use crate::evidence::Family;
use crate::identity::{Asked, DnsName, ReferenceId, Typed};
use crate::policy::{Policy, Weight};
use crate::proxy::Proxy;
use crate::starttls::Protocol;
use crate::target::{self, Begins, Endpoint, Host, Target};
use crate::trust::Roots;
pub use output::FileOutput;

/// The port of a target that has none.
const DEFAULT_PORT: u16 = 443;

/// From how many cores on a list is dealt to threads.
const FEWEST_CORES: usize = 4;
/// How many threads a list is dealt to at most: one more writes what they report.
const MOST_THREADS: usize = 16;

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Checks.
    Check(Box<Plan>),
    /// Print the JSON Schema.
    JsonSchema,
    /// Print the manual page.
    Man,
    /// List the clients.
    ListClients,
    /// Explain a code or a text.
    Explain {
        /// The code or the text, or where it stands.
        what: Explained,
        /// How it is written.
        output: Output,
    },
    /// Print completions.
    Completions(clap_complete::Shell),
}

/// What is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explained {
    /// This.
    Text(String),
    /// What standard input holds.
    Stdin,
}

/// Checks to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is checked.
    pub source: Source,
    /// How targets become visits.
    pub asking: Asking,
    /// Which proxy carries the connections.
    pub proxy: ProxyPlan,
    /// Which anchors are asked.
    pub trust: TrustPlan,
    /// What certificates were before.
    pub baseline: Option<PathBuf>,
    /// What counts.
    pub policy: Policy,
    /// The clients whose reasons are told.
    pub told: Vec<&'static str>,
    /// What is told to whom against a mismatch.
    pub fixes: Wanted,
    /// How fast, and how patiently.
    pub pace: Pace,
    /// How long it is asked again until all is ok.
    pub wait: Option<Duration>,
    /// An earlier output; what it holds is not checked again.
    pub resume: Option<PathBuf>,
    /// What is asked further where a name does not match.
    pub probes: ProbePlan,
    /// How reports are written to standard output.
    pub output: Output,
    /// Where else.
    pub files: Vec<FileOutput>,
    /// Where to write what the run came to.
    pub summary: Option<PathBuf>,
}

/// What is checked.
#[derive(Clone, Debug)]
pub enum Source {
    /// Servers.
    Network {
        /// For the targets of the command line, in their order.
        visits: Vec<Visit>,
        /// A list, one target a line.
        list: Option<Input>,
    },
    /// A certificate file.
    Offline {
        /// The file.
        input: Input,
        /// The names asked of it.
        names: Vec<Asked>,
    },
}

/// A file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `-`
    Stdin,
    /// A path.
    File(PathBuf),
}

impl Input {
    fn new(text: &OsStr) -> Self {
        if text == "-" { Self::Stdin } else { Self::File(text.into()) }
    }

    /// How it is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match self {
            Self::Stdin => Shown::new(b"-"),
            Self::File(path) => Shown::short(path.as_os_str().as_encoded_bytes()),
        }
    }
}

/// How a target becomes visits.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The names asked instead of the target's own; empty: its own.
    pub names: Vec<Asked>,
    /// Which SNI is sent.
    pub sni: SniPlan,
    /// Where to connect instead.
    pub connect: Option<Connect>,
    /// The family of addresses.
    pub family: Option<Family>,
    /// The protocol that is spoken first.
    pub starttls: Option<Protocol>,
    /// Which addresses are checked.
    pub addresses: Addresses,
}

/// Which proxy carries the connections.
#[derive(Clone, Debug)]
pub enum ProxyPlan {
    /// That of the environment, with its exceptions.
    FromEnvironment,
    /// This one.
    Fixed(Arc<Proxy>),
    /// None.
    Off,
}

/// `--connect`: a host, and a port where one was given.
#[derive(Clone, Debug)]
pub struct Connect {
    endpoint: Endpoint,
    port: PortGiven,
}

#[derive(Clone, Copy, Debug)]
enum PortGiven {
    Yes,
    No,
}

/// Which SNI is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SniPlan {
    /// The name asked for.
    Follow,
    /// This one.
    Fixed(DnsName),
    /// None.
    Off,
}

/// Which anchors are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustPlan {
    /// Those of a store.
    Store(Roots),
    /// Those of a file.
    File(PathBuf),
    /// Offline, and only where a chain was passed: those of Mozilla.
    IfChain,
}

impl TrustPlan {
    /// The origin of the anchors that are, or would be, asked.
    #[must_use]
    pub fn roots(&self) -> Roots {
        match self {
            Self::Store(roots) => *roots,
            Self::File(_) => Roots::File,
            Self::IfChain => Roots::Mozilla,
        }
    }
}

/// How fast, and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// For one attempt.
    pub timeout: Duration,
    /// Further attempts.
    pub retries: u32,
    /// At once.
    pub concurrency: NonZeroUsize,
    /// Begun in a second.
    pub rate: Option<NonZeroU32>,
    /// At once at one host.
    pub per_host: Option<NonZeroUsize>,
    /// In which order a list is reported.
    pub order: Order,
    /// The threads that a list is dealt to; with one it is not.
    pub threads: NonZeroUsize,
}

/// In which order a list is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As its targets finish.
    Finished,
    /// As they stand in it.
    Listed,
}

/// Which addresses of a host are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// The one that answers first.
    First,
    /// Each.
    All,
}

/// For which targets further questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbePlan {
    /// Those of the command line.
    pub named: Probing,
    /// Those of a list.
    pub listed: Probing,
}

/// Whether further questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probing {
    /// Where a name does not match, or the answer is plain text.
    AfterMismatch,
    /// Never.
    Off,
}

impl ProbePlan {
    fn new(args: &Args) -> Self {
        let asked = |wanted| if wanted { Probing::AfterMismatch } else { Probing::Off };
        Self { named: asked(!args.no_probes), listed: asked(args.probe) }
    }
}

/// How reports are written.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The format.
    pub format: FormatArg,
    /// Colour.
    pub color: ColorArg,
    /// How much.
    pub verbosity: Verbosity,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// A line.
    Quiet,
    /// The diagnosis.
    Normal,
    /// All there is.
    Verbose,
}

/// One handshake, and the names that are asked of its certificate.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The target as given, logins removed.
    pub shown: Shown,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The family of addresses.
    pub family: Option<Family>,
    /// The protocol that is spoken first.
    pub starttls: Option<Protocol>,
    /// The name sent as SNI.
    pub sni: Option<DnsName>,
    /// At least one.
    pub names: Vec<Asked>,
    /// Whether the host is the server.
    pub located: Located,
    /// Which addresses are checked.
    pub addresses: Addresses,
}

/// Where the servers of a visit are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// At the host.
    Here,
    /// At the host, which is a mail exchanger.
    Exchanger {
        /// Of this domain.
        of: DnsName,
    },
    /// At its mail exchangers.
    ByMx {
        /// The name that is asked for.
        name: Follows,
        /// The name that is sent as SNI.
        sni: Follows,
    },
}

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The exchanger's.
    Host,
    /// What was asked for.
    Command,
}

/// What is wrong with the command line. Its text is escaped.
#[derive(Debug)]
pub struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

fn wrong(what: &str, text: &OsStr, why: impl fmt::Display) -> UsageError {
    UsageError(format!("{what} `{}`: {why}", target::without_logins(text.as_encoded_bytes())))
}

impl Action {
    /// Makes sense of the arguments.
    ///
    /// # Errors
    /// The first that does not make sense.
    pub fn new(args: &Args) -> Result<Self, UsageError> {
        if let Some(shell) = args.completions {
            return Ok(Self::Completions(shell));
        }
        if args.list_clients {
            return Ok(Self::ListClients);
        }
        if let Some(what) = &args.explain {
            let what =
                if what == "-" { Explained::Stdin } else { Explained::Text(what.to_string_lossy().into_owned()) };
            return Ok(Self::Explain { what, output: output(args) });
        }
        if args.man {
            return Ok(Self::Man);
        }
        if args.json_schema {
            return Ok(Self::JsonSchema);
        }
        Plan::new(args).map(|plan| Self::Check(Box::new(plan)))
    }
}

impl Plan {
    /// Makes sense of the arguments of a check.
    ///
    /// # Errors
    /// The first that does not make sense.
    pub fn new(args: &Args) -> Result<Self, UsageError> {
        let asking = asking(args)?;
        let source = source(args, &asking)?;
        let ignored = |part| if args.ignore.contains(&part) { Weight::Ignored } else { Weight::Counts };
        let min_days = args.min_days.as_deref().map(|text| number("--min-days", text, 0, 100_000)).transpose()?;
        let files = output::files(&args.output)?;
        let concurrency = NonZeroUsize::new(number("--concurrency", &args.concurrency, 1, 65_535)? as usize)
            .unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            trust: trust(args, &source),
            proxy: proxy(args)?,
            baseline: args.baseline.as_ref().map(PathBuf::from),
            asking,
            policy: Policy {
                trust: ignored(IgnoreArg::Trust),
                expiry: ignored(IgnoreArg::Expiry),
                min_days,
                required: clients("--require-clients", args.require_clients.as_deref())?,
            },
            told: match args.clients.as_deref() {
                None if args.verbose && !args.json && args.format == FormatArg::Human => {
                    clients("", Some(OsStr::new("all")))?
                }
                list => clients("--clients", list)?,
            },
            fixes: fixes(args)?,
            pace: Pace {
                threads: threads(concurrency),
                timeout: duration("--timeout", &args.timeout)?,
                retries: number("--retries", &args.retries, 0, 100)?,
                concurrency,
                rate: limit("--rate", args.rate.as_deref())?,
                per_host: limit("--per-host", args.per_host.as_deref())?.and_then(|n| n.try_into().ok()),
                order: if args.ordered { Order::Listed } else { Order::Finished },
            },
            wait: args.wait.as_ref().map(|text| duration("--wait", text)).transpose()?,
            resume: args.resume.as_ref().map(PathBuf::from),
            probes: ProbePlan::new(args),
            output: output(args),
            summary: output::summary(args.summary.as_ref(), &files)?,
            files,
            source,
        })
    }
}

/// One thread does for a few cores: it checks thousands of targets in a second, and shares nothing.
/// Where there are more, all but one, which deals and writes.
fn threads(concurrency: NonZeroUsize) -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = if cores < FEWEST_CORES { 1 } else { cores - 1 };
    NonZeroUsize::new(threads.min(MOST_THREADS)).unwrap_or(NonZeroUsize::MIN).min(concurrency)
}

fn fixes(args: &Args) -> Result<Wanted, UsageError> {
    let find = |tools, names: &[String]| names.iter().filter_map(|name| fixes::find(tools, name)).collect();
    let wanted = Wanted {
        server: find(fixes::SERVER, &args.fix),
        client: find(fixes::CLIENT, &args.client_fix),
        ca_file: match args.ca_file.as_deref().map(OsStr::to_str) {
            None => CaFile::None,
            Some(Some(path)) if is_plain_text(path) => CaFile::At(path.to_owned()),
            Some(_) => CaFile::Unprintable,
        },
    };
    if !wanted.is_empty() && args.format == FormatArg::Pem {
        return Err(UsageError(
            "--format pem is the certificate alone: --fix and --client-fix have no place in it".into(),
        ));
    }
    Ok(wanted)
}

fn output(args: &Args) -> Output {
    Output {
        format: if args.json { FormatArg::Json } else { args.format },
        color: args.color,
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
    }
}

fn source(args: &Args, asking: &Asking) -> Result<Source, UsageError> {
    if let Some(file) = &args.cert {
        return Ok(Source::Offline { input: Input::new(file), names: offline_names(args)? });
    }
    let mut visits = Vec::new();
    for text in &args.targets {
        let bytes = text.as_encoded_bytes();
        let found = asking.target(bytes).and_then(|target| asking.visits(&target));
        visits.extend(found.map_err(|why| UsageError(format!("target `{}`: {why}", target::redacted(bytes))))?);
    }
    let list = args.targets_file.as_deref().map(Input::new);
    if visits.is_empty() && list.is_none() {
        return Err(UsageError("nothing to check: give a TARGET, --targets FILE or --cert FILE".to_owned()));
    }
    Ok(Source::Network { visits, list })
}

/// With `--cert`, names come from `--name` or, without it, from the targets; a text that is no
/// target is taken as the name itself, and judged.
fn offline_names(args: &Args) -> Result<Vec<Asked>, UsageError> {
    let names: Vec<Asked> = if args.names.is_empty() {
        let name = |text: &OsString| match target::parse(text.as_encoded_bytes(), DEFAULT_PORT) {
            Ok(target) => target.name,
            Err(_) => Asked::parse(Typed::from_os(text)),
        };
        args.targets.iter().map(name).collect()
    } else {
        args.names.iter().map(|text| Asked::parse(Typed::from_os(text))).collect()
    };
    if names.is_empty() {
        return Err(UsageError("--cert needs a name to check: give --name NAME".to_owned()));
    }
    Ok(names)
}

fn trust(args: &Args, source: &Source) -> TrustPlan {
    match (&args.ca_file, args.roots, source) {
        (Some(file), ..) => TrustPlan::File(file.into()),
        (None, Some(RootsArg::System), _) => TrustPlan::Store(Roots::System),
        (None, Some(RootsArg::Mozilla), _) | (None, None, Source::Network { .. }) => TrustPlan::Store(Roots::Mozilla),
        (None, None, Source::Offline { .. }) => TrustPlan::IfChain,
    }
}

fn asking(args: &Args) -> Result<Asking, UsageError> {
    let names: Vec<Asked> = args.names.iter().map(|text| Asked::parse(Typed::from_os(text))).collect();
    if args.cert.is_none() {
        names.iter().try_for_each(|asked| valid("--name", asked))?;
    }
    let sni = match &args.sni {
        Some(text) => match Asked::parse(Typed::from_os(text)) {
            Asked::Reference { ids, .. } => match ids.first {
                ReferenceId::Dns(name) => SniPlan::Fixed(name),
                _ => return Err(wrong("--sni", text, "only a DNS name can be sent as SNI (RFC 6066, 3)")),
            },
            Asked::NotAName { why, .. } => return Err(wrong("--sni", text, why)),
        },
        None if args.no_sni => SniPlan::Off,
        None => SniPlan::Follow,
    };
    Ok(Asking {
        names,
        sni,
        connect: args.connect.as_deref().map(connect).transpose()?,
        starttls: args.starttls.as_deref().and_then(Protocol::by_name),
        addresses: if args.all_addresses { Addresses::All } else { Addresses::First },
        family: match (args.ipv4, args.ipv6) {
            (true, _) => Some(Family::V4),
            (_, true) => Some(Family::V6),
            _ => None,
        },
    })
}

fn proxy(args: &Args) -> Result<ProxyPlan, UsageError> {
    match &args.proxy {
        None if args.no_proxy => Ok(ProxyPlan::Off),
        None => Ok(ProxyPlan::FromEnvironment),
        // It may hold a password, so it is not quoted.
        Some(text) => text
            .to_str()
            .ok_or_else(|| "it is not UTF-8".to_owned())
            .and_then(Proxy::parse)
            .map(|proxy| ProxyPlan::Fixed(Arc::new(proxy)))
            .map_err(|why| UsageError(format!("--proxy: {why}"))),
    }
}

fn connect(text: &OsStr) -> Result<Connect, UsageError> {
    let utf8 = text.to_str().ok_or_else(|| wrong("--connect", text, "it is not UTF-8"))?;
    let (endpoint, host) = target::parse_endpoint(utf8, DEFAULT_PORT).map_err(|why| wrong("--connect", text, why))?;
    let port = if host.len() == utf8.len() { PortGiven::No } else { PortGiven::Yes };
    Ok(Connect { endpoint, port })
}

/// A name that is no valid reference identifier is a usage error where a server is asked.
fn valid(what: &str, asked: &Asked) -> Result<(), UsageError> {
    match asked {
        Asked::Reference { .. } => Ok(()),
        Asked::NotAName { typed, why } => {
            Err(UsageError(format!("{what} `{}`: {why}", Shown::short(typed.as_bytes()))))
        }
    }
}

fn number(what: &str, text: &OsStr, least: u32, most: u32) -> Result<u32, UsageError> {
    let digits = text.to_str().filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
    match digits.and_then(|t| t.parse().ok()) {
        Some(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(wrong(what, text, format!("a whole number from {least} to {most} is wanted"))),
    }
}

/// A limit that may be left out.
fn limit(what: &str, text: Option<&OsStr>) -> Result<Option<NonZeroU32>, UsageError> {
    Ok(text.map(|text| number(what, text, 1, 1_000_000)).transpose()?.and_then(NonZeroU32::new))
}

/// The ids of a list of clients; `all` is every one of them.
fn clients(what: &str, list: Option<&OsStr>) -> Result<Vec<&'static str>, UsageError> {
    let Some(list) = list else { return Ok(Vec::new()) };
    if list == "all" {
        return Ok(CLIENTS.iter().map(|client| client.id).collect());
    }
    let ids = list.to_str().unwrap_or_default().split(',').map(|id| {
        let found = by_id(id.trim()).map(|client| client.id);
        found.ok_or_else(|| wrong(what, OsStr::new(id), "there is no such client; --list-clients has them all"))
    });
    ids.collect()
}

/// `10`, `2.5`, `500ms`, `30s`, `5m`; a bare number is seconds.
fn duration(what: &str, text: &OsStr) -> Result<Duration, UsageError> {
    let parse = || {
        let text = text.to_str()?;
        let (digits, unit) = match text {
            t if t.ends_with("ms") => (t.strip_suffix("ms")?, 0.001),
            t if t.ends_with('s') => (t.strip_suffix('s')?, 1.0),
            t if t.ends_with('m') => (t.strip_suffix('m')?, 60.0),
            t => (t, 1.0),
        };
        let well_formed =
            digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let seconds = digits.parse::<f64>().ok().filter(|_| well_formed)? * unit;
        (0.001..=86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
    };
    parse().ok_or_else(|| wrong(what, text, "a duration from 1ms to a day is wanted, such as 10, 2.5, 500ms, 30s, 5m"))
}

impl Asking {
    /// A target; where it has no port, that of the protocol.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn target(&self, text: &[u8]) -> Result<Target, String> {
        target::parse(text, self.starttls.map_or(DEFAULT_PORT, Protocol::port))
    }

    /// The visits of one target: one for each distinct SNI, shared by the names it serves, in the
    /// order in which the names first need it.
    ///
    /// # Errors
    /// Why the target's own name is none, where that is the one to be asked.
    pub fn visits(&self, target: &Target) -> Result<Vec<Visit>, String> {
        let own = std::slice::from_ref(&target.name);
        let names = if self.names.is_empty() { own } else { &self.names };
        let starttls = self.starttls(target)?;
        let located = self.located(target)?;
        let service = target.service.or_else(|| starttls.and_then(Protocol::service));
        let mut visits: Vec<Visit> = Vec::new();
        for asked in names {
            let reference = match asked {
                Asked::Reference { ids, .. } => &ids.first,
                Asked::NotAName { typed, why } => return Err(format!("`{}`: {why}", Shown::short(typed.as_bytes()))),
            };
            let sni = match &self.sni {
                SniPlan::Follow => reference.sni().cloned(),
                SniPlan::Fixed(name) => Some(name.clone()),
                SniPlan::Off => None,
            };
            let asked = service.map_or_else(|| asked.clone(), |service| asked.clone().with_service(service));
            match visits.iter_mut().find(|v| v.sni == sni) {
                Some(visit) => visit.names.push(asked),
                None => visits.push(Visit {
                    shown: target.shown.clone(),
                    endpoint: self.endpoint(target),
                    family: self.family,
                    starttls,
                    sni,
                    names: vec![asked],
                    located: located.clone(),
                    addresses: self.addresses,
                }),
            }
        }
        Ok(visits)
    }

    fn located(&self, target: &Target) -> Result<Located, String> {
        match (target.servers, &target.endpoint.host, &self.connect) {
            (Servers::Host, ..) => Ok(Located::Here),
            (Servers::Exchangers, Host::Ip(..), _) => {
                Err("mail exchangers belong to a domain, not an address".to_owned())
            }
            (Servers::Exchangers, _, Some(_)) => Err("its servers are looked up; leave out --connect".to_owned()),
            (Servers::Exchangers, Host::Name { .. }, None) => Ok(Located::ByMx {
                name: if self.names.is_empty() { Follows::Host } else { Follows::Command },
                sni: if self.names.is_empty() && self.sni == SniPlan::Follow {
                    Follows::Host
                } else {
                    Follows::Command
                },
            }),
        }
    }

    fn starttls(&self, target: &Target) -> Result<Option<Protocol>, String> {
        match (self.starttls, target.begins) {
            (flag, Begins::Unsaid) => Ok(flag),
            (None, Begins::AtOnce) => Ok(None),
            (None, Begins::After(protocol)) => Ok(Some(protocol)),
            (Some(flag), Begins::After(protocol)) if flag == protocol => Ok(Some(flag)),
            (Some(_), _) => Err("its scheme says how TLS begins, and --starttls says something else".to_owned()),
        }
    }

    fn endpoint(&self, target: &Target) -> Endpoint {
        match &self.connect {
            Some(Connect { endpoint, port: PortGiven::Yes }) => endpoint.clone(),
            Some(Connect { endpoint, port: PortGiven::No }) => {
                Endpoint { host: endpoint.host.clone(), port: target.endpoint.port }
            }
            None => target.endpoint.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn plan(args: &[&str]) -> Result<Plan, String> {
        let args = std::iter::once(&"certcheck").chain(args);
        Plan::new(&Args::try_parse_from(args).map_err(|e| e.to_string())?).map_err(|e| e.to_string())
    }

    fn visits(args: &[&str]) -> Vec<(Option<String>, usize)> {
        let Source::Network { visits, .. } = plan(args).unwrap().source else { panic!("offline") };
        visits.into_iter().map(|v| (v.sni.map(|n| n.to_string()), v.names.len())).collect()
    }

    #[test]
    fn one_handshake_for_each_distinct_sni() {
        let sni = |text: &str| Some(text.to_owned());
        assert_eq!(visits(&["h.example"]), [(sni("h.example"), 1)]);
        assert_eq!(visits(&["192.0.2.1"]), [(None, 1)]);
        assert_eq!(
            visits(&[
                "h.example",
                "--name",
                "a.example",
                "--name",
                "A.EXAMPLE.",
                "--name",
                "ip:192.0.2.1",
                "--name",
                "srv:_x.a.example"
            ]),
            [(sni("a.example"), 3), (None, 1)]
        );
        assert_eq!(
            visits(&["h.example", "--name", "a.example", "--name", "b.example", "--sni", "c.example"]),
            [(sni("c.example"), 2)]
        );
        assert_eq!(visits(&["h.example", "--no-sni", "--name", "a.example", "--name", "b.example"]), [(None, 2)]);
    }

    #[test]
    fn connect_keeps_the_port_unless_it_has_one() {
        for (connect, expected) in [("192.0.2.1", 8443), ("192.0.2.1:1", 1), ("[::1]", 8443), ("[::1]:2", 2)] {
            let plan = plan(&["h.example:8443", "--connect", connect]).unwrap();
            let Source::Network { visits, .. } = plan.source else { panic!("offline") };
            assert_eq!(visits[0].endpoint.port, expected, "{connect}");
        }
    }

    #[test]
    fn what_does_not_make_sense_is_a_usage_error() {
        for args in [
            &[][..],
            &["host:99999"],
            &["h.example", "--timeout", "0"],
            &["h.example", "--timeout", "-1s"],
            &["h.example", "--timeout", "1h"],
            &["h.example", "--timeout", "inf"],
            &["h.example", "--timeout", "1e3"],
            &["h.example", "--retries", "x"],
            &["h.example", "--concurrency", "0"],
            &["h.example", "--min-days", "-1"],
            &["h.example", "--sni", "192.0.2.1"],
            &["h.example", "--sni", "ip:192.0.2.1"],
            &["h.example", "--sni", "a b"],
            &["h.example", "--name", ""],
            &["h.example", "--name=-x.example"],
            &["-x.example@h.example"],
            &["h.example", "--roots", "system", "--ca-file", "x"],
            &["h.example", "-4", "-6"],
            &["--cert", "x"],
            &["--cert", "x", "--targets", "y"],
            &["--cert", "x", "--name", "a", "--no-sni"],
            &["h.example", "--json", "--format", "pem"],
            &["h.example", "--ignore", "names"],
        ] {
            assert!(plan(args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [("10", 10_000), ("2.5", 2_500), ("500ms", 500), ("30s", 30_000), ("5m", 300_000)] {
            assert_eq!(duration("", OsStr::new(text)).unwrap().as_millis(), expected, "{text}");
        }
    }

    #[test]
    fn offline_judges_any_text() {
        for args in [&["--cert", "x", "--name", ""][..], &["--cert", "x", "--name=-x.example"], &["--cert", "x", "a b"]]
        {
            let plan = plan(args).unwrap();
            let Source::Offline { names, .. } = plan.source else { panic!("network") };
            assert!(matches!(names[0], Asked::NotAName { .. }), "{args:?}");
        }
    }
}
