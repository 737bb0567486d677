//! Where real clients part from the verdict.

use super::Finding;
use super::code::{Code, Severity};
use crate::clients::Answers;
use crate::identity::Verdict;

/// How many clients are named before the rest is counted.
const NAMED: usize = 6;

/// Some clients would decide otherwise than the verdict.
#[must_use]
pub fn clients_differ(verdict: &Verdict, clients: &Answers) -> Option<Finding> {
    let message = match verdict {
        Verdict::Match(_) => {
            let others = listed(clients.others())?;
            format!("not accepted by {others}; accepted by {}", rest(clients.accepting().count()))
        }
        Verdict::Mismatch(_) => {
            let accepting = listed(clients.accepting())?;
            format!("accepted all the same by {accepting}; not accepted by {}", rest(clients.others().count()))
        }
    };
    Some(Finding::new(Code::ClientsDiffer, message).help("to see what each client does and why: --clients all"))
}

/// A client that has to accept the name does not: the finding weighs as much as a mismatch.
#[must_use]
pub fn required_clients(required: &[&'static str], clients: &Answers) -> Option<Finding> {
    let refusing = listed(clients.others().filter(|id| required.contains(id)))?;
    let mut finding =
        Finding::new(Code::ClientsDiffer, format!("not accepted by {refusing}, as --require-clients demands"));
    finding.severity = Severity::Error;
    Some(finding.help("to see what each client does and why: --clients all"))
}

fn rest(n: usize) -> String {
    match n {
        0 => "none".to_owned(),
        n => format!("the other {n}"),
    }
}

/// `php, ruby and 3 more`; nothing where there is none.
#[must_use]
pub fn listed(ids: impl Iterator<Item = &'static str>) -> Option<String> {
    let ids: Vec<&str> = ids.collect();
    match ids.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        many if many.len() <= NAMED => {
            let (last, first) = many.split_last()?;
            Some(format!("{} and {last}", first.join(", ")))
        }
        many => Some(format!("{} and {} more", many[..NAMED - 1].join(", "), many.len() + 1 - NAMED)),
    }
}

impl Finding {
    /// The same, naming the clients that accept such a certificate all the same.
    #[must_use]
    pub(super) fn accepted_by(self, clients: &Answers) -> Self {
        match listed(clients.accepting()) {
            Some(ids) => self.note(format!("accepted all the same by {ids}")),
            None => self.note("no client that is modelled accepts it"),
        }
    }

    /// The same, naming the clients that do not accept it.
    #[must_use]
    pub(super) fn refused_by(self, clients: &Answers) -> Self {
        match listed(clients.others()) {
            Some(ids) => self.note(format!("not accepted by {ids}")),
            None => self.note("all clients that are modelled accept it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn long_lists_are_counted() {
        let ids = |n: usize| listed(["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().take(n));
        assert_eq!(ids(0), None);
        assert_eq!(ids(1).as_deref(), Some("a"));
        assert_eq!(ids(2).as_deref(), Some("a and b"));
        assert_eq!(ids(6).as_deref(), Some("a, b, c, d, e and f"));
        assert_eq!(ids(7).as_deref(), Some("a, b, c, d, e and 2 more"));
        assert_eq!(ids(8).as_deref(), Some("a, b, c, d, e and 3 more"));
    }
}
