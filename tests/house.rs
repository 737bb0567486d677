//! The line of the house: above it everything is pure, and nothing above it knows what lies below.
//!
//! The source is read as words, not as lines (`house/source.rs`), so that a path is found however it
//! is written: in a `use` tree over several lines, by `super`, under another name, in an expression.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, missing_docs, unreachable_pub)]

#[path = "house/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use source::{Named, names};

/// The rooms above the line.
const ABOVE: [&str; 17] = [
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
    "proxy",
    "report",
    "starttls",
    "target",
    "tls",
    "trust",
];
/// The rooms below it, and what the crate's root passes on from them.
const BELOW: [&str; 11] =
    ["baseline", "check", "cli", "files", "net", "plan", "resume", "roots", "run", "terminal", "usage"];
/// What a room above the line does not name; `*` ends a word that may go on.
const IMPURE: [&str; 16] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net::Tcp*",
    "std::net::Udp*",
    "std::net::ToSocketAddrs",
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "tokio",
    "tokio_rustls",
];
/// The one name of these that a room above the line has: exit codes are what `exit.rs` is about.
const EXIT_CODE: (&str, &str) = ("exit.rs", "std::process::ExitCode");
/// Macros that print.
const PRINTING: [&str; 5] = ["print!", "println!", "eprint!", "eprintln!", "dbg!"];
/// What no file has.
const NOWHERE: [&str; 3] = ["todo!", "unimplemented!", "unsafe"];
/// The one file that names x509-parser.
const PARSER: (&str, &str) = ("certificate/parse.rs", "x509_parser");

#[test]
fn the_line_is_held() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 40, "only {} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let path = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        found.extend(violations(&path, &fs::read_to_string(&file).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    found.sort();
    found
}

/// What is wrong with a file, by its path under `src/` and its text.
fn violations(path: &str, text: &str) -> Vec<String> {
    let room = path.split(['/', '.']).next().unwrap_or(path);
    let above = ABOVE.contains(&room);
    let mut found = Vec::new();
    if !above && !BELOW.contains(&room) && !["lib", "main"].contains(&room) {
        found.push(format!("src/{path}: on which side of the line is `{room}`?"));
    }
    for Named { line, name } in names(path, text) {
        let is = |forbidden: &&str| holds(forbidden, &name);
        let what = if NOWHERE.iter().any(is) {
            "unfinished or unsafe"
        } else if holds(PARSER.1, &name) && path != PARSER.0 {
            "x509-parser is named in certificate/parse.rs alone"
        } else if above && BELOW.iter().any(|room| holds(&format!("crate::{room}"), &name)) {
            "a room above the line names one below it"
        } else if above && (PRINTING.iter().any(is) || IMPURE.iter().any(is)) && (path, name.as_str()) != EXIT_CODE {
            "not pure"
        } else {
            continue;
        };
        found.push(format!("src/{path}:{line}: {what}: {name}"));
    }
    found
}

/// Whether a name is the forbidden one or lies below it; a name that ends in `*` may be anything
/// there.
fn holds(forbidden: &str, name: &str) -> bool {
    let (mut wanted, mut given) = (forbidden.split("::"), name.split("::"));
    loop {
        match (wanted.next(), given.next()) {
            (None, _) | (Some(_), Some("*")) => return true,
            (Some(_), None) => return false,
            (Some(wanted), Some(given)) => {
                let same = wanted.strip_suffix('*').map_or(wanted == given, |beginning| given.starts_with(beginning));
                if !same {
                    return false;
                }
            }
        }
    }
}

#[test]
fn a_broken_line_is_seen() {
    for (path, text, name) in [
        ("identity/name.rs", "use crate::net::visit;", "crate::net::visit"),
        ("identity/name.rs", "use crate::net;", "crate::net"),
        ("identity/name.rs", "pub use crate::{run as go, escape};", "crate::run"),
        ("report/human.rs", "use crate::{\n    escape::{Shown, escape},\n    plan::{self, Plan},\n};", "crate::plan"),
        ("report/human.rs", "use super::super::roots;", "crate::roots"),
        ("report/human.rs", "mod tests { use super::super::super::terminal::Terminal; }", "crate::terminal::Terminal"),
        ("report/mod.rs", "use super::cli::Args;", "crate::cli::Args"),
        ("trust.rs", "fn f() -> u8 { crate::usage::man() }", "crate::usage::man"),
        ("assess.rs", "use crate::check;", "crate::check"),
        ("data/schemes.rs", "use std::fs;", "std::fs"),
        ("data/schemes.rs", "use std::{fmt, fs::File, io};", "std::fs::File"),
        ("data/schemes.rs", "use std::{\n    env,\n};", "std::env"),
        ("data/schemes.rs", "use std::*;", "std::*"),
        ("policy.rs", "use std::process::Command;", "std::process::Command"),
        ("exit.rs", "use std::process::exit;", "std::process::exit"),
        ("policy.rs", "use std::process::ExitCode;", "std::process::ExitCode"),
        ("evidence/mod.rs", "use std::net::{IpAddr, TcpStream};", "std::net::TcpStream"),
        ("evidence/mod.rs", "fn f() { let _ = ::std::net::UdpSocket::bind(a); }", "std::net::UdpSocket::bind"),
        ("starttls/smtp.rs", "use tokio::io::AsyncRead;", "tokio::io::AsyncRead"),
        ("trust.rs", "use std::time::SystemTime;\nfn f() { SystemTime::now(); }", "std::time::SystemTime::now"),
        ("trust.rs", "use std::time::{Instant as I};\nfn f() { I::now(); }", "std::time::Instant::now"),
        ("trust.rs", "use std::time;\nfn f() { time::Instant::now(); }", "std::time::Instant::now"),
        ("clients/go.rs", "fn f() { println!(\"x\"); }", "println!"),
        ("clients/go.rs", "fn f() { eprint! { \"x\" } }", "eprint!"),
        ("clients/go.rs", "fn f() { std::println!(\"x\"); }", "println!"),
        ("identity/name.rs", "use x509_parser::prelude::*;", "x509_parser::prelude::*"),
        ("net/tap.rs", "use x509_parser::prelude::*;", "x509_parser::prelude::*"),
        ("run.rs", "fn f() { todo!{} }", "todo!"),
        ("run.rs", "fn f() { unimplemented!{} }", "unimplemented!"),
        ("run.rs", "fn f() { unsafe{} }", "unsafe"),
    ] {
        let found = violations(path, text);
        let seen = found.iter().any(|found| found.ends_with(&format!(": {name}")));
        assert!(seen, "{path}: {text}: {name} is not in {found:?}");
    }
    assert_eq!(violations("attic.rs", "").len(), 1, "a room that is not in the lists");
}

#[test]
fn what_may_be_said_is_not_complained_of() {
    for (path, text) in [
        ("identity/name.rs", "use crate::certificate::{Certificate, names};"),
        ("identity/name.rs", "// use crate::net::visit;\n/* use std::fs; /* unsafe */ println!() */"),
        ("identity/name.rs", "/// See [`crate::net`] and `todo!`."),
        ("identity/name.rs", "const A: &str = \"use crate::net; \\\" std::fs\"; const B: char = '\"';"),
        ("identity/name.rs", "const A: &[u8] = br#\"\"unsafe std::env\"#; fn f<'a>(_: &'a str) { println(); }"),
        ("identity/name.rs", "use super::net; use self::run; mod net {} mod run {}"),
        ("report/human.rs", "use crate::{escape, planet::Plan, network};"),
        ("report/human.rs", "use std::io::{self, Write}; fn f(w: &mut dyn Write) { writeln!(w); io::sink(); }"),
        ("evidence/mod.rs", "use std::net::{IpAddr, SocketAddr}; use std::time::Duration;"),
        ("trust.rs", "fn f(now: SystemTime, unsafely: bool) { now.elapsed(); }"),
        ("exit.rs", "use std::process::ExitCode;"),
        ("net/visit.rs", "use crate::plan::Visit; use tokio::time::Instant; fn f() { Instant::now(); println!(); }"),
        ("certificate/parse.rs", "use x509_parser::certificate::X509Certificate;"),
        ("main.rs", "fn main() -> std::process::ExitCode { certcheck::run(std::env::args_os()).into() }"),
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
