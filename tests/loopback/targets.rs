//! TARGET in every form, and the routes to it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use certcheck::net::connect::connect;
use tokio::time::Instant;

use super::driver::{Pki, at, run, run_line};
use crate::support::{Config, TlsServer};

const NAMES: &str = "DNS:localhost,DNS:www.example.test,DNS:xn--bcher-kva.example,IP:127.0.0.1,IP:::1";

#[test]
fn every_form_names_a_server_and_what_is_checked_there() {
    let pki = Pki::new();
    let four = pki.server(NAMES);
    let six = TlsServer::start(Config::new(&pki.issue(NAMES)).address("[::1]:0"));
    // target, shown target, type and value of the reference, SNI, address
    for (target, shown, kind, value, sni, address) in [
        ("localhost:4P", "", "dns", "localhost", "localhost", "127.0.0.1"),
        ("LocalHost:4P", "", "dns", "localhost", "localhost", "127.0.0.1"),
        ("127.0.0.1:4P", "", "ip", "127.0.0.1", "null", "127.0.0.1"),
        ("[::1]:6P", "", "ip", "::1", "null", "::1"),
        ("[0:0::0:1]:6P", "", "ip", "::1", "null", "::1"),
        ("www.example.test@127.0.0.1:4P", "", "dns", "www.example.test", "www.example.test", "127.0.0.1"),
        ("WWW.Example.TEST.@localhost:4P", "", "dns", "www.example.test", "www.example.test", "127.0.0.1"),
        ("www.example.test@[::1]:6P", "", "dns", "www.example.test", "www.example.test", "::1"),
        ("127.0.0.1@localhost:4P", "", "ip", "127.0.0.1", "null", "127.0.0.1"),
        ("ip:::1@127.0.0.1:4P", "", "ip", "::1", "null", "127.0.0.1"),
        ("bücher.example@127.0.0.1:4P", "", "dns", "xn--bcher-kva.example", "xn--bcher-kva.example", "127.0.0.1"),
        ("https://localhost:4P", "", "dns", "localhost", "localhost", "127.0.0.1"),
        ("https://[::1]:6P/a?b=c#d", "https://[::1]:6P/a?…", "ip", "::1", "null", "::1"),
        (
            "https://user:secret@localhost:4P/a@b",
            "https://localhost:4P/…",
            "dns",
            "localhost",
            "localhost",
            "127.0.0.1",
        ),
    ] {
        let ports = |text: &str| text.replace("4P", &four.port().to_string()).replace("6P", &six.port().to_string());
        let shown = if shown.is_empty() { target } else { shown };
        let report = run([&ports(target), "--ca-file", &pki.ca, "--json"]).exits(0).one();
        assert_eq!(at(&report, "/target"), ports(shown), "{target}");
        assert_eq!(at(&report, "/reference/type"), kind, "{target}");
        assert_eq!(at(&report, "/reference/value"), value, "{target}");
        assert_eq!(at(&report, "/connection/sni"), sni, "{target}");
        assert_eq!(at(&report, "/connection/address"), address, "{target}");
    }
    let sent: Vec<Option<String>> = six.sni_seen();
    assert_eq!(sent, [None, None, Some("www.example.test".to_owned()), None]);
}

#[test]
fn without_a_port_it_is_443_or_that_of_the_scheme() {
    // Whatever answers there, or does not: the port that was asked for is in the report.
    for (target, port) in
        [("localhost", 443), ("127.0.0.1", 443), ("::1", 443), ("[::1]", 443), ("imaps://localhost", 993)]
    {
        let output = run([target, "--connect", "127.0.0.1", "--json", "--timeout", "2s"]);
        assert_eq!(output.one()["connection"]["port"], port, "{target}: {output:?}");
    }
}

#[test]
fn connect_goes_elsewhere_and_checks_the_same() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let port = server.port();
    for line in [
        format!("www.example.test --connect 127.0.0.1:{port}"),
        format!("www.example.test:{port} --connect 127.0.0.1"),
        format!("https://www.example.test/ --connect localhost:{port}"),
        format!("www.example.test@192.0.2.1 --connect 127.0.0.1:{port}"),
    ] {
        let report = pki.one(&line, 0);
        assert_eq!(at(&report, "/matched/value"), "www.example.test", "{line}");
        assert_eq!(at(&report, "/connection/sni"), "www.example.test", "{line}");
        assert_eq!(report["connection"]["port"], port, "{line}");
    }
    assert_eq!(server.connections(), 4);
}

#[test]
fn a_family_is_kept_to() {
    let pki = Pki::new();
    let server = pki.server(NAMES);
    let port = server.port();
    let report = pki.one(&format!("localhost:{port} -4"), 0);
    assert_eq!(at(&report, "/connection/address"), "127.0.0.1");
    let six = TlsServer::start(Config::new(&pki.issue(NAMES)).address("[::1]:0"));
    pki.one(&format!("[::1]:{} -6", six.port()), 0);
    for line in [format!("127.0.0.1:{port} -6"), format!("[::1]:{} -4", six.port())] {
        let report = pki.one(&line, 3);
        assert_eq!(at(&report, "/error/code"), "no-address", "{line}");
        assert_eq!(at(&report, "/error/stage"), "resolve", "{line}");
    }
    run_line("localhost -4 -6").exits(2);
}

#[test]
fn what_is_no_target_is_a_usage_error_and_nothing_is_connected() {
    let pki = Pki::new();
    let server = pki.server(NAMES);
    let good = format!("127.0.0.1:{}", server.port());
    for bad in [
        "host:99999",
        "host:0",
        "2130706433",
        "0x7f.1",
        "1.2.3",
        "[::1",
        "http://example.test",
        "gopher://example.test",
        "a b",
        "*.example.test",
        "@127.0.0.1",
        "",
    ] {
        let output = run([good.as_str(), bad]).exits(2);
        assert!(output.stdout.is_empty(), "{bad}: {output:?}");
        assert!(output.stderr.starts_with("certcheck: "), "{bad}: {output:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{bad}: {output:?}");
    }
    assert_eq!(server.connections(), 0);
    run::<&str>([]).exits(2);
}

#[test]
fn a_login_is_shown_nowhere() {
    let pki = Pki::new();
    let server = pki.server(NAMES);
    let port = server.port();
    let closed = closed_port();
    for (target, code) in [
        (format!("https://user:hunter2@localhost:{port}/"), 0),
        (format!("https://hunter2@127.0.0.1:{closed}/"), 3),
        ("gopher://user:hunter2@example.test".to_owned(), 2),
        ("https://user:hunter2@exa mple.test".to_owned(), 2),
        ("https://user:hunter2@example.test:99999".to_owned(), 2),
        ("https://user:hunter2/x@example.test".to_owned(), 2),
    ] {
        for more in [&["--json"][..], &["-v"], &[]] {
            let output = run([&[target.as_str(), "--ca-file", &pki.ca][..], more].concat()).exits(code);
            let all = output.stdout.clone() + &output.stderr;
            assert!(!all.contains("hunter2") && !all.contains("user"), "{target}: {output:?}");
        }
    }
    let list = pki.file("list", "https://user:hunter2@exa mple.test/\nhttps://user:hunter2/x@example.test\n");
    let output = pki.run(&format!("--targets {list} --json")).exits(3);
    assert!(!output.stdout.contains("hunter2"), "{output:?}");
}

/// An address where nothing listens.
pub(crate) fn closed_place() -> String {
    format!("127.0.0.1:{}", closed_port())
}

/// A port of 127.0.0.1 where nothing listens.
fn closed_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn every_address_is_tried_until_one_answers() {
    let pki = Pki::new();
    let server = pki.server(NAMES);
    let closed: SocketAddr = format!("127.0.0.1:{}", closed_port()).parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut attempts = Vec::new();
    let deadline = Duration::from_secs(10);
    let connected = runtime
        .block_on(async { connect(&[closed, server.addr()], &mut attempts, Instant::now() + deadline).await })
        .unwrap_or_else(|reason| panic!("{}", reason.words()));
    assert_eq!(connected.address, server.addr());
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].address, attempts[0].error.as_str()), (closed, "connection refused"));
}

#[test]
fn an_address_of_localhost_that_does_not_answer_is_recorded() {
    let pki = Pki::new();
    let addresses: Vec<SocketAddr> = ("localhost", 0).to_socket_addrs().unwrap().collect();
    let [first, .., last] = addresses[..] else {
        println!("localhost has one address here: nothing to fall back on");
        return;
    };
    let server = TlsServer::start(Config::new(&pki.issue(NAMES)).address(&last.to_string()));
    let report = pki.one(&format!("localhost:{}", server.port()), 0);
    assert_eq!(at(&report, "/connection/address"), last.ip().to_string());
    assert_eq!(at(&report, "/connection/attempts/0/address"), first.ip().to_string());
    assert_eq!(at(&report, "/connection/attempts/0/error"), "connection refused");
    let human = pki.run(&format!("localhost:{} -v", server.port())).exits(0);
    assert!(human.stdout.contains(&format!("tried     {}: connection refused", first.ip())), "{human:?}");
}
