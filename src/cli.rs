//! The command line as clap sees it: types alone, every free value as it came. `plan` makes sense
//! of them.

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Parser, ValueEnum};

use crate::data::fixes::{CLIENT, SERVER, Tool};
use crate::starttls::PROTOCOLS;

const EXAMPLES: &str = "\
EXIT CODES
  0    every name matches, and the certificate is trusted, in date and reachable by current clients
  1    a hostname mismatch, or a client of --require-clients does not accept the name
  2    usage: nothing was checked
  3    a certificate could not be obtained or read
  4    the name matches, but clients would refuse the certificate or the connection: trust, expiry,
       protocol (no current client completes the handshake) or possession (the server did not
       prove that it holds the key); --ignore turns each of them off
  5    output could not be written
  130  interrupted
  Of several targets, the first that occurs in the order 1, 3, 4.
  --format nagios exits as a monitoring plugin does instead: 0 OK, 1 WARNING (ends within
  --min-days, nothing else), 2 CRITICAL (a mismatch, refused, or no certificate to be had),
  3 UNKNOWN (usage, bad line, interrupted); of several the first in the order 2, 3, 1.

EXAMPLES
  certcheck google.com:443
  certcheck www.example.com@192.0.2.7:8443 --ca-file ca.pem --json | jq .verdict
  certcheck --targets fleet.txt --output report.html --output junit:certificates.xml";

const OUTPUT: &str = "\
Write reports to this file too, in FORMAT or the format of its ending; may be repeated. Endings: .txt \
human; .json, .jsonl, .ndjson json; .pem; .xml junit; .sarif; .prom prometheus; .csv; .md markdown; .html.

The file appears at the end, whole, or not at all. After an interrupt it holds what was done, and says so \
where its format can. After a crash, the reports that were finished are in .NAME.*.partial beside it (junit, \
sarif, prometheus and nagios as JSON lines), which the next run that writes the file removes. A device or a pipe is written as it comes.";

/// Will the clients that connect to this server accept its certificate for this name, and if not,
/// why, and what has to change?
#[derive(Debug, Parser)]
#[command(name = "certcheck", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// What to check.
    #[arg(
        value_name = "TARGET",
        help = "HOST, HOST:PORT, [V6]:PORT, V6, a URL, or NAME@HOST[:PORT] to check NAME at the server HOST"
    )]
    pub targets: Vec<OsString>,

    /// Check this name instead of the target's; also ip:…, srv:_xmpp-client.example.com, uri:sip:…
    #[arg(long = "name", value_name = "NAME", allow_hyphen_values = true, action = ArgAction::Append, help_heading = "Names")]
    pub names: Vec<OsString>,

    /// Send this name as SNI, whatever is checked
    #[arg(long, value_name = "NAME", conflicts_with = "no_sni", help_heading = "Names")]
    pub sni: Option<OsString>,

    /// Send no SNI
    #[arg(long, help_heading = "Names")]
    pub no_sni: bool,

    /// Connect there instead of to the target's host
    #[arg(long, value_name = "HOST[:PORT]", help_heading = "Route")]
    pub connect: Option<OsString>,

    /// IPv4 only
    #[arg(short = '4', conflicts_with = "ipv6", help_heading = "Route")]
    pub ipv4: bool,

    /// IPv6 only
    #[arg(short = '6', help_heading = "Route")]
    pub ipv6: bool,

    /// Check every address of a name, a report each
    #[arg(long, conflicts_with = "cert", help_heading = "Route")]
    pub all_addresses: bool,

    /// Speak this protocol first, and turn to TLS by its command
    #[arg(long, value_name = "PROTO", value_parser = protocols(), conflicts_with = "cert", help_heading = "Route")]
    pub starttls: Option<String>,

    /// Connect through this proxy.
    #[arg(
        long,
        value_name = "URL",
        conflicts_with_all = ["no_proxy", "cert"],
        help = "Connect through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \
                a command line is visible to other users, so prefer --proxy-user-file for a login",
        help_heading = "Route"
    )]
    pub proxy: Option<OsString>,

    /// Read the proxy's login from this file: USER:PASSWORD, not percent-encoded, at most 4 KiB
    #[arg(long, value_name = "FILE", conflicts_with_all = ["proxy_user_env", "no_proxy", "cert"], help_heading = "Route")]
    pub proxy_user_file: Option<OsString>,

    /// Read the proxy's login from this environment variable: USER:PASSWORD, not percent-encoded
    #[arg(long, value_name = "NAME", conflicts_with_all = ["no_proxy", "cert"], help_heading = "Route")]
    pub proxy_user_env: Option<OsString>,

    /// Use no proxy, whatever the environment says
    #[arg(long, conflicts_with = "cert", help_heading = "Route")]
    pub no_proxy: bool,

    /// Ask further questions after a mismatch for the targets of a list too
    #[arg(long, requires = "targets_file", help_heading = "Route")]
    pub probe: bool,

    /// Ask no further questions after a mismatch
    #[arg(long, conflicts_with_all = ["probe", "cert"], help_heading = "Route")]
    pub no_probes: bool,

    /// The trust anchors to judge by
    #[arg(long, value_name = "STORE", value_enum, conflicts_with = "ca_file", help_heading = "Trust")]
    pub roots: Option<RootsArg>,

    /// Judge by the certificates of this file instead, as curl's --cacert
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub ca_file: Option<OsString>,

    /// Let trust or expiry not cost the exit code; comma-separated
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',', help_heading = "Trust")]
    pub ignore: Vec<IgnoreArg>,

    /// Demand that the certificate lasts this many days more
    #[arg(long, value_name = "N", help_heading = "Trust")]
    pub min_days: Option<OsString>,

    /// Read targets from a file, one a line (- for standard input)
    #[arg(long = "targets", value_name = "FILE", conflicts_with = "cert", help_heading = "Input")]
    pub targets_file: Option<OsString>,

    /// Check a certificate file, PEM or DER, without a network (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sni", "no_sni", "connect", "ipv4", "ipv6"], help_heading = "Input")]
    pub cert: Option<OsString>,

    /// An earlier JSON output or certificate: say which names went since then
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub baseline: Option<OsString>,

    /// Skip what this earlier JSON output already holds; its verdicts stand, whatever is asked now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "wait"], help_heading = "Input")]
    pub resume: Option<OsString>,

    /// Time for one attempt, from name lookup to certificate: 10, 2.5, 500ms, 30s, 5m
    #[arg(long, value_name = "DURATION", default_value = "10s", help_heading = "Pace")]
    pub timeout: OsString,

    /// Try again this often after what may pass by itself
    #[arg(long, value_name = "N", default_value = "0", help_heading = "Pace")]
    pub retries: OsString,

    /// Check at most this many at once
    #[arg(long, value_name = "N", default_value = "64", help_heading = "Pace")]
    pub concurrency: OsString,

    /// Report a list's targets in its order, not as they finish
    #[arg(long, requires = "targets_file", help_heading = "Pace")]
    pub ordered: bool,

    /// Begin at most this many checks in a second
    #[arg(long, value_name = "N", conflicts_with = "cert", help_heading = "Pace")]
    pub rate: Option<OsString>,

    /// Have at most this many connections at once with one address
    #[arg(long, value_name = "N", conflicts_with = "cert", help_heading = "Pace")]
    pub per_host: Option<OsString>,

    /// Ask again until all is ok, for this long at most; report once
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["cert", "targets_file"], help_heading = "Pace")]
    pub wait: Option<OsString>,

    /// Write what the run came to into this file, as one JSON object
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub summary: Option<OsString>,

    /// The format of standard output
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        conflicts_with = "json",
        help_heading = "Output"
    )]
    pub format: FormatArg,

    /// One JSON object a line, the same as --format json
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Write a report to this file too.
    #[arg(
        long,
        value_name = "[FORMAT:]FILE",
        action = ArgAction::Append,
        conflicts_with_all = ["explain", "list_clients", "completions", "man", "json_schema"],
        help = "Write reports to this file too, in FORMAT or the format of its ending; may be repeated",
        long_help = OUTPUT,
        help_heading = "Output"
    )]
    pub output: Vec<OsString>,

    /// Colour
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Output")]
    pub color: ColorArg,

    /// Say what these clients do and why: ids from --list-clients, comma-separated, or all
    #[arg(long, value_name = "LIST", help_heading = "Output")]
    pub clients: Option<OsString>,

    /// Exit 1 unless all of these clients accept the certificate for the name
    #[arg(long, value_name = "LIST", help_heading = "Output")]
    pub require_clients: Option<OsString>,

    /// After a mismatch: how whoever runs the server mends it with this tool
    #[arg(
        long,
        value_name = "TOOL",
        value_parser = tools(SERVER),
        value_delimiter = ',',
        conflicts_with = "quiet",
        help_heading = "Output"
    )]
    pub fix: Vec<String>,

    /// After a mismatch: how this client connects under a name that is certified, verification left on
    #[arg(
        long,
        value_name = "CLIENT",
        value_parser = tools(CLIENT),
        value_delimiter = ',',
        conflicts_with = "quiet",
        help_heading = "Output"
    )]
    pub client_fix: Vec<String>,

    /// One line for each report, and no summary or progress
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,

    /// The whole certificate, chain and connection
    #[arg(short, long, help_heading = "Output")]
    pub verbose: bool,

    /// Explain a code, or an error text of a client's (- reads it from standard input)
    #[arg(
        long,
        value_name = "WHAT",
        allow_hyphen_values = true,
        conflicts_with_all = ["targets", "targets_file", "cert"],
        help_heading = "Knowledge"
    )]
    pub explain: Option<OsString>,

    /// List the clients that are modelled, with the versions measured
    #[arg(long, help_heading = "Knowledge")]
    pub list_clients: bool,

    /// Print the completions of a shell
    #[arg(long, value_name = "SHELL", value_enum, help_heading = "Knowledge")]
    pub completions: Option<clap_complete::Shell>,

    /// Print the manual page
    #[arg(long, help_heading = "Knowledge")]
    pub man: bool,

    /// Print the JSON Schema of the output
    #[arg(long, help_heading = "Knowledge")]
    pub json_schema: bool,
}

fn protocols() -> PossibleValuesParser {
    PossibleValuesParser::new(PROTOCOLS.iter().map(|(_, name, ..)| *name))
}

fn tools(tools: &'static [Tool]) -> PossibleValuesParser {
    PossibleValuesParser::new(tools.iter().map(|tool| tool.name))
}

/// `--roots`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RootsArg {
    /// Mozilla's list, compiled in (the default)
    Mozilla,
    /// This machine's store
    System,
}

/// `--ignore`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IgnoreArg {
    /// Chain and usage
    Trust,
    /// Dates, --min-days included
    Expiry,
    /// A handshake that no current client completes
    Protocol,
    /// A server that does not prove that it holds the certificate's key
    Possession,
}

/// `--format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// For people
    Human,
    /// One JSON object a line
    Json,
    /// The certificate itself, with -v the whole chain
    Pem,
    /// JUnit's XML, a test case for each report: 1 and 4 are failures, 3 is an error; written at the
    /// end, keeps a case for each
    Junit,
    /// SARIF 2.1.0, a result for each finding; written at the end, keeps the results
    Sarif,
    /// Annotations of a GitHub workflow, a line for each report that needs a look
    Github,
    /// Text exposition for node_exporter's textfile collector; written at the end, keeps some
    /// numbers for each target and name
    Prometheus,
    /// A monitoring plugin's line, with its exit codes; written at the end, keeps the worst report
    Nagios,
    /// A record for each report; a text that a spreadsheet would take for a formula begins with '
    Csv,
    /// A table for a job's summary, a row for each report
    Markdown,
    /// A page that needs nothing beside it; written as reports come, keeps their count
    Html,
}

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// Where standard output is a terminal that has it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
