//! `--targets`: what a line is, in which order reports come, what several of them exit with.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::driver::{Pki, at, collect, command, run_line, run_with_input};
use crate::support::{Config, Leaf, TlsServer};

/// An open server, one whose certificate is untrusted, and a closed port: targets by their exit code.
struct Servers {
    pki: Pki,
    good: TlsServer,
    untrusted: TlsServer,
    closed: u16,
}

impl Servers {
    fn start() -> Self {
        let pki = Pki::new();
        let good = pki.server("DNS:www.example.test");
        let untrusted = TlsServer::start(Config::new(&Leaf::default().san("DNS:www.example.test").self_signed()));
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self { pki, good, untrusted, closed }
    }

    /// The target that gives an exit code.
    fn target(&self, code: i32) -> String {
        match code {
            0 => format!("www.example.test@{}", self.good.addr()),
            1 => format!("other.test@{}", self.good.addr()),
            3 => format!("www.example.test@127.0.0.1:{}", self.closed),
            4 => format!("www.example.test@{}", self.untrusted.addr()),
            _ => panic!("no target gives {code}"),
        }
    }
}

#[test]
fn the_worst_report_decides_in_the_order_1_3_4() {
    let servers = Servers::start();
    for (codes, whole) in [
        (&[0, 0][..], 0),
        (&[0, 4], 4),
        (&[4, 0], 4),
        (&[3, 4, 0], 3),
        (&[4, 3], 3),
        (&[0, 3], 3),
        (&[3, 1, 4], 1),
        (&[4, 1], 1),
        (&[1, 3], 1),
        (&[0, 1, 0], 1),
    ] {
        let targets: Vec<String> = codes.iter().map(|&code| servers.target(code)).collect();
        let output = servers.pki.run(&format!("--json {}", targets.join(" "))).exits(whole);
        let each: Vec<i64> = output.json().iter().map(|report| report["exit_code"].as_i64().unwrap()).collect();
        assert_eq!(each, codes.iter().map(|&code| i64::from(code)).collect::<Vec<_>>(), "in the order given");
        let list = servers.pki.file("list", targets.join("\n"));
        let output = servers.pki.run(&format!("--json --targets {list}")).exits(whole);
        assert_eq!(output.json().len(), codes.len());
    }
}

#[test]
fn a_bad_line_is_an_error_of_its_own_and_the_rest_goes_on() {
    let servers = Servers::start();
    let text = format!(
        "# targets\r\n\r\n  {}  \r\nhost:99999\n\n\t# indented\n{}\nx y\n\u{1b}[31m\n{}",
        servers.target(0),
        servers.target(4),
        servers.target(0)
    );
    let list = servers.pki.file("list", &text);
    let from_file = servers.pki.run(&format!("--json --targets {list}")).exits(3);
    let from_input = run_with_input(&format!("--json --targets - --ca-file {}", servers.pki.ca), text.as_bytes());
    for output in [from_file, from_input.exits(3)] {
        let reports = output.json();
        assert_eq!(reports.len(), 6, "{output:?}");
        let bad: Vec<_> = reports.iter().filter(|r| at(r, "/error/code") == "bad-target-line").collect();
        let mut lines: Vec<u64> = bad.iter().map(|r| r["error"]["line"].as_u64().unwrap()).collect();
        lines.sort_unstable();
        assert_eq!(lines, [4, 8, 9]);
        for report in bad {
            assert_eq!(at(report, "/error/stage"), "input");
            assert!(report["reference"].is_null() && report["connection"].is_null(), "{report}");
        }
        assert!(output.stdout.contains("`host:99999`"), "the text is quoted: {output:?}");
        assert!(!output.stdout.contains('\u{1b}'), "{output:?}");
        assert_eq!(output.stderr.lines().next(), Some("6 checked: 2 ok, 1 FAIL, 3 ERROR, 0 WARN"));
    }
}

#[test]
fn lines_that_no_program_should_choke_on() {
    let servers = Servers::start();
    let mut text = vec![b'x'; 100_000];
    text.extend(b"\n\xff\xfe\n\0\n");
    text.extend(servers.target(0).bytes());
    text.extend(b"\nhttps://user:hunter2@127.0.0.1:99999/");
    let list = servers.pki.file("list", text);
    let output = servers.pki.run(&format!("--json --targets {list}")).exits(3);
    assert_eq!(output.json().len(), 5);
    assert!(output.stdout.len() < 12_000 && !output.stdout.contains("hunter2"), "{output:?}");
    for empty in ["", "\n\n", "# nothing\n"] {
        let list = servers.pki.file("empty", empty);
        let output = servers.pki.run(&format!("--targets {list}")).exits(2);
        let said =
            "0 checked: 0 ok, 0 FAIL, 0 ERROR, 0 WARN\ncertcheck: the list holds no target, so nothing was checked\n";
        assert_eq!(output.stderr, said, "{empty:?}");
    }
}

#[test]
fn a_list_that_cannot_be_opened_leaves_nothing_checked() {
    let servers = Servers::start();
    for (list, why) in [("/nonexistent/list", "file not found"), ("/", "it is a directory")] {
        let output = servers.pki.run(&format!("{} --targets {list}", servers.target(0))).exits(2);
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(output.stderr, format!("certcheck: the list {list}: {why}\n"));
    }
    assert_eq!(servers.good.connections(), 0);
    run_line("--targets x --cert y").exits(2);
}

#[test]
fn in_bulk_each_is_one_line_with_its_word() {
    let servers = Servers::start();
    let targets = [0, 1, 3, 4].map(|code| servers.target(code));
    let list = servers.pki.file("list", targets.join("\n"));
    let output = servers.pki.run(&format!("--targets {list}")).exits(1);
    assert_eq!(output.stdout.lines().count(), 4, "{output:?}");
    for (word, target) in ["ok", "FAIL", "ERROR", "FAIL"].into_iter().zip(&targets) {
        let begin = format!("{word} {target}: ");
        assert!(output.stdout.lines().any(|line| line.starts_with(&begin)), "{begin}: {output:?}");
    }
    assert_eq!(output.stderr.lines().next(), Some("4 checked: 1 ok, 2 FAIL, 1 ERROR, 0 WARN"));
}

#[test]
fn arguments_report_in_their_order_and_lines_as_they_finish() {
    let pki = Pki::new();
    let slow = Config::new(&pki.issue("DNS:www.example.test")).delay(Duration::from_millis(1500));
    let (slow, quick) = (TlsServer::start(slow), pki.server("DNS:www.example.test"));
    let [slow, quick] = [slow.addr(), quick.addr()].map(|address| format!("www.example.test@{address}"));
    let order = |output: super::driver::Output| -> Vec<String> {
        output.json().iter().map(|report| at(report, "/target").to_owned()).collect()
    };
    let given = pki.run(&format!("--json {slow} {quick}")).exits(0);
    assert_eq!(order(given), [slow.clone(), quick.clone()]);
    let list = pki.file("list", format!("{slow}\n{quick}\n"));
    let finished = pki.run(&format!("--json --targets {list}")).exits(0);
    assert_eq!(order(finished), [quick, slow]);
}

/// The first report is there before the second line is written.
#[test]
fn reports_leave_as_they_come() {
    let servers = Servers::start();
    let mut child =
        command(["--json", "--targets", "-", "--ca-file", &servers.pki.ca]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for code in [0, 1, 4, 3, 0] {
        writeln!(stdin, "{}", servers.target(code)).unwrap();
        let report: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(report["exit_code"], code);
    }
    drop(stdin);
    assert!(lines.next().is_none());
    let output = collect(child, Instant::now()).exits(1);
    assert_eq!(output.stderr.lines().next(), Some("5 checked: 2 ok, 2 FAIL, 1 ERROR, 0 WARN"));
}

#[test]
fn a_list_stands_beside_arguments_and_names() {
    let servers = Servers::start();
    let list = servers.pki.file("list", servers.target(1) + "\n" + &servers.target(3));
    let line = format!("{} --targets {list} --json", servers.target(4));
    let output = servers.pki.run(&line).exits(1);
    assert_eq!(output.json().len(), 3);
    let output = servers.pki.run(&format!("{line} --name www.example.test --name x.test")).exits(1);
    assert_eq!(output.json().len(), 6);
    // Quiet says no more than the reports.
    let output = servers.pki.run(&format!("--targets {list} -q")).exits(1);
    assert!(output.stderr.is_empty() && output.stdout.lines().count() == 2, "{output:?}");
}

/// Sends interrupts, one shortly after the other, to a run that is blocked in writing because its
/// reader does not read. Returns how long the run then takes to end.
#[cfg(unix)]
fn interrupted_unread(times: u32) -> std::time::Duration {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let scratch = crate::support::scratch_dir("interrupt");
    let list = scratch.write("list", "no target\n".repeat(20_000));
    let mut child = Command::new(env!("CARGO_BIN_EXE_certcheck"))
        .arg("--targets")
        .arg(list)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    for _ in 0..times {
        assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
        std::thread::sleep(Duration::from_millis(50));
    }
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(5), "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(said.starts_with("interrupted: ") && said.contains(" checked: 0 ok"), "{said}");
    start.elapsed()
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_run_whose_reader_does_not_read() {
    interrupted_unread(1);
}

/// The first interrupt is given half a second. Three tries, since the machine may be busy.
#[cfg(unix)]
#[test]
fn a_second_interrupt_is_not_waited_out() {
    let tries: Vec<_> = (0..3).map(|_| interrupted_unread(2)).collect();
    assert!(tries.iter().any(|elapsed| elapsed.as_millis() < 400), "{tries:?}");
}
