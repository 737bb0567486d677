//! The `csv` format: a heading, then a record for each report (RFC 4180, lines that end in LF). Lines;
//! nothing is kept.
//!
//! A spreadsheet takes a cell for a formula that begins with `=`, `+`, `-` or `@` (or their full-width
//! forms). Such a text is given an apostrophe first, which spreadsheets show as text (OWASP, CSV
//! Injection); the same behind a semicolon, which separates fields where a comma is the decimal mark.
//! Numbers are the program's own and stand as they are.

use std::io::{self, Write};

use csv::Writer;

use super::gist::{Word, lead};
use super::model::{ReferenceType, Report, SanType, TrustWord, ValidityWord, VerdictWord};
use super::{Ending, Format};

/// The heading.
pub const COLUMNS: [&str; 28] = [
    "target",
    "name",
    "name_type",
    "result",
    "verdict",
    "accepted",
    "exit_code",
    "code",
    "message",
    "help",
    "add_san",
    "matched",
    "address",
    "port",
    "sni",
    "tls_version",
    "subject",
    "issuer",
    "names",
    "not_before",
    "not_after",
    "days_left",
    "trust",
    "validity",
    "clients_not_accepting",
    "sha256",
    "elapsed_ms",
    "server",
];

/// The `csv` format.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv;

impl Format for Csv {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        record(COLUMNS.map(str::to_owned), out)
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        record(cells(report), out)
    }

    fn end(&mut self, _: Ending, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn record(cells: [String; COLUMNS.len()], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::other)?;
    let line = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(&line)
}

fn cells(report: &Report) -> [String; COLUMNS.len()] {
    let text = |text: &str| harmless(text);
    let reference = report.reference.as_ref();
    let connection = report.connection.as_ref();
    let certificate = report.certificate.as_ref();
    let lead = lead(report);
    let help = lead.as_ref().and_then(|lead| lead.help.first());
    let names = certificate.map(|c| {
        let names: Vec<String> = c.san.iter().take(NAMES).map(|name| written(name.kind, &name.value)).collect();
        let more = c.san_total.saturating_sub(names.len());
        if more == 0 { names.join(" ") } else { format!("{} and {more} more", names.join(" ")) }
    });
    let clients = report.clients.as_ref().map(|c| [&c.reject[..], &c.refuse_name, &c.unreadable].concat().join(" "));
    [
        text(&report.target),
        text(reference.map_or("", |reference| &reference.value)),
        reference.map_or("", |reference| kind(reference.kind)).to_owned(),
        Word::of(report).text().to_owned(),
        match report.verdict {
            VerdictWord::Match => "match",
            VerdictWord::Mismatch => "mismatch",
            VerdictWord::Error => "error",
        }
        .to_owned(),
        report.accepted.to_string(),
        report.exit_code.to_string(),
        lead.as_ref().map_or("", |lead| lead.code).to_owned(),
        text(lead.as_ref().map_or("", |lead| &lead.message)),
        text(help.map_or("", |help| &help.text)),
        text(lead.and_then(|lead| lead.add_san()).unwrap_or_default()),
        text(&report.matched.as_ref().map(|m| written(m.kind, &m.value)).unwrap_or_default()),
        text(connection.and_then(|c| c.address.as_deref()).unwrap_or_default()),
        connection.map(|c| c.port.to_string()).unwrap_or_default(),
        text(connection.and_then(|c| c.sni.as_deref()).unwrap_or_default()),
        text(connection.and_then(|c| c.tls_version.as_deref()).unwrap_or_default()),
        text(certificate.map_or("", |c| &c.subject)),
        text(certificate.map_or("", |c| &c.issuer)),
        text(&names.unwrap_or_default()),
        certificate.map(|c| c.not_before.clone()).unwrap_or_default(),
        certificate.map(|c| c.not_after.clone()).unwrap_or_default(),
        certificate.map(|c| c.days_left.to_string()).unwrap_or_default(),
        match report.trust.verdict {
            TrustWord::Trusted => "trusted",
            TrustWord::Untrusted => "untrusted",
            TrustWord::NotChecked => "not-checked",
        }
        .to_owned(),
        match report.validity.verdict {
            ValidityWord::InTime => "in-time",
            ValidityWord::Expired => "expired",
            ValidityWord::NotYetValid => "not-yet-valid",
            ValidityWord::NotChecked => "not-checked",
        }
        .to_owned(),
        clients.unwrap_or_default(),
        certificate.map(|c| c.sha256.clone()).unwrap_or_default(),
        connection.map(|c| c.elapsed_ms.to_string()).unwrap_or_default(),
        text(report.server.as_deref().unwrap_or_default()),
    ]
}

/// How many names of a certificate a cell lists; a spreadsheet's cell holds 32,767 characters.
const NAMES: usize = 100;

fn written(kind: SanType, value: &str) -> String {
    format!("{}:{value}", kind.prefix())
}

fn kind(kind: ReferenceType) -> &'static str {
    match kind {
        ReferenceType::Dns => "dns",
        ReferenceType::Ip => "ip",
        ReferenceType::Srv => "srv",
        ReferenceType::Uri => "uri",
        ReferenceType::Xmpp => "xmpp",
        ReferenceType::Invalid => "invalid",
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let begins_formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let mut harmless = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        if at_start && begins_formula(c) {
            harmless.push('\'');
        }
        // What stands before it may be trimmed.
        at_start = c == ';' || (at_start && (c.is_whitespace() || c == '"'));
        harmless.push(c);
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_text_is_a_formula() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1-x.example", "'-1-x.example"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "  '=1"),
            ("\"=1", "\"'=1"),
            ("＝1", "'＝1"),
            ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
            ("a; @b", "a; '@b"),
            ("a.example", "a.example"),
            ("DNS:-x=y", "DNS:-x=y"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), expected, "{text}");
        }
    }
}
