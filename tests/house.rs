//! The line of the house: above it everything is pure, and nothing above it knows what lies below.

#![allow(clippy::unwrap_used, missing_docs)]
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms above the line.
const PURE: &[&str] = &[
    "advice",
    "assess",
    "certificate",
    "clients",
    "data",
    "diagnosis",
    "escape",
    "evidence",
    "exit",
    "identity",
    "policy",
    "report",
    "starttls",
    "target",
    "trust",
];
/// The rooms below it.
const BELOW: &[&str] = &["cli", "net", "plan", "roots", "run", "terminal", "usage"];
/// What a pure room does not name: files, environment, processes, sockets, clocks, output.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "tokio::",
    "SystemTime",
    "Instant",
    "println!",
    "print!",
    "dbg!",
    "Timestamp::now",
    "Zoned::now",
];
/// What no file holds.
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "unsafe ", "FIXME", "TODO"];

/// What is wrong with one source file; `path` is relative to `src/`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let room = path.split(['/', '.']).next().unwrap_or(path);
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("//") {
            continue;
        }
        let mut complain = |what: &str| found.push(format!("src/{path}:{}: {what}: {line}", number + 1));
        for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
            complain(&format!("unfinished or unsafe ({word})"));
        }
        if line.contains("x509_parser") && path != "certificate/leaf.rs" {
            complain("x509-parser is imported in certificate/leaf.rs alone");
        }
        if !PURE.contains(&room) {
            continue;
        }
        for below in BELOW.iter().filter(|below| imports(line, below)) {
            complain(&format!("a room above the line imports `{below}`"));
        }
        let exit_code = path == "exit.rs" && line.contains("std::process::ExitCode");
        for word in IMPURE.iter().filter(|word| line.contains(**word) && !exit_code) {
            complain(&format!("not pure ({word})"));
        }
    }
    found
}

/// Whether a line names a room of the crate: `crate::net::…`, or within braces `crate::{…, net::…}`.
fn imports(line: &str, room: &str) -> bool {
    line.contains(&format!("crate::{room}::"))
        || line.contains(&format!("crate::{room};"))
        || (line.contains("crate::{")
            && line.split(['{', ',', '}', ' ']).any(|part| part.split("::").next() == Some(room)))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_line_is_held() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 40, "{} files", files.len());
    let mut found = Vec::new();
    for file in &files {
        let path = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        let room = path.split(['/', '.']).next().unwrap().to_owned();
        let known = PURE.contains(&room.as_str()) || BELOW.contains(&room.as_str()) || room == "lib" || room == "main";
        assert!(known, "the room of src/{path} stands in neither list");
        found.extend(violations(&path, &fs::read_to_string(file).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_broken_line_is_seen() {
    for (path, text) in [
        ("identity/x.rs", "use crate::net::visit;"),
        ("report/x.rs", "use crate::{escape, plan::Plan};"),
        ("trust.rs", "    let now = SystemTime::now();"),
        ("diagnosis/x.rs", "    crate::run::check();"),
        ("data/x.rs", "use std::fs::File;"),
        ("report/x.rs", "    println!(\"x\");"),
        ("net/x.rs", "use x509_parser::prelude::*;"),
        ("run.rs", "    todo!()"),
        ("exit.rs", "use std::process::exit;"),
    ] {
        assert_eq!(violations(path, text).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("identity/x.rs", "use crate::certificate::LeafCertificate;"),
        ("identity/x.rs", "// use crate::net::visit;"),
        ("net/x.rs", "use crate::plan::Visit;"),
        ("exit.rs", "use std::process::ExitCode;"),
        ("report/x.rs", "use crate::{escape, planet::Plan};"),
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
