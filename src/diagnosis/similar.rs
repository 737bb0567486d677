//! Names that look almost like the one asked for: a space, look-alike characters, a typing error
//! in one label.

use unicode_security::skeleton;

use super::code::Code;
use super::facts::{Entry, Facts};
use super::nearest::COMPARED;
use super::spelling::would_cover;
use super::{Finding, Place, Span};
use crate::escape::Shown;
use crate::identity::DnsName;

/// What makes two labels similar.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Likeness {
    /// Characters that look alike (UTS 39 skeletons, marks dropped).
    Confusable,
    /// Two neighbouring characters swapped.
    Swap,
    /// One character more, less or other.
    OneEdit,
    /// Two of them.
    TwoEdits,
}

/// dNSNames compared as U-labels: surrounding space; or one label differs, by a confusable, by an
/// adjacent swap (4 characters or more), by edit distance 1 (5 or more) or 2 (8 or more); never
/// where only digits differ.
pub fn similar_name(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    surrounding_space(facts, name).or_else(|| one_label(facts, name))
}

fn surrounding_space(facts: &Facts<'_>, name: &DnsName) -> Option<Finding> {
    let entry = facts.dns_entries().find(|e| {
        let trimmed = e.name.bytes.trim_ascii();
        trimmed.len() < e.name.bytes.len() && would_cover(trimmed, name)
    })?;
    Some(
        finding(entry, "it has a space before or after the name".to_owned(), "a space before or after it")
            .add("reissue without the space", format!("DNS:{}", Shown::short(entry.name.bytes.trim_ascii()))),
    )
}

fn one_label(facts: &Facts<'_>, name: &DnsName) -> Option<Finding> {
    let wanted = to_unicode(name.as_str());
    let wanted: Vec<&str> = wanted.split('.').collect();
    let mut best: Option<(Likeness, &Entry<'_>, String, String)> = None;
    for entry in facts.dns_entries().take(COMPARED) {
        let Ok(presented) = std::str::from_utf8(entry.name.bytes) else { continue };
        if presented.len() > 256 {
            continue;
        }
        let presented = to_unicode(&presented.to_lowercase());
        if let Some((likeness, theirs, ours)) = compare(&presented, &wanted)
            && best.as_ref().is_none_or(|(b, ..)| weight(&likeness) < weight(b))
        {
            best = Some((likeness, entry, theirs, ours));
        }
    }
    let (likeness, entry, theirs, ours) = best?;
    let (theirs, ours) = (Shown::new(theirs.as_bytes()), Shown::new(ours.as_bytes()));
    let how = match likeness {
        Likeness::Confusable => "they look alike",
        Likeness::Swap => "two neighbouring characters are swapped",
        Likeness::OneEdit => "one character differs",
        Likeness::TwoEdits => "two characters differ",
    };
    Some(
        finding(
            entry,
            format!("`{theirs}` in the certificate, `{ours}` asked for: {how}"),
            &format!("`{ours}` was asked for: {how}"),
        )
        .help(format!("if `{ours}` is the typing error, correct the name that the client is given"))
        .add("otherwise reissue with the right spelling", format!("DNS:{name}")),
    )
}

fn finding(entry: &Entry<'_>, message: String, label: &str) -> Finding {
    Finding::new(Code::SimilarName, message)
        .likely()
        .note("no presented identifier is the name that was asked for (RFC 9525, 6.2)")
        .mark(Place::San(entry.index), Span::Whole, label)
}

fn weight(likeness: &Likeness) -> u8 {
    match likeness {
        Likeness::Confusable => 0,
        Likeness::Swap => 1,
        Likeness::OneEdit => 2,
        Likeness::TwoEdits => 3,
    }
}

fn to_unicode(name: &str) -> String {
    if !name.is_ascii() || name.split('.').any(|label| label.starts_with("xn--")) {
        idna::domain_to_unicode(name).0
    } else {
        name.to_owned()
    }
}

/// The one label that differs, theirs and ours, if there is exactly one and the two are alike. An
/// asterisk in front stands for any label.
fn compare(presented: &str, wanted: &[&str]) -> Option<(Likeness, String, String)> {
    let presented: Vec<&str> = presented.split('.').collect();
    if presented.len() != wanted.len() {
        return None;
    }
    let mut differing = presented
        .iter()
        .zip(wanted)
        .enumerate()
        .filter(|(i, (p, w))| p != w && !(*i == 0 && **p == "*"))
        .map(|(_, (p, w))| (*p, *w));
    let (theirs, ours) = differing.next()?;
    if differing.next().is_some() {
        return None;
    }
    alike(theirs, ours).map(|likeness| (likeness, theirs.to_owned(), ours.to_owned()))
}

fn alike(a: &str, b: &str) -> Option<Likeness> {
    let without_digits = |s: &str| s.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    if without_digits(a) == without_digits(b) {
        return None;
    }
    if same_skeleton(a, b) {
        return Some(Likeness::Confusable);
    }
    let shorter = a.chars().count().min(b.chars().count());
    if shorter >= 4 && is_swap(a, b) {
        return Some(Likeness::Swap);
    }
    match strsim::levenshtein(a, b) {
        1 if shorter >= 5 => Some(Likeness::OneEdit),
        2 if shorter >= 8 => Some(Likeness::TwoEdits),
        _ => None,
    }
}

/// Whether two labels look alike: equal UTS 39 skeletons, marks dropped.
fn same_skeleton(a: &str, b: &str) -> bool {
    let bare = |s: &str| skeleton(s).filter(|c| !is_mark(*c)).collect::<String>().to_lowercase();
    bare(a) == bare(b)
}

fn is_mark(c: char) -> bool {
    use icu_properties::{CodePointMapData, props::GeneralCategory as G};
    matches!(CodePointMapData::<G>::new().get(c), G::NonspacingMark | G::SpacingMark | G::EnclosingMark)
}

fn is_swap(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = a.iter().zip(&b).position(|(x, y)| x != y) else { return false };
    a.len() == b.len() && i + 1 < a.len() && a[i] == b[i + 1] && a[i + 1] == b[i] && a[i + 2..] == b[i + 2..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_alike() {
        for (a, b, expected) in [
            ("examp1e", "example", Some(Likeness::Confusable)),
            ("g00gle", "google", Some(Likeness::Confusable)),
            ("bucher", "bücher", Some(Likeness::Confusable)),
            ("аpple", "apple", Some(Likeness::Confusable)),
            ("rn", "m", Some(Likeness::Confusable)),
            ("exmaple", "example", Some(Likeness::Swap)),
            ("amil", "mail", Some(Likeness::Swap)),
            ("ab", "ba", None),
            ("abc", "acb", None),
            ("exampel2", "example2", Some(Likeness::Swap)),
            ("servr", "server", Some(Likeness::OneEdit)),
            ("serv", "serve", None),
            ("mail", "mall", None),
            ("configuraton", "confguration", Some(Likeness::TwoEdits)),
            ("abcdefg", "abcdexy", None),
            ("abcdefgh", "abcdefxy", Some(Likeness::TwoEdits)),
            ("web1", "web2", None),
            ("server10", "server2", None),
            ("server", "server2", None),
            ("example", "example", None),
        ] {
            assert_eq!(alike(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn one_label_may_differ() {
        assert!(compare("*.exmaple.com", &["www", "example", "com"]).is_some());
        assert!(compare("wwww.exmaple.com", &["www", "example", "com"]).is_none());
        assert!(compare("exmaple.com", &["www", "example", "com"]).is_none());
        assert!(compare("www.example.com", &["www", "example", "com"]).is_none());
    }
}
