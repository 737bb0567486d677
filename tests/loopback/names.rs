//! `--name`, `--sni`, `--no-sni`: what is asked, what is sent, how many handshakes that takes.

use serde_json::Value;

use super::driver::{Pki, at, run, run_line};
use crate::support::{Config, TlsServer};

/// What each report says: reference, verdict.
fn verdicts(reports: &[Value]) -> Vec<(String, &str)> {
    let one = |r| (format!("{}:{}", at(r, "/reference/type"), at(r, "/reference/value")), at(r, "/verdict"));
    reports.iter().map(one).collect()
}

fn sent(server: &TlsServer) -> Vec<Option<String>> {
    let mut seen = server.sni_seen();
    seen.sort();
    seen
}

#[test]
fn one_handshake_serves_the_names_of_one_sni() {
    let pki = Pki::new();
    let server = pki.server(
        "DNS:example.test,DNS:www.example.test,SRV:_xmpp-client.example.test,URI:sip:example.test,IP:192.0.2.7",
    );
    let line = format!(
        "127.0.0.1:{} --json --no-probes --name example.test --name srv:_xmpp-client.example.test --name uri:sip:example.test \
         --name ip:192.0.2.7 --name www.example.test --name other.test --name srv:_imaps.example.test \
         --name uri:sips:example.test --name 192.0.2.8",
        server.port()
    );
    let output = pki.run(&line).exits(1);
    let reports = output.json();
    let mut found = verdicts(&reports);
    found.sort();
    let mut wanted = [
        ("dns:example.test", "match"),
        ("srv:_xmpp-client.example.test", "match"),
        ("uri:sip:example.test", "match"),
        ("ip:192.0.2.7", "match"),
        ("dns:www.example.test", "match"),
        ("dns:other.test", "mismatch"),
        ("srv:_imaps.example.test", "mismatch"),
        ("uri:sips:example.test", "mismatch"),
        ("ip:192.0.2.8", "mismatch"),
    ]
    .map(|(name, verdict)| (name.to_owned(), verdict));
    wanted.sort();
    assert_eq!(found, wanted);
    assert_eq!(server.connections(), 4, "example.test, www.example.test, other.test, and none for addresses");
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(sent(&server), [None, some("example.test"), some("other.test"), some("www.example.test")]);
}

#[test]
fn a_name_stands_in_for_that_of_the_target() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let port = server.port();
    for target in [format!("127.0.0.1:{port}"), format!("other.test@127.0.0.1:{port}"), format!("localhost:{port}")] {
        let report = pki.one(&format!("{target} --name www.example.test"), 0);
        assert_eq!(at(&report, "/target"), target);
        assert_eq!(at(&report, "/reference/value"), "www.example.test");
        assert_eq!(at(&report, "/references/0/typed"), "www.example.test");
    }
    // The target's own name is not asked, so it need not be one.
    pki.one(&format!("a..b@127.0.0.1:{port} --name www.example.test"), 0);
}

#[test]
fn each_target_is_asked_for_each_name() {
    let pki = Pki::new();
    let (one, two) = (pki.server("DNS:a.test"), pki.server("DNS:a.test,DNS:b.test"));
    let line =
        format!("127.0.0.1:{} 127.0.0.1:{} --name a.test --name b.test --json --no-probes", one.port(), two.port());
    let reports = pki.run(&line).exits(1).json();
    let wanted = [("a.test", "match"), ("b.test", "mismatch"), ("a.test", "match"), ("b.test", "match")];
    let wanted = wanted.map(|(name, verdict)| (format!("dns:{name}"), verdict));
    assert_eq!(verdicts(&reports), wanted);
    assert_eq!((one.connections(), two.connections()), (2, 2));
}

#[test]
fn an_sni_of_ones_own_is_sent_whatever_is_asked() {
    let pki = Pki::new();
    let config =
        Config::new(&pki.issue("DNS:default.test")).sni("www.example.test", &pki.issue("DNS:www.example.test"));
    let server = TlsServer::start(config);
    let port = server.port();
    // arguments, what matches, what was sent, handshakes so far
    for (more, code, sni) in [
        ("--name www.example.test", 0, "www.example.test"),
        ("--name www.example.test --no-sni", 1, "null"),
        ("--name default.test --no-sni", 0, "null"),
        ("--name www.example.test --sni unknown.test", 1, "unknown.test"),
        ("--name default.test --sni WWW.example.test.", 1, "www.example.test"),
        ("--name 127.0.0.1 --sni www.example.test", 1, "www.example.test"),
    ] {
        let report = pki.one(&format!("127.0.0.1:{port} --no-probes {more}"), code);
        assert_eq!(at(&report, "/connection/sni"), sni, "{more}");
    }
    let seen: Vec<String> = server.sni_seen().into_iter().map(|sni| sni.unwrap_or("none".to_owned())).collect();
    let wanted = ["www.example.test", "none", "none", "unknown.test", "www.example.test", "www.example.test"];
    assert_eq!(seen, wanted);
}

#[test]
fn with_an_sni_or_without_any_one_handshake_serves_all_names() {
    let pki = Pki::new();
    for more in ["--sni x.test", "--no-sni"] {
        let server = pki.server("DNS:a.test,DNS:b.test,IP:192.0.2.7");
        let line = format!("127.0.0.1:{} --name a.test --name b.test --name 192.0.2.7 {more} --json", server.port());
        let reports = pki.run(&line).exits(0).json();
        assert_eq!(reports.len(), 3, "{more}");
        assert_eq!(server.connections(), 1, "{more}");
    }
}

#[test]
fn what_cannot_be_asked_or_sent_is_a_usage_error() {
    let pki = Pki::new();
    let server = pki.server("DNS:a.test");
    let target = format!("127.0.0.1:{}", server.port());
    for more in [
        &["--sni", "127.0.0.1"][..],
        &["--sni", "[::1]"],
        &["--sni", "a b"],
        &["--sni", ""],
        &["--sni", "a.test", "--no-sni"],
        &["--name", "a b"],
        &["--name", ""],
        &["--name=-x.test"],
        &["--name", "*.test"],
        &["--name", "srv:example.test"],
        &["--name", "uri:example.test"],
        &["--name", "ip:example.test"],
    ] {
        let output = run([&[target.as_str()][..], more].concat()).exits(2);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{more:?}: {output:?}");
    }
    assert_eq!(server.connections(), 0);
    run_line(&format!("{target} --roots mozilla --ca-file x")).exits(2);
}

#[test]
fn clients_are_told_and_required() {
    let pki = Pki::new();
    let server = pki.server("DNS:*.example.test");
    let target = format!("a_b.example.test@{}", server.addr());
    let plain = pki.run(&format!("{target} --json")).exits(0).one();
    let lists =
        ["accept", "reject", "refuse_name", "unreadable"].map(|l| plain["clients"][l].as_array().unwrap().len());
    assert_eq!(lists.iter().sum::<usize>(), 26, "each client stands in one list");
    assert!(plain["clients"]["reasons"].as_object().unwrap().is_empty());
    assert_eq!(plain["diagnosis"][1]["code"], "clients-differ");
    let told = pki.run(&format!("{target} --json --clients go,java")).exits(0).one();
    let reasons = told["clients"]["reasons"].as_object().unwrap();
    assert_eq!(reasons.keys().collect::<Vec<_>>(), ["java"], "go accepts");
    pki.run(&format!("{target} --require-clients go,rustls")).exits(0);
    let required = pki.run(&format!("{target} --json --require-clients go,java")).exits(1).one();
    assert_eq!((&required["verdict"], &required["accepted"]), (&"match".into(), &false.into()));
    assert_eq!(required["diagnosis"][1]["severity"], "error");
    pki.run(&format!("{target} --clients nix")).exits(2);
}
