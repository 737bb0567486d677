//! One JSON object a line.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::drawing::Detail;
use super::model::{ChainItem, Report};
use super::{Ending, Format};

/// How long a line may be, its end included, unless everything is asked for: a pipeline that reads
/// a hundred thousand of them is not to be flooded by one certificate.
const MAX_LINE: usize = 64 << 10;
/// What one text is cut to where a line is too long.
const MAX_TEXT: usize = 512;
/// The longest remedy that stays in a line that is too long.
const MAX_FIX: usize = 4 << 10;
/// How many items of a list are left, from try to try, where a line is still too long.
const FEW: [usize; 3] = [8, 2, 1];

/// The `json` format.
#[derive(Debug)]
pub struct Json {
    /// The line that is being made: written at once, since a report is hundreds of small pieces.
    line: Vec<u8>,
    detail: Detail,
}

impl Json {
    /// Lines of at most 64 KiB, or, with [`Detail::Full`], of any length.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { line: Vec::new(), detail }
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::new(Detail::Folded)
    }
}

impl Format for Json {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, report)?;
        if self.line.len() >= MAX_LINE && self.detail == Detail::Folded {
            let shorter = shortened(report)?;
            self.line.clear();
            serde_json::to_writer(&mut self.line, &shorter)?;
        }
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    fn end(&mut self, _: Ending, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn length(value: &impl Serialize) -> io::Result<usize> {
    Ok(serde_json::to_vec(value)?.len())
}

/// By how many bytes a report is too long.
fn over(report: &Report) -> io::Result<usize> {
    Ok((length(report)? + 1).saturating_sub(MAX_LINE))
}

/// The same report within the limit. Long texts are cut, then names are left out from the end of
/// the certificate's list (`san_total` has their number), then long remedies and the ends of other lists.
fn shortened(report: &Report) -> io::Result<Report> {
    let mut short = report.clone();
    for text in texts(&mut short) {
        cut(text);
    }
    let too_long = over(&short)?;
    drop_names(&mut short, too_long)?;
    for few in FEW {
        if over(&short)? == 0 {
            return Ok(short);
        }
        // A script is whole or not there.
        for fix in short.fixes.iter_mut().filter(|fix| fix.text.len() > MAX_FIX) {
            fix.text =
                format!("# {} bytes, left out of a line that is at most 64 KiB long: -v has them\n", fix.text.len());
        }
        short.chain.truncate(few);
        short.diagnosis.truncate(few);
        short.fixes.truncate(few);
        for found in &mut short.diagnosis {
            found.notes.truncate(few);
            found.help.truncate(few);
            found.evidence.truncate(few);
        }
        if let Some(certificate) = &mut short.certificate {
            certificate.common_names.truncate(few);
        }
        if let Some(connection) = &mut short.connection {
            connection.attempts.truncate(few);
        }
        short.references.truncate(few);
    }
    Ok(short)
}

/// Leaves out names until so many bytes are gone, or none is left.
fn drop_names(report: &mut Report, over: usize) -> io::Result<()> {
    let Some(certificate) = &mut report.certificate else { return Ok(()) };
    let mut gone = 0;
    while gone < over
        && let Some(name) = certificate.san.pop()
    {
        gone += length(&name)? + 1;
    }
    Ok(())
}

/// The texts of a report that others wrote, wholly or in part, but for the names.
fn texts(report: &mut Report) -> Vec<&mut String> {
    let Report { diagnosis, certificate, chain, connection, error, .. } = report;
    let mut texts = Vec::new();
    for found in diagnosis {
        texts.push(&mut found.message);
        texts.extend(&mut found.notes);
        texts.extend(found.evidence.iter_mut().map(|evidence| &mut evidence.fact));
        texts.extend(found.help.iter_mut().map(|help| &mut help.text));
    }
    if let Some(certificate) = certificate {
        texts.extend([&mut certificate.subject, &mut certificate.issuer]);
        texts.extend(&mut certificate.common_names);
    }
    for ChainItem { subject, issuer, .. } in chain {
        texts.extend(subject.iter_mut().chain(issuer));
    }
    if let Some(connection) = connection {
        texts.extend(connection.attempts.iter_mut().map(|attempt| &mut attempt.error));
    }
    if let Some(error) = error {
        texts.push(&mut error.message);
        texts.extend(error.help.iter_mut().map(|help| &mut help.text));
    }
    texts
}

/// Cuts a text that is too long, not within an escape, and says how long it was.
fn cut(text: &mut String) {
    if text.len() <= MAX_TEXT {
        return;
    }
    let length = text.len();
    let mut end = (0..=MAX_TEXT).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    if let Some(begin) = text[..end].rfind('\\').filter(|begin| end - begin < 4) {
        end = begin;
    }
    text.truncate(end);
    let _ = write!(text, "… ({length} bytes in all)");
}
