//! The name in another spelling: Unicode, a final dot, an underscore, another public suffix.

use super::code::Code;
use super::facts::Facts;
use super::{Finding, Place, Span};
use crate::escape::Shown;
use crate::identity::matching::covers;
use crate::identity::presented::dns_pattern;
use crate::identity::{DnsName, DnsPattern, PresentedId, ReferenceId};

/// Whether a text, taken as a dNSName, would cover the name.
pub(super) fn would_cover(text: &[u8], name: &DnsName) -> bool {
    dns_pattern(text).is_ok_and(|p| covers(&PresentedId::Dns(p), &ReferenceId::Dns(name.clone())).is_ok())
}

/// A presented name is the U-label or raw UTF-8 (or Latin-1) of the reference's A-label.
pub fn idn_form(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let entry = facts.dns_entries().find(|e| {
        let bytes = e.name.bytes;
        !bytes.is_ascii() && bytes.len() <= 1024 && to_a_labels(bytes).is_some_and(|a| would_cover(a.as_bytes(), name))
    })?;
    let shown = entry.described().value;
    Some(
        Finding::new(
            Code::IdnForm,
            format!("`{shown}` is the Unicode form of `{name}`, and names in certificates are ASCII"),
        )
        .note("U-labels are turned into A-labels before names are compared (RFC 9525, 6.3)")
        .accepted_by(facts.clients)
        .mark(Place::San(entry.index), Span::Whole, "Unicode, where A-labels (`xn--`) must stand")
        .add("reissue with the A-label form in its place", format!("DNS:{name}")),
    )
}

fn to_a_labels(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    };
    match text.strip_prefix("*.") {
        Some(parent) => DnsName::parse(parent).ok().map(|n| format!("*.{n}")),
        None => DnsName::parse(&text).ok().map(|n| n.to_string()),
    }
}

/// A presented name equals the reference but for a trailing dot.
pub fn trailing_dot(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let entry = facts
        .dns_entries()
        .find(|e| e.name.bytes.strip_suffix(b".").is_some_and(|relative| would_cover(relative, name)))?;
    let shown = entry.described().value;
    Some(
        Finding::new(Code::TrailingDot, format!("`{shown}` ends with a dot, which makes it no identifier"))
            .note("names in certificates have no absolute form (RFC 5280, 4.2.1.6); a malformed one is passed over (RFC 9525, 6.3)")
            .accepted_by(facts.clients)
            .mark(Place::San(entry.index), Span::Whole, "ends with a dot")
            .add("reissue with the name without its final dot", format!("DNS:{}", shown.as_str().trim_end_matches('.'))),
    )
}

/// Reference and a presented name differ only in an underscore (against a hyphen, a dot or
/// nothing).
pub fn underscore(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let entry = facts.entries.iter().find(|e| {
        e.exact().is_some_and(|p| {
            let presented = p.to_ascii_lowercase();
            differ_in_underscores(name.as_str().as_bytes(), presented.as_bytes())
        })
    })?;
    let shown = entry.described().value;
    Some(
        Finding::new(Code::Underscore, format!("`{shown}` and `{name}` differ only in an underscore"))
            .likely()
            .note("names are compared label by label, octet for octet but for case (RFC 9525, 6.3)")
            .accepted_by(facts.clients)
            .mark(Place::San(entry.index), Span::Whole, format!("`{name}` was asked for"))
            .help(format!("ask for `{shown}`, if that is the server's name"))
            .add(
                "or reissue with the other spelling (a public CA may not issue one with an underscore)",
                format!("DNS:{name}"),
            ),
    )
}

/// Whether two texts become equal by taking each underscore of either for a hyphen, a dot or
/// nothing; at least one has to be taken so.
fn differ_in_underscores(a: &[u8], b: &[u8]) -> bool {
    let letters = |text: &[u8]| text.iter().copied().filter(|c| !b"_-.".contains(c)).collect::<Vec<u8>>();
    if a == b || !(a.contains(&b'_') || b.contains(&b'_')) || letters(a) != letters(b) {
        return false;
    }
    // Whether what was read of `a` can be the first so many octets of `b`.
    let mut before: Vec<bool> = (0..=b.len()).map(|read| b[..read].iter().all(|&y| y == b'_')).collect();
    for &x in a {
        let mut now = vec![x == b'_' && before[0]];
        for (read, &y) in b.iter().enumerate() {
            let one_for_another = x == y || matches!((x, y), (b'_', b'-' | b'.') | (b'-' | b'.', b'_'));
            now.push((one_for_another && before[read]) || (x == b'_' && before[read + 1]) || (y == b'_' && now[read]));
        }
        before = now;
    }
    before[b.len()]
}

/// Equal but for the public suffix.
pub fn other_tld(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let (stem, suffix) = split_suffix(name.as_str())?;
    let (entry, other) = facts.entries.iter().find_map(|e| {
        let presented = e.pattern()?;
        let (DnsPattern::Exact(text) | DnsPattern::Wildcard { parent: text }) = presented;
        let (presented_stem, presented_suffix) = split_suffix(text)?;
        let same_stem = match presented {
            DnsPattern::Exact(_) => presented_stem.eq_ignore_ascii_case(stem),
            DnsPattern::Wildcard { .. } => {
                stem.split_once('.').is_some_and(|(_, rest)| presented_stem.eq_ignore_ascii_case(rest))
            }
        };
        (same_stem && !presented_suffix.eq_ignore_ascii_case(suffix))
            .then(|| (e, presented_suffix.to_ascii_lowercase()))
    })?;
    let shown = entry.described().value;
    Some(
        Finding::new(Code::OtherTld, format!("`{shown}` is the same name under `{other}`; `{suffix}` was asked for"))
            .likely()
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.2)")
            .mark(Place::San(entry.index), Span::Whole, format!("ends in `{other}`, not in `{suffix}`"))
            .help(format!("ask for `{}`, if that is the right one", Shown::new(format!("{stem}.{other}").as_bytes())))
            .add("or add the name to the certificate", format!("DNS:{name}")),
    )
}

/// A name as what stands before its public suffix, and the suffix; a name that is a suffix itself
/// has none.
fn split_suffix(name: &str) -> Option<(&str, &str)> {
    let lower = name.to_ascii_lowercase();
    let suffix = psl::suffix_str(&lower)?;
    let at = name.len().checked_sub(suffix.len())?;
    Some((name[..at].strip_suffix('.')?, &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_against_hyphen_dot_and_nothing() {
        for (a, b, expected) in [
            ("my_app.example", "my-app.example", true),
            ("my-app.example", "my_app.example", true),
            ("my_app.example", "my.app.example", true),
            ("my_app.example", "myapp.example", true),
            ("a_b_c.example", "a-bc.example", true),
            ("_dmarc.example", "dmarc.example", true),
            ("my_app.example", "my_app.example", false),
            ("my_app.example", "my-apq.example", false),
            ("my-app.example", "my.app.example", false),
            ("a_.example", "a-b.example", false),
        ] {
            assert_eq!(differ_in_underscores(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn suffixes() {
        assert_eq!(split_suffix("www.example.co.uk"), Some(("www.example", "co.uk")));
        assert_eq!(split_suffix("Example.COM"), Some(("Example", "COM")));
        assert_eq!(split_suffix("com"), None);
    }
}
