//! Reports: what was found, for people and for programs. Imports the rooms above it; `run` hands it
//! finished verdicts, and every text in a report is escaped already.
//!
//! - `model.rs`: the report, which is also the shape of the JSON;
//! - `build.rs`: from facts and verdicts to a report;
//! - `human.rs`, `json.rs`, `pem.rs`: the formats, behind `begin`, `one`, `end`;
//! - `wrap.rs`: lines that fit a terminal;
//! - `schema.rs`: the JSON Schema.

pub mod build;
pub mod drawing;
pub mod explanation;
pub mod human;
pub mod json;
pub mod line;
pub mod model;
pub mod pem;
pub mod schema;
pub mod wrap;

use std::io::{self, Write};

pub use model::Report;

/// A format: reports in, text out.
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

    /// After the last.
    ///
    /// # Errors
    /// The writer's.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}
