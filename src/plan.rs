//! Args -> Plan: parse, don't validate. Past this room a value cannot be wrong.

mod arguments;
mod asking;
mod output;
mod values;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::advice::wanted::Wanted;
use crate::cli::{ColorArg, FormatArg};
use crate::escape::Shown;
use crate::identity::Asked;
use crate::policy::Policy;
use crate::proxy::Proxy;
use crate::trust::Roots;
pub use asking::{Addresses, Asking, Connect, Follows, Located, SniPlan, Visit};
pub use output::FileOutput;

/// The port of a target that has none.
const DEFAULT_PORT: u16 = 443;

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
    /// Where the proxy's login is, if not in its URL.
    pub proxy_login: Option<LoginSource>,
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
            Self::File(path) => Shown::path(path),
        }
    }
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

/// Where a proxy's login is read from: `USER:PASSWORD`, not percent-encoded.
#[derive(Clone, PartialEq, Eq)]
pub enum LoginSource {
    /// This environment variable.
    Variable(OsString),
    /// This file.
    File(PathBuf),
}

impl LoginSource {
    /// The option that names it.
    #[must_use]
    pub fn option(&self) -> &'static str {
        match self {
            Self::Variable(_) => "--proxy-user-env",
            Self::File(_) => "--proxy-user-file",
        }
    }
}

impl fmt::Debug for LoginSource {
    /// Without the name or path, in whose place a login may have been typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.option())
    }
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
    UsageError(format!("{what} `{}`: {why}", Shown::target_short(text.as_encoded_bytes())))
}

/// The same of an argument that contains a path.
fn wrong_file(what: &str, text: &OsStr, why: impl fmt::Display) -> UsageError {
    UsageError(format!("{what} `{}`: {why}", Shown::file_argument(text.as_encoded_bytes())))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Args;

    pub(super) fn plan(args: &[&str]) -> Result<Plan, String> {
        let args = std::iter::once(&"certcheck").chain(args);
        Plan::new(&Args::try_parse_from(args).map_err(|e| e.to_string())?).map_err(|e| e.to_string())
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
            &["--targets", "a", "--resume", "b", "--format", "nagios"],
            &["--targets", "a", "--resume", "b", "--output", "nagios:c"],
        ] {
            assert!(plan(args).is_err(), "{args:?}");
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
