//! Reports: what was found, for people and for programs. Imports the rooms above it; `run` hands it
//! finished verdicts, and every text in a report is escaped already.
//!
//! - `model.rs`: the report, which is also the shape of the JSON;
//! - `build.rs`: from facts and verdicts to a report;
//! - `gist.rs`, `line.rs`: what every format needs of a report;
//! - `human.rs`, `json.rs`, `pem.rs`, `junit.rs`, `sarif.rs`, `github.rs`, `prometheus.rs`,
//!   `nagios.rs`, `csv.rs`, `markdown.rs`, `html.rs`: the formats, behind `begin`, `one`, `end`;
//! - `wrap.rs`: lines that fit a terminal;
//! - `summary.rs`: what a whole run came to;
//! - `schema.rs`: the JSON Schema.

pub mod build;
pub mod csv;
pub mod drawing;
pub mod earlier;
pub mod explanation;
pub mod gist;
pub mod github;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod line;
pub mod markdown;
pub mod model;
pub mod nagios;
pub mod pem;
pub mod prometheus;
pub mod sarif;
pub mod schema;
pub mod summary;
pub mod wrap;

use std::io::{self, Write};

pub use model::Report;

/// How a run came to its end. A document that was cut short says so, since it is well-formed all the
/// same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All that was asked for was checked.
    Through,
    /// It was interrupted.
    CutShort,
}

/// A format: reports in, text out. A line format writes each report as it comes; a document format
/// keeps what it can only write at the end.
pub trait Format {
    /// Before the first report.
    ///
    /// # Errors
    /// The writer's.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// One report.
    ///
    /// # Errors
    /// The writer's.
    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()>;

    /// Whether nothing is written before the end: the document can only be made from all reports.
    fn is_written_at_end(&self) -> bool {
        false
    }

    /// After the last.
    ///
    /// # Errors
    /// The writer's.
    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()>;
}
