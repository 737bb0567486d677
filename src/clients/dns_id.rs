//! DNS identifiers as mozilla::pkix has them, and webpki after it: LDH labels and underscores, 253
//! octets at most, a last label that is no number; a presented one may begin with `*.` and two labels.

use super::labels::{split_first_label, without_final_dot};

/// The longest name, in octets.
const MAX_NAME: usize = 253;

/// Where a label may have a hyphen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hyphens {
    /// Only between other characters.
    Inner,
    /// Also at its beginning and at its end.
    Anywhere,
}

/// Whether a name can be asked for; it may end in a dot.
#[must_use]
pub fn is_reference(name: &[u8], hyphens: Hyphens) -> bool {
    name.len() <= MAX_NAME && are_labels(without_final_dot(name), hyphens)
}

/// Whether a presented identifier is one at all.
#[must_use]
pub fn is_presented(id: &[u8]) -> bool {
    let labels = match id.strip_prefix(b"*.") {
        Some(parent) if !parent.contains(&b'.') => return false,
        Some(parent) => parent,
        None => id,
    };
    id.len() <= MAX_NAME && are_labels(labels, Hyphens::Inner)
}

/// Whether a presented identifier covers a reference name; one that is malformed covers nothing.
#[must_use]
pub fn covers(presented: &[u8], reference: &[u8]) -> bool {
    let reference = without_final_dot(reference);
    let same = match presented.strip_prefix(b"*.") {
        Some(parent) => split_first_label(reference).1.is_some_and(|rest| rest.eq_ignore_ascii_case(parent)),
        None => presented.eq_ignore_ascii_case(reference),
    };
    same && is_presented(presented)
}

fn are_labels(name: &[u8], hyphens: Hyphens) -> bool {
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && (hyphens == Hyphens::Anywhere || !label.starts_with(b"-") && !label.ends_with(b"-"))
    };
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    name.split(|&b| b == b'.').all(is_label) && !last.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (id, presented, reference) in [
            ("q.test", true, true),
            ("q.test.", false, true),
            ("*.q.test", true, false),
            ("*.test", false, false),
            ("w*.q.test", false, false),
            ("a_b.test", true, true),
            ("-q.test", false, false),
            ("a-.test", false, false),
            ("a.1", false, false),
            ("1.a", true, true),
            ("a..test", false, false),
            ("a b.test", false, false),
            (".", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_presented(id.as_bytes()), presented, "{id} as presented");
            assert_eq!(is_reference(id.as_bytes(), Hyphens::Inner), reference, "{id} as reference");
        }
        for name in ["a-.test", "-a.test", "-.test", "--.test", "a.-b.test", "a.test-", "a.-test", "a.-1", "a.1-"] {
            assert!(is_reference(name.as_bytes(), Hyphens::Anywhere), "{name}");
            assert!(!is_reference(name.as_bytes(), Hyphens::Inner), "{name}");
        }
    }
}
