//! The `sarif` format: SARIF 2.1.0 (OASIS), as code scanning reads it. A document: it keeps every
//! result, and the codes seen, since each of them is a rule.
//!
//! A result is a finding, or the error of a report without a verdict; a report that has neither
//! leaves none. Its location is the target: logical, by name and target, and physical, because some
//! readers place nothing without a URI.

use std::io::{self, Write};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, LogicalLocation, Message, MultiformatMessageString, PhysicalLocation,
    PropertyBag, Region, ReportingConfiguration, ReportingDescriptor, Result as Found, ResultLevel, Run, Sarif as Log,
    Tool, ToolComponent,
};

use super::gist::{Tally, code, subject};
use super::model::{HelpItem, SeverityWord};
use super::{Ending, Format, Report};
use crate::diagnosis::{Code, Severity};

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The `sarif` format.
#[derive(Debug, Default)]
pub struct Sarif {
    rules: Vec<String>,
    results: Vec<Found>,
    tally: Tally,
}

impl Format for Sarif {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, _: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        if let Some(error) = &report.error {
            self.add(report, &error.code, SeverityWord::Error, &error.message, &[], &error.help);
        }
        for found in &report.diagnosis {
            self.add(report, &found.code, found.severity, &found.message, &found.notes, &found.help);
        }
        Ok(())
    }

    fn is_written_at_end(&self) -> bool {
        true
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let driver = ToolComponent::builder()
            .name("certcheck")
            .version(env!("CARGO_PKG_VERSION"))
            .semantic_version(env!("CARGO_PKG_VERSION"))
            .rules(self.rules.iter().map(|name| rule(name)).collect::<Vec<_>>())
            .build();
        let tally = json!({
            "checked": self.tally.checked(), "ok": self.tally.accepted(), "mismatch": self.tally.mismatch,
            "error": self.tally.error, "notAccepted": self.tally.not_accepted,
        });
        let run = Run::builder()
            .tool(Tool::builder().driver(driver).build())
            .invocations([Invocation::builder().execution_successful(ending == Ending::Through).build()])
            .column_kind("unicodeCodePoints")
            .properties(bag([("reports", tally)]))
            .results(std::mem::take(&mut self.results))
            .build();
        let log = Log::builder().schema(SCHEMA).version("2.1.0").runs([run]).build();
        serde_json::to_writer_pretty(&mut *out, &log)?;
        out.write_all(b"\n")
    }
}

impl Sarif {
    fn add(
        &mut self,
        report: &Report,
        code: &str,
        severity: SeverityWord,
        message: &str,
        notes: &[String],
        help: &[HelpItem],
    ) {
        let index = self.rules.iter().position(|known| known == code).unwrap_or_else(|| {
            self.rules.push(code.to_owned());
            self.rules.len() - 1
        });
        let mut text = format!("{}: {message}", subject(report));
        for line in notes.iter().cloned().chain(help.iter().map(told)) {
            text.push('\n');
            text.push_str(&line);
        }
        self.results.push(
            Found::builder()
                .rule_id(code)
                .rule_index(i64::try_from(index).unwrap_or(-1))
                .level(match severity {
                    SeverityWord::Error => ResultLevel::Error,
                    SeverityWord::Warning => ResultLevel::Warning,
                    SeverityWord::Note => ResultLevel::Note,
                })
                .message(Message::builder().text(plain(&text)).build())
                .locations([location(report)])
                .properties(properties(report))
                .build(),
        );
    }
}

fn told(help: &HelpItem) -> String {
    match help.what() {
        Some(what) => format!("help: {}: {what}", help.text),
        None => format!("help: {}", help.text),
    }
}

/// The text of a message: braces are doubled, since a single one begins a placeholder (3.11.5), and
/// what would be a link is none (3.11.6): nobody's name leads a reader anywhere.
fn plain(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

/// `wildcard-depth` as `WildcardDepth`, as names of rules are written (3.49.7).
fn pascal_case(name: &str) -> String {
    let capitalised = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('-').map(capitalised).collect()
}

fn rule(name: &str) -> ReportingDescriptor {
    let Some(code) = code(name) else { return ReportingDescriptor::builder().id(name).build() };
    let level = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    ReportingDescriptor::builder()
        .id(name)
        .name(pascal_case(code.name()))
        .short_description(text(&sentence(code)))
        .full_description(text(code.explanation()))
        .help(text(code.explanation()))
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .build()
}

/// The line of a code as a sentence, which readers show as a title.
fn sentence(code: Code) -> String {
    let mut letters = code.summary().chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

fn location(report: &Report) -> Location {
    // A target has no lines; some readers place nothing without one.
    let whole = Region::builder().start_line(1).end_line(1).build();
    let artifact = ArtifactLocation::builder().uri(uri(&report.target)).build();
    Location::builder()
        .physical_location(PhysicalLocation::builder().artifact_location(artifact).region(whole).build())
        .logical_locations([LogicalLocation::builder().fully_qualified_name(subject(report)).kind("resource").build()])
        .build()
}

/// A target as a relative reference (RFC 3986, 4.2): only unreserved characters and `/` stay, so a
/// colon makes no scheme, and a file of `--cert` is its own path.
fn uri(target: &str) -> String {
    target.bytes().fold(String::new(), |uri, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            uri + &char::from(byte).to_string()
        }
        _ => uri + &format!("%{byte:02X}"),
    })
}

fn properties(report: &Report) -> PropertyBag {
    bag([
        ("target", json!(report.target)),
        ("server", json!(report.server)),
        ("name", json!(report.reference.as_ref().map(|reference| &reference.value))),
        ("verdict", json!(report.verdict)),
        ("accepted", json!(report.accepted)),
        ("exitCode", json!(report.exit_code)),
        ("notAfter", json!(report.certificate.as_ref().map(|certificate| &certificate.not_after))),
        ("sha256", json!(report.certificate.as_ref().map(|certificate| &certificate.sha256))),
    ])
}

fn bag<const N: usize>(pairs: [(&str, Value); N]) -> PropertyBag {
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    PropertyBag::builder().additional_properties(pairs).build()
}
