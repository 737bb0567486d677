//! One run with every format, and what a run's output is held against.

#![allow(dead_code)]

use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use crate::driver::{Pki, run};
use crate::support::{Behaviour, Config, DAY, Leaf, RawServer, TlsServer, now};

/// The files of a run: an ending or a format, and the file's name.
pub const FILES: [(&str, &str); 9] = [
    ("", "report.xml"),
    ("", "report.sarif"),
    ("github:", "report.github"),
    ("", "report.prom"),
    ("nagios:", "report.nagios"),
    ("", "report.csv"),
    ("", "report.md"),
    ("", "report.html"),
    ("", "report.ndjson"),
];

/// What one run wrote.
pub struct Run {
    pki: Pki,
    /// The JSON that stood on standard output meanwhile.
    pub reports: Vec<Value>,
}

impl Run {
    /// The path of a file.
    pub fn path(&self, name: &str) -> String {
        self.pki.scratch.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes another file beside them.
    pub fn file(&self, name: &str, content: &str) -> String {
        self.pki.file(name, content)
    }
}

/// Matches, mismatches, ends near and past, a server that is silent, one whose certificate is full of
/// what nobody should trust, lines that are no targets.
pub fn everything() -> Run {
    let pki = Pki::new();
    let serve = |leaf: Leaf| TlsServer::start(Config::new(&leaf.signed_by(&pki.root)));
    let leaf = || Leaf::default().san("DNS:*.example.test,DNS:example.test");
    let good = serve(leaf());
    let soon = serve(leaf().valid(now() - DAY, now() + 5 * DAY));
    let over = serve(leaf().valid(now() - 9 * DAY, now() - DAY));
    let hostile = "DNS:x\\x0d\\x0a::error::forged,DNS:=1+1,DNS:@SUM(A1),DNS:-x;=y,URI:javascript:alert(1),\
                   DNS:<script>alert(1)</script>,DNS:[a](https://b.test)|`c`,DNS:{0}%0A\\x1b[31m,DNS:\"'&<!--]]>";
    let odd = serve(Leaf::default().san(hostile).cn("</script><img src=x onerror=alert(1)>"));
    let many = serve(Leaf::default().san(&(0..150).map(|n| format!("DNS:n{n}.test")).collect::<Vec<_>>().join(",")));
    let silent = RawServer::start(Behaviour::Silent);
    let mut lines: Vec<String> = Vec::new();
    for (server, names) in [
        (&good, &["www.example.test", "example.test", "a.b.example.test", "a_b.example.test", "www.example.test"][..]),
        (&soon, &["www.example.test"]),
        (&over, &["www.example.test", "other.test"]),
        (&odd, &["www.example.test", "bücher.test"]),
        (&many, &["n149.test", "n150.test"]),
    ] {
        lines.extend(names.iter().map(|name| format!("{name}@{}", server.addr())));
    }
    lines.push(format!("www.example.test@{}", silent.addr()));
    lines.extend([
        "=cmd|' /C calc'!A0".to_owned(),
        "a b`c`|d <b>e</b> [f](g) @h ::error::i %0A {0}".to_owned(),
        "x\u{202e}\u{1b}[31m\"'&<!-- ]]> -->".to_owned(),
    ]);
    let label = "long".repeat(15);
    lines.push(format!("{label}.{label}.{label}.other.test@{}", good.addr()));
    let list = pki.file("list", lines.join("\n"));
    let outputs: Vec<String> = FILES
        .iter()
        .map(|(format, name)| format!("{format}{}", pki.scratch.path().join(name).to_str().unwrap()))
        .collect();
    let mut args =
        vec!["--json", "--targets", &list, "--ca-file", &pki.ca, "--timeout", "2s", "--min-days", "30", "-q"];
    for output in &outputs {
        args.extend(["--output", output]);
    }
    let output = run(args).exits(1);
    let reports = output.json();
    assert_eq!(reports.len(), lines.len(), "{output:?}");
    let beside = fs::read_to_string(pki.scratch.path().join("report.ndjson")).unwrap();
    assert_eq!(beside, output.stdout);
    pki.file("stdout.ndjson", &output.stdout);
    Run { pki, reports }
}

/// Asserts that a line is one of a plugin's, by the Monitoring Plugins Development Guidelines: the
/// state, text, `|`, and performance data `'label'=value[unit];[warn];[crit];[min];[max]`.
pub fn plugin_line(line: &str) {
    let state = Regex::new("^(OK|WARNING|CRITICAL|UNKNOWN) - [^|\\n]+").unwrap();
    assert!(state.is_match(line), "{line}");
    let range = "(@?(~|-?[0-9.]+)?:?(-?[0-9.]+)?)?";
    let item = format!("^('[^'=]+'|[^'= ]+)=-?[0-9.]+(s|ms|us|%|B|KB|MB|TB|c)?(;{range}){{0,2}}(;-?[0-9.]*){{0,2}}$");
    let item = Regex::new(&item).unwrap();
    let Some((_, data)) = line.split_once('|') else { return };
    for datum in data.split_whitespace() {
        assert!(item.is_match(datum), "{datum}: {line}");
    }
    assert!(line.len() < 4_096, "longer than what every monitor reads: {}", line.len());
}

/// Interrupts a child once something has happened.
pub fn interrupt_when(child: &Child, happened: impl Fn() -> bool) {
    signal_when("INT", child, happened);
}

/// Sends a child a signal once something has happened.
pub fn signal_when(signal: &str, child: &Child, happened: impl Fn() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < Duration::from_secs(10), "it does not happen");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn every_report_is_in_every_format() {
    let run = everything();
    let read = |name: &str| fs::read_to_string(run.path(name)).unwrap();
    let junit = quick_junit::Report::deserialize_from_str(&read("report.xml")).unwrap();
    assert_eq!(junit.tests, run.reports.len());
    let html = read("report.html");
    assert_eq!(html.matches("<tbody role=\"rowgroup\" class=\"report ").count(), run.reports.len());
    let table = read("report.md").lines().filter(|line| line.starts_with('|')).count();
    assert_eq!(table, run.reports.len() + 2);
    assert_eq!(read("report.csv").lines().count(), run.reports.len() + 1);
    plugin_line(read("report.nagios").trim_end());
}
