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

use certcheck::certificate::LeafCertificate;
use certcheck::clients::{Answer, CLIENTS};
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
        let leaf = LeafCertificate::from_der(&leaf.der).unwrap();
        let name = case::reference(row[1]);
        for client in CLIENTS.iter().filter(|c| only.as_deref().is_none_or(|id| id == c.id)) {
            let column = header.iter().position(|h| *h == client.id).unwrap();
            if !is_name_verdict(row[column]) {
                continue;
            }
            cells += 1;
            let ours = (client.ask)(&name, &leaf);
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
