//! Chain, usage, time and possession, each by a real handshake, alone and several at once.

use super::driver::{Pki, at, codes, command, finish, run_line};
use crate::support::leaf::CLIENT_AUTH;
use crate::support::{Authority, AuthoritySpec, Config, DAY, Issued, KeyKind, Leaf, TlsServer, case, now};

const NAME: &str = "www.example.test";

fn leaf() -> Leaf {
    Leaf::default().san("DNS:www.example.test")
}

fn expired() -> Leaf {
    leaf().valid(now() - 30 * DAY, now() - 2 * DAY)
}

fn not_yet() -> Leaf {
    leaf().valid(now() + 2 * DAY, now() + 30 * DAY)
}

/// ecdsa-with-SHA224, which nobody checks any more, in the place of ecdsa-with-SHA256.
fn with_odd_signature(mut issued: Issued) -> Issued {
    const SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    for at in 0..issued.der.len() - SHA256.len() {
        if issued.der[at..].starts_with(&SHA256) {
            issued.der[at + 7] = 1;
        }
    }
    issued
}

/// What a chain is, which verdicts it gets on trust and time, and the codes that say so.
struct Row {
    what: &'static str,
    issued: Issued,
    trust: &'static str,
    time: &'static str,
}

fn row(what: &'static str, issued: Issued, trust: &'static str, time: &'static str) -> Row {
    Row { what, issued, trust, time }
}

/// A verdict's code; no code is a good one.
const GOOD: &str = "";

fn trust_rows(pki: &Pki) -> Vec<Row> {
    let root = &pki.root;
    let inter = root.intermediate("Loopback Intermediate");
    let stranger = Authority::root("Nobody's Root");
    let strange = stranger.intermediate("Nobody's Intermediate");
    let spec = AuthoritySpec::new("Bound CA");
    let bound = spec.name_constraints(case::name_constraints("DNS:other.test", "-")).signed_by(root);
    let barred = AuthoritySpec::new("Barred CA");
    let barred = barred.name_constraints(case::name_constraints("-", "DNS:example.test")).signed_by(root);
    vec![
        row("under the root", leaf().signed_by(root), GOOD, GOOD),
        row("under an intermediate", leaf().signed_by(&inter).with_chain(&[&inter]), GOOD, GOOD),
        row("with the root sent too", leaf().signed_by(&inter).with_chain(&[&inter, root]), GOOD, GOOD),
        row("in disorder", leaf().signed_by(&inter).with_chain(&[root, &strange, &inter]), GOOD, GOOD),
        row("on P-384", leaf().key_kind(KeyKind::P384).signed_by(root), GOOD, GOOD),
        row("on Ed25519", leaf().key_kind(KeyKind::Ed25519).signed_by(root), GOOD, GOOD),
        row("self-signed", leaf().self_signed(), "self-signed", GOOD),
        row("a self-signed CA", leaf().self_signed_ca(), "self-signed", GOOD),
        row("a stranger's, chain sent", leaf().signed_by(&strange).with_chain(&[&strange]), "unknown-issuer", GOOD),
        row(
            "a stranger's, with the root",
            leaf().signed_by(&strange).with_chain(&[&strange, &stranger]),
            "unknown-issuer",
            GOOD,
        ),
        row("no intermediate", leaf().signed_by(&inter), "missing-intermediate", GOOD),
        row("the wrong intermediate", leaf().signed_by(&inter).with_chain(&[&strange]), "missing-intermediate", GOOD),
        row("for clients", leaf().eku(&[CLIENT_AUTH]).signed_by(root), "wrong-usage", GOOD),
        row("a CA's certificate as the leaf", leaf().ca(true).signed_by(root), "wrong-usage", GOOD),
        row("not under permitted names", leaf().signed_by(&bound).with_chain(&[&bound]), "name-constraints", GOOD),
        row("under excluded names", leaf().signed_by(&barred).with_chain(&[&barred]), "name-constraints", GOOD),
        row("a broken signature", leaf().signed_by(root).with_broken_signature(), "bad-signature", GOOD),
        row("an odd signature", with_odd_signature(leaf().signed_by(root)), "unsupported-signature", GOOD),
    ]
}

fn time_rows(pki: &Pki) -> Vec<Row> {
    let root = &pki.root;
    let old = AuthoritySpec::new("Old CA").valid(now() - 400 * DAY, now() - 10 * DAY).signed_by(root);
    let new = AuthoritySpec::new("New CA").valid(now() + 10 * DAY, now() + 400 * DAY).signed_by(root);
    let long = leaf().valid(now() - 30 * DAY, now() + 30 * DAY);
    vec![
        row("expired", expired().signed_by(root), GOOD, "expired"),
        row("not yet valid", not_yet().signed_by(root), GOOD, "not-yet-valid"),
        row("expired CA", long.signed_by(&old).with_chain(&[&old]), GOOD, "expired"),
        row("CA of tomorrow", long.signed_by(&new).with_chain(&[&new]), GOOD, "not-yet-valid"),
    ]
}

/// Several causes at once: none hides another.
fn both_rows(pki: &Pki) -> Vec<Row> {
    let root = &pki.root;
    let inter = root.intermediate("Loopback Intermediate");
    let stranger = Authority::root("Nobody's Root");
    let bound = AuthoritySpec::new("Bound CA");
    let bound = bound.name_constraints(case::name_constraints("DNS:other.test", "-")).signed_by(root);
    let over = AuthoritySpec::new("Old CA").valid(now() - 400 * DAY, now() - 300 * DAY).signed_by(&stranger);
    vec![
        row("expired, self-signed", expired().self_signed(), "self-signed", "expired"),
        row("expired, self-signed CA", expired().self_signed_ca(), "self-signed", "expired"),
        row(
            "expired, a stranger's",
            expired().signed_by(&stranger).with_chain(&[&stranger]),
            "unknown-issuer",
            "expired",
        ),
        row(
            "a stranger's, whose CA was over before",
            leaf().signed_by(&over).with_chain(&[&over]),
            "unknown-issuer",
            "expired",
        ),
        row("expired, no intermediate", expired().signed_by(&inter), "missing-intermediate", "expired"),
        row("expired, for clients", expired().eku(&[CLIENT_AUTH]).signed_by(root), "wrong-usage", "expired"),
        row("expired, a CA's", expired().ca(true).signed_by(root), "wrong-usage", "expired"),
        row("expired, bound", expired().signed_by(&bound).with_chain(&[&bound]), "name-constraints", "expired"),
        row("expired, broken", expired().signed_by(root).with_broken_signature(), "bad-signature", "expired"),
        row("expired, odd", with_odd_signature(expired().signed_by(root)), "unsupported-signature", "expired"),
        row("of tomorrow, self-signed", not_yet().self_signed(), "self-signed", "not-yet-valid"),
        row(
            "of tomorrow, a stranger's",
            not_yet().signed_by(&stranger).with_chain(&[&stranger]),
            "unknown-issuer",
            "not-yet-valid",
        ),
        row("of tomorrow, no intermediate", not_yet().signed_by(&inter), "missing-intermediate", "not-yet-valid"),
    ]
}

fn exit(counts: bool) -> i32 {
    if counts { 4 } else { 0 }
}

/// Every row, with each part ignored or not.
fn judge_rows(pki: &Pki, rows: &[Row]) {
    for Row { what, issued, trust, time } in rows {
        let server = TlsServer::start(Config::new(issued));
        let (untrusted, out_of_time) = (*trust != GOOD, *time != GOOD);
        for (ignore, code) in [
            ("", exit(untrusted || out_of_time)),
            ("--ignore trust", exit(out_of_time)),
            ("--ignore expiry", exit(untrusted)),
            ("--ignore trust,expiry", 0),
        ] {
            let report = pki.run(&format!("{NAME}@{} --json {ignore}", server.addr()));
            assert_eq!(report.code, code, "{what}, {ignore}: {report:#?}");
            let report = report.one();
            assert_eq!(at(&report, "/verdict"), "match", "{what}");
            assert_eq!(at(&report, "/trust/verdict"), if untrusted { "untrusted" } else { "trusted" }, "{what}");
            assert_eq!(at(&report, "/trust/reason"), if untrusted { trust } else { "null" }, "{what}: {report}");
            let verdict = if out_of_time { time } else { "in-time" };
            assert_eq!(at(&report, "/validity/verdict"), verdict, "{what}: {report}");
            let wanted: Vec<&str> = [*trust, *time].into_iter().filter(|code| *code != GOOD).collect();
            assert_eq!(codes(&report), wanted, "{what}: {report}");
            assert_eq!(at(&report, "/connection/possession"), "proven", "{what}");
        }
        let human = pki.run(&format!("{NAME}@{}", server.addr()));
        let begin = [*trust, *time].into_iter().find(|code| *code != GOOD);
        let begin = begin.map_or("ok: ".to_owned(), |code| format!("error[{code}]: "));
        assert!(human.stdout.starts_with(&begin), "{what}: {human:?}");
        assert!(human.stdout.contains(&format!("{NAME} matches DNS-ID {NAME}\n")), "{what}: {human:?}");
    }
}

#[test]
fn each_reason_not_to_trust_is_told_from_the_others() {
    let pki = Pki::new();
    judge_rows(&pki, &trust_rows(&pki));
}

#[test]
fn time_is_told_apart_from_trust() {
    let pki = Pki::new();
    judge_rows(&pki, &time_rows(&pki));
}

#[test]
fn what_is_expired_does_not_hide_what_is_untrusted() {
    let pki = Pki::new();
    judge_rows(&pki, &both_rows(&pki));
}

#[test]
fn which_certificate_is_out_of_time_is_named() {
    let pki = Pki::new();
    for (Row { what, issued, .. }, named) in time_rows(&pki).into_iter().zip(["", "", "Old CA", "New CA"]) {
        let server = TlsServer::start(Config::new(&issued));
        let report = pki.one(&format!("{NAME}@{}", server.addr()), 4);
        let message = at(&report, "/diagnosis/0/message");
        assert!(message.contains(named) && message.contains(" CA") != named.is_empty(), "{what}: {message}");
    }
}

#[test]
fn a_mismatch_outweighs_trust_and_time() {
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&expired().self_signed()));
    for more in ["", "--min-days 9", "--ignore trust,expiry"] {
        let report = pki.one(&format!("other.test@{} {more}", server.addr()), 1);
        let codes = codes(&report);
        assert_eq!(codes[1..], ["self-signed", "expired"], "the name's finding leads: {codes:?}");
    }
}

#[test]
fn a_certificate_that_is_itself_passed_is_trusted() {
    let pki = Pki::new();
    for (what, issued) in [("plain", leaf().self_signed()), ("as openssl req -x509", leaf().self_signed_ca())] {
        let server = TlsServer::start(Config::new(&issued));
        let ca = pki.file("leaf.pem", issued.pem());
        let report = run_line(&format!("{NAME}@{} --json --ca-file {ca}", server.addr())).exits(0).one();
        assert_eq!(codes(&report), ["leaf-is-anchor"], "{what}");
        assert_eq!(at(&report, "/diagnosis/0/severity"), "note", "{what}");
        assert_eq!(at(&report, "/trust/verdict"), "trusted", "{what}");
        // Another certificate of the same name is not it.
        let other = TlsServer::start(Config::new(&leaf().self_signed_ca()));
        let report = run_line(&format!("{NAME}@{} --json --ca-file {ca}", other.addr())).exits(4).one();
        assert_eq!(at(&report, "/trust/verdict"), "untrusted", "{what}: {report}");
    }
    let old = expired().self_signed();
    let server = TlsServer::start(Config::new(&old));
    let ca = pki.file("old.pem", old.pem());
    let report = run_line(&format!("{NAME}@{} --json --ca-file {ca}", server.addr())).exits(4).one();
    assert_eq!(codes(&report), ["leaf-is-anchor", "expired"]);
}

#[test]
fn days_that_are_asked_for() {
    let pki = Pki::new();
    let server = TlsServer::start(Config::new(&leaf().valid(now() - DAY, now() + 30 * DAY + 600).signed_by(&pki.root)));
    for (more, code, reason) in [
        ("--min-days 0", 0, "null"),
        ("--min-days 30", 0, "null"),
        ("--min-days 31", 4, "expires-soon"),
        ("--min-days 31 --ignore expiry", 0, "expires-soon"),
        ("--min-days 31 --ignore trust", 4, "expires-soon"),
    ] {
        let report = pki.one(&format!("{NAME}@{} {more}", server.addr()), code);
        assert_eq!(at(&report, "/validity/reason"), reason, "{more}");
        assert_eq!(codes(&report), if reason == "null" { vec![] } else { vec![reason] }, "{more}");
        assert_eq!(report["certificate"]["days_left"], 30, "{more}");
    }
    let gone = TlsServer::start(Config::new(&expired().signed_by(&pki.root)));
    let report = pki.one(&format!("{NAME}@{} --min-days 5", gone.addr()), 4);
    assert_eq!(codes(&report), ["expired"]);
    assert!(report["certificate"]["days_left"].as_i64().unwrap() < 0);
    for bad in ["-1", "x", "1.5", ""] {
        run_line(&format!("localhost --min-days={bad}")).exits(2);
    }
}

#[test]
fn anchors_come_from_where_they_are_asked_for() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let target = format!("{NAME}@{}", server.addr());
    let with_store = |file: &str, more: &str| {
        let line = format!("{target} --json {more}");
        finish(command(line.split(' ').filter(|word| !word.is_empty())).env("SSL_CERT_FILE", file))
    };
    let report = with_store(&pki.ca, "--roots system").exits(0).one();
    assert_eq!((at(&report, "/trust/verdict"), at(&report, "/trust/roots")), ("trusted", "system"));
    assert_eq!(codes(&report), ["private-issuer"]);
    // Mozilla's list is the default, and the store's own opinion a note.
    for more in ["", "--roots mozilla"] {
        let report = with_store(&pki.ca, more).exits(4).one();
        assert_eq!(at(&report, "/trust/roots"), "mozilla");
        assert_eq!(codes(&report)[1..], ["trusted-by-system-only", "private-issuer"], "{report}");
    }
    let other = pki.file("other.pem", Authority::root("Other").pem());
    let report = with_store(&other, "--roots system").exits(4).one();
    assert_eq!(at(&report, "/trust/roots"), "system");
    assert!(!codes(&report).contains(&"trusted-by-system-only"));
    // The file alone counts, whatever the store holds.
    let report = with_store(&pki.ca, &format!("--ca-file {other}")).exits(4).one();
    assert_eq!(at(&report, "/trust/roots"), "file");
}

#[test]
fn anchors_that_cannot_be_loaded_leave_nothing_checked() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let garbage = pki.file("garbage.pem", "no certificate");
    let folder = pki.scratch.path().to_str().unwrap();
    for file in ["/nonexistent/ca.pem", &garbage, folder] {
        let output = run_line(&format!("{NAME}@{} --ca-file {file}", server.addr())).exits(2);
        assert!(output.stderr.contains(file) && output.stdout.is_empty(), "{output:?}");
    }
    assert_eq!(server.connections(), 0);
}

/// A root that was issued again under its name and key, and the expired one beside it.
#[test]
fn an_expired_anchor_beside_a_current_one_does_not_matter() {
    let pki = Pki::new();
    let root = AuthoritySpec::new("Renewed Root");
    let expired = root.clone().valid(now() - 900 * DAY, now() - DAY).root();
    let current = root.key(expired.key.clone()).root();
    let other = Authority::root("Other").pem();
    let server = TlsServer::start(Config::new(&Leaf::default().san("DNS:www.example.test").signed_by(&expired)));
    let target = format!("{NAME}@{}", server.addr());
    for (what, anchors, code) in [
        ("expired first", expired.pem() + &other + &current.pem(), 0),
        ("current first", current.pem() + &other + &expired.pem(), 0),
        ("current alone", current.pem(), 0),
        ("expired alone", expired.pem() + &other, 4),
    ] {
        let file = pki.file("anchors.pem", anchors);
        let report = run_line(&format!("{target} --ca-file {file} --json")).exits(code).one();
        assert_eq!(codes(&report), if code == 0 { vec![] } else { vec!["expired"] }, "{what}: {report:#}");
        if code != 0 {
            let help = at(&report, "/diagnosis/0/help/0/text");
            assert!(help.contains("the client's trust store") && !help.contains("renew"), "{help}");
        }
    }
}

/// An intermediate that two roots certified, one of which has expired; both certificates are sent.
#[test]
fn another_anchor_completes_the_path_of_an_expired_one() {
    let pki = Pki::new();
    let expired = AuthoritySpec::new("Old Root").valid(now() - 900 * DAY, now() - DAY).root();
    let current = Authority::root("New Root");
    let spec = AuthoritySpec::new("Cross-signed");
    let by_expired = spec.clone().signed_by(&expired);
    let by_current = spec.key(by_expired.key.clone()).signed_by(&current);
    let leaf = Leaf::default().san("DNS:www.example.test").signed_by(&by_expired);
    let anchors = [
        ("expired first", expired.pem() + &current.pem(), 0),
        ("current first", current.pem() + &expired.pem(), 0),
        ("expired alone", expired.pem(), 4),
    ];
    for chain in [[&by_expired, &by_current], [&by_current, &by_expired]] {
        let server = TlsServer::start(Config::new(&leaf.clone().with_chain(&chain)));
        for (what, anchors, code) in &anchors {
            let file = pki.file("anchors.pem", anchors);
            let line = format!("{NAME}@{} --ca-file {file} --json", server.addr());
            let report = run_line(&line).exits(*code).one();
            assert_eq!(codes(&report), if *code == 0 { vec![] } else { vec!["expired"] }, "{what}: {report:#}");
        }
    }
}

#[test]
fn anchors_may_be_der_and_many() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let der = pki.file("ca.der", &pki.root.der);
    let many = pki.file("many.pem", Authority::root("Other").pem() + "text between\n" + &pki.root.pem());
    for file in [der, many] {
        run_line(&format!("{NAME}@{} --ca-file {file}", server.addr())).exits(0);
    }
}

#[test]
fn a_peer_that_does_not_hold_the_key() {
    let pki = Pki::new();
    let good = pki.issue("DNS:www.example.test");
    for (version, config) in
        [("TLS 1.2", Config::new(&good).tls12_only()), ("TLS 1.3", Config::new(&good).tls13_only())]
    {
        let server = TlsServer::start(config.wrong_signature());
        for (more, code, severity) in
            [("", 4, "error"), ("--ignore expiry,trust,protocol", 4, "error"), ("--ignore possession", 0, "note")]
        {
            let report = pki.one(&format!("{NAME}@{} {more}", server.addr()), code);
            assert_eq!(at(&report, "/connection/possession"), "failed", "{version}");
            assert_eq!(at(&report, "/connection/tls_version"), version);
            assert_eq!(codes(&report), ["possession-failed"], "{version}");
            assert_eq!(at(&report, "/diagnosis/0/severity"), severity, "{version}");
        }
        let human = pki.run(&format!("{NAME}@{}", server.addr())).exits(4);
        assert!(human.stdout.starts_with("error[possession-failed]: "), "{human:?}");
        let ignored = pki.run(&format!("{NAME}@{} --ignore possession", server.addr())).exits(0);
        assert!(!ignored.stdout.starts_with("error"), "exit 0 does not begin with an error: {ignored:?}");
        assert!(ignored.stdout.contains("[possession-failed]"), "{ignored:?}");
        pki.one(&format!("other.test@{}", server.addr()), 1);
    }
}

#[test]
fn a_server_that_demands_a_client_certificate_shows_its_own() {
    let pki = Pki::new();
    let config = || Config::new(&pki.issue("DNS:www.example.test")).require_client_cert(&pki.root);
    for (version, config) in [("TLS 1.2", config().tls12_only()), ("TLS 1.3", config().tls13_only())] {
        let server = TlsServer::start(config);
        let report = pki.one(&format!("{NAME}@{}", server.addr()), 0);
        assert_eq!(at(&report, "/connection/tls_version"), version);
        assert_eq!(at(&report, "/connection/possession"), "proven", "{version}");
        assert_eq!(codes(&report), ["client-certificate-required"], "{version}");
        assert_eq!(at(&report, "/diagnosis/0/severity"), "note", "{version}");
        pki.one(&format!("other.test@{} --no-probes", server.addr()), 1);
        assert_eq!(server.connections(), 2, "{version}: one handshake each");
    }
}

#[test]
fn versions_and_suites_are_told() {
    let pki = Pki::new();
    let good = pki.issue("DNS:www.example.test");
    for (config, version) in [
        (Config::new(&good), "TLS 1.3"),
        (Config::new(&good).tls13_only(), "TLS 1.3"),
        (Config::new(&good).tls12_only(), "TLS 1.2"),
    ] {
        let server = TlsServer::start(config);
        let report = pki.one(&format!("{NAME}@{}", server.addr()), 0);
        assert_eq!(at(&report, "/connection/tls_version"), version);
        assert!(at(&report, "/connection/cipher_suite").starts_with("TLS"), "{report}");
        assert_eq!(at(&report, "/connection/key_exchange"), "X25519");
        assert_eq!(at(&report, "/connection/obtained"), "handshake");
        assert_eq!(codes(&report), [""; 0]);
    }
}

/// A key that signs with garbage, under a scheme that does not fit the certificate's key.
#[derive(Debug, Clone)]
struct Liar(rustls::SignatureScheme);

impl rustls::sign::SigningKey for Liar {
    fn choose_scheme(&self, _: &[rustls::SignatureScheme]) -> Option<Box<dyn rustls::sign::Signer>> {
        Some(Box::new(self.clone()))
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        rustls::SignatureAlgorithm::ECDSA
    }
}

impl rustls::sign::Signer for Liar {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![0x5A; 64])
    }

    fn scheme(&self) -> rustls::SignatureScheme {
        self.0
    }
}

#[derive(Debug)]
struct Always(std::sync::Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Always {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<std::sync::Arc<rustls::sign::CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A scheme that does not fit the key, or that was not offered, proves nothing either.
#[test]
fn a_peer_that_signs_under_another_scheme() {
    use crate::support::server::serve_tls;
    use crate::support::{Behaviour, RawServer};

    let pki = Pki::new();
    let good = pki.issue("DNS:www.example.test");
    let schemes = [
        rustls::SignatureScheme::ED25519,
        rustls::SignatureScheme::RSA_PSS_SHA256,
        rustls::SignatureScheme::ECDSA_NISTP384_SHA384,
        rustls::SignatureScheme::ECDSA_NISTP521_SHA512,
        rustls::SignatureScheme::ECDSA_NISTP256_SHA256,
        rustls::SignatureScheme::ED448,
        rustls::SignatureScheme::RSA_PKCS1_SHA256,
        rustls::SignatureScheme::ECDSA_SHA1_Legacy,
        rustls::SignatureScheme::Unknown(0x0809),
        rustls::SignatureScheme::Unknown(0x1234),
    ];
    let versions = [&rustls::version::TLS12, &rustls::version::TLS13];
    for (scheme, version) in schemes.into_iter().flat_map(|scheme| versions.map(|version| (scheme, version))) {
        let certs = vec![rustls::pki_types::CertificateDer::from(good.der.clone())];
        let key = std::sync::Arc::new(rustls::sign::CertifiedKey::new(certs, std::sync::Arc::new(Liar(scheme))));
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(std::sync::Arc::new(Always(key)));
        let config = std::sync::Arc::new(config);
        let server = RawServer::start(Behaviour::custom(move |stream| serve_tls(&stream, config.clone())));
        let report = pki.one(&format!("{NAME}@{}", server.addr()), 4);
        assert_eq!(at(&report, "/connection/possession"), "failed", "{scheme:?} {version:?}");
        assert_eq!(codes(&report), ["possession-failed"], "{scheme:?} {version:?}");
    }
}
