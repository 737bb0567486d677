//! What the server serves to whom: findings that rest on further questions. Where equal questions
//! got different certificates, only that is told.

use std::net::SocketAddr;

use super::code::{Code, Severity};
use super::facts::Facts;
use super::probed::{Answer, Probed, Seen};
use super::{Finding, again};
use crate::data::wellknown::{Class, find};
use crate::escape::Shown;
use crate::evidence::Question;
use crate::identity::{DnsName, covers_name};

/// The issuer is an interception product's, or a name that cannot exist got a certificate of its own.
pub fn intercepted(facts: &Facts<'_>) -> Option<Finding> {
    let minted = facts.probed.and_then(|probed| {
        let answer = probed.steadily(Question::Impossible).find(|answer| answer.is_minted())?;
        Some(probed.seen(answer, facts.asked))
    });
    let product = find(facts.leaf, Class::Interception).map(|known| known.product);
    let finding = match (&minted, product) {
        (Some(_), Some(product)) => Finding::new(
            Code::Intercepted,
            format!("the connection is intercepted by {product}, which makes a certificate for every name"),
        ),
        (Some(_), None) => Finding::new(
            Code::Intercepted,
            "the connection is intercepted: a name that cannot exist got a certificate made for it",
        ),
        (None, Some(product)) => Finding::new(
            Code::Intercepted,
            format!("the issuer is {product}, which inspects TLS: this is not the server's own certificate"),
        )
        .likely(),
        (None, None) => return None,
    };
    Some(
        finding
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.6)")
            .resting_on(minted)
            .help("in a network with a login page: log in, then try again")
            .help("behind an inspecting proxy: its administrator has to exempt this name, or issue for it")
            .help("to see the server's own certificate, check it from outside that network"),
    )
}

/// The check sent no SNI, or another one, and with the name as SNI the right certificate comes.
pub fn sni_required(facts: &Facts<'_>) -> Option<Finding> {
    let (probed, name) = (facts.probed?, facts.sni()?);
    let answer = probed.steadily(Question::Reference).find(|answer| answer.was_asked_under(name))?;
    if !answer.covers(facts.asked) {
        return None;
    }
    let sent = match &probed.visited.sni {
        None => "without SNI".to_owned(),
        Some(other) => format!("under the SNI `{other}`"),
    };
    Some(
        Finding::new(
            Code::SniRequired,
            format!("{sent} this certificate comes; under the SNI `{name}` one that is valid for it"),
        )
        .note("the server chooses its certificate by the name in the hello (RFC 6066, 3)")
        .resting_on([probed.check(facts.asked), probed.seen(answer, facts.asked)])
        .help(format!("let the client send `{name}` as SNI, as every current one does by itself"))
        .help("for clients that cannot, make this certificate the server's default"),
    )
}

/// An address of the host, and whether it serves a certificate that covers the name.
struct At<'a> {
    address: SocketAddr,
    covers: bool,
    answer: Option<&'a Answer<'a>>,
}

/// All addresses that gave a certificate, the check's own first.
fn addresses<'a>(facts: &Facts<'_>, probed: &'a Probed<'a>) -> Vec<At<'a>> {
    let own = probed.visited.address.map(|address| At {
        address,
        covers: covers_name(facts.leaf, facts.asked),
        answer: None,
    });
    let others = probed.steadily(Question::Address).filter(|answer| answer.leaf.is_some()).filter_map(|answer| {
        Some(At { address: answer.probe.address?, covers: answer.covers(facts.asked), answer: Some(answer) })
    });
    own.into_iter().chain(others).collect()
}

fn seen_at(facts: &Facts<'_>, probed: &Probed<'_>, all: &[At<'_>]) -> Vec<Seen> {
    let each = all.iter().map(|at| match at.answer {
        Some(answer) => probed.seen(answer, facts.asked),
        None => probed.check(facts.asked),
    });
    each.collect()
}

/// Whether all addresses of one family serve what covers the name, and none of the other.
fn family_line(all: &[At<'_>]) -> Option<bool> {
    let (v4, v6): (Vec<&At<'_>>, Vec<&At<'_>>) = all.iter().partition(|at| at.address.is_ipv4());
    let good = |of: &[&At<'_>]| !of.is_empty() && of.iter().all(|at| at.covers);
    let bad = |of: &[&At<'_>]| !of.is_empty() && of.iter().all(|at| !at.covers);
    match () {
        () if good(&v4) && bad(&v6) => Some(true),
        () if bad(&v4) && good(&v6) => Some(false),
        () => None,
    }
}

/// One family's addresses serve a certificate that covers the name, the other's do not.
pub fn family_differs(facts: &Facts<'_>) -> Option<Finding> {
    let probed = facts.probed?;
    let all = addresses(facts, probed);
    let v4_is_right = family_line(&all)?;
    let (right, wrong, record) = if v4_is_right { ("IPv4", "IPv6", "AAAA") } else { ("IPv6", "IPv4", "A") };
    Some(
        Finding::new(
            Code::FamilyDiffers,
            format!("over {right} the certificate is valid for the name, over {wrong} another one is served"),
        )
        .note("the two addresses lead to different servers, or to different configurations of one")
        .resting_on(seen_at(facts, probed, &all))
        .help(format!("serve the same certificate over {wrong}: {}", list(&all, |at| !at.covers)))
        .help(format!("or correct the {record} record of the name")),
    )
}

/// Another address of the host serves a certificate that covers the name; not where the line runs
/// between the families, which `family_differs` tells.
pub fn address_differs(facts: &Facts<'_>) -> Option<Finding> {
    let probed = facts.probed?;
    let all = addresses(facts, probed);
    let right = all.iter().filter(|at| at.covers).count();
    if right == 0 || family_line(&all).is_some() {
        return None;
    }
    Some(
        Finding::new(
            Code::AddressDiffers,
            format!(
                "{right} of {} addresses of the host {} a certificate that is valid for the name",
                all.len(),
                if right == 1 { "serves" } else { "serve" }
            ),
        )
        .note(format!("valid at {}", list(&all, |at| at.covers)))
        .note(format!("not valid at {}", list(&all, |at| !at.covers)))
        .resting_on(seen_at(facts, probed, &all))
        .help(format!("serve the right certificate at {} too", list(&all, |at| !at.covers)))
        .help("or take those addresses out of the name's records"),
    )
}

fn list(all: &[At<'_>], wanted: impl Fn(&At<'_>) -> bool) -> String {
    let texts: Vec<String> = all.iter().filter(|at| wanted(at)).map(|at| at.address.ip().to_string()).collect();
    texts.join(", ")
}

/// The same question at the same address got a certificate that covers the name: the check's own, or
/// a further one that was put twice.
pub fn node_differs(facts: &Facts<'_>) -> Option<Finding> {
    let probed = facts.probed?;
    let asked = probed.to_equal().filter(|answer| answer.leaf.is_some()).count();
    let right = probed.to_equal().filter(|answer| answer.covers(facts.asked)).count();
    let (right, asked, seen, sni) = if right > 0 {
        (right, asked + 1, repeats(facts, probed), &probed.visited.sni)
    } else {
        let twice = probed.contradiction()?;
        let right = twice.iter().filter(|answer| answer.covers(facts.asked)).count();
        let sni = &twice[0].probe.sni;
        (right, twice.len(), twice.map(|answer| probed.seen(answer, facts.asked)).to_vec(), sni)
    };
    if right == 0 {
        return None;
    }
    let message = format!("equal questions get different certificates: {right} of {asked} are valid for the name");
    let finding = node(message, seen)
        .help("several servers stand behind this address: bring the right certificate to each, and reload it");
    Some(match facts.reference() {
        Some(id) => {
            finding.command("to see how often each answers, ask again", again::again(id, probed.visited, sni.as_ref()))
        }
        None => finding,
    })
}

/// The check and its repeats.
fn repeats(facts: &Facts<'_>, probed: &Probed<'_>) -> Vec<Seen> {
    let repeats = probed.to_equal().map(|answer| probed.seen(answer, facts.asked));
    std::iter::once(probed.check(facts.asked)).chain(repeats).collect()
}

fn node(message: String, seen: Vec<Seen>) -> Finding {
    Finding::new(Code::NodeDiffers, message)
        .note("nothing else is concluded from what this server serves to whom")
        .resting_on(seen)
}

/// One certificate for ECDSA, another for RSA, and one of them covers the name.
pub fn key_type_differs(facts: &Facts<'_>) -> Option<Finding> {
    let probed = facts.probed?;
    let of = |question| probed.steadily(question).find(|answer| answer.leaf.is_some());
    let (ecdsa, rsa) = (of(Question::Ecdsa)?, of(Question::Rsa)?);
    let (right, wrong) = match (ecdsa.covers(facts.asked), rsa.covers(facts.asked)) {
        (true, false) => ("ECDSA", "RSA"),
        (false, true) => ("RSA", "ECDSA"),
        _ => return None,
    };
    let article = |kind: &str| if kind == "RSA" { "an RSA" } else { "an ECDSA" };
    let finding = Finding::new(
        Code::KeyTypeDiffers,
        format!("the server has two certificates: the {right} one is valid for the name, the {wrong} one is not"),
    )
    .note("which of them a client gets depends on the signatures that it offers")
    .resting_on([probed.seen(ecdsa, facts.asked), probed.seen(rsa, facts.asked)]);
    Some(match facts.reference() {
        Some(id) => finding.add(format!("reissue {} certificate with the same names", article(wrong)), id.as_entry()),
        None => finding,
    })
}

/// No SNI, one that cannot exist and the name itself all get one certificate, and no question but those
/// under another name got one that covers it.
pub fn default_certificate(facts: &Facts<'_>) -> Option<Finding> {
    let (probed, name) = (facts.probed?, facts.sni()?);
    let is_of_another = |answer: &Answer<'_>| matches!(answer.probe.question, Question::Sibling | Question::Parent);
    if probed.answers.iter().any(|answer| answer.covers(facts.asked) && !is_of_another(answer)) {
        return None;
    }
    // Each of the three is the check's own question, or a probe's.
    let same = |question| probed.steadily(question).find(|answer| probed.is_same(answer));
    let sent = probed.visited.sni.as_ref();
    let impossible = same(Question::Impossible)?;
    let without = if sent.is_none() { None } else { Some(same(Question::NoSni)?) };
    let reference = if sent == Some(name) {
        None
    } else {
        Some(same(Question::Reference).filter(|answer| answer.was_asked_under(name))?)
    };
    let probes = [reference, without, Some(impossible)].into_iter().flatten();
    let mut seen = vec![probed.check(facts.asked)];
    seen.extend(probes.map(|answer| probed.seen(answer, facts.asked)));
    let place = again::place(probed.visited);
    let entry = format!("DNS:{name}");
    let finding = if bound(facts, probed).is_some() {
        // Which one, and under which name, is told by `bound_to_another`.
        let message = format!("the server serves its default certificate, since none is bound to `{name}`");
        Finding::new(Code::DefaultCertificate, message).add("or bind another one that holds the name", entry)
    } else {
        let message =
            format!("for names that it does not know, the server serves this certificate; it has none for `{name}`");
        Finding::new(Code::DefaultCertificate, message)
            .add(format!("if {place} is the right server: bind a certificate for `{name}` to that name there"), entry)
            .help(format!(
                "if it is the wrong one: correct the address that `{name}` leads to (DNS, hosts file, proxy)"
            ))
    };
    Some(
        finding
            .likely()
            .note("no SNI, one that cannot exist and the name itself all get the same certificate (RFC 9525, 6.6)")
            .resting_on(seen),
    )
}

/// Certificates differ from address to address or from one question to the next, and none of them
/// covers the name.
pub fn notes(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(probed) = facts.probed else { return Vec::new() };
    let mut notes = Vec::new();
    let all = addresses(facts, probed);
    let differ = probed.steadily(Question::Address).any(|answer| probed.differs(answer));
    if differ && all.iter().all(|at| !at.covers) {
        notes.push(as_note(
            Finding::new(
                Code::AddressDiffers,
                format!(
                    "the {} addresses of the host serve different certificates, none valid for the name",
                    all.len()
                ),
            )
            .resting_on(seen_at(facts, probed, &all)),
        ));
    }
    if !probed.is_steady() && node_differs(facts).is_none() {
        let message = "equal questions get different certificates, none valid for the name".to_owned();
        notes.push(as_note(node(message, repeats(facts, probed))));
    }
    notes
}

/// The name matches here; where all addresses were asked, another one serves another certificate.
#[must_use]
pub fn differs_elsewhere(facts: &Facts<'_>) -> Option<Finding> {
    let probed = facts.probed?;
    if !probed.steadily(Question::Address).any(|answer| probed.differs(answer)) {
        return None;
    }
    let all = addresses(facts, probed);
    let mut finding = Finding::new(
        Code::AddressDiffers,
        format!("the {} addresses of the host serve different certificates", all.len()),
    )
    .note(format!("valid for the name at {}", list(&all, |at| at.covers)));
    if all.iter().any(|at| !at.covers) {
        finding = finding.note(format!("not valid for it at {}", list(&all, |at| !at.covers)));
    }
    Some(as_note(finding.resting_on(seen_at(facts, probed, &all))))
}

/// That more addresses may serve yet other certificates.
#[must_use]
pub fn unasked(facts: &Facts<'_>) -> Option<String> {
    match facts.probed?.unasked {
        0 => None,
        1 => Some("one more address of the host was not asked".to_owned()),
        n => Some(format!("{n} more addresses of the host were not asked")),
    }
}

fn as_note(mut finding: Finding) -> Finding {
    finding.severity = Severity::Note;
    finding
}

/// The answer under another name, or under none, that covers the name that was asked for.
fn bound<'a>(facts: &Facts<'_>, probed: &'a Probed<'a>) -> Option<&'a Answer<'a>> {
    let questions = [Question::Sibling, Question::Parent, Question::NoSni];
    questions.into_iter().flat_map(|question| probed.steadily(question)).find(|answer| answer.covers(facts.asked))
}

/// What the answers to the sibling's and the parent's name say about the name that was asked for:
/// the certificate is there, and bound to another name.
#[must_use]
pub fn bound_to_another(facts: &Facts<'_>) -> Option<(String, Seen)> {
    let probed = facts.probed?;
    let answer = bound(facts, probed)?;
    let under = answer.probe.sni.as_ref().map_or_else(
        || "without SNI".to_owned(),
        |sni: &DnsName| format!("under `{}`", Shown::new(sni.as_str().as_bytes())),
    );
    let id = facts.reference()?;
    let text =
        format!("the server has a certificate that is valid for `{id}`, and serves it {under}: bind it to `{id}` too");
    Some((text, probed.seen(answer, facts.asked)))
}
