//! What an earlier output already holds. Of each report sixteen bytes are kept: the beginning of
//! the SHA-256 of its target, its name and its server.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use ring::digest::{Context, SHA256};
use serde::de::IgnoredAny;

use crate::escape::Shown;
use crate::exit::Exit;
use crate::files::{self, reason};
use crate::plan::Visit;
use crate::report::earlier::EarlierReport;

/// The longest line that is read; a report is shorter.
const MAX_LINE: u64 = 64 << 20;

type Key = [u8; 16];

/// What some editors put before UTF-8.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// The reports of an earlier run.
#[derive(Debug, Default)]
pub struct Done {
    /// Sorted.
    keys: Vec<Key>,
    /// Of its reports.
    exit: Option<Exit>,
    end: End,
}

/// How an earlier output ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Whole,
    CutOff,
}

/// Where a target stands for several servers, each is a report of its own.
fn key(target: &str, typed: &str, server: &str) -> Key {
    let mut context = Context::new(&SHA256);
    for part in [target, typed, server] {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    let mut key = Key::default();
    key.copy_from_slice(&context.finish().as_ref()[..16]);
    key
}

/// Reads an earlier output, one JSON object a line. A last line without its end was cut
/// off, and is no report.
///
/// # Errors
/// Where it cannot be read, or a line before the last is not a report of certcheck.
pub fn load(path: &Path) -> Result<Done, String> {
    let mut exit: Option<Exit> = None;
    let mut reader = BufReader::new(files::open(path).map_err(|e| reason(&e))?);
    let mut keys = Vec::new();
    let mut line = Vec::new();
    let mut number = 0u64;
    let mut end = End::Whole;
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(|e| reason(&e))?;
        if read == 0 {
            break;
        }
        number += 1;
        if number == 1 && line.starts_with(BOM) {
            line.drain(..BOM.len());
        }
        if line.last() != Some(&b'\n') {
            end = End::CutOff;
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = EarlierReport::<IgnoredAny>::from_line(&line).map_err(|why| format!("line {number}: {why}"))?;
        if let Some(report) = read {
            let typed = report.reference.as_ref().map_or("", |r| &r.typed);
            keys.push(key(&report.target, typed, report.server.as_deref().unwrap_or_default()));
            exit = Some(exit.unwrap_or(Exit::Ok).merge(report.exit));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Done { keys, exit, end })
}

impl Done {
    /// The exit code of the reports that it holds: the whole list's is that of both parts.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit.unwrap_or(Exit::Ok)
    }

    /// How many it holds.
    #[must_use]
    pub fn reports(&self) -> usize {
        self.keys.len()
    }

    /// Whether its last line was cut off.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.end == End::CutOff
    }

    fn has(&self, target: &Shown, typed: &str, server: &str) -> bool {
        self.keys.binary_search(&key(target.as_str(), typed, server)).is_ok()
    }

    /// The names of a visit that are still to be asked; none where all are done.
    #[must_use]
    pub fn left(&self, mut visit: Visit) -> Option<Visit> {
        let (shown, server) = (visit.shown.clone(), visit.server.clone().unwrap_or_default());
        visit.names.retain(|asked| !self.has(&shown, asked.typed().shown().as_str(), server.as_str()));
        (!visit.names.is_empty()).then_some(visit)
    }

    /// Whether a line that is no target was reported before.
    #[must_use]
    pub fn has_line(&self, shown: &Shown) -> bool {
        self.has(shown, "", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_no_report() {
        let folder = std::env::temp_dir().join(format!("certcheck-resume-{}", std::process::id()));
        let report = |target: &str, typed: &str| {
            format!(
                r#"{{"kind":"check","version":1,"target":"{target}","reference":{{"value":"{typed}","typed":"{typed}"}},
                "verdict":"match","accepted":true,"exit_code":0,"more":[1]}}"#
            )
            .replace('\n', " ")
        };
        for (text, targets) in [
            (String::new(), Some(&[][..])),
            (report("a.test", "a.test"), Some(&[])),
            (report("a.test", "a.test") + "\n", Some(&["a.test"])),
            (
                format!("{}\n\n{}\n", report("a.test", "a.test"), report("b.test:1", "b.test")),
                Some(&["a.test", "b.test:1"]),
            ),
            (format!("{}\n{}", report("a.test", "a.test"), &report("b.test", "b.test")[..40]), Some(&["a.test"])),
            (format!("{{\n{}\n", report("a.test", "a.test")), None),
            (
                report("x y", "")
                    .replace(r#"{"value":"","typed":""}"#, "null")
                    .replace("match", "error")
                    .replace("true", "false")
                    .replace(":0", ":3")
                    + "\n",
                Some(&[]),
            ),
        ] {
            std::fs::write(&folder, &text).unwrap();
            let done = load(&folder);
            assert_eq!(done.is_ok(), targets.is_some(), "{text}");
            if let (Ok(done), Some(targets)) = (done, targets) {
                for target in ["a.test", "b.test", "b.test:1"] {
                    let name = target.split(':').next().unwrap();
                    assert_eq!(done.has(&Shown::new(target.as_bytes()), name, ""), targets.contains(&target), "{text}");
                }
                assert_eq!(done.has_line(&Shown::new(b"x y")), text.contains("x y"));
            }
        }
        std::fs::remove_file(&folder).unwrap();
    }
}
