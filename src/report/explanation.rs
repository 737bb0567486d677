//! What `--explain` prints: for people, and as JSON.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use super::drawing::{self, Canvas};
use super::model::DiagnosisItem;
use super::wrap::Width;

/// The kind of this document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ExplanationKind {
    #[default]
    Explanation,
}

/// An explanation of a code, or of a client's error text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explanation {
    /// Always `explanation`.
    pub kind: ExplanationKind,
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The client whose error it is; null for a code.
    pub client: Option<String>,
    /// The code, or what the client calls the error.
    pub identifier: Option<String>,
    /// The name that was wanted; for a code, the example's.
    pub wanted: Option<String>,
    /// The names that the certificate presents; for a code, the example's.
    pub presented: Vec<String>,
    /// What follows from the names.
    pub findings: Vec<DiagnosisItem>,
    /// The first line.
    #[serde(skip)]
    pub heading: String,
    /// What there is to know.
    #[serde(skip)]
    pub text: Vec<String>,
    /// The section of RFC 9525.
    #[serde(skip)]
    pub section: Option<&'static str>,
    /// What to run next.
    #[serde(skip)]
    pub command: Option<String>,
    /// Whether the presented names cover the wanted one.
    #[serde(skip)]
    pub covered: bool,
    /// The names as a report, to be drawn.
    #[serde(skip)]
    pub example: Option<Box<Report>>,
    /// Which clients accept the example.
    #[serde(skip)]
    pub sides: Option<Side>,
}

/// Clients on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Those that accept.
    pub accepting: Vec<&'static str>,
    /// The others.
    pub others: Vec<&'static str>,
}

impl Default for Explanation {
    fn default() -> Self {
        Self {
            kind: ExplanationKind::Explanation,
            version: 1,
            client: None,
            identifier: None,
            wanted: None,
            presented: Vec::new(),
            findings: Vec::new(),
            heading: String::new(),
            text: Vec::new(),
            section: None,
            command: None,
            covered: false,
            example: None,
            sides: None,
        }
    }
}

/// The explanation for people.
#[must_use]
pub fn human(explanation: &Explanation, canvas: Canvas) -> String {
    let mut heading = explanation.heading.clone();
    if let Some(identifier) = explanation.identifier.as_ref().filter(|_| explanation.client.is_some()) {
        let _ = write!(heading, " ({identifier})");
    }
    let mut text = canvas.width.text("", "    ", &heading) + "\n";
    for line in &explanation.text {
        text.push_str(&paragraph(line, "  ", canvas));
    }
    if let Some(section) = explanation.section {
        text.push_str(&paragraph(&format!("RFC 9525, section {section}"), "  ", canvas));
    }
    if let Some(report) = &explanation.example {
        let from = if explanation.client.is_some() { "from the names alone:" } else { "for example:" };
        text.push_str(&paragraph(from, "", canvas));
        if explanation.covered && explanation.client.is_some() {
            let why = "the names in this text cover the name: it was another certificate, or another name, that failed";
            text.push_str(&paragraph(why, "  ", canvas));
        } else if explanation.covered {
            text.push_str(&drawing::findings(&report.diagnosis, canvas));
        } else {
            text.push_str(&drawing::mismatch(report, &[], canvas));
        }
    }
    match &explanation.sides {
        Some(side) if side.accepting.is_empty() => {
            text.push_str(&paragraph("no client that is modelled accepts it", "", canvas));
        }
        Some(side) if side.others.is_empty() => {
            text.push_str(&paragraph("all clients that are modelled accept it", "", canvas));
        }
        Some(side) => {
            text.push_str(&paragraph(&format!("accepted by {}", side.accepting.join(", ")), "", canvas));
            text.push_str(&paragraph(&format!("not accepted by {}", side.others.join(", ")), "", canvas));
        }
        None => {}
    }
    if let Some(command) = &explanation.command {
        let what = "to look at the certificate itself:";
        let line = format!("{what} {command}");
        if canvas.width.holds(&line) {
            text.push_str(&line);
        } else {
            text.push_str(&canvas.width.text("", "", what));
            text.extend(canvas.width.command(2, command).lines().map(|line| format!("\n  {line}")));
        }
        text.push('\n');
    }
    text
}

/// A paragraph, each of its lines with this before it.
fn paragraph(text: &str, before: &str, canvas: Canvas) -> String {
    // Prose is wrapped in files too.
    let width = Width::Terminal(canvas.width.columns().min(100));
    width.text(before, before, text) + "\n"
}
