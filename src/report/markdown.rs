//! The `markdown` format: a table (GitHub Flavored Markdown, 4.10) for a job's summary, and a line
//! that counts. Lines; nothing is kept but the count.
//!
//! Targets and names stand as code, in which nothing is markup, no address becomes a link and nobody
//! is mentioned; in other texts whatever could be markup is escaped.

use std::io::{self, Write};

use super::drawing::shown_name;
use super::gist::{Tally, Word, lead, target};
use super::line::match_line;
use super::model::{Report, SeverityWord};
use super::{Ending, Format};

/// How many characters of a foreign text a cell shows.
const CELL: usize = 400;

/// The `markdown` format.
#[derive(Debug, Default)]
pub struct Markdown {
    tally: Tally,
}

impl Format for Markdown {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"| result | name | target | why | what to change | valid until | days left |\n\
              | --- | --- | --- | --- | --- | --- | ---: |\n",
        )
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        let certificate = report.certificate.as_ref();
        let cells = [
            match Word::of(report) {
                Word::Ok => "ok".to_owned(),
                word => format!("**{}**", word.text()),
            },
            code(&shown_name(report)),
            code(&target(report)),
            why(report),
            what_to_change(report),
            certificate.map(|c| c.not_after.split('T').next().unwrap_or_default().to_owned()).unwrap_or_default(),
            certificate.map(|c| c.days_left.to_string()).unwrap_or_default(),
        ];
        writeln!(out, "| {} |", cells.join(" | "))
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let word = match ending {
            Ending::Through => "",
            Ending::CutShort => "interrupted: ",
        };
        writeln!(out, "\n{word}{}", self.tally)
    }
}

fn why(report: &Report) -> String {
    match lead(report) {
        Some(lead) if !report.accepted || lead.severity != SeverityWord::Note => {
            format!("{}: {}", code(lead.code), text(&lead.message))
        }
        _ => code(&match_line(report)),
    }
}

/// The first advice; and where the name to add stands in a later one, that too.
fn what_to_change(report: &Report) -> String {
    let Some(lead) = lead(report) else { return String::new() };
    let named = lead.help.iter().position(|help| help.add_san.is_some());
    let told = lead.help.iter().enumerate().filter(|(at, _)| *at == 0 || Some(*at) == named);
    let told = told.map(|(_, help)| match help.what() {
        Some(what) => format!("{}: {}", text(&help.text), code(what)),
        None => text(&help.text),
    });
    told.collect::<Vec<_>>().join("; ")
}

/// A code span: its fence is longer than any run of backticks in it (CommonMark, 6.1), and a pipe is
/// escaped, as a table asks even there (GFM, 4.10).
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = cut(text);
    let run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run + 1);
    let space = if run > 0 || text.trim() != text { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

/// Text in which nothing is markup, a link or a mention. GFM makes links of bare addresses (6.9):
/// of what begins `www.` and of what holds `://`.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let text = cut(text);
    for (at, c) in text.char_indices() {
        let begins_link = match c {
            '.' => text[..at].to_ascii_lowercase().ends_with("www"),
            ':' => text[at..].starts_with("://"),
            _ => false,
        };
        match c {
            // An entity is text and nothing else to every reader; a backslash before these is not.
            '@' | '&' | '<' | '>' | '|' => escaped.extend(["&#", &u32::from(c).to_string(), ";"]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '$' => escaped.extend(['\\', c]),
            _ if begins_link => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("``x`"), "``` ``x` ```");
        assert_eq!(text("<b>@x</b> | www.a"), "&#60;b&#62;&#64;x&#60;/b&#62; &#124; www\\.a");
        assert_eq!(text("https://a *b* [c](d)"), "https\\://a \\*b\\* \\[c\\](d)");
    }
}
