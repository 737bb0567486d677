//! Trust and time where webpki alone would not say it: an anchor that is over, and who really signed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod support;

use certcheck::certificate::Certificate;
use certcheck::trust::memo::Verified;
use certcheck::trust::{Anchors, Path, Roots, Time, Trust, Untrusted, Which, judge};
use rustls_pki_types::CertificateDer;
use support::{Authority, AuthoritySpec, DAY, Issued, Leaf, name, now};

fn anchors(ders: &[&[u8]]) -> Anchors {
    let certificates: Vec<CertificateDer<'static>> =
        ders.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    Anchors {
        anchors: certificates.iter().map(|c| webpki::anchor_from_trusted_cert(c).unwrap().to_owned()).collect(),
        periods: certificates.iter().map(|c| Certificate::from_der(c).unwrap().validity()).collect(),
        certificates,
        origin: Roots::File,
        verified: Verified::default(),
    }
}

fn judged(issued: &Issued, anchors: &Anchors) -> (Trust, Time) {
    let read = |der: &Vec<u8>| Certificate::from_der(der).unwrap();
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

/// What was verified once is not verified again; nothing else is let through by that.
#[test]
fn a_warm_memo_lets_nothing_else_through() {
    let root = AuthoritySpec::new("root").valid(now() - 900 * DAY, now() + 900 * DAY).root();
    let anchors = anchors(&[&root.der]);
    let spec = |cn: &str| AuthoritySpec::new(cn).valid(now() - 90 * DAY, now() + 90 * DAY);
    let intermediate = spec("intermediate").signed_by(&root);
    let leaf = |san: &str| Leaf::default().san(san).valid(now() - DAY, now() + 200 * DAY);
    let issued = leaf("DNS:a.example").signed_by(&intermediate).with_chain(&[&intermediate]);
    let at = |issued: &Issued, instant: i64| {
        let read = |der: &Vec<u8>| Certificate::from_der(der).unwrap();
        let chain: Vec<_> = issued.chain.iter().map(read).collect();
        judge(&read(&issued.der), &chain, &anchors, instant)
    };
    let trusted = Trust::Trusted { by: Path::ToAnchor };
    let why = |issued: &Issued| match at(issued, now()).trust {
        Trust::Untrusted { why } => Some(why),
        _ => None,
    };
    for _ in 0..2 {
        assert_eq!((at(&issued, now()).trust, at(&issued, now()).time), (trusted.clone(), Time::InTime));
        // A wrong signature, of the leaf and of the intermediate.
        assert_eq!(why(&issued.clone().with_broken_signature()), Some(Untrusted::BadSignature));
        let mut broken = issued.clone();
        *broken.chain[0].last_mut().unwrap() ^= 1;
        assert_eq!(why(&broken), Some(Untrusted::BadSignature));
        // A changed certificate under the signature that was found right.
        for (from, to) in [(&b"a.example"[..], &b"b.example"[..]), (b"intermediate", b"intermediatf")] {
            let mut changed = issued.clone();
            let place = changed.der.windows(from.len()).position(|part| part == from).unwrap();
            changed.der[place..place + to.len()].copy_from_slice(to);
            assert!(why(&changed).is_some(), "{}", String::from_utf8_lossy(to));
        }
        // An intermediate that has ended since.
        let later = at(&issued, now() + 100 * DAY);
        assert!(matches!(later.time, Time::Expired { which: Which::Chain(0), .. }), "{later:?}");
        // A name that an intermediate may not issue for, beside one that it may.
        let constrained = spec("constrained").name_constraints(support::case::name_constraints("DNS:a.example", "-"));
        let constrained = constrained.key(intermediate.key.clone()).signed_by(&root);
        let inside = leaf("DNS:x.a.example").signed_by(&constrained).with_chain(&[&constrained]);
        assert_eq!(why(&inside), None);
        let outside = leaf("DNS:b.example").signed_by(&constrained).with_chain(&[&constrained]);
        assert_eq!(why(&outside), Some(Untrusted::NameConstraints));
        // Another issuer of the same name, whose key did not sign.
        let stranger = spec("intermediate").signed_by(&root);
        assert_eq!(why(&issued.clone().with_chain(&[&stranger])), Some(Untrusted::BadSignature));
    }
}
