//! `smtp-mx://`: the mail exchangers of a domain. The resolver is dnsmasq, which the program finds in a
//! mount namespace of its own; that needs root.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::driver::{Pki, at};
use crate::fleet::Fleet;
use crate::support::server::serve_tls;
use crate::support::{Behaviour, Config, RawServer};
use crate::{daemon, is_on, postfix};

/// A resolver; gone on drop.
pub struct Dnsmasq {
    address: &'static str,
    child: Child,
}

impl Dnsmasq {
    /// One for `test`, at an address of loopback.
    pub fn start(address: &'static str, records: &[String]) -> Self {
        let options =
            "-k --conf-file=/dev/null --user=root --pid-file= --no-hosts --no-resolv --bind-interfaces --local=/test/";
        let mut command = daemon::program("dnsmasq");
        command.args(options.split_whitespace()).arg(format!("--listen-address={address}")).args(records);
        let child = command.spawn().unwrap();
        let start = Instant::now();
        while TcpStream::connect((address, 53)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "dnsmasq does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Self { address, child }
    }

    /// Runs the program, which has no other resolver.
    pub fn run(&self, pki: &Pki, args: &[&str]) -> Output {
        run_at(self.address, pki, args)
    }

    /// The reports, with this exit code.
    pub fn reports(&self, pki: &Pki, args: &[&str], code: i32) -> Vec<Value> {
        let output = self.run(pki, &[args, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Runs the program, which has no resolver but the one at an address.
pub fn run_at(resolver: &str, pki: &Pki, args: &[&str]) -> Output {
    let conf = pki.file("resolv.conf", format!("nameserver {resolver}\n"));
    let program = env!("CARGO_BIN_EXE_certcheck");
    let script = format!("mount --bind '{conf}' /etc/resolv.conf && exec '{program}' \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script, "sh", "--ca-file", &pki.ca]).args(args);
    command.output().expect("unshare (util-linux)")
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        // Where it is gone already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn asked(reports: &[Value]) -> Vec<String> {
    let one = |report: &Value| format!("{} {}", at(report, "/reference/value"), at(report, "/verdict"));
    reports.iter().map(one).collect()
}

/// Each is asked under its own name, the most preferred first; a domain without one is its own, and
/// one that takes no mail has none.
#[test]
fn mail_exchangers_are_asked_one_by_one() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let fleet = Fleet::start(&pki, &[postfix::start]);
    let records = [
        "--mx-host=shop.test,other.test,20",
        "--mx-host=shop.test,www.example.test,10",
        "--mx-host=nomail.test,.,0",
        "--host-record=www.example.test,127.0.0.1",
        "--host-record=other.test,127.0.0.1",
    ];
    let dns = Dnsmasq::start("127.0.0.78", &records.map(str::to_owned));
    let port = fleet.port("postfix smtp");
    let target = |domain: &str| format!("smtp-mx://{domain}:{port}");
    let reports = dns.reports(&pki, &[&target("shop.test")], 1);
    assert_eq!(asked(&reports), ["www.example.test match", "other.test mismatch"]);
    for report in &reports {
        assert_eq!(at(report, "/connection/sni"), at(report, "/reference/value"));
        assert_eq!(at(report, "/connection/starttls"), "smtp");
    }
    let human = String::from_utf8(dns.run(&pki, &[&target("shop.test")]).stdout).unwrap();
    assert!(human.contains("mail exchanger of shop.test (as a sending server"), "{human}");
    let named = dns.reports(&pki, &[&target("shop.test"), "--name", "example.test"], 0);
    assert_eq!(asked(&named), ["example.test match", "example.test match"]);
    let servers: Vec<&str> = named.iter().map(|report| at(report, "/server")).collect();
    assert_eq!(servers, ["www.example.test", "other.test"], "the name tells them apart no more");
    // The one that an earlier run did not come to is asked.
    let list = pki.file("list", target("shop.test"));
    let earlier = pki.file("earlier.json", format!("{}\n", named[0]));
    let rest = dns.reports(&pki, &["--targets", &list, "--name", "example.test", "--resume", &earlier], 0);
    assert_eq!(rest.iter().map(|report| at(report, "/server")).collect::<Vec<_>>(), ["other.test"]);
    assert_eq!(asked(&dns.reports(&pki, &[&target("www.example.test")], 0)), ["www.example.test match"]);
    for (domain, code) in [("nomail.test", "no-address"), ("nothing.test", "no-such-host")] {
        let report = dns.reports(&pki, &[&target(domain)], 3);
        assert_eq!((at(&report[0], "/error/stage"), at(&report[0], "/error/code")), ("resolve", code));
    }
}

/// Seventy are more than one answer over UDP holds, and more than are checked: the 64 most preferred
/// are, and how many were not is an error of its own.
#[test]
fn more_mail_exchangers_than_are_checked() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    let tls = Config::new(&pki.issue("DNS:*.many.test")).rustls();
    let server = RawServer::start(Behaviour::custom(move |client| smtp(client, &tls)));
    let mut records = vec!["--address=/many.test/127.0.0.1".to_owned()];
    records.extend((0..70).rev().map(|n| format!("--mx-host=many.test,mx{n}.many.test,{n}")));
    let dns = Dnsmasq::start("127.0.0.79", &records);
    let target = format!("smtp-mx://many.test:{}", server.port());
    let reports = dns.reports(&pki, &[&target], 3);
    let (last, checked) = reports.split_last().unwrap();
    let expected: Vec<String> = (0..64).map(|n| format!("mx{n}.many.test match")).collect();
    assert_eq!(asked(checked), expected);
    assert_eq!(server.connections(), 64);
    assert_eq!((at(last, "/error/stage"), at(last, "/error/code")), ("resolve", "no-address"), "{last:#}");
    assert_eq!(
        at(last, "/error/message"),
        "a mail exchanger of `many.test` was not checked: it has 6 more than the 64 that are checked"
    );
    let human = String::from_utf8(dns.run(&pki, &[&target]).stdout).unwrap();
    assert!(human.contains("it has 6 more than the 64"), "{human}");
}

/// SMTP as far as STARTTLS, then TLS.
fn smtp(mut client: TcpStream, tls: &Arc<rustls::ServerConfig>) {
    let mut words = [0; 512];
    for answer in ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"] {
        // A client that leaves is told by the connections that count.
        let sent = client.write_all(answer.as_bytes());
        if sent.is_err() || !answer.ends_with("go\r\n") && client.read(&mut words).is_err() {
            return;
        }
    }
    serve_tls(&client, Arc::clone(tls));
}
