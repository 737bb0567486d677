//! The built program against `openssl s_server`, nginx and thirty more servers as Debian has them.
//!
//! Off unless `CERTCHECK_REAL_SERVERS=1`; when it is on, a server that is not installed fails the test.
//! It needs root: some servers change to a user of their own, and some rows are asked in Linux namespaces.
//! Each row is one check: which server, what is typed, what has to come out.
//!
//! | in `real_servers/` | what it holds |
//! | --- | --- |
//! | `packages.txt` | the Debian packages |
//! | `openssl.rs` | keys and certificates by `openssl req`, servers by `openssl s_server` |
//! | `old.rs` | `openssl s_server` in old and odd modes |
//! | `freetds.rs` | a real client of TDS against the hand-made server of TDS |
//! | `go.rs`, `groups.go` | servers with hybrid key exchange groups alone |
//! | `nginx.rs` | one nginx with a port for each manner |
//! | `first_byte.rs` | more servers with TLS from the first byte |
//! | `postfix.rs` … `xrdp.rs` | servers with STARTTLS, and the same without |
//! | `scan.rs` | lists of names: a slow resolver, all addresses of a name |
//! | `exchangers.rs` | `smtp-mx://`, with a resolver of its own |
//! | `network.sh`, `network.rs` | two hosts in namespaces: zones, search lists, `/etc/hosts`, mDNS, two families |
//! | `proxies.rs` | HTTP and SOCKS5 proxies |
//! | `daemon.rs`, `fleet.rs` | a server's folder, ports, start and end; many at once |
//! | `witness.rs` | what `openssl s_client` and curl say of a server before the program is asked |
//! | `rows_*.rs` | the tables |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[path = "real_servers/daemon.rs"]
mod daemon;
#[path = "real_servers/dovecot.rs"]
mod dovecot;
#[path = "loopback/driver.rs"]
mod driver;
#[path = "real_servers/exchangers.rs"]
mod exchangers;
#[path = "real_servers/first_byte.rs"]
mod first_byte;
#[path = "real_servers/fleet.rs"]
mod fleet;
#[path = "real_servers/freetds.rs"]
mod freetds;
#[path = "real_servers/go.rs"]
mod go;
#[path = "real_servers/inn.rs"]
mod inn;
#[path = "real_servers/inspircd.rs"]
mod inspircd;
#[path = "real_servers/mariadb.rs"]
mod mariadb;
#[cfg(target_os = "linux")]
#[path = "real_servers/network.rs"]
mod network;
#[path = "real_servers/nginx.rs"]
mod nginx;
#[path = "real_servers/old.rs"]
mod old;
#[path = "real_servers/openssl.rs"]
mod openssl;
#[path = "real_servers/postfix.rs"]
mod postfix;
#[path = "real_servers/postgres.rs"]
mod postgres;
#[path = "real_servers/prosody.rs"]
mod prosody;
#[path = "real_servers/proxies.rs"]
mod proxies;
#[cfg(target_os = "linux")]
#[path = "real_servers/rows_network.rs"]
mod rows_network;
#[path = "real_servers/rows_old.rs"]
mod rows_old;
#[path = "real_servers/rows_proxies.rs"]
mod rows_proxies;
#[path = "real_servers/rows_starttls.rs"]
mod rows_starttls;
#[cfg(target_os = "linux")]
#[path = "real_servers/scan.rs"]
mod scan;
#[path = "real_servers/slapd.rs"]
mod slapd;
#[path = "real_servers/vsftpd.rs"]
mod vsftpd;
#[path = "real_servers/witness.rs"]
mod witness;
#[path = "real_servers/xrdp.rs"]
mod xrdp;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, panic};

use driver::{Pki, at, codes};
use fleet::{Fleet, Start};
use rows_starttls::Expect;

/// One check of one server.
struct Row {
    /// Which server: its name in the map of ports.
    server: &'static str,
    /// The name that is asked for there.
    name: &'static str,
    /// More arguments.
    more: &'static str,
    /// The exit code.
    code: i32,
    /// Codes of the findings, or the error's.
    codes: &'static [&'static str],
    /// Places in the JSON, and what stands there.
    facts: &'static [(&'static str, &'static str)],
}

const fn row(
    server: &'static str,
    name: &'static str,
    code: i32,
    codes: &'static [&'static str],
    facts: &'static [(&'static str, &'static str)],
) -> Row {
    Row { server, name, more: "", code, codes, facts }
}

const WWW: &str = "www.example.test";
const OTHER: &str = "other.test";
const VERSION: &str = "/connection/tls_version";
const SNI: &str = "/connection/sni";
const KEY: &str = "/certificate/public_key";
const POSSESSION: &str = "/connection/possession";
const SUITE: &str = "/connection/cipher_suite";
const EXCHANGE: &str = "/connection/key_exchange";
const HELP: &str = "/error/help/0/text";
const ALLOW: &str = "allow X25519 or P-256, and AES-GCM, as nearly all clients need them";
const WITHOUT: &str = "a server that has TLS from the first byte waits for its hello: ask it without --starttls";
const PLAIN: &str = "plain-hello";
const OBTAINED: &str = "/connection/obtained";

fn nginx_rows() -> Vec<Row> {
    let asked: &[&str] = &["client-certificate-required"];
    vec![
        row("vhosts", WWW, 0, &[], &[(VERSION, "TLS 1.3"), (SNI, WWW), (KEY, "EC P-256"), (POSSESSION, "proven")]),
        row("vhosts", "rsa.example.test", 0, &[], &[(KEY, "RSA 2048"), (POSSESSION, "proven")]),
        row("vhosts", "default.test", 0, &[], &[(OBTAINED, "handshake")]),
        row("vhosts", "other.test", 1, &["default-certificate"], &[("/certificate/san/0/value", "default.test")]),
        Row { more: "--no-sni", ..row("vhosts", "default.test", 0, &[], &[(SNI, "null")]) },
        Row { more: "--no-sni", ..row("vhosts", WWW, 1, &["sni-required"], &[(SNI, "null")]) },
        Row { more: "--sni rsa.example.test", ..row("vhosts", "rsa.example.test", 0, &[], &[]) },
        row("reject", WWW, 0, &[], &[]),
        row("reject", "other.test", 3, &["sni-refused"], &[("/error/stage", "tls")]),
        Row { more: "--no-sni", ..row("reject", WWW, 3, &["tls-alert"], &[("/error/stage", "tls")]) },
        row("client-on", WWW, 0, asked, &[(VERSION, "TLS 1.3"), (POSSESSION, "proven")]),
        row("client-optional", WWW, 0, asked, &[(POSSESSION, "proven")]),
        row("client-on-1.2", WWW, 0, asked, &[(VERSION, "TLS 1.2"), (POSSESSION, "proven")]),
        row("tls-1.2", WWW, 0, &[], &[(VERSION, "TLS 1.2"), (POSSESSION, "proven")]),
        row("both-keys", WWW, 0, &[], &[(KEY, "EC P-256")]),
        row("expired", WWW, 4, &["expired"], &[("/validity/verdict", "expired"), ("/trust/verdict", "trusted")]),
        Row { more: "--ignore expiry", ..row("expired", WWW, 0, &["expired"], &[("/verdict", "match")]) },
        row("no-chain", WWW, 4, &["missing-intermediate"], &[]),
        row("full-chain", WWW, 0, &[], &[("/trust/verdict", "trusted")]),
        row("plain-http", WWW, 3, &["not-tls"], &[("/error/stage", "tls")]),
    ]
}

fn openssl_rows() -> Vec<Row> {
    let rare: &[&str] = &["possession-unverified", "legacy-tls"];
    let old: &[&str] = &["legacy-tls", "possession-unverified"];
    let odd: &[(&str, &str)] = &[(POSSESSION, "not-proven"), (OBTAINED, "odd-algorithms"), (VERSION, "TLS 1.3")];
    let weak: &[&str] = &["possession-unverified", "unsupported-signature"];
    let asked: &[&str] = &["client-certificate-required"];
    vec![
        row("p256", WWW, 0, &[], &[(KEY, "EC P-256"), (POSSESSION, "proven"), (OBTAINED, "handshake")]),
        row("p384", WWW, 0, &[], &[(KEY, "EC P-384"), (POSSESSION, "proven")]),
        row("ed25519", WWW, 0, &[], &[(KEY, "Ed25519"), (POSSESSION, "proven")]),
        row("rsa2048", WWW, 0, &[], &[(KEY, "RSA 2048"), (POSSESSION, "proven")]),
        row("p256-1.2", WWW, 0, &[], &[(VERSION, "TLS 1.2"), (POSSESSION, "proven")]),
        row("rsa2048-1.2", WWW, 0, &[], &[(VERSION, "TLS 1.2"), (POSSESSION, "proven")]),
        row(
            "p521",
            WWW,
            0,
            &["legacy-tls"],
            &[(POSSESSION, "proven"), (OBTAINED, "odd-algorithms"), (KEY, "EC P-521")],
        ),
        row("p521-1.2", WWW, 0, &["legacy-tls"], &[(POSSESSION, "proven"), (VERSION, "TLS 1.2")]),
        row("p521-group", WWW, 0, &["legacy-tls"], &[(POSSESSION, "proven"), (EXCHANGE, "secp521r1")]),
        row("p521-group-1.2", WWW, 0, &["legacy-tls"], &[(POSSESSION, "proven"), (EXCHANGE, "secp521r1")]),
        row("ed448", WWW, 4, rare, odd),
        row("ed448-1.2", WWW, 4, rare, &[(POSSESSION, "not-proven"), (OBTAINED, "odd-algorithms")]),
        row("rsa-pss", WWW, 4, rare, odd),
        row("rsa1024", WWW, 4, weak, &[(KEY, "RSA 1024"), (POSSESSION, "not-proven"), (VERSION, "TLS 1.3")]),
        row("rsa1024-1.2", WWW, 4, weak, &[(KEY, "RSA 1024"), (POSSESSION, "not-proven"), (VERSION, "TLS 1.2")]),
        row("p521", "other.test", 1, &["default-certificate", "legacy-tls"], &[(POSSESSION, "proven")]),
        row("expired", WWW, 4, &["expired"], &[("/validity/verdict", "expired")]),
        row("self-signed", WWW, 4, &["self-signed"], &[]),
        row("client", WWW, 0, asked, &[(VERSION, "TLS 1.3"), (POSSESSION, "proven")]),
        row("client-1.2", WWW, 0, asked, &[(VERSION, "TLS 1.2"), (POSSESSION, "proven")]),
        row("sni-fatal", "other.test", 3, &["sni-refused"], &[]),
        row("sni-fatal", WWW, 0, &[], &[]),
        row("tls-1.1", WWW, 4, old, &[(VERSION, "TLS 1.1"), (OBTAINED, PLAIN), (POSSESSION, "not-proven")]),
        row("tls-1.1", "other.test", 1, &["default-certificate", "legacy-tls", "possession-unverified"], &[]),
        Row { more: "--ignore protocol", ..row("tls-1.1", WWW, 0, old, &[(OBTAINED, PLAIN)]) },
        row(
            "tls-1.0",
            WWW,
            4,
            old,
            &[(VERSION, "TLS 1.0"), (SUITE, "TLS_RSA_WITH_AES_128_CBC_SHA"), (EXCHANGE, "RSA")],
        ),
        row(
            "client-1.1",
            WWW,
            4,
            &["legacy-tls", "possession-unverified", "client-certificate-required"],
            &[(VERSION, "TLS 1.1"), (OBTAINED, PLAIN)],
        ),
        row("rsa-exchange", WWW, 4, rare, &[(SUITE, "TLS_RSA_WITH_AES_128_GCM_SHA256"), (EXCHANGE, "RSA")]),
        row("dhe", WWW, 4, rare, &[(SUITE, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), (EXCHANGE, "DHE 2048 bits")]),
        row("cbc", WWW, 4, rare, &[(SUITE, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), (EXCHANGE, "ECDHE X25519")]),
        row("ccm-1.2", WWW, 4, rare, &[(SUITE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"), (KEY, "EC P-256")]),
        row("camellia", WWW, 4, old, &[(SUITE, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"), (EXCHANGE, "RSA")]),
        row("x448-1.2", WWW, 4, rare, &[(EXCHANGE, "ECDHE X448"), (OBTAINED, PLAIN)]),
        row("secp256k1", WWW, 4, old, &[(EXCHANGE, "ECDHE secp256k1"), (OBTAINED, PLAIN)]),
        row("brainpool", WWW, 4, old, &[(EXCHANGE, "ECDHE brainpoolP256r1"), (OBTAINED, PLAIN)]),
        row("ffdhe-1.3", WWW, 3, &["tls-alert"], &[(HELP, ALLOW)]),
        row("x448-1.3", WWW, 3, &["tls-alert"], &[(HELP, ALLOW)]),
        row("ccm-1.3", WWW, 3, &["tls-alert"], &[(HELP, ALLOW)]),
        // It closes where the first bytes are no record, and waits where none come.
        Row { more: "--starttls postgres", ..row("p256", WWW, 3, &["connection-reset"], &[(HELP, WITHOUT)]) },
        Row { more: "--starttls imap --timeout 1s", ..row("p256", WWW, 3, &["timeout"], &[(HELP, WITHOUT)]) },
        row("anonymous", WWW, 3, &["tls-alert"], &[("/error/stage", "tls")]),
    ]
}

const FIRST_BYTE: &[Start] =
    &[first_byte::redis, first_byte::mosquitto, first_byte::haproxy, first_byte::apache, first_byte::stunnel];

fn first_byte_rows() -> Vec<Row> {
    let proven: &[(&str, &str)] = &[(VERSION, "TLS 1.3"), (KEY, "EC P-256"), (POSSESSION, "proven")];
    ["redis", "mosquitto", "haproxy", "apache", "stunnel"]
        .into_iter()
        .flat_map(|server| [row(server, WWW, 0, &[], proven), row(server, OTHER, 1, &["default-certificate"], proven)])
        .collect()
}

/// Whether these tests are asked for; says so where they are not.
fn is_on() -> bool {
    let on = env::var("CERTCHECK_REAL_SERVERS").as_deref() == Ok("1");
    if !on {
        println!("real servers: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/real_servers/packages.txt)");
    }
    on
}

#[test]
fn each_server_gets_its_report() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let nginx = nginx::Nginx::start(&pki);
    let openssl = openssl::servers(&pki);
    let ports = openssl.iter().map(|server| (server.what, server.port)).collect();
    let fleet = Fleet::start(&pki, FIRST_BYTE);
    let tables = [
        ("nginx", nginx_rows(), nginx.ports.clone()),
        ("openssl", openssl_rows(), ports),
        ("first byte", first_byte_rows(), fleet.ports.clone()),
    ];
    let (mut wanted, mut done) = (0, 0);
    for (kind, rows, ports) in tables {
        wanted += rows.len();
        for row in rows {
            let outcome = panic::catch_unwind(|| check(&pki, &row, &ports));
            let word = if outcome.is_ok() { "ok" } else { "UNEXPECTED" };
            println!("{word:10} {kind} {}: {} {} -> {}", row.server, row.name, row.more, row.code);
            done += usize::from(outcome.is_ok());
        }
    }
    openssl_reads_the_pem(&pki, openssl[0].port);
    println!("real servers: {wanted} rows, {done} as expected");
    assert_eq!(done, wanted);
    assert_eq!(wanted, nginx_rows().len() + openssl_rows().len() + first_byte_rows().len());
}

fn check(pki: &Pki, row: &Row, ports: &BTreeMap<&'static str, u16>) {
    let port = ports.get(row.server).unwrap_or_else(|| panic!("no server is called {}", row.server));
    let report = pki.one(&format!("{}@127.0.0.1:{port} {}", row.name, row.more), row.code);
    let found = if report["error"].is_null() { codes(&report) } else { vec![at(&report, "/error/code")] };
    assert_eq!(found, row.codes, "{report:#}");
    for (pointer, value) in row.facts {
        assert_eq!(at(&report, pointer), *value, "{pointer}: {report:#}");
    }
}

/// Runs one check of a table, and says what came of it; whether it is as expected.
fn try_row(what: &str, check: impl FnOnce()) -> bool {
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(check));
    println!("{:10} {what}", if outcome.is_ok() { "ok" } else { "UNEXPECTED" });
    outcome.is_ok()
}

/// The findings' codes, or the error's.
fn found(report: &serde_json::Value) -> Vec<&str> {
    if report["error"].is_null() { codes(report) } else { vec![at(report, "/error/code")] }
}

#[test]
fn starttls_servers() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let fleet = Fleet::start(&pki, rows_starttls::KINDS);
    let www = rows_starttls::ROWS.iter().map(|(server, protocol, expect)| (*server, WWW, *protocol, *expect));
    let rows: Vec<_> = www.chain(rows_starttls::XMPP_HOSTS.iter().copied()).collect();
    let witnessed = rows.iter().filter(|(server, name, protocol, expect)| {
        try_row(&format!("witness {server} {protocol} {name}"), || {
            let told = witness::starttls(&pki.ca, fleet.port(server), protocol, name);
            assert_eq!(told.is_ok(), matches!(expect, Expect::Tls), "{told:?}");
        })
    });
    assert_eq!(witnessed.count(), rows.len(), "the servers are not as they should be");
    let done = rows.iter().filter(|(server, name, protocol, expect)| {
        try_row(&format!("{server} {protocol} {name} {expect:?}"), || {
            let line = format!("127.0.0.1:{} --starttls {protocol}", fleet.port(server));
            starttls_row(&pki, &line, name, protocol, *expect);
        })
    });
    let done = done.count();
    println!("{done} of {} rows as expected", rows.len());
    assert_eq!(done, rows.len());
}

fn starttls_row(pki: &Pki, line: &str, name: &str, protocol: &str, expect: Expect) {
    match expect {
        Expect::Tls => {
            let right = pki.one(&format!("{name}@{line}"), 0);
            let wrong = pki.one(&format!("{OTHER}@{line}"), 1);
            // Some ask for a certificate of the client's, and go on without.
            let told = |report| found(report).into_iter().filter(|code| *code != "client-certificate-required");
            // Not every client takes what is typed in another script.
            let expected: &[&str] = if name.is_ascii() { &[] } else { &["clients-differ"] };
            assert_eq!(told(&right).collect::<Vec<_>>(), expected, "{right:#}");
            // One certificate for all names; of a database it is told that it may be asked by another.
            let wrongly: &[&str] = match protocol {
                "postgres" | "mysql" => &["database-host-name", "default-certificate"],
                _ => &["default-certificate"],
            };
            assert_eq!(told(&wrong).collect::<Vec<_>>(), wrongly, "{wrong:#}");
            for report in [right, wrong] {
                assert_eq!(at(&report, "/connection/starttls"), protocol, "{report:#}");
                assert_eq!(at(&report, POSSESSION), "proven", "{report:#}");
            }
        }
        Expect::Off(code) => {
            let report = pki.one(&format!("{name}@{line}"), 3);
            assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("starttls", code), "{report:#}");
        }
    }
}

#[test]
fn proxies_let_through() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let fleet = Fleet::start(&pki, rows_proxies::KINDS);
    let sites = Fleet::start(&pki, &[first_byte::apache]);
    let site = sites.port("apache");
    let rows = rows_proxies::ROWS;
    let witnessed = rows.iter().filter(|(proxy, url, through)| {
        try_row(&format!("witness {proxy} {url}"), || {
            let told = witness::curl(&pki.ca, &format!("{url}:{}", fleet.port(proxy)), site);
            assert_eq!(told.is_ok(), *through, "{told:?}");
        })
    });
    assert_eq!(witnessed.count(), rows.len(), "the proxies are not as they should be");
    let done = rows.iter().filter(|(proxy, url, through)| {
        try_row(&format!("{proxy} {url}"), || {
            proxy_row(&pki, &format!("127.0.0.1:{site} --proxy {url}:{}", fleet.port(proxy)), *through);
        })
    });
    let done = done.count();
    println!("{done} of {} rows as expected", rows.len());
    assert_eq!(done, rows.len());

    // A proxy whose own certificate is for another name is given nothing.
    let wrong = format!("{WWW}@127.0.0.1:{site} --proxy https://127.0.0.1:{}", fleet.port("tinyproxy in wrong TLS"));
    let report = pki.one(&wrong, 3);
    assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("proxy", "proxy-violation"), "{report:#}");
}

fn proxy_row(pki: &Pki, line: &str, through: bool) {
    if !through {
        let report = pki.one(&format!("{WWW}@{line}"), 3);
        assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("proxy", "proxy-auth"), "{report:#}");
        return;
    }
    let right = pki.one(&format!("{WWW}@{line}"), 0);
    let wrong = pki.one(&format!("{OTHER}@{line}"), 1);
    assert_eq!(found(&right), [""; 0], "{right:#}");
    assert_eq!(found(&wrong), ["default-certificate"], "{wrong:#}");
    for report in [right, wrong] {
        assert!(!report["connection"]["proxy"].is_null(), "{report:#}");
    }
}

#[test]
fn old_servers() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let servers = old::servers(&pki);
    let port = |row: &rows_old::Old| servers.iter().find(|server| server.what == row.server).unwrap().port;
    let rows = rows_old::ROWS;
    assert_eq!(rows.len(), servers.len(), "each server has one row");
    let witnessed = rows.iter().filter(|row| {
        try_row(&format!("witness {}", row.server), || {
            // Some ask for a certificate of the client's, whichever it is.
            let own = ["old-rsa.pem", "old-rsa.key"].map(|name| pki.scratch.path().join(name).display().to_string());
            let more = [witness::EVERYTHING, &["-cert", &own[0], "-key", &own[1]]].concat();
            witness::s_client(&pki.ca, port(row), &more).unwrap();
        })
    });
    assert_eq!(witnessed.count(), rows.len(), "the servers are not as they should be");
    let done = rows.iter().filter(|row| try_row(row.server, || old_row(&pki, row, port(row))));
    let done = done.count();
    println!("{done} of {} rows as expected", rows.len());
    assert_eq!(done, rows.len());
}

fn old_row(pki: &Pki, row: &rows_old::Old, port: u16) {
    let output = pki.run(&format!("{WWW}@127.0.0.1:{port} --json"));
    assert!(row.code.contains(&output.code), "{output:#?}");
    let report = output.one();
    assert_eq!(at(&report, OBTAINED), row.obtained, "{report:#}");
    assert_eq!(at(&report, VERSION), row.version, "{report:#}");
    assert!(row.finding.is_empty() || found(&report).contains(&row.finding), "{report:#}");
}

/// What Go's servers with these groups alone show, and to whom.
#[test]
fn hybrid_groups() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let fleet = Fleet::start(&pki, &[go::start]);
    let done = go::ROWS.iter().filter(|row| {
        try_row(row.server, || {
            let port = fleet.port(row.server);
            assert_eq!(go::ask(&pki.ca, port), row.go, "the server is not as it should be");
            let report = pki.one(&format!("{WWW}@127.0.0.1:{port}"), row.code);
            let first = found(&report).first().copied().unwrap_or("null");
            assert_eq!([at(&report, OBTAINED), at(&report, EXCHANGE), first], row.told, "{report:#}");
        })
    });
    let done = done.count();
    println!("{done} of {} rows as expected", go::ROWS.len());
    assert_eq!(done, 4);
}

/// Names and addresses as only a network of its own has them: Linux namespaces, which need root. Where
/// they are not permitted it fails.
#[cfg(target_os = "linux")]
#[test]
fn a_network_of_its_own() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let network = network::Network::start(&pki);
    let rows = rows_network::ROWS;
    assert_eq!(rows.len(), 25);
    let done = rows.iter().filter(|row| try_row(row.line, || network_row(row, &network.run(row.line))));
    let done = done.count();
    println!("{done} of {} rows as expected", rows.len());
    assert_eq!(done, rows.len());
}

#[cfg(target_os = "linux")]
fn network_row(row: &rows_network::Row, output: &driver::Output) {
    assert_eq!(output.code, row.code, "{output:#?}");
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(at(&report, "/error/code"), row.error, "{report:#}");
    assert_eq!(at(&report, "/connection/address"), row.address, "{report:#}");
    let attempts = report["connection"]["attempts"].as_array().cloned().unwrap_or_default();
    let attempts: Vec<_> = attempts.iter().map(|one| (at(one, "/address"), at(one, "/error"))).collect();
    assert_eq!(attempts, row.attempts, "{report:#}");
}

/// `--format pem` goes into `openssl x509` as it is.
fn openssl_reads_the_pem(pki: &Pki, port: u16) {
    let pem = pki.run(&format!("{WWW}@127.0.0.1:{port} --format pem")).exits(0).stdout;
    let file = pki.file("printed.pem", pem);
    let text = openssl::run(&["x509", "-in", &file, "-noout", "-text"]);
    assert!(text.contains("DNS:www.example.test"), "{text}");
}

/// Waits until somebody listens.
fn await_port(what: &str, port: u16) {
    let start = Instant::now();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} does not listen on {port}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A resolver that never answers holds nobody past the timeout. It needs root: the resolver's
/// configuration is replaced in a mount namespace of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_resolver_that_never_answers() {
    if !is_on() {
        return;
    }
    let deaf = std::net::UdpSocket::bind("127.0.0.77:53").expect("port 53 needs root");
    let scratch = support::scratch_dir("resolver");
    let conf = scratch.write("resolv.conf", "nameserver 127.0.0.77\n");
    let script = format!(
        "mount --bind '{}' /etc/resolv.conf && exec '{}' www.example.com --timeout 1s --json",
        conf.display(),
        env!("CARGO_BIN_EXE_certcheck")
    );
    let start = Instant::now();
    let output = std::process::Command::new("unshare").args(["-m", "sh", "-c", &script]).output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((at(&report, "/error/code"), at(&report, "/error/stage")), ("timeout", "resolve"));
    drop(deaf);
}
