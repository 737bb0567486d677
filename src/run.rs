//! The stages, one after the other: arguments, plan, visits, reports, exit code.

mod bar;
mod file;
mod judge;
mod sinks;
mod standard;
mod stop;

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use futures_util::stream::LocalBoxStream;
use futures_util::{FutureExt, StreamExt};
use rustls::RootCertStore;
use tokio::time::Instant;

use crate::advice::explain::explain;
use crate::advice::recognise::MAX_TEXT;
use crate::assess::without_observation;
use crate::cli::{Args, FormatArg};
use crate::clients::CLIENTS;
use crate::diagnosis::failure::seconds;
use crate::escape::{Shown, ascii_only};
use crate::evidence::{Failure, Observation, Served};
use crate::exit::{Ended, Exit, Plugin};
use crate::identity::Asked;
use crate::net;
use crate::net::handshake::Tls;
use crate::net::lanes::Lanes;
use crate::net::limits::Limits;
use crate::net::proxy::Proxies;
use crate::net::resolve::Resolver;
use crate::net::scan::{Item, Scan};
use crate::net::visit::Reach;
use crate::plan::{Action, Explained, Input, Output, Pace, Plan, Probing, Source, TrustPlan, Verbosity, Visit};
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
use crate::trust::{Anchors, MAX_CHAIN};
use crate::usage::{self, Caller};
use bar::Bar;
use judge::Judge;
use sinks::{Progress, Reader, Sinks};
use stop::Stop;

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
            if may_be_stuck(&plan) {
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
/// to `err`. A file of the plan that is the process's standard output goes to `out` too. The library's
/// one entry.
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
    let mut judge = Judge::load(plan)?;
    let done = done(plan)?;
    sinks.exit = sinks.exit.merge(done.exit());
    sinks.begin();
    let mut session = Session { plan, sinks };
    match &plan.source {
        Source::Offline { input, names } => session.offline(&mut judge, input, names),
        Source::Network { visits, list } => {
            let runtime = net::runtime(NonZeroUsize::MIN).map_err(CannotBegin::Runtime)?;
            let proxies = Proxies::new(&plan.proxy, terminal::variable).map_err(CannotBegin::Proxy)?;
            let roots = if proxies.speak_tls() { judge.anchors.as_ref().map(Anchors::store) } else { None };
            let reach = Reach {
                tls: Tls::new().map_err(CannotBegin::Tls)?,
                proxies,
                names: Resolver::default(),
                roots: Arc::new(roots.unwrap_or_else(RootCertStore::empty)),
            };
            let limits = Limits::new(plan.pace.rate, plan.pace.per_host, plan.pace.concurrency);
            let scan = Scan { reach: &reach, pace: &plan.pace, limits: &limits, done: &done };
            let mut stop = {
                let _within = runtime.enter();
                Stop::listen()
            };
            let work = async |item| judge.of(&scan.item(item, plan.probes.listed).await);
            let outcome = thread::scope(|threads| {
                if let Some(patience) = plan.wait {
                    runtime.block_on(session.wait(scan, &judge, visits, patience, &mut stop, err));
                    return Ok(());
                }
                let named = scan.in_order(visits.clone(), plan.probes.named).map(|found| judge.of(&[found]));
                let mut streams = vec![named.boxed_local()];
                if let Some(list) = list {
                    let lanes = lanes(plan, threads, &work).map_err(CannotBegin::Runtime)?;
                    let lines = scan.list(list, &plan.asking, &work, lanes);
                    let shown = |error| CannotBegin::List { path: list.shown(), why: roots::reason(&error) };
                    streams.push(lines.map_err(shown)?);
                }
                runtime.block_on(session.streams(streams, &mut stop));
                Ok(())
            });
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

/// The threads that a list is dealt to, where the plan has several.
fn lanes<'scope, T: Send + 'scope>(
    plan: &Plan,
    threads: &'scope thread::Scope<'scope, '_>,
    work: &'scope (impl AsyncFn(Item) -> T + Sync),
) -> io::Result<Option<Lanes<Item, T>>> {
    let count = plan.pace.threads;
    if count == NonZeroUsize::MIN { Ok(None) } else { Lanes::begin(threads, count, work).map(Some) }
}

/// Whether a list is checked.
fn is_bulk(plan: &Plan) -> bool {
    matches!(plan.source, Source::Network { list: Some(_), .. })
}

/// Whether something would be left behind, or what is written may be more than a pipe holds.
fn may_be_stuck(plan: &Plan) -> bool {
    let many = matches!(&plan.source, Source::Network { visits, list } if list.is_some() || visits.len() > 1);
    many || !plan.files.is_empty() || plan.summary.is_some()
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

fn done(plan: &Plan) -> Result<Done, CannotBegin> {
    let Some(path) = &plan.resume else { return Ok(Done::default()) };
    let shown = Shown::short(path.as_os_str().as_encoded_bytes());
    resume::load(path, plan.asking.addresses).map_err(|why| CannotBegin::Resume { path: shown, why })
}

/// Ends the program some time after an interrupt that the run itself cannot answer, because it is
/// blocked in writing to a reader that does not read.
#[expect(clippy::disallowed_methods, reason = "a blocked write is left in no other way")]
fn end_if_stuck(progress: Arc<Progress>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    // Before there is a file that would be left behind.
    let mut stop = runtime.block_on(async { Stop::listen() });
    let watch = move || {
        runtime.block_on(async {
            stop.asked().await;
            tokio::time::sleep(GRACE).await;
            // A large document on a slow disk takes its time; a second interrupt does not.
            while progress.is_ending_files() {
                let again = tokio::time::timeout(GRACE, stop.asked()).await;
                if again.is_ok() {
                    break;
                }
            }
            progress.abandon_files();
            let _ = writeln!(io::stderr(), "interrupted: {}", progress.tally());
            std::process::exit(Exit::Interrupted.code().into());
        });
    };
    // Without the thread a first interrupt waits for the reader; nothing else is lost.
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(watch);
}

struct Session<'a> {
    plan: &'a Plan,
    sinks: Sinks<'a>,
}

/// How a stream of visits ended.
#[derive(PartialEq, Eq)]
enum Streamed {
    Through,
    Stopped,
}

impl Session<'_> {
    /// Reports what streams find, one after the other.
    async fn streams(&mut self, streams: Vec<LocalBoxStream<'_, Vec<Report>>>, stop: &mut Stop) {
        for stream in streams {
            if self.stream(stream, stop).await == Streamed::Stopped {
                break;
            }
        }
    }

    /// Asks again until all of a target is ok, or time is up; reports the last answer.
    async fn wait(
        &mut self,
        scan: Scan<'_>,
        judge: &Judge<'_>,
        visits: &[Visit],
        patience: Duration,
        stop: &mut Stop,
        err: &mut dyn Write,
    ) {
        let deadline = Instant::now() + patience;
        for visit in visits {
            let mut pause = FIRST_PAUSE;
            loop {
                // What is under way when time is up is not waited for much longer.
                let left = deadline.saturating_duration_since(Instant::now());
                let pace = Pace { timeout: scan.pace.timeout.min(left.max(SHORTEST_POLL)), ..*scan.pace };
                let poll = Scan { pace: &pace, ..scan };
                let mut found = tokio::select! {
                    biased;
                    () = stop.asked() => {
                        self.sinks.exit = Exit::Interrupted;
                        return;
                    }
                    found = poll.seen(visit.clone(), Probing::Off) => found,
                };
                let mut reports = judge.of(&found);
                let left = deadline.saturating_duration_since(Instant::now());
                if open_of(&reports).is_some() && left < SHORTEST_PAUSE {
                    scan.look_into(&mut found, self.plan.probes.named).await;
                    reports = judge.of(&found);
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
                    () = stop.asked() => {
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
    async fn stream(&mut self, mut stream: LocalBoxStream<'_, Vec<Report>>, stop: &mut Stop) -> Streamed {
        loop {
            let ready = stream.next().now_or_never();
            let reports = if let Some(reports) = ready {
                reports
            } else {
                // Nothing is ready: what was written so far is shown before waiting.
                self.sinks.show();
                if !self.sinks.is_open() {
                    return self.unread(stream).await;
                }
                tokio::select! {
                    biased;
                    () = stop.asked() => {
                        self.sinks.exit = Exit::Interrupted;
                        return Streamed::Stopped;
                    }
                    reports = stream.next() => reports,
                }
            };
            let Some(reports) = reports else { return Streamed::Through };
            if !self.sinks.is_open() {
                // This one was checked and nobody reads it; others were left unchecked.
                self.sinks.exit = self.sinks.exit.merge(Exit::NotObtained);
                return Streamed::Stopped;
            }
            for report in &reports {
                self.sinks.report(report);
            }
        }
    }

    /// Nobody reads any more. What is still under way is not waited for; that it was left unchecked
    /// is told from a stream whose end was just not seen yet.
    async fn unread(&mut self, mut stream: LocalBoxStream<'_, Vec<Report>>) -> Streamed {
        if let Ok(None) = tokio::time::timeout(LAST_LOOK, stream.next()).await {
            return Streamed::Through;
        }
        self.sinks.exit = self.sinks.exit.merge(Exit::NotObtained);
        Streamed::Stopped
    }

    fn offline(&mut self, judge: &mut Judge<'_>, input: &Input, names: &[Asked]) {
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
            judge.anchors = Some(roots::mozilla());
        }
        let seen = Observation::without_visit(Ok(Served { leaf, chain, chain_total }));
        for report in judge.reports(&shown, names, &seen) {
            self.sinks.report(&report);
        }
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
