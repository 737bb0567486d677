//! Further questions after a mismatch: which are asked, how many, when not, and what they cost.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::{Pki, at, codes, run_line};
use super::support::server::serve_tls;
use super::support::{Behaviour, Config, RawServer, TlsServer};

fn evidence(report: &Value) -> Vec<(&str, &str, &str)> {
    let all = report["diagnosis"][0]["evidence"].as_array().unwrap();
    all.iter().map(|item| (at(item, "/probe"), at(item, "/sni"), at(item, "/fact"))).collect()
}

#[test]
fn one_certificate_for_every_name_is_the_default() {
    let pki = Pki::new();
    let server = pki.server("DNS:other.test");
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 1);
    assert_eq!(codes(&report), ["default-certificate"]);
    assert_eq!(at(&report, "/diagnosis/0/confidence"), "likely");
    assert_eq!(at(&report, "/diagnosis/0/help/0/add_san"), "DNS:www.example.test");
    let seen = evidence(&report);
    assert_eq!(
        seen.iter().map(|(probe, sni, _)| (*probe, *sni == "null")).collect::<Vec<_>>(),
        [("check", false), ("no-sni", true), ("impossible-sni", false)]
    );
    assert!(seen[1..].iter().all(|(.., fact)| *fact == "the same certificate"), "{seen:?}");
    // The check, two repeats, no SNI, an impossible one, two kinds of keys, the sibling.
    let sent = server.sni_seen();
    let count = |name: Option<&str>| sent.iter().filter(|sni| sni.as_deref() == name).count();
    assert_eq!((count(Some("www.example.test")), count(None), count(Some("example.test"))), (5, 1, 1), "{sent:?}");
    let impossible = sent.iter().flatten().filter(|sni| sni.ends_with(".invalid")).count();
    assert_eq!((impossible, server.connections()), (1, 8), "{sent:?}");
}

#[test]
fn the_name_as_sni_is_tried_where_another_or_none_was_sent() {
    let pki = Pki::new();
    let right = pki.issue("DNS:www.example.test");
    let server = TlsServer::start(Config::new(&pki.issue("DNS:other.test")).sni("www.example.test", &right));
    for more in ["--no-sni", "--sni front.test"] {
        let report = pki.one(&format!("www.example.test@{} {more}", server.addr()), 1);
        assert_eq!(codes(&report), ["sni-required"], "{more}");
        let seen = evidence(&report);
        assert_eq!((seen[1].0, seen[1].1), ("reference-sni", "www.example.test"), "{more}");
        assert!(seen[1].2.contains("valid for the name"), "{seen:?}");
    }
}

#[test]
fn a_certificate_that_is_bound_to_another_name_is_told() {
    let pki = Pki::new();
    let both = pki.issue("DNS:example.test,DNS:www.example.test");
    let server = TlsServer::start(Config::new(&pki.issue("DNS:other.test")).sni("example.test", &both));
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 1);
    assert_eq!(
        at(&report, "/diagnosis/0/help/0/text"),
        "the server has a certificate that is valid for `www.example.test`, and serves it under `example.test`: bind \
         it to `www.example.test` too"
    );
    assert_eq!(evidence(&report).last().unwrap().0, "sibling");
}

#[test]
fn each_name_of_one_handshake_is_asked_for() {
    let pki = Pki::new();
    let config = Config::new(&pki.issue("DNS:other.test"))
        .sni("a.test", &pki.issue("DNS:a.test"))
        .sni("b.test", &pki.issue("DNS:b.test"));
    let server = TlsServer::start(config);
    let line = format!("{} --no-sni --name nope.test --name a.test --name b.test --json", server.addr());
    let reports = pki.run(&line).exits(1).json();
    let codes: Vec<&str> = reports.iter().map(|report| codes(report)[0]).collect();
    assert_eq!(codes, ["default-certificate", "sni-required", "sni-required"]);
    assert!(server.connections() <= 11);
}

/// The signature alone that the check's leaf has anyway is the same question.
#[test]
fn an_answer_that_changes_later_is_seen_too() {
    let pki = Pki::new();
    let (stale, right) = (pki.issue("DNS:other.test"), pki.issue("DNS:www.example.test"));
    let turns = [&stale, &stale, &stale, &right, &right, &right, &right, &right, &right];
    let server = TlsServer::start(Config::new(&stale).by_turns(&turns));
    let report = pki.one(&format!("www.example.test@{} --no-sni", server.addr()), 1);
    assert_eq!(codes(&report), ["node-differs"]);
}

#[test]
fn nothing_is_drawn_where_equal_questions_get_different_answers() {
    let pki = Pki::new();
    let (stale, right) = (pki.issue("DNS:other.test"), pki.issue("DNS:www.example.test"));
    let server = TlsServer::start(Config::new(&stale).by_turns(&[&stale, &right]));
    let report = pki.one(&format!("www.example.test@{} --no-sni", server.addr()), 1);
    assert_eq!(codes(&report), ["node-differs"]);
    assert_eq!(evidence(&report).iter().map(|(probe, ..)| *probe).collect::<Vec<_>>(), ["check", "repeat", "repeat"]);
    // The hellos of the others never went out.
    assert_eq!(server.sni_seen(), [const { None }; 3]);
}

/// The check asked under no SNI, through a proxy: so does the command that asks again.
#[test]
fn what_asks_again_asks_the_same() {
    let pki = Pki::new();
    let (stale, right) = (pki.issue("DNS:other.test"), pki.issue("DNS:www.example.test"));
    let server = TlsServer::start(Config::new(&stale).by_turns(&[&stale, &right]));
    let (proxy, _) = crate::route::proxy("HTTP/1.1 200 OK\r\n\r\n");
    let line = format!("www.example.test@{} --no-sni --proxy http://{}", server.addr(), proxy.addr());
    let report = pki.one(&line, 1);
    let help = report["diagnosis"][0]["help"].as_array().unwrap();
    let command = help.iter().find_map(|help| help["command"].as_str()).unwrap();
    let expected = format!("certcheck 'www.example.test@{}' --no-sni --ca-file ", server.addr());
    assert!(command.starts_with(&expected), "{command}");
    assert!(command.ends_with(&format!(" --proxy 'http://{}'", proxy.addr())), "{command}");
}

/// The check and its repeats met the others by chance, and so did the question that got the right one.
#[test]
fn what_another_question_got_is_asked_for_again() {
    let pki = Pki::new();
    let (stale, right) = (pki.issue("DNS:other.test"), pki.issue("DNS:www.example.test"));
    let (s, r) = (&stale, &right);
    // The check, two repeats; no SNI, an impossible one, two kinds of keys, the sibling; no SNI again.
    let server = TlsServer::start(Config::new(s).by_turns(&[s, s, s, r, r, r, r, r, s]));
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 1);
    assert_eq!(codes(&report), ["node-differs"]);
    assert!(evidence(&report).len() > 1, "{report:#}");
    assert_eq!(server.connections(), 9);
    // A server that goes by the name says the same again.
    let server = TlsServer::start(Config::new(s).sni("example.test", r));
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 1);
    assert_eq!(codes(&report), ["default-certificate"]);
    assert!(at(&report, "/diagnosis/0/help/0/text").contains("serves it under `example.test`"), "{report:#}");
    let sent = server.sni_seen();
    assert_eq!(sent.iter().filter(|sni| sni.as_deref() == Some("example.test")).count(), 2, "{sent:?}");
}

#[test]
fn a_name_that_cannot_exist_unmasks_who_makes_certificates_for_all() {
    let pki = Pki::new();
    let proxy = TlsServer::start(Config::new(&pki.issue("DNS:proxy.test")).minting(&pki.root));
    let report = pki.one(&format!("127.0.0.1:{} --sni front.test", proxy.port()), 1);
    assert_eq!(codes(&report)[0], "intercepted");
    assert_eq!(at(&report, "/diagnosis/0/confidence"), "certain");
    let seen = evidence(&report);
    assert!(seen[0].0 == "impossible-sni" && seen[0].2.contains(seen[0].1), "{seen:?}");
}

#[test]
fn lists_are_probed_where_it_is_asked_for() {
    let pki = Pki::new();
    let server = pki.server("DNS:other.test");
    let list = pki.file("list", format!("www.example.test@{}\n", server.addr()));
    for (more, connections, code) in [("", 1, "different-name"), ("--probe", 8, "default-certificate")] {
        let before = server.connections();
        let report = pki.one(&format!("--targets {list} {more}"), 1);
        assert_eq!(codes(&report), [code], "{more}");
        assert_eq!(server.connections() - before, connections, "{more}");
    }
    let before = server.connections();
    pki.one(&format!("www.example.test@{} --no-probes", server.addr()), 1);
    assert_eq!(server.connections() - before, 1);
    for (line, word) in [("www.example.test --probe", "--targets"), ("a.test --probe --no-probes", "--no-probes")] {
        assert!(run_line(line).exits(2).stderr.contains(word), "{line}");
    }
}

#[test]
fn matches_and_failures_are_not_probed() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    pki.one(&format!("www.example.test@{}", server.addr()), 0);
    assert_eq!(server.connections(), 1);
    let refusing = RawServer::start(Behaviour::CloseAtOnce);
    pki.one(&format!("www.example.test@{}", refusing.addr()), 3);
    assert!(refusing.connections() <= 2);
}

#[test]
fn verbose_lists_each_question_with_its_time() {
    let pki = Pki::new();
    let server = pki.server("DNS:other.test");
    let output = pki.run(&format!("www.example.test@{} -v", server.addr())).exits(1);
    let probes: Vec<&str> = output.stdout.lines().filter_map(|line| line.trim_start().strip_prefix("probe ")).collect();
    assert_eq!(probes.len(), 7, "{output:?}");
    assert!(probes.iter().all(|line| line.ends_with(" ms)")), "{probes:?}");
}

/// Plain SMTP at first, TLS after STARTTLS: the neighbour of the question.
#[test]
fn the_way_to_tls_is_tried_before_it_is_named() {
    let pki = Pki::new();
    let tls = Config::new(&pki.issue("DNS:www.example.test")).rustls();
    let turns = RawServer::start(Behaviour::custom(move |stream| smtp(&stream, Some(&tls))));
    let stays = RawServer::start(Behaviour::custom(|stream| smtp(&stream, None)));
    let report = pki.one(&format!("www.example.test@{}", turns.addr()), 3);
    assert_eq!(at(&report, "/error/code"), "not-tls");
    assert_eq!(
        at(&report, "/error/help/0/text"),
        "asked with --starttls smtp, the server presents a certificate that is valid for the name"
    );
    // As it is printed, with the CAs of the check.
    let command = at(&report, "/error/help/0/command").replace("certcheck ", "").replace('\'', "");
    assert_eq!(at(&run_line(&format!("{command} --json")).exits(0).one(), "/verdict"), "match");
    // Behind a proxy, which alone knows the address: by the host, through the same proxy, without its login.
    let (proxy, _) = crate::route::proxy("HTTP/1.1 200 OK\r\n\r\n");
    let through = format!("--proxy http://use%72:hush@{}", proxy.addr());
    let report = pki.one(&format!("www.example.test@{} {through}", turns.addr()), 3);
    let command = at(&report, "/error/help/0/command");
    let expected = format!(
        "certcheck 'www.example.test@{}' --starttls smtp --ca-file {} --proxy 'http://{}'",
        turns.addr(),
        format_args!("'{}'", pki.ca),
        proxy.addr()
    );
    assert_eq!(command, expected);
    let command = command.replace("certcheck ", "").replace('\'', "");
    assert_eq!(at(&run_line(&format!("{command} --json")).exits(0).one(), "/verdict"), "match");
    let report = pki.one(&format!("www.example.test@{}", stays.addr()), 3);
    assert!(at(&report, "/error/help/0/text").contains("gives no certificate"), "{report}");
    assert_eq!(at(&report, "/error/help/0/command"), "null", "a command that fails is not printed");
}

fn smtp(stream: &TcpStream, tls: Option<&Arc<rustls::ServerConfig>>) {
    use std::io::{BufRead, BufReader, Write};
    let mut writer = stream;
    let mut say = |text: &str| writer.write_all(text.as_bytes());
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    if say("220 mail.example.test ESMTP\r\n").is_err() {
        return;
    }
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            return;
        }
        let said = match (line.get(..4), tls) {
            (Some(b"EHLO"), Some(_)) => say("250-mail.example.test\r\n250 STARTTLS\r\n"),
            (Some(b"EHLO"), None) => say("250 mail.example.test\r\n"),
            (Some(b"STAR"), Some(tls)) => {
                if say("220 go ahead\r\n").is_ok() {
                    serve_tls(stream, Arc::clone(tls));
                }
                return;
            }
            (Some(b"QUIT"), _) => return,
            _ => say("500 what?\r\n"),
        };
        if said.is_err() {
            return;
        }
    }
}

/// The repeats wait for the check, and all others for the repeats; nothing else waits for anything.
/// What it costs is measured by `benches/probes.rs`.
#[test]
fn probes_go_out_in_two_rounds() {
    let pki = Pki::new();
    let delay = Duration::from_millis(300);
    let server = TlsServer::start(Config::new(&pki.issue("DNS:other.test")).delay(delay));
    let start = Instant::now();
    pki.one(&format!("www.example.test@{}", server.addr()), 1);
    // The others' connections are made while the repeats are under way.
    assert!(start.elapsed() < delay * 3, "{:?}", start.elapsed());
    assert_eq!(server.connections(), 8);
}
