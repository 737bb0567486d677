//! When nothing explains the mismatch: the certificate is for other names, and these are nearest.

use super::code::Code;
use super::facts::{Entry, Facts};
use super::{Finding, Place};
use crate::identity::{PresentedId, ReferenceId};

/// How many names are pointed out.
const SHOWN: usize = 3;
/// How many names are compared by edit distance.
pub const COMPARED: usize = 10_000;
/// How many bytes of names are compared in all: the work grows with them.
const COMPARED_BYTES: usize = 1 << 19;

/// The entries of the kind that was asked for, by edit distance to a text without case; the nearest
/// first, at equal distance in the certificate's order.
#[must_use]
pub fn by_distance<'f, 'a>(facts: &'f Facts<'a>, text: &str) -> Vec<(usize, &'f Entry<'a>)> {
    let mut bytes = 0;
    let mut all: Vec<_> = facts
        .own_kind()
        .take(COMPARED)
        .take_while(|e| {
            bytes += e.name.bytes.len().min(512);
            bytes <= COMPARED_BYTES
        })
        .map(|e| {
            let presented = String::from_utf8_lossy(&e.text()[..e.text().len().min(512)]).to_ascii_lowercase();
            (strsim::levenshtein(presented.strip_prefix("*.").unwrap_or(&presented), text), e)
        })
        .collect();
    all.sort_by_key(|(distance, e)| (*distance, e.index));
    all
}

/// The first entries of the certificate's list.
#[must_use]
pub fn first_entries(facts: &Facts<'_>) -> Vec<Place> {
    facts.entries.iter().take(SHOWN).map(|e| Place::San(e.index)).collect()
}

/// None of the other rules holds.
#[must_use]
pub fn different_name(facts: &Facts<'_>) -> Finding {
    let wanted = facts.reference();
    let text = wanted.map(ToString::to_string).unwrap_or_default();
    let nearest: Vec<_> = by_distance(facts, &text).into_iter().take(SHOWN).map(|(_, e)| e).collect();
    let only_addresses = !facts.entries.is_empty() && facts.entries.iter().all(|e| matches!(e.id, PresentedId::Ip(_)));
    let message = match (nearest.as_slice(), wanted) {
        ([], Some(ReferenceId::Srv { .. })) => "the certificate has no SRV-ID entry".to_owned(),
        ([], Some(ReferenceId::Uri { .. })) => "the certificate has no URI-ID entry".to_owned(),
        ([], _) if only_addresses => "the certificate holds IP addresses alone".to_owned(),
        ([], _) => "the certificate is for something else".to_owned(),
        ([one], _) => format!("the certificate is for `{}`", one.described().value),
        ([first, ..], _) => {
            format!("the certificate is for other names; nearest is `{}`", first.described().value)
        }
    };
    let mut finding = Finding::new(Code::DifferentName, message)
        .note("no presented identifier is the name that was asked for (RFC 9525, 6.2)");
    for entry in &nearest {
        finding = finding.show(Place::San(entry.index));
    }
    if nearest.is_empty() {
        for place in first_entries(facts) {
            finding = finding.show(place);
        }
    }
    if let Some(id) = wanted {
        finding = finding.add("if this is the right server, add the name to its certificate", id.as_entry());
    }
    finding.help("if it is not, mend the address that the name points to, or the name that the client is given")
}
