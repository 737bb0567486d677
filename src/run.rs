//! The stages, one after the other: arguments, plan, visits, reports, exit code.

mod bar;
mod file;
mod sinks;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Parser;
use futures_util::stream::LocalBoxStream;
use futures_util::{FutureExt, StreamExt};
use rustls::RootCertStore;
use tokio::time::Instant;

use crate::advice::commands::{with_cas, with_proxy};
use crate::advice::explain::explain;
use crate::advice::recognise::MAX_TEXT;
use crate::assess::{Knowledge, assess, is_about_issuer, without_observation};
use crate::baseline;
use crate::certificate::{LeafCertificate, Shelf};
use crate::cli::{Args, FormatArg};
use crate::clients::CLIENTS;
use crate::diagnosis::failure::seconds;
use crate::diagnosis::trust::{MozillaList, SystemStore};
use crate::escape::{Shown, ascii_only};
use crate::evidence::{Baseline, Failure, Observation, Served};
use crate::exit::{Ended, Exit, Plugin};
use crate::identity::Asked;
use crate::net::handshake::Tls;
use crate::net::limits::Limits;
use crate::net::proxy::Proxies;
use crate::net::resolve::Resolver;
use crate::net::scan::{Found, Scan};
use crate::net::visit::Reach;
use crate::plan::{
    Action, Explained, Input, Output, Pace, Plan, Probing, ProxyPlan, Source, TrustPlan, Verbosity, Visit,
};
use crate::report::csv::Csv;
use crate::report::drawing::{Canvas, Color, Detail};
use crate::report::github::Github;
use crate::report::html::Html;
use crate::report::human::{Charset, Human, Length};
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::markdown::Markdown;
use crate::report::nagios::Nagios;
use crate::report::pem::{Extent, Pem};
use crate::report::prometheus::Prometheus;
use crate::report::sarif::Sarif;
use crate::report::wrap::Width;
use crate::report::{Format, Report, explanation, line, schema, summary};
use crate::resume::{self, Done};
use crate::roots;
use crate::terminal::{self, Terminal, charset};
use crate::trust::{Anchors, MAX_CHAIN, Roots, Trust, judge};
use crate::usage::{self, Caller};
use bar::Bar;
use sinks::{Progress, Reader, Sinks};

/// How many threads look names up.
const RESOLVER_THREADS: usize = 64;
/// How long a run has to answer an interrupt by itself.
const GRACE: Duration = Duration::from_millis(500);
/// The first pause of --wait; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// With less left than this, the answer in hand is the last.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// How long a poll may take that begins when time is nearly up.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long the end of a stream may take once nobody reads what it finds.
const LAST_LOOK: Duration = Duration::from_millis(100);

/// Runs the program: everything but the process itself.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Ended {
    let args: Vec<OsString> = args.into_iter().collect();
    let caller = Caller::of(&args);
    let error = match try_run(args) {
        Ok(ended) => return ended,
        Err(error) => error,
    };
    let exit = match error.downcast_ref() {
        Some(CannotBegin::Output { .. }) => Exit::Output,
        _ => Exit::Usage,
    };
    complain(&format!("certcheck: {error:#}\n"), exit, caller)
}

/// Says why nothing was checked; a monitor reads standard output alone.
fn complain(text: &str, exit: Exit, caller: Caller) -> Ended {
    // Where standard error is gone too, the exit code still says it.
    let _ = io::stderr().write_all(to_charset(text).as_bytes());
    if caller == Caller::Person {
        return Ended::Exit(exit);
    }
    let first = text.lines().next().unwrap_or_default().replace('|', "\\x7c");
    let _ = print(to_charset(&format!("{} - {first}\n", Plugin::Unknown.word())).as_bytes());
    Ended::Plugin(Plugin::Unknown)
}

fn to_charset(text: &str) -> String {
    match charset() {
        Charset::Utf8 => text.to_owned(),
        Charset::Ascii => ascii_only(text).into_owned(),
    }
}

fn try_run(args: Vec<OsString>) -> anyhow::Result<Ended> {
    let caller = Caller::of(&args);
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(answer) if usage::is_answer(&answer) => {
            return Ok(Ended::Exit(print(to_charset(&usage::clap_text(answer)).as_bytes())));
        }
        Err(error) => return Ok(complain(&usage::clap_text(error), Exit::Usage, caller)),
    };
    let exit = match Action::new(&args)? {
        Action::JsonSchema => {
            let text = serde_json::to_string_pretty(&schema::schema()).context("the schema cannot be written")?;
            print(format!("{text}\n").as_bytes())
        }
        Action::Man => print(&usage::man().context("the manual page cannot be written")?),
        Action::ListClients => {
            let list = CLIENTS.iter().fold(String::new(), |list, c| list + &format!("{:<20}{}\n", c.id, c.version));
            print(list.as_bytes())
        }
        Action::Explain { what, output } => explained(&what, output)?,
        Action::Completions(shell) => print(&usage::completions(shell)),
        Action::Check(plan) => {
            let terminal = Terminal::detect(plan.output.color);
            let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            let progress = Arc::new(Progress::with(Bar::new(&plan)));
            if is_bulk(&plan) || !plan.files.is_empty() {
                end_if_stuck(progress.clone());
            }
            if is_bulk(&plan) {
                // Where more files may not be opened, connections wait for one another.
                let _ = rlimit::increase_nofile_limit(u64::MAX);
            }
            let (exit, state) = check_counting(&plan, terminal, &mut out, &mut io::stderr(), &progress)?;
            return Ok(match plan.output.format {
                FormatArg::Nagios => Ended::Plugin(state.of_run(exit)),
                _ => Ended::Exit(exit),
            });
        }
    };
    Ok(Ended::Exit(exit))
}

/// Explains a code or a text; one that is neither is a usage error.
fn explained(what: &Explained, output: Output) -> anyhow::Result<Exit> {
    let text = match what {
        Explained::Text(text) => text.clone(),
        Explained::Stdin => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX);
            io::stdin().lock().take(limit).read_to_end(&mut bytes).context("standard input cannot be read")?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let Some(explanation) = explain(&text) else {
        let shown = Shown::short(text.trim().as_bytes());
        anyhow::bail!(
            "`{shown}` is neither a code of certcheck nor an error that it recognises; --man lists the codes"
        );
    };
    if output.format == FormatArg::Json {
        let line = serde_json::to_string(&explanation).context("the explanation cannot be written")?;
        return Ok(print(format!("{line}\n").as_bytes()));
    }
    let terminal = Terminal::detect(output.color);
    let canvas = Canvas { color: terminal.color, width: terminal.width, detail: Detail::Full };
    Ok(print(to_charset(&explanation::human(&explanation, canvas)).as_bytes()))
}

/// Writes an answer to standard output.
fn print(text: &[u8]) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Ok,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
        Err(error) => not_written(None, &error, &mut io::stderr()),
    }
}

/// Says that standard output, or a file, could not be written.
fn not_written(path: Option<&Shown>, error: &io::Error, err: &mut dyn Write) -> Exit {
    let what = path.map_or("the output", Shown::as_str);
    let _ = err.write_all(to_charset(&format!("certcheck: {what} could not be written: {error}\n")).as_bytes());
    Exit::Output
}

/// Why a plan could not be begun: nothing was checked.
#[derive(Debug)]
#[non_exhaustive]
pub enum CannotBegin {
    /// The trust anchors could not be loaded.
    Anchors {
        /// Of which file or store, escaped.
        from: Shown,
        /// Why.
        why: String,
    },
    /// The earlier certificates could not be read.
    Baseline {
        /// Of which file, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// The earlier output could not be read.
    Resume {
        /// Of which file, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// The list of targets could not be opened.
    List {
        /// Which, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// A file could not be begun.
    Output {
        /// Which, escaped.
        path: Shown,
        /// Why.
        why: io::Error,
    },
    /// The runtime could not be made.
    Runtime(io::Error),
    /// The environment names a proxy that is none; which variable, and what is wrong with it.
    Proxy(String),
    /// The TLS library could not be set up.
    Tls(rustls::Error),
}

impl std::fmt::Display for CannotBegin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anchors { from, why } => write!(f, "the trust anchors of {from}: {why}"),
            Self::Baseline { path, why } => write!(f, "the baseline {path}: {why}"),
            Self::Resume { path, why } => write!(f, "the earlier output {path}: {why}"),
            Self::List { path, why } => write!(f, "the list {path}: {why}"),
            Self::Output { path, why } => write!(f, "{path} could not be written: {why}"),
            Self::Runtime(error) => write!(f, "the runtime could not be made: {error}"),
            Self::Proxy(why) => f.write_str(why),
            Self::Tls(error) => write!(f, "the TLS library could not be set up: {error}"),
        }
    }
}

impl std::error::Error for CannotBegin {}

/// Carries out a plan: reports go to `out` as they come and to the plan's files, the summary of a list
/// to `err`. The
/// library's one entry.
///
/// # Errors
/// Why it could not be begun. What fails later is in the reports and in the exit code.
pub fn check(plan: &Plan, terminal: Terminal, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, CannotBegin> {
    check_counting(plan, terminal, out, err, &Progress::default()).map(|(exit, _)| exit)
}

fn check_counting(
    plan: &Plan,
    terminal: Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
    progress: &Progress,
) -> Result<(Exit, Plugin), CannotBegin> {
    let mut sinks = Sinks::new(format(plan, plan.output.format, terminal), out, progress);
    for file in &plan.files {
        sinks.add(format(plan, file.format, FOR_FILES), &file.path)?;
    }
    if let Some(path) = &plan.summary {
        sinks.add(Box::new(summary::AsJson::default()), path)?;
    }
    if is_bulk(plan) && plan.output.verbosity != Verbosity::Quiet {
        sinks.summarise();
    }
    let mut session = Session {
        plan,
        anchors: anchors(&plan.trust)?,
        baseline: baseline(plan)?,
        system: OnceCell::new(),
        shelf: Shelf::default(),
        done: done(plan)?,
        sinks,
    };
    session.sinks.begin();
    match &plan.source {
        Source::Offline { input, names } => session.offline(input, names),
        Source::Network { visits, list } => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .max_blocking_threads(RESOLVER_THREADS)
                .build()
                .map_err(CannotBegin::Runtime)?;
            let proxies = Proxies::new(&plan.proxy, terminal::variable).map_err(CannotBegin::Proxy)?;
            let roots = if proxies.speak_tls() { session.anchors.as_ref().map(Anchors::store) } else { None };
            let reach = Reach {
                tls: Tls::new().map_err(CannotBegin::Tls)?,
                proxies,
                names: Resolver::default(),
                roots: Arc::new(roots.unwrap_or_else(RootCertStore::empty)),
            };
            let outcome = runtime.block_on(session.network(&reach, visits, list.as_ref(), err));
            // A lookup that hangs is not waited for.
            runtime.shutdown_background();
            outcome?;
        }
    }
    Ok(session.finish(err))
}

/// The first report that is not ok.
fn open_of(reports: &[Report]) -> Option<&Report> {
    reports.iter().find(|report| report.drawing.exit != Some(Exit::Ok))
}

/// Whether a list is checked.
fn is_bulk(plan: &Plan) -> bool {
    matches!(plan.source, Source::Network { list: Some(_), .. })
}

/// What a file can show: it is read anywhere.
const FOR_FILES: Terminal = Terminal { color: Color::Plain, width: Width::Unbounded, charset: Charset::Utf8 };

fn format(plan: &Plan, format: FormatArg, terminal: Terminal) -> Box<dyn Format> {
    let bulk = is_bulk(plan);
    let verbosity = plan.output.verbosity;
    match format {
        FormatArg::Json => Box::new(Json::default()),
        FormatArg::Pem => {
            let extent = if verbosity == Verbosity::Verbose { Extent::Chain } else { Extent::Leaf };
            Box::new(Pem { extent, charset: terminal.charset })
        }
        FormatArg::Junit => Box::new(Junit::default()),
        FormatArg::Sarif => Box::new(Sarif::default()),
        FormatArg::Github => Box::new(Github::default()),
        FormatArg::Prometheus => Box::new(Prometheus::default()),
        FormatArg::Nagios => Box::new(Nagios::new(plan.policy.min_days, terminal.charset)),
        FormatArg::Csv => Box::new(Csv),
        FormatArg::Markdown => Box::new(Markdown::default()),
        FormatArg::Html => Box::new(Html::default()),
        FormatArg::Human => Box::new(Human {
            canvas: Canvas {
                color: terminal.color,
                width: terminal.width,
                detail: if verbosity == Verbosity::Verbose { Detail::Full } else { Detail::Folded },
            },
            length: match verbosity {
                Verbosity::Quiet => Length::Line,
                Verbosity::Normal if bulk => Length::Line,
                Verbosity::Normal | Verbosity::Verbose => Length::Full,
            },
            charset: terminal.charset,
        }),
    }
}

fn baseline(plan: &Plan) -> Result<Option<Baseline>, CannotBegin> {
    let Some(path) = &plan.baseline else { return Ok(None) };
    let shown = Shown::short(path.as_os_str().as_encoded_bytes());
    baseline::load(path).map(Some).map_err(|why| CannotBegin::Baseline { path: shown, why })
}

fn done(plan: &Plan) -> Result<Done, CannotBegin> {
    let Some(path) = &plan.resume else { return Ok(Done::default()) };
    let shown = Shown::short(path.as_os_str().as_encoded_bytes());
    resume::load(path, plan.asking.addresses).map_err(|why| CannotBegin::Resume { path: shown, why })
}

fn anchors(plan: &TrustPlan) -> Result<Option<Anchors>, CannotBegin> {
    match plan {
        TrustPlan::Store(Roots::System) => {
            let from = Shown::new(b"--roots system");
            roots::system().map(Some).map_err(|why| CannotBegin::Anchors { from, why })
        }
        TrustPlan::Store(_) => Ok(Some(roots::mozilla())),
        TrustPlan::File(path) => {
            let from = Shown::short(path.as_os_str().as_encoded_bytes());
            roots::file(path).map(Some).map_err(|why| CannotBegin::Anchors { from, why })
        }
        TrustPlan::IfChain => Ok(None),
    }
}

/// Ends the program some time after an interrupt that the run itself cannot answer, because it is
/// blocked in writing to a reader that does not read.
#[expect(clippy::disallowed_methods, reason = "a blocked write is left in no other way")]
fn end_if_stuck(progress: Arc<Progress>) {
    let watch = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                tokio::time::sleep(GRACE).await;
                // A large document on a slow disk takes its time; a second interrupt does not.
                while progress.is_ending_files() {
                    let again = tokio::time::timeout(GRACE, tokio::signal::ctrl_c()).await;
                    if again.is_ok() {
                        break;
                    }
                }
                progress.abandon_files();
                let _ = writeln!(io::stderr(), "interrupted: {}", progress.tally());
                std::process::exit(Exit::Interrupted.code().into());
            }
        });
    };
    // Without the thread a first interrupt waits for the reader; nothing else is lost.
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(watch);
}

struct Session<'a> {
    plan: &'a Plan,
    baseline: Option<Baseline>,
    anchors: Option<Anchors>,
    system: OnceCell<Option<Anchors>>,
    shelf: Shelf,
    done: Done,
    sinks: Sinks<'a>,
}

/// How a stream of visits ended.
#[derive(PartialEq, Eq)]
enum Streamed {
    Through,
    Stopped,
}

impl Session<'_> {
    async fn network(
        &mut self,
        reach: &Reach,
        visits: &[Visit],
        list: Option<&Input>,
        err: &mut dyn Write,
    ) -> Result<(), CannotBegin> {
        let plan = self.plan;
        let limits = Limits::new(plan.pace.rate, plan.pace.per_host, plan.pace.concurrency);
        let done = std::mem::take(&mut self.done);
        self.sinks.exit = self.sinks.exit.merge(done.exit());
        let scan = Scan { reach, pace: &plan.pace, limits: &limits, done: &done };
        if let Some(patience) = plan.wait {
            self.wait(scan, visits, patience, err).await;
            return Ok(());
        }
        let mut streams = vec![scan.in_order(visits.to_vec(), plan.probes.named)];
        if let Some(list) = list {
            let lines = scan.list(list, &plan.asking, plan.probes.listed);
            streams.push(lines.map_err(|error| CannotBegin::List { path: list.shown(), why: roots::reason(&error) })?);
        }
        for stream in streams {
            if self.stream(stream).await == Streamed::Stopped {
                break;
            }
        }
        Ok(())
    }

    /// Asks again until all of a target is ok, or time is up; reports the last answer.
    async fn wait(&mut self, scan: Scan<'_>, visits: &[Visit], patience: Duration, err: &mut dyn Write) {
        let deadline = Instant::now() + patience;
        let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
        for visit in visits {
            let mut pause = FIRST_PAUSE;
            loop {
                // What is under way when time is up is not waited for much longer.
                let left = deadline.saturating_duration_since(Instant::now());
                let pace = Pace { timeout: scan.pace.timeout.min(left.max(SHORTEST_POLL)), ..*scan.pace };
                let poll = Scan { pace: &pace, ..scan };
                let mut found = tokio::select! {
                    biased;
                    Ok(()) = &mut interrupt => {
                        self.sinks.exit = Exit::Interrupted;
                        return;
                    }
                    found = poll.seen(visit.clone(), Probing::Off) => found,
                };
                let mut reports: Vec<Report> = found.iter().flat_map(|found| self.found_reports(found)).collect();
                let left = deadline.saturating_duration_since(Instant::now());
                if open_of(&reports).is_some() && left < SHORTEST_PAUSE {
                    scan.look_into(&mut found, self.plan.probes.named).await;
                    reports = found.iter().flat_map(|found| self.found_reports(found)).collect();
                }
                let Some(report) = open_of(&reports).filter(|_| left >= SHORTEST_PAUSE) else {
                    for report in &reports {
                        self.sinks.report(report);
                    }
                    break;
                };
                // The last poll is begun before time is up.
                let pause_now = pause.min(left.saturating_sub(SHORTEST_PAUSE / 2));
                let line = line::line(report, Color::Plain);
                // A poll that cannot be shown costs nothing.
                let tenths =
                    Duration::from_millis(u64::try_from(pause_now.as_millis()).unwrap_or(0).div_ceil(100) * 100);
                let _ = writeln!(err, "waiting: {} (again in {})", line.trim_end(), seconds(tenths));
                tokio::select! {
                    biased;
                    Ok(()) = &mut interrupt => {
                        self.sinks.exit = Exit::Interrupted;
                        return;
                    }
                    () = tokio::time::sleep(pause_now) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Reports what a stream finds, until it ends, the reader goes away or somebody interrupts.
    async fn stream(&mut self, mut stream: LocalBoxStream<'_, Found>) -> Streamed {
        let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            let ready = stream.next().now_or_never();
            let found = if let Some(found) = ready {
                found
            } else {
                // Nothing is ready: what was written so far is shown before waiting.
                self.sinks.show();
                if !self.sinks.is_open() {
                    return self.unread(stream).await;
                }
                tokio::select! {
                    biased;
                    Ok(()) = &mut interrupt => {
                        self.sinks.exit = Exit::Interrupted;
                        return Streamed::Stopped;
                    }
                    found = stream.next() => found,
                }
            };
            let Some(found) = found else { return Streamed::Through };
            if !self.sinks.is_open() {
                // This one was checked and nobody reads it; others were left unchecked.
                self.sinks.exit = self.sinks.exit.merge(Exit::NotObtained);
                return Streamed::Stopped;
            }
            self.found(&found);
        }
    }

    /// Nobody reads any more. What is still under way is not waited for; that it was left unchecked
    /// is told from a stream whose end was just not seen yet.
    async fn unread(&mut self, mut stream: LocalBoxStream<'_, Found>) -> Streamed {
        if let Ok(None) = tokio::time::timeout(LAST_LOOK, stream.next()).await {
            return Streamed::Through;
        }
        self.sinks.exit = self.sinks.exit.merge(Exit::NotObtained);
        Streamed::Stopped
    }

    fn found(&mut self, found: &Found) {
        for report in self.found_reports(found) {
            self.sinks.report(&report);
        }
    }

    fn found_reports(&self, found: &Found) -> Vec<Report> {
        match found {
            Found::BadLine(shown, failure) => {
                vec![without_observation(shown, None, failure, self.plan.trust.roots())]
            }
            Found::Seen(seen) => {
                let (visit, observation) = &**seen;
                self.reports(&visit.shown, &visit.names, observation)
            }
        }
    }

    fn assess(&mut self, target: &Shown, names: &[Asked], seen: &Observation) {
        for report in self.reports(target, names, seen) {
            self.sinks.report(&report);
        }
    }

    fn reports(&self, target: &Shown, names: &[Asked], seen: &Observation) -> Vec<Report> {
        let system = &self.system;
        let known = Knowledge {
            shelf: &self.shelf,
            baseline: self.baseline.as_ref(),
            anchors: self.anchors.as_ref(),
            roots: self.plan.trust.roots(),
            system_trusts: &|leaf, chain| system_trusts(system, leaf, chain),
            mozilla_trusts: &mozilla_trusts,
            told: &self.plan.told,
            policy: &self.plan.policy,
            now: now(),
        };
        let mut reports = assess(target, names, seen, &known);
        for (report, asked) in reports.iter_mut().zip(names) {
            self.plan.fixes.add_to(report, asked, seen);
            with_cas(report, &self.plan.fixes.ca_file);
            if let ProxyPlan::Fixed(_) = &self.plan.proxy {
                with_proxy(report);
            }
        }
        reports
    }

    fn offline(&mut self, input: &Input, names: &[Asked]) {
        let shown = input.shown();
        let mut certificates = match roots::certificates(input) {
            Ok(found) => found.into_iter(),
            Err(why) => {
                let failure = Failure::UnreadableFile { path: shown.clone(), why };
                for asked in names {
                    let report = without_observation(&shown, Some(asked), &failure, self.plan.trust.roots());
                    self.sinks.report(&report);
                }
                return;
            }
        };
        let leaf = certificates.next().map(|der| der.to_vec()).unwrap_or_default();
        let chain_total = certificates.len();
        let chain: Vec<Vec<u8>> = certificates.take(MAX_CHAIN).map(|der| der.to_vec()).collect();
        if self.plan.trust == TrustPlan::IfChain && !chain.is_empty() {
            self.anchors = Some(roots::mozilla());
        }
        let seen = Observation::without_visit(Ok(Served { leaf, chain, chain_total }));
        self.assess(&shown, names, &seen);
    }

    /// What is said at the end, and the exit code of the whole.
    fn finish(self, err: &mut dyn Write) -> (Exit, Plugin) {
        let bulk = is_bulk(self.plan);
        let (exit, tally) = (self.sinks.exit, self.sinks.progress.tally());
        let interrupted = exit == Exit::Interrupted;
        let lines = match self.sinks.summary() {
            Some(summary) => summary.lines(),
            None if interrupted => vec![tally.to_string()],
            None => Vec::new(),
        };
        let written = self.sinks.end();
        let word = if interrupted { "interrupted: " } else { "" };
        for (at, line) in lines.iter().enumerate() {
            // A summary that cannot be shown costs nothing: the exit code says the same.
            let _ = writeln!(err, "{}{line}", if at == 0 { word } else { "" });
        }
        let failed = written.failures.iter().map(|(path, why)| not_written(path.as_ref(), why, err));
        let exit = match failed.last() {
            Some(exit) => exit,
            // A list without a target is no fleet that is well: it fails closed.
            None if written.reader == Reader::Stayed
                && bulk
                && tally.checked() == 0
                && !interrupted
                && self.plan.resume.is_none() =>
            {
                let _ = writeln!(err, "certcheck: the list holds no target, so nothing was checked");
                Exit::Usage
            }
            None => exit,
        };
        (exit, written.plugin)
    }
}

/// Whether this machine's store trusts a chain; it is loaded the first time that this is asked.
fn system_trusts(system: &OnceCell<Option<Anchors>>, leaf: &LeafCertificate, chain: &[LeafCertificate]) -> SystemStore {
    let anchors = system.get_or_init(|| roots::system().ok());
    match anchors.as_ref().map(|anchors| judge(leaf, chain, anchors, now()).trust) {
        Some(Trust::Trusted { .. }) => SystemStore::Trusts,
        _ => SystemStore::Silent,
    }
}

/// Whether Mozilla's list trusts a chain.
fn mozilla_trusts(leaf: &LeafCertificate, chain: &[LeafCertificate]) -> MozillaList {
    match judge(leaf, chain, &roots::mozilla(), now()).trust {
        Trust::Untrusted { why } if is_about_issuer(&why) => MozillaList::HasItNot,
        _ => MozillaList::Trusts,
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one clock for dates")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}
