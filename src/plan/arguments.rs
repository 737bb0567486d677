//! The arguments of the command line -> what is to be done.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use super::values::{clients, duration, limit, number};
use super::{
    Action, Asking, DEFAULT_PORT, Explained, FileOutput, Input, LoginSource, Order, Output, Pace, Plan, ProbePlan,
    Probing, ProxyPlan, Source, TrustPlan, UsageError, Verbosity, output, wrong_file,
};
use crate::advice::wanted::{CaFile, Wanted};
use crate::cli::{Args, FormatArg, IgnoreArg, RootsArg};
use crate::data::fixes;
use crate::escape::{Shown, is_plain_text};
use crate::identity::{Asked, Typed};
use crate::policy::{Policy, Weight};
use crate::proxy::Proxy;
use crate::target;
use crate::trust::Roots;

/// From how many cores on a list is dealt to threads.
const FEWEST_CORES: usize = 4;
/// How many threads a list is dealt to at most: one more writes what they report.
const MOST_THREADS: usize = 16;

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
            return Ok(Self::Explain { what, output: to_stdout(args) });
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
        let asking = Asking::new(args)?;
        let source = source(args, &asking)?;
        let ignored = |part| if args.ignore.contains(&part) { Weight::Ignored } else { Weight::Counts };
        let min_days = args.min_days.as_deref().map(|text| number("--min-days", text, 0, 100_000)).transpose()?;
        let files = output::files(&args.output)?;
        let summary = output::summary(args.summary.as_ref())?;
        let resume = resume(args, &files)?;
        let concurrency = NonZeroUsize::new(number("--concurrency", &args.concurrency, 1, 65_535)? as usize)
            .unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            trust: trust(args, &source),
            proxy: proxy(args)?,
            proxy_login: proxy_login(args),
            baseline: args.baseline.as_ref().map(PathBuf::from),
            asking,
            policy: Policy {
                trust: ignored(IgnoreArg::Trust),
                expiry: ignored(IgnoreArg::Expiry),
                protocol: ignored(IgnoreArg::Protocol),
                possession: ignored(IgnoreArg::Possession),
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
            resume,
            probes: ProbePlan::new(args),
            output: to_stdout(args),
            summary,
            files,
            source,
        })
    }
}

impl ProbePlan {
    fn new(args: &Args) -> Self {
        let asked = |wanted| if wanted { Probing::AfterMismatch } else { Probing::Off };
        Self { named: asked(!args.no_probes), listed: asked(args.probe) }
    }
}

/// `--resume FILE`: not where one line is to tell of the whole list.
fn resume(args: &Args, files: &[FileOutput]) -> Result<Option<PathBuf>, UsageError> {
    let Some(text) = &args.resume else { return Ok(None) };
    let is_nagios = |format| format == FormatArg::Nagios;
    if is_nagios(to_stdout(args).format) || files.iter().any(|file| is_nagios(file.format)) {
        let why = "the line of `nagios` is the state of all that is checked, and would know nothing of what stands \
                   there: use another format";
        return Err(wrong_file("--resume", text, why));
    }
    Ok(Some(text.into()))
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

fn to_stdout(args: &Args) -> Output {
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
        visits.extend(found.map_err(|why| UsageError(format!("target `{}`: {why}", Shown::target_short(bytes))))?);
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

fn proxy(args: &Args) -> Result<ProxyPlan, UsageError> {
    match &args.proxy {
        None if args.no_proxy => Ok(ProxyPlan::Off),
        None => Ok(ProxyPlan::FromEnvironment),
        // It may hold a password, so it is not quoted.
        Some(text) => text
            .to_str()
            .ok_or_else(|| "it is not UTF-8".to_owned())
            .and_then(Proxy::parse)
            .and_then(|proxy| match (proxy_login(args), &proxy.login) {
                (Some(other), Some(_)) => Err(format!("the URL has a login, and {} is given too", other.option())),
                _ => Ok(proxy),
            })
            .map(|proxy| ProxyPlan::Fixed(Arc::new(proxy)))
            .map_err(|why| UsageError(format!("--proxy: {why}"))),
    }
}

fn proxy_login(args: &Args) -> Option<LoginSource> {
    match (&args.proxy_user_file, &args.proxy_user_env) {
        (Some(path), _) => Some(LoginSource::File(path.into())),
        (None, Some(name)) => Some(LoginSource::Variable(name.clone())),
        (None, None) => None,
    }
}
