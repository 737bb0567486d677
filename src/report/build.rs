//! From facts and verdicts to a report: every foreign text is escaped here or was before.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;

use super::model::{
    AttemptItem, CertificateItem, ChainItem, Clients, ConfidenceWord, Connection, DiagnosisItem, Drawing, ErrorItem,
    EvidenceItem, HelpItem, Kind, Matched, ObtainedWord, PossessionWord, Reference, ReferenceType, Report, RootsWord,
    SanItem, SanType, SeverityWord, StageWord, TrustItem, TrustWord, ValidityItem, ValidityWord, VerdictWord,
};
use crate::certificate::names::distinguished;
use crate::certificate::{Certificate, SubjectNames};
use crate::clients::{Answer, Answers};
use crate::diagnosis::failure::Explained;
use crate::diagnosis::trust::{code_of, date};
use crate::diagnosis::{Code, Confidence, Finding, Help, Probed, Severity, probed};
use crate::escape::Shown;
use crate::evidence::{Failure, Handshake, Obtained, Possession, Stage, Visited};
use crate::exit::Exit;
use crate::identity::presented::{Described, EntryType, describe};
use crate::identity::{Asked, DnsName, Match, ReferenceId, Verdict};
use crate::policy::days_left;
use crate::trust::{Roots, Time, Trust};

/// How many entries of a subjectAltName a report lists.
pub const LISTED_NAMES: usize = 10_000;

/// The parts of a report that do not depend on how it ended.
#[must_use]
pub fn frame(target: &Shown, asked: Option<&Asked>, roots: Roots) -> Report {
    let references: Vec<Reference> = asked.map(references).unwrap_or_default();
    Report {
        kind: Kind::Check,
        version: 1,
        target: target.as_str().to_owned(),
        server: None,
        reference: references.first().cloned(),
        references,
        verdict: VerdictWord::Error,
        accepted: false,
        exit_code: Exit::NotObtained.code(),
        matched: None,
        diagnosis: Vec::new(),
        error: None,
        connection: None,
        certificate: None,
        chain: Vec::new(),
        chain_total: 0,
        trust: TrustItem { verdict: TrustWord::NotChecked, reason: None, roots: roots_word(roots) },
        validity: ValidityItem { verdict: ValidityWord::NotChecked, reason: None },
        clients: None,
        fixes: Vec::new(),
        drawing: Drawing {
            unicode: asked
                .and_then(Asked::reference)
                .and_then(ReferenceId::dns)
                .and_then(DnsName::unicode)
                .map(Shown::into_string),
            ..Drawing::default()
        },
    }
}

/// All identities of a name that was asked for.
fn references(asked: &Asked) -> Vec<Reference> {
    let typed = asked.typed().shown().into_string();
    match asked {
        Asked::Reference { ids, .. } => ids
            .iter()
            .map(|id| Reference { kind: reference_type(id), value: id.to_string(), typed: typed.clone() })
            .collect(),
        Asked::NotAName { .. } => vec![Reference { kind: ReferenceType::Invalid, value: typed.clone(), typed }],
    }
}

fn reference_type(id: &ReferenceId) -> ReferenceType {
    match id {
        ReferenceId::Dns(_) => ReferenceType::Dns,
        ReferenceId::Ip(_) => ReferenceType::Ip,
        ReferenceId::Srv { .. } => ReferenceType::Srv,
        ReferenceId::Uri { .. } => ReferenceType::Uri,
        ReferenceId::Xmpp(_) => ReferenceType::Xmpp,
    }
}

/// Why there is no verdict.
#[must_use]
pub fn error(failure: &Failure, explained: Explained) -> ErrorItem {
    ErrorItem {
        stage: match failure.stage() {
            Stage::Input => StageWord::Input,
            Stage::Resolve => StageWord::Resolve,
            Stage::Proxy => StageWord::Proxy,
            Stage::Connect => StageWord::Connect,
            Stage::Starttls => StageWord::Starttls,
            Stage::Tls => StageWord::Tls,
            Stage::Certificate => StageWord::Certificate,
        },
        code: explained.code.name().to_owned(),
        message: explained.message,
        help: explained.help.into_iter().map(help).collect(),
        line: match failure {
            Failure::BadTargetLine { number, .. } => Some(*number),
            _ => None,
        },
    }
}

fn help(help: Help) -> HelpItem {
    HelpItem { text: help.text, add_san: help.add_san, command: help.command.map(|command| command.to_string()) }
}

/// Findings, in their order, into the report.
pub fn findings(report: &mut Report, findings: Vec<Finding>) {
    for finding in findings {
        report.drawing.marks.push(finding.marks);
        report.diagnosis.push(DiagnosisItem {
            code: finding.code.name().to_owned(),
            severity: match finding.severity {
                Severity::Error => SeverityWord::Error,
                Severity::Warning => SeverityWord::Warning,
                Severity::Note => SeverityWord::Note,
            },
            confidence: match finding.confidence {
                Confidence::Certain => ConfidenceWord::Certain,
                Confidence::Likely => ConfidenceWord::Likely,
            },
            message: finding.message,
            section: finding.code.section().map(str::to_owned),
            notes: finding.notes,
            help: finding.help.into_iter().map(help).collect(),
            evidence: finding
                .evidence
                .into_iter()
                .map(|seen| EvidenceItem {
                    probe: seen.probe.to_owned(),
                    address: seen.address,
                    sni: seen.sni,
                    fact: seen.fact,
                })
                .collect(),
        });
    }
}

/// Each further question with its answer and its time, in a line.
#[must_use]
pub fn probes(probed: &Probed<'_>, asked: &Asked) -> Vec<String> {
    let line = |answer: &probed::Answer<'_>| {
        let seen = probed.seen(answer, asked);
        let sni = seen.sni.map_or_else(|| "without SNI".to_owned(), |sni| format!("SNI {sni}"));
        let place = seen.address.map(|address| format!(" at {address}")).unwrap_or_default();
        format!("{}{place}, {sni}: {} ({} ms)", seen.probe, seen.fact, answer.probe.elapsed.as_millis())
    };
    let names = probed.names;
    let listed = [
        ("CNAME", &names.aliases[..]),
        ("search list", names.completed.as_slice()),
        ("MX", &names.exchangers),
        ("PTR", &names.pointers),
    ];
    let names = listed.into_iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| {
        let names: Vec<&str> = names.iter().map(DnsName::as_str).collect();
        format!("{what}: {}", names.join(", "))
    });
    probed.answers.iter().map(line).chain(names).collect()
}

/// How the server was reached.
#[must_use]
pub fn connection(visited: &Visited) -> Connection {
    let handshake = visited.handshake.as_ref();
    Connection {
        address: visited.address.map(|a| a.ip().to_string()),
        port: visited.port,
        sni: visited.sni.as_ref().map(ToString::to_string),
        tls_version: handshake.and_then(|h| h.version).map(|version| version.to_string()),
        cipher_suite: handshake.and_then(|h| h.cipher_suite).map(|suite| suite.to_string()),
        key_exchange: handshake.and_then(Handshake::key_exchange_text),
        alpn: None,
        exchanger_of: visited.exchanger_of.as_ref().map(ToString::to_string),
        starttls: visited.starttls.map(|protocol| protocol.name().to_owned()),
        proxy: visited.proxy.as_ref().map(ToString::to_string),
        obtained: handshake.map(|h| match h.obtained {
            Obtained::Handshake => ObtainedWord::Handshake,
            Obtained::OddAlgorithms => ObtainedWord::OddAlgorithms,
            Obtained::PlainHello => ObtainedWord::PlainHello,
        }),
        possession: handshake.map(|h| match h.possession {
            Possession::Proven => PossessionWord::Proven,
            Possession::Unverified(_) | Possession::NotProven => PossessionWord::NotProven,
            Possession::Failed => PossessionWord::Failed,
        }),
        attempts: visited
            .attempts
            .iter()
            .map(|a| AttemptItem { address: a.address.ip().to_string(), error: a.error.clone() })
            .collect(),
        elapsed_ms: u64::try_from(visited.elapsed.as_millis()).unwrap_or(u64::MAX),
    }
}

/// The leaf as a report lists it.
#[must_use]
pub fn certificate(leaf: &Certificate, now: i64) -> CertificateItem {
    let validity = leaf.validity();
    CertificateItem {
        serial: HEXLOWER.encode(&leaf.serial()[..leaf.serial().len().min(64)]),
        not_before: date(validity.not_before),
        not_after: date(validity.not_after),
        days_left: days_left(validity.not_after, now),
        sha256: sha256(leaf.der()),
        public_key: leaf.public_key().to_string(),
        signature_algorithm: leaf.signature_algorithm().to_string(),
        ..names_only(leaf.subject_names())
    }
}

/// A certificate of which only the names are known, as a report lists it.
#[must_use]
pub fn names_only(names: &SubjectNames) -> CertificateItem {
    CertificateItem {
        subject: distinguished(names.subject()).into_string(),
        common_names: names.common_names().map(|a| Shown::short(&a.text()).into_string()).collect(),
        san: names.names().take(LISTED_NAMES).map(|name| san_item(describe(&name))).collect(),
        san_total: names.total_names(),
        issuer: distinguished(names.issuer()).into_string(),
        ..CertificateItem::default()
    }
}

fn san_item(described: Described) -> SanItem {
    SanItem {
        kind: san_type(described.kind),
        value: described.value.into_string(),
        malformed: described.malformed.map(|why| why.to_string()),
    }
}

fn san_type(kind: EntryType) -> SanType {
    match kind {
        EntryType::Dns => SanType::Dns,
        EntryType::Ip => SanType::Ip,
        EntryType::Uri => SanType::Uri,
        EntryType::Email => SanType::Email,
        EntryType::Srv => SanType::Srv,
        EntryType::Xmpp => SanType::Xmpp,
        EntryType::Upn => SanType::Upn,
        EntryType::Dir => SanType::Dir,
        EntryType::Rid => SanType::Rid,
        EntryType::Other => SanType::Other,
    }
}

/// The entry that covers the name.
#[must_use]
pub fn matched(found: &Match, leaf: &SubjectNames) -> Option<Matched> {
    let described = describe(&leaf.names().nth(found.entry)?);
    Some(Matched { kind: san_type(described.kind), value: described.value.into_string() })
}

/// One certificate that came with the leaf; `parsed` where it could be.
#[must_use]
pub fn chain_item(der: &[u8], parsed: Option<&Certificate>) -> ChainItem {
    ChainItem {
        subject: parsed.map(|c| distinguished(c.subject_names().subject()).into_string()),
        issuer: parsed.map(|c| distinguished(c.subject_names().issuer()).into_string()),
        not_before: parsed.map(|c| date(c.validity().not_before)),
        not_after: parsed.map(|c| date(c.validity().not_after)),
        sha256: sha256(der),
    }
}

fn sha256(der: &[u8]) -> String {
    HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, der).as_ref())
}

/// The verdict on the path.
#[must_use]
pub fn trust(trust: &Trust, roots: Roots) -> TrustItem {
    let (verdict, reason) = match trust {
        Trust::Trusted { .. } => (TrustWord::Trusted, None),
        Trust::Untrusted { why } => (TrustWord::Untrusted, Some(code_of(why).name().to_owned())),
        Trust::NotChecked => (TrustWord::NotChecked, None),
    };
    TrustItem { verdict, reason, roots: roots_word(roots) }
}

fn roots_word(roots: Roots) -> RootsWord {
    match roots {
        Roots::Mozilla => RootsWord::Mozilla,
        Roots::System => RootsWord::System,
        Roots::File => RootsWord::File,
    }
}

/// The verdict on the dates.
#[must_use]
pub fn validity(time: &Time, ends_too_soon: Option<Code>) -> ValidityItem {
    let (verdict, reason) = match time {
        Time::InTime => (ValidityWord::InTime, ends_too_soon),
        Time::Expired { .. } => (ValidityWord::Expired, Some(Code::Expired)),
        Time::NotYetValid { .. } => (ValidityWord::NotYetValid, Some(Code::NotYetValid)),
        Time::NotChecked => (ValidityWord::NotChecked, None),
    };
    ValidityItem { verdict, reason: reason.map(|c| c.name().to_owned()) }
}

/// How a verdict is written.
#[must_use]
pub fn verdict_word(verdict: &Verdict) -> VerdictWord {
    match verdict {
        Verdict::Match(_) => VerdictWord::Match,
        Verdict::Mismatch(_) => VerdictWord::Mismatch,
    }
}

/// Why not, of every client that does not accept.
#[must_use]
pub fn reasons(answers: &Answers) -> BTreeMap<&'static str, &'static str> {
    let why = |answer| match answer {
        Answer::Accept => None,
        Answer::Reject(why) | Answer::RefuseName(why) | Answer::Unreadable(why) => Some(why),
    };
    answers.iter().filter_map(|(client, answer)| Some((client.id, why(answer)?))).collect()
}

/// What real clients say; reasons for those that are told.
#[must_use]
pub fn clients(answers: &Answers, told: &[&str]) -> Clients {
    let mut clients = Clients::default();
    for (client, answer) in answers.iter() {
        let (list, reason) = match answer {
            Answer::Accept => (&mut clients.accept, None),
            Answer::Reject(why) => (&mut clients.reject, Some(why)),
            Answer::RefuseName(why) => (&mut clients.refuse_name, Some(why)),
            Answer::Unreadable(why) => (&mut clients.unreadable, Some(why)),
        };
        list.push(client.id);
        if let Some(why) = reason.filter(|_| told.contains(&client.id)) {
            clients.reasons.insert(client.id, why);
        }
    }
    clients
}
