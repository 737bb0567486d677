//! From verdicts to accepted and exit code: `--ignore`, `--min-days`. Pure.

use crate::clients::Answers;
use crate::evidence::Possession;
use crate::exit::Exit;
use crate::identity::Verdict;
use crate::trust::{Time, Trust};

/// What the user counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Trust, usage and possession.
    pub trust: Weight,
    /// Dates, `--min-days` included.
    pub expiry: Weight,
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
        Self { trust: Weight::Counts, expiry: Weight::Counts, min_days: None, required: Vec::new() }
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

    /// The exit code of one report that has a leaf.
    #[must_use]
    pub fn decide(
        &self,
        verdict: &Verdict,
        clients: &Answers,
        trust: &Trust,
        time: &Time,
        possession: Option<&Possession>,
        days_left: i64,
    ) -> Exit {
        let refused = self.required.iter().any(|id| !clients.accepting().any(|accepting| accepting == *id));
        if refused || matches!(verdict, Verdict::Mismatch(_)) {
            return Exit::Mismatch;
        }
        let untrusted = matches!(trust, Trust::Untrusted { .. }) || matches!(possession, Some(Possession::Failed));
        let out_of_time =
            matches!(time, Time::Expired { .. } | Time::NotYetValid { .. }) || self.ends_too_soon(days_left);
        if (untrusted && self.trust == Weight::Counts) || (out_of_time && self.expiry == Weight::Counts) {
            return Exit::NotAccepted;
        }
        Exit::Ok
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
