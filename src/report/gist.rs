//! What every format needs of a report: the word for how it ended, the finding that decides, whom
//! it is about, and how many ended how.

use std::borrow::Cow;
use std::fmt;

use super::drawing::shown_name;
use super::model::{HelpItem, Report, SeverityWord, VerdictWord};
use crate::diagnosis::Code;
use crate::exit::Exit;

/// How a report ended, in the word that the line formats use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// The name matches, and nothing that counts stands against the certificate.
    Ok,
    /// The name matches, and clients would refuse the certificate all the same.
    Warn,
    /// There is no verdict.
    Error,
    /// The name does not match, or a required client does not accept it.
    Fail,
}

impl Word {
    /// Of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        match (report.verdict, report.accepted) {
            (VerdictWord::Error, _) => Self::Error,
            (VerdictWord::Mismatch, _) => Self::Fail,
            (VerdictWord::Match, true) => Self::Ok,
            (VerdictWord::Match, false) if report.exit_code == Exit::Mismatch.code() => Self::Fail,
            (VerdictWord::Match, false) => Self::Warn,
        }
    }

    /// As it is printed.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fail => "FAIL",
        }
    }
}

/// A finding or an error, by its code and its one line.
#[derive(Clone, Copy, Debug)]
pub struct Lead<'a> {
    /// The code.
    pub code: &'a str,
    /// The line that carries the facts.
    pub message: &'a str,
    /// How much it weighs.
    pub severity: SeverityWord,
    /// What to do about it.
    pub help: &'a [HelpItem],
}

impl<'a> Lead<'a> {
    /// The name to add, in whichever help it stands.
    #[must_use]
    pub fn add_san(&self) -> Option<&'a str> {
        self.help.iter().find_map(|help| help.add_san.as_deref())
    }
}

/// What leads: the error, else the first finding that is one, else the first finding.
#[must_use]
pub fn lead(report: &Report) -> Option<Lead<'_>> {
    if let Some(error) = &report.error {
        let severity = SeverityWord::Error;
        return Some(Lead { code: &error.code, message: &error.message, severity, help: &error.help });
    }
    let errors = report.diagnosis.iter().find(|d| d.severity == SeverityWord::Error);
    let found = errors.or(report.diagnosis.first())?;
    Some(Lead { code: &found.code, message: &found.message, severity: found.severity, help: &found.help })
}

/// Milliseconds as seconds, as programs read them: `0.012`.
#[must_use]
pub fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// The code with this name.
#[must_use]
pub fn code(name: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.name() == name)
}

/// The target, and behind it which of its servers it is where it stands for several:
/// `www.example.com:443 (192.0.2.7)`.
#[must_use]
pub fn target(report: &Report) -> Cow<'_, str> {
    placed(&report.target, report.server.as_deref())
}

/// The same of its parts.
#[must_use]
pub fn placed<'a>(target: &'a str, server: Option<&str>) -> Cow<'a, str> {
    match server {
        Some(server) => Cow::Owned(format!("{target} ({server})")),
        None => Cow::Borrowed(target),
    }
}

/// `www.example.com at 192.0.2.7:443`; the target alone where it begins with the name, or where
/// there is none.
#[must_use]
pub fn subject(report: &Report) -> String {
    let name = shown_name(report);
    let rest = report.target.strip_prefix(name.as_str());
    match rest {
        _ if name.is_empty() => target(report).into_owned(),
        Some(rest) if rest.is_empty() || rest.starts_with([':', '@', '/']) => target(report).into_owned(),
        _ => format!("{name} at {}", target(report)),
    }
}

/// Reports by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Exit code 0.
    pub ok: u64,
    /// Exit code 1.
    pub mismatch: u64,
    /// Exit code 3.
    pub error: u64,
    /// Exit code 4.
    pub not_accepted: u64,
}

impl Tally {
    /// Counts a report.
    pub fn count(&mut self, report: &Report) {
        let counter = match Word::of(report) {
            Word::Ok => &mut self.ok,
            Word::Fail => &mut self.mismatch,
            Word::Error => &mut self.error,
            Word::Warn => &mut self.not_accepted,
        };
        *counter += 1;
    }

    /// All of them.
    #[must_use]
    pub fn checked(&self) -> u64 {
        self.ok + self.mismatch + self.error + self.not_accepted
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ok, mismatch, error, not_accepted } = self;
        write!(f, "{} checked: {ok} ok, {mismatch} FAIL, {error} ERROR, {not_accepted} WARN", self.checked())
    }
}
