//! `--timeout`, `--retries`, `--concurrency`; what an interruption leaves behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::driver::{Pki, at, codes, run_line};
use crate::support::raw::fatal_alert;
use crate::support::server::serve_tls;
use crate::support::{Behaviour, Config, Leaf, RawServer, TlsServer};

/// What a run may take beyond what it has to wait for, on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(4);

#[test]
fn a_server_that_says_nothing_costs_the_timeout_and_no_more() {
    let forever = Behaviour::Dribble { bytes: vec![0x16; 100_000], every: Duration::from_millis(20) };
    // A server hello that is never complete, in records that always come.
    let octets = [2, 0, 0x40].into_iter().chain(std::iter::repeat_n(0, 1000));
    let drip: Vec<u8> = octets.flat_map(|octet| [0x16, 3, 3, 0, 1, octet]).collect();
    let dribble = Behaviour::Dribble { bytes: drip, every: Duration::from_millis(20) };
    for (what, behaviour) in [("silent", Behaviour::Silent), ("dribbling", dribble), ("dribbling nonsense", forever)] {
        let server = RawServer::start(behaviour);
        let line = format!("www.example.test@{} --json --timeout 800ms", server.addr());
        let output = run_line(&line).exits(3);
        assert!(output.elapsed < Duration::from_millis(800) + SLACK, "{what}: {output:?}");
        if what != "dribbling nonsense" {
            assert!(output.elapsed >= Duration::from_millis(800), "{what}: {output:?}");
            assert_eq!(at(&output.one(), "/error/code"), "timeout", "{what}");
        }
    }
}

/// An alert is followed by further questions to the same server: they share the one deadline.
#[test]
fn fallbacks_stand_within_the_timeout() {
    let first = Arc::new(AtomicUsize::new(0));
    let behaviour = Behaviour::custom(move |stream| {
        use std::io::{Read, Write};
        let mut stream = stream;
        let _ = stream.read(&mut [0; 4096]);
        if first.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = stream.write_all(&fatal_alert(40));
        } else {
            thread::sleep(Duration::from_secs(20));
        }
    });
    let server = RawServer::start(behaviour);
    let output = run_line(&format!("www.example.test@{} --json --timeout 1s", server.addr())).exits(3);
    assert_eq!(at(&output.one(), "/error/code"), "tls-alert");
    assert!(output.elapsed < Duration::from_secs(1) + SLACK, "{output:?}");
}

#[test]
fn durations_are_read_as_they_are_written() {
    let server = RawServer::start(Behaviour::Silent);
    for (written, shown) in [("1", "1 s"), ("0.5", "0.5 s"), ("250ms", "0.25 s"), ("1s", "1 s"), ("0.01m", "0.6 s")] {
        let output = run_line(&format!("a.test@{} --json --timeout {written}", server.addr())).exits(3);
        let report = output.one();
        assert!(at(&report, "/error/message").contains(&format!("within {shown} ")), "{written}: {report}");
    }
    for bad in ["0", "-1", "x", "", "1h", "1e3", "inf", "nan", "1.5.5", "999999999999"] {
        run_line(&format!("a.test --timeout={bad}")).exits(2);
    }
}

/// Resets the first connections, then serves.
fn flaky(pki: &Pki, resets: usize) -> RawServer {
    let tls = Config::new(&pki.issue("DNS:www.example.test")).rustls();
    let seen = AtomicUsize::new(0);
    RawServer::start(Behaviour::custom(move |stream| {
        if seen.fetch_add(1, Ordering::SeqCst) < resets {
            // To close with unread data is to reset.
            let _ = stream.peek(&mut [0]);
        } else {
            serve_tls(&stream, Arc::clone(&tls));
        }
    }))
}

#[test]
fn what_may_pass_is_tried_again() {
    let pki = Pki::new();
    // Each attempt that is reset asks once more, by a plain hello; where that finds no old server, a
    // third time as the first.
    for (resets, retries, code, connections) in
        [(1, 0, 0, 3), (2, 0, 3, 2), (2, 1, 0, 3), (4, 1, 3, 4), (4, 2, 0, 5), (4, 5, 0, 5)]
    {
        let server = flaky(&pki, resets);
        let report = pki.one(&format!("www.example.test@{} --retries {retries}", server.addr()), code);
        assert_eq!(server.connections(), connections, "{retries} retries");
        if code == 0 {
            assert_eq!(at(&report, "/connection/obtained"), "handshake");
            assert_eq!(at(&report, "/connection/possession"), "proven");
        }
        let wanted = if code == 0 { "null" } else { "connection-reset" };
        assert_eq!(at(&report, "/error/code"), wanted, "{retries} retries");
    }
    let silent = RawServer::start(Behaviour::Silent);
    pki.one(&format!("www.example.test@{} --timeout 1s --retries 2", silent.addr()), 3);
    // A busy machine may accept the last one a little later.
    let deadline = Instant::now() + SLACK;
    while silent.connections() < 3 && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(silent.connections(), 3);
    for bad in ["-1", "x", "101", "1.5"] {
        run_line(&format!("a.test --retries={bad}")).exits(2);
    }
}

#[test]
fn a_verdict_is_not_tried_again() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    pki.one(&format!("other.test@{} --retries 3 --no-probes", server.addr()), 1);
    assert_eq!(server.connections(), 1);
    let untrusted = TlsServer::start(Config::new(&Leaf::default().san("DNS:www.example.test").self_signed()));
    pki.one(&format!("www.example.test@{} --retries 3", untrusted.addr()), 4);
    assert_eq!(untrusted.connections(), 1);
    for behaviour in [
        Behaviour::AnswerAfterRead(fatal_alert(112)),
        Behaviour::AnswerAfterRead(b"HTTP/1.0 400 Bad Request\r\n".to_vec()),
    ] {
        let server = RawServer::start(behaviour);
        pki.one(&format!("www.example.test@{} --retries 3", server.addr()), 3);
        assert_eq!(server.connections(), 1);
    }
}

/// A server that takes so long before it answers, and how many connections it had open at once, at the most.
fn counting(pki: &Pki, before: Duration) -> (RawServer, Arc<AtomicUsize>) {
    let tls = Config::new(&pki.issue("DNS:www.example.test")).rustls();
    let (open, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = RawServer::start(Behaviour::custom(move |stream| {
        seen.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(before);
        // Counted out before the client can be done with it.
        open.fetch_sub(1, Ordering::SeqCst);
        serve_tls(&stream, Arc::clone(&tls));
    }));
    (server, most)
}

#[test]
fn no_more_than_so_many_are_under_way() {
    let pki = Pki::new();
    let (server, most) = counting(&pki, Duration::from_millis(400));
    let targets = vec![format!("www.example.test@{}", server.addr()); 8];
    let list = pki.file("list", targets.join("\n"));
    for (from, concurrency, waves) in
        [(format!("--targets {list}"), 4, 2), (targets.join(" "), 2, 4), (format!("--targets {list}"), 1, 8)]
    {
        most.store(0, Ordering::SeqCst);
        let output = pki.run(&format!("{from} --concurrency {concurrency}")).exits(0);
        assert_eq!(most.load(Ordering::SeqCst), concurrency);
        let least = Duration::from_millis(400) * waves;
        assert!(output.elapsed >= least, "{concurrency} at once: {:?}", output.elapsed);
        assert!(output.elapsed < least + SLACK, "{concurrency} at once: {:?}", output.elapsed);
    }
    for bad in ["0", "-1", "x"] {
        run_line(&format!("a.test --concurrency={bad}")).exits(2);
    }
}

#[cfg(unix)]
mod interrupted {
    use std::io::{BufRead, BufReader};
    use std::process::Command;

    use super::super::driver::{collect, command};
    use super::*;

    fn interrupt(id: u32) {
        assert!(Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap().success());
    }

    /// The first report has left when the signal comes, the second waits for a silent server.
    #[test]
    fn what_was_done_is_summed_up() {
        let pki = Pki::new();
        let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
        let targets = [good.addr(), silent.addr()].map(|address| format!("www.example.test@{address}"));
        let list = pki.file("list", targets.join("\n"));
        for from in [targets.join(" "), format!("--targets {list}")] {
            let line = format!("{from} --json --timeout 60s --ca-file {}", pki.ca);
            let mut child = command(line.split(' ')).spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.next().unwrap().unwrap().contains("\"verdict\":\"match\""));
            let start = Instant::now();
            interrupt(child.id());
            assert!(lines.next().is_none(), "nothing is reported of what was not finished");
            let output = collect(child, start).exits(130);
            assert_eq!(output.stderr, "interrupted: 1 checked: 1 ok, 0 FAIL, 0 ERROR, 0 WARN\n");
            assert!(output.elapsed < Duration::from_secs(1), "{output:?}");
        }
    }

    /// Lines that are no targets are ready at once, always: the signal is heard all the same.
    #[test]
    fn a_list_without_end_can_be_stopped() {
        use std::io::Write;
        use std::process::Stdio;
        let mut child = command(["--targets", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        thread::spawn(move || while stdin.write_all(&b"no target\n".repeat(1000)).is_ok() {});
        thread::sleep(Duration::from_millis(700));
        let start = Instant::now();
        interrupt(child.id());
        let output = collect(child, start).exits(130);
        assert!(output.stderr.starts_with("interrupted: "), "{output:?}");
        assert!(output.elapsed < Duration::from_secs(2), "{output:?}");
    }
}

/// What `--per-host` bounds is connections at one address: those of two names, and those of further questions.
#[test]
fn no_more_than_so_many_are_under_way_at_one_address() {
    let pki = Pki::new();
    let (server, most) = counting(&pki, Duration::from_millis(60));
    let hosts = ["127.0.0.1", "localhost"].map(|host| format!("other.test@{host}:{}\n", server.addr().port()));
    let list = pki.file("list", hosts.concat().repeat(3));
    for (limit, least, highest) in [("", 10, usize::MAX), (" --per-host 2", 2, 2), (" --per-host 1", 1, 1)] {
        most.store(0, Ordering::SeqCst);
        let before = server.connections();
        let output = pki.run(&format!("--targets {list} --probe -4 --json{limit}")).exits(1);
        let seen = most.load(Ordering::SeqCst);
        assert!(seen >= least && seen <= highest, "{limit}: {seen}");
        // No question is left out for it.
        assert_eq!(server.connections() - before, 6 * 8, "{limit}");
        assert!(output.json().iter().all(|report| codes(report) == ["default-certificate"]), "{output:?}");
    }
}

/// One that will not find its server says what it says without the limit.
#[test]
fn a_name_that_is_nowhere_is_told_the_same() {
    let told = |more: &str| {
        let mut report = run_line(&format!("nowhere.invalid --json {more}")).exits(3).one();
        report["checked_at"].take();
        report
    };
    assert_eq!(told("--per-host 1"), told(""));
    assert_eq!(told("--per-host 1 --retries 1"), told(""));
}
