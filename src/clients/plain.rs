//! Plain names: what every client compares in the same way, so that a long list need not be gone
//! through by each of them.

use crate::certificate::{NameKind, SubjectNames};

/// A list of names no longer than this is left as it is.
const SHORT: usize = 4;

/// The certificate with the names that matter to a name, where that is another: a plain presented
/// name covers a plain name only where it is the same name, for every client, and is well-formed to
/// all. So of those that differ one stays, which tells that there are dNSNames; all others stay.
#[must_use]
pub fn with_names_for(name: &[u8], leaf: &SubjectNames) -> Option<SubjectNames> {
    if leaf.names().len() <= SHORT || !is_plain(name) {
        return None;
    }
    let mut has_other = false;
    Some(leaf.retaining(|presented| {
        presented.kind != NameKind::Dns
            || presented.bytes.eq_ignore_ascii_case(name)
            || !is_plain(presented.bytes)
            || !std::mem::replace(&mut has_other, true)
    }))
}

/// Two or more labels of letters, digits and single inner hyphens, the last one beginning with a letter.
fn is_plain(name: &[u8]) -> bool {
    let mut before = b'.';
    let mut label = 0;
    let mut starts_with_letter = false;
    for &b in name {
        match b {
            b'.' if label == 0 || label > 63 || before == b'-' => return false,
            b'.' => label = 0,
            b'-' if label == 0 || before == b'-' => return false,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => {
                if label == 0 {
                    starts_with_letter = b.is_ascii_alphabetic();
                }
                label += 1;
            }
            _ => return false,
        }
        before = b;
    }
    (1..=63).contains(&label) && label < name.len() && before != b'-' && starts_with_letter && name.len() <= 253
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain() {
        for name in ["a.b", "a1.2b.test", "A-1.test", "1.a"] {
            assert!(is_plain(name.as_bytes()), "{name}");
        }
        let long = format!("{}.test", "a".repeat(64));
        for name in [
            "", ".", "a", "a.", ".a", "a..b", "a.1", "a.1b", "*.a", "-a.b", "a-.b", "a.b-", "xn--a.b", "a_b.c", "ü.a",
            "a b.c", "a.b\0", &long,
        ] {
            assert!(!is_plain(name.as_bytes()), "{name}");
        }
        assert!(!is_plain(format!("{}a", "a.".repeat(127)).as_bytes()));
    }
}
