//! What every format needs of a report: the word for how it ended, the finding that decides, whom
//! it is about, and how many ended how.

use std::borrow::Cow;
use std::fmt;

use super::drawing::shown_name;
use super::model::{ConfidenceWord, DiagnosisItem, HelpItem, Report, SeverityWord, VerdictWord};
use crate::diagnosis::Code;
use crate::exit::Exit;

/// How a report ended, in the word that the line formats use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Exit code 0, without a warning.
    Ok,
    /// Exit code 0, with a warning.
    Warn,
    /// There is no verdict: exit code 3.
    Error,
    /// The name does not match, a required client does not accept it, or clients refuse the
    /// certificate or the connection: exit code 1 or 4.
    Fail,
}

impl Word {
    /// Of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let has_warning = || report.diagnosis.iter().any(|found| found.severity == SeverityWord::Warning);
        match report.verdict {
            VerdictWord::Error => Self::Error,
            VerdictWord::Match if report.accepted && has_warning() => Self::Warn,
            VerdictWord::Match if report.accepted => Self::Ok,
            VerdictWord::Match | VerdictWord::Mismatch => Self::Fail,
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
#[derive(Clone, Debug)]
pub struct Lead<'a> {
    /// The code.
    pub code: &'a str,
    /// The line that carries the facts, and whether it is likely only.
    pub message: Cow<'a, str>,
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
        return Some(Lead { code: &error.code, message: Cow::Borrowed(&error.message), severity, help: &error.help });
    }
    let errors = report.diagnosis.iter().find(|d| d.severity == SeverityWord::Error);
    let found = errors.or(report.diagnosis.first())?;
    Some(Lead { code: &found.code, message: message(found), severity: found.severity, help: &found.help })
}

/// A finding's message as people read it: one that is not certain says so.
#[must_use]
pub fn message(found: &DiagnosisItem) -> Cow<'_, str> {
    match found.confidence {
        ConfidenceWord::Certain => Cow::Borrowed(&found.message),
        ConfidenceWord::Likely => Cow::Owned(format!("{} (likely)", found.message)),
    }
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
    /// Exit code 0, without a warning.
    pub ok: u64,
    /// Exit code 0, with a warning.
    pub warned: u64,
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
            Word::Warn => &mut self.warned,
            Word::Fail if report.exit_code == Exit::NotAccepted.code() => &mut self.not_accepted,
            Word::Fail => &mut self.mismatch,
            Word::Error => &mut self.error,
        };
        *counter += 1;
    }

    /// All of them.
    #[must_use]
    pub fn checked(&self) -> u64 {
        self.accepted() + self.failed() + self.error
    }

    /// Those with exit code 0.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.ok + self.warned
    }

    /// Those with exit code 1 or 4.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.mismatch + self.not_accepted
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ok, warned, error, .. } = self;
        write!(f, "{} checked: {ok} ok, {} FAIL, {error} ERROR, {warned} WARN", self.checked(), self.failed())
    }
}
