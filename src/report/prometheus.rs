//! The `prometheus` format: the text exposition format 0.0.4, for the textfile collector of
//! node_exporter. A document: all samples of a metric stand together, so those of each target and
//! name are kept until the end.
//!
//! Two samples with the same labels would make the collector refuse the file, so of several reports
//! for one target, name and server (a repeated line) the worst is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::gist::{Tally, seconds};
use super::model::{Report, SeverityWord, VerdictWord};
use super::{Ending, Format};
use crate::exit::Exit;

/// The `prometheus` format.
#[derive(Debug, Default)]
pub struct Prometheus {
    series: BTreeMap<About, Series>,
    tally: Tally,
}

/// What a series' labels say it is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct About {
    target: String,
    name: String,
    /// Of a target that stands for several.
    server: Option<String>,
}

#[derive(Debug)]
struct Series {
    exit: Exit,
    verdict: VerdictWord,
    exit_code: u8,
    period: Option<(i64, i64)>,
    elapsed_ms: Option<u64>,
    findings: Vec<(String, &'static str)>,
}

impl Format for Prometheus {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, _: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        let name = report.reference.as_ref().map(|reference| reference.value.clone()).unwrap_or_default();
        let about = About { target: report.target.clone(), name, server: report.server.clone() };
        let found = Series::of(report);
        match self.series.get(&about) {
            Some(known) if known.exit.merge(found.exit) == known.exit => {}
            _ => drop(self.series.insert(about, found)),
        }
        Ok(())
    }

    fn is_written_at_end(&self) -> bool {
        true
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let mut text = self.text();
        heading(&mut text, "complete", "Whether the run came to its end; 0 where it was interrupted.");
        line(&mut text, "complete", &[], &u8::from(ending == Ending::Through).to_string());
        out.write_all(text.as_bytes())
    }
}

impl Series {
    fn of(report: &Report) -> Self {
        let errors = report.error.iter().map(|error| (error.code.clone(), "error"));
        let findings = report.diagnosis.iter().map(|found| (found.code.clone(), severity(found.severity)));
        let mut findings: Vec<(String, &'static str)> = errors.chain(findings).collect();
        findings.sort();
        findings.dedup();
        Self {
            exit: report.drawing.exit.unwrap_or(Exit::NotObtained),
            verdict: report.verdict,
            exit_code: report.exit_code,
            period: report.drawing.period,
            elapsed_ms: report.connection.as_ref().map(|c| c.elapsed_ms),
            findings,
        }
    }
}

fn severity(severity: SeverityWord) -> &'static str {
    match severity {
        SeverityWord::Error => "error",
        SeverityWord::Warning => "warning",
        SeverityWord::Note => "note",
    }
}

impl Prometheus {
    fn text(&self) -> String {
        let verdicts =
            [(VerdictWord::Match, "match"), (VerdictWord::Mismatch, "mismatch"), (VerdictWord::Error, "error")];
        let verdict = |series: &Series| {
            let sample = |(verdict, word): &(VerdictWord, &str)| {
                (vec![("verdict", (*word).to_owned())], u8::from(series.verdict == *verdict).to_string())
            };
            verdicts.iter().map(sample).collect()
        };
        let code = |(code, severity): &(String, &str)| {
            (vec![("code", code.clone()), ("severity", (*severity).to_owned())], "1".to_owned())
        };
        let mut text = String::new();
        self.metric(
            &mut text,
            "verdict",
            "Which verdict there is on the name (RFC 9525): 1 for one of the three.",
            verdict,
        );
        self.metric(&mut text, "accepted", "Whether name, trust and time are accepted.", |series| {
            alone(Some(u8::from(series.exit == Exit::Ok).to_string()))
        });
        self.metric(&mut text, "exit_code", "The exit code of the target and name alone.", |series| {
            alone(Some(series.exit_code.to_string()))
        });
        self.metric(
            &mut text,
            "finding",
            "A finding, or the error of a target without a certificate, by its code.",
            |s| s.findings.iter().map(code).collect(),
        );
        self.metric(&mut text, "not_before_timestamp_seconds", "First second of the certificate.", |series| {
            alone(series.period.map(|(first, _)| first.to_string()))
        });
        self.metric(&mut text, "not_after_timestamp_seconds", "Last second of the certificate.", |series| {
            alone(series.period.map(|(_, last)| last.to_string()))
        });
        self.metric(&mut text, "duration_seconds", "From name lookup to certificate, or to failure.", |series| {
            alone(series.elapsed_ms.map(seconds))
        });
        let Tally { mismatch, error, not_accepted, .. } = self.tally;
        let ok = self.tally.accepted();
        heading(&mut text, "reports", "Reports of the run, by how they ended.");
        for (word, count) in [("ok", ok), ("mismatch", mismatch), ("error", error), ("not-accepted", not_accepted)] {
            line(&mut text, "reports", &[("ended", word)], &count.to_string());
        }
        text
    }

    /// A metric with its samples; none at all where no target has one.
    fn metric(&self, text: &mut String, name: &str, help: &str, samples: impl Fn(&Series) -> Vec<Sample>) {
        let mut begun = false;
        for (about, series) in &self.series {
            for (labels, value) in samples(series) {
                if !begun {
                    heading(text, name, help);
                    begun = true;
                }
                let mut all = vec![("target", about.target.as_str()), ("name", about.name.as_str())];
                all.extend(about.server.as_ref().map(|server| ("server", server.as_str())));
                all.extend(labels.iter().map(|(name, value)| (*name, value.as_str())));
                line(text, name, &all, &value);
            }
        }
    }
}

/// More labels, and the value.
type Sample = (Vec<(&'static str, String)>, String);

fn alone(value: Option<String>) -> Vec<Sample> {
    value.map(|value| (Vec::new(), value)).into_iter().collect()
}

fn heading(text: &mut String, name: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = write!(text, "# HELP certcheck_{name} {help}\n# TYPE certcheck_{name} gauge\n");
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: &str) {
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", label(value))).collect();
    let braced = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(text, "certcheck_{name}{braced} {value}");
}

/// A label's value: `\`, `"` and the end of a line are escaped, all else of UTF-8 stands.
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
