//! Servers with which no client completes a handshake, although their certificate can be read:
//! never exit code 0. Where curl is installed it is asked as well, and has to refuse.

use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

use super::driver::{Pki, at, codes};
use crate::support::listener::{close_gently, wait_for_close};
use crate::support::old::{Old, Then, ToNewHello, dhe, ecdhe, record};
use crate::support::raw::fatal_alert;
use crate::support::{Behaviour, Config, RawServer};

const WWW: &str = "DNS:www.example.test";

/// curl's exit code where the handshake fails, or where time is up (`man curl`).
const CURL_REFUSES: [i32; 2] = [35, 28];

/// Asks curl for a page of the server; `None` where curl is not installed.
fn curl(pki: &Pki, server: SocketAddr) -> Option<i32> {
    let port = server.port();
    let status = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "--max-time", "2", "--cacert", &pki.ca])
        .args(["--resolve", &format!("www.example.test:{port}:{}", server.ip())])
        .arg(format!("https://www.example.test:{port}/"))
        .stdout(Stdio::null())
        .status();
    status.ok().and_then(|status| status.code())
}

/// Checks the server, with the exit code that it has to have, and asks curl, which has to refuse.
fn check(pki: &Pki, server: &RawServer, more: &str, code: i32) -> Value {
    let report = pki.one(&format!("www.example.test@{} --timeout 2s {more}", server.addr()), code);
    if let Some(code) = curl(pki, server.addr()) {
        assert!(CURL_REFUSES.contains(&code), "curl ends with {code}: {report:#}");
    }
    report
}

/// What a server does once its flight has been cut.
#[derive(Clone, Copy, Debug)]
enum End {
    Alert(u8),
    Close,
    Garbage,
    Stall,
    /// Nothing is cut: the last byte, which is a part of its Finished message, is changed.
    WrongFinished,
}

/// A server that proves its key, and then breaks the handshake off: in TLS 1.3 within its Finished
/// message, in TLS 1.2 instead of it.
fn breaking(config: &Config, end: End) -> RawServer {
    let mut config = Arc::unwrap_or_clone(config.rustls());
    // Records of at most 27 bytes, so that the last one holds no more than a part of Finished.
    config.max_fragment_size = Some(32);
    let config = Arc::new(config);
    RawServer::start(Behaviour::custom(move |stream| break_off(stream, Arc::clone(&config), end)))
}

fn break_off(mut stream: TcpStream, config: Arc<rustls::ServerConfig>, end: End) {
    let mut tls = rustls::ServerConnection::new(config).unwrap();
    let mut hello = [0; 4096];
    let read = stream.read(&mut hello).unwrap_or(0);
    let mut hello = Cursor::new(&hello[..read]);
    while hello.position() < u64::try_from(read).unwrap() && tls.read_tls(&mut hello).is_ok_and(|n| n > 0) {
        if tls.process_new_packets().is_err() {
            return close_gently(&stream);
        }
    }
    let mut flight = Vec::new();
    while tls.wants_write() {
        let _ = tls.write_tls(&mut flight);
    }
    let is_tls12 = tls.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_2);
    if is_tls12 {
        let _ = stream.write_all(&flight);
        let _ = stream.read(&mut [0; 4096]);
        flight.clear();
    }
    // Within the last record.
    let cut = flight.len().saturating_sub(20);
    let _ = match end {
        End::WrongFinished if is_tls12 => {
            stream.write_all(&[record(20, [3, 3], &[1]), record(22, [3, 3], &[0x5a; 40])].concat())
        }
        End::WrongFinished => {
            *flight.last_mut().unwrap() ^= 1;
            stream.write_all(&flight)
        }
        End::Garbage => stream.write_all(&[&flight[..cut], b"garbage ".repeat(40).as_slice()].concat()),
        End::Alert(alert) => stream.write_all(&[records(&flight, cut), &fatal_alert(alert)[..]].concat()),
        End::Close | End::Stall => stream.write_all(&flight[..cut]),
    };
    match end {
        End::Stall | End::WrongFinished => wait_for_close(&stream),
        _ => close_gently(&stream),
    }
}

/// The complete records among the first bytes.
fn records(bytes: &[u8], limit: usize) -> &[u8] {
    let mut at = 0;
    while let Some([_, _, _, a, b, ..]) = bytes.get(at..) {
        let end = at + 5 + usize::from(u16::from_be_bytes([*a, *b]));
        if end > limit {
            break;
        }
        at = end;
    }
    &bytes[..at]
}

#[test]
fn a_handshake_that_breaks_after_the_certificate() {
    let pki = Pki::new();
    let good = pki.issue(WWW);
    let (tls12, tls13) = (Config::new(&good).tls12_only(), Config::new(&good).tls13_only());
    let undecryptable = "does not decrypt";
    for (config, end, words) in [
        (&tls13, End::Close, "the server closed the connection"),
        (&tls13, End::Stall, "the server stopped answering"),
        (&tls13, End::Garbage, undecryptable),
        // In plain text, as it is where the server lost the keys.
        (&tls13, End::Alert(80), undecryptable),
        (&tls13, End::WrongFinished, undecryptable),
        (&tls12, End::Close, "the server closed the connection"),
        (&tls12, End::Stall, "the server stopped answering"),
        (&tls12, End::Garbage, "malformed or out of place"),
        (&tls12, End::Alert(80), "the alert internal_error"),
        (&tls12, End::Alert(40), "the alert handshake_failure"),
        (&tls12, End::WrongFinished, undecryptable),
    ] {
        let server = breaking(config, end);
        let report = check(&pki, &server, "", 4);
        assert_eq!(report["accepted"], false, "{end:?}");
        assert_eq!(at(&report, "/verdict"), "match", "{end:?}: {report:#}");
        assert_eq!(codes(&report), ["handshake-incomplete"], "{end:?}: {report:#}");
        assert_eq!(at(&report, "/connection/possession"), "proven", "{end:?}");
        assert!(at(&report, "/diagnosis/0/message").contains(words), "{end:?}: {report:#}");
        check(&pki, &server, "--ignore protocol", 0);
        check(&pki, &server, "--ignore possession", 4);
        let human = pki.run(&format!("www.example.test@{} --timeout 2s", server.addr())).exits(4);
        assert!(human.stdout.starts_with("error[handshake-incomplete]: "), "{human:?}");
    }
}

/// TLS 1.2: all is in plain text until the keys change, so that anybody can send a certificate.
#[test]
fn somebody_elses_chain_without_a_key() {
    let pki = Pki::new();
    let good = pki.issue(WWW);
    let unsigned = [ecdhe(29)];
    for version in [[3, 3], [3, 1]] {
        for (then, words) in [
            (Then::Close, "the server closed the connection"),
            (Then::Send(fatal_alert(40)), "the alert handshake_failure"),
            (Then::Send(fatal_alert(48)), "the alert unknown_ca"),
            (Then::Send(b"garbage".to_vec()), "malformed or out of place"),
        ] {
            for (to_new_hello, complete) in [
                (ToNewHello::Answer, true),
                (ToNewHello::Answer, false),
                (ToNewHello::Alert(40), false),
                (ToNewHello::Alert(70), false),
                (ToNewHello::Close, false),
            ] {
                let mut old = Old { then: then.clone(), to_new_hello, ..Old::new(version, 0xc02b, &unsigned) };
                if !complete {
                    old.after.pop();
                }
                let what = format!("{version:?} {then:?} {:?} {complete}", old.to_new_hello);
                let server = old.start(&good);
                let report = check(&pki, &server, "", 4);
                let what = format!("{what}: {report:#}");
                let found = codes(&report);
                let is_old = version == [3, 1];
                assert_eq!(found[0], if is_old { "legacy-tls" } else { "handshake-incomplete" }, "{what}");
                if !complete {
                    let finding = report["diagnosis"].as_array().unwrap();
                    let broken = finding.iter().find(|f| f["code"] == "handshake-incomplete").expect(&what);
                    assert!(broken["message"].as_str().unwrap().contains(words), "{what}");
                    assert!(found.contains(&"possession-not-proven"), "{what}");
                }
                assert_ne!(at(&report, "/connection/possession"), "proven", "{what}");
            }
        }
    }
}

/// A ServerHello that no client takes, and a proper answer to a hello for TLS 1.2.
#[test]
fn a_malformed_server_hello() {
    let pki = Pki::new();
    let good = pki.issue(WWW);
    let hello = |session: &[u8], suite: u16, compression: u8, extensions: &[u8]| {
        let length = u16::try_from(extensions.len()).unwrap().to_be_bytes();
        let session = [&[u8::try_from(session.len()).unwrap()], session].concat();
        let body =
            [&[3, 3][..], &[9; 32], &session, &suite.to_be_bytes(), &[compression], &length, extensions].concat();
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        record(22, [3, 3], &[&[2][..], &length[1..], &body].concat())
    };
    let tls13: &[u8] = &[0, 0x2b, 0, 2, 3, 4];
    let share = [&[0, 0x33, 0, 36, 0, 0x1d, 0, 32][..], &[5; 32]].concat();
    let valid = [tls13, &share].concat();
    let retry = {
        // The random of a HelloRetryRequest (RFC 8446, 4.1.3), which asks for P-384.
        let random = ring::digest::digest(&ring::digest::SHA256, b"HelloRetryRequest");
        let bytes = hello(&[], 0x1301, 0, &[tls13, &[0, 0x33, 0, 2, 0, 0x18]].concat());
        [&bytes[..11], random.as_ref(), &bytes[43..]].concat()
    };
    for (what, bytes) in [
        ("a session id that is not the client's", hello(&[7; 32], 0x1301, 0, &valid)),
        ("a suite that was not offered", hello(&[], 0x1305, 0, &valid)),
        ("a suite that does not exist", hello(&[], 0x5a5a, 0, &valid)),
        ("compression", hello(&[], 0x1301, 1, &valid)),
        ("an extension twice", hello(&[], 0x1301, 0, &[tls13, tls13, &share].concat())),
        ("an extension that was not offered", hello(&[], 0x1301, 0, &[&valid, &[0xfa, 0xfa, 0, 0][..]].concat())),
        ("cut off", hello(&[], 0x1301, 0, &valid)[..40].to_vec()),
        ("a HelloRetryRequest twice", [retry.clone(), retry].concat()),
        ("empty", record(22, [3, 3], &[2, 0, 0, 0])),
    ] {
        let old = Old { to_new_hello: ToNewHello::Send(bytes), ..Old::new([3, 3], 0xc02b, &[ecdhe(29)]) };
        let server = old.start(&good);
        let report = check(&pki, &server, "", 4);
        assert_eq!(codes(&report)[..2], ["handshake-incomplete", "possession-not-proven"], "{what}: {report:#}");
        assert_eq!(at(&report, "/connection/obtained"), "plain-hello", "{what}");
        check(&pki, &server, "--ignore protocol", 4);
    }
}

/// What no current client supports leads as an error; what some of them support is not proven.
#[test]
fn old_servers_are_never_ok() {
    let pki = Pki::new();
    let good = pki.issue(WWW);
    for (old, lead, ignore) in [
        (Old::new([3, 0], 0x000a, &[]), "legacy-tls", "protocol"),
        (Old::new([3, 1], 0x002f, &[]), "legacy-tls", "protocol"),
        (Old::new([3, 2], 0x002f, &[]), "legacy-tls", "protocol"),
        (Old::new([3, 3], 0x0005, &[]), "legacy-tls", "protocol"),
        (Old::new([3, 3], 0x009c, &[]), "possession-unverified", "possession"),
        (Old::new([3, 3], 0x009e, &[dhe(256)]), "possession-unverified", "possession"),
    ] {
        let what = format!("{old:?}");
        let server = old.start(&good);
        let report = check(&pki, &server, "", 4);
        assert_eq!(at(&report, "/diagnosis/0/code"), lead, "{what}: {report:#}");
        assert_eq!(at(&report, "/diagnosis/0/severity"), "error", "{what}");
        let human = pki.run(&format!("www.example.test@{}", server.addr())).exits(4);
        assert!(human.stdout.starts_with(&format!("error[{lead}]: ")) && !human.stdout.contains("ok:"), "{human:?}");
        let other = if ignore == "protocol" { "possession" } else { "protocol" };
        check(&pki, &server, &format!("--ignore {other}"), 4);
        check(&pki, &server, &format!("--ignore {ignore}"), 0);
    }
}
