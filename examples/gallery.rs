//! A gallery of TLS servers on loopback, and what certcheck says about each; no network is needed.
//!
//! `cargo run --release --example gallery` checks each exhibit through the library's own entry point
//! and prints what the binary would. With `-- --serve` the servers stay up, and the commands to try
//! are listed.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use certcheck::cli::Args;
use certcheck::exit::Exit;
use certcheck::plan::Plan;
use certcheck::terminal::Terminal;
use clap::Parser;
use support::{Authority, AuthoritySpec, Behaviour, Config, Issued, Leaf, RawServer, ScratchDir, TlsServer, name};

/// One server, and the question that is put to it.
struct Exhibit {
    title: &'static str,
    /// The name that is asked for; the host of the server where there is none.
    asked: Option<&'static str>,
    server: Server,
    more: &'static [&'static str],
    expected: Exit,
}

enum Server {
    Tls(TlsServer),
    Raw(RawServer),
}

impl Server {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Tls(server) => server.addr(),
            Self::Raw(server) => server.addr(),
        }
    }
}

fn main() -> ExitCode {
    let scratch = support::scratch_dir("gallery");
    let root = AuthoritySpec::new("").subject_der(name::subject(&[("CN", "Gallery Root")])).root();
    let ca_file = scratch.write("ca.pem", root.pem());
    let exhibits = exhibits(&root);
    if std::env::args().any(|arg| arg == "--serve") {
        serve(&exhibits, &ca_file, &scratch);
        return ExitCode::SUCCESS;
    }
    let mut as_expected = 0;
    for (number, exhibit) in exhibits.iter().enumerate() {
        let command = command(exhibit, &ca_file);
        println!("{}. {}\n$ {}", number + 1, exhibit.title, shown(&command));
        let exit = run(&command);
        println!("exit {}\n", exit.code());
        as_expected += usize::from(exit == exhibit.expected);
    }
    println!("gallery: {} exhibits, {as_expected} as expected", exhibits.len());
    if as_expected == exhibits.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same way as the binary's: arguments, plan, check.
fn run(command: &[String]) -> Exit {
    let plan = Plan::new(&Args::parse_from(command)).unwrap();
    let terminal = Terminal::detect(plan.output.color);
    certcheck::check(&plan, terminal, &mut std::io::stdout().lock(), &mut std::io::stderr()).unwrap()
}

fn command(exhibit: &Exhibit, ca_file: &Path) -> Vec<String> {
    let address = exhibit.server.address();
    let target = match exhibit.asked {
        Some(name) => format!("{name}@{address}"),
        None => address.to_string(),
    };
    let ca_file = ca_file.to_str().unwrap().to_owned();
    let mut command = vec!["certcheck".to_owned(), target, "--ca-file".to_owned(), ca_file];
    command.extend(exhibit.more.iter().map(|&arg| arg.to_owned()));
    command
}

fn shown(command: &[String]) -> String {
    command.join(" ")
}

fn serve(exhibits: &[Exhibit], ca_file: &Path, scratch: &ScratchDir) {
    println!("The gallery is open. Try:\n");
    for exhibit in exhibits {
        println!("  {:<44}# {}", shown(&command(exhibit, ca_file)), exhibit.title);
    }
    println!("\nPress Enter (or close standard input) to end it; {} goes then.", scratch.path().display());
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read(&mut [0]);
}

fn tls(title: &'static str, asked: Option<&'static str>, leaf: &Issued, expected: Exit) -> Exhibit {
    let server = Server::Tls(TlsServer::start(Config::new(leaf)));
    Exhibit { title, asked, server, more: &[], expected }
}

fn exhibits(root: &Authority) -> Vec<Exhibit> {
    let leaf = |san: &str| Leaf::default().san(san).signed_by(root);
    let www = name::subject(&[("CN", "www.example.test")]);
    let day = support::DAY;
    let now = support::now();
    let wildcard = "DNS:*.example.test,DNS:example.test";
    let expired = Leaf::default().san("DNS:www.example.test").valid(now - 100 * day, now - 10 * day).signed_by(root);
    let by_sni =
        Config::new(&leaf("DNS:default.example.test")).sni("shop.example.test", &leaf("DNS:shop.example.test"));
    let fake = Leaf::default()
        .subject_der(name::subject(&[("O", "Acme Co"), ("CN", "Kubernetes Ingress Controller Fake Certificate")]))
        .san("DNS:ingress.local")
        .self_signed();
    let http = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n".to_vec();
    let raw = |title, behaviour, more, expected| Exhibit {
        title,
        asked: Some("www.example.test"),
        server: Server::Raw(RawServer::start(behaviour)),
        more,
        expected,
    };
    vec![
        tls("the right name", Some("www.example.test"), &leaf("DNS:www.example.test"), Exit::Ok),
        tls("a wildcard", Some("www.example.test"), &leaf(wildcard), Exit::Ok),
        tls("one label too many for a wildcard", Some("a.b.example.test"), &leaf(wildcard), Exit::Mismatch),
        tls("the apex is missing", Some("example.test"), &leaf("DNS:www.example.test"), Exit::Mismatch),
        tls(
            "the name stands in the common name alone",
            Some("www.example.test"),
            &Leaf::default().subject_der(www.clone()).signed_by(root),
            Exit::Mismatch,
        ),
        tls("an IP address that is listed", None, &leaf("IP:127.0.0.1,DNS:www.example.test"), Exit::Ok),
        tls("an IP address that is not listed", None, &leaf("DNS:www.example.test"), Exit::Mismatch),
        tls("expired", Some("www.example.test"), &expired, Exit::NotAccepted),
        tls(
            "self-signed",
            Some("www.example.test"),
            &Leaf::default().subject_der(www).san("DNS:www.example.test").self_signed(),
            Exit::NotAccepted,
        ),
        Exhibit {
            title: "another certificate by SNI: the name that the server has",
            asked: Some("shop.example.test"),
            server: Server::Tls(TlsServer::start(by_sni.clone())),
            more: &[],
            expected: Exit::Ok,
        },
        Exhibit {
            title: "another certificate by SNI: a name that it has not, so the default answers",
            asked: Some("blog.example.test"),
            server: Server::Tls(TlsServer::start(by_sni)),
            more: &[],
            expected: Exit::Mismatch,
        },
        tls("an ingress controller's fake certificate", Some("app.example.test"), &fake, Exit::Mismatch),
        raw("plain HTTP on the port", Behaviour::AnswerAfterRead(http), &[], Exit::NotObtained),
        raw("a server that never answers", Behaviour::Silent, &["--timeout", "1s"], Exit::NotObtained),
    ]
}
