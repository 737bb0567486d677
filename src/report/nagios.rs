//! The `nagios` format: the one line of a monitoring plugin, and its four states. A document: it
//! keeps the count, the worst report and the fewest days left.
//!
//! By the Monitoring Plugins Development Guidelines: the line begins with the state, performance
//! data stands behind `|` (`'label'=value[unit];warn;crit;min;max`), a range `30:` alerts below 30.
//! UNKNOWN is for a check that could not be made at this end; what goes wrong on the way to the
//! server, such as a name that does not resolve or a time-out, is CRITICAL there.

use std::io::{self, Write};

use super::gist::{Tally, seconds, subject};
use super::human::Charset;
use super::line::fact;
use super::model::{Report, SeverityWord, StageWord, VerdictWord};
use super::{Ending, Format};
use crate::diagnosis::Code;
use crate::escape::ascii_only;
use crate::exit::Plugin;

/// How long the text before the performance data may be: Nagios reads 8 KiB of output in all, other
/// programs less of a line.
const TEXT: usize = 1_000;

/// The `nagios` format.
#[derive(Debug)]
pub struct Nagios {
    /// The threshold that goes with the days left.
    min_days: Option<u32>,
    /// In which characters foreign text is shown.
    charset: Charset,
    tally: Tally,
    worst: Option<(Plugin, String)>,
    days_left: Option<i64>,
    longest_ms: Option<u64>,
}

impl Nagios {
    /// Before the first report.
    #[must_use]
    pub fn new(min_days: Option<u32>, charset: Charset) -> Self {
        Self { min_days, charset, tally: Tally::default(), worst: None, days_left: None, longest_ms: None }
    }
}

/// The state of a report.
///
/// WARNING is a certificate that is good in everything but lasts less than `--min-days`; what
/// clients refuse today (expired, untrusted, another name) is CRITICAL.
#[must_use]
pub fn state(report: &Report) -> Plugin {
    let ends_soon = Code::ExpiresSoon.name();
    let only_ends_soon = || {
        let mut errors = report.diagnosis.iter().filter(|found| found.severity == SeverityWord::Error);
        report.validity.reason.as_deref() == Some(ends_soon) && errors.all(|found| found.code == ends_soon)
    };
    match report.verdict {
        VerdictWord::Match if report.accepted => Plugin::Ok,
        VerdictWord::Match if only_ends_soon() => Plugin::Warning,
        VerdictWord::Error if report.error.as_ref().is_some_and(|error| error.stage == StageWord::Input) => {
            Plugin::Unknown
        }
        _ => Plugin::Critical,
    }
}

impl Format for Nagios {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, _: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        let state = state(report);
        if self.worst.as_ref().is_none_or(|(worst, _)| worst.merge(state) != *worst) {
            self.worst = Some((state, told(report, state)));
        }
        let left = report.certificate.as_ref().map(|certificate| certificate.days_left);
        self.days_left = self.days_left.into_iter().chain(left).min();
        let elapsed = report.connection.as_ref().map(|connection| connection.elapsed_ms);
        self.longest_ms = self.longest_ms.into_iter().chain(elapsed).max();
        Ok(())
    }

    fn is_written_at_end(&self) -> bool {
        true
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let (mut state, mut text) = self.worst.take().unwrap_or((Plugin::Unknown, "nothing was checked".to_owned()));
        if ending == Ending::CutShort {
            state = state.merge(Plugin::Unknown);
            text = format!("interrupted: {text}");
        }
        let text = match self.tally.checked() {
            0 | 1 => text,
            _ => format!("{}; {text}", self.tally),
        };
        let line = format!("{} - {} |{}\n", state.word(), tame(&text), self.performance());
        match self.charset {
            Charset::Utf8 => out.write_all(line.as_bytes()),
            Charset::Ascii => out.write_all(ascii_only(&line).as_bytes()),
        }
    }
}

impl Nagios {
    fn performance(&self) -> String {
        let Tally { mismatch, error, not_accepted, .. } = self.tally;
        let counts =
            [("ok", self.tally.accepted()), ("mismatch", mismatch), ("error", error), ("not_accepted", not_accepted)];
        let mut data =
            counts.iter().fold(String::new(), |data, (label, count)| data + &format!(" {label}={count};;;0"));
        if let Some(days) = self.days_left {
            let warn = self.min_days.map(|days| format!("{days}:")).unwrap_or_default();
            data.extend([" days_left=", &days.to_string(), ";", &warn, ";0:"]);
        }
        if let Some(ms) = self.longest_ms {
            data.extend([" time=", &seconds(ms), "s;;;0"]);
        }
        data
    }
}

fn told(report: &Report, state: Plugin) -> String {
    let mut text = format!("{}: {}", subject(report), fact(report));
    if let Some(certificate) = report.certificate.as_ref().filter(|_| state == Plugin::Ok) {
        let days = certificate.days_left.to_string();
        text.extend([", valid until ", &certificate.not_after, " (", &days, " days left)"]);
    }
    text
}

/// `|` would begin the performance data, and a monitor's page may show `<` as it stands; both are
/// escaped as all foreign text is. A long text is cut.
fn tame(text: &str) -> String {
    let mut tame = String::new();
    for letter in text.chars() {
        if tame.len() >= TEXT {
            tame.push('…');
            break;
        }
        match letter {
            '|' => tame.push_str("\\x7c"),
            '<' => tame.push_str("\\x3c"),
            '>' => tame.push_str("\\x3e"),
            _ => tame.push(letter),
        }
    }
    tame
}
