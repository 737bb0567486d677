//! Servers by Go's crypto/tls (`groups.go`), which has groups that Debian's OpenSSL has not.

use std::process::Command;

use crate::WWW;
use crate::daemon::{Daemon, Home, Running, free_port, prepare};
use crate::driver::Pki;

/// Where `install.sh` puts Go.
const GO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/real/venv/bin/go");
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_servers/groups.go");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/real/go");
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/real/go/groups");

/// A server, and what is expected of it.
pub struct Row {
    /// What it is called.
    pub server: &'static str,
    /// The groups it has.
    groups: &'static [&'static str],
    /// The one that an ordinary Go client gets.
    pub go: &'static str,
    /// The exit code.
    pub code: i32,
    /// How the leaf was obtained, the group, and a code among the findings, or the error's.
    pub told: [&'static str; 3],
}

/// All of them.
pub const ROWS: &[Row] = &[
    Row {
        server: "X25519MLKEM768 alone",
        groups: &["X25519MLKEM768"],
        go: "X25519MLKEM768",
        code: 0,
        told: ["odd-algorithms", "X25519MLKEM768", "legacy-tls"],
    },
    Row {
        server: "X25519 beside it",
        groups: &["X25519MLKEM768", "X25519"],
        go: "X25519MLKEM768",
        code: 0,
        told: ["handshake", "X25519", "null"],
    },
    Row {
        server: "SecP256r1MLKEM768 alone",
        groups: &["SecP256r1MLKEM768"],
        go: "SecP256r1MLKEM768",
        code: 3,
        told: ["null", "null", "tls-alert"],
    },
    Row {
        server: "SecP384r1MLKEM1024 alone",
        groups: &["SecP384r1MLKEM1024"],
        go: "SecP384r1MLKEM1024",
        code: 3,
        told: ["null", "null", "tls-alert"],
    },
];

/// Starts them all.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let mut build = Command::new(GO);
    build.args(["build", "-o", PROGRAM, SOURCE]).env("CGO_ENABLED", "0").env("GOTOOLCHAIN", "local");
    prepare(build.env("GOCACHE", format!("{FOLDER}/cache")).env("GOPATH", FOLDER));
    let mut ports = Vec::new();
    let mut daemons = Vec::new();
    for row in ROWS {
        let port = free_port();
        let mut command = Command::new(PROGRAM);
        command.args(["serve", &cert, &key, &format!("127.0.0.1:{port}")]).args(row.groups);
        daemons.push(Daemon::start(row.server, &home, command, &[port]));
        ports.push((row.server, port));
    }
    Running::new(home, daemons, &ports)
}

/// The group that Go's own client gets.
pub fn ask(ca: &str, port: u16) -> String {
    let output = Command::new(PROGRAM).args(["ask", ca, WWW, &format!("127.0.0.1:{port}")]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
