//! `--wait`: asked again until all is ok, or time is up.

use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;

use super::judge::Judge;
use super::session::Session;
use super::stop::Stop;
use crate::diagnosis::failure::seconds;
use crate::exit::Exit;
use crate::net::scan::Scan;
use crate::plan::{Pace, Probing, Visit};
use crate::report::drawing::Color;
use crate::report::{Report, line};

/// The first pause of --wait; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// With less left than this, the answer in hand is the last.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// How long a poll may take that begins when time is nearly up.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

impl Session<'_> {
    /// Asks again until all of a target is ok, or time is up; reports the last answer.
    pub(super) async fn wait(
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
                let pace = Pace { timeout: scan.pace.timeout.min(to_tenths(left.max(SHORTEST_POLL))), ..*scan.pace };
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
                let _ = writeln!(err, "waiting: {} (again in {})", line.trim_end(), seconds(to_tenths(pause_now)));
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
}

/// As it is told: rounded up to tenths of a second.
fn to_tenths(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).div_ceil(100).saturating_mul(100))
}

/// The first report that is not ok.
fn open_of(reports: &[Report]) -> Option<&Report> {
    reports.iter().find(|report| report.drawing.exit != Some(Exit::Ok))
}
