//! `--output [FORMAT:]FILE`: a file and its format.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{UsageError, wrong_file};
use crate::cli::FormatArg;

/// Which format an ending stands for; a format without one is named.
const ENDINGS: &[(&str, FormatArg)] = &[
    ("txt", FormatArg::Human),
    ("json", FormatArg::Json),
    ("jsonl", FormatArg::Json),
    ("ndjson", FormatArg::Json),
    ("pem", FormatArg::Pem),
    ("xml", FormatArg::Junit),
    ("sarif", FormatArg::Sarif),
    ("prom", FormatArg::Prometheus),
    ("csv", FormatArg::Csv),
    ("md", FormatArg::Markdown),
    ("markdown", FormatArg::Markdown),
    ("html", FormatArg::Html),
    ("htm", FormatArg::Html),
];

/// A file that reports are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOutput {
    /// In which format.
    pub format: FormatArg,
    /// Where; not empty.
    pub path: PathBuf,
}

/// The files of all `--output`, in their order.
pub(super) fn files(texts: &[OsString]) -> Result<Vec<FileOutput>, UsageError> {
    texts.iter().map(|text| parse(text)).collect()
}

/// `--summary FILE`.
pub(super) fn summary(text: Option<&OsString>) -> Result<Option<PathBuf>, UsageError> {
    let Some(text) = text else { return Ok(None) };
    if text.is_empty() || text == "-" {
        return Err(wrong_file("--summary", text, "expected a file; the summary for people goes to standard error"));
    }
    Ok(Some(text.into()))
}

fn parse(text: &OsStr) -> Result<FileOutput, UsageError> {
    let (format, path) = match named(text) {
        Some((format, rest)) => (Some(format), rest),
        None => (None, text.to_owned()),
    };
    if path.is_empty() {
        return Err(wrong_file("--output", text, "expected a file"));
    }
    if path == "-" {
        return Err(wrong_file(
            "--output",
            text,
            "the format of standard output is --format's; ./- is a file of that name",
        ));
    }
    let formats = || FormatArg::value_variants().iter().map(|format| name(*format)).collect::<Vec<_>>().join(", ");
    if let (None, Some(word)) = (format, unknown_word(text)) {
        let why = format!(
            "`{word}` is no format: one of {} is wanted, or ./ before a file whose name has a colon",
            formats()
        );
        return Err(wrong_file("--output", text, why));
    }
    let format = format.or_else(|| of_ending(Path::new(&path))).ok_or_else(|| {
        let endings: Vec<String> = ENDINGS.iter().map(|(ending, _)| format!(".{ending}")).collect();
        let (formats, endings) = (formats(), endings.join(", "));
        let why = format!("its ending is that of no format: one of {endings} is wanted, or FORMAT:FILE with {formats}");
        wrong_file("--output", text, why)
    })?;
    Ok(FileOutput { format, path: path.into() })
}

/// A format before the first colon, and what follows. Anything else there belongs to the path
/// (`C:\report.html`).
fn named(text: &OsStr) -> Option<(FormatArg, OsString)> {
    let colon = text.as_encoded_bytes().iter().position(|byte| *byte == b':')?;
    let word = std::str::from_utf8(&text.as_encoded_bytes()[..colon]).ok()?;
    let format = FormatArg::from_str(word, false).ok()?;
    Some((format, after(text, colon + 1)?))
}

/// A word before the first colon that is meant for a format: nothing but letters, and not the one of a
/// drive.
fn unknown_word(text: &OsStr) -> Option<&str> {
    let bytes = text.as_encoded_bytes();
    let word = std::str::from_utf8(&bytes[..bytes.iter().position(|byte| *byte == b':')?]).ok()?;
    (word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(word)
}

/// What stands behind so many bytes.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a text may not be UTF-8")]
fn after(text: &OsStr, at: usize) -> Option<OsString> {
    use std::os::unix::ffi::OsStrExt;
    Some(OsStr::from_bytes(&text.as_bytes()[at..]).to_owned())
}

#[cfg(not(unix))]
fn after(text: &OsStr, at: usize) -> Option<OsString> {
    text.to_str().map(|text| text[at..].into())
}

fn of_ending(path: &Path) -> Option<FormatArg> {
    // As other tools name a SARIF file.
    if path.file_name()?.to_string_lossy().to_ascii_lowercase().ends_with(".sarif.json") {
        return Some(FormatArg::Sarif);
    }
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, format)| *format)
}

fn name(format: FormatArg) -> String {
    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_named_or_is_that_of_the_ending() {
        for (text, format, path) in [
            ("a.json", FormatArg::Json, "a.json"),
            ("b/a.HTML", FormatArg::Html, "b/a.HTML"),
            ("a.sarif.json", FormatArg::Sarif, "a.sarif.json"),
            ("csv:a.json", FormatArg::Csv, "a.json"),
            ("nagios:state", FormatArg::Nagios, "state"),
            ("json:json:x", FormatArg::Json, "json:x"),
            ("C:\\a.md", FormatArg::Markdown, "C:\\a.md"),
            ("2026-11-27T10:00.md", FormatArg::Markdown, "2026-11-27T10:00.md"),
            ("./json:a.xml", FormatArg::Junit, "./json:a.xml"),
            ("github:/dev/stderr", FormatArg::Github, "/dev/stderr"),
        ] {
            let expected = FileOutput { format, path: path.into() };
            assert_eq!(parse(OsStr::new(text)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_file_or_no_format_is_refused() {
        for text in [
            "",
            "json:",
            "-",
            "json:-",
            "report",
            "report.doc",
            "yaml:a",
            "jnuit:a.xml",
            "JSON:a.json",
            ".json",
            "a.github",
        ] {
            assert!(parse(OsStr::new(text)).is_err(), "{text}");
        }
        let error = parse(OsStr::new("report.doc")).unwrap_err().to_string();
        for known in ["nagios", ".html", "prometheus", ".prom"] {
            assert!(error.contains(known), "{error}");
        }
        assert_eq!(files(&["a.json".into(), "a.csv".into()]).unwrap().len(), 2);
    }
}
