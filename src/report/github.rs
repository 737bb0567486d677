//! The `github` format: workflow commands of GitHub Actions, an annotation for each report that
//! needs a look, and one that counts. Lines; nothing is kept but the count.
//!
//! `::error title=…::…`, as the runner reads it and as actions/toolkit writes it
//! (`packages/core/src/command.ts`): in a message `%`, CR and LF are escaped, in a property `:` and
//! `,` as well. Every line is a command, so nothing foreign can begin one.

use std::io::{self, Write};

use super::gist::{Tally, lead, subject};
use super::line::fact;
use super::model::SeverityWord;
use super::{Ending, Format, Report};

/// The `github` format.
#[derive(Debug, Default)]
pub struct Github {
    tally: Tally,
}

impl Format for Github {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// An error where the report is not accepted; a warning where it is, and has one.
    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        let Some(lead) = lead(report) else { return Ok(()) };
        let command = match lead.severity {
            _ if !report.accepted => "error",
            SeverityWord::Error | SeverityWord::Warning => "warning",
            SeverityWord::Note => return Ok(()),
        };
        let title = format!("{}: {}", lead.code, subject(report));
        let mut message = if report.accepted { lead.message.clone().into_owned() } else { fact(report) };
        for help in lead.help {
            message.push_str("\nhelp: ");
            message.push_str(&help.text);
            if let Some(what) = help.what() {
                message.push_str(": ");
                message.push_str(what);
            }
        }
        writeln!(out, "::{command} title={}::{}", property(&title), data(&message))
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let word = match ending {
            Ending::Through => "",
            Ending::CutShort => "interrupted: ",
        };
        writeln!(out, "::notice title=certcheck::{}", data(&format!("{word}{}", self.tally)))
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("a%0A\r\n::error::b, c"), "a%250A%0D%0A::error::b, c");
        assert_eq!(property("a: b,c%"), "a%3A b%2Cc%25");
    }
}
