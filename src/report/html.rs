//! The `html` format: one page that needs nothing beside it, from the templates of `page/`
//! (askama, which escapes whatever is put in). A row for each report, written as it comes; nothing is
//! kept but the count, which stands at the end of the page and is shown at its top.
//!
//! The page may run the one script and the one style that it holds, by their hashes (CSP level 3,
//! 2.3.1), and load nothing: even a text that got past the escaping would be inert.

use std::borrow::Cow;
use std::io::{self, Write};

use askama::Template;
use data_encoding::BASE64;
use ring::digest::{SHA256, digest};

use super::drawing::shown_name;
use super::gist::{Tally, Word, lead, subject, target};
use super::human::Human;
use super::line::match_line;
use super::model::Report;
use super::{Ending, Format};
use crate::clients::CLIENTS;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The `html` format.
#[derive(Debug, Default)]
pub struct Html {
    tally: Tally,
}

#[derive(Template)]
#[template(path = "head.html", config = "src/report/page/askama.toml")]
struct Head {
    style: &'static str,
    style_hash: String,
    script_hash: String,
    version: &'static str,
}

#[derive(Template)]
#[template(path = "row.html", config = "src/report/page/askama.toml")]
struct Row<'a> {
    word: &'static str,
    class: &'static str,
    rank: u8,
    name: String,
    target: Cow<'a, str>,
    code: &'a str,
    message: String,
    days: String,
    issuer: &'a str,
    subject: String,
    summary: &'static str,
    drawing: String,
    accepting: usize,
    clients: Vec<Answer>,
}

struct Answer {
    id: &'static str,
    version: &'static str,
    says: &'static str,
    class: &'static str,
    why: &'static str,
}

#[derive(Template)]
#[template(path = "foot.html", config = "src/report/page/askama.toml")]
struct Foot {
    tally: Tally,
    ending: Ending,
    version: &'static str,
    script: &'static str,
}

impl Format for Html {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let head = Head {
            style: STYLE,
            style_hash: hash(STYLE),
            script_hash: hash(SCRIPT),
            version: env!("CARGO_PKG_VERSION"),
        };
        write(&head, out)
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.tally.count(report);
        write(&row(report), out)
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        write(&Foot { tally: self.tally, ending, version: env!("CARGO_PKG_VERSION"), script: SCRIPT }, out)
    }
}

fn write(template: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    // The template's last line ends where its file does.
    let text = template.render().map_err(io::Error::other)? + "\n";
    out.write_all(text.as_bytes())
}

/// As a source in a policy names an inline script or style: the hash of the text between its tags.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref()))
}

fn row(report: &Report) -> Row<'_> {
    let word = Word::of(report);
    let (class, rank, summary) = match word {
        Word::Ok => ("ok", 0, "Certificate and clients"),
        Word::Warn => ("warn", 1, "Diagnosis and clients"),
        Word::Error => ("error", 2, "Diagnosis"),
        Word::Fail => ("fail", 3, "Diagnosis and clients"),
    };
    let certificate = report.certificate.as_ref();
    let lead = lead(report);
    let clients = clients(report);
    Row {
        word: word.text(),
        class,
        rank,
        name: shown_name(report),
        target: target(report),
        code: lead.as_ref().map_or("", |lead| lead.code),
        message: lead.map_or_else(|| match_line(report), |lead| lead.message.into_owned()),
        days: certificate.map(|c| c.days_left.to_string()).unwrap_or_default(),
        issuer: certificate.map_or("", |c| &c.issuer),
        subject: subject(report),
        summary,
        drawing: Human::default().diagnosis(report),
        accepting: clients.iter().filter(|client| client.class == ACCEPTS).count(),
        clients,
    }
}

const ACCEPTS: &str = "accepts";

/// What each client says, and why not.
fn clients(report: &Report) -> Vec<Answer> {
    let Some(answers) = &report.clients else { return Vec::new() };
    let lists = [
        (&answers.accept, "accepts", ACCEPTS),
        (&answers.reject, "rejects", "rejects"),
        (&answers.refuse_name, "takes no such name", "rejects"),
        (&answers.unreadable, "cannot read the certificate", "rejects"),
    ];
    let answer = |client: &'static crate::clients::Client| {
        let (_, says, class) = lists.iter().find(|(ids, ..)| ids.contains(&client.id))?;
        let why = report.drawing.reasons.get(client.id).copied().unwrap_or_default();
        Some(Answer { id: client.id, version: client.version, says, class, why })
    };
    CLIENTS.iter().filter_map(answer).collect()
}
