//! From verdicts to accepted and exit code: `--ignore`, `--min-days`. Pure.

use crate::clients::Answers;
use crate::exit::Exit;
use crate::identity::Verdict;

/// What the user counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Chain and usage.
    pub trust: Weight,
    /// Dates, `--min-days` included.
    pub expiry: Weight,
    /// Whether a current client completes the handshake.
    pub protocol: Weight,
    /// Whether the server proved that it holds the certificate's key.
    pub possession: Weight,
    /// The fewest whole days that a certificate must last.
    pub min_days: Option<u32>,
    /// The ids of the clients that have to accept the name.
    pub required: Vec<&'static str>,
}

/// Whether a part of the judgement costs the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It does.
    Counts,
    /// It does not (`--ignore`).
    Ignored,
}

impl Default for Policy {
    fn default() -> Self {
        let counts = Weight::Counts;
        Self {
            trust: counts,
            expiry: counts,
            protocol: counts,
            possession: counts,
            min_days: None,
            required: Vec::new(),
        }
    }
}

/// Whole days from `now` to the last second of a certificate, rounded down; negative once it is
/// over. Both in seconds since 1970.
#[must_use]
pub fn days_left(not_after: i64, now: i64) -> i64 {
    not_after.saturating_sub(now).div_euclid(86_400)
}

impl Policy {
    /// Whether a certificate ends within `--min-days`, given its whole days left.
    #[must_use]
    pub fn ends_too_soon(&self, days_left: i64) -> bool {
        self.min_days.is_some_and(|min| days_left < i64::from(min))
    }

    /// The exit code of one report that has a leaf. `is_refused`: one of its findings about trust,
    /// dates, protocol or possession is an error and was not ignored.
    #[must_use]
    pub fn decide(&self, verdict: &Verdict, clients: &Answers, is_refused: bool) -> Exit {
        let lacks_required = self.required.iter().any(|id| !clients.accepting().any(|accepting| accepting == *id));
        match verdict {
            Verdict::Mismatch(_) => Exit::Mismatch,
            Verdict::Match(_) if lacks_required => Exit::Mismatch,
            Verdict::Match(_) if is_refused => Exit::NotAccepted,
            Verdict::Match(_) => Exit::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_rounded_down() {
        assert_eq!(days_left(86_400, 0), 1);
        assert_eq!(days_left(86_399, 0), 0);
        assert_eq!(days_left(-1, 0), -1);
        let policy = Policy { min_days: Some(30), ..Policy::default() };
        assert!(policy.ends_too_soon(29));
        assert!(!policy.ends_too_soon(30));
        assert!(!Policy::default().ends_too_soon(-5));
    }
}
