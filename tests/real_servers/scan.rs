//! Lists of names: a resolver that takes its time, and all addresses of a name. Each in a mount
//! namespace with a resolver of its own, which needs root.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::driver::{Pki, at, codes};
use crate::exchangers::Dnsmasq;
use crate::is_on;
use crate::support::{Config, TlsServer};

/// How long the resolver takes for each question.
const SLOW: Duration = Duration::from_millis(100);

type Asked = Arc<Mutex<HashMap<Vec<u8>, usize>>>;

/// Answers every question for an IPv4 address with 127.0.0.1, late; counts them by name.
fn slow_resolver(address: SocketAddr) -> Asked {
    let asked = Asked::default();
    let counted = Arc::clone(&asked);
    let socket = Arc::new(UdpSocket::bind(address).unwrap());
    thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let (socket, question, counted) = (Arc::clone(&socket), buffer[..length].to_vec(), Arc::clone(&counted));
            thread::spawn(move || {
                thread::sleep(SLOW);
                // The name's labels, then type and class (RFC 1035, 4.1.2).
                let Some(end) = question.iter().skip(12).position(|&b| b == 0).map(|at| 12 + at + 1) else { return };
                let is_v4 = question.get(end..end + 2) == Some(&[0, 1]);
                let mut answer = question[..end + 4].to_vec();
                answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_v4), 0, 0, 0, 0]);
                if is_v4 {
                    *counted.lock().unwrap().entry(question[12..end].to_vec()).or_default() += 1;
                    answer.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
                }
                let _ = socket.send_to(&answer, from);
            });
        }
    });
    asked
}

#[test]
fn lookups_are_made_side_by_side_and_each_once() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    // Nobody listens there: what takes time is the lookup alone.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let asked = slow_resolver("127.0.0.79:53".parse().unwrap());
    let lines: Vec<String> = (0..2000).map(|n| format!("n{}.scan.test:{port}", n % 1000)).collect();
    let list = lines.join("\n");
    let list = pki.file("list", list);
    // Also where all of them are one address that is spared.
    for more in [&[][..], &["--per-host", "4"]] {
        let start = Instant::now();
        let arguments = [&["--targets", &list, "--json", "--ordered"], more].concat();
        let output = crate::exchangers::run_at("127.0.0.79", &pki, &arguments);
        let elapsed = start.elapsed();
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2000);
        assert!(elapsed < Duration::from_secs(5), "{more:?}: {elapsed:?}");
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        assert_eq!((asked.len(), asked.values().filter(|&&times| times > 1).count()), (1000, 0), "{more:?}");
        println!("1000 names behind a resolver that takes 100 ms, {more:?}: {elapsed:.1?}");
    }
}

#[test]
fn all_addresses_of_a_name_are_compared() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let right = TlsServer::start(Config::new(&pki.issue("DNS:www.scan.test")).address("127.0.0.81:0"));
    let port = right.port();
    let stale = TlsServer::start(Config::new(&pki.issue("DNS:old.scan.test")).address(&format!("127.0.0.82:{port}")));
    let records = ["--host-record=www.scan.test,127.0.0.81", "--host-record=www.scan.test,127.0.0.82"];
    let dns = Dnsmasq::start("127.0.0.80", &records.map(str::to_owned));
    let target = format!("www.scan.test:{port}");
    let mut reports = dns.reports(&pki, &[&target, "--all-addresses"], 1);
    reports.sort_by_key(|report| at(report, "/connection/address").to_owned());
    let addresses: Vec<&str> = reports.iter().map(|report| at(report, "/connection/address")).collect();
    assert_eq!(addresses, ["127.0.0.81", "127.0.0.82"]);
    assert_eq!(codes(&reports[0]), ["address-differs"], "{}", reports[0]);
    assert_eq!((at(&reports[0], "/verdict"), at(&reports[0], "/diagnosis/0/severity")), ("match", "note"));
    assert_eq!(codes(&reports[1])[0], "address-differs", "{}", reports[1]);
    let seen: Vec<(&str, bool)> = reports[1]["diagnosis"][0]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seen: &Value| (at(seen, "/address"), at(seen, "/fact").contains("is valid")))
        .collect();
    assert_eq!(seen, [("127.0.0.82", false), ("127.0.0.81", true)]);
    for format in ["--quiet", "--format=csv", "--format=junit", "--format=prometheus", "--format=markdown"] {
        let output = dns.run(&pki, &[&target, "--all-addresses", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        for address in addresses.iter().copied() {
            assert!(text.lines().any(|line| line.contains(address)), "{format}: {text}");
        }
    }
    drop(stale);
    let reports = dns.reports(&pki, &[&target, "--all-addresses"], 3);
    assert_eq!(servers(&reports), ["127.0.0.81", "127.0.0.82"], "an address that refuses is a report of its own");
}

/// Which server each report is about, sorted.
fn servers(reports: &[Value]) -> Vec<&str> {
    let mut servers: Vec<&str> = reports.iter().map(|report| at(report, "/server")).collect();
    servers.sort_unstable();
    servers
}

/// A run over all addresses that was cut off is gone on with: nothing is reported twice, one that refused
/// is not asked for ever, and what is left is compared with what was reported.
#[test]
fn all_addresses_are_resumed() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let right = TlsServer::start(Config::new(&pki.issue("DNS:www.scan.test")).address("127.0.0.84:0"));
    let port = right.port();
    let stale = TlsServer::start(Config::new(&pki.issue("DNS:old.scan.test")).address(&format!("127.0.0.85:{port}")));
    let records = [84, 85, 86].map(|n| format!("--host-record=www.scan.test,127.0.0.{n}"));
    let dns = Dnsmasq::start("127.0.0.83", &records);
    let list = pki.file("list", format!("www.scan.test:{port}\n"));
    let run = |more: &[&str]| dns.reports(&pki, &[&["--targets", &list, "--all-addresses"], more].concat(), 1);
    let key =
        |report: &Value| (at(report, "/server").to_owned(), codes(report).join(" "), at(report, "/verdict").to_owned());
    let sorted = |reports: &[Value]| {
        let mut keys: Vec<_> = reports.iter().map(key).collect();
        keys.sort();
        keys
    };
    let whole = run(&[]);
    assert_eq!(servers(&whole), ["127.0.0.84", "127.0.0.85", "127.0.0.86"]);
    for held in 0..=whole.len() {
        let lines: Vec<String> = whole[..held].iter().map(Value::to_string).collect();
        let earlier = pki.file("earlier.json", lines.join("\n") + "\n");
        let connections = right.connections() + stale.connections();
        // The exit code is that of both parts; where the mismatch is the only one left it is 1 too.
        let mut rest = run(&["--resume", &earlier]);
        assert_eq!(rest.len(), whole.len() - held, "{rest:?}");
        rest.extend_from_slice(&whole[..held]);
        assert_eq!(sorted(&rest), sorted(&whole), "{held} were there");
        if held == whole.len() {
            assert_eq!(right.connections() + stale.connections(), connections, "nothing was left to ask");
        }
    }
}

/// A name may have more addresses than there may be questions: how many were not asked is said.
#[test]
fn addresses_beyond_the_budget_are_told() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&pki.issue("DNS:other.test")).address("0.0.0.0:0"));
    let records: Vec<String> = (101..=120).map(|n| format!("--host-record=many.scan.test,127.0.0.{n}")).collect();
    let dns = Dnsmasq::start("127.0.0.100", &records);
    let reports = dns.reports(&pki, &[&format!("many.scan.test:{}", server.port())], 1);
    let notes = reports[0]["diagnosis"][0]["notes"].as_array().unwrap();
    // Of nineteen others; beside them two repeats, no SNI, an impossible one and two kinds of keys make ten.
    assert!(notes.iter().any(|note| note == "15 more addresses of the host were not asked"), "{:#}", reports[0]);
    assert_eq!(server.connections(), 11);
}
