//! Trust and time where webpki alone would not say it: an anchor that is over, and who really signed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod support;

use certcheck::certificate::LeafCertificate;
use certcheck::trust::{Anchors, Path, Roots, Time, Trust, Untrusted, Which, judge};
use rustls_pki_types::CertificateDer;
use support::{Authority, AuthoritySpec, DAY, Issued, Leaf, name, now};

fn anchors(ders: &[&[u8]]) -> Anchors {
    let certificates: Vec<CertificateDer<'static>> =
        ders.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    Anchors {
        anchors: certificates.iter().map(|c| webpki::anchor_from_trusted_cert(c).unwrap().to_owned()).collect(),
        periods: certificates.iter().map(|c| LeafCertificate::from_der(c).unwrap().validity()).collect(),
        certificates,
        origin: Roots::File,
    }
}

fn judged(issued: &Issued, anchors: &Anchors) -> (Trust, Time) {
    let read = |der: &Vec<u8>| LeafCertificate::from_der(der).unwrap();
    let chain: Vec<_> = issued.chain.iter().map(read).collect();
    let judgement = judge(&read(&issued.der), &chain, anchors, now());
    (judgement.trust, judgement.time)
}

#[test]
fn an_anchor_that_is_over_is_told() {
    let spec = || AuthoritySpec::new("an old root");
    let old = spec().valid(now() - 100 * DAY, now() - 10 * DAY).root();
    let leaf = Leaf::default().san("DNS:a.example").valid(now() - 50 * DAY, now() + 50 * DAY);
    let trusted = Trust::Trusted { by: Path::ToAnchor };
    let (trust, time) = judged(&leaf.signed_by(&old), &anchors(&[&old.der]));
    assert_eq!(trust, trusted);
    assert!(matches!(time, Time::Expired { which: Which::Anchor, .. }), "{time:?}");
    // Renewed under the same key: one path is in time.
    let new = spec().key(old.key.clone()).valid(now() - 5 * DAY, now() + 100 * DAY).root();
    for order in [[&old.der[..], &new.der[..]], [&new.der[..], &old.der[..]]] {
        assert_eq!(judged(&leaf.signed_by(&old), &anchors(&order)), (trusted.clone(), Time::InTime));
    }
    let early = spec().valid(now() + DAY, now() + 100 * DAY).root();
    let (_, time) = judged(&leaf.signed_by(&early), &anchors(&[&early.der]));
    assert!(matches!(time, Time::NotYetValid { which: Which::Anchor, .. }), "{time:?}");
}

#[test]
fn a_name_is_no_signature() {
    let subject = name::subject(&[("CN", "a.example")]);
    let stranger = AuthoritySpec::new("").subject_der(subject.clone()).root();
    let leaf = Leaf::default().san("DNS:a.example").subject_der(subject);
    let anchors = anchors(&[&Authority::root("another root").der]);
    let untrusted = |issued: &Issued| match judged(issued, &anchors).0 {
        Trust::Untrusted { why } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(untrusted(&leaf.self_signed()), Untrusted::SelfSigned);
    assert_ne!(untrusted(&leaf.signed_by(&stranger)), Untrusted::SelfSigned);
    assert_ne!(untrusted(&leaf.self_signed().with_broken_signature()), Untrusted::SelfSigned);
    assert_eq!(untrusted(&leaf.key_kind(support::KeyKind::Ed25519).self_signed()), Untrusted::SelfSigned);
}
