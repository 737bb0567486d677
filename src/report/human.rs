//! The `human` format: first the verdict, then the fact that decides it, then what to do.

use std::io::{self, Write};

use super::drawing::{self, Canvas, Color, Detail};
use super::line;
use super::model::{Connection, DiagnosisItem, Report, SeverityWord, SideWord, VerdictWord};
use super::wrap::Width;
use super::{Ending, Format};
use crate::clients::CLIENTS;
use crate::escape::ascii_only;

/// The `human` format.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    /// How findings are drawn.
    pub canvas: Canvas,
    /// A line or a drawing for each report.
    pub length: Length,
    /// What the terminal can show.
    pub charset: Charset,
}

/// How long a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// One line.
    Line,
    /// The diagnosis in full.
    Full,
}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ASCII alone.
    Ascii,
}

impl Format for Human {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let text = self.text(report);
        match self.charset {
            Charset::Utf8 => out.write_all(text.as_bytes()),
            Charset::Ascii => out.write_all(ascii_only(&text).as_bytes()),
        }
    }

    fn end(&mut self, _: Ending, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl Human {
    /// A report as it is printed where there is UTF-8.
    #[must_use]
    pub fn text(&self, report: &Report) -> String {
        let text = match self.length {
            Length::Line => line::line(report, self.canvas.color),
            Length::Full => self.full(report),
        };
        text + &fixes(report, self.canvas.width)
    }

    /// The diagnosis, and what to type: what a format with a table of clients of its own shows.
    #[must_use]
    pub fn diagnosis(&self, report: &Report) -> String {
        self.drawn(report) + &fixes(report, self.canvas.width)
    }

    fn drawn(&self, report: &Report) -> String {
        match report.verdict {
            VerdictWord::Error => drawing::error(report, &error_notes(report), self.canvas),
            VerdictWord::Mismatch => drawing::mismatch(report, &served(report), self.canvas),
            VerdictWord::Match => self.matched(report),
        }
    }

    fn full(&self, report: &Report) -> String {
        let mut text = self.drawn(report);
        text.push_str(&clients_table(report, self.canvas.width));
        if self.canvas.detail == Detail::Full {
            text.push_str(&details(report, self.canvas.width));
        }
        text
    }

    /// A match that is accepted is one line first; one that is not begins with the reason.
    fn matched(&self, report: &Report) -> String {
        let (errors, others): (Vec<DiagnosisItem>, Vec<DiagnosisItem>) =
            report.diagnosis.iter().cloned().partition(|d| d.severity == SeverityWord::Error);
        let mut text = drawing::findings(&errors, self.canvas);
        let beginning = if errors.is_empty() {
            line::paint("ok", line::Mood::Good, self.canvas.color) + ": "
        } else {
            "the name matches: ".to_owned()
        };
        let width = self.canvas.width;
        text.push_str(&width.text(&beginning, "    ", &line::match_line(report)));
        text.push('\n');
        for note in served(report) {
            text.push_str(&width.text("  ", "    ", &note));
            text.push('\n');
        }
        text.push_str(&drawing::findings(&others, self.canvas));
        text
    }
}

/// Where the certificate came from, who issued it, how long it lasts.
fn served(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(connection) = &report.connection {
        lines.push(served_by(connection));
    }
    if let Some(c) = &report.certificate {
        let left = match c.days_left {
            1 => "1 day left".to_owned(),
            n if n >= 0 => format!("{n} days left"),
            _ => "over".to_owned(),
        };
        lines.push(format!("issued by {}; valid until {} ({left})", c.issuer, c.not_after));
    }
    lines
}

fn served_by(connection: &Connection) -> String {
    let mut text = format!("served by {}", line::endpoint(connection));
    if let Some(domain) = &connection.exchanger_of {
        text.push_str(", mail exchanger of ");
        text.push_str(domain);
        text.push_str(" (as a sending server checks it: RFC 8461, 4.1)");
    }
    if let Some(proxy) = &connection.proxy {
        text.push_str(" through ");
        text.push_str(proxy);
    }
    if let Some(protocol) = &connection.starttls {
        text.push_str(", STARTTLS of ");
        text.push_str(protocol);
    }
    if let Some(version) = &connection.tls_version {
        text.push_str(", ");
        text.push_str(version);
    }
    match &connection.sni {
        Some(sni) => {
            text.push_str(", SNI ");
            text.push_str(sni);
        }
        None => text.push_str(", without SNI"),
    }
    text
}

fn error_notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let names_it = |value: &str| report.target.split(['@', ':', '/', '[', ']']).any(|part| part == value);
    let target = match &report.reference {
        Some(reference)
            if !names_it(&reference.value) && !report.target.contains(&format!("[{}]", reference.value)) =>
        {
            format!("checking '{}' at {}", reference.value, report.target)
        }
        _ => format!("checking {}", report.target),
    };
    notes.push(target);
    if let Some(connection) = &report.connection {
        for attempt in connection.attempts.iter().take(8) {
            notes.push(format!("{}: {}", attempt.address, attempt.error));
        }
        if connection.attempts.len() > 8 {
            notes.push(format!("and {} more addresses", connection.attempts.len() - 8));
        }
    }
    notes
}

/// What to type, below a line that says for what; unindented, so that it can be taken as it stands. Of
/// its lines the comments alone may be broken.
fn fixes(report: &Report, width: Width) -> String {
    report.fixes.iter().fold(String::new(), |text, fix| {
        let heading = match fix.side {
            SideWord::Server => "to mend the server with",
            SideWord::Client => "to connect until then with",
        };
        let heading = width.text("", "", &format!("{heading} {}:", fix.tool));
        let lines = fix.text.lines().map(|line| match line.strip_prefix("# ") {
            Some(comment) => width.text("# ", "# ", comment) + "\n",
            None => line.to_owned() + "\n",
        });
        text + &format!("\n{heading}\n\n{}", lines.collect::<String>())
    })
}

/// Each client that was asked for: what it does, and why not where it does not accept.
fn clients_table(report: &Report, width: Width) -> String {
    let Some(clients) = &report.clients else { return String::new() };
    let lists = [
        (&clients.accept, "accepts"),
        (&clients.reject, "rejects"),
        (&clients.refuse_name, "takes no such name"),
        (&clients.unreadable, "cannot read the certificate"),
    ];
    CLIENTS.iter().fold(String::new(), |table, client| {
        let answer = lists.iter().find(|(ids, _)| ids.contains(&client.id)).map(|(_, word)| *word);
        let reason = clients.reasons.get(client.id).copied();
        let (id, below) = (format!("  {:<18} ", client.id), "        ");
        match (answer, reason) {
            (Some(word), Some(why)) => table + &width.text(&id, below, &format!("{word}: {why}")) + "\n",
            (Some(word), None) if report.drawing.told.contains(&client.id) => {
                table + &width.text(&id, below, word) + "\n"
            }
            _ => table,
        }
    })
}

/// With `-v`: the whole certificate, the chain, the connection.
fn details(report: &Report, width: Width) -> String {
    let mut lines: Vec<(&str, String)> = Vec::new();
    if let Some(c) = &report.connection {
        lines.push(("target", report.target.clone()));
        lines.push(("address", line::endpoint(c)));
        lines.extend(c.proxy.clone().map(|v| ("proxy", v)));
        lines.extend(c.starttls.clone().map(|v| ("starttls", v)));
        lines.extend(c.tls_version.clone().map(|v| ("version", v)));
        lines.extend(c.cipher_suite.clone().map(|v| ("suite", v)));
        lines.extend(c.key_exchange.clone().map(|v| ("group", v)));
        lines.extend(c.attempts.iter().map(|a| ("tried", format!("{}: {}", a.address, a.error))));
        lines.push(("elapsed", format!("{} ms", c.elapsed_ms)));
        lines.extend(report.drawing.probes.iter().map(|probe| ("probe", probe.clone())));
    }
    if let Some(c) = &report.certificate {
        lines.push(("subject", c.subject.clone()));
        lines.push(("issuer", c.issuer.clone()));
        lines.push(("serial", c.serial.clone()));
        lines.push(("valid", format!("{} to {}", c.not_before, c.not_after)));
        lines.push(("key", c.public_key.clone()));
        lines.push(("signature", c.signature_algorithm.clone()));
        lines.push(("sha256", c.sha256.clone()));
        let names = drawing::san_lines(c);
        let more = c.san_total.saturating_sub(names.len().min(1_000));
        lines.extend(names.into_iter().take(1_000).map(|n| ("name", n)));
        if more > 0 {
            lines.push(("name", format!("and {more} more")));
        }
    }
    for item in &report.chain {
        lines.push(("chain", item.subject.clone().unwrap_or_else(|| "a certificate that cannot be parsed".to_owned())));
    }
    if report.chain_total > report.chain.len() {
        lines.push(("chain", format!("and {} more", report.chain_total - report.chain.len())));
    }
    lines.iter().fold(String::new(), |text, (key, value)| {
        let first = format!("  {key:<10}");
        // A name may hold blanks, and is not broken.
        let width = if *key == "name" { Width::Unbounded } else { width };
        text + &width.text(&first, &" ".repeat(first.len()), value) + "\n"
    })
}

impl Default for Human {
    fn default() -> Self {
        let canvas = Canvas { color: Color::Plain, width: Width::Unbounded, detail: Detail::Folded };
        Self { canvas, length: Length::Full, charset: Charset::Utf8 }
    }
}
