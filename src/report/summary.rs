//! What a whole run came to: how many ended how and why, which targets were slow, which
//! certificates end soon and which serve many. Bounded whatever the length of a list. As lines for
//! people, and as one JSON object (`kind: "summary"`), which is a format like the others.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::gist::{Tally, lead, placed};
use super::{Ending, Format, Report};
use crate::exit::Exit;

/// How many targets and certificates are named.
const NAMED: usize = 5;
/// How many distinct certificates are told apart; further ones are only counted, once a report.
const CERTIFICATES: usize = 4_096;

/// A certificate's SHA-256.
type Fingerprint = [u8; 32];

fn fingerprint(hex: &str) -> Option<Fingerprint> {
    let mut bytes = Fingerprint::default();
    HEXLOWER.decode_mut(hex.as_bytes(), &mut bytes).ok()?;
    Some(bytes)
}

/// What is known of a run so far.
#[derive(Debug, Default)]
pub struct Summary {
    tally: Tally,
    codes: BTreeMap<String, u64>,
    slowest: Vec<Slow>,
    ends_soonest: Vec<EndsSoon>,
    certificates: HashMap<Fingerprint, u64>,
    beyond: u64,
}

/// A target that took its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Slow {
    elapsed_ms: Reverse<u64>,
    target: String,
    /// Of a target that stands for several.
    server: Option<String>,
}

/// A certificate that ends soon, and where it was seen first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct EndsSoon {
    days_left: i64,
    not_after: String,
    sha256: String,
    target: String,
    server: Option<String>,
}

#[derive(Serialize)]
struct CodeCount<'a> {
    code: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct Serving {
    sha256: String,
    reports: u64,
}

#[derive(Serialize)]
struct Certificates {
    distinct: usize,
    /// Reports whose certificate is one too many to be told apart.
    not_told_apart: u64,
    most_seen: Vec<Serving>,
}

#[derive(Serialize)]
struct Whole<'a> {
    kind: &'static str,
    version: u8,
    cut_short: bool,
    checked: u64,
    ok: u64,
    mismatch: u64,
    error: u64,
    not_accepted: u64,
    codes: Vec<CodeCount<'a>>,
    slowest: &'a [Slow],
    ends_soonest: &'a [EndsSoon],
    certificates: Certificates,
}

/// Puts an item into a short sorted list, where it belongs there.
fn insert<T: Ord>(list: &mut Vec<T>, item: T) {
    let at = list.partition_point(|other| *other <= item);
    if at < NAMED {
        list.insert(at, item);
        list.truncate(NAMED);
    }
}

impl Summary {
    /// Takes a report into account.
    pub fn add(&mut self, report: &Report) {
        let exit = report.drawing.exit.unwrap_or(Exit::NotObtained);
        self.tally.count(report);
        if exit != Exit::Ok
            && let Some(lead) = lead(report)
        {
            match self.codes.get_mut(lead.code) {
                Some(count) => *count += 1,
                None => drop(self.codes.insert(lead.code.to_owned(), 1)),
            }
        }
        if let Some(connection) = &report.connection {
            let elapsed_ms = Reverse(connection.elapsed_ms);
            if self.slowest.len() < NAMED || self.slowest.last().is_some_and(|last| elapsed_ms < last.elapsed_ms) {
                let slow = Slow { elapsed_ms, target: report.target.clone(), server: report.server.clone() };
                insert(&mut self.slowest, slow);
            }
        }
        let Some(certificate) = &report.certificate else { return };
        let Some(sha256) = fingerprint(&certificate.sha256) else { return };
        let room = self.certificates.len() < CERTIFICATES;
        match self.certificates.get_mut(&sha256) {
            Some(count) => *count += 1,
            None if room => {
                self.certificates.insert(sha256, 1);
                insert(
                    &mut self.ends_soonest,
                    EndsSoon {
                        days_left: certificate.days_left,
                        not_after: certificate.not_after.clone(),
                        sha256: certificate.sha256.clone(),
                        target: report.target.clone(),
                        server: report.server.clone(),
                    },
                );
            }
            None => self.beyond += 1,
        }
    }

    fn codes(&self) -> Vec<CodeCount<'_>> {
        let mut codes: Vec<_> = self.codes.iter().map(|(code, count)| CodeCount { code, count: *count }).collect();
        codes.sort_by_key(|code| Reverse(code.count));
        codes
    }

    fn certificates(&self) -> Certificates {
        let mut most: Vec<_> = Vec::new();
        for (sha256, reports) in &self.certificates {
            insert(&mut most, (Reverse(*reports), sha256));
        }
        let most =
            most.into_iter().map(|(reports, sha256)| Serving { sha256: HEXLOWER.encode(sha256), reports: reports.0 });
        let most = most.collect();
        Certificates { distinct: self.certificates.len(), not_told_apart: self.beyond, most_seen: most }
    }

    /// Lines for people; the first has how many ended how.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.tally.to_string()];
        let list = |texts: Vec<String>| texts.join(", ");
        let codes: Vec<String> =
            self.codes().iter().take(NAMED).map(|code| format!("{} {}", code.code, code.count)).collect();
        if !codes.is_empty() {
            let more = self.codes.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(", and {more} more codes") };
            lines.push(format!("why: {}{more}", list(codes)));
        }
        if self.tally.checked() < 2 {
            return lines;
        }
        if !self.slowest.is_empty() {
            let slow = self.slowest.iter();
            let slow = slow.map(|s| format!("{} {} ms", placed(&s.target, s.server.as_deref()), s.elapsed_ms.0));
            lines.push(format!("slowest: {}", list(slow.collect())));
        }
        if !self.ends_soonest.is_empty() {
            let ends = self.ends_soonest.iter().map(|soon| {
                let target = placed(&soon.target, soon.server.as_deref());
                match soon.days_left {
                    1 => format!("{target} in 1 day"),
                    days if days >= 0 => format!("{target} in {days} days"),
                    _ => format!("{target} is over"),
                }
            });
            lines.push(format!("certificates that end soonest: {}", list(ends.collect())));
        }
        let certificates = self.certificates();
        if certificates.distinct > 0 {
            let most = certificates.most_seen.iter().filter(|one| one.reports > 1);
            let most = most.map(|one| format!("{} {}", one.sha256.get(..8).unwrap_or_default(), one.reports));
            let most = match list(most.collect()) {
                none if none.is_empty() => none,
                most => format!("; reports of the commonest: {most}"),
            };
            let beyond = match certificates.not_told_apart {
                0 => String::new(),
                more => format!(" and those of {more} more reports"),
            };
            lines.push(format!("distinct certificates: {}{beyond}{most}", certificates.distinct));
        }
        lines
    }

    /// How many ended how.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// The summary as a format: one JSON object at the end.
#[derive(Debug, Default)]
pub struct AsJson(Summary);

impl Format for AsJson {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, report: &Report, _: &mut dyn Write) -> io::Result<()> {
        self.0.add(report);
        Ok(())
    }

    fn end(&mut self, ending: Ending, out: &mut dyn Write) -> io::Result<()> {
        let summary = &self.0;
        let whole = Whole {
            kind: "summary",
            version: 1,
            cut_short: ending == Ending::CutShort,
            checked: summary.tally.checked(),
            ok: summary.tally.accepted(),
            mismatch: summary.tally.mismatch,
            error: summary.tally.error,
            not_accepted: summary.tally.not_accepted,
            codes: summary.codes(),
            slowest: &summary.slowest,
            ends_soonest: &summary.ends_soonest,
            certificates: summary.certificates(),
        };
        serde_json::to_writer(&mut *out, &whole)?;
        out.write_all(b"\n")
    }
}
