//! Names that certificates present against names that are asked for, row by row.
//!
//! - `vectors/*.tsv`: our own rows;
//! - rows of public test suites, from the file that `CERTCHECK_VECTORS` names (`vectors/suite.rs`),
//!   with the rules that explain every difference in `vectors/exceptions.tsv`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, missing_docs, unreachable_pub)]

mod support;

#[path = "vectors/exceptions.rs"]
mod exceptions;
#[path = "vectors/suite.rs"]
mod suite;

use std::collections::BTreeMap;
use std::{env, fs};

use certcheck::certificate::Certificate;
use certcheck::identity::{Asked, Fact, Typed, Verdict, evaluate};
use exceptions::{Exception, exceptions};
use suite::Row;
use support::{Key, Leaf, table, unescape};

const TABLES: [(&str, &str); 7] = [
    ("dns-id.tsv", include_str!("vectors/dns-id.tsv")),
    ("common-name.tsv", include_str!("vectors/common-name.tsv")),
    ("ip-id.tsv", include_str!("vectors/ip-id.tsv")),
    ("srv-id.tsv", include_str!("vectors/srv-id.tsv")),
    ("uri-id.tsv", include_str!("vectors/uri-id.tsv")),
    ("malformed.tsv", include_str!("vectors/malformed.tsv")),
    ("reference.tsv", include_str!("vectors/reference.tsv")),
];
const EXCEPTIONS: &str = include_str!("vectors/exceptions.tsv");

/// The sections of RFC 9525 that say how names are compared.
const SECTIONS: [&str; 9] = ["2", "6.1.1", "6.2", "6.3", "6.4", "6.5", "7.1", "7.2", "7.4"];

#[test]
fn presented_against_reference() {
    let key = Key::generate();
    let (mut rows, mut failures) = (0, Vec::new());
    for (file, text) in TABLES {
        for (line, row) in table(text) {
            let [presented, cn, reference, expected, section, note] = row[..] else {
                panic!("{file}:{line}: six columns wanted, {} found", row.len());
            };
            assert!(SECTIONS.contains(&section), "{file}:{line}: no section of RFC 9525 that is tested: {section}");
            let minted = Leaf::default().san(presented).cn(cn).key(key.clone()).self_signed();
            let leaf = Certificate::from_der(&minted.der).unwrap_or_else(|error| panic!("{file}:{line}: {error}"));
            let found = outcome(&Asked::parse(Typed::new(&unescape(reference))), &leaf);
            if found != expected {
                failures.push(format!(
                    "{file}:{line}: {presented} (CN {cn}) against {reference}: {found}, not {expected} ({note})"
                ));
            }
            rows += 1;
        }
    }
    assert!(failures.is_empty(), "{} of {rows} rows:\n{}", failures.len(), failures.join("\n"));
    assert!(rows >= 400, "only {rows} rows ran");
}

/// The verdict as the tables write it.
fn outcome(asked: &Asked, leaf: &Certificate) -> &'static str {
    match evaluate(asked, leaf.subject_names()) {
        Verdict::Match(_) => "match",
        Verdict::Mismatch(error) if matches!(error.fact, Fact::NotAName(_)) => "invalid-reference",
        Verdict::Mismatch(_) => "mismatch",
    }
}

#[test]
fn every_exception_is_made_of_known_words() {
    assert!(!exceptions(EXCEPTIONS).is_empty());
}

#[test]
fn suites_differ_only_where_a_rule_says_so() {
    let Ok(file) = env::var("CERTCHECK_VECTORS") else {
        println!("CERTCHECK_VECTORS is not set: no suite was run");
        return;
    };
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let rules = exceptions(EXCEPTIONS);
    let key = Key::generate();
    let mut tally = Tally::default();
    for (line, cells) in table(&text).skip(1) {
        tally.add(&Row::new(line, &cells, &key), &rules);
    }
    tally.print(&file, &rules);
    assert!(tally.matches + tally.mismatches > 0, "{file}: no row was compared");
    assert!(tally.unexplained.is_empty(), "{file}: lines that no rule explains: {:?}", tally.unexplained);
}

/// What became of the rows of a suite.
#[derive(Default)]
struct Tally<'a> {
    matches: usize,
    mismatches: usize,
    explained: BTreeMap<&'a str, usize>,
    other_modes: BTreeMap<&'a str, usize>,
    unexplained: Vec<usize>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, row: &Row<'_>, rules: &[Exception<'a>]) {
        if let Some(mode) = row.other_mode() {
            *self.other_modes.entry(mode).or_default() += 1;
            return;
        }
        match (row.accepted(), row.matched().is_some()) {
            (true, true) => self.matches += 1,
            (false, false) => self.mismatches += 1,
            _ => match rules.iter().find(|rule| rule.holds(row)) {
                Some(rule) => *self.explained.entry(rule.id).or_default() += 1,
                None => self.unexplained.push(row.line),
            },
        }
    }

    fn print(&self, file: &str, rules: &[Exception<'_>]) {
        let explained: usize = self.explained.values().sum();
        let other: usize = self.other_modes.values().sum();
        let compared = self.matches + self.mismatches + explained + self.unexplained.len();
        println!("{file}: {} rows, {compared} compared, {other} in other modes", compared + other);
        println!("{:6} both match", self.matches);
        println!("{:6} both do not", self.mismatches);
        println!("{explained:6} differ by a rule, of which");
        for rule in rules {
            println!("{:13} {}", self.explained.get(rule.id).unwrap_or(&0), rule.id);
        }
        println!("{:6} differ otherwise", self.unexplained.len());
        println!("{other:6} in other modes, of which");
        for (mode, rows) in &self.other_modes {
            println!("{rows:13} {mode}");
        }
    }
}
