//! Certificates, names and targets that somebody made to do harm: no panic, nothing in any output
//! that moves a cursor, reorders text or forges a line, and an end in time.
#![allow(clippy::inconsistent_struct_constructor)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, missing_docs, unreachable_pub)]

mod support;

#[path = "hostile/formats.rs"]
mod formats;
#[path = "hostile/material.rs"]
mod material;
#[path = "hostile/outputs.rs"]
mod outputs;

use std::borrow::Cow;
use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use certcheck::assess::{Knowledge, assess, without_observation};
use certcheck::certificate::{Certificate, Shelf};
use certcheck::diagnosis::trust::{MozillaList, SystemStore};
use certcheck::escape::Shown;
use certcheck::evidence::{
    ClientCertificate, Evidence, Failure, Handshake, Observation, Obtained, Possession, Served, Visited,
};
use certcheck::identity::{Asked, Typed};
use certcheck::policy::Policy;
use certcheck::report::Report;
use certcheck::report::drawing::{Color, Detail};
use certcheck::report::human::{Charset, Length};
use certcheck::report::model::VerdictWord;
use certcheck::target::{self, Host};
use certcheck::tls::ProtocolVersion;
use certcheck::trust::memo::Verified;
use certcheck::trust::{Anchors, Roots};
use material::{Mutation, Names, hostile_text, mutation, names, reference};
use outputs::{Human, human, json, pem_leaf};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustls_pki_types::CertificateDer;
use support::der::{context, seq};
use support::{Authority, Issued, Key, Leaf, now};

/// How many cases of each kind are run, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 256;
/// How long anything may take, in a build without optimisation.
const IN_TIME: Duration = Duration::from_secs(5);

/// Text that would forge a line, colour a terminal, turn text around and close a quote.
const WORST: &str = "x\r\nok: orchard.example matches DNS-ID orchard.example\r\n\u{1b}[32mok\u{1b}[0m\u{1b}]0;t\u{7}\u{9b}31m\
                     \u{202e}\u{2066}\u{200b}\u{feff}\u{2028}\u{2029}\u{85}\t\0\u{7f}\"'`\\ e\u{301} -->";

/// An authority with a name as bad, and the keys of all leaves.
static ISSUER: LazyLock<Authority> = LazyLock::new(|| {
    let cn = support::name::attribute("CN", WORST.as_bytes(), support::name::StringType::Utf8);
    support::AuthoritySpec::new("issuer").subject_der(seq([support::der::set_of([cn])])).root()
});
static KEY: LazyLock<Key> = LazyLock::new(Key::generate);

#[test]
fn no_bytes_break_the_parser() {
    run(CASES * 8, &vec(any::<u8>(), 0..512), |bytes| {
        let _ = Certificate::from_der(bytes);
        Ok(())
    });
}

#[test]
fn no_mutation_of_a_certificate_breaks_the_program() {
    let original =
        minted(&Names::of(&[("DNS", "orchard.example"), ("DNS", "*.fig.example"), ("SRV", "_ferry.example")]));
    let read = Cell::new(0_u32);
    run(CASES * 4, &vec(mutation(), 1..4), |mutations: &Vec<Mutation>| {
        let der = mutations.iter().fold(original.der.clone(), |der, mutation| mutation.apply(der));
        if let Ok(leaf) = Certificate::from_der(&der) {
            prop_assert_eq!(leaf.der(), &der);
            read.set(read.get() + 1);
        }
        let chain = vec![der.clone(), ISSUER.der.clone()];
        for (leaf, chain) in [(der, vec![ISSUER.der.clone()]), (original.der.clone(), chain)] {
            let report = report_on(leaf, chain, b"orchard.example");
            outputs::check_some(&report)?;
        }
        Ok(())
    });
    assert!(read.get() > CASES / 2, "only {} mutated certificates could be read", read.get());
}

#[test]
fn names_of_every_kind_stay_in_their_places() {
    run(CASES, &(names(), reference()), |(names, reference)| {
        let issued = minted(names);
        let report = report_on(issued.der, issued.chain, reference);
        outputs::check(&report)
    });
}

#[test]
fn targets_stay_in_their_places() {
    run(CASES, &hostile_text(), |text| {
        let Err(why) = target::parse(text, 443) else { return Ok(()) };
        let shown = Shown::target_short(text);
        let failure = Failure::BadTargetLine { number: 3, text: shown.clone(), why };
        outputs::check(&without_observation(&shown, None, &failure, Roots::Mozilla))
    });
}

fn run<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(&S::Value) -> Result<(), TestCaseError>) {
    let config = Config::default();
    let config = Config { cases: config.cases.max(cases), failure_persistence: None, ..config };
    if let Err(error) = TestRunner::new(config).run(strategy, |value| test(&value)) {
        panic!("{error}");
    }
}

#[test]
fn human_format_with_hostile_names() {
    let text = human(worst(), Human::default());
    assert!(text.starts_with("HostnameMismatchError["), "{text}");
    assert!(text.contains("\\x0aok: orchard.example") && no_line_says_ok(&text), "{text}");
}

#[test]
fn human_line_with_hostile_names() {
    let text = human(worst(), Human { length: Length::Line, ..Human::default() });
    assert!(text.starts_with("FAIL ") && text.lines().count() == 1, "{text}");
    assert!(text.contains("\\x0aok: orchard.example"), "{text}");
}

#[test]
fn human_format_verbose_with_hostile_names() {
    let text = human(worst(), Human { detail: Detail::Full, ..Human::default() });
    for key in ["target", "subject", "issuer", "name", "chain"] {
        let line = text.lines().find(|line| line.starts_with(&format!("  {key:<10}")));
        assert!(line.is_some_and(|line| line.contains("\\x0aok: orchard.example")), "{key}: {text}");
    }
    assert!(no_line_says_ok(&text), "{text}");
}

#[test]
fn human_format_coloured_with_hostile_names() {
    for (length, detail) in
        [(Length::Full, Detail::Full), (Length::Full, Detail::Folded), (Length::Line, Detail::Folded)]
    {
        let plain = Human { detail, length, ..Human::default() };
        let coloured = human(worst(), Human { color: Color::Ansi, ..plain });
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
        assert_eq!(outputs::without_colour(&coloured), human(worst(), plain));
    }
}

#[test]
fn human_format_in_ascii_with_hostile_names() {
    let text = human(worst(), Human { charset: Charset::Ascii, detail: Detail::Full, ..Human::default() });
    assert!(text.is_ascii() && no_line_says_ok(&text), "{text}");
    assert!(text.contains("e\\xcc\\x81"), "{text}");
}

#[test]
fn json_with_hostile_names() {
    let text = json(worst());
    assert_eq!(text.lines().count(), 1, "{text}");
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    let certificate = &object["certificate"];
    let subject = certificate["subject"].as_str().unwrap();
    for value in
        [&certificate["san"][0]["value"], &certificate["issuer"], &object["target"], &object["chain"][0]["subject"]]
    {
        assert!(value.as_str().unwrap().contains("x\\x0d\\x0aok: orchard.example"), "{value}");
    }
    assert!(subject.contains("\\x1b[32mok\\x1b[0m") && subject.contains("\\xe2\\x80\\xae"), "{subject}");
}

#[test]
fn pem_with_hostile_names() {
    let report = worst();
    let text = pem_leaf(report);
    assert_eq!(text, support::pem_of(&report.drawing.certificates[0], "CERTIFICATE"));
    let failure = Failure::UnreadableFile { path: Shown::new(WORST.as_bytes()), why: "it is empty".to_owned() };
    let text = pem_leaf(&without_observation(&Shown::new(WORST.as_bytes()), None, &failure, Roots::Mozilla));
    assert!(text.starts_with("# ") && text.lines().count() == 1 && no_line_says_ok(&text), "{text}");
}

/// The worst text in the formats that programs read.
#[test]
fn formats_for_programs_with_hostile_names() {
    formats::check(worst()).unwrap();
    let failure = Failure::UnreadableFile { path: Shown::new(WORST.as_bytes()), why: "it is empty".to_owned() };
    formats::check(&without_observation(&Shown::new(WORST.as_bytes()), None, &failure, Roots::Mozilla)).unwrap();
    for text in [
        "=1+1",
        "@SUM(A1);+1",
        "<script>alert(1)</script>",
        "a|b`c``d[e](f)",
        "%0A::error::g",
        "{0}{{",
        "]]>-->",
        "--><!--",
        "\"', onerror=x",
        "http://www.a.test *b* _c_ ~d~ $e$ &lt; #1 @f",
        "`",
        "``",
        "\\",
        "\\|",
        "|",
        "x\\`|",
    ] {
        let names = ["DNS", "URI", "email"].map(|kind| (kind, text));
        let issued = minted(&Names::of(&names));
        let mut report = report_on(issued.der, issued.chain, b"orchard.example");
        report.target = Shown::new(text.as_bytes()).into_string();
        formats::check(&report).unwrap();
        let shown = Shown::new(text.as_bytes());
        let failure = Failure::BadTargetLine { number: 1, text: shown.clone(), why: text.to_owned() };
        formats::check(&without_observation(&shown, None, &failure, Roots::Mozilla)).unwrap();
    }
}

fn no_line_says_ok(text: &str) -> bool {
    text.lines().all(|line| !line.trim_start().starts_with("ok"))
}

/// A mismatch in which every text that others write is the worst.
fn worst() -> &'static Report {
    static WORST_REPORT: LazyLock<Report> = LazyLock::new(make_worst);
    &WORST_REPORT
}

fn make_worst() -> Report {
    let kinds = ["DNS", "URI", "email", "SRV", "XMPP", "UPN", "DIR"];
    let names: Vec<(&str, &str)> = kinds.iter().map(|kind| (*kind, WORST)).collect();
    let issued = minted(&Names::of(&names));
    let report = report_on(issued.der, issued.chain, b"orchard.example");
    outputs::check(&report).unwrap();
    report
}

/// A certificate of these names, under the issuer with the bad name.
fn minted(names: &Names) -> Issued {
    let leaf = Leaf::default().subject_der(names.subject_der()).san_der(names.san_der()).key(KEY.clone());
    leaf.signed_by(&ISSUER).with_chain(&[&ISSUER])
}

/// What is said about a certificate at a server with a bad name, asked for a name.
fn report_on(leaf: Vec<u8>, chain: Vec<Vec<u8>>, reference: &[u8]) -> Report {
    let handshake = Handshake {
        version: Some(ProtocolVersion::TLS_1_3),
        cipher_suite: None,
        key_exchange: None,
        possession: Possession::Failed,
        obtained: Obtained::OddAlgorithms,
        client_certificate: ClientCertificate::Asked,
        broken: None,
    };
    let visit = Visited {
        host: Host::Ip([192, 0, 2, 7].into(), None),
        address: Some(SocketAddr::from(([192, 0, 2, 7], 443))),
        port: 443,
        sni: None,
        exchanger_of: None,
        starttls: None,
        proxy: None,
        attempts: vec![],
        handshake: Some(handshake),
        elapsed: Duration::ZERO,
    };
    let chain_total = chain.len();
    let seen = Observation {
        visit: Some(visit),
        outcome: Ok(Served { leaf, chain, chain_total }),
        evidence: Evidence::default(),
        server: None,
    };
    let anchors = anchors();
    let known = Knowledge {
        shelf: &Shelf::default(),
        baseline: None,
        anchors: Some(&anchors),
        roots: Roots::File,
        system_trusts: &|_, _| SystemStore::Silent,
        mozilla_trusts: &|_, _| MozillaList::NotAsked,
        told: &[],
        fixes: &certcheck::advice::wanted::Wanted::default(),
        proxy: certcheck::assess::ProxyOption::Omitted,
        policy: &Policy::default(),
        now: now(),
    };
    let asked = Asked::parse(Typed::new(reference));
    assess(&Shown::new(WORST.as_bytes()), &[asked], &seen, &known).remove(0)
}

fn anchors() -> Anchors {
    let certificate = CertificateDer::from(ISSUER.der.clone());
    let anchor = webpki::anchor_from_trusted_cert(&certificate).unwrap().to_owned();
    Anchors {
        anchors: Cow::Owned(vec![anchor]),
        periods: Vec::new(),
        certificates: vec![certificate],
        origin: Roots::File,
        verified: Verified::default(),
    }
}

/// More names than are kept: those that are kept are compared, and a name that none of them covers
/// is an error, since it may stand among the others.
#[test]
fn a_certificate_of_70_000_names() {
    const NAMES: usize = 70_000;
    let names = (0..NAMES).map(|n| context(2, format!("n{n}.orchard.example").as_bytes()));
    let issued = minted(&Names::raw(seq(names)));
    for (name, verdict, exit) in [
        ("n0.orchard.example", VerdictWord::Match, 4),
        ("n65535.orchard.example", VerdictWord::Match, 4),
        ("n65536.orchard.example", VerdictWord::Error, 3),
        ("quarry.test", VerdictWord::Error, 3),
    ] {
        let begin = Instant::now();
        let report = report_on(issued.der.clone(), issued.chain.clone(), name.as_bytes());
        assert_eq!((report.verdict, report.exit_code), (verdict, exit), "{name}");
        let code = report.error.as_ref().map(|error| error.code.as_str());
        assert_eq!(code, (verdict == VerdictWord::Error).then_some("unreadable-certificate"), "{name}");
        let object: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
        assert!(object["certificate"]["san"].as_array().unwrap().len() <= 10_000, "{name}");
        assert_eq!(object["certificate"]["san_total"], NAMES, "{name}");
        let text = human(&report, Human { detail: Detail::Full, ..Human::default() });
        assert!(text.lines().count() < 2_000, "{name}: {} lines", text.lines().count());
        assert!(begin.elapsed() < IN_TIME, "{name}: {:?}", begin.elapsed());
    }
}

/// The names that a rule has to compare in more ways than one, and many of them.
#[test]
fn names_that_are_costly_to_compare() {
    let run = |c: char| format!("a{0}b.a{0}b.a{0}", c.to_string().repeat(61));
    let stars = format!("{}.example", "a*".repeat(100));
    for (name, reference) in [
        (format!("{}c.example", run('_')), format!("{}d.example", run('-'))),
        (format!("{}c.example", run('-')), format!("{}d.example", run('_'))),
        (stars, format!("{}.example", "a".repeat(63))),
        (format!("{}.example", "xn--bcher-kva.".repeat(15)), "bücher.example".to_owned()),
    ] {
        let names = vec![context(2, name.as_bytes()); 200];
        let issued = minted(&Names::raw(seq(names)));
        let begin = Instant::now();
        let report = report_on(issued.der, issued.chain, reference.as_bytes());
        assert_eq!(report.exit_code, 1, "{name}");
        assert!(begin.elapsed() < IN_TIME, "{name} against {reference}: {:?}", begin.elapsed());
    }
}

/// The position of a name that decides does not hide why it does.
#[test]
fn a_deciding_name_far_down_the_list_is_told() {
    let mut names: Vec<Vec<u8>> = (0..12_000).map(|n| context(2, format!("n{n}.quarry.test").as_bytes())).collect();
    names.push(context(2, b"*.orchard.example"));
    let issued = minted(&Names::raw(seq(names)));
    let report = report_on(issued.der, issued.chain, b"a.b.orchard.example");
    assert_eq!(report.diagnosis[0].code, "wildcard-depth");
    for detail in [Detail::Folded, Detail::Full] {
        let text = human(&report, Human { detail, width: 200, ..Human::default() });
        assert!(text.contains("stands for one label"), "{detail:?}: {}", &text[..text.len().min(2_000)]);
        assert!(text.contains("`a.b` are two"), "{detail:?}: the name's labels are not told");
    }
}
