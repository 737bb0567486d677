//! One report in one line.

use anstyle::{AnsiColor, Style};

use super::drawing::{Color, shown_name};
use super::gist::{Word, lead, target};
use super::model::{Connection, Report, TrustWord, VerdictWord};

/// How a word is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// All is well.
    Good,
    /// It is not.
    Bad,
    /// It needs a look.
    Doubtful,
}

/// A word in colour, where there is colour.
#[must_use]
pub fn paint(word: &str, mood: Mood, color: Color) -> String {
    let style = match mood {
        Mood::Good => AnsiColor::Green,
        Mood::Bad => AnsiColor::Red,
        Mood::Doubtful => AnsiColor::Yellow,
    };
    match color {
        Color::Plain => word.to_owned(),
        Color::Ansi => {
            let style = Style::new().bold().fg_color(Some(style.into()));
            format!("{style}{word}{style:#}")
        }
    }
}

/// `ok`, `FAIL`, `ERROR` or `WARN`, the target, and the fact that decides.
#[must_use]
pub fn line(report: &Report, color: Color) -> String {
    let word = Word::of(report);
    let mood = match word {
        Word::Ok => Mood::Good,
        Word::Warn => Mood::Doubtful,
        Word::Fail | Word::Error => Mood::Bad,
    };
    format!("{} {}: {}\n", paint(word.text(), mood, color), target(report), fact(report))
}

/// The fact that decides, with its code.
#[must_use]
pub fn fact(report: &Report) -> String {
    match (report.verdict, lead(report)) {
        (VerdictWord::Error, Some(lead)) => format!("[{}] {}", lead.code, lead.message),
        (VerdictWord::Error, None) => String::new(),
        (VerdictWord::Mismatch, Some(lead)) => {
            format!("not valid for '{}' [{}] {}", shown_name(report), lead.code, lead.message)
        }
        (VerdictWord::Match, Some(lead)) if !report.accepted => {
            format!("{} [{}] {}", match_line(report), lead.code, lead.message)
        }
        _ => match_line(report),
    }
}

/// `www.example.com matches DNS-ID *.example.com`, and whether that is all that was judged.
#[must_use]
pub fn match_line(report: &Report) -> String {
    let name = shown_name(report);
    let not_checked = match report.trust.verdict {
        TrustWord::NotChecked => " (trust not checked)",
        TrustWord::Trusted | TrustWord::Untrusted => "",
    };
    match &report.matched {
        Some(m) => format!("{name} matches {} {}{not_checked}", m.kind.id_name(), m.value),
        None => name,
    }
}

/// Address and port, an IPv6 address in brackets.
#[must_use]
pub fn endpoint(connection: &Connection) -> String {
    match &connection.address {
        Some(address) if address.contains(':') => format!("[{address}]:{}", connection.port),
        Some(address) => format!("{address}:{}", connection.port),
        None => format!("port {}", connection.port),
    }
}
