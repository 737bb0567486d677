//! What further questions cost: the wall time of a mismatch with all probes and without any, at a
//! server that waits 50 ms on every connection. Ends with an error where it is more than twice.
//!
//! `cargo bench --bench probes`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub, dead_code)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Authority, Config, Leaf, TlsServer};

/// What is added to every connection.
const DELAY: Duration = Duration::from_millis(50);
/// How many pairs are measured.
const PAIRS: usize = 25;

fn main() {
    let root = Authority::root("Bench Root");
    let folder = support::scratch_dir("probes");
    let ca = folder.write("ca.pem", root.pem());
    let leaf = Leaf::default().san("DNS:other.test").signed_by(&root);
    let server = TlsServer::start(Config::new(&leaf).delay(DELAY));
    let target = format!("www.example.test@{}", server.addr());
    let time = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certcheck"));
        command.args([&target, "--ca-file"]).arg(&ca).args(more).stdout(Stdio::null());
        let start = Instant::now();
        let status = command.status().expect("certcheck");
        assert_eq!(status.code(), Some(1));
        start.elapsed()
    };
    time(&["--no-probes"]);
    let mut pairs: Vec<(Duration, Duration)> = (0..PAIRS).map(|_| (time(&[]), time(&["--no-probes"]))).collect();
    assert_eq!(server.connections(), 1 + PAIRS * (8 + 1), "connections of a check with probes: 8");
    pairs.sort_by_key(|(with, without)| with.as_nanos() * 1_000_000 / without.as_nanos());
    // What else the machine does only ever adds: the least of each is what the program takes.
    let with = pairs.iter().map(|(with, _)| *with).min().unwrap_or_default();
    let without = pairs.iter().map(|(_, without)| *without).min().unwrap_or_default();
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    println!("a mismatch with 7 probes: {with:.1?}; without: {without:.1?}; ratio {ratio:.3} (the limit is 2)");
    assert!(ratio <= 2.0, "more than twice");
}
