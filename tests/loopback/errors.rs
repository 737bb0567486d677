//! Why there is no certificate: the stage, the code, words that carry the facts, what to try.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use certcheck::net::connect::connect;
use rustls::ServerConfig;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::Value;

use super::driver::{Pki, at, run, run_line};
use crate::support::raw::fatal_alert;
use crate::support::server::serve_tls;
use crate::support::{Behaviour, Config, Issued, Key, RawServer, TlsServer};

/// Checks `www.example.test` at a raw server: the report, which is an error of this stage and code.
fn error(behaviour: Behaviour, stage: &str, code: &str) -> Value {
    let server = RawServer::start(behaviour);
    error_at(server.addr(), "--timeout 5s --no-probes", stage, code)
}

fn error_at(address: SocketAddr, more: &str, stage: &str, code: &str) -> Value {
    let target = format!("www.example.test@{address}");
    let output = run_line(&format!("{target} --json {more}")).exits(3);
    assert!(output.stderr.is_empty(), "{output:?}");
    let report = output.one();
    assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), (stage, code), "{report}");
    assert_eq!((at(&report, "/verdict"), at(&report, "/trust/verdict")), ("error", "not-checked"), "{report}");
    assert_eq!((&report["accepted"], &report["exit_code"]), (&Value::Bool(false), &Value::from(3)), "{report}");
    assert!(!report["error"]["help"].as_array().unwrap().is_empty(), "{report}");
    if code != "unreadable-certificate" {
        let message = at(&report, "/error/message");
        assert!(message.contains(&address.to_string()), "the address is named: {message}");
    }
    let human = run_line(&format!("{target} {more}")).exits(3);
    assert!(human.stdout.starts_with(&format!("error[{code}]: ")), "{human:?}");
    report
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let report = error_at(address, "", "connect", "connection-refused");
    assert_eq!(at(&report, "/connection/attempts/0/error"), "connection refused");
    assert_eq!(at(&report, "/connection/address"), "null");
}

#[test]
fn the_peer_goes_away() {
    let before = error(Behaviour::CloseAtOnce, "tls", "connection-reset");
    assert!(at(&before, "/error/message").contains("without an answer"), "{before}");
    error(Behaviour::Reset, "tls", "connection-reset");
    let begun = error(Behaviour::AnswerAfterRead(b"\x16\x03\x03\x00\x7a\x02".to_vec()), "tls", "connection-reset");
    assert!(at(&begun, "/error/message").contains("in the handshake"), "{begun}");
}

/// Banner or answer, port-independent; the protocol's name in the message, and the command's words.
#[test]
fn plain_text_is_named_with_the_command_to_type() {
    let banner = |bytes: &[u8]| Behaviour::Banner(bytes.to_vec());
    let answer = |bytes: &[u8]| Behaviour::AnswerAfterRead(bytes.to_vec());
    for (behaviour, name, command) in [
        (answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "plain HTTP", "certcheck 'www.example.test@127.0.0.1:443'"),
        (answer(b"<html>\r\n<head>"), "plain HTTP", "certcheck "),
        (banner(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "plain SSH", "ssh-keyscan -p "),
        (banner(b"220 mail.example.test ESMTP\r\n"), "plain SMTP", "--starttls smtp"),
        (banner(b"* OK [CAPABILITY IMAP4rev1] ready\r\n"), "plain IMAP", "--starttls imap"),
        (banner(b"+OK ready\r\n"), "plain POP3", "--starttls pop3"),
        (banner(b"220 (vsFTPd 3.0.3)\r\n"), "plain FTP", "--starttls ftp"),
        (banner(b"\x5b\0\0\0\x0a8.0.36\0rest"), "plain MySQL", "--starttls mysql"),
        (answer(b"E\0\0\0\x7fSFATAL\0"), "plain PostgreSQL", "--starttls postgres"),
        (banner(b"RFB 003.008\n"), "plain VNC", ""),
        (answer(b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0"), "plain RDP", "--starttls rdp"),
        (banner(b"hello, stranger\n"), "in plain text", ""),
    ] {
        let report = error(behaviour, "tls", "not-tls");
        let message = at(&report, "/error/message");
        assert!(message.contains(name) && message.contains("not TLS"), "{name}: {message}");
        let typed = at(&report, "/error/help/0/command");
        match command {
            "" => assert_eq!(typed, "null", "{name}"),
            end if end.starts_with("--") => {
                assert!(typed.starts_with("certcheck 'www.example.test@127.0.0.1:"), "{name}: {typed}");
                assert!(typed.ends_with(end), "{name}: {typed}");
            }
            begin => assert!(typed.starts_with(begin), "{name}: {typed}"),
        }
    }
}

#[test]
fn a_banner_forges_no_line_and_reaches_no_terminal_raw() {
    for banner in [
        &b"220 \x1b[2J\x1b]0;owned\x07 ESMTP\r\nok: www.example.test matches\r\n"[..],
        b"hello \xe2\x80\xae evil\nok: forged\n",
        b"HTTP/1.1 200 \x9b31m\r\nok: forged\r\n",
    ] {
        let server = RawServer::start(Behaviour::Banner(banner.to_vec()));
        for more in [&["--json"][..], &["-v"], &["-q"], &["--format", "pem"]] {
            let target = format!("www.example.test@{}", server.addr());
            let output = run([&[target.as_str()][..], more].concat()).exits(3);
            assert!(!output.stdout.lines().any(|line| line.starts_with("ok")), "{output:?}");
            let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!output.stdout.contains(raw), "{output:?}");
        }
    }
}

#[test]
fn a_name_that_the_server_refuses() {
    // unrecognized_name, whatever is asked.
    let report = error(Behaviour::AnswerAfterRead(fatal_alert(112)), "tls", "sni-refused");
    assert!(at(&report, "/error/message").contains("`www.example.test` (alert unrecognized_name)"), "{report}");
    // Another alert, for this name alone: without a name there is a certificate.
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&pki.issue("DNS:default.test")).reject_unknown_sni());
    let report = error_at(server.addr(), "", "tls", "sni-refused");
    assert!(at(&report, "/error/message").contains("alert access_denied"), "{report}");
    let tls = Config::new(&pki.issue("DNS:default.test")).rustls();
    let picky = Behaviour::custom(move |mut stream| {
        let mut hello = [0; 4096];
        let read = stream.peek(&mut hello).unwrap_or(0);
        if hello[..read].windows(16).any(|part| part == b"www.example.test") {
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(&fatal_alert(40));
        } else {
            serve_tls(&stream, Arc::clone(&tls));
        }
    });
    let report = error(picky, "tls", "sni-refused");
    assert!(at(&report, "/error/message").contains("alert handshake_failure"), "{report}");
}

#[test]
fn alerts_bear_their_names() {
    for (number, name) in [
        (40, "handshake_failure"),
        (70, "protocol_version"),
        (71, "insufficient_security"),
        (80, "internal_error"),
        (49, "access_denied"),
        (120, "no_application_protocol"),
        (47, "illegal_parameter"),
    ] {
        let report = error(Behaviour::AnswerAfterRead(fatal_alert(number)), "tls", "tls-alert");
        assert!(at(&report, "/error/message").contains(name), "{number}: {report}");
    }
    // Without a name there is none to be refused.
    let server = RawServer::start(Behaviour::AnswerAfterRead(fatal_alert(112)));
    let report = error_at(server.addr(), "--no-sni", "tls", "tls-alert");
    assert!(at(&report, "/error/message").contains("unrecognized_name"), "{report}");
}

#[test]
fn a_handshake_that_fails_in_another_way() {
    for bytes in [
        &b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"[..], // a ServerHello without contents
        b"\x16\x03\x03\x00\x04\x0b\x00\x00\x00",      // a Certificate first
        b"\x17\x03\x03\x00\x05hello",                 // application data first
        b"\x16\x03\x03\x48\x01",                      // a record longer than any may be
        b"\x16\x03\x03\xff\xff\x02",                  // likewise
        b"\x16\x03\x03\x00\x00",                      // an empty record
    ] {
        error(Behaviour::AnswerAfterRead(bytes.to_vec()), "tls", "tls-handshake");
    }
}

#[test]
fn a_message_larger_than_the_library_takes() {
    let pki = Pki::new();
    let names = |n: usize| (0..n).map(|i| format!("DNS:n{i:05}.example.test")).collect::<Vec<_>>().join(",");
    let server = TlsServer::start(Config::new(&pki.issue(&(names(5_000) + ",DNS:www.example.test"))));
    let report = error_at(server.addr(), "", "tls", "message-too-large");
    assert!(at(&report, "/error/message").contains("64 KiB"), "{report}");
    // What fits is compared to its last name.
    let server = TlsServer::start(Config::new(&pki.issue(&(names(2_500) + ",DNS:www.example.test"))));
    let report = pki.one(&format!("www.example.test@{}", server.addr()), 0);
    assert_eq!(report["certificate"]["san_total"], 2_501);
}

#[test]
fn a_leaf_that_cannot_be_read() {
    let pki = Pki::new();
    let good = pki.issue("DNS:www.example.test").der;
    for (what, der) in [
        ("garbage", b"this is no certificate".to_vec()),
        ("cut", good[..good.len() / 2].to_vec()),
        ("longer", [&good[..], b"\0"].concat()),
        ("one octet", vec![0x30]),
    ] {
        for config in [|c: Config| c.tls12_only(), |c: Config| c.tls13_only()] {
            let issued = Issued { der: der.clone(), key: Key::generate(), chain: vec![] };
            let server = TlsServer::start(config(Config::new(&issued)));
            let report = error_at(server.addr(), "", "certificate", "unreadable-certificate");
            assert_eq!(report["certificate"], Value::Null, "{what}");
            assert_ne!(report["connection"]["tls_version"], Value::Null, "{what}: {report}");
        }
    }
}

#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = any_supported_type(&Key::generate().private_key()).unwrap();
        Some(Arc::new(CertifiedKey::new(vec![], key)))
    }
}

#[test]
fn a_handshake_without_a_certificate() {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Nothing));
    let config = Arc::new(config);
    error(Behaviour::custom(move |stream| serve_tls(&stream, Arc::clone(&config))), "certificate", "no-certificate");
}

#[test]
fn a_host_that_does_not_exist() {
    let report = run_line("x.invalid --json --timeout 5s").exits(3).one();
    assert_eq!(at(&report, "/error/stage"), "resolve");
    // Without a network the resolver cannot know.
    assert!(["no-such-host", "resolve-failed", "timeout"].contains(&at(&report, "/error/code")), "{report}");
    assert_eq!(report["connection"], Value::Null);
}

#[test]
fn time_is_up_and_what_was_missing_is_said() {
    let silent = error_with("500ms", Behaviour::Silent);
    assert!(silent.contains("within 0.5 s (TCP connected, no TLS reply)"), "{silent}");
    // One octet at a time, forever: each comes in time, the certificate does not.
    let bytes = [&b"\x16\x03\x03\x40\x00"[..], &[2; 4096]].concat();
    let dribble = error_with("1", Behaviour::Dribble { bytes, every: Duration::from_millis(50) });
    assert!(dribble.contains("within 1 s (the TLS handshake had begun)"), "{dribble}");
    // A banner that never ends is named, time up or not.
    let server = RawServer::start(Behaviour::Dribble { bytes: b"22".to_vec(), every: Duration::from_millis(50) });
    let report = error_at(server.addr(), "--timeout 500ms", "tls", "not-tls");
    assert!(at(&report, "/error/message").contains("in plain text"), "{report}");
}

fn error_with(timeout: &str, behaviour: Behaviour) -> String {
    let server = RawServer::start(behaviour);
    let report = error_at(server.addr(), &format!("--timeout {timeout}"), "tls", "timeout");
    at(&report, "/error/message").to_owned()
}

/// A listener that nobody accepts from, its queue full: further connections are not answered.
#[test]
fn a_connection_that_is_never_made() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _guard = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        waiting.push(stream);
        if waiting.len() > 64 {
            println!("this system's queue does not fill: nothing to wait for");
            return;
        }
    }
    let report = error_at(address, "--timeout 700ms", "connect", "timeout");
    assert!(at(&report, "/error/message").contains("within 0.7 s (TCP was not connected)"), "{report}");
    assert_eq!(at(&report, "/connection/attempts/0/error"), "no answer in time");
    // Another address of the same name does not wait for it for long (RFC 8305).
    let server = Pki::new().server("DNS:www.example.test");
    let mut attempts = Vec::new();
    let start = std::time::Instant::now();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    let connected = runtime.block_on(connect(&[address, server.addr()], &mut attempts, deadline));
    assert_eq!(connected.unwrap_or_else(|reason| panic!("{}", reason.words())).address, server.addr());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(attempts.len(), 1);
    assert_eq!(
        (attempts[0].address, attempts[0].error.as_str()),
        (address, "no answer before another address answered")
    );
}
