//! The stages, one after the other: arguments, plan, visits, reports, exit code.

mod answer;
mod apart;
mod bar;
mod cannot_begin;
mod file;
mod formats;
mod judge;
mod open_files;
mod screen;
mod session;
mod sinks;
mod standard;
mod stop;
mod stuck;
mod wait;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use clap::Parser;
use futures_util::StreamExt;
use rustls::RootCertStore;

use crate::cli::{Args, FormatArg};
use crate::clients::CLIENTS;
use crate::escape::Shown;
use crate::exit::{Ended, Exit, Plugin};
use crate::files;
use crate::net;
use crate::net::handshake::Tls;
use crate::net::lanes::Lanes;
use crate::net::limits::Limits;
use crate::net::proxy::Proxies;
use crate::net::resolve::Resolver;
use crate::net::scan::{Item, Scan};
use crate::net::visit::Reach;
use crate::plan::{Action, Plan, Source, Verbosity};
use crate::report::{schema, summary};
use crate::resume::{self, Done};
use crate::terminal::{self, Terminal};
use crate::trust::Anchors;
use crate::usage::{self, Caller};
use answer::{complain, explained, print, to_charset};
use apart::{Apart, list_is_not_output};
pub use cannot_begin::CannotBegin;
use formats::{FOR_FILES, format};
use judge::Judge;
use session::Session;
use sinks::{Progress, Sinks};
use stop::Stop;
use stuck::end_if_stuck;

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
        Action::Check(mut plan) => {
            let terminal = Terminal::detect(plan.output.color);
            let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            let progress = Arc::new(Progress::shown());
            if may_be_stuck(&plan) {
                end_if_stuck(progress.clone());
            }
            if is_bulk(&plan) {
                open_files::respect(&mut plan);
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
    list_is_not_output(plan)?;
    let mut apart = Apart::new(plan);
    let mut sinks = Sinks::new(format(plan, plan.output.format, terminal), out, progress);
    for file in &plan.files {
        sinks.add(format(plan, file.format, FOR_FILES), &file.path, "--output", &mut apart)?;
    }
    if let Some(path) = &plan.summary {
        sinks.add(Box::new(summary::AsJson::default()), path, "--summary", &mut apart)?;
    }
    if is_bulk(plan) && plan.output.verbosity != Verbosity::Quiet {
        sinks.summarise();
    }
    let mut judge = Judge::load(plan)?;
    let done = done(plan, err)?;
    sinks.exit = sinks.exit.merge(done.exit());
    sinks.begin();
    let mut session = Session { plan, sinks, earlier: done.reports() };
    match &plan.source {
        Source::Offline { input, names } => session.offline(&mut judge, input, names),
        Source::Network { visits, list } => {
            let runtime = net::runtime(NonZeroUsize::MIN).map_err(CannotBegin::Runtime)?;
            let proxies = Proxies::new(plan, terminal::variable).map_err(CannotBegin::Proxy)?;
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
            progress.draw(plan);
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
                    let shown = |error| CannotBegin::List { path: list.shown(), why: files::reason(&error) };
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

fn done(plan: &Plan, err: &mut dyn Write) -> Result<Done, CannotBegin> {
    let Some(path) = &plan.resume else { return Ok(Done::default()) };
    let shown = Shown::path(path);
    let done = match resume::load(path) {
        Ok(done) => done,
        Err(why) => return Err(CannotBegin::Resume { path: shown, why }),
    };
    if done.is_cut() {
        if standard::is_output(path) {
            let why = "its last line was cut off, and standard output would go on within it: remove that line, or \
                       write to another file";
            return Err(CannotBegin::Resume { path: shown, why: why.to_owned() });
        }
        // What cannot be told costs nothing: that line is checked again.
        let _ = writeln!(
            err,
            "certcheck: the last line of {shown} was cut off: it is checked again, and is to be removed before another \
             output is put behind it"
        );
    }
    Ok(done)
}
