//! Where a suite is known to differ from RFC 9525, as rules: `exceptions.tsv`.
//!
//! A rule's condition is a list of words, all of which must hold of a row: `suite=` and `option=`
//! name the row's own, all others stand in the tables below. To add a word: a line there.

use std::net::IpAddr;

use certcheck::certificate::{GeneralName, NameKind};
use certcheck::identity::matching::covers;
use certcheck::identity::{Asked, BadName, NotAName, PresentedId, ReferenceId};
use psl::{List, Psl};

use crate::suite::Row;
use crate::support::table;

type OfRow = fn(&Row<'_>) -> bool;
type OfMatched = fn(&Row<'_>, &GeneralName<'_>) -> bool;

/// What can be said of a row. "Text" means octets compared without case, whatever they are.
const WORDS: [(&str, OfRow); 25] = [
    // The verdicts.
    ("accept", |row| row.accepted()),
    ("refuse", |row| !row.accepted()),
    // The reference.
    ("not-a-name", |row| why_not_a_name(row).is_some()),
    ("hyphen-at-edge", |row| matches!(why_not_a_name(row), Some(NotAName::Dns(BadName::HyphenAtEdge(_))))),
    ("broken-a-label", |row| {
        row.reference.is_ascii() && matches!(why_not_a_name(row), Some(NotAName::Dns(BadName::Idna(_))))
    }),
    ("address", |row| reference_address(row).is_some()),
    ("absolute", |row| row.reference.ends_with(b".")),
    ("not-ascii", |row| !row.reference.is_ascii()),
    ("in-brackets", |row| row.reference.starts_with(b"[")),
    // The certificate.
    ("no-dns-entry", |row| row.entries(NameKind::Dns).next().is_none()),
    ("no-address-entry", |row| row.entries(NameKind::Ip).next().is_none()),
    ("address-entry", |row| row.entries(NameKind::Ip).next().is_some()),
    ("malformed-entry", |row| {
        row.leaf.subject_names().names().any(|name| matches!(PresentedId::parse(&name), PresentedId::Malformed { .. }))
    }),
    ("no-cn", |row| row.common_names().next().is_none()),
    ("cn-is-no-entry", cn_is_no_entry),
    // How a looser rule would find the name.
    ("cn-covers", |row| row.common_names().any(|cn| covers_as_dns(row, &cn))),
    ("cn-covers-but-for-final-dot", |row| row.common_names().any(|cn| covers_but_for_final_dot(row, &cn))),
    ("cn-is-the-text", |row| row.common_names().any(|cn| cn.eq_ignore_ascii_case(&row.reference))),
    ("cn-wildcard-as-text", |row| row.common_names().any(|cn| wildcard_as_text(&cn, &row.reference))),
    ("cn-partial-wildcard", |row| row.common_names().any(|cn| partial_wildcard(&cn, &row.reference))),
    ("entry-covers-but-for-final-dot", |row| row.entries(NameKind::Dns).any(|dns| covers_but_for_final_dot(row, dns))),
    ("entry-is-the-text", |row| {
        row.leaf.subject_names().names().any(|name| name.bytes.eq_ignore_ascii_case(&row.reference))
    }),
    ("entry-wildcard-as-text", |row| row.entries(NameKind::Dns).any(|dns| wildcard_as_text(dns, &row.reference))),
    ("entry-partial-wildcard", |row| row.entries(NameKind::Dns).any(|dns| partial_wildcard(dns, &row.reference))),
    ("entry-is-the-mapped-ipv4", entry_is_the_mapped_ipv4),
];

/// What can be said of the entry that we match; wildcards, by the rule that they stand for a label.
const MATCHED: [(&str, OfMatched); 5] = [
    ("matched-lone-asterisk", |row, entry| entry.bytes == b"*" && !relative(&row.reference).contains(&b'.')),
    ("matched-wildcard-under-tld", |row, entry| {
        parent_of_wildcard(row, entry).is_some_and(|parent| !parent.contains(&b'.'))
    }),
    ("matched-wildcard-on-public-suffix", |row, entry| parent_of_wildcard(row, entry).is_some_and(is_public_suffix)),
    ("matched-same-text", |row, entry| entry.kind == NameKind::Ip || entry.bytes == row.reference),
    ("matched-but-for-final-dot", |row, entry| entry.bytes == relative(&row.reference)),
];

/// A rule that explains a difference.
pub struct Exception<'a> {
    pub id: &'a str,
    condition: Vec<Condition<'a>>,
}

enum Condition<'a> {
    Suite(&'a str),
    Option(&'a str),
    Row(OfRow),
    Matched(OfMatched),
}

impl Exception<'_> {
    /// Whether the rule is about this row.
    pub fn holds(&self, row: &Row<'_>) -> bool {
        self.condition.iter().all(|condition| match condition {
            Condition::Suite(suite) => row.suite == *suite,
            Condition::Option(option) => row.options.contains(option),
            Condition::Row(holds) => holds(row),
            Condition::Matched(holds) => row.matched().is_some_and(|entry| holds(row, &entry)),
        })
    }
}

/// The rules in order: id, condition, reason.
///
/// # Panics
/// At a word that nobody knows, an id that stands twice, a rule that fits any row or gives no reason.
pub fn exceptions(text: &str) -> Vec<Exception<'_>> {
    let mut rules: Vec<Exception<'_>> = Vec::new();
    for (line, row) in table(text) {
        let [id, condition, reason] = row[..] else { panic!("line {line}: three columns wanted, {} found", row.len()) };
        assert!(rules.iter().all(|rule| rule.id != id), "line {line}: {id} stands twice");
        assert!(!reason.is_empty(), "line {line}: {id} gives no reason");
        let condition: Vec<_> = condition
            .split(' ')
            .map(|word| read(word).unwrap_or_else(|| panic!("line {line}: {id}: nobody knows `{word}`")))
            .collect();
        assert!(condition.len() > 1, "line {line}: {id} says too little");
        rules.push(Exception { id, condition });
    }
    rules
}

fn read(word: &str) -> Option<Condition<'_>> {
    if let Some((kind, value)) = word.split_once('=') {
        return match kind {
            "suite" => Some(Condition::Suite(value)),
            "option" => Some(Condition::Option(value)),
            _ => None,
        };
    }
    let row = WORDS.iter().find(|(name, _)| *name == word).map(|(_, holds)| Condition::Row(*holds));
    row.or_else(|| MATCHED.iter().find(|(name, _)| *name == word).map(|(_, holds)| Condition::Matched(*holds)))
}

fn why_not_a_name<'a>(row: &'a Row<'_>) -> Option<&'a NotAName> {
    match &row.asked {
        Asked::NotAName { why, .. } => Some(why),
        Asked::Reference { .. } => None,
    }
}

fn reference_address(row: &Row<'_>) -> Option<IpAddr> {
    match row.asked.reference() {
        Some(ReferenceId::Ip(ip)) => Some(*ip),
        _ => None,
    }
}

/// No entry of the certificate is the text of a common name, as CA/Browser Forum rules demand.
fn cn_is_no_entry(row: &Row<'_>) -> bool {
    let listed = |cn: &[u8]| {
        let address = str::from_utf8(cn).ok().and_then(|text| text.parse::<IpAddr>().ok());
        row.leaf.subject_names().names().any(|name| match (name.kind, address) {
            (NameKind::Ip, Some(ip)) => {
                ip.to_string().as_bytes() == cn && PresentedId::parse(&name) == PresentedId::Ip(ip)
            }
            _ => name.bytes == cn,
        })
    };
    row.common_names().any(|cn| !listed(&cn))
}

/// Whether a text, were it a dNSName, would be a DNS-ID that covers the reference.
fn covers_as_dns(row: &Row<'_>, text: &[u8]) -> bool {
    let name = GeneralName { kind: NameKind::Dns, bytes: text };
    row.asked.reference().is_some_and(|id| covers(&PresentedId::parse(&name), id).is_ok())
}

fn covers_but_for_final_dot(row: &Row<'_>, text: &[u8]) -> bool {
    text.strip_suffix(b".").is_some_and(|relative| covers_as_dns(row, relative))
}

/// A name without its final dot.
fn relative(text: &[u8]) -> &[u8] {
    text.strip_suffix(b".").unwrap_or(text)
}

/// `*.rest` against anything without a dot, and `.rest`.
fn wildcard_as_text(pattern: &[u8], text: &[u8]) -> bool {
    let text = relative(text);
    let Some(rest) = pattern.strip_prefix(b"*") else { return false };
    rest.starts_with(b".")
        && text.len() > rest.len()
        && text[text.len() - rest.len()..].eq_ignore_ascii_case(rest)
        && !text[..text.len() - rest.len()].contains(&b'.')
}

/// A left-most label with asterisks and something else, each of which stands for any part of a
/// label, none included.
fn partial_wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let split = |name: &'_ [u8]| {
        let name = name.to_ascii_lowercase();
        let at = name.iter().position(|b| *b == b'.').unwrap_or(name.len());
        (name[..at].to_vec(), name[at..].to_vec())
    };
    let ((pattern, parent), (label, rest)) = (split(pattern), split(text));
    pattern.contains(&b'*') && pattern != b"*" && parent == rest && !label.is_empty() && globs(&pattern, &label)
}

fn globs(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|at| globs(rest, &text[at..])),
        [first, rest @ ..] => text.split_first().is_some_and(|(head, tail)| head == first && globs(rest, tail)),
    }
}

fn entry_is_the_mapped_ipv4(row: &Row<'_>) -> bool {
    let Some(IpAddr::V6(v6)) = reference_address(row) else { return false };
    v6.to_ipv4_mapped().is_some_and(|v4| row.entries(NameKind::Ip).any(|octets| octets == v4.octets()))
}

fn parent_of_wildcard<'a>(row: &Row<'_>, entry: &GeneralName<'a>) -> Option<&'a [u8]> {
    entry.bytes.strip_prefix(b"*.").filter(|_| wildcard_as_text(entry.bytes, &row.reference))
}

fn is_public_suffix(name: &[u8]) -> bool {
    List.suffix(&name.to_ascii_lowercase()).is_some_and(|suffix| suffix.as_bytes().len() == name.len())
}
