//! From a scenario to a certificate, an observation of it, and a report. No sockets, no clock.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use certcheck::assess::{Knowledge, assess};
use certcheck::certificate::{Certificate, Shelf};
use certcheck::diagnosis::trust::{MozillaList, SystemStore};
use certcheck::escape::Shown;
use certcheck::evidence::{
    Baseline, Earlier, Evidence, Failure, Handshake, Observation, Probe, Question, Served, Visited,
};
use certcheck::identity::{DnsName, ReferenceId};
use certcheck::report::Report;
use certcheck::target::{Host, parse_endpoint};
use certcheck::trust::memo::Verified;
use certcheck::trust::{Anchors, Roots};
use rustls_pki_types::CertificateDer;

use crate::scenario::{ADDRESS, Answer, Asking, Chain, Facts, Scenario};
use crate::support::der::oid;
use crate::support::{Authority, AuthoritySpec, DAY, Issued, Key, Leaf, case};

/// The instant of every scenario: 2026-03-01, 12:00 UTC.
pub const NOW: i64 = 1_772_366_400;

/// Keys and roots, made once.
pub struct Lab {
    key: Key,
    root: Authority,
    other_root: Authority,
}

impl Lab {
    /// New keys.
    pub fn new() -> Self {
        let root = |cn| AuthoritySpec::new(cn).valid(NOW - 3650 * DAY, NOW + 3650 * DAY).root();
        Self { key: Key::generate(), root: root("scenario root"), other_root: root("another root") }
    }

    /// A self-signed certificate of these names and this subject, for questions about names alone.
    pub fn certificate_of(&self, san: &str, cn: &str) -> Vec<u8> {
        Leaf::default().san(san).cn(cn).key(self.key.clone()).self_signed().der
    }

    /// What the program says about a scenario.
    pub fn report(&self, scenario: &Scenario) -> Report {
        let facts = &scenario.facts;
        let issued = self.certify(scenario);
        let anchor = if facts.chain == Chain::Anchor { &issued.der } else { &self.root.der };
        let anchors = anchors(anchor, facts.roots);
        let earlier = facts.earlier.as_ref().map(|san| {
            let leaf = Certificate::from_der(&self.certificate_of(san, "-")).expect(san);
            Baseline::new(vec![Earlier { target: None, name: None, leaf: leaf.subject_names().clone() }])
        });
        let known = Knowledge {
            shelf: &Shelf::default(),
            baseline: earlier.as_ref(),
            anchors: (facts.chain != Chain::Unchecked).then_some(&anchors),
            roots: facts.roots,
            mozilla_trusts: &|_, _| match facts.roots {
                Roots::System => MozillaList::HasItNot,
                _ => MozillaList::NotAsked,
            },
            system_trusts: &|_, _| match facts.chain {
                Chain::SystemOnly => SystemStore::Trusts,
                _ => SystemStore::Silent,
            },
            told: &[],
            fixes: &certcheck::advice::wanted::Wanted::default(),
            proxy: certcheck::assess::ProxyOption::Omitted,
            policy: &facts.policy,
            now: NOW,
        };
        let target = Shown::new(scenario.id.as_bytes());
        let reports = assess(&target, &[scenario.asked()], &seen(self, scenario, &issued), &known);
        let [report] = <[Report; 1]>::try_from(reports).expect("one name, one report");
        report
    }

    /// The leaf, with what is sent after it.
    fn certify(&self, scenario: &Scenario) -> Issued {
        let leaf = self.leaf(scenario);
        match scenario.facts.chain {
            Chain::SelfSigned | Chain::Anchor => leaf.self_signed(),
            chain => self.under_intermediate(&leaf, chain, &scenario.facts),
        }
    }

    fn leaf(&self, scenario: &Scenario) -> Leaf {
        let facts = &scenario.facts;
        let (from, to) = facts.valid;
        let mut leaf = Leaf::default()
            .san(&scenario.san)
            .cn(&scenario.cn)
            .key(self.key.clone())
            .valid(NOW + from * DAY, NOW + to * DAY)
            .eku(facts.usages)
            .ca(facts.ca);
        if let Some(subject) = &facts.subject {
            leaf = leaf.subject_der(subject.clone());
        }
        if let Some(value) = &facts.san_der {
            leaf = leaf.san_der(value.clone());
        }
        leaf
    }

    fn under_intermediate(&self, leaf: &Leaf, chain: Chain, facts: &Facts) -> Issued {
        let root = match chain {
            Chain::UnknownIssuer | Chain::SystemOnly => &self.other_root,
            _ => &self.root,
        };
        let valid = |spec: AuthoritySpec, from, to| spec.valid(NOW + from * DAY, NOW + to * DAY);
        let mut spec = valid(AuthoritySpec::new("scenario intermediate"), -400, 400);
        if let Some(issuer) = &facts.issuer {
            spec = spec.subject_der(issuer.clone());
        }
        spec = match chain {
            Chain::ExpiredIntermediate | Chain::RenewedIntermediate => valid(spec, -400, -2),
            Chain::FutureIntermediate => valid(spec, 2, 400),
            Chain::NeverInTime => valid(spec, -400, -100),
            Chain::Constrained => spec.name_constraints(case::name_constraints("DNS:permitted.example", "-")),
            _ => spec,
        };
        let intermediate = spec.clone().signed_by(root);
        let issued = leaf.signed_by(&intermediate);
        match chain {
            Chain::MissingIntermediate => issued,
            Chain::WrongIntermediate => issued.with_chain(&[&self.other_root]),
            Chain::RenewedIntermediate => {
                let renewed = valid(spec.key(intermediate.key.clone()), -3, 400).signed_by(root);
                issued.with_chain(&[&intermediate, &renewed])
            }
            // The same name with another key.
            Chain::BadSignature => issued.with_chain(&[&spec.signed_by(root)]),
            Chain::Sha224 => said_to_be_sha224(issued).with_chain(&[&intermediate]),
            _ => issued.with_chain(&[&intermediate]),
        }
    }
}

/// The SNI that cannot exist.
const IMPOSSIBLE: &str = "certcheck-0.invalid";

fn seen(lab: &Lab, scenario: &Scenario, issued: &Issued) -> Observation {
    let facts = &scenario.facts;
    let (leaf, chain) = (issued.der.clone(), issued.chain.clone());
    let (obtained, (version, cipher_suite, key_exchange)) = facts.agreed;
    let handshake = Handshake {
        version: Some(version),
        cipher_suite: Some(cipher_suite),
        key_exchange: Some(key_exchange),
        possession: facts.possession.clone(),
        obtained,
        client_certificate: facts.client_certificate,
        broken: facts.broken,
    };
    let asked_for = || scenario.asked().reference().and_then(ReferenceId::sni).cloned();
    let address = |ip| facts.proxy.is_none().then_some(SocketAddr::new(ip, facts.port));
    let own = ADDRESS.parse().expect(ADDRESS);
    let visit = Visited {
        host: match &facts.proxy {
            Some(host) => parse_endpoint(host, facts.port).expect(host).0.host,
            None => Host::Ip(own, None),
        },
        address: address(own),
        port: facts.port,
        sni: facts.sni.clone().unwrap_or_else(asked_for),
        exchanger_of: None,
        starttls: facts.starttls,
        proxy: facts.proxy.as_ref().map(|_| Shown::new(b"http://proxy.example:3128")),
        attempts: vec![],
        handshake: Some(handshake),
        elapsed: Duration::from_millis(20),
    };
    let reference = asked_for();
    let name = |text: String| DnsName::parse(&text).ok();
    let sni_of = |question| match (question, &reference) {
        (Question::NoSni, _) => None,
        (Question::Impossible, _) => name(IMPOSSIBLE.to_owned()),
        (Question::Reference, reference) => reference.clone(),
        (Question::Sibling, Some(reference)) => name(match reference.as_str().strip_prefix("www.") {
            Some(apex) => apex.to_owned(),
            None => format!("www.{reference}"),
        }),
        (Question::Parent, Some(reference)) => name(reference.split_first().1.to_owned()),
        _ => visit.sni.clone(),
    };
    let probe = |asking: &Asking| Probe {
        question: asking.question,
        address: address(asking.address),
        port: facts.port,
        sni: sni_of(asking.question),
        answer: match &asking.answer {
            Answer::Same => Ok(issued.der.clone()),
            Answer::Fail => Err(Failure::Refused { address: SocketAddr::new(asking.address, facts.port) }),
            Answer::Other(san) => Ok(lab.certificate_of(san, "-")),
        },
        elapsed: Duration::from_millis(3),
    };
    let evidence = Evidence {
        probes: facts.probes.iter().map(probe).collect(),
        unasked: facts.unasked,
        names: facts.names.clone(),
    };
    Observation {
        evidence,
        visit: (!facts.offline).then_some(visit),
        outcome: Ok(Served { leaf, chain_total: chain.len(), chain }),
        server: None,
    }
}

/// The same certificate with another signature algorithm written into it, at both places.
fn said_to_be_sha224(mut issued: Issued) -> Issued {
    let (sha256, sha224) = (oid("1.2.840.10045.4.3.2"), oid("1.2.840.10045.4.3.1"));
    let places: Vec<usize> = (0..issued.der.len()).filter(|&at| issued.der[at..].starts_with(&sha256)).collect();
    assert_eq!(places.len(), 2, "an algorithm stands in a certificate twice");
    for at in places {
        issued.der[at..at + sha224.len()].copy_from_slice(&sha224);
    }
    issued
}

/// One certificate as the only anchor.
fn anchors(der: &[u8], origin: Roots) -> Anchors {
    let certificate = CertificateDer::from(der.to_vec());
    let anchor = webpki::anchor_from_trusted_cert(&certificate).expect("an anchor").to_owned();
    Anchors {
        anchors: Cow::Owned(vec![anchor]),
        periods: Vec::new(),
        certificates: vec![certificate],
        origin,
        verified: Verified::default(),
    }
}
