//! SQL Server: the handshake is in packets of TDS, whichever way it is made.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::driver::{Pki, at, codes};
use crate::support::old::{Old, ToNewHello};
use crate::support::tds::Tds;
use crate::support::{Behaviour, Config, RawServer, TlsServer};

const WWW: &str = "DNS:www.example.test";

/// By TLS 1.3 and 1.2, by flag and scheme, however the server cuts its packets; and after the
/// handshake the farewell is a record by itself.
#[test]
fn the_handshake_is_in_packets_and_what_follows_is_not() {
    let pki = Pki::new();
    let tls = Config::new(&pki.issue("DNS:www.example.test,DNS:other.example.test"));
    let mut served = 0;
    for (config, version) in [(tls.clone().tls13_only(), "TLS 1.3"), (tls.clone().tls12_only(), "TLS 1.2")] {
        let behind = TlsServer::start(config);
        for tds in [
            Tds::default(),
            Tds { packet: 1, ..Tds::default() },
            Tds { packet: 100, encryption: 3, ..Tds::default() },
            Tds { encryption: 0, ..Tds::default() },
        ] {
            let server = tds.start(behind.addr());
            for (line, code) in [
                (format!("www.example.test@{} --starttls mssql", server.addr()), 0),
                (format!("mssql://{} --name www.example.test --sni www.example.test", server.addr()), 0),
                (format!("sqlserver://{} --name other.test --no-probes", server.addr()), 1),
            ] {
                let report = pki.one(&line, code);
                assert_eq!(at(&report, "/connection/starttls"), "mssql", "{line}: {report:#}");
                assert_eq!(at(&report, "/connection/tls_version"), version, "{line}: {report:#}");
                assert_eq!(at(&report, "/connection/possession"), "proven", "{line}: {report:#}");
                served += 1;
            }
            assert_eq!((server.settled(3), server.connections()), (3, 3), "{tds:?}");
        }
    }
    assert_eq!(served, 24);
}

/// A long chain takes more than one packet of the usual length, and a record more than one packet.
#[test]
fn a_certificate_longer_than_a_packet() {
    let pki = Pki::new();
    let names: Vec<String> = (0..1000).map(|n| format!("DNS:n{n}.example.test")).collect();
    let behind = TlsServer::start(Config::new(&pki.issue(&names.join(","))));
    let server = Tds::default().start(behind.addr());
    let report = pki.one(&format!("n999.example.test@{} --starttls mssql", server.addr()), 0);
    assert_eq!(report["certificate"]["san_total"], 1000, "{report:#}");
}

/// The hand-written hello goes the same way.
#[test]
fn an_old_server_behind_packets() {
    let pki = Pki::new();
    for to_new_hello in [ToNewHello::Alert(40), ToNewHello::Alert(70), ToNewHello::Close] {
        for packet in [5, 4088] {
            let old = Old { to_new_hello: to_new_hello.clone(), ..Old::new([3, 1], 0x002f, &[]) };
            let behind = old.start(&pki.issue(WWW));
            let server = Tds { packet, ..Tds::default() }.start(behind.addr());
            let report = pki.one(&format!("www.example.test@{} --starttls mssql", server.addr()), 4);
            assert_eq!(codes(&report), ["legacy-tls", "possession-unverified"], "{to_new_hello:?}: {report:#}");
            assert_eq!(at(&report, "/connection/obtained"), "plain-hello");
        }
    }
}

#[test]
fn a_server_without_encryption_or_with_other_packets() {
    let pki = Pki::new();
    let behind = pki.server(WWW);
    let stopped = |server: String, stage: &str, code: &str, words: &str| {
        let report = pki.one(&format!("www.example.test@{server} --starttls mssql --timeout 5s"), 3);
        assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), (stage, code), "{report:#}");
        assert!(at(&report, "/error/message").contains(words), "{report:#}");
        assert!(!report["error"]["help"].as_array().unwrap().is_empty(), "{report:#}");
    };
    let off = Tds { encryption: 2, ..Tds::default() }.start(behind.addr());
    stopped(off.addr().to_string(), "starttls", "starttls-unsupported", "ENCRYPT_NOT_SUP");
    let other = Tds { kind: 0x04, ..Tds::default() }.start(behind.addr());
    stopped(other.addr().to_string(), "tls", "tls-handshake", "is of the type 4");
    // One that speaks TLS from the first byte (TDS 8.0) takes the question for a broken record.
    stopped(behind.addr().to_string(), "starttls", "starttls-violation", "an alert of TLS");
    let closes = RawServer::start(Behaviour::CloseAtOnce);
    stopped(closes.addr().to_string(), "starttls", "connection-reset", "");
}

/// Packets that hold nothing, for ever; a length that cannot be; an end in the middle of a packet;
/// no TLS in them.
#[test]
fn hostile_packets() {
    let pki = Pki::new();
    let prelogin = b"\x04\x01\0\x1a\0\0\0\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x10\0\x03\xe8\0\0\x01";
    for (packet, is_endless, code) in [
        (&b"\x12\x01\0\x08\0\0\0\0"[..], true, "timeout"),
        (b"\x12\x01\0\x09\0\0\0\0\x16", true, "starttls-injection"),
        (b"\x12\x01\0\x07\0\0\0\0", false, "tls-handshake"),
        (b"\x12\x01\xff\xff\0\0\0\0", false, "tls-handshake"),
        (b"\x12\x01\0\x10\0\0\0\0\x16\x03", false, "connection-reset"),
        (b"\x16\x03\x03\0\x02", false, "connection-reset"),
    ] {
        let server = RawServer::start(Behaviour::custom(move |mut client| {
            let mut words = [0; 4096];
            let _ = client.read(&mut words);
            let _ = client.write_all(prelogin);
            let _ = client.read(&mut words);
            while client.write_all(packet).is_ok() && is_endless {}
        }));
        let start = Instant::now();
        let report = pki.one(&format!("www.example.test@{} --starttls mssql --timeout 2s", server.addr()), 3);
        assert_eq!(at(&report, "/error/code"), code, "{packet:?}: {report:#}");
        assert!(start.elapsed() < Duration::from_secs(8), "{packet:?}: {:?}", start.elapsed());
    }
}
