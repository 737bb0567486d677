//! A report in every output format, and what must hold of each.

use certcheck::report::drawing::{Canvas, Color, Detail};
use certcheck::report::human::{self as format, Charset, Length};
use certcheck::report::json::Json;
use certcheck::report::pem::{Extent, Pem};
use certcheck::report::wrap::Width;
use certcheck::report::{Ending, Format, Report};
use proptest::prelude::*;

use crate::formats;
use crate::support::pem_of;

/// The settings of the `human` format.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    pub color: Color,
    pub width: usize,
    pub detail: Detail,
    pub length: Length,
    pub charset: Charset,
}

impl Default for Human {
    fn default() -> Self {
        Self { color: Color::Plain, width: 80, detail: Detail::Folded, length: Length::Full, charset: Charset::Utf8 }
    }
}

/// The report for people.
pub fn human(report: &Report, with: Human) -> String {
    let Human { color, width, detail, length, charset } = with;
    written(
        report,
        &mut format::Human { canvas: Canvas { color, width: Width::Terminal(width), detail }, length, charset },
    )
}

/// The report as JSON.
pub fn json(report: &Report) -> String {
    written(report, &mut Json::default())
}

/// The leaf.
pub fn pem_leaf(report: &Report) -> String {
    written(report, &mut Pem { extent: Extent::Leaf, charset: Charset::Utf8 })
}

/// A document of this report alone.
pub fn written(report: &Report, format: &mut dyn Format) -> String {
    let mut out = Vec::new();
    format.begin(&mut out).unwrap();
    format.one(report, &mut out).unwrap();
    format.end(Ending::Through, &mut out).unwrap();
    String::from_utf8(out).expect("output is UTF-8")
}

/// Whether every output format keeps what others wrote in its place.
pub fn check(report: &Report) -> Result<(), TestCaseError> {
    for length in [Length::Full, Length::Line] {
        for detail in [Detail::Folded, Detail::Full] {
            for width in [20, 40, 200] {
                check_human(report, Human { width, detail, length, ..Human::default() })?;
            }
        }
    }
    check_json(report)?;
    check_pem(report)?;
    formats::check(report)
}

/// The same for the formats that show the most.
pub fn check_some(report: &Report) -> Result<(), TestCaseError> {
    check_human(report, Human { detail: Detail::Full, ..Human::default() })?;
    check_json(report)?;
    check_pem(report)?;
    formats::check(report)
}

fn check_human(report: &Report, plain: Human) -> Result<(), TestCaseError> {
    let text = human(report, plain);
    check_characters(&text)?;
    prop_assert!(text.ends_with('\n'), "{:?}", text);
    for line in text.lines() {
        prop_assert!(is_ours(line, plain.length), "a line that is not ours: {:?}\n{}", line, text);
    }
    if plain.length == Length::Line {
        prop_assert_eq!(text.lines().count(), 1);
    }
    let coloured = human(report, Human { color: Color::Ansi, ..plain });
    prop_assert_eq!(without_colour(&coloured), text.as_str());
    let ascii = human(report, Human { charset: Charset::Ascii, ..plain });
    prop_assert!(ascii.is_ascii());
    check_characters(&ascii)?;
    prop_assert_eq!(ascii.lines().count(), text.lines().count());
    Ok(())
}

fn check_json(report: &Report) -> Result<(), TestCaseError> {
    let text = json(report);
    check_characters(&text)?;
    prop_assert_eq!(text.matches('\n').count(), 1);
    prop_assert!(text.ends_with('\n'));
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
    // A backslash and its letter in JSON would be a character here.
    check_strings(&value)
}

fn check_strings(value: &serde_json::Value) -> Result<(), TestCaseError> {
    match value {
        serde_json::Value::String(text) => {
            prop_assert!(!text.contains('\n'), "{:?}", text);
            check_characters(text)
        }
        serde_json::Value::Array(values) => values.iter().try_for_each(check_strings),
        serde_json::Value::Object(fields) => fields.values().try_for_each(check_strings),
        _ => Ok(()),
    }
}

fn check_pem(report: &Report) -> Result<(), TestCaseError> {
    for (extent, most) in [(Extent::Leaf, 1), (Extent::Chain, usize::MAX)] {
        let text = written(report, &mut Pem { extent, charset: Charset::Utf8 });
        check_characters(&text)?;
        let certificates = report.drawing.certificates.iter().take(most);
        let expected: String = certificates.map(|der| pem_of(der, "CERTIFICATE")).collect();
        if expected.is_empty() {
            prop_assert!(text.starts_with("# ") && text.lines().count() == 1, "{:?}", text);
        } else {
            prop_assert_eq!(text, expected);
        }
    }
    Ok(())
}

pub fn check_characters(text: &str) -> Result<(), TestCaseError> {
    if let Some(line) = text.lines().find(|line| is_executed(line)) {
        return Err(TestCaseError::fail(format!("a CI runner executes this line: {line:?}")));
    }
    match text.chars().find(|&c| c != '\n' && is_harmful(c)) {
        Some(c) => Err(TestCaseError::fail(format!("{c:?} in {text:?}"))),
        None => Ok(()),
    }
}

/// Whether a CI runner takes a line of a log for a command, by the grammar of each: GitHub's
/// (`ActionCommand.cs`: `TryParse` finds `##[` anywhere, `TryParseV2` wants `::` at the beginning and
/// again further on), Azure Pipelines' (`Command.cs`: `TryParse` finds `##vso[` anywhere; `##[` formats a
/// line) and TeamCity's (`##teamcity[`). What our own `github` format writes begins with one of three.
fn is_executed(line: &str) -> bool {
    let anywhere = ["##[", "##vso[", "##teamcity["].iter().any(|prefix| line.contains(prefix));
    let ours = ["::error title=", "::warning title=", "::notice title="];
    let begun = line.trim_start().strip_prefix("::");
    let is_command = |rest: &str| rest.contains("::") && rest.starts_with(|c: char| c.is_ascii_alphabetic());
    anywhere || begun.is_some_and(is_command) && !ours.iter().any(|begin| line.starts_with(begin))
}

/// Controls, format characters (Unicode's Cf, which has all that change direction), and what ends
/// lines. Written out, so that it does not lean on the tables that the program uses.
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The text without the sequences that set colours (`ESC [ numbers m`); any other escape stays.
pub fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let numbers = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match numbers.strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.extend(["\u{1b}[", part]),
        }
    }
    plain
}

/// Whether a line begins as lines of the `human` format do.
fn is_ours(line: &str, length: Length) -> bool {
    // Where the first word does not fit behind it, a beginning is a line of its own.
    let line = &format!("{line} ");
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if length == Length::Line {
        return begins(&["ok ", "FAIL ", "ERROR ", "WARN "]);
    }
    let headline = ["HostnameMismatchError[", "error[", "warning[", "note[", "help: ", "ok: ", "the name matches: "];
    let drawn = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
    let drawing = ["|", "--> ", "= note: ", "= help: ", "+ "];
    begins(&headline)
        || begins(&["  served by ", "  issued by "])
        || drawing
            .iter()
            .any(|mark| drawn.starts_with(mark) && line.starts_with(|c: char| c == ' ' || c.is_ascii_digit()))
        || line == "... "
        // What was broken goes on below its beginning, and nothing of ours begins there.
        || line.starts_with("    ")
        || DETAILS.iter().any(|key| line.starts_with(&format!("  {key:<10}")) || *line == format!("  {key} "))
}

/// The keys of the list that `-v` adds.
const DETAILS: [&str; 16] = [
    "target",
    "address",
    "version",
    "suite",
    "group",
    "tried",
    "elapsed",
    "subject",
    "issuer",
    "serial",
    "valid",
    "key",
    "signature",
    "sha256",
    "name",
    "chain",
];
