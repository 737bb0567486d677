//! The `junit` format: a test suite with a test case for each report, as CI servers read it.
//! A document: it keeps a case for each report, since the suite begins with their number.
//!
//! Exit codes 1 and 4 are a failure (the check ran, and the certificate is not as it should be), 3
//! is an error (the check could not be made): the difference that JUnit draws between the two.
//! Escaped by quick-junit, which drops what XML 1.0 has no way to write; nothing of that kind is
//! left in a report.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::drawing::shown_name;
use super::gist::{Tally, Word, lead, placed};
use super::human::Human;
use super::{Ending, Format, Report};

/// The `junit` format.
#[derive(Debug)]
pub struct Junit {
    suite: TestSuite,
    tally: Tally,
}

impl Default for Junit {
    fn default() -> Self {
        Self { suite: TestSuite::new("certcheck"), tally: Tally::default() }
    }
}

impl Format for Junit {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, _: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        self.suite.add_test_case(case(report));
        Ok(())
    }

    fn is_written_at_end(&self) -> bool {
        true
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let mut suite = std::mem::replace(&mut self.suite, TestSuite::new("certcheck"));
        if ending == Ending::CutShort {
            suite.add_property(Property::new("interrupted", "true"));
        }
        suite.set_system_out(self.tally.to_string());
        let mut document = quick_junit::Report::new("certcheck");
        document.add_test_suite(suite);
        let text = document.to_string().map_err(io::Error::other)?;
        out.write_all(text.as_bytes())
    }
}

fn case(report: &Report) -> TestCase {
    let kind = match Word::of(report) {
        Word::Ok | Word::Warn => None,
        Word::Fail => Some(NonSuccessKind::Failure),
        Word::Error => Some(NonSuccessKind::Error),
    };
    let status = match kind {
        None => TestCaseStatus::success(),
        Some(kind) => {
            let mut status = TestCaseStatus::non_success(kind);
            if let Some(lead) = lead(report) {
                status.set_type(lead.code).set_message(lead.message.into_owned());
            }
            status.set_description(Human::default().text(report));
            status
        }
    };
    let name = shown_name(report);
    let name = if name.is_empty() { &report.target } else { &name };
    // A CI server tells cases apart by class and name.
    let mut case = TestCase::new(placed(name, report.server.as_deref()), status);
    case.set_classname(report.target.as_str());
    if let Some(connection) = &report.connection {
        case.set_time(Duration::from_millis(connection.elapsed_ms));
    }
    if kind.is_none() {
        case.set_system_out(Human::default().text(report));
    }
    case
}
