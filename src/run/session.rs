//! One run's reports, from the streams that find them to the exit code.

use std::io::Write;
use std::time::Duration;

use futures_util::stream::LocalBoxStream;
use futures_util::{FutureExt, StreamExt};

use super::answer::not_written;
use super::is_bulk;
use super::judge::Judge;
use super::sinks::{Reader, Sinks};
use super::stop::Stop;
use crate::assess::without_observation;
use crate::evidence::{Failure, Observation, Served};
use crate::exit::{Exit, Plugin};
use crate::identity::Asked;
use crate::plan::{Input, Plan, TrustPlan};
use crate::report::Report;
use crate::roots;
use crate::trust::MAX_CHAIN;

/// How long the end of a stream may take once nobody reads what it finds.
const LAST_LOOK: Duration = Duration::from_millis(100);

pub(super) struct Session<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sinks: Sinks<'a>,
    /// The reports that an earlier output holds.
    pub(super) earlier: usize,
}

/// How a stream of visits ended.
#[derive(PartialEq, Eq)]
enum Streamed {
    Through,
    Stopped,
}

impl Session<'_> {
    /// Reports what streams find, one after the other.
    pub(super) async fn streams(&mut self, streams: Vec<LocalBoxStream<'_, Vec<Report>>>, stop: &mut Stop) {
        for stream in streams {
            if self.stream(stream, stop).await == Streamed::Stopped {
                break;
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

    /// Judges a certificate file.
    pub(super) fn offline(&mut self, judge: &mut Judge<'_>, input: &Input, names: &[Asked]) {
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
    pub(super) fn finish(self, err: &mut dyn Write) -> (Exit, Plugin) {
        let bulk = is_bulk(self.plan);
        let (exit, tally) = (self.sinks.exit, self.sinks.progress.tally());
        let interrupted = exit == Exit::Interrupted;
        let lines = match self.sinks.summary() {
            Some(summary) => {
                let mut lines = summary.lines();
                if self.plan.resume.is_some() {
                    let reports = if self.earlier == 1 { "report" } else { "reports" };
                    lines.push(format!(
                        "{} {reports} stood in the earlier output: not asked again, but part of the exit code",
                        self.earlier
                    ));
                }
                lines
            }
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
            // Nothing was checked, so nothing is well.
            None if written.reader == Reader::Stayed
                && bulk
                && tally.checked() == 0
                && !interrupted
                && self.earlier == 0 =>
            {
                let (what, code) = match self.plan.resume {
                    None => ("the list holds no target", Exit::Usage),
                    Some(_) => ("neither the earlier output nor the list holds anything", Exit::NotObtained),
                };
                let _ = writeln!(err, "certcheck: {what}, so nothing was checked");
                code
            }
            None => exit,
        };
        (exit, written.plugin)
    }
}
