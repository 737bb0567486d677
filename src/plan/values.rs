//! Values of flags: numbers, durations, lists of clients.

use std::ffi::OsStr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::{UsageError, wrong};
use crate::clients::{CLIENTS, by_id};

pub(super) fn number(what: &str, text: &OsStr, least: u32, most: u32) -> Result<u32, UsageError> {
    let digits = text.to_str().filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
    match digits.and_then(|t| t.parse().ok()) {
        Some(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(wrong(what, text, format!("a whole number from {least} to {most} is wanted"))),
    }
}

/// A limit that may be left out.
pub(super) fn limit(what: &str, text: Option<&OsStr>) -> Result<Option<NonZeroU32>, UsageError> {
    Ok(text.map(|text| number(what, text, 1, 1_000_000)).transpose()?.and_then(NonZeroU32::new))
}

/// The ids of a list of clients; `all` is every one of them.
pub(super) fn clients(what: &str, list: Option<&OsStr>) -> Result<Vec<&'static str>, UsageError> {
    let Some(list) = list else { return Ok(Vec::new()) };
    if list == "all" {
        return Ok(CLIENTS.iter().map(|client| client.id).collect());
    }
    let ids = list.to_str().unwrap_or_default().split(',').map(|id| {
        let found = by_id(id.trim()).map(|client| client.id);
        found.ok_or_else(|| wrong(what, OsStr::new(id), "there is no such client; --list-clients has them all"))
    });
    ids.collect()
}

/// `10`, `2.5`, `500ms`, `30s`, `5m`; a bare number is seconds.
pub(super) fn duration(what: &str, text: &OsStr) -> Result<Duration, UsageError> {
    let parse = || {
        let text = text.to_str()?;
        let (digits, unit) = match text {
            t if t.ends_with("ms") => (t.strip_suffix("ms")?, 0.001),
            t if t.ends_with('s') => (t.strip_suffix('s')?, 1.0),
            t if t.ends_with('m') => (t.strip_suffix('m')?, 60.0),
            t => (t, 1.0),
        };
        let well_formed =
            digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let seconds = digits.parse::<f64>().ok().filter(|_| well_formed)? * unit;
        (0.001..=86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
    };
    parse().ok_or_else(|| wrong(what, text, "a duration from 1ms to a day is wanted, such as 10, 2.5, 500ms, 30s, 5m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [("10", 10_000), ("2.5", 2_500), ("500ms", 500), ("30s", 30_000), ("5m", 300_000)] {
            assert_eq!(duration("", OsStr::new(text)).unwrap().as_millis(), expected, "{text}");
        }
    }
}
