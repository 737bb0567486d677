//! The library's error: what was wanted, what is presented, and the rule that failed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod support;

use certcheck::certificate::Certificate;
use certcheck::identity::{Asked, Fact, HostnameMismatchError, NotCovered, Typed, Verdict, evaluate};
use support::{Authority, Leaf};

fn mismatch(name: &str, san: &str) -> HostnameMismatchError {
    let der = Leaf::default().san(san).signed_by(&Authority::root("error")).der;
    let leaf = Certificate::from_der(&der).unwrap();
    match evaluate(&Asked::parse(Typed::new(name.as_bytes())), leaf.subject_names()) {
        Verdict::Mismatch(error) => *error,
        Verdict::Match(found) => panic!("{name} matches entry {}", found.entry),
    }
}

#[test]
fn the_nearest_entry_and_its_rule_are_named() {
    use NotCovered as N;
    for (name, san, entry, why) in [
        ("a.b.shop.example", "DNS:x.example,DNS:*.shop.example,DNS:y.example", 1, N::Depth { labels: 2 }),
        ("a.b.c.shop.example", "DNS:*.shop.example", 0, N::Depth { labels: 3 }),
        ("shop.example", "DNS:x.example,DNS:*.shop.example", 1, N::ApexOfWildcard),
        ("a.b.shop.example", "DNS:*.b.c.example,DNS:*.a.b.shop.example,DNS:*.shop.example", 2, N::Depth { labels: 2 }),
        ("shop.example", "IP:192.0.2.1,DNS:x.example", 1, N::Different),
        ("shop.example", "DNS:x.example,DNS:y.example", 0, N::Different),
        ("shop.example", "DNS:x.example,DNS:a b.example", 1, N::Malformed),
        ("192.0.2.1", "DNS:x.example", 0, N::OtherType),
        ("192.0.2.1", "DNS:x.example,IP:192.0.2.2", 1, N::Different),
        ("srv:_sip.shop.example", "DNS:shop.example,SRV:_xmpp.shop.example", 1, N::OtherService),
        ("uri:sip:shop.example", "URI:sips:shop.example", 0, N::OtherService),
        ("xshop.example", "DNS:*.shop.example", 0, N::Different),
        ("a.shop.example", "DNS:*.hop.example", 0, N::Different),
    ] {
        assert_eq!(mismatch(name, san).fact, Fact::NotCovered { entry, why }, "{name} against {san}");
    }
}

#[test]
fn its_text_has_both_sides() {
    let text = |name, san: &str| mismatch(name, san).to_string();
    assert_eq!(
        text("a.example", "DNS:b.example,IP:192.0.2.1,DNS:c\\x0a.example"),
        "certificate is not valid for 'a.example': it is valid for b.example, 192.0.2.1, c\\x0a.example"
    );
    assert_eq!(text("a.example", "-"), "certificate is not valid for 'a.example': it presents no names");
    assert_eq!(text("a.example", "EMPTY"), "certificate is not valid for 'a.example': it presents no names");
    assert_eq!(text("a b", "DNS:b.example"), "certificate is not valid for 'a b': ` ` cannot stand in a DNS name");
    let many: Vec<String> = (0..70).map(|i| format!("DNS:h{i}.example")).collect();
    let error = mismatch("a.example", &many.join(","));
    assert_eq!((error.presented.len(), error.total), (64, 70));
    assert!(error.to_string().ends_with("h62.example, h63.example and 6 more"), "{error}");
}
