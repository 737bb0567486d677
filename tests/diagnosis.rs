//! What the program says about a certificate and a name: scenarios, and what must hold for all of
//! them; what it says where there is no certificate.
//!
//! - `scenarios/*.tsv`: the scenarios, a file for each family of causes;
//! - `scenarios/scenario.rs`: how a row reads; `scenarios/lab.rs`: from a row to a report;
//! - `scenarios/failures.rs`: every failure, and what its message must carry.
//!
//! A new code needs a scenario here, and one of a rank a scenario in which it leads.
#![allow(clippy::option_option, clippy::format_collect)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, unreachable_pub)]

mod support;

#[path = "scenarios/failures.rs"]
mod failures;
#[path = "scenarios/lab.rs"]
mod lab;
#[path = "scenarios/scenario.rs"]
mod scenario;

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use certcheck::assess::{Knowledge, assess};
use certcheck::certificate::{Certificate, Shelf};
use certcheck::diagnosis::failure::{code_of, explain};
use certcheck::diagnosis::trust::{MozillaList, SystemStore};
use certcheck::diagnosis::{Again, Code};
use certcheck::escape::Shown;
use certcheck::evidence::{CertificateFailure, Evidence, Failure, Observation, Peer, Plaintext, TlsFailure, Visited};
use certcheck::identity::{Asked, Typed, Verdict, evaluate};
use certcheck::policy::Policy;
use certcheck::report::Report;
use certcheck::report::model::{SeverityWord, TrustWord, ValidityWord, VerdictWord};
use certcheck::target::Host;
use certcheck::trust::Roots;
use lab::{Lab, NOW};
use scenario::{Scenario, added, findings, outcome, scenarios};

const FILES: [(&str, &str); 17] = [
    ("clients.tsv", include_str!("scenarios/clients.tsv")),
    ("earlier.tsv", include_str!("scenarios/earlier.tsv")),
    ("reference.tsv", include_str!("scenarios/reference.tsv")),
    ("product.tsv", include_str!("scenarios/product.tsv")),
    ("wildcard.tsv", include_str!("scenarios/wildcard.tsv")),
    ("www.tsv", include_str!("scenarios/www.tsv")),
    ("spelling.tsv", include_str!("scenarios/spelling.tsv")),
    ("short.tsv", include_str!("scenarios/short.tsv")),
    ("similar.tsv", include_str!("scenarios/similar.tsv")),
    ("shape.tsv", include_str!("scenarios/shape.tsv")),
    ("address.tsv", include_str!("scenarios/address.tsv")),
    ("service.tsv", include_str!("scenarios/service.tsv")),
    ("match.tsv", include_str!("scenarios/match.tsv")),
    ("trust.tsv", include_str!("scenarios/trust.tsv")),
    ("legacy.tsv", include_str!("scenarios/legacy.tsv")),
    ("served.tsv", include_str!("scenarios/served.tsv")),
    ("host.tsv", include_str!("scenarios/host.tsv")),
];

/// The fewest scenarios in which two causes or more compete for the lead.
const COMPETING: usize = 45;

/// Causes whose remedy is no new entry in this certificate.
const ADD_NOTHING: [(Code, &str); 10] = [
    (Code::InvalidReference, "nothing can be valid for a text that is no name"),
    (Code::ProductDefault, "the certificate is a placeholder; another one is to be loaded"),
    (Code::S3BucketDots, "the certificate is Amazon's"),
    (Code::Intercepted, "the certificate is not the server's"),
    (Code::SniRequired, "the right certificate is there"),
    (Code::FamilyDiffers, "the right certificate is there, at other addresses"),
    (Code::AddressDiffers, "the right certificate is there, at other addresses"),
    (Code::NodeDiffers, "the right certificate is there, on other servers"),
    (Code::SearchSuffix, "only a private CA can certify a short name; the full one is certified"),
    (Code::PlatformCertificate, "the platform issues a certificate of its own"),
];

/// All scenarios with their reports.
static REPORTS: LazyLock<Vec<(Scenario, Report)>> = LazyLock::new(|| {
    let lab = Lab::new();
    let all = FILES.iter().flat_map(|(file, text)| scenarios(file, text));
    all.map(|scenario| (scenario.clone(), lab.report(&scenario))).collect()
});

#[test]
fn every_scenario_is_as_expected() {
    let mut failures = Vec::new();
    for (scenario, report) in REPORTS.iter() {
        let mut found = outcome(report);
        // What clients say has tests of its own (clients.rs); here it is told where a scenario is about it.
        if !scenario.expected.findings.iter().any(|f| f.starts_with("clients-differ")) {
            found.findings.retain(|f| !f.starts_with("clients-differ"));
        }
        if found != scenario.expected {
            let messages: String =
                report.diagnosis.iter().map(|d| format!("\n    {}: {}", d.code, d.message)).collect();
            failures.push(format!(
                "{} ({}):\n  found    {found:?}\n  expected {:?}{messages}",
                scenario.place, scenario.id, scenario.expected
            ));
        }
    }
    assert!(failures.is_empty(), "{} of {} scenarios:\n{}", failures.len(), REPORTS.len(), failures.join("\n"));
}

#[test]
fn scenarios_have_names_of_their_own_and_causes_compete() {
    let mut ids = BTreeSet::new();
    for (scenario, _) in REPORTS.iter() {
        let file = scenario.place.split(':').next().unwrap();
        assert!(ids.insert((file, &scenario.id)), "{}: a second {}", scenario.place, scenario.id);
    }
    let competing = REPORTS.iter().filter(|(_, report)| ranks(report).len() > 1).count();
    assert!(competing >= COMPETING, "in {competing} scenarios only two causes or more compete");
}

#[test]
fn every_code_has_a_scenario_or_stands_in_the_table_of_failures() {
    let leads = |code| REPORTS.iter().any(|(_, report)| findings(report).first().is_some_and(|(c, _)| *c == code));
    let occurs = |code| REPORTS.iter().any(|(_, report)| findings(report).iter().any(|(c, _)| *c == code));
    let fails = |code| failures::failures().iter().any(|row| row.code == code);
    let mut missing = Vec::new();
    for &code in Code::ALL {
        if code.rank().is_some() && !leads(code) {
            missing.push(format!("{code}: has a rank, and leads in no scenario"));
        } else if !occurs(code) && !fails(code) {
            missing.push(format!("{code}: in no scenario, and not in the table of failures"));
        }
        if code.explanation().len() < 80 {
            missing.push(format!("{code}: has no long text"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The remedy is tried: the entry is added to the certificate's list, which has to cover the name.
#[test]
fn what_the_leading_finding_adds_mends_the_mismatch() {
    let lab = Lab::new();
    let mut failures = Vec::new();
    for (scenario, report) in REPORTS.iter().filter(|(_, report)| report.verdict == VerdictWord::Mismatch) {
        let lead = findings(report)[0].0;
        let adds_nothing = ADD_NOTHING.iter().any(|(code, _)| *code == lead);
        let Some(entry) = added(report) else {
            if !adds_nothing {
                failures.push(format!("{} ({}): {lead} adds nothing", scenario.place, scenario.id));
            }
            continue;
        };
        let san = match scenario.san.as_str() {
            "-" | "EMPTY" => entry.clone(),
            list => format!("{list},{entry}"),
        };
        let mended = Certificate::from_der(&lab.certificate_of(&san, &scenario.cn)).unwrap();
        if adds_nothing || !matches!(evaluate(&scenario.asked(), mended.subject_names()), Verdict::Match(_)) {
            failures.push(format!("{} ({}): {lead} adds {entry}, in vain", scenario.place, scenario.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_finding_contradicts_the_verdict() {
    let mut failures = Vec::new();
    for (scenario, report) in REPORTS.iter() {
        let wrong = contradictions(report);
        failures.extend(wrong.iter().map(|what| format!("{} ({}): {what}", scenario.place, scenario.id)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn contradictions(report: &Report) -> Vec<&'static str> {
    let found = findings(report);
    let has = |code| found.iter().any(|(c, _)| *c == code);
    let errors = found.iter().filter(|(_, severity)| *severity == SeverityWord::Error);
    let (of_the_name, others): (Vec<Code>, Vec<Code>) =
        errors.map(|(code, _)| *code).partition(|code| code.rank().is_some());
    let named = |reason: &Option<String>| reason.as_ref().is_none_or(|r| found.iter().any(|(c, _)| c.name() == r));
    let expired = report.validity.verdict == ValidityWord::Expired;
    let early = report.validity.verdict == ValidityWord::NotYetValid;
    let lead = report.diagnosis.first();
    let rules = match report.verdict {
        VerdictWord::Match => vec![
            (report.matched.is_some(), "a match, and no entry matched"),
            (of_the_name.is_empty(), "a match, and an error about the name"),
            (report.accepted == others.is_empty(), "accepted with an error, or refused without one"),
            (report.exit_code == if report.accepted { 0 } else { 4 }, "the exit code is another"),
        ],
        VerdictWord::Mismatch => vec![
            (report.matched.is_none(), "a mismatch, and an entry matched"),
            (!of_the_name.is_empty(), "a mismatch, and no error about the name"),
            (
                !has(Code::PublicSuffixWildcard) && !has(Code::UnderscoreLabel),
                "a mismatch, and a finding about a match",
            ),
            (!report.accepted && report.exit_code == 1, "a mismatch that does not exit 1"),
            (lead.is_some_and(|lead| !lead.help.is_empty()), "nothing to do about the leading finding"),
            (lead.is_some_and(|lead| lead.section.is_some()), "no section for the leading finding"),
        ],
        VerdictWord::Error => vec![(false, "an error, though there is a certificate")],
    };
    let of_both = [
        (named(&report.trust.reason) && named(&report.validity.reason), "a reason that no finding names"),
        (
            report.trust.verdict != TrustWord::Trusted || !found.iter().any(|(c, _)| is_about_the_path(*c)),
            "trusted, and not",
        ),
        (expired == has(Code::Expired) && early == has(Code::NotYetValid), "the dates are told in two ways"),
        (
            report.diagnosis.iter().all(|d| !d.message.is_empty() && !d.message.contains('\n')),
            "a message of no line, or more",
        ),
        (report.diagnosis.len() == report.drawing.marks.len(), "findings and their marks are not of one number"),
    ];
    rules.into_iter().chain(of_both).filter(|(holds, _)| !holds).map(|(_, what)| what).collect()
}

#[test]
fn findings_stand_in_order() {
    let mut failures = Vec::new();
    for (scenario, report) in REPORTS.iter() {
        let found = findings(report);
        let ranks = ranks(report);
        let about_the_name = found.iter().filter(|(code, _)| group(*code) == Group::Name);
        let by_severity = about_the_name.map(|(_, severity)| *severity != SeverityWord::Error);
        let lead = found.first().and_then(|(code, _)| code.rank());
        for (holds, what) in [
            (found.iter().map(|(code, _)| group(*code)).is_sorted(), "name, then trust and time, then notes"),
            (ranks.is_sorted_by(|a, b| a < b), "the name's findings by rank, each once"),
            (by_severity.is_sorted(), "the name's errors before its warnings"),
            (ranks.is_empty() || lead == ranks.iter().min().copied(), "the lowest rank leads"),
        ] {
            if !holds {
                failures.push(format!("{} ({}): {what}: {:?}", scenario.place, scenario.id, outcome(report).findings));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The ranks of the errors about the name, in the order of the report.
fn ranks(report: &Report) -> Vec<u16> {
    let errors = findings(report).into_iter().filter(|(_, severity)| *severity == SeverityWord::Error);
    errors.filter_map(|(code, _)| code.rank()).collect()
}

/// The parts of a diagnosis, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Name,
    TrustAndTime,
    Notes,
}

fn group(code: Code) -> Group {
    match code {
        code if code.rank().is_some() => Group::Name,
        Code::PublicSuffixWildcard | Code::UnderscoreLabel => Group::Name,
        Code::HandshakeIncomplete
        | Code::LegacyTls
        | Code::PossessionNotProven
        | Code::PossessionUnverified
        | Code::PossessionFailed
        | Code::TrustedBySystemOnly
        | Code::PrivateIssuer
        | Code::LeafIsAnchor
        | Code::Expired
        | Code::NotYetValid
        | Code::ExpiresSoon => Group::TrustAndTime,
        code if is_about_the_path(code) => Group::TrustAndTime,
        Code::NamesChanged
        | Code::WellKnownIssuer
        | Code::ClientCertificateRequired
        | Code::ClientsDiffer
        | Code::HostHeader => Group::Notes,
        code => panic!("{code}: in which part of a diagnosis does it stand?"),
    }
}

/// Whether a code says why no path leads to an anchor.
fn is_about_the_path(code: Code) -> bool {
    matches!(
        code,
        Code::SelfSigned
            | Code::UnknownIssuer
            | Code::MissingIntermediate
            | Code::WrongUsage
            | Code::NameConstraints
            | Code::UnsupportedSignature
            | Code::BadSignature
    )
}

#[test]
fn every_failure_is_explained() {
    for row in failures::failures() {
        let failure = &row.failure;
        let explained = explain(failure, Again::named(Some("orchard.example")));
        assert_eq!((explained.code, code_of(failure)), (row.code, row.code), "{failure:?}");
        assert_eq!(failure.stage(), row.stage, "{failure:?}");
        for fact in row.facts {
            assert!(explained.message.contains(fact), "{failure:?}: {fact} is not in {:?}", explained.message);
        }
        assert!(!explained.message.contains('\n'), "{failure:?}: {:?}", explained.message);
        assert!(!explained.help.is_empty(), "{failure:?}: nothing to try");
        for help in &explained.help {
            assert!(!help.text.is_empty() && help.add_san.is_none(), "{failure:?}: {help:?}");
        }
    }
}

/// The name of a failure's variant; a new one has to be added here, and to `VARIANTS`.
fn variant(failure: &Failure) -> &'static str {
    match failure {
        Failure::BadTargetLine { .. } => "BadTargetLine",
        Failure::UnreadableFile { .. } => "UnreadableFile",
        Failure::NoSuchHost { .. } => "NoSuchHost",
        Failure::NoMail { .. } => "NoMail",
        Failure::BadExchanger { .. } => "BadExchanger",
        Failure::NoAddress { .. } => "NoAddress",
        Failure::ResolveFailed { .. } => "ResolveFailed",
        Failure::Refused { .. } => "Refused",
        Failure::Unreachable { .. } => "Unreachable",
        Failure::Reset { .. } => "Reset",
        Failure::Timeout { .. } => "Timeout",
        Failure::ToProxy { .. } => "ToProxy",
        Failure::Proxy { .. } => "Proxy",
        Failure::Starttls { .. } => "Starttls",
        Failure::Tls { why, .. } => match why {
            TlsFailure::NotTls { .. } => "NotTls",
            TlsFailure::SniRefused { .. } => "SniRefused",
            TlsFailure::Alert { .. } => "Alert",
            TlsFailure::OutOfReach { .. } => "OutOfReach",
            TlsFailure::Handshake { .. } => "Handshake",
            TlsFailure::MessageTooLarge => "MessageTooLarge",
            TlsFailure::NoCertificate => "NoCertificate",
        },
        Failure::Certificate(why) => match why {
            CertificateFailure::Unreadable(_) => "Unreadable",
            CertificateFailure::TooManyNames { .. } => "TooManyNames",
        },
    }
}

const VARIANTS: usize = 23;

#[test]
fn every_failure_stands_in_the_table() {
    let rows: BTreeSet<&str> = failures::failures().iter().map(|row| variant(&row.failure)).collect();
    assert_eq!(rows.len(), VARIANTS, "{rows:?}");
}

/// A name that is asked for in a command has to be the one that was asked for.
#[test]
fn commands_ask_for_the_same_name() {
    for typed in ["orchard.example", "2001:db8::7", "srv:_ferry.orchard.example", "uri:sip:orchard.example"] {
        let asked = Asked::parse(Typed::new(typed.as_bytes()));
        for (protocol, before, after) in [
            (Plaintext::Smtp, "certcheck '", "@192.0.2.7:8443' --starttls smtp"),
            (Plaintext::PostgreSql, "certcheck '", "@192.0.2.7:8443' --starttls postgres"),
            (Plaintext::Http, "certcheck '", "@192.0.2.7:443'"),
        ] {
            let report = without_certificate(&asked, protocol);
            let help = &report.error.as_ref().unwrap().help;
            let command = help.iter().find_map(|help| help.command.as_deref()).unwrap();
            let name = command.split_once(before).and_then(|(_, rest)| rest.split_once(after)).expect(command).0;
            let again = Asked::parse(Typed::new(name.as_bytes()));
            assert_eq!(again.reference(), asked.reference(), "{typed}: {command}");
        }
    }
}

#[test]
fn commands_take_addresses_in_brackets() {
    let address = Peer::Address("[2001:db8::7]:8080".parse().unwrap());
    for (protocol, name, expected) in [
        (Plaintext::Http, Some("orchard.example"), "certcheck 'orchard.example@[2001:db8::7]:443'"),
        (Plaintext::Http, None, "certcheck '[2001:db8::7]:443'"),
        (Plaintext::Imap, None, "certcheck '[2001:db8::7]:8080' --starttls imap"),
    ] {
        let explained = explain(
            &Failure::Tls { address, why: TlsFailure::NotTls { protocol, first: Shown::default() } },
            Again::named(name),
        );
        assert_eq!(explained.help[0].command.as_ref().map(ToString::to_string).as_deref(), Some(expected));
    }
}

/// What is told about an address by name is told of the scenario with this name.
#[test]
fn addresses_are_told_how_to_connect_by_name() {
    for (id, expected) in [
        ("database-for-an-address", "keep sslmode=verify-full, and name both: host=db1.cluster.example hostaddr="),
        ("plesk-by-address", "if a site behind it is meant: connect by that site's name"),
    ] {
        let (_, report) = REPORTS.iter().find(|(scenario, _)| scenario.id == id).unwrap();
        let help = &report.diagnosis[0].help;
        assert!(help.iter().any(|help| help.text.starts_with(expected)), "{id}: {help:?}");
    }
}

/// The alert is about names: with SNI, the name is refused by a failure of its own.
#[test]
fn a_server_that_refuses_a_hello_without_sni() {
    let address = Peer::Address("192.0.2.7:443".parse().unwrap());
    let failure = Failure::Tls { address, why: TlsFailure::Alert { alert: certcheck::tls::Alert::UNRECOGNIZED_NAME } };
    for (name, expected) in [
        (Some("orchard.example"), "let the client send `orchard.example`"),
        (Some("192.0.2.7"), "connect by a name that it has"),
        (Some("2001:db8::7"), "connect by a name that it has"),
        (Some("srv:_ferry.orchard.example"), "let the client send one"),
        (None, "let the client send one"),
    ] {
        let help = explain(&failure, Again::named(name)).help;
        assert!(help[0].text.ends_with(expected), "{name:?}: {help:?}");
    }
}

/// The command would be the one that was typed.
#[test]
fn plain_http_on_the_port_of_https_has_no_port_to_try_instead() {
    let socket = "192.0.2.7:443".parse().unwrap();
    let address = Peer::Address(socket);
    let failure =
        Failure::Tls { address, why: TlsFailure::NotTls { protocol: Plaintext::Http, first: Shown::default() } };
    let help = explain(&failure, Again::named(Some("orchard.example"))).help;
    assert!(help.iter().all(|help| help.command.is_none() && !help.text.is_empty()), "{help:?}");
}

#[test]
fn without_a_certificate_the_report_is_an_error() {
    let report = without_certificate(&Asked::parse(Typed::new(b"orchard.example")), Plaintext::Http);
    assert_eq!((report.verdict, report.accepted, report.exit_code), (VerdictWord::Error, false, 3));
    assert!(report.diagnosis.is_empty() && report.certificate.is_none() && report.matched.is_none());
    assert_eq!(report.error.unwrap().code, "not-tls");
    assert_eq!(report.connection.unwrap().port, 8443);
    assert_eq!(report.trust.verdict, TrustWord::NotChecked);
    assert_eq!(report.validity.verdict, ValidityWord::NotChecked);
}

fn without_certificate(asked: &Asked, protocol: Plaintext) -> Report {
    let socket = failures::ADDRESS.parse().unwrap();
    let address = Peer::Address(socket);
    let visit = Visited {
        host: Host::Ip([192, 0, 2, 7].into(), None),
        address: Some(socket),
        port: address.port(),
        sni: None,
        exchanger_of: None,
        starttls: None,
        proxy: None,
        attempts: vec![],
        handshake: None,
        elapsed: Duration::from_millis(20),
    };
    let failure = Failure::Tls { address, why: TlsFailure::NotTls { protocol, first: Shown::default() } };
    let seen = Observation { visit: Some(visit), outcome: Err(failure), evidence: Evidence::default(), server: None };
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
        policy: &Policy::default(),
        now: NOW,
    };
    assess(&Shown::new(b"orchard.example:8443"), std::slice::from_ref(asked), &seen, &known).remove(0)
}
