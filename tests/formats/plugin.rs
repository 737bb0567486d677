//! `--format nagios`: each state, its line and its exit code.

use std::process::Stdio;
use std::time::Instant;

use crate::driver::{Output, Pki, collect, command, finish, run_line};
use crate::run::plugin_line;
use crate::support::{Behaviour, Config, DAY, Leaf, RawServer, TlsServer, now};

fn one_line(output: &Output) -> &str {
    assert_eq!(output.stdout.lines().count(), 1, "{output:?}");
    let line = output.stdout.trim_end_matches('\n');
    plugin_line(line);
    line
}

#[test]
fn each_state_has_its_word_and_its_exit_code() {
    let pki = Pki::new();
    let good = pki.server("DNS:www.example.test");
    let days = |from, to| {
        let leaf = Leaf::default().san("DNS:www.example.test").valid(now() + from * DAY, now() + to * DAY);
        TlsServer::start(Config::new(&leaf.signed_by(&pki.root)))
    };
    let (soon, over) = (days(-1, 5), days(-9, -1));
    let closed = RawServer::start(Behaviour::Silent);
    let at = |server: &TlsServer| format!("www.example.test@{}", server.addr());
    let silent = format!("www.example.test@{} --timeout 300ms", closed.addr());
    let (good_one, soon_one, over_one) = (at(&good), at(&soon), at(&over));
    let empty = pki.file("bad-lines", "a b c\n");
    for (line, code, word) in [
        (good_one.clone(), 0, "OK - "),
        (format!("{soon_one} --min-days 30"), 1, "WARNING - "),
        (format!("{over_one} --min-days 30"), 2, "CRITICAL - "),
        (format!("{soon_one} --min-days 30 --name other.test"), 2, "CRITICAL - "),
        (silent, 2, "CRITICAL - "),
        (format!("--targets {empty}"), 3, "UNKNOWN - "),
        (format!("{soon_one} {good_one} --min-days 30"), 1, "WARNING - 2 checked: 1 ok, 1 FAIL, 0 ERROR, 0 WARN; "),
        (format!("{good_one} {over_one} {soon_one} --min-days 30"), 2, "CRITICAL - 3 checked: "),
        (format!("--targets {empty} {soon_one} --min-days 30"), 3, "UNKNOWN - 2 checked: "),
    ] {
        let output = pki.run(&format!("{line} --format nagios")).exits(code);
        assert!(one_line(&output).starts_with(word), "{line}: {output:?}");
    }
    let output = pki.run(&format!("{soon_one} --min-days 30 --format nagios")).exits(1);
    assert!(one_line(&output).contains(" days_left=4;30:;0: ") || one_line(&output).contains(" days_left=5;30:;0: "));
}

/// A certificate that nobody trusts and that ends soon is no mere warning.
#[test]
fn only_what_ends_soon_and_nothing_else_is_a_warning() {
    let pki = Pki::new();
    let leaf = Leaf::default().san("DNS:www.example.test").valid(now() - DAY, now() + 5 * DAY);
    let server = TlsServer::start(Config::new(&leaf.signed_by(&pki.root)));
    let line = format!("www.example.test@{} --min-days 30 --format nagios", server.addr());
    assert!(one_line(&run_line(&line).exits(2)).starts_with("CRITICAL - "));
    assert!(one_line(&run_line(&format!("{line} --ignore trust")).exits(1)).starts_with("WARNING - "));
    assert!(one_line(&run_line(&format!("{line} --ignore trust,expiry")).exits(0)).starts_with("OK - "));
}

/// A monitor reads standard output alone.
#[test]
fn what_cannot_begin_is_unknown() {
    for line in [
        "--format nagios",
        "--format=nagios a.test --unknown-option",
        "a.test --format nagios --timeout x",
        "a.test --format nagios --ca-file /nonexistent/ca|pem=1",
        "a.test --format nagios --output /nonexistent/report.html",
        "--format nagios --targets /nonexistent/list",
    ] {
        let output = run_line(line).exits(3);
        assert!(one_line(&output).starts_with("UNKNOWN - "), "{line}: {output:?}");
        assert!(!output.stderr.is_empty(), "{line}");
    }
    // Who does not ask for it gets the program's own.
    assert!(run_line("--format json --unknown-option").exits(2).stdout.is_empty());
}

/// Beside a report for a monitor the exit code stays the program's own.
#[test]
fn a_file_changes_no_exit_code() {
    let pki = Pki::new();
    let path = pki.scratch.path().join("state").to_str().unwrap().to_owned();
    let output = run_line(&format!("--cert {} a.test --output nagios:{path} -q", pki.ca)).exits(1);
    assert!(output.stdout.starts_with("FAIL "), "{output:?}");
    assert!(std::fs::read_to_string(path).unwrap().starts_with("CRITICAL - "));
}

#[test]
fn an_output_that_is_full_is_unknown() {
    let pki = Pki::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = finish(command(["--cert", &pki.ca, "a.test", "--format", "nagios"]).stdout(full));
    assert_eq!(output.code, 2, "what was found is worse: {output:?}");
    let server = pki.server("DNS:www.example.test");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let target = format!("www.example.test@{}", server.addr());
    let output = finish(command([&target, "--ca-file", &pki.ca, "--format", "nagios"]).stdout(full)).exits(3);
    assert!(output.stderr.contains("could not be written"), "{output:?}");
}

/// Interrupted, it says so, and is at least UNKNOWN.
#[test]
fn an_interrupted_check_is_unknown() {
    let pki = Pki::new();
    let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
    let targets = [good.addr(), silent.addr()].map(|address| format!("www.example.test@{address}"));
    let args = [&targets[0], &targets[1], "--format", "nagios", "--ca-file", &pki.ca, "--timeout", "30s"];
    let child = command(args).stdout(Stdio::piped()).spawn().unwrap();
    crate::run::interrupt_when(&child, || silent.connections() > 0 && good.connections() > 0);
    let output = collect(child, Instant::now()).exits(3);
    assert!(one_line(&output).starts_with("UNKNOWN - interrupted: "), "{output:?}");
}
