//! The words of every finding, as `messages/*.tsv` has them: what a person reads is a result like any
//! other. `CERTCHECK_WRITE_MESSAGES=1 cargo test --test messages` writes the file anew, to be read
//! before it is committed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]
#![allow(unreachable_pub, clippy::option_option)]

#[path = "scenarios/lab.rs"]
mod lab;
#[allow(dead_code)]
#[path = "scenarios/scenario.rs"]
mod scenario;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use certcheck::certificate::Certificate;
use certcheck::certificate::Unreadable;
use certcheck::clients::Answers;
use certcheck::diagnosis::failure::explain;
use certcheck::diagnosis::{Again, Facts, Finding, Help, Place, Span, differ, legacy, matched, precedence};
use certcheck::escape::Shown;
use certcheck::evidence::{
    CertificateFailure, Failure, Family, HandshakeFault, Peer, Plaintext, Progress, ProxyStop, TlsFailure,
};
use certcheck::identity::{Asked, DnsName, Typed, Verdict, evaluate};
use certcheck::starttls::{Protocol, Stop};
use certcheck::tls::Alert;
use support::{Authority, Leaf, table, unescape};

const HEADER: &str = "# The words of each finding. Columns: reference, SAN and CN (as tests/support reads them), then the\n\
    # findings in order, each as it is told: code, message, marks, notes, remedies.\n";

fn findings(asked: &Asked, leaf: &Certificate) -> Vec<Finding> {
    let clients = Answers::of(asked.typed().as_bytes(), leaf.subject_names());
    let verdict = evaluate(asked, leaf.subject_names());
    let mut found = match &verdict {
        Verdict::Match(found) => matched::matched(found, leaf.subject_names(), &clients),
        Verdict::Mismatch(_) => precedence::mismatch(&Facts::new(asked, leaf.subject_names(), &clients)),
    };
    found.extend(differ::clients_differ(&verdict, &clients));
    found.extend(differ::required_clients(&["go", "java"], &clients).filter(|_| matches!(verdict, Verdict::Match(_))));
    found
}

fn told(finding: &Finding) -> String {
    let mut text = format!("{} {:?} {:?}: {}", finding.code, finding.severity, finding.confidence, finding.message);
    for mark in &finding.marks {
        let (list, at) = match mark.place {
            Place::San(i) => ("san", i),
            Place::CommonName(i) => ("cn", i),
        };
        let span = if mark.span == Span::Star { "*" } else { "" };
        let _ = write!(text, " ^{list}{at}{span} {}", mark.label.as_deref().unwrap_or("-"));
    }
    for note in &finding.notes {
        let _ = write!(text, " = {note}");
    }
    remedies(&mut text, &finding.help);
    text
}

fn remedies(text: &mut String, help: &[Help]) {
    for help in help {
        let _ = write!(text, " > {}", help.text);
        let _ = help.add_san.iter().try_for_each(|entry| write!(text, " + {entry}"));
        let _ = help.command.iter().try_for_each(|command| write!(text, " $ {command}"));
    }
}

/// Compares with the committed file, or writes it.
fn as_it_was_read(name: &str, written: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages").join(name);
    if std::env::var_os("CERTCHECK_WRITE_MESSAGES").is_some() {
        fs::write(&file, written).unwrap();
    }
    let text = fs::read_to_string(&file).unwrap();
    for (number, (now, then)) in written.lines().zip(text.lines()).enumerate() {
        assert_eq!(now, then, "{name}:{}", number + 1);
    }
    assert_eq!(written.lines().count(), text.lines().count(), "{name}");
}

/// Every failure, and of those with a choice of words each.
fn failures() -> Vec<Failure> {
    use Plaintext as P;

    let socket = |port| SocketAddr::from(([192, 0, 2, 7], port));
    let at = |port| Peer::from(socket(port));
    let tls = |address, why| Failure::Tls { address, why };
    let v6 = Peer::from("[2001:db8::7]:8080".parse::<SocketAddr>().unwrap());
    let host = || Shown::new(b"www.shop.test");
    let name = || DnsName::parse("www.shop.test").unwrap();
    let why = || "the system's words".to_owned();
    let after = Duration::from_millis(2_500);
    let mut all = vec![
        Failure::BadTargetLine { number: 7, text: Shown::new(b"a b"), why: why() },
        Failure::UnreadableFile { path: Shown::new(b"x.pem"), why: why() },
        Failure::NoSuchHost { host: host() },
        Failure::NoAddress { host: host(), family: None },
        Failure::NoAddress { host: host(), family: Some(Family::V4) },
        Failure::NoAddress { host: host(), family: Some(Family::V6) },
        Failure::ResolveFailed { host: host(), why: why() },
        Failure::Refused { address: socket(443) },
        Failure::Unreachable { address: socket(443), why: why() },
        Failure::Unreachable { address: "[fe80::7]:443".parse().unwrap(), why: why() },
        Failure::Timeout { progress: Progress::Connecting, after: Duration::from_secs(10), address: None },
        tls(at(443), TlsFailure::SniRefused { sni: name(), alert: Alert::UNRECOGNIZED_NAME }),
        tls(at(443), TlsFailure::Handshake { fault: HandshakeFault::Transport(why()) }),
        tls(at(443), TlsFailure::OutOfReach { alert: Alert::HANDSHAKE_FAILURE }),
        tls(v6, TlsFailure::MessageTooLarge),
        tls(at(443), TlsFailure::NoCertificate),
        Failure::Certificate(CertificateFailure::Unreadable(Unreadable::TwoSans)),
        Failure::Certificate(CertificateFailure::Unreadable(Unreadable::Trailing(3))),
        Failure::Certificate(CertificateFailure::Unreadable(Unreadable::TooLarge(20_000_000))),
        Failure::Certificate(CertificateFailure::Unreadable(Unreadable::Malformed { part: why() })),
        Failure::Certificate(CertificateFailure::TooManyNames { total: 70_000 }),
    ];
    let words = || Shown::new(b"the server's words");
    all.push(Failure::NoMail { host: host() });
    all.push(Failure::BadExchanger { host: host(), why: why() });
    for failure in [Failure::NoSuchHost { host: host() }, Failure::Refused { address: socket(3128) }] {
        all.push(Failure::ToProxy { proxy: Shown::new(b"http://proxy.test:3128"), why: Box::new(failure) });
    }
    for why in [ProxyStop::Refused(words()), ProxyStop::Login(words()), ProxyStop::Violation(why())] {
        all.push(Failure::Proxy { proxy: socket(3128), why });
    }
    all.extend(stops().into_iter().map(|why| Failure::Starttls { address: at(143), protocol: Protocol::Imap, why }));
    for progress in [Progress::Tunnelling, Progress::Unheard, Progress::Turning, Progress::NoReply] {
        let address = Peer::Behind { proxy: socket(3128), port: 25 };
        all.push(Failure::Reset { address, progress });
        all.push(Failure::Timeout { progress, after, address: Some(address) });
    }
    for protocol in [P::Http, P::Ssh, P::Smtp] {
        let address = Peer::Behind { proxy: socket(3128), port: 8080 };
        all.push(tls(address, TlsFailure::NotTls { protocol, first: Shown::new(b"220 ready") }));
    }
    for progress in [Progress::Resolving, Progress::Connecting, Progress::Unheard, Progress::Turning, Progress::NoReply]
        .into_iter()
        .chain([Progress::Handshaking])
    {
        all.push(Failure::Timeout { progress, after, address: Some(at(443)) });
        all.push(Failure::Reset { address: at(443), progress });
    }
    for port in [21, 25, 587, 110, 143, 389, 1433, 3306, 3389, 5222, 5269, 5432] {
        all.push(Failure::Reset { address: at(port), progress: Progress::NoReply });
    }
    // Those that have a help of their own, and decode_error, which has none.
    for alert in [40, 71, 70, 80, 49, 120, 116, 42, 112, 50].map(Alert) {
        all.push(tls(at(443), TlsFailure::Alert { alert }));
    }
    for protocol in
        [P::Http, P::Ssh, P::Smtp, P::Imap, P::Pop3, P::Ftp, P::MySql, P::PostgreSql, P::Vnc, P::Rdp, P::Other]
    {
        all.push(tls(at(4443), TlsFailure::NotTls { protocol, first: Shown::new(b"220 ready") }));
    }
    all.push(tls(v6, TlsFailure::NotTls { protocol: P::Http, first: Shown::new(b"") }));
    all.push(tls(at(443), TlsFailure::NotTls { protocol: P::Http, first: Shown::new(b"HTTP/1.1 400") }));
    all
}

fn stops() -> Vec<Stop> {
    let words = || Shown::new(b"the server's words");
    vec![
        Stop::Unsupported(words()),
        Stop::Refused(words()),
        Stop::TurnedAway(words()),
        Stop::SpeaksTls,
        Stop::Violation("the system's words".to_owned()),
        Stop::Injection { count: 6, words: words() },
    ]
}

#[test]
fn every_failure_is_told_as_it_was_read() {
    let mut written = String::new();
    for name in [Some("www.shop.test"), None] {
        for failure in failures() {
            let explained = explain(&failure, Again::named(name));
            let _ = write!(written, "{} {:?}: {}", explained.code, failure.stage(), explained.message);
            remedies(&mut written, &explained.help);
            written.push('\n');
        }
    }
    as_it_was_read("failures.txt", &written);
}

#[test]
fn every_finding_is_told_as_it_was_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages/findings.tsv");
    let text = fs::read_to_string(&file).unwrap();
    let root = Authority::root("messages");
    let mut written = HEADER.to_owned();
    let mut rows = 0;
    for (_, cells) in table(&text) {
        let [reference, san, cn] = [cells[0], cells[1], cells[2]];
        let der = Leaf::default().san(san).cn(cn).signed_by(&root).der;
        let leaf = Certificate::from_der(&der).unwrap();
        let asked = Asked::parse(Typed::new(&unescape(reference)));
        let told: Vec<String> = findings(&asked, &leaf).iter().map(told).collect();
        let _ = writeln!(written, "{reference}\t{san}\t{cn}\t{}", told.join("\t"));
        rows += 1;
    }
    assert!(rows >= 60, "{rows} rows");
    as_it_was_read("findings.tsv", &written);
}

/// The findings that rest on further questions, with what they rest on.
#[test]
fn what_was_found_by_looking_is_told_as_it_was_read() {
    let lab = lab::Lab::new();
    let mut written = String::new();
    for (file, text) in [
        ("served.tsv", include_str!("scenarios/served.tsv")),
        ("host.tsv", include_str!("scenarios/host.tsv")),
        ("product.tsv", include_str!("scenarios/product.tsv")),
    ] {
        for scenario in scenario::scenarios(file, text) {
            for item in &lab.report(&scenario).diagnosis {
                let _ = write!(written, "{} {} {:?}: {}", scenario.id, item.code, item.confidence, item.message);
                for note in &item.notes {
                    let _ = write!(written, " = {note}");
                }
                for help in &item.help {
                    let _ = write!(written, " > {}", help.text);
                    let _ = help.add_san.iter().try_for_each(|entry| write!(written, " + {entry}"));
                    let _ = help.command.iter().try_for_each(|command| write!(written, " $ {command}"));
                }
                for seen in &item.evidence {
                    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
                    let (address, sni) = (or(&seen.address), or(&seen.sni));
                    let _ = write!(written, " {{{} {address} {sni}: {}}}", seen.probe, seen.fact);
                }
                written.push('\n');
            }
        }
    }
    as_it_was_read("looked.txt", &written);
}

/// Old and odd TLS: what was agreed on, and what is said about it.
#[test]
fn every_legacy_tls_is_told_as_it_was_read() {
    use certcheck::evidence::{ClientCertificate, Handshake, Obtained, Possession};

    let leaf = Leaf::default().san("DNS:www.shop.test").signed_by(&Authority::root("messages")).der;
    let leaf = Certificate::from_der(&leaf).unwrap();
    let mut written = String::new();
    for (version, suite, exchange) in [
        ("SSL 3.0", "TLS_RSA_WITH_RC4_128_MD5", "RSA"),
        ("TLS 1.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "RSA"),
        ("TLS 1.1", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE 512 bits"),
        ("TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "RSA"),
        ("TLS 1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", "RSA"),
        ("TLS 1.2", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "RSA"),
        ("TLS 1.2", "TLS_RSA_WITH_RC4_128_SHA", "RSA"),
        ("TLS 1.2", "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "RSA"),
        ("TLS 1.2", "TLS_RSA_WITH_AES_128_CCM", "RSA"),
        ("TLS 1.2", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", "RSA"),
        ("TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE 2048 bits"),
        ("TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE 1024 bits"),
        ("TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE 512 bits"),
        ("TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE"),
        ("TLS 1.2", "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", "DHE 2048 bits"),
        ("TLS 1.2", "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", "ECDH"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE secp256r1"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE X25519"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE secp256k1"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE X448"),
        ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE X25519"),
        ("TLS 1.2", "0x5A5A", "ECDHE"),
    ] {
        let (version, cipher_suite) = (Some(support::tls::version(version)), Some(support::tls::suite(suite)));
        let key_exchange = Some(support::tls::key_exchange(exchange));
        let handshake = Handshake {
            version,
            cipher_suite,
            key_exchange,
            possession: Possession::Proven,
            obtained: Obtained::PlainHello,
            client_certificate: ClientCertificate::NotAsked,
            broken: None,
        };
        let said = legacy::legacy_tls(&handshake, &leaf).as_ref().map_or_else(|| "-".to_owned(), told);
        let _ = writeln!(written, "{said}");
    }
    as_it_was_read("legacy.txt", &written);
}
