//! Further questions after a name did not match, or after an answer in plain text: each one
//! connection, without retries, by the way on which the check came to its leaf.
//!
//! Two repeats of the question come first and alone: where equal questions get different leaves,
//! nothing can be drawn from what further ones get. The connections of the others are made
//! meanwhile, and hold their hellos until the repeats are answered (`gate.rs`). Where one of them got
//! what the check was to get, it is put again. Where hosts are spared (`--per-host`), each question waits for
//! the answer to the one before, and nothing is connected meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::{join, join_all};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::Instant;

use super::gate::{Gate, Held, gate};
use super::handshake::{Ask, Ended, shake};
use super::legacy::{Answer, plain_hello};
use super::lookup;
use super::recorder::{Proof, Schemes};
use super::visit::{Attempting, Reach};
use super::wire::Wire;
use crate::certificate::{Certificate, SubjectNames};
use crate::evidence::plaintext::Plaintext;
use crate::evidence::{
    Evidence, Failure, Names, Neighbour, Observation, Obtained, Probe, Question, Served, TlsFailure, Visited,
};
use crate::identity::{Asked, DnsName, ReferenceId, covers_name};
use crate::plan::{Pace, Visit};
use crate::target::Host;

/// How many connections are made beside the check's own.
const MOST: usize = 10;
/// How often the question is repeated.
const REPEATS: usize = 2;

/// Asks what may tell why a name does not match, within the time of one attempt; nothing where all match.
pub async fn probe(reach: &Reach, visit: &Visit, seen: &Observation, pace: &Pace) -> Evidence {
    let allowed = pace.timeout;
    match &seen.outcome {
        Ok(served) => match (&seen.visit, mismatched(visit, served)) {
            (Some(visited), Some(name)) => Box::pin(after_mismatch(reach, visit, visited, served, &name, pace)).await,
            _ => Evidence::default(),
        },
        Err(Failure::Tls { why: TlsFailure::NotTls { protocol, .. }, .. }) => {
            let address = seen.visit.as_ref().and_then(|visited| visited.address);
            match neighbour(*protocol, visit.endpoint.port) {
                Some(neighbour) => at_neighbour(reach, visit, address, neighbour, allowed).await,
                None => Evidence::default(),
            }
        }
        Err(_) => Evidence::default(),
    }
}

/// The names asked for that the leaf does not cover.
struct Mismatched<'a> {
    /// All of them, the first first.
    asked: Vec<&'a Asked>,
    /// The first one's identifier.
    id: &'a ReferenceId,
    leaf: Certificate,
}

fn mismatched<'a>(visit: &'a Visit, served: &Served) -> Option<Mismatched<'a>> {
    let leaf = Certificate::from_der(&served.leaf).ok()?;
    let refused = |asked: &&Asked| !covers_name(leaf.subject_names(), asked) && asked.reference().is_some();
    let asked: Vec<&Asked> = visit.names.iter().filter(refused).collect();
    let id = asked.first()?.reference()?;
    Some(Mismatched { asked, id, leaf })
}

/// One question, not yet asked.
#[derive(Clone)]
struct Open {
    question: Question,
    address: Option<SocketAddr>,
    sni: Option<DnsName>,
    schemes: Schemes,
}

async fn after_mismatch(
    reach: &Reach,
    visit: &Visit,
    visited: &Visited,
    served: &Served,
    name: &Mismatched<'_>,
    pace: &Pace,
) -> Evidence {
    let allowed = pace.timeout;
    let attempting = Attempting::new(reach, visit, Instant::now() + allowed, allowed);
    let obtained = visited.handshake.as_ref().map_or(Obtained::Handshake, |h| h.obtained);
    let asking = Asking { attempting: &attempting, visit, obtained };
    let open = |question| Open {
        question,
        address: visited.address,
        sni: visit.sni.clone(),
        schemes: match question {
            Question::Ecdsa => Schemes::Ecdsa,
            Question::Rsa => Schemes::Rsa,
            _ if obtained == Obtained::OddAlgorithms => Schemes::Odd,
            _ => Schemes::Checkable,
        },
    };
    let is_same = |probe: &Probe| !matches!(&probe.answer, Ok(leaf) if *leaf != served.leaf);
    let others = async {
        let mut others = questions(visit, visited, name, obtained, open);
        let space = MOST - REPEATS;
        let addresses = other_addresses(&attempting, visit, visited).await;
        let at = others.iter().position(|o| matches!(o.question, Question::Sibling | Question::Parent));
        let at = at.unwrap_or(others.len());
        let room = space.saturating_sub(at);
        let unasked = addresses.len().saturating_sub(room);
        let by_address =
            addresses.into_iter().map(|address| Open { address: Some(address), ..open(Question::Address) });
        others.splice(at..at, by_address.take(room));
        others.truncate(space);
        (others, unasked)
    };
    let questions = async {
        let (mut probes, unasked) = match pace.per_host {
            None => asking.at_once(open(Question::Repeat), is_same, others).await,
            Some(_) => asking.in_turn(open(Question::Repeat), is_same, others).await,
        };
        if let Some(probe) = unexpected(&probes, name)
            && probes.len() < MOST
        {
            let again = Open { sni: probe.sni.clone(), ..open(probe.question) };
            probes.push(asking.put(again).await);
        }
        (probes, unasked)
    };
    let names = async {
        if attempting.is_direct() { lookup::names(visit, visited, name.id, allowed).await } else { Names::default() }
    };
    let ((probes, unasked), names) = join(Box::pin(questions), Box::pin(names)).await;
    Evidence { probes, unasked, names }
}

/// What is asked at the address of the check, after the repeats; the last two only where there is
/// room.
fn questions(
    visit: &Visit,
    visited: &Visited,
    name: &Mismatched<'_>,
    obtained: Obtained,
    open: impl Fn(Question) -> Open,
) -> Vec<Open> {
    let reference = name.id.sni();
    let mut questions = Vec::new();
    if let Some(reference) = reference
        && visit.sni.as_ref() != Some(reference)
    {
        questions.push(Open { sni: Some(reference.clone()), ..open(Question::Reference) });
    }
    if visit.sni.is_some() {
        questions.push(Open { sni: None, ..open(Question::NoSni) });
    }
    if let Some(sni) = impossible() {
        questions.push(Open { sni: Some(sni), ..open(Question::Impossible) });
    }
    // One handshake may have been for several names.
    for other in name.asked.iter().filter_map(|asked| asked.reference()?.sni()) {
        let is_asked = visit.sni.as_ref() == Some(other)
            || questions.iter().any(|open| open.question == Question::Reference && open.sni.as_ref() == Some(other));
        if !is_asked {
            questions.push(Open { sni: Some(other.clone()), ..open(Question::Reference) });
        }
    }
    if obtained == Obtained::Handshake {
        questions.push(open(Question::Ecdsa));
        questions.push(open(Question::Rsa));
    }
    if visited.exchanger_of.is_none()
        && let Some(reference) = reference
    {
        if let Some(sibling) = sibling(reference) {
            questions.push(Open { sni: Some(sibling), ..open(Question::Sibling) });
        }
        if let Some(parent) = covered_parent(reference, name.leaf.subject_names()) {
            questions.push(Open { sni: Some(parent), ..open(Question::Parent) });
        }
    }
    questions
}

/// The first question at the check's own address that got what covers the name. Either the server goes
/// by what was different in it, or the answer is another server's behind that address: the same once
/// more tells.
fn unexpected<'p>(probes: &'p [Probe], name: &Mismatched<'_>) -> Option<&'p Probe> {
    let covers = |probe: &&Probe| {
        let leaf = probe.answer.as_ref().ok().and_then(|der| Certificate::from_der(der).ok());
        leaf.is_some_and(|leaf| name.asked.iter().any(|asked| covers_name(leaf.subject_names(), asked)))
    };
    let is_other =
        |probe: &&Probe| !matches!(probe.question, Question::Repeat | Question::Address | Question::Neighbour(_));
    probes.iter().filter(is_other).find(covers)
}

/// A name of which nobody can have a certificate (RFC 6761, 6.4), and which nobody was asked for yet.
fn impossible() -> Option<DnsName> {
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).ok()?;
    DnsName::parse(&format!("certcheck-{}.invalid", data_encoding::HEXLOWER.encode(&random))).ok()
}

/// The `www.` name of a domain, or the domain of a `www.` name.
fn sibling(name: &DnsName) -> Option<DnsName> {
    let text = name.as_str();
    let other = text.strip_prefix("www.").map_or_else(|| format!("www.{text}"), str::to_owned);
    DnsName::parse(&other).ok().filter(|other| other.as_str().contains('.'))
}

/// The longest name above a name that the leaf covers.
fn covered_parent(name: &DnsName, leaf: &SubjectNames) -> Option<DnsName> {
    let mut rest = name.as_str();
    while let Some((_, parent)) = rest.split_once('.') {
        let asked = Asked::parse(crate::identity::Typed::new(parent.as_bytes()));
        if parent.contains('.') && covers_name(leaf, &asked) {
            return DnsName::parse(parent).ok();
        }
        rest = parent;
    }
    None
}

/// The host's addresses but the one of the check and those that failed there; one of the other
/// family first.
async fn other_addresses(attempting: &Attempting<'_>, visit: &Visit, visited: &Visited) -> Vec<SocketAddr> {
    if !attempting.is_direct() || !matches!(visit.endpoint.host, Host::Name { .. }) {
        return Vec::new();
    }
    let mut addresses = attempting.addresses().await.unwrap_or_default();
    addresses.retain(|address| {
        Some(*address) != visited.address
            && !visited.attempts.iter().any(|a| a.address == *address && a.error != super::connect::OUTRUN)
    });
    let is_v4 = visited.address.is_some_and(|address| address.is_ipv4());
    if let Some(other) = addresses.iter().position(|address| address.is_ipv4() != is_v4) {
        addresses[..=other].rotate_right(1);
    }
    addresses
}

/// What all questions share.
struct Asking<'a> {
    attempting: &'a Attempting<'a>,
    visit: &'a Visit,
    obtained: Obtained,
}

/// A question whose connection was made, or was not.
struct Begun {
    open: Open,
    wire: Result<(super::visit::Way, Wire), Failure>,
    elapsed: Duration,
}

impl Asking<'_> {
    /// The question of the check so often again; where the answers are the same, the others, whose connections
    /// are made meanwhile. With it how many addresses were left out.
    async fn at_once(
        &self,
        repeat: Open,
        is_same: impl Fn(&Probe) -> bool,
        others: impl Future<Output = (Vec<Open>, usize)>,
    ) -> (Vec<Probe>, usize) {
        let begun = join_all((0..REPEATS).map(|_| self.begin(repeat.clone()))).await;
        let (let_go, gate) = gate();
        let repeats = async {
            let repeats = join_all(begun.into_iter().map(|begun| self.finish(begun, None))).await;
            if repeats.iter().all(is_same) {
                let_go.open();
            }
            repeats
        };
        let others = async {
            let (others, unasked) = others.await;
            let each = others.into_iter().map(async |question| {
                let begun = self.begin(question).await;
                self.finish(begun, Some(gate.clone())).await
            });
            (join_all(each).await, unasked)
        };
        let (mut probes, (others, unasked)) = join(repeats, others).await;
        // Those that were held back were never asked.
        if !gate.is_open() {
            return (probes, 0);
        }
        probes.extend(others);
        (probes, unasked)
    }

    /// The same one after the other, until time is up.
    async fn in_turn(
        &self,
        repeat: Open,
        is_same: impl Fn(&Probe) -> bool,
        others: impl Future<Output = (Vec<Open>, usize)>,
    ) -> (Vec<Probe>, usize) {
        let mut probes = Vec::new();
        for _ in 0..REPEATS {
            probes.push(self.put(repeat.clone()).await);
        }
        if !probes.iter().all(is_same) {
            return (probes, 0);
        }
        let (others, mut unasked) = others.await;
        for question in others {
            if !self.attempting.is_over() {
                probes.push(self.put(question).await);
            } else if question.question == Question::Address {
                unasked += 1;
            }
        }
        (probes, unasked)
    }

    async fn put(&self, open: Open) -> Probe {
        let begun = self.begin(open).await;
        self.finish(begun, None).await
    }

    async fn begin(&self, open: Open) -> Begun {
        let start = Instant::now();
        let wire = self.attempting.open(open.address).await;
        Begun { open, wire, elapsed: start.elapsed() }
    }

    async fn finish(&self, begun: Begun, gate: Option<Gate>) -> Probe {
        let Begun { open, wire, elapsed } = begun;
        let start = Instant::now();
        let answer = match wire {
            Ok((way, wire)) => {
                let wire = match &gate {
                    Some(gate) => Box::new(Held::new(wire, gate.clone())) as Wire,
                    None => wire,
                };
                self.leaf(&open, way, wire).await
            }
            Err(failure) => Err(failure),
        };
        let asked = gate.and_then(|gate| gate.opened()).map_or(start, |opened| opened.max(start));
        let Open { question, address, sni, .. } = open;
        Probe { question, address, port: self.visit.endpoint.port, sni, answer, elapsed: elapsed + asked.elapsed() }
    }

    async fn leaf(&self, open: &Open, way: super::visit::Way, wire: Wire) -> Result<Vec<u8>, Failure> {
        let ask = Ask { proof: Proof::NotAsked, ..self.attempting.ask(&way, open.sni.as_ref(), open.schemes) };
        let alert = |alert| Failure::Tls { address: ask.peer, why: TlsFailure::Alert { alert } };
        if self.obtained == Obtained::PlainHello {
            return match plain_hello(wire, open.sni.as_ref(), ask.time.0).await {
                Answer::Leaf(found) => Ok(found.0.leaf),
                Answer::Alert(why) => Err(alert(why)),
                Answer::TooLarge => Err(Failure::Tls { address: ask.peer, why: TlsFailure::MessageTooLarge }),
                Answer::Nothing => Err(Failure::Tls { address: ask.peer, why: TlsFailure::NoCertificate }),
            };
        }
        match shake(self.attempting.tls(), wire, ask).await {
            Ended::Leaf(found) => Ok(found.0.leaf),
            Ended::Alert(why) => Err(alert(why)),
            Ended::Failed(failure) => Err(failure),
        }
    }
}

/// Where a server that answers in plain text may speak TLS.
fn neighbour(protocol: Plaintext, port: u16) -> Option<Neighbour> {
    match (protocol.starttls(), protocol) {
        (Some(starttls), _) => Some(Neighbour::Starttls(starttls)),
        (None, Plaintext::Http) if port != 443 => Some(Neighbour::Port(443)),
        _ => None,
    }
}

async fn at_neighbour(
    reach: &Reach,
    visit: &Visit,
    address: Option<SocketAddr>,
    neighbour: Neighbour,
    allowed: Duration,
) -> Evidence {
    let mut visit = visit.clone();
    let mut address = address;
    match neighbour {
        Neighbour::Starttls(protocol) => visit.starttls = Some(protocol),
        Neighbour::Port(port) => {
            visit.endpoint.port = port;
            if let Some(address) = address.as_mut() {
                address.set_port(port);
            }
        }
    }
    let attempting = Attempting::new(reach, &visit, Instant::now() + allowed, allowed);
    let asking = Asking { attempting: &attempting, visit: &visit, obtained: Obtained::Handshake };
    let open =
        Open { question: Question::Neighbour(neighbour), address, sni: visit.sni.clone(), schemes: Schemes::Checkable };
    let probe = asking.put(open).await;
    Evidence { probes: vec![probe], ..Evidence::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::NameKind;

    fn name(text: &str) -> DnsName {
        DnsName::parse(text).unwrap()
    }

    #[test]
    fn siblings_and_parents() {
        for (of, other) in [("www.a.test", Some("a.test")), ("a.test", Some("www.a.test")), ("www.localhost", None)] {
            assert_eq!(sibling(&name(of)).as_ref().map(DnsName::as_str), other, "{of}");
        }
        let leaf = SubjectNames::of(&[(NameKind::Dns, b"*.a.test".to_vec()), (NameKind::Dns, b"test".to_vec())]);
        for (of, parent) in [("x.y.a.test", Some("y.a.test")), ("y.a.test", None), ("x.test", None)] {
            assert_eq!(covered_parent(&name(of), &leaf).as_ref().map(DnsName::as_str), parent, "{of}");
        }
    }

    #[test]
    fn impossible_names_are_new_each_time() {
        let (one, other) = (impossible().unwrap(), impossible().unwrap());
        assert!(one.as_str().ends_with(".invalid") && one != other);
    }
}
