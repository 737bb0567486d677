//! One JSON object a line.

use std::io::{self, Write};

use super::{Ending, Format, Report};

/// The `json` format.
#[derive(Debug, Default)]
pub struct Json {
    /// The line that is being made: written at once, since a report is hundreds of small pieces.
    line: Vec<u8>,
}

impl Format for Json {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, report)?;
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    fn end(&mut self, _: Ending, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
