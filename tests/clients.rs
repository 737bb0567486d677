//! Every cell of `clients/verdicts.tsv` that holds a name verdict, against the models.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod support;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use certcheck::certificate::Certificate;
use certcheck::clients::{Answer, Answers, CLIENTS, by_id, plain};
use proptest::collection::vec;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use support::{Authority, Leaf, case};

const VERDICTS: &str = include_str!("clients/verdicts.tsv");

/// The columns before those of the clients.
const COLUMNS: [&str; 7] = ["case", "reference", "san", "cn", "tag", "rfc9525", "note"];

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Accept => "accept",
        Answer::Reject(_) => "reject",
        Answer::RefuseName(_) => "error:refname",
        Answer::Unreadable(_) => "error:parse",
    }
}

fn is_name_verdict(cell: &str) -> bool {
    matches!(cell, "accept" | "reject" | "error:refname" | "error:parse")
}

#[test]
fn models_answer_as_the_clients_did() {
    let mut rows = VERDICTS.lines().filter(|l| !l.starts_with('#')).map(|l| l.split('\t').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    assert_eq!(header[..COLUMNS.len()], COLUMNS);
    let root = Authority::root("clients");
    let only = std::env::var("CERTCHECK_CLIENT").ok();
    let (mut cells, mut disagreements) = (0, BTreeMap::<&str, Vec<String>>::new());
    for row in rows {
        let leaf = Leaf::default().san(row[2]).cn(row[3]).signed_by(&root);
        let leaf = Certificate::from_der(&leaf.der).unwrap();
        let name = case::reference(row[1]);
        for client in CLIENTS.iter().filter(|c| only.as_deref().is_none_or(|id| id == c.id)) {
            let column = header.iter().position(|h| *h == client.id).unwrap();
            if !is_name_verdict(row[column]) {
                continue;
            }
            cells += 1;
            let ours = (client.ask)(&name, leaf.subject_names());
            if word(ours) != row[column] {
                let text =
                    format!("{}: {} | {} | {} -> {}, model {ours:?}", row[0], row[1], row[2], row[3], row[column]);
                disagreements.entry(client.id).or_default().push(text);
            }
        }
    }
    for (id, list) in &disagreements {
        println!("{id}: {} disagreements\n  {}", list.len(), list.join("\n  "));
    }
    let total: usize = disagreements.values().map(Vec::len).sum();
    println!("clients: {} clients, {cells} cells, {total} disagreements", CLIENTS.len());
    assert_eq!(total, 0);
}

/// Rules that no row of the table shows, each with the answers of the clients that were asked for it.
const WITNESSED: &str = include_str!("clients/witnessed.tsv");

#[test]
fn models_answer_as_single_clients_did() {
    let root = Authority::root("clients");
    let mut disagreements = vec![];
    for row in WITNESSED.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split('\t').collect::<Vec<_>>()) {
        let [case, reference, san, cn, answers] = row[..] else { panic!("{row:?}") };
        let leaf = Certificate::from_der(&Leaf::default().san(san).cn(cn).signed_by(&root).der).unwrap();
        for (id, answer) in answers.split(' ').map(|cell| cell.split_once('=').unwrap()) {
            assert!(is_name_verdict(answer), "{case}: {answer}");
            let ours = (by_id(id).unwrap().ask)(&case::reference(reference), leaf.subject_names());
            if word(ours) != answer {
                disagreements.push(format!("{case}: {reference} | {san} | {cn} -> {id} {answer}, model {ours:?}"));
            }
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

fn sources() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/clients");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// A model is derived from how the client works: no name of the table stands in it.
#[test]
fn no_model_knows_a_case() {
    let mut names = HashSet::new();
    for row in VERDICTS.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split('\t').collect::<Vec<_>>()) {
        let san = row[2].split(',').map(|entry| entry.split_once(':').map_or(entry, |(_, value)| value));
        let cn = row[3].split('|');
        names.extend(san.chain(cn).chain([row[1]]).filter(|name| name.trim_matches('.').contains('.')));
    }
    assert!(names.len() > 100 && names.contains("foo.example.com"));
    for (path, text) in sources() {
        for literal in text.split('"').skip(1).step_by(2) {
            assert!(!names.contains(literal), "{}: {literal}", path.display());
        }
    }
}

/// Every client's file says at its top which version was measured.
#[test]
fn every_client_has_a_header() {
    let sources = sources();
    let registry = &sources.iter().find(|(path, _)| path.ends_with("mod.rs")).unwrap().1;
    for client in CLIENTS {
        let entry = registry.split(&format!("id: \"{}\"", client.id)).nth(1).unwrap();
        let file = entry.split("ask: ").nth(1).unwrap().split("::").next().unwrap();
        let (_, text) = sources.iter().find(|(path, _)| path.file_stem().is_some_and(|stem| stem == file)).unwrap();
        let header: String = text.lines().take_while(|l| l.starts_with("//!")).collect();
        let version = client.version.split([' ', '-', ',']).find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(version) = version {
            let major = version.split('.').next().unwrap();
            assert!(header.contains(major), "{file}.rs does not name {version} of {}", client.id);
        }
        assert!(header.len() > 150, "{file}.rs: {header}");
    }
}

/// Each client stands in the table, in its order, and in exactly one of the four lists.
#[test]
fn the_registry_is_the_table() {
    let header = VERDICTS.lines().find(|l| l.starts_with("case\t")).unwrap();
    let columns: Vec<&str> = header.split('\t').skip(COLUMNS.len()).collect();
    assert_eq!(CLIENTS.iter().map(|c| c.id).collect::<Vec<_>>(), columns);
    for client in CLIENTS {
        assert!(VERDICTS.contains(&format!("#client\t{}\t{}\n", client.id, client.version)), "{}", client.id);
    }
}

/// Names and entries of which every pair is near enough to matter to some client.
const NAMES: [&str; 17] = [
    "www.a-1.test",
    "WWW.a-1.test",
    "a-1.test",
    "www.a-1.test.",
    "10.0.0.1",
    "www..test",
    "*.a-1.test",
    "x_y.a-1.test",
    "xn--tda.test",
    "www%2ea-1.test",
    "localhost",
    "1.test",
    "www.1a",
    "test.co.uk",
    "[::1]",
    "",
    "www.a-1.test:443",
];
const ENTRIES: [&str; 26] = [
    "DNS:www.a-1.test",
    "DNS:wWw.A-1.tEst",
    "DNS:a-1.test",
    "DNS:ww.a-1.test",
    "DNS:www.a-2.test",
    "DNS:mail.test",
    "DNS:www.a-1.test.",
    "DNS:.www.a-1.test",
    "DNS:www..a-1.test",
    "DNS:*.a-1.test",
    "DNS:w*.a-1.test",
    "DNS:*",
    "DNS:x_y.a-1.test",
    "DNS:xn--tda.test",
    "DNS:10.0.0.1",
    "DNS:1.test",
    "DNS:www.1a",
    "DNS:test.co.uk",
    "DNS:a b.test",
    "DNS:localhost",
    "DNS:",
    "IP:10.0.0.1",
    "IP:::1",
    "URI:https://www.a-1.test/",
    "email:root@www.a-1.test",
    "UPN:www.a-1.test",
];

/// `plain.rs` leaves names out of a long list that no client would look at twice.
#[test]
fn a_shorter_list_changes_no_answer() {
    let root = Authority::root("clients");
    let config = Config { cases: 2048, failure_persistence: None, ..Config::default() };
    let lists = (select(&NAMES), vec(select(&ENTRIES), 3..12), select(&["-", "www.a-1.test"]));
    let mut shortened = 0;
    let result = TestRunner::new(config).run(&lists, |(name, entries, cn)| {
        let leaf = Leaf::default().san(&entries.join(",")).cn(cn).signed_by(&root);
        let leaf = Certificate::from_der(&leaf.der).unwrap();
        for ((client, answer), asked) in Answers::of(name.as_bytes(), leaf.subject_names()).iter().zip(CLIENTS) {
            let whole = (asked.ask)(name.as_bytes(), leaf.subject_names());
            if answer != whole {
                return Err(TestCaseError::fail(format!("{}: {whole:?} became {answer:?}", client.id)));
            }
        }
        Ok(())
    });
    for name in NAMES {
        let leaf = Leaf::default().san("DNS:b.test,DNS:c.test,DNS:d.test,DNS:e.test,DNS:f.test").signed_by(&root);
        let leaf = Certificate::from_der(&leaf.der).unwrap();
        shortened += usize::from(
            plain::with_names_for(name.as_bytes(), leaf.subject_names()).is_some_and(|l| l.names().len() == 1),
        );
    }
    if let Err(error) = result {
        panic!("{error}");
    }
    assert_eq!(shortened, 5, "the names that are plain");
}
