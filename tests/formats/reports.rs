//! Reports of every kind, made without a network or a clock.

use std::net::SocketAddr;
use std::time::Duration;

use certcheck::assess::{Knowledge, assess, without_observation};
use certcheck::certificate::Shelf;
use certcheck::diagnosis::trust::{MozillaList, SystemStore};
use certcheck::escape::Shown;
use certcheck::evidence::{
    ClientCertificate, Evidence, Failure, Handshake, Observation, Obtained, Possession, Served, Visited,
};
use certcheck::identity::{Asked, Typed};
use certcheck::policy::Policy;
use certcheck::report::Report;
use certcheck::target::Host;
use certcheck::trust::Roots;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000;

/// A match, a mismatch, a warning, an end that is near, one that is past, a certificate full of what
/// nobody should trust, a server that is not there, a bad line.
pub fn reports() -> Vec<Report> {
    let mut reports = vec![
        served("wildcard.pem", "www.example.com:443", "www.example.com", None),
        served("wildcard.pem", "a.b.example.com:443", "a.b.example.com", None),
        served("wildcard.pem", "https://a_b.example.com/", "a_b.example.com", None),
        served("wildcard.pem", "api.example.com", "api.example.com", Some(4_000_000)),
        served("expired.pem", "[2001:db8::7]:8443", "www.example.com", None),
        served("hostile.pem", "x\r\n::error::forged,a=b|c", "<b>=1+1</b>.example", None),
        served("idn.pem", "bücher.example", "bücher.example", None),
    ];
    for last in [7, 8] {
        let mut one = served("wildcard.pem", "all.example.com:443", "all.example.com", None);
        one.server = Some(format!("192.0.2.{last}"));
        reports.push(one);
    }
    let refused = Failure::Refused { address: SocketAddr::from(([192, 0, 2, 9], 443)) };
    let observation =
        Observation { visit: Some(visited()), outcome: Err(refused), evidence: Evidence::default(), server: None };
    reports.extend(report("down.example.com", "down.example.com", &observation, None));
    let line = "=cmd|' /C calc'!A0 `x` <script>alert(1)</script> \u{202e}";
    let failure =
        Failure::BadTargetLine { number: 7, text: Shown::new(line.as_bytes()), why: "it holds a space".to_owned() };
    reports.push(without_observation(&Shown::new(line.as_bytes()), None, &failure, Roots::Mozilla));
    reports
}

fn served(fixture: &str, target: &str, name: &str, min_days: Option<u32>) -> Report {
    let path = format!("{}/tests/fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"));
    let mut certificates = CertificateDer::pem_file_iter(path).unwrap().map(|der| der.unwrap().to_vec());
    let (leaf, chain) = (certificates.next().unwrap(), certificates.collect());
    let outcome = Ok(Served { leaf, chain, chain_total: 0 });
    let observation = Observation { visit: Some(visited()), outcome, evidence: Evidence::default(), server: None };
    report(target, name, &observation, min_days).remove(0)
}

fn report(target: &str, name: &str, seen: &Observation, min_days: Option<u32>) -> Vec<Report> {
    let known = Knowledge {
        shelf: &Shelf::default(),
        baseline: None,
        anchors: None,
        roots: Roots::Mozilla,
        system_trusts: &|_, _| SystemStore::Silent,
        mozilla_trusts: &|_, _| MozillaList::NotAsked,
        told: &[],
        fixes: &certcheck::advice::wanted::Wanted::default(),
        proxy: certcheck::assess::ProxyOption::Omitted,
        policy: &Policy { min_days, ..Policy::default() },
        now: NOW,
    };
    assess(&Shown::new(target.as_bytes()), &[Asked::parse(Typed::new(name.as_bytes()))], seen, &known)
}

fn visited() -> Visited {
    let handshake = Handshake {
        version: Some(certcheck::tls::ProtocolVersion::TLS_1_3),
        cipher_suite: None,
        key_exchange: None,
        possession: Possession::Proven,
        obtained: Obtained::Handshake,
        client_certificate: ClientCertificate::NotAsked,
        broken: None,
    };
    Visited {
        host: Host::Ip([192, 0, 2, 7].into(), None),
        address: Some(SocketAddr::from(([192, 0, 2, 7], 443))),
        port: 443,
        sni: None,
        exchanger_of: None,
        starttls: None,
        proxy: None,
        attempts: vec![],
        handshake: Some(handshake),
        elapsed: Duration::from_millis(1_234),
    }
}
