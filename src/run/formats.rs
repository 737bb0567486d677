//! The format that a plan asks for.

use super::is_bulk;
use crate::cli::FormatArg;
use crate::plan::{Plan, Verbosity};
use crate::report::Format;
use crate::report::csv::Csv;
use crate::report::drawing::{Canvas, Color, Detail};
use crate::report::github::Github;
use crate::report::html::Html;
use crate::report::human::{Charset, Human, Length};
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::markdown::Markdown;
use crate::report::nagios::Nagios;
use crate::report::pem::{Extent, Pem};
use crate::report::prometheus::Prometheus;
use crate::report::sarif::Sarif;
use crate::report::wrap::Width;
use crate::terminal::Terminal;

/// What a file can show: it is read anywhere.
pub(super) const FOR_FILES: Terminal =
    Terminal { color: Color::Plain, width: Width::Unbounded, charset: Charset::Utf8 };

pub(super) fn format(plan: &Plan, format: FormatArg, terminal: Terminal) -> Box<dyn Format> {
    let bulk = is_bulk(plan);
    let verbosity = plan.output.verbosity;
    let detail = if verbosity == Verbosity::Verbose { Detail::Full } else { Detail::Folded };
    match format {
        FormatArg::Json => Box::new(Json::new(detail)),
        FormatArg::Pem => {
            let extent = if verbosity == Verbosity::Verbose { Extent::Chain } else { Extent::Leaf };
            Box::new(Pem { extent, charset: terminal.charset })
        }
        FormatArg::Junit => Box::new(Junit::default()),
        FormatArg::Sarif => Box::new(Sarif::default()),
        FormatArg::Github => Box::new(Github::default()),
        FormatArg::Prometheus => Box::new(Prometheus::default()),
        FormatArg::Nagios => Box::new(Nagios::new(plan.policy.min_days, terminal.charset)),
        FormatArg::Csv => Box::new(Csv),
        FormatArg::Markdown => Box::new(Markdown::default()),
        FormatArg::Html => Box::new(Html::default()),
        FormatArg::Human => Box::new(Human {
            canvas: Canvas { color: terminal.color, width: terminal.width, detail },
            length: match verbosity {
                Verbosity::Quiet => Length::Line,
                Verbosity::Normal if bulk => Length::Line,
                Verbosity::Normal | Verbosity::Verbose => Length::Full,
            },
            charset: terminal.charset,
        }),
    }
}
