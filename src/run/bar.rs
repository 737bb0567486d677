//! How far a list is, drawn on standard error where that is a terminal.

use std::fmt::Write;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::Path;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use super::screen::Screen;
use crate::files;
use crate::plan::{Input, Plan, Source, Verbosity};
use crate::report::gist::Tally;

/// The largest list whose lines are counted beforehand, in bytes.
const COUNTED: u64 = 64 << 20;
/// How often it is drawn when nothing happens.
const TICK: Duration = Duration::from_millis(500);

/// A line on a terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    /// Whether reports go to the same terminal.
    shared: bool,
}

impl Bar {
    /// One for a list, where standard error is a terminal and something is to be said there.
    pub(super) fn new(plan: &Plan) -> Option<Self> {
        let Source::Network { list: Some(list), visits } = &plan.source else { return None };
        if plan.output.verbosity == Verbosity::Quiet || !std::io::stderr().is_terminal() {
            return None;
        }
        let names = plan.asking.names.len().max(1) as u64;
        let total = match list {
            Input::Stdin => None,
            Input::File(path) => lines(path).map(|lines| lines * names + visits.len() as u64),
        };
        let bar = ProgressBar::with_draw_target(total, Screen::target());
        let template = match total {
            Some(_) => "{pos}/{len} checked, {rate}, {msg}{left}",
            None => "{pos} checked, {rate}, {msg}",
        };
        // The templates are fixed; one that were wrong would be drawn in the library's own style.
        if let Ok(style) = ProgressStyle::with_template(template) {
            // What cannot be drawn costs nothing.
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                let _ = out.write_str(&rate(state.per_sec()));
            };
            let left = |state: &ProgressState, out: &mut dyn Write| {
                let _ = out.write_str(&left(state.pos(), state.eta()));
            };
            bar.set_style(style.with_key("rate", rate).with_key("left", left));
        }
        bar.set_message(message(&Tally::default()));
        bar.enable_steady_tick(TICK);
        Some(Self { bar, shared: std::io::stdout().is_terminal() })
    }

    /// One more report.
    pub(super) fn one(&self, tally: &Tally) {
        self.bar.set_message(message(tally));
        self.bar.inc(1);
    }

    /// Writes what may go to the same terminal.
    pub(super) fn around<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.shared { self.bar.suspend(write) } else { write() }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn message(tally: &Tally) -> String {
    format!("{} FAIL, {} ERROR", tally.failed(), tally.error)
}

/// As precise as an estimate is: `367/s`, and below ten `9.5/s`.
fn rate(per_second: f64) -> String {
    // What would be rounded to 10.0 is 10.
    if per_second < 9.95 { format!("{per_second:.1}/s") } else { format!("{per_second:.0}/s") }
}

/// How long the rest takes; nothing while nothing is done that it could be told from.
fn left(done: u64, estimate: Duration) -> String {
    if done == 0 { String::new() } else { format!(", {:#} left", HumanDuration(estimate)) }
}

/// The lines of a regular file that are targets; none where it cannot be read twice.
fn lines(path: &Path) -> Option<u64> {
    let about = path.metadata().ok()?;
    if !about.is_file() || about.len() > COUNTED {
        return None;
    }
    let file = files::open(path).ok()?;
    let lines = BufReader::new(file.take(COUNTED)).split(b'\n');
    let is_target = |line: &Vec<u8>| !line.trim_ascii().is_empty() && !line.trim_ascii().starts_with(b"#");
    u64::try_from(lines.map_while(Result::ok).filter(is_target).count()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{left, rate};

    #[test]
    fn time_left_is_told_from_what_is_done() {
        assert_eq!(left(0, Duration::ZERO), "");
        assert_eq!(left(1, Duration::from_secs(8)), ", 8s left");
        assert_eq!(left(400, Duration::ZERO), ", 0s left");
    }

    #[test]
    fn rates_are_rounded() {
        for (per_second, shown) in [
            (0.0, "0.0/s"),
            (0.04, "0.0/s"),
            (0.25, "0.2/s"),
            (9.94, "9.9/s"),
            (9.96, "10/s"),
            (10.4, "10/s"),
            (366.8302, "367/s"),
            (12345.6, "12346/s"),
        ] {
            assert_eq!(rate(per_second), shown);
        }
    }
}
