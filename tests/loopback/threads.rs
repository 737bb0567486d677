//! A list that is dealt to several threads comes to the same as in one. How many there are is read
//! off the machine; here it is set.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use certcheck::cli::Args;
use certcheck::exit::Exit;
use certcheck::plan::{Action, Plan};
use certcheck::report::drawing::Color;
use certcheck::report::human::Charset;
use certcheck::report::wrap::Width;
use certcheck::terminal::Terminal;
use clap::Parser;
use serde_json::Value;

use crate::driver::{Pki, at};
use crate::support::{Behaviour, RawServer};

const PLAIN: Terminal = Terminal { color: Color::Plain, width: Width::Unbounded, charset: Charset::Utf8 };

fn plan(pki: &Pki, list: &str, more: &str, threads: usize) -> Plan {
    let line = format!("certcheck --targets {list} --json --ca-file {} {more}", pki.ca);
    let args = Args::try_parse_from(line.split_whitespace()).unwrap();
    let Action::Check(mut plan) = Action::new(&args).unwrap() else { panic!("no check: {line}") };
    plan.pace.threads = NonZeroUsize::new(threads).unwrap();
    *plan
}

/// Exit code, and the target and the verdict of each report.
fn run(plan: &Plan) -> (Exit, Vec<String>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = certcheck::check(plan, PLAIN, &mut out, &mut err).unwrap();
    let told = |line: &str| {
        let report: Value = serde_json::from_str(line).unwrap();
        format!("{} {}", at(&report, "/target"), at(&report, "/verdict"))
    };
    (exit, String::from_utf8(out).unwrap().lines().map(told).collect())
}

#[test]
fn threads_report_what_one_does() {
    let pki = Pki::new();
    let server = pki.server("DNS:*.example.test");
    let names = (0..400).map(|n| match n % 7 {
        3 => format!("h{n}.other.test@{}", server.addr()),
        5 => format!("not a target {n}"),
        _ => format!("h{n}.example.test@{}", server.addr()),
    });
    let list = pki.file("list", names.collect::<Vec<_>>().join("\n"));
    let (exit, one) = run(&plan(&pki, &list, "--ordered", 1));
    assert_eq!((exit, one.len()), (Exit::Mismatch, 400));
    for threads in [2, 5] {
        assert_eq!(run(&plan(&pki, &list, "--ordered", threads)), (exit, one.clone()));
        let (finished, any) = run(&plan(&pki, &list, "", threads));
        let sorted = |reports: &[String]| reports.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!((finished, any.len(), sorted(&any)), (exit, 400, sorted(&one)));
    }
    // More threads than may be at work at once are no harm, and no more are at work.
    assert_eq!(run(&plan(&pki, &list, "--ordered --concurrency 1", 5)), (exit, one.clone()));
    assert_eq!(run(&plan(&pki, &list, "--ordered --per-host 3", 3)), (exit, one));
}

/// Takes the first report, and no more.
struct Leaves(usize);

impl Write for Leaves {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.0 -= 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Threads that wait for silent servers end with the run.
#[test]
fn threads_end_when_nobody_reads_any_more() {
    let pki = Pki::new();
    let silent = RawServer::start(Behaviour::Silent);
    let server = pki.server("DNS:*.example.test");
    let mut lines: Vec<String> = (0..20).map(|n| format!("s{n}.example.test@{}", silent.addr())).collect();
    lines.extend((0..40).map(|n| format!("h{n}.example.test@{}", server.addr())));
    let list = pki.file("list", lines.join("\n"));
    let start = Instant::now();
    let plan = plan(&pki, &list, "--timeout 30s", 3);
    let exit = certcheck::check(&plan, PLAIN, &mut Leaves(1), &mut Vec::new()).unwrap();
    assert_eq!(exit, Exit::NotObtained, "the silent ones were left unchecked");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
