//! What must hold of a report in the formats that programs read: what others wrote stays where it was
//! put, by the grammar of each.

use std::sync::LazyLock;

use certcheck::report::csv::{COLUMNS, Csv};
use certcheck::report::github::Github;
use certcheck::report::html::Html;
use certcheck::report::human::Charset;
use certcheck::report::junit::Junit;
use certcheck::report::markdown::Markdown;
use certcheck::report::nagios::Nagios;
use certcheck::report::prometheus::Prometheus;
use certcheck::report::sarif::Sarif;
use certcheck::report::{Format, Report};
use proptest::prelude::*;
use regex::Regex;

use crate::outputs::{check_characters, written};

/// Every one of them.
pub fn check(report: &Report) -> Result<(), TestCaseError> {
    junit(report)?;
    sarif(report)?;
    github(report)?;
    prometheus(report)?;
    nagios(report)?;
    csv(report)?;
    markdown(report)?;
    html(report)
}

/// The text, in which nothing moves a cursor or turns text around.
fn text(report: &Report, mut format: impl Format) -> Result<String, TestCaseError> {
    let text = written(report, &mut format);
    check_characters(&text)?;
    prop_assert!(text.ends_with('\n'), "{}", text);
    Ok(text)
}

fn failed(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn junit(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Junit::default())?;
    let read = quick_junit::Report::deserialize_from_str(&text).map_err(failed)?;
    prop_assert_eq!((read.tests, read.test_suites.len(), read.test_suites[0].test_cases.len()), (1, 1, 1));
    let case = &read.test_suites[0].test_cases[0];
    prop_assert_eq!(case.classname.as_ref().map(quick_junit::XmlString::as_str), Some(report.target.as_str()));
    for tag in tags(text.split_once("?>").unwrap().1) {
        prop_assert!(JUNIT.is_match(tag), "{}", tag);
    }
    Ok(())
}

fn sarif(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Sarif::default())?;
    let log: serde_json::Value = serde_json::from_str(&text).map_err(failed)?;
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        prop_assert_eq!(&run["tool"]["driver"]["rules"][rule]["id"], &result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        prop_assert!(URI.is_match(uri), "{}", uri);
        let message = result["message"]["text"].as_str().unwrap();
        check_characters(message)?;
        prop_assert!(!message.contains("]("), "{}", message);
        let without = message.replace("{{", "").replace("}}", "");
        prop_assert!(!without.contains(['{', '}']), "{}", message);
    }
    Ok(())
}

fn github(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Github::default())?;
    prop_assert!(text.lines().count() <= 2, "{}", text);
    for line in text.lines() {
        prop_assert!(COMMAND.is_match(line), "{}", line);
    }
    Ok(())
}

fn prometheus(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Prometheus::default())?;
    for line in text.lines() {
        prop_assert!(
            line.starts_with("# HELP certcheck_") || line.starts_with("# TYPE certcheck_") || SAMPLE.is_match(line),
            "{}",
            line
        );
    }
    Ok(())
}

fn nagios(report: &Report) -> Result<(), TestCaseError> {
    for charset in [Charset::Utf8, Charset::Ascii] {
        let text = text(report, Nagios::new(Some(30), charset))?;
        prop_assert!(PLUGIN.is_match(&text) && text.len() < 8_192, "{}", text);
        prop_assert!(charset == Charset::Utf8 || text.is_ascii(), "{}", text);
    }
    Ok(())
}

fn csv(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Csv)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().map_err(failed)?;
    prop_assert_eq!(records.len(), 1);
    prop_assert_eq!(records[0].len(), COLUMNS.len());
    for (column, cell) in COLUMNS.iter().zip(&records[0]) {
        prop_assert!(*column == "days_left" || !FORMULA.is_match(cell), "{}: {}", column, cell);
    }
    Ok(())
}

fn markdown(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Markdown::default())?;
    let lines: Vec<&str> = text.lines().collect();
    prop_assert_eq!(lines.len(), 5);
    let row = lines[2];
    let bars = row.match_indices('|').filter(|(at, _)| !row[..*at].ends_with('\\'));
    prop_assert_eq!(bars.count(), 8);
    let plain = outside_code(row).replace("**", "");
    prop_assert!(!plain.contains(['<', '>', '[', ']', '*', '_', '@', '`', '~']), "{}\n{}", plain, row);
    prop_assert!(!plain.contains("://") && !plain.to_ascii_lowercase().contains("www."), "{}", plain);
    prop_assert!(ENTITY.replace_all(&plain, "").matches('&').count() == 0, "{}", plain);
    Ok(())
}

/// A row without its code spans (CommonMark 6.1) with a dot for what a backslash stands
/// before.
fn outside_code(row: &str) -> String {
    let (mut plain, mut rest) = (String::new(), row);
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            plain.push('·');
            rest = rest[1..].get(rest[1..].chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        } else if c == '`' {
            let run = rest.len() - rest.trim_start_matches('`').len();
            let fence = &rest[..run];
            let inside = &rest[run..];
            let end = inside
                .match_indices(fence)
                .find(|(at, _)| !inside[..*at].ends_with('`') && !inside[at + run..].starts_with('`'));
            let Some((end, _)) = end else { return format!("{plain}`") };
            rest = &inside[end + run..];
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    plain
}

fn html(report: &Report) -> Result<(), TestCaseError> {
    let text = text(report, Html::default())?;
    let (from, to) = (text.find("<tbody role").unwrap(), text.rfind("<p id=\"none\"").unwrap());
    let rows = &text[from..to];
    for tag in tags(rows) {
        prop_assert!(TAG.is_match(tag), "{}", tag);
    }
    prop_assert_eq!(rows.matches("class=\"report ").count(), 1);
    let between = LOOSE.replace_all(rows, "");
    prop_assert!(!between.contains(['<', '>', '"', '\'']), "{}", between);
    Ok(())
}

/// From each `<` to the next `>`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').map(|(at, _)| &text[at..text[at..].find('>').map_or(text.len(), |end| at + end + 1)])
}

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).unwrap());)*
    };
}

patterns! {
    JUNIT = r#"^</?(testsuites|testsuite|testcase|failure|error|system-out)( [a-z]+="[^"<]*")*/?>$"#;
    URI = "^[A-Za-z0-9._~/%-]*$";
    COMMAND = "^::(error|warning|notice) title=[^:,]+::[^\r]*$";
    SAMPLE = r#"^certcheck_[a-z_]+(\{[a-z]+="([^"\\]|\\["\\])*"(,[a-z]+="([^"\\]|\\["\\])*")*\})? -?[0-9.]+$"#;
    PLUGIN = r"^(OK|WARNING|CRITICAL|UNKNOWN) - [^|<>\n]+\|[^|<>\n]+\n$";
    FORMULA = r#"(^|;)[\s"]*[=+@＝＋－＠-]"#;
    ENTITY = "&#[0-9]+;";
    TAG = r#"^</?(tbody|thead|tr|td|th|span|code|details|summary|pre|table|caption|p)( [a-z-]+="[^"<>]*")*>$"#;
    LOOSE = r#"</?[a-z]+( [a-z-]+="[^"<>]*")*>"#;
}
