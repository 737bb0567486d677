//! `--explain WHAT`: a code of ours, or an error text of a client's.

use std::net::IpAddr;

use super::recognise::{Recognised, recognise};
use crate::certificate::names::ip_entry;
use crate::certificate::{NameKind, SubjectNames};
use crate::clients::Answers;
use crate::data::examples;
use crate::diagnosis::{Code, Facts, matched, precedence};
use crate::escape::Shown;
use crate::identity::{Asked, ReferenceId, Typed, Verdict, evaluate};
use crate::report::Report;
use crate::report::build;
use crate::report::explanation::{Explanation, Side};
use crate::report::model::VerdictWord;
use crate::trust::Roots;

/// Explains a code or a text.
///
/// None where it is neither.
#[must_use]
pub fn explain(what: &str) -> Option<Explanation> {
    let word = what.trim();
    match Code::ALL.iter().find(|code| code.name() == word) {
        Some(code) => Some(of_code(*code)),
        None => recognise(what).map(|found| of_text(&found)),
    }
}

fn of_code(code: Code) -> Explanation {
    let example = examples::find(code.name()).and_then(|example| case(example.name, &example.names()));
    Explanation {
        heading: format!("{code}: {}", code.summary()),
        identifier: Some(code.name().to_owned()),
        text: vec![code.explanation().to_owned()],
        section: code.section(),
        sides: sides(example.as_ref()),
        ..with(example)
    }
}

fn of_text(found: &Recognised) -> Explanation {
    let error = found.error;
    let wanted = found.wanted.as_deref();
    let heading = match wanted {
        Some(name) => format!("{}: the certificate is not valid for '{}'", error.client, Shown::short(name.as_bytes())),
        None => format!("{}: the certificate is not valid for the name that was asked for", error.client),
    };
    let mut text: Vec<String> = error.note.map(str::to_owned).into_iter().collect();
    if let Some(name) = &found.common_name {
        let name = Shown::short(name.as_bytes());
        text.push(format!("the certificate's common name is `{name}`; it is no name that clients should compare"));
    }
    let case = wanted.and_then(|name| case(name, &found.presented));
    let server = found.server.as_deref().and_then(host);
    let name = wanted.and_then(host);
    if let (Some(server), Some(name)) = (&server, &name)
        && server != name
    {
        text.push(format!("the client connected to `{server}`, and wanted a certificate for `{name}`"));
    }
    let before = found.before.as_deref().and_then(host).filter(|_| error.scheme.is_none());
    if let Some(host) = &before {
        text.push(format!("the error does not say which name; the URL before it is of `{host}`"));
    }
    // A name that is none is not left out of the command: then there is none.
    let target = if name.is_some() == wanted.is_some() { target(name, server.or(before), found) } else { None };
    let command = target.map(|target| {
        let client = error.id.map_or_else(String::new, |id| format!(" --clients {id}"));
        format!("certcheck {target}{client}")
    });
    Explanation {
        heading,
        client: Some(error.client.to_owned()),
        identifier: error.identifier.map(str::to_owned),
        wanted: wanted.map(|name| Shown::short(name.as_bytes()).into_string()),
        presented: found.presented.iter().map(|name| Shown::short(name.as_bytes()).into_string()).collect(),
        text,
        command,
        ..with(case)
    }
}

/// What a text calls a host; none where it is no DNS name and no address.
fn host(text: &str) -> Option<ReferenceId> {
    Asked::parse(Typed::new(text.as_bytes()))
        .reference()
        .filter(|id| matches!(id, ReferenceId::Dns(_) | ReferenceId::Ip(_)))
        .cloned()
}

/// The server that the text is about and the name to check there, as the command line takes them; none
/// where the text has neither.
fn target(name: Option<ReferenceId>, server: Option<ReferenceId>, found: &Recognised) -> Option<String> {
    let (place, name) = match (name, server) {
        (Some(name), Some(server)) if name != server => (server, Some(name)),
        (Some(host), _) | (None, Some(host)) => (host, None),
        (None, None) => return None,
    };
    let port = found.port.map_or_else(String::new, |port| format!(":{port}"));
    let place = match place {
        ReferenceId::Ip(IpAddr::V6(ip)) if found.error.scheme.is_some() || !port.is_empty() => format!("[{ip}]{port}"),
        host => format!("{host}{port}"),
    };
    Some(match (found.error.scheme, name) {
        (None, None) => format!("'{place}'"),
        (None, Some(name)) => format!("'{name}@{place}'"),
        (Some(scheme), None) => format!("'{scheme}://{place}'"),
        // In a URL a login stands before the `@`.
        (Some(scheme), Some(name)) => format!("'{scheme}://{place}' --name '{name}'"),
    })
}

/// A name, the names of a certificate, and what follows from them.
struct Case {
    report: Report,
    answers: Answers,
}

/// None where the certificate's names are not known.
fn case(name: &str, presented: &[String]) -> Option<Case> {
    if presented.is_empty() {
        return None;
    }
    let asked = Asked::parse(Typed::new(name.as_bytes()));
    let names: Vec<(NameKind, Vec<u8>)> = presented.iter().map(|name| general_name(name)).collect();
    let leaf = SubjectNames::of(&names);
    let answers = Answers::of(name.as_bytes(), &leaf);
    let mut report = build::frame(&Shown::short(name.as_bytes()), Some(&asked), Roots::Mozilla);
    let verdict = evaluate(&asked, &leaf);
    let findings = match &verdict {
        Verdict::Mismatch(_) => precedence::mismatch(&Facts::new(&asked, &leaf, &answers)),
        Verdict::Match(found) => matched::matched(found, &leaf, &answers),
    };
    report.verdict = build::verdict_word(&verdict);
    report.certificate = Some(build::names_only(&leaf));
    report.drawing.total_names = leaf.total_names();
    build::findings(&mut report, findings);
    Some(Case { report, answers })
}

fn general_name(text: &str) -> (NameKind, Vec<u8>) {
    let text = match text.strip_prefix("DNS:") {
        Some(name) => return (NameKind::Dns, name.as_bytes().to_vec()),
        None => text,
    };
    text.parse().map_or_else(|_| (NameKind::Dns, text.as_bytes().to_vec()), ip_entry)
}

fn with(case: Option<Case>) -> Explanation {
    let Some(Case { report, .. }) = case else { return Explanation::default() };
    let covered = report.verdict == VerdictWord::Match;
    Explanation {
        wanted: report.reference.as_ref().map(|reference| reference.typed.clone()),
        presented: report
            .certificate
            .iter()
            .flat_map(|certificate| certificate.san.iter().map(|item| item.value.clone()))
            .collect(),
        findings: report.diagnosis.clone(),
        covered,
        example: Some(Box::new(report)),
        ..Explanation::default()
    }
}

/// Which clients accept an example, and which do not.
fn sides(case: Option<&Case>) -> Option<Side> {
    let answers = &case?.answers;
    let (accepting, others): (Vec<_>, Vec<_>) = (answers.accepting().collect(), answers.others().collect());
    Some(Side { accepting, others })
}
