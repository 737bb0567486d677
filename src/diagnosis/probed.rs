//! What further questions found out, with each answer's certificate parsed once.

use crate::certificate::{Certificate, PublicKey, SubjectNames};
use crate::diagnosis::Again;
use crate::diagnosis::failure::explain;
use crate::escape::Shown;
use crate::evidence::{Evidence, Names, Probe, Question, Visited};
use crate::identity::presented::describe;
use crate::identity::{Asked, DnsName, covers_name};

/// How many names of a certificate an answer is told by.
const LISTED: usize = 2;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The question, and what came.
    pub probe: &'a Probe,
    /// The leaf that came, where it can be read.
    pub leaf: Option<Certificate>,
}

/// All that was found out.
#[derive(Clone, Debug)]
pub struct Probed<'a> {
    /// How the check itself reached the server.
    pub visited: &'a Visited,
    /// Its leaf.
    pub leaf: &'a Certificate,
    /// The answers to the further questions.
    pub answers: Vec<Answer<'a>>,
    /// How many addresses of the host were left unasked.
    pub unasked: usize,
    /// What DNS says.
    pub names: &'a Names,
}

/// What was seen that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which question; `check` is the check's own.
    pub probe: &'static str,
    /// The address that was asked.
    pub address: Option<String>,
    /// The name sent as SNI.
    pub sni: Option<String>,
    /// What came.
    pub fact: String,
}

impl<'a> Probed<'a> {
    /// Parses the answers' certificates.
    #[must_use]
    pub fn new(visited: &'a Visited, leaf: &'a Certificate, evidence: &'a Evidence) -> Self {
        let answers = evidence.probes.iter().map(|probe| Answer {
            probe,
            leaf: probe.answer.as_ref().ok().and_then(|der| Certificate::from_der(der).ok()),
        });
        Self { visited, leaf, answers: answers.collect(), unasked: evidence.unasked, names: &evidence.names }
    }

    /// The answers to one question.
    pub fn to(&self, question: Question) -> impl Iterator<Item = &Answer<'a>> {
        self.answers.iter().filter(move |answer| answer.probe.question == question)
    }

    /// Whether equal questions got equal answers, as far as any came; where they did not, nothing
    /// follows from the other answers.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        !self.to_equal().any(|answer| self.differs(answer)) && self.contradiction().is_none()
    }

    /// The answers to questions that a server has no reason to answer otherwise than the check's: the
    /// repeats, and the one that offers signatures of the kind alone that the check's leaf has.
    pub fn to_equal(&self) -> impl Iterator<Item = &Answer<'a>> {
        self.answers.iter().filter(|answer| match answer.probe.question {
            Question::Repeat => true,
            Question::Ecdsa => matches!(self.leaf.public_key(), PublicKey::Ec(_)),
            Question::Rsa => matches!(self.leaf.public_key(), PublicKey::Rsa { .. }),
            _ => false,
        })
    }

    /// Two answers to one further question that was put twice, where certificates with other names came.
    #[must_use]
    pub fn contradiction(&self) -> Option<[&Answer<'a>; 2]> {
        self.answers.iter().enumerate().find_map(|(at, one)| {
            let again = self.answers.iter().skip(at + 1).find(|other| one.is_contradicted_by(other))?;
            Some([one, again])
        })
    }

    /// The answers to one question, where equal questions got equal answers.
    pub fn steadily(&self, question: Question) -> impl Iterator<Item = &Answer<'a>> {
        let steady = self.is_steady();
        self.to(question).filter(move |_| steady)
    }

    /// Whether a certificate came, and another one than the check's.
    #[must_use]
    pub fn differs(&self, answer: &Answer<'_>) -> bool {
        matches!(&answer.probe.answer, Ok(der) if der != self.leaf.der())
    }

    /// Whether the check's own certificate came.
    #[must_use]
    pub fn is_same(&self, answer: &Answer<'_>) -> bool {
        matches!(&answer.probe.answer, Ok(der) if der == self.leaf.der())
    }

    /// An answer, as a finding rests on it.
    #[must_use]
    pub fn seen(&self, answer: &Answer<'_>, asked: &Asked) -> Seen {
        let probe = answer.probe;
        Seen {
            probe: probe.question.name(),
            address: probe.address.map(|address| address.ip().to_string()),
            sni: probe.sni.as_ref().map(ToString::to_string),
            fact: self.fact(answer, asked),
        }
    }

    /// The check itself, as a finding rests on it.
    #[must_use]
    pub fn check(&self, asked: &Asked) -> Seen {
        Seen {
            probe: "check",
            address: self.visited.address.map(|address| address.ip().to_string()),
            sni: self.visited.sni.as_ref().map(ToString::to_string),
            fact: told(self.leaf.subject_names(), asked),
        }
    }

    /// What came, in words.
    #[must_use]
    pub fn fact(&self, answer: &Answer<'_>, asked: &Asked) -> String {
        match (&answer.probe.answer, &answer.leaf) {
            (Err(failure), _) => format!("no certificate: {}", explain(failure, Again::default()).message),
            (Ok(_), None) => "a certificate that cannot be read".to_owned(),
            (Ok(_), Some(_)) if self.is_same(answer) => "the same certificate".to_owned(),
            (Ok(_), Some(leaf)) => told(leaf.subject_names(), asked),
        }
    }
}

/// A certificate, by whether it covers the name and by its first names.
fn told(leaf: &SubjectNames, asked: &Asked) -> String {
    let names: Vec<String> = leaf
        .names()
        .take(LISTED)
        .map(|name| describe(&name))
        .map(|entry| format!("{}:{}", entry.kind, Shown::short(entry.value.as_str().as_bytes())))
        .collect();
    let more = leaf.total_names().saturating_sub(names.len());
    let mut names = if names.is_empty() { "no names".to_owned() } else { names.join(", ") };
    if more > 0 {
        names = format!("{names} and {more} more");
    }
    if covers_name(leaf, asked) {
        format!("a certificate that is valid for the name ({names})")
    } else {
        format!("a certificate that is not valid for the name ({names})")
    }
}

impl Answer<'_> {
    /// Whether a certificate came that covers the name.
    #[must_use]
    pub fn covers(&self, asked: &Asked) -> bool {
        self.leaf.as_ref().is_some_and(|leaf| covers_name(leaf.subject_names(), asked))
    }

    /// Whether the certificate covers the very name that was sent as SNI, without a wildcard.
    #[must_use]
    pub fn is_minted(&self) -> bool {
        let (Some(leaf), Some(sni)) = (&self.leaf, &self.probe.sni) else { return false };
        let leaf = leaf.subject_names();
        let is_sni = |text: &[u8]| text.eq_ignore_ascii_case(sni.as_str().as_bytes());
        leaf.names().any(|name| is_sni(name.bytes)) || leaf.common_names().any(|name| is_sni(&name.text()))
    }

    /// Whether the same was asked, other than the check's own question, and a certificate with other
    /// names came; one that was only issued anew says the same about a name.
    fn is_contradicted_by(&self, other: &Self) -> bool {
        let asked = |answer: &Self| {
            let probe = answer.probe;
            (probe.question, probe.address, probe.sni.clone())
        };
        let (Some(one), Some(another)) = (&self.leaf, &other.leaf) else { return false };
        let (one, another) = (one.subject_names(), another.subject_names());
        self.probe.question != Question::Repeat
            && asked(self) == asked(other)
            && !one.names().map(|name| (name.kind, name.bytes)).eq(another.names().map(|name| (name.kind, name.bytes)))
    }

    /// Whether it was asked under this name.
    #[must_use]
    pub fn was_asked_under(&self, name: &DnsName) -> bool {
        self.probe.sni.as_ref() == Some(name)
    }
}
