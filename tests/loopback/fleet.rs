//! Many targets, and one target for a while: order, rate, limits, all addresses, waiting, resuming.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::{Pki, at, codes, run_line};
use super::support::{Config, TlsServer};

const MOMENT: Duration = Duration::from_millis(300);

fn targets(reports: &[Value]) -> Vec<&str> {
    reports.iter().map(|report| at(report, "/target")).collect()
}

#[test]
fn a_list_is_reported_in_its_order_where_that_is_asked_for() {
    let pki = Pki::new();
    let quick = pki.server("DNS:www.example.test");
    let slow = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).delay(MOMENT));
    let lines: Vec<String> = [&slow, &quick, &slow, &quick]
        .iter()
        .enumerate()
        .map(|(n, server)| format!("www.example.test@{}/{n}", server.addr()).replace('/', "\n#"))
        .collect();
    let list = pki.file("list", lines.join("\n"));
    let reports = pki.run(&format!("--targets {list} --json --ordered")).exits(0).json();
    let wanted: Vec<String> =
        [&slow, &quick, &slow, &quick].iter().map(|server| format!("www.example.test@{}", server.addr())).collect();
    assert_eq!(targets(&reports), wanted);
    let reports = pki.run(&format!("--targets {list} --json")).exits(0).json();
    assert_eq!(targets(&reports)[0], wanted[1], "without it the quick ones come first");
    assert!(run_line("a.test --ordered").exits(2).stderr.contains("--targets"));
}

#[test]
fn checks_are_begun_evenly() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let line = format!("www.example.test@{}\n", server.addr());
    let list = pki.file("list", line.repeat(9));
    let output = pki.run(&format!("--targets {list} --rate 20 -q")).exits(0);
    assert!(output.elapsed >= Duration::from_millis(390), "{output:?}");
    for bad in ["0", "x", "-1", "1.5"] {
        run_line(&format!("a.test --rate={bad}")).exits(2);
        run_line(&format!("a.test --per-host={bad}")).exits(2);
    }
}

#[test]
fn one_host_is_asked_so_often_at_once() {
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).delay(MOMENT));
    let line = format!("www.example.test@{}\n", server.addr());
    let list = pki.file("list", line.repeat(4));
    let output = pki.run(&format!("--targets {list} -q")).exits(0);
    assert!(output.elapsed < 2 * MOMENT, "{output:?}");
    let output = pki.run(&format!("--targets {list} -q --per-host 2")).exits(0);
    assert!(output.elapsed >= 2 * MOMENT, "{output:?}");
    // Other hosts do not wait for it, however many lines do.
    let quick = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).address("127.0.0.3:0"));
    let list = pki.file("many", format!("{}www.example.test@{}\n", line.repeat(8), quick.addr()));
    let output = pki.run(&format!("--targets {list} --json --per-host 1 --concurrency 2")).exits(0);
    let first = output.json().iter().position(|r| at(r, "/connection/address") == "127.0.0.3");
    assert!(first <= Some(2), "{first:?}");
    // The same side by side.
    let other = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).address("127.0.0.2:0").delay(MOMENT));
    let list = pki.file("two", format!("{line}www.example.test@{}\n", other.addr()));
    let output = pki.run(&format!("--targets {list} -q --per-host 1")).exits(0);
    assert!(output.elapsed < 2 * MOMENT, "{output:?}");
}

#[test]
fn an_address_needs_no_lookup_to_be_all() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let report = pki.one(&format!("www.example.test@{} --all-addresses", server.addr()), 0);
    assert_eq!(at(&report, "/connection/address"), "127.0.0.1");
}

#[test]
fn waiting_ends_when_all_is_ok() {
    let pki = Pki::new();
    let place = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let right = pki.issue("DNS:www.example.test");
    let later = thread::spawn(move || {
        thread::sleep(Duration::from_millis(900));
        TlsServer::start(Config::new(&right).address(&place.to_string()))
    });
    let output = pki.run(&format!("www.example.test@{place} --wait 30s --json")).exits(0);
    let server = later.join().unwrap();
    assert_eq!(at(&output.one(), "/verdict"), "match");
    assert!(output.elapsed >= Duration::from_millis(900) && output.elapsed < Duration::from_secs(20), "{output:?}");
    let polls: Vec<&str> = output.stderr.lines().collect();
    assert!(!polls.is_empty() && polls.iter().all(|line| line.starts_with("waiting: ERROR ")), "{output:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn waiting_ends_when_time_is_up() {
    let pki = Pki::new();
    let server = pki.server("DNS:other.test");
    let start = Instant::now();
    let output = pki.run(&format!("www.example.test@{} --wait 1200ms --json", server.addr())).exits(1);
    assert!(start.elapsed() >= Duration::from_secs(1), "{output:?}");
    // The last answer is looked into as ever.
    assert_eq!(codes(&output.one()), ["default-certificate"]);
    assert_eq!(output.stderr.lines().count(), 2, "after 0 and 500 ms: {output:?}");
    // A server that never answers does not prolong it by a whole --timeout.
    let silent = super::support::RawServer::start(super::support::Behaviour::Silent);
    let output = pki.run(&format!("www.example.test@{} --wait 1s --timeout 20s -q", silent.addr())).exits(3);
    assert!(output.elapsed < Duration::from_secs(5), "{output:?}");
    for line in ["a.test --wait 0", "--targets - --wait 5s", "--cert x --name a.test --wait 5s"] {
        run_line(line).exits(2);
    }
}

#[test]
fn a_run_that_was_cut_off_is_resumed() {
    let pki = Pki::new();
    let server = pki.server("DNS:a.test,DNS:b.test");
    let list: String = (0..20)
        .map(|n| match n % 4 {
            0 => format!("a.test@{}\n", server.addr()).replace("a.test", &format!("n{n}.test")),
            1 => format!("not a target {n}\n"),
            2 => format!("a.test@{}\n#{n}\n", server.addr()).replacen("a.test", &format!("m{n}.test"), 1),
            _ => format!("b.test@127.0.0.{}:{}\n", n + 1, server.port()),
        })
        .collect();
    let list = pki.file("list", list);
    let line = |more: &str| format!("--targets {list} --json --name a.test --name c.test --timeout 5s {more}");
    let keys = |reports: &[Value]| -> BTreeSet<String> {
        reports
            .iter()
            .map(|r| format!("{} {} {}", at(r, "/target"), at(r, "/reference/typed"), at(r, "/verdict")))
            .collect()
    };
    let whole = pki.run(&line(""));
    let all = keys(&whole.json());
    for cut in [0, 1, 700, whole.stdout.len() / 2, whole.stdout.len() - 1, whole.stdout.len()] {
        let part = &whole.stdout[..cut];
        let earlier = pki.file("earlier.json", part);
        let rest = pki.run(&line(&format!("--resume {earlier}")));
        let is_cut = !part.is_empty() && !part.ends_with('\n');
        let seam = format!("certcheck: the last line of {earlier} was cut off: it is checked again, ");
        assert_eq!(rest.stderr.starts_with(&seam), is_cut, "cut at {cut}: {}", rest.stderr);
        let whole_lines = part.rfind('\n').map_or("", |end| &part[..=end]);
        let together: Vec<Value> =
            whole_lines.lines().chain(rest.stdout.lines()).map(|line| serde_json::from_str(line).unwrap()).collect();
        let found = keys(&together);
        let differ: Vec<_> = found.symmetric_difference(&all).collect();
        assert!(differ.is_empty(), "cut at {cut}: {differ:?}");
        assert_eq!(together.len(), whole.json().len(), "cut at {cut}: none twice");
    }
    // All is there already: the exit code is that of what is there.
    let earlier = pki.file("earlier.json", &whole.stdout);
    let output = pki.run(&line(&format!("--resume {earlier}"))).exits(1);
    assert_eq!(
        (output.stdout.as_str(), output.stderr.lines().next()),
        ("", Some("0 checked: 0 ok, 0 FAIL, 0 ERROR, 0 WARN"))
    );
    // What it says stands, though the name would now cost more.
    let held = pki.file("held.json", pki.run(&format!("b.test@{} --json", server.addr())).exits(0).stdout);
    let held_file = held.clone();
    let again = pki.file("again", format!("b.test@{}\n", server.addr()));
    pki.run(&format!("--targets {again} --json --min-days 9999 --resume {held}")).exits(0);
    let held = whole.json().len();
    let told = format!("{held} reports stood in the earlier output: not asked again, but part of the exit code");
    assert_eq!(output.stderr.lines().last(), Some(&*told));
    let bad = pki.file("bad.json", "{}\n{}\n");
    assert!(
        pki.run(&line(&format!("--resume {bad}"))).exits(2).stderr.contains("line 1: it is not a report of certcheck")
    );
    // What contradicts itself, or is of another version, is not taken for a success.
    let report = |from: &str, to: &str| {
        let text = std::fs::read_to_string(&held_file).unwrap();
        assert!(text.contains(from), "{text}");
        pki.file("changed.json", text.replacen(from, to, 1))
    };
    for (from, to) in [
        ("\"exit_code\":0,", ""),
        ("\"exit_code\":0,", "\"exit_code\":1,"),
        ("\"verdict\":\"match\"", "\"verdict\":\"mismatch\""),
        ("\"accepted\":true", "\"accepted\":false"),
        ("\"version\":1", "\"version\":2"),
        ("\"kind\":\"check\"", "\"kind\":\"czech\""),
    ] {
        let changed = report(from, to);
        for option in ["--resume", "--baseline"] {
            let output = pki.run(&line(&format!("{option} {changed}"))).exits(2);
            assert!(output.stdout.is_empty() && output.stderr.contains("line 1: "), "{to}: {output:?}");
        }
    }
    // Nothing before and nothing now is not a success either.
    let nothing = pki.file("nothing", "");
    let output = pki.run(&format!("--targets {nothing} --json --resume {nothing}")).exits(3);
    assert!(output.stderr.contains("nothing was checked"), "{output:?}");
}

/// What goes on within a line that was cut off could not be read.
#[cfg(unix)]
#[test]
fn a_cut_output_is_not_gone_on_with_in_place() {
    let pki = Pki::new();
    let server = pki.server("DNS:a.test");
    let list = pki.file("list", format!("a.test@{}\n", server.addr()));
    let whole = pki.run(&format!("--targets {list} --json")).exits(0).stdout;
    for (held, code) in [(&whole[..whole.len() / 2], 2), (&whole[..], 0), ("", 0)] {
        let earlier = pki.file("earlier.json", held);
        let file = std::fs::OpenOptions::new().append(true).open(&earlier).unwrap();
        let arguments = ["--targets", &list, "--json", "--resume", &earlier, "--ca-file", &pki.ca];
        let output = super::driver::command(arguments).stdout(file).output().unwrap();
        let text = std::fs::read_to_string(&earlier).unwrap();
        assert_eq!(output.status.code(), Some(code), "{held:?}: {output:?}");
        assert_eq!(text.lines().count(), 1, "{text}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.contains("its last line was cut off"), code == 2, "{stderr}");
    }
}

#[test]
fn a_run_ends_with_what_it_came_to() {
    let pki = Pki::new();
    let server = pki.server("DNS:a.test,DNS:b.test");
    let other = pki.server("DNS:c.test");
    let list: String = ["a.test", "b.test", "x.test", "y.test", "x.test"]
        .iter()
        .map(|name| format!("{name}@{}\n", server.addr()))
        .chain([format!("c.test@{}\nnot a target\n", other.addr())])
        .collect();
    let list = pki.file("list", list);
    let path = pki.file("summary.json", "");
    let output = pki.run(&format!("--targets {list} --json --summary {path}")).exits(1);
    let lines: Vec<&str> = output.stderr.lines().collect();
    assert_eq!(lines[0], "7 checked: 3 ok, 3 FAIL, 1 ERROR, 0 WARN");
    assert!(lines[1].starts_with("why: different-name 3, ") && lines[2].starts_with("slowest: "), "{lines:?}");
    assert!(lines[3].contains("end soonest: ") && lines[3].contains(" days"), "{lines:?}");
    assert!(lines[4].starts_with("distinct certificates: 2; reports of the commonest: "), "{lines:?}");
    let summary: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((at(&summary, "/kind"), &summary["version"]), ("summary", &Value::from(1)));
    for (key, count) in [("checked", 7), ("ok", 3), ("mismatch", 3), ("error", 1), ("not_accepted", 0)] {
        assert_eq!(summary[key], count, "{summary}");
    }
    assert_eq!(summary["codes"][0]["code"], "different-name");
    assert_eq!((&summary["certificates"]["distinct"], &summary["cut_short"]), (&Value::from(2), &Value::Bool(false)));
    assert_eq!(summary["certificates"]["most_seen"][0]["reports"], 5);
    assert!(summary["slowest"][0]["elapsed_ms"].as_u64() >= summary["slowest"][1]["elapsed_ms"].as_u64());
    assert!(pki.run(&format!("--targets {list} -q")).exits(1).stderr.is_empty());
    pki.run(&format!("--targets {list} --summary /nowhere/at/all")).exits(5);
    // Where no certificate serves two, none is the commonest.
    let two = pki.file("two", format!("a.test@{}\nc.test@{}\n", server.addr(), other.addr()));
    let output = pki.run(&format!("--targets {two}")).exits(0);
    assert_eq!(output.stderr.lines().last(), Some("distinct certificates: 2"));
    for more in ["--summary -", "--output s.json --summary ./s.json", "--output s.json --output csv:./s.json"] {
        pki.run(&format!("--targets {list} {more}")).exits(2);
    }
}

/// `script` (util-linux) gives the program a terminal.
#[cfg(target_os = "linux")]
#[test]
fn progress_is_for_terminals_and_never_among_the_reports() {
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).delay(MOMENT));
    let list = pki.file("list", format!("www.example.test@{}\n# none\n\n", server.addr()).repeat(8));
    let out = pki.file("out.json", "");
    let line = format!(
        "{} --targets {list} --json --concurrency 2 --ca-file {} > {out}",
        env!("CARGO_BIN_EXE_certcheck"),
        pki.ca
    );
    let output = std::process::Command::new("script").args(["-qec", &line, "/dev/null"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        shown.contains("/8 checked, ") && shown.contains("0 FAIL, 0 ERROR") && shown.contains(" left"),
        "{shown:?}"
    );
    let rates: Vec<&str> = shown.split(", ").filter_map(|part| part.strip_suffix("/s")).collect();
    let is_rounded = |rate: &&str| rate.split_once('.').is_none_or(|(whole, tenths)| whole.len() + tenths.len() == 2);
    assert!(!rates.is_empty() && rates.iter().all(is_rounded), "{rates:?}");
    assert!(shown.contains("8 checked: 8 ok"), "{shown:?}");
    let reports = std::fs::read_to_string(&out).unwrap();
    assert_eq!(reports.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 8);
    assert_eq!(reports.lines().count(), 8);
}

/// What a terminal of 70 columns shows of a command that Ctrl-C ends once the bar says so much.
#[cfg(target_os = "linux")]
fn interrupted_at_a_terminal(command: &str, once: &str) -> String {
    // The shell hears Ctrl-C too; not every one waits for a command that ends by itself.
    let line = format!("trap : INT; stty rows 20 cols 70; {command}");
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    let mut terminal = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains(once) {
        let mut some = [0; 4096];
        let read = terminal.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend(&some[..read]);
    }
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(b"\x03").unwrap();
    terminal.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    drop(keyboard);
    String::from_utf8(shown).unwrap()
}

/// A terminal echoes Ctrl-C behind the bar; there has to be room in the bar's row, which is cleared with it.
#[cfg(target_os = "linux")]
#[test]
fn no_bar_stays_on_a_terminal_after_an_interrupt() {
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).delay(MOMENT * 20));
    let list = pki.file("list", format!("www.example.test@{}\n", server.addr()));
    let command = format!("{} --targets {list} --json; echo $?", env!("CARGO_BIN_EXE_certcheck"));
    let shown = interrupted_at_a_terminal(&command, " ERROR");
    // A busy machine may have drawn the bar once more behind it.
    let row = shown.split("\r\x1b[2K").find_map(|row| Some(&row[..row.find("^C")? + 2])).unwrap();
    assert!(row.contains("0/1 checked, 0.0/s, 0 FAIL, 0 ERROR  ") && row.len() <= 70, "{row:?}");
    assert!(shown.contains("\x1b[2Kinterrupted: 0 checked") && shown.ends_with("130\r\n"), "{shown:?}");
}

/// A run whose reader does not read cannot take the bar away; its last line is a row of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_stuck_leaves_the_bars_row() {
    let pki = Pki::new();
    let list = pki.file("list", "not a target\n".repeat(1_000));
    let command = format!("{} --targets {list} --json | (trap '' INT; sleep 2)", env!("CARGO_BIN_EXE_certcheck"));
    let shown = interrupted_at_a_terminal(&command, " left");
    assert!(shown.contains("/1000 checked, ") && shown.contains("  \r\ninterrupted: "), "{shown:?}");
}

/// A run that may open so many files; `prlimit` (util-linux) takes the others away.
#[cfg(target_os = "linux")]
fn with_files(most: u32, arguments: &[&str]) -> std::process::Output {
    let limit = format!("--nofile={most}:{most}");
    let mut command = std::process::Command::new("prlimit");
    command.args([&limit, env!("CARGO_BIN_EXE_certcheck")]).args(arguments).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn where_few_files_may_be_opened_connections_wait() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let list = pki.file("list", format!("www.example.test@{}\n", server.addr()).repeat(150));
    let output = with_files(40, &["--targets", &list, "-q", "--concurrency", "120", "--ca-file", &pki.ca]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().filter(|line| line.starts_with("ok ")).count(), 150);
    // That a file was waited for does not count as the server's silence.
    let slow = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).delay(MOMENT));
    let list = pki.file("list", format!("www.example.test@{}\n", slow.addr()).repeat(24));
    let timeout = format!("{}ms", MOMENT.as_millis() * 3);
    let output = with_files(20, &["--targets", &list, "-q", "--timeout", &timeout, "--ca-file", &pki.ca]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// With fewer than a run takes it says so; it does not panic.
#[cfg(target_os = "linux")]
#[test]
fn where_hardly_a_file_may_be_opened_that_is_said() {
    let pki = Pki::new();
    let list = pki.file("list", "127.0.0.1:1\n");
    for most in 5..=9 {
        for arguments in [&["127.0.0.1:1"][..], &["--targets", &list]] {
            let output = with_files(most, arguments);
            let said = String::from_utf8(output.stderr).unwrap();
            let code = output.status.code();
            assert!(
                code == Some(3) || code == Some(2) && said.contains("Too many open files"),
                "{most}: {code:?} {said}"
            );
        }
    }
}

/// The highest resident set of a run over so many lines, in KiB.
#[cfg(target_os = "linux")]
fn peak(pki: &Pki, lines: usize) -> u64 {
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text: Vec<String> = (0..lines).map(|n| format!("h{n}.example.test@127.0.0.1:{port}")).collect();
    let list = pki.file("long", text.join("\n"));
    let mut command = super::driver::command(["--targets", &list, "--json"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut highest = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        highest = mark.trim().trim_end_matches(" kB").parse().unwrap_or(highest).max(highest);
        thread::sleep(Duration::from_millis(10));
    }
    highest
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_list() {
    let pki = Pki::new();
    let (short, long) = (peak(&pki, 1_000), peak(&pki, 10_000));
    assert!(short > 0 && long < short + 4 * 1024, "1,000 lines: {short} KiB, 10,000: {long} KiB");
}
