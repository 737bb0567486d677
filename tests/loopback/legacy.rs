//! Old servers, and what becomes of their leaf; what has to be bounded.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::{Pki, at, codes};
use crate::support::old::{Old, Then, ToNewHello, certificate_request, dhe, ecdhe, record};
use crate::support::raw::fatal_alert;
use crate::support::{Behaviour, RawServer};

const WWW: &str = "DNS:www.example.test";
const OLD: [&str; 2] = ["legacy-tls", "possession-unverified"];
const RARE: [&str; 2] = ["possession-unverified", "legacy-tls"];

fn ask(pki: &Pki, old: Old, code: i32) -> Value {
    let server = old.start(&pki.issue(WWW));
    pki.one(&format!("www.example.test@{} --timeout 5s", server.addr()), code)
}

fn message_of<'a>(report: &'a Value, code: &str) -> &'a str {
    let found = report["diagnosis"].as_array().unwrap().iter().find(|finding| finding["code"] == code);
    found.unwrap()["message"].as_str().unwrap()
}

/// The parts that tell old servers apart, by what they answered.
#[test]
fn each_old_server_gets_its_leaf_and_is_told_apart() {
    let pki = Pki::new();
    for (old, version, suite, exchange, is_rare) in [
        (Old::new([3, 0], 0x000a, &[]), "SSL 3.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "RSA", false),
        (Old::new([3, 1], 0x0005, &[]), "TLS 1.0", "TLS_RSA_WITH_RC4_128_SHA", "RSA", false),
        (Old::new([3, 2], 0x002f, &[]), "TLS 1.1", "TLS_RSA_WITH_AES_128_CBC_SHA", "RSA", false),
        (Old::new([3, 3], 0x000a, &[]), "TLS 1.2", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "RSA", false),
        (Old::new([3, 3], 0x009c, &[]), "TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "RSA", true),
        (Old::new([3, 1], 0x0033, &[dhe(64)]), "TLS 1.0", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE 512 bits", false),
        (
            Old::new([3, 3], 0x009e, &[dhe(128)]),
            "TLS 1.2",
            "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
            "DHE 1024 bits",
            true,
        ),
        (
            Old::new([3, 3], 0xc02f, &[ecdhe(22)]),
            "TLS 1.2",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "ECDHE secp256k1",
            false,
        ),
    ] {
        let report = ask(&pki, old, 4);
        assert_eq!(codes(&report), if is_rare { RARE } else { OLD }, "{report:#}");
        let told = ["tls_version", "cipher_suite", "key_exchange", "obtained", "possession"];
        let told = told.map(|field| at(&report, &format!("/connection/{field}")));
        assert_eq!(told, [version, suite, exchange, "plain-hello", "not-proven"]);
        let message = message_of(&report, "legacy-tls");
        assert!(message.contains(version) && message.contains(suite), "{message}");
    }
}

/// However the server turns the first hello down.
#[test]
fn the_first_hello_may_be_answered_in_any_way() {
    let pki = Pki::new();
    for to_new_hello in [
        ToNewHello::Alert(40),
        ToNewHello::Alert(70),
        ToNewHello::Alert(71),
        ToNewHello::Alert(47),
        ToNewHello::Close,
        ToNewHello::Answer,
    ] {
        let told = format!("{to_new_hello:?}");
        let report = ask(&pki, Old { to_new_hello, ..Old::new([3, 1], 0x002f, &[]) }, 4);
        assert_eq!(codes(&report), OLD, "{told}: {report:#}");
    }
}

/// The name is judged as ever, and decides.
#[test]
fn an_old_server_with_another_name() {
    let pki = Pki::new();
    let server = Old::new([3, 1], 0x002f, &[]).start(&pki.issue("DNS:other.example.test"));
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 1);
    assert_eq!(codes(&report)[1..], OLD);
}

/// A leaf that has come is kept, whatever follows.
#[test]
fn a_leaf_outlives_the_end_of_the_handshake() {
    let pki = Pki::new();
    let asked = "client-certificate-required";
    for (then, after, more) in [
        (Then::Close, vec![], None),
        (Then::Send(fatal_alert(40)), vec![], None),
        (Then::Send(fatal_alert(40)), vec![certificate_request()], Some("the server asked for a client certificate")),
        (Then::Wait, vec![certificate_request()], Some("the server asked for a client certificate")),
        (Then::Send(b"garbage".to_vec()), vec![], None),
        (Then::EmptyRecords, vec![], None),
    ] {
        for to_new_hello in [ToNewHello::Answer, ToNewHello::Alert(40)] {
            // No ServerHelloDone: the TLS library shows nobody a certificate before it.
            let mut old =
                Old { then: then.clone(), to_new_hello: to_new_hello.clone(), ..Old::new([3, 3], 0xc02f, &after) };
            old.after.pop();
            let report = ask(&pki, old, 4);
            let found = codes(&report);
            assert!(found.contains(&"possession-not-proven"), "{then:?}: {report:#}");
            assert!(found.contains(&"handshake-incomplete"), "{then:?}: {report:#}");
            assert_eq!(at(&report, "/connection/obtained"), "plain-hello");
            assert_eq!(found.contains(&asked), more.is_some(), "{then:?}: {report:#}");
            if let Some(words) = more {
                assert!(message_of(&report, asked).contains(words), "{report:#}");
            }
        }
    }
}

#[test]
fn an_answer_may_come_byte_by_byte() {
    let pki = Pki::new();
    let report = ask(&pki, Old { byte_by_byte: true, ..Old::new([3, 1], 0x0033, &[dhe(128)]) }, 4);
    assert_eq!(at(&report, "/connection/key_exchange"), "DHE 1024 bits");
}

/// Nothing that a server sends holds the program past its deadline, or makes it fail in another way.
#[test]
fn answers_without_end_and_without_sense() {
    let pki = Pki::new();
    let endless = |data: &'static [u8]| {
        Behaviour::custom(move |mut stream| {
            use std::io::{Read, Write};
            let mut hello = [0; 4096];
            let read = stream.read(&mut hello).unwrap_or(0);
            if hello[..read].windows(4).any(|part| part == [0, 0x2b, 0, 5]) {
                let _ = stream.write_all(&fatal_alert(40));
                return;
            }
            while stream.write_all(data).is_ok() {}
        })
    };
    let warning: &[u8] = &[21, 3, 1, 0, 2, 1, 112];
    for data in [&[22, 3, 1, 0, 0][..], warning, &[22, 3, 1, 0xff, 0xff], &[22, 3, 1, 0, 4, 16, 0, 0, 0], b"garbage "] {
        let server = RawServer::start(endless(data));
        let start = Instant::now();
        let report = pki.one(&format!("www.example.test@{} --timeout 2s", server.addr()), 3);
        assert!(start.elapsed() < Duration::from_secs(4), "{data:?}: {:?}", start.elapsed());
        assert_eq!(at(&report, "/error/code"), "tls-alert", "{data:?}: {report:#}");
    }
    let large = [record(22, [3, 1], &[2, 0, 0, 40]), record(22, [3, 1], &[11, 1, 0, 0])].concat();
    let server = RawServer::start(endless(large.leak()));
    pki.one(&format!("www.example.test@{} --timeout 2s", server.addr()), 3);
}

/// `unrecognized_name` on any of the hellos is about the name.
#[test]
fn a_name_that_the_plain_hello_is_refused_for() {
    let pki = Pki::new();
    let picky = Behaviour::custom(|mut stream| {
        use std::io::{Read, Write};
        let mut hello = [0; 4096];
        let read = stream.read(&mut hello).unwrap_or(0);
        let is_new = hello[..read].windows(4).any(|part| part == [0, 0x2b, 0, 5]);
        let _ = stream.write_all(&fatal_alert(if is_new { 40 } else { 112 }));
    });
    let server = RawServer::start(picky);
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 3);
    assert_eq!(at(&report, "/error/code"), "sni-refused", "{report:#}");
}

/// TLS 1.3 alone, with nothing that we have: told by the two alerts.
#[test]
fn what_is_out_of_reach_is_said() {
    let pki = Pki::new();
    let modern = Behaviour::custom(|mut stream| {
        use std::io::{Read, Write};
        let mut hello = [0; 4096];
        let read = stream.read(&mut hello).unwrap_or(0);
        let is_new = hello[..read].windows(4).any(|part| part == [0, 0x2b, 0, 5]);
        let _ = stream.write_all(&fatal_alert(if is_new { 40 } else { 70 }));
    });
    let server = RawServer::start(modern);
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 3);
    let message = at(&report, "/error/message");
    assert!(message.contains("speaks only TLS 1.3") && message.contains("FFDHE, X448, CCM"), "{message}");
    assert_eq!(server.connections(), 4, "plainly, oddly, plain hello, without a name");
}
