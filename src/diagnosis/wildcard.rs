//! Wildcards that do not cover the name: too few labels, none, in the wrong place.

use super::code::Code;
use super::facts::{Entry, Facts};
use super::{Finding, Place, Span};
use crate::identity::matching::labels_before;
use crate::identity::{DnsName, DnsPattern, Malformed, PresentedId};

const ONE_LABEL: &str = "a wildcard is the complete left-most label and stands for exactly one label (RFC 9525, 6.3)";

/// The first entry with a wildcard whose parent, and how many labels of the name stand in its
/// asterisk's place, are as wanted.
fn wildcard_with<'f, 'a>(
    facts: &'f Facts<'a>,
    name: &DnsName,
    wanted: impl Fn(&str, usize) -> bool,
) -> Option<(&'f Entry<'a>, &'f str, usize)> {
    facts.entries.iter().find_map(|e| match e.id {
        PresentedId::Dns(DnsPattern::Wildcard { parent }) => {
            let labels = labels_before(name.as_str(), parent)?;
            wanted(parent, labels).then_some((e, parent, labels))
        }
        _ => None,
    })
}

/// What stands in the name in place of the asterisk.
fn before<'n>(name: &'n DnsName, parent: &str) -> &'n str {
    let end = name.as_str().len().saturating_sub(parent.len());
    name.as_str()[..end].trim_end_matches('.')
}

/// The reference ends with the wildcard's parent and has two or more labels in the star's place.
pub fn wildcard_depth(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let (entry, parent, labels) = wildcard_with(facts, name, |_, labels| labels >= 2)?;
    let (shown, extra) = (entry.described().value, before(name, parent));
    let count = in_words(labels);
    let (_, rest) = name.split_first();
    Some(
        Finding::new(
            Code::WildcardDepth,
            format!("`{shown}` stands for one label before its parent; `{extra}` are {count}"),
        )
        .note(ONE_LABEL)
        .mark(Place::San(entry.index), Span::Star, format!("stands for one label; `{extra}` are {count}"))
        .add("add the name to the certificate", format!("DNS:{name}"))
        .help(format!("or `DNS:*.{rest}`, if other names on that level are served too")),
    )
}

/// The reference equals the wildcard's parent.
pub fn wildcard_apex(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let (entry, ..) = wildcard_with(facts, name, |_, labels| labels == 0)?;
    let shown = entry.described().value;
    Some(
        Finding::new(Code::WildcardApex, format!("`{shown}` stands for names under `{name}`, not for `{name}` itself"))
            .note(ONE_LABEL)
            .mark(Place::San(entry.index), Span::Star, format!("stands for one label before `{name}`, not for none"))
            .add("list the domain itself beside the wildcard", format!("DNS:{name}")),
    )
}

/// Two or more labels stand before `s3…amazonaws.com` in the reference, the wildcard has one.
pub fn s3_bucket_dots(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let (entry, parent, _) = wildcard_with(facts, name, |parent, labels| {
        let parent = parent.to_ascii_lowercase();
        let is_s3 = parent.starts_with("s3.") || parent.starts_with("s3-");
        labels >= 2 && is_s3 && parent.ends_with(".amazonaws.com")
    })?;
    let (shown, bucket) = (entry.described().value, before(name, parent));
    Some(
        Finding::new(
            Code::S3BucketDots,
            format!("the bucket name `{bucket}` holds dots, and `{shown}` stands for one label"),
        )
        .note(ONE_LABEL)
        .mark(Place::San(entry.index), Span::Star, format!("stands for one label; the bucket name `{bucket}` is more"))
        .help(format!("use the path-style address: https://{}/{bucket}/", parent.to_ascii_lowercase()))
        .help("or a bucket whose name has no dots, or a distribution with its own certificate in front"),
    )
}

/// A presented wildcard is not the complete left-most label, and would cover the reference if that
/// were allowed.
pub fn partial_wildcard(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let entry = facts.dns_entries().find(|e| {
        matches!(e.id, PresentedId::Malformed { why: Malformed::WildcardPlacement, .. }) && glob(e.name.bytes, name)
    })?;
    let shown = entry.described().value;
    Some(
        Finding::new(
            Code::PartialWildcard,
            format!("`{shown}` would cover the name only if its `*` could be a part of a label, or another label than the left-most"),
        )
        .note("a wildcard in another place makes the entry invalid, to be ignored (RFC 9525, 6.3)")
        .accepted_by(facts.clients)
        .mark(Place::San(entry.index), Span::Whole, "its `*` is not the complete left-most label")
        .add("replace it by the name itself", format!("DNS:{name}")),
    )
}

/// Whether a pattern covers the name if each `*` may stand for any part of the label it is in.
fn glob(pattern: &[u8], name: &DnsName) -> bool {
    let Ok(pattern) = std::str::from_utf8(pattern) else { return false };
    let pattern = pattern.to_ascii_lowercase();
    let labels: Vec<&str> = pattern.split('.').collect();
    labels.len() == name.labels().count() && labels.iter().zip(name.labels()).all(|(p, l)| glob_label(p, l))
}

fn glob_label(pattern: &str, label: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = label.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn in_words(n: usize) -> String {
    match n {
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        4 => "four".to_owned(),
        5 => "five".to_owned(),
        n => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_inside_a_label_stands_for_any_part_of_it() {
        for (pattern, label, expected) in [
            ("f*", "foo", true),
            ("*o", "foo", true),
            ("f*o", "foo", true),
            ("f*o", "fo", true),
            ("f*o", "f", false),
            ("w*w", "w", false),
            ("*a*", "bar", true),
            ("*", "x", true),
            ("foo", "foo", true),
            ("foo", "fooo", false),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axc", false),
            ("a*bc*c", "abc", false),
            ("a*bc*c", "axxbc", false),
            ("a*bc*c", "axxbcc", true),
            ("f*", "bar", false),
        ] {
            assert_eq!(glob_label(pattern, label), expected, "{pattern} {label}");
        }
    }
}
